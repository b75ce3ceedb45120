//! What the platforms offer, and what holds of every account whatever its platform. What a vector can say is in `vectors/`.
#![cfg(not(target_arch = "wasm32"))]

use ringback::model::{Download, Fields, Value as Input};
use ringback::provider::{self, Dialect, Provider};
use ringback::{Dial, Error, ErrorCode, Mixcom, Moment, Operation, OperationKind, capabilities};
use serde_json::{Value, json};

fn account(options: &Value) -> Box<dyn Provider> {
    provider::open(Fields::from_json("options", &options.to_string()).expect("an object")).expect("good options")
}

fn mixcom() -> Box<dyn Provider> {
    account(&json!({ "provider": "mixcom", "appKey": "k1", "appSecret": "s1", "account": "sales" }))
}

fn input(value: Value) -> Input {
    serde_json::from_value(value).expect("a plain value")
}

#[test]
fn the_matrix_says_what_each_document_offers() {
    let offered: Vec<(&str, Vec<&str>, Value)> = capabilities()
        .into_iter()
        .map(|(name, row)| (name, row.operations.iter().map(|kind| kind.as_str()).collect(), json!([row.correlation, row.push])))
        .collect();
    assert_eq!(
        offered,
        [
            ("mixcom", vec!["dial", "recording"], json!(["reference", "documented"])),
            ("quanmayun", vec!["dial", "hangUp", "recording"], json!(["call-id", "documented"])),
            ("dingxin", vec!["dial", "recording"], json!(["call-id", "documented"])),
            ("cyjcloud", vec!["dial", "recording"], json!(["none", "known"])),
            ("seatcall", vec!["dial", "bindSeat", "records", "recording", "balance"], json!(["call-id", "known"])),
        ]
    );
}

#[test]
fn a_prepared_request_comes_back_to_its_own_platform_only() {
    let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), ..Dial::default() };
    let prepared = provider::prepare(&*mixcom(), (&dial).into(), &Moment::new(1_583_142_000_123, "made-for-it")).expect("a request");
    let kept = serde_json::to_value(&prepared).expect("plain");
    let back = |provider: &dyn Provider, kept: Value| provider::prepared_operation(provider, input(kept));

    assert_eq!(back(&*mixcom(), kept.clone()), Ok(Operation::Dial(Dial { reference: Some("made-for-it".into()), ..dial })));
    let dingxin = account(&json!({ "provider": "dingxin", "appKey": "k1", "appSecret": "s1" }));
    let named = |error: Error| (error.code, error.message.clone());
    let (code, message) = named(back(&*dingxin, kept.clone()).expect_err("mixcom's"));
    assert!(code == ErrorCode::InvalidArgument && message.contains("another platform"), "{message}");
    let mut nameless = kept;
    nameless.as_object_mut().expect("an object").remove("provider");
    let (code, message) = named(back(&*mixcom(), nameless).expect_err("nobody's"));
    assert!(code == ErrorCode::InvalidArgument && message.contains("provider"), "{message}");
    assert_eq!(named(back(&*mixcom(), json!("POST")).expect_err("no object")).0, ErrorCode::InvalidArgument);
}

#[test]
fn fetching_a_recordings_bytes_is_no_operation_of_the_matrix_and_is_taken_all_the_same() {
    let url = "http://v-record.mixcom.cn/1.mp3";
    let download = provider::operation(&*mixcom(), "download", input(json!({ "url": url }))).expect("an operation");
    assert_eq!((download.kind(), &download), (OperationKind::Download, &Operation::Download(Download { url: url.to_owned() })));
}

#[test]
fn a_timeout_is_from_a_millisecond_to_the_longest_timer() {
    for (ms, taken) in [(1, Some(1)), (40, Some(40)), (2_147_483_647, Some(2_147_483_647)), (0, None), (-1, None), (2_147_483_648, None)] {
        match (provider::timeout(Input::Integer(ms)), taken) {
            (Ok(given), Some(_)) => assert_eq!(given, taken, "{ms}"),
            (Err(error), None) => assert!(error.message.contains("timeoutMs"), "{}", error.message),
            (other, _) => panic!("{ms}: {other:?}"),
        }
    }
    assert_eq!(provider::timeout(Input::Absent), Ok(None), "the account's own counts");
}

/// The digests are those of `trace.rs`: sha1 of the values and the secret's digest, without the secret and with it.
#[test]
fn a_rust_program_chooses_a_reading_by_name() {
    let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), reference: Some("demo-1".into()), ..Dial::default() };
    let signed = |dialect: Dialect| {
        let mut mixcom = Mixcom::new("k1", "s1");
        mixcom.account.dialect = dialect;
        mixcom.prepare(&dial, 1_583_142_000_123).expect("a request").body.expect("a body")
    };
    let (whole, digest_only) = ("8ff56e8015da6b485d766eb8dbdd0b14744d08e3", "1a290c95c10153b54b1595604ab555f88367d41f");
    for (dialect, sign) in [
        (Dialect::default(), whole),
        (Dialect::default().with("signature", "digest-only"), digest_only),
        (Dialect::default().with("signature", "secret-and-digest").with("signature", "digest-only"), digest_only),
        (Dialect::default().with("nothing-known", "digest-only"), whole),
    ] {
        let body = signed(dialect);
        assert!(body.contains(&format!("sign={sign}")), "{body}");
    }
}

#[test]
fn a_name_that_may_be_a_value_is_not_repeated() {
    let refused = |name: &str| {
        let options = json!({ "provider": "mixcom", "appKey": "k1", "appSecret": "s1", name: 1 }).to_string();
        let opened = provider::open(Fields::from_json("options", &options).expect("an object"));
        opened.expect_err("an unknown option").message.clone()
    };
    assert!(refused("appSecrets").starts_with("appSecrets: is no option of mixcom"));
    for value in ["13712345678", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "s1-secret", "+86 137", "order_1371234567", ""] {
        let message = refused(value);
        assert!(message.starts_with("a name that is no identifier: is no option of mixcom"), "{message}");
    }
}

/// From the platforms' documents: what proves who asks, and what only says who it is.
#[test]
fn the_matrix_says_which_credentials_are_secret() {
    let told: Vec<Value> = capabilities().into_iter().map(|(name, row)| json!([name, row.credentials])).collect();
    let expected = [
        json!(["mixcom", [{ "name": "appKey", "secret": false }, { "name": "appSecret", "secret": true }]]),
        json!(["quanmayun", [{ "name": "appId", "secret": false }, { "name": "appSecret", "secret": true }]]),
        json!(["dingxin", [{ "name": "appKey", "secret": false }, { "name": "appSecret", "secret": true }]]),
        json!(["cyjcloud", [{ "name": "accountSid", "secret": true }, { "name": "appId", "secret": true }]]),
        json!(["seatcall", [{ "name": "customerId", "secret": true }, { "name": "appSecret", "secret": true }]]),
    ];
    assert_eq!(told, expected);
}
