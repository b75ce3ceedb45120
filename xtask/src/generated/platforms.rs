//! Generates `platforms.ts`, with the platforms' names and operations as types, and `providers.ts`, with the same as data.

use anyhow::Result;
use ringback::{Correlation, Description, OperationKind, descriptions};

use super::MARK;

/// The types.
pub fn types() -> String {
    let platforms = descriptions();
    let names: Vec<String> = platforms.iter().map(|platform| quoted(platform.name)).collect();
    let titles: Vec<&str> = platforms.iter().map(|platform| platform.title).collect();
    let operations: Vec<String> = OperationKind::PUBLIC.iter().map(|kind| quoted(kind.as_str())).collect();
    let without_id = platforms.iter().filter(|platform| platform.correlation == Correlation::Reference);
    let without_id: Vec<String> = without_id.map(|platform| quoted(platform.name)).collect();
    let rows: String = platforms.iter().map(operations_row).collect();
    format!(
        "{MARK}\n\n\
         /** The platforms: {}. */\n\
         export type Provider = {};\n\n\
         /** What can be asked of a platform. {{@link OperationOf}} says of which. */\n\
         export type Operation = {};\n\n\
         /** The operations of each platform, as the documents list them. The same as data: `providers`. */\n\
         export interface OperationsByProvider {{\n{rows}}}\n\n\
         /**\n * Platforms that answer a dial without a call id.\n *\n * @internal\n */\n\
         export type ProviderWithoutCallId = {};\n",
        titles.join(", "),
        names.join(" | "),
        operations.join(" | "),
        if without_id.is_empty() { "never".to_owned() } else { without_id.join(" | ") },
    )
}

fn operations_row(platform: &Description) -> String {
    let operations: Vec<String> = platform.operations.iter().map(|kind| quoted(kind.as_str())).collect();
    format!("  /** {} */\n  {}: {};\n", platform.title, platform.name, operations.join(" | "))
}

/// The capability matrix.
pub fn matrix() -> Result<String> {
    let mut module = format!(
        "{MARK}\n\n/** What each platform offers, as data: the matrix of the README. It can be read before `init`. */\nexport const providers = {{\n"
    );
    for (platform, capabilities) in ringback::capabilities() {
        module.extend(["  ", platform, ": ", &serde_json::to_string(&capabilities)?, ",\n"]);
    }
    module.push_str("} as const;\n");
    Ok(module)
}

fn quoted(word: &str) -> String {
    format!("\"{word}\"")
}
