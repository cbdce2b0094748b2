//! Looking through a map whose file changes.
//!
//! A `&[u8]` promises bytes that do not change. Where somebody else may write to the file, or another map of the same
//! file is written to, there must be no such reference: the compiler would be free to show an old byte, and does. So
//! these lessons hold a [`MmapRaw`] and read each byte anew.

use std::ops::Range;

use memmap2::MmapRaw;

use crate::observation::Text;

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
