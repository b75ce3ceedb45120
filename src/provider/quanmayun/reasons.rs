//! 3.2 状态通知, reason

use crate::model::{Cause, Side, Status};
use crate::provider::Reason;

pub(super) static REASONS: &[Reason] = &[
    reason("HangUp", Status::Answered, Cause::HungUp, None, "正常挂机,包括通话后被删除", "hung up normally", "Nothing to do."),
    reason(
        "CallerBusy",
        Status::Unanswered,
        Cause::Busy,
        Some(Side::Caller),
        "主叫忙",
        "the caller is busy",
        "Try when the caller is free.",
    ),
    reason(
        "CallerNoAnswer",
        Status::Unanswered,
        Cause::NoAnswer,
        Some(Side::Caller),
        "主叫无应答",
        "the caller did not pick up",
        "Pick up the first ring: it is the platform's.",
    ),
    reason(
        "CallerFailure",
        Status::Failed,
        Cause::CallFailed,
        Some(Side::Caller),
        "主叫其它原因失败",
        "the caller could not be called",
        "Check the caller's number.",
    ),
    reason(
        "CallerAbandon",
        Status::Unanswered,
        Cause::Abandoned,
        Some(Side::Caller),
        "呼叫被叫过程中主叫挂机",
        "the caller hung up while the callee was being called",
        "Stay on the line until the callee answers.",
    ),
    reason("CalleeBusy", Status::Unanswered, Cause::Busy, Some(Side::Callee), "被叫忙", "the callee is busy", "Try later."),
    reason(
        "CalleeNoAnswer",
        Status::Unanswered,
        Cause::NoAnswer,
        Some(Side::Callee),
        "被叫无应答",
        "the callee did not pick up",
        "Try later.",
    ),
    reason(
        "CalleeFailure",
        Status::Failed,
        Cause::CallFailed,
        Some(Side::Callee),
        "被叫其它原因失败",
        "the callee could not be called",
        "Check the callee's number.",
    ),
    reason(
        "Other",
        Status::Failed,
        Cause::Other,
        None,
        "其它原因失败",
        "failed for another reason",
        "Try later; ask the platform if it recurs.",
    ),
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
