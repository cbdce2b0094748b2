//! The four documents take any bytes: each is compared with a plain computation on the same bytes, with no map in it.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Seek, SeekFrom, Write};
use std::panic;
use std::path::Path;

use mmap_by_example::lab::errors::Naming;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
use mmap_by_example::lab::needs;
use mmap_by_example::lab::observation::Text;
use mmap_by_example::lab::pattern::Pattern;
use mmap_by_example::lab::sample::{Sample, WORD};
use mmap_by_example::read::Reading;
use mmap_by_example::search::Match;
use mmap_by_example::{copy, read, search, write};
use tempfile::NamedTempFile;

const PAGE: usize = 4096;

/// The document `read`, on `lorem.txt` or a file of a test's own.
#[allow(unsafe_code)]
pub fn reading(path: &Path) -> io::Result<Reading> {
    // SAFETY: no test writes to `lorem.txt`, or to its own file while it is mapped.
    unsafe { read::reading_and_slicing_keep_to_themselves(path) }
}

/// The document `search`, likewise.
pub fn searching(path: &Path) -> io::Result<Vec<Match>> {
    searching_for(Pattern::sentences_with_nulla()?, path)
}

/// The document `search` with another pattern.
#[allow(unsafe_code)]
pub fn searching_for(pattern: &Pattern, path: &Path) -> io::Result<Vec<Match>> {
    // SAFETY: as above.
    unsafe { search::a_regular_expression_runs_over_the_mapped_bytes(path, pattern) }
}

/// Tries a document on a file of zeros that no machine could copy into its memory, where the file system can hold one.
pub fn with_a_file_larger_than_memory(document: impl FnOnce(&Path) -> io::Result<()>) {
    const BYTES: u64 = 256 << 30;
    #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
    if let Err(error) = needs::file_size(BYTES as usize) {
        return crate::not_tried("a file larger than memory", &format!("since {error}"));
    }
    let mut file = NamedTempFile::new().expect("a file");
    if cfg!(not(target_pointer_width = "64")) || file.as_file().set_len(BYTES).is_err() {
        return crate::not_tried("a file larger than memory", "since there can be none");
    }
    // Where it is looked at it has no hole, for which a full disk would have no room.
    for start in [SeekFrom::Start(0), SeekFrom::End(-(1 << 16))] {
        let written = file.seek(start).and_then(|_| file.write_all(&[0; 1 << 16]));
        written.naming(file.path()).expect("room at both ends");
    }
    document(file.path()).expect("a map of a large file");
}

/// Numbers that look random and depend on the seed alone (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn bytes(&mut self) -> Vec<u8> {
        const PARTS: [&[u8]; 16] = [
            b".",
            b".",
            b". ",
            b"..",
            b"nulla",
            b"Nulla",
            b"nULLa",
            b"n",
            b"_",
            b" ",
            b"\n",
            b"\r\n",
            b"\xff",
            b"\xc3\xa9",
            b"\0",
            b"word",
        ];
        let length = match self.below(20) {
            0 | 1 => self.below(12),
            2 => self.pick(&[1, 2, 3]) * PAGE + self.below(5) - 2,
            _ => self.below(200),
        };
        let mut bytes = Vec::new();
        while bytes.len() < length {
            match self.below(8) {
                0 => bytes.push(self.below(256) as u8),
                1 if length > PAGE => {
                    let (more, filler) = (self.below(PAGE), self.pick(b"x "));
                    bytes.resize(bytes.len() + more, filler);
                }
                _ => bytes.extend(self.pick(&PARTS)),
            }
        }
        bytes.truncate(length);
        if self.below(8) == 0 {
            let at = self.below(bytes.len() + 1);
            bytes.splice(at..at, WORD.bytes());
        }
        bytes
    }
}

/// What `(\.\W+)?([^.]?nulla[^.]*?\.)` finds, tried out byte by byte: the second groups with their offsets.
fn sentences(bytes: &[u8]) -> Vec<(usize, Text)> {
    let word_at = |at: usize| {
        bytes
            .get(at..at + 5)
            .is_some_and(|five| five.eq_ignore_ascii_case(b"nulla"))
    };
    let second_group = |start: usize| {
        let longer = bytes.get(start).is_some_and(|&byte| byte != b'.') && word_at(start + 1);
        let word = if longer { start + 1 } else { start };
        let stop =
            word_at(word).then(|| bytes[word + 5..].iter().position(|&byte| byte == b'.'))??;
        Some(start..word + 5 + stop + 1)
    };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let between = match bytes[at] {
            b'.' => bytes[at + 1..]
                .iter()
                .take_while(|&&byte| !is_word(byte))
                .count(),
            _ => 0,
        };
        let behind_the_stop = (1..=between)
            .rev()
            .find_map(|length| second_group(at + 1 + length));
        match behind_the_stop.or_else(|| second_group(at)) {
            Some(group) => {
                at = group.end;
                found.push((group.start, Text::from(&bytes[group])));
            }
            None => at += 1,
        }
    }
    found
}

/// The line around the first occurrence of the word, as it is and with the word reversed.
fn line_with_word(bytes: &[u8]) -> Option<(Text, Text)> {
    let at = bytes
        .windows(WORD.len())
        .position(|window| window == WORD.as_bytes())?;
    let (before, after) = (&bytes[..at], &bytes[at + WORD.len()..]);
    let before = before.rsplit(|&byte| byte == b'\n').next()?;
    let ends = after.contains(&b'\n');
    let after = after.split(|&byte| byte == b'\n').next()?;
    let after = after.strip_suffix(b"\r").filter(|_| ends).unwrap_or(after);
    let reversed: Vec<u8> = WORD.bytes().rev().collect();
    Some((
        Text([before, WORD.as_bytes(), after].concat()),
        Text([before, &reversed, after].concat()),
    ))
}

fn compare(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes).naming(path)?;

    let seen = reading(path)?;
    let part =
        |from: usize, to: usize| Text::from(&bytes[from.min(bytes.len())..to.min(bytes.len())]);
    assert_eq!(seen.read.bytes, part(0, 10));
    assert_eq!(seen.first_slice.bytes, part(0, 10));
    assert_eq!(
        seen.last_slice.bytes,
        part(bytes.len().saturating_sub(10), bytes.len())
    );
    assert_eq!(seen.read_on.bytes, part(10, 20));

    let seen = searching(path)?;
    let seen: Vec<(usize, Text)> = seen
        .into_iter()
        .map(|found| (found.offset, found.text))
        .collect();
    assert_eq!(seen, sentences(bytes));

    let (shared, private) = (
        write::a_flushed_edit_is_in_the_file(path, WORD),
        copy::an_edit_never_reaches_the_file(path, WORD),
    );
    match line_with_word(bytes) {
        None => assert!(
            shared.is_err() && private.is_err(),
            "without the word there is nothing to edit"
        ),
        Some((line, edited)) => {
            let (shared, private) = (shared?, private?);
            for before in [
                &shared.before.memory,
                &shared.before.file,
                &private.before.memory,
                &private.before.file,
            ] {
                assert_eq!(*before, line);
            }
            for after in [
                &shared.after.memory,
                &shared.after.file,
                &private.after.memory,
            ] {
                assert_eq!(*after, edited);
            }
            assert_eq!(private.file_after_unmap, line);
        }
    }

    assert_eq!(fs::read(path)?, bytes, "the file is as it was");
    Ok(())
}

fn try_out(seed: u64, files: usize) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("any bytes");
    let mut numbers = Numbers(seed);
    for _ in 0..files {
        let bytes = numbers.bytes();
        match panic::catch_unwind(|| compare(&path, &bytes)) {
            Ok(result) => result?,
            Err(payload) => {
                eprintln!(
                    "with seed {seed}, on the bytes \"{}\"",
                    bytes.escape_ascii()
                );
                panic::resume_unwind(payload);
            }
        }
    }
    Ok(())
}

/// So many files, or a tenth of them without optimization, where a learner waits for them.
fn files(many: usize) -> usize {
    if cfg!(debug_assertions) {
        many / 10
    } else {
        many
    }
}

#[test]
fn the_documents_take_the_same_files_as_ever() -> io::Result<()> {
    try_out(1, files(1000))
}

#[test]
fn the_documents_take_new_files() -> io::Result<()> {
    try_out(RandomState::new().build_hasher().finish() | 1, files(300))
}

/// What the search document answers is what CPython's `re` answers.
///
/// The answers were taken from CPython 3.11.7: the offset and bytes of group 2 for every match that `re.finditer` found
/// over an `mmap` object, with `re.DOTALL | re.IGNORECASE | re.MULTILINE`. (It cannot map an empty file: that row is what
/// it answers over `b""`.)
type Answers = &'static [(usize, &'static [u8])];

const ANSWERS: &[(&[u8], Answers)] = &[
    (b"", &[]),
    (b"nulla", &[]),
    (b"nulla.", &[(0, b"nulla.")]),
    (b"Nulla.", &[(0, b"Nulla.")]),
    (b"nullA. x", &[(0, b"nullA.")]),
    (b"xnulla.", &[(0, b"xnulla.")]),
    (b"..nulla.", &[(2, b"nulla.")]),
    (b". nulla.", &[(2, b"nulla.")]),
    (b".nulla.", &[(1, b"nulla.")]),
    (
        b"a. nulla b. nulla c.",
        &[(3, b"nulla b."), (11, b" nulla c.")],
    ),
    (
        b"a. nulla b.\r\nNULLA c.\r\n",
        &[(3, b"nulla b."), (12, b"\nNULLA c.")],
    ),
    (b"\xffnulla.", &[(0, b"\xffnulla.")]),
    (b"\xff nulla\xff.", &[(1, b" nulla\xff.")]),
    (b".\xff\xfe nulla x.", &[(4, b"nulla x.")]),
    (
        b"\xc3\xa9 nulla \xc3\xa9. \xc3\xa9.",
        &[(2, b" nulla \xc3\xa9.")],
    ),
    (b"x.\xc3\xa9 nulla.", &[(5, b"nulla.")]),
    (b"x. \xc3\xa9nulla.", &[(5, b"nulla.")]),
    (b"x.\xc3nulla.", &[(3, b"nulla.")]),
    (b"nulla\n\nnulla.", &[(0, b"nulla\n\nnulla.")]),
    (b"Sentence with nulla late. More.", &[(13, b" nulla late.")]),
    (b"nullanulla.", &[(0, b"nullanulla.")]),
    (b"nnulla.", &[(0, b"nnulla.")]),
    (b". nnulla.", &[(2, b"nnulla.")]),
    (b"._nulla.", &[(1, b"_nulla.")]),
    (b"._ nulla.", &[(2, b" nulla.")]),
    (b".\x00nulla\x00.\x00", &[(2, b"nulla\x00.")]),
    (
        b"a.\n\n  nulla b... nulla.",
        &[(6, b"nulla b."), (17, b"nulla.")],
    ),
    (b"no stop nulla", &[]),
    (b"one. nulla one. two. nulla two", &[(5, b"nulla one.")]),
    (b"nul la. NULLANULLA.", &[(8, b"NULLANULLA.")]),
    (
        b".-.nulla.nulla.nulla.",
        &[(3, b"nulla."), (9, b"nulla."), (15, b"nulla.")],
    ),
    (
        b"x.\xe2\x80\x9cNulla\xe2\x80\x9d.",
        &[(5, b"Nulla\xe2\x80\x9d.")],
    ),
    (b"\xc5\xbfnulla. \xc5\xbf", &[(1, b"\xbfnulla.")]),
    (b"nuLla. K nulla.", &[(0, b"nuLla."), (8, b" nulla.")]),
    (b"\xa0.\xa0nulla.", &[(3, b"nulla.")]),
    (b". a nulla.", &[(3, b" nulla.")]),
    (b". an nulla.", &[(4, b" nulla.")]),
];

#[test]
fn search_answers_what_cpython_answers() -> io::Result<()> {
    for (bytes, expected) in ANSWERS {
        let sample = Sample::of(bytes)?;
        let seen = searching(sample.path())?;
        let seen: Vec<(usize, &[u8])> = seen
            .iter()
            .map(|found| (found.offset, found.text.0.as_slice()))
            .collect();
        assert_eq!(seen, *expected, "in \"{}\"", bytes.escape_ascii());
    }
    Ok(())
}
