//! What every account has, whatever the platform, and the moment of a request.

use std::fmt;

use super::Platform;
use crate::http::{self, Request};
use crate::model::{Error, ErrorReason, Fields, Timestamp, Value, Zone};

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
    /// The most characters that the document allows, where it says so.
    pub longest: Option<usize>,
}

impl Credential {
    /// A credential that only identifies the account.
    #[must_use]
    pub const fn public(name: &'static str, hint: &'static str) -> Self {
        Self { name, is_secret: false, hint, longest: None }
    }

    /// A credential that proves who asks.
    #[must_use]
    pub const fn secret(name: &'static str, hint: &'static str) -> Self {
        Self { name, is_secret: true, hint, longest: None }
    }

    /// The same with a length that the document limits.
    #[must_use]
    pub const fn at_most(self, longest: usize) -> Self {
        Self { name: self.name, is_secret: self.is_secret, hint: self.hint, longest: Some(longest) }
    }

    /// One pasted with spaces around it would only fail at the platform.
    fn check(&self, value: &str) -> Result<(), Error> {
        if value.trim().is_empty() {
            let (reason, wrong) = if value.is_empty() { (ErrorReason::Missing, "is missing") } else { (ErrorReason::Empty, "is empty") };
            return Err(Error::invalid(reason, self.name, wrong, self.hint));
        }
        let mend = "pass it exactly as the platform gave it";
        if value.trim() != value || value.chars().any(char::is_control) {
            return Err(Error::invalid(
                ErrorReason::ForbiddenCharacter,
                self.name,
                "has spaces or control characters around or in it",
                mend,
            ));
        }
        match self.longest {
            Some(longest) if value.chars().count() > longest => {
                Err(Error::invalid(ErrorReason::TooLong, self.name, &format!("is longer than {longest} characters"), mend))
            }
            _ => Ok(()),
        }
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
        let values = described.iter().map(|credential| {
            let value = options.required(credential.name, credential.hint);
            // What is missing was said already.
            if !value.is_empty() {
                options.accept(credential.check(&value));
            }
            value
        });
        Self { described, values: values.collect() }
    }

    /// Whether each may be used. Asked before every request: a Rust program may have made them without reading options.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.entries().try_for_each(|(credential, value)| credential.check(value))
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
const MOST_RETRIES: i64 = 10;
const ADDRESS_HINT: &str = "pass an address like \"https://api.example.com\"";
const HOSTS_HINT: &str = "pass host names like \"oss.example.com\", without scheme, port or path";
const NAME_HINT: &str = "pass a short name of digits, letters, dots, _ and -";
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
        let retries =
            options.integer("retries", 0, MOST_RETRIES).and_then(|retries| u32::try_from(retries).ok()).unwrap_or(DEFAULT_RETRIES);
        let zone = zone(options);
        let dialect = platform.read_dialect(options);
        Self { name, base_url, recording_base_url, recording_hosts, timeout_ms, retries, zone, dialect }
    }

    /// Whether these options may be used. Asked before every request: a Rust program may have set them without reading options.
    pub(super) fn check(&self, platform: &Platform) -> Result<(), Error> {
        if let Some(name) = &self.name {
            check_name("account", name)?;
        }
        for (field, url) in [("baseUrl", &self.base_url), ("recordingBaseUrl", &self.recording_base_url)] {
            if checked_address(field, url)? != url {
                return Err(Error::invalid(ErrorReason::WrongFormat, field, "has spaces around it or a slash at its end", ADDRESS_HINT));
            }
        }
        if self.recording_hosts.iter().any(|host| plain_host(host).as_ref() != Some(host)) {
            return Err(Error::invalid(
                ErrorReason::WrongFormat,
                "recordingHosts",
                "has an entry that is not a host name in lower case",
                HOSTS_HINT,
            ));
        }
        if self.timeout_ms == 0 || i64::from(self.timeout_ms) > LONGEST_TIMEOUT_MS {
            let mend = format!("give a whole number from 1 to {LONGEST_TIMEOUT_MS}");
            return Err(Error::invalid(ErrorReason::OutOfRange, "timeoutMs", "is out of range", &mend));
        }
        if i64::from(self.retries) > MOST_RETRIES {
            let mend = format!("give a whole number from 0 to {MOST_RETRIES}");
            return Err(Error::invalid(ErrorReason::OutOfRange, "retries", &format!("is more than {MOST_RETRIES}"), &mend));
        }
        self.dialect.check(platform)
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
            options.complain::<()>(ErrorReason::Missing, "baseUrl", "is missing", "pass the http(s) address that the platform gave you");
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
            return Err(Error::invalid(
                ErrorReason::NotAUrl,
                "recording.url",
                "must be an absolute http(s) URL",
                "look at the record's raw payload",
            ));
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
            ErrorReason::UntrustedHost,
            "recording.url",
            &format!("its host {host} (or its port) is neither the platform's nor in recordingHosts"),
            "add the host to recordingHosts if you trust it",
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
    let name = options.text(field, NAME_HINT)?;
    options.accept(check_name(field, &name).map(|()| Some(name)))
}

fn check_name(field: &str, name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(Error::invalid(ErrorReason::Empty, field, "is empty", NAME_HINT));
    }
    if name.len() > 64 {
        return Err(Error::invalid(ErrorReason::TooLong, field, "is longer than 64 bytes", NAME_HINT));
    }
    if name.contains(['/', ':']) || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::invalid(
            ErrorReason::ForbiddenCharacter,
            field,
            "has a slash, a colon or a space, which would make records' keys ambiguous",
            NAME_HINT,
        ));
    }
    Ok(())
}

/// The zone of times without one.
pub(crate) fn zone(options: &mut Fields) -> Zone {
    let text = options.text("timeZone", "write it as \"+08:00\" or \"Z\"");
    let zone = text.map(|text| options.accept(Zone::parse("timeZone", &text).map(Some))).unwrap_or_default();
    zone.unwrap_or(Zone::BEIJING)
}

fn address(options: &mut Fields, field: &'static str) -> Option<String> {
    let url = options.text(field, ADDRESS_HINT)?;
    options.accept(checked_address(field, &url).map(|url| Some(url.to_owned())))
}

/// The address without spaces around it and slashes at its end.
fn checked_address<'a>(field: &str, url: &'a str) -> Result<&'a str, Error> {
    let url = url.trim().trim_end_matches('/');
    if url.is_empty() {
        return Err(Error::invalid(ErrorReason::Missing, field, "is missing", ADDRESS_HINT));
    }
    if http::host(url).is_none() || url.contains(['?', '#']) {
        return Err(Error::invalid(ErrorReason::NotAUrl, field, "must be an absolute http(s) URL without a query", ADDRESS_HINT));
    }
    Ok(url)
}

fn recording_hosts(options: &mut Fields) -> Vec<String> {
    let mut hosts = options.texts("recordingHosts", HOSTS_HINT);
    for host in &mut hosts {
        match plain_host(host) {
            Some(plain) => *host = plain,
            None => {
                return options.complain(ErrorReason::WrongFormat, "recordingHosts", "has an entry that is not a host name", HOSTS_HINT);
            }
        }
    }
    hosts
}

/// A host's name in lower case and without a dot at its end, where it is nothing but a name.
fn plain_host(host: &str) -> Option<String> {
    let plain = http::host(&format!("http://{host}"))?;
    (!host.contains(['/', '?', '#', '@']) && host.strip_suffix('.').unwrap_or(host).len() == plain.len()).then_some(plain)
}

/// An option under `dialect`: how an ambiguous place of the document is read.
#[derive(Debug)]
pub struct DialectOption {
    /// Its name.
    pub name: &'static str,
    /// What it may be, the default first; empty for any text.
    pub values: &'static [&'static str],
}

impl DialectOption {
    fn hint(&self) -> String {
        if self.values.is_empty() { "pass text".to_owned() } else { format!("pass one of {}", self.values.join(", ")) }
    }

    fn check(&self, value: &str) -> Result<(), Error> {
        let field = format!("dialect.{}", self.name);
        if value.trim().is_empty() {
            return Err(Error::invalid(ErrorReason::Empty, &field, "is empty", &self.hint()));
        }
        if !self.values.is_empty() && !self.values.contains(&value) {
            return Err(Error::invalid(ErrorReason::UnsupportedValue, &field, "is not a reading known here", &self.hint()));
        }
        Ok(())
    }
}

/// The readings that an account chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialect(Vec<(&'static str, String)>);

impl Dialect {
    pub(super) fn read(platform: &Platform, options: &mut Fields) -> Self {
        let mut inside = options.object("dialect");
        let mut chosen = Vec::new();
        for option in platform.dialect {
            let Some(value) = inside.text(option.name, &option.hint()) else { continue };
            inside.accept(option.check(&value));
            chosen.push((option.name, value));
        }
        options.accept(inside.finish(&format!("dialect option of {}", platform.name)));
        Self(chosen)
    }

    /// Whether the platform has these options with these values.
    fn check(&self, platform: &Platform) -> Result<(), Error> {
        self.0.iter().try_for_each(|(name, value)| {
            if let Some(option) = platform.dialect.iter().find(|option| option.name == *name) {
                return option.check(value);
            }
            let known: Vec<&str> = platform.dialect.iter().map(|option| option.name).collect();
            let wrong = format!("is not a dialect option of {}", platform.name);
            Err(Error::invalid(
                ErrorReason::UnknownOption,
                &format!("dialect.{name}"),
                &wrong,
                &format!("{} has {}", platform.name, known.join(", ")),
            ))
        })
    }

    /// The same with one reading chosen. That the platform has such an option is checked with each request.
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
