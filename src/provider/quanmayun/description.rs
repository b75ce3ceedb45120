//! The facts about quanmayun. Sections refer to the platform's document, "双向回呼接口".

use super::{push, reasons};
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind};
use crate::provider::Advice;
use crate::provider::platform::{
    Characters, Credential, DialectDoc, Documentation, Documented, Limits, Mark, Platform, PushSource, RungFirst, dialect_options, items,
};
use crate::provider::words::{DocumentedChoice as _, dialect_choice};

const CREDENTIALS_HINT: &str = "pass the APPID and APPSECRET of the platform's console";
const CHECK_SECRET: &str = "check appId and appSecret in the platform's console";
const CHECK_CLOCK: &str = "set this machine's clock (NTP): requests are valid for 5 minutes";

const CREDENTIALS: &[Documented<Credential>] = &[
    Credential::public("appId", CREDENTIALS_HINT)
        .documented("`APPID` in the document: 19 digits, as text, since a number would lose some.", "1696054309969104898")
        .with_form(Characters::Digits, 19, 19),
    Credential::secret("appSecret", CREDENTIALS_HINT).documented("`APPSECRET` in the document. It signs and is never sent.", "s1"),
];

dialect_choice! {
    /// The path of a recording. Default `api-v1`: the one whole address that the document writes.
    pub enum QuanmayunRecordingPathStyle ("recordingPathStyle", Documented) {
        /// `/openapi/api/v1`.
        ApiV1 = "api-v1",
        /// `/openapi/v1`.
        V1 = "v1",
    }
}

dialect_choice! {
    /// The path of a dial. Default `v1`, as in the table; `endCall` always has `/openapi/v1`.
    pub enum QuanmayunPathStyle ("pathStyle", Documented) {
        /// `/openapi/v1`, as in the table.
        V1 = "v1",
        /// `/openapi/api/v1`, as in the samples.
        ApiV1 = "api-v1",
    }
}

dialect_choice! {
    /// Where the call id of a recording is sent. Default `json`, as in the sample; the table says a URL parameter.
    pub enum QuanmayunRecordingRequest ("recordingRequest", Documented) {
        /// In the JSON body.
        Json = "json",
        /// In the query.
        Query = "query",
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
    reasons: &[reasons::REASONS],
    advice: Advice {
        authentication: CHECK_SECRET,
        forbidden: "have this server's address admitted by the platform (IP 白名单)",
        // 2: the timestamp is valid for 5 minutes.
        clock_seconds: |_| Some(300),
        words: &[
            ("签名", ErrorReason::BadSignature, CHECK_SECRET),
            ("鉴权", ErrorReason::Authentication, CHECK_SECRET),
            ("认证", ErrorReason::Authentication, CHECK_SECRET),
            ("时间", ErrorReason::ClockSkew, CHECK_CLOCK),
            ("请求过期", ErrorReason::ClockSkew, CHECK_CLOCK),
            ("请求已过期", ErrorReason::ClockSkew, CHECK_CLOCK),
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
    doc: "The platform admits listed IP addresses only.",
    credentials: CREDENTIALS,
    options: &[],
    dial_fields: &[],
    dialect: DIALECT,
    notes: &[
        (Mark::Documented, "A push to a wrong address is not sent again, and no second push is promised: keep the record the first time."),
        (Mark::Documented, "The record holds no phone numbers: take them from your own dial."),
        (Mark::Documented, "Both sides admit listed IP addresses only: give the platform yours, and let its pushes in."),
        (Mark::Documented, "A recording can be fetched for three days after the call's end."),
        (
            Mark::Documented,
            "The document writes the paths as openapi/v1 and as openapi/api/v1: see dialect.pathStyle and dialect.recordingPathStyle.",
        ),
        (Mark::Documented, "A request whose timestamp is more than 5 minutes off is refused: the clock must be right."),
        (Mark::Documented, "The caller is rung first: CallerAbandon is a caller who hangs up while the callee is being called."),
    ],
};
