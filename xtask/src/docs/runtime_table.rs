//! Writes the site's tables of runtimes from `ts-tests/runtimes/runtimes.json`, the list that the tests run.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::progress;
use crate::workspace::Workspace;

const SOURCE: &str = "ts-tests/runtimes/runtimes.json";

/// The start of the comment before the table; more text may follow on its line.
const BEGIN: &str = "<!-- runtimes:begin";
const END: &str = "<!-- runtimes:end -->";

/// Writes the tables into the pages.
pub fn write(workspace: &Workspace) -> Result<()> {
    for page in read_pages(workspace)?.into_iter().filter(|page| !page.is_current()) {
        fs::write(&page.path, page.wanted)?;
        progress::say("docs", &format!("updated the table of runtimes in {}", page.path.strip_prefix(&workspace.root)?.display()));
    }
    Ok(())
}

/// Fails when the table in a page is out of date.
pub fn check(workspace: &Workspace) -> Result<()> {
    for page in read_pages(workspace)? {
        let name = page.path.strip_prefix(&workspace.root)?.display();
        ensure!(page.is_current(), "the table of runtimes in {name} differs from {SOURCE}; run cargo xtask docs to update it");
    }
    Ok(())
}

/// One page: its present text and the wanted text.
struct Page {
    path: PathBuf,
    found: String,
    wanted: String,
}

impl Page {
    fn is_current(&self) -> bool {
        self.found == self.wanted
    }
}

fn read_pages(workspace: &Workspace) -> Result<Vec<Page>> {
    let source = fs::read_to_string(workspace.root.join(SOURCE)).with_context(|| format!("cannot read {SOURCE}"))?;
    let rows: Vec<Value> = serde_json::from_str(&source).with_context(|| format!("{SOURCE} is not a list of rows"))?;
    let mut pages = Vec::new();
    for (name, language) in [("docs/runtimes.md", Language::English), ("docs/zh/runtimes.md", Language::Chinese)] {
        let path = workspace.root.join(name);
        let found = fs::read_to_string(&path).with_context(|| format!("cannot read {name}"))?;
        let wanted = replace_table(&found, &table(&rows, language).context(SOURCE)?).context(name)?;
        pages.push(Page { path, found, wanted });
    }
    Ok(pages)
}

/// Returns the document with the text between its two comments replaced by `table`.
fn replace_table(document: &str, table: &str) -> Result<String> {
    let (before, rest) = document.split_once(BEGIN).with_context(|| format!("there is no {BEGIN} … -->"))?;
    let (comment, rest) = rest.split_once("-->").with_context(|| format!("the comment {BEGIN} has no -->"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("there is no {END} after {BEGIN}"))?;
    Ok(format!("{before}{BEGIN}{comment}-->\n{table}{END}{after}"))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    English,
    Chinese,
}

impl Language {
    fn head(self) -> &'static str {
        match self {
            Self::English => "| runtime or bundler | used by | ready | to be done |",
            Self::Chinese => "| 运行时或打包工具 | 使用方式 | 何时可用 | 需要做什么 |",
        }
    }

    fn comma(self) -> &'static str {
        match self {
            Self::English => ", ",
            Self::Chinese => "、",
        }
    }

    /// Translates `at import`, or `after` with the call to wait for.
    fn ready(self, ready: &str) -> Result<String> {
        Ok(match (self, ready, ready.strip_prefix("after ")) {
            (Self::English, "at import", _) => ready.to_owned(),
            (Self::Chinese, "at import", _) => "导入时".to_owned(),
            (Self::English, _, Some(call)) => format!("after `await {call}`"),
            (Self::Chinese, _, Some(call)) => format!("`await {call}` 之后"),
            _ => bail!("`ready` must be `at import` or `after …`, and is `{ready}`"),
        })
    }
}

/// A line of the table, which may combine several rows.
struct Line {
    runtime: String,
    /// Empty when the name has no version.
    versions: Vec<u32>,
    hows: Vec<String>,
    ready: String,
    setup: String,
}

fn table(rows: &[Value], language: Language) -> Result<String> {
    let head = format!("{}\n|---|---|---|---|\n", language.head());
    let lines = lines(rows, language)?.into_iter().map(|line| line.format(language));
    Ok(std::iter::once(head).chain(lines).collect())
}

/// Combines rows into lines: first the ways of using one version, then the versions with the same ways of use. This way, no line
/// claims a combination that was not tested.
fn lines(rows: &[Value], language: Language) -> Result<Vec<Line>> {
    ensure!(!rows.is_empty(), "there are no rows");
    let mut by_version: Vec<Line> = Vec::new();
    for row in rows {
        let line = line(row, language)?;
        let alike = |other: &&mut Line| other.without_hows() == line.without_hows();
        match by_version.iter_mut().find(alike) {
            Some(other) => other.hows.extend(line.hows),
            None => by_version.push(line),
        }
    }
    let mut lines: Vec<Line> = Vec::new();
    for line in by_version {
        let alike = |other: &&mut Line| !line.versions.is_empty() && other.without_versions() == line.without_versions();
        match lines.iter_mut().find(alike) {
            Some(other) => {
                other.versions.extend(line.versions);
                other.versions.sort_unstable();
            }
            None => lines.push(line),
        }
    }
    Ok(lines)
}

impl Line {
    fn format(self, language: Language) -> String {
        let Self { runtime, versions, hows, ready, setup } = self;
        let versions: Vec<String> = versions.iter().map(u32::to_string).collect();
        let name = [runtime, versions.join(language.comma())].join(" ");
        format!("| {} | {} | {ready} | {setup} |\n", name.trim_end(), hows.join(language.comma()))
    }

    fn without_hows(&self) -> impl PartialEq {
        (self.runtime.clone(), self.versions.clone(), self.ready.clone(), self.setup.clone())
    }

    fn without_versions(&self) -> impl PartialEq {
        (self.runtime.clone(), self.hows.clone(), self.ready.clone(), self.setup.clone())
    }
}

fn line(row: &Value, language: Language) -> Result<Line> {
    let text = |field: &str| {
        let text = row[field].as_str().with_context(|| format!("a row needs a text in `{field}`: {row}"))?;
        ensure!(!text.contains(['|', '\n']), "`{field}` would break the table: {text}");
        anyhow::Ok(text)
    };
    let runtime = text("runtime")?;
    let version = runtime.rsplit_once(' ').and_then(|(name, version)| Some((name, version.parse().ok()?)));
    let (setup, how) = match language {
        Language::English => (text("setup")?, text("how")?),
        // Code such as `import` is the same in both languages and needs no `howZh`.
        Language::Chinese => (text("setupZh")?, text(if row.get("howZh").is_some() { "howZh" } else { "how" })?),
    };
    Ok(Line {
        runtime: version.map_or(runtime, |(name, _)| name).to_owned(),
        versions: version.into_iter().map(|(_, version)| version).collect(),
        hows: vec![how.to_owned()],
        ready: language.ready(text("ready")?)?,
        setup: setup.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Language, replace_table, table};

    fn row(runtime: &str, how: &str, ready: &str) -> Value {
        json!({ "runtime": runtime, "how": how, "ready": ready, "setup": "nothing", "setupZh": "无需设置" })
    }

    #[test]
    fn versions_used_in_the_same_ways_share_a_line() {
        let rows = [
            row("Node.js 24", "import", "at import"),
            row("Node.js 24", "require", "at import"),
            row("Deno", "import", "at import"),
            row("Node.js 22", "import", "at import"),
            row("Node.js 22", "require", "at import"),
            row("Node.js 20", "import", "at import"),
        ];
        let lines = "| Node.js 22, 24 | import, require | at import | nothing |\n\
                     | Deno | import | at import | nothing |\n\
                     | Node.js 20 | import | at import | nothing |\n";
        assert!(table(&rows, Language::English).unwrap().ends_with(&format!("|---|\n{lines}")));
    }

    #[test]
    fn rows_that_differ_in_when_they_are_ready_stay_apart() {
        let rows = [row("Vite", "build", "after init()"), row("Vite", "middleware", "at import")];
        let lines = "| Vite | build | `await init()` 之后 | 无需设置 |\n| Vite | middleware | 导入时 | 无需设置 |\n";
        assert!(table(&rows, Language::Chinese).unwrap().ends_with(&format!("|---|\n{lines}")));
    }

    #[test]
    fn a_row_without_setup_text_or_with_an_unknown_ready_is_an_error() {
        let rows = [json!({ "runtime": "Bun", "how": "import", "ready": "at import", "setup": "nothing" })];
        assert!(table(&rows, Language::English).is_ok());
        assert!(table(&rows, Language::Chinese).unwrap_err().to_string().contains("`setupZh`"));
        assert!(table(&[row("Bun", "import", "soon")], Language::English).unwrap_err().to_string().contains("`soon`"));
        assert!(table(&[], Language::English).is_err());
    }

    #[test]
    fn only_the_text_between_the_comments_is_replaced() {
        let document = "a\n<!-- runtimes:begin, by a command -->\nold\n<!-- runtimes:end -->\nb\n";
        let expected = "a\n<!-- runtimes:begin, by a command -->\nnew\n<!-- runtimes:end -->\nb\n";
        assert_eq!(replace_table(document, "new\n").unwrap(), expected);
        assert!(replace_table("no comments", "new\n").is_err());
    }
}
