//! The reasons of errors, one heading each.

use ringback::ErrorReason;

use super::Language;

/// One heading for each reason, so that `#word` is its anchor.
pub fn reasons(_: Language) -> String {
    let mut text = String::new();
    for reason in ErrorReason::ALL {
        text.extend(["\n## ", reason.as_str(), "\n\n", reason.happened(), "\n\n", reason.remedy(), "\n"]);
    }
    text + "\n"
}
