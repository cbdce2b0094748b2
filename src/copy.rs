//! A private map: a view of the file that keeps its edits to itself.

#[cfg(target_os = "linux")]
use std::hint;
use std::io;
#[cfg(target_os = "linux")]
use std::os::unix::fs::FileExt;
use std::path::Path;

#[cfg(target_os = "linux")]
use memmap2::UncheckedAdvice;
use memmap2::{MmapOptions, MmapRaw};

use crate::book::chapter;
#[cfg(target_os = "linux")]
use crate::kernel;
#[cfg(target_os = "linux")]
use crate::kernel::page_size;
#[cfg(unix)]
use crate::observation::Answer;
use crate::observation::{Sides, Text};
use crate::raw;
use crate::sample::{At, Sample, WORD};

chapter! {
    copy;
    [document] an_edit_never_reaches_the_file: Posix,
    an_edit_is_seen_by_nobody_else: Posix,
    #[cfg(unix)]
    a_read_only_handle_is_enough: Posix,
    #[cfg(target_os = "linux")]
    a_later_write_reaches_only_pages_not_edited: Unspecified,
    #[cfg(target_os = "linux")]
    copying_goes_page_by_page: Unspecified,
    #[cfg(target_os = "linux")]
    dropped_pages_forget_their_edits: Unspecified,
}

/// An edit through a private map, looked at for as long as the file exists.
#[derive(Debug)]
pub struct PrivateEdit {
    /// Both sides before the edit.
    pub before: Sides,
    /// Both sides after it.
    pub after: Sides,
    /// Both sides after the map was flushed.
    pub after_flush: Sides,
    /// The file after the map was gone.
    pub file_after_unmap: Text,
}

/// An edit through a private map never reaches the file.
///
/// It is tempting to think that a map *is* the file, so that a store must end up there sooner or later: at the flush,
/// or when the map goes. A private map is a view of the file only until you store: the first store into a page gives
/// this map its own copy of that page (copy-on-write), nobody else ever sees it, and it is thrown away with the map. A
/// flush of such a map succeeds and writes nothing.
///
/// The edit is made over a copy; the caller's text would not be changed even without that.
///
/// Promised by POSIX (`mmap`, MAP_PRIVATE).
///
/// # Errors
/// Names `text` when it cannot be read or does not hold the word `consectetuer`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/copy/an_edit_never_reaches_the_file.snap"))]
/// ```
pub fn an_edit_never_reaches_the_file(text: &Path) -> io::Result<PrivateEdit> {
    let sample = Sample::copy_of(text)?;
    // SAFETY: the sample is this lesson's own copy; nobody writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_copy(&sample.read_write()?) }.at(&sample)?;
    let (word, line) = sample.find(WORD, &map)?;
    let before = sample.sides(&map, line.clone())?;

    map[word].reverse();

    let after = sample.sides(&map, line.clone())?;
    map.flush().at(&sample)?;
    let after_flush = sample.sides(&map, line.clone())?;
    drop(map);
    let file_after_unmap = sample.read(line)?;
    Ok(PrivateEdit { before, after, after_flush, file_after_unmap })
}

/// The first bytes of one file from four sides.
#[derive(Debug)]
pub struct Views {
    /// Through the private map that is edited.
    pub this_map: Text,
    /// Through another private map.
    pub another_private_map: Text,
    /// Through a shared map.
    pub shared_map: Text,
    /// As an ordinary read sees them.
    pub file: Text,
}

/// An edit through a private map, from all sides.
#[derive(Debug)]
pub struct EditInPrivate {
    /// Before the edit.
    pub before: Views,
    /// After it.
    pub after: Views,
    /// What a private map shows that is made after the edited one is gone.
    pub new_map_later: Text,
}

/// An edit through a private map is seen by nobody else: not by a shared map, not by another private map.
///
/// It is tempting to think that "private" keeps the edit from the disk, while other maps of the same file in the same
/// program show it. The copy belongs to the one map whose page was stored to. Every other map goes on showing the file.
///
/// Promised by POSIX (`mmap`, MAP_PRIVATE) for the file, and so for shared maps, and for other processes; that another
/// private map of the same process does not see it either is what Linux does.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/copy/an_edit_is_seen_by_nobody_else.snap"))]
/// ```
pub fn an_edit_is_seen_by_nobody_else() -> io::Result<EditInPrivate> {
    let sample = Sample::lorem()?;
    let file = sample.read_write()?;
    // SAFETY: they become raw maps at once, so that no reference to their bytes ever exists.
    let [map, other] = unsafe { [MmapOptions::new().map_copy(&file), MmapOptions::new().map_copy(&file)] };
    let (map, other) = (MmapRaw::from(map.at(&sample)?), MmapRaw::from(other.at(&sample)?));
    let shared = MmapRaw::map_raw(&file).at(&sample)?;
    let look = || -> io::Result<Views> {
        Ok(Views {
            this_map: raw::look(&map, 0..11),
            another_private_map: raw::look(&other, 0..11),
            shared_map: raw::look(&shared, 0..11),
            file: sample.read(0..11)?,
        })
    };
    let before = look()?;

    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.as_mut_ptr().write_volatile(b'_') };

    let after = look()?;
    drop(map);
    // SAFETY: as above.
    let later = MmapRaw::from(unsafe { MmapOptions::new().map_copy(&file) }.at(&sample)?);
    Ok(EditInPrivate { before, after, new_map_later: raw::look(&later, 0..11) })
}

/// What kinds of map a handle that can only read was granted.
#[cfg(unix)]
#[derive(Debug)]
pub struct OverReadOnlyHandle {
    /// A private map that can be written to.
    pub private_writable: Answer,
    /// A shared map that can only be read.
    pub shared_read_only: Answer,
    /// A shared map that can be written to.
    pub shared_writable: Answer,
    /// The private map after an edit, and the file.
    pub after_edit: Sides,
}

/// A handle that can only read is enough for a private map that is written to; a shared one is refused.
///
/// It is tempting to open the file for writing because the map will be written to. Edits of a private map never go to
/// the file, so nothing but reading is asked of the handle. A shared map's edits do, so it wants a handle that may
/// write.
///
/// memmap2's own text for `map_copy` asks for a file that is open for writing; its example opens one that is not.
///
/// Promised by POSIX (`mmap`, EACCES).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/copy/a_read_only_handle_is_enough.snap"))]
/// ```
#[cfg(unix)]
pub fn a_read_only_handle_is_enough() -> io::Result<OverReadOnlyHandle> {
    let sample = Sample::lorem()?;
    let file = sample.read_only()?;

    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let private = unsafe { MmapOptions::new().map_copy(&file) };
    // SAFETY: as above.
    let shared_read_only = unsafe { MmapOptions::new().map(&file) };
    // SAFETY: as above; besides, there will be no map.
    let shared_writable = unsafe { MmapOptions::new().map_mut(&file) };

    let private_writable = Answer::from(&private);
    let mut private = private.at(&sample)?;
    private[..5].make_ascii_uppercase();
    Ok(OverReadOnlyHandle {
        private_writable,
        shared_read_only: shared_read_only.into(),
        shared_writable: shared_writable.into(),
        after_edit: sample.sides(&private, 0..11)?,
    })
}

/// The first byte of each of three pages, before and after `W` was written over it in the file.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct LaterWrite {
    /// A page that was stored to through the map, before the write.
    pub edited_before: Sides,
    /// That page after it.
    pub edited_after: Sides,
    /// A page that was read through the map, before the write.
    pub read_before: Sides,
    /// That page after it.
    pub read_after: Sides,
    /// A page that was not touched before the write, after it.
    pub untouched_after: Sides,
}

/// A later write to the file shows through a private map wherever the map was not edited.
///
/// It is tempting to use a private map as a snapshot of the file. It is none: only pages that the map has a copy of,
/// since they were stored to, are frozen. Pages that were merely read, or never touched, still are the file's own, and
/// on Linux they follow it.
///
/// POSIX says that it is unspecified whether such a change is visible, and so does the Linux manual. A snapshot is a
/// copy.
///
/// Promised by nobody (POSIX `mmap`: unspecified for MAP_PRIVATE); this is what Linux does.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/copy/a_later_write_reaches_only_pages_not_edited.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn a_later_write_reaches_only_pages_not_edited() -> io::Result<LaterWrite> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_write()?;
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let map = MmapRaw::from(unsafe { MmapOptions::new().map_copy(&file) }.at(&sample)?);
    let sides = |first: usize| raw::sides(&map, &sample, first..first + 1);
    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.as_mut_ptr().write_volatile(b'E') };
    let (edited_before, read_before) = (sides(0)?, sides(page)?);

    for first in [0, page, 2 * page] {
        file.write_all_at(b"W", first as u64).at(&sample)?;
    }

    let (edited_after, read_after, untouched_after) = (sides(0)?, sides(page)?, sides(2 * page)?);
    Ok(LaterWrite { edited_before, edited_after, read_before, read_after, untouched_after })
}

/// Which pages of a private map of four are copies: `#` where one is.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Copied {
    /// After every page was read.
    pub after_reading_all: String,
    /// Which pages are resident then.
    pub resident_after_reading_all: String,
    /// After one store into the second page.
    pub after_one_store: String,
    /// After another store into the same page.
    pub after_another_in_the_same_page: String,
    /// After a store into the last page.
    pub after_one_in_another_page: String,
    /// The first bytes of the second page then.
    pub second_page: Sides,
}

/// Copying on write goes page by page: the first store into a page costs a page, all further ones there cost nothing.
///
/// It is tempting to fear that a private map copies the file, or to hope that it copies the bytes that are stored. It
/// copies the page around the first store, whole, and no other. Reading copies nothing.
///
/// That copying is done by pages is what every system does, though none but Linux is looked at here. Counted are the
/// pages that the kernel lists as anonymous, that is, as this process's and no file's.
///
/// Promised by nobody (POSIX and the Linux manual do not say how much is copied); this is what Linux does, seen in
/// `proc_pid_pagemap`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/copy/copying_goes_page_by_page.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn copying_goes_page_by_page() -> io::Result<Copied> {
    let page = page_size();
    let sample = Sample::of_pages("abcd")?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_copy(&sample.read_only()?) }.at(&sample)?;
    for byte in map.iter().step_by(page) {
        hint::black_box(*byte);
    }
    let after_reading_all = kernel::anonymous(map.as_ptr(), 4)?;
    let resident_after_reading_all = kernel::resident(map.as_ptr(), 4)?;

    map[page] = b'1';
    let after_one_store = kernel::anonymous(map.as_ptr(), 4)?;

    map[page + 1] = b'2';
    let after_another_in_the_same_page = kernel::anonymous(map.as_ptr(), 4)?;

    map[3 * page] = b'3';
    let after_one_in_another_page = kernel::anonymous(map.as_ptr(), 4)?;
    Ok(Copied {
        after_reading_all,
        resident_after_reading_all,
        after_one_store,
        after_another_in_the_same_page,
        after_one_in_another_page,
        second_page: sample.sides(&map, page..page + 3)?,
    })
}

/// A private edit whose page was dropped.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct DroppedPages {
    /// Both sides before the edit.
    pub before: Sides,
    /// Both sides after it.
    pub after_edit: Sides,
    /// Both sides after the page was dropped.
    pub after_dropping: Sides,
}

/// Dropped pages of a private map forget their edits and show the file again.
///
/// It is tempting to read MADV_DONTNEED as a hint that memory may be taken away and brought back when needed. On Linux
/// it takes the pages away at once, copies included; the next touch brings back what is behind the map, which is the
/// file. So it is an undo for all edits in those pages.
///
/// Other Unixes may keep the edit: POSIX's own `posix_madvise` never throws bytes away. memmap2 makes it `unsafe`,
/// because bytes change under whoever holds a slice; so this lesson holds none.
///
/// Promised by nobody (the Linux manual, `madvise`, speaks of shared maps and of anonymous memory only); this is what
/// Linux does.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/copy/dropped_pages_forget_their_edits.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn dropped_pages_forget_their_edits() -> io::Result<DroppedPages> {
    let sample = Sample::lorem()?;
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let map = MmapRaw::from(unsafe { MmapOptions::new().map_copy(&sample.read_only()?) }.at(&sample)?);
    let look = || raw::sides(&map, &sample, 0..11);
    let before = look()?;
    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.as_mut_ptr().write_volatile(b'_') };
    let after_edit = look()?;

    // SAFETY: no reference to the bytes exists that could be surprised by their change.
    unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) }.at(&sample)?;

    let after_dropping = look()?;
    Ok(DroppedPages { before, after_edit, after_dropping })
}
