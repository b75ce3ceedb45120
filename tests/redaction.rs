//! Nothing that may be logged shows a secret, a digest or a full phone number.
#![cfg(not(target_arch = "wasm32"))]

use ringback::model::Fields;
use ringback::provider::{self, Moment, Provider};
use ringback::receive::{self, PushOptions};
use ringback::redaction::{Redactor, shown_url};
use ringback::{BindSeat, Cyjcloud, Dial, Dingxin, Mixcom, Response, Seatcall};

const SECRET: &str = "Sec/ret+AbC1&=";

/// Every way in which a platform or a proxy may give the secret back; made by other code than the redactor's.
fn disguises() -> Vec<String> {
    let base64 = |engine: &base64::engine::GeneralPurpose| base64::Engine::encode(engine, SECRET);
    let percent: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
    vec![
        SECRET.to_owned(),
        SECRET.to_uppercase(),
        r"Sec\/ret+AbC1&=".to_owned(),
        r"Sec\u002fret\u002BAbC1\u0026\u003d".to_owned(),
        "Sec&#x2f;ret&#x2B;AbC1&#x26;&#x3d;".to_owned(),
        percent.replace('+', "%20"),
        percent.to_lowercase(),
        "Sec%252Fret%252BAbC1%2526%253D".to_owned(),
        base64(&base64::engine::general_purpose::STANDARD),
        base64(&base64::engine::general_purpose::STANDARD_NO_PAD),
        base64(&base64::engine::general_purpose::URL_SAFE_NO_PAD),
    ]
}

#[test]
fn a_secret_is_hidden_in_every_disguise() {
    let redactor = Redactor::new([SECRET]);
    for disguise in disguises() {
        let shown = redactor.redact(&format!("before {disguise} after"));
        assert_eq!(shown, "before *** after", "{disguise}");
    }
}

#[test]
fn a_secret_is_hidden_in_a_mixture_of_escapes() {
    let secret = r#"a!%/\"<5+Z~ é"#;
    let redactor = Redactor::new([secret]);
    for shown in [
        // As encodeURIComponent, a form, an address within an address, JSON and HTML give it back.
        "a!%25%2F%5C%22%3C5%2BZ~%20%C3%A9",
        "a%21%25%2f%5c%22%3c5%2bZ%7E+%c3%a9",
        "a!%2525%252F%255C%2522%253C5%252BZ~%2520%25C3%25A9",
        r#"a!%\/\\\"<5+Z~ é"#,
        r"a\u0021%\/\\\u0022\u003c5\u002bZ~ é",
        r"a!%/\&quot;&lt;5&#43;Z~ é",
        r"a&#x21;&#37;/&#x5c;&#34;&#x3C;5&#x2B;Z~ é",
    ] {
        assert_eq!(redactor.redact(&format!("before {shown} after")), "before *** after", "{shown}");
    }
    assert_eq!(redactor.redact("before a!% after, 5+Z"), "before a!% after, 5+Z", "a part of it is no secret");
}

#[test]
fn a_secret_is_hidden_within_the_base64_of_a_longer_text() {
    for (sent, secret) in [
        ("4c8f?>1e~~~9ab2:app-1:20200302174758", "4c8f?>1e~~~9ab2"),
        ("u:4c8f?>1e~~~9ab2:x", "4c8f?>1e~~~9ab2"),
        ("me:4c8f?>1e~~~9ab2", "4c8f?>1e~~~9ab2"),
    ] {
        for engine in [base64::engine::general_purpose::STANDARD, base64::engine::general_purpose::URL_SAFE_NO_PAD] {
            let header = base64::Engine::encode(&engine, sent);
            let shown = Redactor::new([secret]).redact(&format!("<pre>authorization: {header}</pre>"));
            let seen = (0..header.len() - 8).find(|at| shown.contains(&header[*at..at + 8]));
            // What stands around the secret may be seen; of what it has a part in, no eight characters.
            let of_others =
                |at: usize| sent.find(secret).is_some_and(|begin| at + 8 <= begin * 4 / 3 || at * 3 >= (begin + secret.len()) * 4 - 4);
            assert!(seen.is_none_or(of_others), "{shown}");
        }
    }
}

#[test]
fn the_cut_end_of_an_excerpt_shows_no_half_of_a_secret() {
    let redactor = Redactor::new([SECRET, "13800000001"]);
    for hidden in [SECRET, "13800000001", "8fa6f681234567898d5ca857e7186f2dddb37ba1"] {
        for blanks in 1200..1300 {
            let shown = redactor.excerpt(&format!("ill{}{hidden}{}", " ".repeat(blanks), " and so on".repeat(30)), 160);
            let seen = (0..hidden.len() - 6).find(|at| shown.contains(&hidden[*at..at + 6]));
            assert!(shown.starts_with("ill") && seen.is_none(), "{blanks}: {shown}");
        }
    }
}

#[test]
fn a_digest_is_hidden_whatever_digits_it_has() {
    let redactor = Redactor::new([SECRET]);
    for digest in ["BAB1CB1339A42F3C5012345678DA2EDF", "8fa6f681234567898d5ca857e7186f2dddb37ba1", "12345678901234567890123456789012"] {
        for text in [digest.to_owned(), format!("sig={digest}&x=1"), format!("https://a.example/x?sig={digest}")] {
            let shown = redactor.redact(&text);
            assert!(!shown.contains(&digest[..6]) && !shown.contains(&digest[26..]), "{shown}");
        }
        assert!(!shown_url(&format!("https://a.example/{digest}/x")).contains(&digest[..6]));
    }
}

#[test]
fn numbers_are_masked_in_every_usual_spelling() {
    let redactor = Redactor::new([""; 0]);
    for number in [
        "13800000001",
        "+86 138 0000 0001",
        "0755-28000123",
        "(0755) 28000123",
        "138\u{a0}0000\u{a0}0001",
        "138–0000–0001",
        "１３８００００００００１",
    ] {
        let shown = redactor.redact(&format!("number {number} is wrong"));
        assert!(shown.contains("***") && !shown.contains(number), "{shown}");
    }
    assert_eq!(redactor.redact("status 404 at 12:30, code 7001"), "status 404 at 12:30, code 7001");
}

#[test]
fn an_unreadable_answer_is_quoted_without_what_was_sent() {
    let dingxin = Dingxin::new("AppKey01", SECRET, None);
    let dial = Dial { caller: "138 0000 0001".into(), callee: "13900000002".into(), ..Dial::default() };
    let prepared = dingxin.prepare(&dial, 1_583_142_000_123).expect("prepared");
    let body = format!("<html>{} {} {}</html>", prepared.url, prepared.body.clone().unwrap_or_default(), disguises().join(" "));
    let answer = Response { status: 502, body: body.as_bytes(), ..Response::default() };
    let error = dingxin.interpret(&prepared, &answer).expect_err("a 502");
    let shown = format!("{error:?} {error}");
    for hidden in disguises().iter().map(String::as_str).chain(["13800000001", "138 0000 0001", "13900000002"]) {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
}

#[test]
fn debug_shows_neither_secrets_nor_numbers() {
    let mixcom = Mixcom::new("k1", SECRET);
    let dingxin = Dingxin::new("k1", SECRET, Some("https://crm.example/push/token-0123456789abcdef".into()));
    let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), reference: Some("o-1".into()), ..Dial::default() };
    let bind: ringback::Operation = (&BindSeat { seat: "PP1".into(), phone: "13800000001".into() }).into();
    let prepared = dingxin.prepare(&dial, 0).expect("prepared");
    let body = r#"{"subid":"1","telA":"13800000001","telB":"13900000002","telX":"13500000003","status":1}"#;
    let push = receive::parse_push(provider::platform("dingxin").expect("dingxin"), body, &PushOptions::default()).expect("a push");
    let options = Fields::from_json("options", &format!(r#"{{"appSecret":"{SECRET}","caller":"13800000001"}}"#)).expect("an object");
    let call = dingxin.interpret(
        &prepared,
        &Response { status: 200, body: br#"{"code":200,"data":{"subid":"1","telX":"13500000003"}}"#, ..Response::default() },
    );
    let cyjcloud = Cyjcloud::new(format!("sid-{SECRET}"), format!("app-{SECRET}"), "https://cyj.example");
    let seatcall = Seatcall::new(format!("customer-{SECRET}"), format!("app-{SECRET}"), "https://seat.example");
    let shown = format!(
        "{mixcom:?} {dingxin:?} {cyjcloud:?} {seatcall:?} {prepared:?} {bind:?} {push:?} {:?} {options:?} {call:?}",
        push.records[0].caller
    );
    for hidden in [SECRET, "13800000001", "13900000002", "13500000003", "token-0123456789abcdef"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    assert!(format!("{mixcom:?}").contains("k1"), "what only identifies an account is shown: {mixcom:?}");
}

#[test]
fn the_trace_names_what_is_not_signed() {
    let dingxin = Dingxin::new("AppKey01", SECRET, None);
    let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), ..Dial::default() };
    let trace = provider::explain(&dingxin, (&dial).into(), &Moment::from(1_583_142_000_123)).expect("a trace");
    let dropped: Vec<&str> = trace.dropped.iter().map(|dropped| dropped.name.as_str()).collect();
    assert_eq!(dropped, ["sign", "return_url"]);
    assert!(trace.dropped.iter().all(|dropped| !dropped.reason.is_empty()));
    let sorted: Vec<&str> = trace.sorted.iter().map(|shown| shown.name.as_str()).collect();
    assert_eq!(sorted, ["appkey", "appsecret", "tela", "telb", "timestamp"]);
    assert_eq!(trace.canonical.as_deref(), Some("appkey=AppKey01&appsecret=***&tela=138****0001&telb=139****0002&timestamp=1583142000"));
}
