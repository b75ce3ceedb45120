//! The TypeScript types of what crosses, which stand in the package's own sources.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const IMPORTS: &str = r#"
import type { Host, Step } from "../core/exchange.js";
import type { CodeExplanation, ParsedPush, Prepared, RouteHealth, SignatureTrace } from "../generated/model.js";
import type { Admission, AdmittedAccount, Refused } from "../receiver/admission.js";
import type { RouterStep } from "../router/step.js";
import type { NormalizedChunk } from "../receiver/stream.js";
"#;
