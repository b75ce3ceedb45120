//! Reads the hostile JSON of `json/hostile.json`: valid JSON by RFC 8259 is read and invalid JSON is refused. Each exception has its reason
//! in that file.

use base64::Engine as _;
use ringback::PushOptions;
use serde_json::Value;
use serde_json::value::RawValue;

/// Builds a push with the case in an unused field, or returns the case itself if it is a whole body.
fn body(case: &Value) -> Vec<u8> {
    let value = if let Some(encoded) = case["base64"].as_str() {
        base64::engine::general_purpose::STANDARD.decode(encoded).expect("base64")
    } else if let [open, close, times, inner] = case["nest"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let times = usize::try_from(times.as_u64().expect("a count")).expect("small");
        let text = |part: &Value| part.as_str().expect("text").to_owned();
        (text(open).repeat(times) + &text(inner) + &text(close).repeat(times)).into_bytes()
    } else {
        case["json"].as_str().expect("a case").as_bytes().to_vec()
    };
    if case["whole"] == true { value } else { [br#"{"subid":"1","x":"#, value.as_slice(), b"}"].concat() }
}

#[test]
fn hostile_json_is_read_or_refused_as_the_rfc_says() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("json/hostile.json")).expect("a list");
    let dingxin = ringback::find_platform("dingxin").expect("dingxin");
    let (mut failures, mut differences) = (Vec::new(), 0);
    for case in &cases {
        let body = body(case);
        let read = ringback::parse_push_bytes(dingxin, &body, &PushOptions::default());
        let expected = case["here"].as_bool().or(case["valid"].as_bool()).expect("a verdict");
        if case["here"] != case["valid"] && !case["here"].is_null() {
            differences += 1;
            assert!(case["why"].as_str().is_some_and(|why| why.len() > 20), "{case}: a difference needs its reason");
        }
        let call_id = read.as_ref().ok().and_then(|push| push.records.first()?.call_id.clone());
        if read.is_ok() != expected || case["callId"].as_str().is_some_and(|id| call_id.as_deref() != Some(id)) {
            failures.push(format!("{}: {:?}", case["name"], read.map(|_| call_id)));
            continue;
        }
        if let Ok(push) = read {
            // The payload that is passed on must be valid JSON.
            let raw = push.records[0].raw.as_str();
            if serde_json::from_str::<&RawValue>(raw).is_err() {
                failures.push(format!("{}: its payload is not JSON: {raw}", case["name"]));
            }
        }
        // serde_json, an independent reader, must agree with the vectors on validity.
        if std::str::from_utf8(&body).is_ok_and(|text| serde_json::from_str::<&RawValue>(text).is_ok() != (case["valid"] == true)) {
            failures.push(format!("{}: serde_json disagrees", case["name"]));
        }
    }
    println!("{} cases, {differences} of them with a reasoned difference", cases.len());
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), cases.len(), failures.join("\n"));
    assert!(cases.len() > 400, "the list of cases is incomplete");
}
