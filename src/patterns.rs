//! What a real program does about all this: the wrong way failing, and the right way working.

#[cfg(unix)]
use std::fs;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use memmap2::{Mmap, MmapOptions, MmapRaw};

use crate::book::chapter;
#[cfg(unix)]
use crate::child::{self, Outcome};
#[cfg(unix)]
use crate::kernel::page_size;
#[cfg(unix)]
use crate::observation::Sides;
use crate::observation::Text;
use crate::raw;
use crate::sample::{At, Sample};

chapter! {
    patterns;
    #[cfg(unix)]
    a_file_is_replaced_by_renaming: Posix,
    #[cfg(unix)]
    a_file_is_appended_to_by_writing: Posix,
    a_part_is_handed_out_with_its_map: Rust,
    a_number_is_taken_from_its_bytes: Rust,
    text_checked_once_is_not_text_for_good: Rust,
    counting_through_two_maps_takes_atomics: Rust,
}

/// What a reader has of its map of an old file of two pages, after new bytes were put in its place.
#[cfg(unix)]
#[derive(Debug)]
pub struct Reader {
    /// The first bytes of its map.
    pub memory: Text,
    /// Reading the second page of it.
    pub second_page: Outcome,
    /// The first bytes for whoever opens the file now.
    pub opened_now: Text,
}

/// Two ways to replace a file that somebody has mapped.
#[cfg(unix)]
#[derive(Debug)]
pub struct Replaced {
    /// The wrong way: written over in place.
    pub in_place: Reader,
    /// The right way: written beside it and renamed.
    pub by_renaming: Reader,
}

/// A file is replaced by renaming another over it, so that whoever has mapped the old one keeps it whole.
///
/// It is tempting to write the new bytes over the old ones. A reader's map then shows the new bytes in the middle of
/// its work, or half of them, and where the new file is shorter the reader is killed. Written beside it under another
/// name and renamed, the new file is there for whoever opens it next, and the old one stays until its last map is gone.
///
/// The other name has to be in the same file system, best in the same folder. To be safe from a loss of power, flush
/// the new file before the rename. Windows may refuse both ways while the old file is mapped, depending on its version.
///
/// Promised by POSIX (`rename`: atomic; `mmap`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/patterns/a_file_is_replaced_by_renaming.snap"))]
/// ```
#[cfg(unix)]
pub fn a_file_is_replaced_by_renaming() -> io::Result<Replaced> {
    let page = page_size();
    let replace = |way: fn(&Sample) -> io::Result<()>| -> io::Result<Reader> {
        let sample = Sample::of_pages("oo")?;
        let map = MmapOptions::new().map_raw_read_only(&sample.read_only()?).at(&sample)?;
        way(&sample)?;
        // SAFETY: the child reads one byte of the map through a raw pointer and ends.
        let second_page = unsafe { child::run(|| _ = map.as_ptr().add(page).read_volatile()) }?;
        Ok(Reader { memory: raw::look(&map, 0..6), second_page, opened_now: sample.read(0..6)? })
    };

    let in_place = replace(|old| fs::write(old, "new").at(old))?;
    let by_renaming = replace(|old| {
        let new = Sample::of(b"new")?;
        fs::rename(&new, old).at(old)
    })?;

    Ok(Replaced { in_place, by_renaming })
}

/// A file of four bytes after attempts to append to it.
#[cfg(unix)]
#[derive(Debug)]
pub struct Appended {
    /// After a store into its last byte, and four past its end: the map, which is longer, and the file.
    pub after_stores_past_the_end: Sides,
    /// After the same through a map of a handle opened to append.
    pub after_stores_through_an_append_handle: Sides,
    /// The old map and the file, after a write through that handle.
    pub after_a_write: Sides,
    /// A new map and the file.
    pub mapped_again: Sides,
}

/// A file is appended to by writing, and mapped again; a store can never do it.
///
/// It is tempting to make the map longer than the file and store past its end, or to open the file with `O_APPEND`
/// first. Stores go where they are told, and past the end there is no file: what is stored there is lost, while the
/// last byte before it arrives. A write appends; so does `set_len` before a store. The map that was there keeps its
/// length, so map again, or `remap` on Linux.
///
/// Promised by POSIX (`mmap`: stores past the end are not written out; `write`, O_APPEND).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/patterns/a_file_is_appended_to_by_writing.snap"))]
/// ```
#[cfg(unix)]
pub fn a_file_is_appended_to_by_writing() -> io::Result<Appended> {
    let sample = Sample::of(b"one\n")?;
    let mut appending = fs::File::options().read(true).append(true).open(&sample).at(&sample)?;
    let store_at_the_end = |file: &fs::File, last: u8| -> io::Result<Sides> {
        // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped. All that is touched is
        // in the file's last page, of which the kernel may clear the rest at the flush, when no slice is held.
        let mut map = unsafe { MmapOptions::new().len(page_size()).map_mut(file) }.at(&sample)?;
        map[3] = last;
        map[4..8].copy_from_slice(b"two\n");
        // What the flush leaves of it in the memory, nobody promises.
        let memory = map[..8].into();
        map.flush().at(&sample)?;
        Ok(Sides { memory, file: sample.read(0..8)? })
    };
    let after_stores_past_the_end = store_at_the_end(&sample.read_write()?, b',')?;
    let after_stores_through_an_append_handle = store_at_the_end(&appending, b';')?;
    let old = MmapOptions::new().map_raw_read_only(&appending).at(&sample)?;

    appending.write_all(b"two\n").at(&sample)?;

    let after_a_write = raw::sides(&old, &sample, 0..12)?;
    let new = MmapOptions::new().map_raw_read_only(&appending).at(&sample)?;
    let mapped_again = raw::sides(&new, &sample, 0..12)?;
    Ok(Appended { after_stores_past_the_end, after_stores_through_an_append_handle, after_a_write, mapped_again })
}

/// A part of a map in another thread.
#[derive(Debug)]
pub struct HandedOut {
    /// How many owners the map had when the part was handed out.
    pub owners_before: usize,
    /// How many it had when the part was read, the first owner having dropped it.
    pub owners_when_read: usize,
    /// What was read.
    pub part: Text,
}

/// A part of a map is handed out together with the map.
///
/// It is tempting to return a slice, or to make it `'static` by force. A slice that is returned would point into a map
/// that is gone, and does not compile:
///
/// ```compile_fail,E0515
/// # use std::borrow::Cow;
/// # fn main() -> std::io::Result<()> {
/// fn first_five() -> std::io::Result<Cow<'static, [u8]>> {
///     let map = memmap2::MmapMut::map_anon(10)?;
///     Ok(Cow::from(&map[..5]))
/// }
/// assert_eq!(first_five()?, [0; 5].as_slice());
/// # Ok(())
/// # }
/// ```
///
/// What differs here is that the bytes are copied, and it compiles:
///
/// ```
/// # use std::borrow::Cow;
/// # fn main() -> std::io::Result<()> {
/// fn first_five() -> std::io::Result<Cow<'static, [u8]>> {
///     let map = memmap2::MmapMut::map_anon(10)?;
///     Ok(Cow::from(map[..5].to_vec()))
/// }
/// assert_eq!(first_five()?, [0; 5].as_slice());
/// # Ok(())
/// # }
/// ```
///
/// Without a copy, an `Arc<Mmap>` and a range do it: they can be kept, cloned and sent to other threads, and the map
/// goes with its last owner.
///
/// Promised by Rust (`Arc`; error E0515), and memmap2 (`Mmap` is `Send` and `Sync`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/patterns/a_part_is_handed_out_with_its_map.snap"))]
/// ```
pub fn a_part_is_handed_out_with_its_map() -> io::Result<HandedOut> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = Arc::new(unsafe { Mmap::map(&sample.read_only()?) }.at(&sample)?);
    let (part, range) = (Arc::clone(&map), 6..11);
    let owners_before = Arc::strong_count(&map);

    drop(map);
    let reader = thread::Builder::new().spawn(move || (Arc::strong_count(&part), Text::from(&part[range])))?;

    let (owners_when_read, part) = reader.join().map_err(|_| io::Error::other("the reading thread panicked"))?;
    Ok(HandedOut { owners_before, owners_when_read, part })
}

/// A number of four bytes at an odd offset.
#[derive(Debug)]
pub struct NumberInBytes {
    /// Whether the map begins at an address that is good for a `u32`.
    pub map_is_aligned: bool,
    /// Whether the number in it does.
    pub number_is_aligned: bool,
    /// Whether a map that begins with it does.
    pub map_with_an_offset_is_aligned: bool,
    /// The wrong way: the first `u32` that `align_to` finds from there on.
    pub by_align_to: Option<u32>,
    /// The right way: the number from its four bytes.
    pub from_bytes: Option<u32>,
}

/// A number is taken from its bytes, since only a map's base is aligned.
///
/// It is tempting to cast a pointer into the map to `*const u32`. Where the number is not at a multiple of its
/// alignment, reading through that pointer is undefined; `align_to` is sound and reads other bytes. The base of a whole
/// map is aligned to a page, but memmap2's map with an offset begins at any byte. `from_le_bytes` has no such wishes,
/// says in which order the bytes stand, and costs nothing.
///
/// Promised by Rust (`u32::from_le_bytes`; `slice::align_to`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/patterns/a_number_is_taken_from_its_bytes.snap"))]
/// ```
pub fn a_number_is_taken_from_its_bytes() -> io::Result<NumberInBytes> {
    let sample = Sample::of(&[9, 1, 0, 0, 0, 2, 0, 0])?;
    let file = sample.read_only()?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { Mmap::map(&file) }.at(&sample)?;
    // SAFETY: as above.
    let window = unsafe { MmapOptions::new().offset(1).map(&file) }.at(&sample)?;
    let is_aligned = |bytes: &[u8]| bytes.as_ptr().cast::<u32>().is_aligned();

    let number = &map[1..];
    // SAFETY: any four bytes are a u32.
    let (_, aligned, _) = unsafe { number.align_to::<u32>() };

    Ok(NumberInBytes {
        map_is_aligned: is_aligned(&map),
        number_is_aligned: is_aligned(number),
        map_with_an_offset_is_aligned: is_aligned(&window),
        by_align_to: aligned.first().map(|number| u32::from_le(*number)),
        from_bytes: number.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)),
    })
}

/// Whether the same bytes are UTF-8, before and after somebody wrote to the file.
#[derive(Debug)]
pub struct Checked {
    /// The bytes in the map, before.
    pub in_the_map_before: bool,
    /// The bytes in the map, after.
    pub in_the_map_after: bool,
    /// A copy that was taken before, after.
    pub in_the_copy_after: bool,
    /// What the map shows, after.
    pub map_after: Text,
    /// What the copy holds, after.
    pub copy_after: Text,
}

/// Text that was checked once is not text for good, if it is in a map.
///
/// It is tempting to check a map with `from_utf8` and to keep the `&str`. The bytes are the file's. Whoever can write
/// to it can undo the check later, and a `str` that is not UTF-8 is undefined behaviour, as are bytes that change under
/// a `&str`. Where others may write, copy what has to stay as it was, and check the copy; or check anew at each look,
/// as here, through a raw map.
///
/// Promised by Rust (`str`: must be UTF-8; `&`: must not change); that the write shows, by Linux (`mmap`, MAP_SHARED).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/patterns/text_checked_once_is_not_text_for_good.snap"))]
/// ```
pub fn text_checked_once_is_not_text_for_good() -> io::Result<Checked> {
    let sample = Sample::of("gr\u{fc}n".as_bytes())?;
    let map = MmapOptions::new().map_raw_read_only(&sample.read_only()?).at(&sample)?;
    let is_text = |bytes: &Text| std::str::from_utf8(&bytes.0).is_ok();
    let copy = raw::look(&map, 0..map.len());
    let in_the_map_before = is_text(&raw::look(&map, 0..map.len()));

    sample.read_write()?.write_all(b"gr\xff").at(&sample)?;

    let map_after = raw::look(&map, 0..map.len());
    Ok(Checked {
        in_the_map_before,
        in_the_map_after: is_text(&map_after),
        in_the_copy_after: is_text(&copy),
        map_after,
        copy_after: copy,
    })
}

/// A counter in a file, counted up through two maps.
#[derive(Debug)]
pub struct Counted {
    /// The wrong way: both read the counter, then the first stored 1 more. What it says then.
    pub by_hand_after_the_first: u32,
    /// What it says after the second stored 10 more than it had read.
    pub by_hand_after_the_second: u32,
    /// The right way: two threads counted at the same time, each through its map. How often, in all.
    pub times_by_atomics: u32,
    /// What the counter says then.
    pub by_atomics: u32,
}

/// Counting through two maps of the same file takes atomics.
///
/// It is tempting to read, add one and write, through a slice. Two who do so may both read the same number, and one of
/// the counts is lost; here they take turns such that it must happen. Two `&mut` to the same bytes, which two maps hand
/// out without a word from the compiler, are undefined behaviour besides. An atomic over a raw pointer counts in one
/// step that nobody can come between, in threads as in processes.
///
/// The place must be aligned: the base of a map is.
///
/// Promised by Rust (`AtomicU32::from_ptr`, `fetch_add`); that both maps are one memory, by POSIX (`mmap`, MAP_SHARED).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/patterns/counting_through_two_maps_takes_atomics.snap"))]
/// ```
pub fn counting_through_two_maps_takes_atomics() -> io::Result<Counted> {
    const TIMES: u32 = 100_000;
    let sample = Sample::of(&[0; 8])?;
    let file = sample.read_write()?;
    let maps = [MmapRaw::map_raw(&file).at(&sample)?, MmapRaw::map_raw(&file).at(&sample)?];
    let [first, second] = maps.each_ref().map(|map| map.as_mut_ptr().cast::<u32>());

    // SAFETY: both are aligned and inside their maps; there is no reference, and nobody else runs.
    let (by_hand_after_the_first, by_hand_after_the_second) = unsafe {
        let (read_by_first, read_by_second) = (first.read_volatile(), second.read_volatile());
        first.write_volatile(read_by_first + 1);
        let after_the_first = second.read_volatile();
        second.write_volatile(read_by_second + 10);
        (after_the_first, first.read_volatile())
    };

    // Each waits for the other, so that both count at the same time.
    let there = AtomicU32::new(0);
    // SAFETY: the second four bytes of each map are aligned, inside it, and touched by atomics alone as long as it
    // lives.
    let atomics = unsafe { [AtomicU32::from_ptr(first.add(1)), AtomicU32::from_ptr(second.add(1))] };
    let count = |atomic: &AtomicU32| {
        there.fetch_add(1, Ordering::Relaxed);
        while there.load(Ordering::Relaxed) < 2 {
            thread::yield_now();
        }
        (0..TIMES).for_each(|_| _ = atomic.fetch_add(1, Ordering::Relaxed));
    };
    thread::scope(|scope| {
        thread::Builder::new().spawn_scoped(scope, || count(atomics[0]))?;
        count(atomics[1]);
        Ok::<_, io::Error>(())
    })?;

    let by_atomics = atomics[0].load(Ordering::Relaxed);
    Ok(Counted { by_hand_after_the_first, by_hand_after_the_second, times_by_atomics: 2 * TIMES, by_atomics })
}
