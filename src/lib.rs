//! Two-way callback calls (双向回呼, 隐私通话, AXB) and their call detail records (CDR, 话单) through five Chinese telephony
//! platforms, with one vocabulary.
//!
//! The core is pure: no clock, no randomness, no I/O. `now`, a fresh reference and jitter are arguments, and the caller sends the requests.
//!
//! ```
//! use ringback::{Dial, Mixcom, Moment, OperationResult, Provider, Response};
//!
//! let mixcom = Mixcom::new("k1", "s1");
//! let dial = Dial { caller: "13800000001".into(), callee: "+86 139 0000 0002".into(), reference: Some("demo-1".into()), ..Dial::default() };
//! let prepared = mixcom.prepare(&dial, Moment::new(1_583_142_000_123, "a-fresh-reference"))?;
//! assert_eq!(prepared.url, "http://api-voicecall.mixcom.cn/voice/dial");
//!
//! // Send `prepared` with any HTTP stack, then:
//! let answer = Response { status: 200, body: br#"{"success": true, "code": 200, "msg": ""}"#, ..Response::default() };
//! let OperationResult::Call(call) = mixcom.interpret(&prepared, &answer)? else { unreachable!() };
//! assert_eq!(call.reference.as_deref(), Some("demo-1"));
//! # Ok::<(), ringback::Error>(())
//! ```

mod bulk;
mod charset;
mod digest;
mod exchange;
mod http;
mod json;
mod model;
mod payload;
mod provider;
mod receive;
mod redaction;
mod route;
mod signature;
#[cfg(feature = "typescript")]
pub mod typescript;

pub use bulk::{LineOptions, Normalized, Position, UnreadableLine, normalize_lines};
pub use charset::{Decoder, named as find_charset};
pub use digest::{base64, hex, hmac_sha1, hmac_sha256, md5, sha1, sha256};
pub use exchange::{Event, Exchange, FailureReason, Outgoing, Progress, Step};
pub use http::{Encoding, Method, Request, Response, decode_form, form, host, json_object, normalize_address, pairs, percent_encode};
pub use model::phone::{e164, mask_number, to_national};
pub use model::{
    Answer, Availability, Balance, BindSeat, Call, CallRecord, Cause, Correlation, Delivery, Dial, Direction, Download, Error, ErrorCode,
    ErrorDetail, ErrorReason, HangUp, Headers, Leg, Operation, OperationKind, OperationResult, Options, Origin, Outcome, OwnFields,
    OwnValue, PhoneNumber, Problem, Raw, RecordPage, RecordRange, RecordingOf, RecordingStart, RecordingState, Side, Status, Text,
    Timestamp, UnreadableRecord, Value, Zone,
};
pub use payload::{Element, Unreadable, to_raw};
pub use provider::platforms::*;
pub use provider::{
    Account, Advice, Advised, Binding, BodyEncoding, Capabilities, Characters, Credential, CredentialRow, Credentials, Description,
    Dialect, DialectChoice, DialectOption, DialectRow, Explanation, Field, Form, Kind, Limits, Mark, Moment, Note, NumberFormat, OptionRow,
    PLATFORMS, Place, Platform, Prepared, Provider, PushContext, PushSource, Randomness, Reason, Refusal, ResponseError, ResponseFields,
    RungFirst, Secret, Word, accept_call, capabilities, descriptions, explain_code, explain_signature, explain_signature_with_numbers,
    find_platform, hints, interpret_response, needs_randomness, open_account, prepare_request, read_operation, read_prepared, read_timeout,
    shared_captions, unlisted_code_zh,
};
pub use receive::Refusal as RefusedArrival;
pub use receive::{
    Admission, Arrival, Ignored, ParsedPush, PushHeaders, PushOptions, Receiver, ReceiverAccount, ReceiverLimits, ToJson, parse_push,
    parse_push_bytes, process_push, process_push_with,
};
pub use redaction::{Redactor, shown_url};
pub use route::{
    AttemptEnd, HealthChange, Hours, Route, RouteAttempt, RouteHealth, RouteState, Router, RouterHealth, RouterStep, Routing, When,
    check_dial, identify_account,
};
pub use signature::{Dropped, Joining, Parameter, Part, Placed, Shown, SignatureTrace, Visibility, canonicalize, sent_fields};
