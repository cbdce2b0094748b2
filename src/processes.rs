//! Between processes and threads: what they share, and what they only seem to.
//!
//! What do processes and threads see of each other's memory and maps?
//!
//! 1. [`a_shared_map_is_one_memory_across_fork`]
//! 2. [`private_memory_is_copied_at_fork`]
//! 3. [`stores_survive_the_death_of_their_process`]
//! 4. [`strangers_meet_by_path`]
//! 5. [`a_range_can_be_kept_from_children`]
//! 6. [`a_lock_on_the_file_does_not_stop_a_store`]
//! 7. [`spliced_bytes_change_with_the_next_store`]
//! 8. [`an_address_in_a_shared_map_means_nothing_elsewhere`]
//! 9. [`a_lock_on_the_file_ends_with_its_owner_and_a_flag_stays`]
//! 10. [`threads_fill_parts_of_one_map_without_a_lock`]

#[cfg(target_os = "linux")]
use std::fs::File;
use std::io;
#[cfg(target_os = "linux")]
use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder};
use std::time::Instant;

#[cfg(target_os = "linux")]
use memmap2::Advice;
use memmap2::MmapMut;
#[cfg(unix)]
use memmap2::MmapRaw;

#[cfg(target_os = "linux")]
use crate::lab::attempts;
#[cfg(unix)]
use crate::lab::child::{self, Notes, SideBySide};
#[cfg(target_os = "linux")]
use crate::lab::disk;
use crate::lab::errors::Naming;
#[cfg(target_os = "linux")]
use crate::lab::errors::OrLacking;
#[cfg(target_os = "linux")]
use crate::lab::fault::{self, Fault};
#[cfg(target_os = "linux")]
use crate::lab::kernel::{self, Mapping};
#[cfg(unix)]
use crate::lab::look::{Look, Store};
#[cfg(unix)]
use crate::lab::observation::{Answer, Outcome};
use crate::lab::observation::{Sides, Text};
use crate::lab::panics;
#[cfg(unix)]
use crate::lab::place::page_size;
use crate::lab::sample::Sample;
#[cfg(unix)]
use crate::lab::system;

/// A shared map is one memory across fork: parent and child count into it, and nothing is lost.
///
/// > fork gives the child a copy of everything, so each of the two counts for itself.
///
/// The child shares the pages of a shared map. An atomic in them is atomic between processes as
/// it is between threads. The second counter is an ordinary variable: fork copies it, so the parent
/// finds only its own counts there.
///
/// Both count until each has seen the other's counts come in between, again and again. A plain load
/// and store in place of `fetch_add` would lose some of them.
///
/// memmap2 makes no shared map without a file: its anonymous maps are private (Python's are
/// shared). A file in the temporary folder, or one made by `memfd_create`, does it.
///
/// Promised by POSIX (`mmap`: a mapping keeps its type across `fork`).
#[doc = page!(processes::a_shared_map_is_one_memory_across_fork)]
#[doc(alias = "MAP_SHARED")]
#[doc(alias = "fork")]
#[doc(alias = "atomic")]
#[doc(alias = "IPC")]
#[cfg(unix)]
pub fn a_shared_map_is_one_memory_across_fork() -> io::Result<CountedByTwo> {
    let sample = Sample::of(&[0; size_of::<usize>()])?;
    let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
    // SAFETY: the file has room for one number, and a map begins with a page, so it is aligned;
    // nothing but this atomic touches it.
    let in_the_map = unsafe { AtomicUsize::from_ptr(map.as_mut_ptr().cast()) };
    let in_a_variable = AtomicUsize::new(0);
    let side_by_side = SideBySide::new()?;
    let count = || {
        side_by_side.run(|| {
            in_the_map.fetch_add(1, Ordering::Relaxed);
            in_a_variable.fetch_add(1, Ordering::Relaxed);
        })
    };
    let notes = Notes::<1>::new()?;
    let [in_the_childs_variable] = &*notes;

    // SAFETY: the child makes plain system calls, and touches nothing but atomics.
    let child = unsafe {
        child::start(|| {
            count();
            let counted = in_a_variable.load(Ordering::Relaxed);
            in_the_childs_variable.store(counted, Ordering::Relaxed);
        })
    }?;
    let parent = count();
    child.wait()?;

    let both = side_by_side.both()?;
    Ok(CountedByTwo {
        in_the_shared_map: Counts::held_by(in_the_map, parent, both),
        in_a_variable: Counts::held_by(&in_a_variable, parent, both),
        in_the_childs_variable: Counts::held_by(in_the_childs_variable, both - parent, both),
        file_holds_that_of_the_map: sample.read(0..8)?.0.starts_with(&both.to_ne_bytes()),
    })
}

/// Two counters, as the parent finds them after parent and child counted into both at the same
/// time; the second also as the child found it.
#[cfg(unix)]
#[derive(Debug)]
pub struct CountedByTwo {
    pub in_the_shared_map: Counts,
    pub in_a_variable: Counts,
    pub in_the_childs_variable: Counts,
    /// Whether the file holds the number that both have counted in the shared map.
    pub file_holds_that_of_the_map: bool,
}

/// Whose counts a counter holds in the end.
#[cfg(unix)]
#[derive(Debug, PartialEq, Eq)]
pub enum Counts {
    AllOfBoth,
    /// All that this process has counted.
    AllOfItsOwn,
    /// Some were lost.
    Other,
}

#[cfg(unix)]
impl Counts {
    fn held_by(counter: &AtomicUsize, own: usize, both: usize) -> Counts {
        match counter.load(Ordering::Relaxed) {
            count if count == both => Counts::AllOfBoth,
            count if count == own => Counts::AllOfItsOwn,
            _ => Counts::Other,
        }
    }
}

/// Private memory is copied at fork: neither side sees what the other stores from then on.
///
/// > The child works in my memory, so I can collect its results there when it has ended.
///
/// Each page is one until either side stores into it; then each side has its own. The lesson looks
/// at a byte of private memory, as every anonymous map of memmap2 is. What a child finds, it tells
/// through memory that is shared.
///
/// Promised by POSIX (`fork`, on MAP_PRIVATE).
#[doc = page!(processes::private_memory_is_copied_at_fork)]
#[doc(alias = "MAP_PRIVATE")]
#[doc(alias = "MAP_ANONYMOUS")]
#[doc(alias = "fork")]
#[doc(alias = "copy-on-write")]
#[cfg(unix)]
pub fn private_memory_is_copied_at_fork() -> io::Result<Forked> {
    let map = MmapRaw::from(MmapMut::map_anon(1)?);
    let byte = map.as_ptr();
    // SAFETY: the byte is inside the map, and no reference to it exists.
    unsafe { map.store(0, b'b') };
    let notes = Notes::<5>::new()?;
    let [at_first, parent_has, heard, then, in_the_end] = &*notes;
    // SAFETY: the child waits, and touches atomics and its own copy of the byte.
    let mut child = unsafe {
        child::start(|| {
            at_first.store(child::load(byte).into(), Ordering::Release);
            child::wait_for_parent(parent_has);
            heard.store(parent_has.load(Ordering::Acquire), Ordering::Relaxed);
            then.store(child::load(byte).into(), Ordering::Relaxed);
            map.store(0, b'c');
            in_the_end.store(child::load(byte).into(), Ordering::Release);
        })
    }?;
    child.wait_for(at_first)?;
    let before = InBoth::of(map.look(0..1), at_first);

    // SAFETY: as above.
    unsafe { map.store(0, b'p') };

    // SAFETY: as above.
    parent_has.store(unsafe { child::load(byte) }.into(), Ordering::Release);
    child.wait_for(in_the_end)?;
    Ok(Forked {
        before,
        after_the_parents_store: InBoth::of(noted(heard), then),
        after_the_childs_store: InBoth::of(map.look(0..1), in_the_end),
    })
}

/// A byte of private memory that a parent and its child both store into after the fork.
#[cfg(unix)]
#[derive(Debug)]
pub struct Forked {
    pub before: InBoth,
    /// What the parent found, and then told the child, and what the child found when it had heard
    /// it.
    pub after_the_parents_store: InBoth,
    pub after_the_childs_store: InBoth,
}

/// What two processes find at one address.
#[cfg(unix)]
#[derive(Debug)]
pub struct InBoth {
    pub parent: Text,
    pub child: Text,
}

#[cfg(unix)]
impl InBoth {
    fn of(parent: Text, child: &AtomicUsize) -> InBoth {
        let child = noted(child);
        InBoth { parent, child }
    }
}

#[cfg(unix)]
fn noted(byte: &AtomicUsize) -> Text {
    Text(vec![byte.load(Ordering::Acquire) as u8])
}

/// The stores of a process survive its death: it is killed without a flush, and they are in the
/// file.
///
/// > If my program crashes before it has flushed the map, its edits are lost.
///
/// From the moment of the store the edit is in a page of the system's cache, which is no part of
/// the process. SIGKILL leaves the child no chance to flush, unmap or close anything. What is lost
/// with a process is what waits in buffers of its own, as in a `BufWriter`.
///
/// A crash of the machine is another matter: that is what a flush is for.
///
/// Unspecified (POSIX, `mmap`, promises it for maps of the file, and leaves reads of the file to
/// the program's care; the Linux manual says "carried through to the underlying file", without
/// saying when); this is what Linux does.
#[doc = page!(processes::stores_survive_the_death_of_their_process)]
#[doc(alias = "SIGKILL")]
#[doc(alias = "crash")]
#[doc(alias = "msync")]
#[doc(alias = "durability")]
#[cfg(target_os = "linux")]
pub fn stores_survive_the_death_of_their_process() -> io::Result<Bereaved> {
    disk::expect_later_write_back()?;
    let attempt = || -> io::Result<Bereaved> {
        let sample = Sample::lorem()?;
        let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
        let notes = Notes::<2>::new()?;
        let [stored, looked] = &*notes;
        let file_before = sample.read(0..11)?;

        // SAFETY: the child stores one byte, to which no reference exists, waits, and kills itself.
        let mut child = unsafe {
            child::start(|| {
                map.store(0, b'_');
                stored.store(1, Ordering::Release);
                child::wait_for_parent(looked);
                libc::raise(libc::SIGKILL);
            })
        }?;
        child.wait_for_stores(stored)?;

        let resident_in_the_parent = kernel::resident(map.as_ptr(), 1)?;
        let (while_it_lived, was_alive) = (sample.sides(&map, 0..11)?, !child.has_ended()?);
        looked.store(1, Ordering::Release);
        Ok(Bereaved {
            file_before,
            resident_in_the_parent,
            while_it_lived,
            was_alive,
            child: child.wait()?,
            after_its_death: sample.sides(&map, 0..11)?,
            dirty_pages: kernel::mapping(map.as_ptr())?.map_or(0, |map| map.dirty_pages),
        })
    };
    attempts::first(attempt, |seen| seen.dirty_pages > 0)
}

/// A store by a child that was killed.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Bereaved {
    pub file_before: Text,
    /// `#` if the parent has the page after the store: it has not touched it so far.
    pub resident_in_the_parent: String,
    /// After the store.
    pub while_it_lived: Sides,
    /// Whether the child was still there after that look.
    pub was_alive: bool,
    pub child: Outcome,
    pub after_its_death: Sides,
    /// How many pages of the map were still to be written to the disk then; where something else
    /// wrote them meanwhile, the lesson was tried again.
    pub dirty_pages: usize,
}

/// Strangers meet by path: two processes that have nothing of the file but its name share its
/// memory.
///
/// > Only a parent and its children can share memory. Strangers need a pipe or a socket.
///
/// Each of the two children opens and maps the file for itself. When they start, there is no map of
/// the file that they could inherit, and no handle. They count into one number at the same time,
/// and nothing is lost. That takes one memory: reads and writes of the file would lose counts. (Here
/// both are forks of one program. That makes no difference: they have inherited nothing of the file.)
///
/// `shm_open` takes such a name, too, and gives a descriptor to map; on Linux the file is in
/// `/dev/shm`.
///
/// Promised by POSIX (`mmap`, MAP_SHARED).
#[doc = page!(processes::strangers_meet_by_path)]
#[doc(alias = "IPC")]
#[doc(alias = "shm_open")]
#[doc(alias = "/dev/shm")]
#[doc(alias = "tagname")]
#[cfg(unix)]
pub fn strangers_meet_by_path() -> io::Result<Met> {
    let sample = Sample::of(&[0; size_of::<usize>()])?;
    let path = sample.c_path()?;
    let side_by_side = SideBySide::new()?;
    let stranger = || {
        let Ok(file) = system::open(&path) else {
            return;
        };
        let Ok(map) = MmapRaw::map_raw(&file) else {
            return;
        };
        // SAFETY: the file has room for one number, and a map begins with a page, so it is aligned;
        // nothing but this atomic touches it.
        let number = unsafe { AtomicUsize::from_ptr(map.as_mut_ptr().cast()) };
        side_by_side.run(|| _ = number.fetch_add(1, Ordering::Relaxed));
    };
    sample.expect_held(0, &[])?;

    // SAFETY: the child makes plain system calls, and touches nothing but atomics.
    let first = unsafe { child::start(stranger) }?;
    // SAFETY: as above.
    let second = unsafe { child::start(stranger) }?;
    first.wait()?;
    second.wait()?;

    let counted = side_by_side.both()?.to_ne_bytes();
    Ok(Met {
        nothing_is_lost: sample.read(0..counted.len())?.0 == counted,
        their_parent_was_one_of_them: side_by_side.was_this_process(),
    })
}

/// Two processes that met in a file, and counted.
#[cfg(unix)]
#[derive(Debug)]
pub struct Met {
    /// Whether the number in the file is what both together have counted.
    pub nothing_is_lost: bool,
    pub their_parent_was_one_of_them: bool,
}

/// A range can be kept from children: for them nothing is mapped there.
///
/// > fork gives the child all the memory of its parent.
///
/// `Advice::DontFork` leaves a range out, in whole pages: for a secret that no child is to have, or
/// for memory that a device writes to, which a copy on write after the fork would move. The parent
/// still has it.
///
/// memmap2 0.9.12 does not check the end of `advise_range`: a range that is too long marks whatever
/// is mapped after the map.
///
/// Promised by Linux (`madvise`, MADV_DONTFORK and MADV_DOFORK).
#[doc = page!(processes::a_range_can_be_kept_from_children)]
#[doc(alias = "MADV_DONTFORK")]
#[doc(alias = "MADV_DOFORK")]
#[doc(alias = "madvise")]
#[doc(alias = "SIGSEGV")]
#[doc(alias = "fork")]
#[cfg(target_os = "linux")]
pub fn a_range_can_be_kept_from_children() -> io::Result<Inherited> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
    let pages = [0, page, 2 * page].map(|first| map.as_ptr().wrapping_add(first));
    let in_a_child = || -> io::Result<[Outcome; 3]> {
        let [first, second, third] = pages.map(child::touch);
        Ok([first?, second?, third?])
    };
    let by_default = in_a_child()?;

    map.advise_range(Advice::DontFork, page, page)
        .naming(&sample)?;

    let kept_from_children = in_a_child()?;
    // SAFETY: the child executes one instruction.
    let fault = unsafe { fault::of(map.as_ptr(), || child::read(pages[1])) }.ok();
    let in_the_parent = kernel::mapping(pages[1])?;
    let mark = |it: &Mapping| it.marks.iter().find(|mark| *mark == "dc").cloned();
    map.advise_range(Advice::DoFork, page, page)
        .naming(&sample)?;
    Ok(Inherited {
        by_default,
        kept_from_children,
        fault,
        mark: in_the_parent.as_ref().and_then(mark),
        in_the_parent: in_the_parent.map(|map| map.permissions),
        given_again: in_a_child()?,
    })
}

/// How children ended that touched the three pages of a map of their parent's.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Inherited {
    pub by_default: [Outcome; 3],
    /// After `Advice::DontFork` for the second page.
    pub kept_from_children: [Outcome; 3],
    /// What the signal said, if there was one.
    pub fault: Option<Fault>,
    /// What the parent could do with the second page then: `rw-s` is read, write, not execute,
    /// shared.
    pub in_the_parent: Option<String>,
    /// `dc`: the kernel has noted that children do not get it.
    pub mark: Option<String>,
    /// After `Advice::DoFork` for the second page.
    pub given_again: [Outcome; 3],
}

/// A lock on the file does not stop a store through a map.
///
/// > I have locked the file, so nobody else changes it while I work on it.
///
/// `flock` stops those who ask for a lock, and nobody else. A store asks for nothing; it is not
/// even a system call. So a lock is an agreement: it protects a map only if every program that
/// opens the file takes it, too.
///
/// std has locks of files since Rust 1.89 (`File::try_lock`); this crate compiles from 1.85 on, so
/// it calls `flock` itself.
///
/// On SMB mounts such a lock is mandatory since Linux 5.5: reads and writes of the file through other
/// handles fail (`flock`, CIFS details).
///
/// Promised by Linux (`flock`: advisory locks only).
#[doc = page!(processes::a_lock_on_the_file_does_not_stop_a_store)]
#[doc(alias = "flock")]
#[doc(alias = "locked file")]
#[doc(alias = "lock")]
#[doc(alias = "advisory lock")]
#[doc(alias = "File::try_lock")]
#[doc(alias = "EAGAIN")]
#[doc(alias = "EWOULDBLOCK")]
#[cfg(unix)]
pub fn a_lock_on_the_file_does_not_stop_a_store() -> io::Result<Locked> {
    let sample = Sample::lorem()?;
    let path = sample.c_path()?;
    let notes = Notes::<2>::new()?;
    let [locked, never] = &*notes;
    // SAFETY: the child makes plain system calls, and waits until it is killed when `owner` is
    // dropped.
    let mut owner = unsafe {
        child::start(|| {
            let Ok(file) = system::open(&path) else {
                return;
            };
            if system::flock(&file, libc::LOCK_EX).is_ok() {
                locked.store(1, Ordering::Release);
                child::wait_for_parent(never);
            }
        })
    }?;
    owner.wait_for(locked)?;
    let file = sample.read_write()?;
    let ask = || Answer::from(system::flock(&file, libc::LOCK_SH | libc::LOCK_NB));
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&file) }.naming(&sample)?;
    let (lock_before, before) = (ask(), sample.sides(&map, 0..11)?);

    map[..5].make_ascii_uppercase();

    sample.expect_stores_through(&["rw-s"])?;
    sample.expect_held(1, &["rw-s"])?;
    Ok(Locked {
        lock_before,
        before,
        after: sample.sides(&map, 0..11)?,
        lock_after: ask(),
    })
}

/// A store by one process into a file that another has locked.
#[cfg(unix)]
#[derive(Debug)]
pub struct Locked {
    /// What the lock was answered to the process that stores.
    pub lock_before: Answer,
    pub before: Sides,
    pub after: Sides,
    /// What it was answered when it asked again, after the store.
    pub lock_after: Answer,
}

/// Bytes that were written to a pipe stay; bytes that were spliced or sent from the file change
/// with the next store.
///
/// > What I have put into a pipe is under way, and whatever I store later comes too late for it.
///
/// `write` copies the bytes. `splice` and `sendfile` put the file's pages into the pipe, and a
/// store through a shared map goes to these pages, where the reader finds it. So leave the map
/// alone until the other end has read, or `write`. The lesson reads two of the four bytes before
/// the store, and two after it.
///
/// Unspecified (the Linux manual, `sendfile`, only asks the caller to leave the bytes alone until
/// the reader has them); this is what Linux does.
#[doc = page!(processes::spliced_bytes_change_with_the_next_store)]
#[doc(alias = "splice")]
#[doc(alias = "sendfile")]
#[doc(alias = "zero-copy")]
#[doc(alias = "pipe")]
#[cfg(target_os = "linux")]
pub fn spliced_bytes_change_with_the_next_store() -> io::Result<InPipes> {
    let sample = Sample::of(b"aaaa")?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    let [written, spliced, sent] = [system::pipe2()?, system::pipe2()?, system::pipe2()?];
    let cannot = [libc::EINVAL, libc::ENOSYS];
    // Opening the file may give it other pages (FUSE does), so nobody does so from here to the store.
    let before = sample.sides(&map, 0..4)?;
    // SAFETY: no reference to the bytes exists.
    unsafe { system::write(&written.1, map.as_ptr(), 4) }?;
    system::splice(&file, &spliced.1, 4).or_lacking("splice of a file", &cannot)?;
    system::sendfile(&sent.1, &file, 4).or_lacking("sendfile to a pipe", &cannot)?;
    let read_two_of_each = || -> io::Result<FromPipes> {
        Ok(FromPipes {
            written: two_bytes(&written.0)?,
            spliced: two_bytes(&spliced.0)?,
            sent: two_bytes(&sent.0)?,
        })
    };
    let read_before = read_two_of_each()?;

    for (at, byte) in b"NEW!".iter().enumerate() {
        // SAFETY: the byte is inside the map, and no reference to it exists.
        unsafe { map.store(at, *byte) };
    }

    // `write` into one pipe and `sendfile` into another: the kernel does not count `splice`.
    sample.expect_writes(2)?;
    sample.expect_maps(&["rw-s"])?;
    let read_after = read_two_of_each()?;
    Ok(InPipes {
        before,
        read_before,
        after: sample.sides(&map, 0..4)?,
        read_after,
    })
}

#[cfg(target_os = "linux")]
fn two_bytes(mut pipe: &File) -> io::Result<Text> {
    let mut bytes = [0; 2];
    pipe.read_exact(&mut bytes).map(|()| Text::from(&bytes[..]))
}

/// What was read from three pipes, half of it before and half of it after a store into the bytes that had been put into
/// them.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct InPipes {
    pub before: Sides,
    /// The first two bytes.
    pub read_before: FromPipes,
    pub after: Sides,
    /// The other two.
    pub read_after: FromPipes,
}

/// What was read from each pipe.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct FromPipes {
    /// From the one that the bytes were written to.
    pub written: Text,
    pub spliced: Text,
    pub sent: Text,
}

/// An address in one map of a file means nothing in another map, which has another place. An offset
/// from the start of the map leads to the same bytes in both.
///
/// > We share the memory, so a pointer that I leave in it leads the other process to the same
/// > bytes.
///
/// The child inherits the parent's map, at the same address: pointers into that are good in both. Here
/// it makes a map of its own, which cannot lie there, and leaves a pointer into that one. Where no
/// such map is in the way the address may be the same by chance, and the mistake waits for another
/// day.
///
/// So store offsets, and check them before you use them: others can write to the file. This holds
/// for everything that has a pointer inside, such as a `Vec`, a `String` or a reference. The
/// numbers of this lesson are `usize`, which is all right between a process and its child; a file
/// that others read needs numbers of a fixed size, such as `u64`.
///
/// Promised by POSIX (`mmap`: an address that the system chooses replaces no other mapping).
#[doc = page!(processes::an_address_in_a_shared_map_means_nothing_elsewhere)]
#[doc(alias = "pointer")]
#[doc(alias = "offset")]
#[doc(alias = "ASLR")]
#[doc(alias = "relocation")]
#[cfg(unix)]
pub fn an_address_in_a_shared_map_means_nothing_elsewhere() -> io::Result<LeftInTheMap> {
    let sample = Sample::of(b"................ipsum")?;
    let path = sample.c_path()?;
    let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
    let before = sample.sides(&map, 0..21)?;

    // SAFETY: the child makes plain system calls, and stores into a map of its own, to whose bytes
    // no reference exists but those to the two numbers, which are atomic. The file has room for both.
    unsafe {
        child::run(|| {
            let Ok(file) = system::open(&path) else {
                return;
            };
            let Ok(own) = MmapRaw::map_raw(&file) else {
                return;
            };
            let word = own.as_mut_ptr().add(16);
            child::write(word);
            let [address, offset] = numbers_in(&own);
            address.store(word.addr(), Ordering::Relaxed);
            offset.store(16, Ordering::Relaxed);
        })
    }?;

    // SAFETY: as above, and the child has stored them atomically.
    let numbers = unsafe { numbers_in(&map) };
    let [address, offset] = numbers.each_ref().map(|it| it.load(Ordering::Relaxed));
    let distance = address.wrapping_sub(map.as_ptr().addr());
    Ok(LeftInTheMap {
        before,
        is_the_offset_plus_whole_pages: address > offset && (address - offset) % page_size() == 0,
        address_is_inside_this_map: distance < map.len(),
        at_the_offset: sample.sides(&map, offset..offset.saturating_add(5))?,
    })
}

/// Two ways to a word that a child left in a map, as its parent finds them.
#[cfg(unix)]
#[derive(Debug)]
pub struct LeftInTheMap {
    /// Before the child stored `!`.
    pub before: Sides,
    /// Whether the address is that, as it is in every map that begins where the file does.
    pub is_the_offset_plus_whole_pages: bool,
    pub address_is_inside_this_map: bool,
    pub at_the_offset: Sides,
}

/// The two numbers at the start of a map.
///
/// # Safety
/// The map has room for them, and so has its file; whoever stores them does so atomically.
#[cfg(unix)]
unsafe fn numbers_in(map: &MmapRaw) -> &[AtomicUsize; 2] {
    // SAFETY: the caller vouches for it, and a map begins with a page, so they are aligned.
    unsafe { &*map.as_mut_ptr().cast() }
}

/// A lock on the file ends with its owner, even if that is killed; a flag in the map stays set.
///
/// > If a process dies while it holds my lock, the system releases what it held.
///
/// The kernel knows about `flock`: it closes the handles of a process that ends, and a lock ends with
/// the last of the handles that it belongs to. A flag that the process stored into a map, atomic
/// or not, is just a byte to the kernel. It stays set until somebody clears it, so a program needs
/// a way to tell that the owner is gone: a lock on the file beside the flag, or a robust mutex
/// (`pthread_mutexattr_setrobust`).
///
/// What the owner had begun to change under its lock is left as it was, half done.
///
/// Promised by Linux (`flock`: a lock is released when all its descriptors have been closed).
#[doc = page!(processes::a_lock_on_the_file_ends_with_its_owner_and_a_flag_stays)]
#[doc(alias = "flock")]
#[doc(alias = "mutex")]
#[doc(alias = "spinlock")]
#[doc(alias = "robust")]
#[doc(alias = "SIGKILL")]
#[cfg(unix)]
pub fn a_lock_on_the_file_ends_with_its_owner_and_a_flag_stays() -> io::Result<OwnerKilled> {
    let sample = Sample::of(b"0")?;
    let (path, file) = (sample.c_path()?, sample.read_write()?);
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    let notes = Notes::<2>::new()?;
    let [locked, never] = &*notes;
    // The child's handle is its own: a lock on an inherited one would be its parent's, too.
    // SAFETY: the child makes plain system calls, stores a byte to which no reference exists,
    // and waits until it is killed.
    let mut owner = unsafe {
        child::start(|| {
            let Ok(own) = system::open(&path) else { return };
            if system::flock(&own, libc::LOCK_EX).is_ok() {
                map.store(0, b'1');
                locked.store(1, Ordering::Release);
                child::wait_for_parent(never);
            }
        })
    }?;
    owner.wait_for_stores(locked)?;
    let ask = || Answer::from(system::flock(&file, libc::LOCK_SH | libc::LOCK_NB));
    let (lock_before, flag_before) = (ask(), sample.sides(&map, 0..1)?);

    let owner = owner.kill()?;

    Ok(OwnerKilled {
        lock_before,
        flag_before,
        owner,
        lock_after: ask(),
        flag_after: sample.sides(&map, 0..1)?,
    })
}

/// A lock and a flag whose owner was killed.
#[cfg(unix)]
#[derive(Debug)]
pub struct OwnerKilled {
    /// What another process was answered when it asked for the lock.
    pub lock_before: Answer,
    pub flag_before: Sides,
    pub owner: Outcome,
    pub lock_after: Answer,
    pub flag_after: Sides,
}

/// Threads fill disjoint parts of one map at the same time, without a lock.
///
/// > Only one thread at a time can write to a map, so the threads have to share it through a mutex.
///
/// `chunks_mut` cuts the map into slices that do not overlap, and each thread has one of them for
/// itself. Scoped threads may borrow the map: they end before it does. Where the slices are of
/// unequal length `split_at_mut` cuts them. Threads that need the same bytes take atomics.
///
/// This is about the threads of this program; that nobody else writes to the file is what the
/// `unsafe` of the map vouches for.
///
/// Promised by Rust (`slice::chunks_mut`, `thread::scope`).
#[doc = page!(processes::threads_fill_parts_of_one_map_without_a_lock)]
#[doc(alias = "chunks_mut")]
#[doc(alias = "thread::scope")]
#[doc(alias = "rayon")]
#[doc(alias = "Mutex")]
#[doc(alias = "parallel")]
#[doc(alias = "concurrency")]
pub fn threads_fill_parts_of_one_map_without_a_lock() -> io::Result<Filled> {
    let sample = Sample::of(b"............")?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&sample.read_write()?) }.naming(&sample)?;
    let before = sample.sides(&map, 0..12)?;
    let arrived = &AtomicUsize::new(0);

    let halfway = thread::scope(|scope| -> io::Result<Vec<Halfway>> {
        let mut threads = Vec::new();
        for (part, letter) in map.chunks_mut(4).zip(*b"abc") {
            sample.expect_in_maps(part, &["rw-s"])?;
            let fill = move || {
                part[..2].fill(letter);
                let halfway = Halfway {
                    parts_held_at_once: all_arrived(3, arrived),
                    part: Text::from(&*part),
                };
                part[2..].fill(letter);
                halfway
            };
            threads.push(Builder::new().spawn_scoped(scope, fill)?);
        }
        let threads = threads.into_iter();
        threads.map(|it| panics::joined(it.join())).collect()
    })?;

    Ok(Filled {
        before,
        halfway,
        after: sample.sides(&map, 0..12)?,
    })
}

/// A map that three threads have filled.
#[derive(Debug)]
pub struct Filled {
    pub before: Sides,
    /// As each thread found it, half of its part being filled.
    pub halfway: Vec<Halfway>,
    pub after: Sides,
}

/// What a thread found when it had filled half of its part.
#[derive(Debug)]
pub struct Halfway {
    /// How many threads had a part in hand at that moment.
    pub parts_held_at_once: usize,
    pub part: Text,
}

/// Waits until so many threads have arrived, but not for ever; how many have.
fn all_arrived(all: usize, arrived: &AtomicUsize) -> usize {
    let started = Instant::now();
    let mut now = arrived.fetch_add(1, Ordering::AcqRel) + 1;
    while now < all && started.elapsed().as_secs() < 5 {
        thread::yield_now();
        now = arrived.load(Ordering::Acquire);
    }
    now
}
