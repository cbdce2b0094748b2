//! Growing and shrinking: a map's length and its file's are two numbers.

use std::io;
use std::os::unix::fs::FileExt;

use memmap2::{MmapOptions, MmapRaw, RemapOptions};

use crate::book::chapter;
use crate::child::{self, Outcome};
use crate::kernel::page_size;
use crate::observation::{Answer, Place, Sides, Text};
use crate::raw;
use crate::sample::{At, Sample};

chapter! {
    resize;
    grow_the_file_then_the_map: Linux,
    shrinking_a_map_leaves_the_file_alone: Linux,
    a_map_grows_in_place_only_where_there_is_room: Linux,
    a_map_may_grow_past_the_end_of_the_file: Linux,
}

/// The bytes around the end of a file's first page, while the file and its map grow from one page to two.
#[derive(Debug)]
pub struct Growing {
    /// At first.
    pub before: Sides,
    /// After the file has grown.
    pub after_growing_the_file: Sides,
    /// After the map has grown too.
    pub after_growing_the_map: Sides,
    /// How long the map is then.
    pub map_length: Place,
}

/// Grow the file, then the map: the old bytes are kept, and the new ones are there.
///
/// It is tempting to grow the map and expect the file to follow, as Python's `resize` makes it. `remap` changes how
/// many addresses the map has, and touches no file. So the file comes first, by a write or `set_len`; until then there
/// is nothing that the new part of the map could show.
///
/// memmap2 can change the length of a map on Linux only. Elsewhere, drop it and map again.
///
/// Promised by Linux (`mremap`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/resize/grow_the_file_then_the_map.snap"))]
/// ```
pub fn grow_the_file_then_the_map() -> io::Result<Growing> {
    let page = page_size();
    let sample = Sample::of_pages("a")?;
    let file = sample.read_write()?;
    let mut map = MmapRaw::map_raw(&file).at(&sample)?;
    let around = page - 2..page + 2;
    let look = |map: &MmapRaw| raw::sides(map, &sample, around.clone());
    let before = look(&map)?;

    file.write_all_at(&vec![b'b'; page], page as u64).at(&sample)?;
    let after_growing_the_file = look(&map)?;

    // SAFETY: the map may move, but no pointer into it is held.
    unsafe { map.remap(2 * page, RemapOptions::new().may_move(true)) }.at(&sample)?;
    let after_growing_the_map = look(&map)?;

    Ok(Growing { before, after_growing_the_file, after_growing_the_map, map_length: map.len().into() })
}

/// A map of three pages that was shrunk to one.
#[derive(Debug)]
pub struct Shrunk {
    /// How long the map is.
    pub map_length: Place,
    /// Whether it begins where it began.
    pub same_address: bool,
    /// How long the file is.
    pub file_length: Place,
    /// The first bytes of the file's third page.
    pub third_page_of_the_file: Text,
    /// Reading the third page where it was in the map, before.
    pub third_page_before: Outcome,
    /// Reading it after.
    pub third_page_after: Outcome,
}

/// Shrinking a map leaves the file alone: only addresses are given back.
///
/// It is tempting to expect the file to be cut off too, as Python's `resize` does it. The file has what it had. The map
/// stays where it is, and the pages behind its new end are unmapped: touching them is a segmentation fault, not SIGBUS.
///
/// The child shrinks its own copy of the map before it touches, so that no other thread can map something there
/// meanwhile.
///
/// Promised by Linux (`mremap`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/resize/shrinking_a_map_leaves_the_file_alone.snap"))]
/// ```
pub fn shrinking_a_map_leaves_the_file_alone() -> io::Result<Shrunk> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let mut map = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    let (first_page, third_page) = (map.as_ptr(), map.as_ptr().wrapping_add(2 * page));
    // SAFETY: the child reads one byte through a raw pointer and ends.
    let third_page_before = unsafe { child::run(|| _ = third_page.read_volatile()) }?;
    // SAFETY: the child makes a system call, reads one byte through a raw pointer and ends. If it lives to read what is
    // not there, that is the lesson.
    let third_page_after = unsafe {
        child::run(|| {
            _ = map.remap(page, RemapOptions::new());
            _ = third_page.read_volatile();
        })
    }?;

    // SAFETY: no reference into the part that goes is held.
    unsafe { map.remap(page, RemapOptions::new()) }.at(&sample)?;

    Ok(Shrunk {
        map_length: map.len().into(),
        same_address: map.as_ptr() == first_page,
        file_length: Place::from(sample.length()? as usize),
        third_page_of_the_file: sample.read(2 * page..2 * page + 3)?,
        third_page_before,
        third_page_after,
    })
}

/// A map of one page, with something else mapped right behind it, that was asked to grow to two.
#[derive(Debug)]
pub struct Hemmed {
    /// What it was answered when it had to stay where it was.
    pub in_place: Answer,
    /// How long the map was then.
    pub map_length_then: Place,
    /// What it was answered when it could move.
    pub may_move: Answer,
    /// How long the map is now.
    pub map_length_now: Place,
    /// Whether it moved.
    pub moved: bool,
    /// The first bytes of its two pages.
    pub bytes: [Text; 2],
}

/// A map grows in place only where there is room; if it may, it moves, and old pointers die.
///
/// It is tempting to keep pointers into a map that grows. Whether there is room behind it depends on what else the
/// process has mapped. Without `may_move` the growth is refused then, and the map is as before; with it the map moves,
/// and what pointed into it points nowhere. `remap` takes the map by `&mut`, so that no slice can be held meanwhile:
///
/// ```compile_fail,E0502
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(4096)?;
/// let first = &map[..5];
/// // SAFETY: the map has no file, past whose end it could reach.
/// unsafe { map.remap(8192, memmap2::RemapOptions::new().may_move(true))? };
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// What differs here is that the bytes are copied, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(4096)?;
/// let first = map[..5].to_vec();
/// // SAFETY: the map has no file, past whose end it could reach.
/// unsafe { map.remap(8192, memmap2::RemapOptions::new().may_move(true))? };
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// To be sure of a neighbour, the lesson shrinks a map by a page and puts another mapping there itself; if a thread of
/// this process is quicker, it tries again.
///
/// Promised by Linux (`mremap`, ENOMEM and MREMAP_MAYMOVE).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/resize/a_map_grows_in_place_only_where_there_is_room.snap"))]
/// ```
pub fn a_map_grows_in_place_only_where_there_is_room() -> io::Result<Hemmed> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    let (mut map, neighbour) = hem_in(&sample)?;
    let address = map.as_ptr();

    // SAFETY: no pointer into the map is read through afterwards.
    let in_place = unsafe { map.remap(2 * page, RemapOptions::new()) };
    let map_length_then = Place::from(map.len());
    // SAFETY: as above.
    let may_move = unsafe { map.remap(2 * page, RemapOptions::new().may_move(true)) };

    // SAFETY: the neighbour is this lesson's own mapping, and nobody ever looked at it.
    unsafe { libc::munmap(neighbour, page) };
    Ok(Hemmed {
        in_place: in_place.into(),
        map_length_then,
        may_move: may_move.into(),
        map_length_now: map.len().into(),
        moved: map.as_ptr() != address,
        bytes: [raw::look(&map, 0..3), raw::look(&map, page..page + 3)],
    })
}

/// A map of the sample's first page, and another mapping of a page right behind it.
fn hem_in(sample: &Sample) -> io::Result<(MmapRaw, *mut libc::c_void)> {
    for _ in 0..100 {
        let mut map = MmapRaw::map_raw(&sample.read_write()?).at(sample)?;
        // SAFETY: no reference into the part that goes is held.
        unsafe { map.remap(page_size(), RemapOptions::new()) }.at(sample)?;
        let behind = map.as_mut_ptr().wrapping_add(page_size()).cast();
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
        // SAFETY: a new mapping, at an address where the kernel puts it only if nothing is there.
        let neighbour = unsafe { libc::mmap(behind, page_size(), libc::PROT_NONE, flags, -1, 0) };
        if neighbour == behind {
            return Ok((map, neighbour));
        }
        if neighbour != libc::MAP_FAILED {
            // SAFETY: an old kernel took the address for a hint; the mapping is this function's own.
            unsafe { libc::munmap(neighbour, page_size()) };
        }
    }
    Err(io::Error::other("no neighbour could be put behind a map"))
}

/// A map over a file of twelve bytes that grew to two pages.
#[derive(Debug)]
pub struct PastTheEnd {
    /// What the request was answered.
    pub remap: Answer,
    /// How long the map is.
    pub map_length: Place,
    /// How many bytes the file has.
    pub file_bytes: u64,
    /// The memory around the file's end.
    pub around_the_end: Text,
    /// Reading the second page.
    pub second_page: Outcome,
}

/// A map may grow past the end of its file; what is past the end is as deadly as in any map that is too long.
///
/// It is tempting to trust the length that `remap` granted. As when a map is made, the kernel does not compare it with
/// the file. The rest of the last page reads as zeros, the pages behind it end in SIGBUS.
///
/// Promised by Linux (`mremap`; `mmap`, SIGBUS).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/resize/a_map_may_grow_past_the_end_of_the_file.snap"))]
/// ```
pub fn a_map_may_grow_past_the_end_of_the_file() -> io::Result<PastTheEnd> {
    let page = page_size();
    let sample = Sample::of(b"hello world\n")?;
    let mut map = MmapOptions::new().map_raw(&sample.read_write()?).at(&sample)?;

    // SAFETY: the map may move, but no pointer into it is held.
    let remap = unsafe { map.remap(2 * page, RemapOptions::new().may_move(true)) };

    // SAFETY: the child reads one byte of the map through a raw pointer and ends.
    let second_page = unsafe { child::run(|| _ = map.as_ptr().add(page).read_volatile()) }?;
    Ok(PastTheEnd {
        remap: remap.into(),
        map_length: map.len().into(),
        file_bytes: sample.length()?,
        around_the_end: raw::look(&map, 6..16),
        second_page,
    })
}
