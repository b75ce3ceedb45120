//! Why a request got no answer, from the error texts of undici (Node), Bun, Deno and workerd, and whether it can have been sent.
//!
//! Checked with real sockets in Node 20 to 26, Bun and Deno. Some texts occur both before and after a request was sent, so they prove
//! nothing: a reset, a broken pipe, `ETIMEDOUT` of a read, Bun's `EPROTO` (for every TLS fault, also in the middle of an answer).

use crate::model::{ErrorReason, Origin};
use crate::payload::contains;

/// Why a request got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NetworkCause {
    Refused,
    NameNotFound,
    ConnectTimeout,
    Unreachable,
    Certificate(&'static str),
    /// The server does not speak TLS.
    NotTls,
    Handshake,
    ForbiddenPort,
    InvalidUrl,
    Reset,
    Closed,
}

use NetworkCause::{
    Certificate, Closed, ConnectTimeout, ForbiddenPort, Handshake, InvalidUrl, NameNotFound, NotTls, Refused, Reset, Unreachable,
};

/// Codes of rejected certificates. A client checks the certificate before it sends anything.
const CERTIFICATES: [(&str, &str); 15] = [
    ("CERT_HAS_EXPIRED", "the server's certificate has expired"),
    ("CERT_NOT_YET_VALID", "the server's certificate is not valid yet"),
    ("CERT_REVOKED", "the server's certificate was revoked"),
    ("DEPTH_ZERO_SELF_SIGNED_CERT", "the server's certificate is not trusted (self-signed)"),
    ("SELF_SIGNED_CERT_IN_CHAIN", "the server's certificate is not trusted (self-signed in its chain)"),
    ("UNABLE_TO_VERIFY_LEAF_SIGNATURE", "the server's certificate is not trusted (its issuer is not known)"),
    ("UNABLE_TO_GET_ISSUER_CERT", "the server's certificate is not trusted (its issuer is not known)"),
    ("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "the server's certificate is not trusted (its issuer is not known)"),
    ("CERT_UNTRUSTED", "the server's certificate is not trusted"),
    ("CERT_REJECTED", "the server's certificate is not trusted"),
    ("CERT_SIGNATURE_FAILURE", "the server's certificate is not trusted (bad signature)"),
    ("CERT_CHAIN_TOO_LONG", "the server's certificate is not trusted (its chain is too long)"),
    ("INVALID_CA", "the server's certificate is not trusted (its issuer may issue none)"),
    ("ERR_TLS_CERT_ALTNAME_INVALID", "the server's certificate is for another host"),
    ("HOSTNAME_MISMATCH", "the server's certificate is for another host"),
];

/// System codes that mean a failed connection only while it is being made.
const CONNECTING: [(&str, NetworkCause); 8] = [
    ("ETIMEDOUT", ConnectTimeout),
    ("EHOSTUNREACH", Unreachable),
    ("ENETUNREACH", Unreachable),
    ("EHOSTDOWN", Unreachable),
    ("ENETDOWN", Unreachable),
    ("EADDRNOTAVAIL", Unreachable),
    ("EACCES", Unreachable),
    ("EPERM", Unreachable),
];

/// OpenSSL's texts for a failed handshake.
const HANDSHAKE_WORDS: [&str; 6] = [
    "alert handshake failure",
    "alert protocol version",
    "unsupported protocol",
    "no protocols available",
    "unrecognized name",
    "insufficient security",
];

/// Finds out why no connection was made. `None` where the request may have been sent.
pub(super) fn find_connect_failure(origins: &[Origin]) -> Option<NetworkCause> {
    let is_undici = origins.first().is_some_and(|origin| origin.message.starts_with("fetch failed"));
    origins.iter().find_map(|origin| classify_origin(origin, is_undici))
}

fn classify_origin(origin: &Origin, is_undici: bool) -> Option<NetworkCause> {
    let code = origin.code.as_deref().unwrap_or_default();
    let message = origin.message.to_ascii_lowercase();
    let says = |words: &str| contains(&message, words);
    match code {
        "ECONNREFUSED" | "ConnectionRefused" => return Some(Refused),
        "ENOTFOUND" | "EAI_AGAIN" | "EAI_NONAME" | "EAI_NODATA" | "EAI_FAIL" | "DNSException" | "FailedToOpenSocket" => {
            return Some(NameNotFound);
        }
        "UND_ERR_CONNECT_TIMEOUT" => return Some(ConnectTimeout),
        "ERR_INVALID_URL" => return Some(InvalidUrl),
        _ => {}
    }
    if let Some((_, words)) = CERTIFICATES.iter().find(|(known, _)| *known == code) {
        return Some(Certificate(words));
    }
    if let Some((_, cause)) = CONNECTING.iter().find(|(known, _)| *known == code) {
        let lower = code.to_ascii_lowercase();
        let is_connecting = origin.syscall.as_deref() == Some("connect")
            || origin.syscall.is_none() && says(&format!("connect {lower}"))
            // Bun names no system call.
            || says(&format!("{lower}: unable to connect"));
        if is_connecting {
            return Some(*cause);
        }
        return None;
    }
    // Node's text for an end within the TLS handshake. A reset that names the system call `connect` proves nothing: not every fetch is right.
    if code == "ECONNRESET" && says("disconnected before secure tls connection was established") {
        return Some(Closed);
    }
    // undici's fetch gives OpenSSL's own code before it has sent anything, and none of them after; node:https gives EPROTO before, and
    // these after.
    let is_handshake = code == "EPROTO" && says("ssl routines") || is_undici && code.starts_with("ERR_SSL_");
    if is_handshake {
        if says("wrong version number") || code == "ERR_SSL_WRONG_VERSION_NUMBER" {
            return Some(NotTls);
        }
        return HANDSHAKE_WORDS.iter().any(|words| says(words)).then_some(Handshake);
    }
    // undici, and Deno.
    if code.is_empty() && (message == "bad port" || message.starts_with("fetch failed: requests to port ") && says("are blocked")) {
        return Some(ForbiddenPort);
    }
    if code.is_empty() && (message.starts_with("failed to parse url from") || message.starts_with("invalid url: ")) {
        return Some(InvalidUrl);
    }
    // Deno gives no code, but the phase in brackets, in which no server can have a word: no request is sent in it.
    if !says("client error (connect)") && !says("error trying to connect: ") {
        return None;
    }
    Some(if says("connection refused") {
        Refused
    } else if says("dns error") || says("failed to lookup address") {
        NameNotFound
    } else if says("invalid peer certificate") {
        Certificate(describe_deno_certificate(&message))
    } else if says("invalidcontenttype") {
        NotTls
    } else if says("received fatal alert") || says("received corrupt message") || says("peer is incompatible") {
        Handshake
    } else if says("timed out") || says("deadline has elapsed") {
        ConnectTimeout
    } else if says("reset") {
        Reset
    } else if says("eof") || says("closed") {
        Closed
    } else {
        Unreachable
    })
}

fn describe_deno_certificate(message: &str) -> &'static str {
    const WORDS: [(&str, &str); 4] = [
        ("notvalidforname", "the server's certificate is for another host"),
        ("not valid for name", "the server's certificate is for another host"),
        ("notvalidyet", "the server's certificate is not valid yet"),
        ("expired", "the server's certificate has expired"),
    ];
    WORDS.iter().find(|(word, _)| contains(message, word)).map_or("the server's certificate is not trusted", |(_, words)| words)
}

/// Finds out what broke a connection, where the error tells.
pub(super) fn find_break(origins: &[Origin]) -> Option<NetworkCause> {
    origins.iter().find_map(|origin| {
        let message = origin.message.to_ascii_lowercase();
        match origin.code.as_deref() {
            Some("ECONNRESET") if contains(&message, "closed unexpectedly") => Some(Closed),
            Some("ECONNRESET" | "EPIPE") => Some(Reset),
            Some("UND_ERR_SOCKET" | "ConnectionClosed") => Some(Closed),
            _ if contains(&message, "connection reset") => Some(Reset),
            _ if contains(&message, "connection closed") || contains(&message, "network connection lost") => Some(Closed),
            _ => None,
        }
    })
}

impl NetworkCause {
    /// The reason of an error that it causes before anything is sent.
    pub(super) fn reason(self) -> ErrorReason {
        match self {
            Refused => ErrorReason::ConnectionRefused,
            NameNotFound => ErrorReason::NameNotFound,
            ConnectTimeout => ErrorReason::ConnectTimeout,
            Unreachable => ErrorReason::Unreachable,
            Certificate(_) => ErrorReason::BadCertificate,
            NotTls | Handshake => ErrorReason::TlsFailed,
            ForbiddenPort => ErrorReason::ForbiddenPort,
            InvalidUrl => ErrorReason::NotAUrl,
            Reset | Closed => ErrorReason::ConnectFailed,
        }
    }

    /// Describes the cause, for a message.
    pub(super) fn words(self) -> &'static str {
        match self {
            Refused => "connection refused",
            NameNotFound => "the host name was not found",
            ConnectTimeout => "no answer to the connection attempt",
            Unreachable => "the host cannot be reached",
            Certificate(words) => words,
            NotTls => "the server does not speak TLS on this port",
            Handshake => "the TLS handshake failed",
            ForbiddenPort => "fetch forbids this port",
            InvalidUrl => "the address is not valid",
            Reset => "connection reset",
            Closed => "connection closed by the other side",
        }
    }

    /// Says what to do, where the option that sets the address is `option`.
    pub(super) fn advice(self, option: &str) -> String {
        match self {
            Refused => format!("check {option} and its port: nothing listens there, or a firewall refuses. {PROXY}"),
            NameNotFound => format!("check the host in {option}, and this machine's DNS. {PROXY}"),
            ConnectTimeout | Unreachable => {
                format!(
                    "a firewall may drop the packets: open the way to the address in {option}, and have this server's address admitted by the platform. {PROXY}"
                )
            }
            Certificate(_) => format!(
                "check the host in {option}; where a proxy of your own inspects TLS, trust its certificate (NODE_EXTRA_CA_CERTS, DENO_CERT)"
            ),
            NotTls => format!("use http:// in {option}, or the port that speaks https"),
            Handshake => format!("client and server agree on no TLS version or cipher: check {option}, or update the runtime"),
            ForbiddenPort => format!("use another port in {option}, or pass a fetch that allows this one"),
            InvalidUrl => format!("check {option}"),
            Reset | Closed => format!("check {option}; a firewall may close connections"),
        }
    }
}

const PROXY: &str = "Behind an outgoing proxy: Node's fetch ignores HTTP_PROXY; start Node 24 or later with NODE_USE_ENV_PROXY=1, or pass a fetch that uses the proxy";
