//! A regular expression over a map: searching without reading.

use std::io;
use std::path::Path;

use memmap2::Mmap;
use regex::bytes::{Regex, RegexBuilder};

use crate::book::chapter;
use crate::observation::Text;
use crate::sample::{self, At};

chapter! {
    search;
    [document] a_regular_expression_runs_over_the_mapped_bytes: Rust,
}

/// One match of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Where it begins, in bytes from the file's start.
    pub offset: usize,
    /// What was matched.
    pub text: Text,
}

/// A regular expression runs over the mapped bytes themselves; nothing is read or copied first.
///
/// It is tempting to read the file into a string before searching it. A map is a `&[u8]`, which is all that
/// [`regex::bytes`] asks for: the engine walks over the file's own pages in the system's cache, and memory of ours
/// grows with the matches, never with the file.
///
/// The pattern is `(\.\W+)?([^.]?nulla[^.]*?\.)`, where dot matches a newline, case is ignored, and classes have their
/// byte (ASCII) meaning: `\W` is any byte but `A-Z`, `a-z`, `0-9` and `_`. Seen is the second group of every match, which
/// on any bytes is what CPython's `re` answers over its `mmap` object with DOTALL, IGNORECASE and MULTILINE. The port
/// that comes naturally, with Unicode classes, differs wherever a byte is not ASCII.
///
/// It finds the rest of a sentence from the word on, not the whole sentence: `[^.]?` reaches back by one byte only. The
/// first group takes the full stop and the space in front of a sentence that begins with the word, so that the second
/// begins with the word itself. When the sentence before matched too, its match has taken the full stop already: the
/// first group finds none, and the second keeps the leading space.
///
/// The file itself is mapped, not a copy, so that one of any size will do. If somebody truncates it meanwhile, the
/// system kills this process with SIGBUS at its next touch of a page that is gone; if somebody writes to it, what is
/// seen is undefined.
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
    let word = compile(r"nulla")?;
    let pattern = compile(r"(\.\W+)?([^.]?nulla[^.]*?\.)")?;
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

fn compile(pattern: &str) -> io::Result<Regex> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .case_insensitive(true)
        .dot_matches_new_line(true)
        .multi_line(true)
        .build()
        .map_err(io::Error::other)
}
