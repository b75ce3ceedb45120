//! The exchange, driven natively against a scripted server: the same machine that JavaScript drives.
#![cfg(not(target_arch = "wasm32"))]

use ringback::exchange::{Event, Exchange, FailureReason, Progress, Step};
use ringback::model::{Fields, Origin};
use ringback::provider::{self, Moment, Provider};
use ringback::{Delivery, Dial, Error, ErrorCode, Operation, OperationResult, RecordRange, RecordingOf, Response};

const NOW: i64 = 1_583_142_000_123;

/// One thing that the server does with a request.
enum Act {
    Answer { status: u16, content_type: &'static str, retry_after: Option<&'static str>, body: &'static str },
    Fail { reason: FailureReason, origins: Vec<Origin>, sent: bool },
}

fn json(status: u16, body: &'static str) -> Act {
    Act::Answer { status, content_type: "application/json", retry_after: None, body }
}

fn broken(code: &str, message: &str) -> Act {
    let outer = Origin { name: "TypeError".into(), code: None, message: "fetch failed".into() };
    let inner = Origin { name: "Error".into(), code: Some(code.into()), message: message.into() };
    Act::Fail { reason: FailureReason::Error, origins: vec![outer, inner], sent: true }
}

/// What a run did: the requests, the waits between them, and its end.
struct Run {
    requests: Vec<provider::Prepared>,
    waits: Vec<u64>,
    reads: usize,
    end: Result<OperationResult, Error>,
}

impl Run {
    fn error(&self) -> &Error {
        self.end.as_ref().expect_err("it should have failed")
    }
}

fn run(provider: &dyn Provider, operation: &Operation, script: Vec<Act>) -> Run {
    let mut script = script.into_iter();
    let mut run = Run { requests: Vec::new(), waits: Vec::new(), reads: 0, end: Ok(OperationResult::Done) };
    let mut progress = Progress::default();
    let mut now = NOW;
    let mut act = None;
    let mut event = Event::Start;
    loop {
        // A new machine for each step, as JavaScript does it: nothing but `progress` survives.
        let mut exchange = Exchange::new(provider, operation.clone(), progress);
        let step = exchange.step(event, &Moment::new(now, "0123456789abcdef0123456789abcdef"), 0.5);
        progress = exchange.progress();
        event = match step {
            Step::Send(send) => {
                assert_eq!(send.timeout_ms, provider.account().timeout_ms);
                assert_eq!(usize::try_from(send.attempt).expect("small"), run.requests.len() + 1);
                run.requests.push(send.prepared);
                act = script.next();
                match act.as_ref().expect("one request too many") {
                    Act::Answer { status, content_type, retry_after, body } => {
                        let partial = send.peek;
                        let bytes = if partial { &body.as_bytes()[..body.len().min(4)] } else { body.as_bytes() };
                        Event::Answer { response: response(*status, content_type, *retry_after, bytes), partial }
                    }
                    Act::Fail { reason, origins, sent } => Event::Failure { reason: *reason, origins: origins.clone(), sent: *sent },
                }
            }
            Step::Read => {
                run.reads += 1;
                let Some(Act::Answer { status, content_type, retry_after, body }) = &act else { panic!("nothing to read") };
                Event::Answer { response: response(*status, content_type, *retry_after, body.as_bytes()), partial: false }
            }
            Step::Wait(ms) => {
                run.waits.push(ms);
                now += i64::try_from(ms).expect("short");
                Event::Waited
            }
            Step::Done(result) => {
                run.end = Ok(*result);
                return run;
            }
            Step::Fail(error) => {
                run.end = Err(error);
                return run;
            }
        };
    }
}

fn response<'a>(status: u16, content_type: &str, retry_after: Option<&str>, body: &'a [u8]) -> Response<'a> {
    Response { status, content_type: Some(content_type.to_owned()), retry_after: retry_after.map(str::to_owned), body }
}

fn seatcall() -> Box<dyn Provider> {
    open(r#"{"provider":"seatcall","customerId":"customer-4e2239c5","appSecret":"seat-secret","baseUrl":"https://seat.example"}"#)
}

fn mixcom() -> Box<dyn Provider> {
    open(r#"{"provider":"mixcom","appKey":"k1","appSecret":"mix-secret"}"#)
}

fn open(options: &str) -> Box<dyn Provider> {
    provider::open(Fields::from_json("options", options).expect("an object")).expect("good options")
}

fn dial() -> Operation {
    (&Dial { caller: "13800000001".into(), callee: "13900000002".into(), ..Dial::default() }).into()
}

fn records() -> Operation {
    (&RecordRange { from: "2019-03-25T10:23:52+08:00".into(), to: "2019-03-26T14:19:21+08:00".into(), after: None }).into()
}

const PAGE: &str = r#"{"meta":{"success":true,"message":"ok"},"data":[]}"#;

#[test]
fn a_dial_is_sent_once_whatever_happens() {
    for (act, code) in [
        (json(500, "{}"), ErrorCode::ProviderUnavailable),
        (json(307, ""), ErrorCode::MalformedResponse),
        (
            Act::Answer { status: 200, content_type: "text/html", retry_after: None, body: "<html>502 Bad Gateway</html>" },
            ErrorCode::MalformedResponse,
        ),
        (broken("ECONNRESET", "read ECONNRESET"), ErrorCode::Network),
        (Act::Fail { reason: FailureReason::Timeout, origins: Vec::new(), sent: true }, ErrorCode::Timeout),
        (Act::Fail { reason: FailureReason::Aborted, origins: Vec::new(), sent: true }, ErrorCode::Aborted),
    ] {
        let run = run(&*mixcom(), &dial(), vec![act]);
        assert_eq!(run.requests.len(), 1);
        assert_eq!(run.waits, Vec::<u64>::new());
        let error = run.error();
        assert_eq!((error.code, error.delivery, error.retryable), (code, Delivery::Unknown, false), "{error:?}");
        let shown = format!("{error:?}");
        assert!(!shown.contains("mix-secret") && !shown.contains("13800000001"), "{shown}");
    }
}

#[test]
fn only_a_refused_connection_or_an_unknown_name_says_that_nothing_was_sent() {
    for act in [
        broken("EHOSTUNREACH", "read EHOSTUNREACH"),
        broken("ENETUNREACH", "write ENETUNREACH"),
        broken("UND_ERR_SOCKET", "other side closed"),
        broken("other", "upstream connection refused by gateway"),
    ] {
        let run = run(&*mixcom(), &dial(), vec![act]);
        assert_eq!((run.error().delivery, run.error().retryable), (Delivery::Unknown, false), "{:?}", run.error());
    }
}

#[test]
fn a_dial_that_never_left_says_so_and_may_be_repeated() {
    for act in [
        broken("ECONNREFUSED", "connect ECONNREFUSED 127.0.0.1:1"),
        broken("ENOTFOUND", "getaddrinfo ENOTFOUND api.example"),
        broken("ConnectionRefused", "Unable to connect"),
        broken("other", "client error (Connect): tcp connect error: Connection refused (os error 111)"),
    ] {
        let run = run(&*mixcom(), &dial(), vec![act]);
        let error = run.error();
        assert_eq!((error.code, error.delivery, error.retryable), (ErrorCode::Network, Delivery::NotSent, true), "{error:?}");
        assert_eq!(run.requests.len(), 1);
    }
    let aborted = run(&*mixcom(), &dial(), vec![Act::Fail { reason: FailureReason::Aborted, origins: Vec::new(), sent: false }]);
    assert_eq!((aborted.error().code, aborted.error().delivery, aborted.error().retryable), (ErrorCode::Aborted, Delivery::NotSent, false));
}

#[test]
fn a_dial_gets_the_fresh_reference_where_the_platform_echoes_it() {
    let run = run(&*mixcom(), &dial(), vec![json(200, r#"{"success":true,"code":200,"msg":""}"#)]);
    let Ok(OperationResult::Call(call)) = run.end else { panic!("no call") };
    assert_eq!(call.reference.as_deref(), Some("0123456789abcdef0123456789abcdef"));
    assert_eq!(run.requests[0].reference, call.reference);
}

#[test]
fn a_safe_operation_is_repeated_with_growing_waits_and_signed_anew() {
    let run = run(&*seatcall(), &records(), vec![json(500, "{}"), broken("ECONNRESET", "read ECONNRESET"), json(200, PAGE)]);
    assert_eq!(run.requests.len(), 3);
    // 500 ms and 1000 ms, each halved and half of the other half given back by a jitter of 0.5.
    assert_eq!(run.waits, [375, 750]);
    assert!(matches!(run.end, Ok(OperationResult::Page(page)) if page.end && page.cursor == "0"));
}

#[test]
fn a_safe_operation_gives_up_after_its_retries() {
    let run = run(&*seatcall(), &records(), vec![json(503, ""), json(503, ""), json(503, "")]);
    assert_eq!(run.requests.len(), 3);
    assert_eq!((run.error().code, run.error().retryable), (ErrorCode::ProviderUnavailable, true));
}

#[test]
fn retry_after_is_honoured_up_to_a_minute() {
    let limited = |retry_after| Act::Answer { status: 429, content_type: "application/json", retry_after: Some(retry_after), body: "{}" };
    assert_eq!(run(&*seatcall(), &records(), vec![limited("7"), json(200, PAGE)]).waits, [7000]);
    // 2020-03-02T09:40:30Z is 29.877 s after the tests' now.
    assert_eq!(run(&*seatcall(), &records(), vec![limited("Mon, 02 Mar 2020 09:40:30 GMT"), json(200, PAGE)]).waits, [29_877]);
    assert_eq!(run(&*seatcall(), &records(), vec![limited("Mon, 02 Mar 2020 09:00:00 GMT"), json(200, PAGE)]).waits, [0]);
    let long = run(&*seatcall(), &records(), vec![limited("3600")]);
    assert_eq!(long.waits, Vec::<u64>::new());
    assert_eq!(long.error().code, ErrorCode::RateLimited);
    assert!(long.error().hint.as_deref().is_some_and(|hint| hint.contains("3600")));
}

#[test]
fn what_the_platform_refuses_is_not_repeated() {
    let run = run(&*seatcall(), &records(), vec![json(200, r#"{"meta":{"success":false,"message":"no such customer"},"data":""}"#)]);
    assert_eq!(run.requests.len(), 1);
    assert_eq!((run.error().code, run.error().delivery), (ErrorCode::Rejected, Delivery::Refused));
}

#[test]
fn hanging_up_is_never_repeated() {
    let quanmayun = open(r#"{"provider":"quanmayun","appId":"1696054309969104898","appSecret":"quan-secret"}"#);
    let hang_up: Operation = (&ringback::HangUp { call_id: "128754716574532539".into() }).into();
    assert_eq!(run(&*quanmayun, &hang_up, vec![json(502, "")]).requests.len(), 1);
}

#[test]
fn a_recording_is_known_by_its_first_bytes_and_never_read_here() {
    let of: Operation = (&RecordingOf { call_id: Some("CAE-1".into()), ..RecordingOf::default() }).into();
    let sound =
        run(&*mixcom(), &of, vec![Act::Answer { status: 200, content_type: "audio/x-wav", retry_after: None, body: "RIFF1234WAVEfmt " }]);
    assert!(
        matches!(sound.end, Ok(OperationResult::Recording(start)) if start.streamed && start.content_type.as_deref() == Some("audio/x-wav"))
    );
    assert_eq!(sound.reads, 0);
    let refused = run(
        &*mixcom(),
        &of,
        vec![Act::Answer { status: 200, content_type: "audio/x-wav; wrong", retry_after: None, body: "RIFF" }, json(200, "")],
    );
    assert!(refused.end.is_ok());
    let json = run(
        &*mixcom(),
        &of,
        vec![Act::Answer {
            status: 200,
            content_type: "application/octet-stream",
            retry_after: None,
            body: r#"{"success":false,"code":404,"msg":"no such file"}"#,
        }],
    );
    assert_eq!(json.reads, 1);
    assert_eq!((json.error().code, json.error().provider_message.as_deref()), (ErrorCode::NotFound, Some("no such file")));
}

#[test]
fn a_cause_shows_no_secret_and_no_number() {
    let dingxin = open(r#"{"provider":"dingxin","appKey":"AppKey01","appSecret":"SecretAbC"}"#);
    let of: Operation = (&RecordingOf { call_id: Some("0420".into()), ..RecordingOf::default() }).into();
    let leak = "request to https://xl.dingxin106.com/call/x?appKey=AppKey01&appSecret=SecretAbC&tel=13800000001 failed";
    let run = run(&*dingxin, &of, (0..3).map(|_| broken("ECONNRESET", leak)).collect());
    let shown = format!("{:?}", run.error());
    assert!(shown.contains("ECONNRESET"), "{shown}");
    assert!(!shown.contains("SecretAbC") && !shown.contains("13800000001"), "{shown}");
}
