//! A shared map and its file: one and the same bytes.

use std::io::{self, Read, Seek, Write};
use std::path::Path;

use memmap2::{MmapMut, MmapOptions, MmapRaw};

use crate::book::chapter;
#[cfg(target_os = "linux")]
use crate::kernel;
use crate::observation::{Answer, Edit, Sides, Text};
use crate::panics::{self, Ending};
use crate::raw;
use crate::sample::{At, Sample, WORD};

chapter! {
    write;
    [document] a_flushed_edit_is_in_the_file: Posix,
    an_edit_is_seen_at_once: Unspecified,
    a_write_to_the_file_is_seen_through_the_map: Unspecified,
    #[cfg(target_os = "linux")]
    dropping_the_map_unflushed_loses_nothing: Unspecified,
    a_flush_changes_nothing_that_a_reader_sees: Unspecified,
    a_flush_takes_any_range_inside_the_map: Memmap2,
    an_edit_in_place_cannot_change_the_length: Rust,
}

/// A flushed edit through a shared map is in the file.
///
/// It is tempting to think that a map is a copy of the file in memory, and that somebody must write it back. A shared
/// map's pages *are* the file's pages in the system's cache: a store changes what every reader of the file gets. The
/// flush waits until those pages are on the disk.
///
/// On Linux, leaving the flush out would change nothing that can be seen here, since readers are served from the same
/// cache: see [`an_edit_is_seen_at_once`] and [`a_flush_changes_nothing_that_a_reader_sees`]. It stands here because
/// POSIX promises the file's new bytes only after it.
///
/// The edit is made in a copy; the caller's text is never written.
///
/// Promised by POSIX (`mmap`, MAP_SHARED; `msync`, MS_SYNC).
///
/// # Errors
/// Names `text` when it cannot be read or does not hold the word `consectetuer`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/write/a_flushed_edit_is_in_the_file.snap"))]
/// ```
pub fn a_flushed_edit_is_in_the_file(text: &Path) -> io::Result<Edit> {
    let sample = Sample::copy_of(text)?;
    // SAFETY: the sample is this lesson's own copy; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_mut(&sample.read_write()?) }.at(&sample)?;
    let (word, line) = sample.find(WORD, &map)?;
    let before = sample.sides(&map, line.clone())?;

    map[word].reverse();
    map.flush().at(&sample)?;

    let after = sample.sides(&map, line)?;
    Ok(Edit { before, after })
}

/// What others see of a map's first bytes.
#[derive(Debug)]
pub struct Others {
    /// A read through the handle that was mapped.
    pub same_handle: Text,
    /// A read through a handle opened for that look.
    pub another_handle: Text,
    /// Another map of the same file, older than the edit.
    pub another_map: Text,
}

/// The same looks before and after an edit.
#[derive(Debug)]
pub struct SeenByOthers {
    /// Before the edit.
    pub before: Others,
    /// After it, with no flush in between.
    pub after: Others,
}

/// An edit through a shared map is seen at once by everybody: by a read, through another handle, in another map.
///
/// It is tempting to flush so that others can see an edit. No flush happens here. A store changes a page of the
/// system's cache, and everybody is served from that page: there is one copy, so there is nothing to bring up to date.
///
/// POSIX promises this for other maps; for `read` it wants an `msync` in between. Systems that cache maps and files
/// apart need it: OpenBSD does; Linux, macOS, FreeBSD and NetBSD do not. On Windows other maps agree, reads without a
/// flush are not promised.
///
/// Promised by nobody for reads (the Linux manual: "carried through to the underlying file", without saying when), by
/// POSIX for other maps (`mmap`, MAP_SHARED); this is what Linux does, where maps and files share one cache.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/write/an_edit_is_seen_at_once.snap"))]
/// ```
pub fn an_edit_is_seen_at_once() -> io::Result<SeenByOthers> {
    let sample = Sample::lorem()?;
    let mut file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).at(&sample)?;
    let other = MmapOptions::new().map_raw_read_only(&sample.read_only()?).at(&sample)?;
    let mut look = || -> io::Result<Others> {
        let mut same_handle = vec![0; 11];
        file.rewind()?;
        file.read_exact(&mut same_handle)?;
        let another_handle = sample.read(0..11)?;
        Ok(Others { same_handle: Text(same_handle), another_handle, another_map: raw::look(&other, 0..11) })
    };
    let before = look()?;

    for (at, byte) in b"LOREM".iter().enumerate() {
        // SAFETY: the first five bytes are inside the map, and no reference to any of its bytes exists.
        unsafe { map.as_mut_ptr().add(at).write_volatile(*byte) };
    }

    let after = look()?;
    Ok(SeenByOthers { before, after })
}

/// A write to the file is seen through a shared map that is already there.
///
/// It is tempting to think of a map as a snapshot, taken when it was made. It shows the file as it is now.
///
/// That is also why making a map of a file is `unsafe` in Rust: a `&[u8]` promises bytes that do not change, and here
/// somebody changes them. So this lesson holds no slice; it looks at each byte anew, through a raw map. Through
/// `&Mmap[..]` the same look may show the new byte in a debug build and the old one in a release build: it is
/// undefined.
///
/// Promised by nobody (POSIX leaves it to the application to synchronise maps with reads and writes of the file); this
/// is what Linux does, where maps and files share one cache.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/write/a_write_to_the_file_is_seen_through_the_map.snap"))]
/// ```
pub fn a_write_to_the_file_is_seen_through_the_map() -> io::Result<Edit> {
    let sample = Sample::lorem()?;
    let map = MmapOptions::new().map_raw_read_only(&sample.read_only()?).at(&sample)?;
    let look = || raw::sides(&map, &sample, 0..11);
    let before = look()?;

    sample.read_write()?.write_all(b"LOREM").at(&sample)?;

    let after = look()?;
    Ok(Edit { before, after })
}

/// A map that was dropped without a flush, and its file.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Dropped {
    /// The file before the edit.
    pub file_before: Text,
    /// The memory after it.
    pub memory_after_edit: Text,
    /// How many maps of the file there are then.
    pub maps_before_drop: usize,
    /// How many there are after the map was dropped.
    pub maps_after_drop: usize,
    /// The file then.
    pub file_after_drop: Text,
}

/// Dropping a shared map without a flush loses nothing.
///
/// It is tempting to think that unflushed edits are lost with the map, as with a buffered writer that is not flushed.
/// The edit is in the system's cache of the file from the moment of the store; the map was only a window on it. The
/// system writes the page to the disk when it sees fit, or when somebody flushes.
///
/// The manual of `msync` warns that without it nothing guarantees that changes are written back before `munmap`. That
/// is about the disk: what a crash of the machine or a loss of power takes cannot be shown from inside it. Even killing
/// the process loses nothing: see the chapter `share`.
///
/// Promised by nobody (POSIX and the Linux manual promise the file's new bytes only after `msync`); this is what Linux
/// does, where maps and files share one cache.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/write/dropping_the_map_unflushed_loses_nothing.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn dropping_the_map_unflushed_loses_nothing() -> io::Result<Dropped> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&sample.read_write()?) }.at(&sample)?;
    let file_before = sample.read(0..11)?;
    map[..5].make_ascii_uppercase();
    let memory_after_edit = map[..11].into();
    let maps_before_drop = kernel::mappings_of(sample.path())?;

    drop(map);

    let maps_after_drop = kernel::mappings_of(sample.path())?;
    let file_after_drop = sample.read(0..11)?;
    Ok(Dropped { file_before, memory_after_edit, maps_before_drop, maps_after_drop, file_after_drop })
}

/// An edit and its flush, looked at in between.
#[derive(Debug)]
pub struct Flushed {
    /// Both sides before the edit.
    pub before: Sides,
    /// Both sides after the edit, before the flush.
    pub after_edit: Sides,
    /// What the flush was answered.
    pub flush: Answer,
    /// Both sides after the flush.
    pub after_flush: Sides,
}

/// A flush of a shared map changes nothing that a reader sees: it buys durability, not visibility.
///
/// It is tempting to call `flush` so that a reader gets the edit. Readers have it already. The flush writes changed
/// pages to the disk and waits for it; what it buys is that the edit outlives a loss of power. Nothing inside a running
/// machine can see that difference, so no test here pretends to: leaving the flush out of this lesson would change its
/// answer, not what was seen.
///
/// `flush_async` buys even less on Linux, where it has done nothing at all since 2.6.19. On tmpfs there is no disk, and
/// a flush has nothing to do.
///
/// Promised by nobody for what is seen before the flush; for after it by POSIX (`msync`, MS_SYNC). This is what Linux
/// does, where maps and files share one cache.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/write/a_flush_changes_nothing_that_a_reader_sees.snap"))]
/// ```
pub fn a_flush_changes_nothing_that_a_reader_sees() -> io::Result<Flushed> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&sample.read_write()?) }.at(&sample)?;
    let before = sample.sides(&map, 0..11)?;
    map[..5].make_ascii_uppercase();
    let after_edit = sample.sides(&map, 0..11)?;

    let flush = Answer::from(map.flush());

    let after_flush = sample.sides(&map, 0..11)?;
    Ok(Flushed { before, after_edit, flush, after_flush })
}

/// What flushes of parts of a map were answered.
#[derive(Debug)]
pub struct FlushedRanges {
    /// Everything.
    pub whole: Answer,
    /// Five bytes from the second on.
    pub unaligned: Answer,
    /// Nothing, at the end.
    pub empty_at_the_end: Answer,
    /// Five bytes, without waiting.
    pub without_waiting: Answer,
    /// One byte more than there is.
    pub one_byte_too_long: Answer,
    /// One byte, past the end.
    pub past_the_end: Answer,
    /// One byte too long, without waiting.
    pub too_long_without_waiting: Answer,
}

/// A flush takes any range inside the map, and refuses one that leaves it.
///
/// It is tempting to align the range to pages, as `msync` and Python's `flush(offset, size)` want it. memmap2 does
/// that: it begins at the page that holds the first byte. A range that is not inside the map is refused before the
/// system is asked.
///
/// Whole pages are written, often with their neighbours, so a flush of one range may write other edits as well.
///
/// Promised by memmap2 (`MmapMut::flush_range`, `flush_async_range`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/write/a_flush_takes_any_range_inside_the_map.snap"))]
/// ```
pub fn a_flush_takes_any_range_inside_the_map() -> io::Result<FlushedRanges> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let map = unsafe { MmapMut::map_mut(&sample.read_write()?) }.at(&sample)?;
    let length = map.len();

    Ok(FlushedRanges {
        whole: map.flush().into(),
        unaligned: map.flush_range(1, 5).into(),
        empty_at_the_end: map.flush_range(length, 0).into(),
        without_waiting: map.flush_async_range(1, 5).into(),
        one_byte_too_long: map.flush_range(0, length + 1).into(),
        past_the_end: map.flush_range(length, 1).into(),
        too_long_without_waiting: map.flush_async_range(0, length + 1).into(),
    })
}

/// Three replacements of a word of five letters.
#[derive(Debug)]
pub struct Replacements {
    /// By four letters.
    pub by_a_shorter_word: Ending,
    /// By six letters.
    pub by_a_longer_word: Ending,
    /// Both sides after those two.
    pub after_these: Sides,
    /// By five letters.
    pub by_one_as_long: Ending,
    /// Both sides after that.
    pub after_that: Sides,
    /// How many bytes the file has then.
    pub file_bytes: u64,
}

/// An edit in place cannot change the length: what replaces must be as long as what is replaced.
///
/// It is tempting to assign a longer or shorter string, as one edits a line in an editor. Bytes in a map have fixed
/// places; nothing moves up. `copy_from_slice` panics unless both have the same length, before it changes anything.
///
/// Python raises IndexError or ValueError. To insert, write a new file and rename it: see the chapter `patterns`.
///
/// Promised by Rust (`slice::copy_from_slice`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/write/an_edit_in_place_cannot_change_the_length.snap"))]
/// ```
pub fn an_edit_in_place_cannot_change_the_length() -> io::Result<Replacements> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&sample.read_write()?) }.at(&sample)?;

    let by_a_shorter_word = panics::ending(|| map[..5].copy_from_slice(b"Ipsu"));
    let by_a_longer_word = panics::ending(|| map[..5].copy_from_slice(b"Ipsumm"));

    let after_these = sample.sides(&map, 0..11)?;
    let by_one_as_long = panics::ending(|| map[..5].copy_from_slice(b"Ipsum"));
    let after_that = sample.sides(&map, 0..11)?;
    let file_bytes = sample.length()?;
    Ok(Replacements { by_a_shorter_word, by_a_longer_word, after_these, by_one_as_long, after_that, file_bytes })
}
