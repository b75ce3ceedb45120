//! The wasm layer in Node.js.
#![cfg(target_arch = "wasm32")]

mod wasm;
