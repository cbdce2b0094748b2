//! Reading through a map: its bytes are a slice.

use std::fs;
use std::hint;
use std::io::{self, BufRead, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use memmap2::{Mmap, MmapMut, MmapRaw};

use crate::book::chapter;
use crate::observation::{Answer, Edit, Sides, Text};
use crate::panics::{self, Ending};
use crate::raw;
use crate::sample::{self, At, Sample};

chapter! {
    read;
    [document] reading_and_slicing_keep_to_themselves: Rust,
    a_map_is_the_whole_file: Memmap2,
    out_of_bounds_is_a_panic_or_none: Rust,
    a_cursor_never_grows_the_map: Rust,
    buffered_bytes_are_not_in_the_map: Rust,
    lines_are_read_without_copying: Rust,
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
    /// The bytes that it gave.
    pub bytes: Text,
    /// The cursor's position after it, in bytes from the map's start.
    pub cursor: u64,
}

/// Reading through a cursor and slicing keep to themselves: neither moves the other.
///
/// It is tempting to think of a map as a file with one position, which a slice resets or moves. A map has no position
/// at all: it is a slice. A position belongs to the [`Cursor`] that somebody put over the slice, and only that cursor
/// moves it. (Python's `mmap` object is a slice and a file with a position in one; there too slicing leaves the
/// position alone.) The second slice is from elsewhere in the file, since slicing the first ten bytes alone could not
/// tell a cursor that stayed at ten from one that was sent back to the start and on by ten.
///
/// A file with fewer bytes gives what there is.
///
/// The file itself is mapped, not a copy, so that one of any size will do. If somebody truncates it meanwhile, the
/// system kills this process with SIGBUS at its next touch of a page that is gone; if somebody writes to it, the
/// behaviour is undefined. A safe function cannot rule that out: this is the bargain that every program makes that maps
/// a file of its user's. See the chapters `bounds`, `patterns` and `protect`.
///
/// Promised by Rust (`Cursor` keeps its own position; a slice is taken through `&self`).
///
/// # Errors
/// Names `text` when it cannot be opened or mapped.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/read/reading_and_slicing_keep_to_themselves.snap"))]
/// ```
pub fn reading_and_slicing_keep_to_themselves(text: &Path) -> io::Result<Reading> {
    let file = sample::open(text)?;
    // SAFETY: this lesson only reads. Others may hold the file open too, which no program can prevent: the caller is
    // told above what happens when they write to it or truncate it.
    let map = unsafe { Mmap::map(&file) }.at(text)?;
    let mut cursor = Cursor::new(&map[..]);
    let mut bytes = [0; 10];

    let count = cursor.read(&mut bytes)?;
    let read = Step { bytes: bytes[..count].into(), cursor: cursor.position() };

    let first_ten = &map[..map.len().min(10)];
    let first_slice = Step { bytes: first_ten.into(), cursor: cursor.position() };

    let last_ten = &map[map.len().saturating_sub(10)..];
    let last_slice = Step { bytes: last_ten.into(), cursor: cursor.position() };

    let count = cursor.read(&mut bytes)?;
    let read_on = Step { bytes: bytes[..count].into(), cursor: cursor.position() };

    Ok(Reading { read, first_slice, last_slice, read_on })
}

/// A file beside the map of it.
#[derive(Debug)]
pub struct Whole {
    /// How many bytes a read gave.
    pub file_bytes: usize,
    /// How many bytes the map has.
    pub map_bytes: usize,
    /// At which byte the two first differ.
    pub first_difference: Option<usize>,
    /// The last line, from both sides.
    pub last_line: Sides,
}

/// A map of a file, with no offset and no length given, is all of its bytes and no more.
///
/// It is tempting to expect a length in whole pages, since the kernel maps nothing smaller, or to look for an end mark.
/// The mapping does come in whole pages; the slice that memmap2 makes of it has the length that the file had at that
/// moment, and a slice cannot be read beyond that.
///
/// Python's `mmap(fileno, 0)` does the same. An empty file is a case of its own: see the chapter `bounds`.
///
/// Promised by memmap2 (`Mmap::map`, `MmapOptions::len`); that the bytes are the file's, by POSIX (`mmap`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/read/a_map_is_the_whole_file.snap"))]
/// ```
pub fn a_map_is_the_whole_file() -> io::Result<Whole> {
    let sample = Sample::lorem()?;

    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { Mmap::map(&sample.read_only()?) }.at(&sample)?;

    let file = fs::read(&sample).at(&sample)?;
    let start = file.trim_ascii_end().iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    Ok(Whole {
        file_bytes: file.len(),
        map_bytes: map.len(),
        first_difference: file.iter().zip(map.iter()).position(|(in_file, in_map)| in_file != in_map),
        last_line: sample.sides(&map, start..map.len())?,
    })
}

/// What looking just inside and just outside a map gave.
#[derive(Debug)]
pub struct OutOfBounds {
    /// Whether `get` gives the last byte.
    pub get_last: bool,
    /// Whether `get` gives the byte behind it.
    pub get_behind: bool,
    /// Whether `get` gives the last five bytes.
    pub get_last_five: bool,
    /// Whether `get` gives those and the byte behind them.
    pub get_five_and_behind: bool,
    /// Indexing the last byte.
    pub index_last: Ending,
    /// Indexing the byte behind it.
    pub index_behind: Ending,
}

/// Out of bounds is a panic or `None`, never a fault.
///
/// It is tempting to fear that the byte past the last brings a segmentation fault, as it may through a pointer in C. A
/// map is a slice, and every index into a slice is checked against its length before memory is touched: `get` says
/// `None`, an index panics, and a panic can be caught. (In this file the byte past the last is even in memory: it is
/// one of the zeros that fill the last page. The check does not care.)
///
/// A fault is still possible *inside* the bounds, when the file shrinks under the map: see the chapter `bounds`. Python
/// raises IndexError.
///
/// Promised by Rust (indexing a slice; `slice::get`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/read/out_of_bounds_is_a_panic_or_none.snap"))]
/// ```
pub fn out_of_bounds_is_a_panic_or_none() -> io::Result<OutOfBounds> {
    let sample = Sample::of(b"0123456789")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { Mmap::map(&sample.read_only()?) }.at(&sample)?;
    let end = map.len();
    let index = |at: usize| panics::ending(|| _ = hint::black_box(map[at]));

    Ok(OutOfBounds {
        get_last: map.get(end - 1).is_some(),
        get_behind: map.get(end).is_some(),
        get_last_five: map.get(end - 5..end).is_some(),
        get_five_and_behind: map.get(end - 5..=end).is_some(),
        index_last: index(end - 1),
        index_behind: index(end),
    })
}

/// What a cursor over a map of ten bytes did at its end.
#[derive(Debug)]
pub struct CursorAtTheEnd {
    /// How many bytes a write of six took, three bytes before the end.
    pub written: usize,
    /// Where the cursor stood then.
    pub cursor: u64,
    /// What `write_all` of one more byte was answered.
    pub write_one_more: Answer,
    /// How many bytes a read gave there.
    pub read_at_the_end: usize,
    /// How many bytes the map has after all that.
    pub map_bytes: usize,
    /// The whole map and the whole file.
    pub after: Sides,
}

/// A cursor reads and writes a map like a file, and never grows it.
///
/// It is tempting to write over the end, as one appends to a file. A cursor over a slice has nowhere to put more: a
/// write at the end is short, the next takes nothing, and `write_all` says WriteZero. Reading there gives 0 bytes, as
/// at the end of a file. To grow, the file must grow first: see the chapters `resize` and `patterns`.
///
/// Python's `write` differs: it raises ValueError and writes nothing if not all of it fits.
///
/// Promised by Rust (`Cursor<&mut [u8]>`, `Write`, `Read`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/read/a_cursor_never_grows_the_map.snap"))]
/// ```
pub fn a_cursor_never_grows_the_map() -> io::Result<CursorAtTheEnd> {
    let sample = Sample::of(b"0123456789")?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&sample.read_write()?) }.at(&sample)?;
    let mut cursor = Cursor::new(&mut map[..]);
    cursor.seek(SeekFrom::End(-3))?;

    let written = cursor.write(b"abcdef")?;

    let end = cursor.position();
    let write_one_more = Answer::from(cursor.write_all(b"g"));
    let mut reader = Cursor::new(&map[..]);
    reader.set_position(end);
    let read_at_the_end = reader.read(&mut [0; 10])?;
    let after = Sides { memory: map[..].into(), file: sample.read(0..20)? };
    Ok(CursorAtTheEnd { written, cursor: end, write_one_more, read_at_the_end, map_bytes: map.len(), after })
}

/// Bytes in a `BufWriter` are not in the map until it is flushed.
///
/// It is tempting to think that what was written is in the file, and so in every map of it. A buffered writer keeps
/// bytes in this program's own memory; the file has them, and with it the map, when the buffer has been given to the
/// system. This flush and the flush of a map have only the name in common.
///
/// The same holds for C's stdio and for Python's file objects.
///
/// Promised by Rust (`BufWriter`); that the map then follows the file, by Linux (`mmap`, MAP_SHARED).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/read/buffered_bytes_are_not_in_the_map.snap"))]
/// ```
pub fn buffered_bytes_are_not_in_the_map() -> io::Result<Edit> {
    let sample = Sample::of(b"........")?;
    let map = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    let look = || raw::sides(&map, &sample, 0..8);
    let mut writer = BufWriter::new(sample.read_write()?);
    writer.write_all(b"buffered").at(&sample)?;
    let before = look()?;

    writer.flush().at(&sample)?;

    let after = look()?;
    Ok(Edit { before, after })
}

/// The lines of a mapped file, borrowed and copied.
#[derive(Debug)]
pub struct Lines {
    /// How many lines there are.
    pub lines: usize,
    /// How many of the slices that splitting gave are inside the map.
    pub slices_inside_the_map: usize,
    /// How many of the lines that a reader gave are inside the map.
    pub read_lines_inside_the_map: usize,
    /// The second line, as a slice of the map.
    pub second: Text,
    /// The second line, as it was read.
    pub second_read: Text,
}

/// A mapped file is read line by line without copying.
///
/// It is tempting to put a reader over the map and take its lines. That works, and copies every line into memory of its
/// own. Splitting the slice gives the same lines as slices of the map: their addresses are inside it.
///
/// Python's `readline` over a map copies.
///
/// Promised by Rust (`slice::split` borrows).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/read/lines_are_read_without_copying.snap"))]
/// ```
pub fn lines_are_read_without_copying() -> io::Result<Lines> {
    let sample = Sample::of(b"alpha\nbeta\n\ngamma")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { Mmap::map(&sample.read_only()?) }.at(&sample)?;
    let inside = map.as_ptr_range();

    let slices: Vec<&[u8]> = map.split(|&byte| byte == b'\n').collect();
    let read: Vec<Vec<u8>> = Cursor::new(&map[..]).split(b'\n').collect::<io::Result<_>>()?;

    Ok(Lines {
        lines: slices.len(),
        slices_inside_the_map: slices.iter().filter(|line| inside.contains(&line.as_ptr())).count(),
        read_lines_inside_the_map: read.iter().filter(|line| inside.contains(&line.as_ptr())).count(),
        second: slices.get(1).copied().unwrap_or_default().into(),
        second_read: read.get(1).map(Vec::as_slice).unwrap_or_default().into(),
    })
}
