//! The facts about seatcall. The document names no vendor; its parts are named here by their headings.

use super::push;
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind};
use crate::provider::Advice;
use crate::provider::own::own_fields;
use crate::provider::platform::{
    Credential, DialectDoc, DialectOption, Documentation, Documented, Field, Kind, Limits, Mark, Platform, PushSource, RungFirst,
    dialect_options, items,
};

const BIND_SEAT: &str = "bind the seat to the caller's number with bindSeat first; one seat, one number";

const CREDENTIALS: &[Documented<Credential>] = &[
    // A dial carries nothing else that proves who dials: it is as good as a password.
    Credential::secret("customerId", "pass the 客户识别码 (userData) that the platform gave you").documented(
        "`userData` in the document. A dial carries nothing else that proves who dials: keep it secret.",
        "4e2239c5-0000-4000-8000-000000000000",
    ),
    Credential::secret("appSecret", "pass the Appsecret that the platform gave you")
        .documented("`Appsecret` in the document: the Authorization header of every operation but dial.", "seat-secret"),
];

own_fields! {
    /// The fields of a dial at seatcall besides the parties.
    pub struct SeatcallDial {
        /// The seat (`setingNbr`, `PP…`) that dials. It must have been bound to the caller's number with `bindSeat`.
        pub seat: String = Field::new(
            "seat",
            Kind::Text { longest: Limits::UNDOCUMENTED.seat },
            "pass the seat that dials, like \"PP7568036551\", bound with bindSeat before",
        )
        .required()
        .sample("PP7568036551");
    }
}

pub(super) const ACK: DialectOption = DialectOption::text("ack", "success");

const DIALECT: &[DialectDoc] = &[ACK.documented(Mark::Chosen, "The text that acknowledges a push.")];

pub(in crate::provider) static PLATFORM: Platform = Platform {
    name: "seatcall",
    credentials: &items::<_, { CREDENTIALS.len() }>(CREDENTIALS),
    operations: &[OperationKind::Dial, OperationKind::BindSeat, OperationKind::Records, OperationKind::Recording, OperationKind::Balance],
    dial_fields: &items::<_, { SeatcallDial::FIELDS.len() }>(SeatcallDial::FIELDS),
    spellings: &[
        ("callerNbr", "caller"),
        ("calleeNbr", "callee"),
        ("userData", "customerId"),
        ("setingNbr", "seat"),
        ("userPhone", "phone"),
        ("Appsecret", "appSecret"),
        ("maxId", "after"),
        ("starTime", "from"),
        ("endTime", "to"),
    ],
    // 拨号接口: 主叫号码会先响起，主叫接听之后会呼叫被叫号码
    rung_first: (RungFirst::Caller, Mark::Documented),
    correlation: Correlation::CallId,
    push: PushSource::Known,
    pushes_again: false,
    recording_by_id: false,
    dialect: &dialect_options::<{ DIALECT.len() }>(DIALECT),
    advice: Advice {
        authentication: "check customerId and appSecret with the platform",
        forbidden: "ask the platform whether this server's address must be admitted",
        clock_seconds: |_| None,
        words: &[
            ("坐席", ErrorReason::SeatNotBound, BIND_SEAT),
            ("绑定", ErrorReason::SeatNotBound, BIND_SEAT),
            ("座席", ErrorReason::SeatNotBound, BIND_SEAT),
            ("seting", ErrorReason::SeatNotBound, BIND_SEAT),
            ("seat", ErrorReason::SeatNotBound, BIND_SEAT),
        ],
    },
    marker_fields: &["sessionId", "callerNum", "calleeNum"],
    record_fields: push::FIELDS,
    complete_record: push::complete,
    ack: |dialect| Answer::text(200, dialect.text(&ACK)),
    nack: || Answer::text(500, "fail"),
    ..Platform::EMPTY
};

pub(in crate::provider) static DOCUMENTATION: Documentation = Documentation {
    platform: &PLATFORM,
    title: "seatcall 坐席双呼",
    doc: "",
    credentials: CREDENTIALS,
    options: &[],
    dial_fields: SeatcallDial::FIELDS,
    dialect: DIALECT,
    notes: &[
        (Mark::Documented, "A seat must be bound to the caller's number before its first dial; one seat, one number."),
        (Mark::Documented, "The caller is rung first; when the caller answers, the callee is called."),
        (Mark::Documented, "Records are pulled, at most 100 in a page."),
        (Mark::Known, "The same records may be pushed."),
        (Mark::Documented, "The recording's address stands in the record only: recording() takes a CallRecord. It is good for 7 days."),
        (Mark::Chosen, "The 7 days are counted from the call's end."),
        (Mark::Documented, "balance() is the call time left; the document does not say its unit."),
        (Mark::Documented, "callmin are the call's minutes; the document does not say that they are charged."),
        (Mark::Known, "callOutAnswerTime is the caller's answer, fwdAnswerTime the callee's; direction 1 is an inbound call."),
        (Mark::Documented, "The address is agreed with each customer: baseUrl is required."),
    ],
};
