//! Tables of a platform's codes: reasons in its records, and refusals.

use serde::Serialize;

use super::{Platform, find_platform};
use crate::model::{Cause, Error, ErrorCode, ErrorReason, Outcome, Side, Status, Text, code as codes};

/// A documented code in a record: how the call ended.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// The platform's code.
    pub code: &'static str,
    /// The status of the call.
    pub status: Status,
    /// The cause.
    pub cause: Cause,
    /// The leg that decided it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg: Option<Side>,
    /// The document's words.
    pub message: &'static str,
    /// The same in English.
    pub message_en: &'static str,
    /// The advice.
    pub advice: &'static str,
}

/// A documented code of a refusal.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The platform's code.
    pub code: &'static str,
    /// Its kind.
    pub error: ErrorCode,
    /// Its reason, which may say more than its kind.
    pub reason: ErrorReason,
    /// A dial with this answer may have been placed all the same.
    pub indeterminate: bool,
    /// The document's words.
    pub message: &'static str,
    /// The same in English.
    pub message_en: &'static str,
    /// The advice.
    pub advice: &'static str,
}

impl Refusal {
    /// Returns the refusal with a reason that says more than its kind.
    #[must_use]
    pub const fn because(self, reason: ErrorReason) -> Self {
        Self { reason, ..self }
    }
}

impl Platform {
    /// Returns the outcome of a record with this code. An undocumented code is kept, and its outcome is unknown.
    #[must_use]
    pub fn outcome(&self, code: Option<String>) -> Outcome {
        outcome_in(self.reasons, code)
    }

    /// Finds the documented reason of a code.
    #[must_use]
    pub fn reason(&self, code: &str) -> Option<&'static Reason> {
        reason_in(self.reasons, code)
    }

    /// Finds the documented refusal of a code.
    #[must_use]
    pub fn refusal(&self, code: &str) -> Option<&'static Refusal> {
        self.refusals.iter().find(|refusal| codes::is_same(refusal.code, code))
    }

    /// Lists all documented codes.
    pub(crate) fn codes(&self) -> impl Iterator<Item = &'static str> {
        let reasons = self.reasons.iter().copied().flatten().map(|reason| reason.code);
        self.refusals.iter().map(|refusal| refusal.code).chain(reasons)
    }

    /// Classifies an unlisted code where the document gives its range a meaning.
    fn classify_range(&self, code: &str) -> Option<ErrorCode> {
        let is_number = !self.refusals.is_empty() && codes::read_integer(code).is_some();
        is_number.then(|| (self.classify_unlisted)(Some(code)).0).filter(|error| *error != ErrorCode::Rejected)
    }
}

/// Returns the outcome of a code by these tables only.
pub(crate) fn outcome_in(tables: &[&'static [Reason]], code: Option<String>) -> Outcome {
    let reason = code.as_deref().and_then(|code| reason_in(tables, code));
    match reason {
        Some(reason) => {
            Outcome { status: reason.status, leg: reason.leg, cause: reason.cause, code, message: Some(reason.message.to_owned()) }
        }
        None => Outcome { code, ..Outcome::default() },
    }
}

/// Codes are compared as numbers where both are numbers.
fn reason_in(tables: &[&'static [Reason]], code: &str) -> Option<&'static Reason> {
    tables.iter().flat_map(|table| table.iter()).find(|reason| codes::is_same(reason.code, code))
}

/// The meaning of a platform's code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The broad answer.
    pub status: Status,
    /// The reason for the end of the call.
    pub cause: Cause,
    /// The leg that decided it, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg: Option<Side>,
    /// Of the code of a refusal: the `code` of the error that carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorCode>,
    /// The document's own words.
    pub message: &'static str,
    /// The same in English.
    pub message_en: &'static str,
    /// The advice.
    pub advice: &'static str,
}

const UNLISTED: &str = "未知代码";
const UNLISTED_ADVICE: Text =
    Text::new("Keep the record; ask the platform what the code means.", "请保留这条话单，并向平台询问该代码的含义。");

/// Returns what is said in Chinese of a code that no document lists: the words in place of the document's, and the advice.
#[must_use]
pub fn unlisted_code_zh() -> (&'static str, &'static str) {
    (UNLISTED, UNLISTED_ADVICE.zh)
}

/// Explains the code of a record or of a refusal. An undocumented code is explained as unknown.
///
/// # Errors
/// `invalid-argument` for an unknown platform.
pub fn explain_code(provider: &str, code: &str) -> Result<Explanation, Error> {
    let platform = find_platform(provider)?;
    let code = code.trim();
    if let Some(reason) = platform.reason(code) {
        return Ok(Explanation {
            status: reason.status,
            cause: reason.cause,
            leg: reason.leg,
            error: None,
            message: reason.message,
            message_en: reason.message_en,
            advice: reason.advice,
        });
    }
    Ok(match platform.refusal(code) {
        Some(refusal) => Explanation {
            status: if refusal.indeterminate { Status::Unknown } else { Status::Failed },
            cause: Cause::Platform,
            leg: None,
            error: Some(refusal.error),
            message: refusal.message,
            message_en: refusal.message_en,
            advice: refusal.advice,
        },
        None => Explanation {
            status: Status::Unknown,
            cause: Cause::Unknown,
            leg: None,
            error: platform.classify_range(code),
            message: UNLISTED,
            message_en: "a code that the platform's document does not list",
            advice: UNLISTED_ADVICE.en,
        },
    })
}
