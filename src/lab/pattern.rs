//! A pattern that searches as `regex::bytes` does, only sooner.

use std::io;
use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

/// A compiled pattern, in which classes have their byte (ASCII) meaning.
pub struct Pattern {
    regex: Regex,
    /// A word that is in every match, with at most one byte of a word between it and the start of the match. A search
    /// for the word alone runs several times faster than one for the pattern.
    word: Option<Regex>,
    /// The group that is the match.
    group: usize,
}

impl Pattern {
    /// A pattern of the caller's, whose match is all that it matches.
    ///
    /// # Errors
    /// Shows the place where the pattern cannot be understood.
    pub fn new(pattern: &str) -> io::Result<Pattern> {
        Ok(Pattern {
            regex: RegexBuilder::new(pattern)
                .unicode(false)
                .build()
                .map_err(invalid)?,
            word: None,
            group: 0,
        })
    }

    /// `(\.\W+)?([^.]?nulla[^.]*?\.)`, in any case, whose match is the second group.
    ///
    /// # Errors
    /// None: it compiles.
    pub fn sentences_with_nulla() -> io::Result<&'static Pattern> {
        // To compile it, or to search with a fresh copy of it, takes longer than to search a small file.
        static PATTERN: LazyLock<Result<Pattern, regex::Error>> = LazyLock::new(|| {
            let compile = |pattern| {
                let mut builder = RegexBuilder::new(pattern);
                builder
                    .unicode(false)
                    .case_insensitive(true)
                    .dot_matches_new_line(true);
                builder.multi_line(true).build()
            };
            Ok(Pattern {
                regex: compile(r"(\.\W+)?([^.]?nulla[^.]*?\.)")?,
                word: Some(compile("nulla")?),
                group: 2,
            })
        });
        PATTERN.as_ref().map_err(|error| invalid(error.clone()))
    }

    /// The group of each match that [`Self::captures_iter`] gives which is the match.
    pub fn group(&self) -> usize {
        self.group
    }

    /// What [`Regex::captures_iter`] gives, one match after the other.
    pub fn captures_iter<'text>(&self, text: &'text [u8]) -> impl Iterator<Item = Captures<'text>> {
        let mut from = 0;
        let faster = self.word.as_ref().map(|word| {
            std::iter::from_fn(move || {
                let word = word.find_at(text, from)?;
                // Where the word is, the pattern begins as early as a match with that word can.
                let before = text
                    .get(from..word.start().saturating_sub(1))
                    .unwrap_or_default();
                let of_a_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                from += before
                    .iter()
                    .rposition(of_a_word)
                    .map_or(0, |last| last + 1);
                let found = self.regex.captures_at(text, from)?;
                from = found.get_match().end();
                Some(found)
            })
        });
        let plain = self.word.is_none().then(|| self.regex.captures_iter(text));
        faster
            .into_iter()
            .flatten()
            .chain(plain.into_iter().flatten())
    }
}

fn invalid(error: regex::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}
