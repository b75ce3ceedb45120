//! 2 (返回示例 and the codes after it), 3 (status)

use crate::model::{Cause, ErrorCode, ErrorReason, Status, code as codes};
use crate::provider::interpretation::classify_like_http;
use crate::provider::{Reason, Refusal};

pub(super) static REASONS: &[Reason] = &[
    reason(
        "0",
        Status::Unknown,
        Cause::Unknown,
        "已拨打",
        "dialed",
        "An acknowledged record does not come again: look the call up in the platform's console. Records are kept for 30 days; after that only the console has them.",
    ),
    reason("1", Status::Answered, Cause::HungUp, "已接通", "connected", "Nothing to do."),
    reason("2", Status::Unanswered, Cause::Other, "未接通", "not connected", "See the reason that came with the record."),
    reason("3", Status::Failed, Cause::CallFailed, "拨打失败", "the dial failed", "See the reason that came with the record."),
];

pub(super) static REFUSALS: &[Refusal] = &[
    refusal(
        "1002",
        ErrorCode::Rejected,
        "非法请求",
        "illegal request (POST or GET is wrong)",
        "Something between here and the platform changed the request's method.",
    ),
    refusal(
        "1003",
        ErrorCode::InvalidArgument,
        "参数错误",
        "a parameter is wrong",
        "See the platform's message for which; check the numbers.",
    ),
    refusal(
        "1004",
        ErrorCode::Authentication,
        "签名无效",
        "the signature is not valid",
        "Check appSecret; else try dialect.signatureCase \"keys-and-values\".",
    )
    .because(ErrorReason::BadSignature),
    refusal("1005", ErrorCode::Authentication, "认证错误", "not authenticated", "Check appKey and appSecret."),
    refusal(
        "1006",
        ErrorCode::Authentication,
        "请求无效",
        "the time check failed",
        "Set this machine's clock; else try dialect.timestampUnit \"ms\".",
    )
    .because(ErrorReason::ClockSkew),
    indeterminate(
        "2000",
        ErrorCode::ProviderUnavailable,
        "服务器繁忙",
        "the server is busy",
        "Look for the call's record before dialing again.",
    ),
    indeterminate("2001", ErrorCode::Rejected, "未知错误", "unknown error", "Look for the call's record before dialing again."),
    refusal("2002", ErrorCode::NotFound, "没有更多数据了", "no more data", "Nothing follows."),
    refusal("2003", ErrorCode::NotFound, "暂无数据", "no data", "Check the call id; a recording may take minutes to appear."),
    indeterminate(
        "3001",
        ErrorCode::ProviderUnavailable,
        "服务器处理异常",
        "the server failed",
        "Look for the call's record before dialing again.",
    ),
    refusal("7001", ErrorCode::LineBusy, "正在呼叫中", "the line is in a call already", "Wait until the running call has ended."),
    refusal(
        "7002",
        ErrorCode::Conflict,
        "绑定关系已存在",
        "the binding exists already",
        "The two numbers are bound already; wait until that binding has ended.",
    ),
    refusal("9001", ErrorCode::InsufficientBalance, "费用不足，请联系平台充值！", "not enough money", "Top the account up."),
];

/// 2, the ranges: 1001-1999 the request, 2000-2999 the service, 3001-4000 the server, 7001-8001 the call. A code outside of them is
/// not documented, so it cannot be known whether the call was placed.
pub(super) fn classify_unlisted(code: Option<&str>) -> (ErrorCode, bool) {
    match code.and_then(codes::read_integer) {
        Some(3001..=4000) => (ErrorCode::ProviderUnavailable, true),
        Some(1001..=1999 | 2000..=2999 | 7001..=8001) => (ErrorCode::Rejected, false),
        _ => (classify_like_http(code).0, true),
    }
}

const fn reason(
    code: &'static str,
    status: Status,
    cause: Cause,
    message: &'static str,
    message_en: &'static str,
    advice: &'static str,
) -> Reason {
    Reason { code, status, cause, leg: None, message, message_en, advice }
}

const fn refusal(code: &'static str, error: ErrorCode, message: &'static str, message_en: &'static str, advice: &'static str) -> Refusal {
    Refusal { code, error, reason: ErrorReason::of_refusal(error), indeterminate: false, message, message_en, advice }
}

const fn indeterminate(
    code: &'static str,
    error: ErrorCode,
    message: &'static str,
    message_en: &'static str,
    advice: &'static str,
) -> Refusal {
    Refusal { code, error, reason: ErrorReason::of_refusal(error), indeterminate: true, message, message_en, advice }
}
