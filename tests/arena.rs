//! The heap of the wasm, on a memory of this test's: every block is its owner's alone, and keeps what was written to it. Miri runs these, too.
#![cfg(not(target_arch = "wasm32"))]
#![expect(unsafe_code, reason = "an allocator is called by unsafe functions")]

#[path = "../src/js/arena.rs"]
mod arena;

use std::alloc::{GlobalAlloc, Layout};
use std::sync::{Mutex, MutexGuard, PoisonError};

use arena::Arena;
use proptest::collection::vec;
use proptest::prelude::*;

/// A memory that begins somewhere, has a bottom that is no round number, and ends.
mod memory {
    use std::alloc::{Layout, alloc};
    use std::sync::Once;
    use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};

    pub const PAGE: usize = 65_536;
    /// Of which so many are there from the start.
    const FIRST: usize = 2;
    pub const MOST: usize = 16;

    /// What stands for the stack and the constants.
    const BELOW: usize = PAGE + 1001;

    static TAKEN: AtomicUsize = AtomicUsize::new(FIRST);

    fn base() -> usize {
        static BASE: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let layout = Layout::from_size_align(MOST * PAGE, PAGE).unwrap();
            // SAFETY: its size is not 0.
            BASE.store(unsafe { alloc(layout) }, Relaxed);
        });
        BASE.load(Relaxed).expose_provenance()
    }

    pub fn bottom() -> usize {
        base() + BELOW
    }

    pub fn pages() -> usize {
        base() / PAGE + TAKEN.load(Relaxed)
    }

    pub fn grow(pages: usize) -> bool {
        let taken = TAKEN.load(Relaxed) + pages;
        if taken <= MOST {
            TAKEN.store(taken, Relaxed);
        }
        taken <= MOST
    }

    /// Where it ends, however much of it will be taken.
    pub fn end() -> usize {
        base() + MOST * PAGE
    }
}

/// The arena is one for the whole program, as in the wasm, and has one user at a time.
fn empty_arena() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    arena::empty();
    alone
}

/// A block, and what its owner wrote all over it.
struct Block {
    at: *mut u8,
    layout: Layout,
    written: u8,
}

impl Block {
    fn new(at: *mut u8, layout: Layout, written: u8) -> Self {
        let block = Self { at, layout, written };
        block.write();
        block
    }

    fn write(&self) {
        // SAFETY: the block is its owner's, of this size.
        unsafe { self.at.write_bytes(self.written, self.layout.size()) };
    }

    fn holds(&self) -> bool {
        // SAFETY: as above, and all of it was written.
        let bytes = unsafe { std::slice::from_raw_parts(self.at, self.layout.size()) };
        bytes.iter().all(|byte| *byte == self.written)
    }

    fn range(&self) -> std::ops::Range<usize> {
        self.at.addr()..self.at.addr() + self.layout.size()
    }

    fn check(&self, others: &[Self]) {
        assert!(self.at.addr().is_multiple_of(self.layout.align()), "it is aligned");
        assert!(self.range().start >= memory::bottom() && self.range().end <= memory::end(), "it lies within memory");
        for other in others.iter().filter(|other| !other.layout.size().eq(&0) && other.at != self.at) {
            assert!(self.range().end <= other.range().start || other.range().end <= self.range().start, "it is nobody else's");
        }
    }
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

fn alloc(size: usize, align: usize) -> *mut u8 {
    // SAFETY: nobody reads more of a block than its size.
    unsafe { Arena.alloc(layout(size, align)) }
}

#[test]
fn blocks_begin_at_the_bottom_and_follow_each_other_without_a_hole() {
    let _alone = empty_arena();
    let first = alloc(1, 1);
    assert_eq!(first.addr(), memory::bottom());
    assert_eq!(alloc(3, 1).addr(), first.addr() + 1);
    assert_eq!(alloc(1, 1).addr(), first.addr() + 4);
}

#[test]
fn each_alignment_is_kept_after_an_odd_address() {
    let _alone = empty_arena();
    for align in (0..=16).map(|power| 1 << power) {
        alloc(1, 1);
        let block = alloc(8, align);
        assert!(!block.is_null() && block.addr().is_multiple_of(align), "{align}");
    }
}

#[test]
fn no_bytes_take_no_room() {
    let _alone = empty_arena();
    let before = alloc(5, 1);
    let nothing = alloc(0, 1);
    assert!(!nothing.is_null());
    assert_eq!(alloc(5, 1).addr(), before.addr() + 5);
}

#[test]
fn what_is_larger_than_memory_is_refused_and_takes_nothing() {
    let _alone = empty_arena();
    let before = alloc(8, 8);
    for size in [memory::MOST * memory::PAGE, usize::MAX / 2 - 65_535, (isize::MAX as usize) - 7] {
        assert!(alloc(size, 8).is_null(), "{size}");
        // SAFETY: the block is from this allocator, and its layout the same.
        assert!(unsafe { Arena.realloc(before, layout(8, 8), size) }.is_null(), "{size}");
    }
    assert_eq!(alloc(8, 8).addr(), before.addr() + 8);
}

#[test]
fn a_block_that_could_not_grow_stays_its_owners() {
    let _alone = empty_arena();
    let block = Block::new(alloc(100, 4), layout(100, 4), 7);
    // SAFETY: as above.
    assert!(unsafe { Arena.realloc(block.at, block.layout, memory::MOST * memory::PAGE) }.is_null());
    let next = Block::new(alloc(100, 4), layout(100, 4), 9);
    next.check(std::slice::from_ref(&block));
    assert!(block.holds());
}

#[test]
fn memory_is_taken_up_to_its_last_step() {
    let _alone = empty_arena();
    let mut taken = 0;
    while !alloc(memory::PAGE, 1).is_null() {
        taken += memory::PAGE;
    }
    // The bottom lies in the second page, and it grows by four of them.
    assert!(taken >= (memory::MOST - 2 - 3) * memory::PAGE, "{taken}");
    arena::empty();
    assert!(!alloc(taken, 1).is_null(), "once taken, it is there for the next call");
}

#[test]
fn what_was_allocated_last_grows_where_it_is_and_another_moves_with_what_it_holds() {
    let _alone = empty_arena();
    let last = Block::new(alloc(10, 2), layout(10, 2), 1);
    // SAFETY: as above.
    let grown = unsafe { Arena.realloc(last.at, last.layout, 1000) };
    assert_eq!(grown, last.at);
    let behind = Block::new(alloc(10, 2), layout(10, 2), 2);
    // SAFETY: as above.
    let moved = unsafe { Arena.realloc(grown, layout(1000, 2), 2000) };
    assert_ne!(moved, grown);
    let moved = Block { at: moved, layout: layout(10, 2), written: 1 };
    moved.check(std::slice::from_ref(&behind));
    assert!(moved.holds() && behind.holds());
}

#[test]
fn what_shrinks_or_is_given_back_stays_where_it_is() {
    let _alone = empty_arena();
    let block = Block::new(alloc(64, 8), layout(64, 8), 3);
    // SAFETY: as above.
    assert_eq!(unsafe { Arena.realloc(block.at, block.layout, 8) }, block.at);
    let behind = alloc(8, 8);
    // SAFETY: as above; nobody uses it any more.
    unsafe { Arena.dealloc(behind, layout(8, 8)) };
    assert_eq!(alloc(8, 8).addr(), behind.addr() + 8);
    assert!(block.holds());
}

#[test]
fn a_block_of_zeros_is_zero_even_where_another_call_wrote() {
    let _alone = empty_arena();
    Block::new(alloc(4096, 8), layout(4096, 8), 0xff);
    arena::empty();
    // SAFETY: its size is not 0.
    let zeroed = unsafe { Arena.alloc_zeroed(layout(4096, 8)) };
    assert!(Block { at: zeroed, layout: layout(4096, 8), written: 0 }.holds());
}

#[derive(Clone, Debug)]
enum Act {
    Alloc {
        size: usize,
        align: usize,
    },
    /// Of the block at this place among those that are there, to this size.
    Realloc {
        which: usize,
        size: usize,
    },
    Dealloc {
        which: usize,
    },
    Empty,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    // Miri looks at each byte.
    let (large, huge): (usize, usize) = if cfg!(miri) { (600, 1200) } else { (20_000, memory::MOST * memory::PAGE) };
    let size = move || prop_oneof![4 => 1..200_usize, 2 => 1..large, 1 => 1..huge];
    let align = (0..=12_u32).prop_map(|power| 1 << power);
    let act = prop_oneof![
        6 => (size(), align).prop_map(|(size, align)| Act::Alloc { size, align }),
        4 => (any::<usize>(), size()).prop_map(|(which, size)| Act::Realloc { which, size }),
        2 => any::<usize>().prop_map(|which| Act::Dealloc { which }),
        1 => Just(Act::Empty),
    ];
    vec(act, 1..if cfg!(miri) { 12 } else { 60 })
}

proptest! {
    // Miri takes a thousand times as long.
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 6 } else { 256 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_for_in_whatever_order_blocks_are_their_owners_alone(acts in acts()) {
        let _alone = empty_arena();
        let mut blocks: Vec<Block> = Vec::new();
        let mut written = 0_u8;
        // Up to where anything was allocated since the arena was empty.
        let mut top = memory::bottom();
        for act in acts {
            written = written.wrapping_add(1);
            match act {
                Act::Alloc { size, align } => {
                    let at = alloc(size, align);
                    if at.is_null() {
                        prop_assert!(top.next_multiple_of(align) + size > memory::end() - 3 * memory::PAGE, "there was room, but for the last step");
                    } else {
                        let block = Block::new(at, layout(size, align), written);
                        block.check(&blocks);
                        top = top.max(block.range().end);
                        blocks.push(block);
                    }
                }
                Act::Realloc { which, size } if !blocks.is_empty() => {
                    let block = blocks.remove(which % blocks.len());
                    prop_assert!(block.holds());
                    // SAFETY: the block is from this allocator, with this layout.
                    let at = unsafe { Arena.realloc(block.at, block.layout, size) };
                    if at.is_null() {
                        blocks.push(block);
                    } else {
                        let kept = layout(size.min(block.layout.size()), block.layout.align());
                        let moved = Block { at, layout: kept, written: block.written };
                        prop_assert!(moved.holds());
                        let grown = Block::new(at, layout(size, block.layout.align()), written);
                        grown.check(&blocks);
                        top = top.max(grown.range().end);
                        blocks.push(grown);
                    }
                }
                Act::Dealloc { which } if !blocks.is_empty() => {
                    let block = blocks.swap_remove(which % blocks.len());
                    // SAFETY: as above; nobody uses it any more.
                    unsafe { Arena.dealloc(block.at, block.layout) };
                }
                Act::Realloc { .. } | Act::Dealloc { .. } => {}
                Act::Empty => {
                    blocks.clear();
                    arena::empty();
                    top = memory::bottom();
                }
            }
            prop_assert!(blocks.iter().all(Block::holds));
        }
    }
}
