//! Flags of refusals. The document lists none; these are known from public integrations of a sibling: hints only.

use crate::model::{ErrorCode, ErrorReason};
use crate::provider::Refusal;

pub(super) static REFUSALS: &[Refusal] = &[
    flag("1001", ErrorCode::Authentication, "Check ACCOUNTSID."),
    flag("1002", ErrorCode::InsufficientBalance, "Top the account up."),
    flag("1003", ErrorCode::InsufficientBalance, "Top the account up."),
    flag("1004", ErrorCode::Forbidden, "Ask the platform to admit this use."),
    flag("1005", ErrorCode::Authentication, "Check ACCOUNTSID and APPID, and this machine's clock."),
    flag("1006", ErrorCode::Authentication, "Check ACCOUNTSID and APPID, and this machine's clock."),
    flag("2001", ErrorCode::InvalidArgument, "Check the numbers."),
    flag("2010", ErrorCode::Conflict, "Wait until the binding that exists has ended."),
    flag("2011", ErrorCode::InvalidArgument, "Check the numbers."),
    flag("2013", ErrorCode::NotFound, "Check the number or the call id."),
    flag("2015", ErrorCode::NotFound, "Check the number or the call id."),
    flag("2016", ErrorCode::RateLimited, "Dial fewer at a time."),
    flag("2017", ErrorCode::InsufficientBalance, "Top the account up."),
    flag("2018", ErrorCode::ProviderUnavailable, "Try later."),
    flag("3000", ErrorCode::RateLimited, "Dial fewer at a time."),
    flag("3003", ErrorCode::NotFound, "Check the number or the call id."),
];

const fn flag(code: &'static str, error: ErrorCode, advice: &'static str) -> Refusal {
    let reason = ErrorReason::of_refusal(error);
    Refusal {
        code,
        error,
        reason,
        indeterminate: false,
        message: "",
        message_en: "not in the platform's document; known from a sibling",
        advice,
    }
}
