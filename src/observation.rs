//! The words in which lessons report: plain data, whose `Debug` is the page.
//!
//! A page is the same on every machine, so an observation holds no address, path, process id, time, error number or
//! page size: sizes are counted in pages, errors and signals have names.

use std::fmt;
use std::io;

#[cfg(unix)]
use crate::kernel::page_size;

/// Bytes as they were seen, shown in double quotes with everything that is not printable ASCII escaped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(pub Vec<u8>);

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
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

/// The same place looked at from both sides at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    /// The bytes as seen through the map.
    pub memory: Text,
    /// The bytes as seen by an ordinary read through a handle opened for that look.
    pub file: Text,
}

/// An edit through a map, with both sides before and after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Both sides before the edit.
    pub before: Sides,
    /// Both sides after it.
    pub after: Sides,
}

/// What a lesson saw, or why it could not be seen on this machine. `Debug` shows either without a wrapping.
#[derive(Clone, PartialEq, Eq)]
pub enum Seen<T> {
    /// It was seen.
    Here(T),
    /// This machine lacks something that the lesson needs: what, and how it was refused.
    Lacking(String),
}

impl<T: fmt::Debug> fmt::Debug for Seen<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Seen::Here(observation) => observation.fmt(f),
            Seen::Lacking(reason) => f.debug_tuple("Lacking").field(reason).finish(),
        }
    }
}

/// A position or a length, counted from the page boundary next to it: `1 page - 3 bytes`.
#[cfg(unix)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// How many pages there are up to that boundary.
    pub pages: usize,
    /// How many bytes behind it; less than nothing is before it.
    pub bytes: isize,
}

#[cfg(unix)]
impl From<usize> for Place {
    fn from(position: usize) -> Self {
        let pages = position / page_size() + usize::from(position % page_size() >= page_size() / 2);
        Place { pages, bytes: position.wrapping_sub(pages.wrapping_mul(page_size())) as isize }
    }
}

#[cfg(unix)]
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
        f.write_str(&count(self.pages, "page"))?;
        match self.bytes {
            0 => Ok(()),
            1.. => write!(f, " + {}", count(self.bytes.unsigned_abs(), "byte")),
            _ => write!(f, " - {}", count(self.bytes.unsigned_abs(), "byte")),
        }
    }
}

impl<T> Seen<T> {
    /// For setup that this machine may refuse: what it is for, and how it was refused.
    pub fn lacking(what: &str, error: &io::Error) -> Self {
        Seen::Lacking(format!("{what}: {error}"))
    }
}

/// What an attempt was answered, where the refusal is part of the lesson.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Granted,
    /// It was refused: by the operating system with the named error (`EACCES`), or by memmap2 or Rust's library before
    /// the system was asked, with an [`io::ErrorKind`] (`InvalidInput`).
    Refused(String),
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
            Err(error) => Answer::Refused(error_name(error)),
        }
    }
}

impl<T> From<io::Result<T>> for Answer {
    fn from(result: io::Result<T>) -> Self {
        Answer::from(&result)
    }
}

#[cfg(unix)]
fn error_name(error: &io::Error) -> String {
    let name = match error.raw_os_error() {
        Some(libc::EACCES) => "EACCES",
        Some(libc::EAGAIN) => "EAGAIN",
        Some(libc::EBADF) => "EBADF",
        Some(libc::EBUSY) => "EBUSY",
        Some(libc::EINVAL) => "EINVAL",
        Some(libc::ENODEV) => "ENODEV",
        Some(libc::ENOENT) => "ENOENT",
        Some(libc::ENOMEM) => "ENOMEM",
        Some(libc::EPERM) => "EPERM",
        _ => return format!("{:?}", error.kind()),
    };
    name.to_owned()
}

#[cfg(not(unix))]
fn error_name(error: &io::Error) -> String {
    format!("{:?}", error.kind())
}
