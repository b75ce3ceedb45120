//! Checks the core against the vectors, which were written by hand from the platforms' documents.

mod common;

use std::collections::BTreeMap;

use base64::Engine as _;

use common::{HOST, differences, each, section, verdict};
use ringback::{
    Error, LineOptions, Moment, Operation, Options, Position, Prepared, Provider, PushOptions, Response, Timestamp, Value as Input, Zone,
    normalize_lines,
};
use serde_json::{Map, Value, json};

fn fields(value: &Value) -> Options {
    Options::from_json("options", &value.to_string()).expect("an object")
}

fn open(platform: &str, options: &Value) -> Result<Box<dyn Provider>, Error> {
    ringback::open_account(fields(options).with("provider", Input::Text(platform.to_owned())))
}

fn operation(provider: &dyn Provider, vector: &Value) -> Result<Operation, Error> {
    let params: Input = serde_json::from_value(vector["params"].clone()).expect("parameters");
    ringback::read_operation(provider, vector["operation"].as_str().expect("operation"), params)
}

fn moment(vector: &Value) -> Moment<'_> {
    let fresh = vector["fresh"].as_str().unwrap_or("0123456789abcdef0123456789abcdef");
    Moment::new(vector["now"].as_i64().unwrap_or(1_583_142_000_123), fresh)
}

fn prepare(platform: &str, options: &Value, vector: &Value) -> Result<Prepared, Error> {
    let provider = open(platform, options)?;
    ringback::prepare_request(&*provider, operation(&*provider, vector)?, &moment(vector))
}

/// Decodes the fields of a request with other libraries, not with the code that wrote it.
fn decode_sent_fields(prepared: &Prepared, encoding: &str) -> Value {
    let form = |text: &str| -> Value {
        form_urlencoded::parse(text.as_bytes()).map(|(k, v)| (k.into_owned(), Value::String(v.into_owned()))).collect::<Map<_, _>>().into()
    };
    let body = prepared.body.clone().unwrap_or_default();
    match encoding {
        "form" => form(&body),
        "query" => form(prepared.url.split_once('?').map_or("", |(_, query)| query)),
        "json" => serde_json::from_str(&body).unwrap_or_else(|error| json!({ "not JSON": error.to_string() })),
        "multipart" => {
            let boundary = body.lines().next().unwrap_or_default().to_owned();
            let parts = body.split(&boundary).filter_map(|part| {
                let (head, value) = part.split_once("\r\n\r\n")?;
                let name = head.split("name=\"").nth(1)?.split('"').next()?;
                Some((name.to_owned(), Value::String(value.strip_suffix("\r\n").unwrap_or(value).to_owned())))
            });
            parts.collect::<Map<_, _>>().into()
        }
        "none" => json!({}),
        other => panic!("no such encoding: {other}"),
    }
}

fn header<'a>(prepared: &'a Prepared, name: &str) -> Option<&'a str> {
    prepared.headers.0.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

#[test]
fn every_platform_has_its_vectors() {
    let written: Vec<&str> = common::FILES.iter().map(|(name, _)| *name).collect();
    let registered: Vec<&str> = ringback::descriptions().iter().map(|platform| platform.name).collect();
    assert_eq!(written, registered, "FILES in tests/common/mod.rs against the registry in src/provider/mod.rs");
}

#[test]
fn requests_are_what_the_documents_say() {
    each(&section("requests"), |platform, vector| {
        let prepared = prepare(platform, &vector["options"], vector).map_err(|error| format!("{error:?}"))?;
        let expected = &vector["request"];
        let encoding = expected["encoding"].as_str().unwrap_or("none");
        let mut list = if expected["fields"].is_null() {
            // A vector without fields is allowed only if the request has no body.
            if prepared.body.is_some() { vec!["the request has a body, and the vector has no fields".to_owned()] } else { Vec::new() }
        } else {
            differences(&expected["fields"], &decode_sent_fields(&prepared, encoding), true)
        };
        let url = if encoding == "query" { prepared.url.split('?').next().unwrap_or_default() } else { &prepared.url };
        list.extend(differences(
            &json!({ "method": expected["method"], "url": expected["url"] }),
            &json!({ "method": prepared.method, "url": url }),
            false,
        ));
        for (name, value) in expected["headers"].as_object().into_iter().flatten() {
            let found = header(&prepared, name);
            if found != value.as_str() {
                list.push(format!("header {name}: expected {value}, found {found:?}"));
            }
        }
        verdict(list)
    });
}

#[test]
fn explain_shows_the_canonical_string_with_secrets_and_numbers_masked() {
    let vectors: Vec<_> = section("requests").into_iter().filter(|(_, vector)| vector["canonical"].is_string()).collect();
    assert!(vectors.len() >= 52, "the canonical strings are not read");
    each(&vectors, |platform, vector| {
        let provider = open(platform, &vector["options"]).map_err(|error| error.to_string())?;
        let trace =
            ringback::explain_signature(&*provider, operation(&*provider, vector).map_err(|error| error.to_string())?, &moment(vector));
        let trace = serde_json::to_value(trace.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        let text = trace.to_string();
        let mut hidden = provider.secrets();
        hidden.extend(["caller", "callee", "phone"].into_iter().filter_map(|name| vector["params"][name].as_str()).map(Into::into));
        if let Some(seen) = hidden.into_iter().find(|hidden| hidden.len() > 2 && text.contains(&**hidden)) {
            return Err(format!("{seen} is shown in {text}"));
        }
        if let Some(sign) = vector["sign"].as_str()
            && !text.contains(sign)
        {
            return Err(format!("the signature {sign} is not in {text}"));
        }
        let expected = mask_canonical(vector)?;
        if trace["canonical"] == expected.as_str() { Ok(()) } else { Err(format!("expected {expected}, found {}", trace["canonical"])) }
    });
}

/// Checks whether a message begins with the field's path (`dialect.signature`), or is the sentence about an operation that the platform lacks.
fn names_field(error: &Error, field: &str) -> bool {
    if error.code == ringback::ErrorCode::Unsupported {
        return error.message.contains(field);
    }
    let named = error.message.split(": ").next().unwrap_or_default();
    named == field || named.rsplit_once('.').is_some_and(|(_, last)| last == field)
}

/// Masks the vector's canonical string by the rules of `explain`. A number keeps its first three and last four characters (below eleven
/// characters the first and last two, below seven the last one), a push address keeps its host, a secret keeps nothing.
fn mask_canonical(vector: &Value) -> Result<String, String> {
    let mut shown = vector["canonical"].as_str().unwrap_or_default().to_owned();
    let account = if vector["options"].is_object() { &vector["options"] } else { &vector["credentials"] };
    let fields = if vector["request"].is_object() { &vector["request"]["fields"] } else { &vector["fields"] };
    let mut hide = |whole: &str, mask: &str| {
        let parts = if shown.contains(whole) { shown.split(whole).count() } else { 0 };
        shown = shown.replace(whole, mask);
        parts
    };
    for name in ["callerNbr", "calleeNbr", "telA", "telB"] {
        let Some(number) = fields[name].as_str() else { continue };
        let (head, tail) = match number.len() {
            11.. => (3, 4),
            7..=10 => (2, 2),
            _ => (0, 1),
        };
        let mask = format!("{}{}{}", &number[..head], "*".repeat(number.len() - head - tail), &number[number.len() - tail..]);
        if hide(number, &mask) == 0 {
            return Err(format!("{name} is not in the vector's canonical string"));
        }
    }
    for value in vector["params"]["extra"].as_object().into_iter().flat_map(|extra| extra.values()) {
        let value = value.as_str().unwrap_or_default();
        if value.len() == 11 && value.bytes().all(|byte| byte.is_ascii_digit()) {
            hide(value, &format!("{}****{}", &value[..3], &value[7..]));
        }
    }
    for name in ["return_url", "retrun_url"] {
        let Some(url) = fields[name].as_str() else { continue };
        let host = url.split('/').nth(2).unwrap_or_default();
        if hide(url, &format!("{host}/***")) + hide(&url.to_lowercase(), &format!("{host}/***")) == 0 {
            return Err(format!("{name} is not in the vector's canonical string"));
        }
    }
    // mixcom adds the secret to the string later.
    if vector["canonical"].as_str().is_some_and(|text| text.contains("appsecret=")) {
        let secret = account["appSecret"].as_str().unwrap_or_default();
        if hide(&format!("appsecret={secret}"), "appsecret=***") + hide(&format!("appsecret={}", secret.to_lowercase()), "appsecret=***")
            == 0
        {
            return Err("the secret is not in the vector's canonical string".to_owned());
        }
    }
    Ok(shown)
}

#[test]
fn bad_input_is_refused_before_anything_is_sent() {
    each(&section("refusals"), |platform, vector| {
        let error = match prepare(platform, &vector["options"], vector) {
            Ok(prepared) => return Err(format!("the input was accepted: {}", prepared.url)),
            Err(error) => error,
        };
        let mut expected = vector["error"].clone();
        let field = expected.as_object_mut().and_then(|error| error.remove("field"));
        let mut list = differences(&expected, &serde_json::to_value(&error).expect("an error"), false);
        if error.delivery.as_str() != "not-sent" {
            list.push(format!("delivery is {} instead of not-sent", error.delivery.as_str()));
        }
        if let Some(field) = field.as_ref().and_then(Value::as_str)
            && !names_field(&error, field)
        {
            list.push(format!("{field} is not named in: {} ({:?})", error.message, error.hint));
        }
        if error.hint.as_deref().unwrap_or_default().is_empty() {
            list.push("no hint".to_owned());
        }
        verdict(list)
    });
}

#[test]
fn answers_are_interpreted_as_the_documents_say() {
    each(&section("answers"), |platform, vector| {
        let provider = open(platform, &vector["options"]).map_err(|error| error.to_string())?;
        let operation = operation(&*provider, vector).map_err(|error| error.to_string())?;
        let prepared = ringback::prepare_request(&*provider, operation, &moment(vector)).map_err(|error| error.to_string())?;
        let body = vector["response"]["body"].as_str().unwrap_or_default();
        let header = |name: &str| vector["response"]["headers"][name].as_str().map(str::to_owned);
        let response = Response {
            status: u16::try_from(vector["response"]["status"].as_u64().unwrap_or(0)).unwrap_or(0),
            content_type: header("content-type"),
            retry_after: header("retry-after"),
            location: header("location"),
            date: header("date"),
            received_ms: vector["now"].as_i64(),
            body: body.as_bytes(),
            decoder: HOST,
        };
        match (ringback::interpret_response(&*provider, &prepared.params, &response), vector.get("error")) {
            (Ok(result), None) => {
                let mut found = serde_json::to_value(result).map_err(|error| error.to_string())?;
                for record in found.get_mut("records").and_then(Value::as_array_mut).into_iter().flatten() {
                    take_raw(record);
                }
                verdict(differences(&vector["result"], &found, false))
            }
            (Err(error), Some(expected)) => {
                let found = serde_json::to_value(&error).map_err(|error| error.to_string())?;
                verdict(differences(expected, &found, false)).map_err(|why| format!("{why} ({})", error.message))
            }
            (Ok(result), Some(expected)) => Err(format!("expected {expected}, found {result:?}")),
            (Err(error), None) => Err(format!("expected {}, found {error:?}", vector["result"])),
        }
    });
}

/// Removes `raw`, and the reasons of problems, of which only the field is compared; a reason must not be empty.
fn take_raw(record: &mut Value) -> Option<Value> {
    let record = record.as_object_mut()?;
    for problem in record.get_mut("problems").and_then(Value::as_array_mut).into_iter().flatten() {
        let reason = problem.as_object_mut().and_then(|problem| problem.remove("reason"));
        assert!(reason.as_ref().and_then(Value::as_str).is_some_and(|reason| reason.len() > 10), "{problem}: {reason:?}");
    }
    record.remove("completeness");
    record.remove("raw")
}

#[test]
fn pushes_become_records_and_the_answer_the_platform_expects() {
    each(&section("pushes"), |platform, vector| {
        let platform = ringback::find_platform(platform).map_err(|error| error.to_string())?;
        let mut given = if vector["options"].is_object() { fields(&vector["options"]) } else { Options::default() };
        for name in ["contentType", "query"] {
            if let Some(text) = vector[name].as_str() {
                given = given.with(name, Input::Text(text.to_owned()));
            }
        }
        let mut options = PushOptions::read(platform, given).map_err(|error| error.to_string())?;
        options.decoder = HOST;
        let empty = json!([]);
        let expected = |name: &str| vector.get(name).unwrap_or(&empty).clone();
        match (ringback::parse_push(platform, vector["body"].as_str().unwrap_or_default(), &options), vector.get("error")) {
            (Ok(push), None) => {
                let mut found = serde_json::to_value(push).map_err(|error| error.to_string())?;
                let raws: Vec<Value> = found["records"].as_array_mut().into_iter().flatten().filter_map(take_raw).collect();
                let mut list = differences(&expected("records"), &found["records"], true);
                list.extend(differences(&expected("ignored"), &found["ignored"], false));
                list.extend(differences(&expected("unreadable"), &found["unreadable"], false));
                if vector["raw"].is_array() {
                    list.extend(differences(&vector["raw"], &Value::Array(raws), true).into_iter().map(|why| format!("raw{why}")));
                }
                for name in ["ack", "nack"] {
                    if vector[name].is_object() {
                        list.extend(differences(&vector[name], &found[name], false).into_iter().map(|why| format!("{name}{why}")));
                    }
                }
                verdict(list)
            }
            (Err(error), Some(expected)) => {
                let mut list = differences(expected, &serde_json::to_value(&error).map_err(|error| error.to_string())?, false);
                if error.nack.is_none() {
                    list.push("the error has no nack".to_owned());
                }
                verdict(list)
            }
            (Ok(push), Some(expected)) => Err(format!("expected {expected}, found {push:?}")),
            (Err(error), None) => Err(error.to_string()),
        }
    });
}

#[test]
fn codes_have_the_documents_own_texts() {
    each(&section("codes"), |platform, vector| {
        let explanation =
            ringback::explain_code(platform, vector["code"].as_str().unwrap_or_default()).map_err(|error| error.to_string())?;
        let mut list = differences(vector, &with_code(serde_json::to_value(&explanation).expect("plain"), vector), false);
        if explanation.advice.is_empty() || explanation.message_en.is_empty() {
            list.push("no advice or no English words".to_owned());
        }
        verdict(list)
    });
}

fn with_code(mut found: Value, vector: &Value) -> Value {
    for name in ["code", "name", "source"] {
        found[name] = vector[name].clone();
    }
    found
}

#[test]
fn the_shared_signature_vectors_match_field_by_field() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/signatures.json")).expect("signatures.json");
    assert_eq!(vectors.len(), 15);
    let mut canonical = 0;
    for vector in vectors {
        let platform = vector["provider"].as_str().expect("provider");
        let prepared = prepare(platform, &vector["credentials"], &vector).unwrap_or_else(|error| panic!("{vector}: {error}"));
        if vector["canonical"].is_string() {
            let provider = open(platform, &vector["credentials"]).expect("an account");
            let trace = ringback::explain_signature(&*provider, operation(&*provider, &vector).expect("an operation"), &moment(&vector));
            assert_eq!(trace.expect("a trace").canonical, Some(mask_canonical(&vector).expect("a mask")), "{vector}");
            canonical += 1;
        }
        if let Some(authorization) = vector["authorization"].as_str() {
            assert_eq!(header(&prepared, "authorization"), Some(authorization), "{vector}");
        } else if vector.get("authorization").is_some() {
            assert_eq!(header(&prepared, "authorization"), None, "{vector}");
        }
        if vector["fields"].is_object() {
            let encoding = match (platform, vector["operation"].as_str()) {
                ("dingxin", Some("recording")) => "query",
                ("mixcom" | "dingxin", _) => "form",
                ("quanmayun" | "cyjcloud" | "seatcall", _) => "json",
                other => panic!("no encoding is written here for {other:?}"),
            };
            assert_eq!(differences(&vector["fields"], &decode_sent_fields(&prepared, encoding), true), Vec::<String>::new(), "{vector}");
        }
        if platform == "cyjcloud" {
            assert!(prepared.url.ends_with(&format!("?sig={}", vector["sign"].as_str().expect("sign"))), "{}", prepared.url);
        }
    }
    assert_eq!(canonical, 7);
}

#[test]
fn phone_numbers_are_read_in_any_usual_spelling() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/phone.json")).expect("phone.json");
    let mut failures = Vec::new();
    for vector in &vectors {
        let input = vector["input"].as_str().expect("input");
        let number = ringback::PhoneNumber::parse("caller", input);
        let mut found: BTreeMap<&str, Value> = BTreeMap::from([("e164", json!(ringback::e164(input)))]);
        if let Ok(number) = &number {
            found.insert("national", json!(number.national()));
            found.insert("seatcall", json!(number.with_country_code()));
        }
        let expects_error = !vector["error"].is_null() && vector["error"] != json!(false);
        let mut list: Vec<String> = ["national", "seatcall", "e164"]
            .into_iter()
            .filter_map(|name| vector.get(name).map(|expected| (name, expected)))
            .filter(|(name, expected)| found.get(name).unwrap_or(&Value::Null) != *expected)
            .map(|(name, expected)| format!("{name}: expected {expected}, found {:?}", found.get(name)))
            .collect();
        if number.is_err() != expects_error {
            list.push(format!("{number:?}"));
        }
        // The hint contains example numbers, so only the message is checked.
        if let Err(error) = &number
            && input.len() > 6
            && error.message.replace(error.hint.as_deref().unwrap_or_default(), "").contains(input)
        {
            list.push("the message shows the number".to_owned());
        }
        if let (Err(error), Some(reason)) = (&number, vector["reason"].as_str())
            && error.reason.as_str() != reason
        {
            list.push(format!("expected {reason}, found {}", error.reason.as_str()));
        }
        if let (Err(error), Some(says)) = (&number, vector["says"].as_str())
            && !error.message.contains(says)
        {
            list.push(format!("expected {says:?} in {:?}", error.message));
        }
        if !list.is_empty() {
            failures.push(format!("{input:?}: {}", list.join("; ")));
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), vectors.len(), failures.join("\n"));
}

/// Reads the bytes as a push, in an envelope in hex, beside an envelope, and as a line of a stream.
#[test]
fn bytes_are_read_by_the_same_rule_from_every_source() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/bytes.json")).expect("bytes.json");
    let dingxin = ringback::find_platform("dingxin").expect("dingxin");
    let mut failures = Vec::new();
    for vector in &vectors {
        let body = base64::engine::general_purpose::STANDARD.decode(vector["base64"].as_str().expect("base64")).expect("base64");
        let content_type = vector["contentType"].as_str().map(str::to_owned);
        let options = PushOptions { content_type: content_type.clone(), decoder: HOST, ..PushOptions::default() };
        let push = ringback::parse_push_bytes(dingxin, &body, &options).unwrap_or_else(|error| panic!("{vector}: {error}"));
        let read = |push: &ringback::ParsedPush| push.records[0].outcome.message.clone();
        if read(&push).as_deref() != vector["message"].as_str() || push.records[0].call_id.as_deref() != Some("1") {
            failures.push(format!("{vector}: {:?}", read(&push)));
        }
        let mut envelope = json!({ "provider": "dingxin", "receivedAt": "2020-03-02T09:40:00Z", "bodyHex": hex::encode(&body) });
        if let Some(content_type) = content_type {
            envelope["contentType"] = content_type.into();
        }
        let line_options = LineOptions::read(dingxin, Options::default()).expect("defaults").with_decoder(HOST);
        let line = normalize_lines(dingxin, &line_options, envelope.to_string().as_bytes(), true, Position { line: 1, offset: 0 });
        let of_line: Value = serde_json::from_slice(&line.output).unwrap_or_else(|error| panic!("{vector}: {error} {:?}", line.unreadable));
        if of_line != serde_json::to_value(&push.records[0]).expect("JSON") {
            failures.push(format!("{vector}: its envelope gives {of_line}"));
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), vectors.len(), failures.join("\n"));
    assert!(vectors.len() > 30);
}

#[test]
fn times_are_instants() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/time.json")).expect("time.json");
    let mut failures = Vec::new();
    for vector in &vectors {
        let zone = Zone::parse("timeZone", vector["timeZone"].as_str().unwrap_or("+08:00"));
        // Read through a push, where blank and zero times count as absent.
        let found = match &zone {
            Err(_) => "error".to_owned(),
            Ok(zone) => {
                let body = json!({ "subid": "1", "startTime": vector["input"] }).to_string();
                let options = PushOptions { zone: *zone, ..PushOptions::default() };
                match ringback::parse_push(ringback::find_platform("dingxin").expect("dingxin"), &body, &options) {
                    Ok(push) => {
                        let record = &push.records[0];
                        let is_named = record.problems.iter().any(|problem| problem.field == "startTime");
                        let missing = if is_named { "error" } else { "absent" };
                        record.started_at.map_or(missing.to_owned(), |at: Timestamp| at.to_string())
                    }
                    Err(error) => error.to_string(),
                }
            }
        };
        let expected = match (vector["iso"].as_str(), vector["absent"].as_bool()) {
            (Some(iso), _) => iso,
            (None, Some(true)) => "absent",
            _ => "error",
        };
        if found != expected {
            failures.push(format!("{vector}: found {found}"));
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), vectors.len(), failures.join("\n"));
}
