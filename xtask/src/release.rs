//! `cargo xtask release-links REPOSITORY TAG`: writes the repository's address into what will be published. The release workflow runs it in its own
//! checkout, because only the workflow knows the repository that it runs in.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::progress;
use crate::workspace::Workspace;

const READMES: &[&str] = &["README.md", "README.zh-CN.md"];

/// Writes the addresses into both manifests, and makes the READMEs' links absolute: a registry's page has no files beside the README.
/// `repository` is the address of the repository's page, `tag` the tag of the release.
pub fn run(workspace: &Workspace, repository: &str, tag: &str) -> Result<()> {
    let repository = repository.trim_end_matches('/');
    ensure!(repository.starts_with("https://"), "the repository's address must begin with https://, and is {repository}");
    ensure!(!tag.is_empty() && !tag.contains(char::is_whitespace), "the tag is empty or contains a space");
    rewrite(workspace, "pkg-template/package.json", |text| write_npm_manifest(text, repository))?;
    rewrite(workspace, "Cargo.toml", |text| write_crate_manifest(text, repository))?;
    for readme in READMES {
        rewrite(workspace, readme, |text| Ok(make_links_absolute(text, repository, tag)))?;
    }
    progress::say("release", &format!("the manifests and READMEs name {repository}"));
    Ok(())
}

fn rewrite(workspace: &Workspace, name: &str, change: impl FnOnce(&str) -> Result<String>) -> Result<()> {
    let path = workspace.root.join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
    fs::write(&path, change(&text).with_context(|| name.to_owned())?).with_context(|| format!("cannot write {name}"))
}

/// Writes `repository`, `homepage` and `bugs` before `type`. The order of all other keys stays, since the order in `exports` decides which entry
/// is used.
fn write_npm_manifest(text: &str, repository: &str) -> Result<String> {
    const PLACE: &str = "  \"type\": \"module\",\n";
    ensure!(text.matches(PLACE).count() == 1, "expected one line {PLACE:?}");
    let addresses = [
        ("repository", json!({ "type": "git", "url": format!("git+{repository}.git") })),
        ("homepage", json!(format!("{repository}#readme"))),
        ("bugs", json!(format!("{repository}/issues"))),
    ];
    let text = addresses.iter().fold(text.to_owned(), |text, (name, _)| remove_lines(&text, &format!("  \"{name}\": ")));
    let lines = addresses.map(|(name, value)| format!("  \"{name}\": {value},\n")).concat();
    Ok(text.replace(PLACE, &format!("{lines}{PLACE}")))
}

fn write_crate_manifest(text: &str, repository: &str) -> Result<String> {
    const PLACE: &str = "\n[package]\nname = \"ringback\"\n";
    ensure!(text.matches(PLACE).count() == 1, "expected one section [package] of ringback");
    let text = remove_lines(text, "repository = ");
    Ok(text.replace(PLACE, &format!("{PLACE}repository = \"{repository}\"\n")))
}

fn remove_lines(text: &str, start: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with(start)).collect()
}

/// Replaces the target of each relative link and image. Code and links within the page stay.
fn make_links_absolute(markdown: &str, repository: &str, tag: &str) -> String {
    let mut is_code = false;
    let lines = markdown.split_inclusive('\n').map(|line| {
        if line.starts_with("```") {
            is_code = !is_code;
        }
        if is_code { line.to_owned() } else { make_line_absolute(line, repository, tag) }
    });
    lines.collect()
}

fn make_line_absolute(line: &str, repository: &str, tag: &str) -> String {
    let prefix = format!("{repository}/blob/{tag}/");
    let mut parts = line.split("](");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("](");
        let target = part.split(')').next().unwrap_or_default();
        if !target.starts_with('#') && !target.contains(':') {
            text.push_str(&prefix);
        }
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const REPOSITORY: &str = "https://git.example/team/ringback";

    #[test]
    fn relative_links_become_absolute_and_others_stay() {
        let page = "See [a](docs/a.md#b), [c](#d) and [e](https://e.example/).\n```ts\nf[g](h)\n```\n[i](docs/i.md)\n";
        let wanted = "See [a](https://git.example/team/ringback/blob/v1/docs/a.md#b), [c](#d) and [e](https://e.example/).\n```ts\nf[g](h)\n```\n\
            [i](https://git.example/team/ringback/blob/v1/docs/i.md)\n";
        assert_eq!(make_links_absolute(page, REPOSITORY, "v1"), wanted);
    }

    #[test]
    fn no_relative_link_remains_in_the_real_readmes() {
        for readme in [include_str!("../../README.md"), include_str!("../../README.zh-CN.md")] {
            let absolute = make_links_absolute(readme, REPOSITORY, "v1");
            assert!(absolute.matches("](https://").count() > 20);
            assert!(!absolute.contains("](docs/") && !absolute.contains("](examples/") && !absolute.contains(".md](README"));
        }
    }

    #[test]
    fn the_real_manifests_get_the_addresses() -> Result<()> {
        let npm: Value = serde_json::from_str(&write_npm_manifest(include_str!("../../pkg-template/package.json"), REPOSITORY)?)?;
        assert_eq!(npm["repository"]["url"], "git+https://git.example/team/ringback.git");
        assert_eq!(npm["homepage"], "https://git.example/team/ringback#readme");
        assert_eq!(npm["bugs"], "https://git.example/team/ringback/issues");
        let text = write_crate_manifest(include_str!("../../Cargo.toml"), REPOSITORY)?;
        assert_eq!(write_crate_manifest(&text, REPOSITORY)?, text);
        assert!(text.contains("name = \"ringback\"\nrepository = \"https://git.example/team/ringback\"\n"));
        Ok(())
    }
}
