//! `zh.ts`: the Chinese texts of `ringback/zh`, which stand beside the English ones in the core.

use std::collections::BTreeMap;

use anyhow::Result;
use ringback::{Advised, Description, ErrorCode, ErrorReason, Text};
use serde_json::{Map, Value, json};

use super::MARK;

/// `zh.ts`.
pub fn texts(platforms: &[Description]) -> Result<String> {
    let mut module = format!("{MARK}\n\n{TYPES}\n");
    let reasons = ErrorReason::ALL.iter().map(|reason| (reason.as_str(), json!([reason.happened().zh, reason.remedy().zh])));
    constant(
        &mut module,
        "reasons",
        "The fault and the advice, by reason.",
        "ErrorReason, readonly [happened: string, remedy: string]",
        reasons,
    )?;
    let codes = ErrorCode::ALL.iter().map(|code| (code.as_str(), json!(code.meaning().zh)));
    constant(&mut module, "errorCodes", "The meaning of each kind of error.", "ErrorCode, string", codes)?;
    let hints = ringback::hints().into_iter().map(|(name, hint)| (name, json!(hint.zh)));
    constant(&mut module, "hints", "The hint for each option or parameter that every platform has, by its name.", "string, string", hints)?;
    let shared = ringback::shared_captions();
    let captions: BTreeMap<&str, Value> =
        platforms.iter().flat_map(|platform| platform.captions).chain(&shared).map(|Text { en, zh }| (*en, json!(zh))).collect();
    constant(&mut module, "captions", "The captions of signature traces, by the English ones.", "string, string", captions)?;
    let texts = platforms.iter().map(|platform| (platform.name, platform_texts(platform)));
    constant(&mut module, "platforms", "The texts of each platform.", "Provider, PlatformTexts", texts)?;
    let (message, advice) = ringback::unlisted_code_zh();
    module.push_str("/** Of a code that no document lists: the words in place of the document's, and the advice. */\n");
    module.extend(["export const unlistedCode = ", &json!({ "message": message, "advice": advice }).to_string(), ";\n"]);
    Ok(module)
}

const TYPES: &str = r#"import type { Cause, ErrorCode, ErrorReason, OutcomeStatus } from "./model.js";
import type { Provider } from "./platforms.js";

/** A documented code of a platform. */
interface CodeTexts {
  readonly status: OutcomeStatus;
  readonly cause: Cause;
  readonly leg?: "caller" | "callee";
  readonly error?: ErrorCode;
  /** The document's words. */
  readonly message: string;
  readonly advice: string;
}

/** The texts of one platform. */
interface PlatformTexts {
  /** The hint for each option or parameter of its own, by its name. */
  readonly hints: Readonly<Record<string, string>>;
  /** The advice for its refusals, by the reason of the error. */
  readonly advice: { readonly [R in ErrorReason]?: string };
  /** Where a dial's reference comes back: in its record, in its record if the push address is set, or nowhere. */
  readonly reference: "record" | "push-url" | "none";
  readonly codes: Readonly<Record<string, CodeTexts>>;
}
"#;

fn constant<K: AsRef<str>>(
    module: &mut String,
    name: &str,
    about: &str,
    of: &str,
    entries: impl IntoIterator<Item = (K, Value)>,
) -> Result<()> {
    module.extend(["/** ", about, " */\nexport const ", name, ": Readonly<Record<", of, ">> = {\n"]);
    for (key, value) in entries {
        module.extend(["  ", &serde_json::to_string(key.as_ref())?, ": ", &serde_json::to_string(&value)?, ",\n"]);
    }
    module.push_str("};\n\n");
    Ok(())
}

fn platform_texts(platform: &Description) -> Value {
    let rows = platform.credentials.iter().chain(&platform.options).chain(&platform.dial_fields);
    let hints: Map<String, Value> = rows.map(|row| (row.name.to_owned(), json!(row.hint.zh))).collect();
    let advice: Map<String, Value> = platform.advice.iter().map(|(reason, hint)| (reason.as_str().to_owned(), json!(hint.zh))).collect();
    let reference = match (platform.echoes_reference, platform.options.iter().any(|option| option.name == "pushUrl")) {
        (true, _) => "record",
        (false, true) => "push-url",
        (false, false) => "none",
    };
    let mut codes = Map::new();
    for Advised { item, advice_zh } in &platform.reasons {
        let mut code = json!({ "status": item.status, "cause": item.cause, "message": item.message, "advice": advice_zh });
        if let Some(leg) = item.leg {
            code["leg"] = json!(leg);
        }
        codes.insert(item.code.to_owned(), code);
    }
    for Advised { item, advice_zh } in platform.refusals {
        let message = if item.message.is_empty() { "文档未列出，由同类平台得知" } else { item.message };
        let status = if item.indeterminate { "unknown" } else { "failed" };
        let code = json!({ "status": status, "cause": "platform", "error": item.error, "message": message, "advice": advice_zh });
        // As in the core, a code in a record wins.
        codes.entry(item.code).or_insert(code);
    }
    json!({ "hints": hints, "advice": advice, "reference": reference, "codes": codes })
}
