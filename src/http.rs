//! Requests and responses as plain values. Nothing here sends.

use std::borrow::Cow;

use serde::Serialize;

use crate::charset::{self, Decoder};
use crate::digest::{hex, md5};
use crate::json::quote;
pub use crate::model::{Answer, Headers};
use crate::model::{Timestamp, Zone};

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

impl Method {
    /// Returns the method's name, for example `POST`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// How the parameters of a POST are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// In the address, without a body.
    Query,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    Multipart,
    /// A JSON object of texts.
    Json,
}

/// A request, ready to be sent as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address. It may hold a secret: show [`shown_url`](crate::shown_url) of it.
    pub url: String,
    /// Names in lower case.
    pub headers: Headers,
    /// UTF-8 text.
    pub body: Option<String>,
}

impl Request {
    /// A GET without headers, and so without credentials.
    #[must_use]
    pub fn get(url: String) -> Self {
        Self { method: Method::Get, url, headers: Headers::default(), body: None }
    }

    /// A POST of these fields.
    pub fn post<'a>(url: String, encoding: Encoding, fields: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        let (content_type, body) = match encoding {
            Encoding::Query => {
                return Self { method: Method::Post, url: format!("{url}?{}", form(fields)), headers: Headers::default(), body: None };
            }
            Encoding::Multipart => {
                // There is no randomness here: the digest of the values is in none of the values.
                let boundary = format!("ringback-{}", hex(md5(form(fields.clone()))));
                (format!("multipart/form-data; boundary={boundary}"), multipart(&boundary, fields))
            }
            Encoding::Json => return Self::post_json(url, &json_object(fields)),
            Encoding::Form => ("application/x-www-form-urlencoded;charset=UTF-8".to_owned(), form(fields)),
        };
        let headers = Headers(vec![("accept", "application/json".to_owned()), ("content-type", content_type)]);
        Self { method: Method::Post, url, headers, body: Some(body) }
    }

    /// A POST of JSON text whose content type names the encoding.
    #[must_use]
    pub fn post_json(url: String, json: &str) -> Self {
        Self::post_json_as(url, json, "application/json;charset=utf-8")
    }

    /// A POST of JSON text with the content type that the document gives.
    #[must_use]
    pub fn post_json_as(url: String, json: &str, content_type: &str) -> Self {
        let headers = Headers(vec![("accept", "application/json".to_owned()), ("content-type", content_type.to_owned())]);
        Self { method: Method::Post, url, headers, body: Some(json.to_owned()) }
    }

    /// Returns the request with one more header. The name is in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.0.push((name, value.into()));
        self
    }
}

/// Writes a JSON object of texts, in this order.
pub fn json_object<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut json = String::from("{");
    for (name, value) in fields {
        if json.len() > 1 {
            json.push(',');
        }
        quote(&mut json, name);
        json.push(':');
        quote(&mut json, value);
    }
    json.push('}');
    json
}

/// A platform's response.
#[derive(Clone, Debug, Default)]
pub struct Response<'a> {
    /// The HTTP status; 0 where a browser hides a redirect.
    pub status: u16,
    /// The `content-type` header.
    pub content_type: Option<String>,
    /// The `retry-after` header.
    pub retry_after: Option<String>,
    /// The `location` header of a redirect.
    pub location: Option<String>,
    /// The `date` header: the platform's clock.
    pub date: Option<String>,
    /// When the response arrived, by this machine's clock: milliseconds after 1970 in UTC. Compared with `date` it shows a wrong clock.
    pub received_ms: Option<i64>,
    /// The body, or its first bytes where only those were read.
    pub body: &'a [u8],
    /// Decodes charsets other than UTF-8.
    pub decoder: Decoder,
}

impl Response<'_> {
    /// Decodes the body: UTF-8 if it is valid, else the charset of the content type, else GB18030.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        charset::text(self.body, self.content_type.as_deref(), self.decoder)
    }
}

/// Percent-encodes everything but letters, digits and `-._~` (RFC 3986).
#[must_use]
pub fn percent_encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_bytes();
    // Most values are plain to their end.
    while let Some(at) = rest.iter().position(|byte| !is_plain(byte)) {
        out.push_str(str::from_utf8(&rest[..at]).unwrap_or_default());
        let byte = rest[at];
        rest = &rest[at + 1..];
        out.push('%');
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 15)]));
    }
    out.push_str(str::from_utf8(rest).unwrap_or_default());
    out
}

/// Undoes percent-encoding and `+`; bytes that are not UTF-8 become U+FFFD.
#[must_use]
pub fn decode_form(text: &str) -> String {
    String::from_utf8(percent_decode(text.as_bytes())).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Undoes percent-encoding and `+`, to bytes in any charset.
pub(crate) fn percent_decode(text: &[u8]) -> Vec<u8> {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = &after[2..];
                    high << 4 | low
                }
                _ => b'%',
            },
            _ => first,
        });
    }
    bytes
}

/// Lists the decoded pairs of a query or a form.
pub fn pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode_form(name), decode_form(value))
    })
}

/// Finds the last value of a name in a query or a form.
#[must_use]
pub fn last_value(text: &str, name: &str) -> Option<String> {
    pairs(text).filter(|(key, _)| key == name).last().map(|(_, value)| value)
}

/// Writes `application/x-www-form-urlencoded`.
pub fn form<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&percent_encode(name));
        out.push('=');
        out.push_str(&percent_encode(value));
    }
    out
}

/// Writes `multipart/form-data` with this boundary.
pub fn multipart<'a>(boundary: &str, fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        for text in ["--", boundary, "\r\nContent-Disposition: form-data; name=\"", name, "\"\r\n\r\n", value, "\r\n"] {
            out.push_str(text);
        }
    }
    for text in ["--", boundary, "--\r\n"] {
        out.push_str(text);
    }
    out
}

/// Returns the host of an http(s) address, in lower case and without port. `None` where the address has user information, a backslash, or
/// escapes and other unusual characters before the path: programs do not agree on where such an address leads.
#[must_use]
pub fn host(url: &str) -> Option<String> {
    host_and_port(url).map(|(host, _)| host)
}

/// As [`host`], with the port, where it is neither 80 nor 443.
pub(crate) fn host_and_port(url: &str) -> Option<(String, Option<u16>)> {
    let rest = strip_scheme(url)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let (host, port) = if let Some(inner) = authority.strip_prefix('[') {
        let (address, port) = inner.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        (format!("[{address}]"), port.strip_prefix(':').or_else(|| port.is_empty().then_some(""))?)
    } else {
        let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
        (host.to_owned(), port)
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) || url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return None;
    }
    let port = if port.is_empty() { None } else { Some(port.parse().ok()?) };
    // One trailing dot marks a whole name; programs do not agree on an empty label elsewhere.
    let host = host.strip_suffix('.').unwrap_or(&host).to_ascii_lowercase();
    let is_name = |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let plain = host.starts_with('[') || host.split('.').all(is_name);
    plain.then(|| (host, port.filter(|port| !matches!(port, 80 | 443))))
}

/// Returns an http(s) address that can be fetched: non-ASCII letters and spaces after the host are percent-encoded, since file names have
/// them. `None` where [`host`] gives none.
#[must_use]
pub fn normalize_address(url: &str) -> Option<String> {
    let url = url.trim();
    let rest = strip_scheme(url)?;
    let authority_end = url.len() - rest.len() + rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (start, rest) = url.split_at(authority_end);
    let mut out = String::with_capacity(url.len());
    out.push_str(start);
    for character in rest.chars() {
        if character.is_ascii() && character != ' ' {
            out.push(character);
        } else {
            out.push_str(&percent_encode(character.encode_utf8(&mut [0; 4])));
        }
    }
    host(&out).map(|_| out)
}

/// Resolves a redirect's `location`, relative or not, to an absolute address. `None` where it is not an http(s) address.
pub(crate) fn resolve_url(base: &str, location: &str) -> Option<String> {
    // A header has one character for each byte: those beyond ASCII are bytes of UTF-8, and are encoded as such.
    let is_bytes = location.chars().all(|c| u32::from(c) < 0x100);
    let encode = |c: char| match u8::try_from(c) {
        Ok(byte) if is_bytes && !byte.is_ascii() => format!("%{byte:02X}"),
        _ => c.to_string(),
    };
    let location: String = location.trim().chars().map(encode).collect();
    let (scheme, rest) = after_scheme(base)?;
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let path = &rest[authority.len()..];
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let has_scheme = location.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':'));
    let whole = if has_scheme {
        location
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else if location.starts_with('?') {
        format!("{scheme}://{authority}{path}{location}")
    } else {
        let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
        format!("{scheme}://{authority}{folder}{location}")
    };
    normalize_address(&whole)
}

/// Reads `Wed, 21 Oct 2015 07:28:00 GMT` (RFC 9110 5.6.7), in milliseconds after 1970.
pub(crate) fn date_ms(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_ascii_whitespace().skip(1);
    let (day, month, year, clock, zone) = (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let iso = format!("{year}-{month:02}-{day:0>2} {clock}");
    (zone == "GMT").then(|| Timestamp::parse(&iso, Zone::UTC))?.map(Timestamp::epoch_ms)
}

/// Splits an address at `://`. It is found by its colon: searching for a text adds 2 KB to the wasm, for a character nothing.
pub(crate) fn after_scheme(url: &str) -> Option<(&str, &str)> {
    let mut colons = url.match_indices(':').map(|(at, _)| at);
    colons.find_map(|at| Some((&url[..at], url[at..].strip_prefix("://")?)))
}

fn strip_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = after_scheme(url)?;
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")).then_some(rest)
}
