//! Tests the border and the finished package in Node.js.
#![cfg(target_arch = "wasm32")]

mod border;
#[cfg(feature = "packed")]
mod package;
