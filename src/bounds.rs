//! Where the file ends and the map does not: windows, whole pages, and what is past the end.
//!
//! What is in a map where the file has no bytes for it?
//!
//! 1. [`a_window_shows_a_part_of_the_file`]
//! 2. [`any_offset_works_though_the_kernel_wants_pages`]
//! 3. [`an_empty_file_gives_an_empty_map`]
//! 4. [`a_device_gives_an_empty_map_unless_len_is_given`]
//! 5. [`a_map_longer_than_the_file_is_allowed`]
//! 6. [`a_page_past_the_end_kills`]
//! 7. [`a_system_call_is_refused_where_a_touch_kills`]
//! 8. [`the_rest_of_the_last_page_does_not_make_the_file_longer`]
//! 9. [`maps_come_in_whole_pages`]
//! 10. [`truncating_kills_past_the_new_end`]
//! 11. [`truncating_clears_the_rest_of_the_last_page`]
//! 12. [`truncating_kills_private_pages_too`]
//! 13. [`a_file_cut_and_grown_again_shows_zeros`]
//! 14. [`growing_the_file_fills_the_map_and_not_its_length`]

#[cfg(unix)]
use std::fs::File;
use std::io;
#[cfg(unix)]
use std::ops::Range;
#[cfg(target_os = "linux")]
use std::path::Path;

use memmap2::MmapOptions;
#[cfg(unix)]
use memmap2::{MmapMut, MmapRaw};

#[cfg(unix)]
use crate::lab::at::FileExt;
#[cfg(unix)]
use crate::lab::attempts;
#[cfg(unix)]
use crate::lab::child;
#[cfg(unix)]
use crate::lab::errors;
use crate::lab::errors::Naming;
#[cfg(target_os = "linux")]
use crate::lab::errors::OrLacking;
#[cfg(unix)]
use crate::lab::look::{Look, Store};
use crate::lab::observation::Text;
#[cfg(unix)]
use crate::lab::observation::{Answer, BeforeAndAfter, Outcome, Sides};
#[cfg(unix)]
use crate::lab::place::Place;
use crate::lab::place::page_size;
use crate::lab::sample::Sample;
#[cfg(unix)]
use crate::lab::system;

/// A window shows a part of the file: it begins at the offset and is as long as asked for, or else
/// ends where the file ends.
///
/// > Offset and length are the two ends of a range, as in a slice.
///
/// The length counts from the offset. If you give none, memmap2 takes what the file has after the
/// offset when it is mapped.
///
/// Python has the same two arguments, `offset` and `length`. In Python a length of 0 means up to
/// the end; `MmapOptions::len(0)` means an empty map.
///
/// Promised by memmap2 (`MmapOptions::offset`, `MmapOptions::len`). That the offset is taken off a
/// length that is not given stands in its source only.
#[doc = page!(bounds::a_window_shows_a_part_of_the_file)]
#[doc(alias = "offset")]
#[doc(alias = "len")]
#[doc(alias = "length")]
#[doc(alias = "range")]
pub fn a_window_shows_a_part_of_the_file() -> io::Result<Windows> {
    let sample = Sample::of(b"0123456789")?;
    let file = sample.read_only()?;
    let show = |options: &MmapOptions| -> io::Result<Window> {
        // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
        let map = unsafe { options.map(&file) }.naming(&sample)?;
        sample.expect_maps(&["r--s"])?;
        Ok(Window {
            begins_at: map.as_ptr().addr() % page_size(),
            bytes: map[..].into(),
        })
    };

    Ok(Windows {
        whole: show(&MmapOptions::new())?,
        offset_3: show(MmapOptions::new().offset(3))?,
        length_4: show(MmapOptions::new().len(4))?,
        offset_3_length_4: show(MmapOptions::new().offset(3).len(4))?,
    })
}

/// Windows on a file of ten digits.
#[derive(Debug)]
pub struct Windows {
    /// With neither offset nor length.
    pub whole: Window,
    pub offset_3: Window,
    pub length_4: Window,
    pub offset_3_length_4: Window,
}

/// What a map shows, and how many bytes into a page of memory it begins.
#[derive(Debug)]
pub struct Window {
    pub begins_at: usize,
    pub bytes: Text,
}

/// Any offset inside the file works with memmap2, though the kernel requires whole pages.
///
/// > The offset has to be a multiple of the page size, so I round it down and skip the rest myself.
///
/// memmap2 does just that for you: it maps from the start of the page that holds the offset, and
/// its slice begins at the byte that you asked for. So the first byte of a map may be anywhere in a
/// page.
///
/// FreeBSD's kernel rounds the offset down as well (`vm_mmap.c`); there the lesson is not tried. The
/// C libraries of Linux, glibc and musl, refuse such an offset before they ask the kernel.
///
/// Python passes the offset on: it has to be a multiple of `mmap.ALLOCATIONGRANULARITY`.
///
/// Promised by memmap2 (`MmapOptions::offset`), and the kernel's EINVAL by Linux (`mmap`); POSIX
/// allows the refusal and does not require it.
#[doc = page!(bounds::any_offset_works_though_the_kernel_wants_pages)]
#[doc(alias = "EINVAL")]
#[doc(alias = "alignment")]
#[doc(alias = "unaligned")]
#[doc(alias = "ALLOCATIONGRANULARITY")]
#[cfg(unix)]
pub fn any_offset_works_though_the_kernel_wants_pages() -> io::Result<Unaligned> {
    let page = page_size();
    let sample = Sample::of_pages("a")?;
    let file = sample.read_write()?;
    file.write_all_at(b"0123456789", page as u64)
        .naming(&sample)?;

    // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
    let map = unsafe { MmapOptions::new().offset(page as u64 + 1).map(&file) };

    let memmap2_at_a_page_and_a_byte = Answer::from(&map);
    let map = map.naming(&sample)?;
    sample.expect_maps(&["r--s"])?;
    let kernel_at_a_page_and_a_byte = ask_the_kernel(&file, 1, page + 1)?;
    if cfg!(target_os = "freebsd") && kernel_at_a_page_and_a_byte == Answer::Granted {
        return Err(errors::lacking("a kernel that refuses such an offset"));
    }
    Ok(Unaligned {
        kernel_at_a_page: ask_the_kernel(&file, 1, page)?,
        kernel_at_a_page_and_a_byte,
        memmap2_at_a_page_and_a_byte,
        bytes: map[..].into(),
        start_within_its_page: Place::from(map.as_ptr().addr() % page),
    })
}

/// A map that begins at the second byte of a page of the file.
#[cfg(unix)]
#[derive(Debug)]
pub struct Unaligned {
    pub kernel_at_a_page: Answer,
    pub kernel_at_a_page_and_a_byte: Answer,
    pub memmap2_at_a_page_and_a_byte: Answer,
    pub bytes: Text,
    /// Where in a page of memory the map begins.
    pub start_within_its_page: Place,
}

/// How `mmap` itself answers a request for a map. A map that it grants is removed at once.
#[cfg(unix)]
fn ask_the_kernel(file: &File, length: usize, offset: usize) -> io::Result<Answer> {
    let mapped = system::mmap(length, libc::MAP_SHARED, file, offset);
    if let Ok(address) = mapped {
        // SAFETY: the pages were mapped just now, and nobody else knows of them.
        unsafe { system::munmap(address, length) }?;
    }
    Ok(mapped.into())
}

/// An empty file gives an empty map.
///
/// > An empty file cannot be mapped: the kernel answers EINVAL.
///
/// The kernel refuses a length of zero. memmap2 asks it for one byte instead and hands out an empty
/// slice, so that your program needs no special case. (A flush of it is refused on macOS, whose
/// `msync` answers EINVAL to a length of zero: `kern_mman.c`.)
///
/// Python raises ValueError.
///
/// Promised by memmap2 (since 0.4.0); the kernel's EINVAL by POSIX (`mmap`).
#[doc = page!(bounds::an_empty_file_gives_an_empty_map)]
#[doc(alias = "EINVAL")]
#[doc(alias = "zero length")]
#[doc(alias = "ValueError")]
#[cfg(unix)]
pub fn an_empty_file_gives_an_empty_map() -> io::Result<Empty> {
    let sample = Sample::of(b"")?;
    let file = sample.read_write()?;

    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let map = unsafe { MmapMut::map_mut(&file) };

    let memmap2 = Answer::from(&map);
    let map = map.naming(&sample)?;
    sample.expect_maps(&["rw-s"])?;
    Ok(Empty {
        kernel_for_no_bytes: ask_the_kernel(&file, 0, 0)?,
        kernel_for_one_byte: ask_the_kernel(&file, 1, 0)?,
        memmap2,
        map_bytes: map.len(),
        file_bytes: sample.length()?,
    })
}

/// A map of a file without a byte.
#[cfg(unix)]
#[derive(Debug)]
pub struct Empty {
    pub kernel_for_no_bytes: Answer,
    pub kernel_for_one_byte: Answer,
    pub memmap2: Answer,
    pub map_bytes: usize,
    pub file_bytes: u64,
}

/// A device such as `/dev/zero` has a length of 0, so without `len` its map is empty;
/// `/proc/self/status` has a length of 0, too, and cannot be mapped.
///
/// > If I can read bytes from it, mapping it gives me those bytes.
///
/// Where you give no `len`, memmap2 takes the length from the metadata. That is 0 for a device, and
/// for most files of `/proc`, whose text is made when it is read. `/dev/zero` can be mapped all the
/// same: with `len` there are its zeros. A text of `/proc` has to be read.
///
/// Promised by memmap2 (`MmapOptions::len`: without it, the length is the file's), and the refusal
/// by Linux (`mmap`, ENODEV: no support for memory mapping).
#[doc = page!(bounds::a_device_gives_an_empty_map_unless_len_is_given)]
#[doc(alias = "/dev/zero")]
#[doc(alias = "/proc")]
#[doc(alias = "ENODEV")]
#[doc(alias = "metadata")]
#[cfg(target_os = "linux")]
pub fn a_device_gives_an_empty_map_unless_len_is_given() -> io::Result<WithoutLength> {
    let try_it = |path: &Path| -> io::Result<Unmeasured> {
        let file = File::open(path).or_lacking(&path.to_string_lossy(), &[libc::ENOENT])?;
        let mut read = [0; 5];
        file.read_exact_at(&mut read, 0).naming(path)?;

        // SAFETY: it is the lesson's own file, or memory of this map's own, or there is no map.
        let without_len = unsafe { MmapOptions::new().map(&file) };
        // SAFETY: as above.
        let with_len = unsafe { MmapOptions::new().len(3).map(&file) };

        Ok(Unmeasured {
            length_in_the_metadata: file.metadata().naming(path)?.len(),
            read: read[..].into(),
            without_len: Answer::from(&without_len),
            bytes_without_len: without_len.map_or_else(|_| Text::default(), |map| map[..].into()),
            with_len: Answer::from(&with_len),
            bytes_with_len: with_len.map_or_else(|_| Text::default(), |map| map[..].into()),
        })
    };

    Ok(WithoutLength {
        plain_file: try_it(Sample::of(b"plain")?.path())?,
        dev_zero: try_it("/dev/zero".as_ref())?,
        proc_self_status: try_it("/proc/self/status".as_ref())?,
    })
}

/// An ordinary file, and two that have bytes and no length.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct WithoutLength {
    pub plain_file: Unmeasured,
    pub dev_zero: Unmeasured,
    pub proc_self_status: Unmeasured,
}

/// What the metadata say of a file, beside what is in it and in maps of it.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Unmeasured {
    pub length_in_the_metadata: u64,
    /// Five bytes as an ordinary read sees them.
    pub read: Text,
    pub without_len: Answer,
    /// What is in the map, if there is one.
    pub bytes_without_len: Text,
    /// Asking for three bytes.
    pub with_len: Answer,
    pub bytes_with_len: Text,
}

/// A map longer than the file is allowed, and does not make the file longer.
///
/// > I can only map what the file has: asking for more is an error.
///
/// A map is a range of addresses. What the file has for them matters only when they are touched:
/// see [`a_page_past_the_end_kills`].
///
/// Python on Unix raises ValueError. On Windows memmap2 asks for a section of the file's size, and
/// `MapViewOfFile` grants no view past its section.
///
/// Promised by POSIX (`mmap`: the range may extend past the end of the object).
#[doc = page!(bounds::a_map_longer_than_the_file_is_allowed)]
#[doc(alias = "ValueError")]
#[doc(alias = "grow")]
#[doc(alias = "len")]
#[cfg(unix)]
pub fn a_map_longer_than_the_file_is_allowed() -> io::Result<TooLong> {
    let sample = Sample::of(b"hello world\n")?;
    let file = sample.read_write()?;

    let map = MmapOptions::new().len(3 * page_size()).map_raw(&file);

    let answer = Answer::from(&map);
    let map = map.naming(&sample)?;
    sample.expect_maps(&["rw-s"])?;
    Ok(TooLong {
        map: answer,
        map_length: map.len().into(),
        file_after: Place::from(sample.length()? as usize),
    })
}

/// A map of three pages over a file of twelve bytes.
#[cfg(unix)]
#[derive(Debug)]
pub struct TooLong {
    pub map: Answer,
    pub map_length: Place,
    pub file_after: Place,
}

/// A page past the end of the file kills the process that reads or writes it, with SIGBUS.
///
/// > Past the end of the file, a map reads as zeros.
///
/// Only the page in which the file ends is there as a whole. The pages after it are mapped, but the
/// file has nothing to put there. That is SIGBUS; SIGSEGV is for addresses that are not mapped or
/// forbid the access. memmap2 does not check: it believes `MmapOptions::len`, and a slice of the
/// map would reach there.
///
/// A signal handler may catch SIGBUS; without one it ends the process. The signal does not say that
/// the file was too short: on Linux a store for which the disk has no room, and a read that fails
/// on the disk, raise SIGBUS as well, with the same code BUS_ADRERR.
///
/// Linux has an exception: on a tmpfs that is mounted with `huge=always`, a map of 2 MiB or more may
/// show one huge page. What is past the end in that page can be read and stored to.
///
/// Promised by POSIX (`mmap`: SIGBUS for whole pages past the end of the object).
#[doc = page!(bounds::a_page_past_the_end_kills)]
#[doc(alias = "SIGBUS")]
#[doc(alias = "BUS_ADRERR")]
#[doc(alias = "bus error")]
#[doc(alias = "crash")]
#[cfg(unix)]
pub fn a_page_past_the_end_kills() -> io::Result<PastTheEnd> {
    let page = page_size();
    let sample = Sample::of(b"hello world\n")?;
    let map = MmapOptions::new()
        .len(2 * page)
        .map_raw(&sample.read_write()?)
        .naming(&sample)?;
    let touch = |at: usize| -> io::Result<Touched> {
        let byte = map.as_mut_ptr().wrapping_add(at);
        let read = child::touch(byte)?;
        // SAFETY: no reference to the bytes of the map exists.
        let write = unsafe { child::store(byte) }?;
        Ok(Touched { read, write })
    };

    let next_page = touch(page)?;

    Ok(PastTheEnd {
        file: Place::from(sample.length()? as usize),
        last_byte: touch(11)?,
        last_byte_then: sample.sides(&map, 11..12)?,
        rest_of_its_page: touch(page - 1)?,
        next_page,
    })
}

/// How the child processes that touched a map of two pages over a file of twelve bytes ended.
#[cfg(unix)]
#[derive(Debug)]
pub struct PastTheEnd {
    /// How long the file is.
    pub file: Place,
    pub last_byte: Touched,
    pub last_byte_then: Sides,
    /// The last byte of the page in which the file ends.
    pub rest_of_its_page: Touched,
    /// The first byte of the page after that.
    pub next_page: Touched,
}

/// How reading a byte ended, and then storing `!` there.
#[cfg(unix)]
#[derive(Debug, PartialEq, Eq)]
pub struct Touched {
    pub read: Outcome,
    pub write: Outcome,
}

/// A system call that has to read or write a page past the end, or one without access, is refused;
/// the process lives.
///
/// > Whatever touches a page past the end of the file ends in SIGBUS, a system call included.
///
/// The kernel touches such a page for you, and finds out as your process would. It answers EFAULT
/// instead of sending the signal. So a program that hands a truncated map to `write` gets an error,
/// and one that copies the same bytes itself dies.
///
/// The pointers here are raw: a `&[u8]` over a page that is not there would be unsound even if it
/// were only handed on. How much is done of a call that begins before such a page depends on the
/// file system.
///
/// Promised by Linux (`read` and `write`: EFAULT for a buffer outside the accessible addresses).
/// POSIX leaves open whether a bad address is an error or a signal (2.3, Error Numbers).
#[doc = page!(bounds::a_system_call_is_refused_where_a_touch_kills)]
#[doc(alias = "EFAULT")]
#[doc(alias = "Bad address")]
#[doc(alias = "SIGBUS")]
#[doc(alias = "PROT_NONE")]
#[cfg(unix)]
pub fn a_system_call_is_refused_where_a_touch_kills() -> io::Result<Handed> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    let map = MmapOptions::new()
        .len(3 * page)
        .map_raw(&sample.read_write()?)
        .naming(&sample)?;
    // SAFETY: the second page is the map's own, and no reference into it exists.
    unsafe { system::mprotect(map.as_mut_ptr().add(page), page, libc::PROT_NONE) }?;
    sample.expect_maps(&["---s", "rw-s", "rw-s"])?;
    let hand = |at: usize| -> io::Result<HandedPage> {
        let address = map.as_mut_ptr().wrapping_add(at);
        let (to, from) = (Sample::of(b"-")?, Sample::of(b"!")?);
        Ok(HandedPage {
            touch: child::touch(address)?,
            // SAFETY: no reference to the byte exists.
            write_from_it: unsafe { system::write(&to.read_write()?, address, 1) }.into(),
            written: to.read(0..2)?,
            // SAFETY: as above.
            read_into_it: unsafe { system::read(&from.read_only()?, address, 1) }.into(),
            file: sample.read(at..at + 1)?,
        })
    };

    Ok(Handed {
        in_the_file: hand(0)?,
        without_access: hand(page)?,
        past_the_end: hand(2 * page)?,
    })
}

/// How the kernel answered when it was handed pages of a map.
#[cfg(unix)]
#[derive(Debug)]
pub struct Handed {
    pub in_the_file: HandedPage,
    /// A page of the file that was made PROT_NONE.
    pub without_access: HandedPage,
    pub past_the_end: HandedPage,
}

/// The first byte of a page, touched by a child process and handed to two system calls.
#[cfg(unix)]
#[derive(Debug)]
pub struct HandedPage {
    pub touch: Outcome,
    /// Writing the byte to another file.
    pub write_from_it: Answer,
    /// What the other file has then, which held `-`.
    pub written: Text,
    /// Reading the byte `!` from a third file into the page.
    pub read_into_it: Answer,
    /// What the mapped file has then; nothing past its end.
    pub file: Text,
}

/// The rest of the last page starts as zeros, can be stored to, and does not make the file longer.
///
/// > I append to a file by storing past its end, since the memory is there.
///
/// Of two bytes stored here, the file's last one arrives, and the one past it does not. A file is
/// made longer by `set_len` and by writes. The flush changes nothing here. It is in the lesson
/// because one might expect it to make the file grow.
///
/// Do not rely on a byte stored there. POSIX says that the rest is always zeros. On Linux another
/// map may see the byte, until the page is written out, which clears it; tmpfs never clears it, and
/// there it is part of the file when the file grows (`mmap`, BUGS).
///
/// Promised by POSIX (`mmap`: a partial last page is filled with zeros, and what is stored past the
/// end is not written out).
#[doc = page!(bounds::the_rest_of_the_last_page_does_not_make_the_file_longer)]
#[doc(alias = "append")]
#[doc(alias = "tail")]
#[doc(alias = "padding")]
#[cfg(unix)]
pub fn the_rest_of_the_last_page_does_not_make_the_file_longer() -> io::Result<LastPage> {
    let sample = Sample::of(b"hello world\n")?;
    let map = MmapOptions::new()
        .len(page_size())
        .map_raw(&sample.read_write()?)
        .naming(&sample)?;
    let look = || sample.sides(&map, 6..16);
    let store_and_look = || {
        // SAFETY: both bytes are inside the map and in the file's page; no reference exists.
        unsafe {
            map.store(11, b'!');
            map.store(12, b'?');
        }
        look()
    };
    let before = look()?;

    // Again if somebody's `sync` clears the second byte before the look.
    let after_store = attempts::first(store_and_look, |seen| seen.memory.0.contains(&b'?'))?;
    let flush = Answer::from(map.flush());
    sample.expect_flushed(map.as_ptr())?;
    drop(map);
    sample.expect_maps(&[])?;
    Ok(LastPage {
        before,
        after_store,
        flush,
        file_at_the_end: sample.read(6..16)?,
        file_length_at_the_end: Place::from(sample.length()? as usize),
    })
}

/// A file's last byte and those after it in its page.
#[cfg(unix)]
#[derive(Debug)]
pub struct LastPage {
    pub before: Sides,
    /// After `!` was stored over the file's last byte, and `?` into the byte after it.
    pub after_store: Sides,
    pub flush: Answer,
    /// The file after the flush and the end of the map.
    pub file_at_the_end: Text,
    pub file_length_at_the_end: Place,
}

/// Maps come in whole pages: five bytes take one, a page and one byte take two.
///
/// > A map of five bytes is five bytes, and a fault guards the sixth.
///
/// The kernel maps, protects and faults by pages. Only the slice that memmap2 hands out knows about
/// bytes. A page is 4 KiB on most machines, and 16 or 64 KiB on some.
///
/// A page is the map's if a child can read it, and no longer once it has dropped the map.
///
/// Promised by POSIX (`mmap`: mapping is done in whole pages).
#[doc = page!(bounds::maps_come_in_whole_pages)]
#[doc(alias = "page size")]
#[cfg(unix)]
pub fn maps_come_in_whole_pages() -> io::Result<WholePages> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_only()?;
    let map = |options: &MmapOptions| -> io::Result<Mapped> {
        // SAFETY: the sample is this lesson's own; nobody writes to it while it is mapped.
        let map = unsafe { options.map(&file) }.naming(&sample)?;
        let end = map.as_ptr().map_addr(|address| address | (page - 1));
        Ok(Mapped {
            bytes: map.len().into(),
            pages: child::pages(&map)?,
            end_within_its_page: Place::from(end.addr() % page),
            read_the_end: child::touch(end)?,
        })
    };

    Ok(WholePages {
        five_bytes: map(MmapOptions::new().len(5))?,
        a_page: map(MmapOptions::new().len(page))?,
        a_page_and_a_byte: map(MmapOptions::new().len(page + 1))?,
        two_bytes_across_a_boundary: map(MmapOptions::new().offset(page as u64 - 1).len(2))?,
    })
}

/// Maps of different lengths of one file.
#[cfg(unix)]
#[derive(Debug)]
pub struct WholePages {
    pub five_bytes: Mapped,
    pub a_page: Mapped,
    pub a_page_and_a_byte: Mapped,
    /// The last byte of the first page, and the first of the second.
    pub two_bytes_across_a_boundary: Mapped,
}

/// How much of a file is mapped.
#[cfg(unix)]
#[derive(Debug)]
pub struct Mapped {
    /// The length of the map.
    pub bytes: Place,
    /// How many pages the kernel mapped for it.
    pub pages: usize,
    /// The last byte of the page in which the map begins.
    pub end_within_its_page: Place,
    pub read_the_end: Outcome,
}

/// Truncating a mapped file kills the process that then touches a page past the new end.
///
/// > What I have mapped is mine: nobody can take its bytes away while I hold the map.
///
/// The map keeps its addresses and its length, and the file's pages past the new end are taken out
/// of it. A touch there is SIGBUS, inside the bounds of a valid slice. The page in which the file
/// now ends stays. This is how a program that maps a file dies when another program truncates it.
///
/// On Windows the truncation is refused while the file is mapped (`SetEndOfFile`: unmap all views
/// first).
///
/// Promised by POSIX (`ftruncate`: whole pages past the new end are discarded, and a reference to
/// them is SIGBUS). Two texts disagree: POSIX's `mmap`, and Linux's, call the effect of a change of
/// size on the mapped pages unspecified.
#[doc = page!(bounds::truncating_kills_past_the_new_end)]
#[doc(alias = "SIGBUS")]
#[doc(alias = "truncate")]
#[doc(alias = "ftruncate")]
#[doc(alias = "set_len")]
#[doc(alias = "shrink")]
#[doc(alias = "bus error")]
#[cfg(unix)]
pub fn truncating_kills_past_the_new_end() -> io::Result<BeforeAndAfter<Pages>> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    let touch = |at: usize| look_unless_deadly(&sample, &map, at..at + 1);
    let look = || -> io::Result<Pages> {
        Ok(Pages {
            file: Place::from(sample.length()? as usize),
            map: map.len().into(),
            first_page: touch(0)?,
            second_page: touch(page)?,
            third_page: touch(2 * page)?,
        })
    };
    let before = look()?;

    file.set_len(page as u64 + 5).naming(&sample)?;

    let after = look()?;
    Ok(BeforeAndAfter { before, after })
}

/// How long a file and its map are, and how the child processes that read the map's pages ended.
#[cfg(unix)]
#[derive(Debug)]
pub struct Pages {
    pub file: Place,
    pub map: Place,
    pub first_page: Page,
    pub second_page: Page,
    pub third_page: Page,
}

/// Truncating clears the rest of the last page that is left, except where a private map has edited
/// it.
///
/// > Bytes past the new end stay readable up to the end of their page: that page is still there.
///
/// Those bytes are zeros at once in a map that shows the file's page. A private map with an edit in
/// that page has its own copy of it, and keeps all that was cut off.
///
/// Unspecified (POSIX's `mmap` has the rest of a last page filled with zeros, and leaves open what
/// a change of size does to mapped pages, as Linux's does); this is what Linux does.
#[doc = page!(bounds::truncating_clears_the_rest_of_the_last_page)]
#[doc(alias = "ftruncate")]
#[doc(alias = "set_len")]
#[doc(alias = "zero fill")]
#[cfg(unix)]
pub fn truncating_clears_the_rest_of_the_last_page() -> io::Result<BeforeAndAfter<Cleared>> {
    let sample = Sample::of(b"0123456789")?;
    let file = sample.read_write()?;
    let shared = MmapRaw::map_raw(&file).naming(&sample)?;
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let private = MmapRaw::from(unsafe { MmapOptions::new().map_copy(&file) }.naming(&sample)?);
    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { private.store(0, b'E') };
    let look = || -> io::Result<Cleared> {
        Ok(Cleared {
            shared: sample.sides(&shared, 0..10)?,
            private_with_an_edit: private.look(0..10),
        })
    };
    sample.expect_maps(&["rw-p", "rw-s"])?;
    let before = look()?;

    file.set_len(4).naming(&sample)?;

    let after = look()?;
    Ok(BeforeAndAfter { before, after })
}

/// Two maps of one file.
#[cfg(unix)]
#[derive(Debug)]
pub struct Cleared {
    pub shared: Sides,
    /// A private map with `E` stored into its first byte.
    pub private_with_an_edit: Text,
}

/// Truncating kills private pages too, edited ones included.
///
/// > Copy-on-write protects me: a page that I have edited is my own copy, so the file may shrink.
///
/// On Linux a page past the new end is taken out of private maps as well, and the edit is lost: when
/// the file grows again, there are zeros. Bytes that must survive a truncation have to be copied into
/// memory of your own, such as a `Vec`.
///
/// Unspecified (POSIX's `ftruncate` discards whole pages past the new end and is silent about
/// private copies; its `mmap` leaves open what a change of size does); this is what Linux does.
#[doc = page!(bounds::truncating_kills_private_pages_too)]
#[doc(alias = "SIGBUS")]
#[doc(alias = "MAP_PRIVATE")]
#[doc(alias = "copy-on-write")]
#[doc(alias = "ftruncate")]
#[cfg(unix)]
pub fn truncating_kills_private_pages_too() -> io::Result<PrivateCut> {
    let page = page_size();
    let sample = Sample::of_pages("abc")?;
    let file = sample.read_write()?;
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let map = MmapRaw::from(unsafe { MmapOptions::new().map_copy(&file) }.naming(&sample)?);
    // SAFETY: the byte is inside the map, and no reference to it exists.
    unsafe { map.store(page, b'E') };
    let look = || -> io::Result<PrivatePages> {
        Ok(PrivatePages {
            edited: look_unless_deadly(&sample, &map, page..page + 1)?,
            unedited: look_unless_deadly(&sample, &map, 2 * page..2 * page + 1)?,
        })
    };
    let before = look()?;

    file.set_len(page as u64).naming(&sample)?;

    let after = look()?;
    file.set_len(3 * page as u64).naming(&sample)?;
    sample.reserve()?;
    Ok(PrivateCut {
        before,
        after,
        when_grown_again: look()?,
    })
}

/// A private map of three pages, over a file that was cut to one.
#[cfg(unix)]
#[derive(Debug)]
pub struct PrivateCut {
    pub before: PrivatePages,
    pub after: PrivatePages,
    /// After the file was made three pages long again.
    pub when_grown_again: PrivatePages,
}

/// The second and the third page of a private map.
#[cfg(unix)]
#[derive(Debug)]
pub struct PrivatePages {
    /// The second, into which `E` was stored before the truncation.
    pub edited: Page,
    /// The third.
    pub unedited: Page,
}

/// The first bytes of a page that may be deadly.
#[cfg(unix)]
#[derive(Debug)]
pub struct Page {
    /// Reading the page in a child process.
    pub touch: Outcome,
    /// The bytes as seen through the map; nothing where the touch kills.
    pub memory: Text,
    /// The bytes as seen by an ordinary read; nothing where the file has no such page.
    pub file: Text,
}

#[cfg(unix)]
fn look_unless_deadly(sample: &Sample, map: &MmapRaw, range: Range<usize>) -> io::Result<Page> {
    let touch = child::touch(map.as_ptr().wrapping_add(range.start))?;
    let alive = touch == Outcome::Survived;
    sample.expect_the_same_map(map)?;
    Ok(Page {
        touch,
        memory: map.look(if alive { range.clone() } else { 0..0 }),
        file: sample.read(range)?,
    })
}

/// A file that was cut off and grown again shows zeros where its bytes were, in the file and in a
/// map of it.
///
/// > My map has had those bytes, so it shows them again when the file is as long as before.
///
/// What was cut off is gone, and what a file grows by is zeros. The page of the map that was deadly
/// meanwhile can be read again.
///
/// Unspecified for the map (POSIX and Linux, `mmap`: the effect of a change of size); this is what
/// Linux does. POSIX's (`ftruncate`) are the zeros in the file, and SIGBUS for a touch of a page that
/// was cut off whole.
#[doc = page!(bounds::a_file_cut_and_grown_again_shows_zeros)]
#[doc(alias = "ftruncate")]
#[doc(alias = "set_len")]
#[doc(alias = "O_TRUNC")]
#[doc(alias = "SIGBUS")]
#[cfg(unix)]
pub fn a_file_cut_and_grown_again_shows_zeros() -> io::Result<CutAndGrown> {
    let page = page_size();
    let sample = Sample::of_pages("ab")?;
    let file = sample.read_write()?;
    let map = MmapRaw::map_raw(&file).naming(&sample)?;
    let look = || look_unless_deadly(&sample, &map, page..page + 3);
    let before = look()?;

    file.set_len(page as u64).naming(&sample)?;
    let meanwhile = look()?;
    file.set_len(2 * page as u64).naming(&sample)?;

    sample.reserve()?;
    sample.expect_stores_through(&["rw-s"])?;
    Ok(CutAndGrown {
        before,
        meanwhile,
        after: look()?,
    })
}

/// The second page of a file of two, which was cut off and added again.
#[cfg(unix)]
#[derive(Debug)]
pub struct CutAndGrown {
    pub before: Page,
    /// Between the two changes.
    pub meanwhile: Page,
    pub after: Page,
}

/// Growing the file fills a map that was too long, and makes no map longer.
///
/// > A map of a file grows with the file.
///
/// The length of a map is a number that was fixed when it was made. New bytes outside it need
/// another map, or `remap`: see the chapter `resize`. But where a map already reached past the end
/// of the file, the new bytes appear in it, and a page that was deadly can be read.
///
/// Unspecified (POSIX and Linux, `mmap`: the effect of a change of size on the pages that were
/// added); this is what Linux does.
#[doc = page!(bounds::growing_the_file_fills_the_map_and_not_its_length)]
#[doc(alias = "grow")]
#[doc(alias = "append")]
#[doc(alias = "resize")]
#[doc(alias = "SIGBUS")]
#[cfg(unix)]
pub fn growing_the_file_fills_the_map_and_not_its_length() -> io::Result<BeforeAndAfter<Grown>> {
    let page = page_size();
    let sample = Sample::of_pages("a")?;
    let file = sample.read_write()?;
    let plain = MmapRaw::map_raw(&file).naming(&sample)?;
    let long = MmapOptions::new()
        .len(2 * page)
        .map_raw_read_only(&file)
        .naming(&sample)?;
    let look = || -> io::Result<Grown> {
        sample.expect_maps(&["r--s", "rw-s"])?;
        Ok(Grown {
            file: Place::from(sample.length()? as usize),
            plain_map: plain.len().into(),
            long_map: long.len().into(),
            second_page: look_unless_deadly(&sample, &long, page..page + 5)?,
        })
    };
    let before = look()?;

    file.write_all_at(b"grown", page as u64).naming(&sample)?;

    let after = look()?;
    Ok(BeforeAndAfter { before, after })
}

/// A file of one page, and two maps of it.
#[cfg(unix)]
#[derive(Debug)]
pub struct Grown {
    pub file: Place,
    /// The length of a map of what the file had at first.
    pub plain_map: Place,
    /// The length of a map of two pages.
    pub long_map: Place,
    /// The second page of the long map.
    pub second_page: Page,
}
