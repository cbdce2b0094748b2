//! The acts of each lesson, which are approved in `snapshots/<chapter>/<lesson>.acts`.
//!
//! What a lesson saw does not always tell what it did: after a flush of the map and after a sync of the file the bytes are
//! the same, a write to the file and a store into it leave the same, and a copy looks like what it was copied from. So the
//! lab tells of its looks and of its children, and the system calls that concern files and maps are noted as they are made.
//!
//! For that the functions here have the names of the C library's, so that the linker takes them for what Rust's library,
//! memmap2 and the lab call. They make the same call, and note it. What the C library calls by itself goes past them.

// `open` has a third argument only sometimes. Rust cannot define such a function, and newer compilers say so. On these
// processors it comes like any other argument, and is not looked at where there is none.
#![allow(unknown_lints, invalid_runtime_symbol_definitions)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::{CStr, OsStr, c_char, c_int, c_uint, c_void};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::{env, fmt, fs, process, ptr, thread};

use mmap_by_example::lab::account::{self, Aside};
use mmap_by_example::lab::attempts::{self, Begun};
use mmap_by_example::lab::place;
use similar::TextDiff;

use crate::{root, updates};

/// Acts are noted here.
pub const NOTED: bool = true;

/// An act as it was done.
#[derive(Clone, Copy)]
struct Act {
    name: &'static str,
    process: u32,
    /// Its arguments that are no paths.
    numbers: [usize; 6],
    /// Where its paths are on the board, from and to.
    paths: [[usize; 2]; 2],
    result: isize,
    /// Whether the lab did it for itself.
    aside: bool,
}

/// A place for an act, which is there as soon as it says so: a child may be killed while it writes.
struct Place {
    is_taken: AtomicBool,
    act: MaybeUninit<Act>,
}

const ACTS: usize = 1 << 13;
const BYTES: usize = 1 << 18;

/// Where acts are noted: in memory that children share, since they act, too, and may not allocate.
///
/// All of it may be zeros.
struct Board {
    acts_used: AtomicUsize,
    bytes_used: AtomicUsize,
    /// Of paths.
    bytes: [u8; BYTES],
    acts: [Place; ACTS],
}

/// So much of the board is touched before a lesson begins, which may count the faults of its thread.
const TOUCHED: usize = BYTES + (1 << 17);

/// The notes of one thread of this process, and of its children.
#[derive(Clone, Copy)]
struct Notes {
    process: u32,
    board: *mut Board,
    begun: Begun,
    /// How many acts, and bytes of paths, there were when the last row of attempts began.
    row: [usize; 2],
}

thread_local! {
    static NOTES: Cell<Option<Notes>> = const { Cell::new(None) };
}

impl Notes {
    /// Begins them in this thread.
    fn begin() -> Notes {
        let (access, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
        );
        // SAFETY: a new map at an address that the kernel chooses.
        let board = unsafe { mmap(ptr::null_mut(), size_of::<Board>(), access, flags, -1, 0) };
        assert_ne!(board, libc::MAP_FAILED, "memory for notes");
        // SAFETY: these bytes are in the map, and zeros already.
        unsafe { ptr::write_bytes(board.cast::<u8>(), 0, TOUCHED) };
        let notes = Notes {
            process: process::id(),
            board: board.cast(),
            begun: attempts::begun(),
            row: [0, 0],
        };
        NOTES.set(Some(notes));
        account::listen(Some(|what, address, length| {
            note(what, &[address, length], &[], 0)
        }));
        notes
    }

    fn used(&self) -> [&AtomicUsize; 2] {
        // SAFETY: the board is mapped as long as there are notes, and zeros are numbers.
        unsafe { [&(*self.board).acts_used, &(*self.board).bytes_used] }
    }

    /// Forgets an attempt that another one follows.
    fn forget(&mut self) {
        let begun = attempts::begun();
        let used = self.used();
        if begun.rows != self.begun.rows {
            self.row = used.map(|it| it.load(Ordering::Relaxed));
        } else if begun != self.begun {
            for place in self.row[0]..used[0].load(Ordering::Relaxed).min(ACTS) {
                // SAFETY: it is on the board.
                let place = unsafe { &(*self.board).acts[place].is_taken };
                place.store(false, Ordering::Relaxed);
            }
            for (used, before) in used.into_iter().zip(self.row) {
                used.store(before, Ordering::Relaxed);
            }
        }
        self.begun = begun;
    }

    fn note(&self, mut act: Act, paths: &[*const c_char]) {
        let [acts_used, bytes_used] = self.used();
        for (place, path) in act.paths.iter_mut().zip(paths) {
            // SAFETY: it is a path that the caller hands to the system.
            let path = unsafe { CStr::from_ptr(*path) }.to_bytes();
            let start = bytes_used.fetch_add(path.len(), Ordering::Relaxed);
            if start + path.len() <= BYTES {
                // SAFETY: these bytes are on the board, and nobody else's.
                unsafe {
                    let bytes = ptr::addr_of_mut!((*self.board).bytes).cast::<u8>();
                    bytes.add(start).copy_from(path.as_ptr(), path.len());
                }
            }
            *place = [start, start + path.len()];
        }
        let place = acts_used.fetch_add(1, Ordering::Relaxed);
        if place < ACTS {
            // SAFETY: the place is on the board, and nobody else's until it says that it is taken.
            unsafe {
                let place = ptr::addr_of_mut!((*self.board).acts[place]);
                (*place).act.write(act);
                (*place).is_taken.store(true, Ordering::Release);
            }
        }
    }

    /// What was noted, and the bytes of the paths.
    fn end(self) -> (Vec<Act>, Vec<u8>) {
        let [acts, bytes] = self.used().map(|it| it.load(Ordering::Acquire));
        assert!(acts <= ACTS && bytes <= BYTES, "there is room for all acts");
        let taken = |place: usize| {
            // SAFETY: it is on the board, and what is taken was written before.
            unsafe {
                let place = &(*self.board).acts[place];
                let is_taken = place.is_taken.load(Ordering::Acquire);
                is_taken.then(|| place.act.assume_init())
            }
        };
        let acts = (0..acts).filter_map(taken).collect();
        // SAFETY: as above; no child is left that writes.
        let bytes = unsafe { (&(*self.board).bytes)[..bytes].to_vec() };
        (acts, bytes)
    }
}

/// Ends the notes of this thread, whatever happens.
struct End(*mut Board);

impl Drop for End {
    fn drop(&mut self) {
        account::listen(None);
        NOTES.set(None);
        // SAFETY: the board is nobody else's, and nothing borrows from it.
        unsafe { munmap(self.0.cast(), size_of::<Board>()) };
    }
}

fn note(name: &'static str, numbers: &[usize], paths: &[*const c_char], result: isize) {
    let Ok(Some(mut notes)) = NOTES.try_with(Cell::get) else {
        return;
    };
    let mut act = Act {
        name,
        process: process::id(),
        numbers: [0; 6],
        paths: [[0; 2]; 2],
        result,
        // A panic maps the program, to say where it was.
        aside: Aside::is_begun() || thread::panicking(),
    };
    act.numbers[..numbers.len()].copy_from_slice(numbers);
    if act.process == notes.process {
        notes.forget();
        NOTES.set(Some(notes));
    }
    notes.note(act, paths);
}

/// As [`note`], of a system call whose answer is still in `errno`.
fn note_call(name: &'static str, numbers: &[usize], paths: &[*const c_char], result: isize) {
    // SAFETY: the place of `errno` is this thread's own.
    let errno = unsafe { *libc::__errno_location() };
    // What is made again until it succeeds is one act: a call that a signal has interrupted, which `close` is not, and a
    // read of what is not there yet.
    let again = match errno {
        libc::EINTR => name != "close",
        libc::EAGAIN => name == "read",
        _ => false,
    };
    if account::is_untold() || result == -1 && again {
        return;
    }
    note(name, numbers, paths, result);
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = errno };
}

macro_rules! calls {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty, $number:ident;)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($argument: $kind),*) -> $result {
            // SAFETY: it is the call that the caller has asked for.
            let result = unsafe { libc::syscall(libc::$number, $($argument),*) };
            note_call(stringify!($name), &[$($argument as usize),*], &[], result as isize);
            result as $result
        }
    )*};
}

calls! {
    mmap(at: *mut c_void, length: usize, access: c_int, flags: c_int, fd: c_int, offset: i64) -> *mut c_void, SYS_mmap;
    mmap64(at: *mut c_void, length: usize, access: c_int, flags: c_int, fd: c_int, offset: i64) -> *mut c_void, SYS_mmap;
    munmap(at: *mut c_void, length: usize) -> c_int, SYS_munmap;
    mremap(at: *mut c_void, old: usize, new: usize, flags: c_int, to: *mut c_void) -> *mut c_void, SYS_mremap;
    mprotect(at: *mut c_void, length: usize, access: c_int) -> c_int, SYS_mprotect;
    msync(at: *mut c_void, length: usize, flags: c_int) -> c_int, SYS_msync;
    madvise(at: *mut c_void, length: usize, advice: c_int) -> c_int, SYS_madvise;
    mlock(at: *const c_void, length: usize) -> c_int, SYS_mlock;
    munlock(at: *const c_void, length: usize) -> c_int, SYS_munlock;
    close(fd: c_int) -> c_int, SYS_close;
    read(fd: c_int, to: *mut c_void, length: usize) -> isize, SYS_read;
    write(fd: c_int, from: *const c_void, length: usize) -> isize, SYS_write;
    pread64(fd: c_int, to: *mut c_void, length: usize, at: i64) -> isize, SYS_pread64;
    pwrite64(fd: c_int, from: *const c_void, length: usize, at: i64) -> isize, SYS_pwrite64;
    lseek(fd: c_int, offset: i64, whence: c_int) -> i64, SYS_lseek;
    lseek64(fd: c_int, offset: i64, whence: c_int) -> i64, SYS_lseek;
    ftruncate64(fd: c_int, length: i64) -> c_int, SYS_ftruncate;
    fallocate(fd: c_int, mode: c_int, offset: i64, length: i64) -> c_int, SYS_fallocate;
    fsync(fd: c_int) -> c_int, SYS_fsync;
    fdatasync(fd: c_int) -> c_int, SYS_fdatasync;
    flock(fd: c_int, operation: c_int) -> c_int, SYS_flock;
    fcntl(fd: c_int, command: c_int, argument: usize) -> c_int, SYS_fcntl;
    socket(domain: c_int, kind: c_int, protocol: c_int) -> c_int, SYS_socket;
    sendfile(to: c_int, fd: c_int, at: *mut i64, length: usize) -> isize, SYS_sendfile;
    splice(fd: c_int, at: *mut i64, to: c_int, to_at: *mut i64, length: usize, flags: c_uint) -> isize, SYS_splice;
}

#[unsafe(no_mangle)]
unsafe extern "C" fn openat(
    folder: c_int,
    name: *const c_char,
    flags: c_int,
    mode: c_uint,
) -> c_int {
    // SAFETY: it is the call that the caller has asked for, as below.
    let fd = unsafe { libc::syscall(libc::SYS_openat, folder, name, flags, mode) };
    note_call("open", &[flags as usize], &[name], fd as isize);
    fd as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn open64(name: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    // SAFETY: as above.
    unsafe { openat(libc::AT_FDCWD, name, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn open(name: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    // SAFETY: as above.
    unsafe { open64(name, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn statx(
    folder: c_int,
    name: *const c_char,
    flags: c_int,
    mask: c_uint,
    to: *mut c_void,
) -> c_int {
    // SAFETY: as above.
    let result = unsafe { libc::syscall(libc::SYS_statx, folder, name, flags, mask, to) };
    let names: &[_] = if name.is_null() { &[] } else { &[name] };
    note_call("statx", &[folder as usize], names, result as isize);
    result as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memfd_create(name: *const c_char, flags: c_uint) -> c_int {
    // SAFETY: as above.
    let fd = unsafe { libc::syscall(libc::SYS_memfd_create, name, flags) };
    note_call("memfd_create", &[flags as usize], &[], fd as isize);
    fd as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn unlinkat(folder: c_int, name: *const c_char, flags: c_int) -> c_int {
    // SAFETY: as above.
    let result = unsafe { libc::syscall(libc::SYS_unlinkat, folder, name, flags) };
    note_call("unlink", &[], &[name], result as isize);
    result as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn unlink(name: *const c_char) -> c_int {
    // SAFETY: as above.
    unsafe { unlinkat(libc::AT_FDCWD, name, 0) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn chmod(name: *const c_char, mode: c_uint) -> c_int {
    // SAFETY: as above.
    let result = unsafe { libc::syscall(libc::SYS_fchmodat, libc::AT_FDCWD, name, mode) };
    note_call("chmod", &[mode as usize], &[name], result as isize);
    result as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    let here = libc::AT_FDCWD;
    // SAFETY: as above.
    let result = unsafe { libc::syscall(libc::SYS_renameat2, here, from, here, to, 0) };
    note_call("rename", &[], &[from, to], result as isize);
    result as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn linkat(
    folder: c_int,
    from: *const c_char,
    to_folder: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: as above.
    let result = unsafe { libc::syscall(libc::SYS_linkat, folder, from, to_folder, to, flags) };
    note_call("link", &[], &[from, to], result as isize);
    result as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pipe2(ends: *mut c_int, flags: c_int) -> c_int {
    // SAFETY: as above; where it succeeds the two ends are in their places.
    let (result, ends) = unsafe {
        match libc::syscall(libc::SYS_pipe2, ends, flags) {
            0 => (0, ends.cast::<[c_int; 2]>().read()),
            refused => (refused as c_int, [-1; 2]),
        }
    };
    note_call("pipe", &ends.map(|it| it as usize), &[], result as isize);
    result
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pipe(ends: *mut c_int) -> c_int {
    // SAFETY: as above.
    unsafe { pipe2(ends, 0) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn socketpair(
    domain: c_int,
    kind: c_int,
    protocol: c_int,
    ends: *mut c_int,
) -> c_int {
    // SAFETY: as above.
    let result = unsafe { libc::syscall(libc::SYS_socketpair, domain, kind, protocol, ends) };
    note_call(
        "socketpair",
        &[domain as usize, kind as usize],
        &[],
        result as isize,
    );
    result as c_int
}

/// Notes what memory is allocated, since a copy of a map shows what the map shows.
struct NotingAllocator;

#[global_allocator]
static ALLOCATOR: NotingAllocator = NotingAllocator;

/// What is smaller may be as large as a map by chance.
const LARGE: usize = 512;

// SAFETY: it is the system's allocator.
unsafe impl GlobalAlloc for NotingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note_allocated(layout.size());
        // SAFETY: as the caller vouches.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note_allocated(layout.size());
        // SAFETY: as the caller vouches.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller vouches.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller vouches.
        unsafe { System.dealloc(memory, layout) }
    }
}

fn note_allocated(size: usize) {
    if size >= LARGE && !account::is_untold() {
        note("allocate", &[size], &[], 0);
    }
}

/// What `lesson` returns, and what this thread and its children did for it, an act in a line.
pub fn noted<T>(lesson: impl FnOnce() -> T) -> (T, String) {
    let notes = Notes::begin();
    let _end = End(notes.board);
    let seen = lesson();
    let (acts, bytes) = notes.end();
    let mut story = Story::default();
    story.tell_of(notes.process, &acts, &bytes);
    (seen, story.lines.concat())
}

/// Holds the acts of a lesson against those that are approved.
pub fn approve(lesson: &str, acts: &str) {
    let name = format!("snapshots/{}.acts", lesson.replace("::", "/"));
    let path = root().join(&name);
    let approved = fs::read_to_string(&path).unwrap_or_default();
    if approved == acts || env::var_os("ACTS_FORCE_PASS").is_some() {
        return;
    }
    if updates() {
        return fs::write(&path, acts).expect("the acts can be written");
    }
    let diff = TextDiff::from_lines(&*approved, acts);
    panic!(
        "{lesson} does other things than those that are approved in {name}. If they are what its claim takes, \
        INSTA_UPDATE=always cargo test writes them.\n{}",
        diff.unified_diff()
    );
}

/// Acts, with letters for files and numbers for handles and maps.
#[derive(Default)]
struct Story {
    lines: Vec<String>,
    handles: HashMap<usize, Handle>,
    names: HashMap<PathBuf, String>,
    maps: Vec<Map>,
    /// What the lab is about to look at, in the file that it opens next.
    looked_at: Option<String>,
    /// How many bytes the last look has given, until they are allocated.
    looked: Option<usize>,
}

#[derive(Clone)]
struct Handle {
    file: String,
    /// None if the lab has opened it for itself.
    name: Option<String>,
}

#[derive(Clone)]
struct Map {
    memory: Range<usize>,
    /// None if the lab has made it for itself.
    name: Option<String>,
    is_private: bool,
}

/// A file that is none of the lesson's own; how long it is, is no matter of the lesson's.
const ANOTHER: &str = "another file";

impl Story {
    fn tell(&mut self, act: &Act, bytes: &[u8]) {
        let name = act.name.trim_end_matches("64");
        let [first, second, third, fourth, fifth, sixth] = act.numbers;
        let path = |[start, end]: [usize; 2]| Path::new(OsStr::from_bytes(&bytes[start..end]));
        let [path, new_path] = act.paths.map(path);
        let succeeded = act.result >= 0;
        let line = match name {
            "open" => {
                let opened = self.opened(path, first, succeeded);
                if let (Some(looked_at), Some(file)) = (self.looked_at.take(), &opened) {
                    self.lines.push(format!("read({file}, {looked_at})\n"));
                }
                if opened.is_none() {
                    self.handles.remove(&(act.result as usize));
                }
                opened.map(|file| {
                    let asked = format!("{file}, {}", Flags(OPEN, first));
                    self.handed_out(asked, file, act)
                })
            }
            "look at the file" => {
                self.looked_at = (!act.aside).then(|| stretch(first, second));
                None
            }
            "chmod" => self
                .names
                .get(path)
                .map(|file| format!("{file}, {first:#o}")),
            "memfd_create" => {
                let file = self.letter();
                Some(self.handed_out(format!("{file}, {first:#x}"), file, act))
            }
            "pipe" if succeeded => {
                let ends =
                    [first, second].map(|end| self.hold(end, "a pipe".to_owned(), act.aside));
                Some(format!(
                    " = {}",
                    ends.map(Option::unwrap_or_default).join(", ")
                ))
            }
            "unlink" if succeeded => self.names.remove(path),
            "rename" | "link" if succeeded => self.named_anew(name == "rename", path, new_path),
            "unlink" | "rename" | "link" => None,
            "statx" if path.as_os_str().is_empty() => self.handle(first),
            "statx" => self.names.get(path).cloned(),
            "mmap" => {
                let of_a_file = fourth as c_int & libc::MAP_ANONYMOUS == 0;
                let what = match of_a_file {
                    true => self.handle(fifth).unwrap_or_else(|| ANOTHER.to_owned()),
                    false => "no file".to_owned(),
                };
                let file = self.handles.get(&low(fifth));
                let what = match of_a_file && file.is_none_or(|it| it.file == ANOTHER) {
                    true => what,
                    false => format!("{what}, {}", stretch(sixth, second)),
                };
                let asked = format!("{what}, {}, {}", Flags(ACCESS, third), Flags(MAP, fourth));
                let start = act.result as usize;
                let memory = start..start.saturating_add(second);
                Some(match succeeded {
                    true => self.mapped(asked, memory, act),
                    false => asked,
                })
            }
            "munmap" => {
                let whole = |map: &Map| map.memory == (first..first.saturating_add(second));
                let line = match self.maps.iter().find(|map| whole(map)) {
                    Some(map) => map.name.clone(),
                    None => self.range(first, second),
                };
                if succeeded {
                    self.maps.retain(|map| !whole(map));
                }
                line
            }
            "mremap" => {
                let range = self.range(first, second);
                let start = act.result as usize;
                let moved = |map: &&mut Map| map.memory.start == first && succeeded;
                if let Some(map) = self.maps.iter_mut().find(moved) {
                    map.memory = start..start.saturating_add(third);
                }
                range.map(|range| format!("{range}, to {}, {fourth:#x}", place(third)))
            }
            "mprotect" => self
                .range(first, second)
                .map(|it| format!("{it}, {}", Flags(ACCESS, third))),
            "msync" => self
                .range(first, second)
                .map(|it| format!("{it}, {}", Flags(SYNC, third))),
            "madvise" => self
                .range(first, second)
                .map(|it| format!("{it}, {}", named(ADVICE, low(third)))),
            "mlock" | "munlock" => self.range(first, second),
            "look" => {
                self.looked = Some(second);
                Some(self.memory(first, second))
            }
            "show" | "offset_in" | "load" | "store" | "pages" | "mapping" | "is_dirty"
            | "resident" | "cached" | "anonymous" | "exclusive" => Some(self.memory(first, second)),
            "child" | "wait" | "wait_for" | "wait_for_parent" | "thread_state" | "kill"
            | "watch" | "events" | "free_pages" | "catch_unwind" | "unsynced_pages" => {
                Some(String::new())
            }
            "allocate" => {
                // What a look gives is a copy.
                let is_a_looks = self.looked.take() == Some(first);
                let as_long = |map: &&Map| map.memory.len() == first && !is_a_looks;
                let mut maps = self.maps.iter().filter(as_long);
                let name = maps.find_map(|map| map.name.as_ref());
                name.map(|name| format!("as much as {name}"))
            }
            "socket" | "socketpair" => Some(format!("{first}, {second:#x}")),
            // What was asked for, and what there is, as the message has it.
            "panic" => Some(format!("{first}, {second}")),
            "fcntl" if [libc::F_DUPFD, libc::F_DUPFD_CLOEXEC].contains(&(second as c_int)) => {
                let same = self.handles.get(&low(first)).cloned();
                same.map(|same| {
                    self.handed_out(self.handle(first).unwrap_or_default(), same.file, act)
                })
            }
            "fcntl" if [libc::F_GETFD, libc::F_GETFL].contains(&(second as c_int)) => None,
            "sendfile" => self.handle(second),
            _ => self.handle(first).map(|handle| match name {
                "pread" => format!("{handle}, {}", stretch(fourth, third)),
                "pwrite" => format!(
                    "{handle}, {}{}",
                    stretch(fourth, third),
                    self.of_map(second, third)
                ),
                "write" => format!("{handle}, {}{}", place(third), self.of_map(second, third)),
                "lseek" => format!("{handle}, {}, {}", place(second), named(WHENCE, low(third))),
                "ftruncate" => format!("{handle}, {}", place(second)),
                "fallocate" => format!("{handle}, {second}, {}", stretch(third, fourth)),
                "flock" => format!("{handle}, {second}"),
                // To ask for seals takes no third argument.
                "fcntl" if second as c_int == libc::F_GET_SEALS => format!("{handle}, F_GET_SEALS"),
                "fcntl" => format!("{handle}, {second}, {}", low(third)),
                _ => handle,
            }),
        };
        if name == "close" {
            self.handles.remove(&low(first));
        }
        let Some(line) = line.filter(|_| !act.aside) else {
            return;
        };
        let line = match line.split_once(" = ") {
            Some((asked, given)) => format!("{name}({asked}) = {given}\n"),
            None => format!("{name}({line})\n"),
        };
        // How many reads it takes until a file ends is up to Rust's library; a seal waits until no map is in its way.
        if self.lines.last() == Some(&line) && ["read", "fcntl"].contains(&name) {
            return;
        }
        self.lines.push(line);
        self.shorten();
    }

    /// Of touches in a row the first and the last ones are enough.
    fn shorten(&mut self) {
        let in_a_row = |line: &String| {
            let (act, _) = line.split_once(" at ")?;
            (act.starts_with("load") || act.starts_with("store")).then(|| act.to_owned())
        };
        let last = self.lines.iter().rev().map(in_a_row);
        let same = last.clone().next().flatten();
        if same.is_some() && last.take_while(|it| *it == same).count() > 8 {
            self.lines.remove(self.lines.len() - 2);
        }
    }

    /// What stands for a handle, if it is of interest.
    fn handle(&self, number: usize) -> Option<String> {
        let handle = self.handles.get(&low(number))?;
        Some(handle.name.clone().unwrap_or_else(|| handle.file.clone()))
    }

    /// A new handle, if there is one.
    fn handed_out(&mut self, asked: String, file: String, act: &Act) -> String {
        if act.result < 0 {
            return asked;
        }
        given(asked, self.hold(act.result as usize, file, act.aside))
    }

    /// Holds a handle to a file; by which name, if it is the lesson's.
    fn hold(&mut self, number: usize, file: String, aside: bool) -> Option<String> {
        self.handles.remove(&low(number));
        let used = self.handles.values().map(|it| &it.name);
        let name = (!aside).then(|| free("handle", used));
        let held = name.clone();
        self.handles.insert(low(number), Handle { file, name });
        held
    }

    /// A new map.
    fn mapped(&mut self, asked: String, memory: Range<usize>, act: &Act) -> String {
        let used = self.maps.iter().map(|it| &it.name);
        let name = (!act.aside).then(|| free("map", used));
        let told = given(asked, name.clone());
        let is_private = act.numbers[3] as c_int & libc::MAP_PRIVATE != 0;
        // What was there before is covered: MAP_FIXED.
        self.maps.push(Map {
            memory,
            name,
            is_private,
        });
        told
    }

    /// What is opened, if it is of interest.
    fn opened(&mut self, path: &Path, flags: usize, succeeded: bool) -> Option<String> {
        if let Some(known) = self.names.get(path) {
            return Some(known.clone());
        }
        if let Ok(handle) = path.strip_prefix("/proc/self/fd") {
            let handle = handle.to_str()?.parse().ok()?;
            return self.handles.get(&handle).map(|handle| handle.file.clone());
        }
        if path.starts_with("/proc") || path.starts_with("/sys") {
            return None;
        }
        let makes = libc::O_CREAT | (libc::O_TMPFILE & !libc::O_DIRECTORY);
        if flags as c_int & makes != 0 && succeeded {
            let made = self.letter();
            // A file that is made in a folder has no name.
            if flags as c_int & libc::O_CREAT != 0 {
                self.names.insert(path.to_owned(), made.clone());
            }
            return Some(made);
        }
        let holds_a_file = self.names.keys().any(|it| it.parent() == Some(path));
        Some(
            match path.parent() == Some(Path::new("/dev")) && path != env::temp_dir() {
                _ if holds_a_file => "the folder".to_owned(),
                true => path.display().to_string(),
                false => ANOTHER.to_owned(),
            },
        )
    }

    /// For a file that is new.
    fn letter(&self) -> String {
        let handles = self.handles.values().map(|handle| &handle.file);
        let used: Vec<&String> = self.names.values().chain(handles).collect();
        let mut letters = ('a'..='z').map(String::from);
        letters.find(|it| !used.contains(&it)).expect("a letter")
    }

    fn named_anew(&mut self, moves: bool, from: &Path, to: &Path) -> Option<String> {
        let file = self.names.get(from).cloned()?;
        if moves {
            self.names.remove(from);
        }
        match self.names.insert(to.to_owned(), file.clone()) {
            Some(old) => Some(format!("{file}, over {old}")),
            None => Some(file),
        }
    }

    /// Says so where bytes that are written are those of a map.
    fn of_map(&self, start: usize, length: usize) -> String {
        let range = self.range(start, length);
        range.map_or_else(String::new, |range| format!(", from {range}"))
    }

    /// A stretch of a map or of other memory.
    fn memory(&self, start: usize, length: usize) -> String {
        let range = self.range(start, length);
        range.unwrap_or_else(|| format!("memory, {}", place(length)))
    }

    /// A stretch of a map; none of memory that no lesson has mapped.
    fn range(&self, start: usize, length: usize) -> Option<String> {
        let mut newest = self.maps.iter().rev();
        let map = newest.find(|map| map.memory.contains(&start))?;
        let name = map.name.as_deref().unwrap_or(match map.is_private {
            true => "a private map of the lab's",
            false => "a map of the lab's",
        });
        Some(format!(
            "{name}, {}",
            stretch(start - map.memory.start, length)
        ))
    }

    /// Tells what a process did, and what its children did where they were started.
    fn tell_of(&mut self, process: u32, acts: &[Act], bytes: &[u8]) {
        for act in acts.iter().filter(|act| act.process == process) {
            self.tell(act, bytes);
            if act.name == "child" {
                let mut child = Story {
                    handles: self.handles.clone(),
                    names: self.names.clone(),
                    maps: self.maps.clone(),
                    ..Story::default()
                };
                child.tell_of(act.numbers[0] as u32, acts, bytes);
                let lines = child.lines.iter().map(|line| format!("    {line}"));
                self.lines.extend(lines);
            }
        }
    }
}

/// The first name of these that is free.
fn free<'a>(what: &str, used: impl Iterator<Item = &'a Option<String>>) -> String {
    let used: Vec<&str> = used.flatten().map(String::as_str).collect();
    let mut names = (1..).map(|number: usize| format!("{what} {number}"));
    names.find(|it| !used.contains(&&**it)).unwrap_or_default()
}

/// What was asked for, and what was given for it, if that has a name.
fn given(asked: String, name: Option<String>) -> String {
    match name {
        Some(name) => format!("{asked} = {name}"),
        None => asked,
    }
}

/// A length, and where it begins, if that is not at the start.
fn stretch(start: usize, length: usize) -> String {
    match start {
        0 => place(length),
        _ => format!("{} at {}", place(length), place(start)),
    }
}

/// As the snapshots have it, but that bytes of no page need no word about pages.
///
/// Where a lesson asks for more memory than there is, how much that is differs from machine to machine.
fn place(number: usize) -> String {
    match number {
        0..0x1000_0000 => {}
        0x1000_0000..0x4000_0000_0000 => return "a great many pages".to_owned(),
        _ => return "more pages than there are".to_owned(),
    }
    let place = format!("{:?}", place::Place::from(number));
    place.trim_start_matches("0 pages + ").to_owned()
}

/// The half of a register that holds a number of 32 bits.
fn low(number: usize) -> usize {
    number & 0xffff_ffff
}

/// A number by its name, if it has one.
fn named(names: Names, number: usize) -> Cow<'static, str> {
    let known = names.iter().find(|(it, _)| *it as usize == number);
    known.map_or_else(|| number.to_string().into(), |(_, name)| (*name).into())
}

type Names = &'static [(c_int, &'static str)];

const ADVICE: Names = &[
    (libc::MADV_NORMAL, "MADV_NORMAL"),
    (libc::MADV_RANDOM, "MADV_RANDOM"),
    (libc::MADV_SEQUENTIAL, "MADV_SEQUENTIAL"),
    (libc::MADV_WILLNEED, "MADV_WILLNEED"),
    (libc::MADV_DONTNEED, "MADV_DONTNEED"),
    (libc::MADV_FREE, "MADV_FREE"),
    (libc::MADV_REMOVE, "MADV_REMOVE"),
    (libc::MADV_DONTFORK, "MADV_DONTFORK"),
    (libc::MADV_DOFORK, "MADV_DOFORK"),
    (libc::MADV_HUGEPAGE, "MADV_HUGEPAGE"),
    (libc::MADV_NOHUGEPAGE, "MADV_NOHUGEPAGE"),
    (libc::MADV_WIPEONFORK, "MADV_WIPEONFORK"),
    (libc::MADV_POPULATE_READ, "MADV_POPULATE_READ"),
    (libc::MADV_POPULATE_WRITE, "MADV_POPULATE_WRITE"),
];
const WHENCE: Names = &[
    (libc::SEEK_SET, "SEEK_SET"),
    (libc::SEEK_CUR, "SEEK_CUR"),
    (libc::SEEK_END, "SEEK_END"),
    (libc::SEEK_DATA, "SEEK_DATA"),
    (libc::SEEK_HOLE, "SEEK_HOLE"),
];
const ACCESS: Names = &[
    (libc::PROT_READ, "PROT_READ"),
    (libc::PROT_WRITE, "PROT_WRITE"),
    (libc::PROT_EXEC, "PROT_EXEC"),
];
const SYNC: Names = &[(libc::MS_ASYNC, "MS_ASYNC"), (libc::MS_SYNC, "MS_SYNC")];
const MAP: Names = &[
    (libc::MAP_SHARED, "MAP_SHARED"),
    (libc::MAP_PRIVATE, "MAP_PRIVATE"),
    (libc::MAP_ANONYMOUS, "MAP_ANONYMOUS"),
    (libc::MAP_FIXED, "MAP_FIXED"),
    (libc::MAP_NORESERVE, "MAP_NORESERVE"),
    (libc::MAP_POPULATE, "MAP_POPULATE"),
    (libc::MAP_LOCKED, "MAP_LOCKED"),
    (libc::MAP_STACK, "MAP_STACK"),
    (libc::MAP_HUGETLB, "MAP_HUGETLB"),
];
const OPEN: Names = &[
    (libc::O_RDWR, "O_RDWR"),
    (libc::O_WRONLY, "O_WRONLY"),
    (libc::O_CREAT, "O_CREAT"),
    (libc::O_EXCL, "O_EXCL"),
    (libc::O_TRUNC, "O_TRUNC"),
    (libc::O_APPEND, "O_APPEND"),
    (libc::O_DIRECT, "O_DIRECT"),
    (libc::O_SYNC, "O_SYNC"),
    (libc::O_DIRECTORY, "O_DIRECTORY"),
    (libc::O_NOFOLLOW, "O_NOFOLLOW"),
    (libc::O_NONBLOCK, "O_NONBLOCK"),
];

/// Flags by name, and what is left of them as a number.
struct Flags(Names, usize);

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.1 as c_int & !libc::O_CLOEXEC;
        let mut names = Vec::new();
        if self.0 == OPEN && rest & libc::O_ACCMODE == libc::O_RDONLY {
            names.push(Cow::Borrowed("O_RDONLY"));
        }
        for (flag, name) in self.0.iter().filter(|(flag, _)| *flag != 0) {
            if rest & flag == *flag {
                rest &= !flag;
                names.push(Cow::Borrowed(*name));
            }
        }
        if rest != 0 || names.is_empty() {
            names.push(Cow::Owned(format!("{rest:#x}")));
        }
        f.write_str(&names.join("|"))
    }
}
