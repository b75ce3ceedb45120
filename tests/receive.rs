//! Tests of pushes beyond the vectors: admission, which record replaces another, and streams.

use ringback::{
    Admission, Arrival, CallRecord, Dialect, Element, LineOptions, Normalized, Options, PLATFORMS, Position, PushHeaders, PushOptions,
    Receiver, ReceiverAccount, RefusedArrival, find_platform, normalize_lines,
};
use serde_json::{Value, json};

const TOKEN: &str = "aB3-_dEfGhIjKlMnOpQrStUvWxYz0123";
const OTHER: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn receiver(options: &Value) -> Result<Receiver, ringback::Error> {
    Receiver::read(Options::from_json("options", &options.to_string()).expect("an object"))
}

fn good(options: &Value) -> Receiver {
    receiver(options).unwrap_or_else(|error| panic!("{options}: {error}"))
}

fn admit(receiver: &Receiver, method: &str, url: &str, remote: Option<&str>) -> Result<Admission, RefusedArrival> {
    receiver.admit(&Arrival { method, url, remote_address: remote, ..Arrival::default() })
}

fn account<'a>(receiver: &'a Receiver, admission: &Admission) -> &'a ReceiverAccount {
    receiver.account(admission.account_index).expect("the account of an admission")
}

fn status(receiver: &Receiver, method: &str, url: &str, remote: Option<&str>) -> u16 {
    admit(receiver, method, url, remote).map_or_else(|refusal| refusal.answer.status, |_| 200)
}

#[test]
fn the_token_may_be_in_the_path_or_the_query_and_several_tokens_are_valid_at_once() {
    let receiver = good(&json!({ "provider": "mixcom", "tokens": [TOKEN, OTHER] }));
    for url in [
        format!("https://a.example/x/{TOKEN}"),
        format!("https://a.example/{OTHER}/"),
        format!("https://a.example/x?a=1&token={TOKEN}"),
        format!("/push/{TOKEN}"),
    ] {
        assert_eq!(status(&receiver, "POST", &url, None), 200, "{url}");
    }
    let wrong = admit(&receiver, "POST", "https://a.example/x/none", None).expect_err("a wrong token");
    let unknown = admit(&receiver, "POST", "https://a.example/", None).expect_err("no token");
    assert_eq!(wrong.answer, unknown.answer, "refusals look the same");
    assert_eq!(wrong.answer.status, 404);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", ""] {
        let refused = admit(&receiver, method, &format!("https://a.example/{TOKEN}"), None).expect_err("a wrong method");
        assert_eq!(refused.answer.status, 405);
        assert!(refused.answer.headers.0.contains(&("allow", "GET, HEAD, POST".to_owned())));
    }
}

#[test]
fn the_token_is_removed_from_the_query_and_the_rest_stays() {
    let receiver = good(&json!({ "provider": "dingxin", "tokens": [TOKEN], "name": "main" }));
    let admission = admit(&receiver, "POST", &format!("https://a.example/p?token={TOKEN}&reference=a%20b&x="), None).expect("admitted");
    assert_eq!(admission.query, "reference=a%20b&x=");
    assert_eq!(account(&receiver, &admission).name.as_deref(), Some("main"));
}

#[test]
fn a_too_large_body_is_refused_in_the_platforms_own_form() {
    for platform in PLATFORMS {
        let receiver = good(&json!({ "provider": platform.name, "tokens": [TOKEN], "maxBodyBytes": 7, "deadlineMs": 9 }));
        let account = receiver.account(0).expect("an account");
        assert_eq!((account.too_large.status, account.nack.status, account.ack.status), (413, 500, 200));
        assert_eq!((&account.too_large.body, &account.too_large.headers), (&account.nack.body, &account.nack.headers));
        assert_eq!((account.limits.max_body_bytes, account.limits.deadline_ms), (7, 9));
    }
    let receiver = good(&json!({ "provider": "mixcom", "tokens": [TOKEN] }));
    let defaults = receiver.account(0).expect("an account").limits;
    assert_eq!((defaults.max_body_bytes, defaults.max_records, defaults.deadline_ms), (262_144, 1000, 10_000));
    assert!(receiver.account(1).is_none());
}

#[test]
fn the_token_selects_the_account() {
    let receiver = good(&json!({ "accounts": [
        { "name": "a", "provider": "mixcom", "tokens": [TOKEN] },
        { "name": "b", "provider": "seatcall", "tokens": [OTHER], "timeZone": "Z" },
    ] }));
    let admission = admit(&receiver, "POST", &format!("https://a.example/{OTHER}"), None).expect("admitted");
    let account = account(&receiver, &admission);
    assert_eq!((account.name.as_deref(), account.provider), (Some("b"), "seatcall"));
    assert!(
        receiver_error(
            &json!({ "accounts": [{ "provider": "mixcom", "tokens": [TOKEN] }, { "provider": "seatcall", "tokens": [TOKEN] }] })
        )
        .contains("tokens")
    );
}

fn receiver_error(options: &Value) -> String {
    receiver(options).expect_err("bad options").message.clone()
}

#[test]
fn an_allow_list_checks_the_address_that_the_host_reports() {
    let allow = json!(["203.0.113.7", "198.51.100.0/24", "2001:db8::/32", "::ffff:192.0.2.0/120"]);
    let receiver = good(&json!({ "provider": "mixcom", "allow": allow }));
    let is_in = |remote| status(&receiver, "POST", "https://a.example/", remote) == 200;
    for remote in [
        "203.0.113.7",
        "198.51.100.255",
        "2001:db8:ffff::1",
        "::ffff:203.0.113.7",
        "192.0.2.9",
        "::ffff:c000:0209",
        "203.0.113.7:5060",
        "[2001:db8::1]:443",
        "2001:db8::1%eth0",
    ] {
        assert!(is_in(Some(remote)), "{remote}");
    }
    for remote in ["203.0.113.8", "198.51.101.0", "2001:db9::1", "::203.0.113.7", "192.0.3.1", "localhost", ""] {
        assert!(!is_in(Some(remote)), "{remote}");
    }
    assert!(!is_in(None), "without a known address an allow-list refuses");
    let everywhere = good(&json!({ "provider": "mixcom", "allow": ["0.0.0.0/0"] }));
    assert_eq!(status(&everywhere, "POST", "/", Some("8.8.8.8")), 200);
    assert_eq!(status(&everywhere, "POST", "/", Some("2001:db8::1")), 404);
    let both = good(&json!({ "provider": "mixcom", "tokens": [TOKEN], "allow": ["203.0.113.7"] }));
    assert_eq!(status(&both, "POST", &format!("/{TOKEN}"), Some("203.0.113.8")), 404);
    assert_eq!(status(&both, "POST", &format!("/{TOKEN}"), Some("203.0.113.7")), 200);
}

#[test]
fn behind_a_proxy_only_the_address_that_the_proxy_added_counts() {
    let receiver = good(&json!({ "provider": "mixcom", "allow": ["203.0.113.7"], "trustProxy": "X-Forwarded-For" }));
    let is_in = |remote_address, forwarded| {
        receiver.admit(&Arrival { method: "POST", url: "/", remote_address, forwarded, content_type: None }).is_ok()
    };
    assert!(is_in(Some("10.0.0.1"), Some("203.0.113.7")));
    assert!(is_in(None, Some("198.51.100.1, 203.0.113.7")));
    assert!(!is_in(None, Some("203.0.113.7, 198.51.100.1")), "the first address was written by the sender");
    assert!(!is_in(Some("203.0.113.7"), None), "the socket's address is the proxy's");
    assert!(!is_in(Some("203.0.113.7"), Some("")));
    let direct = good(&json!({ "provider": "mixcom", "allow": ["203.0.113.7"] }));
    let pretending = Arrival { method: "POST", url: "/", forwarded: Some("203.0.113.7"), ..Arrival::default() };
    assert_eq!(direct.admit(&pretending).expect_err("a header is trusted only if it is named").reason, "address unknown");
    let refusal = receiver.admit(&Arrival { method: "POST", url: "/", forwarded: Some("::ffff:198.51.100.1"), ..Arrival::default() });
    assert_eq!(refusal.expect_err("another address").remote_address.as_deref(), Some("::ffff:198.51.100.1"));
    assert!(receiver_error(&json!({ "provider": "mixcom", "allow": ["203.0.113.7"], "trustProxy": "x y" })).contains("trustProxy"));
}

#[test]
fn a_sender_with_an_accounts_token_is_checked_by_that_account_only() {
    let receiver = good(&json!({ "accounts": [
        { "name": "by-address", "provider": "mixcom", "allow": ["203.0.113.0/24"] },
        { "name": "by-token", "provider": "quanmayun", "tokens": [TOKEN], "allow": ["203.0.113.7"] },
    ] }));
    let url = format!("/push?a=1&token={TOKEN}");
    let named = admit(&receiver, "POST", &url, Some("203.0.113.7")).expect("admitted");
    let by_token = account(&receiver, &named);
    assert_eq!((by_token.name.as_deref(), by_token.provider, named.query.as_str()), (Some("by-token"), "quanmayun", "a=1"));
    assert_eq!(status(&receiver, "POST", &url, Some("203.0.113.8")), 404, "the other account does not admit it");
    let unnamed = admit(&receiver, "POST", "/push?a=1", Some("203.0.113.8")).expect("admitted");
    assert_eq!(account(&receiver, &unnamed).name.as_deref(), Some("by-address"));
    let overlapping = json!({ "accounts": [
        { "provider": "mixcom", "allow": ["203.0.113.0/24"] },
        { "provider": "quanmayun", "allow": ["203.0.113.7"] },
    ] });
    assert!(receiver_error(&overlapping).contains("allow"));
    let apart = json!({ "accounts": [
        { "provider": "mixcom", "allow": ["203.0.113.0/25"] },
        { "provider": "quanmayun", "allow": ["203.0.113.128/25", "2001:db8::/32"] },
    ] });
    good(&apart);
}

#[test]
fn accounts_without_a_token_are_distinguished_by_their_addresses() {
    let receiver = good(&json!({ "accounts": [
        { "name": "office", "provider": "mixcom", "allow": ["203.0.113.0/25", "203.0.113.7", "::ffff:198.51.100.0/120"] },
        { "name": "six", "provider": "mixcom", "allow": ["2001:db8::/32", "2001:db8:1::/48"] },
        { "name": "one", "provider": "dingxin", "allow": ["203.0.113.128", "::/128"] },
    ] }));
    let owner = |remote| {
        let admission = admit(&receiver, "POST", "/", Some(remote)).ok()?;
        Some(account(&receiver, &admission).name.clone().expect("a name"))
    };
    for (remote, name) in [
        ("203.0.113.0", Some("office")),
        ("203.0.113.7", Some("office")),
        ("203.0.113.127", Some("office")),
        ("198.51.100.255", Some("office")),
        ("203.0.113.128", Some("one")),
        ("::", Some("one")),
        ("2001:db8:ffff:ffff::", Some("six")),
        ("203.0.113.129", None),
        ("203.0.112.255", None),
        ("198.51.101.0", None),
        ("2001:db7:ffff::", None),
        ("2001:db9::", None),
        ("::1", None),
        ("0.0.0.0", None),
        ("255.255.255.255", None),
    ] {
        assert_eq!(owner(remote).as_deref(), name, "{remote}");
    }
    for (one, other) in [
        (json!(["203.0.113.7"]), json!(["203.0.113.7"])),
        (json!(["203.0.113.255"]), json!(["203.0.113.0/24"])),
        (json!(["0.0.0.0/0"]), json!(["203.0.113.0/24"])),
        (json!(["2001:db8:1::/48"]), json!(["192.0.2.1", "2001:db8::/32"])),
        (json!(["192.0.2.0/30", "192.0.2.9"]), json!(["192.0.2.8/29"])),
    ] {
        let accounts = json!({ "accounts": [
            { "name": "a", "provider": "mixcom", "allow": one },
            { "name": "t", "provider": "mixcom", "tokens": [TOKEN], "allow": ["0.0.0.0/0"] },
            { "name": "b", "provider": "mixcom", "allow": other },
        ] });
        let error = receiver_error(&accounts);
        assert!(
            error.starts_with("allow: ranges overlap those of accounts[0], and neither account has tokens")
                && error.ends_with(" (in accounts[2])"),
            "{error}"
        );
    }
}

#[test]
fn two_accounts_of_one_platform_need_different_names() {
    let named = |names: &[(&str, Option<&str>)]| {
        let accounts: Vec<Value> = names
            .iter()
            .enumerate()
            .map(|(index, (provider, name))| json!({ "provider": provider, "name": name, "tokens": [format!("{TOKEN}{index}")] }))
            .collect();
        receiver(&json!({ "accounts": accounts }))
            .map(|_| ())
            .map_err(|error| error.message.split(';').next().unwrap_or_default().to_owned())
    };
    let (mixcom, dingxin) = ("mixcom", "dingxin");
    assert_eq!(named(&[(mixcom, None)]), Ok(()));
    assert_eq!(named(&[(mixcom, None), (dingxin, None)]), Ok(()));
    assert_eq!(named(&[(mixcom, Some("a")), (dingxin, Some("a")), (mixcom, Some("b"))]), Ok(()));
    let missing =
        |index: usize, other: usize| Err(format!("accounts[{index}].name: is missing, and accounts[{other}] of mixcom has no name either"));
    assert_eq!(named(&[(mixcom, None), (mixcom, None)]), missing(1, 0));
    assert_eq!(named(&[(mixcom, None), (dingxin, None), (mixcom, None)]), missing(2, 0));
    // Their record keys differ, and the first account's keys need not change when a second is added.
    assert_eq!(named(&[(mixcom, None), (mixcom, Some("b"))]), Ok(()));
    let same = Err("accounts[2].name: is the name of accounts[0], too".to_owned());
    assert_eq!(named(&[(mixcom, Some("a")), (mixcom, Some("b")), (mixcom, Some("a"))]), same);
}

#[test]
fn an_error_in_one_of_several_accounts_names_the_account() {
    for (wrong, place) in [
        (json!({ "provider": "mixcom", "tokens": ["short"] }), "tokens: "),
        (json!({ "provider": "nobody", "tokens": [OTHER] }), "provider: "),
        (json!({ "provider": "mixcom", "tokens": [OTHER], "nmae": "x" }), "nmae: "),
        (json!({ "provider": "mixcom", "tokens": [TOKEN], "name": "x" }), "tokens: has a token that accounts[0] has, too"),
        (json!({ "provider": "mixcom", "allow": ["everywhere"] }), "allow: "),
        (json!("mixcom"), "provider: "),
    ] {
        let error = receiver_error(&json!({ "accounts": [{ "provider": "dingxin", "tokens": [TOKEN] }, wrong] }));
        assert!(error.starts_with(place) && error.ends_with(" (in accounts[1])"), "{error}");
        assert!(!error.contains(TOKEN) && !error.contains(OTHER), "{error}");
    }
}

#[test]
fn a_get_or_head_with_only_the_token_tests_the_address() {
    let receiver = good(&json!({ "provider": "dingxin", "tokens": [TOKEN] }));
    for (method, url) in [
        ("GET", format!("/{TOKEN}")),
        ("get", format!("/push?token={TOKEN}")),
        ("GET", format!("/push/{TOKEN}?reference=o-1")),
        ("HEAD", format!("/push/{TOKEN}")),
        ("HEAD", format!("/push/{TOKEN}?subid=1&status=1")),
    ] {
        let admission = admit(&receiver, method, &url, None).expect("admitted");
        assert_eq!(admission.probe.expect("an answer").status, 200, "{method} {url}");
    }
    for method in ["GET", "HEAD"] {
        assert_eq!(status(&receiver, method, "/push", None), 404, "{method} without the token");
        assert_eq!(status(&receiver, method, &format!("/push/{OTHER}"), None), 404, "{method} with a wrong one");
    }
    let by_address = good(&json!({ "provider": "dingxin", "allow": ["203.0.113.7"] }));
    assert!(admit(&by_address, "GET", "/", Some("203.0.113.7")).expect("admitted").probe.is_some());
    assert_eq!(status(&by_address, "GET", "/", Some("203.0.113.8")), 404);
}

#[test]
fn a_query_that_contains_a_record_is_a_push() {
    let receiver = good(&json!({ "provider": "mixcom", "tokens": [TOKEN] }));
    let record = "event=fee&callIdentifier=c-1&caller=13800000001";
    for (method, query, is_push) in [
        ("GET", record, true),
        ("POST", record, true),
        ("POST", "event=heartbeat", true),
        ("POST", "", false),
        ("POST", "reference=o-1", false),
        ("POST", "a=1&b=2", false),
    ] {
        for url in [format!("/push/{TOKEN}?{query}"), format!("/push?token={TOKEN}&{query}")] {
            let admission = admit(&receiver, method, &url, None).expect("admitted");
            assert_eq!((admission.push_in_query, admission.probe.is_none()), (is_push, true), "{method} {url}");
            assert_eq!(admission.query, query);
        }
    }
    let neither = admit(&receiver, "GET", &format!("/push/{TOKEN}?a=1&b=2"), None).expect_err("neither a push nor a test of the address");
    assert_eq!((neither.answer.status, neither.reason), (405, "method"));
}

#[test]
fn a_token_is_rated_by_its_alphabet_and_its_repetitions() {
    let is_taken = |token: &str| receiver(&json!({ "provider": "mixcom", "tokens": [token] })).is_ok();
    let words = |word: &str| word.repeat(60 / word.len());
    for weak in [
        "0".repeat(32),
        "a".repeat(36),
        ".".repeat(24),
        "-_".repeat(20),
        words("abc"),
        words("0123456789"),
        words("secret"),
        words("hello-"),
        words("Passw0rd"),
        "01".repeat(40),
        // 32 random digits have 106 bits.
        "61803398874989484820458683436563".into(),
        "0123456789abcdef0123456789abcdef".into(),
        "password1password2password3password4".into(),
        // 26 letters of one case have 122 bits.
        "qwertyuiopasdfghjklzxcvbnm".into(),
        "aB3-_dEfGhIjKlMnOpQrS".into(),
        format!("{}x", "A".repeat(42)),
        format!("x{0}{0}", "Vx3f0Qm9T7yU"),
        "aB3-_dEfGhIjKlMnOpQrStU/".into(),
        "aB3-_dEfGhIjKlMnOpQrStUvä".into(),
        "aB3".repeat(1000),
    ] {
        assert!(!is_taken(&weak), "{weak}");
    }
    for strong in [
        TOKEN,
        // Half of it is repetition, but the rest has 82 bits.
        "t-0123456789abcdef0123456789abcdef",
        OTHER,
        "Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw",
        "0F1E2D3C4B5A69788796A5B4C3D2E1F0",
        "550e8400-e29b-41d4-a716-446655440000",
        "aB3-_dEfGhIjKlMnOpQrS.",
        // 39 random digits have 129 bits.
        "618033988749894848204586834365638117720",
    ] {
        assert!(is_taken(strong), "{strong}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 4000, failure_persistence: None, ..proptest::prelude::ProptestConfig::default() })]

    #[test]
    fn every_random_token_is_accepted(bytes in proptest::array::uniform32(proptest::num::u8::ANY)) {
        use base64::Engine as _;
        let created = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        let digits = hex::encode(&bytes[..16]);
        for token in [created, digits.to_ascii_uppercase(), digits] {
            let is_taken = receiver(&json!({ "provider": "mixcom", "tokens": [token] })).is_ok();
            proptest::prop_assert!(is_taken, "{}", token);
        }
    }

    #[test]
    fn a_token_that_repeats_itself_is_refused(part in "[a-zA-Z0-9._~-]{1,12}", times in 3_usize..20) {
        let token = part.repeat(times);
        let is_taken = receiver(&json!({ "provider": "mixcom", "tokens": [token] })).is_ok();
        proptest::prop_assert!(!is_taken, "{}", token);
    }
}

#[test]
fn five_thousand_accounts_are_told_apart() {
    use std::fmt::Write as _;
    let receiver_of = |count: usize, own: &dyn Fn(usize) -> Value| {
        let accounts: Vec<Value> = (0..count)
            .map(|index| {
                let mut account = json!({ "name": format!("a{index}"), "provider": PLATFORMS[index % PLATFORMS.len()].name });
                account.as_object_mut().expect("an object").extend(own(index).as_object().expect("an object").clone());
                account
            })
            .collect();
        good(&json!({ "accounts": accounts }))
    };
    let token = |index: usize| {
        let mut token = String::from("Tk");
        for byte in ringback::hex(ringback::md5(index.to_string())).bytes() {
            let _ = write!(token, "{}", char::from(byte));
        }
        token
    };
    let many = receiver_of(5_000, &|index| json!({ "tokens": [token(index)] }));
    for index in [0, 1, 2_500, 4_999] {
        let admission = admit(&many, "POST", &format!("/{}", token(index)), None).expect("admitted");
        assert_eq!((admission.account_index, &account(&many, &admission).name), (index, &Some(format!("a{index}"))));
    }
    let by_address = receiver_of(5_000, &|index| json!({ "allow": [format!("10.{}.{}.0/24", index / 256, index % 256)] }));
    for index in [0, 1, 2_500, 4_999] {
        let remote = format!("10.{}.{}.200", index / 256, index % 256);
        assert_eq!(admit(&by_address, "POST", "/", Some(&remote)).expect("admitted").account_index, index);
    }
    assert_eq!(status(&by_address, "POST", "/", Some("10.200.0.1")), 404);
    // The benchmark's rows "1,000 accounts" measure that no account but the right one costs time.
    assert_eq!(status(&many, "POST", "/push/Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw", None), 404);
}

#[test]
fn an_admission_names_an_encoding_that_only_the_host_can_decode() {
    let receiver = good(&json!({ "provider": "mixcom", "tokens": [TOKEN] }));
    let charset = |content_type| {
        let url = format!("/{TOKEN}");
        receiver.admit(&Arrival { method: "POST", url: &url, content_type, ..Arrival::default() }).expect("admitted").charset
    };
    assert_eq!(charset(Some("application/json; charset=GBK")).as_deref(), Some("gbk"));
    assert_eq!((charset(Some("application/json;charset=UTF-8")), charset(None)), (None, None));
}

#[test]
fn weak_or_missing_protection_is_an_error_at_creation() {
    for (options, field) in [
        (json!({ "provider": "mixcom" }), "tokens"),
        (json!({ "provider": "mixcom", "tokens": ["short"] }), "tokens"),
        (json!({ "provider": "mixcom", "tokens": ["0123456789abcdef0123456789abcde"] }), "tokens"),
        (json!({ "provider": "mixcom", "tokens": ["with/slash/aaaaaaaaaaaaaaaaaaaaaaaaa"] }), "tokens"),
        (json!({ "provider": "mixcom", "allow": ["203.0.113.0/33"] }), "allow"),
        (json!({ "provider": "mixcom", "allow": ["example.com"] }), "allow"),
        (json!({ "provider": "nobody", "tokens": [TOKEN] }), "provider"),
        (json!({ "provider": "mixcom", "tokens": [TOKEN], "maxBodyBites": 1 }), "maxBodyBites"),
        (json!({ "provider": "mixcom", "tokens": [TOKEN], "deadlineMs": 0 }), "deadlineMs"),
        (json!({ "provider": "mixcom", "tokens": [TOKEN], "maxRecords": 0 }), "maxRecords"),
        (json!({ "provider": "mixcom", "tokens": [TOKEN], "maxRecords": 1_000_001 }), "maxRecords"),
        (json!({ "provider": "mixcom", "tokens": [TOKEN], "timeZone": "Asia/Shanghai" }), "timeZone"),
        (json!({ "provider": "mixcom", "tokens": [TOKEN], "dialect": { "ack": "x" } }), "ack"),
        (json!({ "accounts": [] }), "accounts"),
    ] {
        assert!(receiver_error(&options).contains(field), "{options}: {}", receiver_error(&options));
    }
}

#[test]
fn the_limits_of_a_receivers_options() {
    let with = |more: Value| {
        let mut options = json!({ "provider": "mixcom", "tokens": [TOKEN] });
        options.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        receiver(&options).map(|_| ())
    };
    for more in [
        json!({ "maxBodyBytes": 1 }),
        json!({ "maxBodyBytes": 67_108_864 }),
        json!({ "deadlineMs": 1 }),
        json!({ "deadlineMs": 600_000 }),
        json!({ "trustProxy": "X_Real-IP2" }),
        json!({ "tokens": "aB3-_dEfGhIjKlMnOpQrS." }),
        json!({ "tokens": ["aB3-_dEfGhIjKlMnOpQrS~", OTHER] }),
        json!({ "allow": ["::ffff:192.0.2.0/96", "203.0.113.0/0", "2001:db8::/128", " 203.0.113.7 "] }),
    ] {
        assert_eq!(with(more.clone()), Ok(()), "{more}");
    }
    for (more, field) in [
        (json!({ "maxBodyBytes": 0 }), "maxBodyBytes"),
        (json!({ "maxBodyBytes": 67_108_865 }), "maxBodyBytes"),
        (json!({ "deadlineMs": 600_001 }), "deadlineMs"),
        (json!({ "trustProxy": "x:y" }), "trustProxy"),
        (json!({ "trustProxy": "Forwarded" }), "`forwarded`"),
        // 21 characters, and fewer than 32 hex digits.
        (json!({ "tokens": ["aB3-_dEfGhIjKlMnOpQrS"] }), "tokens"),
        (json!({ "tokens": ["0123456789abcdefABCDEF012345678"] }), "tokens"),
        (json!({ "tokens": [TOKEN, "aB3-_dEfGhIjKlMnOpQrStUv+"] }), "tokens"),
        (json!({ "allow": ["::ffff:192.0.2.0/95"] }), "allow"),
        (json!({ "allow": ["2001:db8::/129"] }), "allow"),
        (json!({ "allow": ["203.0.113.0/"] }), "allow"),
        (json!({ "allow": ["203.0.113.0/24/1"] }), "allow"),
        (json!({ "accounts": [{ "provider": "mixcom", "tokens": [OTHER] }] }), "is not an option of createReceiver"),
    ] {
        let error = with(more.clone()).expect_err("bad options");
        assert!(error.message.contains(field), "{more}: {}", error.message);
    }
    assert!(receiver_error(&json!({ "accounts": [{ "provider": "mixcom", "tokens": [TOKEN], "nmae": "x" }] })).contains("nmae"));
    assert!(receiver_error(&json!({ "accounts": ["mixcom"] })).contains("accounts"));
}

#[test]
fn an_admission_and_its_account_contain_what_a_push_needs() {
    let admitted = |options: Value| {
        let receiver = good(&options);
        let admission = admit(&receiver, "POST", &format!("/{TOKEN}?a=1"), None).expect("admitted");
        let json = |value: serde_json::Result<Value>| value.expect("JSON");
        (json(serde_json::to_value(&admission)), json(serde_json::to_value(account(&receiver, &admission))))
    };
    let names = |object: &Value| object.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let (admission, plain) = admitted(json!({ "provider": "dingxin", "tokens": [TOKEN] }));
    assert_eq!(admission, json!({ "accountIndex": 0, "query": "a=1", "pushInQuery": false }));
    assert_eq!(names(&plain), ["ack", "limits", "nack", "provider", "tooLarge"]);
    assert_eq!(plain["limits"], json!({ "maxBodyBytes": 262_144, "maxRecords": 1000, "deadlineMs": 10_000 }));
    let (_, told) =
        admitted(json!({ "provider": "dingxin", "tokens": [TOKEN], "name": "main", "timeZone": "Z", "dialect": { "ack": "OK" } }));
    assert_eq!((&told["timeZone"], &told["dialect"], &told["account"]), (&json!("Z"), &json!({ "ack": "OK" }), &json!("main")));
    assert_eq!(told["ack"]["body"], "OK");
}

#[test]
fn an_account_reads_its_pushes_by_its_own_options() {
    let options =
        json!({ "provider": "dingxin", "tokens": [TOKEN], "name": "main", "timeZone": "Z", "dialect": { "ack": "OK" }, "maxRecords": 1 });
    let receiver = good(&options);
    let account = receiver.account(0).expect("an account");
    let headers = PushHeaders { query: "reference=o-1".to_owned(), ..PushHeaders::default() };
    let body = br#"{"subid":"1","status":1,"starttime":"2020-03-02 17:48:07"}"#;
    let by_account = account.parse_push(body, headers).expect("a push");
    let told = json!({ "account": "main", "query": "reference=o-1", "timeZone": "Z", "dialect": { "ack": "OK" } });
    let platform = find_platform("dingxin").expect("a platform");
    let told = PushOptions::read(platform, Options::from_json("options", &told.to_string()).expect("an object")).expect("options");
    assert_eq!(by_account, ringback::parse_push_bytes(platform, body, &told).expect("a push"));
    assert_eq!((by_account.records[0].key.as_str(), by_account.records[0].reference.as_deref()), ("dingxin/main:1", Some("o-1")));
    let many = account.parse_push(br#"[{"subid":"1"},{"subid":"2"}]"#, PushHeaders::default()).expect_err("too many");
    assert!(many.message.contains("maxRecords"), "{}", many.message);
    let hidden = PushHeaders { content_encoding: Some("br".to_owned()), ..PushHeaders::default() };
    assert!(account.parse_push(b"\xff\xfe\xff", hidden).expect_err("compressed").message.contains("(br)"));
}

#[test]
fn options_have_the_same_nesting_limit_from_values_as_from_text() {
    for (depth, is_read) in [(1, true), (99, true), (100, false), (100_000, false)] {
        let text = format!("{}7{}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert_eq!(Options::from_json("options", &format!("{{\"a\":{text}}}")).is_ok(), is_read, "text, {depth}");
        // A reader that has no limit itself.
        let mut deserializer = Deep(depth);
        let value = <ringback::Value as serde::Deserialize>::deserialize(&mut deserializer);
        assert_eq!(value.is_ok(), is_read, "values, {depth}");
    }
}

/// Nested lists of the given depth.
struct Deep(usize);

impl<'de> serde::Deserializer<'de> for &mut Deep {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.0 == 0 {
            return visitor.visit_bool(true);
        }
        self.0 -= 1;
        visitor.visit_seq(Once(Some(self)))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

struct Once<'a>(Option<&'a mut Deep>);

impl<'de> serde::de::SeqAccess<'de> for Once<'_> {
    type Error = serde::de::value::Error;

    fn next_element_seed<T: serde::de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Self::Error> {
        self.0.take().map(|inner| seed.deserialize(inner)).transpose()
    }
}

#[test]
fn a_token_is_found_in_each_allowed_place() {
    let receiver = good(&json!({ "provider": "dingxin", "tokens": [TOKEN] }));
    for (url, query) in [
        (format!("https://a.example?token={TOKEN}"), ""),
        (format!("https://a.example/a?token=no&b=1&token={TOKEN}"), "token=no&b=1"),
        (format!("https://a.example/{TOKEN}?a=1&&b#token=2"), "a=1&b"),
        (format!("/a/b/{TOKEN}/c/?x=https://b.example/"), "x=https://b.example/"),
        (format!("/{TOKEN}?token=other"), "token=other"),
        (format!("/%61{}", &TOKEN[1..]), ""),
    ] {
        assert_eq!(
            admit(&receiver, "post", &url, None).unwrap_or_else(|refusal| panic!("{url}: {}", refusal.reason)).query,
            query,
            "{url}"
        );
    }
    // A token that is given twice is still valid.
    let twice = good(&json!({ "provider": "dingxin", "tokens": [TOKEN, OTHER, TOKEN] }));
    for url in [
        format!("/{TOKEN}/{TOKEN}"),
        format!("/?token={TOKEN}&token={TOKEN}"),
        format!("/{TOKEN}?token={TOKEN}"),
        format!("/{TOKEN}/{OTHER}"),
    ] {
        assert!(admit(&receiver, "POST", &url, None).is_ok() && admit(&twice, "POST", &url, None).is_ok(), "{url}");
    }
    for url in [
        format!("https://{TOKEN}/"),
        format!("https://a.example/?Token={TOKEN}"),
        format!("https://a.example/#{TOKEN}"),
        format!("https://a.example/#?token={TOKEN}"),
        format!("https://a.example/{TOKEN}x"),
        format!("https://a.example/?x={TOKEN}"),
        format!("https://a.example/?{TOKEN}"),
        format!("https://a.example/{}", &TOKEN[1..]),
        String::new(),
    ] {
        let refusal = admit(&receiver, "POST", &url, Some("203.0.113.9")).expect_err(&url);
        assert_eq!((refusal.reason, refusal.answer.status, refusal.deadline_ms), ("token", 404, 10_000));
        assert_eq!(refusal.remote_address.as_deref(), Some("203.0.113.9"));
    }
    let reasons =
        |remote| admit(&good(&json!({ "provider": "mixcom", "allow": "203.0.113.7" })), "POST", "/", remote).expect_err("refused").reason;
    assert_eq!((reasons(Some("203.0.113.8")), reasons(Some("nonsense")), reasons(None)), ("address", "address unknown", "address unknown"));
    assert_eq!(admit(&receiver, "PUT", &format!("/{TOKEN}"), None).expect_err("a wrong method").reason, "method");
}

#[test]
fn an_encodings_name_is_accepted_in_any_usual_spelling() {
    for (content_type, charset) in [
        ("application/json; charset=gb18030", Some("gb18030")),
        ("application/json;CHARSET = \"GBK\"", Some("gbk")),
        ("text/plain; a=b; charset='Big5'; c=d", Some("big5")),
        ("text/plain; charset=utf8", None),
        ("text/plain; charset=", None),
        ("text/plain; charset", None),
        ("charset=gbk", None),
        ("text/plain", None),
    ] {
        assert_eq!(ringback::find_charset(Some(content_type)).as_deref(), charset, "{content_type}");
    }
    assert_eq!(ringback::find_charset(None), None);
}

#[test]
fn an_unreadable_record_has_its_index_and_its_reason() {
    let body = r#"[{"subid":"1"},7,{"subid":"2","startTime":"soon"},{"x":1},{"subid":["3"]},{"subid":"4"}]"#;
    let push = ringback::parse_push(find_platform("dingxin").expect("dingxin"), body, &PushOptions::default()).expect("some records");
    assert_eq!(push.records.iter().filter_map(|record| record.call_id.as_deref()).collect::<Vec<_>>(), ["1", "2", "4"]);
    let problems: Vec<_> = push.records.iter().map(|record| record.problems.first().map(|problem| problem.field.as_str())).collect();
    assert_eq!(problems, [None, Some("startTime"), Some("subid"), None]);
    assert_eq!(push.records[2].raw.as_str(), r#"{"subid":["3"]}"#);
    let unreadable: Vec<_> = push.unreadable.iter().map(|bad| (bad.index, bad.field.as_deref(), bad.raw.as_str())).collect();
    assert_eq!(unreadable, [(1, None, "7"), (3, Some("subid"), r#"{"x":1}"#)]);
    let beside_others = r#"[{"event":"ring"},{"event":"fee","callIdentifier":"1"},{"event":"bye"},null]"#;
    let push = ringback::parse_push(find_platform("mixcom").expect("mixcom"), beside_others, &PushOptions::default()).expect("some");
    assert_eq!((push.ignored.len(), push.records.len(), push.unreadable[0].index), (2, 1, 3));
    let error =
        |body: &str| ringback::parse_push(find_platform("dingxin").expect("dingxin"), body, &PushOptions::default()).expect_err(body);
    let reason = error(r#"[{"x":1}]"#).message.clone();
    assert_eq!(reason, "dingxin push cannot be read: record 0: subid: this is no call record: none of subid, telA, telB is there");
    // The byte's position in the received body, counting the mark and the blank.
    assert_eq!(error("\u{feff} {\"subid\":1,,}").message, "dingxin push cannot be read: not valid JSON at byte 15");
    let named = PushOptions { account: Some("main".into()), ..PushOptions::default() };
    let broken = ringback::parse_push_bytes(find_platform("dingxin").expect("dingxin"), b"{\"subid\":\xff}", &named).expect_err("no JSON");
    let reason =
        "dingxin push cannot be read: not valid JSON at byte 9; it has bytes that are no text in UTF-8 or in the charset that was named";
    assert_eq!((broken.message.as_str(), broken.account.as_deref()), (reason, Some("main")));
    assert_eq!((broken.delivery, broken.retryable, broken.provider), (ringback::Delivery::NotSent, false, Some("dingxin")));
}

#[test]
fn no_record_of_a_push_with_too_many_is_read() {
    let options = |most| PushOptions { max_records: most, ..PushOptions::default() };
    let list = |count: usize| format!("[{}]", vec![r#"{"subid":"1"}"#; count].join(","));
    let read = |body: &str, most| ringback::parse_push(find_platform("dingxin").expect("dingxin"), body, &options(most));
    assert_eq!(read(&list(3), Some(3)).expect("a push").records.len(), 3);
    assert_eq!(read(&list(2_000), None).expect("a push").records.len(), 2_000);
    for body in [list(4), "[{},{},{},{}]".to_owned(), "[1,2,3,4]".to_owned()] {
        let error = read(&body, Some(3)).expect_err("too many");
        assert_eq!((error.code, error.nack.is_some()), (ringback::ErrorCode::MalformedPush, true));
        assert_eq!(error.message, "dingxin push holds more than 3 records (maxRecords)");
    }
    // In one of cyjcloud's wrappers, and in several.
    let wrapped = |count: usize| format!(r#"{{"Flag":1,"Data":[{}]}}"#, vec![r#"{"sessionId":"1"}"#; count].join(","));
    let read = |body: &str| ringback::parse_push(find_platform("cyjcloud").expect("cyjcloud"), body, &options(Some(3)));
    assert_eq!(read(&wrapped(3)).expect("a push").records.len(), 3);
    assert!(read(&wrapped(4)).is_err());
    assert!(read(&format!("[{},{}]", wrapped(2), wrapped(2))).is_err());
}

#[test]
fn a_still_compressed_body_is_reported_as_compressed() {
    let read = |hex: &str, coding: Option<&str>| {
        let envelope = json!({ "provider": "dingxin", "receivedAt": "x", "contentEncoding": coding, "bodyHex": hex }).to_string();
        ringback::process_push(&Element::read(&envelope).expect("an object")).map_err(|error| error.message.clone())
    };
    let named = |coding: &str| Err(format!("dingxin push cannot be read: the body is still compressed ({coding})"));
    assert_eq!(read("1f8b0800ff", None), named("gzip"));
    assert_eq!(read("1f8b0800ff", Some("gzip")), named("gzip"));
    assert_eq!(read("fffe8081", Some("br")), named("br"));
    assert_eq!(read("fffe8081", Some("gzip, br")), named("gzip, br"));
    assert_eq!(read("fffe8081", Some("13800138000")), named("by a coding without a plain name"));
    for (hex, coding) in [("fffe8081", None), ("fffe8081", Some("identity")), ("7b6261647d", Some("gzip"))] {
        assert!(!read(hex, coding).expect_err("unreadable").contains("compressed"), "{hex} {coding:?}");
    }
    // Decompressed, in GBK, and with its header: {"subid":"1","unaswRsn":"张"}.
    let push = read("7b227375626964223a2231222c22756e61737752736e223a22d5c5227d", Some("gzip")).expect("a push");
    assert_eq!(push.records[0].call_id.as_deref(), Some("1"));
    let direct = ringback::parse_push_bytes(find_platform("dingxin").expect("dingxin"), b"\x1f\x8b\x08\0\xff", &PushOptions::default());
    assert_eq!(direct.map_err(|error| error.message.clone()), named("gzip"));
}

#[test]
fn an_envelope_contains_every_option_of_its_push() {
    let envelope = r#"{"provider":"dingxin","receivedAt":"x","account":"main","contentType":"multipart/form-data","query":"?reference=o-2","timeZone":"Z","dialect":{"ack":"OK"},
        "body":"--b\r\nContent-Disposition: form-data; name=\"subid\"\r\n\r\n9\r\n--b\r\nContent-Disposition: form-data; name=\"startTime\"\r\n\r\n2020-03-02 17:48:15\r\n--b--"}"#;
    let push = ringback::process_push(&Element::read(envelope).expect("an object")).expect("a push");
    let record = &push.records[0];
    assert_eq!((record.key.as_str(), record.reference.as_deref(), push.ack.body.as_str()), ("dingxin/main:9", Some("o-2"), "OK"));
    assert_eq!(record.started_at.map(|at| at.to_string()).as_deref(), Some("2020-03-02T17:48:15+00:00"));
    for (envelope, field) in [
        (r#"{"provider":"nobody","body":"{}"}"#, "provider"),
        (r#"{"body":"{}"}"#, "provider"),
        (r#"{"provider":"dingxin","query":["a"],"body":"{}"}"#, "query"),
        (r#"{"provider":"dingxin","timeZone":"Asia/Shanghai","body":"{}"}"#, "timeZone"),
        (r#"{"provider":"dingxin","dialect":[1],"body":"{}"}"#, "dialect"),
        (r#"{"provider":"dingxin","account":"a/b","body":"{}"}"#, "account"),
    ] {
        let error = ringback::process_push(&Element::read(envelope).expect("an object")).expect_err(envelope);
        assert!(error.code == ringback::ErrorCode::InvalidArgument && error.message.starts_with(field), "{envelope}: {error}");
    }
    let bad =
        PushOptions::read(find_platform("dingxin").expect("dingxin"), Options::from_json("options", r#"{"query":7}"#).expect("an object"));
    assert!(bad.expect_err("no text").message.starts_with("query"));
}

fn parse(provider: &str, body: &str) -> CallRecord {
    let push = ringback::parse_push(find_platform(provider).expect("a platform"), body, &PushOptions::default())
        .unwrap_or_else(|error| panic!("{body}: {error}"));
    push.records.into_iter().next().expect("a record")
}

#[test]
fn the_end_of_a_call_replaces_its_start_and_more_fields_replace_fewer() {
    let dialed = parse(
        "dingxin",
        r#"{"subid":"1","telA":"13800000001","telB":"13900000002","telX":"13500000003","startTime":"1583142000","status":0}"#,
    );
    let ended = parse("dingxin", r#"{"subid":"1","status":2}"#);
    let whole = parse("dingxin", r#"{"subid":"1","status":1,"duration":9,"downloadUrl":"http://xl.dingxin106.com/1.mp3"}"#);
    assert_eq!(dialed.key, whole.key);
    assert!(!dialed.r#final && ended.r#final);
    assert!(dialed.completeness < ended.completeness && ended.completeness < whole.completeness);
    assert!(whole.completeness < 1 << 30, "it fits into a 32-bit column");
}

#[test]
fn two_equally_complete_records_have_the_same_order_everywhere() {
    let a = parse("dingxin", r#"{"subid":"1","status":1,"duration":9}"#);
    let b = parse("dingxin", r#"{"subid":"1","status":1,"duration":8}"#);
    let again = parse("dingxin", r#"{"duration":9,"STATUS":1,"Subid":"1"}"#);
    assert_ne!(a.completeness, b.completeness);
    assert_eq!(a.completeness, again.completeness, "neither order nor case of the fields matters");
}

#[test]
fn the_key_of_a_record_without_a_call_id_is_the_digest_of_its_payload() {
    let a = parse("mixcom", r#"{"event":"fee","caller":"13800000001","Duration":1}"#);
    let same = parse("mixcom", r#"{"Duration":1,"CALLER":"13800000001","event":"fee"}"#);
    let other = parse("mixcom", r#"{"event":"fee","caller":"13800000001","Duration":2}"#);
    assert!(a.key.starts_with("mixcom:digest-"), "{}", a.key);
    assert_eq!(a.key, same.key);
    assert_ne!(a.key, other.key);
}

#[test]
fn every_platform_answers_a_kept_and_an_unkept_push_differently() {
    for platform in PLATFORMS {
        let (ack, nack) = ((platform.ack)(&Dialect::default()), (platform.nack)());
        assert_eq!((ack.status, nack.status), (200, 500), "{}", platform.name);
        assert!(!ack.body.is_empty() && !nack.body.is_empty() && ack.body != nack.body, "{}", platform.name);
    }
}

#[test]
fn an_envelope_gives_the_same_as_its_push() {
    let body = r#"{"subid":1234567890123456789,"status":1}"#;
    let envelope = json!({ "account": "main", "provider": "dingxin", "receivedAt": "2020-03-02T09:40:00.123Z", "contentType": "application/json", "query": "reference=o-1", "body": body, "timeZone": "Z" });
    let text = envelope.to_string();
    let push = ringback::process_push(&Element::read(&text).expect("an object")).expect("a push");
    let record = &push.records[0];
    assert_eq!((record.key.as_str(), record.reference.as_deref()), ("dingxin/main:1234567890123456789", Some("o-1")));
    let nested = r#"{"provider":"dingxin","receivedAt":"x","body":{"subid":1234567890123456789}}"#;
    let push = ringback::process_push(&Element::read(nested).expect("an object")).expect("a push");
    assert_eq!(push.records[0].call_id.as_deref(), Some("1234567890123456789"), "a body that a framework has parsed is read too");
    // {"subid":1,"x":"\xff"}, whose last text is not UTF-8.
    let bytes = r#"{"provider":"dingxin","receivedAt":"x","bodyHex":"7b227375626964223a312c2278223a22ff227d"}"#;
    let push = ringback::process_push(&Element::read(bytes).expect("an object")).expect("a push");
    assert_eq!(push.records[0].call_id.as_deref(), Some("1"), "bytes that are not text are kept in hex");
    let broken = r#"{"provider":"dingxin","receivedAt":"x","bodyHex":"*"}"#;
    let error = ringback::process_push(&Element::read(broken).expect("an object")).expect_err("no hex");
    assert!(error.to_string().contains("bodyHex"));
}

fn lines(text: &[u8], cut: usize) -> (Vec<u8>, Vec<(u64, u64)>) {
    let platform = find_platform("dingxin").expect("dingxin");
    let options = LineOptions::read(platform, Options::default()).expect("defaults");
    let (mut output, mut bad, mut held) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = Position { line: 1, offset: 0 };
    let (head, tail) = text.split_at(cut);
    for (chunk, last) in [(head, false), (tail, true)] {
        held.extend_from_slice(chunk);
        let Normalized { output: out, consumed, lines, unreadable } = normalize_lines(platform, &options, &held, last, at);
        output.extend(out);
        bad.extend(unreadable.iter().map(|line| (line.line, line.offset)));
        held.drain(..consumed);
        at = Position { line: at.line + lines, offset: at.offset + consumed as u64 };
    }
    assert!(held.is_empty());
    (output, bad)
}

#[test]
fn a_stream_gives_the_same_records_wherever_it_is_cut() {
    let text = "\u{feff}{\"subid\":\"1\",\"unaswRsn\":\"未接通\"}\r\n\r\n{\"subid\":\n[{\"subid\":\"2\"},7]\n{\"subid\":\"3\"}".as_bytes();
    let (whole, bad) = lines(text, 0);
    assert_eq!(String::from_utf8_lossy(&whole).lines().count(), 3);
    // 3 of the BOM, 36 of the first line (its three characters have 9 bytes), CRLF, CRLF.
    assert_eq!(bad, [(3, 43), (4, 53)]);
    for cut in 0..=text.len() {
        assert_eq!(lines(text, cut), (whole.clone(), bad.clone()), "cut at {cut}");
    }
}

#[test]
fn a_stream_passes_records_through_and_reads_the_push_in_a_dead_letter() {
    let envelope = json!({ "provider": "dingxin", "account": "north", "receivedAt": "2020-03-02T09:40:00Z", "body": "{\"subid\":\"7\"}" });
    let record =
        r#"{"provider":"dingxin","key":"dingxin:5","outcome":{"status":"unknown"},"completeness":3,"raw":{"subid":5.0},"later":[1]}"#;
    let letter = json!({ "id": "m-1", "reason": "delivered in vain", "push": envelope });
    let other = json!({ "subid": "8", "push": { "no": "envelope" } });
    let (output, bad) = lines(format!("{envelope}\n{record}\n{letter}\n{other}\n").as_bytes(), 0);
    let text = String::from_utf8(output).expect("UTF-8");
    let kept: Vec<&str> = text.lines().collect();
    assert_eq!((kept.len(), bad), (4, vec![]));
    assert_eq!(kept[1], record);
    let keys: Vec<Value> = kept.iter().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["key"].clone()).collect();
    assert_eq!(keys, ["dingxin/north:7", "dingxin:5", "dingxin/north:7", "dingxin:8"]);
}

#[test]
fn white_space_before_a_byte_order_mark_does_not_change_the_record_of_a_kept_push() {
    for body in ["\r\n\u{feff}telA=13800000001&telB=13900000002", "\u{feff} \u{feff}\n{\"telA\":\"13800000001\"}\n"] {
        let direct = ringback::parse_push(find_platform("dingxin").expect("known"), body, &PushOptions::default()).expect(body);
        let envelope = json!({ "provider": "dingxin", "receivedAt": "2020-03-02T09:40:00Z", "body": body }).to_string();
        let kept = ringback::process_push(&Element::read(&envelope).expect("an object")).expect(body);
        assert_eq!(direct.records, kept.records);
        assert_eq!(direct.records[0].caller.number.as_deref(), Some("+8613800000001"));
    }
}

#[test]
fn a_line_is_an_envelope_only_if_it_has_all_its_required_fields() {
    let text = r#"{"provider":"mixcom","receivedAt":"x","body":"{\"event\":\"fee\",\"callIdentifier\":\"c-1\"}"}
{"provider":"mixcom","receivedAt":"x","bodyHex":"7b2263616c6c4964656e746966696572223a22632d32227d"}
{"provider":"mixcom","receivedAt":"x","subid":"1"}
{"provider":"mixcom","body":"{}","subid":"2"}
{"receivedAt":"x","body":"{}","subid":"3"}
{"provider":"mixcom","bodyHex":"7b7d","subid":"4"}
"#;
    let (output, bad) = lines(text.as_bytes(), 0);
    let keys: Vec<String> = String::from_utf8(output)
        .expect("text")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["key"].as_str().expect("a key").to_owned())
        .collect();
    assert_eq!(keys, ["mixcom:c-1", "mixcom:c-2", "dingxin:1", "dingxin:2", "dingxin:3", "dingxin:4"]);
    assert_eq!(bad, []);
}

#[test]
fn a_too_long_line_is_reported_and_the_next_lines_are_read() {
    let platform = find_platform("dingxin").expect("dingxin");
    let options =
        LineOptions::read(platform, Options::from_json("options", r#"{"maxLineBytes":40}"#).expect("an object")).expect("options");
    let text = format!("{{\"subid\":\"{}\"}}\n{{\"subid\":\"2\"}}\n", "1".repeat(60));
    let done = normalize_lines(platform, &options, text.as_bytes(), true, Position { line: 1, offset: 0 });
    assert_eq!(done.unreadable.len(), 1);
    assert!(done.unreadable[0].reason.contains("40 bytes"), "{}", done.unreadable[0].reason);
    assert_eq!(String::from_utf8_lossy(&done.output).lines().count(), 1);
}

#[test]
fn a_form_with_too_many_fields_is_refused() {
    let platform = find_platform("dingxin").expect("dingxin");
    let read = |body: &str, content_type: &str| {
        let options = PushOptions { content_type: Some(content_type.to_owned()), ..PushOptions::default() };
        ringback::parse_push(platform, body, &options).map(|push| push.records.len())
    };
    let form = |fields: usize| "f=1&".repeat(fields - 1) + "subid=1";
    let part = |name: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n1\r\n");
    let multipart = |fields: usize| part("f").repeat(fields - 1) + &part("subid") + "--b--\r\n";
    for (body, content_type) in [(form(500), "application/x-www-form-urlencoded"), (multipart(500), "multipart/form-data")] {
        assert_eq!(read(&body, content_type).expect("a record"), 1);
    }
    for (body, content_type) in [(form(501), "application/x-www-form-urlencoded"), (multipart(501), "multipart/form-data")] {
        let error = read(&body, content_type).expect_err("too many fields");
        assert!(
            error.code == ringback::ErrorCode::MalformedPush && error.message.contains("500 fields") && error.nack.is_some(),
            "{error}"
        );
    }
    let boundary = |length: usize| {
        let line = format!("--{}", "b".repeat(length));
        read(&(part("subid").replace("--b", &line) + &line + "--"), "multipart/form-data")
    };
    assert_eq!(boundary(70).expect("a record"), 1);
    assert!(boundary(71).is_err());
}

#[test]
fn half_a_surrogate_pair_is_replaced_in_fields_and_unchanged_in_raw() {
    let record = parse("dingxin", r#"{"subid":"1","telA":"x\ud83d","status":2,"unaswRsn":"\ude00"}"#);
    assert_eq!(record.caller.raw_number.as_deref(), Some("x\u{fffd}"));
    assert_eq!(record.outcome.message.as_deref(), Some("\u{fffd}"));
    assert_eq!(record.raw.as_str(), r#"{"subid":"1","telA":"x\ud83d","status":2,"unaswRsn":"\ude00"}"#);
}

#[test]
fn a_record_with_problems_is_less_complete_than_one_without() {
    let of = |more: &str| parse("dingxin", &format!(r#"{{"subid":"1","status":1{more}}}"#)).completeness >> 20;
    let (whole, without) = (of(r#","endTime":"1583142100","duration":9"#), of(r#","endTime":"1583142100""#));
    let one = of(r#","endTime":"1583142100","duration":"nine""#);
    let two = of(r#","endTime":"soon","duration":"nine""#);
    assert!(whole > without && without > one && one > two, "{whole} {without} {one} {two}");
    // A placeholder does not count: the record is as complete as without the field.
    for none in ["0", "1970-01-01 08:00:00", "0001-01-01 00:00:00", "null", "N/A"] {
        assert_eq!(of(&format!(r#","endTime":"1583142100","startTime":"{none}""#)), without, "{none}");
    }
    // For any number of wrong fields.
    let body = |value: &str| {
        let names = find_platform("mixcom").expect("mixcom").marker_fields.iter().copied().chain([
            "callerStartTime",
            "callerAlertingTime",
            "callerAnswerTime",
            "calleeStartTime",
            "calleeAlertingTime",
            "calleeAnswerTime",
            "callEndTime",
            "Duration",
            "caller",
            "callee",
            "bindNum",
            "uuid",
            "ulFailReason",
            "isRecord",
            "recordUrl",
        ]);
        let fields: Vec<String> = names.filter(|name| *name != "event").map(|name| format!(r#""{name}":{value}"#)).collect();
        format!(r#"{{"event":"fee",{}}}"#, fields.join(","))
    };
    let (empty, broken) = (parse("mixcom", &body("null")), parse("mixcom", &body("{}")));
    assert_eq!(broken.problems.len(), 16);
    assert!(broken.completeness >> 20 < empty.completeness >> 20);
}

#[test]
fn compressed_bytes_are_reported() {
    let error = ringback::parse_push_bytes(find_platform("mixcom").expect("mixcom"), &[0x1f, 0x8b, 8, 0, 0], &PushOptions::default());
    let error = error.expect_err("compressed");
    assert!(error.message.contains("gzip") && error.nack.is_some(), "{error}");
}

#[test]
fn an_envelope_is_read_with_its_bytes_in_every_json_form() {
    let body = br#"{"subid":"1","status":2,"unaswRsn":"x"}"#;
    let list = body.map(|byte| byte.to_string()).join(",");
    let by_number: Vec<String> = body.iter().enumerate().map(|(at, byte)| format!("\"{at}\":{byte}")).collect();
    for written in [format!("[{list}]"), format!("{{\"type\":\"Buffer\",\"data\":[{list}]}}"), format!("{{{}}}", by_number.join(","))] {
        let line = format!("{{\"provider\":\"dingxin\",\"receivedAt\":\"x\",\"body\":{written}}}");
        let (output, bad) = lines(line.as_bytes(), 0);
        assert_eq!((bad.len(), String::from_utf8_lossy(&output).contains("\"key\":\"dingxin:1\"")), (0, true), "{line}");
    }
}

#[test]
fn an_unreadable_envelope_is_reported_with_its_own_reason() {
    let platform = find_platform("dingxin").expect("dingxin");
    let options = LineOptions::read(platform, Options::default()).expect("defaults");
    for (line, reason) in [
        (r#"{"provider":"dingxin","receivedAt":"x"}"#, "body: is missing"),
        (r#"{"provider":"dingxin","receivedAt":"x","bodyHex":"zz"}"#, "bodyHex: is not hex"),
        (r#"{"provider":"nobody","receivedAt":"x","body":"{}"}"#, "provider: "),
        (r#"{"provider":"dingxin","receivedAt":"x","body":"{}"}"#, "none of subid, telA, telB"),
    ] {
        let done = normalize_lines(platform, &options, line.as_bytes(), true, Position { line: 1, offset: 0 });
        assert!(done.unreadable.len() == 1 && done.unreadable[0].reason.contains(reason), "{line}: {:?}", done.unreadable);
    }
}

#[test]
fn too_many_records_are_not_read_inside_any_wrapper() {
    let dingxin = find_platform("dingxin").expect("dingxin");
    let options = PushOptions { max_records: Some(2), ..PushOptions::default() };
    let records = |count: usize| vec![r#"{"subid":"1"}"#; count].join(",");
    for wrapped in [|list: &str| format!("[{list}]"), |list: &str| format!("{{\"data\":[{list}]}}"), |list: &str| list.replace("},", "}\n")]
    {
        assert_eq!(ringback::parse_push(dingxin, &wrapped(&records(2)), &options).expect("two").records.len(), 2);
        let error = ringback::parse_push(dingxin, &wrapped(&records(3)), &options).expect_err("three");
        assert!(error.message.contains("maxRecords") && error.nack.is_some(), "{error}");
    }
}

#[test]
fn reading_any_bytes_does_not_panic() {
    let seeds = [
        &b"{\"subid\":\"1\",\"startTime\":\"2020-03-02 17:48:15\"}"[..],
        b"a=1&b=%",
        b"[{},null,[],1e999,\"\\ud800\"]",
        b"{\"Flag\":1,\"Data\":[{\"sessionId\":1}]}",
        "\u{feff}｛".as_bytes(),
    ];
    for platform in PLATFORMS {
        for seed in seeds {
            for at in 0..seed.len() {
                for byte in [0_u8, b'"', b'{', b'\\', 0xff, b'9'] {
                    let mut body = seed.to_vec();
                    body[at] = byte;
                    let _ = ringback::parse_push_bytes(platform, &body, &PushOptions::default());
                    let _ = ringback::parse_push_bytes(platform, &body[..at], &PushOptions::default());
                }
            }
        }
        let deep = "[".repeat(100_000);
        assert!(ringback::parse_push(platform, &deep, &PushOptions::default()).is_err());
        let deep = format!("{{\"callIdentifier\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let _ = ringback::parse_push(platform, &deep, &PushOptions::default());
    }
}

#[test]
fn one_field_more_and_another_less_give_a_different_completeness() {
    let completeness = |status: u32, duration: u32| {
        let body = json!({ "subid": "1", "status": status, "duration": duration }).to_string();
        ringback::parse_push(find_platform("dingxin").expect("known"), &body, &PushOptions::default()).expect("a push").records[0]
            .completeness
    };
    let mut seen: Vec<u32> = (0..3).flat_map(|status| (0..100).map(move |duration| completeness(status, duration))).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 300, "each combination has its own completeness");
}
