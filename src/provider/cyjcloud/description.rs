//! The facts about cyjcloud. Sections refer to the platform's document, "隐私通话 API V1.0.6".

use super::{flags, push, reasons};
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind, Text};
use crate::provider::own::own_fields;
use crate::provider::platform::{
    Binding, Characters, Credential, DialectDoc, DialectOption, Documentation, Documented, Field, Kind, Mark, Platform, PushSource, RungFirst,
    dialect_options, items,
};
use crate::provider::words::{DocumentedChoice as _, Word as _, dialect_choice, words};
use crate::provider::{Advice, mixcom};

const CREDENTIALS_HINT: Text = Text::new(
    "pass the 账户授权令牌 (ACCOUNTSID) and 应用 ID (APPID) of the platform's console",
    "请传入平台控制台中的账户授权令牌（ACCOUNTSID）和应用 ID（APPID）",
);
const VIRTUAL_NUMBER_HINT: Text = Text::new("pass the number to show, or leave it out", "请传入要显示的号码，或不传");
const DIRECTION_HINT: Text = Text::new(
    "pass \"both\", \"caller-to-callee\" or \"callee-to-caller\"",
    "请传入 `both`、`caller-to-callee` 或 `callee-to-caller`",
);
const MINUTES_HINT: Text = Text::new("give a whole number of minutes from 1 to 60", "请传入 1 到 60 的整数，单位为分钟");
const AREA_CODE_HINT: Text = Text::new("pass one like \"021\" or \"0755\"", "请传入区号，例如 `021` 或 `0755`");
const CHECK_CREDENTIALS: Text =
    Text::new("check accountSid and appId in the platform's console", "请在平台控制台核对 `accountSid` 和 `appId`");
const CHECK_SIGNATURE: Text = Text::new("check accountSid and appId", "请核对 `accountSid` 和 `appId`");
const ADMIT_ADDRESS: Text = Text::new(
    "ask the platform to admit this use and this server's address",
    "请联系平台开通这项用途，并把本服务器的 IP 加入白名单",
);
const REGISTER_CALLER: Text =
    Text::new("have the caller registered with the platform (号码报备)", "请先在平台报备主叫号码");

pub(super) const MD5_OF_TEXT: Text = Text::new(
    "MD5 of ACCOUNTSID:APPID:yyyyMMddHHmmss, upper-case hex",
    "取 ACCOUNTSID:APPID:yyyyMMddHHmmss 的 MD5，十六进制大写",
);
pub(super) const BASE64_OF_TEXT: Text = Text::new("base64 of the same text", "对同一文本做 Base64 编码");

/// A request is signed with these two and the time, and nothing else: who knows both can dial.
const CREDENTIALS: &[Documented<Credential>] = &[
    Credential::secret("accountSid", CREDENTIALS_HINT.en)
        .documented(
            Text::new("`ACCOUNTSID` in the document.", "文档中的 `ACCOUNTSID`。"),
            CREDENTIALS_HINT.zh,
            "4c8fa1e09ab24c8fa1e09ab2",
        )
        .with_form(Characters::LettersAndDigits, 16, 64),
    Credential::secret("appId", CREDENTIALS_HINT.en)
        .documented(Text::new("`APPID` in the document.", "文档中的 `APPID`。"), CREDENTIALS_HINT.zh, "7d2e90c4b6a17d2e90c4b6a1")
        .with_form(Characters::LettersAndDigits, 16, 64),
];

words! {
    /// The directions in which the parties may call each other while the binding lasts.
    pub enum CyjcloudDirection {
        /// Both parties may call each other.
        Both = "both",
        /// Only the caller may call.
        CallerToCallee = "caller-to-callee",
        /// Only the callee may call.
        CalleeToCaller = "callee-to-caller",
    }
}

own_fields! {
    /// The fields of a dial at cyjcloud besides the parties.
    pub struct CyjcloudDial {
        /// The number to show (`VirtualNum`), applied for beforehand. It wins over `areaCode`; with neither the platform chooses (documented).
        /// Until `boundUntil` of the call the callee can call it back.
        pub virtual_number: Option<String> =
            Field::new("virtualNumber", Kind::PhoneNumber, VIRTUAL_NUMBER_HINT.en).documented(
                "要显示的号码（`VirtualNum`），须事先申请。优先于 `areaCode`；两者都不传时由平台选定（文档载明）。在返回的 `boundUntil` 之前，被叫可以回拨该号码。",
                VIRTUAL_NUMBER_HINT.zh,
                "02150001234",
            );
        /// The directions in which the parties may call each other while the binding lasts (`Direct`). Without it the platform's own default holds, which is undocumented.
        pub direction: Option<CyjcloudDirection> = Field::new(
            "direction",
            Kind::OneOf { values: CyjcloudDirection::WORDS },
            DIRECTION_HINT.en,
        )
        .documented(
            "绑定期间双方可以互相呼叫的方向（`Direct`）：`both` 双向，`caller-to-callee` 只能主叫呼被叫，`callee-to-caller` 只能被叫呼主叫。不传时取平台的默认值，文档未说明是哪一个。",
            DIRECTION_HINT.zh,
            "both",
        );
        /// How long the binding lasts (`EndMinute`), 1 to 60 minutes (documented). Default: the platform's, 30 (documented).
        pub expires_in_minutes: Option<i64> =
            Field::new(BINDING.field, Kind::Integer { least: 1, most: 60 }, MINUTES_HINT.en).documented(
                "绑定的时长（`EndMinute`），1 到 60 分钟（文档载明）。不传时取平台的默认值 30（文档载明）。",
                MINUTES_HINT.zh,
                "30",
            );
        /// The area code (`Code`, 区号, like `021`) from which a number to show is chosen.
        pub area_code: Option<String> =
            Field::new("areaCode", Kind::Text { longest: 16 }, AREA_CODE_HINT.en).documented(
                "显示号码所属的区号（`Code`），例如 `021`，从该地区选取显示号码。",
                AREA_CODE_HINT.zh,
                "021",
            );
    }
}

/// 2.1 `EndMinute`
const BINDING: Binding = Binding { field: "expiresInMinutes", minutes: 30 };

dialect_choice! {
    /// The name of the signature in the query. Default `sig`, as in the samples.
    pub enum CyjcloudSigName ("sigName", Documented, "查询串中签名的参数名。默认 `sig`，与示例相同。") {
        /// As in the samples.
        Lower = "sig" / "与示例相同。",
        /// As in the text.
        Capital = "Sig" / "与正文相同。",
    }
}

dialect_choice! {
    /// How `EndMinute` is sent. Default `minutes`, as in the sample.
    pub enum CyjcloudEndMinuteFormat ("endMinuteFormat", Documented, "`EndMinute` 的发送格式。默认 `minutes`，与示例相同。") {
        /// Minutes as text, as in the sample.
        Minutes = "minutes" / "分钟数，以文本发送，与示例相同。",
        /// A UTC time, as in the table.
        Utc = "utc" / "UTC 时间，与参数表相同。",
    }
}

/// 2.1 `SoftVersion`
pub(super) const SOFT_VERSION: DialectOption = DialectOption::text("softVersion", "20171220");
pub(super) const ACK: DialectOption = DialectOption::text("ack", r#"{"Flag":1}"#);

const DIALECT: &[DialectDoc] = &[
    CyjcloudSigName::DOCUMENTED,
    SOFT_VERSION.documented(Mark::Documented, Text::new("The version in the path.", "路径中的版本号。")),
    CyjcloudEndMinuteFormat::DOCUMENTED,
    ACK.documented(Mark::Chosen, Text::new("The body that acknowledges a push.", "确认推送的响应正文。")),
];

pub(in crate::provider) static PLATFORM: Platform = Platform {
    name: "cyjcloud",
    credentials: &items::<_, { CREDENTIALS.len() }>(CREDENTIALS),
    operations: &[OperationKind::Dial, OperationKind::Recording],
    dial_fields: &items::<_, { CyjcloudDial::FIELDS.len() }>(CyjcloudDial::FIELDS),
    spellings: &[
        ("ACCOUNTSID", "accountSid"),
        ("APPID", "appId"),
        ("Caller", "caller"),
        ("Callee", "callee"),
        ("VirtualNum", "virtualNumber"),
        ("Direct", "direction"),
        ("EndMinute", "expiresInMinutes"),
        ("Code", "areaCode"),
        ("CallIdentifier", "callId"),
    ],
    // 一: user B is called first, and a sibling's records name the first leg callOut.
    rung_first: (RungFirst::Caller, Mark::Known),
    binding: Some(BINDING),
    correlation: Correlation::None,
    push: PushSource::Known,
    pushes_again: false,
    domains: &["cyjcloud.com"],
    recording_by_id: true,
    dialect: &dialect_options::<{ DIALECT.len() }>(DIALECT),
    // The sibling that speaks this record's dialect reports mixcom's reasons, and newer ones.
    reasons: &[&mixcom::REASONS, &reasons::FAMILY, &reasons::Q850],
    refusals: &flags::REFUSALS,
    advice: Advice {
        authentication: CHECK_CREDENTIALS.en,
        forbidden: ADMIT_ADDRESS.en,
        // 1: the time is signed; how far off it may be is not documented.
        clock_seconds: |_| Some(0),
        words: &[
            ("报备", ErrorReason::CallerNotRegistered, REGISTER_CALLER.en),
            ("签名", ErrorReason::BadSignature, CHECK_SIGNATURE.en),
        ],
    },
    refuse_push: Some(push::refuse),
    marker_fields: &["sessionId", "calleeNum", "fwdDstNum"],
    record_fields: push::FIELDS,
    complete_record: push::complete,
    ack: |dialect| Answer::json(200, dialect.text(&ACK)),
    nack: || Answer::json(500, r#"{"Flag":0}"#),
    ..Platform::EMPTY
};

pub(in crate::provider) static DOCUMENTATION: Documentation = Documentation {
    platform: &PLATFORM,
    title: "cyjcloud 隐私通话",
    doc: Text::EMPTY,
    credentials: CREDENTIALS,
    options: &[],
    dial_fields: CyjcloudDial::FIELDS,
    dialect: DIALECT,
    reasons: &[mixcom::CODES, reasons::FAMILY_CODES, reasons::Q850_CODES],
    refusals: flags::CODES,
    advice: &[
        (ErrorReason::Authentication, CHECK_CREDENTIALS),
        (ErrorReason::BadSignature, CHECK_SIGNATURE),
        (ErrorReason::CallerNotRegistered, REGISTER_CALLER),
        (ErrorReason::Forbidden, ADMIT_ADDRESS),
    ],
    captions: &[MD5_OF_TEXT, BASE64_OF_TEXT],
    notes: &[
        (
            Mark::Documented,
            Text::new(
                "A dial answers the virtual number and no call id: a recording needs an id that this answer may not carry.",
                "呼叫的响应给出虚拟号码（隐私号），不给通话标识；获取录音需要的标识，响应里可能没有。",
            ),
        ),
        (Mark::Known, Text::new("The record carries that id (sessionId).", "话单里有这个标识（`sessionId`）。")),
        (
            Mark::Documented,
            Text::new(
                "The caller must be registered and the virtual number applied for beforehand.",
                "主叫号码须事先报备，虚拟号码须事先申请。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "Until boundUntil the callee can call the virtual number back and reaches the caller; then the platform ends the binding by itself. expiresInMinutes sets it: 30 by default, at most 60.",
                "在 `boundUntil` 之前，被叫回拨虚拟号码可以接通主叫，到时由平台自动解除绑定。时长由 `expiresInMinutes` 设定：默认 30 分钟，最长 60 分钟。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "Without direction the platform's own default for Direct holds, and the document does not say which one that is.",
                "不传 `direction` 时取平台 `Direct` 的默认值，文档未说明是哪一个。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "The document rings user B first and then user C, and does not say which of them Caller is.",
                "文档说先呼用户 B，再呼用户 C，没有说 `Caller` 是其中哪一个。",
            ),
        ),
        (Mark::Known, Text::new("Caller is the leg that is rung first.", "`Caller` 是先呼的一方。")),
        (
            Mark::Known,
            Text::new(
                "The record push and the meaning of the flags are known from public integrations of a sibling only.",
                "话单推送和 `Flag` 的含义，仅由同类平台的公开接入代码得知。",
            ),
        ),
        (
            Mark::Chosen,
            Text::new(
                "The time in the signature is Beijing time: the document names no zone. See timeZone.",
                "签名中的时间是北京时间：文档没有说明时区。见 `timeZone`。",
            ),
        ),
        (
            Mark::Documented,
            Text::new(
                "The address is agreed with each customer (以实际提供为准): baseUrl is required.",
                "接口地址由平台与每个客户约定（以实际提供为准）：必须设置 `baseUrl`。",
            ),
        ),
    ],
};
