//! Between processes: what they share, and what they only seem to.

use std::array;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, Builder, ScopedJoinHandle};

#[cfg(target_os = "linux")]
use memmap2::Advice;
use memmap2::{MmapMut, MmapRaw};

use crate::book::chapter;
use crate::child::{self, Outcome};
use crate::observation::{Answer, Sides, Text};
use crate::raw;
use crate::sample::{At, Sample};

chapter! {
    share;
    a_shared_map_is_one_memory_across_fork: Posix,
    private_memory_is_copied_at_fork: Posix,
    stores_survive_the_death_of_their_process: Unspecified,
    strangers_meet_by_path: Posix,
    #[cfg(target_os = "linux")]
    a_range_can_be_kept_from_children: Linux,
    a_lock_on_the_file_does_not_stop_a_store: Linux,
}

/// Two processes that counted at the same time, each having waited for the other.
#[derive(Debug)]
pub struct CountedByTwo {
    /// How often each counted up each of the two counters.
    pub times_each: u32,
    /// The counter in a shared map, which both have from before the fork.
    pub in_shared_memory: u32,
    /// The counter in anonymous memory, which both have from before the fork; read by the parent.
    pub in_private_memory: u32,
}

/// A shared map is one memory across fork: two processes count into it, and nothing is lost.
///
/// It is tempting to think that a child gets a copy of everything its parent has. Of a shared map it gets the same
/// pages. An atomic in them is atomic between processes as it is between threads; a counter in private memory shows
/// what is copied.
///
/// memmap2 makes no shared map without a file: its anonymous maps are private (Python's are shared). A file in the
/// temporary folder, or one made by `memfd_create`, does it.
///
/// Promised by POSIX (`fork`, `mmap`: MAP_SHARED mappings stay shared in the child).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/share/a_shared_map_is_one_memory_across_fork.snap"))]
/// ```
pub fn a_shared_map_is_one_memory_across_fork() -> io::Result<CountedByTwo> {
    const TIMES: u32 = 100_000;
    let sample = Sample::of(&[0; 12])?;
    let shared = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    let private = MmapRaw::from(MmapMut::map_anon(4)?);
    let [in_shared, child_is_there, parent_is_there] = atomics(&shared)?;
    let [in_private] = atomics(&private)?;
    let count = || {
        for _ in 0..TIMES {
            in_shared.fetch_add(1, Ordering::Relaxed);
            in_private.fetch_add(1, Ordering::Relaxed);
        }
    };

    thread::scope(|scope| {
        // SAFETY: the child touches nothing but atomics, and ends; if its parent dies, so does it.
        let child = Builder::new().spawn_scoped(scope, || unsafe {
            child::run(|| {
                child_is_there.store(1, Ordering::Release);
                wait_for(parent_is_there, || false);
                count();
            })
        })?;
        wait_for(child_is_there, || child.is_finished());
        parent_is_there.store(1, Ordering::Release);
        count();
        joined(child)
    })?;

    Ok(CountedByTwo {
        times_each: TIMES,
        in_shared_memory: in_shared.load(Ordering::Relaxed),
        in_private_memory: in_private.load(Ordering::Relaxed),
    })
}

fn joined<T>(thread: ScopedJoinHandle<'_, io::Result<T>>) -> io::Result<T> {
    thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread of the lesson panicked")))
}

/// The first numbers of a map, for atomics alone to touch as long as it lives.
fn atomics<const COUNT: usize>(map: &MmapRaw) -> io::Result<[&AtomicU32; COUNT]> {
    let first: *mut u32 = map.as_mut_ptr().cast();
    if map.len() < COUNT * size_of::<u32>() || !first.is_aligned() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the map has no room for the numbers"));
    }
    // SAFETY: aligned and inside the map; no reference to its bytes is made but these.
    Ok(array::from_fn(|at| unsafe { AtomicU32::from_ptr(first.add(at)) }))
}

fn wait_for(done: &AtomicU32, given_up: impl Fn() -> bool) {
    while done.load(Ordering::Acquire) == 0 && !given_up() {
        thread::yield_now();
    }
}

/// A byte of private memory that held `b` when the process forked.
#[derive(Debug)]
pub struct Forked {
    /// Whether the parent had stored `p` when the child looked.
    pub parent_had_stored: bool,
    /// What the child found there.
    pub child_after_the_parent_stored: Text,
    /// What the child found there after it had stored `c` itself.
    pub child_after_its_own_store: Text,
    /// What the parent found there after all that.
    pub parent_at_the_end: Text,
}

/// Private memory is copied at fork, both ways: neither side sees what the other stores from then on.
///
/// It is tempting to expect that a child sees what its parent does later, or that a parent can collect what its child
/// leaves in its memory. Each page is one until either side stores to it; then each has its own.
///
/// The child waits for the parent's store, and tells what it found through a shared map.
///
/// Promised by POSIX (`fork`, `mmap`: MAP_PRIVATE).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/share/private_memory_is_copied_at_fork.snap"))]
/// ```
pub fn private_memory_is_copied_at_fork() -> io::Result<Forked> {
    let sample = Sample::of(&[0; 20])?;
    let shared = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    let mut private = MmapMut::map_anon(1)?;
    private[0] = b'b';
    let private = MmapRaw::from(private);
    let byte = private.as_mut_ptr();
    let [child_is_there, parent_stored, parent_had_stored, found_first, found_then] = atomics(&shared)?;
    // Raw pointers do not cross threads by themselves.
    let address = byte.expose_provenance();

    thread::scope(|scope| {
        // SAFETY: the child waits on atomics, which its parent's death or the alarm ends, touches a byte that is its
        // own copy, and ends.
        let child = Builder::new().spawn_scoped(scope, move || unsafe {
            child::run(|| {
                let byte: *mut u8 = ptr::with_exposed_provenance_mut(address);
                child_is_there.store(1, Ordering::Release);
                wait_for(parent_stored, || false);
                parent_had_stored.store(parent_stored.load(Ordering::Acquire), Ordering::Relaxed);
                found_first.store(byte.read_volatile().into(), Ordering::Relaxed);
                byte.write_volatile(b'c');
                found_then.store(byte.read_volatile().into(), Ordering::Relaxed);
            })
        })?;
        wait_for(child_is_there, || child.is_finished());
        // SAFETY: the byte is inside the map, and no reference to it exists.
        unsafe { byte.write_volatile(b'p') };
        parent_stored.store(1, Ordering::Release);
        joined(child)
    })?;

    let found = |note: &AtomicU32| Text(vec![note.load(Ordering::Relaxed) as u8]);
    Ok(Forked {
        parent_had_stored: parent_had_stored.load(Ordering::Relaxed) == 1,
        child_after_the_parent_stored: found(found_first),
        child_after_its_own_store: found(found_then),
        parent_at_the_end: raw::look(&private, 0..1),
    })
}

/// A store by a child that was killed, with no flush.
#[derive(Debug)]
pub struct Bereaved {
    /// The map in the parent, and the file, before the store.
    pub before: Sides,
    /// Both after it, while the child was alive.
    pub while_it_lived: Sides,
    /// Whether the parent had looked when the child killed itself.
    pub looked_before_its_death: bool,
    /// How the child ended.
    pub child: Outcome,
    /// Both after that.
    pub after_its_death: Sides,
}

/// The stores of a process are seen by others at once, and survive its death without a flush.
///
/// It is tempting to fear that a crash takes unflushed edits with it, as it takes what is in a program's own buffers.
/// The edit is in a page of the system's cache from the moment of the store; no process owns it. SIGKILL gives the
/// child no chance to flush, unmap or close anything. (It waits for its parent's look before it dies.)
///
/// A crash of the machine is another matter: that is what a flush is for, see the chapter `write`.
///
/// Promised by nobody for reads of the file (the manual: "carried through to the underlying file", without saying
/// when); for other maps by POSIX (`mmap`, MAP_SHARED). This is what Linux does.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/share/stores_survive_the_death_of_their_process.snap"))]
/// ```
pub fn stores_survive_the_death_of_their_process() -> io::Result<Bereaved> {
    let sample = Sample::lorem()?;
    let map = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    let notebook = Sample::of(&[0; 12])?;
    let notes = MmapRaw::map_raw(&notebook.read_write()?).at(&notebook)?;
    let [child_stored, parent_looked, looked_before_death] = atomics(&notes)?;
    let look = || raw::sides(&map, &sample, 0..11);
    let before = look()?;

    let (child, while_it_lived) = thread::scope(|scope| {
        // SAFETY: the child stores one byte through a raw pointer, waits on an atomic, which its parent's death or the
        // alarm ends, and kills itself.
        let child = Builder::new().spawn_scoped(scope, || unsafe {
            child::run(|| {
                map.as_mut_ptr().write_volatile(b'_');
                child_stored.store(1, Ordering::Release);
                wait_for(parent_looked, || false);
                looked_before_death.store(parent_looked.load(Ordering::Acquire), Ordering::Relaxed);
                libc::raise(libc::SIGKILL);
            })
        })?;
        wait_for(child_stored, || child.is_finished());
        let while_it_lived = look();
        parent_looked.store(1, Ordering::Release);
        Ok::<_, io::Error>((joined(child)?, while_it_lived?))
    })?;

    let looked_before_its_death = looked_before_death.load(Ordering::Relaxed) == 1;
    Ok(Bereaved { before, while_it_lived, looked_before_its_death, child, after_its_death: look()? })
}

/// What two processes that knew only a path left in the file.
#[derive(Debug)]
pub struct Met {
    /// The file at first.
    pub before: Text,
    /// After the first of them mapped it and stored `ping`.
    pub after_the_first: Text,
    /// After the second mapped it, and stored in capitals behind it what it found.
    pub after_the_second: Text,
}

/// Strangers meet by path: two processes that know only its name have the same bytes before them.
///
/// It is tempting to think that sharing memory takes a common parent, or special objects. Each of these two opens and
/// maps the file for itself, after the fork, and inherits no map. `shm_open` gives nothing else than such a name, in a
/// file system that lives in memory (on Linux `/dev/shm`).
///
/// Promised by POSIX (`mmap`, MAP_SHARED; `shm_open`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/share/strangers_meet_by_path.snap"))]
/// ```
pub fn strangers_meet_by_path() -> io::Result<Met> {
    let sample = Sample::of(b"........")?;
    let path = CString::new(sample.path().as_os_str().as_bytes())?;
    let before = sample.read(0..8)?;

    visit(&path, |bytes| {
        for (at, byte) in b"ping".iter().enumerate() {
            // SAFETY: inside the first eight bytes of the map; no reference to them exists.
            unsafe { bytes.add(at).write_volatile(*byte) };
        }
    })?;
    let after_the_first = sample.read(0..8)?;

    visit(&path, |bytes| {
        for at in 0..4 {
            // SAFETY: as above.
            unsafe { bytes.add(4 + at).write_volatile(bytes.add(at).read_volatile().to_ascii_uppercase()) };
        }
    })?;

    Ok(Met { before, after_the_first, after_the_second: sample.read(0..8)? })
}

/// A process that opens the file, maps its first eight bytes, does `act` to them and ends.
fn visit(path: &CStr, act: impl FnOnce(*mut u8)) -> io::Result<Outcome> {
    // SAFETY: the child makes plain system calls and touches what it has mapped. Where one of them fails, it ends
    // without having done anything, which the file then shows.
    unsafe {
        child::run(|| {
            let descriptor = libc::open(path.as_ptr(), libc::O_RDWR);
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            let address = libc::mmap(ptr::null_mut(), 8, protection, libc::MAP_SHARED, descriptor, 0);
            if address != libc::MAP_FAILED {
                act(address.cast());
            }
        })
    }
}

/// What became of children that touched a map of their parent's.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Inherited {
    /// As it is.
    pub by_default: Outcome,
    /// After `Advice::DontFork`.
    pub kept_from_children: Outcome,
    /// What the parent sees then.
    pub parent_then: Text,
    /// After `Advice::DoFork`.
    pub given_again: Outcome,
}

/// A range can be kept from children: for them nothing is mapped there.
///
/// It is tempting to think that a child gets all of its parent's memory in any case. `MADV_DONTFORK` leaves a range
/// out: for secrets that no child should have, for pages that a device writes to, or to make forking a large process
/// cheap. In the parent nothing changes.
///
/// memmap2 0.9.12 does not check the end of `advise_range`: a range that is too long marks whatever is mapped behind
/// it.
///
/// Promised by Linux (`madvise`, MADV_DONTFORK and MADV_DOFORK).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/share/a_range_can_be_kept_from_children.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn a_range_can_be_kept_from_children() -> io::Result<Inherited> {
    let sample = Sample::lorem()?;
    let map = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    // SAFETY: the child reads one byte of the map through a raw pointer and ends.
    let read_in_child = || unsafe { child::run(|| _ = map.as_ptr().read_volatile()) };
    let by_default = read_in_child()?;

    map.advise(Advice::DontFork).at(&sample)?;
    let kept_from_children = read_in_child()?;
    let parent_then = raw::look(&map, 0..11);

    map.advise(Advice::DoFork).at(&sample)?;
    Ok(Inherited { by_default, kept_from_children, parent_then, given_again: read_in_child()? })
}

/// A file that somebody has locked, and a store into it.
#[derive(Debug)]
pub struct Locked {
    /// What the lock was answered.
    pub lock: Answer,
    /// What a second lock, through another handle, was answered.
    pub second_lock: Answer,
    /// Both sides before a store through a map of that other handle.
    pub before: Sides,
    /// Both sides after it.
    pub after: Sides,
}

/// A lock on the file does not stop a store through a map.
///
/// It is tempting to lock a file and think it safe from others. Locks are advisory: they stop those who ask for a lock,
/// and nobody else. A store asks for nothing; it is not even a system call. So a lock makes mapping no safer than an
/// agreement between all programs that open the file.
///
/// On Windows locks are mandatory for reads and writes, but not for maps either.
///
/// Promised by Linux (`flock`: advisory locks only). POSIX says so of the locks of `fcntl`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/share/a_lock_on_the_file_does_not_stop_a_store.snap"))]
/// ```
pub fn a_lock_on_the_file_does_not_stop_a_store() -> io::Result<Locked> {
    let sample = Sample::lorem()?;
    let (owner, other) = (sample.read_write()?, sample.read_write()?);
    let lock = |file: &std::fs::File| -> io::Result<()> {
        // SAFETY: the descriptor is open during the call; no memory of ours is involved.
        match unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    let (first_lock, second_lock) = (Answer::from(lock(&owner)), Answer::from(lock(&other)));
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&other) }.at(&sample)?;
    let before = sample.sides(&map, 0..11)?;

    map[..5].make_ascii_uppercase();

    let after = sample.sides(&map, 0..11)?;
    Ok(Locked { lock: first_lock, second_lock, before, after })
}
