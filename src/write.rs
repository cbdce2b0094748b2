//! A shared map and its file: one and the same bytes.
//!
//! Who sees an edit through a shared map, and when?
//!
//! 1. [`a_flushed_edit_is_in_the_file`]
//! 2. [`an_edit_is_seen_at_once`]
//! 3. [`a_write_to_the_file_is_seen_through_the_map`]
//! 4. [`dropping_the_map_unflushed_loses_nothing`]
//! 5. [`a_flush_changes_nothing_that_a_reader_sees`]
//! 6. [`a_flush_takes_any_range_inside_the_map`]
//! 7. [`an_edit_in_place_cannot_change_the_length`]

use std::io::{self, Write};
use std::path::Path;

use memmap2::MmapRaw;
use memmap2::{MmapMut, MmapOptions};

use crate::lab::at::FileExt;
use crate::lab::errors::Naming;
use crate::lab::look::{Look, Store};
use crate::lab::observation::Text;
use crate::lab::observation::{Answer, BeforeAndAfter, Outcome, Sides};
use crate::lab::panics;
use crate::lab::place::{Place, page_size};
use crate::lab::sample::Sample;
use crate::lab::writeback;

/// A flushed edit through a shared map is in the file.
///
/// > A map is a copy of the file in memory. The file stays as it is until somebody writes it back.
///
/// The pages of a shared map *are* the file's pages in the system's cache: a store changes what
/// every reader of the file gets. The flush writes those pages to the disk and waits for that.
///
/// On Linux a reader has the edit before the flush: see [`an_edit_is_seen_at_once`]. No standard
/// promises that, and so this claim has the flush in it.
///
/// The edit is made in a copy; your text is never written.
///
/// Promised by POSIX (`mmap`: with MAP_SHARED a store changes the file; `msync`, MS_SYNC). It does
/// not say outright that an ordinary read sees the edit after the flush. We infer that: it asks
/// programs to synchronize maps with reads.
///
/// # Errors
/// Names `text` when it cannot be read or does not hold `word`.
#[doc = page!(write::a_flushed_edit_is_in_the_file)]
#[doc(alias = "MAP_SHARED")]
#[doc(alias = "map_mut")]
#[doc(alias = "msync")]
#[doc(alias = "ACCESS_WRITE")]
#[doc(alias = "save")]
#[doc(alias = "saving")]
pub fn a_flushed_edit_is_in_the_file(text: &Path, word: &str) -> io::Result<BeforeAndAfter<Sides>> {
    let sample = Sample::copy_of(text)?;
    // SAFETY: the sample is this lesson's own copy; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_mut(&sample.read_write()?) }.naming(&sample)?;
    let (word, line) = sample.find(word, &map)?;
    let before = sample.sides(&map, line.clone())?;

    map[word].reverse();
    map.flush().naming(&sample)?;

    let after = sample.sides(&map, line)?;
    sample.expect_stores_through(&["rw-s"])?;
    sample.expect_flushed(map.as_ptr())?;
    Ok(BeforeAndAfter { before, after })
}

/// An edit through a shared map is seen at once, with no flush: by a read through any handle, and
/// in other shared maps.
///
/// > Others see my edit when I flush it.
///
/// A store changes a page of the system's cache. Ordinary reads and other shared maps on this
/// machine are served from that same page: there is one copy, so there is nothing to bring up to
/// date. (A computer that has the file by NFS sees the edit later.)
///
/// (The lesson's other map begins at the second byte, so that nobody takes it for the first one.)
///
/// Other systems may keep what is read apart from what is mapped. OpenBSD calls reads of such a
/// file unpredictable until `msync` (its manual, `msync`).
///
/// Unspecified for reads (POSIX, `mmap`, asks programs to synchronize maps with reads; the Linux
/// manual says that a store is carried to the file, and not when); this is what Linux does. For
/// other shared maps promised by POSIX (`mmap`, MAP_SHARED).
#[doc = page!(write::an_edit_is_seen_at_once)]
#[doc(alias = "coherence")]
#[doc(alias = "visibility")]
#[doc(alias = "page cache")]
#[doc(alias = "MAP_SHARED")]
pub fn an_edit_is_seen_at_once() -> io::Result<BeforeAndAfter<Others>> {
    writeback::undisturbed(|| {
        let sample = Sample::lorem()?;
        let file = sample.read_write()?;
        let map = MmapRaw::map_raw(&file).naming(&sample)?;
        let other = MmapOptions::new()
            .offset(1)
            .map_raw_read_only(&sample.read_only()?)
            .naming(&sample)?;
        let look = || -> io::Result<Others> {
            let mut same_handle = vec![0; 11];
            file.read_exact_at(&mut same_handle, 0).naming(&sample)?;
            Ok(Others {
                same_handle: Text(same_handle),
                another_handle: sample.read(0..11)?,
                another_map: other.look(0..10),
            })
        };
        let before = look()?;

        // SAFETY: the byte is inside the map, and no reference to it exists.
        unsafe { map.store(6, b'_') };

        let after = look()?;
        sample.expect_looked_through(&other)?;
        sample.expect_stores_through(&["r--s", "rw-s"])?;
        let unflushed = writeback::is_unwritten(map.as_ptr())?;
        Ok((unflushed, BeforeAndAfter { before, after }))
    })
}

/// What others than the edited map see of the file's first bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Others {
    /// A read through the handle that was mapped.
    pub same_handle: Text,
    /// A read through a handle opened for that look.
    pub another_handle: Text,
    /// Another map of the same file, older than the edit. It begins at the file's second byte.
    pub another_map: Text,
}

/// A write to the file is seen through a shared map that is already there.
///
/// > A map shows the file as it was when I mapped it.
///
/// A shared map shows the file as it is now: the write goes into the very page that is mapped.
///
/// This is also why mapping a file is `unsafe` in Rust. A `&[u8]` promises bytes that do not
/// change, and here somebody changes them. So the lesson holds no slice; it looks at each byte
/// anew, through a raw map, with a [look](crate::lab::look) of its own. Through `&map[..]` the same
/// look may show the new byte in a debug build and the old one in a release build: it is undefined
/// behaviour.
///
/// Unspecified (POSIX, `mmap`, asks programs to synchronize maps with writes); this is what Linux
/// does, where maps and files share one cache.
#[doc = page!(write::a_write_to_the_file_is_seen_through_the_map)]
#[doc(alias = "undefined behaviour")]
#[doc(alias = "snapshot")]
#[doc(alias = "tail")]
#[doc(alias = "map_raw")]
pub fn a_write_to_the_file_is_seen_through_the_map() -> io::Result<BeforeAndAfter<Sides>> {
    let sample = Sample::lorem()?;
    let map = MmapOptions::new()
        .map_raw_read_only(&sample.read_only()?)
        .naming(&sample)?;
    let before = sample.sides(&map, 0..11)?;

    sample.read_write()?.write_all(b"LOREM").naming(&sample)?;

    let after = sample.sides(&map, 0..11)?;
    sample.expect_writes(1)?;
    sample.expect_maps(&["r--s"])?;
    Ok(BeforeAndAfter { before, after })
}

/// Dropping a shared map without a flush loses nothing: a reader of the file has the edit.
///
/// > What I did not flush is lost when the map goes.
///
/// The edit is in the system's cache of the file from the moment of the store; the map was only a
/// window on it. The system writes the page to the disk when it sees fit, or when somebody flushes.
///
/// Until then a crash of the machine or a loss of power can take the edit, whether the map is still
/// there or not. And if that later write fails, a program that has merely dropped its map is not
/// told: only a flush has an answer, or `sync_all` on a handle that is still open.
///
/// Unspecified (the Linux manual, `msync`: without it nothing guarantees that changes are written
/// back before `munmap`); this is what Linux does, where maps and files share one cache.
#[doc = page!(write::dropping_the_map_unflushed_loses_nothing)]
#[doc(alias = "munmap")]
#[doc(alias = "close")]
#[doc(alias = "msync")]
#[doc(alias = "data loss")]
pub fn dropping_the_map_unflushed_loses_nothing() -> io::Result<Dropped> {
    writeback::undisturbed(|| {
        let sample = Sample::lorem()?;
        let file = sample.read_write()?;
        // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
        let mut map = unsafe { MmapOptions::new().map_mut(&file) }.naming(&sample)?;
        let before = sample.sides(&map, 0..11)?;
        map[..5].make_ascii_uppercase();
        let memory_after_edit = map.look(0..11);
        sample.expect_stores_through(&["rw-s"])?;

        drop(map);

        let file_after_drop = sample.read_unmapped(0..11)?;
        let later = MmapRaw::map_raw(&file).naming(&sample)?;
        let new_map_later = later.look(0..11);
        let unflushed = writeback::is_unwritten(later.as_ptr())?;
        let seen = Dropped {
            before,
            memory_after_edit,
            file_after_drop,
            new_map_later,
        };
        Ok((unflushed, seen))
    })
}

/// A map that was dropped without a flush, and its file.
#[derive(Debug)]
pub struct Dropped {
    pub before: Sides,
    pub memory_after_edit: Text,
    pub file_after_drop: Text,
    pub new_map_later: Text,
}

/// A flush of a shared map changes nothing that a reader sees.
///
/// > I flush so that readers get my edit.
///
/// Readers have it already. The flush writes changed pages to the disk and waits for that; it buys
/// durability, not visibility. With it the edit outlives a loss of power, as far as the disk itself
/// keeps its word. The chapter `disk` shows the pages that a flush makes clean.
///
/// `flush_async` buys less on Linux: since 2.6.19 it does nothing at all (`msync`, on MS_ASYNC). On
/// tmpfs there is no disk, and a flush has nothing to do.
///
/// Unspecified (POSIX, `mmap`, asks programs to synchronize maps with reads, and its `msync` is
/// about the disk); this is what Linux does, where maps and files share one cache.
#[doc = page!(write::a_flush_changes_nothing_that_a_reader_sees)]
#[doc(alias = "msync")]
#[doc(alias = "MS_SYNC")]
#[doc(alias = "MS_ASYNC")]
#[doc(alias = "flush_async")]
#[doc(alias = "durability")]
pub fn a_flush_changes_nothing_that_a_reader_sees() -> io::Result<Flushed> {
    writeback::undisturbed(|| {
        let sample = Sample::lorem()?;
        let file = sample.read_write()?;
        // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
        let mut map = unsafe { MmapOptions::new().map_mut(&file) }.naming(&sample)?;
        let before = sample.sides(&map, 0..11)?;
        map[..5].make_ascii_uppercase();
        let after_edit = sample.sides(&map, 0..11)?;
        let unflushed = writeback::is_unwritten(map.as_ptr())?;

        let flush = Answer::from(map.flush());

        let after_flush = sample.sides_flushed(&map, 0..11)?;
        sample.expect_stores_through(&["rw-s"])?;
        let seen = Flushed {
            before,
            after_edit,
            flush,
            after_flush,
        };
        Ok((unflushed, seen))
    })
}

/// An edit and its flush, looked at in between.
#[derive(Debug)]
pub struct Flushed {
    pub before: Sides,
    /// After the edit and before the flush.
    pub after_edit: Sides,
    pub flush: Answer,
    pub after_flush: Sides,
}

/// A flush takes any range inside the map, and refuses one that leaves it.
///
/// > A flush has to begin at a page boundary, as `msync` demands.
///
/// memmap2 sees to that: it begins at the page that holds the first byte. A range that is not
/// inside the map is refused before the system is asked. (Python's `flush(offset, size)` demands an
/// offset that is a multiple of the page size.)
///
/// A flush of one range may write other edits as well: by POSIX, `msync` writes the whole pages of
/// which the range has a part.
///
/// Promised by memmap2 (`MmapMut::flush_range`, `flush_async_range`: the range must be in the map).
/// That no alignment is demanded, and that another range is refused, is its practice.
#[doc = page!(write::a_flush_takes_any_range_inside_the_map)]
#[doc(alias = "flush_range")]
#[doc(alias = "flush_async_range")]
#[doc(alias = "msync")]
#[doc(alias = "alignment")]
pub fn a_flush_takes_any_range_inside_the_map() -> io::Result<Vec<FlushedRange>> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let map = unsafe { MmapOptions::new().map_mut(&sample.read_write()?) }.naming(&sample)?;
    sample.expect_maps(&["rw-s"])?;

    let flush = |offset: usize, length: usize| FlushedRange {
        offset: offset.into(),
        length: length.into(),
        flush_range: map.flush_range(offset, length).into(),
        flush_async_range: map.flush_async_range(offset, length).into(),
    };

    Ok(vec![
        flush(0, 2 * page),
        flush(1, 5),
        flush(page - 1, 2),
        flush(0, 2 * page + 1),
        flush(2 * page, 1),
    ])
}

/// A range of a map of two pages, and how flushes of it were answered.
#[derive(Debug)]
pub struct FlushedRange {
    pub offset: Place,
    pub length: Place,
    pub flush_range: Answer,
    pub flush_async_range: Answer,
}

/// An edit in place cannot change the length: what replaces must be as long as what is replaced.
///
/// > I put in a longer word, and what comes after it moves up.
///
/// Bytes in a map have fixed places, as in any slice; nothing moves up. `copy_from_slice` panics
/// unless both have the same length, before it changes anything.
///
/// In Python, a slice that is assigned bytes of another length raises IndexError. To insert, write
/// a new file and rename it: see the chapter `recipes`.
///
/// Promised by Rust (`slice::copy_from_slice`).
#[doc = page!(write::an_edit_in_place_cannot_change_the_length)]
#[doc(alias = "insert")]
#[doc(alias = "replace")]
#[doc(alias = "copy_from_slice")]
#[doc(alias = "IndexError")]
pub fn an_edit_in_place_cannot_change_the_length() -> io::Result<Replacements> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_mut(&sample.read_write()?) }.naming(&sample)?;
    let before = sample.sides(&map, 0..11)?;

    let replace =
        |map: &mut MmapMut, word: &[u8]| panics::outcome(|| map[..5].copy_from_slice(word));
    let by_a_shorter_word = replace(&mut map, b"Ipsu");
    let by_a_longer_word = replace(&mut map, b"Ipsumm");
    let after_these = sample.sides(&map, 0..11)?;
    let by_one_as_long = replace(&mut map, b"Ipsum");

    let after_that = sample.sides(&map, 0..11)?;
    sample.expect_maps(&["rw-s"])?;
    Ok(Replacements {
        before,
        by_a_shorter_word,
        by_a_longer_word,
        after_these,
        by_one_as_long,
        after_that,
        map_bytes: map.len(),
        file_bytes: sample.length()?,
    })
}

/// Three replacements of a word of five letters.
#[derive(Debug)]
pub struct Replacements {
    pub before: Sides,
    /// By four letters.
    pub by_a_shorter_word: Outcome,
    /// By six letters.
    pub by_a_longer_word: Outcome,
    /// The look after both of them.
    pub after_these: Sides,
    /// By five letters.
    pub by_one_as_long: Outcome,
    pub after_that: Sides,
    pub map_bytes: usize,
    pub file_bytes: u64,
}
