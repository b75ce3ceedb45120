//! The facts about fictel.

use super::{codes, push};
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind, Text};
use crate::provider::own::own_fields;
use crate::provider::platform::{
    Credential, DialectDoc, Documentation, Documented, Field, Kind, Limits, Mark, Platform, PushSource, RungFirst, dialect_options, items,
};
use crate::provider::words::DocumentedChoice as _;
use crate::provider::{Advice, NumberFormat};

const CREDENTIALS_HINT: Text = Text::new("pass the key and the secret of the console", "请传入控制台中的 key 和 secret");
const LINE_HINT: Text = Text::new("pass the name of a line", "请传入线路名称");
const CHECK_CREDENTIALS: Text =
    Text::new("check appKey and appSecret in the console", "请在控制台核对 `appKey` 和 `appSecret`");
const ASK_PERMISSION: Text = Text::new("ask the platform what the account may do", "请向平台确认账号的权限");

pub(super) const DIGEST: Text =
    Text::new("SHA-256 of nonce, created and secret, base64", "取 nonce、created 和密钥的 SHA-256，Base64 编码");

const CREDENTIALS: &[Documented<Credential>] = &[
    Credential::public("appKey", CREDENTIALS_HINT.en).documented(
        Text::new("`Username` in the document.", "文档中的 `Username`。"),
        CREDENTIALS_HINT.zh,
        "fictel-key",
    ),
    Credential::secret("appSecret", CREDENTIALS_HINT.en).documented(
        Text::new("The secret of the application. It signs and is never sent.", "应用的密钥，只用于签名，从不发送。"),
        CREDENTIALS_HINT.zh,
        "fictel-secret",
    ),
];

own_fields! {
    /// The fields of a dial at fictel besides the parties.
    pub struct FictelDial {
        /// The line (`line`) that the call goes through. Without it the platform chooses.
        pub line: Option<String> = Field::new("line", Kind::Text { longest: 20 }, LINE_HINT.en).documented(
            "呼叫使用的线路（`line`）。不传时由平台选定。",
            LINE_HINT.zh,
            "line-1",
        );
    }
}

const DIALECT: &[DialectDoc] = &[NumberFormat::DOCUMENTED];

pub(in crate::provider) static PLATFORM: Platform = Platform {
    name: "fictel",
    credentials: &items::<_, { CREDENTIALS.len() }>(CREDENTIALS),
    base_url: Some("https://api.fictel.example"),
    operations: &[OperationKind::Dial, OperationKind::HangUp],
    dial_fields: &items::<_, { FictelDial::FIELDS.len() }>(FictelDial::FIELDS),
    spellings: &[("from", "caller"), ("to", "callee"), ("line", "line"), ("callId", "callId")],
    limits: Limits { call_id: 32, ..Limits::UNDOCUMENTED },
    // 3: the caller is rung first.
    rung_first: (RungFirst::Caller, Mark::Documented),
    correlation: Correlation::CallId,
    // 2: each request has a nonce, which is taken once.
    signs_nonce: true,
    push: PushSource::Documented,
    pushes_again: true,
    domains: &["fictel.example"],
    recording_by_id: false,
    dialect: &dialect_options::<{ DIALECT.len() }>(DIALECT),
    reasons: &[&codes::REASONS],
    refusals: &codes::REFUSALS,
    advice: Advice {
        authentication: CHECK_CREDENTIALS.en,
        forbidden: ASK_PERMISSION.en,
        // 2: Created may be 300 s off.
        clock_seconds: |_| Some(300),
        words: &[],
    },
    marker_fields: &["callId", "endCode"],
    record_fields: push::FIELDS,
    complete_record: push::complete,
    ack: |_| Answer::json(200, r#"{"code":"0"}"#),
    nack: || Answer::json(500, r#"{"code":"1"}"#),
    ..Platform::EMPTY
};

pub(in crate::provider) static DOCUMENTATION: Documentation = Documentation {
    platform: &PLATFORM,
    title: "fictel 云桥双呼",
    doc: Text::EMPTY,
    credentials: CREDENTIALS,
    options: &[],
    dial_fields: FictelDial::FIELDS,
    dialect: DIALECT,
    reasons: &[codes::REASON_CODES],
    refusals: codes::REFUSAL_CODES,
    advice: &[(ErrorReason::Authentication, CHECK_CREDENTIALS), (ErrorReason::Forbidden, ASK_PERMISSION)],
    captions: &[DIGEST],
    notes: &[
        (Mark::Documented, Text::new("The caller is rung first.", "先呼主叫。")),
        (Mark::Documented, Text::new("A nonce is taken once: each request needs a fresh one.", "nonce 只能用一次：每个请求都要用新的。")),
        (Mark::Documented, Text::new("A push that was not acknowledged is sent again after 60 s, twice.", "未确认的推送在 60 秒后重推，共两次。")),
        (Mark::Documented, Text::new("durationSeconds (seconds) counts from when both parties were on the line.", "`durationSeconds`（`seconds`）从双方都接听开始计。")),
        (Mark::Chosen, Text::new("Numbers are sent in national form: the document gives none. See dialect.numberFormat.", "号码按国内格式发送：文档没有给出格式。见 `dialect.numberFormat`。")),
    ],
};
