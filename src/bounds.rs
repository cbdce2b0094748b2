//! Where the file ends and the map does not: windows, pages, and what is past the end.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::ptr;

use memmap2::{MmapMut, MmapOptions, MmapRaw};

use crate::book::chapter;
use crate::child::{self, Outcome};
#[cfg(target_os = "linux")]
use crate::kernel;
use crate::kernel::page_size;
use crate::observation::{Answer, Edit, Place, Sides, Text};
use crate::raw;
use crate::sample::{At, Sample};

chapter! {
    bounds;
    a_window_shows_a_part_of_the_file: Memmap2,
    any_offset_works_though_the_kernel_wants_pages: Memmap2,
    an_empty_file_gives_an_empty_map: Memmap2,
    a_map_longer_than_the_file_is_allowed: Posix,
    a_page_past_the_end_kills: Posix,
    the_rest_of_the_last_page_never_reaches_the_file: Posix,
    #[cfg(target_os = "linux")]
    maps_come_in_whole_pages: Posix,
    truncating_kills_past_the_new_end: Unspecified,
    truncating_clears_the_rest_of_the_last_page: Unspecified,
    truncating_kills_private_pages_too: Unspecified,
    a_file_cut_and_grown_again_shows_zeros: Unspecified,
    growing_the_file_fills_the_map_and_not_its_length: Unspecified,
}

/// Windows on a file of ten digits.
#[derive(Debug)]
pub struct Windows {
    /// With neither offset nor length.
    pub whole: Text,
    /// With an offset of 3.
    pub offset_3: Text,
    /// With a length of 4.
    pub length_4: Text,
    /// With both.
    pub offset_3_length_4: Text,
}

/// A window shows a part of the file: from the offset on, as long as was asked for, or up to the end.
///
/// It is tempting to read the length as an end, as in a range of a slice. It counts from the offset. Where none is
/// given, it is what the file has behind the offset, at that moment.
///
/// Python has the same two arguments, `offset` and `length`; there 0 means up to the end, while `len(0)` is an empty
/// map.
///
/// Promised by memmap2 (`MmapOptions::offset`, `MmapOptions::len`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/a_window_shows_a_part_of_the_file.snap"))]
/// ```
pub fn a_window_shows_a_part_of_the_file() -> io::Result<Windows> {
    let sample = Sample::of(b"0123456789")?;
    let file = sample.read_only()?;
    let show = |options: &MmapOptions| -> io::Result<Text> {
        // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
        let map = unsafe { options.map(&file) }.at(&sample)?;
        Ok(map[..].into())
    };

    Ok(Windows {
        whole: show(&MmapOptions::new())?,
        offset_3: show(MmapOptions::new().offset(3))?,
        length_4: show(MmapOptions::new().len(4))?,
        offset_3_length_4: show(MmapOptions::new().offset(3).len(4))?,
    })
}

/// A map from the second byte of a file on.
#[derive(Debug)]
pub struct Unaligned {
    /// What the kernel answers to an offset of one byte.
    pub kernel_with_offset_1: Answer,
    /// What it answers to an offset of one page.
    pub kernel_with_offset_of_a_page: Answer,
    /// What memmap2 answers to an offset of one page and one byte.
    pub memmap2_with_both: Answer,
    /// Its first bytes.
    pub bytes: Text,
    /// Where in a page the map's first byte is.
    pub first_byte: Place,
}

/// Any offset works with memmap2, though the kernel wants whole pages.
///
/// It is tempting to round the offset down, as the manual asks, and to add the rest to every position. memmap2 does
/// just that: it maps from the start of the page that holds the offset, and hands out a slice that begins at the byte
/// that was asked for. So its first byte is anywhere in a page, not at a page's start.
///
/// Python passes the offset on: it has to be a multiple of `mmap.ALLOCATIONGRANULARITY`, which on Windows is 64 KiB.
///
/// Promised by memmap2 (`MmapOptions::offset`); the kernel's EINVAL by POSIX (`mmap`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/any_offset_works_though_the_kernel_wants_pages.snap"))]
/// ```
pub fn any_offset_works_though_the_kernel_wants_pages() -> io::Result<Unaligned> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    let file = sample.read_write()?;
    file.write_all_at(b"0123456789", page as u64).at(&sample)?;

    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { MmapOptions::new().offset(page as u64 + 1).map(&file) };

    let memmap2_with_both = Answer::from(&map);
    let map = map.at(&sample)?;
    Ok(Unaligned {
        kernel_with_offset_1: map_raw(&file, page, 1),
        kernel_with_offset_of_a_page: map_raw(&file, page, page),
        memmap2_with_both,
        bytes: map[..9].into(),
        first_byte: Place::from(map.as_ptr().addr() % page),
    })
}

/// What the kernel itself answers to a request for a map, which is removed at once.
fn map_raw(file: &File, length: usize, offset: usize) -> Answer {
    let offset = offset as libc::off_t;
    // SAFETY: a new mapping at an address that the kernel chooses; nothing ever looks at it.
    unsafe {
        let address = libc::mmap(ptr::null_mut(), length, libc::PROT_READ, libc::MAP_SHARED, file.as_raw_fd(), offset);
        if address == libc::MAP_FAILED {
            return Answer::from(io::Result::<()>::Err(io::Error::last_os_error()));
        }
        libc::munmap(address, length);
    }
    Answer::Granted
}

/// Maps of a file without a byte.
#[derive(Debug)]
pub struct Empty {
    /// What the kernel answers to a length of zero.
    pub kernel: Answer,
    /// What memmap2 answers to the empty file.
    pub memmap2: Answer,
    /// How many bytes memmap2's map has.
    pub map_bytes: usize,
    /// What a flush of it is answered.
    pub flush: Answer,
}

/// An empty file gives an empty map.
///
/// It is tempting to treat an empty file as an error, or to expect one: the kernel refuses to map nothing. memmap2
/// hands out an empty slice instead (behind it is a page that nobody sees), so that a program need not care.
///
/// Python raises ValueError, and so do many other wrappers.
///
/// Promised by memmap2 (since 0.4.0); the kernel's EINVAL by POSIX (`mmap`).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/an_empty_file_gives_an_empty_map.snap"))]
/// ```
pub fn an_empty_file_gives_an_empty_map() -> io::Result<Empty> {
    let sample = Sample::of(b"")?;
    let file = sample.read_write()?;

    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let map = unsafe { MmapMut::map_mut(&file) };

    let memmap2 = Answer::from(&map);
    let map = map.at(&sample)?;
    Ok(Empty { kernel: map_raw(&file, 0, 0), memmap2, map_bytes: map.len(), flush: map.flush().into() })
}

/// A map of three pages over a file of twelve bytes.
#[derive(Debug)]
pub struct TooLong {
    /// What the request was answered.
    pub map: Answer,
    /// How long the map is.
    pub map_length: Place,
    /// How many bytes the file had.
    pub file_bytes_before: u64,
    /// How many it has.
    pub file_bytes_after: u64,
}

/// A map longer than the file is allowed, and does not make the file longer.
///
/// It is tempting to expect an error, or a file that grew to fit. The kernel maps addresses, whatever the file has for
/// them; it matters only when they are touched: see [`a_page_past_the_end_kills`].
///
/// Python raises ValueError; Windows makes the file longer.
///
/// Promised by POSIX (`mmap`: the range may extend beyond the end of the object).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/a_map_longer_than_the_file_is_allowed.snap"))]
/// ```
pub fn a_map_longer_than_the_file_is_allowed() -> io::Result<TooLong> {
    let sample = Sample::of(b"hello world\n")?;
    let file_bytes_before = sample.length()?;

    let map = MmapOptions::new().len(3 * page_size()).map_raw(&sample.read_write()?);

    let answer = Answer::from(&map);
    let map = map.at(&sample)?;
    Ok(TooLong { map: answer, map_length: map.len().into(), file_bytes_before, file_bytes_after: sample.length()? })
}

/// What became of children that touched a map of two pages over a file of twelve bytes.
#[derive(Debug)]
pub struct PastTheEnd {
    /// Reading the last byte of the file.
    pub read_the_last_byte: Outcome,
    /// Reading the last byte of the page that holds it.
    pub read_the_rest_of_its_page: Outcome,
    /// Reading the first byte of the next page.
    pub read_the_next_page: Outcome,
    /// Writing that byte.
    pub write_the_next_page: Outcome,
}

/// A page past the end of the file kills whoever touches it, with SIGBUS.
///
/// It is tempting to expect zeros there, or a segmentation fault as for memory that is not mapped. It *is* mapped;
/// there is just nothing in the file that could be put into the page. Nothing in Rust stands in between: the length of
/// the map was believed, and a slice of it reaches there. The last page is whole, so the bytes that fill it do no harm.
///
/// That is how a program dies that maps a file which somebody truncates.
///
/// Promised by POSIX (`mmap`: SIGBUS for whole pages past the end of the object).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/a_page_past_the_end_kills.snap"))]
/// ```
pub fn a_page_past_the_end_kills() -> io::Result<PastTheEnd> {
    let page = page_size();
    let sample = Sample::of(b"hello world\n")?;
    let map = MmapOptions::new().len(2 * page).map_raw(&sample.read_write()?).at(&sample)?;
    // SAFETY: the child reads or writes one byte of the map through a raw pointer and ends.
    let read = |at: usize| unsafe { child::run(|| _ = map.as_ptr().add(at).read_volatile()) };
    // SAFETY: as above.
    let write = |at: usize| unsafe { child::run(|| map.as_mut_ptr().add(at).write_volatile(b'!')) };

    Ok(PastTheEnd {
        read_the_last_byte: read(11)?,
        read_the_rest_of_its_page: read(page - 1)?,
        read_the_next_page: read(page)?,
        write_the_next_page: write(page)?,
    })
}

/// The rest of the last page reads as zeros, can be written, and never reaches the file.
///
/// It is tempting to append to a file by writing past its end, since the memory is there. Of two bytes that are stored
/// here, one is the file's last and one is behind it: the first arrives. The bytes that fill the last page belong to no
/// file. Even flushed, they do not make it longer: its length is changed by `set_len` and by writes only.
///
/// What becomes of bytes written there, nobody promises: on Linux another map may see them until they are dropped, ext4
/// clears them when the page is written out, and tmpfs keeps them, so that they come to light when the file grows. That
/// the flush stands here cannot be seen in what follows; it is where somebody would hope for the file to grow.
///
/// Promised by POSIX (`mmap`: the remaining bytes are zeros, and modifications of them are not written out).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/the_rest_of_the_last_page_never_reaches_the_file.snap"))]
/// ```
pub fn the_rest_of_the_last_page_never_reaches_the_file() -> io::Result<Edit> {
    let sample = Sample::of(b"hello world\n")?;
    let map = MmapOptions::new().len(page_size()).map_raw(&sample.read_write()?).at(&sample)?;
    let look = || raw::sides(&map, &sample, 6..16);
    let before = look()?;

    for at in [11, 12] {
        // SAFETY: the byte is inside the map and in the file's last page, and no reference to it exists.
        unsafe { map.as_mut_ptr().add(at).write_volatile(b'!') };
    }

    let after = look()?;
    map.flush().at(&sample)?;
    let file = sample.read(6..16)?;
    Ok(Edit { before, after: Sides { memory: after.memory, file } })
}

/// How many pages the kernel mapped.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct WholePages {
    /// For a file of five bytes.
    pub for_five_bytes: usize,
    /// For a file of exactly one page.
    pub for_a_page: usize,
    /// For a file of one page and one byte.
    pub for_a_page_and_a_byte: usize,
    /// For two bytes of it, the last of its first page and the first of its second.
    pub for_two_bytes_of_two_pages: usize,
}

/// Maps come in whole pages: five bytes take one, a page and one byte take two.
///
/// It is tempting to think that a small map costs as little as its bytes, and that a fault guards the byte past the
/// last. The kernel maps, protects and faults by pages. Only the slice that memmap2 hands out knows about bytes.
///
/// A page is 4 KiB on most machines, and 16 or 64 KiB on some.
///
/// Promised by POSIX (`mmap`: whole pages); counted in Linux's `smaps`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/maps_come_in_whole_pages.snap"))]
/// ```
#[cfg(target_os = "linux")]
pub fn maps_come_in_whole_pages() -> io::Result<WholePages> {
    let page = page_size();
    let count = |options: &MmapOptions, file_bytes: usize| -> io::Result<usize> {
        let sample = Sample::of(&vec![b'.'; file_bytes])?;
        // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
        let map = unsafe { options.map(&sample.read_only()?) }.at(&sample)?;
        Ok(kernel::mapping(map.as_ptr())?.map_or(0, |mapping| mapping.pages))
    };

    Ok(WholePages {
        for_five_bytes: count(&MmapOptions::new(), 5)?,
        for_a_page: count(&MmapOptions::new(), page)?,
        for_a_page_and_a_byte: count(&MmapOptions::new(), page + 1)?,
        for_two_bytes_of_two_pages: count(MmapOptions::new().offset(page as u64 - 1).len(2), page + 1)?,
    })
}

/// A file of three pages that was cut off in the middle of its second, and a map of it.
#[derive(Debug)]
pub struct Truncated {
    /// Reading the third page before that.
    pub third_page_before: Outcome,
    /// Reading the first page after it.
    pub first_page_after: Outcome,
    /// Reading the second page, where the file ends.
    pub second_page_after: Outcome,
    /// Reading the third page.
    pub third_page_after: Outcome,
    /// How long the map is then.
    pub map_length_after: Place,
}

/// Truncating a mapped file kills whoever touches a page past the new end.
///
/// It is tempting to think that a map holds what it has shown, or that its length follows the file. Its addresses stay,
/// and so does its length; the pages behind them are taken away. That is a fault inside the bounds of a valid slice,
/// and the one danger of mapping files that somebody else may shorten.
///
/// On Windows the truncation is refused while the file is mapped.
///
/// Promised by nobody (POSIX and the Linux manual: what is touched after the file's size changed is unspecified); this
/// is what Linux does.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/truncating_kills_past_the_new_end.snap"))]
/// ```
pub fn truncating_kills_past_the_new_end() -> io::Result<Truncated> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let map = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    // SAFETY: the child reads one byte of the map through a raw pointer and ends.
    let read = |at: usize| unsafe { child::run(|| _ = map.as_ptr().add(at).read_volatile()) };
    let third_page_before = read(2 * page)?;

    sample.set_len(page + page / 2)?;

    Ok(Truncated {
        third_page_before,
        first_page_after: read(0)?,
        second_page_after: read(page)?,
        third_page_after: read(2 * page)?,
        map_length_after: map.len().into(),
    })
}

/// Truncating clears the rest of the last page that is left.
///
/// It is tempting to think that bytes past the new end stay readable in that page, since it is still there. They are
/// zeros at once, in every shared map: what fills a last page is always zeros, so that nobody sees what was cut off.
///
/// Promised by nobody (POSIX and the Linux manual: unspecified, as for [`truncating_kills_past_the_new_end`]); this is
/// what Linux does.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/truncating_clears_the_rest_of_the_last_page.snap"))]
/// ```
pub fn truncating_clears_the_rest_of_the_last_page() -> io::Result<Edit> {
    let sample = Sample::of(b"0123456789")?;
    let map = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    let look = || raw::sides(&map, &sample, 0..10);
    let before = look()?;

    sample.set_len(4)?;

    let after = look()?;
    Ok(Edit { before, after })
}

/// A private map of a file of two pages, before and after its second page was cut off.
#[derive(Debug)]
pub struct PrivateTruncated {
    /// The second page's first byte after an edit.
    pub edit: Sides,
    /// Reading it then.
    pub read_before: Outcome,
    /// Reading it after the file was truncated to one page.
    pub read_after: Outcome,
}

/// Truncating kills private pages too, edited ones included.
///
/// It is tempting to think that copy-on-write protects: the edited page is this map's own copy, so the file should not
/// matter to it any more. On Linux a page past the end of the file goes from private maps as well, with the edit in it.
/// A map that must not die is a copy in anonymous memory.
///
/// Promised by nobody (POSIX and the Linux manual: unspecified); this is what Linux does.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/truncating_kills_private_pages_too.snap"))]
/// ```
pub fn truncating_kills_private_pages_too() -> io::Result<PrivateTruncated> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let map = MmapRaw::from(unsafe { MmapOptions::new().map_copy(&sample.read_write()?) }.at(&sample)?);
    // SAFETY: the child reads one byte of the map through a raw pointer and ends.
    let read = || unsafe { child::run(|| _ = map.as_ptr().add(page).read_volatile()) };
    // SAFETY: the byte is inside the map, and no reference to it exists.
    unsafe { map.as_mut_ptr().add(page).write_volatile(b'!') };
    let edit = raw::sides(&map, &sample, page..page + 1)?;
    let read_before = read()?;

    sample.set_len(page)?;

    Ok(PrivateTruncated { edit, read_before, read_after: read()? })
}

/// A file that was cut off and grown again shows zeros where its bytes were, in the file and in its maps.
///
/// It is tempting to think that the map brings the old bytes back, having had them before. What was cut off is gone;
/// what a file grows by is zeros. The map, which would have killed meanwhile, can be read there again.
///
/// Promised by nobody for the map (POSIX and the Linux manual: unspecified); for the file by POSIX (`ftruncate`: what
/// is added appears as zeros).
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/a_file_cut_and_grown_again_shows_zeros.snap"))]
/// ```
pub fn a_file_cut_and_grown_again_shows_zeros() -> io::Result<Edit> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    let map = MmapRaw::map_raw(&sample.read_write()?).at(&sample)?;
    let second_page = page..page + 3;
    let look = || raw::sides(&map, &sample, second_page.clone());
    let before = look()?;

    sample.set_len(page)?;
    sample.set_len(2 * page)?;

    let after = look()?;
    Ok(Edit { before, after })
}

/// A map of two pages over a file of one, which then grew by some bytes.
#[derive(Debug)]
pub struct Grown {
    /// How long a map of just the file is, before the file grew.
    pub plain_map_before: Place,
    /// How long that map is after it.
    pub plain_map_after: Place,
    /// How long the file is after it.
    pub file_after: Place,
    /// Reading the second page of the longer map, before.
    pub second_page_before: Outcome,
    /// Reading it after.
    pub second_page_after: Outcome,
    /// Its first bytes and the file's, after.
    pub after: Sides,
}

/// Growing the file fills the map where the map was too long, and does not make a map longer.
///
/// It is tempting to expect that a map grows with its file. The length of a map is a number that was fixed when it was
/// made; new bytes outside it need another map, or `remap`: see the chapter `resize`. But where the map already reached
/// behind the end of the file, the new bytes appear in it, and what was deadly can be read.
///
/// Promised by nobody (POSIX and the Linux manual: what a map shows of the part that was added is unspecified); this is
/// what Linux does.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/bounds/growing_the_file_fills_the_map_and_not_its_length.snap"))]
/// ```
pub fn growing_the_file_fills_the_map_and_not_its_length() -> io::Result<Grown> {
    let page = page_size();
    let sample = Sample::of_pages("a")?;
    let file = sample.read_write()?;
    let plain = MmapRaw::map_raw(&file).at(&sample)?;
    let long = MmapOptions::new().len(2 * page).map_raw(&file).at(&sample)?;
    // SAFETY: the child reads one byte of the map through a raw pointer and ends.
    let read = || unsafe { child::run(|| _ = long.as_ptr().add(page).read_volatile()) };
    let (plain_map_before, second_page_before) = (plain.len().into(), read()?);

    file.write_all_at(b"grown", page as u64).at(&sample)?;

    Ok(Grown {
        plain_map_before,
        plain_map_after: plain.len().into(),
        file_after: Place::from(sample.length()? as usize),
        second_page_before,
        second_page_after: read()?,
        after: raw::sides(&long, &sample, page..page + 5)?,
    })
}
