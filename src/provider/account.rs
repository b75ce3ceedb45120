//! What every account has, whatever the platform, and the moment of a request.

use std::fmt;

use super::Platform;
use crate::http::{self, Request};
use crate::model::{Error, Fields, Timestamp, Value, Zone};

/// A text that never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Shows it, to the one who signs.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A credential of a platform's accounts.
#[derive(Debug)]
pub struct Credential {
    /// The option's name, for example `appSecret`.
    pub name: &'static str,
    /// It proves who asks: no error, trace, hook or `Debug` shows it. Otherwise it only identifies the account.
    pub is_secret: bool,
    /// Where the user finds it: the hint of the error where it is missing.
    pub hint: &'static str,
}

impl Credential {
    /// A credential that only identifies the account.
    #[must_use]
    pub const fn public(name: &'static str, hint: &'static str) -> Self {
        Self { name, is_secret: false, hint }
    }

    /// A credential that proves who asks.
    #[must_use]
    pub const fn secret(name: &'static str, hint: &'static str) -> Self {
        Self { name, is_secret: true, hint }
    }
}

/// An account's credentials: a value for each that its platform describes, in the same order.
#[derive(Clone)]
pub struct Credentials {
    described: &'static [Credential],
    values: Vec<String>,
}

impl Credentials {
    /// The values in the order of the description.
    pub(super) fn new<const N: usize>(described: &'static [Credential], values: [String; N]) -> Self {
        Self { described, values: values.into() }
    }

    /// Takes the credentials out of the options.
    pub(super) fn read(described: &'static [Credential], options: &mut Fields) -> Self {
        let values = described.iter().map(|credential| options.credential(credential.name, credential.hint)).collect();
        Self { described, values }
    }

    /// The value of the credential of that name. Only for signing: it may be a secret.
    #[must_use]
    pub fn reveal(&self, name: &str) -> &str {
        self.entries().find(|(credential, _)| credential.name == name).map(|(_, value)| value).unwrap_or_default()
    }

    /// The values that nothing may show.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.entries().filter(|(credential, _)| credential.is_secret).map(|(_, value)| value)
    }

    fn entries(&self) -> impl Iterator<Item = (&'static Credential, &str)> {
        self.described.iter().zip(self.values.iter().map(String::as_str))
    }
}

/// Shows the values that only identify the account.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(credential, value): (&'static Credential, _)| (credential.name, if credential.is_secret { "***" } else { value });
        f.debug_map().entries(self.entries().map(shown)).finish()
    }
}

/// When a request is made, and the randomness that it may use: both are given, never taken.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Milliseconds after 1970 in UTC.
    pub now_ms: i64,
    /// A fresh random text of digits, letters, `_` and `-`, at most 64: the reference of a dial that has none.
    pub fresh: &'a str,
}

impl<'a> Moment<'a> {
    /// A moment with a fresh reference.
    #[must_use]
    pub fn new(now_ms: i64, fresh: &'a str) -> Self {
        Self { now_ms, fresh }
    }

    /// Unix time in whole seconds.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.now_ms.div_euclid(1000)
    }
}

/// A moment without a fresh reference: a dial that needs one must bring its own.
impl From<i64> for Moment<'_> {
    fn from(now_ms: i64) -> Self {
        Self { now_ms, fresh: "" }
    }
}

/// The options that every platform has.
#[derive(Clone, Debug)]
pub struct Account {
    /// A name of the user's; it enters the keys of records.
    pub name: Option<String>,
    /// Where requests go, without a slash at the end.
    pub base_url: String,
    /// Where recordings are asked for, without a slash at the end.
    pub recording_base_url: String,
    /// Further hosts from which a recording may be fetched.
    pub recording_hosts: Vec<String>,
    /// How long one attempt may take, the reading of its body included.
    pub timeout_ms: u32,
    /// How often a safe operation is tried again.
    pub retries: u32,
    /// The zone of the platform's times without one.
    pub zone: Zone,
    /// How the platform's document is read where it is ambiguous.
    pub dialect: Dialect,
}

/// 15 s: longer than any of the platforms takes to place a call.
pub const DEFAULT_TIMEOUT_MS: u32 = 15_000;
const DEFAULT_RETRIES: u32 = 2;
/// The longest delay that a JavaScript timer can hold.
const LONGEST_TIMEOUT_MS: i64 = 2_147_483_647;

impl Account {
    /// An account with the platform's own addresses and every default.
    #[must_use]
    pub fn new(base_url: &str, recording_base_url: &str) -> Self {
        Self {
            name: None,
            base_url: base_url.to_owned(),
            recording_base_url: recording_base_url.to_owned(),
            recording_hosts: Vec::new(),
            timeout_ms: DEFAULT_TIMEOUT_MS,
            retries: DEFAULT_RETRIES,
            zone: Zone::BEIJING,
            dialect: Dialect::default(),
        }
    }

    /// Takes the common options out of the bag.
    pub(super) fn read(platform: &Platform, options: &mut Fields) -> Self {
        let name = account_name(options, "account");
        let base_url = address(options, "baseUrl").unwrap_or_default();
        let recording_base_url = address(options, "recordingBaseUrl").unwrap_or_default();
        let recording_hosts = recording_hosts(options);
        let timeout_ms = timeout_of(options).unwrap_or(DEFAULT_TIMEOUT_MS);
        let retries = options.integer("retries", 0, 10).and_then(|retries| u32::try_from(retries).ok()).unwrap_or(DEFAULT_RETRIES);
        let zone = zone(options);
        let dialect = platform.read_dialect(options);
        Self { name, base_url, recording_base_url, recording_hosts, timeout_ms, retries, zone, dialect }
    }

    /// Fills in the platform's documented addresses; recordings follow a base address of the user's own only where he says so.
    pub(super) fn with_bases(mut self, base_url: &str, recording_base_url: &str) -> Self {
        if self.recording_base_url.is_empty() {
            recording_base_url.clone_into(&mut self.recording_base_url);
        }
        if self.base_url.is_empty() {
            base_url.clone_into(&mut self.base_url);
        }
        self
    }

    /// For a platform whose address is agreed with each customer.
    pub(super) fn with_own_base(mut self, options: &mut Fields) -> Self {
        if self.base_url.is_empty() {
            options.complain::<()>("baseUrl", "is missing", "pass the http(s) address that the platform gave you");
        }
        if self.recording_base_url.is_empty() {
            self.recording_base_url.clone_from(&self.base_url);
        }
        self
    }

    /// The request for a recording's bytes, if its address is one of the platform's or of `recordingHosts`.
    pub(super) fn download(&self, platform: &Platform, url: &str) -> Result<Request, Error> {
        self.recording_address(platform, url).map(Request::get)
    }

    /// A recording's address as it may be fetched. A push is not signed, so an address in it may lead anywhere.
    pub(crate) fn recording_address(&self, platform: &Platform, url: &str) -> Result<String, Error> {
        let plain = http::plain_address(url);
        let Some((url, (host, port))) = plain.and_then(|url| http::host_and_port(&url).map(|place| (url, place))) else {
            return Err(Error::invalid("recording.url", "must be an absolute http(s) URL", "look at the record's raw payload"));
        };
        // With its port: behind another one of the same machine there may be something that is nobody's business.
        let named = Some((host.clone(), port));
        let own = [&self.base_url, &self.recording_base_url].into_iter().any(|base| http::host_and_port(base) == named);
        let platforms =
            platform.domains.iter().any(|domain| host == *domain || host.strip_suffix(domain).is_some_and(|sub| sub.ends_with('.')));
        if own || platforms || self.recording_hosts.contains(&host) {
            return Ok(url);
        }
        Err(Error::invalid(
            "recording.url",
            &format!("its host {host} (or its port) is not the platform's"),
            "if that host is to be trusted, add it to recordingHosts",
        ))
    }
}

/// A per-call or per-client time-out in milliseconds.
///
/// # Errors
/// `invalid-argument` naming `timeoutMs`.
pub fn timeout(value: Value) -> Result<Option<u32>, Error> {
    let mut fields = Fields::default().with("timeoutMs", value);
    let ms = timeout_of(&mut fields);
    fields.check().map(|()| ms)
}

fn timeout_of(options: &mut Fields) -> Option<u32> {
    options.integer("timeoutMs", 1, LONGEST_TIMEOUT_MS).and_then(|ms| u32::try_from(ms).ok())
}

/// The account's name; it becomes a part of keys, so it has no `/` and no `:`.
pub(crate) fn account_name(options: &mut Fields, field: &'static str) -> Option<String> {
    let mend = "pass a short name of digits, letters, dots, _ and -";
    let name = options.text(field, mend)?;
    if name.len() > 64 {
        return options.complain(field, "is longer than 64 bytes", mend);
    }
    if name.contains(['/', ':']) || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return options.complain(field, "has a slash, a colon or a space, which would blur the records' keys", mend);
    }
    Some(name)
}

/// The zone of times without one.
pub(crate) fn zone(options: &mut Fields) -> Zone {
    let text = options.text("timeZone", "write it as \"+08:00\" or \"Z\"");
    let zone = text.map(|text| options.accept(Zone::parse("timeZone", &text).map(Some))).unwrap_or_default();
    zone.unwrap_or(Zone::BEIJING)
}

fn address(options: &mut Fields, field: &'static str) -> Option<String> {
    let mend = "pass an address like \"https://api.example.com\"";
    let url = options.text(field, mend)?;
    let url = url.trim().trim_end_matches('/');
    if http::host(url).is_none() || url.contains(['?', '#']) {
        return options.complain(field, "is no plain http(s) address", mend);
    }
    Some(url.to_owned())
}

fn recording_hosts(options: &mut Fields) -> Vec<String> {
    let mend = "pass host names like \"oss.example.com\", without scheme, port or path";
    let mut hosts = options.texts("recordingHosts", mend);
    for host in &mut hosts {
        match http::host(&format!("http://{host}")) {
            Some(plain) if !host.contains(['/', '?', '#', '@']) && host.strip_suffix('.').unwrap_or(host).len() == plain.len() => {
                *host = plain;
            }
            _ => return options.complain("recordingHosts", "has an entry that is no host name", mend),
        }
    }
    hosts
}

/// An option under `dialect`: how an ambiguous place of the document is read.
#[derive(Debug)]
pub struct DialectOption {
    /// Its name.
    pub name: &'static str,
    /// What it may be, the default first; empty for any text.
    pub values: &'static [&'static str],
}

/// The readings that an account chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialect(Vec<(&'static str, String)>);

impl Dialect {
    pub(super) fn read(platform: &Platform, options: &mut Fields) -> Self {
        let mut inside = options.object("dialect");
        let mut chosen = Vec::new();
        for option in platform.dialect {
            let mend = if option.values.is_empty() { "pass text".to_owned() } else { format!("pass one of {}", option.values.join(", ")) };
            let Some(value) = inside.text(option.name, &mend) else { continue };
            if !option.values.is_empty() && !option.values.contains(&value.as_str()) {
                inside.complain::<()>(&format!("dialect.{}", option.name), "is not a reading known here", &mend);
            }
            chosen.push((option.name, value));
        }
        options.accept(inside.finish(&format!("dialect option of {}", platform.name)));
        Self(chosen)
    }

    /// The same with one reading chosen; unknown names have no effect.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// What was chosen, if anything.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }

    /// Whether this reading was chosen.
    #[must_use]
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == Some(value)
    }
}

/// The moment in a zone.
pub(crate) fn at(moment: &Moment<'_>, zone: Zone) -> Timestamp {
    Timestamp::new(moment.now_ms, zone)
}
