//! What keeps a map alive: nothing but the map.

#[cfg(unix)]
use std::fs;
use std::io;
#[cfg(target_os = "linux")]
use std::path::Path;

use memmap2::MmapMut;
#[cfg(unix)]
use memmap2::{Mmap, MmapRaw};

use crate::book::chapter;
#[cfg(unix)]
use crate::child::{self, Outcome};
#[cfg(target_os = "linux")]
use crate::observation::Sides;
use crate::observation::Text;
#[cfg(unix)]
use crate::observation::{Answer, Edit};
#[cfg(unix)]
use crate::sample::{At, Sample};

chapter! {
    lifetime;
    #[cfg(target_os = "linux")]
    a_map_survives_its_handle: Posix,
    #[cfg(unix)]
    a_map_survives_its_name: Posix,
    #[cfg(unix)]
    a_map_keeps_the_file_that_was_replaced: Posix,
    #[cfg(unix)]
    a_dropped_map_is_gone: Posix,
    a_dropped_map_cannot_be_used: Rust,
    a_slice_cannot_outlive_its_map: Rust,
    an_edit_tolerates_no_other_borrow: Rust,
    anonymous_memory_starts_as_zeros: Posix,
}

/// A map before and after the last handle to its file was closed.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Closed {
    /// How many handles to the file this process had.
    pub handles_before: usize,
    /// Both sides then.
    pub before: Sides,
    /// How many it had after the file was closed.
    pub handles_after: usize,
    /// Both sides after an edit that was made then.
    pub after_edit: Sides,
}

/// A map survives its handle: with the file closed, it can be read and written as before.
///
/// It is tempting to keep the `File` next to the map, lest the map die with it. The mapping holds the file by itself;
/// the handle was needed for the one call that made it. What is stored later still gets into the file.
///
/// The handles are counted in `/proc/self/fd`. Python keeps a handle of its own for as long as the map lives, unless
/// told otherwise (`trackfd=False`).
///
/// Promised by POSIX (`mmap`: closing does not remove the mapping).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/lifetime/a_map_survives_its_handle.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn a_map_survives_its_handle() -> io::Result<Closed> {
    let sample = Sample::lorem()?;
    let file = sample.read_write()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&file) }.at(&sample)?;
    let handles_before = handles(sample.path())?;
    let before = sample.sides(&map, 0..11)?;

    drop(file);

    let handles_after = handles(sample.path())?;
    map[..5].make_ascii_uppercase();
    let after_edit = sample.sides(&map, 0..11)?;
    Ok(Closed { handles_before, before, handles_after, after_edit })
}

#[cfg(target_os = "linux")]
fn handles(path: &Path) -> io::Result<usize> {
    let path = fs::canonicalize(path).at(path)?;
    let handles = fs::read_dir("/proc/self/fd").at("/proc/self/fd")?;
    // A handle that somebody closes meanwhile is none of this file's.
    Ok(handles.flatten().filter(|handle| fs::read_link(handle.path()).is_ok_and(|target| target == path)).count())
}

/// A map before and after the file's only name was removed.
#[cfg(unix)]
#[derive(Debug)]
pub struct Unnamed {
    /// The memory while the file had its name.
    pub memory_before: Text,
    /// Opening the file by its name after that was removed.
    pub open_after: Answer,
    /// The memory then.
    pub memory_after: Text,
    /// The memory after an edit that was made then.
    pub memory_after_edit: Text,
}

/// A map survives its name: the file was removed, and its bytes are still there.
///
/// It is tempting to think that removing a file takes the bytes from under its maps. `unlink` removes a name. The file
/// goes when nothing holds it any more, and a map holds it. No handle is open here: the map alone keeps the file.
///
/// Windows may refuse to remove a file that is mapped, depending on its version.
///
/// Promised by POSIX (`unlink`, `mmap`: the mapping keeps its reference to the file).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/lifetime/a_map_survives_its_name.snap"))]
/// ```
#[cfg(unix)]
pub fn a_map_survives_its_name() -> io::Result<Unnamed> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&sample.read_write()?) }.at(&sample)?;
    let memory_before = map[..11].into();

    fs::remove_file(&sample).at(&sample)?;

    let open_after = fs::File::open(&sample).into();
    let memory_after = map[..11].into();
    map[..5].make_ascii_uppercase();
    Ok(Unnamed { memory_before, open_after, memory_after, memory_after_edit: map[..11].into() })
}

/// A map keeps the file that was replaced: another file renamed over its name changes nothing in it.
///
/// It is tempting to think that a map belongs to a path, and shows what the path leads to. It belongs to the file that
/// was opened. `rename` gives the name to another file; whoever opens the name now gets that one, and the map goes on
/// showing the old one, which no name leads to any more. So readers are never torn between the two: see the chapter
/// `patterns`.
///
/// Windows may refuse the rename while the old file is mapped, depending on its version.
///
/// Promised by POSIX (`rename`, `mmap`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/lifetime/a_map_keeps_the_file_that_was_replaced.snap"))]
/// ```
#[cfg(unix)]
pub fn a_map_keeps_the_file_that_was_replaced() -> io::Result<Edit> {
    let sample = Sample::of(b"old bytes")?;
    let replacement = Sample::of(b"new bytes")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { Mmap::map(&sample.read_only()?) }.at(&sample)?;
    let before = sample.sides(&map, 0..9)?;

    fs::rename(&replacement, &sample).at(&sample)?;

    let after = sample.sides(&map, 0..9)?;
    Ok(Edit { before, after })
}

/// What became of children that touched a map's first byte.
#[cfg(unix)]
#[derive(Debug)]
pub struct Touched {
    /// While the map was there.
    pub before_drop: Outcome,
    /// After it was dropped.
    pub after_drop: Outcome,
}

/// A dropped map is gone: its old address faults.
///
/// It is tempting to think that dropping only marks memory as free, as `free` in C may, and that a pointer that
/// somebody kept still reads the old bytes. Dropping unmaps. The addresses belong to nothing, or soon to another map,
/// which a stale pointer would then read and write. Rust's borrow checker keeps slices from going stale; a raw pointer
/// it does not.
///
/// The child drops the map itself: it has one thread only, so that nothing can be mapped in between where the map was.
///
/// Promised by POSIX (`munmap`: further references cause SIGSEGV).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/lifetime/a_dropped_map_is_gone.snap"))]
/// ```
#[cfg(unix)]
pub fn a_dropped_map_is_gone() -> io::Result<Touched> {
    let sample = Sample::lorem()?;
    let map = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    let address = map.as_ptr();

    // SAFETY: the child reads one byte through a raw pointer and ends.
    let before_drop = unsafe { child::run(|| _ = address.read_volatile()) }?;
    // SAFETY: the child unmaps its own copy of the map, reads one byte through a raw pointer and ends. If it lives to
    // read what is not there, that is the lesson.
    let after_drop = unsafe {
        child::run(move || {
            drop(map);
            _ = address.read_volatile();
        })
    }?;

    Ok(Touched { before_drop, after_drop })
}

/// A map that was dropped cannot be used: it does not compile.
///
/// It is tempting to look for a `closed` flag to ask. Dropping takes the map by value, and with it every way to name
/// it: a use after that is a compile error, not a test at run time.
///
/// ```compile_fail,E0382
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?;
/// let length = map.len();
/// drop(map);
/// assert_eq!(map.len(), length);
/// # Ok(())
/// # }
/// ```
///
/// What differs here is what the last look asks, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?;
/// let length = map.len();
/// drop(map);
/// assert_eq!(10, length);
/// # Ok(())
/// # }
/// ```
///
/// Seen by this lesson is what such a program can keep: a copy that it took before the drop. Python raises ValueError
/// at every use of a closed map.
///
/// Promised by Rust (moves; error E0382).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/lifetime/a_dropped_map_cannot_be_used.snap"))]
/// ```
pub fn a_dropped_map_cannot_be_used() -> io::Result<Text> {
    let mut map = MmapMut::map_anon(10)?;
    map[..4].copy_from_slice(b"kept");
    let kept = Text::from(&map[..4]);

    drop(map);

    Ok(kept)
}

/// A slice cannot outlive its map: it does not compile.
///
/// It is tempting to drop the map as soon as the slice is taken, since the bytes are what one wanted. The slice is a
/// borrow: it points into the map, and the compiler keeps the map alive and in its place for as long as the slice is
/// used.
///
/// ```compile_fail,E0505
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?;
/// let first = &map[..5];
/// drop(map);
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// What differs here is that the bytes are copied, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?;
/// let first = map[..5].to_vec();
/// drop(map);
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// Seen by this lesson is the slice while the map lives. Python raises BufferError when a map is closed that somebody
/// still looks into. To hand a part on without copying, see the chapter `patterns`.
///
/// Promised by Rust (borrows; error E0505).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/lifetime/a_slice_cannot_outlive_its_map.snap"))]
/// ```
pub fn a_slice_cannot_outlive_its_map() -> io::Result<Text> {
    let mut map = MmapMut::map_anon(10)?;
    map[..5].copy_from_slice(b"slice");

    let slice = &map[..5];

    Ok(Text::from(slice))
}

/// An edit tolerates no other borrow: while a slice is held, the map cannot be written to.
///
/// It is tempting to take a slice, edit the map and read the slice again, to see the edit. In Rust a slice that can be
/// read promises bytes that do not change, so that the compiler may keep them in registers. Whoever edits must be
/// alone.
///
/// ```compile_fail,E0502
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(10)?;
/// let first = &map[..5];
/// map[0] = b'!';
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// What differs here is that the bytes are copied, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(10)?;
/// let first = map[..5].to_vec();
/// map[0] = b'!';
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// Seen by this lesson are two parts edited at once, which is allowed: they do not overlap. The compiler watches over
/// one map only. It knows nothing of a second map of the same file, nor of other processes: that is why mapping is
/// `unsafe`.
///
/// Promised by Rust (borrows; error E0502).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/lifetime/an_edit_tolerates_no_other_borrow.snap"))]
/// ```
pub fn an_edit_tolerates_no_other_borrow() -> io::Result<Text> {
    let mut map = MmapMut::map_anon(10)?;

    let (left, right) = map.split_at_mut(5);
    left.fill(b'<');
    right.fill(b'>');

    Ok(Text::from(&map[..]))
}

/// Twelve KiB of anonymous memory.
#[derive(Debug)]
pub struct Anonymous {
    /// How many of its bytes are not zero, fresh from the kernel.
    pub not_zero_at_first: usize,
    /// How many are not zero after one byte was stored to.
    pub not_zero_after_a_store: usize,
    /// The bytes around that one.
    pub around_the_store: Text,
}

/// Anonymous memory starts as zeros.
///
/// It is tempting to fill new memory, or to expect remains of what was there, as `malloc` in C may give. A mapping
/// without a file is made of pages that the kernel clears before anybody gets them. It is memory like any other, only
/// in whole pages.
///
/// memmap2's anonymous maps are private; Python's `mmap(-1, n)` is shared with children. Mapping `/dev/zero` privately
/// gives the same.
///
/// Promised by POSIX (`mmap`, MAP_ANONYMOUS, since Issue 8; before that by Linux, macOS and the BSDs).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/lifetime/anonymous_memory_starts_as_zeros.snap"))]
/// ```
pub fn anonymous_memory_starts_as_zeros() -> io::Result<Anonymous> {
    let mut map = MmapMut::map_anon(3 * 4096)?;
    let not_zero = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte != 0).count();
    let not_zero_at_first = not_zero(&map);

    map[4096] = b'!';

    let around_the_store = map[4094..4099].into();
    Ok(Anonymous { not_zero_at_first, not_zero_after_a_store: not_zero(&map), around_the_store })
}
