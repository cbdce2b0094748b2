//! Looking through a map whose file changes.
//!
//! A `&[u8]` promises bytes that do not change. Where somebody else may write to the file, or another map of the same
//! file is written to, there must be no such reference: the compiler would be free to show an old byte, and does. So
//! these lessons hold a [`MmapRaw`] and read each byte anew.

use std::io;
use std::ops::Range;

use memmap2::MmapRaw;

use crate::observation::{Sides, Text};
use crate::sample::Sample;

/// The bytes of `range` as they are now; less where the map ends early.
///
/// The kernel and other processes may write to them meanwhile, which a volatile read takes as it comes; a thread of
/// this process may not. Like any touch of a map, it ends in SIGBUS where the file has no such page.
pub fn look(map: &MmapRaw, range: Range<usize>) -> Text {
    let bytes = range.start..range.end.min(map.len());
    // SAFETY: the bytes are inside the map, which is alive and readable; no reference to them is made, and no thread of
    // this process writes to them meanwhile.
    Text(bytes.map(|at| unsafe { map.as_ptr().add(at).read_volatile() }).collect())
}

/// Both sides of `range`: as seen through `map`, which is mapped from the file's start, and as an ordinary read sees it.
///
/// # Errors
/// Names the file.
pub fn sides(map: &MmapRaw, sample: &Sample, range: Range<usize>) -> io::Result<Sides> {
    Ok(Sides { memory: look(map, range.clone()), file: sample.read(range)? })
}
