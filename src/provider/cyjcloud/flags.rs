//! Flags of refusals. The document lists none; these are known from public integrations of a sibling: hints only.

use crate::model::{ErrorCode, ErrorReason, Text};
use crate::provider::Refusal;
use crate::provider::platform::{Advised, codes};

const CHECK_SID: Text = Text::new("Check ACCOUNTSID.", "请核对 ACCOUNTSID。");
const TOP_UP: Text = Text::new("Top the account up.", "请给账号充值。");
const ASK_PERMISSION: Text = Text::new("Ask the platform to admit this use.", "请联系平台开通这项用途。");
const CHECK_CREDENTIALS: Text = Text::new("Check ACCOUNTSID and APPID, and this machine's clock.", "请核对 ACCOUNTSID、APPID 和本机时钟。");
const CHECK_NUMBERS: Text = Text::new("Check the numbers.", "请核对号码。");
const WAIT_FOR_BINDING: Text = Text::new("Wait until the binding that exists has ended.", "请等已有的绑定关系结束。");
const CHECK_ID: Text = Text::new("Check the number or the call id.", "请核对号码或通话标识。");
const DIAL_FEWER: Text = Text::new("Dial fewer at a time.", "请减少同时呼叫的数量。");
const TRY_LATER: Text = Text::new("Try later.", "请稍后再试。");

pub(super) const CODES: &[Advised<Refusal>] = &[
    flag("1001", ErrorCode::Authentication, CHECK_SID),
    flag("1002", ErrorCode::InsufficientBalance, TOP_UP),
    flag("1003", ErrorCode::InsufficientBalance, TOP_UP),
    flag("1004", ErrorCode::Forbidden, ASK_PERMISSION),
    flag("1005", ErrorCode::Authentication, CHECK_CREDENTIALS),
    flag("1006", ErrorCode::Authentication, CHECK_CREDENTIALS),
    flag("2001", ErrorCode::InvalidArgument, CHECK_NUMBERS),
    flag("2010", ErrorCode::Conflict, WAIT_FOR_BINDING),
    flag("2011", ErrorCode::InvalidArgument, CHECK_NUMBERS),
    flag("2013", ErrorCode::NotFound, CHECK_ID),
    flag("2015", ErrorCode::NotFound, CHECK_ID),
    flag("2016", ErrorCode::RateLimited, DIAL_FEWER),
    flag("2017", ErrorCode::InsufficientBalance, TOP_UP),
    flag("2018", ErrorCode::ProviderUnavailable, TRY_LATER),
    flag("3000", ErrorCode::RateLimited, DIAL_FEWER),
    flag("3003", ErrorCode::NotFound, CHECK_ID),
];

pub(super) static REFUSALS: [Refusal; CODES.len()] = codes(CODES);

const fn flag(code: &'static str, error: ErrorCode, advice: Text) -> Advised<Refusal> {
    let item = Refusal {
        code,
        error,
        reason: ErrorReason::of_refusal(error),
        indeterminate: false,
        message: "",
        message_en: "not in the platform's document; known from a sibling",
        advice: advice.en,
    };
    Advised { item, advice_zh: advice.zh }
}
