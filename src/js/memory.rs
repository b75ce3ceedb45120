//! The wasm's linear memory, as the arena needs it: tests put another in its place.

use core::arch::wasm32::{memory_grow, memory_size};

/// The address behind the stack and the constants.
pub(super) fn bottom() -> usize {
    unsafe extern "C" {
        static __heap_base: u8;
    }
    // The linker's symbol; only its address means anything.
    (&raw const __heap_base).addr()
}

/// The end of memory, in pages.
pub(super) fn pages() -> usize {
    memory_size(0)
}

/// Moves that end. Says whether there was so much.
pub(super) fn grow(pages: usize) -> bool {
    memory_grow(0, pages) != usize::MAX
}
