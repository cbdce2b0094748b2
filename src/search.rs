//! A regular expression over a map: searching without reading.

use std::io;
#[cfg(unix)]
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::LazyLock;

use memmap2::Mmap;
#[cfg(unix)]
use memmap2::MmapOptions;
use regex::bytes::{Regex, RegexBuilder};

use crate::book::chapter;
#[cfg(unix)]
use crate::kernel::page_size;
#[cfg(unix)]
use crate::observation::Place;
use crate::observation::Text;
use crate::sample::{self, At, Sample};

chapter! {
    search;
    [document] a_regular_expression_runs_over_the_mapped_bytes: Rust,
    the_first_and_the_last_are_found_nul_bytes_and_all: Rust,
    #[cfg(unix)]
    positions_count_from_the_start_of_the_map: Memmap2,
    #[cfg(unix)]
    a_match_may_cross_a_page_boundary: Posix,
    bytes_need_not_be_utf8: Rust,
}

/// One match of a pattern.
#[derive(Debug)]
pub struct Match {
    /// Where it begins, in bytes from the file's start.
    pub offset: usize,
    /// What was matched.
    pub text: Text,
}

/// A regular expression runs over a map as over any slice of bytes.
///
/// It is tempting to read the file into a string before searching it. A map is a `&[u8]`, which is all that
/// [`regex::bytes`] asks for: nothing is read or copied first, the engine walks over the file's own pages in the
/// system's cache, and memory of ours grows with the matches, never with the file. (What is found would be the same in
/// a copy, so no page can show that there is none; `.ci/speed` measures the memory.)
///
/// The pattern is `(\.\W+)?([^.]?nulla[^.]*?\.)`, where dot matches a newline, case is ignored, and classes have their
/// byte (ASCII) meaning: `\W` is any byte but `A-Z`, `a-z`, `0-9` and `_`. Seen is the second group of every match,
/// which on any bytes is what CPython's `re` answers over its `mmap` object with DOTALL, IGNORECASE and MULTILINE. The
/// port that comes naturally, with Unicode classes, differs wherever a byte is not ASCII.
///
/// It finds the rest of a sentence from the word on, not the whole sentence: `[^.]?` reaches back by one byte only. The
/// first group takes the full stop and the space in front of a sentence that begins with the word, so that the second
/// begins with the word itself. When the sentence before matched too, its match has taken the full stop already: the
/// first group finds none, and the second keeps the leading space.
///
/// The file itself is mapped, not a copy, so that one of any size will do. If somebody truncates it meanwhile, the
/// system kills this process with SIGBUS at its next touch of a page that is gone; if somebody writes to it, the
/// behaviour is undefined. A safe function cannot rule that out: this is the bargain that every program makes that maps
/// a file of its user's. See the chapters `bounds`, `patterns` and `protect`.
///
/// Promised by Rust (a map derefs to `&[u8]`; `regex::bytes` searches any such slice).
///
/// # Errors
/// Names `text` when it cannot be opened or mapped.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/search/a_regular_expression_runs_over_the_mapped_bytes.snap"))]
/// ```
pub fn a_regular_expression_runs_over_the_mapped_bytes(text: &Path) -> io::Result<Vec<Match>> {
    let file = sample::open(text)?;
    // SAFETY: this lesson only reads. Others may hold the file open too, which no program can prevent: the caller is
    // told above what happens when they write to it or truncate it.
    let map = unsafe { Mmap::map(&file) }.at(text)?;
    let [word, pattern] = patterns()?;
    let mut matches = Vec::new();
    let mut groups = pattern.capture_locations();
    let mut from = 0;

    // A search for the word alone runs several times faster than one for the pattern, so the pattern only looks at the
    // places where the word is, from as far before it as a match can begin: between its start and the word there is at
    // most one byte of a word, next to it.
    while let Some(found) = word.find_at(&map, from) {
        let before = &map[from..found.start().saturating_sub(1).max(from)];
        from +=
            before.iter().rposition(|&byte| byte.is_ascii_alphanumeric() || byte == b'_').map_or(0, |last| last + 1);
        let Some(whole) = pattern.captures_read_at(&mut groups, &map, from) else { break };
        if let Some((start, end)) = groups.get(2) {
            matches.push(Match { offset: start, text: map[start..end].into() });
        }
        from = whole.end();
    }

    Ok(matches)
}

/// The word and the pattern, compiled once: that takes longer than searching a small file.
fn patterns() -> io::Result<&'static [Regex; 2]> {
    static PATTERNS: LazyLock<Result<[Regex; 2], regex::Error>> = LazyLock::new(|| {
        let compile = |pattern| {
            RegexBuilder::new(pattern)
                .unicode(false)
                .case_insensitive(true)
                .dot_matches_new_line(true)
                .multi_line(true)
                .build()
        };
        Ok([compile(r"nulla")?, compile(r"(\.\W+)?([^.]?nulla[^.]*?\.)")?])
    });
    PATTERNS.as_ref().map_err(|error| io::Error::other(error.clone()))
}

/// Where things are in `foo` NUL `bar foo` NUL `foo`.
#[derive(Debug)]
pub struct Occurrences {
    /// The first `foo`.
    pub first: Option<usize>,
    /// The last `foo`.
    pub last: Option<usize>,
    /// The first `foo` behind a NUL byte, with that byte in the pattern.
    pub behind_nul: Option<usize>,
    /// Something that is not there.
    pub absent: Option<usize>,
    /// Nothing.
    pub empty: Option<usize>,
}

/// The first and the last occurrence are found, NUL bytes and all.
///
/// It is tempting to think that a search stops at a NUL byte, as C's string functions do. A slice knows its length, and
/// a NUL byte in it is a byte like any other, in the text and in the pattern. What is absent is `None`; nothing at all
/// is found at once, at 0.
///
/// These are Python's `find` and `rfind`, which say -1 where this says `None`.
///
/// Promised by Rust (`slice::windows`; `regex::bytes`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/search/the_first_and_the_last_are_found_nul_bytes_and_all.snap"))]
/// ```
pub fn the_first_and_the_last_are_found_nul_bytes_and_all() -> io::Result<Occurrences> {
    let sample = Sample::of(b"foo\0bar foo\0foo")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { Mmap::map(&sample.read_only()?) }.at(&sample)?;
    let find = |pattern: &str| -> io::Result<Option<usize>> {
        let pattern = Regex::new(pattern).map_err(io::Error::other)?;
        Ok(pattern.find(&map).map(|found| found.start()))
    };

    Ok(Occurrences {
        first: find("foo")?,
        last: map.windows(3).rposition(|bytes| bytes == b"foo"),
        behind_nul: find(r"\x00foo")?,
        absent: find("baz")?,
        empty: find("")?,
    })
}

/// Where one word of a file is found, depending on what is searched.
#[cfg(unix)]
#[derive(Debug)]
pub struct Positions {
    /// In a map of the whole file.
    pub in_the_whole_map: Option<Place>,
    /// In a map that begins five bytes into the file's second page.
    pub in_a_map_with_an_offset: Option<Place>,
    /// In a slice of the whole map, from its second page on.
    pub in_a_slice: Option<Place>,
}

/// Positions count from the start of the map, not of the file.
///
/// It is tempting to use what a search answered as a position in the file. A map with an offset is a slice that begins
/// there, and a slice counts from its own start, just as a slice of a map does. The caller has to add the offset.
///
/// Python's `find` does the same, for the same reason.
///
/// Promised by memmap2 (`MmapOptions::offset`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/search/positions_count_from_the_start_of_the_map.snap"))]
/// ```
#[cfg(unix)]
pub fn positions_count_from_the_start_of_the_map() -> io::Result<Positions> {
    let page = page_size();
    let sample = Sample::of_pages("..")?;
    sample.read_write()?.write_all_at(b"foo", page as u64 + 12).at(&sample)?;
    let file = sample.read_only()?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let whole = unsafe { MmapOptions::new().map(&file) }.at(&sample)?;
    // SAFETY: as above.
    let window = unsafe { MmapOptions::new().offset(page as u64 + 5).map(&file) }.at(&sample)?;
    let find = |bytes: &[u8]| bytes.windows(3).position(|three| three == b"foo").map(Place::from);

    Ok(Positions {
        in_the_whole_map: find(&whole),
        in_a_map_with_an_offset: find(&window),
        in_a_slice: find(&whole[page..]),
    })
}

/// A match and the pages that it lies in.
#[cfg(unix)]
#[derive(Debug)]
pub struct AcrossPages {
    /// Where it begins.
    pub start: Place,
    /// Where it ends.
    pub end: Place,
    /// What was matched.
    pub text: Text,
}

/// A match may cross a page boundary.
///
/// It is tempting to search page by page, or to fear that pages lie apart in memory as they may on the disk. A mapping
/// is one range of addresses without gaps, whatever page the bytes are in; boundaries mean something to the kernel
/// only.
///
/// Promised by POSIX (`mmap`: a continuous range of addresses).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/search/a_match_may_cross_a_page_boundary.snap"))]
/// ```
#[cfg(unix)]
pub fn a_match_may_cross_a_page_boundary() -> io::Result<AcrossPages> {
    let page = page_size();
    let sample = Sample::of_pages("..")?;
    sample.read_write()?.write_all_at(b"foobar", page as u64 - 3).at(&sample)?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { Mmap::map(&sample.read_only()?) }.at(&sample)?;
    let pattern = Regex::new(r"[a-z]+").map_err(io::Error::other)?;

    let found = pattern.find(&map).ok_or(io::ErrorKind::NotFound)?;

    Ok(AcrossPages { start: found.start().into(), end: found.end().into(), text: found.as_bytes().into() })
}

/// What two meanings of a dot make of bytes that are not UTF-8: `a` 0xFF `b`, and of `a` e-acute `b`, which is.
#[derive(Debug)]
pub struct Dots {
    /// How many bytes at the start of the whole map are valid UTF-8; all of them are not.
    pub valid_up_to: Option<usize>,
    /// What `a.b` matches, where a dot is a character: the first match.
    pub unicode_dot: Option<Text>,
    /// What `(?-u)a.b` matches, where a dot is a byte: the first match.
    pub byte_dot: Option<Text>,
    /// What `(?-u)a..b` matches.
    pub two_byte_dots: Option<Text>,
}

/// Bytes need not be UTF-8 to be searched; what a dot means must be said.
///
/// It is tempting to turn a map into a `str` first, because regular expressions are for text. That fails at the first
/// byte that is not UTF-8, and copies or checks the whole file. `regex::bytes` takes any bytes. But its dot is a
/// character unless told otherwise: it steps over an e-acute of two bytes, and never matches a byte that is no
/// character. With `(?-u)` a dot is a byte.
///
/// In Python a `bytes` pattern over a map always means bytes.
///
/// Promised by Rust (`regex::bytes`; `str::from_utf8`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/search/bytes_need_not_be_utf8.snap"))]
/// ```
pub fn bytes_need_not_be_utf8() -> io::Result<Dots> {
    let sample = Sample::of(b"a\xffb a\xc3\xa9b")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { Mmap::map(&sample.read_only()?) }.at(&sample)?;
    let find = |pattern: &str| -> io::Result<Option<Text>> {
        let pattern = Regex::new(pattern).map_err(io::Error::other)?;
        Ok(pattern.find(&map).map(|found| found.as_bytes().into()))
    };

    Ok(Dots {
        valid_up_to: std::str::from_utf8(&map).err().map(|error| error.valid_up_to()),
        unicode_dot: find("a.b")?,
        byte_dot: find("(?-u)a.b")?,
        two_byte_dots: find("(?-u)a..b")?,
    })
}
