//! The heap of the wasm: an arena, emptied when a call is over.
//!
//! Nothing outlives a call here, so nothing needs to be given back one by one. Without an allocator that finds holes, and without the code
//! that drops every value on every way out of every function, the download is 8 KB smaller (gzip; measured alone, of 114 KB).

use std::alloc::{GlobalAlloc, Layout};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::memory::{self, bottom};

const PAGE: usize = 65_536;
/// Memory is taken in steps of so many pages: each step costs the host new views of it.
const STEP: usize = 4;

/// The allocator. Tests call it like any other.
pub(super) struct Arena;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ARENA: Arena = Arena;

/// Where the next allocation begins. Atomics are plain variables to a wasm without threads.
static TOP: AtomicUsize = AtomicUsize::new(0);
/// Where memory ends.
static END: AtomicUsize = AtomicUsize::new(0);

/// Empties the arena. The host does so when it has read what a call answered, and before it passes the next one's arguments.
pub(super) fn empty() {
    TOP.store(bottom(), Relaxed);
}

// SAFETY: every block lies between the linker's `__heap_base` and the end of memory, and blocks overlap only where `empty` was called
// between them, when no call is under way and nothing that Rust allocated is reachable any more. The wasm has one thread.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size(), layout.align())
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if size <= layout.size() {
            return block;
        }
        let top = TOP.load(Relaxed);
        // What was allocated last grows where it is: a text that is being written.
        if block.addr() + layout.size() == top {
            TOP.store(block.addr(), Relaxed);
        }
        let grown = taken(size, layout.align());
        if grown.is_null() {
            // It stays where it is, and stays its owner's.
            TOP.store(top, Relaxed);
        } else if grown != block {
            // SAFETY: the new block is another one, and longer than the old.
            unsafe { ptr::copy_nonoverlapping(block, grown, layout.size()) };
        }
        grown
    }
}

// Out of line, so that it stands in the wasm once.
#[inline(never)]
fn taken(size: usize, align: usize) -> *mut u8 {
    let top = TOP.load(Relaxed).max(bottom());
    let start = (top + align - 1) & !(align - 1);
    let Some(end) = start.checked_add(size) else { return ptr::null_mut() };
    if end > END.load(Relaxed) && !grow(end) {
        return ptr::null_mut();
    }
    TOP.store(end, Relaxed);
    ptr::with_exposed_provenance_mut(start)
}

#[cold]
#[inline(never)]
fn grow(end: usize) -> bool {
    let pages = memory::pages();
    let missing = end.div_ceil(PAGE).saturating_sub(pages);
    let taken = if missing == 0 { 0 } else { missing.max(STEP) };
    if taken > 0 && !memory::grow(taken) {
        return false;
    }
    END.store((pages + taken) * PAGE, Relaxed);
    true
}
