//! What the experiments ask of the system. What a system does not tell is `None`, and is said to be left out.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
pub use memmap2::Advice;
use memmap2::Mmap;

/// What memmap2 has on Unix only.
#[cfg(not(unix))]
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "there is nothing to be advised")]
pub enum Advice {
    Random,
}

/// Reads `buffer.len()` bytes at an offset.
#[cfg(unix)]
pub fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, at)
}

/// Reads `buffer.len()` bytes at an offset, in two steps.
#[cfg(not(unix))]
pub fn read_at(mut file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};

    file.seek(SeekFrom::Start(at))?;
    file.read_exact(buffer)
}

/// How many page faults this process has had.
#[cfg(unix)]
pub fn faults() -> Option<u64> {
    // SAFETY: the call fills a local that is valid when zeroed.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let answer = libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        (answer == 0).then_some((usage.ru_minflt + usage.ru_majflt) as u64)
    }
}

#[cfg(not(unix))]
pub fn faults() -> Option<u64> {
    None
}

/// The bytes that an ordinary user can still write into this folder.
#[cfg(unix)]
#[allow(
    clippy::unnecessary_cast,
    reason = "these fields have other types elsewhere"
)]
pub fn room(folder: &Path) -> Option<u64> {
    use std::os::unix::ffi::OsStrExt;

    let path = std::ffi::CString::new(folder.as_os_str().as_bytes()).ok()?;
    // SAFETY: the path ends in a zero, and the call fills a local that is valid when zeroed.
    unsafe {
        let mut room: libc::statvfs = std::mem::zeroed();
        let answer = libc::statvfs(path.as_ptr(), &mut room);
        (answer == 0).then_some((room.f_bavail as u64).saturating_mul(room.f_frsize as u64))
    }
}

#[cfg(not(unix))]
pub fn room(_: &Path) -> Option<u64> {
    None
}

/// The advice that each map is tried with, with its name.
#[cfg(target_os = "linux")]
pub const ADVICE: [(&str, Option<Advice>); 5] = [
    ("map", None),
    ("map, Sequential", Some(Advice::Sequential)),
    ("map, Random", Some(Advice::Random)),
    ("map, WillNeed", Some(Advice::WillNeed)),
    ("map, PopulateRead", Some(Advice::PopulateRead)),
];

#[cfg(not(target_os = "linux"))]
pub const ADVICE: [(&str, Option<Advice>); 1] = [("map", None)];

/// Gives the advice; what the system answers is the result.
#[cfg(unix)]
pub fn advise(map: &Mmap, advice: Option<Advice>) -> io::Result<()> {
    advice.map_or(Ok(()), |advice| map.advise(advice))
}

#[cfg(not(unix))]
pub fn advise(_: &Mmap, _: Option<Advice>) -> io::Result<()> {
    Ok(())
}

/// Says that this handle reads single pages.
#[cfg(target_os = "linux")]
pub fn reads_single_pages(file: &File) -> io::Result<()> {
    fadvise(file, libc::POSIX_FADV_RANDOM)
}

#[cfg(not(target_os = "linux"))]
pub fn reads_single_pages(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn fadvise(file: &File, advice: libc::c_int) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    // SAFETY: a plain system call on a handle that is open.
    match unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, advice) } {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// Has the system forget the cached pages of the file, and looks whether it did.
#[cfg(target_os = "linux")]
pub fn evict(file: &File, map: impl Fn() -> io::Result<Mmap>) -> io::Result<bool> {
    for _ in 0..5 {
        file.sync_all()?;
        fadvise(file, libc::POSIX_FADV_DONTNEED)?;
        if cached(&map()?).is_some_and(|share| share < 0.01) {
            return Ok(true);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    Ok(false)
}

#[cfg(not(target_os = "linux"))]
pub fn evict(_: &File, _: impl Fn() -> io::Result<Mmap>) -> io::Result<bool> {
    Ok(false)
}

/// The share of the map's pages that is in the page cache.
#[cfg(target_os = "linux")]
pub fn cached(map: &Mmap) -> Option<f64> {
    use mmap_by_example::lab::place::page_size;

    let mut pages = vec![0_u8; map.len().div_ceil(page_size())];
    // SAFETY: the map is alive and `pages` has a byte for each of its pages. The call reads none of its bytes.
    let answer = unsafe {
        libc::mincore(
            map.as_ptr().cast_mut().cast(),
            map.len(),
            pages.as_mut_ptr(),
        )
    };
    let cached = pages.iter().filter(|page| **page & 1 == 1).count();
    (answer == 0).then_some(cached as f64 / pages.len().max(1) as f64)
}

#[cfg(not(target_os = "linux"))]
pub fn cached(_: &Mmap) -> Option<f64> {
    None
}

/// A file that is in memory and nowhere else, as in a tmpfs, and a path to open it by. It has no name that could be left.
#[cfg(target_os = "linux")]
pub fn file_in_memory() -> io::Result<(PathBuf, File)> {
    use std::os::fd::AsRawFd;

    let file = mmap_by_example::lab::system::memfd_create(libc::MFD_CLOEXEC)?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok((path.into(), file))
}

#[cfg(not(target_os = "linux"))]
pub fn file_in_memory() -> io::Result<(PathBuf, File)> {
    Err(io::Error::other("it takes Linux"))
}

/// The bytes of memory that are free or can be freed at once; less where a group of processes is limited.
pub fn free_memory() -> Option<u64> {
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let field = |path: &str, name: &str| {
        let text = fs::read_to_string(path).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let mut free = field("/proc/meminfo", "MemAvailable:")? * 1024;
    let group = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let group = group.lines().find_map(|line| line.strip_prefix("0::"));
    for group in ["", group.unwrap_or_default().trim_end_matches('/')] {
        let group = format!("/sys/fs/cgroup{group}");
        if let Some(limit) = number(&format!("{group}/memory.max")) {
            let used = number(&format!("{group}/memory.current")).unwrap_or(0);
            let reclaimable = field(&format!("{group}/memory.stat"), "inactive_file ");
            let used = used.saturating_sub(reclaimable.unwrap_or(0));
            free = free.min(limit.saturating_sub(used));
        }
    }
    Some(free)
}

/// Whether this is known to be a virtual machine.
pub fn is_virtual() -> bool {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let vendor = fs::read_to_string("/sys/class/dmi/id/sys_vendor").unwrap_or_default();
    let vendors = ["QEMU", "Amazon EC2", "VMware", "Xen", "innotek", "Google"];
    cpu.contains(" hypervisor") || vendors.iter().any(|name| vendor.contains(name))
}

/// How many programs were at work in the last minute.
pub fn load() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// One line on what was measured.
pub fn description(place: &Path) -> String {
    let text = |path: &str| Some(fs::read_to_string(path).ok()?.trim().to_owned());
    let mut parts = vec![match text("/proc/sys/kernel/osrelease") {
        Some(release) => format!("Linux {release}"),
        None => std::env::consts::OS.to_owned(),
    }];
    if let Some((kind, device)) = mounted(place) {
        parts.push(kind);
        let readahead = format!("/sys/class/bdi/{device}/read_ahead_kb");
        if let Some(readahead) = text(&readahead) {
            parts.push(format!("readahead {readahead} KiB"));
        }
    }
    let page = mmap_by_example::lab::place::page_size();
    parts.push(format!("pages of {} KiB", page / 1024));
    if let Some(huge) = text("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size") {
        let huge = huge.parse::<u64>().unwrap_or(0) >> 20;
        parts.push(format!("huge pages of {huge} MiB"));
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    parts.push(format!("{cores} core{}", if cores == 1 { "" } else { "s" }));
    parts.push(if is_virtual() {
        "virtual".to_owned()
    } else {
        "not known to be virtual".to_owned()
    });
    parts.push(std::env::consts::ARCH.to_owned());
    if let Some(load) = load() {
        parts.push(format!("load {load:.1}"));
    }
    parts.join(", ")
}

/// The kind of the file system that a path is on, and its device.
fn mounted(place: &Path) -> Option<(String, String)> {
    let place = place.canonicalize().ok()?;
    let table = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let entries = table.lines().filter_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        let fields: Vec<&str> = mount.split(' ').collect();
        let (device, point) = (fields.get(2)?, fields.get(4)?);
        let kind = kind.split(' ').next()?;
        let is_above = place.starts_with(point.replace("\\040", " "));
        is_above.then(|| (point.len(), kind.to_owned(), (*device).to_owned()))
    });
    let (_, kind, device) = entries.max_by_key(|(length, ..)| *length)?;
    Some((kind, device))
}
