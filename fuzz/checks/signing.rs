//! Requests with any parameters: what is sent says what was asked, is signed by the document, and is explained without a secret.

use base64::Engine as _;
use md5::Md5;
use ringback::{Moment, OperationKind, Prepared, explain_signature, prepare_request, read_operation};
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use super::{Choices, SECRET, account, parameters, sample, shows_no_secret};

const NAMES: [&str; 10] = ["caller", "callee", "reference", "seat", "virtualNumber", "direction", "areaCode", "pushUrl", "callId", "phone"];
const ENCODINGS: [&str; 3] = ["form", "multipart", "json"];

/// The platform's name on a line of its own, operation, encoding, four bytes of time; then lines, each the value of a parameter by its first character.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let Some(platform) = choices.platform() else { return };
    let name = choices.of(&["dial", "dial", "recording", "hangUp", "bindSeat", "records", "balance"]);
    let encoding = choices.of(&ENCODINGS);
    let seconds = u32::from_be_bytes([choices.byte(), choices.byte(), choices.byte(), choices.byte()]);
    let mut given = sample(platform, OperationKind::named(name).expect("an operation"));
    for line in choices.text().lines() {
        let mut characters = line.chars();
        let Some(parameter) = characters.next().and_then(|c| c.to_digit(10)).and_then(|at| NAMES.get(at as usize)) else { continue };
        given[*parameter] = characters.as_str().into();
    }
    let has_encoding = platform.dialect.iter().any(|option| option.name == "bodyEncoding");
    let dialect = if has_encoding { json!({ "dialect": { "bodyEncoding": encoding } }) } else { json!({}) };
    let provider = account(platform, &dialect);
    let moment = Moment::new(i64::from(seconds) * 1000 + 123, "0123456789abcdef0123456789abcdef");
    let prepared = read_operation(&*provider, name, parameters(given.clone()))
        .and_then(|operation| Ok((prepare_request(&*provider, operation.clone(), &moment)?, operation)));
    let (prepared, operation) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            assert_eq!(error.delivery, ringback::Delivery::NotSent);
            return;
        }
    };
    let trace = explain_signature(&*provider, operation, &moment).expect("what can be prepared can be explained");
    shows_no_secret(&format!("{trace:?} {} {prepared:?}", serde_json::to_string(&trace).expect("a trace")));
    for (header, value) in &prepared.headers.0 {
        assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{header}: {value}");
    }
    assert!(prepared.url.bytes().all(|byte| (b'!'..=b'~').contains(&byte)), "{}", prepared.url);
    let fields = sent(&prepared, if has_encoding { encoding } else { "json" });
    match platform.name {
        "mixcom" => signed_by_mixcom(fields),
        "dingxin" => signed_by_dingxin(fields, (name == "recording").then(|| given["callId"].as_str().unwrap_or_default().trim())),
        "quanmayun" => {
            let text = format!("1696054309969104898:{SECRET}:{}", moment.now_ms);
            let sign = hex::encode(Md5::digest(text));
            assert_eq!(header(&prepared), encoded(&format!("1696054309969104898:{}:{sign}", moment.now_ms)));
        }
        "cyjcloud" => {
            let whole = base64::engine::general_purpose::STANDARD.decode(header(&prepared)).expect("base64");
            let sig = hex::encode(Md5::digest(&whole)).to_uppercase();
            assert!(prepared.url.ends_with(&format!("?sig={sig}")), "{}", prepared.url);
            assert!(String::from_utf8_lossy(&whole).starts_with(&format!("{SECRET}:{SECRET}:")));
        }
        "seatcall" if name == "dial" => assert!(prepared.headers.0.iter().all(|(name, _)| *name != "authorization")),
        // A recording lies at the record's own address.
        "seatcall" if name == "recording" => assert!(prepared.headers.0.is_empty()),
        "seatcall" => assert_eq!(header(&prepared), encoded(SECRET)),
        // The signatures of other platforms are checked by their vectors.
        _ => {}
    }
}

fn encoded(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn header(prepared: &Prepared) -> &str {
    prepared.headers.0.iter().find(|(name, _)| *name == "authorization").map(|(_, value)| value.as_str()).expect("a header")
}

/// What was sent, decoded by other code than what encoded it.
fn sent(prepared: &Prepared, encoding: &str) -> Vec<(String, String)> {
    let form = |text: &str| form_urlencoded::parse(text.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let Some(body) = &prepared.body else {
        return form(prepared.url.split_once('?').map_or("", |(_, query)| query));
    };
    let is_form = prepared.headers.0.iter().any(|(_, value)| value.starts_with("application/x-www-form-urlencoded"));
    if is_form {
        return form(body);
    }
    if encoding == "multipart" {
        let boundary = body.lines().next().unwrap_or_default();
        let parts = body.split(boundary).filter_map(|part| {
            let (head, value) = part.split_once("\r\n\r\n")?;
            Some((head.split("name=\"").nth(1)?.split('"').next()?.to_owned(), value.strip_suffix("\r\n")?.to_owned()))
        });
        return parts.collect();
    }
    let object: serde_json::Map<String, Value> = serde_json::from_str(body).expect("JSON");
    object.into_iter().map(|(name, value)| (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned))).collect()
}

fn without_sign(fields: Vec<(String, String)>) -> (String, Vec<(String, String)>) {
    let (sign, mut rest): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, _)| name == "sign");
    for (name, _) in &mut rest {
        name.make_ascii_lowercase();
    }
    rest.sort();
    (sign.into_iter().next().expect("a signature").1, rest)
}

fn signed_by_mixcom(fields: Vec<(String, String)>) {
    let (sign, rest) = without_sign(fields);
    let values: String = rest.into_iter().map(|(_, value)| value).collect();
    assert_eq!(sign, hex::encode(Sha1::digest(format!("{values}{SECRET}{}", hex::encode(Sha1::digest(SECRET))))));
}

fn signed_by_dingxin(fields: Vec<(String, String)>, call_id: Option<&str>) {
    let (sign, mut rest) = without_sign(fields);
    rest.extend(call_id.map(|id| ("subid".to_owned(), id.to_owned())));
    rest.sort();
    let pairs: Vec<String> = rest.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(sign, hex::encode(Md5::digest(pairs.join("&"))));
}
