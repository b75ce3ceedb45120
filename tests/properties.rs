//! Properties that hold for any input, stated without the code under test. `PROPTEST_CASES` sets another number of cases than 256.

#[expect(dead_code, reason = "shared with the tests of the vectors")]
mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use common::section;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{RngSeed, TestCaseResult};
use ringback::{
    CallRecord, Description, Element, ErrorCode, Event, Exchange, FailureReason, Joining, LineOptions, Moment, Normalized, OperationKind,
    Options, Origin, PLATFORMS, Parameter, ParsedPush, PhoneNumber, Platform, Position, Progress, PushOptions, Raw, Redactor, Response,
    SignatureTrace, Step, Timestamp, Value as Input, Zone, canonicalize, e164, explain_signature, find_platform, interpret_response,
    normalize_lines, open_account, parse_push, parse_push_bytes, prepare_request, process_push, read_operation, to_raw,
};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

fn config() -> ProptestConfig {
    // A failed case becomes a vector, so no file of seeds is written.
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// Generates a platform's name, because the platform itself has no `Debug`.
fn a_platform() -> impl Strategy<Value = &'static str> {
    select(PLATFORMS.map(|platform| platform.name).to_vec())
}

fn named(name: &str) -> &'static Platform {
    find_platform(name).expect("a platform")
}

/// Sorts items by the random keys that come with them, so that a failing order can be shrunk.
fn shuffled<T>(mut items: Vec<(u32, T)>) -> Vec<T> {
    items.sort_by_key(|(key, _)| *key);
    items.into_iter().map(|(_, item)| item).collect()
}

// JSON, written by the tests' own writer.

#[derive(Clone, Debug)]
enum Json {
    Word(&'static str),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    fn write(&self, out: &mut String) {
        match self {
            Self::Word(word) => out.push_str(word),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => out.push_str(&Value::from(text.as_str()).to_string()),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { " " } else { " ,\n" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    let _ = write!(out, "{}{}\t: ", if at == 0 { "" } else { "," }, Value::from(name.as_str()));
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    fn written(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

fn a_number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,40})",
        "-?(0|[1-9][0-9]{0,20})\\.[0-9]{1,24}",
        "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,8})?[eE][-+]?[0-9]{1,4}",
        select(vec![
            "9007199254740991",
            "9007199254740992",
            "9007199254740993",
            "-9007199254740993",
            "1234567890123456789",
            "0",
            "-0",
            "1e400"
        ])
        .prop_map(str::to_owned),
    ]
}

fn a_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        select(vec!["null", "true", "false"]).prop_map(Json::Word),
        a_number().prop_map(Json::Number),
        any::<String>().prop_map(Json::Text),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Json::List),
            vec(("\\PC{0,8}", inner), 0..5).prop_map(|members| Json::Object(remove_repeated(members))),
        ]
    })
}

/// Removes members whose names differ only in case.
fn remove_repeated(members: Vec<(String, Json)>) -> Vec<(String, Json)> {
    let mut seen: Vec<String> = Vec::new();
    members
        .into_iter()
        .filter(|(name, _)| {
            let folded = name.to_lowercase();
            let fresh = !seen.contains(&folded);
            seen.push(folded);
            fresh
        })
        .collect()
}

/// Returns the sign, the significant digits of a decimal number, and the power of ten of the last digit.
fn decimal(text: &str) -> (bool, String, i64) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let negative = mantissa.starts_with('-');
    let (whole, part) = mantissa.trim_start_matches('-').split_once('.').unwrap_or((mantissa.trim_start_matches('-'), ""));
    let digits = format!("{whole}{part}");
    let kept = digits.trim_end_matches('0');
    let power = exponent.parse::<i64>().expect("an exponent") - i64::try_from(part.len()).expect("short")
        + i64::try_from(digits.len() - kept.len()).expect("short");
    let kept = kept.trim_start_matches('0');
    if kept.is_empty() { (false, String::new(), 0) } else { (negative, kept.to_owned(), power) }
}

/// Checks whether a double, in its shortest form, is exactly this number.
fn fits_a_double(text: &str) -> bool {
    let double: f64 = text.parse().expect("a number");
    double.is_finite() && decimal(text) == decimal(&format!("{double:e}"))
}

/// Checks that the found tree is the same, except that a number may be in quotes, and must be if a double would change it.
fn holds(expected: &Json, found: &str) -> TestCaseResult {
    match expected {
        Json::Word(word) => prop_assert_eq!(*word, found),
        Json::Number(digits) => {
            prop_assert_eq!(digits.as_str(), found.trim_matches('"'));
            prop_assert!(found.starts_with('"') || fits_a_double(digits), "JSON.parse would round {}", found);
        }
        Json::Text(text) => prop_assert_eq!(text, &serde_json::from_str::<String>(found).expect("text")),
        Json::List(items) => {
            let found: Vec<&RawValue> = serde_json::from_str(found).expect("a list");
            prop_assert_eq!(items.len(), found.len());
            for (item, found) in items.iter().zip(found) {
                holds(item, found.get())?;
            }
        }
        Json::Object(members) => {
            let found: BTreeMap<String, &RawValue> = serde_json::from_str(found).expect("an object");
            prop_assert_eq!(members.len(), found.len());
            for (name, value) in members {
                holds(value, found.get(name).expect("the member").get())?;
            }
        }
    }
    Ok(())
}

// Pushes from the vectors.

/// Reads the vectors whose body is one JSON object with records, and which have no two names that differ only in case.
fn pushes() -> Vec<(&'static Platform, Map<String, Value>)> {
    fn names_clash(value: &Value) -> bool {
        match value {
            Value::Object(members) => {
                let mut names: Vec<String> = members.keys().map(|name| name.to_lowercase()).collect();
                names.sort();
                let all = names.len();
                names.dedup();
                names.len() < all || members.values().any(names_clash)
            }
            Value::Array(items) => items.iter().any(names_clash),
            _ => false,
        }
    }
    let found: Vec<_> = section("pushes")
        .into_iter()
        .filter(|(_, vector)| vector["records"].as_array().is_some_and(|records| !records.is_empty()) && vector["options"].is_null())
        .filter_map(|(name, vector)| {
            let body: Map<String, Value> = serde_json::from_str(vector["body"].as_str()?).ok()?;
            let platform = named(name);
            // serde_json's Value would change an integer that a double cannot hold.
            let whole = !vector["body"].as_str()?.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() > 18);
            (whole && !names_clash(&Value::Object(body.clone()))).then_some((platform, body))
        })
        .collect();
    assert!(found.len() > 40, "only {} pushes of the vectors can be vary", found.len());
    found
}

fn parse(platform: &Platform, body: &str) -> ParsedPush {
    parse_push(platform, body, &PushOptions::default()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

/// Returns a record without the fields that depend on the exact payload.
fn told(record: &CallRecord) -> Value {
    let mut told = serde_json::to_value(record).expect("a record");
    let fields = told.as_object_mut().expect("an object");
    fields.remove("raw");
    fields.insert("completeness".into(), (record.completeness >> 20).into());
    if record.call_id.is_none() {
        fields.remove("key");
    }
    told
}

/// Writes the same payload with its members in another order, names in another case, and added unknown fields.
fn vary(value: &Value, keys: &mut impl Iterator<Item = u32>) -> String {
    match value {
        Value::Object(members) => {
            let mut parts = Vec::new();
            for (name, value) in members {
                let mut flip = keys.next().expect("endless");
                let name: String = name
                    .chars()
                    .map(|c| {
                        flip = flip.rotate_right(1);
                        if flip & 1 == 0 {
                            c
                        } else if c.is_ascii_lowercase() {
                            c.to_ascii_uppercase()
                        } else {
                            c.to_ascii_lowercase()
                        }
                    })
                    .collect();
                parts.push((keys.next().expect("endless"), format!("{}:{}", Value::from(name), vary(value, keys))));
            }
            for count in 0..keys.next().expect("endless") % 3 {
                parts.push((keys.next().expect("endless"), format!(r#""x-{count}":[{{"subid":"{count}"}},null]"#)));
            }
            format!("{{{}}}", shuffled(parts).join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(|item| vary(item, keys)).collect::<Vec<_>>().join(" , ")),
        other => other.to_string(),
    }
}

/// Generates lines: pushes, envelopes, and others.
fn a_line() -> impl Strategy<Value = Vec<u8>> {
    let bodies: Vec<String> = section("pushes").into_iter().filter_map(|(_, vector)| vector["body"].as_str().map(str::to_owned)).collect();
    let one_line = move |at: Index| {
        let body = at.get(&bodies);
        serde_json::from_str::<Box<RawValue>>(body).map_or_else(|_| body.clone(), |json| json.get().to_owned()).replace(['\n', '\r'], " ")
    };
    prop_oneof![
        4 => any::<Index>().prop_map(one_line).prop_map(String::into_bytes),
        1 => "[ \t]{0,3}".prop_map(String::into_bytes),
        1 => "\\PC{0,40}".prop_map(String::into_bytes),
        1 => vec(any::<u8>().prop_filter("a line's end", |byte| *byte != b'\n'), 0..40),
        1 => "[0-9]{1,30}".prop_map(|id| {
            format!(r#"{{"provider":"dingxin","receivedAt":"x","account":"a","body":"{{\"subid\":{id},\"status\":1}}"}}"#).into_bytes()
        }),
    ]
}

proptest! {
    // A fixed seed: with twenty bits, one pair of payloads in a million is equal by chance.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(42), ..config() })]

    #[test]
    fn records_of_one_call_merge_the_same_in_any_order(seeds in vec((0..3_u8, proptest::option::of(0..100_u32), any::<bool>(), "[a-z]{0,3}"), 2..6), keys in vec(any::<u32>(), 6)) {
        let records: Vec<CallRecord> = seeds.iter().map(|(status, duration, times, words)| {
            let mut body = json!({ "subid": "1", "status": status, "unaswRsn": words });
            if let Some(duration) = duration { body["duration"] = (*duration).into(); }
            if *times { body["startTime"] = "2020-03-02 17:48:15".into(); }
            parse(named("dingxin"), &body.to_string()).records.remove(0)
        }).collect();
        // A store keeps the present record unless the other is more complete.
        let merge = |records: Vec<&CallRecord>| records.into_iter().cloned().reduce(|kept, other| if other.completeness > kept.completeness { other } else { kept });
        let in_order = merge(records.iter().collect());
        let backwards = merge(records.iter().rev().collect());
        let mixed = merge(shuffled(keys.into_iter().zip(&records).collect()));
        prop_assert_eq!(&in_order, &backwards);
        prop_assert_eq!(&in_order, &mixed);
        // Only equal payloads are equally complete, and the end of a call is more complete than an earlier event.
        for (a, b) in records.iter().zip(records.iter().skip(1)) {
            prop_assert!(a.completeness < 1 << 30);
            prop_assert_eq!(a.completeness == b.completeness, a.raw == b.raw);
            if a.r#final != b.r#final {
                prop_assert_eq!(a.completeness > b.completeness, a.r#final);
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn raw_contains_the_whole_payload_with_all_digits(name in a_platform(), members in vec(("[^\u{0}-\u{1f}]{1,10}", a_value()), 0..12), id in "[0-9]{1,30}") {
        let platform = named(name);
        let mut members = remove_repeated(members);
        // Adds the field that makes it a record, unless one of that name exists.
        for sign in platform.marker_fields {
            if !members.iter().any(|(name, _)| name.eq_ignore_ascii_case(sign)) {
                members.push(((*sign).to_owned(), if *sign == "event" { Json::Text("fee".into()) } else { Json::Number(format!("1{id}")) }));
            }
        }
        let payload = Json::Object(members);
        // The payload is kept in every case.
        match parse_push(platform, &format!("[{}]", payload.written()), &PushOptions::default()) {
            Ok(push) => {
                let raws: Vec<&Raw> = push.records.iter().map(|record| &record.raw).chain(push.ignored.iter().map(|ignored| &ignored.raw))
                    .chain(push.unreadable.iter().map(|bad| &bad.raw)).collect();
                prop_assert_eq!(raws.len(), 1);
                holds(&payload, raws[0].as_str())?;
            }
            Err(error) => {
                prop_assert_eq!(error.code, ErrorCode::MalformedPush);
                prop_assert!(error.nack.is_some());
                holds(&payload, to_raw(&payload.written()).as_str())?;
            }
        }
    }

    #[test]
    fn raw_contains_a_whole_form(pairs in vec(("\\PC{0,8}", any::<String>()), 1..10), id in "[0-9]{1,30}") {
        let mut encoder = form_urlencoded::Serializer::new(String::new());
        encoder.append_pair("subid", &id);
        let mut expected = BTreeMap::from([("subid".to_owned(), vec![id.clone()])]);
        for (name, value) in pairs.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("subid")) {
            encoder.append_pair(name, value);
            expected.entry(name.clone()).or_default().push(value.clone());
        }
        let body = encoder.finish();
        let options = PushOptions { content_type: Some("application/x-www-form-urlencoded".into()), ..PushOptions::default() };
        match parse_push(named("dingxin"), &body, &options) {
            Ok(push) => {
                prop_assert_eq!(push.records[0].call_id.as_deref(), Some(id.as_str()));
                let raw: BTreeMap<String, Value> = serde_json::from_str(push.records[0].raw.as_str()).expect("an object");
                let found: BTreeMap<String, Vec<String>> = raw.into_iter().map(|(name, value)| {
                    let text = |value: Value| value.as_str().expect("text").to_owned();
                    (name, match value { Value::Array(items) => items.into_iter().map(text).collect(), one => vec![text(one)] })
                }).collect();
                prop_assert_eq!(found, expected);
            }
            // A generated field may happen to be an unreadable field of the record.
            Err(error) => prop_assert_eq!(error.code, ErrorCode::MalformedPush),
        }
    }

    #[test]
    fn order_case_and_unknown_fields_change_nothing(at in any::<Index>(), keys in vec(any::<u32>(), 64)) {
        let all = pushes();
        let (platform, body) = at.get(&all);
        let as_it_came = parse(platform, &Value::Object(body.clone()).to_string());
        let vary = parse(platform, &vary(&Value::Object(body.clone()), &mut keys.into_iter().cycle()));
        prop_assert_eq!(as_it_came.records.iter().map(told).collect::<Vec<_>>(), vary.records.iter().map(told).collect::<Vec<_>>());
        prop_assert_eq!((as_it_came.unreadable.len(), as_it_came.ignored.len()), (vary.unreadable.len(), vary.ignored.len()));
    }

    #[test]
    fn any_bytes_are_read_or_refused(name in a_platform(), bytes in vec(any::<u8>(), 0..300), content_type in proptest::option::of("\\PC{0,40}"), query in "\\PC{0,40}") {
        let options = PushOptions { content_type, query, ..PushOptions::default() };
        check_reading(named(name), &bytes, &options)?;
    }

    #[test]
    fn a_damaged_push_is_read_or_refused(at in any::<Index>(), damage in vec((any::<Index>(), any::<u8>(), 0..4_u8), 1..6), multipart in any::<bool>()) {
        let all = section("pushes");
        let (name, vector) = at.get(&all);
        let mut bytes = vector["body"].as_str().unwrap_or_default().as_bytes().to_vec();
        for (place, byte, kind) in damage {
            let place = place.index(bytes.len() + 1);
            match kind {
                0 => bytes.truncate(place),
                1 => bytes.insert(place, byte),
                2 if place < bytes.len() => bytes[place] = byte,
                _ => bytes.extend_from_within(place..),
            }
        }
        let content_type = if multipart { Some("multipart/form-data".to_owned()) } else { vector["contentType"].as_str().map(str::to_owned) };
        check_reading(named(name), &bytes, &PushOptions { content_type, ..PushOptions::default() })?;
    }

    #[test]
    fn a_stream_gives_the_same_as_its_lines_one_by_one(name in a_platform(), lines in vec((a_line(), any::<bool>()), 0..12), cuts in vec(1..200_usize, 1..20), bom in any::<bool>(), closed in any::<bool>()) {
        let platform = named(name);
        let mut stream: Vec<u8> = if bom { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        let count = lines.len();
        for (at, (line, crlf)) in lines.iter().enumerate() {
            stream.extend_from_slice(line);
            if at + 1 < count || closed {
                stream.extend_from_slice(if *crlf { b"\r\n" } else { b"\n" });
            }
        }
        let mut expected = Vec::new();
        let mut unreadable = 0;
        for (at, (line, _)) in lines.iter().enumerate() {
            // The byte order mark of the stream, if the first line does not have its own.
            let line = if at == 0 && !bom { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
            if line.trim_ascii().is_empty() {
                continue;
            }
            let element = std::str::from_utf8(line).ok().map(str::trim).and_then(|text| Element::read(text).ok());
            let read = match element {
                Some(envelope) if envelope.has("receivedAt") && envelope.has("provider") && envelope.has("body") => process_push(&envelope),
                _ => parse_push_bytes(platform, line.trim_ascii(), &PushOptions::default()),
            };
            match read {
                Ok(push) => {
                    unreadable += push.unreadable.len();
                    expected.extend(push.records.iter().map(|record| serde_json::to_string(record).expect("a record")));
                }
                Err(_) => unreadable += 1,
            }
        }
        let (output, bad) = feed_stream(platform, &stream, cuts.into_iter().cycle());
        let output = String::from_utf8(output).expect("text");
        prop_assert_eq!(output.lines().collect::<Vec<_>>(), expected);
        prop_assert_eq!(bad, unreadable);
    }

    #[test]
    fn a_signature_does_not_depend_on_the_order_of_parameters(values in proptest::collection::btree_map("[a-z][a-z0-9_]{0,8}", "\\PC{0,12}", 0..12), keys in vec(any::<u32>(), 12), lower_values in any::<bool>(), upper in any::<u32>()) {
        // Names come from the platforms, so the core accepts only `'static` ones.
        let named: Vec<(&'static str, &String)> = values.iter().enumerate().map(|(at, (name, value))| {
            let name = if upper >> at & 1 == 1 { name.to_ascii_uppercase() } else { name.clone() };
            (&*Box::leak(name.into_boxed_str()), value)
        }).collect();
        let parameters: Vec<Parameter> = named.iter().map(|(name, value)| Parameter::plain(*name, value.as_str())).collect();
        let others = shuffled(keys.into_iter().zip(parameters.iter().cloned()).collect());
        let signed = values.iter().filter(|(_, value)| !value.is_empty());
        let joined_values: String = signed.clone().map(|(_, value)| value.as_str()).collect();
        let pairs = signed.map(|(name, value)| format!("{name}={}", if lower_values { value.to_ascii_lowercase() } else { value.clone() }));
        let joined_pairs = pairs.collect::<Vec<_>>().join("&");
        for (joining, expected) in [(Joining::Values, joined_values), (Joining::Pairs { lower_values }, joined_pairs)] {
            prop_assert_eq!(&canonicalize(&parameters, joining, &mut SignatureTrace::default()), &expected);
            prop_assert_eq!(&canonicalize(&others, joining, &mut SignatureTrace::default()), &expected);
        }
    }

    #[test]
    fn normalizing_a_number_twice_changes_nothing(text in prop_oneof!["[+＋]?(00|86|0|\\(0\\)|[ -])*[0-9０-９ ()（）.–－-]{0,24}", "\\PC{0,24}"]) {
        let Ok(number) = PhoneNumber::parse("caller", &text) else { return Ok(()) };
        let of_national = PhoneNumber::parse("caller", number.national());
        prop_assert_eq!(of_national.as_ref().map(PhoneNumber::national), Ok(number.national()));
        prop_assert_eq!(of_national.map(|number| number.with_country_code()), Ok(number.with_country_code()));
        if let Some(whole) = e164(&text) {
            prop_assert_eq!(e164(&whole), Some(whole.clone()));
            prop_assert_eq!(PhoneNumber::parse("caller", &whole).map(|number| number.with_country_code()), Ok(whole));
        }
    }

    #[test]
    fn the_dialed_number_has_the_digits_of_the_text_in_their_order(text in "[+]?(00|86|0|\\(0\\)|[ -])*1?[0-9]{2,4}[ .()-]{0,2}[0-9]{2,8}[ .()-]{0,2}[0-9]{0,8}") {
        let Ok(number) = PhoneNumber::parse("caller", &text) else { return Ok(()) };
        let given: String = text.chars().filter(char::is_ascii_digit).collect();
        let own = number.national().trim_start_matches('0');
        // A country code, with zeros before and after it, may precede the number. Nothing may follow it.
        let before = given.strip_suffix(own);
        prop_assert!(before.is_some() || number.national().starts_with("00"), "{} became another number", text);
        prop_assert!(before.is_none_or(|before| before.chars().all(|c| matches!(c, '0' | '8' | '6'))), "{} before the number", text);
    }

    #[test]
    fn digits_after_a_complete_number_are_not_dialed(number in select(vec!["13800000001", "+8613800000001", "0755-28000123", "02161234567", "+86 755 28000123", "400-800-1234", "+85261234567"]), joint in select(vec!["-", " ", ".", "(", ",", ";", "#", "x", "\n", "\t", "/", "、", "转", ";ext=", " - ", "+", "p", "*"]), more in "[0-9]{1,12}") {
        let text = format!("{number}{joint}{more}");
        prop_assert!(PhoneNumber::parse("callee", &text).is_err(), "{} was taken", text);
        prop_assert_eq!(e164(&text), None);
    }

    #[test]
    fn a_written_time_is_read_back(seconds in -62_135_000_000_i64..253_402_214_400, ms in 0..1000_i64, minutes in -14 * 60..=14 * 60_i64, other in -14 * 60..=14 * 60_i64) {
        let offset = |minutes: i64| format!("{}{:02}:{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60);
        let (Ok(zone), Ok(another)) = (Zone::parse("timeZone", &offset(minutes)), Zone::parse("timeZone", &offset(other))) else {
            // 14:30 is not a valid offset.
            return Ok(());
        };
        let time = Timestamp::new(seconds * 1000 + ms, zone);
        let read = Timestamp::parse(&time.to_string(), another);
        prop_assert_eq!(read.map(Timestamp::epoch_ms), Some(time.epoch_ms()), "{}", time);
        prop_assert!(time.to_string().ends_with(&offset(minutes)));
        let wall = time.wall_clock();
        prop_assert_eq!(Timestamp::parse(&wall, zone).map(Timestamp::epoch_ms), Some(seconds * 1000), "{}", wall);
        prop_assert_eq!(Timestamp::parse(&time.compact(), zone).map(Timestamp::epoch_ms), Some(seconds * 1000));
    }

    #[test]
    fn no_output_shows_a_secret_or_a_number(account in an_account(), caller in "1[3-9][0-9]{9}", callee in "1[3-9][0-9]{9}", status in select(vec![0_u16, 200, 302, 400, 401, 404, 429, 500, 502]), padding in "[ -~\n]{0,300}", code in "[0-9]{1,4}", blanks in 0..1400_usize, which in any::<Index>()) {
        let (name, options, secret) = account;
        let platform = named(name);
        let provider = open_account(Options::from_json("options", &options.to_string()).expect("an object")).expect("an account");
        let hidden = [list_disguises(&secret), vec![caller.clone(), callee.clone()]].concat();
        let mut shown = vec![format!("{provider:?}")];
        let range = json!({ "from": "2020-03-02T00:00:00+08:00", "to": "2020-03-03T00:00:00+08:00" });
        let mut dial = serde_json::to_value(Description::of(platform).sample_parameters(OperationKind::Dial)).expect("parameters");
        (dial["caller"], dial["callee"], dial["reference"]) = (json!(caller), json!(callee), json!("order-1"));
        let operations = [
            ("dial", dial), ("hangUp", json!({ "callId": "1" })), ("bindSeat", json!({ "seat": "PP1", "phone": caller })), ("records", range),
            ("recording", json!({ "callId": "c-1", "url": "https://a.example/1.mp3" })), ("balance", json!({})),
        ];
        let offered: Vec<_> = operations.iter().filter(|(name, _)| platform.operations.iter().any(|kind| kind.as_str() == *name)).collect();
        let (name, params) = which.get(&offered);
        let params: Input = serde_json::from_value(params.clone()).expect("parameters");
        let operation = read_operation(&*provider, name, params).expect("an operation");
        let moment = Moment::new(1_583_142_000_123, "0123456789abcdef0123456789abcdef");
        // seatcall's recording has its own address, here of a foreign host.
        let Ok(prepared) = prepare_request(&*provider, operation.clone(), &moment) else { return Ok(()) };
        let trace = explain_signature(&*provider, operation.clone(), &moment).expect("an operation that can be prepared can be explained");
        shown.extend([format!("{prepared:?} {operation:?} {trace:?}"), serde_json::to_string(&trace).expect("a trace")]);
        // The answer of a platform, or of a proxy, that repeats the request.
        let echo = format!("{} {} {:?} {}", prepared.url, prepared.body.as_deref().unwrap_or_default(), prepared.headers, hidden.join(" "));
        let quoted = Value::from(echo.as_str());
        for body in [
            format!("{padding}{echo}"),
            format!("{}{padding}{echo}", " ".repeat(blanks)),
            format!("<html>{padding}{}{echo}", hidden.concat()),
            format!(r#"{{"success":false,"code":{code},"Flag":{code},"msg":{quoted},"Msg":{quoted},"meta":{{"success":false,"message":{quoted}}}}}"#),
            format!(r#"{{"success":false,"code":{quoted},"Flag":{quoted},"meta":{{"success":{quoted}}}}}"#),
            echo.clone(),
        ] {
            let answer = Response { status, body: body.as_bytes(), ..Response::default() };
            if let Err(error) = interpret_response(&*provider, &operation, &answer) {
                shown.extend([format!("{error} {error:?}"), serde_json::to_string(&error).expect("an error")]);
            }
        }
        let origins = vec![
            Origin { name: "TypeError".into(), code: None, message: format!("fetch failed: {echo}"), ..Origin::default() },
            Origin { name: echo.clone(), code: Some(echo.clone()), message: padding.clone() + &echo, ..Origin::default() },
        ];
        for reason in [FailureReason::Error, FailureReason::Aborted, FailureReason::Timeout] {
            let mut exchange = Exchange::new(&*provider, operation.clone(), Progress { attempts: 99, ..Progress::default() });
            if let Step::Fail(error) = exchange.step(Event::Failure { reason, origins: origins.clone(), sent: true }, &moment, 0.5) {
                shown.extend([format!("{error} {error:?}"), serde_json::to_string(&error).expect("an error")]);
            }
        }
        if let Step::Send(send) = Exchange::new(&*provider, operation.clone(), Progress::default()).step(Event::Start, &moment, 0.5) {
            shown.push(ringback::shown_url(&send.prepared.url));
            shown.push(format!("{send:?}"));
        }
        for text in &shown {
            let folded = text.to_ascii_lowercase();
            for needle in &hidden {
                prop_assert!(!folded.contains(&needle.to_ascii_lowercase()), "{} is shown in {}", needle, text);
            }
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_seven_digits_of_a_number_survive(number in a_phone_number(), scripts in vec(0..SCRIPTS.len(), 20), one_script in any::<bool>(), pieces in select(vec![vec![3, 4], vec![4, 4], vec![1; 20], vec![2; 10], vec![3, 3, 3], vec![5], vec![20]]), joint in "[ ._/,:;|~#*+·•—\u{200b}\u{200d}\u{202e}\u{2066}\u{feff}\u{ad}\n\t-]{1,3}", escape in 0..6_usize, before in "[a-z ，:\"]{0,12}", after in "[a-z ，.\"]{0,12}", is_known in any::<bool>()) {
        let mut written = String::new();
        let mut ends: Vec<usize> = pieces.iter().scan(0, |end, length| { *end += length; Some(*end) }).collect();
        // One script for all digits, or another for each digit.
        for (at, digit) in number.bytes().enumerate() {
            if ends.first() == Some(&at) {
                ends.remove(0);
                written.push_str(&joint);
            }
            let script = SCRIPTS[scripts[if one_script { 0 } else { at }]];
            written.push(script.chars().nth(usize::from(digit - b'0')).expect("a digit"));
        }
        // Three stars are the mask itself: they cannot be distinguished from stars in a number.
        prop_assume!(!joint.contains("***"));
        let text = format!("{before}{}{after}", escape_text(&written, escape));
        let redactor = if is_known { Redactor::new([""; 0]).with_numbers([&number]) } else { Redactor::new([""; 0]) };
        let shown = redactor.redact(&text);
        // The digits before and after a mask may by chance form a part of the number.
        let value = |c: char| SCRIPTS.iter().find_map(|script| script.chars().position(|digit| digit == c)).map(|value| value.to_string());
        let digits: String = unescape_text(&shown).replace("***", "x").chars().filter_map(|c| value(c).or((c == 'x').then(|| "x".to_owned()))).collect();
        for row in number.as_bytes().windows(7) {
            prop_assert!(!digits.contains(str::from_utf8(row).expect("digits")), "{} is shown as {}", text, shown);
        }
        prop_assert_eq!(redactor.redact(&shown), shown);
    }

    #[test]
    fn no_part_of_a_secret_is_shown_in_any_encoding(secret in "[A-Za-z0-9/+=&%?!~_.:;<>\"'\\\\$-]{12,40}", encodings in vec(0..10_usize, 1..4), before in "[a-z ,]{0,20}", after in "[a-z ,]{0,20}") {
        let mut encoded = secret.clone();
        // An encoding that changes the letters is applied at most once; escapes any number of times.
        let letters = encodings[0];
        encoded = match letters {
            0 => base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &encoded),
            1 => base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &encoded),
            2 => hex::encode(&encoded),
            3 => hex::encode_upper(&encoded),
            4 => encoded.chars().map(|c| char::from_u32(c as u32 + 0xfee0).expect("a full-width form")).collect(),
            5 => encoded.chars().map(String::from).collect::<Vec<_>>().join("\u{200d}"),
            6 => hex::encode(encoded.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            _ => encoded,
        };
        for escape in &encodings[1..] {
            encoded = escape_text(&encoded, escape % 6);
        }
        let redactor = Redactor::new([&secret]);
        let text = format!("{before} {encoded} {after}");
        let shown = redactor.redact(&text);
        // Only the surrounding text is left, and at most a few characters of a cut escape.
        let around = before.len() + after.len() + 2 + HIDDEN_AND_RESTS;
        prop_assert!(shown.contains("***") && shown.chars().count() <= around, "{} is shown as {}", text, shown);
        prop_assert_eq!(redactor.redact(&shown), shown);
    }

    #[test]
    fn redacting_twice_changes_nothing_more(secret in "[!-~]{6,24}", text in "\\PC{0,80}", numbers in vec("[0-9+ ().*-]{0,30}", 0..4), at in any::<Index>()) {
        let redactor = Redactor::new([&secret]).with_numbers(["13876543210", "075528000123"]);
        let places = [secret.as_str(), "138-7654-3210", "2020-03-02T17:48:15+08:00", ""];
        let once = redactor.redact(&format!("{text}{}{}", numbers.join(places[at.index(places.len())]), text));
        prop_assert_eq!(redactor.redact(&once), once);
    }

    #[test]
    fn no_time_and_no_address_is_taken_for_a_number(seconds in 0..4_102_444_800_i64, ms in 0..1000_i64, ip in any::<[u8; 4]>(), port in any::<u16>()) {
        let time = Timestamp::new(seconds * 1000 + ms, Zone::BEIJING);
        for text in [time.to_string(), time.wall_clock(), time.wall_clock().replace('-', "/"), time.compact(), format!("{}:{port}", std::net::Ipv4Addr::from(ip)), std::net::Ipv4Addr::from(ip).to_string()] {
            let text = format!("at {text}, no");
            prop_assert_eq!(Redactor::default().redact(&text), text);
        }
    }
}

/// The length of `***`, or of the start or end of a cut escape.
const HIDDEN_AND_RESTS: usize = 3;

/// Generates a mobile number, a landline with its area code, a service number or a foreign number.
fn a_phone_number() -> impl Strategy<Value = String> {
    prop_oneof![
        "1[3-9][0-9]{9}",
        "861[3-9][0-9]{9}",
        "0(10|2[0-9])[2-8][0-9]{7}",
        "0[3-9][1-9][0-9][2-8][0-9]{6,7}",
        "[48]00[0-9]{7}",
        "00852[2-9][0-9]{7}"
    ]
}

const SCRIPTS: [&str; 12] = [
    "0123456789",
    "０１２３４５６７８９",
    "٠١٢٣٤٥٦٧٨٩",
    "۰۱۲۳۴۵۶۷۸۹",
    "०१२३४५६७८९",
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "๐๑๒๓๔๕๖๗๘๙",
    "𑁦𑁧𑁨𑁩𑁪𑁫𑁬𑁭𑁮𑁯",
];

/// Escapes a text as a URL, ASCII JSON or HTML does.
fn escape_text(text: &str, kind: usize) -> String {
    let mut out = String::new();
    match kind {
        0 => out.push_str(text),
        1 => text.bytes().for_each(|byte| write!(out, "%{byte:02X}").expect("text")),
        2 => text.bytes().for_each(|byte| write!(out, "%25{byte:02X}").expect("text")),
        3 => text.encode_utf16().for_each(|unit| write!(out, "\\u{unit:04x}").expect("text")),
        4 => text.encode_utf16().for_each(|unit| write!(out, "\\\\u{unit:04x}").expect("text")),
        _ => text.chars().for_each(|c| write!(out, "&#{};", c as u32).expect("text")),
    }
    out
}

/// Undoes [`escape_text`], with the test's own code.
fn unescape_text(text: &str) -> String {
    let text = form_urlencoded::parse(text.replace("%25", "%").replace(['&', '+', '='], " ").as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect::<String>();
    let mut out = String::new();
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text.replace("\\\\", "\\");
    while let Some(first) = rest.chars().next() {
        let unit = rest.strip_prefix("\\u").and_then(|digits| u16::from_str_radix(digits.get(..4)?, 16).ok());
        if let Some(unit) = unit {
            units.push(unit);
        } else {
            out.push_str(&String::from_utf16_lossy(&std::mem::take(&mut units)));
            out.push(first);
        }
        rest.drain(..unit.map_or(first.len_utf8(), |_| 6));
    }
    out + &String::from_utf16_lossy(&units)
}

/// Generates an account at a platform, and its secret.
fn an_account() -> impl Strategy<Value = (&'static str, Value, String)> {
    let secret = "[A-Za-z0-9/+=&%?!~_.:;<>\"'\\\\$-]{9,40}";
    (a_platform(), secret).prop_map(|(name, secret)| {
        let platform = named(name);
        let mut options = serde_json::to_value(Description::of(platform).sample_account()).expect("options");
        for credential in platform.credentials.iter().filter(|credential| credential.is_secret) {
            options[credential.name] = json!(secret);
        }
        (name, options, secret)
    })
}

/// Writes a secret in the forms of a platform, a URL or a log, with other code than the core's.
fn list_disguises(secret: &str) -> Vec<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    use md5::Digest as _;
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    // The characters that a browser's encodeURIComponent does not escape.
    let component =
        ["!", "'", "(", ")", "*", "~"].iter().fold(form.clone(), |text, kept| text.replace(&format!("%{:02X}", kept.as_bytes()[0]), kept));
    let json = Value::from(secret).to_string();
    // Inside the base64 of a longer text, at each of the three offsets: without the characters that it shares with its neighbours.
    let inside = (0..3).map(|before| {
        let whole = STANDARD_NO_PAD.encode("x".repeat(before) + secret);
        whole[[0, 2, 3][before]..(before + secret.len()) * 8 / 6].to_owned()
    });
    [
        secret.to_owned(),
        form,
        component,
        json[1..json.len() - 1].to_owned(),
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        hex::encode(secret),
        hex::encode(sha1::Sha1::digest(secret)),
        hex::encode(md5::Md5::digest(secret)),
    ]
    .into_iter()
    .chain(inside)
    .collect()
}

/// Reads a push through each entry, and checks the result as JavaScript gets it: as JSON.
fn check_reading(platform: &'static Platform, bytes: &[u8], options: &PushOptions) -> TestCaseResult {
    match parse_push_bytes(platform, bytes, options) {
        Ok(push) => {
            prop_assert_eq!(push.ack.status, 200);
            let text = serde_json::to_string(&push).expect("a result");
            let read: Value = serde_json::from_str(&text).expect("the output is JSON");
            prop_assert_eq!(read["records"].as_array().map(Vec::len), Some(push.records.len()));
            for record in &push.records {
                prop_assert!(record.key.starts_with(platform.name) && record.completeness < 1 << 30);
                prop_assert!(!record.raw.as_str().is_empty());
            }
        }
        Err(error) => {
            prop_assert_eq!(error.code, ErrorCode::MalformedPush);
            prop_assert_eq!(error.nack.as_ref().map(|nack| nack.status), Some(500));
        }
    }
    let lines = LineOptions::read(platform, Options::default()).expect("defaults");
    let done = normalize_lines(platform, &lines, bytes, true, Position { line: 1, offset: 0 });
    prop_assert_eq!(done.consumed, bytes.len());
    if let Some(envelope) = std::str::from_utf8(bytes).ok().and_then(|text| Element::read(text).ok()) {
        let _ = process_push(&envelope);
    }
    Ok(())
}

/// Feeds a stream in pieces, as the driver does: unconsumed bytes are repeated before the next piece.
fn feed_stream(platform: &'static Platform, stream: &[u8], cuts: impl Iterator<Item = usize>) -> (Vec<u8>, usize) {
    let options = LineOptions::read(platform, Options::default()).expect("defaults");
    let (mut output, mut bad, mut held) = (Vec::new(), 0, Vec::new());
    let mut at = Position { line: 1, offset: 0 };
    let mut rest = stream;
    for cut in cuts {
        let (piece, after) = rest.split_at(cut.min(rest.len()));
        rest = after;
        held.extend_from_slice(piece);
        let Normalized { output: out, consumed, lines, unreadable } = normalize_lines(platform, &options, &held, rest.is_empty(), at);
        output.extend(out);
        bad += unreadable.len();
        held.drain(..consumed);
        at = Position { line: at.line + lines, offset: at.offset + consumed as u64 };
        if rest.is_empty() {
            break;
        }
    }
    assert!(held.is_empty(), "the end of the stream is consumed");
    assert_eq!(at.offset, stream.len() as u64);
    (output, bad)
}
