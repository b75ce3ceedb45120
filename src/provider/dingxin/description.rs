//! The facts about dingxin. Sections refer to the platform's document, "接口文档".

use super::{codes, push};
use crate::http::Answer;
use crate::model::{Correlation, OperationKind};
use crate::provider::own::own_fields;
use crate::provider::platform::{
    Credential, DialectDoc, DialectOption, Documentation, Documented, Field, Kind, Mark, Platform, PushSource, dialect_options, items,
};
use crate::provider::words::{DocumentedChoice as _, dialect_choice};
use crate::provider::{Advice, BodyEncoding, NumberFormat};

const CREDENTIALS_HINT: &str = "pass the appKey and appSecret of the company's account";
const PUSH_URL_HINT: &str = "pass the http(s) address that receives the records, like \"https://crm.example.com/push\"";

const CREDENTIALS: &[Documented<Credential>] = &[
    Credential::public("appKey", CREDENTIALS_HINT).documented("`appKey` in the document.", "k1"),
    Credential::secret("appSecret", CREDENTIALS_HINT)
        .documented("`appSecret` in the document. This platform wants it sent with every request, even in a recording's URL.", "s1"),
];

/// The push address may hold a receiver's token.
pub(super) const PUSH_URL: Field = Field::new("pushUrl", Kind::Url, PUSH_URL_HINT).secret();

const OPTIONS: &[Documented<Field>] = &[PUSH_URL
    .sample("https://crm.example/push")
    .with_doc("The address that records are pushed to (`return_url`). Without it, here or in the dial, this platform pushes none.")];

own_fields! {
    /// The fields of a dial at dingxin besides the parties.
    pub struct DingxinDial {
        /// The address that this call's record is pushed to, instead of the account's `pushUrl`.
        pub push_url: Option<String> = PUSH_URL.sample("https://crm.example/push");
    }
}

dialect_choice! {
    /// The part that is signed in lower case. Default `keys`; the document can also be read as lower-casing the values.
    pub enum DingxinSignatureCase ("signatureCase", Documented) {
        /// The names of the parameters.
        Keys = "keys",
        /// The names and the values.
        KeysAndValues = "keys-and-values",
    }
}

dialect_choice! {
    /// The unit of `timestamp`. Default `s` (chosen): the document does not say.
    pub enum DingxinTimestampUnit ("timestampUnit", Chosen) {
        /// Seconds.
        Seconds = "s",
        /// Milliseconds.
        Milliseconds = "ms",
    }
}

dialect_choice! {
    /// The field of the push address. The document has two spellings.
    pub enum DingxinPushUrlField ("pushUrlField", Documented) {
        /// As in the table.
        ReturnUrl = "return_url",
        /// As elsewhere in the document.
        RetrunUrl = "retrun_url",
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
        "The account in the request for a recording: the document's row is named `appKey` and described as 公司账号的appId. `appKey` (default) and `appId` choose the parameter's name; any other text is sent as the value of `appKey`.",
    ),
    DingxinPushUrlField::DOCUMENTED,
    BodyEncoding::DOCUMENTED,
    NumberFormat::DOCUMENTED,
    ACK.documented(Mark::Chosen, "The body that acknowledges a push."),
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
    reasons: &[codes::REASONS],
    refusals: codes::REFUSALS,
    classify_unlisted: codes::classify_unlisted,
    advice: Advice {
        authentication: "check appKey and appSecret of the company's account",
        forbidden: "ask the platform whether this server's address must be admitted",
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
    doc: "",
    credentials: CREDENTIALS,
    options: OPTIONS,
    dial_fields: DingxinDial::FIELDS,
    dialect: DIALECT,
    notes: &[
        (Mark::Documented, "Without a pushUrl this platform pushes no record."),
        (
            Mark::Chosen,
            "A reference travels in the pushUrl's query, and comes back with the record if the platform keeps the query; it should, but the document does not say so.",
        ),
        (Mark::Documented, "The secret is a parameter of every request; a recording's address holds it, so it is never handed out."),
        (Mark::Documented, "After one success a record is not pushed again."),
        (Mark::Chosen, "That a record is pushed again before its first success is likely, but not promised."),
        (Mark::Documented, "The platform keeps records for 30 days to push them; older ones can be seen in its console only."),
        (Mark::Documented, "durationSeconds and billedSeconds are the charged seconds (计费秒数)."),
        (Mark::Documented, "When the parties were connected is not said: startTime and endTime are called timestamps, and nothing more."),
        (Mark::Documented, "Who is rung first is not said."),
        (Mark::Chosen, "Numbers go out in national form: the document gives none. See dialect.numberFormat."),
        (Mark::Chosen, "The timestamp is in seconds and the digest in lower-case hex: the document says neither."),
    ],
};
