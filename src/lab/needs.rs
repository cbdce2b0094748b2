//! What a machine must have for a lesson, tried out before the lesson and apart from it.
//!
//! So a refusal inside the lesson is never taken for something that the machine lacks.

use std::fs;
use std::io;
use std::ptr;

use memmap2::{Advice, MmapMut};

use crate::lab::account::Aside;
use crate::lab::errors::{self, Naming, OrLacking};
use crate::lab::place::page_size;
use crate::lab::sample::Sample;
use crate::lab::system;

/// A range of `bytes` addresses; their number, as a length of a map.
///
/// # Errors
/// That it is lacking.
pub fn addresses(bytes: u64) -> io::Result<usize> {
    let _aside = Aside::begin();
    let what = "addresses for so long a map";
    let bytes = usize::try_from(bytes).map_err(|_| errors::lacking(what))?;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping at an address that the kernel chooses; nobody can touch it.
    let start = unsafe { libc::mmap(ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error()).or_lacking(what, &[libc::ENOMEM]);
    }
    // SAFETY: it is the mapping from above.
    unsafe { libc::munmap(start, bytes) };
    Ok(bytes)
}

/// A kernel that knows each piece of advice.
///
/// # Errors
/// That it is lacking.
pub fn advice(all: &[Advice]) -> io::Result<()> {
    let _aside = Aside::begin();
    match all.iter().find(|advice| !advice.is_supported()) {
        Some(advice) => Err(errors::lacking(format!("a kernel that knows {advice:?}"))),
        None => Ok(()),
    }
}

/// The right to make a file of `bytes`. Without it a write is answered by a signal that ends the process.
///
/// # Errors
/// That it is lacking.
pub fn file_size(bytes: usize) -> io::Result<()> {
    let _aside = Aside::begin();
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the kernel fills in a local of plain numbers.
    unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) };
    if limit.rlim_cur < bytes as libc::rlim_t {
        return Err(errors::lacking("the right to make so large a file"));
    }
    Ok(())
}

/// The right to lock `pages` pages.
///
/// # Errors
/// That it is lacking.
pub fn locks(pages: usize) -> io::Result<()> {
    let _aside = Aside::begin();
    MmapMut::map_anon(pages * page_size())?.lock().or_lacking(
        &format!("the right to lock {pages} pages"),
        &[libc::EAGAIN, libc::ENOMEM, libc::EPERM],
    )
}

/// A kernel that looks at each request for memory by itself: overcommit policy 0, the usual one.
///
/// # Errors
/// That it is lacking.
pub fn overcommit_by_guess() -> io::Result<()> {
    let _aside = Aside::begin();
    const POLICY: &str = "/proc/sys/vm/overcommit_memory";
    match fs::read_to_string(POLICY).naming(POLICY)?.trim() {
        "0" => Ok(()),
        policy => Err(errors::lacking(format!(
            "overcommit policy 0 (it is {policy})"
        ))),
    }
}

/// A file system that punches holes as small as a page.
///
/// # Errors
/// That it is lacking.
pub fn small_holes() -> io::Result<()> {
    let _aside = Aside::begin();
    let (sample, page) = (Sample::of_pages("abc")?, page_size());
    let file = sample.read_write()?;
    let mode = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    match system::fallocate(&file, mode, page, page) {
        Err(error) if matches!(errors::code(&error), Some(libc::EOPNOTSUPP | libc::ENOSYS)) => {
            return Err(errors::lacking_file_system("punches holes"));
        }
        answer => answer.naming(&sample)?,
    }
    match system::lseek(&file, 0, libc::SEEK_HOLE).naming(&sample)? {
        first if first == page => Ok(()),
        _ => Err(errors::lacking_file_system(
            "punches holes as small as a page",
        )),
    }
}
