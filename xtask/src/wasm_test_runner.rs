//! Runs wasm-bindgen tests for cargo (see `.cargo/config.toml`), with the runner's version from Cargo.lock.

use std::env;

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(env::args_os())
}
