//! The reasons of errors, one heading each.

use ringback::ErrorReason;

use super::Language;

/// One heading for each reason, so that `#word` is its anchor.
pub fn reasons(language: Language) -> String {
    let mut text = String::new();
    for reason in ErrorReason::ALL {
        text.extend([
            "\n## ",
            reason.as_str(),
            "\n\n",
            language.of_text(reason.happened()),
            "\n\n",
            language.of_text(reason.remedy()),
            "\n",
        ]);
    }
    text + "\n"
}
