//! Recipes: what a program does about all this.
//!
//! How do I use maps without running into all this?
//!
//! 1. [`a_file_is_replaced_by_renaming`]
//! 2. [`a_file_is_appended_to_by_writing`]
//! 3. [`a_part_is_handed_out_with_its_map`]
//! 4. [`a_number_is_taken_from_its_bytes`]
//! 5. [`text_checked_once_is_not_text_for_good`]
//! 6. [`counting_through_two_maps_takes_atomics`]
//! 7. [`a_fault_is_turned_into_an_error`]
//! 8. [`a_map_costs_faults_and_reading_costs_calls`]

#[cfg(target_os = "linux")]
use std::fs;
#[cfg(unix)]
use std::fs::File;
#[cfg(target_os = "linux")]
use std::hint;
use std::io;
#[cfg(target_os = "linux")]
use std::io::Read;
#[cfg(unix)]
use std::io::{Seek, Write};
use std::ops::{Deref, Range};
#[cfg(target_os = "linux")]
use std::os::unix::fs::{FileExt, MetadataExt};
#[cfg(unix)]
use std::ptr;
use std::str;
use std::sync::Arc;
#[cfg(unix)]
use std::sync::atomic::{self, AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use std::thread;

use memmap2::{Mmap, MmapOptions, MmapRaw};
#[cfg(target_os = "linux")]
use tempfile::NamedTempFile;

#[cfg(unix)]
use crate::lab::attempts;
#[cfg(unix)]
use crate::lab::child::{self, Notes};
#[cfg(target_os = "linux")]
use crate::lab::cost::{self, Cost};
use crate::lab::errors::Naming;
#[cfg(unix)]
use crate::lab::fault;
#[cfg(target_os = "linux")]
use crate::lab::kernel;
use crate::lab::look::{Look, Store, offset_in};
#[cfg(target_os = "linux")]
use crate::lab::observation::BeforeAndAfter;
use crate::lab::observation::Text;
#[cfg(unix)]
use crate::lab::observation::{Answer, Outcome, Sides};
use crate::lab::panics;
#[cfg(unix)]
use crate::lab::pause;
#[cfg(unix)]
use crate::lab::place::page_size;
use crate::lab::sample::Sample;
#[cfg(target_os = "linux")]
use crate::lab::watch::NameWatch;

/// A file is replaced by renaming another over it: maps of the old file keep it whole, and its name
/// is there all the time.
///
/// > To save a new version, I open the file and write the new bytes over the old ones.
///
/// A reader's map would show the new bytes in the middle of its work, or half of them, and where
/// the new version is shorter the reader would be killed. Renamed over it, the new file is there
/// for the next program that opens the name, and the old one stays until its last map is gone.
/// Removing the old file first, or moving it away, leaves a moment in which there is no file of that
/// name.
///
/// The other name is in the same folder, since a rename does not cross file systems. `sync_all`
/// before the rename puts the new bytes on the disk before the name leads to them; after it, the
/// folder is synced as well, since the new name is in the folder. (`flush` would do neither: of a
/// `File` it does nothing.) The new file has permissions and an owner of its own.
///
/// Promised by POSIX (`rename`: the name stays visible to other processes throughout; `mmap`: a map
/// keeps its file). That the folder must be synced, too, is in the Linux manual (`fsync`).
#[doc = page!(recipes::a_file_is_replaced_by_renaming)]
#[doc(alias = "atomic")]
#[doc(alias = "fsync")]
#[doc(alias = "save")]
#[doc(alias = "sync_all")]
#[doc(alias = "overwrite")]
#[cfg(target_os = "linux")]
pub fn a_file_is_replaced_by_renaming() -> io::Result<Replaced> {
    let sample = Sample::of_pages("oo")?;
    let folder = sample.folder();
    let old = MmapOptions::new().map_raw_read_only(&sample.read_only()?);
    let old = old.naming(&sample)?;
    let look = || -> io::Result<Reader> {
        Ok(Reader {
            old_map: old.look(0..6),
            its_second_page: child::touch(old.as_ptr().wrapping_add(page_size()))?,
            opened_now: sample.read(0..6)?,
        })
    };
    let before = look()?;
    let watch = NameWatch::new(sample.path())?;

    let (mut new, beside) = NamedTempFile::new_in(folder)?.into_parts();
    new.write_all(b"new").naming(&beside)?;
    new.sync_all().naming(&beside)?;
    // A look, and no part of the recipe.
    let (pages_not_synced, opened_then) = (kernel::unsynced_pages(&new)?, sample.read(0..6)?);
    fs::rename(&beside, &sample).naming(&sample)?;
    let number = new.metadata()?.ino();
    drop(new);
    let folder_synced = Answer::from(File::open(folder).naming(folder)?.sync_all());

    let after = look()?;
    Ok(Replaced {
        readers: BeforeAndAfter { before, after },
        pages_not_synced,
        opened_then,
        happened_to_the_name: watch.events()?,
        it_is_the_synced_file: fs::metadata(&sample)?.ino() == number,
        folder_synced,
    })
}

/// A file that somebody has mapped, when another was renamed over it.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Replaced {
    pub readers: BeforeAndAfter<Reader>,
    /// How many pages of the new file were not yet on the disk right before the rename.
    pub pages_not_synced: usize,
    /// The first bytes for a program that opened the name at that moment.
    pub opened_then: Text,
    /// Every change of what the file's name stands for, as the folder tells it.
    pub happened_to_the_name: Vec<&'static str>,
    /// Whether the name leads to the file that was written beside it.
    pub it_is_the_synced_file: bool,
    pub folder_synced: Answer,
}

/// What readers have of a file of two pages.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Reader {
    /// The first bytes of a map that was made of the old file.
    pub old_map: Text,
    /// A touch of that map's second page.
    pub its_second_page: Outcome,
    /// The first bytes for a program that opens the name now.
    pub opened_now: Text,
}

/// A file is appended to by writing to it: a store past its end does not make it longer.
///
/// > I make the map longer than the file, store past the end, and flush: that appends.
///
/// In the file's last page the store changes the memory; in a page after that it would kill. Either
/// way the file keeps its length, and what was stored past its end belongs to nobody: the kernel
/// may clear it at any moment, or let it come to light when the file grows.
///
/// A write appends, and `set_len` makes room for a store. O_APPEND is about writes alone; a store
/// goes to its address. The map that was there keeps its length, so map again to have all of it.
///
/// Promised by POSIX (`mmap`: what is past the end in the last page is never written out; `write`).
#[doc = page!(recipes::a_file_is_appended_to_by_writing)]
#[doc(alias = "append")]
#[doc(alias = "O_APPEND")]
#[doc(alias = "grow")]
#[cfg(unix)]
pub fn a_file_is_appended_to_by_writing() -> io::Result<Appended> {
    let sample = Sample::of(b"one\n")?;
    let at_first = sample.read(0..12)?;
    let file = sample.read_write()?;
    let longer = MmapOptions::new()
        .len(page_size())
        .map_raw(&file)
        .naming(&sample)?;
    let old = MmapRaw::map_raw(&file).naming(&sample)?;
    // SAFETY: the byte is in the file, and no reference to it exists.
    unsafe { longer.store(3, b',') };
    let store_past_the_end = || {
        // SAFETY: the byte is in the file's last page, past its end, and no reference to it exists.
        unsafe { longer.store(4, b'_') };
        Ok(longer.look(4..5) == "_")
    };
    // Again if somebody's `sync` clears the byte before the look.
    let store_past_the_end_was_made = attempts::first(store_past_the_end, |made| *made)?;
    let flush = Answer::from(longer.flush());
    sample.expect_flushed(longer.as_ptr())?;
    let before = sample.sides(&old, 0..12)?;

    let mut appending = File::options().append(true).open(&sample).naming(&sample)?;
    appending.write_all(b"two\n").naming(&sample)?;
    let written_up_to = appending.stream_position().naming(&sample)?;

    let new = MmapRaw::map_raw(&file).naming(&sample)?;
    Ok(Appended {
        at_first,
        store_past_the_end_was_made,
        flush,
        before,
        written_up_to,
        after: sample.sides(&old, 0..12)?,
        mapped_again: new.look(0..12),
    })
}

/// A file of four bytes that is appended to.
#[cfg(unix)]
#[derive(Debug)]
pub struct Appended {
    pub at_first: Text,
    /// Whether `_` was seen in the memory past the end of the file.
    pub store_past_the_end_was_made: bool,
    /// The flush after that, and after `,` was stored into the last byte of the file.
    pub flush: Answer,
    /// A map of the file's own length, and the file, after the flush.
    pub before: Sides,
    /// Where the handle that wrote then stands in the file, in bytes.
    pub written_up_to: u64,
    /// The same map, and the file, then.
    pub after: Sides,
    /// A new map of the file's own length then.
    pub mapped_again: Text,
}

/// A part of a map is handed out together with the map: it can go to another thread, and the map
/// ends with its last owner.
///
/// > To hand out a part of a map I have to copy it, or to make the slice `'static` by force.
///
/// A slice borrows from its map. Where the map ends first it does not compile, and forced it would
/// point to memory that is not there any more:
///
/// ```compile_fail,E0597
/// # use std::{io, sync::Arc, thread};
/// # use memmap2::MmapMut;
/// # use mmap_by_example::recipes::Part;
/// # fn main() -> io::Result<()> {
/// let map = Arc::new(MmapMut::map_anon(10)?.make_read_only()?);
/// let part = &map[6..10];
/// let reader = thread::spawn(move || part.to_vec());
/// # assert_eq!(reader.join().unwrap(), [0; 4]);
/// # Ok(())
/// # }
/// ```
///
/// A range of bytes and an `Arc` of the map are a part that owns what it points to:
///
/// ```
/// # use std::{io, sync::Arc, thread};
/// # use memmap2::MmapMut;
/// # use mmap_by_example::recipes::Part;
/// # fn main() -> io::Result<()> {
/// let map = Arc::new(MmapMut::map_anon(10)?.make_read_only()?);
/// let part = Part::of(&map, 6..10);
/// let reader = thread::spawn(move || part.to_vec());
/// # assert_eq!(reader.join().unwrap(), [0; 4]);
/// # Ok(())
/// # }
/// ```
///
/// Promised by Rust (`Arc`; error E0597), and memmap2 (`Mmap` is `Send` and `Sync`).
#[doc = page!(recipes::a_part_is_handed_out_with_its_map)]
#[doc(alias = "Arc")]
#[doc(alias = "lifetime")]
#[doc(alias = "thread")]
#[doc(alias = "self-referential")]
pub fn a_part_is_handed_out_with_its_map() -> io::Result<HandedOut> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = Arc::new(unsafe { Mmap::map(&sample.read_only()?) }.naming(&sample)?);
    sample.expect_maps(&["r--s"])?;
    let (memory, watched) = (map.as_ptr().addr(), Arc::downgrade(&map));
    let part = Part::of(&map, 6..11);
    let owners_before = watched.strong_count();

    drop(map);
    let reader = thread::Builder::new().spawn(move || {
        let bytes = &*part;
        let offset = bytes.as_ptr().addr().wrapping_sub(memory);
        let read = (Arc::strong_count(&part.map), offset, Text::from(bytes));
        (thread::current().id(), read)
    })?;

    let (read_by, (owners_when_read, offset_in_the_map, part)) = panics::joined(reader.join())?;
    Ok(HandedOut {
        owners_before,
        owners_when_read,
        owners_at_the_end: watched.strong_count(),
        in_another_thread: read_by != thread::current().id(),
        offset_in_the_map,
        part,
    })
}

/// A part of a map, with a share in the map.
pub struct Part {
    map: Arc<Mmap>,
    range: Range<usize>,
}

impl Part {
    /// The bytes of `range`, which has to be inside the map.
    pub fn of(map: &Arc<Mmap>, range: Range<usize>) -> Part {
        let map = Arc::clone(map);
        Part { map, range }
    }
}

impl Deref for Part {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map[self.range.clone()]
    }
}

/// A part of a map in another thread.
#[derive(Debug)]
pub struct HandedOut {
    /// How many owners the map had when the part was handed out.
    pub owners_before: usize,
    /// How many it had when the part was read, the first owner having dropped it.
    pub owners_when_read: usize,
    /// How many it had when the part was dropped, too.
    pub owners_at_the_end: usize,
    pub in_another_thread: bool,
    /// Where the bytes were that were read: they are the map's own and no copy.
    pub offset_in_the_map: usize,
    /// What was read.
    pub part: Text,
}

/// A number is taken from its bytes, since it may lie at an address that is not good for a `u32`.
///
/// > A map begins on a page, so I can cast a pointer into it to `*const u32` and read the number.
///
/// The start of a map is aligned, and so is what lies at a multiple of four bytes from there. A
/// number at any other place is not, and to read it through such a pointer is undefined behaviour.
/// `align_to` avoids that by skipping to the next aligned address, where other bytes stand. And
/// memmap2's map with an offset begins at that very byte, aligned or not.
///
/// `from_le_bytes` does not care about alignment, and says in which order the bytes stand.
///
/// Promised by Rust (`u32::from_le_bytes`; `slice::align_to`; `ptr::read`, Safety).
#[doc = page!(recipes::a_number_is_taken_from_its_bytes)]
#[doc(alias = "alignment")]
#[doc(alias = "endianness")]
#[doc(alias = "transmute")]
#[doc(alias = "struct.unpack")]
pub fn a_number_is_taken_from_its_bytes() -> io::Result<NumberInBytes> {
    let sample = Sample::of(&[9, 1, 0, 0, 0, 2, 0, 0])?;
    let file = sample.read_only()?;
    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { Mmap::map(&file) }.naming(&sample)?;
    // SAFETY: as above.
    let window = unsafe { MmapOptions::new().offset(1).map(&file) }.naming(&sample)?;
    sample.expect_maps(&["r--s"; 2])?;
    let is_aligned = |byte: *const u8| byte.cast::<u32>().is_aligned();
    let map_is_aligned = |map: &Mmap| is_aligned(map.as_ptr());
    let bytes = &map[1..];

    let four: Option<&[u8; 4]> = bytes.first_chunk();
    let number = four.map(|four| Number {
        number: u32::from_le_bytes(*four),
        at: offset_in(&map, four),
        is_aligned: is_aligned(four.as_ptr()),
    });
    sample.expect_in_maps(bytes, &["r--s"; 2])?;

    // SAFETY: any four bytes are a u32.
    let (skipped, aligned, _) = unsafe { bytes.align_to::<u32>() };
    Ok(NumberInBytes {
        map_is_aligned: map_is_aligned(&map),
        map_with_an_offset_is_aligned: map_is_aligned(&window),
        window: window.look(0..4),
        number,
        skipped_by_align_to: skipped.into(),
        number_by_align_to: aligned.first().map(|number| u32::from_le(*number)),
    })
}

/// The number 1 in four bytes, the smallest first, at an odd offset.
#[derive(Debug)]
pub struct NumberInBytes {
    /// Whether a `u32` may be where the map begins.
    pub map_is_aligned: bool,
    /// Whether one may be where a map with the number's offset begins.
    pub map_with_an_offset_is_aligned: bool,
    /// The first bytes of that map.
    pub window: Text,
    pub number: Option<Number>,
    pub skipped_by_align_to: Text,
    pub number_by_align_to: Option<u32>,
}

/// A number in a map.
#[derive(Debug)]
pub struct Number {
    pub number: u32,
    /// Where in the map it begins.
    pub at: Option<usize>,
    /// Whether a `u32` may be there.
    pub is_aligned: bool,
}

/// Text that was checked once is not text for good: in a map, its bytes can be changed by others.
///
/// > I check the map with `from_utf8` once, and use the `&str` from then on.
///
/// The bytes are the file's, and anybody who may write to it can undo the check. Bytes that change
/// under a `&str` are undefined behaviour already, and functions of `str` may rely on UTF-8. Where
/// others may write, copy what has to stay as it was, and check the copy; or check at each
/// [look](crate::lab::look), as the lesson does, through a raw map.
///
/// Promised by POSIX (`mmap`, MAP_SHARED: a store shows in the file and so in all its shared maps).
/// What a `&str` requires is Rust's (`str`, Invariant; `&`).
#[doc = page!(recipes::text_checked_once_is_not_text_for_good)]
#[doc(alias = "UTF-8")]
#[doc(alias = "from_utf8")]
#[doc(alias = "TOCTOU")]
#[doc(alias = "decode")]
pub fn text_checked_once_is_not_text_for_good() -> io::Result<CheckedOnce> {
    let sample = Sample::of("gr\u{fc}n".as_bytes())?;
    let file = sample.read_write()?;
    let map = MmapOptions::new()
        .map_raw_read_only(&file)
        .naming(&sample)?;
    let somebody_elses_map = MmapRaw::map_raw(&file).naming(&sample)?;
    let copy = map.look(0..5);
    let before = Checked::now(map.look(0..5));

    // SAFETY: the byte is inside the map, and no reference to it exists.
    unsafe { somebody_elses_map.store(2, 0xff) };

    sample.expect_stores_through(&["r--s", "rw-s"])?;
    Ok(CheckedOnce {
        before,
        after: Checked::now(map.look(0..5)),
        copy_after: Checked::now(copy),
        file_after: sample.read(0..5)?,
    })
}

/// Text in a map, before and after somebody else stored into the file.
#[derive(Debug)]
pub struct CheckedOnce {
    pub before: Checked,
    pub after: Checked,
    /// A copy that was made before, checked after.
    pub copy_after: Checked,
    pub file_after: Text,
}

/// Bytes, and whether they are UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub struct Checked {
    pub bytes: Text,
    pub is_text: bool,
}

impl Checked {
    /// Checks the bytes.
    fn now(bytes: Text) -> Checked {
        let is_text = str::from_utf8(&bytes.0).is_ok();
        Checked { bytes, is_text }
    }
}

/// Counting through two maps of the same file takes atomics: where a count is a load and a store,
/// one of two counts can be lost.
///
/// > I read the number, add one and store it. Who should come in between, in so short a time?
///
/// Two programs that do so can find the same number, and then both store the same one. The lesson
/// stops one of them right before its store and lets the other count; a busy machine does the same,
/// but rarely. `fetch_add` is one step: stopped in the same way, it finds what the other has
/// stored, and nothing is lost.
///
/// The two are processes here; with threads it is the same. Counting through two slices would be
/// worse than wrong: two `&mut` to the same bytes, which two maps hand out without a word from the
/// compiler, are undefined behaviour. The number must be aligned; the start of a map is.
///
/// Promised by Rust (`AtomicU32::from_ptr`, `fetch_add`); that both maps are one memory, by POSIX
/// (`mmap`, MAP_SHARED). That an atomic is one at two addresses, and between processes, Rust's
/// documentation does not say: C++ does (`[atomics.lockfree]`), and compilers treat both alike.
#[doc = page!(recipes::counting_through_two_maps_takes_atomics)]
#[doc(alias = "atomic")]
#[doc(alias = "fetch_add")]
#[doc(alias = "lost update")]
#[doc(alias = "data race")]
#[doc(alias = "counter")]
#[doc(alias = "concurrency")]
#[cfg(unix)]
pub fn counting_through_two_maps_takes_atomics() -> io::Result<Counted> {
    let two_count = |count: fn(&AtomicU32) -> u32| -> io::Result<Count> {
        let sample = Sample::of(&0_u32.to_ne_bytes())?;
        let file = sample.read_write()?;
        let map_of_one = MmapRaw::map_raw(&file).naming(&sample)?;
        let map_of_other = MmapRaw::map_raw(&file).naming(&sample)?;
        let [one, other] = [&map_of_one, &map_of_other].map(|map| map.as_mut_ptr().cast::<u32>());
        // SAFETY: the numbers are aligned, inside their maps, and touched by atomics alone while these live.
        let [one, other] = [one, other].map(|number| unsafe { AtomicU32::from_ptr(number) });

        // SAFETY: the child touches an atomic in its page, which is shared and may be written to.
        let paused = unsafe { pause::before_a_store(map_of_one.as_mut_ptr(), || count(one)) }?;
        let count_at = |number: &AtomicU32| (number.as_ptr(), count(number));
        let (other_address, other_found) = count_at(other);
        let one_found = paused.go_on()?;

        let in_the_file = sample.read(0..4)?.0;
        Ok(Count {
            two_addresses: one.as_ptr() != other_address,
            one_found,
            other_found,
            in_the_file: in_the_file
                .first_chunk()
                .map(|bytes| u32::from_ne_bytes(*bytes)),
        })
    };
    Ok(Counted {
        by_load_and_store: two_count(|number| {
            let found = number.load(Ordering::Relaxed);
            number.store(found + 1, Ordering::Relaxed);
            found
        })?,
        by_fetch_add: two_count(|number| number.fetch_add(1, Ordering::Relaxed))?,
    })
}

/// A number in a file, counted up from 0 by two processes, each through a map of its own.
#[cfg(unix)]
#[derive(Debug)]
pub struct Counted {
    pub by_load_and_store: Count,
    pub by_fetch_add: Count,
}

/// Two counts: the one began, the other was made right before the one's store.
#[cfg(unix)]
#[derive(Debug)]
pub struct Count {
    /// Whether the number lies at another address in each of the maps.
    pub two_addresses: bool,
    pub one_found: u32,
    pub other_found: u32,
    /// The number that an ordinary read finds in the end.
    pub in_the_file: Option<u32>,
}

/// A fault is turned into an error: a handler puts a page of zeros in place of the missing one and
/// notes it, and the reader gets an `Err`.
///
/// > A file that is cut while it is mapped kills my program, and nothing can be done about it.
///
/// The signal need not kill. When its handler returns, the touch is tried again, and by then a page
/// must be there. What was read from that page looks like bytes of the file, so each look asks for
/// the note afterwards. A fault outside the map is not the handler's business, and kills.
///
/// It has its limits. A program has one handler for all its threads and libraries. The page of
/// zeros stays until the file is mapped anew, even if it grows again; the handler takes broken memory
/// (BUS_MCEERR_AR) for a missing page, too. A system call that has to touch the missing page answers
/// EFAULT, or does less than it was asked, without a signal. And it is for raw looks alone: bytes that
/// change under a slice are undefined behaviour, no matter who changes them. Where you can, keep others
/// from cutting the file.
///
/// Unspecified (POSIX leaves undefined what follows when the handler of such a fault returns, and
/// does not count `mmap` among the functions that a handler may call); this is what Linux does.
#[doc = page!(recipes::a_fault_is_turned_into_an_error)]
#[doc(alias = "SIGBUS")]
#[doc(alias = "sigaction")]
#[doc(alias = "signal handler")]
#[doc(alias = "MAP_FIXED")]
#[doc(alias = "recover")]
#[cfg(unix)]
pub fn a_fault_is_turned_into_an_error() -> io::Result<FaultAsError> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    let another_map = MmapRaw::map_raw(&file).naming(&sample)?;
    let (notes, notes_elsewhere) = (Notes::<3>::new()?, Notes::<3>::new()?);

    file.set_len(2 * page as u64).naming(&sample)?;

    // SAFETY: the child looks at pages and stores into atomics.
    let unguarded = unsafe { child::run(|| look_at_all(&map, &notes)) }?;
    // SAFETY: as above, and it sets a handler that does no more than a child may do.
    let guarded = unsafe {
        child::run(|| {
            guard(&map);
            look_at_all(&map, &notes);
        })
    }?;
    // SAFETY: as above.
    let elsewhere = unsafe {
        child::run(|| {
            guard(&map);
            look_at_all(&map, &notes_elsewhere);
            child::read(another_map.as_ptr().add(2 * page));
        })
    }?;
    Ok(FaultAsError {
        unguarded,
        guarded,
        looks: notes.each_ref().map(noted),
        looks_before_elsewhere: notes_elsewhere.each_ref().map(noted),
        elsewhere,
    })
}

/// Has the handler take the faults in this map, in this process.
#[cfg(unix)]
fn guard(map: &MmapRaw) {
    GUARDED.store(map.as_mut_ptr(), Ordering::Relaxed);
    // SAFETY: the handler touches atomics and makes system calls about one page of the map.
    unsafe { fault::handle(put_zeros) };
}

/// The start of the map whose faults the handler takes.
#[cfg(unix)]
static GUARDED: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());

/// For each page of that map, whether the handler has put zeros in its place.
#[cfg(unix)]
static REPLACED: [AtomicBool; 3] = [const { AtomicBool::new(false) }; 3];

/// The handler: puts a page of zeros in place of a page of the map that is missing, and notes it.
#[cfg(unix)]
extern "C" fn put_zeros(signal: libc::c_int, fault: *mut libc::siginfo_t, _: *mut libc::c_void) {
    let (start, page) = (GUARDED.load(Ordering::Relaxed), page_size());
    // SAFETY: the kernel hands over what it knows of the fault.
    let index = unsafe { (*fault).si_addr() }
        .addr()
        .wrapping_sub(start.addr())
        / page;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
    if let Some(replaced) = REPLACED.get(index).filter(|_| signal == libc::SIGBUS) {
        // First of all, so that nobody sees the zeros and not the note.
        replaced.store(true, Ordering::SeqCst);
        let missing = start.wrapping_add(index * page).cast();
        // SAFETY: it replaces one page of the map, into which no reference exists.
        let zeros = unsafe { libc::mmap(missing, page, libc::PROT_READ, flags, -1, 0) };
        if zeros != libc::MAP_FAILED {
            return;
        }
    }
    // Not the map's, or no page is to be had, or nothing was touched and somebody sent it: it kills, as without a handler.
    // SAFETY: both are about this signal alone, which comes when the handler returns.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

/// The byte at `at`, or an error where its page was missing.
///
/// # Safety
/// The byte is one of the map's three pages.
#[cfg(unix)]
unsafe fn byte_of(map: &MmapRaw, at: usize) -> Result<u8, PageMissing> {
    // SAFETY: where its page is missing, the handler puts another, or the load never ends.
    let byte = unsafe { child::load(map.as_ptr().wrapping_add(at)) };
    // The handler may run during the load, so what it notes is read after that.
    atomic::fence(Ordering::SeqCst);
    if REPLACED[at / page_size()].load(Ordering::Relaxed) {
        return Err(PageMissing);
    }
    Ok(byte)
}

/// Looks at the first byte of every page, the last page first, and notes each byte or error.
#[cfg(unix)]
fn look_at_all(map: &MmapRaw, notes: &Notes<3>) {
    for (index, note) in notes.iter().enumerate().rev() {
        // SAFETY: there are as many notes as the map has pages.
        let byte = unsafe { byte_of(map, index * page_size()) };
        note.store(byte.map_or(usize::MAX, usize::from), Ordering::Relaxed);
    }
}

/// The byte or the error that was noted.
#[cfg(unix)]
fn noted(note: &AtomicUsize) -> Result<Text, PageMissing> {
    let byte = u8::try_from(note.load(Ordering::Relaxed)).map_err(|_| PageMissing)?;
    Ok(Text(vec![byte]))
}

/// The page is not in the file any more.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageMissing;

/// Looks into a map of three pages, the last of which was cut off the file.
#[cfg(unix)]
#[derive(Debug)]
pub struct FaultAsError {
    /// A look at every page, the last one first, without the handler.
    pub unguarded: Outcome,
    /// The same with the handler.
    pub guarded: Outcome,
    /// What was seen with the handler.
    pub looks: [Result<Text, PageMissing>; 3],
    /// The same in another child, which is guarded, too.
    pub looks_before_elsewhere: [Result<Text, PageMissing>; 3],
    /// There, after that, a touch of the missing page through another map.
    pub elsewhere: Outcome,
}

/// A map is paid for in faults, and reading in calls: a small file costs one of either, but a
/// hundred looks into one page cost one fault or a hundred calls.
///
/// > Mapping a file is faster than reading it, since nothing is copied.
///
/// Reading copies, into a buffer that the program has anyway. A map copies nothing, but it begins
/// without pages: the first touch of each, or of a few neighbours together, is a fault, and a fault
/// enters the kernel as a call does. (`populate` takes the same faults, only earlier.) Besides,
/// there are the calls that make a map and remove it. So many small files that are looked at once
/// are a case for reading, and many small looks at the same pages are one for a map. In between,
/// measure.
///
/// The counts are the least of several tries, since what else this process does can only add to
/// them.
///
/// Unspecified (no manual says when a fault is counted); this is what Linux does, seen in
/// `getrusage` and `proc_pid_io`.
#[doc = page!(recipes::a_map_costs_faults_and_reading_costs_calls)]
#[doc(alias = "performance")]
#[doc(alias = "benchmark")]
#[doc(alias = "pread")]
#[doc(alias = "page fault")]
#[doc(alias = "slow")]
#[cfg(target_os = "linux")]
pub fn a_map_costs_faults_and_reading_costs_calls() -> io::Result<Costs> {
    let files: Vec<Sample> = (0..20)
        .map(|at| Sample::of(&[at]))
        .collect::<Result<_, _>>()?;
    let page = Sample::of(&Vec::from_iter((0..page_size()).map(|at| at as u8)))?;
    let one_file = page.read_only()?;
    let mut byte = [0];

    Ok(Costs {
        files_by_map: cost::of(|| {
            files.iter().try_fold(0, |sum, file| {
                // SAFETY: the samples are this lesson's own; nobody writes to them.
                let map = unsafe { Mmap::map(&file.read_only()?) }?;
                Ok(sum + u64::from(hint::black_box(map[0])))
            })
        })?,
        files_by_reading: cost::of(|| {
            files.iter().try_fold(0, |sum, file| {
                file.read_only()?.read_exact(&mut byte)?;
                Ok(sum + u64::from(byte[0]))
            })
        })?,
        looks_by_map: cost::of(|| {
            // SAFETY: as above.
            let map = unsafe { Mmap::map(&one_file) }?;
            Ok((0..100).map(|at| u64::from(hint::black_box(map[at]))).sum())
        })?,
        looks_by_reading: cost::of(|| {
            (0..100).try_fold(0, |sum, at| {
                one_file.read_exact_at(&mut byte, at)?;
                Ok(sum + u64::from(byte[0]))
            })
        })?,
    })
}

/// The same bytes, looked at through maps and by reading.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Costs {
    /// One look at each of twenty small files, which are opened and mapped for it.
    pub files_by_map: Cost,
    /// The same, into a buffer that is kept.
    pub files_by_reading: Cost,
    /// A hundred looks at one page of one file, which is mapped once.
    pub looks_by_map: Cost,
    /// The same by a call for each look.
    pub looks_by_reading: Cost,
}
