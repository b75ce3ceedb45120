//! The facts about seatcall. The document names no vendor; its parts are named here by their headings.

use super::push;
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind, Text};
use crate::provider::Advice;
use crate::provider::own::own_fields;
use crate::provider::platform::{
    Credential, DialectDoc, DialectOption, Documentation, Documented, Field, Kind, Limits, Mark, Platform, PushSource, RungFirst,
    dialect_options, items,
};

const BIND_SEAT: Text = Text::new(
    "bind the seat to the caller's number with bindSeat first; one seat, one number",
    "请先用 `bindSeat` 把坐席绑定到主叫号码，一个坐席对应一个号码",
);
const CUSTOMER_HINT: Text =
    Text::new("pass the 客户识别码 (userData) that the platform gave you", "请传入平台提供的客户识别码（userData）");
const SECRET_HINT: Text = Text::new("pass the Appsecret that the platform gave you", "请传入平台提供的 Appsecret");
const SEAT_HINT: Text = Text::new(
    "pass the seat that dials, like \"PP7568036551\", bound with bindSeat before",
    "请传入发起呼叫的坐席，例如 `PP7568036551`，须事先用 `bindSeat` 绑定",
);
const CHECK_CREDENTIALS: Text =
    Text::new("check customerId and appSecret with the platform", "请向平台核对 `customerId` 和 `appSecret`");
const ADMIT_ADDRESS: Text =
    Text::new("ask the platform whether this server's address must be admitted", "请向平台确认是否要把本服务器的 IP 加入白名单");

pub(super) const NO_AUTHORIZATION: Text = Text::new(
    "a dial carries no Authorization: userData says who dials",
    "呼叫请求没有 Authorization：由 userData 表明是哪个客户",
);
pub(super) const BASE64_OF_SECRET: Text = Text::new("base64 of Appsecret", "对 Appsecret 做 Base64 编码");

const CREDENTIALS: &[Documented<Credential>] = &[
    // A dial carries nothing else that proves who dials: it is as good as a password.
    Credential::secret("customerId", CUSTOMER_HINT.en).documented(
        Text::new(
            "`userData` in the document. A dial carries nothing else that proves who dials: keep it secret.",
            "文档中的 `userData`。呼叫请求只靠它表明身份：请保密。",
        ),
        CUSTOMER_HINT.zh,
        "4e2239c5-0000-4000-8000-000000000000",
    ),
    Credential::secret("appSecret", SECRET_HINT.en).documented(
        Text::new(
            "`Appsecret` in the document: the Authorization header of every operation but dial.",
            "文档中的 `Appsecret`：除呼叫以外各操作的 Authorization 请求头。",
        ),
        SECRET_HINT.zh,
        "seat-secret",
    ),
];

own_fields! {
    /// The fields of a dial at seatcall besides the parties.
    pub struct SeatcallDial {
        /// The seat (`setingNbr`, `PP…`) that dials. It must have been bound to the caller's number with `bindSeat`.
        pub seat: String = Field::new(
            "seat",
            Kind::Text { longest: Limits::UNDOCUMENTED.seat },
            SEAT_HINT.en,
        )
        .required()
        .documented(
            "发起呼叫的坐席（`setingNbr`，`PP…`），须事先用 `bindSeat` 绑定到主叫号码。",
            SEAT_HINT.zh,
            "PP7568036551",
        );
    }
}

pub(super) const ACK: DialectOption = DialectOption::text("ack", "success");

const DIALECT: &[DialectDoc] = &[ACK.documented(Mark::Chosen, Text::new("The text that acknowledges a push.", "确认推送的响应文本。"))];

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
        authentication: CHECK_CREDENTIALS.en,
        forbidden: ADMIT_ADDRESS.en,
        clock_seconds: |_| None,
        words: &[
            ("坐席", ErrorReason::SeatNotBound, BIND_SEAT.en),
            ("绑定", ErrorReason::SeatNotBound, BIND_SEAT.en),
            ("座席", ErrorReason::SeatNotBound, BIND_SEAT.en),
            ("seting", ErrorReason::SeatNotBound, BIND_SEAT.en),
            ("seat", ErrorReason::SeatNotBound, BIND_SEAT.en),
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
    doc: Text::EMPTY,
    credentials: CREDENTIALS,
    options: &[],
    dial_fields: SeatcallDial::FIELDS,
    dialect: DIALECT,
    reasons: &[],
    refusals: &[],
    advice: &[
        (ErrorReason::Authentication, CHECK_CREDENTIALS),
        (ErrorReason::Forbidden, ADMIT_ADDRESS),
        (ErrorReason::SeatNotBound, BIND_SEAT),
    ],
    captions: &[NO_AUTHORIZATION, BASE64_OF_SECRET],
    notes: &[
        (
            Mark::Documented,
            Text::new(
                "A seat must be bound to the caller's number before its first dial; one seat, one number.",
                "坐席首次呼叫之前必须绑定主叫号码，一个坐席对应一个号码。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "The caller is rung first; when the caller answers, the callee is called.",
                "先呼主叫，主叫接听后再呼被叫。",
            ),
        ),
        (Mark::Documented, Text::new("Records are pulled, at most 100 in a page.", "话单由客户拉取，每页最多 100 条。")),
        (Mark::Known, Text::new("The same records may be pushed.", "同样的话单也可能由平台推送。")),
        (
            Mark::Documented,
            Text::new(
                "The recording's address is only in the record: pass a CallRecord to recording(). The address is valid for 7 days.",
                "录音地址只在话单里：`recording()` 要传入 `CallRecord`。有效期 7 天。",
            ),
        ),
        (Mark::Chosen, Text::new("The 7 days are counted from the call's end.", "7 天从通话结束时起算。")),
        (
            Mark::Documented,
            Text::new(
                "balance() is the call time left; the document does not say its unit.",
                "`balance()` 是剩余通话时长，单位文档未说明。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "callmin are the call's minutes; the document does not say that they are charged.",
                "`callmin` 是通话分钟数，是否计费文档未说明。",
            ),
        ),
        (
            Mark::Known,
            Text::new(
                "callOutAnswerTime is the caller's answer, fwdAnswerTime the callee's; direction 1 is an inbound call.",
                "`callOutAnswerTime` 是主叫接听时间，`fwdAnswerTime` 是被叫接听时间；`direction` 为 1 表示呼入。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "The address is agreed with each customer: baseUrl is required.",
                "接口地址由平台与每个客户约定：必须设置 `baseUrl`。",
            ),
        ),
    ],
};
