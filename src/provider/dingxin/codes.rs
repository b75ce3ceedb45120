//! 2 (返回示例 and the codes after it), 3 (status)

use crate::model::{Cause, ErrorCode, ErrorReason, Status, Text, code as codes};
use crate::provider::interpretation::classify_like_http;
use crate::provider::platform::{self, Advised};
use crate::provider::{Reason, Refusal};

const SEE_REASON: Text = Text::new("See the reason that came with the record.", "请看随话单给出的未接通原因。");
const LOOK_FOR_RECORD: Text = Text::new("Look for the call's record before dialing again.", "再次呼叫之前，请先查这次呼叫的话单。");

pub(super) const RECORD_CODES: &[Advised<Reason>] = &[
    reason(
        "0",
        Status::Unknown,
        Cause::Unknown,
        "已拨打",
        "dialed",
        Text::new(
            "An acknowledged record does not come again: look the call up in the platform's console. Records are kept for 30 days; after that only the console has them.",
            "已确认的话单不会再推送：请到平台控制台查看这通电话。话单保留 30 天，之后只能在控制台查看。",
        ),
    ),
    reason("1", Status::Answered, Cause::HungUp, "已接通", "connected", Text::new("Nothing to do.", "正常结束，无需处理。")),
    reason("2", Status::Unanswered, Cause::Other, "未接通", "not connected", SEE_REASON),
    reason("3", Status::Failed, Cause::CallFailed, "拨打失败", "the dial failed", SEE_REASON),
];

pub(super) static REASONS: [Reason; RECORD_CODES.len()] = platform::codes(RECORD_CODES);

pub(super) const REFUSAL_CODES: &[Advised<Refusal>] = &[
    refusal(
        "1002",
        ErrorCode::Rejected,
        "非法请求",
        "illegal request (POST or GET is wrong)",
        Text::new(
            "Something between here and the platform changed the request's method.",
            "请求方法（POST、GET）在途中被改动：请检查本机与平台之间的代理。",
        ),
    ),
    refusal(
        "1003",
        ErrorCode::InvalidArgument,
        "参数错误",
        "a parameter is wrong",
        Text::new("See the platform's message for which; check the numbers.", "请看平台的消息指的是哪个参数，并核对号码。"),
    ),
    because(
        refusal(
            "1004",
            ErrorCode::Authentication,
            "签名无效",
            "the signature is not valid",
            Text::new(
                "Check appSecret; else try dialect.signatureCase \"keys-and-values\".",
                "请核对 `appSecret`；如果无误，可试 `dialect.signatureCase` 的 `keys-and-values`。",
            ),
        ),
        ErrorReason::BadSignature,
    ),
    refusal(
        "1005",
        ErrorCode::Authentication,
        "认证错误",
        "not authenticated",
        Text::new("Check appKey and appSecret.", "请核对 `appKey` 和 `appSecret`。"),
    ),
    because(
        refusal(
            "1006",
            ErrorCode::Authentication,
            "请求无效",
            "the time check failed",
            Text::new(
                "Set this machine's clock; else try dialect.timestampUnit \"ms\".",
                "请校准本机时钟；如果无误，可试 `dialect.timestampUnit` 的 `ms`。",
            ),
        ),
        ErrorReason::ClockSkew,
    ),
    indeterminate("2000", ErrorCode::ProviderUnavailable, "服务器繁忙", "the server is busy"),
    indeterminate("2001", ErrorCode::Rejected, "未知错误", "unknown error"),
    refusal("2002", ErrorCode::NotFound, "没有更多数据了", "no more data", Text::new("Nothing follows.", "后面没有数据了。")),
    refusal(
        "2003",
        ErrorCode::NotFound,
        "暂无数据",
        "no data",
        Text::new("Check the call id; a recording may take minutes to appear.", "请核对通话标识；录音可能要过几分钟才有。"),
    ),
    indeterminate("3001", ErrorCode::ProviderUnavailable, "服务器处理异常", "the server failed"),
    refusal(
        "7001",
        ErrorCode::LineBusy,
        "正在呼叫中",
        "the line is in a call already",
        Text::new("Wait until the running call has ended.", "请等当前通话结束。"),
    ),
    refusal(
        "7002",
        ErrorCode::Conflict,
        "绑定关系已存在",
        "the binding exists already",
        Text::new(
            "The two numbers are bound already; wait until that binding has ended.",
            "这两个号码已经绑定，请等该绑定关系结束。",
        ),
    ),
    refusal(
        "9001",
        ErrorCode::InsufficientBalance,
        "费用不足，请联系平台充值！",
        "not enough money",
        Text::new("Top the account up.", "请给账号充值。"),
    ),
];

pub(super) static REFUSALS: [Refusal; REFUSAL_CODES.len()] = platform::codes(REFUSAL_CODES);

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
    advice: Text,
) -> Advised<Reason> {
    Advised { item: Reason { code, status, cause, leg: None, message, message_en, advice: advice.en }, advice_zh: advice.zh }
}

const fn refusal(code: &'static str, error: ErrorCode, message: &'static str, message_en: &'static str, advice: Text) -> Advised<Refusal> {
    let reason = ErrorReason::of_refusal(error);
    let item = Refusal { code, error, reason, indeterminate: false, message, message_en, advice: advice.en };
    Advised { item, advice_zh: advice.zh }
}

const fn because(refusal: Advised<Refusal>, reason: ErrorReason) -> Advised<Refusal> {
    Advised { item: refusal.item.because(reason), advice_zh: refusal.advice_zh }
}

const fn indeterminate(code: &'static str, error: ErrorCode, message: &'static str, message_en: &'static str) -> Advised<Refusal> {
    let Advised { item, advice_zh } = refusal(code, error, message, message_en, LOOK_FOR_RECORD);
    Advised { item: Refusal { indeterminate: true, ..item }, advice_zh }
}
