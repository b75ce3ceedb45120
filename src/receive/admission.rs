//! Whose push it is, and whether it may come in.

use std::net::IpAddr;

use serde::Serialize;
use subtle::ConstantTimeEq as _;

use crate::http::{self, Reply};
use crate::model::{Error, Fields, Value};
use crate::provider::{self, Platform};

/// Twenty-two base64url characters hold 128 bits.
const SHORTEST_TOKEN: usize = 22;
/// Thirty-two hex digits do.
const SHORTEST_HEX_TOKEN: usize = 32;
const DEFAULT_MAX_BODY_BYTES: i64 = 256 * 1024;
const LARGEST_MAX_BODY_BYTES: i64 = 64 * 1024 * 1024;
const DEFAULT_DEADLINE_MS: i64 = 10_000;
const LONGEST_DEADLINE_MS: i64 = 600_000;

/// A receiver's checked options.
#[derive(Debug)]
pub struct Receiver {
    accounts: Vec<Account>,
    trust_proxy: Option<String>,
    max_body_bytes: i64,
    deadline_ms: i64,
}

/// What is known of a request before its body is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrival<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The address, whole or from its path on.
    pub url: &'a str,
    /// The sender's IP address, as the host vouches for it.
    pub remote_address: Option<&'a str>,
    /// The header that `trustProxy` names, where it came.
    pub forwarded: Option<&'a str>,
    /// The `content-type` header.
    pub content_type: Option<&'a str>,
}

struct Account {
    name: Option<String>,
    platform: &'static Platform,
    tokens: Vec<String>,
    allow: Vec<Network>,
    ack: Reply,
    /// As they were given, for the parsing that follows.
    time_zone: Value,
    dialect: Value,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("name", &self.name).field("provider", &self.platform.name).finish_non_exhaustive()
    }
}

/// A push that may come in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Admission {
    /// The account's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The platform's name.
    pub provider: &'static str,
    /// The address's query without the token.
    pub query: String,
    /// The encoding that the content type names, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// The account's zone, as it was given.
    #[serde(skip_serializing_if = "is_absent")]
    pub time_zone: Value,
    /// The account's dialect, as it was given.
    #[serde(skip_serializing_if = "is_absent")]
    pub dialect: Value,
    /// The answer where the push is kept as it came.
    pub ack: Reply,
    /// The answer where the push is not kept.
    pub nack: Reply,
    /// The answer to a body beyond `max_body_bytes`.
    pub too_large: Reply,
    /// The largest body to read.
    pub max_body_bytes: i64,
    /// How long keeping may take.
    pub deadline_ms: i64,
}

fn is_absent(value: &Value) -> bool {
    matches!(value, Value::Absent)
}

/// A request that may not come in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// For the receiver's own eyes.
    pub reason: &'static str,
    /// The address that was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_address: Option<String>,
    /// For the caller's: all refusals look the same.
    pub answer: Reply,
    /// How long it may take to tell of it.
    pub deadline_ms: i64,
}

impl Receiver {
    /// Reads `createReceiver`'s options: a list of accounts, or one account's options flat.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    pub fn read(mut options: Fields) -> Result<Self, Error> {
        let max_body_bytes = options.integer("maxBodyBytes", 1, LARGEST_MAX_BODY_BYTES).unwrap_or(DEFAULT_MAX_BODY_BYTES);
        let deadline_ms = options.integer("deadlineMs", 1, LONGEST_DEADLINE_MS).unwrap_or(DEFAULT_DEADLINE_MS);
        let name_it = "name the header that your own proxy sets: \"x-forwarded-for\", say";
        let trust_proxy = options.text("trustProxy", name_it);
        let is_header = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if trust_proxy.as_deref().is_some_and(|name| !is_header(name)) {
            options.complain::<()>("trustProxy", "is no header's name", name_it);
        } else if trust_proxy.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("forwarded")) {
            options.complain::<()>("trustProxy", "cannot be `forwarded`, whose form is not read", name_it);
        }
        options.check()?;
        let accounts = match options.take("accounts") {
            Value::Absent => vec![Account::read(&mut options)?],
            Value::List(items) if !items.is_empty() => {
                let mut accounts = Vec::new();
                for item in items {
                    accounts.push(read_account(item)?);
                }
                accounts
            }
            _ => {
                return Err(Error::invalid(
                    "accounts",
                    "is not a list of accounts",
                    "pass [{ provider, tokens }], or one account's options flat",
                ));
            }
        };
        options.finish("option of createReceiver")?;
        for (index, account) in accounts.iter().enumerate() {
            let shared = |other: &Account| other.tokens.iter().any(|token| account.tokens.contains(token));
            if accounts[..index].iter().any(shared) {
                return Err(Error::invalid(
                    "tokens",
                    "two accounts share a token",
                    "give each account tokens of its own: the token picks the account",
                ));
            }
        }
        let by_address: Vec<&Account> = accounts.iter().filter(|account| account.tokens.is_empty()).collect();
        for (index, account) in by_address.iter().enumerate() {
            if by_address[..index].iter().any(|other| other.shares_an_address(account)) {
                return Err(Error::invalid(
                    "allow",
                    "is all that tells two accounts apart, and they share addresses",
                    "give each a token: tokens: [createToken()]",
                ));
            }
        }
        Ok(Self { accounts, trust_proxy, max_body_bytes, deadline_ms })
    }

    /// Whether a request may come in, judged by its method, its address and the sender's address.
    ///
    /// # Errors
    /// The refusal, which looks the same for a wrong token, an unknown path and a foreign address.
    pub fn admit(&self, arrival: &Arrival<'_>) -> Result<Admission, Refusal> {
        let sender = self.sender(arrival);
        let remote = sender.and_then(parse_address);
        let refusal = |reason, answer| Refusal { reason, remote_address: sender.map(str::to_owned), answer, deadline_ms: self.deadline_ms };
        if !arrival.method.eq_ignore_ascii_case("POST") {
            let mut answer = Reply::text(405, "method not allowed");
            answer.headers.0.push(("allow", "POST".to_owned()));
            return Err(refusal("method", answer));
        }
        let (path, query) = split_url(arrival.url);
        let named: Vec<&Account> = self.accounts.iter().filter(|account| account.has_token(&path, &query)).collect();
        // Who names an account by its token is judged by that account only; who names none may come from an address that needs none.
        let candidates = if named.is_empty() { self.accounts.iter().filter(|account| account.tokens.is_empty()).collect() } else { named };
        let mut reason = "token";
        for account in candidates {
            if !account.allow.is_empty() && !remote.is_some_and(|address| account.allow.iter().any(|network| network.contains(address))) {
                reason = if remote.is_some() { "address" } else { "address unknown" };
                continue;
            }
            // As it came, to the byte, but for the token.
            let is_token = |pair: &Pair<'_>| pair.name == "token" && account.is_token(&pair.value);
            let kept = query.iter().filter(|pair| !is_token(pair));
            return Ok(Admission {
                account: account.name.clone(),
                provider: account.platform.name,
                query: kept.map(|pair| pair.text).collect::<Vec<_>>().join("&"),
                charset: http::charset(arrival.content_type),
                time_zone: account.time_zone.clone(),
                dialect: account.dialect.clone(),
                ack: account.ack.clone(),
                nack: (account.platform.nack)(),
                too_large: Reply { status: 413, ..(account.platform.nack)() },
                max_body_bytes: self.max_body_bytes,
                deadline_ms: self.deadline_ms,
            });
        }
        Err(refusal(reason, Reply::text(404, "not found")))
    }

    /// Behind a proxy only the proxy knows. The last address of its header is the one that it added itself.
    fn sender<'a>(&self, arrival: &Arrival<'a>) -> Option<&'a str> {
        if self.trust_proxy.is_none() { arrival.remote_address } else { arrival.forwarded?.rsplit(',').next().map(str::trim) }
    }
}

fn read_account(item: Value) -> Result<Account, Error> {
    let Value::Object(mut fields) = item else {
        return Err(Error::invalid("accounts", "has an entry that is no object", "pass [{ provider, tokens }]"));
    };
    let account = Account::read(&mut fields)?;
    fields.finish("option of an account")?;
    Ok(account)
}

impl Account {
    fn read(options: &mut Fields) -> Result<Self, Error> {
        let platform = provider::platform_of(options)?;
        let name = provider::account_name(options, "name");
        let tokens = options.texts("tokens", "pass a list of texts from createToken()");
        if tokens.iter().any(|token| !is_strong(token)) {
            options.complain::<()>(
                "tokens",
                "has one that is too weak or cannot stand in an address",
                "make it with createToken(): at least 128 bits of A-Z a-z 0-9 - _",
            );
        }
        let mut allow = Vec::new();
        for text in options.texts("allow", "pass a list of addresses or CIDR ranges") {
            allow.extend(options.accept(Network::parse(&text).map(Some)));
        }
        if tokens.is_empty() && allow.is_empty() {
            options.complain::<()>(
                "tokens",
                "neither tokens nor allow is given, so anybody could push",
                "pass tokens: [createToken()], and put the token into the push address",
            );
        }
        // Checked now, so that the first push does not find the mistake.
        let (time_zone, dialect) = (options.peek("timeZone").cloned(), options.peek("dialect").cloned());
        provider::zone(options);
        let ack = (platform.ack)(&platform.read_dialect(options));
        Ok(Self {
            name,
            platform,
            tokens,
            allow,
            ack,
            time_zone: time_zone.unwrap_or(Value::Absent),
            dialect: dialect.unwrap_or(Value::Absent),
        })
    }

    fn shares_an_address(&self, other: &Self) -> bool {
        // Of two ranges that meet, one holds the other's first address.
        let meet = |a: &Network, b: &Network| a.contains(b.address) || b.contains(a.address);
        self.allow.iter().any(|network| other.allow.iter().any(|another| meet(network, another)))
    }

    fn has_token(&self, path: &[String], query: &[Pair<'_>]) -> bool {
        let in_path = path.iter().fold(false, |found, segment| found | self.is_token(segment));
        query.iter().filter(|pair| pair.name == "token").fold(in_path, |found, pair| found | self.is_token(&pair.value))
    }

    /// Takes the same time whichever token and whichever byte differs.
    fn is_token(&self, candidate: &str) -> bool {
        self.tokens.iter().fold(false, |found, token| found | bool::from(token.as_bytes().ct_eq(candidate.as_bytes())))
    }
}

fn is_strong(token: &str) -> bool {
    let is_hex = token.bytes().all(|byte| byte.is_ascii_hexdigit());
    let shortest = if is_hex { SHORTEST_HEX_TOKEN } else { SHORTEST_TOKEN };
    token.len() >= shortest && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
}

/// A part of a query.
struct Pair<'a> {
    /// As it came.
    text: &'a str,
    name: String,
    value: String,
}

/// The decoded segments of the path, and the pairs of the query.
fn split_url(url: &str) -> (Vec<String>, Vec<Pair<'_>>) {
    let url = url.split('#').next().unwrap_or_default();
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let path = http::after_scheme(address).map_or(address, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let pairs = query.split('&').filter(|text| !text.is_empty()).map(|text| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        Pair { text, name: http::form_decoded(name), value: http::form_decoded(value) }
    });
    (path.split('/').filter(|segment| !segment.is_empty()).map(http::form_decoded).collect(), pairs.collect())
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
                "allow",
                "has an entry that is neither an address nor a CIDR range",
                "write it as \"203.0.113.7\", \"203.0.113.0/24\" or \"2001:db8::/32\"",
            )
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

    fn contains(&self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (u32::from(a) ^ u32::from(b)).checked_shr(32 - u32::from(self.prefix)).unwrap_or(0) == 0,
            (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a) ^ u128::from(b)).checked_shr(128 - u32::from(self.prefix)).unwrap_or(0) == 0,
            _ => false,
        }
    }
}

/// An address as a host reports it: IPv4-mapped ones are IPv4, a zone or a port is dropped.
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
