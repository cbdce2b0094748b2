//! Reading through a map: its bytes are a slice.
//!
//! How does a program read a mapped file?
//!
//! 1. [`reading_and_slicing_keep_to_themselves`]
//! 2. [`a_map_is_the_whole_file`]
//! 3. [`out_of_bounds_is_a_panic_or_none`]
//! 4. [`a_cursor_never_grows_the_map`]
//! 5. [`buffered_bytes_are_not_yet_in_the_map`]
//! 6. [`lines_are_read_without_copying`]

use std::io::{self, BufRead, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::slice;

use memmap2::{MmapOptions, MmapRaw};

use crate::lab::errors::Naming;
use crate::lab::look::offset_in;
use crate::lab::observation::{Answer, BeforeAndAfter, Outcome, Sides, Text};
use crate::lab::panics;
use crate::lab::sample::{self, Sample};

/// Reading through a cursor and slicing keep to themselves: neither moves the other.
///
/// > A map is an open file: it has one position, and taking a slice moves it.
///
/// A map has no position at all: it is a slice. A position belongs to the [`Cursor`] that you put
/// over the slice, and only that cursor moves it. (Python's `mmap` object is a slice and a file
/// with a position in one; there too slicing leaves the position alone.)
///
/// The second slice is taken from the end. A first slice of ten bytes is no test: a cursor that
/// slicing moved to the end of the slice would stand at ten, too. A file with fewer bytes gives
/// what there is.
///
/// Promised by Rust (`Cursor` keeps its own position; a slice is taken through `&self`).
///
/// # Errors
/// Names `text` when it cannot be opened or mapped.
///
/// # Safety
/// This maps your file itself, not a copy. While it runs, nobody may write to the file or truncate
/// it: a write is undefined behaviour, since the map is a `&[u8]`, and a touch of a page that was
/// cut off kills this process with SIGBUS (chapter `bounds`).
#[doc = page!(read::reading_and_slicing_keep_to_themselves)]
#[doc(alias = "seek")]
#[doc(alias = "tell")]
#[doc(alias = "position")]
#[doc(alias = "file pointer")]
pub unsafe fn reading_and_slicing_keep_to_themselves(text: &Path) -> io::Result<Reading> {
    let file = sample::open(text)?;
    // SAFETY: this lesson only reads, and the caller keeps everybody else from writing to the file.
    let map = unsafe { MmapOptions::new().map(&file) }.naming(text)?;
    let mut cursor = Cursor::new(&map[..]);
    let mut ten = [0; 10];

    let count = cursor.read(&mut ten)?;
    let read = Step::new(&ten[..count], &cursor);

    let first_slice = Step::new(&map[..map.len().min(10)], &cursor);
    let last_slice = Step::new(&map[map.len().saturating_sub(10)..], &cursor);

    let count = cursor.read(&mut ten)?;
    let read_on = Step::new(&ten[..count], &cursor);

    Ok(Reading {
        read,
        first_slice,
        last_slice,
        read_on,
    })
}

/// Four looks at one map, and where its cursor stood after each.
#[derive(Debug)]
pub struct Reading {
    /// Ten bytes read through the cursor.
    pub read: Step,
    /// The first ten bytes, taken as a slice.
    pub first_slice: Step,
    /// The last ten bytes, taken as a slice.
    pub last_slice: Step,
    /// The next ten bytes read through the cursor.
    pub read_on: Step,
}

/// What one look at the map gave.
#[derive(Debug)]
pub struct Step {
    pub bytes: Text,
    /// The cursor's position after it, in bytes from the map's start.
    pub cursor: u64,
}

impl Step {
    fn new(bytes: &[u8], cursor: &Cursor<&[u8]>) -> Step {
        Step {
            bytes: bytes.into(),
            cursor: cursor.position(),
        }
    }
}

/// A map of a file, with no offset and no length given, is all of its bytes and no more.
///
/// > A map comes in whole pages, so after the file's last byte I see zeros up to the page's end.
///
/// The kernel does map whole pages. The slice that memmap2 makes of them has the length that the
/// file had at that moment, and a slice cannot be read past its end.
///
/// Python's `mmap(fileno, 0)` takes the file's length, too. An empty file is a case of its own: see
/// the chapter `bounds`.
///
/// Promised by memmap2 (`MmapOptions::len`: without it, the map is as long as the file); that the
/// bytes are the file's, by POSIX (`mmap`).
#[doc = page!(read::a_map_is_the_whole_file)]
#[doc(alias = "len")]
#[doc(alias = "size")]
#[doc(alias = "length")]
pub fn a_map_is_the_whole_file() -> io::Result<Whole> {
    let sample = Sample::lorem()?;
    let file = sample.read_only()?;

    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { MmapOptions::new().map(&file) }.naming(&sample)?;

    sample.expect_maps(&["r--s"])?;
    let all = sample.sides(&map, 0..usize::MAX)?;
    Ok(Whole {
        file_bytes: all.file.0.len(),
        map_bytes: all.memory.0.len(),
        first_difference: all.first_difference(),
        last_bytes: sample.sides(&map, map.len().saturating_sub(12)..map.len())?,
    })
}

/// A file beside the map of it.
#[derive(Debug)]
pub struct Whole {
    /// How many bytes an ordinary read of the file gave.
    pub file_bytes: usize,
    pub map_bytes: usize,
    /// At which byte the two first differ.
    pub first_difference: Option<usize>,
    /// The last twelve bytes of the map, and what the file has there.
    pub last_bytes: Sides,
}

/// Out of bounds is a panic or `None`, never a fault.
///
/// > The byte after the last one is a segmentation fault, as it may be in C.
///
/// A map is a slice, and every index into a slice is checked against its length before memory is
/// touched: `get` answers `None`, an index panics, and a panic can be caught. (In this file the
/// byte after the last is even in memory: it is one of the zeros that fill the last page. The check
/// does not care.)
///
/// A fault is still possible *inside* the bounds, when the file shrinks under the map: see the
/// chapter `bounds`. In Python an index out of bounds raises IndexError; a slice is cut to what is
/// there.
///
/// Promised by Rust (indexing a slice; `slice::get`).
#[doc = page!(read::out_of_bounds_is_a_panic_or_none)]
#[doc(alias = "SIGSEGV")]
#[doc(alias = "segmentation fault")]
#[doc(alias = "IndexError")]
#[doc(alias = "index out of range")]
pub fn out_of_bounds_is_a_panic_or_none() -> io::Result<OutOfBounds> {
    let sample = Sample::of(b"0123456789")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { MmapOptions::new().map(&sample.read_only()?) }.naming(&sample)?;
    let end = map.len();
    let show = |byte: &u8| Text::from(slice::from_ref(byte));
    let get = |at: usize| (at, map.get(at).map(show));
    let index = |at: usize| panics::outcome(|| _ = show(&map[at]));
    sample.expect_in_maps(&map, &["r--s"])?;

    Ok(OutOfBounds {
        map_bytes: end,
        get_the_last: get(end - 1),
        get_one_past_the_end: get(end),
        get_the_last_five: map.get(end - 5..end).map(Text::from),
        get_five_and_one_past_the_end: map.get(end - 5..end + 1).map(Text::from),
        index_the_last: index(end - 1),
        index_one_past_the_end: index(end),
        index_far_past_the_end: index(usize::MAX),
    })
}

/// What looking just inside and just outside a map gave.
#[derive(Debug)]
pub struct OutOfBounds {
    pub map_bytes: usize,
    /// The index that was asked for, and what was there.
    pub get_the_last: (usize, Option<Text>),
    pub get_one_past_the_end: (usize, Option<Text>),
    pub get_the_last_five: Option<Text>,
    pub get_five_and_one_past_the_end: Option<Text>,
    pub index_the_last: Outcome,
    pub index_one_past_the_end: Outcome,
    pub index_far_past_the_end: Outcome,
}

/// A cursor writes into a map up to its end, and never grows it.
///
/// > If I write past the end, the file grows, as it does without a map.
///
/// A cursor over a slice has nowhere to put more. A write across the end is short, the next takes
/// nothing, and `write_all` says WriteZero. A read there gives 0 bytes, as at the end of a file. To
/// append, make the file longer first: see the chapters `resize` and `recipes`.
///
/// Python's `write` differs: it raises ValueError and writes nothing if not all of it fits.
///
/// Promised by Rust (`Cursor<&mut [u8]>`, `Write`, `Read`).
#[doc = page!(read::a_cursor_never_grows_the_map)]
#[doc(alias = "append")]
#[doc(alias = "WriteZero")]
#[doc(alias = "grow")]
#[doc(alias = "write_all")]
pub fn a_cursor_never_grows_the_map() -> io::Result<CursorAtTheEnd> {
    let sample = Sample::of(b"0123456789")?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_mut(&sample.read_write()?) }.naming(&sample)?;
    sample.expect_maps(&["rw-s"])?;
    let before = sample.sides(&map, 0..20)?;
    let six = b"abcdef";
    let mut cursor = Cursor::new(&mut map[..]);
    cursor.seek(SeekFrom::End(-3))?;

    let written = cursor.write(six)?;

    let cursor_after_writing = cursor.stream_position()?;
    let write_one_more = Answer::from(cursor.write_all(b"g"));
    cursor.seek(SeekFrom::End(-3))?;
    let mut room = [0; 10];
    let read_before_the_end = cursor.read(&mut room)?;
    let read_at_the_end = cursor.read(&mut room)?;
    Ok(CursorAtTheEnd {
        before,
        written,
        not_written: Text(six.iter().skip(written).copied().collect()),
        cursor_after_writing,
        write_one_more,
        read_before_the_end,
        read_at_the_end,
        map_bytes: map.len(),
        after: sample.sides(&map, 0..20)?,
    })
}

/// What a cursor over a map of ten bytes did at its end.
#[derive(Debug)]
pub struct CursorAtTheEnd {
    /// The whole map and the whole file.
    pub before: Sides,
    /// How many bytes a write of six took, three bytes before the end.
    pub written: usize,
    pub not_written: Text,
    pub cursor_after_writing: u64,
    /// How `write_all` of one more byte was answered.
    pub write_one_more: Answer,
    /// How many bytes a read of ten gave three bytes before the end, and then at the end.
    pub read_before_the_end: usize,
    pub read_at_the_end: usize,
    /// How many bytes the map has after all that.
    pub map_bytes: usize,
    /// The whole map and the whole file then.
    pub after: Sides,
}

/// Bytes that wait in a `BufWriter` are not yet in the map; flushing the writer puts them there.
///
/// > I have written it, so it is in the file, and every map of the file shows it.
///
/// A buffered writer keeps bytes in this program's own memory. They wait there until the buffer is
/// full, flushed or dropped. Only then are they written to the file, and only then does a shared
/// map show them. (A write as large as the buffer does not wait.)
///
/// A flush of the map does not help: it has only its name in common with this one.
///
/// Promised by Rust (`BufWriter`). That a map then shows the file's new bytes is unspecified; Linux
/// does so.
#[doc = page!(read::buffered_bytes_are_not_yet_in_the_map)]
#[doc(alias = "buffer")]
#[doc(alias = "stale")]
#[doc(alias = "fflush")]
pub fn buffered_bytes_are_not_yet_in_the_map() -> io::Result<Buffered> {
    let sample = Sample::of(b"........")?;
    let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
    let look = || sample.sides(&map, 0..8);
    let mut writer = BufWriter::new(sample.read_write()?);
    writer.write_all(b"buffered").naming(&sample)?;
    let in_the_buffer = Text::from(writer.buffer());
    map.flush().naming(&sample)?;
    let before = look()?;
    sample.expect_flushed(map.as_ptr())?;

    writer.flush().naming(&sample)?;

    let after = look()?;
    sample.expect_maps(&["rw-s"])?;
    Ok(Buffered {
        in_the_buffer,
        in_the_buffer_at_the_end: Text::from(writer.buffer()),
        flush_of_the_writer: BeforeAndAfter { before, after },
    })
}

/// Eight bytes on their way through a buffer.
#[derive(Debug)]
pub struct Buffered {
    /// What waits there after the write.
    pub in_the_buffer: Text,
    pub in_the_buffer_at_the_end: Text,
    /// Before and after the flush of the writer. A flush of the map came before both, while the bytes waited.
    pub flush_of_the_writer: BeforeAndAfter<Sides>,
}

/// A mapped file is read line by line without copying.
///
/// > To get lines I need a reader, and a reader copies each line into memory of its own.
///
/// A reader over the map does work so: `BufRead::split` gives vectors. But the map is a slice
/// already: splitting it gives the same lines as slices, and their addresses are inside the map.
///
/// `split_inclusive` gives each line with its newline, which the lesson takes off, and nothing after
/// the last one. (Plain `split` gives one more, empty line where the file ends in a newline, as most
/// do.)
///
/// Python's `readline` over a map gives `bytes`, which are a copy.
///
/// Promised by Rust (`slice::split_inclusive` borrows).
#[doc = page!(read::lines_are_read_without_copying)]
#[doc(alias = "readline")]
#[doc(alias = "split")]
#[doc(alias = "zero-copy")]
#[doc(alias = "newline")]
pub fn lines_are_read_without_copying() -> io::Result<Lines> {
    let sample = Sample::of(b"alpha\nbeta\n\ngamma\n")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { MmapOptions::new().map(&sample.read_only()?) }.naming(&sample)?;
    let mut reader = &map[..];
    let lines_of_a_reader = BufRead::split(&mut reader, b'\n')
        .map(|line| line.map(Text))
        .collect::<io::Result<_>>()?;

    let lines: Vec<&[u8]> = map
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\n").unwrap_or(line))
        .collect();

    sample.expect_in_maps(&map, &["r--s"])?;
    let inside = |line: &&&[u8]| offset_in(&map, line).is_some();
    Ok(Lines {
        reader_is_at_the_maps_end: reader.as_ptr() == map.as_ptr_range().end,
        inside_the_map: lines.iter().filter(inside).count(),
        lines: lines.into_iter().map(Text::from).collect(),
        lines_of_a_reader,
    })
}

/// The lines of a mapped file.
#[derive(Debug)]
pub struct Lines {
    pub reader_is_at_the_maps_end: bool,
    /// How many of the lines are slices of the map.
    pub inside_the_map: usize,
    pub lines: Vec<Text>,
    /// The lines as a reader over the map copies them.
    pub lines_of_a_reader: Vec<Text>,
}
