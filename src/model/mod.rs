//! The neutral vocabulary. Knows no platform and does no I/O.

mod answer;
pub mod code;
pub(crate) mod count;
mod error;
mod fields;
mod operation;
mod own;
pub mod phone;
mod reason;
mod record;
mod time;
mod words;

pub use answer::{Headers, Reply};
pub use error::{Delivery, Error, ErrorCode, ErrorDetail, Origin};
pub(crate) use fields::folded;
pub use fields::{Fields, Value};
pub use operation::{
    Balance, BindSeat, Call, Correlation, Dial, Download, HangUp, Operation, OperationKind, OperationResult, RecordPage, RecordRange,
    RecordingOf, RecordingStart, UnreadableRecord,
};
pub use own::{OwnFields, OwnValue};
pub use phone::PhoneNumber;
pub use reason::ErrorReason;
pub use record::{Availability, CallRecord, Cause, Direction, Leg, Outcome, Problem, Raw, RecordingState, Side, Status};
pub use time::{Timestamp, Zone};
