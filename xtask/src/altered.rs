//! `cargo xtask build --altered NAME`: builds the package with one rule of the core changed, to prove that the tests notice.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::build::{self, Variant, copy_tree};
use crate::workspace::Workspace;

/// The alterations: each row has a name, a file, the text to find in it and the text to put in its place.
const ALTERATIONS: &str = "ts-tests/dialogues/alterations.json";

/// Copies the crate, applies the named alteration to the copy and builds it.
pub fn build(workspace: &Workspace, name: &str) -> Result<()> {
    let rows: Vec<Value> = serde_json::from_str(&fs::read_to_string(workspace.root.join(ALTERATIONS))?).context(ALTERATIONS)?;
    let Some(row) = rows.iter().find(|row| row["name"] == name) else {
        bail!("{ALTERATIONS} has no {name}");
    };
    let text = |field: &str| row[field].as_str().with_context(|| format!("{name} has no {field} in {ALTERATIONS}"));
    let copy = Variant::Altered.crate_root(workspace);
    copy_crate(workspace, &copy)?;
    alter(&copy.join(text("file")?), text("find")?, text("put")?)?;
    build::run(workspace, Variant::Altered)
}

fn copy_crate(workspace: &Workspace, copy: &Path) -> Result<()> {
    build::remove(copy)?;
    copy_tree(&workspace.root.join("src"), &copy.join("src"))?;
    copy_tree(&workspace.root.join("bindings/js/src"), &copy.join("bindings/js/src"))?;
    fs::copy(workspace.root.join("bindings/js/Cargo.toml"), copy.join("bindings/js/Cargo.toml"))?;
    let manifest = fs::read_to_string(workspace.root.join("Cargo.toml"))?;
    // The other workspace members are not copied.
    let alone = manifest.lines().map(|line| if line.starts_with("members = ") { "members = [\"bindings/js\"]" } else { line });
    fs::write(copy.join("Cargo.toml"), alone.collect::<Vec<_>>().join("\n") + "\n")?;
    fs::copy(workspace.root.join("README.md"), copy.join("README.md"))?;
    fs::copy(workspace.root.join("Cargo.lock"), copy.join("Cargo.lock"))?;
    Ok(())
}

/// Replaces `find`, which must occur exactly once: otherwise nothing, or the wrong place, would be altered without an error.
fn alter(file: &Path, find: &str, put: &str) -> Result<()> {
    let source = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let found = source.matches(find).count();
    if found != 1 {
        bail!("{} has this text {found} times and must have it once: {find}", file.display());
    }
    fs::write(file, source.replace(find, put))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::Value;

    use super::ALTERATIONS;

    /// The builds with alterations run with `--all` only. This notices in each run that the core has moved on.
    #[test]
    fn each_alteration_finds_its_text_once() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let rows: Vec<Value> = serde_json::from_str(&fs::read_to_string(root.join(ALTERATIONS)).expect("a file")).expect("rows");
        assert!(!rows.is_empty());
        for row in rows {
            let text = |field: &str| row[field].as_str().expect("a text");
            let source = fs::read_to_string(root.join(text("file"))).expect("a source file");
            assert_eq!(source.matches(text("find")).count(), 1, "{}", text("name"));
        }
    }
}
