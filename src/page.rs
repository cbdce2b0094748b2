//! What is in memory at all: pages come when they are touched, and go when they are told to.

use std::io;
use std::os::fd::AsRawFd;
#[cfg(target_pointer_width = "64")]
use std::os::unix::fs::FileExt;

use memmap2::{Advice, MmapMut, MmapOptions, MmapRaw, UncheckedAdvice};

use crate::book::chapter;
use crate::child;
use crate::kernel::{self, page_size};
use crate::observation::{Answer, Place, Seen, Sides, Text};
use crate::raw;
use crate::sample::{At, Sample};

chapter! {
    page;
    nothing_is_resident_until_touched: Unspecified,
    reading_untouched_memory_costs_no_page: Linux,
    populate_takes_the_faults_up_front: Linux,
    a_hint_never_changes_a_byte: Linux,
    dropped_anonymous_pages_come_back_as_zeros: Linux,
    dropped_pages_of_a_shared_map_lose_nothing: Linux,
    a_hole_punched_through_a_map_reads_as_zeros: Linux,
    locked_pages_are_resident_and_locks_do_not_stack: Linux,
    #[cfg(target_pointer_width = "64")]
    a_tebibyte_is_mapped_whole: Unspecified,
}

/// Eight pages of memory, small pages as far as the system has others: one touch may not bring more than one page.
fn eight_pages() -> io::Result<MmapMut> {
    let map = MmapMut::map_anon(8 * page_size())?;
    // Where there are no huge pages there is no such advice either, and nothing to forbid.
    _ = map.advise(Advice::NoHugePage);
    Ok(map)
}

/// Which of eight pages are resident: `#` where one is.
#[derive(Debug)]
pub struct Residency {
    /// Before any was touched.
    pub untouched: String,
    /// After a store into the third.
    pub after_one_store: String,
    /// After another store into the same page.
    pub after_another_in_the_same_page: String,
    /// After a store into the sixth.
    pub after_one_in_another_page: String,
    /// The first bytes of the third page then.
    pub third_page: Text,
}

/// Nothing is resident until it is touched; each first touch brings one page.
///
/// It is tempting to think that a map of a gigabyte takes a gigabyte of memory, or the time to read one. The kernel
/// notes the range and does nothing. A page comes when it is touched for the first time, by a fault that the program
/// does not see.
///
/// This is anonymous memory in small pages, to which the lesson keeps; where huge pages are given to all, a touch
/// brings one of those. Of a file, one touch may bring neighbours that are in the cache already, how many varies; so
/// nothing about that is claimed here.
///
/// Promised by nobody (the kernel's documentation, admin-guide/mm/concepts, says "usually"); this is what Linux does,
/// seen in `proc_pid_pagemap`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/page/nothing_is_resident_until_touched.snap"))]
/// ```
pub fn nothing_is_resident_until_touched() -> io::Result<Residency> {
    let page = page_size();
    let mut map = eight_pages()?;
    let untouched = kernel::resident(map.as_ptr(), 8)?;

    map[2 * page] = b'1';
    let after_one_store = kernel::resident(map.as_ptr(), 8)?;

    map[2 * page + 1] = b'2';
    let after_another_in_the_same_page = kernel::resident(map.as_ptr(), 8)?;

    map[5 * page] = b'3';
    let after_one_in_another_page = kernel::resident(map.as_ptr(), 8)?;
    let third_page = map[2 * page..2 * page + 3].into();
    Ok(Residency { untouched, after_one_store, after_another_in_the_same_page, after_one_in_another_page, third_page })
}

/// Eight pages of anonymous memory that were read, and then stored to once.
#[derive(Debug)]
pub struct OnlyRead {
    /// How many bytes were not zero.
    pub not_zero: usize,
    /// Which pages are there to be read, after every byte was read.
    pub readable_after_reading: String,
    /// Which of them are this process's own.
    pub own_after_reading: String,
    /// Which are its own after a store into the first.
    pub own_after_a_store: String,
}

/// Reading untouched anonymous memory costs no page; the first store into one does.
///
/// It is tempting to think that a touch is a touch. What is only read is known to be zeros, so every such page is one
/// and the same page of zeros, which the whole system shares. The first store needs a page of its own.
///
/// So memory that was reserved and read may still run out when it is written.
///
/// Promised by Linux (admin-guide/mm/concepts, Anonymous Memory: reads refer to a special page filled with zeros); seen
/// in `proc_pid_pagemap`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/page/reading_untouched_memory_costs_no_page.snap"))]
/// ```
pub fn reading_untouched_memory_costs_no_page() -> io::Result<OnlyRead> {
    let mut map = eight_pages()?;
    // A child that another thread forks meanwhile would share the pages, and none would be this process's own.
    map.advise(Advice::DontFork)?;

    let not_zero = map.iter().filter(|&&byte| byte != 0).count();

    let readable_after_reading = kernel::resident(map.as_ptr(), 8)?;
    let own_after_reading = kernel::exclusive(map.as_ptr(), 8)?;
    map[0] = 1;
    let own_after_a_store = kernel::exclusive(map.as_ptr(), 8)?;
    Ok(OnlyRead { not_zero, readable_after_reading, own_after_reading, own_after_a_store })
}

/// Stores into each of eight pages, with the faults that they took.
#[derive(Debug)]
pub struct Populated {
    /// Which pages of a plain map are resident before the stores.
    pub plain_resident: String,
    /// Which pages of a populated map are.
    pub populated_resident: String,
    /// Whether the stores into the plain map took at least a fault a page.
    pub plain_faults_on_every_page: bool,
    /// How many faults the same stores took a second time.
    pub faults_the_second_time: u32,
    /// How many faults they took in the populated map, the first time.
    pub populated_faults: u32,
}

/// Populating takes the faults up front: each page faults once, and a populated one not at all.
///
/// It is tempting to think that every access of a map has its price, or that populating makes all of it quicker. The
/// price is one fault at the first touch of a page. `populate` has the kernel bring all pages when the map is made;
/// that costs as much at once, and nothing later, for whom a pause in the middle would be worse.
///
/// Faults are counted for a process as a whole, and what else a process does faults too: the number of the first stores
/// varies a little, and is therefore shown as "at least one a page". The stores are made in a child with nothing else
/// to do. Of a file whose pages are in the cache one fault may bring many pages.
///
/// Promised by Linux (`mmap`, MAP_POPULATE, which promises the attempt: where memory is short, pages may be missing;
/// `getrusage`, ru_minflt).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/page/populate_takes_the_faults_up_front.snap"))]
/// ```
pub fn populate_takes_the_faults_up_front() -> io::Result<Populated> {
    let page = page_size();
    let plain = eight_pages()?;
    let populated = MmapOptions::new().len(8 * page).populate().map_anon()?;
    let plain_resident = kernel::resident(plain.as_ptr(), 8)?;
    let populated_resident = kernel::resident(populated.as_ptr(), 8)?;
    let notebook = Sample::of(&[0xff; 12])?;
    let shared = MmapRaw::map_raw(&notebook.read_write()?).at(&notebook)?;
    let notes: *mut u32 = shared.as_mut_ptr().cast();

    // SAFETY: the child maps memory of its own, stores into it and into the notes, and ends. It allocates nothing.
    unsafe {
        child::run(|| {
            let options = MmapOptions::new().len(8 * page).clone();
            let maps = (options.map_anon(), options.map_anon(), options.clone().populate().map_anon());
            let (Ok(warm_up), Ok(plain), Ok(populated)) = maps else { return };
            let [warm_up, plain, populated] = [warm_up, plain, populated].map(MmapRaw::from);
            for map in [&warm_up, &plain] {
                _ = map.advise(Advice::NoHugePage);
            }
            let store = |map: &MmapRaw| {
                let before = faults();
                for first in (0..8 * page).step_by(page) {
                    map.as_mut_ptr().add(first).write_volatile(1);
                }
                faults() - before
            };
            // The same steps first without counting: they fault in what of the child itself was not touched since the
            // fork.
            for _ in 0..3 {
                store(&warm_up);
            }
            notes.write_volatile(store(&plain));
            notes.add(1).write_volatile(store(&plain));
            notes.add(2).write_volatile(store(&populated));
        })
    }?;

    // SAFETY: aligned, inside the shared map, and the child is gone.
    let [first, second, third] = [0, 1, 2].map(|at| unsafe { notes.add(at).read_volatile() });
    Ok(Populated {
        plain_resident,
        populated_resident,
        plain_faults_on_every_page: (8..u32::MAX).contains(&first),
        faults_the_second_time: second,
        populated_faults: third,
    })
}

/// How many faults this process took that needed no disk.
fn faults() -> u32 {
    // SAFETY: the kernel fills in a local of plain numbers.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage.ru_minflt as u32
    }
}

/// Every safe advice of memmap2, given to a private map with an edit in it, which nothing else holds.
#[derive(Debug)]
pub struct Hints {
    /// Which were tried. (Those that a kernel does not know it refuses, with no other effect.)
    pub tried: Vec<Advice>,
    /// What the first eight of them were answered, which every Linux knows.
    pub first_eight_answers: Vec<Answer>,
    /// How many bytes of the map are not as they were.
    pub changed_bytes: usize,
    /// The place of the edit, after all hints.
    pub after_the_hints: Sides,
    /// The same after what is no hint: `UncheckedAdvice::DontNeed`.
    pub after_dont_need: Sides,
}

/// A hint never changes a byte, whatever it says about how the map will be used.
///
/// It is tempting to take advice for an order, and to be afraid of `DontNeed`, or to hope for more than a hint can do.
/// The advice that memmap2 takes as safe tells the kernel what to expect; it may read ahead, merge, keep out of core
/// dumps, or do nothing. What does change bytes is in another type, [`UncheckedAdvice`], and is `unsafe` to give: here
/// it ends the lesson, and the edit with it.
///
/// One is left out here: `HwPoison`, which memmap2 0.9.12 has among the safe ones. It destroys pages.
///
/// Promised by Linux (`madvise`); for Normal, Random, Sequential and WillNeed by POSIX (`posix_madvise`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/page/a_hint_never_changes_a_byte.snap"))]
/// ```
pub fn a_hint_never_changes_a_byte() -> io::Result<Hints> {
    const TRIED: [Advice; 14] = [
        Advice::Normal,
        Advice::Random,
        Advice::Sequential,
        Advice::WillNeed,
        Advice::DontFork,
        Advice::DoFork,
        Advice::DontDump,
        Advice::DoDump,
        Advice::Mergeable,
        Advice::Unmergeable,
        Advice::HugePage,
        Advice::NoHugePage,
        Advice::PopulateRead,
        Advice::PopulateWrite,
    ];
    let sample = Sample::of_pages("ab")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_copy(&sample.read_only()?) }.at(&sample)?;
    map[..5].copy_from_slice(b"Lorem");
    let map = MmapRaw::from(map);
    let look = || raw::sides(&map, &sample, 0..8);
    let before = raw::look(&map, 0..map.len());

    let answers = TRIED.map(|advice| Answer::from(map.advise(advice)));

    let after = raw::look(&map, 0..map.len());
    let after_the_hints = look()?;
    // SAFETY: no reference to the bytes exists that could be surprised by their change.
    unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) }.at(&sample)?;
    Ok(Hints {
        tried: TRIED.into(),
        first_eight_answers: answers.into_iter().take(8).collect(),
        changed_bytes: before.0.iter().zip(&after.0).filter(|(before, after)| before != after).count(),
        after_the_hints,
        after_dont_need: look()?,
    })
}

/// Three pages of anonymous memory.
#[derive(Debug)]
pub struct Dropped {
    /// The first byte of each before one of them was dropped.
    pub before: [Text; 3],
    /// Which are resident then.
    pub resident_before: String,
    /// Which are after one byte in the middle one was named.
    pub resident_after: String,
    /// The first byte of each then.
    pub after: [Text; 3],
}

/// Dropped anonymous pages come back as zeros, at once and whole, even if only one byte of them was named.
///
/// It is tempting to read "don't need" as "may swap out": the bytes would come back when they are wanted. On Linux they
/// are gone with the call, and the memory with them; there is no file behind the map that they could come from. The
/// range is widened to whole pages.
///
/// On other Unixes the bytes may stay. memmap2 makes it `unsafe`, because bytes change under whoever holds a slice; so
/// this lesson holds none.
///
/// Promised by Linux (`madvise`, MADV_DONTNEED).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/page/dropped_anonymous_pages_come_back_as_zeros.snap"))]
/// ```
pub fn dropped_anonymous_pages_come_back_as_zeros() -> io::Result<Dropped> {
    let page = page_size();
    let mut map = MmapMut::map_anon(3 * page)?;
    _ = map.advise(Advice::NoHugePage);
    map.fill(b'x');
    let map = MmapRaw::from(map);
    let first_bytes = || [0, page, 2 * page].map(|first| raw::look(&map, first..first + 1));
    let (before, resident_before) = (first_bytes(), kernel::resident(map.as_ptr(), 3)?);

    // SAFETY: no reference to the bytes exists that could be surprised by their change.
    unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, page, 1) }?;

    let resident_after = kernel::resident(map.as_ptr(), 3)?;
    Ok(Dropped { before, resident_before, resident_after, after: first_bytes() })
}

/// A shared map of two pages whose pages were dropped after an edit.
#[derive(Debug)]
pub struct DroppedShared {
    /// Both sides before the edit.
    pub before: Sides,
    /// Which pages are resident after it.
    pub resident_after_edit: String,
    /// Which are after they were dropped.
    pub resident_after_dropping: String,
    /// Both sides then.
    pub after_dropping: Sides,
}

/// Dropped pages of a shared map lose nothing: the edit is in the file.
///
/// It is tempting to fear for the edit, having seen what becomes of anonymous memory. The same call takes the pages
/// from this process, and they are the file's: the next touch finds them in the system's cache, edit and all, flushed
/// or not.
///
/// In a private map the edit is lost: see [`copy`](crate::copy::dropped_pages_forget_their_edits).
///
/// Promised by Linux (`madvise`, MADV_DONTNEED: subsequent accesses see the up-to-date contents of the file).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/page/dropped_pages_of_a_shared_map_lose_nothing.snap"))]
/// ```
pub fn dropped_pages_of_a_shared_map_lose_nothing() -> io::Result<DroppedShared> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    let map = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    let look = || raw::sides(&map, &sample, page - 3..page + 3);
    let before = look()?;
    for at in [page - 1, page] {
        // SAFETY: the byte is inside the map, and no reference to it exists.
        unsafe { map.as_mut_ptr().add(at).write_volatile(b'!') };
    }
    let resident_after_edit = kernel::resident(map.as_ptr(), 2)?;

    // SAFETY: no reference to the bytes exists that could be surprised by their change.
    unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) }.at(&sample)?;

    let resident_after_dropping = kernel::resident(map.as_ptr(), 2)?;
    Ok(DroppedShared { before, resident_after_edit, resident_after_dropping, after_dropping: look()? })
}

/// A file of three pages, and a map of it through which the second was punched out.
#[derive(Debug)]
pub struct Punched {
    /// The bytes around the start of the second page, before.
    pub start_before: Sides,
    /// Those around its end.
    pub end_before: Sides,
    /// The bytes around its start, after.
    pub start_after: Sides,
    /// Those around its end.
    pub end_after: Sides,
    /// How long the file is after.
    pub file_length: Place,
    /// Where the file's first hole begins, before; its end counts as one.
    pub first_hole_before: Place,
    /// Where it begins after.
    pub first_hole_after: Place,
}

/// A hole punched through a map reads as zeros, in the map and in the file, which stays as long as it was.
///
/// It is tempting to store zeros to be rid of data, or to think that a map can only ever fill a file. MADV_REMOVE gives
/// the pages back in the file itself: the file system notes a hole, and needs no room for it. (On tmpfs, merely reading
/// the hole through a map puts a page of zeros there again.)
///
/// It asks for a file that is open for writing, and on Linux does so even through a read-only map of one.
///
/// Promised by Linux (`madvise`, MADV_REMOVE), where the file system can do it.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/page/a_hole_punched_through_a_map_reads_as_zeros.snap"))]
/// ```
pub fn a_hole_punched_through_a_map_reads_as_zeros() -> io::Result<Seen<Punched>> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).at(&sample)?;
    let look = |at: usize| raw::sides(&map, &sample, at - 3..at + 3);
    // SAFETY: the descriptor is open during the call; no memory of ours is involved.
    let first_hole = || match unsafe { libc::lseek(file.as_raw_fd(), 0, libc::SEEK_HOLE) } {
        -1 => Err(io::Error::last_os_error()),
        at => Ok(Place::from(at as usize)),
    };
    let (start_before, end_before, first_hole_before) = (look(page)?, look(2 * page)?, first_hole().at(&sample)?);

    // SAFETY: no reference to the bytes exists that could be surprised by their change.
    let punched = unsafe { map.unchecked_advise_range(UncheckedAdvice::Remove, page, page) };

    match punched {
        Err(error) if error.raw_os_error() == Some(libc::EOPNOTSUPP) => {
            return Ok(Seen::lacking("a file system that punches holes", &error));
        }
        punched => punched.at(&sample)?,
    }
    // In this order: on tmpfs a look through the map fills the hole again, and there has to be room for that.
    let first_hole_after = first_hole().at(&sample)?;
    sample.set_len(3 * page)?;
    let (start_after, end_after) = (look(page)?, look(2 * page)?);
    if first_hole_after == first_hole_before && start_after != start_before {
        let error = io::Error::other("there are zeros, and no hole");
        return Ok(Seen::lacking("a file system with holes as small as a page", &error));
    }
    let file_length = Place::from(sample.length()? as usize);
    Ok(Seen::Here(Punched {
        start_before,
        end_before,
        start_after,
        end_after,
        file_length,
        first_hole_before,
        first_hole_after,
    }))
}

/// A map of three pages that was locked twice and unlocked twice.
#[derive(Debug)]
pub struct LockedPages {
    /// Which pages are resident before.
    pub resident_before: String,
    /// Which are after the map was locked.
    pub resident_locked: String,
    /// How many pages are locked then.
    pub locked_once: usize,
    /// What it is answered to lock it again.
    pub lock_again: Answer,
    /// How many are locked after that.
    pub locked_twice: usize,
    /// How many are after it was unlocked once.
    pub unlocked_once: usize,
    /// What it is answered to unlock it again.
    pub unlock_again: Answer,
    /// How many pages two bytes lock that lie in two pages.
    pub for_two_bytes_of_two_pages: usize,
}

/// Locked pages are resident, are counted whole, and locks do not stack.
///
/// It is tempting to count locks: locked twice, so unlocked twice. A page is locked or it is not; the first unlock
/// undoes all locks, and one more does no harm. Locking touches every page of the map, and a byte locks the page that
/// it is in.
///
/// How much a process may lock is limited unless it is privileged (RLIMIT_MEMLOCK), to 64 KiB or 8 MiB by default;
/// beyond that `lock` is refused.
///
/// Promised by Linux (`mlock`); that locks do not stack by POSIX too. Seen in `proc_pid_smaps`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/page/locked_pages_are_resident_and_locks_do_not_stack.snap"))]
/// ```
pub fn locked_pages_are_resident_and_locks_do_not_stack() -> io::Result<Seen<LockedPages>> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).at(&sample)?;
    let two_bytes = MmapOptions::new().offset(page as u64 - 1).len(2).map_raw(&file).at(&sample)?;
    let locked = |map: &MmapRaw| -> io::Result<usize> {
        let mapping = kernel::mapping(map.as_ptr())?;
        Ok(mapping.filter(|mapping| mapping.marks.iter().any(|mark| mark == "lo")).map_or(0, |mapping| mapping.pages))
    };
    let resident_before = kernel::resident(map.as_ptr(), 3)?;

    if let Err(error) = map.lock().and_then(|()| two_bytes.lock()) {
        return Ok(Seen::lacking("the right to lock five pages", &error));
    }

    let (resident_locked, locked_once) = (kernel::resident(map.as_ptr(), 3)?, locked(&map)?);
    let lock_again = Answer::from(map.lock());
    let locked_twice = locked(&map)?;
    map.unlock().at(&sample)?;
    let unlocked_once = locked(&map)?;
    Ok(Seen::Here(LockedPages {
        resident_before,
        resident_locked,
        locked_once,
        lock_again,
        locked_twice,
        unlocked_once,
        unlock_again: map.unlock().into(),
        for_two_bytes_of_two_pages: locked(&two_bytes)?,
    }))
}

/// A file of one tebibyte with a byte at each end, mapped whole.
#[cfg(target_pointer_width = "64")]
#[derive(Debug)]
pub struct Tebibyte {
    /// How many bytes the map has.
    pub map_bytes: usize,
    /// Its first byte.
    pub first: Text,
    /// Its last byte.
    pub last: Text,
    /// Whether the first page is resident after both were read.
    pub first_page_resident: String,
    /// Whether the last page is.
    pub last_page_resident: String,
    /// Whether those in the middle are, the eight that begin half way.
    pub middle_pages_resident: String,
    /// Whether less than a thousandth of its bytes is resident.
    pub less_than_a_thousandth: bool,
}

/// A tebibyte is mapped whole: the limit is the address space, not the memory.
///
/// It is tempting to map a large file piece by piece for fear of its size. A mapping costs next to nothing until it is
/// touched; both ends of this one are read, and no more than what lies around them is in memory. 47 bits of addresses
/// are 128 of these.
///
/// The file is sparse: it takes no room but for its two ends. How many pages come with each touch varies. On a 32-bit
/// system such a map cannot be; there, pieces are the way.
///
/// Promised by nobody (the manual names no limit to a map but ENOMEM); this is what Linux does, where the file system
/// allows such a file.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/page/a_tebibyte_is_mapped_whole.snap"))]
/// ```
#[cfg(target_pointer_width = "64")]
pub fn a_tebibyte_is_mapped_whole() -> io::Result<Seen<Tebibyte>> {
    const LENGTH: usize = 1 << 40;
    let page = page_size();
    let sample = Sample::of(b"first")?;
    let file = sample.read_write()?;
    // Beyond this limit a write is answered by a signal that ends the process.
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel fills in a local of plain numbers.
    unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) };
    if limit.rlim_cur < LENGTH as libc::rlim_t {
        return Ok(Seen::lacking("the right to make a file of 1 TiB", &io::ErrorKind::PermissionDenied.into()));
    }
    if let Err(error) = file.write_all_at(b"t", LENGTH as u64 - 1) {
        return Ok(Seen::lacking("a file system with room for a sparse file of 1 TiB", &error));
    }
    let map = match MmapOptions::new().map_raw_read_only(&file) {
        Ok(map) => map,
        Err(error) => return Ok(Seen::lacking("1 TiB of addresses", &error)),
    };

    let (first, last) = (raw::look(&map, 0..1), raw::look(&map, LENGTH - 1..LENGTH));

    let resident = |first: usize, pages: usize| kernel::resident(map.as_ptr().wrapping_add(first), pages);
    let resident_pages = kernel::mapping(map.as_ptr())?.map_or(0, |mapping| mapping.resident_pages);
    Ok(Seen::Here(Tebibyte {
        map_bytes: map.len(),
        first,
        last,
        first_page_resident: resident(0, 1)?,
        last_page_resident: resident(LENGTH - page, 1)?,
        middle_pages_resident: resident(LENGTH / 2, 8)?,
        less_than_a_thousandth: (1..LENGTH / 1000 / page).contains(&resident_pages),
    }))
}
