//! Whether pages were written to the disk, which anybody's `sync` can do at any time.

use std::io;

use memmap2::MmapRaw;

use crate::lab::account::Aside;
use crate::lab::attempts;
use crate::lab::errors::Naming;
#[cfg(target_os = "linux")]
use crate::lab::kernel;
use crate::lab::look::Store;
use crate::lab::sample::Sample;

/// What an attempt saw that says, by `true`, that nothing was written to the disk meanwhile. Anybody's `sync` writes, so up
/// to a hundred attempts are made, and one is enough.
///
/// Some file systems write whenever a file is read anew, or a map of it ends, as FUSE may. There the attempt has to do that
/// found this out.
///
/// # Errors
/// When every attempt says `false`, though a store, a read and the end of another map leave something to be written.
pub fn undisturbed<T>(attempt: impl Fn() -> io::Result<(bool, T)>) -> io::Result<T> {
    attempts::begin_row();
    for number in 0..100 {
        attempts::begin();
        let (unwritten, seen) = attempt()?;
        if unwritten || number % 10 == 0 && !anything_waits()? {
            return Ok(seen);
        }
    }
    let why = "every attempt wrote to the disk what should have waited";
    Err(io::Error::other(why))
}

/// Whether there is a store that waits to be written while its file is read and another map of it ends.
fn anything_waits() -> io::Result<bool> {
    let _aside = Aside::begin();
    let sample = Sample::of(b".")?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    for _ in 0..100 {
        // SAFETY: the byte is inside the map, and no reference to it exists.
        unsafe { map.store(0, b'!') };
        sample.read(0..1)?;
        drop(MmapRaw::map_raw(&file).naming(&sample)?);
        if is_unwritten(map.as_ptr())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a store into the mapping that holds `address` still waits to be written to the disk. Looked at on Linux, taken
/// for granted elsewhere.
///
/// # Errors
/// When `/proc/self/smaps` cannot be read.
pub fn is_unwritten(address: *const u8) -> io::Result<bool> {
    #[cfg(target_os = "linux")]
    return kernel::is_dirty(address);
    #[cfg(not(target_os = "linux"))]
    {
        _ = address;
        Ok(true)
    }
}
