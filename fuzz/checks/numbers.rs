//! Phone numbers, times and zones in any spelling.

use ringback::{PhoneNumber, Timestamp, Zone};

use super::Choices;

/// The minutes of the zone; then the text, read as a number, a time and a zone.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let minutes = i64::from(choices.byte()) * 7 % (14 * 60);
    let sign = if choices.byte() % 2 == 0 { '+' } else { '-' };
    let text = choices.text();
    let zone = Zone::parse("timeZone", &format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)).expect("a zone");
    number(&text);
    time(&text, zone);
    if let Err(error) = Zone::parse("timeZone", &text) {
        assert!(error.message.contains("timeZone"));
    }
}

fn number(text: &str) {
    let shown = ringback::mask_number(text);
    assert_eq!(shown.chars().count(), text.chars().count(), "a mask is as long as what it hides");
    if let Some(whole) = ringback::e164(text) {
        assert!(whole.starts_with('+') && whole[1..].bytes().all(|byte| byte.is_ascii_digit()) && whole.len() <= 16, "{whole}");
        assert_eq!(ringback::e164(&whole).as_ref(), Some(&whole), "{text}");
    }
    if let Some(national) = ringback::to_national(text) {
        assert!(national.len() >= 10 && national.bytes().all(|byte| byte.is_ascii_digit()), "{text}: {national}");
    }
    match PhoneNumber::parse("caller", text) {
        Ok(number) => {
            assert!((3..=20).contains(&number.national().len()) && number.national().bytes().all(|byte| byte.is_ascii_digit()));
            let again = PhoneNumber::parse("caller", number.national()).expect("what was given out is taken");
            assert_eq!((again.national(), again.with_country_code()), (number.national(), number.with_country_code()), "{text}");
        }
        // A number is never repeated where it is wrong, not even a short one.
        Err(error) => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let wrong = error.message.split("; ").next().unwrap_or_default();
            assert!(digits.len() < 5 || !wrong.contains(&digits), "{error}");
        }
    }
}

fn time(text: &str, zone: Zone) {
    let Some(time) = Timestamp::parse(text, zone) else { return };
    let written = time.to_string();
    // Years 1 to 9999 have a spelling; a Unix time may lie before.
    if !written.starts_with("0000") {
        assert_eq!(Timestamp::parse(&written, Zone::UTC).map(Timestamp::epoch_ms), Some(time.epoch_ms()), "{text}: {written}");
        assert_eq!(Timestamp::parse_with_offset("from", &written, zone), Ok(time));
    }
    assert_eq!(written.len(), if time.epoch_ms().rem_euclid(1000) == 0 { 25 } else { 29 }, "{written}");
    assert_eq!((time.wall_clock().len(), time.compact().len(), time.utc().len()), (19, 14, 20));
}
