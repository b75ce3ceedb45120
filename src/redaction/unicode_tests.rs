//! The tables of `folds.rs`: made from the crates that know all of Unicode, and compared with them, character by character.

use std::fmt::Write as _;

use unicode_normalization::char::decompose_compatible;
use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory as _};

use super::view::{is_invisible, plain};

const FILE: &str = "src/redaction/folds.rs";

/// Characters that matter besides ASCII and digits: the dashes within numbers, the comma of lists, and Chinese numerals.
const LOOKED_FOR: &str = "–—‐‑−‒―、〇零○一壹壱幺〡二贰貳弐两兩〢三叁參叄〣四肆〤五伍〥六陆陸〦七柒漆〧八捌〨九玖〩";

fn all() -> impl Iterator<Item = char> {
    ('\u{80}'..=char::MAX).filter(|c| !matches!(c.general_category(), Category::Unassigned | Category::PrivateUse))
}

fn is_mark(c: char) -> bool {
    matches!(c.general_category(), Category::NonspacingMark | Category::EnclosingMark | Category::SpacingMark)
}

/// The category Format, what `Default_Ignorable_Code_Point` has beside it as far as that is no mark, and the fillers.
fn is_never_seen(c: char) -> bool {
    let is_filler =
        matches!(c, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}');
    is_filler
        || matches!(c, '\u{2065}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
        || matches!(c.general_category(), Category::Format | Category::Control)
}

/// The compatibility decomposition without marks and what is never seen.
fn decompose(c: char) -> String {
    let mut parts = String::new();
    decompose_compatible(c, |part| {
        if !is_mark(part) && !is_never_seen(part) {
            parts.push(part);
        }
    });
    parts
}

/// Returns true if the view drops a character: a mark, or its form in another width.
fn is_dropped(c: char) -> bool {
    is_mark(c) || (decompose(c).is_empty() && !is_never_seen(c))
}

fn is_looked_for(c: char) -> bool {
    c.is_ascii() || c.general_category() == Category::DecimalNumber || LOOKED_FOR.contains(c)
}

/// Ranges of what is so; what is not assigned may be in them.
fn ranges(is: fn(char) -> bool) -> Vec<(char, char)> {
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut is_open = false;
    for c in all() {
        match ranges.last_mut() {
            Some(last) if is(c) && is_open => last.1 = c,
            _ if is(c) => ranges.push((c, c)),
            _ => {}
        }
        is_open = is(c);
    }
    ranges
}

/// In rows of neighbours, so that only the first of a row needs its number.
fn folds() -> Vec<(char, Vec<String>)> {
    // These follow ASCII's order.
    let is_in_order = |c: char| matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d6a3}');
    let mut rows: Vec<(char, Vec<String>)> = Vec::new();
    for c in all().filter(|c| !is_in_order(*c) && c.general_category() != Category::DecimalNumber) {
        let fold = decompose(c);
        if fold.contains(is_looked_for) && fold != c.to_string() {
            match rows.last_mut() {
                Some((first, row)) if (c as usize) < *first as usize + row.len() + 4 => {
                    row.resize(c as usize - *first as usize, String::new());
                    row.push(fold);
                }
                _ => rows.push((c, vec![fold])),
            }
        }
    }
    rows
}

fn zeros() -> Vec<char> {
    // Each script has its ten digits in a row, from 0 to 9 (the Unicode Standard, 4.6).
    let digits: Vec<char> = all().filter(|c| c.general_category() == Category::DecimalNumber).collect();
    digits.chunks(10).map(|ten| ten[0]).collect()
}

fn table(name: &str, what: &str, kind: &str, rows: impl Iterator<Item = String>) -> String {
    let mut table = format!("\n/// {what}\npub(super) const {name}: &[{kind}] = &[\n");
    let mut line = String::new();
    for row in rows {
        if !line.is_empty() && line.chars().count() + row.chars().count() > 130 {
            let _ = writeln!(table, "    {line}");
            line.clear();
        }
        line.push_str(if line.is_empty() { "" } else { " " });
        line.push_str(&row);
        line.push(',');
    }
    let _ = writeln!(table, "    {line}\n];");
    table
}

fn module() -> String {
    let pair = |(first, last): (char, char)| format!("('\\u{{{:x}}}', '\\u{{{:x}}}')", first as u32, last as u32);
    let fold = |(first, row): (char, Vec<String>)| {
        assert!(row.iter().all(|fold| !fold.contains('|')), "{first:?}");
        // The parts of Korean syllables next to each other are not in the normal form of source text.
        let is_jamo = |c: char| matches!(c, '\u{1100}'..='\u{11ff}');
        let escaped = |c: char| if is_jamo(c) { c.escape_unicode().to_string() } else { c.escape_debug().to_string() };
        format!("('\\u{{{:x}}}', \"{}\")", first as u32, row.join("|").chars().map(escaped).collect::<String>())
    };
    let zero = |zero: char| format!("'\\u{{{:x}}}'", zero as u32);
    let mut module = String::from(
        "//! What redaction has to know of Unicode. Written by `UPDATE_TABLES=1 cargo test --lib unicode_tests`, which also compares it with the\n\
         //! crates `unicode-normalization` and `unicode-properties`: these weigh 150 KB in the wasm, and this 6 KB.\n",
    );
    let folds = folds().into_iter().map(fold);
    module += &table("FOLDS", "What a character and those after it stand for, separated by `|`.", "(char, &str)", folds);
    module += &table("INVISIBLE", "What is never seen, from and to.", "(char, char)", ranges(is_never_seen).into_iter().map(pair));
    module +=
        &table("MARKS", "What is written upon another character, from and to.", "(char, char)", ranges(is_dropped).into_iter().map(pair));
    module += &table("ZEROS", "The first of each script's ten digits.", "char", zeros().into_iter().map(zero));
    module
}

#[test]
fn the_tables_are_made_from_all_of_unicode() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let module = module();
    if std::env::var_os("UPDATE_TABLES").is_some() {
        std::fs::write(&path, &module).expect("written");
    }
    let committed = std::fs::read_to_string(&path).expect("the tables");
    assert!(committed == module, "{FILE} is stale: UPDATE_TABLES=1 cargo test --lib unicode_tests");
}

#[test]
fn every_character_is_seen_as_all_of_unicode_has_it() {
    for c in all() {
        let seen: String = plain(&c.to_string()).iter().map(|unit| unit.seen).collect();
        // The value of a digit comes from the same function, and has a test of its own; all else comes from the crates.
        let expected: String = decompose(c).chars().flat_map(|part| plain(&part.to_string())).map(|unit| unit.seen).collect();
        if expected.contains(is_looked_for) || expected.is_empty() {
            assert_eq!(seen, expected, "U+{:04X}", c as u32);
        } else {
            // A character without an ASCII digit or letter stays as it is, and does not separate digits that were together.
            assert!(seen == c.to_string() || seen == expected, "U+{:04X}", c as u32);
            assert!(!c.is_alphanumeric() || expected.contains(char::is_alphanumeric), "U+{:04X}", c as u32);
        }
        assert_eq!(is_invisible(c), is_never_seen(c), "U+{:04X}", c as u32);
    }
}

#[test]
fn each_decimal_digit_has_its_value() {
    let mut values = std::collections::BTreeMap::<String, usize>::new();
    for (index, c) in all().filter(|c| c.general_category() == Category::DecimalNumber).enumerate() {
        let seen: String = plain(&c.to_string()).iter().map(|unit| unit.seen).collect();
        assert_eq!(seen, (index % 10).to_string(), "U+{:04X}", c as u32);
        *values.entry(seen).or_default() += 1;
    }
    let scripts = values["0"];
    assert!(values.len() == 10 && scripts > 60 && values.values().all(|count| *count == scripts), "{values:?}");
}
