//! What others do to a disk, told apart from what a lesson does; and a small disk of a lesson's own.

use std::env;
use std::ffi::CString;
use std::fs::{File, FileTimes};
use std::io::{self, Write};
use std::mem;
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use memmap2::{MmapOptions, MmapRaw};

use crate::lab::account::{Aside, tell};
use crate::lab::attempts;
use crate::lab::child::{self, Notes};
use crate::lab::errors::{self, Naming, OrLacking};
use crate::lab::kernel;
use crate::lab::look::{Look, Store};
use crate::lab::observation::Outcome;
use crate::lab::place::page_size;
use crate::lab::sample::Sample;
use crate::lab::system;

/// Makes attempts until one is seen `as_claimed`, since anybody on this machine may write pages back at any time.
///
/// Each attempt has a bystander: a page of a file of its own, which is dirty before it. While the bystander stays dirty,
/// nobody else has written anything back. An attempt that was not as claimed though nobody disturbed it counts, and the
/// last of thirty such is the answer.
///
/// # Errors
/// Those of the attempt. That a disk is lacking, where nothing cleans a page, or that there was no quiet moment.
pub fn undisturbed<T>(
    mut attempt: impl FnMut() -> io::Result<T>,
    as_claimed: impl Fn(&T) -> bool,
) -> io::Result<T> {
    let mut quiet = 0;
    attempts::begin_row();
    for _ in 0..300 {
        let aside = Aside::begin();
        let (sample, bystander) = dirty_page()?;
        let seen = aside.suspended(|| {
            attempts::begin();
            attempt()
        })?;
        if as_claimed(&seen) {
            return Ok(seen);
        }
        if dirty_pages(&bystander)? == 1 {
            quiet += 1;
            expect_clean_after_flush(&sample, &bystander)?;
        }
        if quiet == 30 {
            return Ok(seen);
        }
    }
    Err(errors::lacking(
        "a quiet moment: something here writes pages back all the time",
    ))
}

/// A file system that writes pages back to something: on tmpfs there is no disk.
///
/// # Errors
/// That it is lacking.
pub fn expect_disk() -> io::Result<()> {
    let _aside = Aside::begin();
    let (sample, bystander) = dirty_page()?;
    expect_clean_after_flush(&sample, &bystander)
}

/// A file system that writes back a part of a file, and not the whole file when it is asked for a part.
///
/// # Errors
/// That it is lacking.
pub fn expect_partial_write_back() -> io::Result<()> {
    let _aside = Aside::begin();
    let attempt = || {
        let (sample, page) = (clean_pages("abc")?, page_size());
        let map = |first: usize| {
            let mut options = MmapOptions::new();
            options.offset((first * page) as u64).len(page);
            options.map_raw(&sample.read_write()?).naming(&sample)
        };
        let [first, last] = [map(0)?, map(2)?];
        for map in [&first, &last] {
            // SAFETY: the first byte is inside the map, and no reference to it exists.
            unsafe { map.store(0, b'!') };
        }
        last.flush().naming(&sample)?;
        Ok([dirty_pages(&first)?, dirty_pages(&last)?])
    };
    match undisturbed(attempt, |dirty| *dirty == [1, 0])? {
        [1, 0] => Ok(()),
        _ => Err(errors::lacking_file_system(
            "writes back less than a whole file",
        )),
    }
}

/// A file system that leaves a page to be written back later, though a map of its file is gone: FUSE writes it then.
///
/// # Errors
/// That it is lacking.
pub fn expect_later_write_back() -> io::Result<()> {
    let _aside = Aside::begin();
    let attempt = || {
        let (sample, map) = dirty_page()?;
        drop(map);
        let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
        map.look(0..1);
        dirty_pages(&map)
    };
    match undisturbed(attempt, |dirty| *dirty == 1)? {
        1 => Ok(()),
        _ => Err(errors::lacking_file_system(
            "writes back later than at the end of a map",
        )),
    }
}

/// A file system that finds room for a page when it is stored to: FUSE does when the page is written back.
///
/// # Errors
/// That it is lacking.
pub fn expect_room_at_the_store() -> io::Result<()> {
    const ROOM: usize = 1 << 20;
    let _aside = Aside::begin();
    let sample = Sample::of(b"")?;
    let file = sample.read_write()?;
    // Without room a store kills: there has to be more than this lesson and its neighbours need.
    match system::fallocate(&file, 0, 0, ROOM) {
        Err(error) if errors::code(&error) == Some(libc::EOPNOTSUPP) => {}
        reserved => reserved.naming(&sample)?,
    }
    file.set_len(0).naming(&sample)?;
    file.set_len(page_size() as u64).naming(&sample)?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.store(0, b'!') };
    match file.metadata().naming(&sample)?.blocks() {
        0 => Err(errors::lacking_file_system("takes room at a store")),
        _ => Ok(()),
    }
}

/// A file system that moves the modification time at a store into a clean page, and writes nothing back when a time is
/// set. FUSE may leave times to the program that answers for it, which is told of a store when the page is written back.
///
/// # Errors
/// That it is lacking.
pub fn expect_time_of_the_store() -> io::Result<()> {
    let _aside = Aside::begin();
    let long_ago = SystemTime::UNIX_EPOCH;
    let sample = clean_pages("b")?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    let time = || file.metadata().and_then(|it| it.modified()).naming(&sample);
    // On tmpfs a page that was looked at can be stored to without a fault.
    map.look(0..1);
    let times = FileTimes::new()
        .set_accessed(long_ago)
        .set_modified(long_ago);
    file.set_times(times).naming(&sample)?;
    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.store(0, b'!') };
    if time()? == long_ago {
        return Err(errors::lacking_file_system(
            "moves the modification time at a store",
        ));
    }
    file.set_modified(long_ago).naming(&sample)?;
    if time()? != long_ago {
        return Err(errors::lacking("a modification time that can be set alone"));
    }
    let attempt = || {
        let (sample, map) = dirty_page()?;
        let file = sample.read_write()?;
        file.set_modified(long_ago).naming(&sample)?;
        dirty_pages(&map)
    };
    match undisturbed(attempt, |dirty| *dirty == 1)? {
        1 => Ok(()),
        _ => Err(errors::lacking(
            "a modification time that can be set while a page is dirty",
        )),
    }
}

/// A sample of clean pages: one for every letter, filled with it.
///
/// Each is written by itself, since pages that are written together may be kept, and cleaned, together.
///
/// # Errors
/// Names the file when it cannot be written.
pub fn clean_pages(letters: &str) -> io::Result<Sample> {
    let _aside = Aside::begin();
    let sample = Sample::of(b"")?;
    let file = sample.read_write()?;
    for (page, letter) in letters.bytes().enumerate() {
        let bytes = vec![letter; page_size()];
        file.write_all_at(&bytes, (page * page_size()) as u64)
            .naming(&sample)?;
    }
    file.sync_all().naming(&sample)?;
    Ok(sample.complete())
}

fn expect_clean_after_flush(sample: &Sample, map: &MmapRaw) -> io::Result<()> {
    map.flush().naming(sample)?;
    match dirty_pages(map)? {
        0 => Ok(()),
        _ => Err(errors::lacking(
            "a disk below the temporary folder: a flush leaves its pages dirty",
        )),
    }
}

fn dirty_page() -> io::Result<(Sample, MmapRaw)> {
    let sample = Sample::of_pages("b")?;
    let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.store(0, b'!') };
    Ok((sample, map))
}

/// How many pages of the mapping were stored to since they were last written back.
///
/// # Errors
/// When `/proc/self/smaps` cannot be read, nothing is mapped, or the map has touched no page: then none can be seen dirty.
pub fn dirty_pages(map: &MmapRaw) -> io::Result<usize> {
    let mapping = kernel::mapping(map.as_ptr())?.ok_or(io::ErrorKind::NotFound)?;
    if mapping.resident_pages == 0 {
        return Err(io::Error::other("a map has touched no page"));
    }
    Ok(mapping.dirty_pages)
}

/// A file system in memory that has room for four pages, and that only one child process sees.
pub struct SmallDisk {
    root: File,
}

impl SmallDisk {
    /// Does `act` in a child process with such a disk, and says how the child ended, with what it noted.
    ///
    /// The disk is mounted on the temporary folder, in namespaces of the child's own. It is gone with the child.
    ///
    /// # Errors
    /// That the right to make namespaces or to mount is lacking; what the act answered, by the system's number; and as for
    /// [`child::run`].
    ///
    /// # Safety
    /// As for [`child::start`].
    pub unsafe fn with<const COUNT: usize>(
        act: impl FnOnce(&SmallDisk, &[AtomicUsize; COUNT]) -> io::Result<()>,
    ) -> io::Result<(Outcome, [usize; COUNT])> {
        let (notes, errors) = (Notes::<COUNT>::new()?, Notes::<2>::new()?);
        let preparations = Preparations::new()?;
        let code = |error: io::Error| error.raw_os_error().unwrap_or(libc::EIO) as usize;
        // SAFETY: the child makes plain system calls with what was prepared, and does what the caller vouches for.
        let end = unsafe {
            child::run(|| match preparations.mount() {
                Err(error) => errors[0].store(code(error), Ordering::Relaxed),
                Ok(disk) => {
                    if let Err(error) = act(&disk, &notes) {
                        errors[1].store(code(error), Ordering::Relaxed);
                    }
                }
            })
        }?;
        let [mounting, acting] = errors.each_ref().map(|it| it.load(Ordering::Relaxed));
        let answer = |code| match code {
            0 => Ok(()),
            code => Err(io::Error::from_raw_os_error(code as libc::c_int)),
        };
        let rights = [
            libc::EACCES,
            libc::EINVAL,
            libc::ENOSPC,
            libc::ENOSYS,
            libc::EPERM,
            libc::EUSERS,
        ];
        answer(mounting)
            .or_lacking("the right to mount a file system of its own", &rights)
            .naming(env::temp_dir())?;
        answer(acting).naming(env::temp_dir())?;
        Ok((
            end,
            notes.each_ref().map(|note| note.load(Ordering::Relaxed)),
        ))
    }

    /// A new file, as a handle that can read and write.
    ///
    /// # Errors
    /// As `openat` refuses it.
    pub fn create(&self) -> io::Result<File> {
        let flags = libc::O_CREAT | libc::O_RDWR | libc::O_CLOEXEC;
        // SAFETY: the name outlives the call, and the new descriptor is nobody else's.
        unsafe {
            let file = libc::openat(self.root.as_raw_fd(), NAME.as_ptr(), flags, 0o600);
            Ok(File::from_raw_fd(check(file)?))
        }
    }

    /// Removes the name of the file.
    ///
    /// # Errors
    /// As `unlinkat` refuses it.
    pub fn remove(&self) -> io::Result<()> {
        // SAFETY: the name outlives the call.
        check(unsafe { libc::unlinkat(self.root.as_raw_fd(), NAME.as_ptr(), 0) })?;
        Ok(())
    }

    /// For how many pages there is room.
    ///
    /// # Errors
    /// As `fstatfs` refuses it.
    pub fn free_pages(&self) -> io::Result<usize> {
        tell("free_pages", 0, 0);
        // SAFETY: the kernel fills in a local of plain numbers.
        let about = unsafe {
            let mut about: libc::statfs = mem::zeroed();
            check(libc::fstatfs(self.root.as_raw_fd(), &mut about))?;
            about
        };
        Ok(about.f_bfree as usize * about.f_bsize as usize / page_size())
    }
}

const NAME: &std::ffi::CStr = c"file";

fn check(answer: libc::c_int) -> io::Result<RawFd> {
    match answer {
        -1 => Err(io::Error::last_os_error()),
        answer => Ok(answer),
    }
}

/// What the child needs and must not allocate.
struct Preparations {
    folder: CString,
    users: String,
    groups: String,
}

impl Preparations {
    fn new() -> io::Result<Self> {
        let folder = env::temp_dir().into_os_string().into_vec();
        // SAFETY: they ask for numbers.
        let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
        Ok(Preparations {
            folder: CString::new(folder)?,
            users: format!("0 {user} 1"),
            groups: format!("0 {group} 1"),
        })
    }

    fn mount(&self) -> io::Result<SmallDisk> {
        let _aside = Aside::begin();
        let write = |path: &str, text: &str| {
            let mut file = File::options().write(true).open(path)?;
            file.write_all(text.as_bytes())
        };
        // SAFETY: system calls about this child alone, with names that outlive them.
        unsafe {
            check(libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS))?;
            // Else the files of `/proc/self` are root's. There is still no core, since its size is limited to nothing.
            libc::prctl(libc::PR_SET_DUMPABLE, 1);
            write("/proc/self/setgroups", "deny")?;
            write("/proc/self/uid_map", &self.users)?;
            write("/proc/self/gid_map", &self.groups)?;
            libc::prctl(libc::PR_SET_DUMPABLE, 0);
            // Without this, what is mounted here might be mounted for everybody.
            let everything = libc::MS_REC | libc::MS_PRIVATE;
            check(libc::mount(
                ptr::null(),
                c"/".as_ptr(),
                ptr::null(),
                everything,
                ptr::null(),
            ))?;
            check(libc::mount(
                c"tmpfs".as_ptr(),
                self.folder.as_ptr(),
                c"tmpfs".as_ptr(),
                0,
                c"nr_blocks=4".as_ptr().cast(),
            ))?;
            let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
            let root = check(libc::open(self.folder.as_ptr(), flags))?;
            Ok(SmallDisk {
                root: File::from_raw_fd(root),
            })
        }
    }
}
