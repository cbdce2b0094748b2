//! The throwaway copy on which a lesson works: gone when dropped, so that the caller's file is never written.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
#[cfg(unix)]
use std::iter;
use std::ops::Range;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

#[cfg(unix)]
use crate::kernel::page_size;
use crate::observation::{Sides, Text};

/// The text that lessons use when they are given no other.
pub const LOREM: &[u8] = include_bytes!("../lorem.txt");

/// The word that the edits of the documents reverse.
pub const WORD: &str = "consectetuer";

/// Puts a path in front of what an [`io::Error`] says.
pub trait At {
    /// The same result; an error names `path` and keeps its kind.
    fn at(self, path: impl AsRef<Path>) -> Self;
}

impl<T> At for io::Result<T> {
    fn at(self, path: impl AsRef<Path>) -> Self {
        self.map_err(|error| {
            let path = path.as_ref().display();
            io::Error::new(error.kind(), format!("{path}: {error}"))
        })
    }
}

/// Opens a text for reading.
///
/// # Errors
/// Names the path when it cannot be opened or is not a regular file: a pipe would wait forever, and neither it nor a
/// directory can be mapped.
pub fn open(text: &Path) -> io::Result<File> {
    let kind = fs::metadata(text).at(text)?.file_type();
    if kind.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory")).at(text);
    }
    if !kind.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is not a regular file")).at(text);
    }
    File::open(text).at(text)
}

/// A file of the lesson's own in the temporary folder, which nobody else knows.
///
/// It holds no handle: what a lesson opens is all that is open.
pub struct Sample {
    path: TempPath,
    copied_from: PathBuf,
}

impl Sample {
    /// A copy of `text`.
    ///
    /// # Errors
    /// Names the text when it cannot be read, and the temporary folder when it has no room.
    pub fn copy_of(text: &Path) -> io::Result<Sample> {
        let mut text_file = open(text)?;
        let mut file = NamedTempFile::new()?;
        if let Err(error) = io::copy(&mut text_file, &mut file) {
            let (from, to) = (text.display(), file.path().display());
            return Err(io::Error::new(error.kind(), format!("{from}: cannot be copied to {to}: {error}")));
        }
        Ok(Sample { path: file.into_temp_path(), copied_from: text.to_owned() })
    }

    /// A file that holds `bytes`.
    ///
    /// # Errors
    /// Names the temporary folder when the file cannot be made in it.
    pub fn of(bytes: &[u8]) -> io::Result<Sample> {
        let mut file = NamedTempFile::new()?;
        file.write_all(bytes).at(file.path())?;
        Ok(Sample { copied_from: file.path().to_owned(), path: file.into_temp_path() })
    }

    /// A file that holds the built-in text.
    ///
    /// # Errors
    /// Names the temporary folder when the file cannot be made in it.
    pub fn lorem() -> io::Result<Sample> {
        Sample::of(LOREM)
    }

    /// A file of whole pages: one for every letter, filled with it.
    ///
    /// # Errors
    /// Names the temporary folder when the file cannot be made in it.
    #[cfg(unix)]
    pub fn of_pages(letters: &str) -> io::Result<Sample> {
        Sample::of(&letters.bytes().flat_map(|letter| iter::repeat_n(letter, page_size())).collect::<Vec<u8>>())
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A new handle that can only read.
    ///
    /// # Errors
    /// Names the file.
    pub fn read_only(&self) -> io::Result<File> {
        File::open(self).at(self)
    }

    /// A new handle that can read and write.
    ///
    /// # Errors
    /// Names the file.
    pub fn read_write(&self) -> io::Result<File> {
        File::options().read(true).write(true).open(self).at(self)
    }

    /// The bytes of `range` as an ordinary read sees them through a handle opened for that look.
    ///
    /// Where the file ends early, fewer.
    ///
    /// # Errors
    /// Names the file.
    pub fn read(&self, range: Range<usize>) -> io::Result<Text> {
        let mut file = self.read_only()?;
        file.seek(SeekFrom::Start(range.start as u64)).at(self)?;
        let mut bytes = Vec::new();
        file.take(range.len() as u64).read_to_end(&mut bytes).at(self)?;
        Ok(Text(bytes))
    }

    /// How many bytes the file has.
    ///
    /// # Errors
    /// Names the file.
    pub fn length(&self) -> io::Result<u64> {
        Ok(fs::metadata(self).at(self)?.len())
    }

    /// Cuts the file off or makes it longer, as `ftruncate` does.
    ///
    /// What is new reads as zeros. On Linux room is reserved for it, so that a full disk is an error here and not a
    /// SIGBUS at the first touch.
    ///
    /// # Errors
    /// Names the file.
    pub fn set_len(&self, len: usize) -> io::Result<()> {
        let file = self.read_write()?;
        file.set_len(len as u64).at(self)?;
        #[cfg(target_os = "linux")]
        reserve(&file, len).at(self)?;
        Ok(())
    }

    /// Both sides of `range`: as seen through `map`, which is mapped from this file's start, and as an ordinary read
    /// sees it.
    ///
    /// # Errors
    /// Names the file.
    pub fn sides(&self, map: &[u8], range: Range<usize>) -> io::Result<Sides> {
        Ok(Sides { memory: map.get(range.clone()).unwrap_or_default().into(), file: self.read(range)? })
    }

    /// Where `word` first occurs in `map`, and the line that holds it without its line ending.
    ///
    /// # Errors
    /// Names the file that this is a copy of when the word is not there.
    pub fn find(&self, word: &str, map: &[u8]) -> io::Result<(Range<usize>, Range<usize>)> {
        let Some(start) = map.windows(word.len().max(1)).position(|bytes| bytes == word.as_bytes()) else {
            let error = io::Error::new(io::ErrorKind::InvalidData, format!("does not hold the word {word:?}"));
            return Err(error).at(&self.copied_from);
        };
        let end = start + word.len();
        let newline = |byte: &u8| *byte == b'\n';
        let line_start = map[..start].iter().rposition(newline).map_or(0, |at| at + 1);
        let line_end = match map[end..].iter().position(newline) {
            None => map.len(),
            Some(at) if map[..end + at].ends_with(b"\r") => end + at - 1,
            Some(at) => end + at,
        };
        Ok((start..end, line_start..line_end))
    }
}

#[cfg(target_os = "linux")]
fn reserve(file: &File, len: usize) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let len = libc::off_t::try_from(len).map_err(io::Error::other)?;
    // SAFETY: the handle is open for writing during the call; no memory of ours is involved.
    while len > 0 && unsafe { libc::fallocate(file.as_raw_fd(), 0, 0, len) } == -1 {
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR) => {}
            // A file system that cannot reserve takes its chances.
            Some(libc::EOPNOTSUPP | libc::ENOSYS) => break,
            _ => return Err(error),
        }
    }
    Ok(())
}

impl AsRef<Path> for Sample {
    fn as_ref(&self) -> &Path {
        self.path()
    }
}
