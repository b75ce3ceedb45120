#![no_main]

#[path = "../checks/mod.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    checks::addresses::check(input, Some(&|address| {
        let parsed = url::Url::parse(address).ok()?;
        let plain = matches!(parsed.scheme(), "http" | "https") && parsed.username().is_empty() && parsed.password().is_none();
        plain.then(|| parsed.host_str().map(str::to_owned)).flatten()
    }));
});
