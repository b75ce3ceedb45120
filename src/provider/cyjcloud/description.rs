//! The facts about cyjcloud. Sections refer to the platform's document, "隐私通话 API V1.0.6".

use super::{flags, push, reasons};
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind};
use crate::provider::own::own_fields;
use crate::provider::platform::{
    Binding, Characters, Credential, DialectDoc, DialectOption, Documentation, Documented, Field, Kind, Mark, Platform, PushSource, RungFirst,
    dialect_options, items,
};
use crate::provider::words::{DocumentedChoice as _, Word as _, dialect_choice, words};
use crate::provider::{Advice, mixcom};

const CREDENTIALS_HINT: &str = "pass the 账户授权令牌 (ACCOUNTSID) and 应用 ID (APPID) of the platform's console";

/// A request is signed with these two and the time, and nothing else: who knows both can dial.
const CREDENTIALS: &[Documented<Credential>] = &[
    Credential::secret("accountSid", CREDENTIALS_HINT)
        .documented("`ACCOUNTSID` in the document.", "4c8fa1e09ab24c8fa1e09ab2")
        .with_form(Characters::LettersAndDigits, 16, 64),
    Credential::secret("appId", CREDENTIALS_HINT)
        .documented("`APPID` in the document.", "7d2e90c4b6a17d2e90c4b6a1")
        .with_form(Characters::LettersAndDigits, 16, 64),
];

words! {
    /// The directions in which the parties may call each other while the binding lasts.
    pub enum CyjcloudDirection {
        /// Both parties may call each other.
        Both = "both",
        /// Only the caller may call.
        CallerToCallee = "caller-to-callee",
        /// Only the callee may call.
        CalleeToCaller = "callee-to-caller",
    }
}

own_fields! {
    /// The fields of a dial at cyjcloud besides the parties.
    pub struct CyjcloudDial {
        /// The number to show (`VirtualNum`), applied for beforehand. It wins over `areaCode`; with neither the platform chooses (documented).
        /// Until `boundUntil` of the call the callee can call it back.
        pub virtual_number: Option<String> =
            Field::new("virtualNumber", Kind::PhoneNumber, "pass the number to show, or leave it out").sample("02150001234");
        /// The directions in which the parties may call each other while the binding lasts (`Direct`). Without it the platform's own default holds, which is undocumented.
        pub direction: Option<CyjcloudDirection> = Field::new(
            "direction",
            Kind::OneOf { values: CyjcloudDirection::WORDS },
            "pass \"both\", \"caller-to-callee\" or \"callee-to-caller\"",
        )
        .sample("both");
        /// How long the binding lasts (`EndMinute`), 1 to 60 minutes (documented). Default: the platform's, 30 (documented).
        pub expires_in_minutes: Option<i64> =
            Field::new(BINDING.field, Kind::Integer { least: 1, most: 60 }, "give a whole number of minutes from 1 to 60").sample("30");
        /// The area code (`Code`, 区号, like `021`) from which a number to show is chosen.
        pub area_code: Option<String> =
            Field::new("areaCode", Kind::Text { longest: 16 }, "pass one like \"021\" or \"0755\"").sample("021");
    }
}

/// 2.1 `EndMinute`
const BINDING: Binding = Binding { field: "expiresInMinutes", minutes: 30 };

dialect_choice! {
    /// The name of the signature in the query. Default `sig`, as in the samples.
    pub enum CyjcloudSigName ("sigName", Documented) {
        /// As in the samples.
        Lower = "sig",
        /// As in the text.
        Capital = "Sig",
    }
}

dialect_choice! {
    /// How `EndMinute` is sent. Default `minutes`, as in the sample.
    pub enum CyjcloudEndMinuteFormat ("endMinuteFormat", Documented) {
        /// Minutes as text, as in the sample.
        Minutes = "minutes",
        /// A UTC time, as in the table.
        Utc = "utc",
    }
}

/// 2.1 `SoftVersion`
pub(super) const SOFT_VERSION: DialectOption = DialectOption::text("softVersion", "20171220");
pub(super) const ACK: DialectOption = DialectOption::text("ack", r#"{"Flag":1}"#);

const DIALECT: &[DialectDoc] = &[
    CyjcloudSigName::DOCUMENTED,
    SOFT_VERSION.documented(Mark::Documented, "The version in the path."),
    CyjcloudEndMinuteFormat::DOCUMENTED,
    ACK.documented(Mark::Chosen, "The body that acknowledges a push."),
];

pub(in crate::provider) static PLATFORM: Platform = Platform {
    name: "cyjcloud",
    credentials: &items::<_, { CREDENTIALS.len() }>(CREDENTIALS),
    operations: &[OperationKind::Dial, OperationKind::Recording],
    dial_fields: &items::<_, { CyjcloudDial::FIELDS.len() }>(CyjcloudDial::FIELDS),
    spellings: &[
        ("ACCOUNTSID", "accountSid"),
        ("APPID", "appId"),
        ("Caller", "caller"),
        ("Callee", "callee"),
        ("VirtualNum", "virtualNumber"),
        ("Direct", "direction"),
        ("EndMinute", "expiresInMinutes"),
        ("Code", "areaCode"),
        ("CallIdentifier", "callId"),
    ],
    // 一: user B is called first, and a sibling's records name the first leg callOut.
    rung_first: (RungFirst::Caller, Mark::Known),
    binding: Some(BINDING),
    correlation: Correlation::None,
    push: PushSource::Known,
    pushes_again: false,
    domains: &["cyjcloud.com"],
    recording_by_id: true,
    dialect: &dialect_options::<{ DIALECT.len() }>(DIALECT),
    // The sibling that speaks this record's dialect reports mixcom's reasons, and newer ones.
    reasons: &[mixcom::REASONS, reasons::FAMILY, reasons::Q850],
    refusals: flags::REFUSALS,
    advice: Advice {
        authentication: "check accountSid and appId in the platform's console",
        forbidden: "ask the platform to admit this use and this server's address",
        // 1: the time is signed; how far off it may be is not documented.
        clock_seconds: |_| Some(0),
        words: &[
            ("报备", ErrorReason::CallerNotRegistered, "have the caller registered with the platform (号码报备)"),
            ("签名", ErrorReason::BadSignature, "check accountSid and appId"),
        ],
    },
    refuse_push: Some(push::refuse),
    marker_fields: &["sessionId", "calleeNum", "fwdDstNum"],
    record_fields: push::FIELDS,
    complete_record: push::complete,
    ack: |dialect| Answer::json(200, dialect.text(&ACK)),
    nack: || Answer::json(500, r#"{"Flag":0}"#),
    ..Platform::EMPTY
};

pub(in crate::provider) static DOCUMENTATION: Documentation = Documentation {
    platform: &PLATFORM,
    title: "cyjcloud 隐私通话",
    doc: "",
    credentials: CREDENTIALS,
    options: &[],
    dial_fields: CyjcloudDial::FIELDS,
    dialect: DIALECT,
    notes: &[
        (Mark::Documented, "A dial answers the virtual number and no call id: a recording needs an id that this answer may not carry."),
        (Mark::Known, "The record carries that id (sessionId)."),
        (Mark::Documented, "The caller must be registered and the virtual number applied for beforehand."),
        (
            Mark::Documented,
            "Until boundUntil the callee can call the virtual number back and reaches the caller; then the platform ends the binding by itself. expiresInMinutes sets it: 30 by default, at most 60.",
        ),
        (
            Mark::Documented,
            "Without direction the platform's own default for Direct holds, and the document does not say which one that is.",
        ),
        (Mark::Documented, "The document rings user B first and then user C, and does not say which of them Caller is."),
        (Mark::Known, "Caller is the leg that is rung first."),
        (Mark::Known, "The record push and the meaning of the flags are known from public integrations of a sibling only."),
        (Mark::Chosen, "The time in the signature is Beijing time: the document names no zone. See timeZone."),
        (Mark::Documented, "The address is agreed with each customer (以实际提供为准): baseUrl is required."),
    ],
};
