//! TypeScript declarations of the types that cross the border, for the npm package. Compiled only with the feature `typescript`.

use ts_rs::{Config, TS};

use crate::bulk::UnreadableLine;
use crate::http::Method;
use crate::model::{
    Answer, Availability, Call, CallRecord, Cause, Correlation, Delivery, Direction, ErrorCode, ErrorDetail, ErrorReason, Headers, Leg,
    Operation, Origin, Outcome, Problem, Raw, RecordPage, RecordingState, Side, Status, Timestamp, UnreadableRecord,
};
use crate::provider::{Explanation, Prepared};
use crate::receive::{Ignored, ParsedPush};
use crate::route::{RouteHealth, RouteState};
use crate::signature::{Dropped, Part, Placed, Shown, SignatureTrace, Step};

/// A type as TypeScript declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The name in Rust.
    pub name: String,
    /// The doc comment in Rust, as lines of text.
    pub docs: Vec<String>,
    /// `type Name = …;`, the fields' doc comments included.
    pub text: String,
    /// Of a union of words: each with its meaning.
    pub words: Vec<(&'static str, String)>,
}

/// Every type that is generated, in the order of the generated file.
#[must_use]
pub fn declarations() -> Vec<Declaration> {
    // Every integer in the model is below 2^53: JSON has no other numbers.
    let config = Config::new().with_large_int("number");
    let mut declared = Vec::new();
    macro_rules! structs {
        ($($name:ident)*) => { $(declared.push(declaration::<$name>(stringify!($name), &config));)* };
    }
    macro_rules! unions {
        ($($name:ident)*) => { $(declared.push(Declaration {
            words: $name::ALL.iter().map(|word| (word.as_str(), word.meaning().en.to_owned())).collect(),
            ..declaration::<$name>(stringify!($name), &config)
        });)* };
    }
    structs! { CallRecord Problem Leg Outcome RecordingState }
    unions! { Status Cause Direction Side Availability }
    structs! { UnreadableRecord RecordPage UnreadableLine Ignored Answer ParsedPush Call Prepared }
    unions! { Correlation }
    structs! { SignatureTrace Dropped Shown Step Placed Explanation ErrorDetail }
    unions! { Delivery ErrorCode }
    structs! { RouteHealth }
    unions! { RouteState }
    declared.push(reasons());
    declared
}

fn declaration<T: TS>(name: &str, config: &Config) -> Declaration {
    Declaration {
        name: name.to_owned(),
        docs: T::docs().map(|docs| lines(&docs)).unwrap_or_default(),
        text: T::decl(config),
        words: Vec::new(),
    }
}

fn reasons() -> Declaration {
    let docs = "The kind of fault, finer than [`ErrorCode`]. A word never changes its meaning, so programs may compare it and translate by it; the \
                message may change with any release.";
    let words = ErrorReason::ALL.iter().map(|reason| (reason.as_str(), format!("{} {}", reason.happened().en, reason.remedy().en)));
    Declaration { name: "ErrorReason".to_owned(), docs: vec![docs.to_owned()], text: String::new(), words: words.collect() }
}

/// The lines of a `/** … */` comment.
fn lines(comment: &str) -> Vec<String> {
    let inside = comment.trim().trim_start_matches("/**").trim_end_matches("*/");
    let lines = inside.lines().map(|line| line.trim().strip_prefix('*').unwrap_or(line).trim().to_owned());
    let lines: Vec<String> = lines.collect();
    let last = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
    lines[..last].iter().skip_while(|line| line.is_empty()).cloned().collect()
}

/// Types that serialize to something simpler than their fields.
macro_rules! opaque {
    ($($name:ty => $typescript:literal)*) => {
        $(impl TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(_: &Config) -> String {
                $typescript.to_owned()
            }

            fn inline(_: &Config) -> String {
                $typescript.to_owned()
            }
        })*
    };
}

opaque! {
    Timestamp => "string"
    Raw => "unknown"
    Headers => "Record<string, string>"
    Operation => "unknown"
    Origin => "unknown"
    ErrorReason => "ErrorReason"
    Method => "string"
    Part => "string"
}
