//! The platforms' own types and data, from their descriptions in the core: `platforms.ts` (names, operations, dialects), `accounts.ts`
//! (options of `createClient`), `dials.ts` (parameters of `dial`), `providers.ts` (the capability matrix) and `descriptions.ts` (what the
//! command line and the simulator need besides).

use anyhow::Result;
use ringback::{Correlation, Description, DialectRow, Kind, OperationKind, OptionRow};
use serde_json::{Value, json};

use super::MARK;
use super::comment::comment;

/// `platforms.ts`.
pub fn names(platforms: &[Description]) -> String {
    let titles: Vec<&str> = platforms.iter().map(|platform| platform.title).collect();
    let without_id: Vec<&str> = without_call_id(platforms).collect();
    let mut text = format!("{MARK}\n\n");
    text.push_str(&sentence(&format!("The platforms: {}.", titles.join(", "))));
    text.extend(["export type Provider = ", &union(platforms.iter().map(|platform| platform.name)), ";\n\n"]);
    text.push_str("/** What can be asked of a platform. {@link OperationsByProvider} says of which. */\n");
    text.extend(["export type Operation = ", &union(OperationKind::PUBLIC.iter().map(|kind| kind.as_str())), ";\n\n"]);
    text.push_str("/** The operations of each platform, as the documents list them. The same as data: `providers`. */\n");
    text.push_str("export interface OperationsByProvider {\n");
    for platform in platforms {
        let operations = union(platform.operations.iter().map(|kind| kind.as_str()));
        text.extend(["  /** ", platform.title, " */\n  ", platform.name, ": ", &operations, ";\n"]);
    }
    text.push_str("}\n\n/** The platforms that answer a dial without a call id: the reference is the only way to find its record. */\n");
    let without_id = if without_id.is_empty() { "never".to_owned() } else { union(without_id.into_iter()) };
    text.extend(["export type ProviderWithoutCallId = ", &without_id, ";\n"]);
    let mut credentials: Vec<&str> =
        platforms.iter().flat_map(|platform| &platform.credentials).map(|credential| credential.name).collect();
    credentials.sort_unstable();
    credentials.dedup();
    text.push_str("\n/** The names of all platforms' credentials. */\n");
    text.extend(["export type CredentialName = ", &union(credentials.into_iter()), ";\n"]);
    for platform in platforms {
        text.extend(["\n", &dialect(platform)]);
    }
    text.push_str("\n/** The choices that platform `P`'s document leaves open, each with its default. */\n");
    text.push_str(&by_platform("Dialect", platforms, |platform| format!("{}Dialect", platform.type_prefix)));
    text
}

fn without_call_id(platforms: &[Description]) -> impl Iterator<Item = &'static str> {
    platforms.iter().filter(|platform| platform.correlation == Correlation::Reference).map(|platform| platform.name)
}

fn dialect(platform: &Description) -> String {
    let Description { name, type_prefix, dialect, .. } = platform;
    let mut text = sentence(&format!("Where {name}'s document is ambiguous."));
    if dialect.is_empty() {
        text.extend(["export type ", type_prefix, "Dialect = Record<string, never>;\n"]);
        return text;
    }
    text.extend(["export interface ", type_prefix, "Dialect {\n"]);
    for option in dialect {
        text.push_str(&comment(&dialect_docs(option), "  "));
        let values = if option.values.is_empty() { "string".to_owned() } else { union(option.values.iter().copied()) };
        text.extend(["  ", option.name, "?: ", &values, " | undefined;\n"]);
    }
    text + "}\n"
}

/// The option's sentences, one for each value, and the default with how it is known.
fn dialect_docs(option: &DialectRow) -> Vec<String> {
    let default = if option.values.is_empty() && option.default.is_empty() {
        String::new()
    } else {
        format!("Default `{}` ({}).", option.default, option.mark.as_str())
    };
    let doc = option.doc.en;
    let first = if doc.contains("efault `") { doc.to_owned() } else { format!("{doc} {default}") };
    let mut docs = vec![first.trim().to_owned()];
    let docs_of_values = option.value_docs.iter().map(|doc| doc.en);
    let values = option.values.iter().zip(docs_of_values).filter(|(_, doc)| !doc.is_empty());
    docs.extend(values.map(|(value, doc)| format!("- `{value}`: {}", lower_first(doc))));
    docs
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        // Not an abbreviation.
        (Some(first), Some(second)) if second.is_ascii_lowercase() || second == ' ' => {
            first.to_lowercase().collect::<String>() + letters.as_str()
        }
        _ => text.to_owned(),
    }
}

/// `accounts.ts`.
pub fn accounts(platforms: &[Description]) -> String {
    let mut text = format!(
        "{MARK}\n\nimport type {{ CommonOptions }} from \"../model/platform.js\";\nimport type {{ Provider }} from \"./platforms.js\";\n"
    );
    for platform in platforms {
        let Description { name, type_prefix, title, .. } = platform;
        let base = platform.base_url.map(|url| format!(" Base `{url}`.")).unwrap_or_default();
        text.push('\n');
        text.push_str(&sentence(format!("An account at {title}.{base} {}", platform.doc.en).trim()));
        text.extend(["export interface ", type_prefix, "Options extends CommonOptions<\"", name, "\"> {\n"]);
        text.extend(["  /** Chooses ", title, ". */\n  provider: \"", name, "\";\n"]);
        for option in platform.credentials.iter().chain(&platform.options) {
            text.push_str(&member(option));
        }
        text.push_str("}\n");
    }
    text.push_str("\n/** The options of `createClient` for platform `P`: its credentials and {@link CommonOptions}. */\n");
    text + &by_platform("ClientOptions", platforms, |platform| format!("{}Options", platform.type_prefix))
}

/// `dials.ts`.
pub fn dials(platforms: &[Description]) -> String {
    let mut text = format!(
        "{MARK}\n\nimport type {{ DialParties }} from \"../model/dial-parties.js\";\nimport type {{ Provider }} from \"./platforms.js\";\n"
    );
    for platform in platforms.iter().filter(|platform| !platform.dial_fields.is_empty()) {
        text.push('\n');
        text.push_str(&sentence(&format!("A dial at {}.", platform.title)));
        text.extend(["export interface ", &platform.type_prefix, "Dial extends DialParties {\n"]);
        text.extend(platform.dial_fields.iter().map(member));
        text.push_str("}\n");
    }
    text.push_str(
        "\n/**\n * The parameters of a dial at platform `P`. A field that `P` does not have is a type error, and `invalid-argument` at run time.\n *\n \
         * A number is one number in any usual spelling: `13800000001`, `+86 138 0000 0001`, `0755-28000123`, `tel:+86-138-0000-0001`,\n \
         * `+852 6123 4567`. Refused before anything is sent: an extension, two numbers, a spreadsheet's `13800000001.0` or `1.38E+10`, a masked\n \
         * number, a mobile of the wrong length, a local number without its area code, an emergency number (110, 112, 119, 120, 122), and a callee\n \
         * that is the caller.\n */\n",
    );
    let request = |platform: &Description| {
        if platform.dial_fields.is_empty() { "DialParties".to_owned() } else { format!("{}Dial", platform.type_prefix) }
    };
    text + &by_platform("DialRequest", platforms, request)
}

fn member(option: &OptionRow) -> String {
    let values = match option.kind {
        Kind::Integer { .. } => "number".to_owned(),
        Kind::OneOf { values } => union(values.iter().copied()),
        Kind::Text { .. } | Kind::PhoneNumber | Kind::Url => "string".to_owned(),
    };
    let (mark, undefined) = if option.is_required { (":", "") } else { ("?:", " | undefined") };
    let docs = comment(&[option.doc.en.to_owned()], "  ");
    format!("{docs}  {}{mark} {values}{undefined};\n", option.name)
}

/// A type that has another form at each platform.
fn by_platform(name: &str, platforms: &[Description], of: impl Fn(&Description) -> String) -> String {
    let mut text = format!("export type {name}<P extends Provider = Provider> = {{\n");
    for platform in platforms {
        text.extend(["  ", platform.name, ": ", &of(platform), ";\n"]);
    }
    text + "}[P];\n"
}

/// `providers.ts`.
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

/// `codes.ts`: the names of all codes. The package explains them.
pub fn codes(platforms: &[Description]) -> Result<String> {
    let mut module = format!(
        "{MARK}\n\n/** The codes that the platforms' documents list: in records, and of refusals. `explainCode` says what each means. */\nexport const codes = {{\n"
    );
    for platform in platforms {
        let records: Vec<&str> = platform.reasons.iter().map(|code| code.item.code).collect();
        let refusals: Vec<&str> = platform.refusals.iter().map(|code| code.item.code).collect();
        module.extend(["  ", platform.name, ": ", &serde_json::to_string(&json!({ "records": records, "refusals": refusals }))?, ",\n"]);
    }
    module.push_str("} as const;\n");
    Ok(module)
}

/// `descriptions.ts`.
pub fn descriptions(platforms: &[Description]) -> Result<String> {
    let mut module = format!("{MARK}\n\n{DESCRIPTION_TYPES}\n/** The descriptions, by platform. */\nexport const descriptions = {{\n");
    for platform in platforms {
        module.extend(["  ", platform.name, ": ", &serde_json::to_string(&description(platform))?, ",\n"]);
    }
    module.push_str("} as const satisfies { readonly [P in Provider]: Description };\n");
    Ok(module)
}

const DESCRIPTION_TYPES: &str = r#"import type { Operation, Provider } from "./platforms.js";

/** An option of an account or a field of a dial. */
export interface DescribedOption {
  readonly name: string;
  /** No output may show it. */
  readonly secret: boolean;
  readonly required: boolean;
  /** An invented value in the documented form. */
  readonly sample: string | number;
  /** The documented form, if there is one. A value of another form may still be valid. */
  readonly form?: { readonly characters: "digits" | "letters-and-digits"; readonly shortest: number; readonly longest: number };
}

/** The data of a platform that the command line and the simulator need besides `providers`. */
export interface Description {
  /** The document's addresses. Where it names none, the option `baseUrl` is required. */
  readonly baseUrl?: string;
  readonly recordingBaseUrl?: string;
  /** The credentials, in the document's order. */
  readonly credentials: readonly DescribedOption[];
  /** The account's other options that only some platforms have. */
  readonly options: readonly DescribedOption[];
  /** The fields of a dial besides caller, callee, reference and extra. */
  readonly dialFields: readonly DescribedOption[];
  /** The dialect's options, the likeliest cause of a refused signature first, with their values and their default. */
  readonly dialect: readonly { readonly name: string; readonly values: readonly string[]; readonly default: string }[];
  /** The platform's own names of parameters, each with Ringback's word; an empty word where Ringback makes the value. */
  readonly spellings: Readonly<Record<string, string>>;
  /** How many seconds a request's time may be off, by operation; 0 where the document does not say. */
  readonly clockSeconds: { readonly [O in Operation]?: number };
  /** A recording can be asked for by the call's id. */
  readonly recordingById: boolean;
  /** The places in a record that its pushes and pages fill. */
  readonly recordPlaces: readonly string[];
}
"#;

fn description(platform: &Description) -> Value {
    let options = |rows: &[OptionRow]| rows.iter().map(option).collect::<Vec<_>>();
    let dialect = platform.dialect.iter().map(|row| json!({ "name": row.name, "values": row.values, "default": row.default }));
    let mut places: Vec<Value> = platform.record_fields.iter().map(|(_, place)| json!(place)).collect();
    places.dedup();
    let spellings: serde_json::Map<String, Value> = platform.spellings.iter().map(|(own, word)| ((*own).to_owned(), json!(word))).collect();
    let mut value = json!({
        "credentials": options(&platform.credentials),
        "options": options(&platform.options),
        "dialFields": options(&platform.dial_fields),
        "dialect": dialect.collect::<Vec<_>>(),
        "spellings": spellings,
        "clockSeconds": platform.clock_seconds,
        "recordingById": platform.recording_by_id,
        "recordPlaces": places,
    });
    for (name, url) in [("baseUrl", platform.base_url), ("recordingBaseUrl", platform.recording_base_url)] {
        if let Some(url) = url {
            value[name] = json!(url);
        }
    }
    value
}

fn option(row: &OptionRow) -> Value {
    let sample = match row.kind {
        Kind::Integer { .. } => row.sample.parse::<i64>().map_or_else(|_| json!(row.sample), |number| json!(number)),
        _ => json!(row.sample),
    };
    let mut value = json!({ "name": row.name, "secret": row.is_secret, "required": row.is_required, "sample": sample });
    if let Some(form) = row.form {
        value["form"] = json!(form);
    }
    value
}

fn sentence(text: &str) -> String {
    comment(&[text.to_owned()], "")
}

fn union<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
    quoted.join(" | ")
}
