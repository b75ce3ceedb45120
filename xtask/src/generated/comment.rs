//! Converts Rust doc comments to TypeScript doc comments.

/// The maximum length of a comment's line, with its indentation.
const WIDTH: usize = 140;

/// A `/** … */` comment of a Rust doc comment, in TypeScript's words; nothing where there is no text.
pub fn translate_docs(docs: &[String], indentation: &str, name: &dyn Fn(&str) -> Option<String>) -> String {
    let paragraphs: Vec<String> = paragraphs(docs).iter().map(|paragraph| translated(paragraph, name)).collect();
    comment(&paragraphs, indentation)
}

/// A `/** … */` comment of these paragraphs, each line of text indented; nothing where there is no text. Items of a list, which begin with
/// `- `, follow each other without an empty line.
pub fn comment(paragraphs: &[String], indentation: &str) -> String {
    let width = WIDTH - indentation.len() - 3;
    let mut lines: Vec<String> = Vec::new();
    let mut is_in_list = false;
    for paragraph in paragraphs.iter().filter(|paragraph| !paragraph.is_empty()) {
        let is_item = paragraph.starts_with("- ");
        let follows_item = is_item && is_in_list;
        if !lines.is_empty() && !follows_item {
            lines.push(String::new());
        }
        is_in_list = is_item;
        lines.extend(wrapped(paragraph, width));
    }
    match lines.as_slice() {
        [] => String::new(),
        [line] if line.chars().count() + 7 + indentation.len() <= WIDTH => format!("{indentation}/** {line} */\n"),
        lines => {
            let lines = lines.iter().map(|line| format!("{indentation} * {line}").trim_end().to_owned() + "\n");
            format!("{indentation}/**\n{}{indentation} */\n", lines.collect::<String>())
        }
    }
}

/// Joins consecutive lines into paragraphs. An empty line ends a paragraph, and a list item begins a new one.
fn paragraphs(lines: &[String]) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in lines {
        if line.is_empty() {
            is_open = false;
        } else if is_open && !line.starts_with("- ") {
            let paragraph = paragraphs.last_mut().expect("one is open");
            paragraph.push(' ');
            paragraph.push_str(line);
        } else {
            paragraphs.push(line.clone());
            is_open = true;
        }
    }
    paragraphs
}

fn wrapped(paragraph: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    // A link is not split over two lines.
    for word in paragraph.replace("{@link ", "{@link\u{a0}").split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

/// Converts Rust's links and names to TypeScript's. `name` returns the TypeScript name of a type, if it is public there.
fn translated(text: &str, name: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let is_link = rest[..at].ends_with('[');
        let Some(length) = rest[at + 1..].find('`') else { break };
        let code = &rest[at + 1..at + 1 + length];
        let after = &rest[at + length + 2..];
        if !is_link {
            out.push_str(&rest[..at]);
            out.extend(["`", &camel(code), "`"]);
            rest = after;
            continue;
        }
        out.push_str(&rest[..at - 1]);
        let after = after.strip_prefix(']').unwrap_or(after);
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        let (path, after) = target.map_or((code, after), |(path, after)| (path, after));
        out.push_str(&link(path, code, name));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn link(path: &str, shown: &str, name: &dyn Fn(&str) -> Option<String>) -> String {
    let parts: Vec<&str> = path.split("::").collect();
    match parts.as_slice() {
        // Rust's table of platforms is the capability matrix in TypeScript.
        [.., "Platform", field] => format!("`providers[P].{}`", camel(field)),
        [.., of, member] if of.starts_with(char::is_uppercase) && name(of).is_some() => {
            format!("{{@link {}.{}}}", name(of).unwrap_or_default(), camel(member))
        }
        [.., of] => {
            name(of).map_or_else(|| format!("`{}`", camel(shown.rsplit("::").next().unwrap_or(shown))), |of| format!("{{@link {of}}}"))
        }
        [] => format!("`{shown}`"),
    }
}

/// Converts `started_at` to `startedAt`. A text that is not in snake case is returned unchanged.
pub fn camel(name: &str) -> String {
    let is_snake = name.contains('_') && name.starts_with(|c: char| c.is_ascii_lowercase());
    if !is_snake || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        return name.to_owned();
    }
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| {
        let mut letters = word.chars();
        letters.next().map_or(camel.clone(), |initial| format!("{camel}{}{}", initial.to_ascii_uppercase(), letters.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::{camel, comment, translate_docs, translated};

    fn public(name: &str) -> Option<String> {
        matches!(name, "CallRecord" | "Status").then(|| if name == "Status" { "OutcomeStatus".to_owned() } else { name.to_owned() })
    }

    #[test]
    fn names_are_written_as_typescript_writes_them() {
        assert_eq!(camel("started_at"), "startedAt");
        assert_eq!(camel("a_500_answer"), "a500Answer");
        assert_eq!(camel("return_url!"), "return_url!");
        assert_eq!(camel("CallRecord"), "CallRecord");
    }

    #[test]
    fn links_lead_to_what_typescript_has() {
        let shown = |text: &str| translated(text, &public);
        assert_eq!(shown("see [`CallRecord::raw`] and `ended_at`"), "see {@link CallRecord.raw} and `endedAt`");
        assert_eq!(shown("a [`Status`]."), "a {@link OutcomeStatus}.");
        assert_eq!(shown("see [`rung_first`](crate::provider::Platform::rung_first)"), "see `providers[P].rungFirst`");
        assert_eq!(shown("see [`PhoneNumber::parse`](super::PhoneNumber::parse)."), "see `parse`.");
    }

    #[test]
    fn a_short_comment_takes_one_line() {
        let docs = ["One sentence.".to_owned()];
        assert_eq!(translate_docs(&docs, "  ", &public), "  /** One sentence. */\n");
        let docs = ["One".to_owned(), "paragraph.".to_owned(), String::new(), "Another.".to_owned()];
        assert_eq!(translate_docs(&docs, "", &public), "/**\n * One paragraph.\n *\n * Another.\n */\n");
        assert_eq!(translate_docs(&[], "", &public), "");
    }

    #[test]
    fn items_of_a_list_follow_each_other() {
        let docs = ["Words:", "- `a_b`: one", "- `c`: two"].map(str::to_owned);
        assert_eq!(comment(&docs, ""), "/**\n * Words:\n *\n * - `a_b`: one\n * - `c`: two\n */\n");
    }
}
