//! The call detail record (CDR, 话单) in one vocabulary.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};
use sha1::{Digest as _, Sha1};

use super::phone;
use super::time::Timestamp;
use super::words::words;
use crate::json::{self, scan};

/// One call as a platform reported it (call detail record, 话单), in the vocabulary that all platforms share.
///
/// Every time is an instant in ISO 8601 with an offset, like `2020-03-02T17:48:15+08:00`. A field that the platform does not report is absent.
/// The platform's own fields are in [`CallRecord::raw`].
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CallRecord {
    /// The platform's name.
    pub provider: &'static str,
    /// The account's name, where the client or receiver was given one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The de-duplication key: `provider[/account]:callId`, or a digest of the payload where there is no call id. All records of one call have
    /// the same key.
    pub key: String,
    /// The platform's id of the call, as text: a 19-digit id keeps its digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The id that you gave the dial, where the platform echoes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The seat (坐席) that dialed, on platforms that have seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seat: Option<String>,
    /// The party that began the call: `outbound` means that the platform dialed both parties, `inbound` that a party dialed the display number.
    pub direction: Direction,
    /// The calling party (主叫). Whose phone rang first differs, see [`rung_first`](crate::provider::Platform::rung_first).
    pub caller: Leg,
    /// The called party (被叫).
    pub callee: Leg,
    /// The number that the parties see (中间号, 业务号码): E.164 where that is certain, otherwise the platform's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_number: Option<String>,
    /// How the call ended.
    pub outcome: Outcome,
    /// False where the platform reports a state before the end.
    pub r#final: bool,
    /// A record with a higher value replaces one of the same [`CallRecord::key`] with a lower value. Always below 2^30.
    pub completeness: u32,
    /// When the platform began to set up the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When both parties were on the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Seconds as the platform reports them. Platforms measure different things: see the notes of each platform, and compare
    /// [`CallRecord::talk_seconds`] instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u64>,
    /// Whole seconds from `connected_at` to `ended_at`, where both are known and the call lasted between 0 and 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub talk_seconds: Option<u64>,
    /// Seconds that are charged, where the platform's document says so (计费秒数).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_seconds: Option<u64>,
    /// Call minutes as the platform counts them (通话分钟数). They are not documented as charged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_minutes: Option<u64>,
    /// The sound recording. Fetch it with the operation `recording`, which refuses hosts that are not the platform's.
    pub recording: RecordingState,
    /// Fields of the payload that could not be read. They are left out above and are in [`CallRecord::raw`]. Absent where there are none. A
    /// record with problems has a lower [`CallRecord::completeness`] than the same record without.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<Problem>>"))]
    pub problems: Vec<Problem>,
    /// The platform's payload, complete, with unknown fields. An integer beyond 2^53 is text there, so that no reader rounds it. Input that
    /// was only nearly JSON (an extra comma, `NaN`, a bare line break in a text) is JSON there.
    pub raw: Raw,
}

/// A field of a payload that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Problem {
    /// The platform's name of the field, in the document's spelling; `talkSeconds` where the times give no possible talk time.
    pub field: String,
    /// The fault, for a person.
    pub reason: String,
}

words! {
    /// The party that began the call.
    pub enum Direction or Unknown {
        /// The platform dialed both parties.
        Outbound = "outbound" / "平台呼叫了双方。",
        /// A party dialed the display number.
        Inbound = "inbound" / "一方拨打了显示号码。",
        /// Not reported, or in a word that is not documented.
        Unknown = "unknown" / "平台没有给出，或给出的值不在文档之列。",
    }
}

/// One of the two halves of a callback call. Times are ISO 8601 with an offset.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Leg {
    /// E.164 (`+8613800000001`), where the platform's text is certain. A masked number has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The platform's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_number: Option<String>,
    /// When this party was dialed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When its phone rang.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ringing_at: Option<Timestamp>,
    /// When it was picked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
}

impl Leg {
    /// A leg with the number as the platform wrote it.
    #[must_use]
    pub fn of(raw_number: Option<String>) -> Self {
        let mut leg = Self::default();
        leg.set_number(raw_number);
        leg
    }

    /// Takes another number as the platform wrote it.
    pub fn set_number(&mut self, raw_number: Option<String>) {
        self.number = raw_number.as_deref().and_then(phone::e164);
        self.raw_number = raw_number;
    }
}

/// How a call ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Outcome {
    /// The broad answer. A code that no document lists gives `unknown`, never an error.
    pub status: Status,
    /// The leg that decided it: the one that was called and did not pick up, by the record's own times; otherwise the one that the code names,
    /// where the times do not contradict it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg: Option<Side>,
    /// The reason for the end of the call.
    pub cause: Cause,
    /// The platform's own code, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The document's words for the code, or the platform's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

words! {
    /// The broad answer to how a call ended.
    pub enum Status or Unknown {
        /// Both parties picked up, whatever the code says. The code then tells why the call ended.
        Answered = "answered" / "双方都已接听，不论代码怎么说。代码只说明通话为什么结束。",
        /// At least one party did not pick up.
        Unanswered = "unanswered" / "至少有一方没有接听。",
        /// The network or the platform could not make the call.
        Failed = "failed" / "网络或平台未能完成呼叫。",
        /// The platform did not say, or in a code that is not documented.
        Unknown = "unknown" / "平台没有给出，或代码不在文档之列。",
    }
}

words! {
    /// A side of the call.
    pub enum Side {
        /// The calling party (主叫).
        Caller = "caller" / "主叫。",
        /// The called party (被叫).
        Callee = "callee" / "被叫。",
    }
}

words! {
    /// Why a call ended as it did.
    pub enum Cause or Unknown {
        /// Ended by a party after a conversation.
        HungUp = "hung-up" / "通话之后由一方挂机。",
        /// The party was in another call.
        Busy = "busy" / "对方正在通话中。",
        /// The party did not pick up.
        NoAnswer = "no-answer" / "无人接听。",
        /// The caller gave up while the callee was being called. quanmayun's word for what others report as cancelled.
        Abandoned = "abandoned" / "呼叫被叫时主叫放弃。这是 quanmayun 的说法，别的平台报为取消。",
        /// Cancelled by a party before both were connected.
        Cancelled = "cancelled" / "接通之前由一方取消。",
        /// The platform gave up waiting.
        Timeout = "timeout" / "平台等待超时。",
        /// The network could not reach the party.
        CallFailed = "call-failed" / "网络接不通该号码。",
        /// The recording could not be started, or the recording unit released the call.
        Recording = "recording" / "录音未能启动，或录音单元释放了呼叫。",
        /// The announcement could not be played.
        Announcement = "announcement" / "提示音未能播放。",
        /// No free line.
        Capacity = "capacity" / "没有空闲线路。",
        /// The platform itself failed.
        Platform = "platform" / "平台自身故障。",
        /// Another documented reason.
        Other = "other" / "文档所列的其他原因。",
        /// Not reported, or in a code that is not documented.
        Unknown = "unknown" / "平台没有给出，或代码不在文档之列。",
    }
}

/// The availability of a sound recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct RecordingState {
    /// Its availability.
    pub state: Availability,
    /// Its address, as the platform wrote it. Absent where the platform must be asked by call id. A push is not signed, so do not trust it: the
    /// operation `recording` fetches from allowed hosts only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When the platform deletes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl RecordingState {
    /// A recording that can be had at this address.
    #[must_use]
    pub fn at(url: String) -> Self {
        Self { state: Availability::Available, url: Some(url), expires_at: None }
    }

    /// There is this much to say of it and no address.
    #[must_use]
    pub fn state(state: Availability) -> Self {
        Self { state, ..Self::default() }
    }
}

words! {
    /// The availability of a recording.
    pub enum Availability or Unknown {
        /// It can be fetched.
        Available = "available" / "可以下载。",
        /// None was made.
        None = "none" / "没有录音。",
        /// It was to be made, and failed.
        Failed = "failed" / "应当录音，但录音失败。",
        /// Not reported.
        Unknown = "unknown" / "平台没有给出。",
    }
}

/// A platform's payload as JSON text.
#[derive(Clone, PartialEq, Eq)]
pub struct Raw(String);

impl Raw {
    /// The name of the struct, and of its one field, as which a payload is serialized: that of `serde_json`'s own `RawValue`. A serializer
    /// that knows it writes the text as JSON.
    pub const STRUCT_NAME: &str = json::VERBATIM;

    /// Takes JSON text, also what is only nearly JSON; anything else is kept as a JSON string.
    #[must_use]
    pub fn new(json: String) -> Self {
        match scan::value(&json) {
            Some(found) if !found.nearly => Self(json),
            Some(_) => Self(scan::rewrite(&json)),
            None => Self::text(&json),
        }
    }

    /// Takes JSON text that was just read or written.
    pub(crate) fn trusted(json: String) -> Self {
        Self(json)
    }

    /// Any text, as a JSON string.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let mut json = String::with_capacity(text.len() + 2);
        json::quote(&mut json, text);
        Self(json)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut verbatim = serializer.serialize_struct(json::VERBATIM, 1)?;
        verbatim.serialize_field(json::VERBATIM, &self.0)?;
        verbatim.end()
    }
}

/// Numbers stay out of `Debug`: it ends in logs.
impl fmt::Debug for CallRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallRecord").field("key", &self.key).field("status", &self.outcome.status).finish_non_exhaustive()
    }
}

impl fmt::Debug for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leg").field("answered_at", &self.answered_at).finish_non_exhaustive()
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raw").field("bytes", &self.as_str().len()).finish_non_exhaustive()
    }
}

impl CallRecord {
    /// An empty record of this payload; `finish` completes it.
    pub(crate) fn begin(provider: &'static str, account: Option<&str>, raw: Raw) -> Self {
        Self {
            provider,
            account: account.map(str::to_owned),
            key: String::new(),
            call_id: None,
            reference: None,
            seat: None,
            direction: Direction::Unknown,
            caller: Leg::default(),
            callee: Leg::default(),
            display_number: None,
            outcome: Outcome::default(),
            r#final: true,
            completeness: 0,
            started_at: None,
            connected_at: None,
            ended_at: None,
            duration_seconds: None,
            talk_seconds: None,
            billed_seconds: None,
            billed_minutes: None,
            recording: RecordingState::default(),
            problems: Vec::new(),
            raw,
        }
    }

    /// Computes what follows from the rest: talk time, key and completeness. `fields` are the payload's, names and values.
    pub(crate) fn finish<'a>(&mut self, fields: impl Iterator<Item = (&'a str, &'a str)> + Clone) {
        if let (Some(connected), Some(ended)) = (self.connected_at, self.ended_at) {
            match talk_seconds(connected, ended) {
                Ok(seconds) => self.talk_seconds = Some(seconds),
                Err(reason) => self.problems.push(Problem { field: "talkSeconds".to_owned(), reason: reason.to_owned() }),
            }
        }
        let (slash, account) = self.account.as_ref().map_or(("", ""), |name| ("/", name));
        self.key = match &self.call_id {
            Some(id) => [self.provider, slash, account, ":", id].concat(),
            None => [self.provider, slash, account, ":digest-", &digest(fields.clone())].concat(),
        };
        self.completeness = self.rank() << 20 | tie_break(fields);
    }

    /// Ten bits: an end beats a state before it, a known outcome an unknown one, then more is more, and what could not be read is less.
    fn rank(&self) -> u32 {
        let times = [&self.caller, &self.callee].into_iter().flat_map(|leg| [leg.started_at, leg.ringing_at, leg.answered_at]);
        let times = times.chain([self.started_at, self.connected_at, self.ended_at]).flatten().count();
        let texts =
            [&self.caller.raw_number, &self.callee.raw_number, &self.display_number, &self.reference, &self.seat, &self.outcome.code];
        let texts = texts.into_iter().flatten().count();
        let numbers = [self.duration_seconds, self.billed_seconds, self.billed_minutes].into_iter().flatten().count();
        let recording = match self.recording.state {
            Availability::Available => 2 + usize::from(self.recording.url.is_some()),
            Availability::None | Availability::Failed => 1,
            Availability::Unknown => 0,
        };
        // Each detail counts 8 (there are 21), each problem takes 1.
        let details = (times + texts + numbers + recording) * 8 + MOST_PROBLEMS;
        let details = details - self.problems.len().min(MOST_PROBLEMS);
        let details = u32::try_from(details).unwrap_or(255).min(255);
        u32::from(self.r#final) << 9 | u32::from(self.outcome.status != Status::Unknown) << 8 | details
    }
}

/// More fields than any record has.
const MOST_PROBLEMS: usize = 31;

/// Longer than any call: what claims more has a wrong time in it.
const LONGEST_TALK_MS: i64 = 86_400_000;

fn talk_seconds(connected: Timestamp, ended: Timestamp) -> Result<u64, &'static str> {
    let ms = ended.epoch_ms() - connected.epoch_ms();
    match u64::try_from(ms) {
        Ok(_) if ms > LONGEST_TALK_MS => Err("the call ended more than 24 hours after it was connected"),
        Ok(ms) => Ok(ms / 1000),
        Err(_) => Err("the call ended before it was connected"),
    }
}

/// A digest of a payload that does not depend on the order or the case of its fields' names: the sum of the fields' own digests, since
/// a sum has no order and nothing needs sorting.
fn digest<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut sum = [0; 20];
    for (name, value) in fields {
        let mut sha1 = Sha1::new();
        // The length before the name, so that no two fields run together to the same bytes.
        sha1.update((name.len() as u64).to_be_bytes());
        sha1.update(name.to_ascii_lowercase());
        sha1.update(value);
        let mut carry = 0;
        for (total, byte) in sum.iter_mut().zip(sha1.finalize()) {
            let added = u16::from(*total) + u16::from(byte) + carry;
            carry = added >> 8;
            *total = (added & 0xff) as u8;
        }
    }
    hex::encode(sum)
}

/// Twenty bits that order two equally complete records of one key the same way wherever they meet. The sum of the fields' FNV-1a hashes:
/// every record has one, and a cryptographic digest would be a quarter of all the work of reading it.
fn tie_break<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> u32 {
    let hashed = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let sum = fields.fold(0_u32, |sum, (name, value)| {
        let of_name = name.bytes().map(|byte| byte.to_ascii_lowercase()).fold(0x811c_9dc5, hashed);
        // A byte that no name has, so that no two fields run together.
        let of_field = value.bytes().fold(hashed(of_name, 0xff), hashed);
        // FNV's last step is a product: without this, one more in one field and one less in another would cancel each other out in the sum.
        let mixed = (of_field ^ of_field >> 16).wrapping_mul(0x85eb_ca6b);
        sum.wrapping_add(mixed ^ mixed >> 13)
    });
    sum.wrapping_mul(0x9e37_79b1) >> 12
}
