//! What is on the disk, and when.
//!
//! Which of my stores are on the disk, and when?
//!
//! 1. [`a_flush_writes_back_and_an_asynchronous_one_does_not`]
//! 2. [`sync_all_writes_back_what_a_dropped_map_has_left`]
//! 3. [`a_later_store_may_be_on_the_disk_before_an_earlier_one`]
//! 4. [`only_the_first_store_into_a_clean_page_moves_the_modification_time`]
//! 5. [`a_store_into_a_hole_takes_room`]
//! 6. [`a_store_into_a_hole_of_a_full_disk_kills`]
//! 7. [`a_removed_file_keeps_its_room_until_its_last_map_is_gone`]
//! 8. [`what_watches_a_file_is_told_of_no_store`]

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use memmap2::{Advice, MmapOptions, MmapRaw};

use crate::lab::child;
use crate::lab::disk::{self, SmallDisk, dirty_pages};
use crate::lab::errors::Naming;
use crate::lab::kernel;
use crate::lab::look::{Look, Store};
use crate::lab::needs;
use crate::lab::observation::{Answer, Outcome, Sides, Text};
use crate::lab::place::{Place, page_size};
use crate::lab::sample::Sample;
use crate::lab::system;
use crate::lab::watch::Watch;

/// A flush writes its pages back before it returns; an asynchronous flush leaves them dirty.
///
/// > `flush_async` starts the writing, and a moment later my edit is on the disk.
///
/// A page that was stored to is dirty until it has been written back to its file system. `flush` does
/// that and waits for it. `flush_async` does nothing on Linux, which keeps track of dirty pages anyway
/// and writes them back in its own time.
///
/// Look at the answer of `flush`: it is how a program can learn that the bytes were not written. A
/// program that only stores and ends is told nothing of an error of the write-back.
///
/// On macOS the disk may still keep the bytes in a cache of its own. `F_FULLFSYNC` empties that (Apple's
/// `fsync`): std's `sync_all` asks for it, a flush does not.
///
/// Promised by Linux (`msync`: MS_SYNC waits for the update; NOTES: since 2.6.19 MS_ASYNC is a no-op);
/// seen in `proc_pid_smaps`.
#[doc = page!(disk::a_flush_writes_back_and_an_asynchronous_one_does_not)]
#[doc(alias = "msync")]
#[doc(alias = "MS_ASYNC")]
#[doc(alias = "flush_async")]
#[doc(alias = "dirty")]
#[doc(alias = "fsync")]
#[doc(alias = "persist")]
#[doc(alias = "durable")]
#[doc(alias = "commit")]
#[doc(alias = "dirty page")]
pub fn a_flush_writes_back_and_an_asynchronous_one_does_not() -> io::Result<Flushed> {
    let attempt = || {
        let sample = disk::clean_pages("a")?;
        let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
        map.look(0..1);
        let dirty_before = dirty_pages(&map)?;

        // SAFETY: the first byte is inside the map, and no reference to it exists.
        unsafe { map.store(0, b'!') };
        let dirty_after_store = dirty_pages(&map)?;

        let flush_async = Answer::from(map.flush_async());
        let dirty_after_flush_async = dirty_pages(&map)?;

        map.flush().naming(&sample)?;
        let dirty_after_flush = dirty_pages(&map)?;

        Ok(Flushed {
            dirty_before,
            dirty_after_store,
            flush_async,
            dirty_after_flush_async,
            dirty_after_flush,
            after: sample.sides(&map, 0..3)?,
        })
    };
    // Anybody may write the page back meanwhile.
    disk::undisturbed(attempt, |seen| {
        (seen.dirty_after_flush_async, seen.dirty_after_flush) == (1, 0)
    })
}

/// How many pages of a map of one page were dirty.
#[derive(Debug)]
pub struct Flushed {
    pub dirty_before: usize,
    pub dirty_after_store: usize,
    pub flush_async: Answer,
    pub dirty_after_flush_async: usize,
    pub dirty_after_flush: usize,
    /// The first bytes at the end.
    pub after: Sides,
}

/// `sync_all` on any handle writes back the edits that a dropped map has left.
///
/// > When the map is dropped, the kernel writes my edits to the disk.
///
/// Unmapping need not write anything: the pages are the file's, dirty as they are, and the kernel writes
/// them back in its own time. After a loss of power they may be missing. Until then, any handle of the
/// file will do to write them back, with no flush and no map; that also helps with an `Mmap` that was
/// made by `make_read_only` and has no flush any more.
///
/// The system may write them earlier: FUSE does when a map ends. There is nothing left then, and the
/// lesson cannot be tried.
///
/// A flush is for the bytes that a map shows. The file's length is safe after `sync_all`, and the name
/// of a new or renamed file after `sync_all` on a handle of its folder.
///
/// Promised by Linux (`msync`: without it there is no guarantee that changes are written back before
/// `munmap`; `fsync`); seen in `proc_pid_smaps`.
#[doc = page!(disk::sync_all_writes_back_what_a_dropped_map_has_left)]
#[doc(alias = "fsync")]
#[doc(alias = "fdatasync")]
#[doc(alias = "munmap")]
#[doc(alias = "F_FULLFSYNC")]
#[doc(alias = "durability")]
#[doc(alias = "dirty page")]
#[doc(alias = "durable")]
pub fn sync_all_writes_back_what_a_dropped_map_has_left() -> io::Result<LeftDirty> {
    disk::expect_later_write_back()?;
    let attempt = || {
        let sample = disk::clean_pages("a")?;
        let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
        // Seen through a map of its own each time, since one that lives on would be in the way.
        let dirty = || {
            let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
            map.look(0..1);
            dirty_pages(&map)
        };
        let before = dirty()?;
        // SAFETY: the first byte is inside the map, and no reference to it exists.
        unsafe { map.store(0, b'!') };
        sample.expect_stores_through(&["rw-s"])?;

        drop(map);
        let maps_after_drop = sample.held()?.maps;
        let after_drop = dirty()?;

        let new_handle = sample.read_only()?;
        new_handle.sync_all().naming(&sample)?;
        let after_sync_all = dirty()?;

        Ok(LeftDirty {
            before,
            maps_after_drop,
            after_drop,
            writing_through_the_new_handle: new_handle.write_at(b"?", 0).into(),
            after_sync_all,
            file: sample.read(0..3)?,
        })
    };
    // Anybody may write the page back meanwhile.
    disk::undisturbed(attempt, |seen| {
        (seen.after_drop, seen.after_sync_all) == (1, 0)
    })
}

/// How many pages of a file of one page were dirty.
#[derive(Debug)]
pub struct LeftDirty {
    pub before: usize,
    /// Which maps of the file this process has after it dropped the one that was stored to.
    pub maps_after_drop: Vec<String>,
    pub after_drop: usize,
    pub writing_through_the_new_handle: Answer,
    /// After `sync_all` on that handle, which can only read.
    pub after_sync_all: usize,
    /// The first bytes at the end.
    pub file: Text,
}

/// A later store may be on the disk while an earlier one is not.
///
/// > The header is stored last. So if the header is on the disk, the data are there too.
///
/// Each dirty page is written back for a reason of its own: a flush of its range, its age, a lack of
/// memory. Here the lesson flushes the later one; the kernel may choose the same page on its own. A
/// machine that loses its power then has a header without its data.
///
/// So flush the data before you store the header that refers to them. Or write a new file beside the
/// old one, `sync_all` it, and rename it (see
/// [`recipes`](crate::recipes::a_file_is_replaced_by_renaming)). Or keep a log.
///
/// Some file systems write more than they are asked to: btrfs writes back the whole file.
///
/// Unspecified (POSIX, `msync`, promises nothing about what was not asked for); this is what Linux
/// does, seen in `proc_pid_smaps`.
#[doc = page!(disk::a_later_store_may_be_on_the_disk_before_an_earlier_one)]
#[doc(alias = "order")]
#[doc(alias = "crash")]
#[doc(alias = "database")]
#[doc(alias = "flush_range")]
#[doc(alias = "power loss")]
#[doc(alias = "corrupt")]
#[doc(alias = "dirty page")]
pub fn a_later_store_may_be_on_the_disk_before_an_earlier_one() -> io::Result<OutOfOrder> {
    disk::expect_partial_write_back()?;
    let attempt = || {
        let page = page_size();
        let sample = disk::clean_pages("a-b")?;
        let file = sample.read_write()?;
        let map_page = |first: usize| {
            let mut options = MmapOptions::new();
            let options = options.offset((first * page) as u64).len(page);
            options.map_raw(&file).naming(&sample)
        };
        let [data, header] = [map_page(0)?, map_page(2)?];
        let dirty = || Ok::<_, io::Error>([dirty_pages(&data)?, dirty_pages(&header)?]);
        // SAFETY: the first byte is inside the map, and no reference to it exists.
        unsafe { data.store(0, b'1') };
        let between_the_stores = [data.look(0..1), header.look(0..1)];
        let dirty_between = dirty()?;
        // SAFETY: as above.
        unsafe { header.store(0, b'2') };
        let dirty_before = dirty()?;

        sample.expect_stores_through(&["rw-s"; 2])?;
        header.flush().naming(&sample)?;

        Ok(OutOfOrder {
            between_the_stores,
            dirty_between,
            dirty_before,
            dirty_after: dirty()?,
            file: [sample.read(0..3)?, sample.read(2 * page..2 * page + 3)?],
        })
    };
    // Anybody may write the pages back meanwhile.
    disk::undisturbed(attempt, |it| {
        it.dirty_before == [1; 2] && it.dirty_after == [1, 0]
    })
}

/// Two pages of one file, the data and a header, of which only the header was flushed.
#[derive(Debug)]
pub struct OutOfOrder {
    /// The first bytes of the data and of the header.
    pub between_the_stores: [Text; 2],
    /// How many pages of the data were dirty, and of the header.
    pub dirty_between: [usize; 2],
    pub dirty_before: [usize; 2],
    pub dirty_after: [usize; 2],
    /// The first bytes of both at the end, as an ordinary read sees them.
    pub file: [Text; 2],
}

/// The first store through a map into a clean page moves the file's modification time; further ones
/// through that map do not, nor does a look.
///
/// > The modification time tells when I last stored into the map.
///
/// The kernel notices a store only where the store faults: at the first one through a map into a page.
/// It notices no other through that map until the page has been written back, or has left the map.
/// (Another map, or a forked child, has a first store of its own.) So a program that compares
/// modification times (`make`, a backup) may miss edits that are made through a map.
///
/// Set the time yourself where somebody relies on it (`File::set_modified`).
///
/// Unspecified (POSIX, `mmap`, says only that it moves between a store and the next `msync`); this is
/// what Linux does on a file system with a disk. On tmpfs a store into a page that was looked at does not
/// move it; on FUSE the write-back may.
#[doc = page!(disk::only_the_first_store_into_a_clean_page_moves_the_modification_time)]
#[doc(alias = "mtime")]
#[doc(alias = "make")]
#[doc(alias = "backup")]
#[doc(alias = "timestamp")]
pub fn only_the_first_store_into_a_clean_page_moves_the_modification_time() -> io::Result<Modified>
{
    disk::expect_time_of_the_store()?;
    let attempt = || {
        let sample = disk::clean_pages("a")?;
        let file = sample.read_write()?;
        let map = MmapRaw::map_raw(&file).naming(&sample)?;
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let moves = |act: &dyn Fn() -> io::Result<()>| -> io::Result<bool> {
            file.set_modified(long_ago)?;
            act()?;
            Ok(file.metadata()?.modified()? != long_ago)
        };
        #[allow(clippy::unit_arg, reason = "it stands beside a store")]
        let look = || Ok(drop(map.look(0..1)));
        let store = |at: usize| {
            // SAFETY: the byte is inside the map, and no reference to it exists.
            unsafe { map.store(at, b'!') };
            Ok(())
        };

        Ok(Modified {
            by_a_look: moves(&look)?,
            resident_after_it: kernel::resident(map.as_ptr(), 1)?,
            dirty_after_it: dirty_pages(&map)?,
            by_the_first_store: moves(&|| store(0))?,
            by_another_store: moves(&|| store(1))?,
            by_a_flush: moves(&|| map.flush())?,
            by_a_store_after_the_flush: moves(&|| store(2))?,
            file: sample.read(0..4)?,
        })
    };
    // Anybody may write the page back meanwhile.
    disk::undisturbed(attempt, |it| it.by_the_first_store && !it.by_another_store)
}

/// Whether each act moved the modification time of a file of one page.
#[derive(Debug)]
pub struct Modified {
    pub by_a_look: bool,
    /// `#`: the page is in the map, where the look has brought it.
    pub resident_after_it: String,
    /// How many pages were dirty then.
    pub dirty_after_it: usize,
    pub by_the_first_store: bool,
    pub by_another_store: bool,
    pub by_a_flush: bool,
    pub by_a_store_after_the_flush: bool,
    /// The first bytes at the end.
    pub file: Text,
}

/// A store into a hole takes room on the disk, and a look takes none.
///
/// > `set_len` has given my file its room; a store only fills it in.
///
/// A file that was made longer is a hole up to its end: it reads as zeros and takes no room. The file
/// system finds room page by page, when a page is stored to. So the room can still be lacking then: see
/// [`a_store_into_a_hole_of_a_full_disk_kills`].
///
/// On tmpfs a look through a map takes room, too. On FUSE a store takes none until it is written back.
///
/// Unspecified; this is what Linux does on a file system with a disk.
#[doc = page!(disk::a_store_into_a_hole_takes_room)]
#[doc(alias = "sparse file")]
#[doc(alias = "st_blocks")]
#[doc(alias = "set_len")]
#[doc(alias = "ftruncate")]
pub fn a_store_into_a_hole_takes_room() -> io::Result<Hole> {
    disk::expect_disk()?;
    disk::expect_room_at_the_store()?;
    let page = page_size();
    let sample = Sample::of(b"")?;
    let file = sample.read_write()?;
    file.set_len(3 * page as u64).naming(&sample)?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    let takes_room = || -> io::Result<bool> { Ok(file.metadata().naming(&sample)?.blocks() > 0) };
    let before = takes_room()?;

    map.advise(Advice::Random).naming(&sample)?;
    let zeros = [0, page, 2 * page].map(|first| map.look(first..first + 3));
    let resident_after_look = kernel::resident(map.as_ptr(), 3)?;
    let after_look = takes_room()?;

    // SAFETY: the byte is inside the map, and no reference to it exists.
    unsafe { map.store(page, b'!') };
    let after_store = takes_room()?;

    sample.expect_stores_through(&["rw-s"])?;
    Ok(Hole {
        takes_room_before: before,
        zeros,
        resident_after_look,
        takes_room_after_look: after_look,
        takes_room_after_store: after_store,
        after: sample.sides(&map, page - 3..page + 3)?,
        length: Place::from(sample.length()? as usize),
    })
}

/// A file of three pages that is one hole.
#[derive(Debug)]
pub struct Hole {
    pub takes_room_before: bool,
    /// The first bytes of each page.
    pub zeros: [Text; 3],
    pub resident_after_look: String,
    pub takes_room_after_look: bool,
    pub takes_room_after_store: bool,
    /// The bytes around the start of the second page.
    pub after: Sides,
    pub length: Place,
}

/// A store into a hole of a full disk kills. Populating answers EFAULT, and reserving answers ENOSPC.
///
/// > A disk that is full answers ENOSPC, and my program can deal with that.
///
/// A store is no call, so there is nobody to answer. Where the file system finds no room for the page,
/// the kernel can only send SIGBUS, with the same code (BUS_ADRERR) as for a page past the end.
///
/// So reserve room before you map a file that was made longer: `fallocate`, or `posix_fallocate`, is a
/// call that can answer. `PopulateWrite` is another; its answer does not say why. (`PopulateRead`
/// finds no room: on a disk, a look takes none. In a hole of tmpfs it does.)
///
/// Where a file system looks for room only when it writes back (FUSE), the store lives, and populating
/// is granted. Then a flush may fail; on bindfs one was granted and a byte was lost.
///
/// The lesson mounts a tmpfs with room for four pages, which only a child of it sees.
///
/// Unspecified (POSIX, `mmap`, allows SIGBUS for want of space and does not demand it); this is what
/// Linux does on a file system that looks for room at the store. The answers are promised by Linux
/// (`madvise`, MADV_POPULATE_WRITE, EFAULT; `fallocate`, ENOSPC).
#[doc = page!(disk::a_store_into_a_hole_of_a_full_disk_kills)]
#[doc(alias = "ENOSPC")]
#[doc(alias = "SIGBUS")]
#[doc(alias = "disk full")]
#[doc(alias = "posix_fallocate")]
#[doc(alias = "EFAULT")]
pub fn a_store_into_a_hole_of_a_full_disk_kills() -> io::Result<FullDisk> {
    needs::advice(&[Advice::PopulateWrite])?;
    let page = page_size();
    let map_hole = |disk: &SmallDisk, pages: usize| -> io::Result<(MmapRaw, File)> {
        let file = disk.create()?;
        file.set_len((pages * page) as u64)?;
        Ok((MmapRaw::map_raw(&file)?, file))
    };
    // SAFETY: the child stores into its own map, makes plain system calls, and allocates nothing.
    let store = |pages: usize| unsafe {
        SmallDisk::with(|disk, [length, stores]| {
            let ((map, file), mut byte) = (map_hole(disk, pages)?, [0]);
            length.store(file.metadata()?.len() as usize / page, Ordering::Relaxed);
            for first in (0..pages * page).step_by(page) {
                child::write(map.as_mut_ptr().add(first));
                file.read_exact_at(&mut byte, first as u64)?;
                stores.fetch_add(usize::from(byte == *b"!"), Ordering::Relaxed);
            }
            Ok(())
        })
    };

    let (store_into_four, store_into_five) = (store(4)?, store(5)?);

    // SAFETY: as above, without the stores.
    let populate_five =
        unsafe { SmallDisk::with(|disk, []| map_hole(disk, 5)?.0.advise(Advice::PopulateWrite)) };
    let reserve = |file: File| system::fallocate(&file, 0, 0, 5 * page);
    // SAFETY: as above.
    let reserve_five = unsafe { SmallDisk::with(|disk, []| reserve(map_hole(disk, 5)?.1)) };
    Ok(FullDisk {
        store_into_four,
        store_into_five,
        populate_five: populate_five.into(),
        reserve_five: reserve_five.into(),
    })
}

/// What came of maps of files that are holes, on a disk with room for four pages.
#[derive(Debug)]
pub struct FullDisk {
    /// How a child ended that stored into each of four pages, one after the other; how many pages the
    /// file has, and how many of the stores were then seen in it.
    pub store_into_four: (Outcome, [usize; 2]),
    pub store_into_five: (Outcome, [usize; 2]),
    pub populate_five: Answer,
    pub reserve_five: Answer,
}

/// A file that was removed keeps its room until its last map is gone.
///
/// > I have deleted the file and closed it, so its room is free.
///
/// Removing takes the name, closing takes the handle. The map still shows the bytes, so they have to
/// be somewhere. This is one way in which `df` counts what no `ls` and no `du` can find; the map is
/// listed in `/proc/PID/maps`, with "(deleted)" after its path.
///
/// The lesson mounts a tmpfs with room for four pages, which only a child of it sees.
///
/// Promised by POSIX (`unlink`: the contents stay until all references are closed; `mmap`: a map is one
/// more reference).
#[doc = page!(disk::a_removed_file_keeps_its_room_until_its_last_map_is_gone)]
#[doc(alias = "df")]
#[doc(alias = "deleted")]
#[doc(alias = "unlink")]
#[doc(alias = "leak")]
pub fn a_removed_file_keeps_its_room_until_its_last_map_is_gone() -> io::Result<FreePages> {
    // SAFETY: the child stores into its own map, makes plain system calls, and allocates nothing.
    let (_, [free, stored, removed, names, closed, dropped, byte]) = unsafe {
        SmallDisk::with(|disk, notes: &[AtomicUsize; 7]| {
            let note = |at: usize, number: usize| notes[at].store(number, Ordering::Relaxed);
            note(0, disk.free_pages()?);
            let file = disk.create()?;
            file.set_len(2 * page_size() as u64)?;
            let map = MmapRaw::map_raw(&file)?;
            child::write(map.as_mut_ptr());
            child::write(map.as_mut_ptr().add(page_size()));
            note(1, disk.free_pages()?);

            disk.remove()?;
            note(2, disk.free_pages()?);
            note(3, file.metadata()?.nlink() as usize);
            drop(file);
            note(4, disk.free_pages()?);
            note(6, child::load(map.as_ptr().add(page_size())).into());
            drop(map);
            note(5, disk.free_pages()?);
            Ok(())
        })
    }?;
    Ok(FreePages {
        at_first: free,
        after_two_were_stored_to: stored,
        after_the_name_was_removed: removed,
        names_then: names,
        after_the_handle_was_closed: closed,
        second_page_then: byte as u8 as char,
        after_the_map_was_dropped: dropped,
    })
}

/// For how many pages a disk of four has room.
#[derive(Debug)]
pub struct FreePages {
    pub at_first: usize,
    pub after_two_were_stored_to: usize,
    pub after_the_name_was_removed: usize,
    /// How many names the file has then.
    pub names_then: usize,
    pub after_the_handle_was_closed: usize,
    /// The first byte of that page, as the map shows it.
    pub second_page_then: char,
    pub after_the_map_was_dropped: usize,
}

/// What watches a file is told of a write, and of no store.
///
/// > A watcher wakes up whenever the file changes, however it changes.
///
/// The system calls that change a file make the events of inotify. A store is not a system call, and a
/// flush changes nothing that a reader could see. So an editor, a build tool or a synchronising program
/// that waits for events goes on showing the old bytes.
///
/// Tell them yourself: setting the modification time (`File::set_modified`) makes an event. (On Linux it
/// is that of a write, where no other time is set with it; the manual has times under IN_ATTRIB.)
///
/// Promised by Linux (`inotify`, "Limitations and caveats": accesses and modifications through `mmap`,
/// `msync` and `munmap` are not reported).
#[doc = page!(disk::what_watches_a_file_is_told_of_no_store)]
#[doc(alias = "inotify")]
#[doc(alias = "notify")]
#[doc(alias = "watchdog")]
#[doc(alias = "IN_MODIFY")]
pub fn what_watches_a_file_is_told_of_no_store() -> io::Result<Watched> {
    let sample = Sample::lorem()?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    let mut watch = Watch::on(&sample).naming(&sample)?;
    file.write_at(b"L", 0).naming(&sample)?;
    let events_of_a_write_before = watch.events()?;

    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.store(0, b'!') };

    let (after_store, events_of_the_store) = (sample.read(0..11)?, watch.events()?);
    map.flush().naming(&sample)?;
    sample.expect_flushed(map.as_ptr())?;
    let events_of_the_flush = watch.events()?;
    file.set_modified(SystemTime::UNIX_EPOCH).naming(&sample)?;
    let is_told_of_a_new_time = !watch.events()?.is_empty();
    file.write_at(b"?", 1).naming(&sample)?;
    let events_of_a_write = watch.events()?;
    let held = sample.held()?;
    drop(map);
    sample.expect_maps(&[])?;
    Ok(Watched {
        events_of_a_write_before,
        after_store,
        events_of_the_store,
        events_of_the_flush,
        is_told_of_a_new_time,
        after_write: sample.read(0..11)?,
        events_of_a_write,
        maps: held.maps,
        events_of_the_unmapping: watch.events()?,
    })
}

/// What inotify told of each act.
#[derive(Debug)]
pub struct Watched {
    /// Of the same byte as the store after it.
    pub events_of_a_write_before: Vec<&'static str>,
    /// The first bytes of the file after the store.
    pub after_store: Text,
    pub events_of_the_store: Vec<&'static str>,
    pub events_of_the_flush: Vec<&'static str>,
    pub is_told_of_a_new_time: bool,
    pub after_write: Text,
    pub events_of_a_write: Vec<&'static str>,
    /// The maps of the file, before they were unmapped.
    pub maps: Vec<String>,
    pub events_of_the_unmapping: Vec<&'static str>,
}
