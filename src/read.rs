//! Reading through a map: its bytes are a slice.

use std::io::{self, Cursor, Read};
use std::path::Path;

use memmap2::Mmap;

use crate::book::chapter;
use crate::observation::Text;
use crate::sample::{self, At};

chapter! {
    read;
    [document] reading_and_slicing_keep_to_themselves: Rust,
}

/// Four looks at one map, and where its cursor stood after each.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
/// system kills this process with SIGBUS at its next touch of a page that is gone; if somebody writes to it, what is
/// seen is undefined.
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
