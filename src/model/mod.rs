//! The neutral vocabulary. Knows no platform and does no I/O.

mod answer;
pub mod code;
pub(crate) mod count;
mod error;
mod operation;
mod options;
mod own;
pub mod phone;
mod reason;
mod record;
mod text;
mod time;
pub(crate) mod words;

pub use answer::{Answer, Headers};
pub use error::{Delivery, Error, ErrorCode, ErrorDetail, Origin};
pub use operation::{
    Balance, BindSeat, Call, Correlation, Dial, Download, HangUp, Operation, OperationKind, OperationResult, RecordPage, RecordRange,
    RecordingOf, RecordingStart, UnreadableRecord,
};
pub(crate) use operation::{CALL_ID_HINT, HINTS as PARAMETER_HINTS, REFERENCE_HINT, SEAT_HINT};
pub(crate) use options::fold_name;
pub use options::{Options, Value};
pub use own::{OwnFields, OwnValue};
pub use phone::PhoneNumber;
pub use reason::ErrorReason;
pub use record::{Availability, CallRecord, Cause, Direction, Leg, Outcome, Problem, Raw, RecordingState, Side, Status};
pub use text::Text;
pub use time::{Timestamp, Zone};
