//! Generates `model.ts`: the types that cross the border, from the core's types with `ts-rs`.

use anyhow::{Context, Result, bail};
use ringback::typescript::{Declaration, declarations};

use super::MARK;
use super::comment::translate_docs;

/// Types with another name in TypeScript, where all types share one namespace.
const NAMES: &[(&str, &str)] =
    &[("Explanation", "CodeExplanation"), ("Problem", "RecordProblem"), ("RecordPage", "InterpretedPage"), ("Status", "OutcomeStatus")];

/// Types without a name in TypeScript: they are written inline where they are used.
const INLINE: &[&str] = &["Availability", "Correlation", "Direction", "Dropped", "Ignored", "Placed", "Shown", "Side", "Step"];

/// The parameters of types that are generic in TypeScript.
const GENERIC: &[(&str, &str)] = &[("Call", "<P extends Provider = Provider>"), ("Prepared", "<O extends Operation = Operation>")];

/// Types with readonly members.
const READONLY: &[&str] = &["Prepared"];

/// Types that programs create too: their optional members may be `undefined`.
const GIVEN: &[&str] = &["ErrorDetail"];

/// Members with a more precise type in TypeScript.
const MEMBERS: &[(&str, &str, &str)] = &[
    ("Call", "id", "P extends ProviderWithoutCallId ? undefined : string"),
    ("Call", "provider", "P"),
    ("Prepared", "operation", "O"),
    ("Placed", "in", "\"body\" | \"query\" | \"header\""),
    ("Prepared", "headers", "Readonly<Record<string, string>>"),
];

/// A member of an interface.
struct Member {
    docs: Vec<String>,
    name: String,
    type_text: String,
}

/// Generates the module's text.
pub fn module() -> Result<String> {
    let declared = declarations();
    let mut text = format!("{MARK}\n\nimport type {{ Operation, Provider, ProviderWithoutCallId }} from \"./platforms.js\";\n");
    for declaration in declared.iter().filter(|declaration| !INLINE.contains(&declaration.name.as_str())) {
        text.push('\n');
        text.push_str(&shown(declaration, &declared).with_context(|| format!("the type {}", declaration.name))?);
    }
    Ok(text)
}

fn shown(declaration: &Declaration, declared: &[Declaration]) -> Result<String> {
    let Declaration { name, docs, .. } = declaration;
    let public = |name: &str| public_name(name, declared);
    let comment = translate_docs(docs, "", &public);
    let (typescript, generic) = (typescript_name(name), of(GENERIC, name).unwrap_or_default());
    if !declaration.words.is_empty() {
        return Ok(format!("{comment}export type {typescript}{generic} ={};\n", union(&declaration.words, &public)));
    }
    let body = body(declaration)?;
    let readonly = if READONLY.contains(&name.as_str()) { "readonly " } else { "" };
    let mut text = format!("{comment}export interface {typescript}{generic} {{\n");
    for member in members(body)? {
        let type_text = type_of(name, &member, declared)?;
        text.push_str(&translate_docs(&member.docs, "  ", &public));
        let or_undefined = if member.name.ends_with('?') && GIVEN.contains(&name.as_str()) { " | undefined" } else { "" };
        text.extend(["  ", readonly, &member.name, ": ", &type_text, or_undefined, ";\n"]);
    }
    Ok(text + "}\n")
}

/// Reads the text after `type Name =`.
fn body(declaration: &Declaration) -> Result<&str> {
    let (_, body) = declaration.text.split_once('=').context("no declaration")?;
    Ok(body.trim().trim_end_matches(';').trim_end())
}

/// Writes a union of words, each with its meaning.
fn union(words: &[(&'static str, String)], public: &dyn Fn(&str) -> Option<String>) -> String {
    let shown =
        |(word, meaning): &(&str, String)| format!("\n{}  | \"{word}\"", translate_docs(std::slice::from_ref(meaning), "  ", public));
    let lines: String = words.iter().map(shown).collect();
    lines.trim_end().to_owned()
}

fn type_of(of: &str, member: &Member, declared: &[Declaration]) -> Result<String> {
    let name = member.name.trim_end_matches('?');
    if let Some((_, _, typescript)) = MEMBERS.iter().find(|(owner, field, _)| *owner == of && *field == name) {
        return Ok((*typescript).to_owned());
    }
    match (name, member.type_text.as_str()) {
        ("provider", "string") => Ok("Provider".to_owned()),
        ("operation", "string") => Ok("Operation".to_owned()),
        (_, text) => translated(text, declared),
    }
}

/// Replaces the names in a type's text by those of TypeScript.
fn translated(text: &str, declared: &[Declaration]) -> Result<String> {
    if let Some(item) = text.strip_prefix("Array<").and_then(|rest| rest.strip_suffix('>')) {
        let item = translated(item, declared)?;
        return Ok(if item.contains(" | ") && !item.starts_with('{') { format!("({item})[]") } else { format!("{item}[]") });
    }
    let Some(declaration) = declared.iter().find(|declaration| declaration.name == text) else { return Ok(text.to_owned()) };
    if !INLINE.contains(&text) {
        return Ok(typescript_name(text).to_owned());
    }
    let body = body(declaration)?;
    if !body.starts_with('{') {
        return Ok(body.to_owned());
    }
    let members = members(body)?.into_iter().map(|member| Ok(format!("{}: {}", member.name, type_of(text, &member, declared)?)));
    Ok(format!("{{ {} }}", members.collect::<Result<Vec<_>>>()?.join("; ")))
}

/// Parses the members of `{ … }`.
fn members(body: &str) -> Result<Vec<Member>> {
    let mut rest = body.strip_prefix('{').and_then(|body| body.strip_suffix('}')).context("no object")?.trim();
    let mut members = Vec::new();
    while !rest.is_empty() {
        let mut docs = Vec::new();
        if let Some(comment) = rest.strip_prefix("/**") {
            let (inside, after) = comment.split_once("*/").context("a comment does not end")?;
            docs = inside.lines().map(|line| line.trim().trim_start_matches('*').trim().to_owned()).skip_while(String::is_empty).collect();
            while docs.last().is_some_and(String::is_empty) {
                docs.pop();
            }
            rest = after.trim_start();
        }
        let end = end_of_member(rest);
        let (name, type_text) = rest[..end].split_once(':').with_context(|| format!("no member: {rest}"))?;
        members.push(Member { docs, name: name.trim().trim_matches('"').to_owned(), type_text: type_text.trim().to_owned() });
        rest = rest[end..].trim_start_matches(',').trim_start();
    }
    if members.is_empty() {
        bail!("no members in {body}");
    }
    Ok(members)
}

/// Finds the comma after a member.
fn end_of_member(text: &str) -> usize {
    let (mut depth, mut is_quoted) = (0_i32, false);
    for (at, character) in text.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            '{' | '<' | '(' | '[' if !is_quoted => depth += 1,
            '}' | '>' | ')' | ']' if !is_quoted => depth -= 1,
            ',' if !is_quoted && depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

fn public_name(name: &str, declared: &[Declaration]) -> Option<String> {
    let is_public = declared.iter().any(|declaration| declaration.name == name) && !INLINE.contains(&name);
    is_public.then(|| typescript_name(name).to_owned())
}

fn typescript_name(name: &str) -> &str {
    of(NAMES, name).unwrap_or(name)
}

fn of(table: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
}
