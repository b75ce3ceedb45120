//! Looks for evidence of a call, or against one, outside the fields that a platform's document names.

use super::response::words;
use crate::json::scan;
use crate::model::{Operation, OperationKind, code};
use crate::payload::{self, Element};

/// Names under which platforms and their siblings answer a call's id.
const ID_NAMES: [&str; 12] = [
    "callIdentifier",
    "callId",
    "call_id",
    "sessionId",
    "session_id",
    "callSessionId",
    "callSid",
    "subid",
    "bindId",
    "bind_id",
    "uuid",
    "id",
];
/// Names under which they answer the number that the parties see.
const NUMBER_NAMES: [&str; 6] = ["telX", "virtualNumber", "virtualNum", "virtual_number", "bindNum", "privateNum"];
const SUCCESS_NAMES: [&str; 3] = ["success", "isSuccess", "succeeded"];
const WORD_NAMES: [&str; 8] = ["msg", "message", "status", "result", "state", "desc", "description", "info"];
const CODE_NAMES: [&str; 5] = ["code", "errorCode", "errCode", "error_code", "resultCode"];
/// How deep objects in objects are looked at.
const DEEPEST: usize = 4;

/// A sign that a call was placed, or whatever else was asked for done.
pub(super) struct Evidence {
    /// In words, after "but".
    pub(super) what: String,
    /// The call's id, where that is the sign.
    pub(super) call_id: Option<String>,
}

/// Returns true if a text is more than a placeholder.
pub(super) fn is_given(text: &str) -> bool {
    const NONE: [&str; 9] = ["null", "none", "nil", "undefined", "false", "n/a", "nan", "-", "--"];
    let text = text.trim();
    !text.is_empty() && !NONE.iter().any(|none| none.eq_ignore_ascii_case(text)) && !text.bytes().all(|byte| byte == b'0')
}

/// Returns true if a text can be an id: letters of ASCII, digits and a little punctuation, and not one of the words that stand for none.
pub(super) fn is_like_id(text: &str) -> bool {
    is_given(text) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'@'))
}

impl Evidence {
    /// Evidence for a success in an answer that is not one.
    pub(super) fn of_success(operation: &Operation, answer: &Element<'_>) -> Option<Self> {
        let mut found = None;
        // A call id wins over words, wherever it stands: it finds the record.
        search(answer, 0, &mut |element, _| {
            let here = Self::in_element(operation, element);
            if found.is_none() || here.as_ref().is_some_and(|evidence| evidence.call_id.is_some()) {
                found = here.or_else(|| found.take());
            }
            found.as_ref().is_some_and(|evidence: &Self| evidence.call_id.is_some())
        });
        found
    }

    fn in_element(operation: &Operation, element: &Element<'_>) -> Option<Self> {
        let sign = |what: String| Some(Self { what, call_id: None });
        // The answer to hangUp and bindSeat may echo what was asked.
        if operation.kind() == OperationKind::Dial {
            let reference = if let Operation::Dial(dial) = operation { dial.reference.as_deref() } else { None };
            for name in ID_NAMES {
                if let Some(id) = words(element, name).filter(|id| is_given(id) && Some(id.as_str()) != reference) {
                    return Some(Self { what: format!("with a call id in {name}"), call_id: Some(id) });
                }
            }
            if let Some(name) = NUMBER_NAMES.into_iter().find(|name| words(element, name).is_some_and(|number| is_given(&number))) {
                return sign(format!("with a virtual number in {name}"));
            }
        }
        if let Some(name) = SUCCESS_NAMES.into_iter().find(|name| words(element, name).as_deref().and_then(code::read_truth) == Some(true))
        {
            return sign(format!("with {name} true"));
        }
        if let Some(name) = CODE_NAMES.into_iter().find(|name| words(element, name).is_some_and(|text| code::is_same(&text, "200"))) {
            return sign(format!("with {name} 200"));
        }
        let name = WORD_NAMES.into_iter().find(|name| words(element, name).is_some_and(|words| says_success(&words)))?;
        sign(format!("with words of success in {name}"))
    }
}

/// Evidence against a success in an answer that reads as one, in words that follow "but".
pub(super) fn of_failure(answer: &Element<'_>) -> Option<String> {
    let mut found = None;
    search(answer, 0, &mut |element, is_inner| {
        let refuses = |name: &&'static str| words(element, name).as_deref().and_then(code::read_truth) == Some(false);
        if let Some(name) = SUCCESS_NAMES.into_iter().find(|name| refuses(name)) {
            found = Some(format!("with {name} false"));
        } else if let Some((name, code)) =
            CODE_NAMES.into_iter().filter(|_| !is_inner).find_map(|name| Some((name, error_code(&words(element, name)?)?)))
        {
            found = Some(format!("with {name} {code}"));
        }
        found.is_some()
    });
    found
}

/// A code that is an error's nearly everywhere. Documented codes of success are 0, 1 and 200.
fn error_code(text: &str) -> Option<i64> {
    code::read_integer(text).filter(|code| *code < 0 || *code >= 300)
}

/// Words that say nothing but success.
fn says_success(words: &str) -> bool {
    let words = words.trim().trim_end_matches(['!', '.', '！', '。']).to_ascii_lowercase();
    let denied = ["不", "未", "没", "失败", "无"].iter().any(|word| payload::contains(&words, word));
    matches!(words.as_str(), "success" | "succeeded" | "successful" | "ok") || words.ends_with("成功") && !denied
}

/// Visits an object and the objects within it, also those that are written as text. `visit` is told whether it is an inner one other
/// than `meta`, and says whether to stop.
fn search(element: &Element<'_>, depth: usize, visit: &mut dyn FnMut(&Element<'_>, bool) -> bool) -> bool {
    search_in(element, false, depth, visit)
}

fn search_in(element: &Element<'_>, is_inner: bool, depth: usize, visit: &mut dyn FnMut(&Element<'_>, bool) -> bool) -> bool {
    if visit(element, is_inner) {
        return true;
    }
    if depth == DEEPEST {
        return false;
    }
    for (name, json) in element.members() {
        let is_inner = is_inner || !name.eq_ignore_ascii_case("meta");
        let inner = match json.as_bytes().first() {
            Some(b'{') => json.to_owned(),
            Some(b'[') => match payload::list(json).ok().and_then(|items| items.first().map(|item| (*item).to_owned())) {
                Some(item) if item.starts_with('{') => item,
                _ => continue,
            },
            Some(b'"') => match scan::decode(json) {
                Some(text) if text.trim_start().starts_with('{') => text.trim().to_owned(),
                _ => continue,
            },
            _ => continue,
        };
        if let Ok(inner) = Element::read(&inner)
            && search_in(&inner, is_inner, depth + 1, visit)
        {
            return true;
        }
    }
    false
}
