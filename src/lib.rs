//! Two-way callback calls (双向回呼, 隐私通话, AXB) and their call detail records (CDR, 话单) through five Chinese telephony
//! platforms, with one vocabulary.
//!
//! The core is pure: no clock, no randomness, no I/O. `now`, a fresh reference and jitter are arguments, and whoever calls sends.
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

pub mod bulk;
pub mod charset;
pub mod digest;
pub mod exchange;
pub mod http;
mod json;
pub mod model;
pub mod payload;
pub mod provider;
pub mod receive;
pub mod redaction;
pub mod signature;
#[cfg(feature = "typescript")]
pub mod typescript;

pub use charset::Decoder;
pub use exchange::Exchange;
pub use http::Response;
pub use model::{
    Balance, BindSeat, Call, CallRecord, Cause, Delivery, Dial, Error, ErrorCode, ErrorReason, HangUp, Operation, OperationKind,
    OperationResult, RecordRange, RecordingOf, Status,
};
#[cfg(not(target_arch = "wasm32"))]
pub use provider::capabilities;
pub use provider::cyjcloud::Cyjcloud;
pub use provider::dingxin::Dingxin;
pub use provider::mixcom::Mixcom;
pub use provider::quanmayun::Quanmayun;
pub use provider::seatcall::Seatcall;
pub use provider::{Moment, Prepared, Provider, explain_code};
pub use receive::{ParsedPush, Receiver, parse_push, process_push};
