//! The facts about dingxin. Sections refer to the platform's document, "接口文档".

use super::{codes, push};
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind, Text};
use crate::provider::own::own_fields;
use crate::provider::platform::{
    Credential, DialectDoc, DialectOption, Documentation, Documented, Field, Kind, Mark, Platform, PushSource, dialect_options, items,
};
use crate::provider::words::{DocumentedChoice as _, dialect_choice};
use crate::provider::{Advice, BodyEncoding, NumberFormat};

const CREDENTIALS_HINT: Text =
    Text::new("pass the appKey and appSecret of the company's account", "请传入公司账号的 appKey 和 appSecret");
const PUSH_URL_HINT: Text = Text::new(
    "pass the http(s) address that receives the records, like \"https://crm.example.com/push\"",
    "请传入接收话单的 http(s) 地址，例如 `https://crm.example.com/push`",
);
const CHECK_CREDENTIALS: Text =
    Text::new("check appKey and appSecret of the company's account", "请核对公司账号的 `appKey` 和 `appSecret`");
const ADMIT_ADDRESS: Text =
    Text::new("ask the platform whether this server's address must be admitted", "请向平台确认是否要把本服务器的 IP 加入白名单");

pub(super) const MD5_OF_PAIRS: Text = Text::new("MD5 of the pairs, lower-case hex", "对拼接好的键值对取 MD5，十六进制小写");

const CREDENTIALS: &[Documented<Credential>] = &[
    Credential::public("appKey", CREDENTIALS_HINT.en).documented(
        Text::new("`appKey` in the document.", "文档中的 `appKey`。"),
        CREDENTIALS_HINT.zh,
        "k1",
    ),
    Credential::secret("appSecret", CREDENTIALS_HINT.en).documented(
        Text::new(
            "`appSecret` in the document. This platform wants it sent with every request, even in a recording's URL.",
            "文档中的 `appSecret`。这个平台要求每个请求都带上它，录音地址里也有。",
        ),
        CREDENTIALS_HINT.zh,
        "s1",
    ),
];

/// The push address may hold a receiver's token.
pub(super) const PUSH_URL: Field = Field::new("pushUrl", Kind::Url, PUSH_URL_HINT.en).secret();

const OPTIONS: &[Documented<Field>] = &[PUSH_URL
    .documented(
        "接收话单的地址（`return_url`）。账号和呼叫都不设置时，这个平台不推送话单。",
        PUSH_URL_HINT.zh,
        "https://crm.example/push",
    )
    .with_doc("The address that records are pushed to (`return_url`). Without it, here or in the dial, this platform pushes none.")];

own_fields! {
    /// The fields of a dial at dingxin besides the parties.
    pub struct DingxinDial {
        /// The address that this call's record is pushed to, instead of the account's `pushUrl`.
        pub push_url: Option<String> = PUSH_URL.documented(
            "接收这次呼叫的话单的地址，代替账号的 `pushUrl`。",
            PUSH_URL_HINT.zh,
            "https://crm.example/push",
        );
    }
}

dialect_choice! {
    /// The part that is signed in lower case. Default `keys`; the document can also be read as lower-casing the values.
    pub enum DingxinSignatureCase ("signatureCase", Documented, "签名时哪些部分转为小写。默认 `keys`；文档也可以理解为参数值同样转小写。") {
        /// The names of the parameters.
        Keys = "keys" / "参数名。",
        /// The names and the values.
        KeysAndValues = "keys-and-values" / "参数名和参数值。",
    }
}

dialect_choice! {
    /// The unit of `timestamp`. Default `s` (chosen): the document does not say.
    pub enum DingxinTimestampUnit ("timestampUnit", Chosen, "`timestamp` 的单位。默认 `s`（本库选定）：文档未说明。") {
        /// Seconds.
        Seconds = "s" / "秒。",
        /// Milliseconds.
        Milliseconds = "ms" / "毫秒。",
    }
}

dialect_choice! {
    /// The field of the push address. The document has two spellings.
    pub enum DingxinPushUrlField ("pushUrlField", Documented, "推送地址的字段名。文档有两种写法。") {
        /// As in the table.
        ReturnUrl = "return_url" / "与参数表相同。",
        /// As elsewhere in the document.
        RetrunUrl = "retrun_url" / "与文档其他各处相同。",
    }
}

/// The table's row is named appKey and described as 公司账号的appId: another name, or another value.
pub(super) const RECORDING_APP_KEY: DialectOption = DialectOption::text("recordingAppKey", "appKey");
pub(super) const ACK: DialectOption = DialectOption::text("ack", r#"{"code":200,"msg":"success"}"#);

const DIALECT: &[DialectDoc] = &[
    DingxinSignatureCase::DOCUMENTED,
    DingxinTimestampUnit::DOCUMENTED,
    RECORDING_APP_KEY.documented(
        Mark::Documented,
        Text::new(
            "The account in the request for a recording: the document's row is named `appKey` and described as 公司账号的appId. `appKey` (default) and `appId` choose the parameter's name; any other text is sent as the value of `appKey`.",
            "录音请求中的账号：文档的参数名是 `appKey`，说明却是“公司账号的appId”。`appKey`（默认）和 `appId` 选定参数名；其他文本则作为 `appKey` 的值发送。",
        ),
    ),
    DingxinPushUrlField::DOCUMENTED,
    BodyEncoding::DOCUMENTED,
    NumberFormat::DOCUMENTED,
    ACK.documented(Mark::Chosen, Text::new("The body that acknowledges a push.", "确认推送的响应正文。")),
];

pub(in crate::provider) static PLATFORM: Platform = Platform {
    name: "dingxin",
    credentials: &items::<_, { CREDENTIALS.len() }>(CREDENTIALS),
    // 2
    base_url: Some("https://xlv2.dingxin106.com"),
    // 4
    recording_base_url: Some("https://xl.dingxin106.com"),
    options: &items::<_, { OPTIONS.len() }>(OPTIONS),
    operations: &[OperationKind::Dial, OperationKind::Recording],
    dial_fields: &items::<_, { DingxinDial::FIELDS.len() }>(DingxinDial::FIELDS),
    spellings: &[
        ("telA", "caller"),
        ("telB", "callee"),
        ("return_url", "pushUrl"),
        ("retrun_url", "pushUrl"),
        ("appKey", "appKey"),
        ("appSecret", "appSecret"),
        ("timestamp", ""),
        ("sign", ""),
        ("subid", "callId"),
    ],
    correlation: Correlation::CallId,
    push: PushSource::Documented,
    pushes_again: false,
    domains: &["dingxin106.com"],
    recording_by_id: true,
    dialect: &dialect_options::<{ DIALECT.len() }>(DIALECT),
    reasons: &[&codes::REASONS],
    refusals: &codes::REFUSALS,
    classify_unlisted: codes::classify_unlisted,
    advice: Advice {
        authentication: CHECK_CREDENTIALS.en,
        forbidden: ADMIT_ADDRESS.en,
        // 1: a time check is documented (1006), but not how far off the clock may be.
        clock_seconds: |_| Some(0),
        words: &[],
    },
    marker_fields: &["subid", "telA", "telB"],
    record_fields: push::FIELDS,
    complete_record: push::complete,
    ack: |dialect| Answer::json(200, dialect.text(&ACK)),
    nack: || Answer::json(500, r#"{"code":500,"msg":"fail"}"#),
    ..Platform::EMPTY
};

pub(in crate::provider) static DOCUMENTATION: Documentation = Documentation {
    platform: &PLATFORM,
    title: "dingxin AXB",
    doc: Text::EMPTY,
    credentials: CREDENTIALS,
    options: OPTIONS,
    dial_fields: DingxinDial::FIELDS,
    dialect: DIALECT,
    reasons: &[codes::RECORD_CODES],
    refusals: codes::REFUSAL_CODES,
    advice: &[(ErrorReason::Authentication, CHECK_CREDENTIALS), (ErrorReason::Forbidden, ADMIT_ADDRESS)],
    captions: &[MD5_OF_PAIRS],
    notes: &[
        (
            Mark::Documented,
            Text::new("Without a pushUrl this platform pushes no record.", "不设置 `pushUrl`，这个平台就不推送话单。"),
        ),
        (
            Mark::Chosen,
            Text::new(
                "A reference travels in the pushUrl's query, and comes back with the record if the platform keeps the query; it should, but the document does not say so.",
                "`reference` 放在 `pushUrl` 的查询串里，平台保留查询串时就随话单返回；平台应当保留，但文档未说明。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "The secret is a parameter of every request; a recording's address holds it, so it is never handed out.",
                "密钥是每个请求的参数，录音地址里也有它，所以录音地址从不对外给出。",
            ),
        ),
        (
            Mark::Documented,
            Text::new("After one success a record is not pushed again.", "推送成功一次后，不再推送同一条话单。"),
        ),
        (
            Mark::Chosen,
            Text::new(
                "That a record is pushed again before its first success is likely, but not promised.",
                "第一次成功之前可能会重推，但文档没有承诺。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "The platform keeps records for 30 days to push them; older ones can be seen in its console only.",
                "平台为推送保留 30 天的话单，更早的只能在控制台查看。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "durationSeconds and billedSeconds are the charged seconds (计费秒数).",
                "`durationSeconds` 和 `billedSeconds` 都是计费秒数。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "When the parties were connected is not said: startTime and endTime are called timestamps, and nothing more.",
                "双方何时接通，文档未说明：`startTime` 和 `endTime` 只写为时间戳。",
            ),
        ),
        (Mark::Documented, Text::new("Who is rung first is not said.", "先呼哪一方文档未说明。")),
        (
            Mark::Chosen,
            Text::new(
                "Numbers go out in national form: the document gives none. See dialect.numberFormat.",
                "号码按国内格式发送：文档没有给出格式。见 `dialect.numberFormat`。",
            ),
        ),
        (
            Mark::Chosen,
            Text::new(
                "The timestamp is in seconds and the digest in lower-case hex: the document says neither.",
                "时间戳以秒为单位，摘要为十六进制小写：文档都未说明。",
            ),
        ),
    ],
};
