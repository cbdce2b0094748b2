//! The throwaway copy on which a lesson works: gone when dropped, so that the caller's file is never written.

#[cfg(target_os = "linux")]
use std::cell::Cell;
#[cfg(unix)]
use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::iter;
use std::ops::Range;
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;

use tempfile::{NamedTempFile, TempPath};

use crate::lab::account::{Aside, tell};
#[cfg(target_os = "linux")]
use crate::lab::errors;
use crate::lab::errors::Naming;
#[cfg(target_os = "linux")]
use crate::lab::kernel::{self, Held};
use crate::lab::look::Look;
use crate::lab::observation::{Sides, Text};
use crate::lab::place::page_size;
#[cfg(target_os = "linux")]
use crate::lab::system;

/// The text that lessons use when they are given no other.
pub const LOREM: &[u8] = include_bytes!("../../lorem.txt");

/// The word that the edits of the documents reverse.
pub const WORD: &str = "consectetuer";

/// Opens a text for reading.
///
/// # Errors
/// Names the path when it cannot be opened or is not a regular file: a pipe would wait forever, and neither it nor a
/// directory can be mapped.
pub fn open(text: &Path) -> io::Result<File> {
    let kind = fs::metadata(text).naming(text)?.file_type();
    if kind.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "is a directory",
        ))
        .naming(text);
    }
    if !kind.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "is not a regular file",
        ))
        .naming(text);
    }
    let mut file = File::open(text).naming(text)?;
    let length = file.metadata().naming(text)?.len();
    if length == 0 && file.read(&mut [0]).naming(text)? > 0 {
        let message = "says that it is empty and is not, as files of /proc do: it cannot be mapped";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message)).naming(text);
    }
    Ok(file)
}

/// A file of the lesson's own in the temporary folder, which nobody else knows.
pub struct Sample {
    file: Reached,
    copied_from: PathBuf,
    /// Whether a map of it was looked through, and so bears a mark.
    #[cfg(target_os = "linux")]
    looked_through: Cell<bool>,
    /// How many calls that write this thread had made when the sample was complete.
    #[cfg(target_os = "linux")]
    write_calls: Option<u64>,
}

/// How the file is reached.
enum Reached {
    /// By its name. No handle is held: what a lesson opens is all that is open.
    Named(TempPath),
    /// By a handle, since the file has no name, so that nothing is left of it however this process ends.
    #[cfg(target_os = "linux")]
    Nameless { _handle: File, path: PathBuf },
}

impl Sample {
    /// A copy of `text`. On Linux it has no name, so that it is gone even if this process is killed; where the file system
    /// makes no files without a name (FUSE), it has one for a moment.
    ///
    /// # Errors
    /// Names the text when it cannot be read, and the temporary folder when it has no room.
    pub fn copy_of(text: &Path) -> io::Result<Sample> {
        let _aside = Aside::begin();
        let mut original = open(text)?;
        let (mut copy, file) = Self::new_copy()?;
        // Between two files the kernel copies by itself, where it can.
        if let Err(error) = io::copy(&mut original, &mut copy) {
            let (from, to) = (text.display(), tempfile::env::temp_dir());
            let message = format!("{from}: cannot be copied into {}: {error}", to.display());
            return Err(io::Error::new(error.kind(), message));
        }
        Ok(Sample {
            file,
            copied_from: text.to_owned(),
            #[cfg(target_os = "linux")]
            looked_through: Cell::new(false),
            #[cfg(target_os = "linux")]
            write_calls: kernel::write_calls(),
        })
    }

    #[cfg(target_os = "linux")]
    fn new_copy() -> io::Result<(File, Reached)> {
        use std::os::fd::AsRawFd;

        let handle = tempfile::tempfile().naming(tempfile::env::temp_dir())?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", handle.as_raw_fd()));
        match File::options().write(true).open(&path) {
            Ok(copy) => Ok((
                copy,
                Reached::Nameless {
                    _handle: handle,
                    path,
                },
            )),
            // Without `/proc` the file needs a name.
            Err(_) => Self::new_named_copy(),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn new_copy() -> io::Result<(File, Reached)> {
        Self::new_named_copy()
    }

    fn new_named_copy() -> io::Result<(File, Reached)> {
        let (copy, path) = NamedTempFile::new()?.into_parts();
        Ok((copy, Reached::Named(path)))
    }

    /// A file that holds `bytes`.
    ///
    /// # Errors
    /// Names the temporary folder when the file cannot be made in it.
    pub fn of(bytes: &[u8]) -> io::Result<Sample> {
        let _aside = Aside::begin();
        let mut file = NamedTempFile::new()?;
        file.write_all(bytes).naming(file.path())?;
        Ok(Sample {
            copied_from: file.path().to_owned(),
            file: Reached::Named(file.into_temp_path()),
            #[cfg(target_os = "linux")]
            looked_through: Cell::new(false),
            #[cfg(target_os = "linux")]
            write_calls: kernel::write_calls(),
        })
    }

    /// Counts the calls that write from here on, after what made the sample.
    #[cfg(target_os = "linux")]
    pub fn complete(mut self) -> Sample {
        self.write_calls = kernel::write_calls();
        self
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
    pub fn of_pages(letters: &str) -> io::Result<Sample> {
        Sample::of(
            &letters
                .bytes()
                .flat_map(|letter| iter::repeat_n(letter, page_size()))
                .collect::<Vec<u8>>(),
        )
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        match &self.file {
            Reached::Named(path) => path,
            #[cfg(target_os = "linux")]
            Reached::Nameless { path, .. } => path,
        }
    }

    /// The folder that holds it.
    pub fn folder(&self) -> &Path {
        self.path().parent().unwrap_or(Path::new("/"))
    }

    /// Where the file is, as a child hands it to the system: a child may not allocate.
    ///
    /// # Errors
    /// When the path holds a NUL byte.
    #[cfg(unix)]
    pub fn c_path(&self) -> io::Result<CString> {
        Ok(CString::new(self.path().as_os_str().as_bytes())?)
    }

    /// What this process has of the file at this moment: handles and maps.
    ///
    /// # Errors
    /// When `/proc/self` cannot be read.
    #[cfg(target_os = "linux")]
    pub fn held(&self) -> io::Result<Held> {
        kernel::held(&self.path_in_proc()?)
    }

    #[cfg(target_os = "linux")]
    fn maps(&self) -> io::Result<Vec<kernel::Area>> {
        kernel::maps_of(&self.path_in_proc()?)
    }

    /// Its path as the kernel writes it.
    #[cfg(target_os = "linux")]
    fn path_in_proc(&self) -> io::Result<PathBuf> {
        match &self.file {
            Reached::Named(path) => {
                // Its folder, since the name may be gone.
                let folder = fs::canonicalize(self.folder()).naming(self.folder())?;
                Ok(folder.join(path.file_name().unwrap_or_default()))
            }
            Reached::Nameless { path, .. } => {
                let path = fs::read_link(path).naming(path)?;
                let path = path.to_string_lossy();
                Ok(PathBuf::from(path.trim_end_matches(" (deleted)")))
            }
        }
    }

    /// A new handle that can only read.
    ///
    /// # Errors
    /// Names the file.
    pub fn read_only(&self) -> io::Result<File> {
        File::open(self).naming(self)
    }

    /// A new handle that can read and write.
    ///
    /// # Errors
    /// Names the file.
    pub fn read_write(&self) -> io::Result<File> {
        File::options()
            .read(true)
            .write(true)
            .open(self)
            .naming(self)
    }

    /// The bytes of `range` as an ordinary read sees them through a handle opened for that look.
    ///
    /// Where the file ends early, fewer.
    ///
    /// # Errors
    /// Names the file.
    pub fn read(&self, range: Range<usize>) -> io::Result<Text> {
        tell("look at the file", range.start, range.len());
        let _aside = Aside::begin();
        let mut file = self.read_only()?;
        file.seek(SeekFrom::Start(range.start as u64))
            .naming(self)?;
        let mut bytes = Vec::new();
        file.take(range.len() as u64)
            .read_to_end(&mut bytes)
            .naming(self)?;
        Ok(Text(bytes))
    }

    /// How many bytes the file has.
    ///
    /// # Errors
    /// Names the file.
    pub fn length(&self) -> io::Result<u64> {
        Ok(fs::metadata(self).naming(self)?.len())
    }

    /// Fills the holes of the file, as far as the file system can, so that a full disk is an error here and not a
    /// SIGBUS at the first touch.
    ///
    /// # Errors
    /// Names the file.
    pub fn reserve(&self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if self.length()? > 0 {
            let reserved = system::fallocate(&self.read_write()?, 0, 0, self.length()? as usize);
            let cannot = [libc::EOPNOTSUPP, libc::ENOSYS].map(Some);
            match reserved {
                Err(error) if cannot.contains(&errors::code(&error)) => {}
                result => result.naming(self)?,
            }
        }
        Ok(())
    }

    /// Both sides of `range`: as seen through `map`, which is mapped from this file's start, and as an ordinary read
    /// sees it.
    ///
    /// On Linux it makes sure that this is a map of the file, and the one that was looked through before.
    ///
    /// # Errors
    /// Names the file.
    pub fn sides(&self, map: &(impl Look + ?Sized), range: Range<usize>) -> io::Result<Sides> {
        self.expect_the_same_map(map)?;
        Ok(Sides {
            memory: map.look(range.clone()),
            file: self.read(range)?,
        })
    }

    /// Makes sure that `map` is a map of this file from its start, and the one that was looked through before, wherever it
    /// has moved. Looked at on Linux, taken for granted elsewhere.
    ///
    /// # Errors
    /// Names the file when it is not.
    pub fn expect_the_same_map(&self, map: &(impl Look + ?Sized)) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            let maps = self.maps()?;
            let address = map.address();
            let Some(area) = maps.iter().find(|map| map.begins_at(address)) else {
                return Err(io::Error::other("is not what was looked at")).naming(self);
            };
            if !self.looked_through.get() {
                // Where the kernel does not show the mark, nothing can be told by it.
                self.looked_through.set(area.mark()?);
            } else if !area.is_marked()? {
                return Err(io::Error::other("was looked at through another map")).naming(self);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = map;
        Ok(())
    }

    /// Makes sure that `memory` is in a map of this file; and that the maps are these, as
    /// [`expect_maps`](Self::expect_maps) has them. Looked at on Linux, taken for granted elsewhere.
    ///
    /// # Errors
    /// Names the file when it is not so.
    pub fn expect_in_maps(&self, memory: &[u8], maps: &[&str]) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            let address = memory.as_ptr().addr();
            if !self.maps()?.iter().any(|map| map.holds(address)) {
                return Err(io::Error::other("is not what was looked at")).naming(self);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = memory;
        self.expect_maps(maps)
    }

    /// Makes sure that this thread has made no call that writes, be it to this file or another, since the sample was
    /// made, so that what changed was stored; and that the maps are these, as [`expect_maps`](Self::expect_maps) has
    /// them. Looked at on Linux, as far as the kernel counts calls; taken for granted elsewhere. It is not for lessons
    /// that panic, since the message of a panic is written, too.
    ///
    /// # Errors
    /// Names the file when it is not so.
    pub fn expect_stores_through(&self, maps: &[&str]) -> io::Result<()> {
        self.expect_writes(0)?;
        self.expect_maps(maps)
    }

    /// Makes sure that this thread has made so many calls that write, be it to this file or another, since the sample was
    /// made. Looked at on Linux, as far as the kernel counts calls; taken for granted elsewhere.
    ///
    /// # Errors
    /// Names the file when it is not so.
    pub fn expect_writes(&self, calls: u64) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if self.write_calls.is_some()
            && kernel::write_calls() != self.write_calls.map(|it| it + calls)
        {
            let message = format!("this thread has not written just {calls} times");
            return Err(io::Error::other(message)).naming(self);
        }
        #[cfg(not(target_os = "linux"))]
        let _ = calls;
        Ok(())
    }

    /// As [`read`](Self::read), when no map of the file is left.
    ///
    /// # Errors
    /// Names the file when it is mapped or cannot be read.
    pub fn read_unmapped(&self, range: Range<usize>) -> io::Result<Text> {
        self.expect_maps(&[])?;
        self.read(range)
    }

    /// As [`sides`](Self::sides), of a map that was flushed before: as [`expect_flushed`](Self::expect_flushed) has it.
    ///
    /// # Errors
    /// Names the file when it was not flushed or cannot be read.
    pub fn sides_flushed(
        &self,
        map: &(impl Look + ?Sized),
        range: Range<usize>,
    ) -> io::Result<Sides> {
        self.expect_flushed(ptr::without_provenance(map.address()))?;
        self.sides(map, range)
    }

    /// Makes sure that something was looked at through `map`. Looked at on Linux, taken for granted elsewhere.
    ///
    /// # Errors
    /// Names the file when it is not so.
    pub fn expect_looked_through(&self, map: &(impl Look + ?Sized)) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if kernel::resident(ptr::without_provenance(map.address()), 1)? != "#" {
            return Err(io::Error::other("was not looked at through a map")).naming(self);
        }
        #[cfg(not(target_os = "linux"))]
        let _ = map;
        Ok(())
    }

    /// Makes sure that a flush of the mapping that holds `address` was made: its pages are clean. Looked at on Linux, taken
    /// for granted elsewhere, and where the file system has no disk, so that nothing makes pages clean.
    ///
    /// # Errors
    /// Names the file when a page of it was still to be written to the disk.
    pub fn expect_flushed(&self, address: *const u8) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if kernel::is_dirty(address)? {
            let _aside = Aside::begin();
            self.read_write()?.sync_all().naming(self)?;
            if !kernel::is_dirty(address)? {
                return Err(io::Error::other("was not flushed")).naming(self);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = address;
        Ok(())
    }

    /// Makes sure that this process has just these maps of the file: what each allows, sorted, `r--s` for one that is
    /// shared and can only be read. Looked at on Linux, taken for granted elsewhere.
    ///
    /// # Errors
    /// Names the file when it is mapped otherwise.
    pub fn expect_maps(&self, expected: &[&str]) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            let maps = kernel::permissions(self.maps()?);
            if maps != expected {
                let message = format!("mapped {maps:?}, not {expected:?}");
                return Err(io::Error::other(message)).naming(self);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = expected;
        Ok(())
    }

    /// Makes sure that this process has so many maps of the file, of whatever kind: what they are, the claim shows. Looked
    /// at on Linux, taken for granted elsewhere.
    ///
    /// # Errors
    /// Names the file when it is mapped otherwise.
    pub fn expect_mapped(&self, expected: usize) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            let maps = self.maps()?.len();
            if maps != expected {
                let message = format!("mapped {maps} times, not {expected}");
                return Err(io::Error::other(message)).naming(self);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = expected;
        Ok(())
    }

    /// Makes sure that this process has so many handles to the file, and just these maps of it, as
    /// [`expect_maps`](Self::expect_maps) has them. Looked at on Linux, taken for granted elsewhere.
    ///
    /// # Errors
    /// Names the file when it is not so.
    pub fn expect_held(&self, handles: usize, maps: &[&str]) -> io::Result<()> {
        self.expect_maps(maps)?;
        #[cfg(target_os = "linux")]
        {
            let held = self.held()?.handles;
            if held != handles {
                let message = format!("opened {held} times, not {handles}");
                return Err(io::Error::other(message)).naming(self);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = handles;
        Ok(())
    }

    /// Where `word` first occurs in `map`, and the line that holds it without its line ending.
    ///
    /// # Errors
    /// When the word is empty; names the file that this is a copy of when the word is not there.
    pub fn find(&self, word: &str, map: &[u8]) -> io::Result<(Range<usize>, Range<usize>)> {
        if word.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the word to look for is empty",
            ));
        }
        let found = map
            .windows(word.len())
            .position(|bytes| bytes == word.as_bytes());
        let Some(start) = found else {
            let message = format!("does not hold the word {word:?}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message))
                .naming(&self.copied_from);
        };
        let end = start + word.len();
        let newline = |byte: &u8| *byte == b'\n';
        let line_start = map[..start]
            .iter()
            .rposition(newline)
            .map_or(0, |at| at + 1);
        let line_end = match map[end..].iter().position(newline) {
            None => map.len(),
            Some(at) if map[..end + at].ends_with(b"\r") => end + at - 1,
            Some(at) => end + at,
        };
        Ok((start..end, line_start..line_end))
    }
}

impl AsRef<Path> for Sample {
    fn as_ref(&self) -> &Path {
        self.path()
    }
}
