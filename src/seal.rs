//! Sealed files: what cannot change is mapped without `unsafe`.
//!
//! Is there a file that nobody can change under a map?
//!
//! 1. [`a_sealed_file_cannot_change`]
//! 2. [`a_sealed_file_is_mapped_without_unsafe`]

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;

use memmap2::{MapIfSafeError, Mmap, MmapMut, MmapOptions, MmapRaw};

use crate::lab::errors::OrLacking;
use crate::lab::observation::{Answer, Text};
use crate::lab::sample::Sample;
use crate::lab::system;

/// A sealed file cannot change under you: no write, no growth, no truncation, no writable shared
/// map, through any handle.
///
/// > A seal is a lock that I hold, so I can still change my file.
///
/// A lock binds only those who ask for one, and an owner can change permissions. Seals bind
/// everybody, the process that set them included, and are never taken off again. F_SEAL_WRITE
/// forbids writes and writable shared maps, F_SEAL_GROW and F_SEAL_SHRINK forbid changes of length;
/// the three together leave no change. A private map is still granted: its edits are not the
/// file's.
///
/// Seals are for files in memory that were made for them (`memfd_create`, MFD_ALLOW_SEALING).
/// While there is a shared map that is writable, or could be made so, F_SEAL_WRITE is refused; the other
/// seals are not.
///
/// Promised by Linux (`fcntl`, F_ADD_SEALS; `memfd_create`).
#[doc = page!(seal::a_sealed_file_cannot_change)]
#[doc(alias = "memfd_create")]
#[doc(alias = "F_ADD_SEALS")]
#[doc(alias = "F_SEAL_WRITE")]
#[doc(alias = "EBUSY")]
#[doc(alias = "EPERM")]
pub fn a_sealed_file_cannot_change() -> io::Result<Sealed> {
    let file = system::memfd_create(libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING)
        .or_lacking("a file in memory", NO_MEMFD)?;
    file.write_all_at(b"text", 0)?;
    let another_handle = reopen(File::options().write(true), &file)?;
    let changes = |letter: &[u8]| -> io::Result<Changes> {
        let length = file.metadata()?.len();
        Ok(Changes {
            write: file.write_all_at(letter, 0).into(),
            write_through_another_handle: another_handle.write_all_at(letter, 1).into(),
            grow: file.set_len(length + 1).into(),
            shrink: file.set_len(length - 1).into(),
            writable_shared_map: MmapRaw::map_raw(&file).into(),
            // SAFETY: nobody writes to the file while it is mapped.
            private_map: edited(unsafe { MmapOptions::new().map_copy(&file) }),
            bytes_then: bytes(&file)?,
        })
    };
    let before = changes(b"B")?;
    let map = MmapRaw::map_raw(&file)?;
    let grow_and_shrink = system::add_seals(&file, libc::F_SEAL_GROW | libc::F_SEAL_SHRINK);
    let write_while_mapped = system::add_seals(&file, libc::F_SEAL_WRITE);
    drop(map);

    let write = system::while_busy(|| system::add_seals(&file, libc::F_SEAL_WRITE));

    Ok(Sealed {
        reading_through_another_handle: another_handle.read_at(&mut [0], 0).into(),
        before,
        seal_against_grow_and_shrink_while_mapped: grow_and_shrink.into(),
        seal_against_write_while_mapped: write_while_mapped.into(),
        seal_against_write: write.into(),
        after: changes(b"A")?,
    })
}

/// A file in memory before and after it was sealed.
#[derive(Debug)]
pub struct Sealed {
    /// It was opened anew, for writing only.
    pub reading_through_another_handle: Answer,
    pub before: Changes,
    /// The answers to two of the seals while there was a shared map of the file that is writable, or could be made so.
    pub seal_against_grow_and_shrink_while_mapped: Answer,
    pub seal_against_write_while_mapped: Answer,
    /// After that map was dropped.
    pub seal_against_write: Answer,
    pub after: Changes,
}

/// What a file allowed.
#[derive(Debug)]
pub struct Changes {
    /// A write of one letter over the first byte.
    pub write: Answer,
    /// A write of that letter over the second byte.
    pub write_through_another_handle: Answer,
    /// To one byte more than it has.
    pub grow: Answer,
    /// To one byte less than it had at first.
    pub shrink: Answer,
    pub writable_shared_map: Answer,
    /// A private map after a store of `P`; nothing where the map is refused.
    pub private_map: Text,
    /// All that the file holds after these.
    pub bytes_then: Text,
}

/// What a private map shows after a store of `P`; nothing if there is none.
fn edited(map: io::Result<MmapMut>) -> Text {
    let Ok(mut map) = map else {
        return Text::default();
    };
    map[0] = b'P';
    Text::from(&map[..])
}

/// The errors that mean that there are no files in memory here: the kernel has none, or a sandbox
/// or the setting `vm.memfd_noexec` refuses them.
const NO_MEMFD: &[i32] = &[libc::ENOSYS, libc::EPERM, libc::EACCES];

fn reopen(mode: &OpenOptions, file: &File) -> io::Result<File> {
    mode.open(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

fn bytes(file: &File) -> io::Result<Text> {
    let mut bytes = [0; 8];
    let read = file.read_at(&mut bytes, 0)?;
    Ok(bytes[..read].into())
}

/// A sealed file is mapped without `unsafe`: its bytes cannot change.
///
/// > I wrap `unsafe { Mmap::map(..) }` in a safe function, and then mapping is safe.
///
/// Such a function promises, for every file that it may ever be given, that nobody changes it while
/// it is mapped. For a file that cannot change, memmap2 has a safe function. It asks the kernel for
/// the seals F_SEAL_WRITE and F_SEAL_SHRINK (or for fs-verity), and refuses every other file, and
/// every range that is not all in it. One of the two seals is not enough: a file that may be
/// truncated can still kill.
///
/// The handle here can only read: before Linux 6.7 the kernel refused any shared map of a sealed
/// file over a handle that can write. On other systems than Linux, Android and FreeBSD memmap2
/// cannot tell, and refuses every file.
///
/// memmap2's own text says that it returns `Ok(None)` for a file that is not safe; it returns an
/// error that says so (0.9.12).
///
/// Promised by memmap2 (`MmapOptions::map_if_safe`); the seals by Linux (`fcntl`, F_GET_SEALS).
#[doc = page!(seal::a_sealed_file_is_mapped_without_unsafe)]
#[doc(alias = "map_if_safe")]
#[doc(alias = "MapIfSafeError")]
#[doc(alias = "F_GET_SEALS")]
#[doc(alias = "F_SEAL_SHRINK")]
#[doc(alias = "fs-verity")]
pub fn a_sealed_file_is_mapped_without_unsafe() -> io::Result<WithoutUnsafe> {
    let file = system::memfd_create(libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING)
        .or_lacking("a file in memory", NO_MEMFD)?;
    file.write_all_at(b"sealed..", 0)?;
    let reader = reopen(File::options().read(true), &file)?;
    let a_part = MmapOptions::new().offset(2).len(3).clone();
    let attempts = |file: &File, reader: &File| -> io::Result<Attempts> {
        Ok(Attempts {
            map_if_safe: Mmap::map_if_safe(reader).into(),
            of_a_part: a_part.map_if_safe(reader).into(),
            write_through_the_reader: reader.write_all_at(b"s", 0).into(),
            write: file.write_all_at(b"s", 0).into(),
            shrink: file.set_len(file.metadata()?.len() - 1).into(),
        })
    };
    let unsealed = attempts(&file, &reader)?;
    system::add_seals(&file, libc::F_SEAL_WRITE)?;
    let sealed_against_writes = attempts(&file, &reader)?;

    system::add_seals(&file, libc::F_SEAL_SHRINK)?;

    let ordinary = Sample::of(b"ordinary")?;
    Ok(WithoutUnsafe {
        ordinary_file: attempts(&ordinary.read_write()?, &ordinary.read_only()?)?,
        unsealed,
        sealed_against_writes,
        sealed_against_shrinking_too: attempts(&file, &reader)?,
        more_than_it_holds: MmapOptions::new().len(7).map_if_safe(&reader).into(),
    })
}

/// Attempts to get a slice of a file without `unsafe`.
#[derive(Debug)]
pub struct WithoutUnsafe {
    pub ordinary_file: Attempts,
    /// A file in memory.
    pub unsealed: Attempts,
    pub sealed_against_writes: Attempts,
    pub sealed_against_shrinking_too: Attempts,
    /// Of seven bytes: two of the attempts have cut the file to six.
    pub more_than_it_holds: Verdict,
}

/// How safe a file is.
#[derive(Debug)]
pub struct Attempts {
    pub map_if_safe: Verdict,
    /// Of three of its bytes.
    pub of_a_part: Verdict,
    pub write_through_the_reader: Answer,
    /// A write of one byte, after the map is gone.
    pub write: Answer,
    /// By one byte, after that.
    pub shrink: Answer,
}

/// What `map_if_safe` said.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It made the map, which shows these bytes.
    Mapped(Text),
    /// It refused, since others could change the file or the range is not all in it.
    NotSafe,
    /// It cannot tell on this system.
    NotSupported,
    /// It was safe, but the map could not be made.
    Failed,
}

impl From<Result<Mmap, MapIfSafeError>> for Verdict {
    fn from(result: Result<Mmap, MapIfSafeError>) -> Self {
        match result {
            Ok(map) => Verdict::Mapped(map[..].into()),
            Err(error) if error.not_safe() => Verdict::NotSafe,
            Err(error) if error.not_supported() => Verdict::NotSupported,
            Err(_) => Verdict::Failed,
        }
    }
}
