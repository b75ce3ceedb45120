//! The parts of an account that are the same at every platform.

use std::fmt;

use super::{Credential, Dialect, Platform};
use crate::http;
use crate::model::{Error, ErrorReason, Options, Text, Value, Zone};

/// A text whose `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the secret. Only for signing.
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

impl Credential {
    /// Checks a value. A credential that was pasted with spaces around it would only fail at the platform.
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
                Err(Error::invalid(ErrorReason::TooLong, self.name, &format!("is longer than {longest} characters"), mend).at_most(longest))
            }
            _ => Ok(()),
        }
    }
}

/// An account's credentials: one value for each credential of the platform's description, in the same order.
#[derive(Clone)]
pub struct Credentials {
    described: &'static [Credential],
    values: Vec<String>,
}

impl Credentials {
    /// Takes the values in the order of the description: `Credentials::new(PLATFORM.credentials, [key, secret])`.
    #[must_use]
    pub fn new<const N: usize>(described: &'static [Credential], values: [String; N]) -> Self {
        Self { described, values: values.into() }
    }

    /// Takes the credentials out of options.
    pub(super) fn read(described: &'static [Credential], options: &mut Options) -> Result<Self, Error> {
        let values = described.iter().map(|credential| {
            let value = options.require_text(credential.name, credential.hint)?;
            credential.check(&value).map(|()| value)
        });
        Ok(Self { described, values: values.collect::<Result<_, _>>()? })
    }

    /// Checks each value. This runs before every request: a Rust program may have made them without reading options.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.entries().try_for_each(|(credential, value)| credential.check(value))
    }

    /// Returns the value of a credential. Only for signing: it may be a secret.
    #[must_use]
    pub fn reveal(&self, name: &str) -> &str {
        self.entries().find(|(credential, _)| credential.name == name).map(|(_, value)| value).unwrap_or_default()
    }

    /// Lists the values that must never be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.entries().filter(|(credential, _)| credential.is_secret).map(|(_, value)| value)
    }

    fn entries(&self) -> impl Iterator<Item = (&'static Credential, &str)> {
        self.described.iter().zip(self.values.iter().map(String::as_str))
    }
}

/// Shows only the values that identify the account without proving it.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(credential, value): (&'static Credential, _)| (credential.name, if credential.is_secret { "***" } else { value });
        f.debug_map().entries(self.entries().map(shown)).finish()
    }
}

/// The options that every platform has.
#[derive(Clone, Debug)]
pub struct Account {
    /// The user's name for the account. It becomes part of the keys of records.
    pub name: Option<String>,
    /// The address of requests, without a slash at the end.
    pub base_url: String,
    /// The address at which recordings are requested, without a slash at the end.
    pub recording_base_url: String,
    /// Further hosts from which a recording may be fetched.
    pub recording_hosts: Vec<String>,
    /// How long one attempt may take, with its body, in milliseconds.
    pub timeout_ms: u32,
    /// How often a safe operation is repeated after a failure.
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
/// The hint where a required address is missing.
pub(super) const BASE_URL_HINT: Text =
    Text::new("pass the http(s) address that the platform gave you", "请传入平台提供的 http(s) 接口地址");
const ADDRESS_HINT: Text = Text::new("pass an address like \"https://api.example.com\"", "请传入形如 `https://api.example.com` 的网址");
const HOSTS_HINT: Text = Text::new(
    "pass host names like \"oss.example.com\", without scheme, port or path",
    "请传入主机名，例如 `oss.example.com`，不带协议、端口和路径",
);
const NAME_HINT: Text = Text::new("pass a short name of digits, letters, dots, _ and -", "请传入一个短名称，限数字、字母、点、_ 和 -");
const ZONE_HINT: Text = Text::new("write it as \"+08:00\" or \"Z\"", "请写成 `+08:00` 或 `Z`");

/// The hints of the options that every platform has.
pub(super) const HINTS: &[(&str, Text)] = &[
    ("account", NAME_HINT),
    ("name", NAME_HINT),
    ("baseUrl", BASE_URL_HINT),
    ("recordingBaseUrl", ADDRESS_HINT),
    ("recordingHosts", HOSTS_HINT),
    ("timeZone", ZONE_HINT),
];
/// The longest delay that a JavaScript timer can hold.
const LONGEST_TIMEOUT_MS: i64 = 2_147_483_647;

impl Account {
    /// The names of the options that every platform has.
    pub(super) const OPTIONS: [&'static str; 8] =
        ["account", "baseUrl", "recordingBaseUrl", "recordingHosts", "timeoutMs", "retries", "timeZone", "dialect"];

    /// An account with the platform's documented addresses and all defaults.
    #[must_use]
    pub fn new(platform: &Platform) -> Self {
        Self::at(platform, "")
    }

    /// An account at an address that the platform agreed with the customer.
    #[must_use]
    pub fn at(platform: &Platform, base_url: &str) -> Self {
        let account = Self {
            name: None,
            base_url: base_url.trim_end_matches('/').to_owned(),
            recording_base_url: String::new(),
            recording_hosts: Vec::new(),
            timeout_ms: DEFAULT_TIMEOUT_MS,
            retries: DEFAULT_RETRIES,
            zone: Zone::BEIJING,
            dialect: Dialect::default(),
        };
        account.with_documented_addresses(platform)
    }

    /// Takes the options that every platform has.
    pub(super) fn read(platform: &Platform, options: &mut Options) -> Result<Self, Error> {
        let name = read_account_name(options, "account")?;
        let base_url = read_address(options, "baseUrl")?.unwrap_or_default();
        let recording_base_url = read_address(options, "recordingBaseUrl")?.unwrap_or_default();
        let recording_hosts = read_recording_hosts(options)?;
        let timeout_ms = take_timeout(options)?.unwrap_or(DEFAULT_TIMEOUT_MS);
        let retries = options.take_integer("retries", 0, MOST_RETRIES)?;
        let retries = retries.and_then(|retries| u32::try_from(retries).ok()).unwrap_or(DEFAULT_RETRIES);
        let zone = read_zone(options)?;
        let dialect = Dialect::read(platform, options)?;
        if base_url.is_empty() && platform.base_url.is_none() {
            return Err(Error::invalid(ErrorReason::Missing, "baseUrl", "is missing", BASE_URL_HINT.en));
        }
        let account = Self { name, base_url, recording_base_url, recording_hosts, timeout_ms, retries, zone, dialect };
        Ok(account.with_documented_addresses(platform))
    }

    /// Checks the options. This runs before every request: a Rust program may have set them without reading options.
    pub(super) fn check(&self, platform: &Platform) -> Result<(), Error> {
        if let Some(name) = &self.name {
            check_name("account", name)?;
        }
        for (field, url) in [("baseUrl", &self.base_url), ("recordingBaseUrl", &self.recording_base_url)] {
            if check_address(field, url)? != url {
                return Err(Error::invalid(ErrorReason::WrongFormat, field, "has spaces around it or a slash at its end", ADDRESS_HINT.en));
            }
        }
        if self.recording_hosts.iter().any(|host| normalize_host(host).as_ref() != Some(host)) {
            return Err(Error::invalid(
                ErrorReason::WrongFormat,
                "recordingHosts",
                "has an entry that is not a host name in lower case",
                HOSTS_HINT.en,
            ));
        }
        if self.timeout_ms == 0 || i64::from(self.timeout_ms) > LONGEST_TIMEOUT_MS {
            let mend = format!("give a whole number from 1 to {LONGEST_TIMEOUT_MS}");
            return Err(Error::invalid(ErrorReason::OutOfRange, "timeoutMs", "is out of range", &mend).between(1, LONGEST_TIMEOUT_MS));
        }
        if i64::from(self.retries) > MOST_RETRIES {
            let mend = format!("give a whole number from 0 to {MOST_RETRIES}");
            return Err(
                Error::invalid(ErrorReason::OutOfRange, "retries", &format!("is more than {MOST_RETRIES}"), &mend).between(0, MOST_RETRIES)
            );
        }
        self.dialect.check(platform)
    }

    /// Fills in the documented addresses where none was given. Recordings stay at their documented address where only `baseUrl` was given.
    fn with_documented_addresses(mut self, platform: &Platform) -> Self {
        if self.base_url.is_empty() {
            platform.base_url.unwrap_or_default().clone_into(&mut self.base_url);
        }
        if self.recording_base_url.is_empty() {
            platform.recording_base_url.unwrap_or(&self.base_url).clone_into(&mut self.recording_base_url);
        }
        self
    }

    /// Returns a recording's address if its host is the platform's or one of `recordingHosts`. A push is not signed, so an address in it may
    /// lead anywhere.
    pub(crate) fn recording_address(&self, platform: &Platform, url: &str) -> Result<String, Error> {
        let plain = http::normalize_address(url);
        let Some((url, (host, port))) = plain.and_then(|url| http::host_and_port(&url).map(|place| (url, place))) else {
            return Err(Error::invalid(
                ErrorReason::NotAUrl,
                "recording.url",
                "must be an absolute http(s) URL",
                "look at the record's raw payload",
            ));
        };
        // With its port: another service of the same machine must not be reached.
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
        )
        .expecting(&[&host]))
    }
}

/// Reads a time-out in milliseconds.
///
/// # Errors
/// `invalid-argument` naming `timeoutMs`.
pub fn read_timeout(value: Value) -> Result<Option<u32>, Error> {
    take_timeout(&mut Options::default().with("timeoutMs", value))
}

fn take_timeout(options: &mut Options) -> Result<Option<u32>, Error> {
    let ms = options.take_integer("timeoutMs", 1, LONGEST_TIMEOUT_MS)?;
    Ok(ms.and_then(|ms| u32::try_from(ms).ok()))
}

/// Reads the account's name. It becomes part of keys, so it has no `/` and no `:`.
pub(crate) fn read_account_name(options: &mut Options, field: &str) -> Result<Option<String>, Error> {
    let name = options.take_text(field, NAME_HINT.en)?;
    name.as_deref().map_or(Ok(()), |name| check_name(field, name))?;
    Ok(name)
}

fn check_name(field: &str, name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(Error::invalid(ErrorReason::Empty, field, "is empty", NAME_HINT.en));
    }
    if name.len() > 64 {
        return Err(Error::invalid(ErrorReason::TooLong, field, "is longer than 64 bytes", NAME_HINT.en).at_most(64));
    }
    if name.contains(['/', ':']) || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::invalid(
            ErrorReason::ForbiddenCharacter,
            field,
            "has a slash, a colon or a space, which would make records' keys ambiguous",
            NAME_HINT.en,
        ));
    }
    Ok(())
}

/// Reads the zone of times without one.
pub(crate) fn read_zone(options: &mut Options) -> Result<Zone, Error> {
    let text = options.take_text("timeZone", ZONE_HINT.en)?;
    text.map_or(Ok(Zone::BEIJING), |text| Zone::parse("timeZone", &text))
}

fn read_address(options: &mut Options, field: &str) -> Result<Option<String>, Error> {
    let url = options.take_text(field, ADDRESS_HINT.en)?;
    url.map(|url| check_address(field, &url).map(str::to_owned)).transpose()
}

/// Returns the address without surrounding spaces and trailing slashes, if it is one.
fn check_address<'a>(field: &str, url: &'a str) -> Result<&'a str, Error> {
    let url = url.trim().trim_end_matches('/');
    if url.is_empty() {
        return Err(Error::invalid(ErrorReason::Missing, field, "is missing", ADDRESS_HINT.en));
    }
    if http::host(url).is_none() || url.contains(['?', '#']) {
        return Err(Error::invalid(ErrorReason::NotAUrl, field, "must be an absolute http(s) URL without a query", ADDRESS_HINT.en));
    }
    Ok(url)
}

fn read_recording_hosts(options: &mut Options) -> Result<Vec<String>, Error> {
    let hosts = options.take_texts("recordingHosts", HOSTS_HINT.en)?;
    let wrong = || Error::invalid(ErrorReason::WrongFormat, "recordingHosts", "has an entry that is not a host name", HOSTS_HINT.en);
    hosts.iter().map(|host| normalize_host(host).ok_or_else(wrong)).collect()
}

/// Returns a host's name in lower case and without a trailing dot; `None` for anything but a name.
fn normalize_host(host: &str) -> Option<String> {
    let plain = http::host(&format!("http://{host}"))?;
    (!host.contains(['/', '?', '#', '@']) && host.strip_suffix('.').unwrap_or(host).len() == plain.len()).then_some(plain)
}
