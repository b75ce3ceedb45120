//! 5: codes of seven digits.

use crate::model::{Cause, ErrorCode, ErrorReason, Side, Status, Text};
use crate::provider::platform::{Advised, codes};
use crate::provider::{Reason, Refusal};

/// 5.1 endCode
pub(super) const REASON_CODES: &[Advised<Reason>] = &[
    reason("7000200", Status::Answered, Cause::HungUp, None, "正常结束", "ended normally", Text::new("Nothing to do.", "正常结束，无需处理。")),
    reason("7000486", Status::Unanswered, Cause::Busy, Some(Side::Callee), "被叫忙", "the callee is busy", Text::new("Try later.", "请稍后再试。")),
    reason("7000480", Status::Unanswered, Cause::NoAnswer, Some(Side::Callee), "被叫无应答", "the callee did not pick up", Text::new("Try later.", "请稍后再试。")),
    reason(
        "7000487",
        Status::Unanswered,
        Cause::NoAnswer,
        Some(Side::Caller),
        "主叫无应答",
        "the caller did not pick up",
        Text::new("Pick up the first ring.", "请接听第一个来电。"),
    ),
    reason("7000500", Status::Failed, Cause::Platform, None, "平台失败", "the platform failed", Text::new("Try later.", "请稍后再试。")),
];

/// 5.2 code
pub(super) const REFUSAL_CODES: &[Advised<Refusal>] = &[
    refusal("1010002", ErrorCode::Authentication, "鉴权失败", "the digest is wrong", Text::new("Check appKey and appSecret.", "请核对 `appKey` 和 `appSecret`。")),
    refusal("1010010", ErrorCode::InsufficientBalance, "余额不足", "the balance is used up", Text::new("Top up the account.", "请给账号充值。")),
    refusal("1010013", ErrorCode::RateLimited, "请求过于频繁", "too many requests", Text::new("Wait a second.", "请等一秒再请求。")),
    refusal("1010020", ErrorCode::NotFound, "通话不存在", "there is no such call", Text::new("It has ended.", "通话已经结束。")),
    refusal("1010021", ErrorCode::LineBusy, "线路繁忙", "the line is busy", Text::new("Dial again later.", "请稍后再呼。")),
];

pub(super) static REASONS: [Reason; REASON_CODES.len()] = codes(REASON_CODES);
pub(super) static REFUSALS: [Refusal; REFUSAL_CODES.len()] = codes(REFUSAL_CODES);

const fn reason(
    code: &'static str,
    status: Status,
    cause: Cause,
    leg: Option<Side>,
    message: &'static str,
    message_en: &'static str,
    advice: Text,
) -> Advised<Reason> {
    Advised { item: Reason { code, status, cause, leg, message, message_en, advice: advice.en }, advice_zh: advice.zh }
}

const fn refusal(code: &'static str, error: ErrorCode, message: &'static str, message_en: &'static str, advice: Text) -> Advised<Refusal> {
    let reason = ErrorReason::of_refusal(error);
    let item = Refusal { code, error, reason, indeterminate: false, message, message_en, advice: advice.en };
    Advised { item, advice_zh: advice.zh }
}
