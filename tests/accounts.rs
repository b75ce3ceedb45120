//! Tests the capability matrix, and rules that hold for accounts of every platform. Cases that a vector can express are in `vectors/`.

use ringback::{
    Account, Balance, BindSeat, Cyjcloud, CyjcloudDial, Description, Dial, Dialect, Dingxin, DingxinTimestampUnit, Download, Error,
    ErrorCode, Event, Exchange, HangUp, Kind, Mixcom, MixcomSignature, Moment, Operation, OperationKind, Options, OwnFields, PLATFORMS,
    Progress, Provider, Quanmayun, RecordingOf, Seatcall, Step, Value as Input, capabilities, descriptions, interpret_response,
    open_account, prepare_request, read_operation, read_prepared, read_timeout,
};
use serde_json::{Value, json};

fn account(options: &Value) -> Box<dyn Provider> {
    open_account(Options::from_json("options", &options.to_string()).expect("an object")).expect("good options")
}

fn mixcom() -> Box<dyn Provider> {
    account(&json!({ "provider": "mixcom", "appKey": "k1", "appSecret": "s1", "account": "sales" }))
}

fn input(value: Value) -> Input {
    serde_json::from_value(value).expect("a plain value")
}

#[test]
fn the_matrix_lists_what_each_document_offers() {
    let offered: Vec<(&str, Vec<&str>, Value)> = capabilities()
        .into_iter()
        .map(|(name, row)| (name, row.operations.iter().map(|kind| kind.as_str()).collect(), json!([row.correlation, row.push])))
        .collect();
    let expected = [
        ("mixcom", vec!["dial", "recording"], json!(["reference", "documented"])),
        ("quanmayun", vec!["dial", "hangUp", "recording"], json!(["call-id", "documented"])),
        ("dingxin", vec!["dial", "recording"], json!(["call-id", "documented"])),
        ("cyjcloud", vec!["dial", "recording"], json!(["none", "known"])),
        ("seatcall", vec!["dial", "bindSeat", "records", "recording", "balance"], json!(["call-id", "known"])),
    ];
    // Platforms that came later follow these, and have vectors of their own.
    assert_eq!(offered[..expected.len()], expected);
}

#[test]
fn a_prepared_request_comes_back_to_its_own_platform_only() {
    let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), ..Dial::default() };
    let prepared = prepare_request(&*mixcom(), (&dial).into(), &Moment::new(1_583_142_000_123, "made-for-it")).expect("a request");
    let kept = serde_json::to_value(&prepared).expect("plain");
    let back = |provider: &dyn Provider, kept: Value| read_prepared(provider, input(kept));

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
fn fetching_a_recordings_bytes_is_not_in_the_matrix_but_is_prepared() {
    let url = "http://v-record.mixcom.cn/1.mp3";
    let download = read_operation(&*mixcom(), "download", input(json!({ "url": url }))).expect("an operation");
    assert_eq!((download.kind(), &download), (OperationKind::Download, &Operation::Download(Download { url: url.to_owned() })));
}

#[test]
fn a_timeout_is_between_a_millisecond_and_the_longest_timer() {
    for (ms, taken) in [(1, Some(1)), (40, Some(40)), (2_147_483_647, Some(2_147_483_647)), (0, None), (-1, None), (2_147_483_648, None)] {
        match (read_timeout(Input::Integer(ms)), taken) {
            (Ok(given), Some(_)) => assert_eq!(given, taken, "{ms}"),
            (Err(error), None) => assert!(error.message.contains("timeoutMs"), "{}", error.message),
            (other, _) => panic!("{ms}: {other:?}"),
        }
    }
    assert_eq!(read_timeout(Input::Absent), Ok(None), "the account's own timeout applies");
}

/// The digests are the same as in `trace.rs`: sha1 of the values and the secret's digest, without the secret and with it.
#[test]
fn a_rust_program_chooses_a_dialect_by_its_enum() {
    let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), reference: Some("demo-1".into()), ..Dial::default() };
    let signed = |dialect: Dialect| {
        let mut mixcom = Mixcom::new("k1", "s1");
        mixcom.account.dialect = dialect;
        mixcom.prepare(&dial, 1_583_142_000_123).expect("a request").body.expect("a body")
    };
    let (whole, digest_only) = ("8ff56e8015da6b485d766eb8dbdd0b14744d08e3", "1a290c95c10153b54b1595604ab555f88367d41f");
    for (dialect, sign) in [
        (Dialect::default(), whole),
        (Dialect::default().with(MixcomSignature::DigestOnly), digest_only),
        (Dialect::default().with(MixcomSignature::SecretAndDigest).with(MixcomSignature::DigestOnly), digest_only),
    ] {
        let body = signed(dialect);
        assert!(body.contains(&format!("sign={sign}")), "{body}");
    }
}

#[test]
fn an_unknown_dialect_name_is_an_error_for_a_rust_program() {
    for (dialect, wrong) in [
        (Dialect::default().with(DingxinTimestampUnit::Milliseconds), "timestampUnit"),
        (Dialect::default().with_text("signature", "digest"), "signature"),
    ] {
        let mut mixcom = Mixcom::new("k1", "s1");
        mixcom.account.dialect = dialect;
        let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), reference: Some("demo-1".into()), ..Dial::default() };
        let error = mixcom.prepare(&dial, 1_583_142_000_123).expect_err("no such dialect");
        assert!(error.message.starts_with(&format!("dialect.{wrong}: ")), "{error}");
    }
}

#[test]
fn an_unknown_option_name_that_may_be_a_secret_is_not_repeated() {
    let refused = |name: &str| {
        let options = json!({ "provider": "mixcom", "appKey": "k1", "appSecret": "s1", name: 1 }).to_string();
        let opened = open_account(Options::from_json("options", &options).expect("an object"));
        opened.expect_err("an unknown option").message.clone()
    };
    assert!(refused("appSecrets").starts_with("appSecrets: is not an option of mixcom"));
    for value in ["13712345678", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "s1-secret", "+86 137", "order_1371234567", ""] {
        let message = refused(value);
        assert!(message.starts_with("a name that is no identifier: is not an option of mixcom"), "{message}");
    }
}

/// From the platforms' documents: which credentials authenticate an account, and which only identify it.
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
    assert_eq!(told[..expected.len()], expected);
}

/// The same check runs before every request, however the account and the operation were made, so a Rust program gets the same errors as
/// JavaScript.
#[test]
fn values_set_through_the_native_api_are_checked_like_options() {
    fn refused<P: Provider>(provider: &P, operation: impl Into<Operation>, field: &str) {
        let error = provider.prepare(operation, Moment::new(1_583_142_000_123, "fresh-1")).expect_err(field);
        assert_eq!((error.code, error.delivery), (ErrorCode::InvalidArgument, ringback::Delivery::NotSent), "{error}");
        assert!(error.message.starts_with(&format!("{field}: ")), "{field} is not named in {error}");
        assert_eq!(error.provider, Some(provider.platform().name));
        assert!(error.hint.as_deref().is_some_and(|hint| !hint.is_empty()), "{error}");
    }
    let dial = || Dial { caller: "13800000001".into(), callee: "13900000002".into(), ..Dial::default() };
    let quanmayun = || Quanmayun::new("1696054309969104898", "s1");
    let seatcall = || Seatcall::new("c1", "s1", "https://seat.example");
    let cyjcloud = || Cyjcloud::new("sid", "a1", "https://cyj.example");
    let dingxin = |url: Option<&str>| Dingxin::new("k1", "s1", url.map(str::to_owned));
    for blank in ["", "  ", "\t\n"] {
        let with_reference = || Dial { reference: Some(blank.into()), ..dial() };
        refused(&Mixcom::new("k1", "s1"), &with_reference(), "reference");
        refused(&quanmayun(), &with_reference(), "reference");
        refused(&dingxin(Some("https://crm.example/push")), &with_reference(), "reference");
        refused(&cyjcloud(), &with_reference(), "reference");
        refused(&seatcall(), &Dial { reference: Some(blank.into()), own: OwnFields::default().with("seat", "PP1"), ..dial() }, "reference");
        refused(&seatcall(), &Dial { own: OwnFields::default().with("seat", blank), ..dial() }, "seat");
        refused(&seatcall(), Operation::BindSeat(BindSeat { seat: blank.into(), phone: "13800000001".into() }), "seat");
        refused(&quanmayun(), Operation::HangUp(HangUp { call_id: blank.into() }), "callId");
        refused(&quanmayun(), Operation::Recording(RecordingOf { call_id: Some(blank.into()), ..RecordingOf::default() }), "callId");
        refused(&cyjcloud(), &Dial { own: OwnFields::default().with("direction", blank), ..dial() }, "direction");
        refused(&cyjcloud(), &Dial { own: OwnFields::default().with("areaCode", blank), ..dial() }, "areaCode");
        refused(&cyjcloud(), &Dial { own: OwnFields::default().with("virtualNumber", blank), ..dial() }, "virtualNumber");
        refused(&dingxin(None), &Dial { own: OwnFields::default().with("pushUrl", blank), ..dial() }, "pushUrl");
        refused(&dingxin(Some(blank)), &dial(), "pushUrl");
        refused(&Mixcom::new("k1", "s1"), &Dial { caller: blank.into(), ..dial() }, "caller");
        // Credentials and addresses.
        refused(&Mixcom::new(blank, "s1"), &dial(), "appKey");
        refused(&Mixcom::new("k1", blank), &dial(), "appSecret");
        refused(&Quanmayun::new(blank, "s1"), &dial(), "appId");
        refused(&Quanmayun::new("1", blank), Operation::HangUp(HangUp { call_id: "c-1".into() }), "appSecret");
        refused(&Dingxin::new(blank, "s1", None), &dial(), "appKey");
        refused(&Cyjcloud::new(blank, "a1", "https://cyj.example"), &dial(), "accountSid");
        refused(&Cyjcloud::new("sid", "a1", blank), &dial(), "baseUrl");
        refused(&Seatcall::new(blank, "s1", "https://seat.example"), Operation::Balance(Balance {}), "customerId");
        refused(&Seatcall::new("c1", blank, "https://seat.example"), Operation::Balance(Balance {}), "appSecret");
    }
    refused(&Mixcom::new("k1 ", "s1"), &dial(), "appKey");
    refused(&Mixcom::new("k1", "s\n1"), &dial(), "appSecret");
    refused(&Mixcom::new("k".repeat(33), "s1"), &dial(), "appKey");
    refused(&Cyjcloud::new("sid", "a1", "cyj.example"), &dial(), "baseUrl");
    refused(&cyjcloud(), &Dial { own: OwnFields::default().with("expiresInMinutes", 61), ..dial() }, "expiresInMinutes");
    refused(&cyjcloud(), &Dial { own: OwnFields::default().with("expiresInMinutes", 0), ..dial() }, "expiresInMinutes");
    refused(&cyjcloud(), &Dial { own: OwnFields::default().with("expiresInMinutes", i64::MAX), ..dial() }, "expiresInMinutes");
    refused(&quanmayun(), &Dial { reference: Some("r".repeat(65)), ..dial() }, "reference");
    refused(&Mixcom::new("k1", "s1"), &Dial { reference: Some("r".repeat(129)), ..dial() }, "reference");
    // A field of another platform, a field without its type, a word that is not one.
    refused(&cyjcloud(), &Dial { own: OwnFields::default().with("expiresInMinutes", "30"), ..dial() }, "expiresInMinutes");
    refused(&cyjcloud(), &Dial { own: OwnFields::default().with("areaCode", 21), ..dial() }, "areaCode");
    refused(&cyjcloud(), &Dial { own: OwnFields::default().with("direction", "both ways"), ..dial() }, "direction");
    refused(&cyjcloud(), &Dial { own: OwnFields::default().with("virtualNumber", "12"), ..dial() }, "virtualNumber");
    refused(&dingxin(None), &Dial { own: OwnFields::default().with("pushUrl", "crm.example/push"), ..dial() }, "pushUrl");
    refused(&seatcall(), &Dial { own: OwnFields::default().with("seat", "P".repeat(65)), ..dial() }, "seat");
    refused(&quanmayun(), &Dial { own: OwnFields::default().with("seat", "PP1"), ..dial() }, "seat");
    refused(&seatcall(), &dial(), "seat");
    refused(&Mixcom::new("k1", "s1"), &Dial { extra: [("SIGN".to_owned(), "1".to_owned())].into(), ..dial() }, "extra.SIGN");
    // A platform's own options, set by hand.
    let with = |change: fn(&mut Account)| {
        let mut mixcom = Mixcom::new("k1", "s1");
        change(&mut mixcom.account);
        mixcom
    };
    refused(&with(|account| account.name = Some("a/b".into())), &dial(), "account");
    refused(&with(|account| account.name = Some(String::new())), &dial(), "account");
    refused(&with(|account| account.base_url = "ftp://x.example".into()), &dial(), "baseUrl");
    refused(&with(|account| account.base_url = "https://x.example/".into()), &dial(), "baseUrl");
    refused(&with(|account| account.recording_base_url = "https://x.example?a".into()), &dial(), "recordingBaseUrl");
    refused(&with(|account| account.recording_hosts = vec!["https://x.example".into()]), &dial(), "recordingHosts");
    refused(&with(|account| account.timeout_ms = 0), &dial(), "timeoutMs");
    refused(&with(|account| account.retries = 11), &dial(), "retries");
    let mut odd = cyjcloud();
    odd.account.dialect = Dialect::default().with_text("softVersion", "../x");
    refused(&odd, &dial(), "dialect.softVersion");
}

#[test]
fn a_native_dial_without_a_reference_uses_the_fresh_one_or_is_refused() {
    let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), ..Dial::default() };
    let without = Mixcom::new("k1", "s1").prepare(&dial, 1_583_142_000_123).expect_err("no reference at all");
    assert!(without.message.starts_with("reference: is missing"), "{without}");
    let with = Mixcom::new("k1", "s1").prepare(&dial, Moment::new(1_583_142_000_123, "fresh-1")).expect("a request");
    assert_eq!(with.reference.as_deref(), Some("fresh-1"));
    assert!(with.body.expect("a body").contains("Uuid=fresh-1"));
}

/// 2.1 `EndMinute`: 30 minutes by default, at most 60. The instant is 2020-03-02 17:40:00.123 in Beijing.
#[test]
fn a_binding_ends_the_given_minutes_after_its_dial() {
    let answer = br#"{"Flag":1,"Msg":"8617115230000"}"#;
    let response = || ringback::Response { status: 200, body: answer, ..ringback::Response::default() };
    for (minutes, zone, until) in [
        (None, "+08:00", "2020-03-02T18:10:00.123+08:00"),
        (Some(25), "+08:00", "2020-03-02T18:05:00.123+08:00"),
        (Some(60), "Z", "2020-03-02T10:40:00.123+00:00"),
    ] {
        let account = account(
            &json!({ "provider": "cyjcloud", "accountSid": "sid", "appId": "a1", "baseUrl": "https://cyj.example", "timeZone": zone }),
        );
        let dial = Dial {
            caller: "13800000001".into(),
            callee: "13900000002".into(),
            own: CyjcloudDial { expires_in_minutes: minutes, ..CyjcloudDial::default() }.into(),
            ..Dial::default()
        };
        let moment = Moment::new(1_583_142_000_123, "");
        let prepared = prepare_request(&*account, (&dial).into(), &moment).expect("a request");
        assert_eq!(prepared.bound_until.as_deref(), Some(until));
        // Read later, as from a queue: the end is counted from the instant of the request.
        let kept = input(serde_json::to_value(&prepared).expect("plain"));
        let operation = read_prepared(&*account, kept).expect("the dial");
        let call = serde_json::to_value(interpret_response(&*account, &operation, &response()).expect("a call")).expect("plain");
        assert_eq!((&call["boundUntil"], &call["virtualNumber"]), (&json!(until), &json!("17115230000")));
        // The same through an exchange.
        let mut exchange = Exchange::new(&*account, Operation::Dial(dial), Progress::default());
        exchange.step(Event::Start, &moment, 0.0);
        let Step::Done(result) = exchange.step(Event::Response { response: response(), partial: false }, &moment, 0.0) else {
            panic!("no call")
        };
        assert_eq!(serde_json::to_value(result).expect("plain")["boundUntil"], json!(until));
    }
    // A platform without bindings reports no end.
    let dial = Dial { caller: "13800000001".into(), callee: "13900000002".into(), reference: Some("o-1".into()), ..Dial::default() };
    assert_eq!(Mixcom::new("k1", "s1").prepare(&dial, 0).expect("a request").bound_until, None);
}

/// From the documents: seatcall states it, quanmayun implies it by `CallerAbandon` and `startTime`. mixcom's example has the callee first,
/// dingxin does not mention it, cyjcloud's steps name neither party.
#[test]
fn the_matrix_says_which_party_is_rung_first_and_how_that_is_known() {
    let told: Vec<Value> = capabilities().into_iter().map(|(name, row)| json!([name, row.rung_first, row.rung_first_source])).collect();
    let expected = [
        json!(["mixcom", "unknown", "chosen"]),
        json!(["quanmayun", "caller", "documented"]),
        json!(["dingxin", "unknown", "chosen"]),
        json!(["cyjcloud", "caller", "known"]),
        json!(["seatcall", "caller", "documented"]),
    ];
    assert_eq!(told[..expected.len()], expected);
}

#[test]
fn every_note_says_how_it_is_known() {
    for (name, row) in capabilities() {
        assert!(row.notes.len() >= 5, "{name}");
        for note in row.notes {
            assert!(["[documented]", "[known]", "[chosen]"].iter().any(|mark| note.ends_with(&format!(". {mark}"))), "{name}: {note}");
        }
    }
    let notes = |name: &str| capabilities().into_iter().find(|(other, _)| *other == name).expect("a platform").1.notes.join("\n");
    for (name, said) in [
        ("mixcom", "In the document's example the callee is rung first"),
        ("mixcom", "carries no time"),
        ("dingxin", "30 days"),
        ("dingxin", "console"),
        ("cyjcloud", "call the virtual number back"),
        ("cyjcloud", "default for Direct"),
    ] {
        assert!(notes(name).contains(said), "{name} does not say: {said}");
    }
}

/// Everything that is generated from a description has its words there, and its sample values can be used.
#[test]
fn a_description_is_complete_and_its_samples_are_taken() {
    let is_sentence = |doc: &str| doc.len() > 6 && doc.ends_with(['.', '…']) && !doc.starts_with(' ') && !doc.contains("  ");
    for description in descriptions() {
        let name = description.name;
        for row in description.credentials.iter().chain(&description.options).chain(&description.dial_fields) {
            assert!(is_sentence(row.doc.en) && !row.sample.is_empty() && !row.hint.is_empty(), "{name}: {}: {:?}", row.name, row.doc);
        }
        for option in &description.dialect {
            assert!(is_sentence(option.doc.en), "{name}: {}: {:?}", option.name, option.doc);
            assert!(option.value_docs.iter().all(|doc| is_sentence(doc.en)), "{name}: {}: {:?}", option.name, option.value_docs);
            assert_eq!(option.value_docs.len(), option.values.len(), "{name}: {}", option.name);
            assert_eq!(option.values.first().copied().unwrap_or(option.default), option.default, "{name}: {}", option.name);
        }
        let provider = open_account(description.sample_account()).unwrap_or_else(|error| panic!("{name}: {error}"));
        for kind in description.operations {
            let operation = read_operation(&*provider, kind.as_str(), description.sample_parameters(*kind)).expect("an operation");
            prepare_request(&*provider, operation, &Moment::new(1_583_142_000_123, "0123456789abcdef0123456789abcdef"))
                .unwrap_or_else(|error| panic!("{name}: {kind:?}: {error}"));
        }
        // Each optional field of a dial is taken with its sample, and an operation that is not offered is refused.
        for row in &description.dial_fields {
            let Input::Object(parties) = description.sample_parameters(OperationKind::Dial) else { panic!("no object") };
            let given = Input::Object(if row.is_required { parties } else { parties.with(row.name, row.sample()) });
            assert!(read_operation(&*provider, "dial", given).is_ok(), "{name}: {}", row.name);
            assert!(!matches!(row.kind, Kind::OneOf { values } if !values.contains(&row.sample)), "{name}: {}", row.name);
        }
        for kind in OperationKind::PUBLIC.into_iter().filter(|kind| !description.operations.contains(kind)) {
            let error = read_operation(&*provider, kind.as_str(), description.sample_parameters(kind)).expect_err("not offered");
            assert_eq!(error.code, ErrorCode::Unsupported, "{name}: {kind:?}");
        }
    }
    assert_eq!(PLATFORMS.len(), descriptions().len());
    assert_eq!(Description::of(PLATFORMS[0]).name, PLATFORMS[0].name);
}
