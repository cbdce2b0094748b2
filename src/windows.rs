//! Windows: what it refuses where a Unix does not.
//!
//! What does a map mean for its file on Windows?
//!
//! 1. [`a_mapped_file_cannot_be_made_shorter`]
//! 2. [`a_map_longer_than_the_file_is_refused`]
//! 3. [`a_map_begins_in_a_block_of_64_kib`]
//! 4. [`a_file_opened_without_sharing_is_kept_from_others_by_its_map`]

use std::fs::File;
use std::io;
use std::os::windows::fs::OpenOptionsExt;

use memmap2::{MmapOptions, MmapRaw};

use crate::lab::errors::Naming;
use crate::lab::look::Look;
use crate::lab::observation::{Answer, Sides, Text};
use crate::lab::place::Place;
use crate::lab::sample::Sample;

/// A mapped file cannot be made shorter until its map is dropped; it can be made longer.
///
/// > Another program may cut a file that I have mapped, and the next touch kills mine.
///
/// That is so on Unix: see `bounds::truncating_kills_past_the_new_end`. Windows refuses instead,
/// for as long as there is a view of the file in any process. So a program that maps a file here is
/// safe from being cut off, and stands in the way of every program that wants to cut it.
///
/// Run under wine. Wine is not Windows; what Microsoft's text says is what is promised. That the file
/// can be made longer meanwhile was seen under wine only.
///
/// Promised by Windows (`SetEndOfFile`: all views must be unmapped before it is called).
#[doc = page!(windows::a_mapped_file_cannot_be_made_shorter)]
#[doc(alias = "ERROR_USER_MAPPED_FILE")]
#[doc(alias = "1224")]
#[doc(alias = "SetEndOfFile")]
#[doc(alias = "set_len")]
pub fn a_mapped_file_cannot_be_made_shorter() -> io::Result<Guarded> {
    let sample = Sample::of(b"0123456789")?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;

    let shorter_while_mapped = Answer::from(file.set_len(4));

    let after_it = sample.sides(&map, 0..12)?;
    let longer_while_mapped = Answer::from(file.set_len(12));
    let length_then = sample.length()?;
    drop(map);
    Ok(Guarded {
        shorter_while_mapped,
        after_it,
        longer_while_mapped,
        length_then,
        shorter_after_the_drop: file.set_len(4).into(),
        length_at_the_end: sample.length()?,
    })
}

/// A file of ten bytes that was to be cut to four.
#[derive(Debug)]
pub struct Guarded {
    pub shorter_while_mapped: Answer,
    pub after_it: Sides,
    /// Making it two bytes longer than it was.
    pub longer_while_mapped: Answer,
    pub length_then: u64,
    pub shorter_after_the_drop: Answer,
    pub length_at_the_end: u64,
}

/// A map longer than the file is refused, and the file keeps its length.
///
/// > A map may be longer than its file: only touching what is past the end is a mistake.
///
/// That is so on Unix: see `bounds::a_map_longer_than_the_file_is_allowed`. Here memmap2 asks for a
/// section of the file's own size, and Windows grants no view past its section. So make the file
/// longer first, with `set_len`. (The system itself would: `CreateFileMapping` with a larger size
/// makes the file grow, as Python's `mmap` does.)
///
/// Run under wine.
///
/// Promised by Windows (`MapViewOfFile`: the range must be inside the section). That the section
/// has the file's size stands in memmap2's source.
#[doc = page!(windows::a_map_longer_than_the_file_is_refused)]
#[doc(alias = "MapViewOfFile")]
#[doc(alias = "CreateFileMapping")]
#[doc(alias = "len")]
#[doc(alias = "grow")]
pub fn a_map_longer_than_the_file_is_refused() -> io::Result<Longer> {
    let sample = Sample::of(b"0123456789")?;
    let file = sample.read_write()?;
    let map = |length: usize| Answer::from(MmapOptions::new().len(length).map_raw(&file));
    let as_long = map(10);

    let longer = map(100_000);

    let length_then = sample.length()?;
    file.set_len(100_000).naming(&sample)?;
    Ok(Longer {
        as_long,
        longer,
        length_then,
        when_the_file_is_as_long: map(100_000),
    })
}

/// Maps of a file of ten bytes.
#[derive(Debug)]
pub struct Longer {
    /// A map of ten bytes.
    pub as_long: Answer,
    /// A map of 100,000 bytes.
    pub longer: Answer,
    /// How long the file is after that.
    pub length_then: u64,
    /// A map of 100,000 bytes of a file of 100,000.
    pub when_the_file_is_as_long: Answer,
}

/// A map begins in a block of 64 KiB: memory is given out in such blocks, and not by pages.
///
/// > An offset that is a multiple of the page size is where a map may begin.
///
/// The kernel maps at multiples of the allocation granularity, in the file and in memory. memmap2
/// maps from the start of the block that holds the offset, and its slice begins at the byte that
/// you asked for. So a map with an offset of one page begins one page into a block.
///
/// Python's `offset` has to be a multiple of `mmap.ALLOCATIONGRANULARITY`, which is this number.
///
/// Run under wine.
///
/// Promised by Windows (`MapViewOfFile`: the offset must be a multiple of the allocation
/// granularity). That it is 64 KiB is so in every version (`SYSTEM_INFO`).
#[doc = page!(windows::a_map_begins_in_a_block_of_64_kib)]
#[doc(alias = "allocation granularity")]
#[doc(alias = "ALLOCATIONGRANULARITY")]
#[doc(alias = "dwAllocationGranularity")]
#[doc(alias = "offset")]
pub fn a_map_begins_in_a_block_of_64_kib() -> io::Result<Blocks> {
    const BLOCK: usize = 64 * 1024;
    let sample = Sample::of(&[b'.'; 2 * BLOCK])?;
    let file = sample.read_only()?;
    let bytes_into_a_block = |offset: usize| -> io::Result<Place> {
        let map = MmapOptions::new()
            .offset(offset as u64)
            .map_raw_read_only(&file)
            .naming(&sample)?;
        Ok(Place::from(map.as_ptr().addr() % BLOCK))
    };

    Ok(Blocks {
        without_offset: bytes_into_a_block(0)?,
        a_page: bytes_into_a_block(4096)?,
        a_page_and_a_byte: bytes_into_a_block(4097)?,
        a_block: bytes_into_a_block(BLOCK)?,
        a_block_and_a_byte: bytes_into_a_block(BLOCK + 1)?,
    })
}

/// How far after the start of a block of memory a map begins, by its offset in the file.
#[derive(Debug)]
pub struct Blocks {
    pub without_offset: Place,
    pub a_page: Place,
    pub a_page_and_a_byte: Place,
    pub a_block: Place,
    pub a_block_and_a_byte: Place,
}

/// A file opened without sharing is kept from others by its map, even when the handle is closed.
///
/// > Nothing keeps another program from writing to a file that I have mapped.
///
/// On Unix nothing does: a lock stops only who asks for it. On Windows a program says when it opens
/// a file what others may do with it meanwhile; `share_mode(0)` is nothing. memmap2 keeps a handle
/// of its own until the map is dropped, and so the file stays closed to others for as long.
///
/// Rust's default allows others everything.
///
/// Run under wine.
///
/// Promised by Windows (`CreateFile`, dwShareMode: until the handle is closed). That the map has a
/// handle of its own stands in memmap2's source.
#[doc = page!(windows::a_file_opened_without_sharing_is_kept_from_others_by_its_map)]
#[doc(alias = "share_mode")]
#[doc(alias = "ERROR_SHARING_VIOLATION")]
#[doc(alias = "exclusive")]
#[doc(alias = "lock")]
pub fn a_file_opened_without_sharing_is_kept_from_others_by_its_map() -> io::Result<Unshared> {
    let sample = Sample::of(b"mine")?;
    let open = || Answer::from(File::options().read(true).write(true).open(&sample));
    let before = open();
    let mut alone = File::options();
    alone.read(true).write(true).share_mode(0);
    let file = alone.open(&sample).naming(&sample)?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    let while_open = open();

    drop(file);

    let while_mapped = open();
    let memory = map.look(0..4);
    drop(map);
    Ok(Unshared {
        before,
        while_open,
        while_mapped,
        memory,
        after_the_drop: open(),
    })
}

/// How somebody else's opening of a file was answered.
#[derive(Debug)]
pub struct Unshared {
    pub before: Answer,
    /// While a handle that shares nothing was open.
    pub while_open: Answer,
    /// When that handle was closed, and a map of it was left.
    pub while_mapped: Answer,
    /// What the map shows then.
    pub memory: Text,
    /// When the map was dropped, too.
    pub after_the_drop: Answer,
}
