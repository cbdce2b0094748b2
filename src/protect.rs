//! Protection: what a map forbids, and who enforces it.

use std::fs::{self, File};
use std::io;
#[cfg(target_os = "linux")]
use std::mem;
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
#[cfg(target_os = "linux")]
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
#[cfg(target_os = "linux")]
use std::ptr;
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicPtr, Ordering};
#[cfg(target_os = "linux")]
use std::thread;
#[cfg(target_os = "linux")]
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use memmap2::{MapIfSafeError, Mmap};
use memmap2::{MmapAsRawDesc, MmapMut, MmapOptions, MmapRaw};

use crate::book::chapter;
use crate::child::{self, Outcome};
#[cfg(target_os = "linux")]
use crate::kernel;
use crate::kernel::page_size;
use crate::observation::{Answer, Sides, Text};
#[cfg(target_os = "linux")]
use crate::observation::{Place, Seen};
use crate::raw;
use crate::sample::{At, Sample};

chapter! {
    protect;
    the_open_mode_decides_which_maps_are_allowed: Posix,
    some_things_cannot_be_mapped: Unspecified,
    #[cfg(target_os = "linux")]
    each_constructor_asks_for_its_protection: Memmap2,
    a_store_through_a_read_only_map_kills: Posix,
    a_page_without_access_kills_readers_and_writers: Posix,
    #[cfg(target_os = "linux")]
    a_fault_says_where_and_why: Posix,
    #[cfg(target_os = "linux")]
    protection_can_be_changed_and_changed_back: Posix,
    only_a_private_map_of_a_read_only_file_becomes_writable: Posix,
    a_read_only_map_cannot_be_written_to: Rust,
    a_read_only_map_cannot_be_flushed: Rust,
    mapping_a_file_is_unsafe: Rust,
    #[cfg(target_os = "linux")]
    a_sealed_file_cannot_change: Linux,
    #[cfg(target_os = "linux")]
    a_sealed_file_is_mapped_without_unsafe: Memmap2,
}

/// What each kind of map was answered over one handle.
#[derive(Debug, PartialEq, Eq)]
pub struct Kinds {
    /// `map`
    pub shared_read_only: Answer,
    /// `map_mut`
    pub shared_writable: Answer,
    /// `map_copy_read_only`
    pub private_read_only: Answer,
    /// `map_copy`
    pub private_writable: Answer,
}

/// The kinds of map by the mode in which the file was opened.
#[derive(Debug)]
pub struct OpenModes {
    /// Opened to read.
    pub read: Kinds,
    /// Opened to write.
    pub write: Kinds,
    /// Opened to read and write.
    pub read_and_write: Kinds,
    /// Opened to read and append.
    pub read_and_append: Kinds,
}

/// The open mode decides which maps are allowed: each needs to read, and a shared writable one to write too.
///
/// It is tempting to think that a map that is only written to needs only a handle to write, or that the permissions of
/// the file are asked again. What counts is how the handle was opened. Every map needs to read, since a store first
/// brings in the rest of its page. A private one needs no more; its edits stay out of the file. To append is to write.
///
/// Promised by POSIX (`mmap`, EACCES).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/the_open_mode_decides_which_maps_are_allowed.snap"))]
/// ```
pub fn the_open_mode_decides_which_maps_are_allowed() -> io::Result<OpenModes> {
    let sample = Sample::lorem()?;
    let kinds = |mode: &fs::OpenOptions| -> io::Result<Kinds> {
        let file = mode.open(&sample).at(&sample)?;
        let options = MmapOptions::new();
        // SAFETY: the sample is this lesson's own; nobody looks into the maps, which are gone at once.
        unsafe {
            Ok(Kinds {
                shared_read_only: options.map(&file).into(),
                shared_writable: options.map_mut(&file).into(),
                private_read_only: options.map_copy_read_only(&file).into(),
                private_writable: options.map_copy(&file).into(),
            })
        }
    };

    Ok(OpenModes {
        read: kinds(File::options().read(true))?,
        write: kinds(File::options().write(true))?,
        read_and_write: kinds(File::options().read(true).write(true))?,
        read_and_append: kinds(File::options().read(true).append(true))?,
    })
}

/// What attempts to map something else than a file were answered.
#[derive(Debug)]
pub struct NotFiles {
    /// A file, for comparison.
    pub file: Answer,
    /// A folder.
    pub folder: Answer,
    /// A pipe.
    pub pipe: Answer,
    /// A socket.
    pub socket: Answer,
    /// `/dev/null`
    pub dev_null: Answer,
    /// A descriptor that is not open.
    pub closed_descriptor: Answer,
}

/// Some things cannot be mapped: folders, pipes, sockets, `/dev/null`, and what is not open.
///
/// It is tempting to map whatever can be opened or read, standard input for example. A map needs something with pages
/// that can be read at any offset, again and again; a stream has none. A program that wants to map its input has to be
/// ready to read it instead.
///
/// With a descriptor of -1 memmap2 0.9.12 does not return EBADF when it has to look up the length: it panics.
///
/// Promised by nobody (POSIX: what else than files and shared memory can be mapped is unspecified), but for EBADF,
/// which is POSIX's; this is what Linux does.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/some_things_cannot_be_mapped.snap"))]
/// ```
pub fn some_things_cannot_be_mapped() -> io::Result<NotFiles> {
    let sample = Sample::lorem()?;
    let (socket, _other_end) = UnixStream::pair()?;
    let (folder, dev_null) = (File::open("/").at("/")?, File::open("/dev/null").at("/dev/null")?);
    let mut pipe = [0; 2];
    // SAFETY: the kernel fills in two numbers.
    if unsafe { libc::pipe(pipe.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: both descriptors are new, and nobody else's.
    let [pipe, _writing_end] = pipe.map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) });

    Ok(NotFiles {
        file: map(&sample.read_only()?),
        folder: map(&folder),
        pipe: map(&pipe),
        socket: map(&socket),
        dev_null: map(&dev_null),
        // No process can have so many.
        closed_descriptor: map(RawFd::MAX),
    })
}

fn map(what: impl MmapAsRawDesc) -> Answer {
    // SAFETY: nobody looks into the map, which is gone at once.
    Answer::from(unsafe { MmapOptions::new().len(1).map(what) })
}

/// What the kernel lists for a map of each constructor: may it be `r`ead, `w`ritten, e`x`ecuted; is it `s`hared or
/// `p`rivate.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Constructors {
    /// `MmapOptions::map`
    pub map: String,
    /// `MmapOptions::map_mut`
    pub map_mut: String,
    /// `MmapOptions::map_copy`
    pub map_copy: String,
    /// `MmapOptions::map_copy_read_only`
    pub map_copy_read_only: String,
    /// `MmapOptions::map_raw`
    pub map_raw: String,
    /// `MmapOptions::map_raw_read_only`
    pub map_raw_read_only: String,
    /// `MmapOptions::map_anon`
    pub map_anon: String,
    /// `MmapOptions::map_exec`, of the running program, which surely may be executed.
    pub map_exec: String,
}

/// Each constructor asks the kernel for its own protection, and for a shared or a private map.
///
/// It is tempting to think that `Mmap` and `MmapMut` are about Rust's `&` and `&mut` only, and that below them all maps
/// are alike. The protection is the kernel's: it holds for raw pointers and for other languages in the same process as
/// well.
///
/// Python's `prot` and `flags` arguments, or `access`, say the same. A write-only map, or one without any access, no
/// constructor of memmap2 can make.
///
/// Promised by memmap2 (its constructors); listed by Linux (`proc_pid_maps`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/each_constructor_asks_for_its_protection.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn each_constructor_asks_for_its_protection() -> io::Result<Constructors> {
    let sample = Sample::lorem()?;
    let file = sample.read_write()?;
    let program = File::open("/proc/self/exe").at("/proc/self/exe")?;
    let options = MmapOptions::new();

    // SAFETY: the sample is this lesson's own; nobody writes to it, or to a running program, while it is mapped.
    let (map, map_mut, map_copy, map_copy_read_only, map_exec) = unsafe {
        (
            options.map(&file),
            options.map_mut(&file),
            options.map_copy(&file),
            options.map_copy_read_only(&file),
            options.map_exec(&program),
        )
    };
    let (map_raw, map_raw_read_only) = (options.map_raw(&file), options.map_raw_read_only(&file));
    let map_anon = MmapMut::map_anon(1)?;

    Ok(Constructors {
        map: permissions(map?.as_ptr())?,
        map_mut: permissions(map_mut?.as_ptr())?,
        map_copy: permissions(map_copy?.as_ptr())?,
        map_copy_read_only: permissions(map_copy_read_only?.as_ptr())?,
        map_raw: permissions(map_raw?.as_ptr())?,
        map_raw_read_only: permissions(map_raw_read_only?.as_ptr())?,
        map_anon: permissions(map_anon.as_ptr())?,
        map_exec: permissions(map_exec?.as_ptr())?,
    })
}

#[cfg(target_os = "linux")]
fn permissions(address: *const u8) -> io::Result<String> {
    Ok(kernel::mapping(address)?.map(|mapping| mapping.permissions).unwrap_or_default())
}

/// What became of children that touched a read-only map.
#[derive(Debug)]
pub struct ReadOnly {
    /// Reading its first byte.
    pub read: Outcome,
    /// Writing it.
    pub write: Outcome,
    /// Both sides after that.
    pub after: Sides,
}

/// A store through a read-only map kills, with SIGSEGV.
///
/// It is tempting to think that "read-only" is a promise that a raw pointer can break. The pages themselves are
/// protected: the store faults before it changes anything. (Safe Rust does not get that far: see
/// [`a_read_only_map_cannot_be_written_to`].)
///
/// The file here is open for writing, too: it is the map that forbids.
///
/// macOS sends SIGBUS instead.
///
/// Promised by POSIX (`mmap`: a write access to memory without PROT_WRITE is SIGSEGV).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/a_store_through_a_read_only_map_kills.snap"))]
/// ```
pub fn a_store_through_a_read_only_map_kills() -> io::Result<ReadOnly> {
    let sample = Sample::lorem()?;
    let map = MmapOptions::new().map_raw_read_only(&sample.read_write()?).at(&sample)?;

    // SAFETY: the child reads one byte of the map through a raw pointer and ends.
    let read = unsafe { child::run(|| _ = map.as_ptr().read_volatile()) }?;
    // SAFETY: the child tries to write one byte of the map through a raw pointer and ends.
    let write = unsafe { child::run(|| map.as_mut_ptr().write_volatile(b'_')) }?;

    let after = raw::sides(&map, &sample, 0..11)?;
    Ok(ReadOnly { read, write, after })
}

/// Three pages of anonymous memory, the middle one without access.
#[derive(Debug)]
pub struct NoAccess {
    /// Reading the middle page before its access was taken.
    pub read_before: Outcome,
    /// Reading it without access.
    pub read: Outcome,
    /// Writing it without access.
    pub write: Outcome,
    /// Reading the last byte of the page before it.
    pub read_page_before: Outcome,
    /// Reading the first byte of the page behind it.
    pub read_page_behind: Outcome,
    /// What the middle page holds when it has its access back.
    pub bytes_after: Text,
    /// Writing it then.
    pub write_after: Outcome,
}

/// A page without access kills readers and writers alike, and keeps its bytes.
///
/// It is tempting to think that taking a page's access gives the page up. It only forbids: the bytes are there when
/// access is given back. Such a page behind a buffer or a stack, a guard page, turns running over the end into a fault
/// instead of a wrong byte somewhere else.
///
/// memmap2 has no such protection; this is `mprotect` itself, which works on whole pages.
///
/// Promised by POSIX (`mprotect`, PROT_NONE).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/a_page_without_access_kills_readers_and_writers.snap"))]
/// ```
pub fn a_page_without_access_kills_readers_and_writers() -> io::Result<NoAccess> {
    let page = page_size();
    let map = MmapRaw::from(MmapMut::map_anon(3 * page)?);
    // SAFETY: the child reads or writes one byte of the map through a raw pointer and ends.
    let read = |at: usize| unsafe { child::run(|| _ = map.as_ptr().add(at).read_volatile()) };
    // SAFETY: as above.
    let write = |at: usize| unsafe { child::run(|| map.as_mut_ptr().add(at).write_volatile(b'!')) };
    let protect = |protection| {
        // SAFETY: the middle page is this map's own, and no reference to its bytes exists.
        match unsafe { libc::mprotect(map.as_mut_ptr().add(page).cast(), page, protection) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    // SAFETY: the byte is inside the map, and no reference to it exists.
    unsafe { map.as_mut_ptr().add(page).write_volatile(b'k') };
    let read_before = read(page)?;

    protect(libc::PROT_NONE)?;

    let (read_then, write_then) = (read(page)?, write(page)?);
    let (read_page_before, read_page_behind) = (read(page - 1)?, read(2 * page)?);
    protect(libc::PROT_READ | libc::PROT_WRITE)?;
    Ok(NoAccess {
        read_before,
        read: read_then,
        write: write_then,
        read_page_before,
        read_page_behind,
        bytes_after: raw::look(&map, page..page + 1),
        write_after: write(page)?,
    })
}

/// What the signal for a fault told about it.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Fault {
    /// The signal and its code.
    pub why: String,
    /// Where the touch was, counted from the map's start.
    pub place: Place,
}

/// Three faults in a map of two pages over a file of one.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Faults {
    /// A store three bytes into the map, which is read-only.
    pub store_where_it_may_only_be_read: Fault,
    /// A read five bytes into the second page.
    pub read_past_the_end_of_the_file: Fault,
    /// A read nine bytes into the first page, after it was unmapped.
    pub read_where_nothing_is_mapped: Fault,
}

/// A fault says where and why: protected, unmapped, or past the end of the file.
///
/// It is tempting to think that a segmentation fault tells no more than its name. The signal carries the address that
/// was touched, to the byte, and a code: SEGV_ACCERR where the protection forbids it, SEGV_MAPERR where nothing is
/// mapped, and with SIGBUS BUS_ADRERR where the file has no such page. A debugger shows them as `si_addr` and
/// `si_code`.
///
/// Here a handler in the child writes them into a shared map, which is how the parent comes to know.
///
/// Promised by POSIX (`sigaction`, SA_SIGINFO; `<signal.h>`) for the codes; the exact byte it leaves to the machine
/// (s390x tells the page).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/a_fault_says_where_and_why.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn a_fault_says_where_and_why() -> io::Result<Faults> {
    let page = page_size();
    let sample = Sample::of_pages("a")?;
    let map = MmapOptions::new().len(2 * page).map_raw_read_only(&sample.read_only()?).at(&sample)?;

    // SAFETY: in each, the child touches one byte through a raw pointer, the last after unmapping its copy of the page.
    unsafe {
        Ok(Faults {
            store_where_it_may_only_be_read: fault(&map, || map.as_mut_ptr().add(3).write_volatile(b'!'))?,
            read_past_the_end_of_the_file: fault(&map, || _ = map.as_ptr().add(page + 5).read_volatile())?,
            read_where_nothing_is_mapped: fault(&map, || {
                libc::munmap(map.as_mut_ptr().cast(), page);
                _ = map.as_ptr().add(9).read_volatile();
            })?,
        })
    }
}

/// The page that a child shares with its parent: signal, code and address of the fault.
#[cfg(target_os = "linux")]
static NOTES: AtomicPtr<usize> = AtomicPtr::new(ptr::null_mut());

/// Runs `touch` in a child and reads from its notes what the signal told.
///
/// # Safety
/// As for [`child::run`].
#[cfg(target_os = "linux")]
unsafe fn fault(map: &MmapRaw, touch: impl FnOnce()) -> io::Result<Fault> {
    extern "C" fn note(signal: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
        let notes = NOTES.load(Ordering::Relaxed);
        // SAFETY: the kernel hands over what it knows of the fault; the notes are three numbers in a shared map that
        // outlives this child. Nothing else is called, and the child ends.
        unsafe {
            notes.write_volatile(signal as usize);
            notes.add(1).write_volatile((*info).si_code as usize);
            notes.add(2).write_volatile((*info).si_addr().addr());
            libc::_exit(0)
        }
    }
    let notebook = Sample::of(&[0; 3 * size_of::<usize>()])?;
    let shared = MmapRaw::map_raw(&notebook.read_write()?).at(&notebook)?;
    let notes: *mut usize = shared.as_mut_ptr().cast();
    let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = note;
    // SAFETY: the child sets its own copy of a static, makes two system calls, and does what the caller vouches for.
    unsafe {
        child::run(|| {
            NOTES.store(notes, Ordering::Relaxed);
            let mut action: libc::sigaction = mem::zeroed();
            action.sa_sigaction = handler as usize;
            action.sa_flags = libc::SA_SIGINFO;
            libc::sigaction(libc::SIGSEGV, &action, ptr::null_mut());
            libc::sigaction(libc::SIGBUS, &action, ptr::null_mut());
            touch();
        })
    }?;
    // SAFETY: aligned, inside the shared map, and the child is gone.
    let [signal, code, address] = [0, 1, 2].map(|at| unsafe { notes.add(at).read_volatile() });
    let why = match (signal as libc::c_int, code) {
        (libc::SIGSEGV, 1) => "SIGSEGV: SEGV_MAPERR".to_owned(),
        (libc::SIGSEGV, 2) => "SIGSEGV: SEGV_ACCERR".to_owned(),
        (libc::SIGBUS, 2) => "SIGBUS: BUS_ADRERR".to_owned(),
        (0, _) => "no fault".to_owned(),
        (signal, code) => format!("signal {signal}, code {code}"),
    };
    Ok(Fault { why, place: Place::from(address.wrapping_sub(map.as_ptr().addr())) })
}

/// One map whose protection was changed and changed back.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Toggled {
    /// What the kernel lists for it at first.
    pub at_first: String,
    /// What it lists after `make_read_only`.
    pub made_read_only: String,
    /// What became of a child that stored through it then.
    pub store_then: Outcome,
    /// What it showed then.
    pub bytes_then: Text,
    /// What the kernel lists after `make_mut`.
    pub made_writable_again: String,
    /// Both sides after a store.
    pub after_a_store: Sides,
}

/// The protection of a live map can be changed and changed back; its contents stay.
///
/// It is tempting to drop a map and map again to change what may be done with it. `mprotect` changes the pages in
/// place, at the same address. memmap2 takes the map by value and gives it back as the other type, so that no slice of
/// the old kind is left over.
///
/// `make_exec` is the third: it makes written bytes executable, where the system allows that. memmap2's text says that
/// the file must be executable then; on Linux it need not be.
///
/// Promised by POSIX (`mprotect`); listed by Linux (`proc_pid_maps`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/protection_can_be_changed_and_changed_back.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn protection_can_be_changed_and_changed_back() -> io::Result<Toggled> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&sample.read_write()?) }.at(&sample)?;
    map[..5].make_ascii_uppercase();
    let address = map.as_mut_ptr();
    let at_first = permissions(map.as_ptr())?;

    let map = map.make_read_only().at(&sample)?;

    let made_read_only = permissions(map.as_ptr())?;
    // SAFETY: the child tries to write one byte of its own copy of the map, through a pointer from before it was
    // read-only, and ends. The kernel does not let it.
    let store_then = unsafe { child::run(|| address.write_volatile(b'_')) }?;
    let bytes_then = map[..11].into();

    let mut map = map.make_mut().at(&sample)?;

    let made_writable_again = permissions(map.as_ptr())?;
    map[6..11].make_ascii_uppercase();
    let after_a_store = sample.sides(&map, 0..11)?;
    Ok(Toggled { at_first, made_read_only, store_then, bytes_then, made_writable_again, after_a_store })
}

/// Read-only maps of a read-only file that were asked to become writable.
#[derive(Debug)]
pub struct MadeWritable {
    /// `make_mut` of a shared one.
    pub shared: Answer,
    /// `make_mut` of a private one.
    pub private: Answer,
    /// The private one and the file after a store.
    pub after_a_store: Sides,
}

/// Of read-only maps of a read-only file, only a private one can be made writable.
///
/// It is tempting to think that shared and private are the same thing as long as nobody writes. They differ in what may
/// become of them: a shared map would write to the file, which its handle did not allow, and the kernel remembers that;
/// a private one never does.
///
/// Promised by POSIX (`mprotect`, EACCES).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/only_a_private_map_of_a_read_only_file_becomes_writable.snap"))]
/// ```
pub fn only_a_private_map_of_a_read_only_file_becomes_writable() -> io::Result<MadeWritable> {
    let sample = Sample::lorem()?;
    let file = sample.read_only()?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let shared = unsafe { MmapOptions::new().map(&file) }.at(&sample)?;
    // SAFETY: as above.
    let private = unsafe { MmapOptions::new().map_copy_read_only(&file) }.at(&sample)?;

    let (shared, private) = (shared.make_mut(), private.make_mut());

    let (shared, private_answer) = (Answer::from(shared), Answer::from(&private));
    let mut private = private.at(&sample)?;
    private[..5].make_ascii_uppercase();
    Ok(MadeWritable { shared, private: private_answer, after_a_store: sample.sides(&private, 0..11)? })
}

/// A read-only map cannot be written to: it does not compile.
///
/// It is tempting to expect an error at run time, or a fault. `Mmap` gives out `&[u8]` and nothing else, so that a
/// store through it is a type error.
///
/// ```compile_fail,E0594
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(10)?.make_read_only()?;
/// map[0] = b'!';
/// # Ok(())
/// # }
/// ```
///
/// What differs here is that the map stays writable, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(10)?;
/// map[0] = b'!';
/// # Ok(())
/// # }
/// ```
///
/// Seen by this lesson is what was written while the map could be written to. Python raises TypeError at run time.
///
/// Promised by Rust (`Mmap` derefs to `&[u8]` only; error E0594).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/a_read_only_map_cannot_be_written_to.snap"))]
/// ```
pub fn a_read_only_map_cannot_be_written_to() -> io::Result<Text> {
    let mut map = MmapMut::map_anon(7)?;
    map.copy_from_slice(b"written");

    let map = map.make_read_only()?;

    Ok(Text::from(&map[..]))
}

/// A read-only map cannot be flushed: it does not compile.
///
/// It is tempting to flush every map before it goes, to be safe. What cannot be written to has nothing to flush, and
/// `Mmap` has no such method.
///
/// ```compile_fail,E0599
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?.make_read_only()?;
/// map.flush()?;
/// # Ok(())
/// # }
/// ```
///
/// What differs here is that the map stays writable, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?;
/// map.flush()?;
/// # Ok(())
/// # }
/// ```
///
/// Seen by this lesson is what a writable map's flush is answered. In Python `flush` of a read-only map does nothing.
///
/// Promised by Rust (error E0599), since memmap2's `Mmap` has no `flush`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/a_read_only_map_cannot_be_flushed.snap"))]
/// ```
pub fn a_read_only_map_cannot_be_flushed() -> io::Result<Answer> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&sample.read_write()?) }.at(&sample)?;
    map[..5].make_ascii_uppercase();

    Ok(map.flush().into())
}

/// Mapping a file is unsafe: it does not compile without saying so.
///
/// It is tempting to wonder what can be unsafe about reading. The bytes of a `&[u8]` must not change while it is held,
/// and of a file nobody can promise that: any process that may write to it can change it, or truncate it. Writing
/// `unsafe` says that you have thought of them.
///
/// ```compile_fail,E0133
/// # fn main() -> std::io::Result<()> {
/// let file = std::fs::File::open("lorem.txt")?;
/// // SAFETY: nobody writes to the text while it is mapped.
/// let map = { memmap2::Mmap::map(&file)? };
/// assert!(map.starts_with(b"Lorem"));
/// # Ok(())
/// # }
/// ```
///
/// What differs here is the word `unsafe`, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let file = std::fs::File::open("lorem.txt")?;
/// // SAFETY: nobody writes to the text while it is mapped.
/// let map = unsafe { memmap2::Mmap::map(&file)? };
/// assert!(map.starts_with(b"Lorem"));
/// # Ok(())
/// # }
/// ```
///
/// Seen by this lesson is what that can lead to: bytes of a file that changed after they had been looked at. It looks
/// through a raw map, which gives out no slice and therefore needs no `unsafe` to be made.
///
/// Promised by Rust (`unsafe fn`; error E0133) and memmap2 (its Safety sections).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/mapping_a_file_is_unsafe.snap"))]
/// ```
pub fn mapping_a_file_is_unsafe() -> io::Result<[Text; 2]> {
    let sample = Sample::lorem()?;
    let map = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    let first_look = raw::look(&map, 0..11);

    fs::write(&sample, "Nulla").at(&sample)?;

    Ok([first_look, raw::look(&map, 0..5)])
}

/// What a file in memory allowed before and after it was sealed.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Sealed {
    /// Sealing it against writes while a shared writable map of it was there.
    pub seal_while_mapped: Answer,
    /// Sealing it after that map was dropped.
    pub seal: Answer,
    /// A write after that.
    pub write: Answer,
    /// Truncating it.
    pub truncate: Answer,
    /// A shared writable map.
    pub map_mut: Answer,
    /// A private map.
    pub map_copy: Answer,
    /// What the file holds then.
    pub bytes: Text,
}

/// A sealed file cannot change under you: no write, no truncation, no writable shared map, by anybody, for good.
///
/// It is tempting to trust permissions or locks to keep others from writing. The owner can change permissions, and
/// locks are for those who ask. Seals are not: the kernel refuses every change from then on, even to the process that
/// set them. They exist for files in memory (`memfd_create`), and only when no writable shared map is left.
///
/// Promised by Linux (`fcntl`, F_ADD_SEALS; `memfd_create`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/a_sealed_file_cannot_change.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn a_sealed_file_cannot_change() -> io::Result<Seen<Sealed>> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let file = match memory_file() {
        Ok(file) => file,
        Err(error) => return Ok(Seen::lacking("a file in memory that can be sealed", &error)),
    };
    file.write_all_at(b"sealed", 0)?;
    let map = MmapRaw::map_raw(&file)?;

    let seal_while_mapped = Answer::from(seal(&file));
    let started = Instant::now();
    drop(map);
    // A child that another thread forked meanwhile has that map as well, until it ends.
    let sealed = loop {
        match seal(&file) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy && started.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(1));
            }
            result => break Answer::from(result),
        }
    };

    let mut bytes = [0; 6];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(Seen::Here(Sealed {
        seal_while_mapped,
        seal: sealed,
        write: file.write_all_at(b"broken", 0).into(),
        truncate: file.set_len(0).into(),
        // SAFETY: nobody looks into the maps, which are gone at once.
        map_mut: unsafe { MmapOptions::new().map_mut(&file) }.into(),
        // SAFETY: as above.
        map_copy: unsafe { MmapOptions::new().map_copy(&file) }.into(),
        bytes: bytes[..].into(),
    }))
}

#[cfg(target_os = "linux")]
fn memory_file() -> io::Result<File> {
    // SAFETY: the name outlives the call, and the descriptor that it returns is nobody else's.
    unsafe {
        match libc::memfd_create(c"mmap-by-example".as_ptr(), libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING) {
            -1 => Err(io::Error::last_os_error()),
            descriptor => Ok(File::from_raw_fd(descriptor)),
        }
    }
}

#[cfg(target_os = "linux")]
fn seal(file: &File) -> io::Result<()> {
    let seals = libc::F_SEAL_WRITE | libc::F_SEAL_SHRINK | libc::F_SEAL_GROW;
    // SAFETY: the descriptor is open during the call; no memory of ours is involved.
    match unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, seals) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// What `map_if_safe` said.
#[cfg(target_os = "linux")]
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It made the map.
    Mapped,
    /// It refused, since others could change the file or the range is not all in it.
    NotSafe,
    /// It cannot tell on this system.
    NotSupported,
    /// It was safe, but the map could not be made.
    Failed,
}

#[cfg(target_os = "linux")]
impl From<Result<Mmap, MapIfSafeError>> for Verdict {
    fn from(result: Result<Mmap, MapIfSafeError>) -> Self {
        match result {
            Ok(_) => Verdict::Mapped,
            Err(error) if error.not_safe() => Verdict::NotSafe,
            Err(error) if error.not_supported() => Verdict::NotSupported,
            Err(_) => Verdict::Failed,
        }
    }
}

/// Attempts to get a slice of a file without `unsafe`.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct WithoutUnsafe {
    /// Of an ordinary file.
    pub ordinary_file: Verdict,
    /// Of a file in memory before it was sealed.
    pub before_sealing: Verdict,
    /// Of that file after it was sealed.
    pub sealed: Verdict,
    /// Of a part of it.
    pub a_part_of_it: Verdict,
    /// Of more than it holds.
    pub more_than_it_holds: Verdict,
    /// What the map of the part shows.
    pub bytes: Text,
}

/// A sealed file is mapped without `unsafe`: its bytes cannot change.
///
/// It is tempting to wrap `unsafe { Mmap::map(..) }` in a safe function of one's own and promise for all files. (Many
/// programs do, and the documents of this book that map your own file do: it is a bargain, not a proof, and they say
/// so.) For a file that cannot change, memmap2 has that function; it asks the kernel for the seals (or for fs-verity),
/// and refuses every other file, and every range that is not all in it.
///
/// memmap2's own text says that it returns `Ok(None)` for a file that is not safe; it returns an error that says so.
///
/// Promised by memmap2 (`MmapOptions::map_if_safe`); the seals by Linux (`fcntl`, F_GET_SEALS).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/protect/a_sealed_file_is_mapped_without_unsafe.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn a_sealed_file_is_mapped_without_unsafe() -> io::Result<Seen<WithoutUnsafe>> {
    let file = match memory_file() {
        Ok(file) => file,
        Err(error) => return Ok(Seen::lacking("a file in memory that can be sealed", &error)),
    };
    file.write_all_at(b"sealed", 0)?;
    let ordinary_file = Mmap::map_if_safe(&Sample::lorem()?.read_only()?).into();
    let before_sealing = Mmap::map_if_safe(&file).into();

    seal(&file)?;

    let part = MmapOptions::new().offset(2).len(4).map_if_safe(&file);
    let bytes = part.as_ref().map(|map| Text::from(&map[..])).unwrap_or_default();
    Ok(Seen::Here(WithoutUnsafe {
        ordinary_file,
        before_sealing,
        sealed: Mmap::map_if_safe(&file).into(),
        a_part_of_it: part.into(),
        more_than_it_holds: MmapOptions::new().len(7).map_if_safe(&file).into(),
        bytes,
    }))
}
