//! The words in which lessons report: plain data, whose `Debug` is the snapshot.
//!
//! A snapshot is the same on every machine, so an observation holds no address, path, process id, time, error number or
//! page size: sizes are counted in pages, errors and signals have names.

use std::fmt;
use std::io;

use crate::lab::account::tell;
use crate::lab::errors;

/// Bytes as they were seen, shown in double quotes with everything that is not printable ASCII escaped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(pub Vec<u8>);

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        tell("show", bytes.as_ptr().addr(), bytes.len());
        Text(bytes.to_vec())
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One write for the whole string: the indenting formatter is slow when it is fed byte by byte.
        f.write_str(&format!("\"{}\"", self.0.escape_ascii()))
    }
}

/// One place, looked at from both sides, the memory first and the file right after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    /// The bytes as seen through the map.
    pub memory: Text,
    /// The bytes as seen by an ordinary read through a handle opened for that look.
    pub file: Text,
}

impl Sides {
    /// At which byte the two first differ.
    pub fn first_difference(&self) -> Option<usize> {
        let mut pairs = self.memory.0.iter().zip(&self.file.0);
        pairs.position(|(memory, file)| memory != file)
    }
}

/// The same look, before and after the act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeforeAndAfter<T> {
    pub before: T,
    pub after: T,
}

/// How an attempt was answered, where the refusal is part of the lesson.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Granted,
    /// It was refused: by the operating system with the named error (`EACCES`), or by memmap2 or Rust's library before
    /// the system was asked, with an [`io::ErrorKind`] (`InvalidInput`).
    Refused(String),
}

impl Answer {
    /// How it was answered, where a refusal is part of the lesson. An error that says what this
    /// machine lacks stays one.
    ///
    /// # Errors
    /// That one.
    pub fn or_lacking<T>(result: io::Result<T>) -> io::Result<Answer> {
        match result {
            Err(error) if errors::what_is_lacking(&error).is_some() => Err(error),
            result => Ok(Answer::from(result)),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Granted => f.write_str("Granted"),
            Answer::Refused(error) => write!(f, "Refused({error})"),
        }
    }
}

impl<T> From<&io::Result<T>> for Answer {
    fn from(result: &io::Result<T>) -> Self {
        match result {
            Ok(_) => Answer::Granted,
            Err(error) => Answer::Refused(errors::name(error)),
        }
    }
}

impl<T> From<io::Result<T>> for Answer {
    fn from(result: io::Result<T>) -> Self {
        Answer::from(&result)
    }
}

/// How something ended that could have ended badly.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It came to its end.
    Survived,
    /// It panicked.
    Panicked,
    /// This signal killed the process that did it.
    KilledBy(&'static str),
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Survived => f.write_str("Survived"),
            Outcome::Panicked => f.write_str("Panicked"),
            Outcome::KilledBy(signal) => write!(f, "KilledBy({signal})"),
        }
    }
}
