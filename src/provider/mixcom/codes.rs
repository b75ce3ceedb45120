//! 5 呼叫失败原因. 本端 (local) is the caller and 远端 (remote) the callee [known]: the times of a record win where they say otherwise.

use crate::model::{Cause, Side, Status, Text};
use crate::provider::Reason;
use crate::provider::platform::{Advised, codes};

const RECORDING_ADVICE: Text = Text::new(
    "The platform could not record and gave the call up; dial again, and tell the platform if it recurs.",
    "平台无法录音，放弃了这次呼叫；可以再呼，反复出现请联系平台。",
);
const CANCEL_ADVICE: Text = Text::new("Ended by this side before both were connected.", "双方接通之前，由这一方结束了呼叫。");
const ANNOUNCEMENT_ADVICE: Text = Text::new(
    "The recording announcement could not be played; check the announcement set in the platform's console.",
    "录音提示音未能播放；请检查控制台中设置的提示音。",
);
const CALLEE_ADVICE: Text = Text::new("Check the callee's number.", "请核对被叫号码。");
const CALLER_ADVICE: Text = Text::new("Check the caller's number.", "请核对主叫号码。");

pub(crate) const CODES: &[Advised<Reason>] = &[
    reason(
        "0",
        (Status::Answered, Cause::HungUp, None),
        "接通后主动挂机",
        "hung up after being connected",
        Text::new("Nothing to do.", "正常结束，无需处理。"),
    ),
    failed("507", Cause::Recording, None, "启动录音失败", "recording could not be started", RECORDING_ADVICE),
    failed("508", Cause::Recording, None, "启动录音超时", "starting the recording timed out", RECORDING_ADVICE),
    failed("509", Cause::Announcement, None, "放录音提示音失败", "the recording announcement could not be played", ANNOUNCEMENT_ADVICE),
    failed("510", Cause::Announcement, None, "放录音提示音超时", "playing the recording announcement timed out", ANNOUNCEMENT_ADVICE),
    failed(
        "512",
        Cause::Recording,
        None,
        "录音VCU倒换释放呼叫",
        "released while the recording unit was switched over",
        Text::new(
            "The platform's recording unit ended a running call; dial again, and tell the platform if it recurs.",
            "平台的录音单元中断了进行中的通话；可以再呼，反复出现请联系平台。",
        ),
    ),
    unanswered(
        "513",
        Cause::Timeout,
        None,
        "呼叫超时",
        "the call timed out",
        Text::new("The party could not be reached in time; try later.", "未能在限定时间内接通对方，请稍后再试。"),
    ),
    unanswered(
        "514",
        Cause::NoAnswer,
        None,
        "振铃超时",
        "rang without being picked up",
        Text::new("Nobody picked up; try later.", "响铃后无人接听，请稍后再试。"),
    ),
    unanswered("515", Cause::Cancelled, Some(Side::Callee), "远端用户主动Cancel", "cancelled by the remote party", CANCEL_ADVICE),
    unanswered("516", Cause::Cancelled, Some(Side::Caller), "本端用户主动Cancel", "cancelled by the local party", CANCEL_ADVICE),
    failed(
        "517",
        Cause::Platform,
        None,
        "平台响应超时",
        "the platform did not respond in time",
        Text::new("Try later; tell the platform if it recurs.", "请稍后再试，反复出现请联系平台。"),
    ),
    failed("518", Cause::CallFailed, Some(Side::Callee), "远端用户呼叫失败", "the remote party could not be called", CALLEE_ADVICE),
    failed("519", Cause::CallFailed, Some(Side::Caller), "本端用户呼叫失败(OXX)", "the local party could not be called (OXX)", CALLER_ADVICE),
    failed("520", Cause::CallFailed, Some(Side::Caller), "本端用户呼叫失败(18X)", "the local party could not be called (18X)", CALLER_ADVICE),
    failed("524", Cause::Announcement, None, "放音文件不存在", "the announcement file does not exist", ANNOUNCEMENT_ADVICE),
    failed(
        "525",
        Cause::Capacity,
        None,
        "超过语音呼叫端口数限制",
        "more calls than the account has lines",
        Text::new("Dial fewer at a time, or buy more lines.", "请减少同时呼叫的数量，或增加线路。"),
    ),
];

pub(crate) static REASONS: [Reason; CODES.len()] = codes(CODES);

const fn reason(
    code: &'static str,
    (status, cause, leg): (Status, Cause, Option<Side>),
    message: &'static str,
    message_en: &'static str,
    advice: Text,
) -> Advised<Reason> {
    Advised { item: Reason { code, status, cause, leg, message, message_en, advice: advice.en }, advice_zh: advice.zh }
}

const fn failed(
    code: &'static str,
    cause: Cause,
    leg: Option<Side>,
    message: &'static str,
    message_en: &'static str,
    advice: Text,
) -> Advised<Reason> {
    reason(code, (Status::Failed, cause, leg), message, message_en, advice)
}

const fn unanswered(
    code: &'static str,
    cause: Cause,
    leg: Option<Side>,
    message: &'static str,
    message_en: &'static str,
    advice: Text,
) -> Advised<Reason> {
    reason(code, (Status::Unanswered, cause, leg), message, message_en, advice)
}
