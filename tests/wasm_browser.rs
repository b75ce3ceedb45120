//! The wasm layer in a browser.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::wasm_bindgen_test_configure;

mod wasm;

wasm_bindgen_test_configure!(run_in_browser);
