//! Drives the exchange natively against a scripted server. JavaScript drives the same state machine.

use ringback::{
    Account, Credential, Credentials, Delivery, Dial, Error, ErrorCode, Event, Exchange, FailureReason, Method, Moment, Operation,
    OperationKind, OperationResult, Options, Origin, Platform, Progress, Provider, RecordRange, RecordingOf, Request, Response,
    ResponseError, ResponseFields, SignatureTrace, Step, accept_call,
};

const NOW: i64 = 1_583_142_000_123;

/// One action of the server in response to a request.
enum Act {
    Answer { status: u16, content_type: &'static str, retry_after: Option<&'static str>, body: &'static str },
    Fail { reason: FailureReason, origins: Vec<Origin>, sent: bool },
}

fn json(status: u16, body: &'static str) -> Act {
    Act::Answer { status, content_type: "application/json", retry_after: None, body }
}

fn broken(code: &str, message: &str) -> Act {
    let outer = Origin { name: "TypeError".into(), message: "fetch failed".into(), ..Origin::default() };
    let inner = Origin { name: "Error".into(), code: Some(code.into()), message: message.into(), ..Origin::default() };
    Act::Fail { reason: FailureReason::Error, origins: vec![outer, inner], sent: true }
}

/// The course of a run: the requests, the waits between them, and the result.
struct Run {
    requests: Vec<ringback::Prepared>,
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
        // A new exchange for each step, as JavaScript does it: only `progress` is kept.
        let mut exchange = Exchange::new(provider, operation.clone(), progress.clone());
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
                        Event::Response { response: response(*status, content_type, *retry_after, bytes), partial }
                    }
                    Act::Fail { reason, origins, sent } => Event::Failure { reason: *reason, origins: origins.clone(), sent: *sent },
                }
            }
            Step::Read => {
                run.reads += 1;
                let Some(Act::Answer { status, content_type, retry_after, body }) = &act else { panic!("nothing to read") };
                Event::Response { response: response(*status, content_type, *retry_after, body.as_bytes()), partial: false }
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
    Response {
        status,
        content_type: Some(content_type.to_owned()),
        retry_after: retry_after.map(str::to_owned),
        body,
        ..Response::default()
    }
}

fn seatcall() -> Box<dyn Provider> {
    open(r#"{"provider":"seatcall","customerId":"customer-4e2239c5","appSecret":"seat-secret","baseUrl":"https://seat.example"}"#)
}

fn mixcom() -> Box<dyn Provider> {
    open(r#"{"provider":"mixcom","appKey":"k1","appSecret":"mix-secret"}"#)
}

fn open(options: &str) -> Box<dyn Provider> {
    ringback::open_account(Options::from_json("options", options).expect("an object")).expect("good options")
}

fn dial() -> Operation {
    (&Dial { caller: "13800000001".into(), callee: "13900000002".into(), ..Dial::default() }).into()
}

fn records() -> Operation {
    (&RecordRange { from: "2019-03-25T10:23:52+08:00".into(), to: "2019-03-26T14:19:21+08:00".into(), after: None }).into()
}

const PAGE: &str = r#"{"meta":{"success":true,"message":"ok"},"data":[]}"#;

#[test]
fn a_dial_is_sent_once_after_any_failure() {
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
fn only_a_refused_connection_or_an_unknown_host_is_not_sent() {
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
fn a_dial_that_was_not_sent_says_so_and_may_be_repeated() {
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
fn a_dial_uses_the_fresh_reference_if_the_platform_echoes_it() {
    let run = run(&*mixcom(), &dial(), vec![json(200, r#"{"success":true,"code":200,"msg":""}"#)]);
    let Ok(OperationResult::Call(call)) = run.end else { panic!("no call") };
    assert_eq!(call.reference.as_deref(), Some("0123456789abcdef0123456789abcdef"));
    assert_eq!(run.requests[0].reference, call.reference);
}

/// The driver draws randomness for each attempt, so the steps of one dial see different ones.
#[test]
fn a_made_reference_stays_while_the_randomness_changes() {
    let provider = mixcom();
    let mut exchange = Exchange::new(&*provider, dial(), Progress::default());
    assert!(exchange.needs_randomness());
    let Step::Send(send) = exchange.step(Event::Start, &Moment::new(NOW, "first-0123456789"), 0.5) else { panic!("nothing is sent") };
    assert_eq!(send.prepared.reference.as_deref(), Some("first-0123456789"));
    // Only the progress is kept.
    let mut later = Exchange::new(&*provider, dial(), exchange.progress());
    assert!(!later.needs_randomness());
    let answer = response(200, "application/json", None, br#"{"success":true,"code":200,"msg":""}"#);
    let Step::Done(result) = later.step(Event::Response { response: answer, partial: false }, &Moment::new(NOW, "second-123456789"), 0.5)
    else {
        panic!("no call")
    };
    assert!(matches!(*result, OperationResult::Call(call) if call.reference.as_deref() == Some("first-0123456789")));
}

/// A platform that signs each request with a nonce, and has codes of seven digits.
static NONCE: Platform = Platform {
    name: "nonce",
    base_url: Some("https://nonce.example"),
    credentials: &[Credential::secret("appSecret", "pass the secret")],
    operations: &[OperationKind::Dial, OperationKind::Balance],
    signs_nonce: true,
    ..Platform::EMPTY
};

struct Nonce(Account, Credentials);

impl Nonce {
    fn new() -> Self {
        Self(Account::new(&NONCE), Credentials::new(NONCE.credentials, ["nonce-secret".to_owned()]))
    }
}

impl Provider for Nonce {
    fn platform(&self) -> &'static Platform {
        &NONCE
    }

    fn account(&self) -> &Account {
        &self.0
    }

    fn credentials(&self) -> &Credentials {
        &self.1
    }

    fn build_request(&self, operation: &Operation, moment: &Moment<'_>, _: &mut SignatureTrace) -> Result<Request, Error> {
        let url = format!("{}/{}", self.0.base_url, operation.kind().as_str());
        Ok(Request::post_json(url, "{}").with_header("x-nonce", moment.nonce()?))
    }

    fn read_response(&self, operation: &Operation, answer: &ResponseFields<'_, '_>) -> Result<OperationResult, ResponseError> {
        let code = answer.required_code("code")?;
        if code == "0" {
            return Ok(accept_call(self, operation, Some(answer.required("id")?), None, answer));
        }
        Err(ResponseError::Refused { code: Some(code), message: answer.words("message") })
    }
}

#[test]
fn each_attempt_is_signed_with_a_nonce_of_its_own() {
    let provider = Nonce::new();
    let balance = || Operation::Balance(ringback::Balance {});
    let mut exchange = Exchange::new(&provider, balance(), Progress::default());
    let mut nonces = Vec::new();
    let mut event = Event::Start;
    for fresh in ["first-0123456789", "second-123456789", "third-0123456789"] {
        assert!(exchange.needs_randomness());
        let Step::Send(send) = exchange.step(event, &Moment::new(NOW, fresh), 0.5) else { panic!("nothing is sent") };
        nonces.extend(send.prepared.headers.get("x-nonce").map(str::to_owned));
        let failed = Event::Response { response: response(503, "application/json", None, b"{}"), partial: false };
        // An answer needs no randomness.
        event = match exchange.step(failed, &Moment::from(NOW), 0.5) {
            Step::Wait(_) => Event::Waited,
            Step::Fail(_) => break,
            step => panic!("{step:?}"),
        };
    }
    assert_eq!(nonces, ["first-0123456789", "second-123456789", "third-0123456789"]);
    // Without one nothing is signed, with a reference or without, by an exchange or by hand.
    let with_reference =
        Dial { caller: "13800000001".into(), callee: "13900000002".into(), reference: Some("o-1".into()), ..Dial::default() };
    for operation in [balance(), dial(), (&with_reference).into()] {
        let Step::Fail(error) =
            Exchange::new(&provider, operation.clone(), Progress::default()).step(Event::Start, &Moment::from(NOW), 0.5)
        else {
            panic!("an empty nonce was signed")
        };
        assert_eq!((error.code, error.delivery, error.field.as_deref()), (ErrorCode::InvalidArgument, Delivery::NotSent, Some("fresh")));
        assert!(ringback::explain_signature(&provider, operation, &Moment::from(NOW)).is_err());
    }
}

#[test]
fn a_safe_operation_is_repeated_with_growing_waits_and_signed_anew() {
    let run = run(&*seatcall(), &records(), vec![json(500, "{}"), broken("ECONNRESET", "read ECONNRESET"), json(200, PAGE)]);
    assert_eq!(run.requests.len(), 3);
    // 500 ms and 1000 ms, each halved, plus half of the other half by a jitter of 0.5.
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
fn retry_after_is_respected_up_to_a_minute() {
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
fn a_refused_operation_is_not_repeated() {
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
fn a_recording_is_recognized_by_its_first_bytes_and_not_read() {
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

/// Returns the first step of an operation.
fn first(provider: &dyn Provider, operation: &Operation) -> Box<ringback::Outgoing> {
    let step = Exchange::new(provider, operation.clone(), Progress::default()).step(Event::Start, &Moment::new(NOW, "a-reference"), 0.5);
    let Step::Send(send) = step else { panic!("nothing to send: {step:?}") };
    send
}

/// Returns the step after this event, when `attempts` were already made.
fn after(provider: &dyn Provider, operation: &Operation, attempts: u32, event: Event<'_>, jitter: f64) -> Step {
    Exchange::new(provider, operation.clone(), Progress { attempts, ..Progress::default() }).step(
        event,
        &Moment::new(NOW, "a-reference"),
        jitter,
    )
}

#[test]
fn only_a_recordings_start_is_checked_before_reading_and_every_answer_has_a_size_limit() {
    let of: Operation = (&RecordingOf { call_id: Some("CAE-1".into()), ..RecordingOf::default() }).into();
    let download: Operation = (&ringback::Download { url: "https://a.mixcom.cn/1.mp3".into() }).into();
    for (operation, peek) in [(dial(), false), (of, true), (download, true)] {
        let send = first(&*mixcom(), &operation);
        assert_eq!((send.peek, send.max_bytes, send.attempt), (peek, 1_048_577, 1), "{operation:?}");
    }
    let page = first(&*seatcall(), &records());
    assert_eq!((page.peek, page.max_bytes), (false, 4 * 1_048_576 + 1));
}

#[test]
fn the_timeout_of_one_call_overrides_the_accounts() {
    let account = open(r#"{"provider":"mixcom","appKey":"k1","appSecret":"mix-secret","timeoutMs":7000}"#);
    assert_eq!(first(&*account, &dial()).timeout_ms, 7000);
    let step = Exchange::new(&*account, dial(), Progress { timeout_ms: 40, ..Progress::default() }).step(
        Event::Start,
        &Moment::new(NOW, "r"),
        0.5,
    );
    assert!(matches!(step, Step::Send(send) if send.timeout_ms == 40));
}

#[test]
fn the_first_bytes_of_an_answer_that_is_not_audio_are_not_taken_for_all_of_it() {
    let quanmayun = open(r#"{"provider":"quanmayun","appId":"1","appSecret":"quan-secret"}"#);
    let of: Operation = (&RecordingOf { call_id: Some("1".into()), ..RecordingOf::default() }).into();
    let body = br#"{"code":200,"success":true,"data":{"fileUrl":"http://a.quanmayun.com/1.mp3"}}"#;
    let answer = |partial| Event::Response { response: response(200, "application/json", None, body), partial };
    // More bytes may follow even if the first ones are complete JSON.
    assert!(matches!(after(&*quanmayun, &of, 1, answer(true), 0.5), Step::Read));
    assert!(matches!(after(&*quanmayun, &of, 1, answer(false), 0.5), Step::Done(_)));
}

#[test]
fn only_a_dial_of_unknown_delivery_has_the_hint_to_look_for_its_record() {
    let is_warned = |provider: &dyn Provider, operation: &Operation, act: fn() -> Act| {
        run(provider, operation, (0..3).map(|_| act()).collect())
            .error()
            .hint
            .as_deref()
            .is_some_and(|hint| hint.contains("may have been placed"))
    };
    let reset: fn() -> Act = || broken("ECONNRESET", "read ECONNRESET");
    let refused: fn() -> Act = || broken("ECONNREFUSED", "connect ECONNREFUSED");
    assert!(is_warned(&*mixcom(), &dial(), reset));
    assert!(!is_warned(&*mixcom(), &dial(), refused));
    assert!(!is_warned(&*seatcall(), &records(), reset));
    assert!(is_warned(&*mixcom(), &dial(), || json(502, "")));
    assert!(!is_warned(&*mixcom(), &dial(), || json(404, "")));
    assert!(!is_warned(&*seatcall(), &records(), || json(502, "")));
    assert!(is_warned(&*mixcom(), &dial(), || json(200, "<html>")));
    assert!(!is_warned(&*seatcall(), &records(), || json(200, "<html>")));
}

#[test]
fn an_error_distinguishes_a_redirect_from_an_unusual_status_and_quotes_the_answer() {
    let message = |status, body| run(&*mixcom(), &dial(), vec![json(status, body)]).error().message.clone();
    // A browser hides a redirect behind the status 0.
    for status in [0, 300, 302, 307, 399] {
        assert!(message(status, "").contains("redirect"), "{}", message(status, ""));
    }
    for status in [100, 199, 600] {
        assert!(message(status, "").contains("a status that no document names"), "{}", message(status, ""));
    }
    assert!(message(502, "<h1>Bad Gateway</h1>").ends_with("status 502: <h1>Bad Gateway</h1>"), "{}", message(502, "<h1>Bad Gateway</h1>"));
    assert!(message(502, "").ends_with("status 502"), "{}", message(502, ""));
}

#[test]
fn waits_grow_to_eight_seconds_and_vary_by_half() {
    let patient = open(r#"{"provider":"seatcall","customerId":"c","appSecret":"s","baseUrl":"https://seat.example","retries":10}"#);
    let wait = |attempts, jitter| {
        let event = Event::Failure { reason: FailureReason::Timeout, origins: Vec::new(), sent: true };
        let step = after(&*patient, &records(), attempts, event, jitter);
        let Step::Wait(ms) = step else { panic!("no wait: {step:?}") };
        ms
    };
    for (attempts, whole) in [(1, 500), (2, 1000), (3, 2000), (4, 4000), (5, 8000), (6, 8000), (10, 8000)] {
        assert_eq!(wait(attempts, 0.0), whole / 2, "the least after attempt {attempts}");
        assert_eq!(wait(attempts, 0.5), whole * 3 / 4);
        let most = wait(attempts, 1.0);
        assert!(most <= whole && most >= whole * 99 / 100, "{most} after attempt {attempts}");
    }
}

#[test]
fn retry_after_dates_of_every_month_are_read_and_other_texts_are_not() {
    let wait = |retry_after: &str| {
        let event = Event::Response { response: response(429, "text/html", Some(retry_after), b""), partial: false };
        match after(&*seatcall(), &records(), 1, event, 0.0) {
            Step::Wait(ms) => Some(ms),
            Step::Fail(error) => {
                let hint = error.hint.as_deref().unwrap_or_default();
                assert!(hint.ends_with(" s before the next request, as the platform asks"), "{hint}");
                None
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((wait("60"), wait("61"), wait(" 5 ")), (Some(60_000), None, Some(5000)));
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    for (at, month) in months.into_iter().enumerate() {
        // The tests' now is 2 March 2020, 09:40:00.123: earlier dates need no wait, later ones are too long a wait.
        let expected = if at < 2 { Some(0) } else { None };
        assert_eq!(wait(&format!("Sun, 15 {month} 2020 09:40:01 GMT")), expected, "{month}");
    }
    assert_eq!(wait("Mon, 2 Mar 2020 09:40:01 GMT"), Some(877), "a day of one digit");
    // An unreadable value gives the default first wait.
    for unreadable in
        ["", "soon", "-1", "1.5", "Mon, 02 Mar 2020 09:40:30 CET", "Mon, 02 Mrz 2020 09:40:30 GMT", "Mon, 02 Mar 2020", "4294967296"]
    {
        assert_eq!(wait(unreadable), Some(250), "{unreadable}");
    }
}

#[test]
fn every_runtimes_words_for_a_failed_connection_are_recognized() {
    let after_reason = |reason: FailureReason, origins: Vec<Origin>| {
        let event = Event::Failure { reason, origins, sent: true };
        let step = after(&*mixcom(), &dial(), 1, event, 0.0);
        let Step::Fail(error) = step else { panic!("{step:?}") };
        (error.delivery, error.cause.clone())
    };
    let delivery = |origins: Vec<Origin>| after_reason(FailureReason::Error, origins);
    let origin = |code: Option<&str>, message: &str| Origin {
        name: "Error".into(),
        code: code.map(str::to_owned),
        message: message.into(),
        ..Origin::default()
    };
    for code in ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ConnectionRefused", "FailedToOpenSocket", "DNSException"] {
        assert_eq!(delivery(vec![origin(None, "fetch failed"), origin(Some(code), "x")]).0, Delivery::NotSent, "{code}");
        assert_eq!(delivery(vec![origin(Some(&format!("X{code}")), code)]).0, Delivery::Unknown, "a message alone proves nothing");
        let broken = after_reason(FailureReason::Broken, vec![origin(Some(code), "x")]);
        assert_eq!(broken.0, Delivery::Unknown, "an answer had already arrived");
    }
    for words in ["connection refused", "dns error", "failed to lookup address"] {
        assert_eq!(delivery(vec![origin(None, &format!("client error (connect): {words}"))]).0, Delivery::NotSent);
        assert_eq!(delivery(vec![origin(None, words)]).0, Delivery::Unknown, "{words}");
    }
    // Deno itself writes the phase, so it is reliable for any cause; no server can influence it.
    assert_eq!(delivery(vec![origin(None, "client error (Connect): Connection reset by peer (os error 104)")]).0, Delivery::NotSent);
    assert_eq!(delivery(vec![origin(None, "client error (SendRequest): connection closed before message completed")]).0, Delivery::Unknown);
    // The innermost origin with a code is the cause; if none has a code, the outermost.
    let told = |origins| delivery(origins).1.map(|cause| cause.message);
    assert_eq!(told(vec![origin(Some("A"), "outer"), origin(Some("B"), "inner"), origin(None, "words")]).as_deref(), Some("inner"));
    assert_eq!(told(vec![origin(None, "outer"), origin(None, "inner")]).as_deref(), Some("outer"));
    assert_eq!(told(Vec::new()), None);
}

#[test]
fn a_cursor_is_an_integer_of_thirty_digits_at_most_and_goes_out_as_it_is() {
    let asked = |after: &str| {
        let range =
            RecordRange { from: "2019-03-25T10:23:52+08:00".into(), to: "2019-03-26T14:19:21+08:00".into(), after: Some(after.to_owned()) };
        ringback::prepare_request(&*seatcall(), (&range).into(), &Moment::from(NOW)).map(|prepared| prepared.body.expect("a body"))
    };
    let longest = "9".repeat(30);
    for (after, sent) in [("0", "0"), ("8", "8"), (" 8 ", "8"), ("0008", "8"), ("000", "0"), (longest.as_str(), longest.as_str())] {
        let body = asked(after).expect("a request");
        assert!(body.starts_with(&format!("{{\"maxId\":{sent},")), "{after:?}: {body}");
    }
    for after in ["", " ", "-1", "1.5", "8a", &"9".repeat(31), &"9".repeat(40)] {
        let error = asked(after).expect_err("no cursor");
        assert!(error.code == ErrorCode::InvalidArgument && error.message.contains("after"), "{after:?}: {}", error.message);
    }
}

#[test]
fn an_address_in_the_record_gives_the_recording_without_a_request() {
    let record =
        r#"{"callId":"s-1","endedAt":"2019-03-25T14:19:21+08:00","recording":{"state":"available","url":"https://seat.example/1.mp3"}}"#;
    let params = ringback::Value::Object(Options::from_json("call", record).expect("an object"));
    let operation = ringback::read_operation(&*seatcall(), "recording", params).expect("an operation");
    let Ok(OperationResult::Recording(start)) = run(&*seatcall(), &operation, Vec::new()).end else { panic!("no recording") };
    assert_eq!((start.streamed, start.url.as_deref()), (false, Some("https://seat.example/1.mp3")));
    // The platform keeps recordings for seven days after the end of the call.
    assert_eq!(start.expires_at.as_deref(), Some("2019-04-01T14:19:21+08:00"));
}

fn origin(name: &str, code: &str, syscall: &str, message: &str) -> Origin {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Origin { name: name.into(), code: given(code), syscall: given(syscall), message: message.into() }
}

/// The error that undici's fetch throws, with this cause.
fn undici(code: &str, syscall: &str, message: &str) -> Vec<Origin> {
    vec![origin("TypeError", "", "", "fetch failed"), origin("Error", code, syscall, message)]
}

/// The texts come from real sockets: ts-tests/tests/client/network-words.test.ts opens them in each runtime.
#[test]
fn a_request_that_was_not_sent_is_recognized_in_every_runtimes_words() {
    let deno =
        |message: &str| undici("", "", &format!("error sending request for url (http://10.0.0.1/): client error (Connect): {message}"));
    let bun = |code: &str, message: &str| vec![origin("TypeError", code, "", message)];
    let never: [(Vec<Origin>, &str); 24] = [
        (undici("UND_ERR_CONNECT_TIMEOUT", "", "Connect Timeout Error (attempted address: 10.0.0.1:9090, timeout: 10000ms)"), "no answer"),
        (undici("ETIMEDOUT", "connect", "connect ETIMEDOUT 10.0.0.1:80"), "no answer"),
        (undici("EHOSTUNREACH", "connect", "connect EHOSTUNREACH 10.0.0.1:80"), "cannot be reached"),
        (undici("ENETUNREACH", "connect", "connect ENETUNREACH 10.0.0.1:80"), "cannot be reached"),
        (undici("", "", "bad port"), "forbids this port"),
        (undici("DEPTH_ZERO_SELF_SIGNED_CERT", "", "self-signed certificate"), "certificate is not trusted"),
        (undici("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "", "unable to get local issuer certificate"), "certificate is not trusted"),
        (undici("CERT_HAS_EXPIRED", "", "certificate has expired"), "has expired"),
        (undici("ERR_TLS_CERT_ALTNAME_INVALID", "", "Hostname/IP does not match certificate's altnames"), "for another host"),
        (
            undici("ERR_SSL_WRONG_VERSION_NUMBER", "", "802C:error:0A00010B:SSL routines:ssl3_get_record:wrong version number"),
            "does not speak TLS",
        ),
        (
            undici("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "", "SSL routines:ssl3_read_bytes:sslv3 alert handshake failure"),
            "handshake failed",
        ),
        (undici("ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", "", "SSL routines:x:ssl/tls alert handshake failure"), "handshake failed"),
        (undici("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "", "SSL routines:x:tlsv1 alert protocol version"), "handshake failed"),
        (undici("ECONNRESET", "", "Client network socket disconnected before secure TLS connection was established"), "closed"),
        (
            vec![origin("FetchError", "EPROTO", "write", "write EPROTO 80:error:0A00010B:SSL routines:x:wrong version number")],
            "does not speak TLS",
        ),
        (
            vec![
                origin("TypeError", "", "", "Failed to parse URL from http://exa mple/"),
                origin("TypeError", "ERR_INVALID_URL", "", "Invalid URL"),
            ],
            "not valid",
        ),
        (bun("ECONNREFUSED", "ECONNREFUSED: Unable to connect. Is the computer able to access the url?"), "refused"),
        (bun("EHOSTUNREACH", "EHOSTUNREACH: Unable to connect. Is the computer able to access the url?"), "cannot be reached"),
        (bun("DEPTH_ZERO_SELF_SIGNED_CERT", "self signed certificate"), "certificate is not trusted"),
        (deno("tcp connect error: No route to host (os error 113)"), "cannot be reached"),
        (deno("invalid peer certificate: UnknownIssuer"), "certificate is not trusted"),
        (deno("received corrupt message of type InvalidContentType"), "does not speak TLS"),
        (deno("tls handshake eof"), "closed"),
        (vec![origin("TypeError", "", "", "Fetch failed: Requests to port 6000 are blocked")], "forbids this port"),
    ];
    for (origins, words) in never {
        let shown = format!("{origins:?}");
        let run = run(&*mixcom(), &dial(), vec![Act::Fail { reason: FailureReason::Error, origins, sent: true }]);
        let error = run.error();
        assert_eq!((error.code, error.delivery, error.retryable), (ErrorCode::Network, Delivery::NotSent, true), "{shown}");
        assert!(
            error.message.starts_with("no connection to mixcom (api-voicecall.mixcom.cn): ") && error.message.contains(words),
            "{}",
            error.message
        );
        assert!(error.hint.as_deref().is_some_and(|hint| hint.contains("baseUrl")), "{shown}: {:?}", error.hint);
        assert_eq!(error.reference.as_deref(), Some("0123456789abcdef0123456789abcdef"));
    }
}

#[test]
fn a_request_that_may_have_been_sent_is_unknown_and_names_host_and_cause() {
    let maybe: [(Vec<Origin>, &str); 12] = [
        (undici("ETIMEDOUT", "read", "read ETIMEDOUT"), ""),
        (undici("ECONNRESET", "read", "read ECONNRESET"), "connection reset"),
        (undici("ECONNRESET", "connect", "connect ECONNRESET"), "connection reset"),
        (undici("EPIPE", "write", "write EPIPE"), "connection reset"),
        (undici("EHOSTUNREACH", "read", "read EHOSTUNREACH"), ""),
        (undici("UND_ERR_SOCKET", "", "other side closed"), "connection closed"),
        (undici("UND_ERR_HEADERS_TIMEOUT", "", "Headers Timeout Error"), "Headers Timeout Error"),
        // node:https uses this code after it has sent, and EPROTO before.
        (vec![origin("FetchError", "ERR_SSL_WRONG_VERSION_NUMBER", "", "SSL routines:x:wrong version number")], ""),
        (undici("ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "", "SSL routines:x:decryption failed or bad record mac"), ""),
        (undici("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "", "SSL routines:x:tlsv13 alert certificate required"), ""),
        // Bun uses this code for every TLS error, also in the middle of an answer.
        (vec![origin("TypeError", "EPROTO", "", "EPROTO: The TLS handshake failed. Does the server speak TLS on this port?")], "TLS"),
        (vec![origin("TypeError", "", "", "Failed to fetch")], "Failed to fetch"),
    ];
    for (origins, words) in maybe {
        let shown = format!("{origins:?}");
        let run = run(&*mixcom(), &dial(), vec![Act::Fail { reason: FailureReason::Error, origins, sent: true }]);
        let error = run.error();
        assert_eq!((error.code, error.delivery, error.retryable), (ErrorCode::Network, Delivery::Unknown, false), "{shown}");
        assert!(
            error.message.starts_with("the connection to mixcom (api-voicecall.mixcom.cn) broke during dial")
                && error.message.contains(words),
            "{}",
            error.message
        );
        assert!(
            error.hint.as_deref().is_some_and(|hint| hint.contains("(reference 0123456789abcdef0123456789abcdef)")),
            "{:?}",
            error.hint
        );
    }
}

#[test]
fn a_generated_reference_stays_the_same_in_every_step() {
    let account = mixcom();
    let mut exchange = Exchange::new(&*account, dial(), Progress::default());
    let Step::Send(send) = exchange.step(Event::Start, &Moment::new(NOW, "first"), 0.5) else { panic!("nothing to send") };
    assert_eq!((send.prepared.reference.as_deref(), send.reference.as_deref()), (Some("first"), Some("first")));
    let event = Event::Failure { reason: FailureReason::Timeout, origins: Vec::new(), sent: true };
    let Step::Fail(error) = exchange.step(event, &Moment::new(NOW, "second"), 0.5) else { panic!("it should fail") };
    assert_eq!((error.reference.as_deref(), exchange.reference()), (Some("first"), Some("first")));
    assert!(error.message.contains("within 15000 ms"), "{}", error.message);
}

#[test]
fn a_reference_that_contains_a_phone_number_is_not_shown_in_errors() {
    for (reference, is_shown) in [
        ("o-1", true),
        ("20240305101120123", true),
        ("0a13712345678bcdef0123456789abcd", true),
        ("550e8400-e29b-41d4-a716-013712345678", true),
        ("13712345678", false),
        ("order_137-1234-5678", false),
        ("crm-13712345678-2", false),
        ("a13712345678bcdef", false),
    ] {
        let operation: Operation =
            (&Dial { caller: "13800000001".into(), callee: "13900000002".into(), reference: Some(reference.into()), ..Dial::default() })
                .into();
        let run = run(&*mixcom(), &operation, vec![json(500, "{}")]);
        assert_eq!(run.error().reference.as_deref() == Some(reference), is_shown, "{reference}");
        assert_eq!(run.error().hint.as_deref().is_some_and(|hint| hint.contains(reference)), is_shown, "{:?}", run.error().hint);
    }
}

#[test]
fn an_answer_beyond_its_limit_is_not_read_and_names_the_limit() {
    let fill = |length: usize| format!("{{\"success\":true,\"code\":200,\"msg\":\"{}\"}}", "x".repeat(length));
    let answered = |provider: &dyn Provider, operation: &Operation, body: &str| {
        let prepared = ringback::prepare_request(provider, operation.clone(), &Moment::new(NOW, "r")).expect("a request");
        ringback::interpret_response(provider, &prepared.params, &Response { status: 200, body: body.as_bytes(), ..Response::default() })
    };
    assert!(answered(&*mixcom(), &dial(), &fill((1 << 20) - 40)).is_ok());
    let error = answered(&*mixcom(), &dial(), &fill(1 << 20)).expect_err("too large");
    assert_eq!((error.code, error.delivery), (ErrorCode::MalformedResponse, Delivery::Unknown));
    assert!(
        error.message.contains("more than 1 MiB") && error.hint.as_deref().is_some_and(|hint| hint.contains("reference r")),
        "{error:?}"
    );
    let page = |length: usize| format!("{{\"meta\":{{\"success\":true,\"message\":\"{}\"}},\"data\":[]}}", "x".repeat(length));
    assert!(answered(&*seatcall(), &records(), &page(3 << 20)).is_ok());
    let error = answered(&*seatcall(), &records(), &page(4 << 20)).expect_err("too large");
    assert!(error.message.contains("more than 4 MiB"), "{}", error.message);
}

/// Requests a recording that is answered with these redirects.
fn follow_redirects(options: &str, statuses: &[(u16, &str)]) -> (Vec<(String, String)>, Step) {
    let provider = open(options);
    let of: Operation = (&RecordingOf { call_id: Some("CAE-1".into()), ..RecordingOf::default() }).into();
    let (mut progress, mut sent) = (Progress::default(), Vec::new());
    let mut step = Exchange::new(&*provider, of.clone(), progress.clone()).step(Event::Start, &Moment::from(NOW), 0.5);
    for (status, location) in statuses {
        let mut exchange = Exchange::new(&*provider, of.clone(), progress);
        if sent.is_empty() {
            // Runs the first step again, for its progress.
            step = exchange.step(Event::Start, &Moment::from(NOW), 0.5);
        }
        let Step::Send(send) = &step else { panic!("{step:?}") };
        sent.push((send.prepared.method.as_str().to_owned(), send.prepared.url.clone()));
        if sent.len() > 1 {
            assert!(send.prepared.headers.0.is_empty() && send.prepared.body.is_none(), "a followed redirect has no headers and no body");
            assert_eq!(send.attempt, 1, "a followed redirect is not a new attempt");
        }
        let response = Response { status: *status, location: Some((*location).to_owned()), ..Response::default() };
        step = exchange.step(Event::Response { response, partial: false }, &Moment::from(NOW), 0.5);
        progress = exchange.progress();
    }
    (sent, step)
}

#[test]
fn redirects_of_a_recording_are_followed_within_the_allowed_hosts() {
    let mixcom = r#"{"provider":"mixcom","appKey":"k1","appSecret":"mix-secret-1","recordingHosts":["oss.example"]}"#;
    for (location, url) in [
        ("/files/1.mp3", "http://v-record.mixcom.cn/files/1.mp3"),
        ("files/1.mp3", "http://v-record.mixcom.cn/record/files/1.mp3"),
        ("//oss.example/1.mp3", "http://oss.example/1.mp3"),
        ("https://oss.example/a b.mp3?x=1", "https://oss.example/a%20b.mp3?x=1"),
        ("https://oss.example/\u{e5}\u{bd}\u{95}.mp3", "https://oss.example/%E5%BD%95.mp3"),
        ("https://oss.example/1.mp3?k=mix-secret-1&x=1", "https://oss.example/1.mp3?x=1"),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let (_, step) = follow_redirects(mixcom, &[(status, location)]);
            let Step::Send(send) = step else { panic!("{location}: {step:?}") };
            assert_eq!((send.prepared.method, send.prepared.url.as_str()), (Method::Get, url));
        }
    }
    for location in [
        "http://169.254.169.254/latest",
        "http://127.0.0.1/",
        "http://oss.example@evil.example/",
        "//evil.example/1.mp3",
        "https://oss.example.evil.example/",
        "http://oss.example\\@evil.example/",
        "https://oss.example/mix-secret-1/1.mp3",
    ] {
        let (_, step) = follow_redirects(mixcom, &[(302, location)]);
        assert!(
            matches!(&step, Step::Fail(error) if error.code == ErrorCode::MalformedResponse && !error.message.contains("mix-secret-1")),
            "{location}: {step:?}"
        );
    }
    for location in ["ftp://oss.example/1.mp3", "javascript:alert(1)", "data:audio/mpeg;base64,SUQz", "file:///etc/passwd", "http://[", ""]
    {
        let (_, step) = follow_redirects(mixcom, &[(302, location)]);
        assert!(matches!(step, Step::Fail(_)), "{location}: {step:?}");
    }
    let (sent, step) = follow_redirects(mixcom, &[(302, "/1"), (302, "/2"), (302, "/3"), (302, "/4")]);
    assert_eq!(sent.len(), 4);
    assert!(matches!(&step, Step::Fail(error) if error.message.contains("more than 3 times")), "{step:?}");
    for status in [300, 304, 305, 306] {
        assert!(matches!(follow_redirects(mixcom, &[(status, "/1.mp3")]).1, Step::Fail(_)), "{status}");
    }
    let (_, opaque) = follow_redirects(mixcom, &[(0, "")]);
    assert!(
        matches!(&opaque, Step::Fail(error) if error.code == ErrorCode::MalformedResponse),
        "a browser hides the redirect's target: {opaque:?}"
    );
}

#[test]
fn a_redirected_signed_request_names_the_base_address_to_set() {
    let dingxin = r#"{"provider":"dingxin","appKey":"AppKey01","appSecret":"SecretAbC","recordingBaseUrl":"http://rec.example"}"#;
    let (sent, _) = follow_redirects(dingxin, &[(301, "/elsewhere")]);
    let location = sent[0].1.replacen("http:", "https:", 1);
    let (_, step) = follow_redirects(dingxin, &[(301, &location)]);
    let Step::Fail(error) = step else { panic!("{step:?}") };
    assert_eq!(error.hint.as_deref(), Some("set recordingBaseUrl to \"https://rec.example\""));
    assert!(!format!("{error:?}").contains("SecretAbC"));
}

#[test]
fn a_wrong_clock_is_reported_with_its_difference_if_the_request_has_a_time() {
    let hint = |options: &str, operation: &Operation, status: u16, date: &str| {
        let provider = open(options);
        let response = Response { status, date: Some(date.to_owned()), ..Response::default() };
        let event = Event::Response { response, partial: false };
        match after(&*provider, operation, 99, event, 0.0) {
            Step::Fail(error) => error.hint.clone().unwrap_or_default(),
            step => panic!("{step:?}"),
        }
    };
    let quanmayun = r#"{"provider":"quanmayun","appId":"1","appSecret":"quan-secret"}"#;
    // The tests' now is 09:40:00.123.
    assert!(
        hint(quanmayun, &dial(), 401, "Mon, 02 Mar 2020 09:34:59 GMT").starts_with("this machine's clock is 301 s ahead of the platform's")
    );
    assert!(
        hint(quanmayun, &dial(), 403, "Mon, 02 Mar 2020 09:46:00 GMT").starts_with("this machine's clock is 359 s behind the platform's")
    );
    assert!(hint(quanmayun, &dial(), 403, "Mon, 02 Mar 2020 09:40:30 GMT").contains("have this server's address admitted"));
    assert!(hint(quanmayun, &dial(), 404, "Mon, 02 Mar 2020 09:00:00 GMT").contains("baseUrl"), "404 has nothing to do with the time");
    let of: Operation = (&RecordingOf { call_id: Some("CAE-1".into()), ..RecordingOf::default() }).into();
    let mixcom = r#"{"provider":"mixcom","appKey":"k1","appSecret":"mix-secret"}"#;
    assert!(
        hint(mixcom, &of, 401, "Mon, 02 Mar 2020 05:00:00 GMT").starts_with("check appKey and appSecret"),
        "a request for a recording has no time"
    );
}
