//! What the kernel knows about a map.
//!
//! Two files of `/proc/self` are read here by hand, since a parser crate would cost a learner more to build than these
//! lines to read: `smaps` for what a mapping is, `pagemap` for which of its pages are in memory. `pagemap` answers page
//! by page, so that no neighbour that the kernel merged into the same entry of `smaps` can be counted.

#[cfg(target_os = "linux")]
use std::fs::{self, File};
#[cfg(target_os = "linux")]
use std::io;
#[cfg(target_os = "linux")]
use std::os::unix::fs::FileExt;
#[cfg(target_os = "linux")]
use std::path::Path;

#[cfg(target_os = "linux")]
use crate::sample::At;

/// The size of a page on this machine, in bytes.
pub fn page_size() -> usize {
    // SAFETY: it asks for a number and touches no memory of ours.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

/// An entry of `smaps`.
#[cfg(target_os = "linux")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// What may be done with it, as the kernel writes it: `rw-s` is read, write, not execute, shared; `p` is private.
    pub permissions: String,
    /// Its size in pages.
    pub pages: usize,
    /// How many of them this process has in memory.
    pub resident_pages: usize,
    /// The kernel's two-letter marks, such as `lo` for locked.
    pub marks: Vec<String>,
}

/// The mapping that holds `address`, or `None` where nothing is mapped.
///
/// # Errors
/// When `/proc/self/smaps` cannot be read.
#[cfg(target_os = "linux")]
pub fn mapping(address: *const u8) -> io::Result<Option<Mapping>> {
    let smaps = fs::read("/proc/self/smaps").at("/proc/self/smaps")?;
    // The paths in it need not be UTF-8.
    let smaps = String::from_utf8_lossy(&smaps);
    let mut lines = smaps.lines();
    let head = lines.by_ref().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let (start, end) = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
        let permissions = words.next()?;
        (start..end).contains(&address.addr()).then_some((permissions, end - start))
    });
    let Some((permissions, size)) = head else { return Ok(None) };
    let mut field = |name: &str| lines.find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let resident_kib: usize = field("Rss:").trim().trim_end_matches(" kB").parse().unwrap_or_default();
    let marks = field("VmFlags:").split_ascii_whitespace().map(str::to_owned).collect();
    Ok(Some(Mapping {
        permissions: permissions.to_owned(),
        pages: size / page_size(),
        resident_pages: resident_kib * 1024 / page_size(),
        marks,
    }))
}

/// How many mappings of the file at `path` this process has.
///
/// # Errors
/// When `/proc/self/maps` cannot be read.
#[cfg(target_os = "linux")]
pub fn mappings_of(path: &Path) -> io::Result<usize> {
    let path = fs::canonicalize(path).at(path)?;
    // As the kernel writes it: one line for one mapping.
    let path = path.to_string_lossy().replace('\n', "\\012");
    let maps = fs::read("/proc/self/maps").at("/proc/self/maps")?;
    Ok(String::from_utf8_lossy(&maps).lines().filter(|line| line.ends_with(&path)).count())
}

/// Which pages from `address` on this process has in memory: `#` for a page that it has, `.` for one that it has not.
///
/// # Errors
/// When `/proc/self/pagemap` cannot be read.
#[cfg(target_os = "linux")]
pub fn resident(address: *const u8, pages: usize) -> io::Result<String> {
    const PRESENT: u64 = 1 << 63;
    draw(address, pages, |entry| entry & PRESENT != 0)
}

/// Which pages from `address` on are anonymous, that is, this process's memory and no part of a file: `#` or `.`.
///
/// # Errors
/// When `/proc/self/pagemap` cannot be read.
#[cfg(target_os = "linux")]
pub fn anonymous(address: *const u8, pages: usize) -> io::Result<String> {
    const PRESENT_OR_SWAPPED: u64 = 1 << 63 | 1 << 62;
    const OF_A_FILE: u64 = 1 << 61;
    draw(address, pages, |entry| entry & PRESENT_OR_SWAPPED != 0 && entry & OF_A_FILE == 0)
}

/// Which pages from `address` on nobody else has mapped: `#` or `.`. The zero page, which everybody shares, is none.
///
/// # Errors
/// When `/proc/self/pagemap` cannot be read.
#[cfg(target_os = "linux")]
pub fn exclusive(address: *const u8, pages: usize) -> io::Result<String> {
    const EXCLUSIVE: u64 = 1 << 56;
    draw(address, pages, |entry| entry & EXCLUSIVE != 0)
}

#[cfg(target_os = "linux")]
fn draw(address: *const u8, pages: usize, is: impl Fn(u64) -> bool) -> io::Result<String> {
    const ENTRY: usize = size_of::<u64>();
    let first = (address.addr() / page_size() * ENTRY) as u64;
    let mut bytes = Vec::new();
    let length = pages.checked_mul(ENTRY).ok_or(io::ErrorKind::InvalidInput)?;
    bytes.try_reserve_exact(length).map_err(io::Error::other)?;
    bytes.resize(length, 0);
    File::open("/proc/self/pagemap").and_then(|file| file.read_exact_at(&mut bytes, first)).at("/proc/self/pagemap")?;
    let entries = bytes.chunks_exact(ENTRY).filter_map(|entry| entry.try_into().ok()).map(u64::from_ne_bytes);
    Ok(entries.map(|entry| if is(entry) { '#' } else { '.' }).collect())
}
