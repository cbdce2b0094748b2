//! The four documents take any bytes: each is compared with a plain computation on the same bytes, with no map in it.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::panic;
use std::path::Path;

use mmap_by_example::observation::Text;
use mmap_by_example::sample::{At, WORD};
use mmap_by_example::{copy, read, search, write};

const PAGE: usize = 4096;

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
    let word_at = |at: usize| bytes.get(at..at + 5).is_some_and(|five| five.eq_ignore_ascii_case(b"nulla"));
    let second_group = |start: usize| {
        let longer = bytes.get(start).is_some_and(|&byte| byte != b'.') && word_at(start + 1);
        let word = if longer { start + 1 } else { start };
        let stop = word_at(word).then(|| bytes[word + 5..].iter().position(|&byte| byte == b'.'))??;
        Some(start..word + 5 + stop + 1)
    };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let between = match bytes[at] {
            b'.' => bytes[at + 1..].iter().take_while(|&&byte| !is_word(byte)).count(),
            _ => 0,
        };
        let behind_the_stop = (1..=between).rev().find_map(|length| second_group(at + 1 + length));
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
    let at = bytes.windows(WORD.len()).position(|window| window == WORD.as_bytes())?;
    let (before, after) = (&bytes[..at], &bytes[at + WORD.len()..]);
    let before = before.rsplit(|&byte| byte == b'\n').next()?;
    let ends = after.contains(&b'\n');
    let after = after.split(|&byte| byte == b'\n').next()?;
    let after = after.strip_suffix(b"\r").filter(|_| ends).unwrap_or(after);
    let reversed: Vec<u8> = WORD.bytes().rev().collect();
    Some((Text([before, WORD.as_bytes(), after].concat()), Text([before, &reversed, after].concat())))
}

fn compare(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes).at(path)?;

    let seen = read::reading_and_slicing_keep_to_themselves(path)?;
    let part = |from: usize, to: usize| Text::from(&bytes[from.min(bytes.len())..to.min(bytes.len())]);
    assert_eq!(seen.read.bytes, part(0, 10));
    assert_eq!(seen.first_slice.bytes, part(0, 10));
    assert_eq!(seen.last_slice.bytes, part(bytes.len().saturating_sub(10), bytes.len()));
    assert_eq!(seen.read_on.bytes, part(10, 20));

    let seen = search::a_regular_expression_runs_over_the_mapped_bytes(path)?;
    let seen: Vec<(usize, Text)> = seen.into_iter().map(|found| (found.offset, found.text)).collect();
    assert_eq!(seen, sentences(bytes));

    let (shared, private) = (write::a_flushed_edit_is_in_the_file(path), copy::an_edit_never_reaches_the_file(path));
    match line_with_word(bytes) {
        None => assert!(shared.is_err() && private.is_err(), "without the word there is nothing to edit"),
        Some((line, edited)) => {
            let (shared, private) = (shared?, private?);
            for before in [&shared.before.memory, &shared.before.file, &private.before.memory, &private.before.file] {
                assert_eq!(*before, line);
            }
            for after in [&shared.after.memory, &shared.after.file, &private.after.memory] {
                assert_eq!(*after, edited);
            }
            assert_eq!(private.file_after_unmap, line);
        }
    }

    assert_eq!(fs::read(path)?, bytes, "the file is as it was");
    Ok(())
}

fn try_out(seed: u64) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("any bytes");
    let mut numbers = Numbers(seed);
    for _ in 0..1000 {
        let bytes = numbers.bytes();
        match panic::catch_unwind(|| compare(&path, &bytes)) {
            Ok(result) => result?,
            Err(payload) => {
                eprintln!("with seed {seed}, on the bytes \"{}\"", bytes.escape_ascii());
                panic::resume_unwind(payload);
            }
        }
    }
    Ok(())
}

#[test]
fn the_documents_take_the_same_thousand_files_as_ever() -> io::Result<()> {
    try_out(1)
}

#[test]
fn the_documents_take_a_thousand_new_files() -> io::Result<()> {
    try_out(RandomState::new().build_hasher().finish() | 1)
}
