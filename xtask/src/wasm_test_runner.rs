//! What cargo runs wasm-bindgen tests with, see `.cargo/config.toml`: the runner in the version that Cargo.lock names.

use std::env;

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(env::args_os())
}
