//! The core natively, in one thread. What is measured is done `count` times, so that two counts tell what one costs.
//!
//! `ringback-bench sign PLATFORM COUNT` signs dials, and `ringback-bench lines PLATFORM COUNT OFFSET FILE` normalizes the lines of a
//! file, which begin at that offset of their stream.

use std::hint::black_box;
use std::io::{Write as _, stdout};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use ringback::{
    Description, LineOptions, Moment, OperationKind, Options, Position, Provider, Value, find_platform, normalize_lines, open_account,
    prepare_request, read_operation,
};

/// How much of a stream the package hands to the core at once.
const CHUNK: usize = 65_536;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["sign", platform, count] => sign(platform, count.parse()?),
        ["lines", platform, count, offset, file] => lines(platform, count.parse()?, offset.parse()?, file),
        _ => bail!("sign PLATFORM COUNT or lines PLATFORM COUNT OFFSET FILE"),
    }
}

/// An account with invented credentials, and a dial of it.
fn open_sample(name: &str) -> Result<(Box<dyn Provider>, Options)> {
    let description = Description::of(find_platform(name)?);
    let Value::Object(dial) = description.sample_parameters(OperationKind::Dial) else { bail!("{name} has no dial") };
    let dial = dial.with("reference", Value::Text("order-1042".to_owned()));
    Ok((open_account(description.sample_account())?, dial))
}

fn sign(name: &str, count: usize) -> Result<()> {
    let (provider, dial) = open_sample(name)?;
    for _ in 0..count {
        let operation = read_operation(&*provider, "dial", Value::Object(black_box(&dial).clone()))?;
        black_box(prepare_request(&*provider, operation, &Moment::new(1_583_142_000_123, ""))?);
    }
    Ok(())
}

fn lines(name: &str, count: usize, offset: u64, file: &str) -> Result<()> {
    let platform = find_platform(name)?;
    let options = LineOptions::read(platform, Options::default())?;
    let stream = std::fs::read(file).context(file.to_owned())?;
    let began = Instant::now();
    let mut written = 0;
    let mut position = Position { line: 1, offset };
    for _ in 0..count {
        let mut at = 0;
        while at < stream.len() {
            let chunk = &stream[at..stream.len().min(at + CHUNK)];
            let last = at + chunk.len() == stream.len();
            let done = normalize_lines(platform, &options, black_box(chunk), last, position);
            if let Some(bad) = done.unreadable.first() {
                bail!("line {}: {}", bad.line, bad.reason);
            }
            at += done.consumed;
            position = Position { line: position.line + done.lines, offset: position.offset + done.consumed as u64 };
            written += black_box(done.output).len();
        }
    }
    writeln!(stdout(), "{{\"bytes\":{},\"written\":{written},\"seconds\":{}}}", stream.len() * count, began.elapsed().as_secs_f64())?;
    Ok(())
}
