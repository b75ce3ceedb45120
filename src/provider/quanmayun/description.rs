//! The facts about quanmayun. Sections refer to the platform's document, "双向回呼接口".

use super::{push, reasons};
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind, Text};
use crate::provider::Advice;
use crate::provider::platform::{
    Characters, Credential, DialectDoc, Documentation, Documented, Limits, Mark, Platform, PushSource, RungFirst, dialect_options, items,
};
use crate::provider::words::{DocumentedChoice as _, dialect_choice};

const CREDENTIALS_HINT: Text =
    Text::new("pass the APPID and APPSECRET of the platform's console", "请传入平台控制台中的 APPID 和 APPSECRET");
const CHECK_SECRET: Text = Text::new("check appId and appSecret in the platform's console", "请在平台控制台核对 `appId` 和 `appSecret`");
const CHECK_CLOCK: Text =
    Text::new("set this machine's clock (NTP): requests are valid for 5 minutes", "请同步本机时钟（NTP）：请求的有效期为 5 分钟");
const ADMIT_ADDRESS: Text =
    Text::new("have this server's address admitted by the platform (IP 白名单)", "请联系平台把本服务器的 IP 加入白名单");

pub(super) const MD5_OF_TEXT: Text = Text::new(
    "MD5 of APPID:APPSECRET:timestamp (milliseconds), lower-case hex",
    "取 APPID:APPSECRET:时间戳（毫秒）的 MD5，十六进制小写",
);
pub(super) const JOIN: Text = Text::new("join APPID:timestamp:sign", "拼接 APPID:时间戳:签名");
pub(super) const BASE64: Text = Text::new("base64 of that", "对上一步的结果做 Base64 编码");

const CREDENTIALS: &[Documented<Credential>] = &[
    Credential::public("appId", CREDENTIALS_HINT.en)
        .documented(
            Text::new(
                "`APPID` in the document: 19 digits, as text, since a number would lose some.",
                "文档中的 `APPID`：19 位数字，须以文本传入，数字类型会丢失位数。",
            ),
            CREDENTIALS_HINT.zh,
            "1696054309969104898",
        )
        .with_form(Characters::Digits, 19, 19),
    Credential::secret("appSecret", CREDENTIALS_HINT.en).documented(
        Text::new("`APPSECRET` in the document. It signs and is never sent.", "文档中的 `APPSECRET`，只用于签名，从不发送。"),
        CREDENTIALS_HINT.zh,
        "s1",
    ),
];

dialect_choice! {
    /// The path of a recording. Default `api-v1`: the one whole address that the document writes.
    pub enum QuanmayunRecordingPathStyle ("recordingPathStyle", Documented, "获取录音的路径。默认 `api-v1`：文档写出的唯一完整地址。") {
        /// `/openapi/api/v1`.
        ApiV1 = "api-v1" / "`/openapi/api/v1`。",
        /// `/openapi/v1`.
        V1 = "v1" / "`/openapi/v1`。",
    }
}

dialect_choice! {
    /// The path of a dial. Default `v1`, as in the table; `endCall` always has `/openapi/v1`.
    pub enum QuanmayunPathStyle ("pathStyle", Documented, "呼叫的路径。默认 `v1`，与参数表相同；`endCall` 始终是 `/openapi/v1`。") {
        /// `/openapi/v1`, as in the table.
        V1 = "v1" / "`/openapi/v1`，与参数表相同。",
        /// `/openapi/api/v1`, as in the samples.
        ApiV1 = "api-v1" / "`/openapi/api/v1`，与示例相同。",
    }
}

dialect_choice! {
    /// Where the call id of a recording is sent. Default `json`, as in the sample; the table says a URL parameter.
    pub enum QuanmayunRecordingRequest ("recordingRequest", Documented, "录音请求的通话标识放在哪里。默认 `json`，与示例相同；参数表说是 URL 参数。") {
        /// In the JSON body.
        Json = "json" / "在 JSON 正文中。",
        /// In the query.
        Query = "query" / "在查询串中。",
    }
}

const DIALECT: &[DialectDoc] =
    &[QuanmayunRecordingPathStyle::DOCUMENTED, QuanmayunPathStyle::DOCUMENTED, QuanmayunRecordingRequest::DOCUMENTED];

pub(in crate::provider) static PLATFORM: Platform = Platform {
    name: "quanmayun",
    credentials: &items::<_, { CREDENTIALS.len() }>(CREDENTIALS),
    // 3.0
    base_url: Some("http://api.v3.quanmayun.com:9090"),
    // 3.3
    recording_base_url: Some("http://record.v3.quanmayun.com:9090"),
    operations: &[OperationKind::Dial, OperationKind::HangUp, OperationKind::Recording],
    spellings: &[
        ("caller", "caller"),
        ("callee", "callee"),
        ("outCallId", "reference"),
        ("callidentifier", "callId"),
        ("APPID", "appId"),
        ("APPSECRET", "appSecret"),
    ],
    // 3.1 outCallId, callidentifier
    limits: Limits { reference: 64, call_id: 64, ..Limits::UNDOCUMENTED },
    // 3.2: the caller may hang up while the callee is being called, and startTime is the caller's answer.
    rung_first: (RungFirst::Caller, Mark::Documented),
    correlation: Correlation::CallId,
    echoes_reference: true,
    push: PushSource::Documented,
    pushes_again: false,
    domains: &["quanmayun.com"],
    recording_by_id: true,
    dialect: &dialect_options::<{ DIALECT.len() }>(DIALECT),
    reasons: &[&reasons::REASONS],
    advice: Advice {
        authentication: CHECK_SECRET.en,
        forbidden: ADMIT_ADDRESS.en,
        // 2: the timestamp is valid for 5 minutes.
        clock_seconds: |_| Some(300),
        words: &[
            ("签名", ErrorReason::BadSignature, CHECK_SECRET.en),
            ("鉴权", ErrorReason::Authentication, CHECK_SECRET.en),
            ("认证", ErrorReason::Authentication, CHECK_SECRET.en),
            ("时间", ErrorReason::ClockSkew, CHECK_CLOCK.en),
            ("请求过期", ErrorReason::ClockSkew, CHECK_CLOCK.en),
            ("请求已过期", ErrorReason::ClockSkew, CHECK_CLOCK.en),
        ],
    },
    marker_fields: &["callidentifier", "status", "reason", "outCallId"],
    record_fields: push::FIELDS,
    complete_record: push::complete,
    ack: |_| Answer::json(200, r#"{"code":"200","msg":"success","data":""}"#),
    nack: || Answer::json(500, r#"{"code":"500","msg":"fail","data":""}"#),
    ..Platform::EMPTY
};

pub(in crate::provider) static DOCUMENTATION: Documentation = Documentation {
    platform: &PLATFORM,
    title: "quanmayun 双向回呼",
    doc: Text::new("The platform admits listed IP addresses only.", "平台只接受白名单内的 IP。"),
    credentials: CREDENTIALS,
    options: &[],
    dial_fields: &[],
    dialect: DIALECT,
    reasons: &[reasons::CODES],
    refusals: &[],
    advice: &[
        (ErrorReason::Authentication, CHECK_SECRET),
        (ErrorReason::BadSignature, CHECK_SECRET),
        (ErrorReason::ClockSkew, CHECK_CLOCK),
        (ErrorReason::Forbidden, ADMIT_ADDRESS),
    ],
    captions: &[MD5_OF_TEXT, JOIN, BASE64],
    notes: &[
        (
            Mark::Documented,
            Text::new(
                "A push to a wrong address is not sent again, and no second push is promised: keep the record the first time.",
                "推送地址有误时不会补推，文档也没有承诺重推：收到第一次推送就要保存。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "The record holds no phone numbers: take them from your own dial.",
                "话单里没有电话号码：请从您自己的呼叫记录里取。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "Both sides admit listed IP addresses only: give the platform yours, and let its pushes in.",
                "双方互设 IP 白名单：请把您的 IP 报给平台，并放行平台推送的来源 IP。",
            ),
        ),
        (
            Mark::Documented,
            Text::new("A recording can be fetched for three days after the call's end.", "录音在通话结束后三天内可以获取。"),
        ),
        (
            Mark::Documented,
            Text::new(
                "The document writes the paths as openapi/v1 and as openapi/api/v1: see dialect.pathStyle and dialect.recordingPathStyle.",
                "文档中的路径有 openapi/v1 和 openapi/api/v1 两种写法：见 `dialect.pathStyle` 和 `dialect.recordingPathStyle`。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "A request whose timestamp is more than 5 minutes off is refused: the clock must be right.",
                "时间戳相差超过 5 分钟的请求会被拒绝：本机时钟必须准确。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "The caller is rung first: CallerAbandon is a caller who hangs up while the callee is being called.",
                "先呼主叫：CallerAbandon 指呼叫被叫的过程中主叫挂机。",
            ),
        ),
    ],
};
