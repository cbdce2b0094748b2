//! What Linux knows about a map.
//!
//! Files of `/proc/self` are read here by hand, since a parser crate would cost a learner more to build than these lines
//! to read: `maps` and `smaps` for what a mapping is, `pagemap` for which of its pages are in memory, `fd` for the handles.
//! `pagemap` answers page by page, so that no neighbour that the kernel merged into the same entry of `smaps` can be
//! counted.

use std::fs::{self, File};
use std::io::{self, Read};
use std::mem;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::OnceLock;

use memmap2::MmapOptions;

use crate::lab::account::{Aside, tell};
use crate::lab::errors::Naming;
use crate::lab::look::Look;
use crate::lab::place::page_size;

/// An entry of `smaps`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// What may be done with it, as the kernel writes it: `rw-s` is read, write, not execute, shared; `p` is private.
    pub permissions: String,
    /// Its size in pages.
    pub pages: usize,
    /// How many of them this process has in memory.
    pub resident_pages: usize,
    /// How many of those were stored to since they were last written to the disk.
    pub dirty_pages: usize,
    /// Whether it maps a file, and is no anonymous memory.
    pub of_a_file: bool,
    /// What it is called, or nothing.
    pub name: String,
    /// The kernel's two-letter marks, such as `lo` for locked.
    pub marks: Vec<String>,
}

/// The mapping that holds `address`, or `None` where nothing is mapped.
///
/// # Errors
/// When `/proc/self/smaps` cannot be read.
pub fn mapping(address: *const u8) -> io::Result<Option<Mapping>> {
    tell("mapping", address.addr(), 1);
    let smaps = fs::read("/proc/self/smaps").naming("/proc/self/smaps")?;
    // The paths in it need not be UTF-8.
    let smaps = String::from_utf8_lossy(&smaps);
    let mut lines = smaps.lines();
    let area = lines
        .by_ref()
        // Most lines are fields, which begin with a capital letter.
        .filter(|line| !line.starts_with(|first: char| first.is_ascii_uppercase()))
        .filter_map(Area::of)
        .find(|area| area.holds(address.addr()));
    let Some(area) = area else {
        return Ok(None);
    };
    let mut field = |name: &str| {
        lines
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
            .unwrap_or_default()
    };
    let pages = |kib: &str| -> usize {
        kib.trim_end_matches(" kB")
            .parse()
            .map_or(0, |kib: usize| kib * 1024 / page_size())
    };
    // In the order in which the kernel lists them.
    let resident_pages = pages(field("Rss:"));
    let dirty_pages = pages(field("Shared_Dirty:")) + pages(field("Private_Dirty:"));
    let marks = field("VmFlags:")
        .split_ascii_whitespace()
        .map(str::to_owned)
        .collect();
    Ok(Some(Mapping {
        pages: area.addresses.len() / page_size(),
        permissions: area.permissions,
        resident_pages,
        dirty_pages,
        of_a_file: area.of_a_file,
        name: area.name,
        marks,
    }))
}

/// How many faults this thread takes while it does `act`.
///
/// A fault that had to wait counts as one that needed the disk, so both kinds are added up.
pub fn faults(act: impl FnOnce()) -> usize {
    let count = || {
        // SAFETY: the kernel fills in a local of plain numbers.
        let usage = unsafe {
            let mut usage: libc::rusage = mem::zeroed();
            libc::getrusage(libc::RUSAGE_THREAD, &mut usage);
            usage
        };
        (usage.ru_minflt + usage.ru_majflt) as usize
    };
    let before = count();
    act();
    count() - before
}

/// By how many pages the memory of this process grows while it does `act`: pages of files, and pages of its own.
///
/// It counts the process as a whole, so it is for a child with nothing else to do, and allocates nothing.
///
/// # Errors
/// When `/proc/self/status` cannot be read.
pub fn growth(act: impl FnOnce()) -> io::Result<[usize; 2]> {
    let before = resident_memory()?;
    act();
    let after = resident_memory()?;
    Ok([0, 1].map(|kind| after[kind].saturating_sub(before[kind])))
}

fn resident_memory() -> io::Result<[usize; 2]> {
    let mut bytes = [0; 8192];
    let length = File::open("/proc/self/status")?.read(&mut bytes)?;
    let mut pages = [0; 2];
    for line in bytes[..length].split(|byte| *byte == b'\n') {
        let line = std::str::from_utf8(line).unwrap_or_default();
        let kib = |name: &str| -> Option<usize> {
            let number = line.strip_prefix(name)?.trim().strip_suffix(" kB")?;
            number.parse().ok()
        };
        let of_files = kib("RssFile:").or_else(|| kib("RssShmem:"));
        pages[0] += of_files.unwrap_or_default() * 1024 / page_size();
        pages[1] += kib("RssAnon:").unwrap_or_default() * 1024 / page_size();
    }
    Ok(pages)
}

/// How much memory and swap the machine has together, in bytes.
///
/// # Errors
/// When the kernel does not tell.
pub fn memory_and_swap() -> io::Result<u64> {
    // SAFETY: the kernel fills in a local of plain numbers.
    let about = unsafe {
        let mut about: libc::sysinfo = mem::zeroed();
        if libc::sysinfo(&mut about) == -1 {
            return Err(io::Error::last_os_error());
        }
        about
    };
    #[allow(
        clippy::useless_conversion,
        reason = "they have 32 bits on some processors"
    )]
    let units = u64::from(about.totalram) + u64::from(about.totalswap);
    Ok(units * u64::from(about.mem_unit))
}

/// What this process has of a file: the evidence that a map is the one it is said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// How many handles to it are open.
    pub handles: usize,
    /// What each map of it allows, sorted: `rw-s` is read, write, not execute, shared; `p` is private.
    pub maps: Vec<String>,
}

/// What this process has at this moment of the file with this path, as the kernel writes it.
///
/// # Errors
/// When `/proc/self` cannot be read.
pub fn held(path: &Path) -> io::Result<Held> {
    let handles = fs::read_dir("/proc/self/fd").naming("/proc/self/fd")?;
    // A handle that somebody closes meanwhile is none of this file's.
    let links = handles
        .flatten()
        .filter_map(|handle| fs::read_link(handle.path()).ok());
    let is_it = |link: &PathBuf| {
        link.to_string_lossy().trim_end_matches(" (deleted)") == path.to_string_lossy()
    };
    Ok(Held {
        handles: links.filter(is_it).count(),
        maps: permissions(maps_of(path)?),
    })
}

/// The addresses of a mapping, and what they stand for: a line of `maps`, or the first of an entry of `smaps`.
pub struct Area {
    addresses: Range<usize>,
    /// As [`Mapping`] has them.
    permissions: String,
    /// Where in the file it begins, in bytes.
    offset: u64,
    of_a_file: bool,
    name: String,
}

impl Area {
    fn of(line: &str) -> Option<Area> {
        let number = |hexadecimal: &str| usize::from_str_radix(hexadecimal, 16).ok();
        let mut words = line.split_ascii_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        Some(Area {
            addresses: number(start)?..number(end)?,
            permissions: words.next()?.to_owned(),
            offset: u64::from_str_radix(words.next()?, 16).ok()?,
            // The device stands before the inode, of which anonymous memory has none.
            of_a_file: words.nth(1)? != "0",
            name: words.collect::<Vec<_>>().join(" "),
        })
    }

    /// Marks it as nothing for a core file, so that it is known again, even where it has been moved. Whether the kernel
    /// shows that.
    ///
    /// # Errors
    /// When `/proc/self/smaps` cannot be read.
    pub fn mark(&self) -> io::Result<bool> {
        // Asked for once, since it takes a while.
        static SHOWN: OnceLock<bool> = OnceLock::new();
        let _aside = Aside::begin();
        let start = ptr::without_provenance_mut(self.addresses.start);
        // SAFETY: that changes nothing in the memory.
        _ = unsafe { libc::madvise(start, self.addresses.len(), libc::MADV_DONTDUMP) };
        if let Some(shown) = SHOWN.get() {
            return Ok(*shown);
        }
        let shown = self.is_marked()?;
        Ok(*SHOWN.get_or_init(|| shown))
    }

    /// Whether it bears that mark.
    ///
    /// # Errors
    /// When `/proc/self/smaps` cannot be read.
    pub fn is_marked(&self) -> io::Result<bool> {
        let _aside = Aside::begin();
        let mapping = mapping(ptr::without_provenance(self.addresses.start))?;
        Ok(mapping.is_some_and(|mapping| mapping.marks.iter().any(|mark| mark == "dd")))
    }

    /// Whether this address is in it.
    pub fn holds(&self, address: usize) -> bool {
        self.addresses.contains(&address)
    }

    /// Whether the start of the file is mapped at this address.
    pub fn begins_at(&self, address: usize) -> bool {
        self.offset == 0 && address == self.addresses.start
    }
}

/// Every mapping that this process has of the file with this path, as the kernel writes it.
///
/// # Errors
/// When `/proc/self/maps` cannot be read.
pub fn maps_of(path: &Path) -> io::Result<Vec<Area>> {
    // As the kernel writes it: one line for one mapping.
    let path = path.to_string_lossy().replace('\n', "\\012");
    let maps = fs::read("/proc/self/maps").naming("/proc/self/maps")?;
    Ok(String::from_utf8_lossy(&maps)
        .lines()
        .filter(|line| line.trim_end_matches(" (deleted)").ends_with(&path))
        .filter_map(Area::of)
        .collect())
}

/// What each of these maps allows, sorted.
pub fn permissions(maps: Vec<Area>) -> Vec<String> {
    let mut permissions: Vec<String> = maps.into_iter().map(|map| map.permissions).collect();
    permissions.sort();
    permissions
}

/// How often this thread has called the system to write something, where the kernel counts that.
pub fn write_calls() -> Option<u64> {
    write_calls_of("thread-self")
}

/// How often a process, by its name in `/proc`, has called the system to write something, where the kernel counts that.
pub fn write_calls_of(process: &str) -> Option<u64> {
    let counts = fs::read_to_string(format!("/proc/{process}/io")).ok()?;
    let calls = counts
        .lines()
        .find_map(|line| line.strip_prefix("syscw: "))?;
    calls.parse().ok()
}

/// Whether any page of the mapping that holds `address` was stored to, or written to, since its file was last written to
/// the disk. False where nothing is mapped.
///
/// # Errors
/// When `/proc/self/smaps` cannot be read.
pub fn is_dirty(address: *const u8) -> io::Result<bool> {
    tell("is_dirty", address.addr(), 1);
    Ok(mapping(address)?.is_some_and(|mapping| mapping.dirty_pages > 0))
}

/// Whether this is a kernel whose release begins with one of these.
///
/// # Errors
/// When `/proc/sys` cannot be read.
pub fn is_of(releases: &[&str]) -> io::Result<bool> {
    let path = "/proc/sys/kernel/osrelease";
    let release = fs::read_to_string(path).naming(path)?;
    Ok(releases.iter().any(|it| release.starts_with(it)))
}

/// Which pages from `address` on this process has in memory: `#` for a page that it has, `.` for one that it has not.
///
/// # Errors
/// When `/proc/self/pagemap` cannot be read.
pub fn resident(address: *const u8, pages: usize) -> io::Result<String> {
    const PRESENT: u64 = 1 << 63;
    tell("resident", address.addr(), pages.wrapping_mul(page_size()));
    draw(address, pages, |entry| entry & PRESENT != 0)
}

/// Which pages from `address` on the system has in its cache, whether or not this process has them: `#` or `.`.
///
/// # Errors
/// When some of them are not mapped.
pub fn cached(address: *const u8, pages: usize) -> io::Result<String> {
    let start = address.addr() / page_size() * page_size();
    tell("cached", address.addr(), pages * page_size());
    let mut found = vec![0; pages];
    // SAFETY: the kernel looks at its own tables, and writes one byte a page into a buffer of that length.
    let answer = unsafe {
        let start = address.with_addr(start).cast_mut();
        libc::mincore(start.cast(), pages * page_size(), found.as_mut_ptr())
    };
    if answer == -1 {
        return Err(io::Error::last_os_error());
    }
    let sign = |page: &u8| if page & 1 == 1 { '#' } else { '.' };
    Ok(found.iter().map(sign).collect())
}

/// Which pages from `address` on are anonymous, that is, this process's memory and no part of a file: `#` or `.`.
///
/// # Errors
/// When `/proc/self/pagemap` cannot be read.
pub fn anonymous(address: *const u8, pages: usize) -> io::Result<String> {
    const PRESENT_OR_SWAPPED: u64 = 1 << 63 | 1 << 62;
    const OF_A_FILE: u64 = 1 << 61;
    tell("anonymous", address.addr(), pages.wrapping_mul(page_size()));
    draw(address, pages, |entry| {
        entry & PRESENT_OR_SWAPPED != 0 && entry & OF_A_FILE == 0
    })
}

/// How many pages of `file` wait to be written to the disk, in such a way that `sync_all` would write them.
///
/// It makes that call, since memory without a disk below it (tmpfs) is never clean.
///
/// # Errors
/// When the file cannot be mapped or synced.
pub fn unsynced_pages(file: &File) -> io::Result<usize> {
    tell("unsynced_pages", 0, 0);
    let _aside = Aside::begin();
    let map = MmapOptions::new().map_raw_read_only(file)?;
    let dirty_pages = || -> io::Result<usize> {
        // Only pages that this map has looked at are counted.
        for at in (0..map.len()).step_by(page_size()) {
            map.look(at..at + 1);
        }
        Ok(mapping(map.as_ptr())?.map_or(0, |mapping| mapping.dirty_pages))
    };
    let before = dirty_pages()?;
    file.sync_all()?;
    Ok(before.saturating_sub(dirty_pages()?))
}

/// Which pages from `address` on nobody else has mapped: `#` or `.`. The zero page, which everybody shares, is none.
///
/// # Errors
/// When `/proc/self/pagemap` cannot be read.
pub fn exclusive(address: *const u8, pages: usize) -> io::Result<String> {
    const EXCLUSIVE: u64 = 1 << 56;
    tell("exclusive", address.addr(), pages.wrapping_mul(page_size()));
    draw(address, pages, |entry| entry & EXCLUSIVE != 0)
}

fn draw(address: *const u8, pages: usize, is: impl Fn(u64) -> bool) -> io::Result<String> {
    const ENTRY: usize = size_of::<u64>();
    let first = (address.addr() / page_size() * ENTRY) as u64;
    let mut bytes = Vec::new();
    let length = pages
        .checked_mul(ENTRY)
        .ok_or(io::ErrorKind::InvalidInput)?;
    bytes.try_reserve_exact(length).map_err(io::Error::other)?;
    bytes.resize(length, 0);
    File::open("/proc/self/pagemap")
        .and_then(|file| file.read_exact_at(&mut bytes, first))
        .naming("/proc/self/pagemap")?;
    let entries = bytes
        .chunks_exact(ENTRY)
        .filter_map(|entry| entry.try_into().ok())
        .map(u64::from_ne_bytes);
    Ok(entries
        .map(|entry| if is(entry) { '#' } else { '.' })
        .collect())
}
