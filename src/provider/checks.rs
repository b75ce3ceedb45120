//! Checks before every request, for options read from JavaScript and for the native API alike. Nothing is sent where one fails.

use super::own::check_own;
use super::{Platform, Provider};
use crate::model::{CALL_ID_HINT, Dial, Error, ErrorReason, Operation, PhoneNumber, REFERENCE_HINT, RecordingOf, SEAT_HINT};

/// A field's name is a short identifier: it is written into bodies, queries and signatures as it is.
const LONGEST_EXTRA_NAME: usize = 64;

/// Checks that the account can be used.
///
/// # Errors
/// `invalid-argument` naming the option.
pub(super) fn account(provider: &dyn Provider) -> Result<(), Error> {
    provider.credentials().check()?;
    provider.account().check(provider.platform())?;
    provider.check()
}

/// Checks that the operation can be sent to this platform. Ids lose surrounding spaces: the documents' own samples have them.
///
/// # Errors
/// `invalid-argument` naming the parameter.
pub(super) fn operation(platform: &Platform, operation: &mut Operation) -> Result<(), Error> {
    let id_hint = CALL_ID_HINT.en;
    match operation {
        Operation::Dial(dial) => check_dial(platform, dial),
        Operation::HangUp(hang_up) => check_id("callId", &mut hang_up.call_id, platform.limits.call_id, id_hint),
        Operation::BindSeat(bind) => {
            check_id("seat", &mut bind.seat, platform.limits.seat, SEAT_HINT.en)?;
            PhoneNumber::parse("phone", &bind.phone).map(drop)
        }
        Operation::Recording(RecordingOf { call_id: Some(call_id), .. }) => check_id("callId", call_id, platform.limits.call_id, id_hint),
        Operation::Recording(_) | Operation::Records(_) | Operation::Balance(_) | Operation::Download(_) => Ok(()),
    }
}

fn check_dial(platform: &Platform, dial: &mut Dial) -> Result<(), Error> {
    let (caller, callee) = (PhoneNumber::parse("caller", &dial.caller)?, PhoneNumber::parse("callee", &dial.callee)?);
    if caller == callee {
        return Err(Error::invalid(ErrorReason::SameNumber, "callee", "is the caller's own number", "pass the number of the other party"));
    }
    if let Some(reference) = &mut dial.reference {
        check_id("reference", reference, platform.limits.reference, REFERENCE_HINT.en)?;
    }
    check_own(platform, &mut dial.own)?;
    check_extra(platform, dial)
}

/// Checks an id of the user or the platform.
fn check_id(field: &str, text: &mut String, longest: usize, hint: &str) -> Result<(), Error> {
    let trimmed = text.trim();
    if trimmed.len() < text.len() {
        *text = trimmed.to_owned();
    }
    if text.is_empty() {
        return Err(Error::invalid(ErrorReason::Empty, field, "is empty", hint));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(ErrorReason::ForbiddenCharacter, field, "has control characters", hint));
    }
    if text.chars().count() > longest {
        return Err(Error::invalid(ErrorReason::TooLong, field, &format!("is longer than {longest} characters"), hint).at_most(longest));
    }
    Ok(())
}

fn check_extra(platform: &Platform, dial: &Dial) -> Result<(), Error> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let mut names: Vec<&String> = Vec::new();
    for (name, value) in &dial.extra {
        if name.is_empty() || name.len() > LONGEST_EXTRA_NAME || !name.bytes().all(is_part) {
            let hint = "use 1 to 64 letters, digits, dots, _ and -";
            return Err(Error::invalid(ErrorReason::WrongFormat, "extra", "has a name that a field cannot have", hint)
                .expecting(&["0-9", "A-Z", "a-z", ".", "_", "-"]));
        }
        let field = format!("extra.{name}");
        if let Some((_, word)) = platform.spellings.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)) {
            let hint = if word.is_empty() { "leave it out".to_owned() } else { format!("leave it out, and use {word}") };
            let wrong = format!("is set by ringback itself at {}", platform.name);
            let error = Error::invalid(ErrorReason::ReservedName, &field, &wrong, &hint);
            return Err(if word.is_empty() { error } else { error.expecting(&[word]) });
        }
        if names.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return Err(Error::invalid(ErrorReason::Duplicate, &field, "is given twice: names are compared without case", "pass it once"));
        }
        if value.is_empty() {
            return Err(Error::invalid(ErrorReason::Empty, &field, "is empty", "pass a value, or leave it out"));
        }
        names.push(name);
    }
    Ok(())
}
