//! Reads many pushes: lines of NDJSON in, lines of records out, in constant memory. A line is a push's body, an envelope, a record that
//! was normalized before, or an object with an envelope as `push`.

use serde::Serialize;

use crate::charset::{self, Decoder};
use crate::json::{scan, write_json};
use crate::model::{Error, Options, Raw};
use crate::payload::Element;
use crate::provider::Platform;
use crate::receive::{self, ParsedPush, PushOptions};

const LARGEST_MAX_LINE_BYTES: i64 = 64 * 1024 * 1024;
/// No push has a longer line.
const DEFAULT_MAX_LINE_BYTES: usize = 1024 * 1024;

/// How a stream of pushes is read.
#[derive(Debug)]
pub struct LineOptions {
    push: PushOptions,
    max_line_bytes: usize,
}

impl LineOptions {
    /// Reads `normalizeStream`'s options.
    ///
    /// # Errors
    /// `invalid-argument` naming the option.
    pub fn read(platform: &Platform, mut options: Options) -> Result<Self, Error> {
        let mut known = vec!["maxLineBytes"];
        known.extend(PushOptions::NAMES);
        options.check_names("option of normalizeStream", &known)?;
        let max = options.take_integer("maxLineBytes", 1, LARGEST_MAX_LINE_BYTES)?;
        let max_line_bytes = max.and_then(|max| usize::try_from(max).ok()).unwrap_or(DEFAULT_MAX_LINE_BYTES);
        Ok(Self { push: PushOptions::take(platform, &mut options)?, max_line_bytes })
    }

    /// Sets the decoder of charsets other than UTF-8. Each line is decoded by itself, by the rule of [`Response::text`](crate::Response::text).
    #[must_use]
    pub fn with_decoder(mut self, decoder: Decoder) -> Self {
        self.push.decoder = decoder;
        self
    }
}

/// The place in the stream at which a chunk begins.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// The number of its first line, from 1.
    pub line: u64,
    /// The offset of its first byte.
    pub offset: u64,
}

/// The result of a chunk.
#[derive(Debug, Default)]
pub struct Normalized {
    /// Records, one JSON text a line.
    pub output: Vec<u8>,
    /// The bytes that were read. Put the rest before the next chunk.
    pub consumed: usize,
    /// The lines that were read.
    pub lines: u64,
    /// The lines that could not be read.
    pub unreadable: Vec<UnreadableLine>,
}

/// A line, or one record of a line's push, that could not be read.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct UnreadableLine {
    /// The line's number, counted from 1.
    pub line: u64,
    /// The byte offset in the stream at which the line begins.
    pub offset: u64,
    /// The record's position in the line's push, counted from 0.
    pub index: usize,
    /// The platform's name of the field that stopped the reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The fault, for a person.
    pub reason: String,
    /// The line, or the record's payload.
    pub raw: Raw,
}

/// Normalizes the whole lines of a chunk. With `last` nothing follows, and an unfinished line is read too.
#[must_use]
pub fn normalize_lines(platform: &Platform, options: &LineOptions, chunk: &[u8], last: bool, from: Position) -> Normalized {
    let mut done = Normalized::default();
    let mut output = String::with_capacity(chunk.len() * 3);
    loop {
        let rest = &chunk[done.consumed..];
        let (line, step) = match scan::newline(rest) {
            Some(end) => (&rest[..end], end + 1),
            None if last && !rest.is_empty() => (rest, rest.len()),
            None if rest.len() > options.max_line_bytes => (rest, rest.len()),
            None => break,
        };
        let at = Position { line: from.line + done.lines, offset: from.offset + done.consumed as u64 };
        done.read_line(platform, options, line, at, &mut output);
        done.consumed += step;
        done.lines += 1;
    }
    done.output = output.into_bytes();
    done
}

impl Normalized {
    fn read_line(&mut self, platform: &Platform, options: &LineOptions, line: &[u8], at: Position, output: &mut String) {
        let line = if at.offset == 0 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        let line = line.trim_ascii();
        if line.is_empty() {
            return;
        }
        let mut note = |index, field, reason: String, raw| {
            self.unreadable.push(UnreadableLine { line: at.line, offset: at.offset, index, field, reason, raw });
        };
        if line.len() > options.max_line_bytes {
            let reason = format!("the line is longer than {} bytes", options.max_line_bytes);
            return note(0, None, reason, Raw::text(&String::from_utf8_lossy(&line[..line.len().min(256)])));
        }
        let text = charset::text(line, None, options.push.decoder);
        match read_push(platform, options, &text, line) {
            Ok(Line::Record(record)) => {
                output.push_str(record.as_str());
                output.push('\n');
            }
            Ok(Line::Push(push)) => {
                for bad in push.unreadable {
                    note(bad.index, bad.field, bad.reason, bad.raw);
                }
                for record in &push.records {
                    write_json(output, record);
                    output.push('\n');
                }
            }
            Err(error) => note(0, None, error.to_string(), Raw::text(&text)),
        }
    }
}

/// The content of a line.
enum Line {
    Push(ParsedPush),
    /// A record that was normalized before.
    Record(Raw),
}

fn read_push(platform: &Platform, options: &LineOptions, text: &str, line: &[u8]) -> Result<Line, Error> {
    let kept = |envelope: &Element<'_>| receive::process_push_with(envelope, None, None, options.push.decoder).map(Line::Push);
    if text.starts_with('{')
        && let Ok(element) = Element::read(text)
    {
        if receive::is_envelope(&element) {
            return kept(&element);
        }
        if is_record(&element) {
            return Ok(Line::Record(element.raw()));
        }
        // A dead letter, or what `onUnreadable` got: the push and the reason. By now the push may be readable.
        if let Some(envelope) = element.json("push").and_then(|json| Element::read(json).ok())
            && receive::is_envelope(&envelope)
        {
            return kept(&envelope);
        }
        // An envelope that has lost its body is not a push.
        if receive::is_envelope_without_body(platform, &element) {
            return kept(&element);
        }
        return receive::parse_element(platform, &element, &options.push).map(Line::Push);
    }
    receive::parse_push_bytes(platform, line, &options.push).map(Line::Push)
}

/// Returns true if an object is a normalized record. No platform's push has all of these fields.
fn is_record(element: &Element<'_>) -> bool {
    ["provider", "key", "outcome", "completeness", "raw"].into_iter().all(|name| element.has(name))
}
