//! Growing and shrinking: the length of a map and the length of its file are two numbers.
//!
//! Does the file grow with its map, or the map with its file?
//!
//! 1. [`grow_the_file_then_the_map`]
//! 2. [`grow_the_file_then_store`]
//! 3. [`shrinking_a_map_leaves_the_file_alone`]
//! 4. [`a_map_grows_in_place_only_where_there_is_room`]
//! 5. [`a_map_may_grow_past_the_end_of_the_file`]
//! 6. [`a_private_map_grows_with_its_edits`]
//! 7. [`shared_anonymous_memory_does_not_grow_with_its_map`]

#[cfg(target_os = "linux")]
use std::fs::File;
use std::io;
#[cfg(target_os = "linux")]
use std::os::unix::fs::FileExt;

#[cfg(target_os = "linux")]
use memmap2::{MmapMut, RemapOptions};
use memmap2::{MmapOptions, MmapRaw};

use crate::lab::child;
use crate::lab::errors::Naming;
#[cfg(target_os = "linux")]
use crate::lab::kernel::{self, Held};
#[cfg(target_os = "linux")]
use crate::lab::look::{Look, Store};
#[cfg(target_os = "linux")]
use crate::lab::neighbour;
#[cfg(target_os = "linux")]
use crate::lab::observation::{Answer, Text};
use crate::lab::observation::{Outcome, Sides};
use crate::lab::place::{Place, page_size};
use crate::lab::sample::Sample;

/// Grow the file, then the map: the old bytes are kept, and the new ones are there.
///
/// > When the file grows, my map of it grows along.
///
/// A map has the length that it was made with. `remap` changes that and leaves the file alone: it
/// maps more of it. So the file comes first, by a write or `set_len`, and the map after it. `remap`
/// needs no handle; here none is open any more.
///
/// memmap2 has `remap` on Linux only. Elsewhere, drop the map and map again. Python's `resize`
/// changes both lengths.
///
/// Promised by Linux (`mremap`).
#[doc = page!(resize::grow_the_file_then_the_map)]
#[doc(alias = "mremap")]
#[doc(alias = "remap")]
#[doc(alias = "append")]
#[doc(alias = "bigger")]
#[doc(alias = "enlarge")]
#[cfg(target_os = "linux")]
pub fn grow_the_file_then_the_map() -> io::Result<Growing> {
    let page = page_size();
    let sample = Sample::of_pages("a")?;
    let file = sample.read_write()?;
    let mut map = MmapRaw::map_raw(&file).naming(&sample)?;
    let around = page - 2..page + 2;
    let before = sample.sides(&map, around.clone())?;

    file.write_all_at(&vec![b'b'; page], page as u64)
        .naming(&sample)?;

    drop(file);
    let held = sample.held()?;
    let length_after_growing_the_file = Place::from(map.len());
    let after_growing_the_file = sample.sides(&map, around.clone())?;
    map.look(0..1);

    // SAFETY: the file has two pages by now, so that every byte of the map is in it.
    unsafe { map.remap(2 * page, RemapOptions::new().may_move(true)) }.naming(&sample)?;

    let resident_after_it = kernel::resident(map.as_ptr(), 2)?;
    Ok(Growing {
        before,
        held,
        length_after_growing_the_file,
        after_growing_the_file,
        length_after_growing_the_map: Place::from(map.len()),
        resident_after_it,
        after_growing_the_map: sample.sides(&map, around)?,
    })
}

/// The bytes around the end of a file's first page, while the file and its map grow from one page
/// to two.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Growing {
    pub before: Sides,
    /// What is left when the file has grown and was closed.
    pub held: Held,
    /// How long the map is when the file has two pages.
    pub length_after_growing_the_file: Place,
    pub after_growing_the_file: Sides,
    pub length_after_growing_the_map: Place,
    /// Which of its pages are in memory before a look: the one that it had looked at already.
    pub resident_after_it: String,
    pub after_growing_the_map: Sides,
}

/// Grow the file, then store: a store into a page past the end kills, and the same store into a map
/// of the longer file is in the file.
///
/// > A store past the end makes the file longer, as a write there does.
///
/// A store goes to a page, and a page past the end is no part of the file. To make the file longer,
/// write there or call `set_len`. `set_len` adds a hole, and where the disk is full the first store
/// into a hole is SIGBUS, too. So reserve the room first (`posix_fallocate`).
///
/// This is about whole pages past the end. A store into the rest of the file's last page does not
/// kill, and is a mistake all the same: when the file grows, the byte may be lost or be in the file.
///
/// Promised by POSIX (`mmap`, SIGBUS and MAP_SHARED; `ftruncate`).
#[doc = page!(resize::grow_the_file_then_store)]
#[doc(alias = "append")]
#[doc(alias = "set_len")]
#[doc(alias = "ftruncate")]
#[doc(alias = "SIGBUS")]
pub fn grow_the_file_then_store() -> io::Result<Lengthened> {
    let page = page_size();
    let sample = Sample::of_pages("a")?;
    let file = sample.read_write()?;
    let length = || -> io::Result<Place> { Ok(Place::from(sample.length()? as usize)) };
    let map = MmapOptions::new().len(2 * page).map_raw(&file);
    let map = map.naming(&sample)?;
    // SAFETY: the child stores one byte into the map's second page, to which no reference exists.
    let store = |map: &MmapRaw| unsafe { child::store(map.as_mut_ptr().wrapping_add(page)) };
    let store_before = store(&map)?;
    let length_before = length()?;

    file.set_len(2 * page as u64).naming(&sample)?;
    sample.reserve()?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;

    let length_after = length()?;
    let before = sample.sides(&map, page - 2..page + 2)?;
    let store_after = store(&map)?;
    sample.expect_maps(&["rw-s"; 2])?;
    Ok(Lengthened {
        store_before,
        length_before,
        length_after,
        before,
        store_after,
        after: sample.sides(&map, page - 2..page + 2)?,
    })
}

/// A store of `!` into the second page of a map, before and after the file had a second page.
#[derive(Debug)]
pub struct Lengthened {
    pub store_before: Outcome,
    /// How long the file is after it.
    pub length_before: Place,
    /// After `set_len`.
    pub length_after: Place,
    /// Around the end of the first page, before the second store.
    pub before: Sides,
    pub store_after: Outcome,
    pub after: Sides,
}

/// Shrinking a map leaves the file alone: only addresses are given back.
///
/// > When I shrink the map, the file is cut off, too.
///
/// That is what Python's `resize` does. With `remap` the file keeps what it had. The map stays
/// where it is, and the pages past its new end are unmapped: a touch is SIGSEGV, not the SIGBUS of
/// a file that is too short.
///
/// The deadly child shrinks its own copy of the map, so that no other thread can map something
/// there before it looks.
///
/// Promised by Linux (`mremap`). That the file keeps its length is implied only: the manual speaks
/// of mappings.
#[doc = page!(resize::shrinking_a_map_leaves_the_file_alone)]
#[doc(alias = "mremap")]
#[doc(alias = "truncate")]
#[doc(alias = "SIGSEGV")]
#[cfg(target_os = "linux")]
pub fn shrinking_a_map_leaves_the_file_alone() -> io::Result<Shrunk> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_write()?;
    let mut map = MmapRaw::map_raw(&file).naming(&sample)?;
    let (first_page, third_page) = (map.as_ptr(), map.as_ptr().wrapping_add(2 * page));
    // SAFETY: the byte is in the map, and nobody stores into it.
    let third_page_shows = char::from(unsafe { child::load(third_page) });
    // SAFETY: the child makes a system call and reads a byte. The file has three pages, so that no
    // byte of the map is past its end.
    let mut touch_the_third_page_of = |length: usize| unsafe {
        child::run(|| {
            _ = map.remap(length, RemapOptions::new());
            child::read(third_page);
        })
    };
    let third_page_before = touch_the_third_page_of(3 * page)?;
    let third_page_after = touch_the_third_page_of(page)?;

    // SAFETY: as above.
    unsafe { map.remap(page, RemapOptions::new()) }.naming(&sample)?;

    Ok(Shrunk {
        third_page_shows,
        map_length: Place::from(map.len()),
        mapped_pages: kernel::mapping(first_page)?.map(|mapping| mapping.pages),
        same_address: map.as_ptr() == first_page,
        file_length: Place::from(sample.length()? as usize),
        third_page_of_the_file: sample.read(2 * page..2 * page + 3)?,
        third_page_before,
        third_page_after,
    })
}

/// A map of three pages that was shrunk to one.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Shrunk {
    /// The first byte of the third page, before.
    pub third_page_shows: char,
    pub map_length: Place,
    /// How many pages the kernel has mapped at the address where the map began.
    pub mapped_pages: Option<usize>,
    /// Whether the map begins where it began.
    pub same_address: bool,
    pub file_length: Place,
    /// The first bytes of the file's third page, afterwards.
    pub third_page_of_the_file: Text,
    /// Reading the third page in a child whose map kept its three pages.
    pub third_page_before: Outcome,
    /// Reading it in a child that shrank its map first.
    pub third_page_after: Outcome,
}

/// A map grows in place only where there is room; with `may_move` it is moved elsewhere otherwise,
/// and pointers into the old place are dangling.
///
/// > A map that grows stays where it is, so my pointers into it stay good.
///
/// Whether there is room after a map depends on what else the process has mapped. Where there is
/// none, growing in place is refused, and the map is as before. With `may_move` it moves. `remap`
/// takes the map by `&mut`, so that no slice of it can be held meanwhile:
///
/// ```compile_fail,E0502
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(5)?;
/// let first = &map[..5];
/// // SAFETY: the map has no file, past whose end it could reach.
/// unsafe { map.remap(10, memmap2::RemapOptions::new().may_move(true))? };
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// Copy the bytes, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(5)?;
/// let first = map[..5].to_vec();
/// // SAFETY: the map has no file, past whose end it could reach.
/// unsafe { map.remap(10, memmap2::RemapOptions::new().may_move(true))? };
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// The lesson takes the room away itself: `hem_in` shrinks the map to a page and puts a mapping
/// without access right after it.
///
/// Promised by Linux (`mremap`, ENOMEM and MREMAP_MAYMOVE).
#[doc = page!(resize::a_map_grows_in_place_only_where_there_is_room)]
#[doc(alias = "MREMAP_MAYMOVE")]
#[doc(alias = "may_move")]
#[doc(alias = "ENOMEM")]
#[doc(alias = "dangling")]
#[cfg(target_os = "linux")]
pub fn a_map_grows_in_place_only_where_there_is_room() -> io::Result<Hemmed> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    let file = sample.read_write()?;
    let (mut map, neighbour) = neighbour::hem_in(|| MmapRaw::map_raw(&file).naming(&sample))?;
    let old_address = map.as_ptr();
    sample.expect_the_same_map(&map)?;
    // SAFETY: the child makes a system call and reads a byte. The file has two pages, so that no byte
    // of the map is past its end.
    let mut touch_the_old_address = |options: RemapOptions| unsafe {
        child::run(|| {
            _ = map.remap(2 * page, options);
            child::read(old_address);
        })
    };
    let old_address_if_in_place = touch_the_old_address(RemapOptions::new())?;
    let old_address_if_moved = touch_the_old_address(RemapOptions::new().may_move(true))?;

    // SAFETY: as above.
    let in_place = unsafe { map.remap(2 * page, RemapOptions::new()) };
    let length_then = Place::from(map.len());
    // SAFETY: as above.
    let may_move = unsafe { map.remap(2 * page, RemapOptions::new().may_move(true)) };

    sample.expect_the_same_map(&map)?;
    Ok(Hemmed {
        hemmed_in: neighbour.follows(old_address),
        in_place: in_place.into(),
        length_then,
        old_address_if_in_place,
        may_move: may_move.into(),
        length_now: Place::from(map.len()),
        moved: map.as_ptr() != old_address,
        old_address_if_moved,
        around_the_first_page: map.look(page - 2..page + 2),
    })
}

/// A map of one page, with something else mapped right after it, that was asked to grow to two.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Hemmed {
    /// Whether the neighbour is right after it.
    pub hemmed_in: bool,
    /// When it had to stay where it was.
    pub in_place: Answer,
    pub length_then: Place,
    /// Reading through an old pointer, in a child that asked for the same.
    pub old_address_if_in_place: Outcome,
    /// When it could move.
    pub may_move: Answer,
    pub length_now: Place,
    pub moved: bool,
    /// Reading through an old pointer, in a child that asked for the same.
    pub old_address_if_moved: Outcome,
    /// The last bytes of the first page and the first bytes of the second, through the map as it is now.
    pub around_the_first_page: Text,
}

/// A map may grow past the end of its file, and a touch of a page that is past the end kills.
///
/// > `remap` has granted the length, so I can use all of it.
///
/// As when a map is made, the kernel does not compare the length with the file's. The rest of the
/// last page starts as zeros, and any page after that is SIGBUS. The file does not grow.
///
/// Unspecified (Linux's manual of `mremap` does not speak of files; the SIGBUS is in `mmap`); this
/// is what Linux does.
#[doc = page!(resize::a_map_may_grow_past_the_end_of_the_file)]
#[doc(alias = "SIGBUS")]
#[doc(alias = "mremap")]
#[cfg(target_os = "linux")]
pub fn a_map_may_grow_past_the_end_of_the_file() -> io::Result<PastTheEnd> {
    let page = page_size();
    let sample = Sample::of(b"hello world\n")?;
    let file = sample.read_write()?;
    let mut map = MmapRaw::map_raw(&file).naming(&sample)?;
    let length_before = Place::from(map.len());
    map.look(0..1);

    // SAFETY: memmap2 requires that memory past the end of the file is not touched. A child breaks
    // that on purpose, and ends; this process looks at the first page only, whose rest is zeros.
    let remap = unsafe { map.remap(2 * page, RemapOptions::new().may_move(true)) };

    let resident_after = kernel::resident(map.as_ptr(), 2)?;
    let touch = |offset: usize| child::touch(map.as_ptr().wrapping_add(offset));
    Ok(PastTheEnd {
        length_before,
        remap: remap.into(),
        length_after: Place::from(map.len()),
        resident_after,
        file_length: Place::from(sample.length()? as usize),
        around_the_end: sample.sides(&map, 6..16)?,
        last_byte_of_the_first_page: touch(page - 1)?,
        second_page: touch(page)?,
    })
}

/// A map of a file of twelve bytes that grew to two pages.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct PastTheEnd {
    /// How long the map was made.
    pub length_before: Place,
    pub remap: Answer,
    pub length_after: Place,
    /// Which of its pages are in memory before a look: the one that was looked at before.
    pub resident_after: String,
    pub file_length: Place,
    pub around_the_end: Sides,
    pub last_byte_of_the_first_page: Outcome,
    pub second_page: Outcome,
}

/// A private map grows with its edits: they are kept, and the new page shows the file.
///
/// > A private map that grows is mapped anew, so my edits are gone.
///
/// `remap` changes how much is mapped, or where, and leaves the pages that are there alone: those
/// that were stored to are still this map's own copies. The new page is a view of the file until it
/// is stored to, and a store into it does not reach the file either.
///
/// Python's `resize` refuses maps with `ACCESS_COPY` (TypeError).
///
/// Unspecified (Linux's manual of `mremap` does not speak of private maps of files); this is what
/// Linux does.
#[doc = page!(resize::a_private_map_grows_with_its_edits)]
#[doc(alias = "map_copy")]
#[doc(alias = "copy-on-write")]
#[doc(alias = "ACCESS_COPY")]
#[cfg(target_os = "linux")]
pub fn a_private_map_grows_with_its_edits() -> io::Result<GrownPrivate> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    let file = sample.read_only()?;
    let options = MmapOptions::new().len(page).to_owned();
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let mut map = MmapRaw::from(unsafe { options.map_copy(&file) }.naming(&sample)?);
    // SAFETY: the last byte of the first page is inside the map, and no reference to it exists.
    unsafe { map.store(page - 1, b'E') };
    let around = page - 2..page + 2;
    let before = sample.sides(&map, around.clone())?;

    // SAFETY: the file has two pages, so that every byte of the map is in it.
    unsafe { map.remap(2 * page, RemapOptions::new().may_move(true)) }.naming(&sample)?;

    let after = sample.sides(&map, around.clone())?;
    let copies = kernel::anonymous(map.as_ptr(), 2)?;
    // SAFETY: as above, for the first byte of the second page.
    unsafe { map.store(page, b'N') };

    Ok(GrownPrivate {
        before,
        after,
        copies,
        held: sample.held()?,
        after_another_edit: sample.sides(&map, around)?,
    })
}

/// An edited private map of a file's first page, which grew to both pages: the bytes around the end
/// of the first.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct GrownPrivate {
    /// With the edit.
    pub before: Sides,
    pub after: Sides,
    /// Which of the two pages are this map's own copies then: `#` for one that is.
    pub copies: String,
    pub held: Held,
    /// After a store into the new page.
    pub after_another_edit: Sides,
}

/// Shared anonymous memory does not grow with its map: the growth is granted, and a touch of the
/// new page kills. Private anonymous memory does grow.
///
/// > Anonymous memory has no file that could be too short, so I can grow it as I like.
///
/// Shared anonymous memory has a file: the kernel makes a nameless one in memory, as long as the
/// first map, so that processes can share it. Growing the map does not make that file longer. To
/// share memory that grows, map a file that you can make longer, such as one from `memfd_create`.
///
/// memmap2's anonymous maps are private. The lesson maps `/dev/zero` shared, which on Linux gives
/// the same memory as MAP_SHARED with MAP_ANONYMOUS. Python's `mmap(-1, n)` is shared; newer
/// versions refuse to make it longer (ValueError).
///
/// Unspecified (Linux's manual of `mremap` does not say so); this is what Linux does.
#[doc = page!(resize::shared_anonymous_memory_does_not_grow_with_its_map)]
#[doc(alias = "MAP_ANONYMOUS")]
#[doc(alias = "SIGBUS")]
#[doc(alias = "mremap")]
#[doc(alias = "/dev/zero")]
#[cfg(target_os = "linux")]
pub fn shared_anonymous_memory_does_not_grow_with_its_map() -> io::Result<GrownAnonymous> {
    let page = page_size();
    let zero = File::options().read(true).write(true).open("/dev/zero");
    let zero = zero.naming("/dev/zero")?;
    let shared = MmapOptions::new().len(page).map_raw(&zero)?;
    let private = MmapRaw::from(MmapMut::map_anon(page)?);
    let grow = |mut map: MmapRaw| -> io::Result<GrownMap> {
        let length_before = Place::from(map.len());
        // SAFETY: memmap2 requires that memory past the end of a file is not touched. Where there is
        // one, a child breaks that on purpose, and ends.
        let remap = unsafe { map.remap(2 * page, RemapOptions::new().may_move(true)) };
        let mapping = kernel::mapping(map.as_ptr())?.ok_or(io::ErrorKind::NotFound)?;
        Ok(GrownMap {
            permissions: mapping.permissions,
            name: mapping.name,
            length_before,
            remap: remap.into(),
            length: Place::from(map.len()),
            first_page: child::touch(map.as_ptr())?,
            second_page: child::touch(map.as_ptr().wrapping_add(page))?,
        })
    };

    Ok(GrownAnonymous {
        shared: grow(shared)?,
        private: grow(private)?,
    })
}

/// A page of anonymous memory of each kind, whose map grew to two.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct GrownAnonymous {
    pub shared: GrownMap,
    pub private: GrownMap,
}

/// A map that grew from one page to two.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct GrownMap {
    /// `rw-s` is shared, `rw-p` private.
    pub permissions: String,
    /// What the kernel calls it, if it is of a file: `/dev/zero (deleted)` is shared anonymous memory.
    pub name: String,
    pub length_before: Place,
    pub remap: Answer,
    pub length: Place,
    /// A touch of that page.
    pub first_page: Outcome,
    pub second_page: Outcome,
}
