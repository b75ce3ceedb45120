//! The core natively, in one thread. What is measured is done `count` times, so that two counts tell what one costs.
//!
//! `ringback-bench sign PLATFORM COUNT` signs dials, and `ringback-bench lines PLATFORM COUNT OFFSET FILE` normalizes the lines of a
//! file, which begin at that offset of their stream.

use std::hint::black_box;
use std::io::{Write as _, stdout};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use ringback::bulk::{LineOptions, Position, normalize_lines};
use ringback::model::{Fields, Value};
use ringback::provider::{Moment, Provider, open, operation, platform, prepare};

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

fn text(fields: &[(&str, &str)]) -> Fields {
    fields.iter().fold(Fields::default(), |fields, (name, value)| fields.with(name, Value::Text((*value).to_owned())))
}

type Texts = &'static [(&'static str, &'static str)];

/// An account with the credentials of whichever platform, and a dial of it.
fn account(name: &str) -> Result<(Box<dyn Provider>, Fields)> {
    let dial = [("caller", "13800000001"), ("callee", "0755-28000123"), ("reference", "order-1042")];
    let (options, more): (Texts, Texts) = match name {
        "mixcom" => (&[("appKey", "k1"), ("appSecret", "mix-secret")], &[]),
        "quanmayun" => (&[("appId", "1696054309969104898"), ("appSecret", "qm-secret")], &[]),
        "dingxin" => (&[("appKey", "k1"), ("appSecret", "dx-secret"), ("pushUrl", "https://crm.example.com/push/0123456789abcdef")], &[]),
        "cyjcloud" => (
            &[("accountSid", "sid-1"), ("appId", "app-1"), ("baseUrl", "https://cyj.example")],
            &[("virtualNumber", "02150001234"), ("direction", "both")],
        ),
        "seatcall" => (
            &[("customerId", "customer-1"), ("appSecret", "seat-secret"), ("baseUrl", "https://seat.example")],
            &[("seat", "PP7568036551")],
        ),
        other => bail!("no account is written here for {other}"),
    };
    let options = text(options).with("provider", Value::Text(name.to_owned()));
    Ok((open(options)?, text(&[&dial, more].concat())))
}

fn sign(name: &str, count: usize) -> Result<()> {
    let (provider, dial) = account(name)?;
    for _ in 0..count {
        let operation = operation(&*provider, "dial", Value::Object(black_box(&dial).clone()))?;
        black_box(prepare(&*provider, operation, &Moment::new(1_583_142_000_123, ""))?);
    }
    Ok(())
}

fn lines(name: &str, count: usize, offset: u64, file: &str) -> Result<()> {
    let platform = platform(name)?;
    let options = LineOptions::read(platform, Fields::default())?;
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
