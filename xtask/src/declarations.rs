//! Writes the package's TypeScript declarations, for `import` and for `require`.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{npm, process, progress};

/// Writes `.d.ts` files, and beside each a `.d.cts` whose imports end in `.cjs`: TypeScript reads a `.d.ts` of this package as
/// an ES module, which `require` cannot load.
pub fn write(workspace: &Workspace, workshop: &Path, destination: &Path) -> Result<()> {
    progress::say("build", "declarations ...");
    let configuration = serde_json::json!({
        "extends": workspace.template().join("tsconfig.json"),
        "compilerOptions": {
            "rootDir": "src",
            "outDir": destination,
            // The command line imports the package by its name, as a user's program does.
            "paths": {
                "ringback": ["./src/entries/node.ts"],
                "ringback/node": ["./src/entries/node-adapters.ts"],
                "ringback/testing": ["./src/entries/testing.ts"],
                "ringback/zh": ["./src/entries/zh.ts"],
            },
        },
        "include": ["src"],
    });
    fs::write(workshop.join("tsconfig.json"), configuration.to_string())?;
    process::output(npm::tool(workspace, "tsc", workshop).args(["--project", "tsconfig.json"]))?;
    // The command line is type-checked above, but nobody imports it, so its declarations are not published.
    fs::remove_dir_all(destination.join("cli"))?;
    fs::remove_file(destination.join("entries/cli.d.ts"))?;
    add_commonjs(destination)
}

fn add_commonjs(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            add_commonjs(&path)?;
        } else if let Some(stem) = path.to_str().and_then(|path| path.strip_suffix(".d.ts")) {
            fs::write(format!("{stem}.d.cts"), convert_to_commonjs(&fs::read_to_string(&path)?))?;
        }
    }
    Ok(())
}

/// Changes the extension of every relative specifier, such as `"./client.js"`, to `.cjs`.
fn convert_to_commonjs(declarations: &str) -> String {
    let mut result = String::with_capacity(declarations.len());
    let mut rest = declarations;
    while let Some(at) = rest.find(".js") {
        let (before, after) = (&rest[..at], &rest[at + ".js".len()..]);
        let quote = after.chars().next().filter(|next| matches!(next, '"' | '\''));
        let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
        let specifier = quote.and_then(|quote| line.rsplit_once(quote)).map(|(_, specifier)| specifier);
        let relative = specifier.is_some_and(|specifier| specifier.starts_with("./") || specifier.starts_with("../"));
        result.push_str(before);
        result.push_str(if relative { ".cjs" } else { ".js" });
        rest = after;
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::convert_to_commonjs;

    #[test]
    fn only_relative_specifiers_are_changed_to_commonjs() {
        let module = "// see client.js and \"x.js\"\nimport type { A } from \"./a.js\";\nexport * from '../b/c.js';\n\
                      type D = import(\"./d.js\").D;\nimport \"node:fs\";\nimport E from \"e.js\";\n";
        let expected = "// see client.js and \"x.js\"\nimport type { A } from \"./a.cjs\";\nexport * from '../b/c.cjs';\n\
                        type D = import(\"./d.cjs\").D;\nimport \"node:fs\";\nimport E from \"e.js\";\n";
        assert_eq!(convert_to_commonjs(module), expected);
    }
}
