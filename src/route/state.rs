//! Reads the state of a router and of its dials. JavaScript keeps both between two steps.

use super::{AttemptEnd, Failed, MOST_ROUTES, RouterHealth, Routing};
use crate::model::{Delivery, ErrorCode, ErrorReason, Options, Value};

impl RouterHealth {
    /// Reads the serialized form of this type. Unreadable parts count as no failure.
    #[must_use]
    pub fn from_value(value: Value) -> Self {
        let mut given = Options::from_value(value).unwrap_or_default();
        let Value::List(failures) = given.take("failures") else { return Self::default() };
        let failures = failures.into_iter().take(MOST_ROUTES).map(Failed::from_value).collect();
        Self { failures, trials: to_integer(&given.take("trials")).unwrap_or(0) }
    }
}

impl Failed {
    fn from_value(value: Value) -> Option<Self> {
        let Value::Object(mut given) = value else { return None };
        let Value::Text(reason) = given.take("reason") else { return None };
        let mut number = |name| to_integer(&given.take(name));
        Some(Self { at: number("at")?, reason: ErrorReason::named(&reason)?, trial: number("trial")? })
    }
}

impl Routing {
    /// Reads the serialized form of this type. A missing value is a new dial. An unreadable one is a dial that is over: it may have rung a
    /// phone, so nothing more is tried.
    #[must_use]
    pub fn from_value(value: Value) -> Self {
        match value {
            Value::Absent => Self::default(),
            Value::Object(given) => Self::read(given).unwrap_or_else(Self::over),
            _ => Self::over(),
        }
    }

    fn over() -> Self {
        Self { is_over: true, ..Self::default() }
    }

    fn read(mut given: Options) -> Option<Self> {
        let index = |value: &Value| to_integer(value).and_then(|at| usize::try_from(at).ok()).filter(|at| *at < MOST_ROUTES);
        let Value::List(tried) = given.take("tried") else { return None };
        let tried = tried.iter().map(index).collect::<Option<_>>()?;
        let trial = to_integer(&given.take("trial"))?;
        let mut flag = |name| if let Value::Bool(flag) = given.take(name) { Some(flag) } else { None };
        Some(Self { tried, is_running: flag("isRunning")?, trial, is_over: flag("isOver")? })
    }
}

impl AttemptEnd {
    /// Reads the end of an attempt: the error's three words; without them the dial was accepted. Words that are not known are a defect of
    /// the library, after which nothing is tried.
    #[must_use]
    pub fn from_words(delivery: Option<&str>, code: Option<&str>, reason: Option<&str>) -> Self {
        let (None, None, None) = (delivery, code, reason) else {
            let find_code = |word| ErrorCode::ALL.iter().copied().find(|code| code.as_str() == word);
            return Self::Failed {
                delivery: match delivery {
                    Some("not-sent") => Delivery::NotSent,
                    Some("refused") => Delivery::Refused,
                    _ => Delivery::Unknown,
                },
                code: code.and_then(find_code).unwrap_or(ErrorCode::Internal),
                reason: reason.and_then(ErrorReason::named).unwrap_or(ErrorReason::Defect),
            };
        };
        Self::Accepted
    }
}

fn to_integer(value: &Value) -> Option<i64> {
    if let Value::Integer(number) = value { Some(*number) } else { None }
}
