//! Reading a platform's response: a JSON object with the members that its document names.

use std::borrow::Cow;
use std::ops::Deref;

use super::{Provider, evidence};
use crate::json::scan;
use crate::model::{Call, Correlation, ErrorReason, Operation, OperationResult};
use crate::payload::{Element, Unreadable};

/// The reason why a response is not a success.
#[derive(Debug)]
pub enum ResponseError {
    /// The platform refused.
    Refused {
        /// The platform's code, where it gave one.
        code: Option<String>,
        /// Its words.
        message: Option<String>,
    },
    /// The response is not what the document describes. The text says what is wrong.
    Malformed(String),
    /// The response contradicts itself, or says less than it must: it cannot be known whether the platform acted.
    Unclear {
        /// The kind of doubt.
        reason: ErrorReason,
        /// The platform's code, where it gave one.
        code: Option<String>,
        /// Its words.
        message: Option<String>,
        /// The content of the response, as the end of a sentence: "mixcom answered dial with …".
        why: String,
        /// Something in it speaks for a call (or for what else was asked for). Then it is not a refusal, whatever the HTTP status.
        is_half_done: bool,
        /// The id of a call that it names.
        call_id: Option<String>,
    },
}

impl From<Unreadable> for ResponseError {
    fn from(unreadable: Unreadable) -> Self {
        Self::Malformed(unreadable.reason)
    }
}

/// The fields of a platform's response. It dereferences to its [`Element`], whose members are found without regard to case.
pub struct ResponseFields<'e, 'a>(&'e Element<'a>);

impl<'a> Deref for ResponseFields<'_, 'a> {
    type Target = Element<'a>;

    fn deref(&self) -> &Element<'a> {
        self.0
    }
}

impl<'e, 'a> ResponseFields<'e, 'a> {
    /// Wraps an element.
    #[must_use]
    pub fn new(element: &'e Element<'a>) -> Self {
        Self(element)
    }

    /// Returns a text or number that the answer must have.
    ///
    /// # Errors
    /// Where it is missing, empty, or a placeholder such as `null`.
    pub fn required(&self, name: &'static str) -> Result<String, ResponseError> {
        let missing = || ResponseError::Malformed(format!("{name} is missing"));
        self.try_text(name)?.filter(|text| evidence::is_given(text)).ok_or_else(missing)
    }

    /// Returns a code that the answer must have. A code may be `0`.
    ///
    /// # Errors
    /// Where it is missing or empty.
    pub fn required_code(&self, name: &'static str) -> Result<String, ResponseError> {
        let code = self.try_text(name)?.filter(|code| !code.is_empty() && !code.eq_ignore_ascii_case("null"));
        code.ok_or_else(|| ResponseError::Malformed(format!("{name} is missing")))
    }

    /// Returns a text or number that the answer must have, in the object `outer` (which may be written as text) or beside it.
    ///
    /// # Errors
    /// As [`ResponseFields::required`].
    pub fn required_in(&self, outer: &'static str, name: &'static str) -> Result<String, ResponseError> {
        let text = match self.json(outer) {
            Some(json) if json.starts_with('"') => scan::decode(json),
            json => json.map(Cow::Borrowed),
        };
        let inner = text.as_deref().map(str::trim).filter(|text| text.starts_with('{')).and_then(|text| Element::read(text).ok());
        let found = inner.and_then(|inner| ResponseFields(&inner).required(name).ok());
        found.map_or_else(|| self.required(name), Ok)
    }

    /// Returns the platform's words. A value that is not text is ignored: nothing is decided by words.
    #[must_use]
    pub fn words(&self, name: &'static str) -> Option<String> {
        words(self, name)
    }
}

pub(super) fn words(element: &Element<'_>, name: &'static str) -> Option<String> {
    element.try_text(name).ok().flatten()
}

/// Builds the result of a dial that the platform accepted, from what its answer gave.
#[must_use]
pub fn accept_call(
    provider: &dyn Provider,
    operation: &Operation,
    id: Option<String>,
    virtual_number: Option<String>,
    answer: &ResponseFields<'_, '_>,
) -> OperationResult {
    let platform = provider.platform();
    let correlation = match (&id, platform.correlation) {
        (Some(_), _) => Correlation::CallId,
        (None, Correlation::Reference) => Correlation::Reference,
        (None, _) => Correlation::None,
    };
    let (reference, bound_until) = match operation {
        Operation::Dial(dial) => (dial.reference.clone(), dial.bound_until.clone()),
        _ => (None, None),
    };
    OperationResult::Call(Call {
        provider: platform.name,
        account: provider.account().name.clone(),
        id,
        reference,
        virtual_number,
        bound_until,
        correlation,
        raw: answer.raw(),
    })
}
