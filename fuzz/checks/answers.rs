//! What a platform, or whatever stands before it, answers to any operation.

use ringback::{
    Delivery, ErrorCode, Event, Exchange, FailureReason, Moment, OperationKind, OperationResult, Origin, Progress, Response, Step,
    interpret_response, read_operation,
};
use serde_json::json;

use super::{Choices, account, is_json, parameters, sample, shows_no_secret};

const OPERATIONS: [&str; 6] = ["dial", "hangUp", "bindSeat", "records", "recording", "balance"];
const STATUSES: [u16; 12] = [200, 200, 200, 201, 0, 302, 400, 401, 404, 429, 500, 503];
const TYPES: [Option<&str>; 5] = [None, Some("application/json"), Some("text/html"), Some("audio/mpeg"), Some("application/octet-stream")];

/// The platform's name on a line of its own, operation, status, content type, whether the network failed instead, the first line as Retry-After; then the body.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let Some(platform) = choices.platform() else { return };
    let provider = account(platform, &json!({ "account": "main" }));
    let name = choices.of(&OPERATIONS);
    let status = choices.of(&STATUSES);
    let content_type = choices.of(&TYPES).map(str::to_owned);
    let flags = choices.byte();
    let (line, body) = match choices.0.iter().position(|byte| *byte == b'\n') {
        Some(end) if flags & 1 == 1 => (Some(String::from_utf8_lossy(&choices.0[..end]).into_owned()), &choices.0[end + 1..]),
        _ => (None, choices.0),
    };
    let mut given = sample(platform, OperationKind::named(name).expect("an operation"));
    match name {
        "dial" => (given["callee"], given["reference"]) = ("13900000002".into(), "order-1".into()),
        "records" => given["after"] = "9".into(),
        "recording" => (given["endedAt"], given["url"]) = ("2020-03-02T00:00:00Z".into(), "https://platform.example/1.mp3".into()),
        _ => {}
    }
    let Ok(operation) = read_operation(&*provider, name, parameters(given)) else { return };
    let moment = Moment::new(1_583_142_000_123, "0123456789abcdef0123456789abcdef");
    let answer = Response {
        status,
        content_type,
        retry_after: line.clone(),
        location: line.clone(),
        date: line.clone(),
        received_ms: Some(0),
        body,
        ..Response::default()
    };
    let result = interpret_response(&*provider, &operation, &answer);
    match &result {
        Ok(result) => {
            assert!((200..300).contains(&status), "no other status is a success");
            is_json(&serde_json::to_string(result).expect("a result"));
            if let OperationResult::Page(page) = result {
                assert!(!page.cursor.is_empty() && page.cursor.bytes().all(|byte| byte.is_ascii_digit()));
                // A page that is not the last moves the cursor on.
                assert!(page.end || page.cursor.trim_start_matches('0') != "9");
            }
        }
        Err(error) => {
            let shown = format!("{error} {error:?} {}", serde_json::to_string(error).expect("an error"));
            shows_no_secret(&shown);
            assert!(!shown.contains("13712345678"), "{shown}");
            assert_eq!((error.provider, error.account.as_deref(), error.operation), (Some(platform.name), Some("main"), Some(name)));
            assert_ne!(error.delivery, Delivery::NotSent, "an answer came");
            // The rule of dialing: only "not now" invites.
            assert!(!error.retryable || operation.kind().is_safe() || error.code == ErrorCode::RateLimited);
        }
    }
    let mut exchange = Exchange::new(&*provider, operation.clone(), Progress { attempts: 1, ..Progress::default() });
    let event = if flags & 2 == 2 {
        let message = String::from_utf8_lossy(body).into_owned();
        let origin = Origin { name: "TypeError".to_owned(), code: line, message, ..Origin::default() };
        Event::Failure { reason: FailureReason::Error, origins: vec![origin], sent: flags & 4 == 4 }
    } else {
        Event::Response { response: answer, partial: flags & 4 == 4 }
    };
    match exchange.step(event, &moment, f64::from(flags) / 256.0) {
        Step::Wait(ms) => assert!(operation.kind().is_safe() && ms <= 60_000, "only what reads is tried again"),
        Step::Send(_) => panic!("nothing is sent without a wait"),
        Step::Fail(error) => shows_no_secret(&format!("{error:?} {}", serde_json::to_string(&error).expect("an error"))),
        Step::Read | Step::Done(_) => {}
    }
}
