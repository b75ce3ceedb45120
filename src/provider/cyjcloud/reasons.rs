//! Reasons of records, beside mixcom's, which the sibling that speaks this dialect reports as well [known].

use crate::model::{Cause, Side, Status, Text};
use crate::provider::Reason;
use crate::provider::platform::{Advised, codes};

const CHECK_CALLEE: Text = Text::new("Check the callee's number.", "请核对被叫号码。");
const TRY_LATER: Text = Text::new("Try later.", "请稍后再试。");
const CHECK_CALLER: Text = Text::new("Check the caller's number.", "请核对主叫号码。");
const PICK_UP: Text = Text::new("Pick up the platform's call.", "请主叫接听平台打来的电话。");
const WAIT_FOR_CALLER: Text = Text::new("Try when the caller is free.", "请等主叫空闲后再呼。");
const SWITCH_ON: Text = Text::new("Switch the caller's phone on.", "请主叫开机后再呼。");
const ENDED_BEFORE: Text = Text::new("Ended by this side before both were connected.", "双方接通之前，由这一方结束了呼叫。");
const DIAL_FEWER: Text = Text::new("Try later, or dial fewer at a time.", "请稍后再试，或减少同时呼叫的数量。");
const NOTHING: Text = Text::new("Nothing to do.", "正常结束，无需处理。");

/// Reasons that the family uses today in `ulFailReason` [known].
pub(super) const FAMILY_CODES: &[Advised<Reason>] = &[
    failed("8100", Side::Callee, "被叫号码不存在", "the callee's number does not exist", CHECK_CALLEE),
    unanswered("8101", Cause::NoAnswer, Side::Callee, "被叫无应答", "the callee did not pick up", TRY_LATER),
    unanswered("8102", Cause::Busy, Side::Callee, "被叫用户正忙", "the callee is busy", TRY_LATER),
    failed("8103", Side::Callee, "被叫用户暂时无法接通", "the callee cannot be reached for now", TRY_LATER),
    failed("8104", Side::Callee, "被叫已关机", "the callee's phone is off", TRY_LATER),
    failed("8105", Side::Callee, "被叫已停机", "the callee's number is out of service", CHECK_CALLEE),
    failed("8106", Side::Caller, "主叫号码不存在", "the caller's number does not exist", CHECK_CALLER),
    unanswered("8107", Cause::NoAnswer, Side::Caller, "主叫无应答", "the caller did not pick up", PICK_UP),
    unanswered("8108", Cause::Busy, Side::Caller, "主叫用户正忙", "the caller is busy", WAIT_FOR_CALLER),
    failed("8109", Side::Caller, "主叫用户暂时无法接通", "the caller cannot be reached for now", TRY_LATER),
    failed("8110", Side::Caller, "主叫已关机", "the caller's phone is off", SWITCH_ON),
    failed("8111", Side::Caller, "主叫已停机", "the caller's number is out of service", CHECK_CALLER),
];

/// Q.850 causes of the second leg, in `fwdUnaswRsn` [known].
pub(super) const Q850_CODES: &[Advised<Reason>] = &[
    failed("1", Side::Callee, "空号", "unallocated number", CHECK_CALLEE),
    failed("3", Side::Callee, "无至目的地的路由", "no route to destination", CHECK_CALLEE),
    normal("16", "正常呼叫清除", "normal call clearing"),
    unanswered("17", Cause::Busy, Side::Callee, "用户忙", "user busy", TRY_LATER),
    unanswered("18", Cause::NoAnswer, Side::Callee, "用户未响应", "no user responding", TRY_LATER),
    unanswered("19", Cause::NoAnswer, Side::Callee, "用户未应答", "no answer from user (user alerted)", TRY_LATER),
    unanswered("21", Cause::Cancelled, Side::Callee, "呼叫被拒绝", "call rejected", ENDED_BEFORE),
    failed("27", Side::Callee, "目的地故障", "destination out of order", TRY_LATER),
    failed("28", Side::Callee, "号码格式无效", "invalid number format", CHECK_CALLEE),
    normal("31", "正常,未规定", "normal, unspecified"),
    capacity("34", "无可用电路或信道", "no circuit/channel available"),
    failed("38", Side::Callee, "网络故障", "network out of order", TRY_LATER),
    capacity("42", "交换设备拥塞", "switching equipment congestion"),
];

pub(super) static FAMILY: [Reason; FAMILY_CODES.len()] = codes(FAMILY_CODES);
pub(super) static Q850: [Reason; Q850_CODES.len()] = codes(Q850_CODES);

const fn reason(
    code: &'static str,
    (status, cause, leg): (Status, Cause, Option<Side>),
    message: &'static str,
    message_en: &'static str,
    advice: Text,
) -> Advised<Reason> {
    Advised { item: Reason { code, status, cause, leg, message, message_en, advice: advice.en }, advice_zh: advice.zh }
}

const fn failed(code: &'static str, leg: Side, message: &'static str, message_en: &'static str, advice: Text) -> Advised<Reason> {
    reason(code, (Status::Failed, Cause::CallFailed, Some(leg)), message, message_en, advice)
}

const fn unanswered(
    code: &'static str,
    cause: Cause,
    leg: Side,
    message: &'static str,
    message_en: &'static str,
    advice: Text,
) -> Advised<Reason> {
    reason(code, (Status::Unanswered, cause, Some(leg)), message, message_en, advice)
}

const fn capacity(code: &'static str, message: &'static str, message_en: &'static str) -> Advised<Reason> {
    reason(code, (Status::Failed, Cause::Capacity, None), message, message_en, DIAL_FEWER)
}

const fn normal(code: &'static str, message: &'static str, message_en: &'static str) -> Advised<Reason> {
    reason(code, (Status::Answered, Cause::HungUp, None), message, message_en, NOTHING)
}
