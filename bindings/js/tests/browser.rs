//! Tests the border and the finished package in a browser.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::wasm_bindgen_test_configure;

mod border;
#[cfg(feature = "packed")]
mod package;

wasm_bindgen_test_configure!(run_in_browser);
