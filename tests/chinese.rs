//! Tests that every text for people has its Chinese beside the English.

use std::collections::BTreeSet;

use ringback::{
    Availability, Cause, Correlation, Delivery, Description, Direction, ErrorCode, ErrorReason, Moment, Options, PLATFORMS, Side, Status,
    Text, Value, descriptions, explain_signature, hints, open_account, read_operation, shared_captions,
};

/// Checks that a text is there in both languages, and that the Chinese is Chinese: most of what is not a name, a value or a number.
fn assert_written(place: &str, text: Text) {
    assert!(!text.en.is_empty(), "{place} has no English text");
    assert!(is_chinese(text.zh), "{place} is not in Chinese: {:?}", text.zh);
    assert_eq!(text.zh, text.zh.trim(), "{place}");
}

/// Names and values stand between backticks. Outside of them no more than two English words follow each other.
fn is_chinese(text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    let words: String = text.split('`').step_by(2).collect::<Vec<_>>().join("，");
    let mut run = 0;
    for word in words.split(' ') {
        let is_english = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        run = if is_english { run + 1 } else { 0 };
        if run > 2 {
            return false;
        }
    }
    // A value may be all that there is to say.
    words.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)) || words.chars().all(|letter| "，。、".contains(letter))
}

#[test]
fn an_english_sentence_is_not_chinese() {
    for text in ["", "Pass a shorter text.", "请 pass the whole address。", "Nothing to do"] {
        assert!(!is_chinese(text), "{text}");
    }
    for text in ["请传入 `pass the whole address`。", "取密钥的 SHA-1，十六进制小写", "`13800000001`、`075528000123`。"] {
        assert!(is_chinese(text), "{text}");
    }
}

#[test]
fn every_reason_and_word_has_its_chinese() {
    let mut happened = BTreeSet::new();
    for reason in ErrorReason::ALL {
        for text in [reason.happened(), reason.remedy()] {
            assert_written(reason.as_str(), text);
            assert!(text.zh.ends_with('。'), "{}: {}", reason.as_str(), text.zh);
        }
        assert!(happened.insert(reason.happened().zh), "two reasons say: {}", reason.happened().zh);
    }
    macro_rules! words {
        ($($name:ident)*) => { $(for word in $name::ALL {
            assert_written(word.as_str(), word.meaning());
            assert!(word.meaning().zh.ends_with('。'), "{}", word.as_str());
        })* };
    }
    words! { Status Cause Direction Side Availability Correlation Delivery ErrorCode }
}

#[test]
fn every_text_of_a_description_has_its_chinese() {
    for platform in descriptions() {
        let Description { name, .. } = platform;
        assert_eq!(platform.doc.en.is_empty(), platform.doc.zh.is_empty(), "{name}");
        for row in platform.credentials.iter().chain(&platform.options).chain(&platform.dial_fields) {
            assert_written(&format!("{name}.{}", row.name), row.doc);
            assert_written(&format!("the hint of {name}.{}", row.name), row.hint);
        }
        for option in &platform.dialect {
            assert_written(&format!("{name}.{}", option.name), option.doc);
            option.value_docs.iter().for_each(|doc| assert_written(&format!("{name}.{}", option.name), *doc));
        }
        for code in &platform.reasons {
            assert_written(&format!("{name} {}", code.item.code), Text { en: code.item.advice, zh: code.advice_zh });
        }
        for code in platform.refusals {
            assert_written(&format!("{name} {}", code.item.code), Text { en: code.item.advice, zh: code.advice_zh });
        }
        platform.captions.iter().for_each(|caption| assert_written(name, *caption));
        platform.notes.iter().for_each(|note| assert_written(name, note.text));
        for (reason, hint) in platform.advice {
            assert_written(&format!("{name} {}", reason.as_str()), *hint);
        }
    }
    for (name, hint) in hints() {
        assert_written(name, hint);
    }
}

/// The tables with the Chinese are those that the program reads.
#[test]
fn the_codes_and_hints_of_a_platform_are_those_of_its_documentation() {
    for platform in PLATFORMS {
        let described = Description::of(platform);
        let own: Vec<&str> = platform.reasons.iter().copied().flatten().map(|reason| reason.code).collect();
        assert_eq!(described.reasons.iter().map(|code| code.item.code).collect::<Vec<_>>(), own, "{}", platform.name);
        let own: Vec<&str> = platform.refusals.iter().map(|refusal| refusal.code).collect();
        assert_eq!(described.refusals.iter().map(|code| code.item.code).collect::<Vec<_>>(), own, "{}", platform.name);
        let fixed = [(ErrorReason::Authentication, platform.advice.authentication), (ErrorReason::Forbidden, platform.advice.forbidden)];
        for (reason, hint) in fixed.into_iter().chain(platform.advice.words.iter().map(|(_, reason, hint)| (*reason, *hint))) {
            assert!(
                described.advice.iter().any(|(known, _)| *known == reason),
                "{}: {} has no Chinese: {hint}",
                platform.name,
                reason.as_str()
            );
        }
    }
}

#[test]
fn every_step_of_every_signature_has_its_chinese() {
    let shared = shared_captions();
    let mut seen = BTreeSet::new();
    for platform in descriptions() {
        let captions: Vec<&str> = platform.captions.iter().chain(&shared).map(|caption| caption.en).collect();
        let choices = platform.dialect.iter().flat_map(|option| option.values.iter().map(move |value| (option.name, *value)));
        for choice in choices.map(Some).chain([None]) {
            let mut options = platform.sample_account();
            if let Some((name, value)) = choice {
                options = options.with("dialect", Value::Object(Options::default().with(name, Value::Text(value.to_owned()))));
            }
            let provider = open_account(options).expect("an account");
            for kind in platform.operations {
                let parameters = platform.sample_parameters(*kind);
                let operation = read_operation(&*provider, kind.as_str(), parameters).expect("an operation");
                let moment = Moment::new(1_583_142_000_123, "0123456789abcdef0123456789abcdef");
                let trace = explain_signature(&*provider, operation, &moment).expect("a trace");
                for said in trace.steps.iter().map(|step| step.action).chain(trace.dropped.iter().map(|dropped| dropped.reason)) {
                    assert!(captions.contains(&said), "{} {}: no Chinese for {said}", platform.name, kind.as_str());
                    seen.insert((platform.name, said));
                }
            }
        }
        for caption in platform.captions {
            assert!(seen.contains(&(platform.name, caption.en)), "{}: nothing says {}", platform.name, caption.en);
        }
    }
}
