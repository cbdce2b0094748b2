//! System calls that std and memmap2 lack, under their own names.
//!
//! Each makes the one call, says an error by its number, and starts again where a signal interrupted it.

use std::ffi::CStr;
#[cfg(target_os = "linux")]
use std::ffi::CString;
use std::fs::File;
use std::io;
#[cfg(target_os = "linux")]
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
#[cfg(target_os = "linux")]
use std::os::unix::ffi::OsStrExt;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

fn check(call: impl Fn() -> libc::c_int) -> io::Result<libc::c_int> {
    loop {
        match call() {
            -1 => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
            answer => return Ok(answer),
        }
    }
}

/// `fcntl` with F_ADD_SEALS: forbids changes to a file in memory, for good.
///
/// # Errors
/// EBUSY for F_SEAL_WRITE while somebody has a writable shared map; EPERM when the file takes no more seals.
#[cfg(target_os = "linux")]
pub fn add_seals(file: &File, seals: libc::c_int) -> io::Result<()> {
    // SAFETY: the descriptor is open during the call; no memory of ours is involved.
    check(|| unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, seals) })?;
    Ok(())
}

/// `fallocate`: reserves room for `length` bytes from `offset` on, or, with `mode`, changes them otherwise.
///
/// # Errors
/// ENOSPC when there is no room; EOPNOTSUPP where the file system cannot do it.
#[cfg(target_os = "linux")]
pub fn fallocate(file: &File, mode: libc::c_int, offset: usize, length: usize) -> io::Result<()> {
    let offset = libc::off_t::try_from(offset).map_err(io::Error::other)?;
    let length = libc::off_t::try_from(length).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open during the call; no memory of ours is involved.
    check(|| unsafe { libc::fallocate(file.as_raw_fd(), mode, offset, length) })?;
    Ok(())
}

/// `flock`: locks or unlocks the file for this handle.
///
/// # Errors
/// EAGAIN when another handle has it locked, and LOCK_NB was given.
pub fn flock(file: &File, operation: libc::c_int) -> io::Result<()> {
    // SAFETY: the descriptor is open during the call; no memory of ours is involved.
    check(|| unsafe { libc::flock(file.as_raw_fd(), operation) })?;
    Ok(())
}

/// `inotify_add_watch`: has a queue told of the events in `mask` that happen in a folder.
///
/// # Errors
/// ENOSPC when this user has too many watches.
#[cfg(target_os = "linux")]
pub fn inotify_add_watch(queue: &File, folder: &Path, mask: u32) -> io::Result<()> {
    let folder = CString::new(folder.as_os_str().as_bytes())?;
    // SAFETY: the path outlives the call.
    check(|| unsafe { libc::inotify_add_watch(queue.as_raw_fd(), folder.as_ptr(), mask) })?;
    Ok(())
}

/// `inotify_init1`: a queue of events, which answers EAGAIN to a read when it is empty.
///
/// # Errors
/// EMFILE when this user has too many queues.
#[cfg(target_os = "linux")]
pub fn inotify_init1() -> io::Result<File> {
    let flags = libc::IN_CLOEXEC | libc::IN_NONBLOCK;
    // SAFETY: no memory of ours is involved.
    let descriptor = check(|| unsafe { libc::inotify_init1(flags) })?;
    // SAFETY: the descriptor is new, and nobody else's.
    Ok(unsafe { File::from_raw_fd(descriptor) })
}

/// `lseek`, to ask a file where its next hole (SEEK_HOLE) or what is none (SEEK_DATA) begins.
///
/// # Errors
/// ENXIO when there is nothing of the kind from `offset` on.
#[cfg(target_os = "linux")]
pub fn lseek(file: &File, offset: usize, whence: libc::c_int) -> io::Result<usize> {
    let offset = libc::off_t::try_from(offset).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open during the call; no memory of ours is involved.
    match unsafe { libc::lseek(file.as_raw_fd(), offset, whence) } {
        -1 => Err(io::Error::last_os_error()),
        at => usize::try_from(at).map_err(io::Error::other),
    }
}

/// `memfd_create`: a file that is in memory only and has no name.
///
/// # Errors
/// ENOSYS or EPERM where there is no such thing.
#[cfg(target_os = "linux")]
pub fn memfd_create(flags: libc::c_uint) -> io::Result<File> {
    // SAFETY: the name outlives the call.
    let descriptor = check(|| unsafe { libc::memfd_create(c"mmap-by-example".as_ptr(), flags) })?;
    // SAFETY: the descriptor is new, and nobody else's.
    Ok(unsafe { File::from_raw_fd(descriptor) })
}

/// `mmap`, for reading: where the new mapping begins. The kernel chooses the address.
///
/// # Errors
/// As the kernel refuses it, for example EINVAL; and EINVAL for MAP_FIXED, which would replace what is mapped already.
pub fn mmap(
    length: usize,
    flags: libc::c_int,
    file: impl AsFd,
    offset: usize,
) -> io::Result<*mut u8> {
    let offset = libc::off_t::try_from(offset).map_err(io::Error::other)?;
    let descriptor = file.as_fd().as_raw_fd();
    if flags & libc::MAP_FIXED != 0 {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    // SAFETY: a new mapping at an address that the kernel chooses replaces nothing.
    let address = unsafe {
        libc::mmap(
            ptr::null_mut(),
            length,
            libc::PROT_READ,
            flags,
            descriptor,
            offset,
        )
    };
    if address == libc::MAP_FAILED {
        Err(io::Error::last_os_error())
    } else {
        Ok(address.cast())
    }
}

/// `mprotect`: changes what may be done with whole pages.
///
/// # Errors
/// EACCES where the file's handle did not allow it.
///
/// # Safety
/// The pages must be the caller's, and no reference into them may exist that the new protection breaks.
pub unsafe fn mprotect(address: *mut u8, length: usize, protection: libc::c_int) -> io::Result<()> {
    // SAFETY: the caller vouches for the pages.
    check(|| unsafe { libc::mprotect(address.cast(), length, protection) })?;
    Ok(())
}

/// `munmap`: removes whole pages from this process.
///
/// # Errors
/// EINVAL for an address that is not the start of a page.
///
/// # Safety
/// The pages must be the caller's, and nobody may use them afterwards: not even a map that unmaps them once more when it
/// is dropped, since by then they may be somebody else's.
pub unsafe fn munmap(address: *mut u8, length: usize) -> io::Result<()> {
    // SAFETY: the caller vouches for the pages.
    check(|| unsafe { libc::munmap(address.cast(), length) })?;
    Ok(())
}

/// `read`: from the file into memory, at most `length` bytes. How many there were.
///
/// # Errors
/// EFAULT for memory that is not there or cannot be written to.
///
/// # Safety
/// What is at `address` must be nobody's who relies on it: no reference to those bytes may exist.
pub unsafe fn read(file: impl AsFd, address: *mut u8, length: usize) -> io::Result<usize> {
    let descriptor = file.as_fd().as_raw_fd();
    // SAFETY: the descriptor is open during the call; the caller vouches for what the kernel changes.
    let answer = || unsafe { libc::read(descriptor, address.cast(), length) };
    count(answer)
}

/// `userfaultfd`: a file that tells of the faults in memory that is given into its care, and answers EAGAIN to a read
/// when there is none.
///
/// # Errors
/// ENOSYS or EPERM where this user may have none; EINVAL where the kernel does not know a flag.
#[cfg(target_os = "linux")]
pub fn userfaultfd(flags: libc::c_int) -> io::Result<File> {
    // SAFETY: no memory of ours is involved.
    let descriptor =
        check(|| unsafe { libc::syscall(libc::SYS_userfaultfd, flags) as libc::c_int })?;
    // SAFETY: the descriptor is new, and nobody else's.
    Ok(unsafe { File::from_raw_fd(descriptor) })
}

/// `write`: from memory to the file, at most `length` bytes. How many it took.
///
/// # Errors
/// EFAULT for memory that is not there or cannot be read.
///
/// # Safety
/// Nobody may hold a `&mut` to those bytes.
pub unsafe fn write(file: impl AsFd, address: *const u8, length: usize) -> io::Result<usize> {
    let descriptor = file.as_fd().as_raw_fd();
    // SAFETY: the descriptor is open during the call; the kernel only looks at the memory.
    let answer = || unsafe { libc::write(descriptor, address.cast(), length) };
    count(answer)
}

fn count(call: impl Fn() -> isize) -> io::Result<usize> {
    loop {
        if let Ok(count) = usize::try_from(call()) {
            return Ok(count);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// The privileges of this thread, laid down until this is dropped.
#[cfg(target_os = "linux")]
pub struct LaidDown {
    header: CapabilityHeader,
    capabilities: [Capabilities; 2],
    /// They are those of one thread.
    _thread: PhantomData<*const ()>,
}

/// `capset`: makes this thread an ordinary user in all but its number, whom the rights of a file bind, even as root.
///
/// # Errors
/// When the kernel does not let a thread do so.
#[cfg(target_os = "linux")]
pub fn lay_down_privileges() -> io::Result<LaidDown> {
    const VERSION_3: u32 = 0x2008_0522;
    let mut laid_down = LaidDown {
        header: CapabilityHeader {
            version: VERSION_3,
            thread: 0,
        },
        capabilities: [Capabilities::default(); 2],
        _thread: PhantomData,
    };
    let LaidDown {
        header,
        capabilities,
        ..
    } = &mut laid_down;
    // SAFETY: the kernel fills in the two parts that this version has.
    match unsafe { libc::syscall(libc::SYS_capget, &mut *header, capabilities.as_mut_ptr()) } {
        0 => laid_down.set(|_| 0)?,
        _ => return Err(io::Error::last_os_error()),
    }
    Ok(laid_down)
}

#[cfg(target_os = "linux")]
impl LaidDown {
    fn set(&self, effective: impl Fn(&Capabilities) -> u32) -> io::Result<()> {
        let mut header = self.header;
        let capabilities = self.capabilities.each_ref().map(|before| Capabilities {
            effective: effective(before),
            ..*before
        });
        // SAFETY: the kernel reads the two parts that this version has. It changes this thread alone, which keeps the
        // right to take them up again.
        match unsafe { libc::syscall(libc::SYS_capset, &mut header, capabilities.as_ptr()) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for LaidDown {
    fn drop(&mut self) {
        _ = self.set(|before| before.effective);
    }
}

#[cfg(target_os = "linux")]
#[derive(Clone, Copy)]
#[repr(C)]
struct CapabilityHeader {
    version: u32,
    /// 0 is this one.
    thread: libc::c_int,
}

#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Capabilities {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// `pipe`: the end to read from, and the end to write to.
///
/// # Errors
/// EMFILE when this process has too many files open.
pub fn pipe() -> io::Result<[OwnedFd; 2]> {
    let mut ends = [0; 2];
    let ends_pointer = ends.as_mut_ptr();
    // SAFETY: the kernel fills in two numbers, for which there is room.
    check(|| unsafe { libc::pipe(ends_pointer) })?;
    // SAFETY: both descriptors are new, and nobody else's.
    Ok(ends.map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) }))
}

/// Makes a call until it is not refused with EBUSY, for ten seconds at most.
///
/// What keeps the other side busy may be a child process that another thread has started: until it
/// ends, it has whatever this process had mapped or open.
///
/// # Errors
/// Those of the call; EBUSY after ten seconds.
pub fn while_busy<T>(call: impl Fn() -> io::Result<T>) -> io::Result<T> {
    let patience = Duration::from_secs(10);
    let started = Instant::now();
    loop {
        match call() {
            Err(error)
                if error.raw_os_error() == Some(libc::EBUSY) && started.elapsed() < patience =>
            {
                thread::sleep(Duration::from_millis(1));
            }
            result => return result,
        }
    }
}

/// `open`, for reading and writing, and without an allocation, so that a child may call it.
///
/// # Errors
/// As the kernel refuses it, for example ENOENT.
pub fn open(path: &CStr) -> io::Result<File> {
    // SAFETY: the path outlives the call.
    let descriptor =
        check(|| unsafe { libc::open(path.as_ptr(), libc::O_RDWR | libc::O_CLOEXEC) })?;
    // SAFETY: the descriptor is new, and nobody else's.
    Ok(unsafe { File::from_raw_fd(descriptor) })
}

/// `pipe2`: the two ends of a new pipe, to read from and to write to. A read of an empty one is EAGAIN.
///
/// # Errors
/// EMFILE when this process has too many handles.
#[cfg(target_os = "linux")]
pub fn pipe2() -> io::Result<(File, File)> {
    let mut ends = [-1; 2];
    let address = ends.as_mut_ptr();
    // SAFETY: the array has room for both ends.
    check(|| unsafe { libc::pipe2(address, libc::O_CLOEXEC | libc::O_NONBLOCK) })?;
    // SAFETY: the descriptors are new, and nobody else's.
    Ok(ends.map(|end| unsafe { File::from_raw_fd(end) }).into())
}

/// `sendfile`: sends the first bytes of a file; how many.
///
/// # Errors
/// EINVAL where the file system cannot do it.
#[cfg(target_os = "linux")]
pub fn sendfile(to: &File, file: &File, length: usize) -> io::Result<usize> {
    let start = 0;
    let (to, file) = (to.as_raw_fd(), file.as_raw_fd());
    // SAFETY: the descriptors are open during the call, and the offset outlives it.
    count(|| unsafe { libc::sendfile(to, file, &mut { start }, length) })
}

/// `splice`: moves the first bytes of a file into a pipe; how many.
///
/// # Errors
/// EINVAL where the file system cannot do it.
#[cfg(target_os = "linux")]
pub fn splice(file: &File, pipe: &File, length: usize) -> io::Result<usize> {
    let start = 0;
    let (file, pipe) = (file.as_raw_fd(), pipe.as_raw_fd());
    // SAFETY: the descriptors are open during the call, and the offset outlives it.
    count(|| unsafe { libc::splice(file, &mut { start }, pipe, ptr::null_mut(), length, 0) })
}
