//! 5: codes of seven digits.

use crate::model::{Cause, ErrorCode, ErrorReason, Side, Status};
use crate::provider::{Reason, Refusal};

/// 5.1 endCode
pub(super) static REASONS: &[Reason] = &[
    reason("7000200", Status::Answered, Cause::HungUp, None, "正常结束", "ended normally", "Nothing to do."),
    reason("7000486", Status::Unanswered, Cause::Busy, Some(Side::Callee), "被叫忙", "the callee is busy", "Try later."),
    reason("7000480", Status::Unanswered, Cause::NoAnswer, Some(Side::Callee), "被叫无应答", "the callee did not pick up", "Try later."),
    reason(
        "7000487",
        Status::Unanswered,
        Cause::NoAnswer,
        Some(Side::Caller),
        "主叫无应答",
        "the caller did not pick up",
        "Pick up the first ring.",
    ),
    reason("7000500", Status::Failed, Cause::Platform, None, "平台失败", "the platform failed", "Try later."),
];

/// 5.2 code
pub(super) static REFUSALS: &[Refusal] = &[
    refusal("1010002", ErrorCode::Authentication, "鉴权失败", "the digest is wrong", "Check appKey and appSecret."),
    refusal("1010010", ErrorCode::InsufficientBalance, "余额不足", "the balance is used up", "Top up the account."),
    refusal("1010013", ErrorCode::RateLimited, "请求过于频繁", "too many requests", "Wait a second."),
    refusal("1010020", ErrorCode::NotFound, "通话不存在", "there is no such call", "It has ended."),
    refusal("1010021", ErrorCode::LineBusy, "线路繁忙", "the line is busy", "Dial again later."),
];

const fn reason(
    code: &'static str,
    status: Status,
    cause: Cause,
    leg: Option<Side>,
    message: &'static str,
    message_en: &'static str,
    advice: &'static str,
) -> Reason {
    Reason { code, status, cause, leg, message, message_en, advice }
}

const fn refusal(code: &'static str, error: ErrorCode, message: &'static str, message_en: &'static str, advice: &'static str) -> Refusal {
    Refusal { code, error, reason: ErrorReason::of_refusal(error), indeterminate: false, message, message_en, advice }
}
