//! The facts about mixcom. Sections refer to the platform's document, "一键呼叫接口".

use super::{codes, push};
use crate::http::Answer;
use crate::model::{Correlation, ErrorReason, OperationKind};
use crate::provider::platform::{
    Credential, DialectDoc, Documentation, Documented, Limits, Mark, Platform, PushSource, RungFirst, dialect_options, items,
};
use crate::provider::words::{DocumentedChoice as _, dialect_choice};
use crate::provider::{Advice, BodyEncoding, NumberFormat};

const CREDENTIALS_HINT: &str = "pass the application's key and secret from the console's application list";
const CHECK_SECRET: &str = "check appKey and appSecret; else try dialect.signature \"digest-only\"";

const CREDENTIALS: &[Documented<Credential>] = &[
    // 2.1: 32 is the limit of appkey. The same limit of sign is wrong: SHA-1 in hex has 40.
    Credential::public("appKey", CREDENTIALS_HINT).at_most(32).documented("`appkey` in the document.", "k1"),
    Credential::secret("appSecret", CREDENTIALS_HINT).documented("The secret of the application. It signs and is never sent.", "s1"),
];

dialect_choice! {
    /// The digested text: the values, the secret and its SHA-1 (default), or the values and the SHA-1. 签名, steps 6 and 7.
    pub enum MixcomSignature ("signature", Known) {
        /// The values, the secret, and the SHA-1 of the secret.
        SecretAndDigest = "secret-and-digest",
        /// The values and the SHA-1 of the secret.
        DigestOnly = "digest-only",
    }
}

dialect_choice! {
    /// How a recording is requested. Default `form` (chosen); the document's own example is a link.
    pub enum MixcomRecordingRequest ("recordingRequest", Chosen) {
        /// A POST with a form.
        Form = "form",
        /// A POST with a query.
        Query = "query",
        /// A GET with a query, as in the document's example.
        Get = "get",
    }
}

dialect_choice! {
    /// The field of a dial's reference. The request's table writes `Uuid` (default), the push `uuid`. The signature is the same for both, so
    /// with the wrong spelling the call is placed and its reference is lost.
    pub enum MixcomReferenceField ("referenceField", Documented) {
        /// As in the request's table.
        Capital = "Uuid",
        /// As in the push.
        Lower = "uuid",
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
    reasons: &[codes::REASONS],
    advice: Advice {
        authentication: "check appKey and appSecret in the console's application list; else try dialect.signature \"digest-only\"",
        forbidden: "ask the platform whether the application may place calls, and whether this server's address must be admitted",
        // 2.1 time: valid 10 minutes. 4: the recording's request carries no time.
        clock_seconds: |kind| matches!(kind, OperationKind::Dial).then_some(600),
        words: &[
            ("签名", ErrorReason::BadSignature, CHECK_SECRET),
            ("appkey", ErrorReason::Authentication, CHECK_SECRET),
            ("sign", ErrorReason::BadSignature, CHECK_SECRET),
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
    doc: "",
    credentials: CREDENTIALS,
    options: &[],
    dial_fields: &[],
    dialect: DIALECT,
    notes: &[
        (
            Mark::Documented,
            "A dial answers no call id: the reference, which the record echoes, is the only way to find its record. One is made when none is given.",
        ),
        (
            Mark::Documented,
            "The request's table writes Uuid, the push uuid. In the wrong spelling the reference would be lost without an error: see dialect.referenceField.",
        ),
        (
            Mark::Documented,
            "Who is rung first is not said. In the document's example the callee is rung first, or the two legs' names are swapped there: try it.",
        ),
        (Mark::Documented, "A record is pushed again 60, 180 and 600 s after a 5xx with a JSON body, and never after a 404 or 403."),
        (Mark::Chosen, "Any 4xx is taken to end the pushing, as 404 and 403 do."),
        (
            Mark::Documented,
            "durationSeconds (Duration) counts from the first answer in the document's example; the document does not say so in words.",
        ),
        (Mark::Chosen, "talkSeconds counts from when both parties were on the line."),
        (
            Mark::Documented,
            "The request for a recording carries no time: over plain http, whoever sees one can repeat it for ever. Set recordingBaseUrl to an https address if the platform has one.",
        ),
        (Mark::Documented, "The documented addresses are plain http."),
        (Mark::Known, "Newer addresses of the vendor are https: set baseUrl."),
        (Mark::Known, "In the reasons, 本端 (local) is the caller and 远端 (remote) the callee."),
    ],
};
