//! A mapping right after a map, so that the map has no room to grow.

use std::io;
use std::ptr;

use memmap2::{MmapRaw, RemapOptions};

use crate::lab::account::Aside;
use crate::lab::place::page_size;

/// A page that nobody may touch, at an address of our choice.
pub struct Neighbour(*mut libc::c_void);

impl Neighbour {
    /// Whether it is right after a page at `address`.
    pub fn follows(&self, address: *const u8) -> bool {
        ptr::eq(
            self.0.cast_const().cast(),
            address.wrapping_add(page_size()),
        )
    }
}

/// Shrinks what `map` makes to one page and puts a neighbour where its second page was.
///
/// If another thread of this process is quicker and maps something there, it tries again.
///
/// # Errors
/// When the map cannot be made or shrunk, or another thread was quicker each time.
pub fn hem_in(map: impl Fn() -> io::Result<MmapRaw>) -> io::Result<(MmapRaw, Neighbour)> {
    let _aside = Aside::begin();
    for _ in 0..100 {
        let mut map = map()?;
        // SAFETY: a map that gets shorter reaches no byte past the end of its file that it did not reach before.
        unsafe { map.remap(page_size(), RemapOptions::new()) }?;
        let address = map.as_mut_ptr().wrapping_add(page_size()).cast();
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
        // SAFETY: a new mapping, at an address where the kernel puts it only if nothing is there.
        let neighbour = unsafe { libc::mmap(address, page_size(), libc::PROT_NONE, flags, -1, 0) };
        if neighbour != libc::MAP_FAILED {
            let neighbour = Neighbour(neighbour);
            // Before Linux 4.17 the kernel takes the address for a hint.
            if ptr::eq(neighbour.0, address) {
                return Ok((map, neighbour));
            }
        }
    }
    Err(io::Error::other("no neighbour could be put after a map"))
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's own, and nobody ever looked at it.
        unsafe { libc::munmap(self.0, page_size()) };
    }
}
