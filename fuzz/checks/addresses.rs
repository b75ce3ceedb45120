//! Who may push, and where a recording may be fetched from.

use ringback::{Arrival, Download, Method, Moment, Operation, Options, Receiver, shown_url};
use serde_json::json;

use super::{Choices, account};

const TOKEN: &str = "aB3-_dEfGhIjKlMnOpQrStUvWxYz0123";

/// The host of an address, as the parser says that will send the request.
pub type HostOf<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Five lines: an address, a sender, a forwarding header, an entry of an allow-list, and whatever options a receiver is given.
pub fn check(input: &[u8], host_of: Option<HostOf<'_>>) {
    let choices = Choices(input);
    let text = choices.text();
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (url, remote, forwarded, allow) = (line(), line(), line(), line());
    recording(url, host_of);
    pushing(url, remote, forwarded, allow);
    if let Ok(options) = Options::from_json("options", line()) {
        let _ = Receiver::read(options);
    }
    let shown = shown_url(url);
    assert!(!shown.contains('#'));
}

/// What is fetched goes to a host that was named, whoever parses the address.
fn recording(url: &str, host_of: Option<HostOf<'_>>) {
    const NAMED: [&str; 4] = ["platform.example", "10.0.0.7", "[::1]", "oss.example"];
    let seatcall = ringback::find_platform("seatcall").expect("seatcall");
    let provider = account(seatcall, &json!({ "recordingHosts": NAMED[1..] }));
    let Ok(prepared) = ringback::prepare_request(&*provider, Operation::Download(Download { url: url.to_owned() }), &Moment::from(0))
    else {
        return;
    };
    // File names have letters beyond ASCII, and spaces: these are percent-encoded, and nothing else is changed.
    assert_eq!((prepared.method, Some(prepared.url.as_str())), (Method::Get, ringback::normalize_address(url).as_deref()));
    let url = prepared.url.as_str();
    assert!(prepared.body.is_none() && prepared.headers.0.is_empty());
    let host = ringback::host(url).expect("a host");
    assert!(NAMED.contains(&host.as_str()), "{host}");
    if let Some(host_of) = host_of {
        // What a parser refuses is sent nowhere.
        if let Some(other) = host_of(url) {
            assert_eq!(other.strip_suffix('.').unwrap_or(&other), host, "{url}");
        }
    }
}

fn pushing(url: &str, remote: &str, forwarded: &str, allow: &str) {
    let receiver = |options: serde_json::Value| Receiver::read(Options::from_json("options", &options.to_string()).expect("an object"));
    let arrival = Arrival { method: "POST", url, remote_address: Some(remote), forwarded: Some(forwarded), content_type: Some(remote) };
    let by_token = receiver(json!({ "provider": "mixcom", "tokens": [TOKEN] })).expect("a receiver");
    match by_token.admit(&arrival) {
        Ok(admission) => {
            let decoded = ringback::decode_form(url);
            assert!(decoded.contains(TOKEN), "{url}");
            assert!(!ringback::pairs(&admission.query).any(|(name, value)| name == "token" && value == TOKEN), "{}", admission.query);
        }
        Err(refusal) => assert_eq!((refusal.answer.status, refusal.reason), (404, "token")),
    }
    let Ok(by_address) = receiver(json!({ "provider": "mixcom", "allow": [allow] })) else { return };
    let behind_proxy = receiver(json!({ "provider": "mixcom", "allow": [allow], "trustProxy": "x-forwarded-for" })).expect("the same");
    // What a sender writes into a header is nothing, where no proxy is named; where one is, the socket is the proxy's.
    let without = Arrival { forwarded: None, ..arrival };
    assert_eq!(by_address.admit(&arrival).is_ok(), by_address.admit(&without).is_ok());
    assert!(behind_proxy.admit(&without).is_err());
    let as_remote = Arrival { remote_address: forwarded.rsplit(',').next(), ..arrival };
    assert_eq!(behind_proxy.admit(&arrival).is_ok(), by_address.admit(&as_remote).is_ok());
}
