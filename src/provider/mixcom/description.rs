//! The facts about mixcom. Sections refer to the platform's document, "一键呼叫接口".

use super::{codes, push};
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind, Text};
use crate::provider::platform::{
    Credential, DialectDoc, Documentation, Documented, Limits, Mark, Platform, PushSource, RungFirst, dialect_options, items,
};
use crate::provider::words::{DocumentedChoice as _, dialect_choice};
use crate::provider::{Advice, BodyEncoding, NumberFormat};

const CREDENTIALS_HINT: Text = Text::new(
    "pass the application's key and secret from the console's application list",
    "请传入控制台应用列表中该应用的 key 和 secret",
);
const CHECK_SECRET: Text = Text::new(
    "check appKey and appSecret; else try dialect.signature \"digest-only\"",
    "请核对 `appKey` 和 `appSecret`；如果无误，可试 `dialect.signature` 的 `digest-only`",
);
const CHECK_CREDENTIALS: Text = Text::new(
    "check appKey and appSecret in the console's application list; else try dialect.signature \"digest-only\"",
    "请在控制台的应用列表中核对 `appKey` 和 `appSecret`；如果无误，可试 `dialect.signature` 的 `digest-only`",
);
const ASK_PERMISSION: Text = Text::new(
    "ask the platform whether the application may place calls, and whether this server's address must be admitted",
    "请向平台确认该应用是否有权呼叫，以及是否要把本服务器的 IP 加入白名单",
);

pub(super) const SHA1_OF_SECRET: Text = Text::new("SHA-1 of the secret, lower-case hex", "取密钥的 SHA-1，十六进制小写");
pub(super) const APPEND_SECRET_AND_DIGEST: Text = Text::new("append the secret and its digest", "在末尾依次接上密钥和密钥的摘要");
pub(super) const APPEND_DIGEST: Text = Text::new("append the secret's digest", "在末尾接上密钥的摘要");
pub(super) const SHA1_OF_ALL: Text = Text::new("SHA-1 of that, lower-case hex", "对上一步的结果取 SHA-1，十六进制小写");

const CREDENTIALS: &[Documented<Credential>] = &[
    // 2.1: 32 is the limit of appkey. The same limit of sign is wrong: SHA-1 in hex has 40.
    Credential::public("appKey", CREDENTIALS_HINT.en).at_most(32).documented(
        Text::new("`appkey` in the document.", "文档中的 `appkey`。"),
        CREDENTIALS_HINT.zh,
        "k1",
    ),
    Credential::secret("appSecret", CREDENTIALS_HINT.en).documented(
        Text::new("The secret of the application. It signs and is never sent.", "应用的密钥，只用于签名，从不发送。"),
        CREDENTIALS_HINT.zh,
        "s1",
    ),
];

dialect_choice! {
    /// The digested text: the values, the secret and its SHA-1 (default), or the values and the SHA-1. 签名, steps 6 and 7.
    pub enum MixcomSignature ("signature", Known, "取摘要的文本：参数值、密钥和密钥的 SHA-1（默认），或参数值和密钥的 SHA-1。见文档“签名”第 6、7 步。") {
        /// The values, the secret, and the SHA-1 of the secret.
        SecretAndDigest = "secret-and-digest" / "参数值、密钥、密钥的 SHA-1。",
        /// The values and the SHA-1 of the secret.
        DigestOnly = "digest-only" / "参数值、密钥的 SHA-1。",
    }
}

dialect_choice! {
    /// How a recording is requested. Default `form` (chosen); the document's own example is a link.
    pub enum MixcomRecordingRequest ("recordingRequest", Chosen, "获取录音的请求方式。默认 `form`（本库选定）；文档自己的示例是一个链接。") {
        /// A POST with a form.
        Form = "form" / "POST，参数在表单中。",
        /// A POST with a query.
        Query = "query" / "POST，参数在查询串中。",
        /// A GET with a query, as in the document's example.
        Get = "get" / "GET，参数在查询串中，与文档的示例相同。",
    }
}

dialect_choice! {
    /// The field of a dial's reference. The request's table writes `Uuid` (default), the push `uuid`. The signature is the same for both, so
    /// with the wrong spelling the call is placed and its reference is lost.
    pub enum MixcomReferenceField ("referenceField", Documented, "呼叫中 `reference` 的字段名。请求参数表写作 `Uuid`（默认），推送写作 `uuid`。两者签名相同，所以写错时呼叫照常成功，`reference` 却会丢失。") {
        /// As in the request's table.
        Capital = "Uuid" / "与请求参数表相同。",
        /// As in the push.
        Lower = "uuid" / "与推送相同。",
    }
}

const DIALECT: &[DialectDoc] = &[
    MixcomSignature::DOCUMENTED,
    MixcomRecordingRequest::DOCUMENTED,
    BodyEncoding::DOCUMENTED,
    NumberFormat::DOCUMENTED,
    MixcomReferenceField::DOCUMENTED,
];

pub(in crate::provider) static PLATFORM: Platform = Platform {
    name: "mixcom",
    credentials: &items::<_, { CREDENTIALS.len() }>(CREDENTIALS),
    // 1.1
    base_url: Some("http://api-voicecall.mixcom.cn"),
    // 4
    recording_base_url: Some("http://v-record.mixcom.cn"),
    operations: &[OperationKind::Dial, OperationKind::Recording],
    spellings: &[
        ("callerNbr", "caller"),
        ("calleeNbr", "callee"),
        ("Uuid", "reference"),
        ("time", ""),
        ("appkey", "appKey"),
        ("sign", ""),
        ("icid", "callId"),
    ],
    // 2.1 Uuid, 4 icid
    limits: Limits { reference: 128, call_id: 64, ..Limits::UNDOCUMENTED },
    // 3: in the example the callee is called first, but nothing says that this is the rule.
    rung_first: (RungFirst::Unknown, Mark::Chosen),
    correlation: Correlation::Reference,
    echoes_reference: true,
    push: PushSource::Documented,
    pushes_again: true,
    domains: &["mixcom.cn"],
    recording_by_id: true,
    dialect: &dialect_options::<{ DIALECT.len() }>(DIALECT),
    reasons: &[&codes::REASONS],
    advice: Advice {
        authentication: CHECK_CREDENTIALS.en,
        forbidden: ASK_PERMISSION.en,
        // 2.1 time: valid 10 minutes. 4: the recording's request carries no time.
        clock_seconds: |kind| matches!(kind, OperationKind::Dial).then_some(600),
        words: &[
            ("签名", ErrorReason::BadSignature, CHECK_SECRET.en),
            ("appkey", ErrorReason::Authentication, CHECK_SECRET.en),
            ("sign", ErrorReason::BadSignature, CHECK_SECRET.en),
        ],
    },
    event: Some(("event", "fee")),
    marker_fields: &["event", "callIdentifier"],
    record_fields: push::FIELDS,
    complete_record: push::complete,
    ack: |_| Answer::json(200, r#"{"code":200}"#),
    // 3, 推送说明 1 and 3: without a JSON body, or after a 4xx, the platform does not try again.
    nack: || Answer::json(500, r#"{"code":500}"#),
    ..Platform::EMPTY
};

pub(in crate::provider) static DOCUMENTATION: Documentation = Documentation {
    platform: &PLATFORM,
    title: "mixcom 一键呼叫",
    doc: Text::EMPTY,
    credentials: CREDENTIALS,
    options: &[],
    dial_fields: &[],
    dialect: DIALECT,
    reasons: &[codes::CODES],
    refusals: &[],
    advice: &[
        (ErrorReason::Authentication, CHECK_CREDENTIALS),
        (ErrorReason::BadSignature, CHECK_SECRET),
        (ErrorReason::Forbidden, ASK_PERMISSION),
    ],
    captions: &[SHA1_OF_SECRET, APPEND_SECRET_AND_DIGEST, APPEND_DIGEST, SHA1_OF_ALL],
    notes: &[
        (
            Mark::Documented,
            Text::new(
                "A dial answers no call id: the reference, which the record echoes, is the only way to find its record. One is made when none is given.",
                "呼叫的响应中没有通话标识：随话单返回的 `reference` 是找到话单的唯一线索。没有传入时会自动生成一个。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "The request's table writes Uuid, the push uuid. In the wrong spelling the reference would be lost without an error: see dialect.referenceField.",
                "请求参数表写作 `Uuid`，推送写作 `uuid`。写错时不会报错，但 `reference` 会丢失：见 `dialect.referenceField`。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "Who is rung first is not said. In the document's example the callee is rung first, or the two legs' names are swapped there: try it.",
                "先呼哪一方文档未说明。文档的示例中先呼被叫，也可能是示例把两路的名称写反了：请实际试一次。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "A record is pushed again 60, 180 and 600 s after a 5xx with a JSON body, and never after a 404 or 403.",
                "收到带 JSON 正文的 5xx 响应后，会在 60、180、600 秒后重推话单；收到 404 或 403 后不再推送。",
            ),
        ),
        (
            Mark::Chosen,
            Text::new("Any 4xx is taken to end the pushing, as 404 and 403 do.", "其他 4xx 视同 404 和 403：之后不再推送。"),
        ),
        (
            Mark::Documented,
            Text::new(
                "durationSeconds (Duration) counts from the first answer in the document's example; the document does not say so in words.",
                "`durationSeconds`（`Duration`）在文档的示例中从第一方接听开始计；文档没有用文字说明。",
            ),
        ),
        (
            Mark::Chosen,
            Text::new("talkSeconds counts from when both parties were on the line.", "`talkSeconds` 从双方都接听开始计。"),
        ),
        (
            Mark::Documented,
            Text::new(
                "The request for a recording carries no time: over plain http, anyone who sees one can repeat it at any time. Set recordingBaseUrl to an https address if the platform has one.",
                "获取录音的请求中没有时间：走明文 http 时，截获请求的人可以一直重放。平台如有 https 地址，请设置 `recordingBaseUrl`。",
            ),
        ),
        (
            Mark::Documented,
            Text::new("The documented addresses are plain http.", "文档所列的地址是明文 http。"),
        ),
        (
            Mark::Known,
            Text::new("Newer addresses of the vendor are https: set baseUrl.", "厂商较新的地址是 https：请设置 `baseUrl`。"),
        ),
        (
            Mark::Known,
            Text::new(
                "In the reasons, 本端 (local) is the caller and 远端 (remote) the callee.",
                "呼叫失败原因中，“本端”是主叫，“远端”是被叫。",
            ),
        ),
    ],
};
