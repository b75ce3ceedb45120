//! Lines of NDJSON, cut at chunk borders that the input chooses.

use ringback::{LineOptions, Normalized, Options, Platform, Position, normalize_lines};

use super::{Choices, is_json};

/// The platform's name on a line of its own, longest line, number of cuts, the cuts; then the stream.
pub fn check(input: &[u8]) {
    let mut choices = Choices(input);
    let Some(platform) = choices.platform() else { return };
    let count = usize::from(choices.byte() % 16);
    let cuts: Vec<usize> = (0..count).map(|_| usize::from(choices.byte()) + 1).collect();
    let stream = choices.0;
    let whole = read(platform, stream, [stream.len().max(1)].into_iter().cycle());
    let pieces = read(platform, stream, cuts.into_iter().chain([1, 2, 7]).cycle());
    assert_eq!(whole, pieces, "{}", String::from_utf8_lossy(stream));
    for line in std::str::from_utf8(&whole.0).expect("text").lines() {
        let record = is_json(line);
        assert!(record.is_null() || record["key"].as_str().is_some_and(|key| !key.is_empty()), "{line}");
    }
}

type Read = (Vec<u8>, Vec<(u64, u64, usize, String)>, u64);

/// As the driver feeds it: what was not consumed comes again before the next piece.
fn read(platform: &Platform, stream: &[u8], cuts: impl Iterator<Item = usize>) -> Read {
    let options = LineOptions::read(platform, Options::default()).expect("defaults");
    let (mut output, mut bad, mut held) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = Position { line: 1, offset: 0 };
    let mut rest = stream;
    for cut in cuts {
        let (piece, after) = rest.split_at(cut.min(rest.len()));
        rest = after;
        held.extend_from_slice(piece);
        let Normalized { output: out, consumed, lines, unreadable } = normalize_lines(platform, &options, &held, rest.is_empty(), at);
        output.extend(out);
        bad.extend(unreadable.into_iter().map(|line| (line.line, line.offset, line.index, line.reason)));
        held.drain(..consumed);
        at = Position { line: at.line + lines, offset: at.offset + consumed as u64 };
        if rest.is_empty() {
            break;
        }
    }
    assert!(held.is_empty() && at.offset == stream.len() as u64, "the whole stream is consumed");
    (output, bad, at.line)
}
