//! Texts that may be logged show no secret, no digest and no full phone number.

use ringback::{
    BindSeat, Cyjcloud, Dial, Dingxin, Mixcom, Moment, Options, Provider, PushOptions, Redactor, Response, Seatcall, shown_url,
};

const SECRET: &str = "Sec/ret+AbC1&=";

/// Writes the secret in every form in which a platform or a proxy may repeat it, with other code than the redactor's.
fn list_disguises() -> Vec<String> {
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
fn a_secret_is_hidden_in_every_encoding() {
    let redactor = Redactor::new([SECRET]);
    for disguise in list_disguises() {
        let shown = redactor.redact(&format!("before {disguise} after"));
        assert_eq!(shown, "before *** after", "{disguise}");
    }
}

#[test]
fn a_secret_is_hidden_in_mixed_escapes() {
    let secret = r#"a!%/\"<5+Z~ é"#;
    let redactor = Redactor::new([secret]);
    for shown in [
        // In the forms of encodeURIComponent, a form, an address inside an address, JSON and HTML.
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
    assert_eq!(redactor.redact("before a!% after, 5+Z"), "before a!% after, 5+Z", "a part of the secret is not hidden");
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
            // The text around the secret may be shown; of the characters that contain a part of it, fewer than eight.
            let of_others =
                |at: usize| sent.find(secret).is_some_and(|begin| at + 8 <= begin * 4 / 3 || at * 3 >= (begin + secret.len()) * 4 - 4);
            assert!(seen.is_none_or(of_others), "{shown}");
        }
    }
}

#[test]
fn the_cut_end_of_an_excerpt_shows_no_part_of_a_secret() {
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
fn a_digest_is_hidden_with_any_digits() {
    let redactor = Redactor::new([SECRET]);
    for digest in ["BAB1CB1339A42F3C5012345678DA2EDF", "8fa6f681234567898d5ca857e7186f2dddb37ba1", "12345678901234567890123456789012"] {
        for text in [digest.to_owned(), format!("sig={digest}&x=1"), format!("https://a.example/x?sig={digest}")] {
            let shown = redactor.redact(&text);
            assert!(!shown.contains(&digest[..6]) && !shown.contains(&digest[26..]), "{shown}");
        }
        assert!(!shown_url(&format!("https://a.example/{digest}/x")).contains(&digest[..6]));
    }
}

/// Finds the longest run of a number's digits in a text, in any script and with any characters between them.
fn find_longest_run(text: &str, number: &str) -> usize {
    // With the test's own code: digits by their Unicode value, without all other characters.
    let digits: String = text.chars().filter_map(find_digit_value).collect();
    let all: Vec<char> = number.chars().collect();
    let row = |from: usize| {
        (from..=all.len()).rev().find(|to| digits.contains(&all[from..*to].iter().collect::<String>())).map_or(0, |to| to - from)
    };
    (0..all.len()).map(row).max().unwrap_or_default()
}

fn find_digit_value(character: char) -> Option<char> {
    const ZEROS: [u32; 9] = [0x30, 0xff10, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0x1d7ce, 0x1d7f6];
    const WORDS: [&str; 6] = ["〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "⓪①②③④⑤⑥⑦⑧⑨", "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉", "⓿❶❷❸❹❺❻❼❽❾"];
    let of_row = ZEROS.into_iter().find_map(|zero| char::from_digit((character as u32).checked_sub(zero).filter(|value| *value < 10)?, 10));
    let place = || WORDS.into_iter().find_map(|word| word.chars().position(|c| c == character));
    of_row.or_else(|| char::from_digit(u32::try_from(place()?).ok()?, 10))
}

/// The spellings in which known and unknown numbers are tested.
const SPELLINGS: [&str; 48] = [
    "13800000001",
    "+86 138 0000 0001",
    "0755-28000123",
    "(0755) 28000123",
    "138\u{a0}0000\u{a0}0001",
    "138–0000–0001",
    "１３８００００００００１",
    "138.7654.3210",
    "138,7654,3210",
    "138_7654_3210",
    "138/7654/3210",
    "138:7654:3210",
    "138·7654·3210",
    "138|7654|3210",
    "138*7654*3210",
    "138\u{200b}7654\u{200d}3210",
    "1\u{202e}3\u{2066}8\u{ad}7\u{feff}6\u{2060}5\u{200e}4\u{34f}3\u{fe0f}2\u{e0031}10",
    "138\n7654\n3210",
    "138\r\n7654\r\n3210",
    r"138\n7654\n3210",
    "138<b>7654</b>3210",
    "138 - 7654 - 3210",
    "1.3.8.7.6.5.4.3.2.1.0",
    "1, 3, 8, 7, 6, 5, 4, 3, 2, 1, 0",
    "١٣٨٧٦٥٤٣٢١٠",
    "۱۳۸۷۶۵۴۳۲۱۰",
    "१३८७६५४३२१०",
    "一三八七六五四三二一〇",
    "壹叁捌柒陆伍肆叁贰壹零",
    "幺三八，七六五四，三二幺零",
    "①③⑧⑦⑥⑤④③②①⓪",
    "¹³⁸⁷⁶⁵⁴³²¹⁰",
    "𝟏𝟑𝟖𝟕𝟔𝟓𝟒𝟑𝟐𝟏𝟎",
    "1️⃣3️⃣8️⃣7️⃣6️⃣5️⃣4️⃣3️⃣2️⃣1️⃣0️⃣",
    "%31%33%38%37%36%35%34%33%32%31%30",
    "%2531%2533%2538%2537%2536%2535%2534%2533%2532%2531%2530",
    r"\u0031\u0033\u0038\u0037\u0036\u0035\u0034\u0033\u0032\u0031\u0030",
    r"\\u0031\\u0033\\u0038\\u0037\\u0036\\u0035\\u0034\\u0033\\u0032\\u0031\\u0030",
    "&#49;&#51;&#56;&#55;&#54;&#53;&#52;&#51;&#50;&#49;&#48;",
    "&#x31;&#x33;8&nbsp;7654&nbsp;3210",
    "138%2E7654%2E3210",
    "https://a.example/tel/13876543210?n=1",
    "https://a.example/?tel=138-7654-3210",
    "755,2800,0123",
    "755\n2800\n0123",
    "755\r\n2800\r\n0123",
    "%EF%BC%91%EF%BC%93%EF%BC%987654%EF%BC%93210",
    r"\uff11\uff13\uff187654\uff13210",
];

#[test]
fn a_number_is_masked_in_every_spelling() {
    let redactor = Redactor::new([""; 0]);
    for spelling in SPELLINGS {
        for text in [format!("number {spelling} is wrong"), format!("号码{spelling}不存在"), spelling.to_owned()] {
            let shown = redactor.redact(&text);
            for number in ["13876543210", "13800000001", "75528000123"] {
                assert!(find_longest_run(&shown, number) < 7 && shown.contains('*'), "{text} is shown as {shown}");
            }
            assert_eq!(redactor.redact(&shown), shown, "{text}");
        }
    }
}

#[test]
fn a_known_number_is_masked_with_any_characters_between_its_digits() {
    let redactor = Redactor::new([""; 0]).with_numbers(["+86 138 7654 3210", "0755-28000123", "95588"]);
    for text in [
        "138abc7654def3210",
        "138 and 7654 and 3210",
        "8765432",
        "138<span>7654</span>3210",
        "1-3:8;7~6=5+4|3\\2/1?0",
        "(755)2800.0123",
        "2800,0123",
        "MTM4NzY1NDMyMTA=",
        "3133383736353433323130",
        "ring 95588 now",
        "2876.54.32.10 2800012",
    ] {
        let shown = redactor.redact(text);
        for number in ["13876543210", "075528000123"] {
            assert!(find_longest_run(&shown, number) < 7, "{text} is shown as {shown}");
        }
        assert!(shown.contains('*') && !shown.contains("95588"), "{text} is shown as {shown}");
    }
    assert_eq!(redactor.redact("id 1955881"), "id 19***81", "seven digits of a number are masked");
    assert_eq!(redactor.redact("id 195588"), "id 195588", "a short number is masked only if it stands alone");
}

#[test]
fn texts_without_phone_numbers_stay_readable() {
    let redactor = Redactor::new([SECRET]);
    for text in [
        "status 404 at 12:30, code 7001",
        "2020-03-02T17:48:15+08:00",
        "from 2020-03-02 17:48:15.123 to 2020/03/04 00:00:00, that is 2020-03-02T09:48:15Z or 2020.3.2",
        "Mon, 02 Mar 2020 17:48:15 GMT",
        "20200302174815 and 20200302174815123",
        "connect ECONNREFUSED 127.0.0.1:8080, 10.123.45.67:49152 and 139.196.123.45",
        "error code 1001001: no balance; errCode=20010012, code: \"1001002\", 错误码1001003，返回码：1001004",
        r#"{"code":1001001,"msg":"x"} and {\"code\":\"1001001\"}"#,
        "codes 1001, 1002, 1003 and [507,508,512,515]",
        "12,345 of 1,234,567 bytes in 12.345678 s",
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY, ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION, UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "Node v22.23.3 on Linux 6.8.0-45",
        "100% of 5 & 7 \\ 8",
        "统一处理，第二次，二〇二〇年三月二日",
    ] {
        assert_eq!(redactor.redact(text), text);
    }
    assert_eq!(redactor.redact("统一 13876543210"), "统一 138****3210");
}

#[test]
fn terminal_control_characters_are_removed() {
    let redactor = Redactor::new([SECRET]);
    for (text, shown) in [
        ("a\u{1b}]0;pwned\u{7}b\u{1b}[2J", "a]0;pwnedb[2J"),
        ("a\u{9b}2J\u{90}b\u{7f}\u{0}", "a2Jb"),
        ("\u{202e}a\u{2066}b\u{2069}\u{200e}\u{61c}c", "abc"),
        ("a\u{2028}b\u{2029}c\r\nd\te", "a b c d e"),
        ("\u{200b}a\u{200c}\u{200d}\u{feff}\u{2060}b\u{ad}", "ab"),
        ("a\u{e0041}\u{e0042}\u{e007f}\u{e0100}\u{fe0f}b\u{3164}", "ab"),
    ] {
        assert_eq!(redactor.excerpt(text, 80), shown, "{text:?}");
        assert!(!redactor.redact(text).chars().any(char::is_control), "{text:?}");
    }
}

#[test]
fn parts_of_a_secret_and_further_encodings_are_hidden() {
    let secret = "kJ8#mPq2/vX5+nR7=tW9";
    let redactor = Redactor::new([secret]);
    let of = |bytes: &[u8]| hex::encode(bytes);
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let standard = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let each = |escape: &dyn Fn(u32) -> String| secret.chars().map(|c| escape(c as u32)).collect::<Vec<_>>().concat();
    let full_width: String = secret.chars().map(|c| char::from_u32(c as u32 + 0xfee0).expect("a full-width form")).collect();
    for text in [
        full_width,
        of(secret.as_bytes()).to_uppercase(),
        of(&utf16),
        standard(&utf16),
        standard(standard(secret.as_bytes()).as_bytes()),
        standard(of(secret.as_bytes()).as_bytes()),
        // RFC 4648 base32, by another program.
        "NNFDQI3NKBYTEL3WLA2SW3SSG46XIVZZ".to_owned(),
        serde_json::to_string(&serde_json::to_string(secret).expect("JSON")).expect("JSON"),
        each(&|c| format!("\\u{c:04x}")),
        each(&|c| format!("\\\\\\\\u{c:04x}")),
        each(&|c| format!("%2525{c:02x}")),
        secret.chars().map(String::from).collect::<Vec<_>>().join("\u{200b}"),
        "kJ8#mPq2/vX5+nR7 (cut)".to_owned(),
        "... 2/vX5+nR7=tW9".to_owned(),
        "kJ8#mPq2/v\nX5+nR7=tW9".to_owned(),
    ] {
        let shown = redactor.redact(&text);
        let letters: String = shown.chars().filter(char::is_ascii_alphanumeric).collect();
        assert!(shown.contains("***") && letters.len() < 8, "{text} is shown as {shown}");
    }
}

#[test]
fn a_code_is_shown_unchanged_unless_it_may_be_a_number_or_a_secret() {
    let dingxin = Dingxin::new("AppKey01", SECRET, None);
    let dial = Dial { caller: "138 0000 0001".into(), callee: "0755-28000123".into(), ..Dial::default() };
    let prepared = dingxin.prepare(&dial, 1_583_142_000_123).expect("prepared");
    let refused = |code: &str, message: &str| {
        let body = serde_json::json!({ "code": code, "msg": message, "data": null }).to_string();
        dingxin.interpret(&prepared, &Response { status: 200, body: body.as_bytes(), ..Response::default() }).expect_err("a refusal")
    };
    for code in ["1001001", "20010012", "-1001001", "E1001001", "ERR_10010012", "100100123", "7001"] {
        let error = refused(code, &format!("错误码 {code}: no"));
        assert_eq!(error.provider_code.as_deref(), Some(code));
        assert!(error.message.contains(code), "{}", error.message);
        assert!(error.provider_message.as_deref().is_some_and(|words| words.contains(code)), "{:?}", error.provider_message);
    }
    for code in [
        "13900000009",
        "8613900000009",
        "02155667788",
        "4008001234",
        "28000123",
        "138-0000-0001",
        "tel13900000009",
        "1001001\u{1b}[2J",
        SECRET,
        "139.0000.0009",
    ] {
        let error = refused(code, "no");
        let shown = format!("{error:?} {error}");
        for hidden in [code, "13900000009", "02155667788", "4008001234", "28000123", "13800000001"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
    }
}

#[test]
fn an_address_is_shown_without_its_credentials() {
    for (url, shown) in [
        ("https://crm.example/push/t0ken-of-a-path?token=AbC&x=1", "https://crm.example/push/***?token=***&x=***"),
        ("https://crm.example/push/0aZ_-bY1cX2dW3eV4fU5gT6hS7iR8jQ9kP", "https://crm.example/push/***"),
        ("https://crm.example/push/kLmNoPqRsTuVwXyZaBcD", "https://crm.example/push/***"),
        ("https://crm.example/push?t0ken0123456789", "https://crm.example/push?=***"),
        ("https://user:pass@crm.example/a#token", "https://crm.example/a"),
        ("https://user:pa/ss@crm.example/a", "https://***/a"),
        ("https://crm.example/tel/13876543210/x", "https://crm.example/tel/138****3210/x"),
        ("https://cyj.example/20171220/bind/callEvent/voice/v1?sig=AB", "https://cyj.example/20171220/bind/callEvent/voice/v1?sig=***"),
        ("http://api.v3.quanmayun.com:9090/api/qmc-call/openapi/v1/call", "http://api.v3.quanmayun.com:9090/api/qmc-call/openapi/v1/call"),
        (
            "https://xl.dingxin106.com/call/companyRecordDownlaod/04202107251831296890045359",
            "https://xl.dingxin106.com/call/companyRecordDownlaod/042*******************5359",
        ),
        ("https://139.196.123.45:8443/rest/voiceCall/api", "https://139.196.123.45:8443/rest/voiceCall/api"),
    ] {
        assert_eq!(shown_url(url), shown);
    }
}

#[test]
fn an_unreadable_answer_is_quoted_without_the_requests_values() {
    let dingxin = Dingxin::new("AppKey01", SECRET, None);
    let dial = Dial { caller: "138 0000 0001".into(), callee: "13900000002".into(), ..Dial::default() };
    let prepared = dingxin.prepare(&dial, 1_583_142_000_123).expect("prepared");
    let body = format!("<html>{} {} {}</html>", prepared.url, prepared.body.clone().unwrap_or_default(), list_disguises().join(" "));
    let answer = Response { status: 502, body: body.as_bytes(), ..Response::default() };
    let error = dingxin.interpret(&prepared, &answer).expect_err("a 502");
    let shown = format!("{error:?} {error}");
    for hidden in list_disguises().iter().map(String::as_str).chain(["13800000001", "138 0000 0001", "13900000002"]) {
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
    let push = ringback::parse_push(ringback::find_platform("dingxin").expect("dingxin"), body, &PushOptions::default()).expect("a push");
    let options = Options::from_json("options", &format!(r#"{{"appSecret":"{SECRET}","caller":"13800000001"}}"#)).expect("an object");
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
    assert!(format!("{mixcom:?}").contains("k1"), "a value that only identifies an account is shown: {mixcom:?}");
}

#[test]
fn the_trace_names_the_unsigned_fields() {
    let dingxin = Dingxin::new("AppKey01", SECRET, None);
    let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), ..Dial::default() };
    let trace = ringback::explain_signature(&dingxin, (&dial).into(), &Moment::from(1_583_142_000_123)).expect("a trace");
    let dropped: Vec<&str> = trace.dropped.iter().map(|dropped| dropped.name.as_str()).collect();
    assert_eq!(dropped, ["sign", "return_url"]);
    assert!(trace.dropped.iter().all(|dropped| !dropped.reason.is_empty()));
    let sorted: Vec<&str> = trace.sorted.iter().map(|shown| shown.name.as_str()).collect();
    assert_eq!(sorted, ["appkey", "appsecret", "tela", "telb", "timestamp"]);
    assert_eq!(trace.canonical.as_deref(), Some("appkey=AppKey01&appsecret=***&tela=138****0001&telb=139****0002&timestamp=1583142000"));
}
