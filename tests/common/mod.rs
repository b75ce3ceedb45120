//! Reads and compares the vectors, which the tests of all languages share.

use ringback::Decoder;
use serde_json::{Map, Value};

/// A decoder for all charsets, as a host program may supply one.
pub const HOST: Decoder = Decoder(|label, bytes| {
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes())?;
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
});

/// The platforms' vector files.
pub const FILES: &[(&str, &str)] = &[
    ("mixcom", include_str!("../vectors/mixcom.json")),
    ("quanmayun", include_str!("../vectors/quanmayun.json")),
    ("dingxin", include_str!("../vectors/dingxin.json")),
    ("cyjcloud", include_str!("../vectors/cyjcloud.json")),
    ("seatcall", include_str!("../vectors/seatcall.json")),
    // A new platform: its line here.
];

/// Reads every vector of a section, with its platform. Every platform must have the section, except that seatcall has no codes: its records
/// report no reason.
pub fn section(name: &str) -> Vec<(&'static str, Value)> {
    let mut all = Vec::new();
    for &(platform, text) in FILES {
        let file: Map<String, Value> = serde_json::from_str(text).unwrap_or_else(|error| panic!("{platform}.json: {error}"));
        let vectors = file.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        assert!(!vectors.is_empty() || (name, platform) == ("codes", "seatcall"), "{platform}.json has no {name}");
        all.extend(vectors.into_iter().map(|vector| (platform, vector)));
    }
    all
}

/// Runs a check on each vector, and fails with the list of all failures.
pub fn each(vectors: &[(&'static str, Value)], check: impl Fn(&str, &Value) -> Result<(), String>) {
    let mut failures = Vec::new();
    for (platform, vector) in vectors {
        if let Err(why) = check(platform, vector) {
            failures.push(format!("{platform}: {}\n    {why}", vector["name"].as_str().unwrap_or("(no name)")));
        }
    }
    println!("{} vectors, {} failed", vectors.len(), failures.len());
    assert!(failures.is_empty(), "{} of {} vectors do not hold:\n  {}", failures.len(), vectors.len(), failures.join("\n  "));
}

/// Compares the expected keys of an object with a found one; null means absent. `exact` allows no other keys.
pub fn differences(expected: &Value, found: &Value, exact: bool) -> Vec<String> {
    let mut list = Vec::new();
    collect("", expected, found, exact, &mut list);
    list
}

fn collect(path: &str, expected: &Value, found: &Value, exact: bool, list: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                collect(&format!("{path}.{key}"), value, found.get(key).unwrap_or(&Value::Null), exact, list);
            }
            if exact {
                list.extend(
                    found
                        .keys()
                        .filter(|key| !expected.contains_key(*key))
                        .map(|key| format!("{path}.{key} is there, unexpected: {}", found[key])),
                );
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                collect(&format!("{path}[{index}]"), expected, found, exact, list);
            }
        }
        (Value::String(pattern), Value::String(text)) if pattern == "@digest" && text.contains(":digest-") => {}
        _ if expected == found => {}
        _ => list.push(format!("{path}: expected {expected}, found {found}")),
    }
}

/// Returns `Ok` if the list of differences is empty.
pub fn verdict(list: Vec<String>) -> Result<(), String> {
    if list.is_empty() { Ok(()) } else { Err(list.join("; ")) }
}
