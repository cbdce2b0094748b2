//! What is in memory, and when.
//!
//! When do the pages of a map come into memory, and when do they go?
//!
//! 1. [`nothing_is_resident_until_touched`]
//! 2. [`reading_untouched_memory_costs_no_page`]
//! 3. [`populate_takes_the_faults_up_front`]
//! 4. [`a_fault_stops_its_thread_until_the_page_is_there`]
//! 5. [`a_hint_never_changes_a_byte`]
//! 6. [`dropped_anonymous_pages_come_back_as_zeros`]
//! 7. [`dropped_pages_of_a_shared_map_lose_nothing`]
//! 8. [`a_hole_punched_through_a_map_reads_as_zeros`]
//! 9. [`locked_pages_are_resident_and_locks_do_not_stack`]
//! 10. [`a_tebibyte_is_mapped_whole`]
//! 11. [`private_memory_is_counted_and_shared_maps_of_files_are_not`]
//! 12. [`pages_of_a_file_are_not_the_programs_own`]
//! 13. [`a_cached_page_need_not_be_in_the_map`]
//! 14. [`a_file_is_not_mapped_with_huge_pages`]

use std::fmt;
use std::io;
use std::ops::Range;
#[cfg(target_pointer_width = "64")]
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;
use std::thread::{self, Builder};

use memmap2::{Advice, MmapMut, MmapOptions, MmapRaw, UncheckedAdvice};

use crate::lab::attempts;
use crate::lab::child;
use crate::lab::errors::Naming;
#[cfg(target_pointer_width = "64")]
use crate::lab::errors::OrLacking;
use crate::lab::kernel::{self, Held};
use crate::lab::late::LatePages;
use crate::lab::look::{Look, Store};
use crate::lab::needs;
use crate::lab::observation::{Answer, Sides, Text};
use crate::lab::panics;
use crate::lab::place::{Place, page_size};
use crate::lab::sample::Sample;
use crate::lab::system;

/// Anonymous memory is not resident until it is touched; the first store into a page brings that
/// page.
///
/// > A map of a gigabyte takes a gigabyte of memory.
///
/// The kernel notes the range and brings nothing. A page comes when it is touched for the first time,
/// by a fault that the program does not see. (`populate` and `lock` bring all pages at once.)
///
/// The lesson uses anonymous memory and forbids huge pages: with them, one touch brings a page of 2
/// MiB, say. In a map of a file, one touch may also bring neighbouring pages that are cached already;
/// how many varies.
///
/// Unspecified (the kernel's documentation, admin-guide/mm/concepts, says "usually"); this is what
/// Linux does, seen in `proc_pid_pagemap`.
#[doc = page!(paging::nothing_is_resident_until_touched)]
#[doc(alias = "page fault")]
#[doc(alias = "lazy")]
#[doc(alias = "RSS")]
#[doc(alias = "pagemap")]
pub fn nothing_is_resident_until_touched() -> io::Result<Residency> {
    let page = page_size();
    let mut map = MmapMut::map_anon(8 * page)?;
    // Where there are no huge pages there is no such advice either, and nothing to forbid.
    _ = map.advise(Advice::NoHugePage);
    let untouched = kernel::resident(map.as_ptr(), 8)?;
    let look = |map: &MmapMut| -> io::Result<Touched> {
        Ok(Touched {
            resident: kernel::resident(map.as_ptr(), 8)?,
            third_page: map.look(2 * page..2 * page + 3),
        })
    };

    map[2 * page] = b'1';
    let after_one_store = look(&map)?;

    map[2 * page + 1] = b'2';
    let after_another_in_the_same_page = look(&map)?;

    map[5 * page] = b'3';
    let after_one_in_another_page = look(&map)?;

    let mapping = kernel::mapping(map.as_ptr())?;
    Ok(Residency {
        of_a_file: mapping.map(|it| it.of_a_file),
        untouched,
        after_one_store,
        after_another_in_the_same_page,
        after_one_in_another_page,
        sixth_page: map.look(5 * page..5 * page + 3),
    })
}

/// Which of eight pages are resident: `#` where one is.
#[derive(Debug)]
pub struct Residency {
    /// Whether they are a file's.
    pub of_a_file: Option<bool>,
    pub untouched: String,
    /// After a store into the third page.
    pub after_one_store: Touched,
    pub after_another_in_the_same_page: Touched,
    /// After a store into the sixth page.
    pub after_one_in_another_page: Touched,
    pub sixth_page: Text,
}

/// Which pages are resident, and how the one that was touched first begins.
#[derive(Debug)]
pub struct Touched {
    pub resident: String,
    pub third_page: Text,
}

/// Reading untouched private anonymous memory costs no page; the first store into one does.
///
/// > A touch is a touch: a page that I have read takes as much memory as one that I have stored to.
///
/// An untouched page can only be zeros, so the kernel lends every reader the same page of zeros. That
/// one is in the map, so that the lesson sees it as resident; it is not counted as the program's
/// memory. The first store needs a page of its own.
///
/// (A store into memory that could be read for hours can still find that no memory is left. Shared
/// anonymous memory is kept like a file: there a look takes a page, too.)
///
/// Promised by Linux (admin-guide/mm/concepts, Anonymous Memory: a read makes an entry for a special
/// page filled with zeros); seen in `proc_pid_pagemap`.
#[doc = page!(paging::reading_untouched_memory_costs_no_page)]
#[doc(alias = "zero page")]
#[doc(alias = "calloc")]
pub fn reading_untouched_memory_costs_no_page() -> io::Result<OnlyRead> {
    let mut map = MmapMut::map_anon(8 * page_size())?;
    // Where there are no huge pages there is no such advice either, and nothing to forbid.
    _ = map.advise(Advice::NoHugePage);
    // A child that another thread forks would share the pages, and none would be this process's own.
    map.advise(Advice::DontFork)?;
    let resident_before = kernel::resident(map.as_ptr(), 8)?;

    let read = map.look(0..8 * page_size()).0;

    let resident_after_reading = kernel::resident(map.as_ptr(), 8)?;
    let own_after_reading = kernel::exclusive(map.as_ptr(), 8)?;
    map[0] = b'1';
    Ok(OnlyRead {
        resident_before,
        zeros_read: Place::from(read.iter().filter(|&&byte| byte == 0).count()),
        resident_after_reading,
        own_after_reading,
        own_after_a_store: kernel::exclusive(map.as_ptr(), 8)?,
        first_page: map.look(0..3),
    })
}

/// Eight pages of anonymous memory that were read, and then stored to once.
#[derive(Debug)]
pub struct OnlyRead {
    pub resident_before: String,
    pub zeros_read: Place,
    pub resident_after_reading: String,
    /// Which pages this process then has to itself.
    pub own_after_reading: String,
    /// Which it has to itself after a store into the first.
    pub own_after_a_store: String,
    /// The first bytes of the first page then.
    pub first_page: Text,
}

/// Populating takes the faults of anonymous memory up front: each page faults once, and a populated one
/// not at all.
///
/// > Every access of a map costs a fault. Or else: populating makes the whole thing cheaper.
///
/// What costs is the first touch of a page. With `populate` the kernel brings every page when the map
/// is made. That does not make it cheap: about the same price is paid at once. It is for programs that
/// cannot afford a pause later.
///
/// Faults are counted in a child that does nothing else. The first stores may take a few more than
/// one a page, so what is shown is "at least one".
///
/// A map of a file is another matter. One fault may bring many pages that are cached. In a shared map
/// of a file on a disk the first store into a populated page faults all the same, and again after each
/// write-back: that is how the kernel learns that the page is dirty.
///
/// Promised by Linux (`mmap`, MAP_POPULATE, which promises the attempt: where memory is short, pages
/// may be missing; `getrusage`, ru_minflt).
#[doc = page!(paging::populate_takes_the_faults_up_front)]
#[doc(alias = "MAP_POPULATE")]
#[doc(alias = "prefault")]
#[doc(alias = "page fault")]
pub fn populate_takes_the_faults_up_front() -> io::Result<Populated> {
    let page = page_size();
    let store = |map: &MmapRaw, byte: u8| {
        for first in (0..8 * page).step_by(page) {
            // SAFETY: the byte is inside the map, and no reference to it exists.
            unsafe { map.store(first, byte) };
        }
    };

    let plain = || MmapOptions::new().len(8 * page).map_anon();
    let populated = || MmapOptions::new().len(8 * page).populate().map_anon();

    // SAFETY: the child maps memory of its own, stores into it and counts. It allocates nothing.
    let [first, second, when_populated, in_plain, in_populated] = unsafe {
        child::numbers(|| {
            let (plain, populated) = (MmapRaw::from(plain()?), MmapRaw::from(populated()?));
            // Where there are no huge pages there is no such advice either, and nothing to forbid.
            _ = plain.advise(Advice::NoHugePage);
            let first = kernel::faults(|| store(&plain, 1));
            let second = kernel::faults(|| store(&plain, 2));
            let when_populated = kernel::faults(|| store(&populated, 3));
            let [in_plain, in_populated] =
                [&plain, &populated].map(|map| child::load(map.as_ptr()).into());
            Ok([first, second, when_populated, in_plain, in_populated])
        })
    }?;
    Ok(Populated {
        plain_resident: kernel::resident(plain()?.as_ptr(), 8)?,
        populated_resident: kernel::resident(populated()?.as_ptr(), 8)?,
        plain_faults_on_every_page: first >= 8,
        faults_the_second_time: second,
        populated_faults: when_populated,
        stored_last: [in_plain, in_populated],
    })
}

/// Stores into each of eight pages, with the faults that they took.
#[derive(Debug)]
pub struct Populated {
    /// Which pages of a plain map are resident before any store.
    pub plain_resident: String,
    /// Which pages of a populated one are.
    pub populated_resident: String,
    /// Whether the stores into the plain map took at least a fault a page.
    pub plain_faults_on_every_page: bool,
    /// How many faults the same stores took a second time.
    pub faults_the_second_time: usize,
    /// How many they took in the populated map, the first time.
    pub populated_faults: usize,
    /// Which of the three rounds of stores each map saw last.
    pub stored_last: [usize; 2],
}

/// A fault stops its thread until the page is there, and with it all that the thread would have done
/// next.
///
/// > While the disk is slow my executor runs the other tasks: that is what async is for.
///
/// A touch of a map is an instruction of the processor. Nothing is returned that could be awaited: the
/// kernel puts the thread to sleep, and an executor that runs on that thread with it. How long it
/// sleeps is up to the disk, or to the network. So touch a large map on a thread that may wait, or
/// have its pages brought there first.
///
/// Here the lesson takes the place of the disk, by `userfaultfd`: it is told of the fault, and brings
/// the page when it likes. The memory is anonymous, since this cannot be done for a file on a disk.
///
/// Promised by Linux (`userfaultfd`, on missing pages, for a fault that a program resolves as here).
#[doc = page!(paging::a_fault_stops_its_thread_until_the_page_is_there)]
#[doc(alias = "userfaultfd")]
#[doc(alias = "async")]
#[doc(alias = "await")]
#[doc(alias = "executor")]
#[doc(alias = "tokio")]
#[doc(alias = "asyncio")]
#[doc(alias = "major fault")]
pub fn a_fault_stops_its_thread_until_the_page_is_there() -> io::Result<Stopped> {
    let map = MmapRaw::from(MmapMut::map_anon(page_size())?);
    let pages = LatePages::of(&map)?;
    let next_task_done_by = OnceLock::new();
    thread::scope(|scope| {
        // If the lesson fails, they are dropped here, so that the thread does not wait for ever.
        let pages = pages;
        let executor = || {
            let first_task = map.look(0..1);
            _ = next_task_done_by.set(thread::current().id());
            first_task
        };
        let executor = Builder::new().spawn_scoped(scope, executor)?;
        let touch = pages.wait_for_a_touch(&executor)?;
        let next_is_done = || next_task_done_by.get().is_some();
        let (thread_sleeps, next_task_is_done_meanwhile) =
            touch.while_its_thread_sleeps(next_is_done)?;

        pages.bring(b'!', &touch)?;

        let same_thread = executor.thread().id();
        let first_task = panics::joined(executor.join())?;
        Ok(Stopped {
            thread_sleeps,
            next_task_is_done_meanwhile,
            first_task_found: first_task,
            next_task_is_done_then: next_task_done_by.get() == Some(&same_thread),
        })
    })
}

/// A thread with two tasks, the first of which looks at a page that comes late.
#[derive(Debug)]
pub struct Stopped {
    /// While its thread waited for the page.
    pub thread_sleeps: bool,
    pub next_task_is_done_meanwhile: bool,
    /// In the page that was brought.
    pub first_task_found: Text,
    /// By the same thread.
    pub next_task_is_done_then: bool,
}

/// A hint never changes a byte, whatever it says about how the map will be used.
///
/// > `advise(WillNeed)`, `advise(Random)`: one wrong word, and my data is gone.
///
/// The advice that memmap2 takes as safe, but for one, leaves every byte as it is. Most of it is
/// hints, and the kernel may ignore them. Some are orders, which do something else than change bytes:
/// `DontFork` keeps the map from children (see
/// [`processes`](crate::processes::a_range_can_be_kept_from_children)), `PopulateRead` and
/// `PopulateWrite` bring all pages. `PopulateWrite` brings a private map its own copies, which no
/// later write to the file reaches. What changes bytes is in another type, [`UncheckedAdvice`], and
/// is `unsafe` to give: here it ends the lesson, and the edit with it.
///
/// The one is `HwPoison`, which memmap2 0.9.12 has there too, and the lesson leaves out. It destroys
/// pages, and the kernel takes it from privileged processes only.
///
/// Promised by Linux (`madvise`: for Normal, Random, Sequential and WillNeed in one sentence, for the
/// others in what it says that each does); for those four by POSIX too (`posix_madvise`).
#[doc = page!(paging::a_hint_never_changes_a_byte)]
#[doc(alias = "madvise")]
#[doc(alias = "posix_madvise")]
#[doc(alias = "MADV_WILLNEED")]
#[doc(alias = "MADV_SEQUENTIAL")]
#[doc(alias = "MADV_POPULATE_WRITE")]
pub fn a_hint_never_changes_a_byte() -> io::Result<Hints> {
    needs::advice(&SAFE_ADVICE)?;
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_copy(&sample.read_only()?) }.naming(&sample)?;
    map[..5].copy_from_slice(b"Lorem");
    let map = MmapRaw::from(map);
    // Not `sides`, which gives advice of its own.
    let look = || -> io::Result<Sides> {
        let (memory, file) = (map.look(0..8), sample.read(0..8)?);
        Ok(Sides { memory, file })
    };
    let before = look()?;
    let mut expected = sample.read(0..3 * page)?;
    expected.0[..5].copy_from_slice(b"Lorem");
    let mut given = Vec::new();

    for advice in SAFE_ADVICE {
        let answer = map.advise(advice).into();
        given.push(Given::now(advice, answer, &map)?);
    }

    let bytes_as_before = alike(&map.look(0..3 * page), &expected);
    let after = look()?;
    // SAFETY: no reference to the bytes exists that could be surprised by their change.
    unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) }.naming(&sample)?;
    Ok(Hints {
        before,
        given,
        bytes_as_before,
        after,
        after_dont_need: look()?,
    })
}

/// Every piece of advice that is safe to give, but for the one that destroys pages.
const SAFE_ADVICE: [Advice; 14] = [
    Advice::Random,
    Advice::Sequential,
    Advice::WillNeed,
    Advice::Normal,
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

/// How many bytes are the same, each in its place.
fn alike(now: &Text, then: &Text) -> Place {
    let pairs = now.0.iter().zip(&then.0);
    Place::from(pairs.filter(|(now, then)| now == then).count())
}

/// A private map of three pages with an edit in the first, to which safe advice was given.
#[derive(Debug)]
pub struct Hints {
    /// The place of the edit.
    pub before: Sides,
    pub given: Vec<Given>,
    /// How many bytes of the map are what they were, after all advice.
    pub bytes_as_before: Place,
    pub after: Sides,
    /// After what is not safe to give: `UncheckedAdvice::DontNeed`.
    pub after_dont_need: Sides,
}

/// A piece of advice, how it was answered, and what the kernel then noted for the map.
pub struct Given {
    pub advice: Advice,
    pub answer: Answer,
    /// One letter a page: `P` for this map's own copy, `f` for the file's page, `.` for none.
    pub pages: String,
    /// Which of the kernel's marks for advice the map has.
    pub marks: Vec<String>,
}

impl Given {
    fn now(advice: Advice, answer: Answer, map: &MmapRaw) -> io::Result<Given> {
        let in_memory = kernel::resident(map.as_ptr(), 3)?;
        let copies = kernel::anonymous(map.as_ptr(), 3)?;
        let letter = |page| match page {
            (_, '#') => 'P',
            ('#', _) => 'f',
            _ => '.',
        };
        let mut marks = kernel::mapping(map.as_ptr())?.map_or_else(Vec::new, |map| map.marks);
        marks.retain(|mark| ["dc", "dd", "hg", "mg", "nh", "rr", "sr"].contains(&mark.as_str()));
        Ok(Given {
            advice,
            answer,
            pages: in_memory.chars().zip(copies.chars()).map(letter).collect(),
            marks,
        })
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (advice, answer) = (self.advice, &self.answer);
        let marks = self.marks.join(" ");
        write!(f, "{advice:?}: {answer:?}, {}, [{marks}]", self.pages)
    }
}

/// Dropped pages of private anonymous memory come back as zeros, at once and whole, even if only one
/// byte of them was named.
///
/// > "Don't need" means "may be swapped out": the bytes come back when I touch them.
///
/// On Linux they are gone with the call, and the memory with them; there is no file that they could
/// come from. The range is widened to whole pages: by memmap2 at its start, which the kernel demands to
/// be that of a page, and by the kernel at its end. (Shared anonymous memory keeps its bytes.)
///
/// POSIX's own `posix_madvise` never throws bytes away. memmap2 makes the call `unsafe`, because bytes
/// change under anybody who holds a slice; this lesson holds none.
///
/// Promised by Linux (`madvise`, MADV_DONTNEED). That the range may begin inside a page is memmap2's
/// practice.
#[doc = page!(paging::dropped_anonymous_pages_come_back_as_zeros)]
#[doc(alias = "MADV_DONTNEED")]
#[doc(alias = "free memory")]
#[doc(alias = "zero-fill-on-demand")]
pub fn dropped_anonymous_pages_come_back_as_zeros() -> io::Result<Dropped> {
    let page = page_size();
    let mut map = MmapMut::map_anon(3 * page)?;
    // Where there are no huge pages there is no such advice either, and nothing to forbid.
    _ = map.advise(Advice::NoHugePage);
    map.fill(b'x');
    let map = MmapRaw::from(map);
    let zeros = |first: usize| {
        let bytes = map.look(first..first + page).0;
        Place::from(bytes.into_iter().filter(|&byte| byte == 0).count())
    };
    let zeros_before = [0, page, 2 * page].map(zeros);
    let resident_before = kernel::resident(map.as_ptr(), 3)?;

    let named = page + 5..page + 6;
    // SAFETY: no reference to the bytes exists that could be surprised by their change.
    unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, named.start, named.len()) }?;

    Ok(Dropped {
        of_a_file: kernel::mapping(map.as_ptr())?.map(|mapping| mapping.of_a_file),
        named: named.start.into()..named.end.into(),
        zeros_before,
        resident_before,
        resident_after: kernel::resident(map.as_ptr(), 3)?,
        zeros_after: [0, page, 2 * page].map(zeros),
    })
}

/// Three pages of anonymous memory, before and after one byte in the second was named.
#[derive(Debug)]
pub struct Dropped {
    /// Whether the kernel says that there is a file behind them.
    pub of_a_file: Option<bool>,
    pub named: Range<Place>,
    /// How many bytes of each page are zero.
    pub zeros_before: [Place; 3],
    pub resident_before: String,
    pub resident_after: String,
    pub zeros_after: [Place; 3],
}

/// Dropped pages of a shared map lose nothing: the edit is in the file.
///
/// > DontNeed throws my edits away: I have seen it with anonymous memory.
///
/// The call takes the pages from this process. They are the file's, and stay in the system's cache,
/// flushed or not; the next touch brings them from there, with the edit.
///
/// In a private map the edit is lost: see [`copy`](crate::copy::dropped_pages_forget_their_edits).
///
/// Promised by Linux (`madvise`, MADV_DONTNEED: later accesses see the up-to-date contents of the file).
#[doc = page!(paging::dropped_pages_of_a_shared_map_lose_nothing)]
#[doc(alias = "MADV_DONTNEED")]
#[doc(alias = "MAP_SHARED")]
pub fn dropped_pages_of_a_shared_map_lose_nothing() -> io::Result<DroppedShared> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
    let look = || sample.sides(&map, page - 3..page + 3);
    let before = look()?;
    for at in [page - 1, page] {
        // SAFETY: the byte is inside the map, and no reference to it exists.
        unsafe { map.store(at, b'!') };
    }
    sample.expect_writes(0)?;
    let resident_after_edit = kernel::resident(map.as_ptr(), 2)?;

    // SAFETY: no reference to the bytes exists that could be surprised by their change.
    unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, 0, page) }.naming(&sample)?;

    Ok(DroppedShared {
        before,
        resident_after_edit,
        resident_after_dropping: kernel::resident(map.as_ptr(), 2)?,
        held: sample.held()?,
        after_dropping: look()?,
    })
}

/// A shared map of two pages, the first of which was dropped after an edit of both.
#[derive(Debug)]
pub struct DroppedShared {
    pub before: Sides,
    pub resident_after_edit: String,
    pub resident_after_dropping: String,
    pub held: Held,
    /// Looked at last, since that brings the page back.
    pub after_dropping: Sides,
}

/// A hole punched through a map reads as zeros, in the map and in the file, which stays as long as it
/// was.
///
/// > Through a map I can fill a file, and overwrite it with zeros; I cannot give its room back.
///
/// MADV_REMOVE takes the pages out of the file itself: the file system notes a hole, and needs no room
/// for it. (On tmpfs, a look at the hole through a map puts a page of zeros there again.)
///
/// The map must be shared and writable, says the manual. Since Linux 6.7 it is enough that it is shared
/// and the file is open for writing.
///
/// Promised by Linux (`madvise`, MADV_REMOVE), where the file system can do it.
#[doc = page!(paging::a_hole_punched_through_a_map_reads_as_zeros)]
#[doc(alias = "MADV_REMOVE")]
#[doc(alias = "FALLOC_FL_PUNCH_HOLE")]
#[doc(alias = "sparse file")]
#[doc(alias = "SEEK_HOLE")]
pub fn a_hole_punched_through_a_map_reads_as_zeros() -> io::Result<Punched> {
    needs::small_holes()?;
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_only()?;
    let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
    let look = |at: usize| sample.sides(&map, at - 3..at + 3);
    let hole = || -> io::Result<Range<Place>> {
        let start = system::lseek(&file, 0, libc::SEEK_HOLE).naming(&sample)?;
        // The end of a file counts as a hole that no data follow.
        let end = system::lseek(&file, start, libc::SEEK_DATA).unwrap_or(start);
        Ok(start.into()..end.into())
    };
    let (start_before, end_before, hole_before) = (look(page)?, look(2 * page)?, hole()?);

    // SAFETY: no reference to the bytes exists that could be surprised by their change.
    unsafe { map.unchecked_advise_range(UncheckedAdvice::Remove, page, page) }.naming(&sample)?;

    let (hole_after, length_after) = (hole()?, Place::from(sample.length()? as usize));
    // On tmpfs a look through the map fills the hole again, and there has to be room for that.
    sample.reserve()?;
    Ok(Punched {
        start_before,
        end_before,
        hole_before,
        hole_after,
        length_after,
        start_after: look(page)?,
        end_after: look(2 * page)?,
    })
}

/// A file of three pages, and a map of it through which the second was punched out.
#[derive(Debug)]
pub struct Punched {
    /// The bytes around the start of the second page.
    pub start_before: Sides,
    /// The bytes around its end.
    pub end_before: Sides,
    /// The file's first hole; an empty one at its end where there is no other.
    pub hole_before: Range<Place>,
    pub hole_after: Range<Place>,
    pub length_after: Place,
    pub start_after: Sides,
    pub end_after: Sides,
}

/// Locked pages are resident, are counted whole, and locks do not stack.
///
/// > I locked it twice, so I have to unlock it twice.
///
/// A page is locked or it is not: the first unlock undoes all locks of this map, and one more does no
/// harm. Locking brings every page of the map, and a byte locks the page that it is in.
///
/// How much a process may lock is limited unless it is privileged (RLIMIT_MEMLOCK, often 8 MiB or
/// less); beyond that `lock` is refused.
///
/// Promised by POSIX (`mlock`: whole pages, resident until unlocked; `munlock`: however many times
/// `mlock` was called). That an address inside a page will do is Linux's (`mlock`); POSIX allows a
/// system to refuse it.
#[doc = page!(paging::locked_pages_are_resident_and_locks_do_not_stack)]
#[doc(alias = "mlock")]
#[doc(alias = "munlock")]
#[doc(alias = "RLIMIT_MEMLOCK")]
#[doc(alias = "pinned")]
pub fn locked_pages_are_resident_and_locks_do_not_stack() -> io::Result<LockedPages> {
    let page = page_size();
    needs::locks(8)?;
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    let mut options = MmapOptions::new();
    let two_bytes = options.offset(page as u64 - 1).len(2).map_raw(&file);
    let two_bytes = two_bytes.naming(&sample)?;
    let resident_before = kernel::resident(map.as_ptr(), 3)?;

    let (mut locks, mut unlocks) = (Vec::new(), Vec::new());

    for _ in 0..2 {
        locks.push((Answer::from(map.lock()), locked_pages(&map)?));
    }
    let resident_locked = kernel::resident(map.as_ptr(), 3)?;
    for _ in 0..2 {
        unlocks.push((Answer::from(map.unlock()), locked_pages(&map)?));
    }

    two_bytes.lock().naming(&sample)?;
    sample.expect_maps(&["rw-s"; 2])?;
    Ok(LockedPages {
        resident_before,
        locks,
        resident_locked,
        unlocks,
        two_bytes: two_bytes.len(),
        pages_locked_for_two_bytes: locked_pages(&two_bytes)?,
    })
}

/// A map of three pages that was locked twice and unlocked twice.
#[derive(Debug)]
pub struct LockedPages {
    pub resident_before: String,
    /// How each call was answered, and how many pages were locked after it.
    pub locks: Vec<(Answer, usize)>,
    pub resident_locked: String,
    pub unlocks: Vec<(Answer, usize)>,
    /// The length of another map, whose bytes lie in two pages.
    pub two_bytes: usize,
    pub pages_locked_for_two_bytes: usize,
}

/// How many pages the mapping has, if it is locked.
fn locked_pages(map: &MmapRaw) -> io::Result<usize> {
    let mapping = kernel::mapping(map.as_ptr())?;
    let mapping = mapping.filter(|it| it.marks.contains(&"lo".to_owned()));
    Ok(mapping.map_or(0, |it| it.pages))
}

/// A file of a tebibyte is mapped whole, by a shared map, and only what is touched is in memory.
///
/// > A file that is larger than my memory has to be mapped piece by piece.
///
/// A map takes addresses when it is made, and memory when it is touched. Both ends of this one are
/// read, and no more than what lies around them is in memory; how many pages come with each touch
/// varies. On most 64-bit machines a process has 128 TiB of addresses. On a 32-bit system such a map
/// cannot be; there, pieces are the way.
///
/// The file is sparse: only its two ends take room.
///
/// Unspecified (the manual names no limit to the length of a map but ENOMEM); this is what Linux does,
/// where the file system allows such a file.
#[doc = page!(paging::a_tebibyte_is_mapped_whole)]
#[doc(alias = "large file")]
#[doc(alias = "address space")]
#[doc(alias = "VIRT")]
#[doc(alias = "sparse file")]
#[cfg(target_pointer_width = "64")]
pub fn a_tebibyte_is_mapped_whole() -> io::Result<Tebibyte> {
    const LENGTH: usize = 1 << 40;
    needs::file_size(LENGTH)?;
    needs::addresses(LENGTH as u64)?;
    let page = page_size();
    let sample = Sample::of(b"first")?;
    let file = sample.read_write()?;
    file.write_all_at(b"t", LENGTH as u64 - 1).or_lacking(
        "a file system with room for a sparse file of 1 TiB",
        &[libc::EDQUOT, libc::EFBIG, libc::EINVAL, libc::ENOSPC],
    )?;

    let map = MmapOptions::new()
        .map_raw_read_only(&file)
        .naming(&sample)?;

    let (first, last) = (map.look(0..1), map.look(LENGTH - 1..LENGTH));
    let resident = |first: usize, pages: usize| {
        let address = map.as_ptr().wrapping_add(first);
        kernel::resident(address, pages)
    };
    let mapping = kernel::mapping(map.as_ptr())?;
    Ok(Tebibyte {
        first,
        last,
        first_page_resident: resident(0, 1)?,
        last_page_resident: resident(LENGTH - page, 1)?,
        middle_pages_resident: resident(LENGTH / 2, 8)?,
        mapped_bytes: mapping.as_ref().map_or(0, |it| it.pages * page),
        permissions: mapping.as_ref().map(|it| it.permissions.clone()),
        less_than_a_thousandth: mapping
            .is_some_and(|it| (1..it.pages / 1000).contains(&it.resident_pages)),
    })
}

/// A file of one tebibyte with a byte at each end, mapped whole.
#[cfg(target_pointer_width = "64")]
#[derive(Debug)]
pub struct Tebibyte {
    /// The first byte of the map.
    pub first: Text,
    /// The last byte of the map.
    pub last: Text,
    pub first_page_resident: String,
    pub last_page_resident: String,
    /// Whether those in the middle are, the eight that begin half way.
    pub middle_pages_resident: String,
    /// As the kernel sees the one mapping.
    pub mapped_bytes: usize,
    pub permissions: Option<String>,
    /// Whether less than a thousandth of its pages is resident.
    pub less_than_a_thousandth: bool,
}

/// Private memory that can be written to is counted against the memory of the machine; a map of a file
/// that is shared, or only read, is not.
///
/// > ENOMEM means that the map is too long. So no map can be longer than my memory.
///
/// A page of a shared map has a place to go to: the file. A private copy has none but memory and swap,
/// so the kernel counts them when the map is made, and refuses what it could never hold. With
/// `no_reserve_swap` it does not count, and a store may find no memory later.
///
/// This is its usual policy (`vm.overcommit_memory` 0). With 1 all are granted; with 2 it counts more
/// strictly, and `no_reserve_swap` does not help.
///
/// ENOMEM has other causes with memory free: no range of addresses that is long enough, or
/// too many maps (`vm.max_map_count`, by default 65,530 for each process).
///
/// Promised by Linux (mm/overcommit-accounting: shared or read-only maps of a file cost nothing,
/// private writable ones their size; `mmap`, MAP_NORESERVE).
#[doc = page!(paging::private_memory_is_counted_and_shared_maps_of_files_are_not)]
#[doc(alias = "ENOMEM")]
#[doc(alias = "overcommit")]
#[doc(alias = "MAP_NORESERVE")]
#[doc(alias = "max_map_count")]
#[doc(alias = "out of memory")]
pub fn private_memory_is_counted_and_shared_maps_of_files_are_not() -> io::Result<Counted> {
    needs::overcommit_by_guess()?;
    let memory = kernel::memory_and_swap()?;
    let twice_the_memory = needs::addresses(2 * memory)?;
    let mut options = MmapOptions::new();
    options.len(twice_the_memory);
    let anonymous = options.map_anon();
    let sample = Sample::lorem()?;
    let file = sample.read_write()?;

    let shared = options.map_raw(&file);
    // SAFETY: nobody touches a byte of these maps.
    let private_read_only = unsafe { options.map_copy_read_only(&file) };
    // SAFETY: as above.
    let map_copy = |options: &MmapOptions| unsafe { options.map_copy(&file) };
    let private = map_copy(&options);
    let private_not_reserved = map_copy(options.no_reserve_swap());

    let maps = sample.held()?.maps;
    let lengths = [
        shared.as_ref().map_or(0, MmapRaw::len),
        private_read_only.as_ref().map_or(0, |map| map.len()),
        private_not_reserved.as_ref().map_or(0, |map| map.len()),
    ];
    Ok(Counted {
        times_the_memory: lengths.map(|length| length as u64 / memory),
        shared: shared.into(),
        private_read_only: private_read_only.into(),
        private: private.into(),
        anonymous: anonymous.into(),
        private_not_reserved: private_not_reserved.into(),
        maps,
    })
}

/// How maps were answered that are twice as long as memory and swap together.
#[derive(Debug)]
pub struct Counted {
    /// How often the memory goes into each of the three that were granted.
    pub times_the_memory: [u64; 3],
    pub shared: Answer,
    pub private_read_only: Answer,
    pub private: Answer,
    pub anonymous: Answer,
    /// With `no_reserve_swap`.
    pub private_not_reserved: Answer,
    /// What each map of the file allows that was granted.
    pub maps: Vec<String>,
}

/// Pages of a map of a file are counted as the file's memory, not as the program's own.
///
/// > My program's memory grows with every file that it maps and reads: it leaks.
///
/// `top` and `ps` add up two things: pages of files (RssFile, or RssShmem on tmpfs) and pages of the
/// program's own (RssAnon). Pages of a file are in the system's cache anyway, and the kernel can take
/// clean ones back whenever it needs memory, without asking. (Those of a tmpfs have no disk to go to:
/// they need memory or swap.) Only copies, in a private map that is stored to, are the program's own.
///
/// A child that does nothing else touches the maps, and what it grows by is shown in multiples of what
/// it touched.
///
/// Promised by Linux (`proc_pid_status`: RssAnon, RssFile and RssShmem are the parts of VmRSS).
#[doc = page!(paging::pages_of_a_file_are_not_the_programs_own)]
#[doc(alias = "RSS")]
#[doc(alias = "leak")]
#[doc(alias = "RssFile")]
#[doc(alias = "top")]
#[doc(alias = "OOM")]
pub fn pages_of_a_file_are_not_the_programs_own() -> io::Result<Growths> {
    let sample = Sample::of(b"")?;
    let file = sample.read_write()?;
    file.set_len((PAGES * page_size()) as u64).naming(&sample)?;
    sample.reserve()?;
    let shared = || MmapRaw::map_raw(&file);
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let private = || unsafe { MmapOptions::new().map_copy(&file) }.map(MmapRaw::from);

    // SAFETY: no reference to the bytes of these maps exists.
    unsafe {
        Ok(Growths {
            shared_and_read: growth(shared, |byte| child::read(byte))?,
            shared_and_stored_to: growth(shared, |byte| child::write(byte))?,
            private_and_read: growth(private, |byte| child::read(byte))?,
            private_and_stored_to: growth(private, |byte| child::write(byte))?,
            file: sample.read(0..3)?,
        })
    }
}

/// How many pages are touched: so many that it does not matter if the kernel counts a few later.
const PAGES: usize = 512;

/// By how much a child grows that maps a file and touches each page.
///
/// # Safety
/// It must be sound to touch any byte of the map in a child.
unsafe fn growth(
    map: impl Fn() -> io::Result<MmapRaw>,
    touch: impl Fn(*mut u8),
) -> io::Result<Growth> {
    // SAFETY: the child maps and touches, for which the caller vouches, and allocates nothing.
    let [of_files, own] = unsafe {
        child::numbers(|| {
            let map = map()?;
            kernel::growth(|| {
                for at in 0..PAGES {
                    touch(map.as_mut_ptr().add(at * page_size()));
                }
            })
        })
    }?;
    let times = |pages: usize| (pages + PAGES / 2) / PAGES;
    let mapping = kernel::mapping(map()?.as_ptr())?;
    Ok(Growth {
        of: mapping.map_or_else(String::new, |it| it.permissions),
        of_files: times(of_files),
        own: times(own),
    })
}

/// By how much a child grew that touched each page of a map, for each kind of map and of touch.
#[derive(Debug)]
pub struct Growths {
    pub shared_and_read: Growth,
    pub shared_and_stored_to: Growth,
    pub private_and_read: Growth,
    pub private_and_stored_to: Growth,
    /// The first bytes of the file at the end.
    pub file: Text,
}

/// A growth in multiples of what was touched, rounded.
#[derive(Debug, PartialEq, Eq)]
pub struct Growth {
    /// What the kernel notes for such a map: `rw-s` is shared, `rw-p` private.
    pub of: String,
    /// RssFile and RssShmem.
    pub of_files: usize,
    /// RssAnon.
    pub own: usize,
}

/// What is in the system's cache is not yet in the map, and what is not in the map may be cached.
///
/// > `mincore` tells me which pages my map has in memory.
///
/// The cache belongs to the system: a page gets there by any read or write of the file, by anybody. A
/// map gets to it by a fault, which is cheap then. `mincore` looks into the cache, if the file is yours
/// or you may write to it; of any other file it says that every page is there. `pagemap` tells what
/// this process has.
///
/// Dropping the pages of the map does not take them from the cache. `posix_fadvise` with
/// POSIX_FADV_DONTNEED asks for that, and leaves out pages that are dirty or mapped.
///
/// Promised by Linux (`mincore`: about the cache, and so of the system; `proc_pid_pagemap`).
#[doc = page!(paging::a_cached_page_need_not_be_in_the_map)]
#[doc(alias = "mincore")]
#[doc(alias = "page cache")]
#[doc(alias = "POSIX_FADV_DONTNEED")]
#[doc(alias = "minor fault")]
pub fn a_cached_page_need_not_be_in_the_map() -> io::Result<Cached> {
    let attempt = || {
        let page = page_size();
        let sample = Sample::of_pages("abc")?;
        let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
        let look = || -> io::Result<[String; 2]> {
            Ok([
                kernel::cached(map.as_ptr(), 3)?,
                kernel::resident(map.as_ptr(), 3)?,
            ])
        };
        sample.read(0..3 * page)?;
        let [cached_before, in_the_map_before] = look()?;

        let bytes = [0, page, 2 * page].map(|first| map.look(first..first + 3));

        let [cached_after_look, in_the_map_after_look] = look()?;
        // SAFETY: no reference to the bytes exists that could be surprised by their change.
        unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) }.naming(&sample)?;
        let [cached_after_dropping, in_the_map_after_dropping] = look()?;
        sample.expect_maps(&["rw-s"])?;
        Ok(Cached {
            cached_before,
            in_the_map_before,
            bytes,
            cached_after_look,
            in_the_map_after_look,
            cached_after_dropping,
            in_the_map_after_dropping,
        })
    };
    // Anybody may empty the cache meanwhile.
    attempts::first(attempt, |seen| {
        [&seen.cached_before, &seen.cached_after_dropping] == ["###"; 2]
    })
}

/// Which of three pages of a file are in the system's cache, and which of them in a map: `#` where one
/// is.
#[derive(Debug)]
pub struct Cached {
    pub cached_before: String,
    pub in_the_map_before: String,
    /// The first bytes of each page.
    pub bytes: [Text; 3],
    pub cached_after_look: String,
    pub in_the_map_after_look: String,
    pub cached_after_dropping: String,
    pub in_the_map_after_dropping: String,
}

/// `huge` is for anonymous memory: a map of a file that asks for huge pages is an ordinary map.
///
/// > My file is large, so I map it with huge pages.
///
/// MAP_HUGETLB takes pages from a store that an administrator has set aside, and they are memory without
/// a file. memmap2 omits the flag for a file. Whether a map of a file gets huge pages
/// all the same is up to the file system and the kernel.
///
/// Promised by memmap2 (`MmapOptions::huge`: no effect on file-backed maps).
#[doc = page!(paging::a_file_is_not_mapped_with_huge_pages)]
#[doc(alias = "huge")]
#[doc(alias = "MAP_HUGETLB")]
#[doc(alias = "hugetlbfs")]
#[doc(alias = "THP")]
pub fn a_file_is_not_mapped_with_huge_pages() -> io::Result<NotHuge> {
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_write()?;
    let mut options = MmapOptions::new();
    options.huge(None);
    let memory = options.clone().len(page_size()).map_anon();

    let map = options.map_raw(&file);

    let answer = Answer::from(&map);
    let map = map.naming(&sample)?;
    let mapping = kernel::mapping(map.as_ptr())?;
    Ok(NotHuge {
        memory_would_be_huge: would_be_huge(memory)?,
        answer,
        huge: mapping
            .as_ref()
            .map(|it| it.marks.iter().any(|mark| mark == "ht" || mark == "hg")),
        pages: mapping.map(|it| it.pages),
        first_bytes: sample.sides(&map, 0..3)?,
        maps: sample.held()?.maps,
    })
}

/// Whether memory was asked for with huge pages: it has them, or was refused, since none are set aside.
fn would_be_huge(memory: io::Result<MmapMut>) -> io::Result<bool> {
    let Ok(memory) = memory else {
        return Ok(true);
    };
    let mapping = kernel::mapping(memory.as_ptr())?;
    Ok(mapping.is_some_and(|it| it.marks.iter().any(|mark| mark == "ht")))
}

/// A map of a file of three pages that asked for huge pages.
#[derive(Debug)]
pub struct NotHuge {
    /// Whether the same options get huge pages, or a refusal, where there is no file.
    pub memory_would_be_huge: bool,
    pub answer: Answer,
    /// Whether the kernel has marked the mapping as one of huge pages, or one that asks for them.
    pub huge: Option<bool>,
    /// How many ordinary pages it has.
    pub pages: Option<usize>,
    pub first_bytes: Sides,
    pub maps: Vec<String>,
}
