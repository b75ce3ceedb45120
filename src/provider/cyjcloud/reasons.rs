//! Reasons of records, beside mixcom's, which the sibling that speaks this dialect reports as well [known].

use crate::model::{Cause, Side, Status};
use crate::provider::Reason;

/// Reasons that the family uses today in `ulFailReason` [known].
pub(super) static FAMILY: &[Reason] = &[
    failed("8100", Side::Callee, "被叫号码不存在", "the callee's number does not exist", "Check the callee's number."),
    unanswered("8101", Cause::NoAnswer, Side::Callee, "被叫无应答", "the callee did not pick up", "Try later."),
    unanswered("8102", Cause::Busy, Side::Callee, "被叫用户正忙", "the callee is busy", "Try later."),
    failed("8103", Side::Callee, "被叫用户暂时无法接通", "the callee cannot be reached for now", "Try later."),
    failed("8104", Side::Callee, "被叫已关机", "the callee's phone is off", "Try later."),
    failed("8105", Side::Callee, "被叫已停机", "the callee's number is out of service", "Check the callee's number."),
    failed("8106", Side::Caller, "主叫号码不存在", "the caller's number does not exist", "Check the caller's number."),
    unanswered("8107", Cause::NoAnswer, Side::Caller, "主叫无应答", "the caller did not pick up", "Pick up the platform's call."),
    unanswered("8108", Cause::Busy, Side::Caller, "主叫用户正忙", "the caller is busy", "Try when the caller is free."),
    failed("8109", Side::Caller, "主叫用户暂时无法接通", "the caller cannot be reached for now", "Try later."),
    failed("8110", Side::Caller, "主叫已关机", "the caller's phone is off", "Switch the caller's phone on."),
    failed("8111", Side::Caller, "主叫已停机", "the caller's number is out of service", "Check the caller's number."),
];

/// Q.850 causes of the second leg, in `fwdUnaswRsn` [known].
pub(super) static Q850: &[Reason] = &[
    failed("1", Side::Callee, "空号", "unallocated number", "Check the callee's number."),
    failed("3", Side::Callee, "无至目的地的路由", "no route to destination", "Check the callee's number."),
    normal("16", "正常呼叫清除", "normal call clearing"),
    unanswered("17", Cause::Busy, Side::Callee, "用户忙", "user busy", "Try later."),
    unanswered("18", Cause::NoAnswer, Side::Callee, "用户未响应", "no user responding", "Try later."),
    unanswered("19", Cause::NoAnswer, Side::Callee, "用户未应答", "no answer from user (user alerted)", "Try later."),
    unanswered("21", Cause::Cancelled, Side::Callee, "呼叫被拒绝", "call rejected", "Ended by this side before both were connected."),
    failed("27", Side::Callee, "目的地故障", "destination out of order", "Try later."),
    failed("28", Side::Callee, "号码格式无效", "invalid number format", "Check the callee's number."),
    normal("31", "正常,未规定", "normal, unspecified"),
    capacity("34", "无可用电路或信道", "no circuit/channel available"),
    failed("38", Side::Callee, "网络故障", "network out of order", "Try later."),
    capacity("42", "交换设备拥塞", "switching equipment congestion"),
];

const fn failed(code: &'static str, leg: Side, message: &'static str, message_en: &'static str, advice: &'static str) -> Reason {
    Reason { code, status: Status::Failed, cause: Cause::CallFailed, leg: Some(leg), message, message_en, advice }
}

const fn unanswered(
    code: &'static str,
    cause: Cause,
    leg: Side,
    message: &'static str,
    message_en: &'static str,
    advice: &'static str,
) -> Reason {
    Reason { code, status: Status::Unanswered, cause, leg: Some(leg), message, message_en, advice }
}

const fn capacity(code: &'static str, message: &'static str, message_en: &'static str) -> Reason {
    let advice = "Try later, or dial fewer at a time.";
    Reason { code, status: Status::Failed, cause: Cause::Capacity, leg: None, message, message_en, advice }
}

const fn normal(code: &'static str, message: &'static str, message_en: &'static str) -> Reason {
    Reason { code, status: Status::Answered, cause: Cause::HungUp, leg: None, message, message_en, advice: "Nothing to do." }
}
