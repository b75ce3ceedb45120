//! 5 呼叫失败原因. 本端 (local) is the caller and 远端 (remote) the callee [known]: the times of a record win where they say otherwise.

use crate::model::{Cause, Side, Status};
use crate::provider::Reason;

const RECORDING_ADVICE: &str = "The platform could not record and gave the call up; dial again, and tell the platform if it recurs.";
const CANCEL_ADVICE: &str = "Ended by this side before both were connected.";
const ANNOUNCEMENT_ADVICE: &str = "The recording announcement could not be played; check the announcement set in the platform's console.";

pub(crate) static REASONS: &[Reason] = &[
    Reason {
        code: "0",
        status: Status::Answered,
        cause: Cause::HungUp,
        leg: None,
        message: "接通后主动挂机",
        message_en: "hung up after being connected",
        advice: "Nothing to do.",
    },
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
        "The platform's recording unit ended a running call; dial again, and tell the platform if it recurs.",
    ),
    unanswered("513", Cause::Timeout, None, "呼叫超时", "the call timed out", "The party could not be reached in time; try later."),
    unanswered("514", Cause::NoAnswer, None, "振铃超时", "rang without being picked up", "Nobody picked up; try later."),
    unanswered("515", Cause::Cancelled, Some(Side::Callee), "远端用户主动Cancel", "cancelled by the remote party", CANCEL_ADVICE),
    unanswered("516", Cause::Cancelled, Some(Side::Caller), "本端用户主动Cancel", "cancelled by the local party", CANCEL_ADVICE),
    failed(
        "517",
        Cause::Platform,
        None,
        "平台响应超时",
        "the platform did not respond in time",
        "Try later; tell the platform if it recurs.",
    ),
    failed(
        "518",
        Cause::CallFailed,
        Some(Side::Callee),
        "远端用户呼叫失败",
        "the remote party could not be called",
        "Check the callee's number.",
    ),
    failed(
        "519",
        Cause::CallFailed,
        Some(Side::Caller),
        "本端用户呼叫失败(OXX)",
        "the local party could not be called (OXX)",
        "Check the caller's number.",
    ),
    failed(
        "520",
        Cause::CallFailed,
        Some(Side::Caller),
        "本端用户呼叫失败(18X)",
        "the local party could not be called (18X)",
        "Check the caller's number.",
    ),
    failed("524", Cause::Announcement, None, "放音文件不存在", "the announcement file does not exist", ANNOUNCEMENT_ADVICE),
    failed(
        "525",
        Cause::Capacity,
        None,
        "超过语音呼叫端口数限制",
        "more calls than the account has lines",
        "Dial fewer at a time, or buy more lines.",
    ),
];

const fn failed(
    code: &'static str,
    cause: Cause,
    leg: Option<Side>,
    message: &'static str,
    message_en: &'static str,
    advice: &'static str,
) -> Reason {
    Reason { code, status: Status::Failed, cause, leg, message, message_en, advice }
}

const fn unanswered(
    code: &'static str,
    cause: Cause,
    leg: Option<Side>,
    message: &'static str,
    message_en: &'static str,
    advice: &'static str,
) -> Reason {
    Reason { code, status: Status::Unanswered, cause, leg, message, message_en, advice }
}
