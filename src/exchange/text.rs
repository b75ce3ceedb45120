//! A step as JSON text, for drivers in other languages.

use serde::Serialize;

use super::{Progress, Step};
use crate::json;
use crate::model::{Error, Headers, OperationResult};

/// A step in the driver's words.
#[derive(Serialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum StepText<'a> {
    Send {
        progress: &'a Progress,
        attempt: u32,
        request: RequestText<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reference: Option<&'a str>,
        timeout_ms: u32,
        peek: bool,
        max_bytes: u32,
    },
    Read {
        progress: &'a Progress,
    },
    Wait {
        progress: &'a Progress,
        ms: u64,
    },
    Done {
        result: &'a OperationResult,
    },
    Fail {
        error: &'a Error,
    },
}

/// The request, and nothing else of what was prepared.
#[derive(Serialize)]
struct RequestText<'a> {
    method: &'a str,
    url: &'a str,
    headers: &'a Headers,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

impl Step {
    /// Writes the step as JSON text: `do` names it (`send`, `read`, `wait`, `done`, `fail`). `progress` is the exchange's after this step, to be
    /// handed back with the next event; steps that end the exchange leave it out.
    #[must_use]
    pub fn to_json(&self, progress: &Progress) -> String {
        json::to_json(&match self {
            Self::Send(send) => {
                let prepared = &send.prepared;
                StepText::Send {
                    progress,
                    attempt: send.attempt,
                    request: RequestText {
                        method: prepared.method.as_str(),
                        url: &prepared.url,
                        headers: &prepared.headers,
                        body: prepared.body.as_deref(),
                    },
                    reference: send.reference.as_deref(),
                    timeout_ms: send.timeout_ms,
                    peek: send.peek,
                    max_bytes: send.max_bytes,
                }
            }
            Self::Read => StepText::Read { progress },
            Self::Wait(ms) => StepText::Wait { progress, ms: *ms },
            Self::Done(result) => StepText::Done { result },
            Self::Fail(error) => StepText::Fail { error },
        })
    }
}
