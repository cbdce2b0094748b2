//! Protection: what a map forbids, and who enforces it.
//!
//! What does a map forbid, and what happens if a program tries it?
//!
//! 1. [`the_open_mode_decides_which_maps_are_allowed`]
//! 2. [`some_things_cannot_be_mapped`]
//! 3. [`each_constructor_asks_for_its_protection`]
//! 4. [`a_store_through_a_read_only_map_kills`]
//! 5. [`a_page_without_access_kills_readers_and_writers`]
//! 6. [`a_fault_says_where_and_why`]
//! 7. [`protection_can_be_changed_and_changed_back`]
//! 8. [`only_a_private_map_of_a_read_only_file_becomes_writable`]
//! 9. [`a_read_only_map_cannot_be_written_to`]
//! 10. [`a_read_only_map_cannot_be_flushed`]
//! 11. [`mapping_a_file_is_unsafe`]

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
#[cfg(unix)]
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
#[cfg(unix)]
use std::os::unix::fs::FileTypeExt;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
#[cfg(target_os = "linux")]
use std::ptr;

#[cfg(target_os = "linux")]
use memmap2::Mmap;
use memmap2::MmapOptions;
#[cfg(unix)]
use memmap2::{MmapMut, MmapRaw};

use crate::lab::at::FileExt;
#[cfg(unix)]
use crate::lab::child;
use crate::lab::errors::Naming;
#[cfg(unix)]
use crate::lab::fault::{self, Fault};
#[cfg(target_os = "linux")]
use crate::lab::kernel::{self, Held};
use crate::lab::look::Look;
#[cfg(unix)]
use crate::lab::look::Store;
#[cfg(unix)]
use crate::lab::observation::Outcome;
use crate::lab::observation::{Answer, Sides, Text};
#[cfg(unix)]
use crate::lab::place::{Place, page_size};
use crate::lab::sample::Sample;
#[cfg(unix)]
use crate::lab::system;

/// The open mode decides which maps are allowed: each requires a handle that can read, and a shared
/// writable one a handle that can write, too.
///
/// > A map that I only write to requires a handle that can write, and nothing else.
///
/// A handle that can only write is refused every map: a store into a page requires the rest of that
/// page. A private map asks for no more than reading, since its edits stay out of the file. A
/// handle that appends is one that can write; that it appends binds `write` and not the map. (Where
/// the file itself is marked append-only, `chattr +a`, such a handle is refused shared maps.)
///
/// What counts is how the handle was opened, and not what the file permits: this lesson owns the
/// file and may read it and write to it, and is refused all the same.
///
/// On Windows a handle that appends is refused a shared writable map: Rust opens it with the right
/// to append and without the right to write (std, `OpenOptions::append`), and `CreateFileMapping`
/// requires that one.
///
/// Promised by POSIX (`mmap`, EACCES).
#[doc = page!(protect::the_open_mode_decides_which_maps_are_allowed)]
#[doc(alias = "O_RDONLY")]
#[doc(alias = "O_WRONLY")]
#[doc(alias = "O_APPEND")]
#[doc(alias = "EACCES")]
#[doc(alias = "permission denied")]
pub fn the_open_mode_decides_which_maps_are_allowed() -> io::Result<OpenModes> {
    let kinds = |mode: &OpenOptions| -> io::Result<Kinds> {
        let sample = Sample::of(b"file")?;
        let mut file = mode.open(&sample).naming(&sample)?;
        let options = MmapOptions::new();
        Ok(Kinds {
            // SAFETY: in all four, nobody looks into the map, which is gone at once.
            shared_read_only: only(&sample, "r--s", unsafe { options.map(&file) })?,
            // SAFETY: as above.
            shared_writable: only(&sample, "rw-s", unsafe { options.map_mut(&file) })?,
            // SAFETY: as above.
            private_read_only: only(&sample, "r--p", unsafe {
                options.map_copy_read_only(&file)
            })?,
            // SAFETY: as above.
            private_writable: only(&sample, "rw-p", unsafe { options.map_copy(&file) })?,
            ordinary_read: file.read_at(&mut [0], 0).into(),
            ordinary_write: file.write_all(b"!").into(),
            file_after_it: sample.read(0..5)?,
        })
    };

    Ok(OpenModes {
        read: kinds(File::options().read(true))?,
        write: kinds(File::options().write(true))?,
        read_and_write: kinds(File::options().read(true).write(true))?,
        read_and_append: kinds(File::options().read(true).append(true))?,
    })
}

/// The kinds of map by the mode in which the file was opened.
#[derive(Debug)]
pub struct OpenModes {
    pub read: Kinds,
    pub write: Kinds,
    pub read_and_write: Kinds,
    pub read_and_append: Kinds,
}

/// What one handle was granted.
#[derive(Debug)]
pub struct Kinds {
    pub shared_read_only: Answer,
    pub shared_writable: Answer,
    pub private_read_only: Answer,
    pub private_writable: Answer,
    /// `read` itself, through the same handle.
    pub ordinary_read: Answer,
    /// `write` itself, of one `!`.
    pub ordinary_write: Answer,
    pub file_after_it: Text,
}

/// How a map was answered. Where it was granted, it is the only one of the file, and of this kind.
fn only<T>(sample: &Sample, kind: &str, map: io::Result<T>) -> io::Result<Answer> {
    let kinds = [kind];
    sample.expect_maps(if map.is_ok() { &kinds } else { &[] })?;
    Ok(map.into())
}

/// Some things cannot be mapped: folders, pipes, Unix sockets, `/dev/null`, and what is not open.
///
/// > What I can open or read, I can map: standard input, for example.
///
/// A map requires something with pages that can be read in any order, again and again; a stream has
/// none. A program that maps its input has to be ready to read it instead.
///
/// A TCP socket can be mapped to be read on Linux, which has a way of receiving without copying. A
/// touch of such a map is SIGBUS until something has been received so.
///
/// Given a descriptor of -1 and no length, memmap2 0.9.12 does not answer with an error: it panics.
///
/// Unspecified (POSIX leaves open which things can be mapped, other than files and shared memory,
/// and names the errors: ENODEV, and EBADF for a descriptor that is not open); this is what Linux
/// does.
#[doc = page!(protect::some_things_cannot_be_mapped)]
#[doc(alias = "ENODEV")]
#[doc(alias = "EBADF")]
#[doc(alias = "stdin")]
#[doc(alias = "FIFO")]
#[doc(alias = "device")]
#[cfg(unix)]
pub fn some_things_cannot_be_mapped() -> io::Result<NotFiles> {
    let sample = Sample::lorem()?;
    let (socket, _other_end) = UnixStream::pair()?;
    let [pipe, _writing_end] = system::pipe()?;
    // SAFETY: nobody looks into the map, which is gone at once.
    let map = |what: RawFd| Answer::from(unsafe { MmapOptions::new().len(1).map(what) });
    let attempt = |file: File| -> io::Result<Attempt> {
        let is = kind(&file)?;
        let answer = map(file.as_raw_fd());
        Ok(Attempt { is, answer })
    };

    Ok(NotFiles {
        file: attempt(sample.read_only()?)?,
        folder: attempt(File::open("/").naming("/")?)?,
        pipe: attempt(File::from(pipe))?,
        socket: attempt(File::from(OwnedFd::from(socket)))?,
        dev_null: attempt(File::open("/dev/null").naming("/dev/null")?)?,
        // No process can have so many.
        closed_descriptor: map(RawFd::MAX),
    })
}

/// How attempts to map something other than a file were answered.
#[cfg(unix)]
#[derive(Debug)]
pub struct NotFiles {
    /// A file, for comparison.
    pub file: Attempt,
    pub folder: Attempt,
    pub pipe: Attempt,
    pub socket: Attempt,
    pub dev_null: Attempt,
    pub closed_descriptor: Answer,
}

/// An attempt to map something.
#[cfg(unix)]
#[derive(Debug)]
pub struct Attempt {
    /// What the system says it is.
    pub is: &'static str,
    pub answer: Answer,
}

#[cfg(unix)]
fn kind(file: &File) -> io::Result<&'static str> {
    let kind = file.metadata()?.file_type();
    let kinds = [
        (kind.is_file(), "regular file"),
        (kind.is_dir(), "folder"),
        (kind.is_fifo(), "pipe"),
        (kind.is_socket(), "socket"),
        (kind.is_char_device(), "character device"),
    ];
    let is = kinds.into_iter().find(|(is_it, _)| *is_it);
    Ok(is.map_or("something else", |(_, name)| name))
}

/// Each constructor asks the kernel for its own protection, and for a shared or a private map.
///
/// > `Mmap` and `MmapMut` are about Rust's `&` and `&mut`; below them all maps are alike.
///
/// The protection is the kernel's. It holds for raw pointers, and for other languages in the same
/// process. Python's `access`, or its `prot` and `flags`, ask for the same.
///
/// memmap2 has no constructor for a write-only map, or for one without access.
///
/// Promised by memmap2 (its constructors) for reading, writing, executing and copy-on-write; listed
/// by Linux (`proc_pid_maps`). That the maps which do not copy on write are shared, and that
/// anonymous memory is private, stands in memmap2's source only.
#[doc = page!(protect::each_constructor_asks_for_its_protection)]
#[doc(alias = "PROT_READ")]
#[doc(alias = "PROT_WRITE")]
#[doc(alias = "PROT_EXEC")]
#[doc(alias = "MAP_SHARED")]
#[doc(alias = "/proc/self/maps")]
#[cfg(target_os = "linux")]
pub fn each_constructor_asks_for_its_protection() -> io::Result<Constructors> {
    let sample = Sample::lorem()?;
    let file = sample.read_write()?;
    let program = File::open("/proc/self/exe").naming("/proc/self/exe")?;
    let options = MmapOptions::new();

    // SAFETY: in these, nobody looks into the map.
    let map: Mmap = unsafe { options.map(&file) }?;
    // SAFETY: as above.
    let map_mut: MmapMut = unsafe { options.map_mut(&file) }?;
    // SAFETY: as above.
    let map_copy: MmapMut = unsafe { options.map_copy(&file) }?;
    // SAFETY: as above.
    let map_copy_read_only: Mmap = unsafe { options.map_copy_read_only(&file) }?;
    // SAFETY: as above.
    let map_exec: Mmap = unsafe { options.map_exec(&program) }?;
    let map_raw: MmapRaw = options.map_raw(&file)?;
    let map_raw_read_only: MmapRaw = options.map_raw_read_only(&file)?;
    let map_anon: MmapMut = MmapOptions::new().len(1).map_anon()?;

    let of_the_file = sample.held()?;
    Ok(Constructors {
        map: permissions(map)?,
        map_mut: permissions(map_mut)?,
        map_copy: permissions(map_copy)?,
        map_copy_read_only: permissions(map_copy_read_only)?,
        map_raw: permissions(map_raw)?,
        map_raw_read_only: permissions(map_raw_read_only)?,
        map_anon: permissions(map_anon)?,
        map_exec: permissions(map_exec)?,
        of_the_file,
    })
}

/// What the kernel lists for a map of each constructor: may it be `r`ead, `w`ritten, e`x`ecuted; is
/// it `s`hared or `p`rivate.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Constructors {
    pub map: String,
    pub map_mut: String,
    pub map_copy: String,
    pub map_copy_read_only: String,
    pub map_raw: String,
    pub map_raw_read_only: String,
    /// Of no file.
    pub map_anon: String,
    /// Of the running program, since the sample may be where nothing may be executed.
    pub map_exec: String,
    /// What this process had of the sample then.
    pub of_the_file: Held,
}

#[cfg(target_os = "linux")]
fn permissions(map: impl Look) -> io::Result<String> {
    Ok(kernel::mapping(ptr::without_provenance(map.address()))?
        .map(|mapping| mapping.permissions)
        .unwrap_or_default())
}

/// A store through a read-only map kills, with SIGSEGV, and changes nothing.
///
/// > Read-only is a promise to the compiler: a raw pointer can still write.
///
/// The pages themselves are protected: the store faults before it changes anything. It is the map
/// that forbids, and not the handle: this one can write, and a store is done when the map has been
/// made writable. (Safe Rust does not get that far: see
/// [`a_read_only_map_cannot_be_written_to`].)
///
/// macOS sends SIGBUS. Its manual (`mprotect`) allows either signal, and its kernel
/// (`ux_exception.c`) keeps SIGSEGV for addresses where nothing is mapped.
///
/// Promised by POSIX (`mmap`: such a store does not succeed; System Interfaces 2.8.3, Memory
/// Protection: it is answered with SIGSEGV).
#[doc = page!(protect::a_store_through_a_read_only_map_kills)]
#[doc(alias = "SIGSEGV")]
#[doc(alias = "segmentation fault")]
#[doc(alias = "segfault")]
#[doc(alias = "SIGBUS")]
#[doc(alias = "PROT_READ")]
#[doc(alias = "crash")]
#[cfg(unix)]
pub fn a_store_through_a_read_only_map_kills() -> io::Result<ReadOnly> {
    let sample = Sample::lorem()?;
    let map = MmapOptions::new()
        .map_raw_read_only(&sample.read_write()?)
        .naming(&sample)?;
    // SAFETY: no reference to the byte exists.
    let store = |at: usize| unsafe { child::store(map.as_mut_ptr().wrapping_add(at)) };
    let read = child::touch(map.as_ptr())?;

    let store_when_read_only = store(0)?;

    let after = sample.sides(&map, 0..11)?;
    let read_and_write = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: the pages are this map's own, and no reference to their bytes exists.
    let made_writable = unsafe { system::mprotect(map.as_mut_ptr(), map.len(), read_and_write) };

    sample.expect_mapped(1)?;
    Ok(ReadOnly {
        read,
        store_when_read_only,
        after,
        made_writable: made_writable.into(),
        store_when_writable: store(1)?,
        after_that: sample.sides(&map, 0..11)?,
    })
}

/// How the child processes that touched a byte of a read-only map ended.
#[cfg(unix)]
#[derive(Debug)]
pub struct ReadOnly {
    pub read: Outcome,
    pub store_when_read_only: Outcome,
    /// After that store.
    pub after: Sides,
    /// The answer when the same map was to become writable.
    pub made_writable: Answer,
    pub store_when_writable: Outcome,
    /// After that store.
    pub after_that: Sides,
}

/// A page without access kills readers and writers alike, and keeps its bytes.
///
/// > I take a page's access away, and the page and its bytes are given up.
///
/// `mprotect` only forbids: the bytes are there when access is given back. It works on whole pages,
/// and memmap2 has no such protection, so this is the system call itself.
///
/// Such a page after a buffer or a stack is called a guard page: a touch of it is a fault at once,
/// instead of a wrong byte somewhere else.
///
/// macOS sends SIGBUS here, too: see [`a_store_through_a_read_only_map_kills`].
///
/// Promised by POSIX (`mprotect`, PROT_NONE; System Interfaces 2.8.3, Memory Protection, for
/// SIGSEGV).
#[doc = page!(protect::a_page_without_access_kills_readers_and_writers)]
#[doc(alias = "PROT_NONE")]
#[doc(alias = "mprotect")]
#[doc(alias = "guard page")]
#[doc(alias = "SIGSEGV")]
#[cfg(unix)]
pub fn a_page_without_access_kills_readers_and_writers() -> io::Result<NoAccess> {
    let page = page_size();
    let map = MmapRaw::from(MmapMut::map_anon(3 * page)?);
    let touches = |at: usize| -> io::Result<Touches> {
        let byte = map.as_mut_ptr().wrapping_add(at);
        Ok(Touches {
            read: child::touch(byte)?,
            // SAFETY: the memory is private: what the child stores is in its own copy of the page.
            store: unsafe { child::store(byte) }?,
        })
    };
    let middle = map.as_mut_ptr().wrapping_add(page);
    // SAFETY: the byte is inside the map, and no reference to it exists.
    unsafe { map.store(page, b'k') };
    let before = touches(page)?;

    // SAFETY: the middle page is this map's own, and no reference to its bytes exists.
    unsafe { system::mprotect(middle, page, libc::PROT_NONE) }?;

    let first_byte = touches(page)?;
    let last_byte = touches(2 * page - 1)?;
    let (byte_before_the_page, byte_after_the_page) = (touches(page - 1)?, touches(2 * page)?);
    // SAFETY: as above.
    unsafe { system::mprotect(middle, page, libc::PROT_READ) }?;
    let read_only = touches(page)?;
    // SAFETY: as above.
    unsafe { system::mprotect(middle, page, libc::PROT_READ | libc::PROT_WRITE) }?;
    // SAFETY: the byte is inside the map, and no reference to it exists.
    unsafe { map.store(page + 1, b'K') };

    Ok(NoAccess {
        before,
        first_byte,
        last_byte,
        byte_before_the_page,
        byte_after_the_page,
        read_only,
        with_access_again: touches(page)?,
        bytes_then: map.look(page..page + 2),
    })
}

/// Touches in three pages of private memory, of which the middle one lost its access.
#[cfg(unix)]
#[derive(Debug)]
pub struct NoAccess {
    /// The first byte of the middle page, while it had its access.
    pub before: Touches,
    /// The first byte of the middle page without access.
    pub first_byte: Touches,
    /// The last byte of the middle page without access.
    pub last_byte: Touches,
    pub byte_before_the_page: Touches,
    pub byte_after_the_page: Touches,
    /// The first byte of the middle page, while it could be read only.
    pub read_only: Touches,
    /// The first byte of the middle page, with its access given back.
    pub with_access_again: Touches,
    /// What the middle page begins with then.
    pub bytes_then: Text,
}

/// How two child processes ended: one that read a byte, and one that stored into it.
#[cfg(unix)]
#[derive(Debug, PartialEq, Eq)]
pub struct Touches {
    pub read: Outcome,
    pub store: Outcome,
}

/// A fault says where and why: which byte was touched, and whether it is protected, unmapped, or on
/// no page of the file.
///
/// > A crash is a crash: past the end of a file it is the same as with any wild pointer.
///
/// The signal carries the address that was touched, and a code: SEGV_ACCERR where the protection
/// forbids the touch, SEGV_MAPERR where nothing is mapped, and with SIGBUS BUS_ADRERR where there
/// is no page of the file to show. (That code does not mean the end of the file alone: on Linux it
/// answers a store into a hole that a full disk cannot fill, too.) None of them says whether it was a
/// read or a store. A debugger shows them as `si_addr` and `si_code`.
///
/// Here a handler in the child process notes them for its parent.
///
/// Promised by Linux (`sigaction`: the address, and the codes of SIGSEGV; `mmap`: SIGBUS). POSIX
/// (`<signal.h>`) has the same codes, and allows an inaccurate address. Neither says that
/// BUS_ADRERR, "nonexistent physical address", is the code past the end: this is what Linux does.
#[doc = page!(protect::a_fault_says_where_and_why)]
#[doc(alias = "si_code")]
#[doc(alias = "si_addr")]
#[doc(alias = "SEGV_ACCERR")]
#[doc(alias = "SEGV_MAPERR")]
#[doc(alias = "BUS_ADRERR")]
#[doc(alias = "SIGBUS")]
#[cfg(unix)]
pub fn a_fault_says_where_and_why() -> io::Result<Faults> {
    let page = page_size();
    let sample = Sample::of_pages("a")?;
    let map = MmapOptions::new()
        .len(2 * page)
        .map_raw_read_only(&sample.read_only()?)
        .naming(&sample)?;
    let at = |byte: usize| map.as_mut_ptr().wrapping_add(byte);

    // SAFETY: in each, the child executes one instruction, the last after a system call about its
    // own memory. The store is refused, so that it changes nothing.
    let [protected, past_the_end, unmapped] = unsafe {
        [
            fault::of(map.as_ptr(), || child::write(at(3)))?,
            fault::of(map.as_ptr(), || child::read(at(page + 5)))?,
            fault::of(map.as_ptr(), || {
                _ = system::munmap(at(0), page);
                child::read(at(9));
            })?,
        ]
    };

    Ok(Faults {
        file: Place::from(sample.length()? as usize),
        read_before: child::touch(at(9))?,
        store_where_it_may_only_be_read: protected,
        read_past_the_end_of_the_file: past_the_end,
        read_where_nothing_is_mapped: unmapped,
    })
}

/// Three faults in a map of two pages over a file of one.
#[cfg(unix)]
#[derive(Debug)]
pub struct Faults {
    pub file: Place,
    /// A read nine bytes into the first page, which is no fault.
    pub read_before: Outcome,
    /// A store three bytes into the first page, which is read-only.
    pub store_where_it_may_only_be_read: Fault,
    /// A read five bytes into the second page.
    pub read_past_the_end_of_the_file: Fault,
    /// A read nine bytes into the first page, after it was unmapped.
    pub read_where_nothing_is_mapped: Fault,
}

/// The protection of a live map can be changed and changed back; its contents stay.
///
/// > To change what may be done with a map, I drop it and map the file again.
///
/// `mprotect` changes the pages in place, at the same address. memmap2 takes the map by value and
/// gives it back as the other type, so that no slice of the old kind is left over; if the change is
/// refused, the map is gone. The map here is private, and keeps an edit that no new map of the file
/// would show.
///
/// `make_exec` is the third: it makes written bytes executable, where the system allows that.
/// memmap2's text says that the file must have been opened with execute permissions; on Linux it
/// need not be.
///
/// Promised by POSIX (`mprotect`).
#[doc = page!(protect::protection_can_be_changed_and_changed_back)]
#[doc(alias = "mprotect")]
#[doc(alias = "make_read_only")]
#[doc(alias = "make_mut")]
#[doc(alias = "make_exec")]
#[cfg(unix)]
pub fn protection_can_be_changed_and_changed_back() -> io::Result<Toggled> {
    let sample = Sample::lorem()?;
    let file = sample.read_only()?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_copy(&file) }.naming(&sample)?;
    map[..5].make_ascii_uppercase();
    let store = |first: *const u8| -> io::Result<(*const u8, Outcome)> {
        // SAFETY: the map is private: a store in the child would be into its own copy of the page.
        Ok((first, unsafe { child::store(first.cast_mut()) }?))
    };
    let (address, store_at_first) = store(map.as_ptr())?;

    let map = map.make_read_only().naming(&sample)?;

    let (address_when_read_only, store_when_read_only) = store(map.as_ptr())?;
    let when_read_only = sample.sides(&map, 0..11)?;
    sample.expect_maps(&["r--p"])?;

    let mut map = map.make_mut().naming(&sample)?;

    let (address_again, store_when_writable_again) = store(map.as_ptr())?;
    sample.expect_maps(&["rw-p"])?;
    let when_writable_again = sample.sides(&map, 0..11)?;
    map[6..11].make_ascii_uppercase();
    Ok(Toggled {
        store_at_first,
        store_when_read_only,
        when_read_only,
        store_when_writable_again,
        when_writable_again,
        after_an_edit: sample.sides(&map, 0..11)?,
        same_address: [address_when_read_only, address_again] == [address; 2],
    })
}

/// One private map whose protection was changed and changed back. The stores are those of children.
#[cfg(unix)]
#[derive(Debug)]
pub struct Toggled {
    pub store_at_first: Outcome,
    pub store_when_read_only: Outcome,
    pub when_read_only: Sides,
    pub store_when_writable_again: Outcome,
    pub when_writable_again: Sides,
    /// After an edit by this process.
    pub after_an_edit: Sides,
    pub same_address: bool,
}

/// Of read-only maps of a file that was opened to be read only, only a private one can be made
/// writable.
///
/// > As long as nobody writes, a shared map and a private one are the same thing.
///
/// If both became writable, a store through the shared one would reach the file, and its handle was
/// not opened for that; the kernel remembers how it was opened. A store through the private one
/// never reaches the file.
///
/// Promised by POSIX (`mprotect`, PROT_WRITE and EACCES).
#[doc = page!(protect::only_a_private_map_of_a_read_only_file_becomes_writable)]
#[doc(alias = "EACCES")]
#[doc(alias = "make_mut")]
#[doc(alias = "map_copy_read_only")]
pub fn only_a_private_map_of_a_read_only_file_becomes_writable() -> io::Result<MadeWritable> {
    let sample = Sample::lorem()?;
    let file = sample.read_only()?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let shared = unsafe { MmapOptions::new().map(&file) }.naming(&sample)?;
    // SAFETY: as above.
    let private = unsafe { MmapOptions::new().map_copy_read_only(&file) }.naming(&sample)?;
    let before = [shared.look(0..11), sample.sides(&private, 0..11)?.memory];
    sample.expect_maps(&["r--p", "r--s"])?;

    let (shared, private) = (shared.make_mut(), private.make_mut());

    sample.expect_mapped(1)?;
    let (shared, private_answer) = (Answer::from(shared), Answer::from(&private));
    let mut private = private.naming(&sample)?;
    private[..5].make_ascii_uppercase();
    Ok(MadeWritable {
        before,
        shared,
        private: private_answer,
        after_an_edit: sample.sides(&private, 0..11)?,
    })
}

/// Read-only maps over a handle that can only read, which were asked to become writable.
#[derive(Debug)]
pub struct MadeWritable {
    /// What both showed while they were read-only: the shared one, and the private one.
    pub before: [Text; 2],
    pub shared: Answer,
    pub private: Answer,
    /// The private one and the file after an edit.
    pub after_an_edit: Sides,
}

/// A read-only map cannot be written to: it does not compile.
///
/// > It compiles, and ends in an error or a crash when it runs.
///
/// `Mmap` gives out `&[u8]` and nothing else, so a store through it is a type error.
///
/// ```compile_fail,E0594
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(10)?.make_read_only()?;
/// map[0] = b'!';
/// # Ok(())
/// # }
/// ```
///
/// Keep the map writable, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(10)?;
/// map[0] = b'!';
/// # Ok(())
/// # }
/// ```
///
/// Python raises TypeError, at run time.
///
/// Promised by Rust (`Mmap` derefs to `&[u8]` only; error E0594).
#[doc(alias = "E0594")]
#[doc(alias = "ACCESS_READ")]
#[doc(alias = "TypeError")]
pub mod a_read_only_map_cannot_be_written_to {}

/// A read-only map cannot be flushed: it does not compile.
///
/// > I flush every map before I drop it, to be safe.
///
/// `Mmap` has no `flush`, since nothing can be stored through it. An edit from before
/// `make_read_only` is another matter. Flush before `make_read_only`: for an edit that is still
/// unflushed then, memmap2 has no call as long as the map stays read-only. `File::sync_all` has
/// the same effect.
///
/// ```compile_fail,E0599
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?.make_read_only()?;
/// map.flush()?;
/// # Ok(())
/// # }
/// ```
///
/// Keep the map writable, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?;
/// map.flush()?;
/// # Ok(())
/// # }
/// ```
///
/// In Python, `flush` of a read-only map does nothing.
///
/// Promised by Rust (error E0599), since memmap2's `Mmap` has no `flush`.
#[doc(alias = "E0599")]
#[doc(alias = "msync")]
#[doc(alias = "fsync")]
#[doc(alias = "durable")]
pub mod a_read_only_map_cannot_be_flushed {}

/// Mapping a file is unsafe: it does not compile without saying so.
///
/// > I only read the file: what could be unsafe about that?
///
/// The bytes of a `&[u8]` must not change while it is held, and a file makes no such promise: any
/// process that may write to it can change it, or truncate it. Writing `unsafe` says that you have
/// thought of those processes. (A sealed file on Linux does make that promise: see the chapter
/// `seal`.)
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
/// Write `unsafe`, and it compiles:
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
/// A raw map requires no `unsafe`, since it gives out no slice: `MmapRaw::map_raw(&file)`.
///
/// Promised by Rust (`unsafe fn`; error E0133) and memmap2 (its Safety sections).
#[doc(alias = "E0133")]
#[doc(alias = "unsafe")]
#[doc(alias = "soundness")]
pub mod mapping_a_file_is_unsafe {}
