//! The facts about fictel.

use super::{codes, push};
use crate::http::Answer;
use crate::model::{Correlation, OperationKind};
use crate::provider::own::own_fields;
use crate::provider::platform::{
    Credential, DialectDoc, Documentation, Documented, Field, Kind, Limits, Mark, Platform, PushSource, RungFirst, dialect_options, items,
};
use crate::provider::words::DocumentedChoice as _;
use crate::provider::{Advice, NumberFormat};

const CREDENTIALS_HINT: &str = "pass the key and the secret of the console";

const CREDENTIALS: &[Documented<Credential>] = &[
    Credential::public("appKey", CREDENTIALS_HINT).documented("`Username` in the document.", "fictel-key"),
    Credential::secret("appSecret", CREDENTIALS_HINT)
        .documented("The secret of the application. It signs and is never sent.", "fictel-secret"),
];

own_fields! {
    /// The fields of a dial at fictel besides the parties.
    pub struct FictelDial {
        /// The line (`line`) that the call goes through. Without it the platform chooses.
        pub line: Option<String> = Field::new("line", Kind::Text { longest: 20 }, "pass the name of a line").sample("line-1");
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
    reasons: &[codes::REASONS],
    refusals: codes::REFUSALS,
    advice: Advice {
        authentication: "check appKey and appSecret in the console",
        forbidden: "ask the platform what the account may do",
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
    doc: "",
    credentials: CREDENTIALS,
    options: &[],
    dial_fields: FictelDial::FIELDS,
    dialect: DIALECT,
    notes: &[
        (Mark::Documented, "The caller is rung first."),
        (Mark::Documented, "A nonce is taken once: each request needs a fresh one."),
        (Mark::Documented, "A push that was not acknowledged is sent again after 60 s, twice."),
        (Mark::Documented, "durationSeconds (seconds) counts from when both parties were on the line."),
        (Mark::Chosen, "Numbers are sent in national form: the document gives none. See dialect.numberFormat."),
    ],
};
