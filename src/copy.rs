//! A private map: a view of the file that keeps its edits to itself.
//!
//! What does a private map keep to itself?
//!
//! 1. [`an_edit_never_reaches_the_file`]
//! 2. [`an_edit_is_seen_by_nobody_else`]
//! 3. [`a_read_only_handle_is_enough`]
//! 4. [`a_later_write_reaches_only_pages_not_edited`]
//! 5. [`copying_goes_page_by_page`]
//! 6. [`dropped_pages_forget_their_edits`]

use std::io;
use std::path::Path;

#[cfg(target_os = "linux")]
use memmap2::UncheckedAdvice;
use memmap2::{MmapMut, MmapOptions, MmapRaw};

use crate::lab::at::FileExt;
use crate::lab::errors::Naming;
#[cfg(target_os = "linux")]
use crate::lab::kernel;
use crate::lab::look::{Look, Store};
use crate::lab::observation::{Answer, Sides, Text};
use crate::lab::place::page_size;
use crate::lab::sample::Sample;

/// An edit through a private map never reaches the file.
///
/// > A map *is* the file, so a store must end up there sooner or later.
///
/// Each page of a private map is a view of the file until you store into it. The first store gives
/// this map its own copy of that page (copy-on-write), and the edit is in the copy. A flush
/// succeeds and has nothing to write back; dropping the map throws the copy away.
///
/// The lesson edits a copy of your text, to be safe; a private map would have left the original
/// alone as well.
///
/// Promised by POSIX (`mmap`, MAP_PRIVATE).
///
/// # Errors
/// Names `text` when it cannot be read or does not hold `word`.
#[doc = page!(copy::an_edit_never_reaches_the_file)]
#[doc(alias = "MAP_PRIVATE")]
#[doc(alias = "map_copy")]
#[doc(alias = "copy-on-write")]
#[doc(alias = "ACCESS_COPY")]
pub fn an_edit_never_reaches_the_file(text: &Path, word: &str) -> io::Result<PrivateEdit> {
    let sample = Sample::copy_of(text)?;
    let file = sample.read_write()?;
    // SAFETY: the sample is this lesson's own copy; nobody writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_copy(&file) }.naming(&sample)?;
    let (word, line) = sample.find(word, &map)?;
    let before = sample.sides(&map, line.clone())?;

    map[word].reverse();

    let after = sample.sides(&map, line.clone())?;
    let flush = Answer::from(map.flush());
    let after_flush = sample.sides(&map, line.clone())?;
    sample.expect_mapped(1)?;
    drop(map);
    sample.expect_maps(&[])?;
    let file_after_unmap = sample.read(line)?;
    Ok(PrivateEdit {
        before,
        after,
        flush,
        after_flush,
        file_after_unmap,
    })
}

/// A private edit, followed for as long as the file exists.
#[derive(Debug)]
pub struct PrivateEdit {
    pub before: Sides,
    pub after: Sides,
    pub flush: Answer,
    pub after_flush: Sides,
    pub file_after_unmap: Text,
}

/// An edit through a private map is seen by nobody else: no other map shows it, private or shared.
///
/// > Private means private to my program: my other maps of the file show the edit.
///
/// The copy belongs to the one map whose page was stored to. Every other map of the file goes on
/// showing the file. (A child process that is forked after the edit gets the copy with the map.)
///
/// At the end a store through each of the other maps shows that they are what they are called: one
/// through the shared map is in the file, one through the private map is not.
///
/// Unspecified for another private map of the same process (POSIX, `mmap`, MAP_PRIVATE, keeps the
/// edit inside the process); this is what Linux does. For the file, and so for shared maps and other
/// processes, promised by POSIX.
#[doc = page!(copy::an_edit_is_seen_by_nobody_else)]
#[doc(alias = "isolation")]
pub fn an_edit_is_seen_by_nobody_else() -> io::Result<EditInPrivate> {
    let sample = Sample::lorem()?;
    let file = sample.read_write()?;
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let private = || unsafe { MmapOptions::new().map_copy(&file) }.map(MmapRaw::from);
    let [map, other, shared] = [private()?, private()?, MmapRaw::map_raw(&file)?];
    let look = || -> io::Result<Views> {
        let [this_map, another_private_map, shared_map] =
            [&map, &other, &shared].map(|map| map.look(0..11));
        let file = sample.read(0..11)?;
        Ok(Views {
            this_map,
            another_private_map,
            shared_map,
            file,
        })
    };
    let before = look()?;
    sample.expect_mapped(3)?;

    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.store(0, b'_') };

    let after = look()?;
    // SAFETY: as above, for the other maps.
    unsafe { other.store(6, b'P') };
    // SAFETY: as above.
    unsafe { shared.store(7, b'S') };
    Ok(EditInPrivate {
        before,
        after,
        after_stores_through_the_others: look()?,
    })
}

/// An edit through a private map, from all sides.
#[derive(Debug)]
pub struct EditInPrivate {
    pub before: Views,
    pub after: Views,
    /// After `P` was stored through the other private map, and `S` through the shared one.
    pub after_stores_through_the_others: Views,
}

/// The first bytes of one file from four sides.
#[derive(Debug)]
pub struct Views {
    /// Through the private map that is edited.
    pub this_map: Text,
    pub another_private_map: Text,
    pub shared_map: Text,
    /// As an ordinary read sees them.
    pub file: Text,
}

/// A handle that can only read is enough for a private map that is written to; for a shared one it
/// is not.
///
/// > I am going to store into the map, so I have to open the file for writing.
///
/// Edits of a private map never go to the file, so the handle only has to be able to read. The
/// edits of a shared map do, so its handle must be able to write.
///
/// memmap2's own text for `map_copy` asks for a file that is open for writing; its example opens one
/// that is not.
///
/// Promised by POSIX (`mmap`, EACCES).
#[doc = page!(copy::a_read_only_handle_is_enough)]
#[doc(alias = "EACCES")]
#[doc(alias = "permission denied")]
pub fn a_read_only_handle_is_enough() -> io::Result<OverReadOnlyHandle> {
    let sample = Sample::lorem()?;
    let file = sample.read_only()?;

    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let private = unsafe { MmapOptions::new().map_copy(&file) };
    // SAFETY: as above.
    let shared_read_only = unsafe { MmapOptions::new().map(&file) };
    // SAFETY: as above; besides, there will be no map.
    let shared_writable = unsafe { MmapOptions::new().map_mut(&file) };

    sample.expect_held(1, &["r--s", "rw-p"])?;
    let private_writable = Answer::from(&private);
    let edit = |mut map: MmapMut| {
        map[..5].make_ascii_uppercase();
        sample.sides(&map, 0..11)
    };
    let after_edit = private.ok().map(edit).transpose()?;
    Ok(OverReadOnlyHandle {
        write_to_the_file: file.write_at(b"_", 0).into(),
        private_writable,
        shared_read_only: shared_read_only.into(),
        shared_writable: shared_writable.into(),
        after_edit,
    })
}

/// How each kind of map was answered over a handle that can only read.
#[derive(Debug)]
pub struct OverReadOnlyHandle {
    /// An ordinary write through the handle.
    pub write_to_the_file: Answer,
    pub private_writable: Answer,
    pub shared_read_only: Answer,
    pub shared_writable: Answer,
    /// The private map after an edit, and the file; `None` where there is no such map.
    pub after_edit: Option<Sides>,
}

/// A later write to the file shows through a private map wherever the map was not edited.
///
/// > A private map is a snapshot of the file as it was when I mapped it.
///
/// Only the pages that you have stored to are frozen: the map has its own copies of those (until the
/// file is cut, see `bounds::truncating_kills_private_pages_too`). All others, also those that were
/// read, still are the file's own, and on Linux they follow it.
///
/// POSIX and the Linux manual leave open whether such a write is visible. For a snapshot, copy the
/// bytes. (`populate` and `lock` freeze a writable private map on Linux, too: they copy every page.)
///
/// Unspecified (POSIX `mmap`, on MAP_PRIVATE); this is what Linux does.
#[doc = page!(copy::a_later_write_reaches_only_pages_not_edited)]
#[doc(alias = "snapshot")]
pub fn a_later_write_reaches_only_pages_not_edited() -> io::Result<LaterWrite> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    let file = sample.read_write()?;
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let map = MmapRaw::from(unsafe { MmapOptions::new().map_copy(&file) }.naming(&sample)?);
    let sides = |first: usize| sample.sides(&map, first..first + 1);
    let edited_at_first = sides(0)?;
    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.store(0, b'E') };
    let (edited_before, read_before) = (sides(0)?, sides(page)?);

    for first in [0, page] {
        file.write_all_at(b"W", first as u64).naming(&sample)?;
    }

    let (edited_after, read_after) = (sides(0)?, sides(page)?);
    sample.expect_writes(2)?;
    sample.expect_mapped(1)?;
    Ok(LaterWrite {
        edited_at_first,
        edited_before,
        edited_after,
        read_before,
        read_after,
    })
}

/// The first byte of each of two pages, before and after `W` was written over it in the file.
#[derive(Debug)]
pub struct LaterWrite {
    /// The page that is going to be edited.
    pub edited_at_first: Sides,
    pub edited_before: Sides,
    pub edited_after: Sides,
    /// A page that was read through the map before the write.
    pub read_before: Sides,
    pub read_after: Sides,
}

/// Copying on write goes page by page: the first store into a page copies it, whole, and no other.
///
/// > A private map copies the file. Or else it copies just the bytes that I store.
///
/// The first store into a page copies that page. Further stores into it copy nothing, and reading
/// copies nothing. (`populate` and `lock` do: they copy every page of a writable private map.)
///
/// What is counted are the pages that the kernel lists as anonymous: they belong to this process and
/// to no file. A huge page is copied as a whole or in small pages, as the kernel sees fit; the
/// lesson's file is too small for one.
///
/// Unspecified (POSIX's rationale even allows a real copy of all the data); this is what Linux does,
/// seen in `proc_pid_pagemap`.
#[doc = page!(copy::copying_goes_page_by_page)]
#[doc(alias = "copy-on-write")]
#[doc(alias = "COW")]
#[cfg(target_os = "linux")]
pub fn copying_goes_page_by_page() -> io::Result<Copies> {
    let page = page_size();
    let sample = Sample::of_pages("abcd")?;
    let file = sample.read_only()?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_copy(&file) }.naming(&sample)?;
    let read: Vec<u8> = map.iter().step_by(page).copied().collect();
    let resident_after_reading_all = kernel::resident(map.as_ptr(), 4)?;
    let look = |map: &MmapMut| -> io::Result<Copied> {
        Ok(Copied {
            pages: kernel::anonymous(map.as_ptr(), 4)?,
            second_page: sample.sides(map, page..page + 3)?,
        })
    };
    let after_reading_all = look(&map)?;

    map[page] = b'1';
    let after_one_store = look(&map)?;

    map[page + 1] = b'2';
    let after_another_in_the_same_page = look(&map)?;

    map[3 * page] = b'3';
    let after_one_in_another_page = look(&map)?;

    Ok(Copies {
        read: Text(read),
        resident_after_reading_all,
        after_reading_all,
        after_one_store,
        after_another_in_the_same_page,
        after_one_in_another_page,
    })
}

/// What is copied of a private map of four pages.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Copies {
    /// The first byte of each page.
    pub read: Text,
    /// Which pages are in memory, copies or not, after every page was read.
    pub resident_after_reading_all: String,
    pub after_reading_all: Copied,
    /// After one store into the second page.
    pub after_one_store: Copied,
    pub after_another_in_the_same_page: Copied,
    /// After a store into the last page.
    pub after_one_in_another_page: Copied,
}

/// Which pages are this process's own copies, `#` where one is, and how one of them begins.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Copied {
    pub pages: String,
    pub second_page: Sides,
}

/// Dropped pages of a private map forget their edits and show the file again.
///
/// > MADV_DONTNEED is advice: the kernel may take the memory away, and brings my bytes back later.
///
/// On Linux it takes the pages away at once, copies included. The next touch brings back the file's
/// bytes. So it undoes all edits in those pages.
///
/// Other Unixes may keep the edit: POSIX's own `posix_madvise` never throws bytes away. memmap2 makes
/// the call `unsafe`, because bytes change under anybody who holds a slice; this lesson holds none.
///
/// Unspecified (the Linux manual, `madvise`, speaks of shared maps and of anonymous memory only);
/// this is what Linux does.
#[doc = page!(copy::dropped_pages_forget_their_edits)]
#[doc(alias = "MADV_DONTNEED")]
#[doc(alias = "undo")]
#[cfg(target_os = "linux")]
pub fn dropped_pages_forget_their_edits() -> io::Result<DroppedPages> {
    let sample = Sample::lorem()?;
    let file = sample.read_only()?;
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let map = MmapRaw::from(unsafe { MmapOptions::new().map_copy(&file) }.naming(&sample)?);
    let look = || sample.sides(&map, 0..11);
    let before = look()?;
    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.store(0, b'_') };
    let after_edit = look()?;

    // SAFETY: no reference to the bytes exists that could be surprised by their change.
    unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) }.naming(&sample)?;

    let own_after_dropping = kernel::anonymous(map.as_ptr(), 1)?;
    let after_dropping = look()?;
    // SAFETY: as for the first edit.
    unsafe { map.store(1, b'_') };
    Ok(DroppedPages {
        before,
        after_edit,
        own_after_dropping,
        after_dropping,
        after_another_edit: look()?,
    })
}

/// A private edit whose page was dropped.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct DroppedPages {
    pub before: Sides,
    pub after_edit: Sides,
    /// Whether the page is then a copy of this map's own: `.` where it is not.
    pub own_after_dropping: String,
    pub after_dropping: Sides,
    /// After another edit: the map is still private.
    pub after_another_edit: Sides,
}
