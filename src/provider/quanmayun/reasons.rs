//! 3.2 状态通知, reason

use crate::model::{Cause, Side, Status, Text};
use crate::provider::Reason;
use crate::provider::platform::{Advised, codes};

const TRY_LATER: Text = Text::new("Try later.", "请稍后再试。");

pub(super) const CODES: &[Advised<Reason>] = &[
    reason(
        "HangUp",
        (Status::Answered, Cause::HungUp, None),
        "正常挂机,包括通话后被删除",
        "hung up normally",
        Text::new("Nothing to do.", "正常结束，无需处理。"),
    ),
    reason(
        "CallerBusy",
        (Status::Unanswered, Cause::Busy, Some(Side::Caller)),
        "主叫忙",
        "the caller is busy",
        Text::new("Try when the caller is free.", "请等主叫空闲后再呼。"),
    ),
    reason(
        "CallerNoAnswer",
        (Status::Unanswered, Cause::NoAnswer, Some(Side::Caller)),
        "主叫无应答",
        "the caller did not pick up",
        Text::new("Pick up the first ring: it is the platform's.", "平台先呼主叫：请主叫接听平台打来的电话。"),
    ),
    reason(
        "CallerFailure",
        (Status::Failed, Cause::CallFailed, Some(Side::Caller)),
        "主叫其它原因失败",
        "the caller could not be called",
        Text::new("Check the caller's number.", "请核对主叫号码。"),
    ),
    reason(
        "CallerAbandon",
        (Status::Unanswered, Cause::Abandoned, Some(Side::Caller)),
        "呼叫被叫过程中主叫挂机",
        "the caller hung up while the callee was being called",
        Text::new("Stay on the line until the callee answers.", "被叫接听之前，主叫请不要挂机。"),
    ),
    reason("CalleeBusy", (Status::Unanswered, Cause::Busy, Some(Side::Callee)), "被叫忙", "the callee is busy", TRY_LATER),
    reason("CalleeNoAnswer", (Status::Unanswered, Cause::NoAnswer, Some(Side::Callee)), "被叫无应答", "the callee did not pick up", TRY_LATER),
    reason(
        "CalleeFailure",
        (Status::Failed, Cause::CallFailed, Some(Side::Callee)),
        "被叫其它原因失败",
        "the callee could not be called",
        Text::new("Check the callee's number.", "请核对被叫号码。"),
    ),
    reason(
        "Other",
        (Status::Failed, Cause::Other, None),
        "其它原因失败",
        "failed for another reason",
        Text::new("Try later; ask the platform if it recurs.", "请稍后再试，反复出现请询问平台。"),
    ),
];

pub(super) static REASONS: [Reason; CODES.len()] = codes(CODES);

const fn reason(
    code: &'static str,
    (status, cause, leg): (Status, Cause, Option<Side>),
    message: &'static str,
    message_en: &'static str,
    advice: Text,
) -> Advised<Reason> {
    Advised { item: Reason { code, status, cause, leg, message, message_en, advice: advice.en }, advice_zh: advice.zh }
}
