//! Decides whose push a request is, and whether it is admitted.

mod token;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;

use serde::Serialize;

use self::token::{Tokens, is_strong};
use super::{ParsedPush, PushOptions, parse_push, parse_push_bytes};
use crate::charset::{self, Decoder};
use crate::http::{self, Answer};
use crate::model::{Error, ErrorReason, Options, Text, Value};
use crate::provider::{self, Platform};

const DEFAULT_MAX_BODY_BYTES: i64 = 256 * 1024;
const LARGEST_MAX_BODY_BYTES: i64 = 64 * 1024 * 1024;
const DEFAULT_DEADLINE_MS: i64 = 10_000;
const LONGEST_DEADLINE_MS: i64 = 600_000;
/// No platform is known to send more than some hundred records in one push.
const DEFAULT_MAX_RECORDS: i64 = 1000;
const LARGEST_MAX_RECORDS: i64 = 1_000_000;

/// The names of the options besides an account's own.
const OPTIONS: [&str; 5] = ["maxBodyBytes", "maxRecords", "deadlineMs", "trustProxy", "accounts"];

/// A receiver's checked options. Reading them takes time for each account, [`Receiver::admit`] does not.
#[derive(Debug)]
pub struct Receiver {
    accounts: Vec<ReceiverAccount>,
    tokens: Tokens,
    /// The address ranges of the accounts without tokens.
    senders: Senders,
    trust_proxy: Option<String>,
    limits: ReceiverLimits,
}

/// The limits of a receiver.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiverLimits {
    /// The largest body to read, in bytes.
    pub max_body_bytes: i64,
    /// The most records in one push.
    pub max_records: i64,
    /// How long keeping a push may take, in milliseconds.
    pub deadline_ms: i64,
}

/// A request before its body is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrival<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The URL, whole or from its path on.
    pub url: &'a str,
    /// The sender's IP address, as the host reports it.
    pub remote_address: Option<&'a str>,
    /// The value of the header that `trustProxy` names.
    pub forwarded: Option<&'a str>,
    /// The `content-type` header.
    pub content_type: Option<&'a str>,
}

/// An account of a receiver. Everything that is the same for all of its pushes is read and made once.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiverAccount {
    /// The account's name.
    #[serde(rename = "account", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The platform's name.
    pub provider: &'static str,
    /// The account's zone, as it was given.
    #[serde(skip_serializing_if = "is_absent")]
    pub time_zone: Value,
    /// The account's dialect, as it was given.
    #[serde(skip_serializing_if = "is_absent")]
    pub dialect: Value,
    /// The answer if a push is kept as it came.
    pub ack: Answer,
    /// The answer if a push is not kept.
    pub nack: Answer,
    /// The answer to a body of more than [`ReceiverLimits::max_body_bytes`].
    pub too_large: Answer,
    /// The receiver's limits.
    pub limits: ReceiverLimits,
    #[serde(skip)]
    platform: &'static Platform,
    #[serde(skip)]
    allow: Vec<Network>,
    #[serde(skip)]
    push: PushOptions,
}

impl std::fmt::Debug for ReceiverAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiverAccount").field("name", &self.name).field("provider", &self.provider).finish_non_exhaustive()
    }
}

/// An admitted request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Admission {
    /// The place of the account in the receiver's list, from 0. See [`Receiver::account`].
    pub account_index: usize,
    /// The query without the token.
    pub query: String,
    /// True if the query is itself a push: it has a record, or another event of the platform.
    pub push_in_query: bool,
    /// The answer to a GET or HEAD that only tests the address. Absent if the request is a push.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<Answer>,
    /// The charset that the content type names, if it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
}

/// The headers and the query of an admitted push, as far as its reading needs them.
#[derive(Clone, Debug, Default)]
pub struct PushHeaders {
    /// The `content-type` header. It is only a hint: the bytes decide.
    pub content_type: Option<String>,
    /// The `content-encoding` header of a body that may still be compressed.
    pub content_encoding: Option<String>,
    /// The query without the token.
    pub query: String,
}

fn is_absent(value: &Value) -> bool {
    matches!(value, Value::Absent)
}

/// A refused request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Why, for the receiver's own log.
    pub reason: &'static str,
    /// The sender's address that was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_address: Option<String>,
    /// The answer. It is the same for every reason.
    pub answer: Answer,
    /// How long reporting it may take, in milliseconds.
    pub deadline_ms: i64,
}

impl Receiver {
    /// Reads `createReceiver`'s options: a list of accounts, or one account's options flat.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    pub fn read(mut options: Options) -> Result<Self, Error> {
        let mut known = OPTIONS.to_vec();
        if !options.has("accounts") {
            known.extend(ReceiverAccount::OPTIONS);
        }
        options.check_names("option of createReceiver", &known)?;
        let max_body_bytes = options.take_integer("maxBodyBytes", 1, LARGEST_MAX_BODY_BYTES)?.unwrap_or(DEFAULT_MAX_BODY_BYTES);
        let max_records = options.take_integer("maxRecords", 1, LARGEST_MAX_RECORDS)?.unwrap_or(DEFAULT_MAX_RECORDS);
        let deadline_ms = options.take_integer("deadlineMs", 1, LONGEST_DEADLINE_MS)?.unwrap_or(DEFAULT_DEADLINE_MS);
        let limits = ReceiverLimits { max_body_bytes, max_records, deadline_ms };
        let trust_proxy = read_trust_proxy(&mut options)?;
        let given = match options.take("accounts") {
            Value::Absent => vec![ReceiverAccount::read(&mut options, limits)?],
            Value::List(items) if !items.is_empty() => {
                let mut accounts = Vec::new();
                for (index, item) in items.into_iter().enumerate() {
                    accounts.push(read_account(item, limits).map_err(|error| error.within(&place(index)))?);
                }
                accounts
            }
            _ => {
                return Err(Error::invalid(
                    ErrorReason::WrongType,
                    "accounts",
                    "is not a list of accounts",
                    "pass [{ provider, tokens }], or one account's options flat",
                )
                .expecting(&["list"]));
            }
        };
        check_names(&given)?;
        let mut tokens = Tokens::default();
        let mut senders = RangesByStart::new();
        let mut accounts = Vec::with_capacity(given.len());
        for (index, (account, own)) in given.into_iter().enumerate() {
            if own.is_empty() {
                senders.extend(account.allow.iter().map(|network| {
                    let (family, first, last) = network.range();
                    (family, first, Reverse(last), index)
                }));
            }
            for token in own {
                if let Err(other) = tokens.add(token, index) {
                    let wrong = format!("has a token that accounts[{other}] has, too");
                    let error = Error::invalid(
                        ErrorReason::Duplicate,
                        "tokens",
                        &wrong,
                        "give each account tokens of its own: the token picks the account",
                    );
                    return Err(error.within(&place(index)));
                }
            }
            accounts.push(account);
        }
        Ok(Self { accounts, tokens, senders: Senders::settle(senders)?, trust_proxy, limits })
    }

    /// Sets the decoder of charsets other than UTF-8.
    #[must_use]
    pub fn with_decoder(mut self, decoder: Decoder) -> Self {
        for account in &mut self.accounts {
            account.push.decoder = decoder;
        }
        self
    }

    /// Returns an account by its place in the list, from 0.
    #[must_use]
    pub fn account(&self, index: usize) -> Option<&ReceiverAccount> {
        self.accounts.get(index)
    }

    /// Admits or refuses a request by its method, its URL and the sender's address. The time this takes depends on the length of the URL
    /// only, not on the number of accounts or on how much of a token is right.
    ///
    /// # Errors
    /// The refusal, which looks the same for a wrong token, an unknown path and a foreign address.
    pub fn admit(&self, arrival: &Arrival<'_>) -> Result<Admission, Refusal> {
        let sender = self.find_sender(arrival);
        let remote = sender.and_then(parse_address);
        let refusal =
            |reason, answer| Refusal { reason, remote_address: sender.map(str::to_owned), answer, deadline_ms: self.limits.deadline_ms };
        let wrong_method = || {
            let mut answer = Answer::text(405, "method not allowed");
            answer.headers.0.push(("allow", "GET, HEAD, POST".to_owned()));
            refusal("method", answer)
        };
        let Some(method) = Method::of(arrival.method) else { return Err(wrong_method()) };
        let (path, query) = split_url(arrival.url);
        let in_query = query.iter().filter(|pair| pair.name == "token").map(|pair| pair.value.as_str());
        let named: Vec<usize> = path.iter().map(String::as_str).chain(in_query).filter_map(|text| self.tokens.owner(text)).collect();
        // A request with an account's token is checked by that account only. One without may come from an address that needs no token.
        let (admitted, candidates) = if named.is_empty() {
            let candidates = !self.senders.is_empty();
            (remote.and_then(|address| self.senders.owner(address)), candidates)
        } else {
            (named.into_iter().filter(|index| self.accounts[*index].allows(remote)).min(), true)
        };
        let Some(index) = admitted else {
            let reason = match (candidates, remote) {
                (false, _) => "token",
                (true, Some(_)) => "address",
                (true, None) => "address unknown",
            };
            return Err(refusal(reason, Answer::text(404, "not found")));
        };
        let account = &self.accounts[index];
        // Unchanged to the byte, except for the token.
        let kept = query.iter().filter(|pair| !(pair.name == "token" && self.tokens.owner(&pair.value) == Some(index)));
        let is_bare = kept.clone().all(|pair| pair.name == "reference");
        let query = kept.map(|pair| pair.text).collect::<Vec<_>>().join("&");
        let push_in_query = !is_bare && account.can_read(&query);
        let probe = match method {
            Method::Head => Some(Answer::text(200, "")),
            Method::Get if is_bare => Some(Answer::text(200, "This push address works. Pushes come by POST.")),
            Method::Get if !push_in_query => return Err(wrong_method()),
            Method::Get | Method::Post => None,
        };
        Ok(Admission { account_index: index, query, push_in_query, probe, charset: charset::named(arrival.content_type) })
    }

    /// Returns the sender's address. Behind a proxy it is the last address in the proxy's header, which the proxy itself added.
    fn find_sender<'a>(&self, arrival: &Arrival<'a>) -> Option<&'a str> {
        if self.trust_proxy.is_none() { arrival.remote_address } else { arrival.forwarded?.rsplit(',').next().map(str::trim) }
    }
}

/// The methods that a push address answers.
#[derive(Clone, Copy)]
enum Method {
    Get,
    Head,
    Post,
}

impl Method {
    fn of(name: &str) -> Option<Self> {
        [("POST", Self::Post), ("GET", Self::Get), ("HEAD", Self::Head)]
            .into_iter()
            .find_map(|(known, method)| name.eq_ignore_ascii_case(known).then_some(method))
    }
}

const TOKENS_HINT: Text = Text::new("pass a list of texts from createToken()", "请传入由 `createToken()` 生成的文本列表");
const ALLOW_HINT: Text = Text::new("pass a list of addresses or CIDR ranges", "请传入 IP 地址或 CIDR 网段的列表");
const TRUST_PROXY_HINT: Text = Text::new(
    "name the header that your own proxy sets: \"x-forwarded-for\", say",
    "请传入您自己的代理所设置的请求头名称，例如 `x-forwarded-for`",
);

/// The hints of a receiver's options.
pub(crate) const HINTS: &[(&str, Text)] = &[("tokens", TOKENS_HINT), ("allow", ALLOW_HINT), ("trustProxy", TRUST_PROXY_HINT)];

/// Names an account among several, for messages.
fn place(index: usize) -> String {
    format!("accounts[{index}]")
}

/// Refuses two accounts of one platform with the same name or both without one: their records would share keys. One may have none, so that
/// the keys of the first account need not change when a second is added.
fn check_names(accounts: &[(ReceiverAccount, Vec<String>)]) -> Result<(), Error> {
    let names = accounts.iter().enumerate().map(|(index, (account, _))| (account.provider, account.name.as_deref(), index));
    let names = names.collect::<BinaryHeap<_>>().into_sorted_vec();
    let repeated = names.windows(2).filter(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1));
    let Some(&[(platform, name, other), (.., index)]) = repeated.min_by_key(|pair| pair[1].2) else { return Ok(()) };
    let (reason, wrong) = if name.is_some() {
        (ErrorReason::Duplicate, format!("is the name of accounts[{other}], too"))
    } else {
        (ErrorReason::Missing, format!("is missing, and accounts[{other}] of {platform} has no name either"))
    };
    let mend = "give each account of a platform a name of its own: it enters the keys of its records";
    Err(Error::invalid(reason, &format!("{}.name", place(index)), &wrong, mend))
}

fn read_account(item: Value, limits: ReceiverLimits) -> Result<(ReceiverAccount, Vec<String>), Error> {
    let Value::Object(mut options) = item else {
        return Err(Error::invalid(
            ErrorReason::WrongType,
            "provider",
            "the account is not an object",
            "pass accounts: [{ provider, tokens }]",
        )
        .expecting(&["object"]));
    };
    options.check_names("option of an account", &ReceiverAccount::OPTIONS)?;
    ReceiverAccount::read(&mut options, limits)
}

/// Reads the name of the header in which a proxy passes on the sender's address.
fn read_trust_proxy(options: &mut Options) -> Result<Option<String>, Error> {
    let hint = TRUST_PROXY_HINT.en;
    let name = options.take_text("trustProxy", hint)?;
    let Some(given) = &name else { return Ok(None) };
    if !given.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        return Err(Error::invalid(ErrorReason::ForbiddenCharacter, "trustProxy", "is not a header's name", hint));
    }
    if given.eq_ignore_ascii_case("forwarded") {
        return Err(Error::invalid(ErrorReason::UnsupportedValue, "trustProxy", "cannot be `forwarded`, whose form is not read", hint)
            .expecting(&["x-forwarded-for"]));
    }
    Ok(name)
}

impl ReceiverAccount {
    /// The names of an account's options.
    const OPTIONS: [&'static str; 6] = ["provider", "name", "tokens", "allow", "timeZone", "dialect"];

    /// Reads the account and its tokens.
    fn read(options: &mut Options, limits: ReceiverLimits) -> Result<(Self, Vec<String>), Error> {
        let platform = provider::read_platform(options)?;
        let name = provider::read_account_name(options, "name")?;
        let tokens = options.take_texts("tokens", TOKENS_HINT.en)?;
        if tokens.iter().any(|token| !is_strong(token)) {
            return Err(Error::invalid(
                ErrorReason::WeakToken,
                "tokens",
                "has one that can be guessed or cannot be in an address",
                "make it with createToken(): at least 128 random bits, of A-Z a-z 0-9 - _ . ~",
            ));
        }
        let allow = options.take_texts("allow", ALLOW_HINT.en)?;
        let allow = allow.iter().map(|text| Network::parse(text)).collect::<Result<Vec<_>, _>>()?;
        if tokens.is_empty() && allow.is_empty() {
            return Err(Error::invalid(
                ErrorReason::UnprotectedReceiver,
                "tokens",
                "neither tokens nor allow is given, so anybody could push",
                "pass tokens: [createToken()], and put the token into the push address",
            ));
        }
        let given = |name| options.peek(name).cloned().unwrap_or(Value::Absent);
        let (time_zone, dialect) = (given("timeZone"), given("dialect"));
        let push = PushOptions {
            account: name.clone(),
            zone: provider::read_zone(options)?,
            dialect: provider::Dialect::read(platform, options)?,
            max_records: usize::try_from(limits.max_records).ok(),
            ..PushOptions::default()
        };
        let account = Self {
            name,
            provider: platform.name,
            time_zone,
            dialect,
            ack: (platform.ack)(&push.dialect),
            nack: (platform.nack)(),
            too_large: Answer { status: 413, ..(platform.nack)() },
            limits,
            platform,
            allow,
            push,
        };
        Ok((account, tokens))
    }

    /// Reads an admitted push of this account.
    ///
    /// # Errors
    /// As [`parse_push`].
    pub fn parse_push(&self, body: &[u8], headers: PushHeaders) -> Result<ParsedPush, Error> {
        let PushHeaders { content_type, content_encoding, query } = headers;
        parse_push_bytes(self.platform, body, &PushOptions { content_type, content_encoding, query, ..self.push.clone() })
    }

    /// Returns true if the account's pushes may come from an address.
    fn allows(&self, remote: Option<IpAddr>) -> bool {
        self.allow.is_empty() || remote.is_some_and(|address| self.allow.iter().any(|network| network.contains(address)))
    }

    /// Returns true if a query is a push of this platform.
    fn can_read(&self, query: &str) -> bool {
        parse_push(self.platform, query, &PushOptions::default()).is_ok()
    }
}

/// Address ranges with their accounts. They do not overlap, so one search finds the only range that can contain an address.
#[derive(Debug, Default)]
struct Senders {
    /// Family, first and last address, account: sorted.
    ranges: Vec<(u8, u128, u128, usize)>,
}

/// Address ranges by their start. Of two with the same start the larger comes first, so a range follows those that contain it. A heap,
/// because in the wasm it sorts with a fifth of the code of `sort`.
type RangesByStart = BinaryHeap<(u8, u128, Reverse<u128>, usize)>;

impl Senders {
    /// Takes the outermost ranges and refuses overlaps.
    fn settle(all: RangesByStart) -> Result<Self, Error> {
        let mut ranges: Vec<(u8, u128, u128, usize)> = Vec::with_capacity(all.len());
        for (family, first, Reverse(last), account) in all.into_sorted_vec() {
            match ranges.last() {
                // Of two overlapping CIDR ranges one contains the other.
                Some(&(its_family, _, its_last, other)) if its_family == family && first <= its_last => {
                    if other != account {
                        let wrong = format!("ranges overlap those of accounts[{}], and neither account has tokens", other.min(account));
                        let hint = "give both accounts tokens: tokens: [createToken()]";
                        let error = Error::invalid(ErrorReason::OverlappingRanges, "allow", &wrong, hint);
                        return Err(error.within(&place(other.max(account))));
                    }
                }
                _ => ranges.push((family, first, last, account)),
            }
        }
        Ok(Self { ranges })
    }

    fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    fn owner(&self, address: IpAddr) -> Option<usize> {
        let (family, address) = to_number(address);
        let after = self.ranges.partition_point(|&(other, first, ..)| (other, first) <= (family, address));
        let &(other, _, last, account) = self.ranges.get(after.checked_sub(1)?)?;
        (other == family && address <= last).then_some(account)
    }
}

/// Returns an address as its family and its number.
fn to_number(address: IpAddr) -> (u8, u128) {
    match address {
        IpAddr::V4(address) => (4, u128::from(u32::from(address))),
        IpAddr::V6(address) => (6, u128::from(address)),
    }
}

/// A part of a query.
struct Pair<'a> {
    /// The undecoded pair.
    text: &'a str,
    name: String,
    value: String,
}

/// Returns the decoded segments of the path, and the pairs of the query.
fn split_url(url: &str) -> (Vec<String>, Vec<Pair<'_>>) {
    let url = url.split('#').next().unwrap_or_default();
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let path = http::after_scheme(address).map_or(address, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let pairs = query.split('&').filter(|text| !text.is_empty()).map(|text| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        Pair { text, name: http::decode_form(name), value: http::decode_form(value) }
    });
    (path.split('/').filter(|segment| !segment.is_empty()).map(http::decode_form).collect(), pairs.collect())
}

/// An address or a CIDR range.
struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    fn parse(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::invalid(
                ErrorReason::WrongFormat,
                "allow",
                "has an entry that is neither an address nor a CIDR range",
                "write it as \"203.0.113.7\", \"203.0.113.0/24\" or \"2001:db8::/32\"",
            )
            .expecting(&["203.0.113.7", "203.0.113.0/24", "2001:db8::/32"])
        };
        let (address, prefix) = text.trim().split_once('/').map_or((text.trim(), None), |(address, prefix)| (address, Some(prefix)));
        let given: IpAddr = address.parse().map_err(|_| wrong())?;
        let address = given.to_canonical();
        // A range of IPv4-mapped addresses counts its prefix in IPv6.
        let mapped_by = if given.is_ipv6() && address.is_ipv4() { 96 } else { 0 };
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(prefix) => prefix
                .parse::<u8>()
                .ok()
                .and_then(|prefix| prefix.checked_sub(mapped_by))
                .filter(|prefix| *prefix <= longest)
                .ok_or_else(wrong)?,
        };
        Ok(Self { address, prefix })
    }

    /// Returns family, first and last address.
    fn range(&self) -> (u8, u128, u128) {
        let (family, address) = to_number(self.address);
        let bits = if family == 4 { 32 } else { 128 };
        // The bits in which its addresses differ.
        let own = u128::MAX.checked_shr(128 - bits + u32::from(self.prefix)).unwrap_or(0);
        (family, address & !own, address | own)
    }

    fn contains(&self, other: IpAddr) -> bool {
        let (family, first, last) = self.range();
        let (other_family, address) = to_number(other);
        family == other_family && (first..=last).contains(&address)
    }
}

/// Reads an address as a host reports it. IPv4-mapped ones become IPv4; a zone or a port is dropped.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(text, |(address, _)| address);
    let bare = bare.split('%').next().unwrap_or_default();
    bare.parse::<IpAddr>()
        .ok()
        .or_else(|| {
            let (address, port) = bare.split_once(':')?;
            port.parse::<u16>().ok()?;
            address.parse().ok()
        })
        .map(|address| address.to_canonical())
}
