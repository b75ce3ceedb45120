//! Fills the generated blocks of the READMEs and of the pages in `docs/`. A block stands between `<!-- generated:NAME` … `-->` and
//! `<!-- generated:end -->`, and is written in the language of its page.

mod matrix;
mod platform;
mod reasons;

use anyhow::{Context, Result, bail};
use ringback::{Description, Text};

const BEGIN: &str = "<!-- generated:";
const END: &str = "<!-- generated:end -->";

/// A language of the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Chinese,
}

impl Language {
    /// Returns the language of a page, which its path names.
    pub fn of(path: &str) -> Self {
        if path.starts_with("docs/zh/") || path.contains(".zh-CN.") { Self::Chinese } else { Self::English }
    }

    fn of_text(self, text: Text) -> &'static str {
        self.pick(text.en, text.zh)
    }

    fn pick<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

/// Returns a document with the present text in each of its generated blocks.
pub fn fill(document: &str, platforms: &[Description], language: Language) -> Result<String> {
    replace_blocks(document, |name| block(name, platforms, language))
}

/// Returns the page of a platform as it begins: its title and the block of its facts.
pub fn platform_skeleton(platform: &Description, language: Language) -> String {
    let introduction = language.pick("## Facts, from the platform's document", "## 平台资料");
    format!(
        "# {}\n\n{introduction}\n\n{BEGIN}platform:{} by `cargo xtask docs` from src/provider -->\n{END}\n",
        platform.title, platform.name
    )
}

/// Returns the page of the reasons as it begins.
pub fn reasons_skeleton(language: Language) -> String {
    let (title, introduction) = language.pick(
        "The reasons of errors|Every `RingbackError` has a `reason`: a stable word for the kind of fault, finer than its `code`. Compare it, translate by it, or look it up here; the\n\
         message may change with any release.",
        "错误的 `reason`|每个 `RingbackError` 都有 `reason`：一个不变的词，比 `code` 更细地说明是哪一种错误。程序可以用它判断，也可以在这里查到含义和处理办法；`message` 的措辞可能随版本变化。",
    ).split_once('|').expect("a title and a text");
    format!("# {title}\n\n{introduction}\n\n{BEGIN}reasons by `cargo xtask docs` from src/model/reason.rs -->\n{END}\n")
}

fn block(name: &str, platforms: &[Description], language: Language) -> Result<String> {
    Ok(match name {
        "platforms" => matrix::matrix(platforms, language),
        "dialects" => matrix::dialects(platforms, language),
        "acknowledgements" => matrix::acknowledgements(platforms, language),
        "reasons" => reasons::reasons(language),
        _ => {
            let platform = name.strip_prefix("platform:").and_then(|name| platforms.iter().find(|platform| platform.name == name));
            match platform {
                Some(platform) => platform::facts(platform, language),
                None => bail!("nothing generates a block `{name}`"),
            }
        }
    })
}

/// Replaces the text of each block by what `text` returns for its name.
fn replace_blocks(document: &str, text: impl Fn(&str) -> Result<String>) -> Result<String> {
    let mut filled = String::with_capacity(document.len());
    let mut rest = document;
    while let Some((before, block)) = rest.split_once(BEGIN) {
        let (comment, inside) = block.split_once("-->").with_context(|| format!("a comment {BEGIN} does not end"))?;
        let name = comment.split_whitespace().next().unwrap_or_default();
        let (old, after) = inside.split_once(END).with_context(|| format!("there is no {END} behind {BEGIN}{name}"))?;
        if old.contains(BEGIN) {
            bail!("there is no {END} behind {BEGIN}{name}");
        }
        filled.extend([before, BEGIN, comment, "-->\n", &text(name)?, END]);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn codes<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(code).collect::<Vec<_>>().join(" ")
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    // A bar would end its cell.
    let cells: Vec<String> = cells.into_iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | ")).replace("|  |", "| |")
}

fn rule(columns: usize) -> String {
    format!("|{}\n", "---|".repeat(columns))
}

#[cfg(test)]
mod tests {
    use super::{Language, block, fill, platform_skeleton, reasons_skeleton, replace_blocks, row};

    #[test]
    fn only_the_text_between_the_comments_is_replaced() {
        let document =
            "a\n<!-- generated:x by a command -->\nold\n<!-- generated:end -->\nb\n<!-- generated:y -->\n<!-- generated:end -->\n";
        let expected =
            "a\n<!-- generated:x by a command -->\nX\n<!-- generated:end -->\nb\n<!-- generated:y -->\nY\n<!-- generated:end -->\n";
        assert_eq!(replace_blocks(document, |name| Ok(name.to_uppercase() + "\n")).unwrap(), expected);
        assert_eq!(replace_blocks("no comments", |_| unreachable!()).unwrap(), "no comments");
    }

    #[test]
    fn an_unknown_or_open_block_is_an_error() {
        let platforms = ringback::descriptions();
        for document in [
            "<!-- generated:platfroms -->\n<!-- generated:end -->",
            "<!-- generated:platform:nobody -->\n<!-- generated:end -->",
            "<!-- generated:platforms -->\n",
            "<!-- generated:platforms -->\n<!-- generated:dialects -->\n<!-- generated:end -->",
        ] {
            assert!(fill(document, &platforms, Language::English).is_err(), "{document}");
        }
    }

    #[test]
    fn the_path_names_the_language() {
        assert_eq!(Language::of("README.zh-CN.md"), Language::Chinese);
        assert_eq!(Language::of("docs/zh/platforms/mixcom.md"), Language::Chinese);
        assert_eq!(Language::of("docs/platforms/mixcom.md"), Language::English);
    }

    #[test]
    fn a_bar_does_not_end_a_cell() {
        assert_eq!(row(["a|b".to_owned(), String::new()]), "| a\\|b | |\n");
    }

    #[test]
    fn a_chinese_block_has_no_english_sentence() {
        let platforms = ringback::descriptions();
        let names = platforms.iter().map(|platform| format!("platform:{}", platform.name));
        for name in names.chain(["platforms", "dialects", "acknowledgements", "reasons"].map(str::to_owned)) {
            let block = block(&name, &platforms, Language::Chinese).unwrap();
            // Names and values stand between backticks.
            let words: String = block.split('`').step_by(2).collect::<Vec<_>>().join("，");
            for line in words.lines() {
                let mut run = 0;
                for word in line.split(' ') {
                    run = if word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase()) { run + 1 } else { 0 };
                    assert!(run < 3, "{name}: {line}");
                }
            }
        }
    }

    #[test]
    fn filling_twice_changes_nothing() {
        let platforms = ringback::descriptions();
        for language in [Language::English, Language::Chinese] {
            let pages = platforms.iter().map(|platform| platform_skeleton(platform, language)).chain([reasons_skeleton(language)]);
            for page in pages {
                let once = fill(&page, &platforms, language).unwrap();
                assert_eq!(fill(&once, &platforms, language).unwrap(), once);
            }
        }
    }
}
