//! Tests the reasons of errors: their words, their texts, and that each is produced somewhere.

use std::collections::BTreeSet;
use std::path::Path;

use ringback::{
    AttemptEnd, Dial, Error, ErrorReason, Event, Exchange, FailureReason, Moment, Operation, Options, Origin, Progress, Provider,
    PushOptions, Receiver, RecordingOf, Response, Route, Router, RouterHealth, Routing, Step, Value as Input, When,
};
use serde_json::Value;

#[test]
fn words_are_unique_and_in_kebab_case() {
    let words: BTreeSet<&str> = ErrorReason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert_eq!(words.len(), ErrorReason::ALL.len());
    for word in words {
        assert!(
            word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !word.starts_with('-') && !word.ends_with('-'),
            "{word}"
        );
    }
}

#[test]
fn each_says_in_sentences_what_happened_and_what_to_do() {
    let mut texts = BTreeSet::new();
    for reason in ErrorReason::ALL {
        for text in [reason.happened().en, reason.remedy().en] {
            assert!(text.ends_with('.') && text.starts_with(|first: char| first.is_uppercase() || first.is_ascii_digit()), "{text}");
        }
        assert!(texts.insert(reason.happened().en), "two reasons say: {}", reason.happened().en);
    }
}

/// Reasons that TypeScript produces itself, which the tests of the package cover.
const OF_TYPESCRIPT: [ErrorReason; 9] = [
    ErrorReason::NotPlainData,
    ErrorReason::ConflictingOptions,
    ErrorReason::BodyTooLarge,
    ErrorReason::AlreadyRead,
    ErrorReason::UnreadableRecords,
    ErrorReason::UnreadableLine,
    ErrorReason::DeadlinePassed,
    ErrorReason::NotLoaded,
    ErrorReason::LoadFailed,
];
/// Reasons of a defect, and of a clock that the bindings check, which only the package's tests can produce.
const OF_BINDINGS: [ErrorReason; 2] = [ErrorReason::Defect, ErrorReason::UnusableClock];

#[test]
fn every_reason_is_produced_by_a_vector_or_a_test() {
    let mut produced: BTreeSet<String> = BTreeSet::new();
    for text in texts("tests/vectors", "json") {
        collect(&serde_json::from_str(&text).expect("a vector file"), &mut produced);
    }
    for (expected, error) in produced_here() {
        assert_eq!(error.reason, expected, "{error:?}");
        produced.insert(expected.as_str().to_owned());
    }
    let package = texts("ts-tests/tests", "ts").concat();
    for reason in OF_TYPESCRIPT.into_iter().chain(OF_BINDINGS) {
        let word = reason.as_str();
        assert!(package.contains(&format!("\"{word}\"")), "no test of the package expects {word}");
        produced.insert(word.to_owned());
    }
    let missing: Vec<&str> = ErrorReason::ALL.iter().map(|reason| reason.as_str()).filter(|word| !produced.contains(*word)).collect();
    assert!(missing.is_empty(), "nothing produces {missing:?}");
    let known: BTreeSet<&str> = ErrorReason::ALL.iter().map(|reason| reason.as_str()).collect();
    assert!(produced.iter().all(|word| known.contains(word.as_str())), "a vector names a reason that does not exist");
}

/// Reads the reasons that vectors expect, which `vectors.rs` compares with the core's.
fn collect(value: &Value, reasons: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let is_error = members.contains_key("code") || members.contains_key("error");
            if let Some(reason) = members.get("reason").and_then(Value::as_str)
                && is_error
                && !members.contains_key("index")
            {
                reasons.insert(reason.to_owned());
            }
            members.iter().filter(|(name, _)| matches!(name.as_str(), "refusals" | "answers" | "pushes" | "error")).for_each(
                |(_, value)| {
                    collect(value, reasons);
                },
            );
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, reasons)),
        _ => {}
    }
}

/// Reads the files of a folder of the repository and of its subfolders.
fn texts(folder: &str, extension: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                texts.push(std::fs::read_to_string(&path).expect("a text"));
            }
        }
    }
    texts
}

fn open(options: &str) -> Box<dyn Provider> {
    ringback::open_account(Options::from_json("options", options).expect("an object")).expect("good options")
}

fn mixcom() -> Box<dyn Provider> {
    open(r#"{"provider":"mixcom","appKey":"k1","appSecret":"mix-secret"}"#)
}

fn seatcall() -> Box<dyn Provider> {
    open(r#"{"provider":"seatcall","customerId":"customer-1","appSecret":"seat-secret","baseUrl":"https://seat.example"}"#)
}

fn dial() -> Operation {
    (&Dial { caller: "13800000001".into(), callee: "13900000002".into(), ..Dial::default() }).into()
}

fn recording(url: &str) -> Operation {
    (&RecordingOf { url: Some(url.into()), ..RecordingOf::default() }).into()
}

/// Dials with a request that ends like this.
fn failed(reason: FailureReason, code: &str, message: &str, sent: bool) -> Error {
    let origin = Origin {
        name: "Error".into(),
        code: (!code.is_empty()).then(|| code.to_owned()),
        syscall: (code == "EHOSTUNREACH").then(|| "connect".to_owned()),
        message: message.into(),
    };
    let provider = mixcom();
    let mut exchange = Exchange::new(&*provider, dial(), Progress::default());
    let moment = Moment::new(1_583_142_000_123, "0123456789abcdef");
    assert!(matches!(exchange.step(Event::Start, &moment, 0.5), Step::Send(_)));
    let Step::Fail(error) = exchange.step(Event::Failure { reason, origins: vec![origin], sent }, &moment, 0.5) else {
        panic!("a dial is sent once");
    };
    error
}

fn receiver(options: &str) -> Error {
    Receiver::read(Options::from_json("options", options).expect("an object")).expect_err("bad options")
}

fn pushed(body: &[u8], options: &PushOptions) -> Error {
    ringback::parse_push_bytes(ringback::find_platform("mixcom").expect("mixcom"), body, options).expect_err("an unreadable push")
}

/// Dials twice through a router of one account, which has no connection. Returns the error of the second dial.
fn without_account(when: Option<When>) -> Error {
    let router = Router::new(vec![Route { provider: "mixcom".into(), when, ..Route::default() }]).expect("a router");
    let (mut health, now) = (RouterHealth::default(), 1_583_142_000_123);
    let mut first = Routing::default();
    if router.next(&mut health, &mut first, "13900000002", now, 0.0).is_ok() {
        router.end(&mut health, &mut first, AttemptEnd::from(&failed(FailureReason::Error, "ECONNREFUSED", "", true)), now);
    }
    router.next(&mut health, &mut Routing::default(), "13900000002", now, 0.0).expect_err("no account")
}

fn produced_here() -> Vec<(ErrorReason, Error)> {
    let network = |code, message| failed(FailureReason::Error, code, message, true);
    let prepare = |provider: &dyn Provider, operation| {
        ringback::prepare_request(provider, operation, &Moment::from(0)).expect_err("a request that cannot be made")
    };
    let too_large = vec![b' '; (1 << 20) + 1];
    let no_recording = RecordingOf { call_id: Some("s-1".into()), url: None, ended_at: Some("2020-03-02T17:48:15+08:00".into()) };
    let envelope = |text: &str| {
        let element = ringback::Element::read(text).expect("an object");
        ringback::process_push(&element).expect_err("a bad envelope")
    };
    vec![
        (ErrorReason::ConnectionRefused, network("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1")),
        (ErrorReason::NameNotFound, network("ENOTFOUND", "getaddrinfo ENOTFOUND nowhere.example")),
        (ErrorReason::ConnectTimeout, network("UND_ERR_CONNECT_TIMEOUT", "Connect Timeout Error")),
        (ErrorReason::Unreachable, network("EHOSTUNREACH", "connect EHOSTUNREACH")),
        (ErrorReason::BadCertificate, network("CERT_HAS_EXPIRED", "certificate has expired")),
        (ErrorReason::TlsFailed, network("EPROTO", "write EPROTO ssl routines: wrong version number")),
        (ErrorReason::ForbiddenPort, network("", "bad port")),
        (ErrorReason::ConnectionLost, network("ECONNRESET", "read ECONNRESET")),
        (ErrorReason::ConnectFailed, failed(FailureReason::Error, "", "something", false)),
        (ErrorReason::NoAnswerInTime, failed(FailureReason::Timeout, "", "", true)),
        (ErrorReason::Aborted, failed(FailureReason::Aborted, "", "", true)),
        (ErrorReason::NoRoute, without_account(Some(When { area_codes: vec!["021".into()], hours: None }))),
        (ErrorReason::AccountsResting, without_account(None)),
        (
            ErrorReason::AnswerTooLarge,
            ringback::interpret_response(&*mixcom(), &dial(), &Response { status: 200, body: &too_large, ..Response::default() })
                .expect_err("an answer that is too large"),
        ),
        (ErrorReason::UntrustedHost, prepare(&*mixcom(), recording("https://files.example/a.wav"))),
        (ErrorReason::SecretInUrl, prepare(&*seatcall(), recording("https://seat.example/a.wav?key=seat-secret"))),
        (ErrorReason::NoRecording, prepare(&*seatcall(), (&no_recording).into())),
        (ErrorReason::UnknownOperation, ringback::read_operation(&*mixcom(), "transfer", Input::Absent).expect_err("no such operation")),
        (ErrorReason::WeakToken, receiver(r#"{"provider":"mixcom","tokens":["secret"]}"#)),
        (ErrorReason::UnprotectedReceiver, receiver(r#"{"provider":"mixcom"}"#)),
        (
            ErrorReason::OverlappingRanges,
            receiver(r#"{"accounts":[{"provider":"mixcom","allow":["203.0.113.0/24"]},{"provider":"dingxin","allow":["203.0.113.7"]}]}"#),
        ),
        (ErrorReason::CompressedPush, pushed(&[0x1f, 0x8b, 8, 0, 0xff], &PushOptions::default())),
        (
            ErrorReason::TooManyRecords,
            pushed(
                br#"[{"callIdentifier":"c-1"},{"callIdentifier":"c-2"}]"#,
                &PushOptions { max_records: Some(1), ..PushOptions::default() },
            ),
        ),
        (ErrorReason::DamagedEnvelope, envelope(r#"{"provider":"mixcom","receivedAt":"2020-03-02T17:48:15+08:00","bodyHex":"7"}"#)),
    ]
}
