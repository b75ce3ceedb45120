//! A push of any platform, as JSON, a form or neither.

use ringback::{Element, ErrorCode, PushOptions, Raw};
use serde_json::value::RawValue;

use super::{Choices, is_json};

const CONTENT_TYPES: [Option<&str>; 6] = [
    None,
    Some("application/json"),
    Some("application/json; charset=utf-8"),
    Some("application/x-www-form-urlencoded"),
    Some("multipart/form-data; boundary=b"),
    Some("text/plain; charset=\"GBK\""),
];

/// The platform's name on a line of its own, content type, whether the first line is the address's query; then the body.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let Some(platform) = choices.platform() else { return };
    let content_type = choices.of(&CONTENT_TYPES);
    let has_query = choices.byte() % 2 == 1;
    let (query, body) = match choices.0.iter().position(|byte| *byte == b'\n') {
        Some(end) if has_query => (String::from_utf8_lossy(&choices.0[..end]).trim().to_owned(), &choices.0[end + 1..]),
        _ => (String::new(), choices.0),
    };
    let options = PushOptions { content_type: content_type.map(str::to_owned), query: query.clone(), ..PushOptions::default() };
    let read = ringback::parse_push_bytes(platform, body, &options);
    match &read {
        Ok(push) => {
            is_json(&serde_json::to_string(push).expect("a result"));
            for record in &push.records {
                assert!(record.key.starts_with(platform.name) && record.key.len() > platform.name.len() + 1);
                assert!(record.completeness < 1 << 30);
                if let (Some(connected), Some(ended), Some(talk)) = (record.connected_at, record.ended_at, record.talk_seconds) {
                    assert_eq!(i64::try_from(talk).expect("short"), (ended.epoch_ms() - connected.epoch_ms()) / 1000);
                }
            }
            assert!(push.unreadable.is_empty() || !push.records.is_empty() || !push.ignored.is_empty());
        }
        Err(error) => {
            assert_eq!(error.code, ErrorCode::MalformedPush);
            assert_eq!(error.nack.as_ref().map(|nack| nack.status), Some(500));
        }
    }
    reads_json_as_others_do(body);
    // Kept in an envelope, the same comes out later.
    if let Ok(text) = std::str::from_utf8(body) {
        let kept = serde_json::json!({
            "provider": platform.name, "receivedAt": "2020-03-02T09:48:17Z", "contentType": content_type, "query": query, "body": text,
        });
        let kept = kept.to_string();
        let later = ringback::process_push(&Element::read(&kept).expect("an object"));
        // A blank text in an envelope is no text.
        if !text.trim().is_empty() {
            assert_eq!(later.map(|push| push.records).ok(), read.map(|push| push.records).ok());
        }
    }
}

/// The same texts are JSON here and for `serde_json`, but for nesting beyond 500.
fn reads_json_as_others_do(body: &[u8]) {
    let Ok(text) = std::str::from_utf8(body) else { return };
    if text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() > 500 {
        return;
    }
    let is_value = Raw::new(text.to_owned()).as_str() == text;
    assert_eq!(is_value, serde_json::from_str::<&RawValue>(text).is_ok(), "{text}");
}
