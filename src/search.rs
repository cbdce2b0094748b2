//! A regular expression over a map: searching a file without reading it first.
//!
//! How does a program search a mapped file?
//!
//! 1. [`a_regular_expression_runs_over_the_mapped_bytes`]
//! 2. [`a_match_is_a_slice_of_the_map`]
//! 3. [`the_first_and_the_last_are_found_nul_bytes_and_all`]
//! 4. [`positions_count_from_the_start_of_the_map`]
//! 5. [`a_match_may_cross_a_page_boundary`]
//! 6. [`bytes_need_not_be_utf8`]

use std::io;
use std::path::Path;
use std::str;

use memmap2::MmapOptions;
use regex::bytes::Regex;

use crate::lab::at::FileExt;
use crate::lab::errors::Naming;
use crate::lab::look::offset_in;
use crate::lab::observation::Text;
use crate::lab::pattern::Pattern;
use crate::lab::place::{Place, page_size};
use crate::lab::sample::{self, Sample};

/// A regular expression runs over a map as over any slice of bytes.
///
/// > To search a file I have to read it into a string first.
///
/// A map is a `&[u8]`, and that is all that [`regex::bytes`] asks for. Nothing is read or copied
/// first: the engine walks over the file's own pages in the system's cache. A file that is larger
/// than memory can be searched, too.
///
/// The built-in pattern is `(\.\W+)?([^.]?nulla[^.]*?\.)`, and group 2 is what is shown. Case is
/// ignored, and classes have their byte (ASCII) meaning: `\W` is any byte but `A-Z`, `a-z`, `0-9`
/// and `_`. CPython's `re` answers the same over its `mmap` object; with Unicode classes, which are
/// Rust's default, the answer differs where a byte is not ASCII.
///
/// A match begins at the word, or one byte before it, and ends at the next full stop. Group 1
/// swallows the full stop in front of the word and the space after it, if no earlier match has
/// taken the full stop: that is why the third match below begins with a space.
///
/// Promised by Rust (a map derefs to `&[u8]`; `regex::bytes` searches any such slice).
///
/// # Errors
/// Names `text` when it cannot be opened or mapped.
///
/// # Safety
/// This maps your file itself, not a copy. While it runs, nobody may write to the file or truncate
/// it: a write is undefined behaviour, since the map is a `&[u8]`, and a touch of a page that was
/// cut off kills this process with SIGBUS (chapter `bounds`).
#[doc = page!(search::a_regular_expression_runs_over_the_mapped_bytes)]
#[doc(alias = "regex")]
#[doc(alias = "grep")]
#[doc(alias = "finditer")]
#[doc(alias = "re.search")]
pub unsafe fn a_regular_expression_runs_over_the_mapped_bytes(
    text: &Path,
    pattern: &Pattern,
) -> io::Result<Vec<Match>> {
    let file = sample::open(text)?;
    // SAFETY: this lesson only reads, and the caller keeps everybody else from writing to the file.
    let map = unsafe { MmapOptions::new().map(&file) }.naming(text)?;
    let mut matches = Vec::new();

    for groups in pattern.captures_iter(&map) {
        if let Some(found) = groups.get(pattern.group()) {
            matches.push(Match {
                offset: found.start(),
                text: found.as_bytes().into(),
            });
        }
    }

    Ok(matches)
}

/// One match of a pattern.
#[derive(Debug)]
pub struct Match {
    /// Where it begins, in bytes from the file's start.
    pub offset: usize,
    pub text: Text,
}

/// A match is a slice of the map: it lies at its offset in the map's own memory.
///
/// > A match holds a copy of the bytes that were found.
///
/// A match is a borrow: an address inside the map, and a length. So it costs nothing, however long
/// it is; and while you hold it, the map can be neither edited nor dropped. To keep the bytes
/// longer, copy them with `to_vec`.
///
/// In Python a match holds on to the map, and `group()` makes a copy.
///
/// Promised by Rust (`regex::bytes::Match` borrows the haystack).
#[doc = page!(search::a_match_is_a_slice_of_the_map)]
#[doc(alias = "borrow")]
#[doc(alias = "zero-copy")]
#[doc(alias = "as_bytes")]
pub fn a_match_is_a_slice_of_the_map() -> io::Result<InPlace> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { MmapOptions::new().map(&sample.read_only()?) }.naming(&sample)?;
    let pattern = Regex::new("dolor [a-z]+").map_err(io::Error::other)?;

    let found = pattern.find(&map).ok_or(io::ErrorKind::NotFound)?;

    sample.expect_in_maps(found.as_bytes(), &["r--s"])?;
    Ok(InPlace {
        offset: found.start(),
        bytes_after_the_start_of_the_map: offset_in(&map, found.as_bytes()),
        text: found.as_bytes().into(),
    })
}

/// A match, and where its bytes are in memory.
#[derive(Debug)]
pub struct InPlace {
    pub offset: usize,
    /// The address of the match, less the address of the map; `None` if it is not in the map.
    pub bytes_after_the_start_of_the_map: Option<usize>,
    pub text: Text,
}

/// The first and the last occurrence are found, NUL bytes and all.
///
/// > The search stops at the first NUL byte, as C's string functions do.
///
/// A slice knows its length, and a NUL byte in it is a byte like any other, in the text and in the
/// pattern. What is absent is `None`. The empty pattern matches at once, at 0.
///
/// These are Python's `find` and `rfind`, which answer -1 where this answers `None`.
///
/// Promised by Rust (`slice::windows`; `regex::bytes`).
#[doc = page!(search::the_first_and_the_last_are_found_nul_bytes_and_all)]
#[doc(alias = "find")]
#[doc(alias = "rfind")]
#[doc(alias = "strstr")]
#[doc(alias = "memmem")]
#[doc(alias = "binary file")]
pub fn the_first_and_the_last_are_found_nul_bytes_and_all() -> io::Result<Occurrences> {
    let sample = Sample::of(b"foo\0bar xfoo\0foo yfoo")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { MmapOptions::new().map(&sample.read_only()?) }.naming(&sample)?;
    sample.expect_maps(&["r--s"])?;
    let find = |pattern: &'static str| -> io::Result<FoundAt> {
        let regex = Regex::new(pattern).map_err(io::Error::other)?;
        let found = regex.find(&map);
        let at = found.and_then(|found| offset_in(&map, found.as_bytes()));
        Ok(FoundAt { pattern, at })
    };

    let last = map.windows(3).rfind(|bytes| bytes == b"foo");
    Ok(Occurrences {
        searched: map[..].into(),
        first: find("foo")?,
        last: last.and_then(|bytes| offset_in(&map, bytes)),
        first_after_a_nul_byte: find("bar")?,
        with_a_nul_byte: find(r"\x00foo")?,
        absent: find("baz")?,
        empty: find("")?,
    })
}

/// Where things were found.
#[derive(Debug)]
pub struct Occurrences {
    pub searched: Text,
    pub first: FoundAt,
    /// The last `foo`.
    pub last: Option<usize>,
    pub first_after_a_nul_byte: FoundAt,
    /// With that byte in the pattern.
    pub with_a_nul_byte: FoundAt,
    pub absent: FoundAt,
    pub empty: FoundAt,
}

/// A pattern, and where its first match begins.
#[derive(Debug)]
pub struct FoundAt {
    pub pattern: &'static str,
    pub at: Option<usize>,
}

/// Positions count from the start of the map, not of the file.
///
/// > What the search answers is the position in the file.
///
/// A map with an offset is a slice that begins there, and a slice counts from its own start, just
/// as a slice of a map does. For the position in the file, add the offset.
///
/// Python's `find` counts from the start of the map as well.
///
/// Promised by memmap2 (`MmapOptions::offset`).
#[doc = page!(search::positions_count_from_the_start_of_the_map)]
#[doc(alias = "offset")]
#[doc(alias = "find")]
#[doc(alias = "window")]
pub fn positions_count_from_the_start_of_the_map() -> io::Result<Positions> {
    let page = page_size();
    let sample = Sample::of_pages("..")?;
    let file = sample.read_write()?;
    file.write_all_at(b"foo", page as u64 + 12)
        .naming(&sample)?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let whole = unsafe { MmapOptions::new().map(&file) }.naming(&sample)?;

    let offset = page as u64 + 5;
    // SAFETY: as above.
    let window = unsafe { MmapOptions::new().offset(offset).map(&file) }.naming(&sample)?;

    sample.expect_maps(&["r--s", "r--s"])?;
    let find = |bytes: &[u8]| {
        let found = bytes.windows(3).find(|three| *three == b"foo")?;
        offset_in(bytes, found).map(Place::from)
    };
    let (in_the_whole_map, in_a_slice) = (find(&whole), find(&whole[page..]));
    drop(whole);
    Ok(Positions {
        in_the_whole_map,
        in_a_map_with_an_offset: find(&window),
        in_a_slice,
        in_the_file: find(&std::fs::read(&sample).naming(&sample)?),
    })
}

/// Where one word of a file is found, depending on what is searched.
#[derive(Debug)]
pub struct Positions {
    pub in_the_whole_map: Option<Place>,
    /// In a map that begins five bytes into the file's second page.
    pub in_a_map_with_an_offset: Option<Place>,
    /// In a slice of the whole map, from its second page on.
    pub in_a_slice: Option<Place>,
    /// In the bytes that an ordinary read gives.
    pub in_the_file: Option<Place>,
}

/// A match may cross a page boundary.
///
/// > I have to search page by page, since pages lie apart.
///
/// They may lie apart in the memory chips and on the disk. A map is one range of addresses without
/// gaps, whatever page a byte is in; boundaries mean something to the kernel only.
///
/// Promised by POSIX (`mmap`: one range of addresses, from the start of the map for its length).
#[doc = page!(search::a_match_may_cross_a_page_boundary)]
#[doc(alias = "page boundary")]
#[doc(alias = "contiguous")]
#[doc(alias = "chunks")]
pub fn a_match_may_cross_a_page_boundary() -> io::Result<AcrossPages> {
    let page = page_size();
    let sample = Sample::of_pages("..")?;
    let file = sample.read_write()?;
    file.write_all_at(b"foobar", page as u64 - 3)
        .naming(&sample)?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { MmapOptions::new().map(&file) }.naming(&sample)?;
    let pattern = Regex::new(r"[a-z]+").map_err(io::Error::other)?;

    let found = pattern.find(&map).ok_or(io::ErrorKind::NotFound)?;

    sample.expect_in_maps(found.as_bytes(), &["r--s"])?;
    Ok(AcrossPages {
        is_in_the_map: offset_in(&map, found.as_bytes()).is_some(),
        start: found.start().into(),
        end: found.end().into(),
        text: found.as_bytes().into(),
    })
}

/// A match, and the pages that it lies in.
#[derive(Debug)]
pub struct AcrossPages {
    /// Whether the match is a slice of the map, and not of a copy.
    pub is_in_the_map: bool,
    pub start: Place,
    pub end: Place,
    pub text: Text,
}

/// Bytes need not be UTF-8 to be searched, but then it matters what a dot means.
///
/// > Regular expressions are for text, so the map has to be a `str` first.
///
/// Making it a `str` checks the whole file, and fails at the first byte that is not UTF-8.
/// `regex::bytes` takes any bytes. But its dot is a character unless told otherwise: it steps over
/// an e-acute of two bytes, and it never matches a byte that is part of no character. With `(?-u)`
/// a dot is a byte.
///
/// In Python a `bytes` pattern always means bytes.
///
/// Promised by Rust (`regex::bytes`; `str::from_utf8`).
#[doc = page!(search::bytes_need_not_be_utf8)]
#[doc(alias = "UTF-8")]
#[doc(alias = "unicode")]
#[doc(alias = "encoding")]
#[doc(alias = "from_utf8")]
pub fn bytes_need_not_be_utf8() -> io::Result<Dots> {
    let sample = Sample::of(b"a\xffb a\xc3\xa9b")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { MmapOptions::new().map(&sample.read_only()?) }.naming(&sample)?;
    sample.expect_maps(&["r--s"])?;
    let find = |pattern: &'static str| -> io::Result<Found> {
        let dots = Regex::new(pattern).map_err(io::Error::other)?;
        let found = dots.find(&map).map(|found| found.as_bytes());
        sample.expect_in_maps(found.unwrap_or(&map), &["r--s"])?;
        let first_match = found.map(Text::from);
        Ok(Found {
            pattern,
            first_match,
        })
    };

    Ok(Dots {
        searched: map[..].into(),
        not_utf8_at: str::from_utf8(&map).err().map(|error| error.valid_up_to()),
        unicode_dot: find("a.b")?,
        byte_dot: find("(?-u)a.b")?,
        two_byte_dots: find("(?-u)a..b")?,
    })
}

/// What two meanings of a dot make of an `a` and a `b` with a lone byte, or an e-acute, in between.
#[derive(Debug)]
pub struct Dots {
    pub searched: Text,
    /// The position of the first byte that is not valid UTF-8.
    pub not_utf8_at: Option<usize>,
    /// With a dot that is a character.
    pub unicode_dot: Found,
    pub byte_dot: Found,
    pub two_byte_dots: Found,
}

/// A pattern, and what it finds.
#[derive(Debug)]
pub struct Found {
    pub pattern: &'static str,
    pub first_match: Option<Text>,
}
