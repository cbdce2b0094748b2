//! Looking into a map, and storing into it.
//!
//! A `&[u8]` promises bytes that do not change. Where somebody else may write to the file, or another map of the same
//! file is written to, there must be no such reference: the compiler would be free to show an old byte, and does. So
//! those lessons hold a [`MmapRaw`], look at each byte with a relaxed atomic load, which promises nothing of the kind, and
//! store it with a relaxed atomic store, with which such a load may come at the same time.
//!
//! Rust's memory model has no word for other processes, nor for the kernel, which writes to these pages, too. That an
//! atomic without a lock works between processes is C++'s word (`[atomics.lockfree]`: such operations should be
//! address-free), and what compilers do.

use std::ops::Range;
use std::sync::atomic::{AtomicU8, Ordering};

use memmap2::{Mmap, MmapMut, MmapRaw};

use crate::lab::account::tell;
use crate::lab::observation::Text;

/// A map that can be looked into.
pub trait Look {
    /// The bytes of `range` as they are now; fewer where the map ends early.
    ///
    /// Like any touch of a map, it ends in SIGBUS where the file has no such page.
    fn look(&self, range: Range<usize>) -> Text;

    /// Where it begins.
    fn address(&self) -> usize;
}

impl Look for MmapRaw {
    fn look(&self, range: Range<usize>) -> Text {
        let inside = range.start..range.end.min(self.len());
        tell("look", self.address() + inside.start, inside.len());
        // SAFETY: each byte is inside the map, which is alive, and an atomic may change at any time. It may even lie in
        // memory that can only be read, on the processors that std lists: `sync::atomic`, "Atomic accesses to read-only
        // memory". A store in another thread that is not atomic, or is larger, must not come at the same time. It takes
        // `unsafe` to make one through a raw map, and that is where somebody vouches for it.
        let byte =
            |at| unsafe { &*self.as_ptr().add(at).cast::<AtomicU8>() }.load(Ordering::Relaxed);
        Text(inside.map(byte).collect())
    }

    fn address(&self) -> usize {
        self.as_ptr().addr()
    }
}

impl Look for [u8] {
    fn look(&self, range: Range<usize>) -> Text {
        let end = range.end.min(self.len());
        tell(
            "look",
            self.address() + range.start,
            end.saturating_sub(range.start),
        );
        Text(self.get(range.start..end).unwrap_or_default().to_vec())
    }

    fn address(&self) -> usize {
        self.as_ptr().addr()
    }
}

impl Look for Mmap {
    fn look(&self, range: Range<usize>) -> Text {
        self[..].look(range)
    }

    fn address(&self) -> usize {
        self[..].address()
    }
}

impl Look for MmapMut {
    fn look(&self, range: Range<usize>) -> Text {
        self[..].look(range)
    }

    fn address(&self) -> usize {
        self[..].address()
    }
}

/// How far after the start of `map` the slice `bytes` begins; `None` if it is not inside.
pub fn offset_in(map: &[u8], bytes: &[u8]) -> Option<usize> {
    tell("offset_in", bytes.address(), bytes.len());
    let offset = bytes.address().checked_sub(map.address())?;
    let end = offset.checked_add(bytes.len())?;
    (end <= map.len()).then_some(offset)
}

/// A map that can be stored into while others look.
pub trait Store {
    /// Stores `byte` at `at`.
    ///
    /// # Safety
    /// The byte is inside the map, which can be written to, and no reference to it exists.
    unsafe fn store(&self, at: usize, byte: u8);
}

impl Store for MmapRaw {
    unsafe fn store(&self, at: usize, byte: u8) {
        tell("store", self.address() + at, 1);
        // SAFETY: the caller vouches for it.
        unsafe { &*self.as_mut_ptr().add(at).cast::<AtomicU8>() }.store(byte, Ordering::Relaxed);
    }
}
