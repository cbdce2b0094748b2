//! The folder that is checked: what it is, whether it can be used, and the folder of ours in it.

use std::env::consts;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use mmap_by_example::lab::place::page_size;

/// What the lessons need at most, with some to spare.
const ROOM: usize = 4 << 20;

/// How the name of a folder of ours begins.
const PREFIX: &str = "mmap-by-example-check";

/// A folder of ours whose owner cannot be looked for was abandoned when nothing was done in it for this long, which is
/// much more than a check takes.
const LONG: Duration = Duration::from_secs(60 * 60);

/// How long to try to remove such a folder.
const PATIENCE: Duration = Duration::from_millis(500);

/// The folder, whole; or why it is none.
pub fn usable(folder: &Path) -> io::Result<PathBuf> {
    let whole = fs::canonicalize(folder)?;
    if !fs::metadata(&whole)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    Ok(whole)
}

/// Makes sure that there is room for the samples.
pub fn make_sure_of_room(folder: &Path) -> io::Result<()> {
    let path = folder.join("room");
    let mut file = File::create(&path)?;
    let written = file.write_all(&vec![b'x'; ROOM]);
    // Some file systems only look for room when they write back; others cannot say that they did.
    let synced = file.sync_all().or_else(|error| {
        let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
        if kinds.contains(&error.kind()) {
            Err(error)
        } else {
            Ok(())
        }
    });
    drop(file);
    fs::remove_file(&path)?;
    written.and(synced)
}

/// What to say of a folder that cannot be used.
pub fn refusal(folder: &Path, error: &io::Error) -> String {
    let why = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!("is full: the lessons need {} MiB and 40 files", ROOM >> 20)
        }
        io::ErrorKind::NotADirectory => "is no folder".to_owned(),
        io::ErrorKind::NotFound if !folder.exists() => "there is no such folder".to_owned(),
        _ => {
            let text = error.to_string();
            let text = text.split(" at path ").next().unwrap_or_default();
            format!("cannot be written to: {text}")
        }
    };
    format!("{}: {why}", folder.display())
}

/// The name of the folder of this check. It says whose it is: which process, started when, counted in which namespace,
/// since which start of the machine. So a folder has an owner from the moment at which it exists.
pub fn name() -> String {
    let Owner {
        process,
        start,
        namespace,
        machine,
    } = Owner::this();
    format!("{PREFIX}-{process}-{start}-{namespace}-{machine}")
}

/// Locks the folder for as long as the answer lives, where folders can be locked.
pub fn hold(folder: &Path) -> Option<File> {
    let handle = File::open(folder).ok()?;
    #[cfg(unix)]
    mmap_by_example::lab::system::flock(&handle, libc::LOCK_EX | libc::LOCK_NB).ok()?;
    Some(handle)
}

/// Removes the folders of checks that were killed. What is not surely such a folder stays.
pub fn remove_what_was_abandoned(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(owner) = name.to_str().and_then(Owner::of_a_folder) else {
            continue;
        };
        let path = entry.path();
        if !is_ours(&path) || !owner.is_gone(&path) {
            continue;
        }
        let start = Instant::now();
        // The processes of its lessons may be dying just now, and still have it locked, or make a file in it.
        while is_held(&path) || fs::remove_dir_all(&path).is_err() {
            if !path.exists() || start.elapsed() > PATIENCE {
                break;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Whether it is a folder, no link to one, and belongs to this user.
fn is_ours(path: &Path) -> bool {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return false;
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // SAFETY: it asks for a number.
        if metadata.uid() != unsafe { libc::geteuid() } {
            return false;
        }
    }
    metadata.is_dir()
}

/// Whether a check that is alive has it locked.
fn is_held(path: &Path) -> bool {
    #[cfg(unix)]
    if let Ok(handle) = File::open(path) {
        let lock = mmap_by_example::lab::system::flock(&handle, libc::LOCK_EX | libc::LOCK_NB);
        return lock.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
    }
    _ = path;
    false
}

/// The process that a folder of ours belongs to; 0 stands for what this system does not tell.
#[derive(PartialEq, Eq)]
struct Owner {
    process: u64,
    start: u64,
    namespace: u64,
    machine: u64,
}

impl Owner {
    fn this() -> Owner {
        Owner {
            process: process::id().into(),
            start: start_of("self").unwrap_or_default(),
            namespace: namespace().unwrap_or_default(),
            machine: machine().unwrap_or_default(),
        }
    }

    fn of_a_folder(name: &str) -> Option<Owner> {
        let numbers = name.strip_prefix(PREFIX)?.strip_prefix('-')?.split('-');
        let plain = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit());
        let numbers: Option<Vec<u64>> = numbers
            .map(|number| number.parse().ok().filter(|_| plain(number)))
            .collect();
        let [process, start, namespace, machine] = numbers?[..] else {
            return None;
        };
        Some(Owner {
            process,
            start,
            namespace,
            machine,
        })
    }

    fn is_gone(&self, folder: &Path) -> bool {
        let this = Owner::this();
        let known = ![this.start, this.namespace, this.machine].contains(&0);
        if known && (self.namespace, self.machine) == (this.namespace, this.machine) {
            return start_of(&self.process.to_string()) != Some(self.start);
        }
        // It ran in another container, on another machine, or before this one was started.
        let changed = fs::metadata(folder).and_then(|metadata| metadata.modified());
        let age = changed.ok().and_then(|changed| changed.elapsed().ok());
        age.is_some_and(|age| age > LONG)
    }
}

/// When a process was started, in the kernel's ticks.
fn start_of(process: &str) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in parentheses, may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(19)?.parse().ok()
}

/// The namespace in which processes have their numbers.
fn namespace() -> Option<u64> {
    let link = fs::read_link("/proc/self/ns/pid").ok()?;
    let text = link.to_str()?.strip_prefix("pid:[")?;
    text.strip_suffix(']')?.parse().ok()
}

/// A number that is another after each start of the machine.
fn machine() -> Option<u64> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    u64::from_str_radix(id.split('-').next()?, 16).ok()
}

/// The folder, its file system, the kernel, the architecture and the size of a page, in a line.
pub fn description(folder: &Path) -> String {
    format!(
        "{}: {}, {}, {}, pages of {} KiB",
        folder.display(),
        file_system(folder),
        system(),
        consts::ARCH,
        page_size() / 1024
    )
}

#[cfg(unix)]
fn system() -> String {
    // SAFETY: zeros are a valid `utsname`, and the call only fills it.
    let name = unsafe {
        let mut name: libc::utsname = std::mem::zeroed();
        libc::uname(&mut name);
        name
    };
    let text = |field: &[libc::c_char]| -> String {
        #[allow(
            clippy::unnecessary_cast,
            reason = "a character is signed on some processors"
        )]
        let bytes = field.iter().map(|byte| *byte as u8);
        let bytes: Vec<u8> = bytes.take_while(|byte| *byte != 0).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    format!("{} {}", text(&name.sysname), text(&name.release))
}

#[cfg(not(unix))]
fn system() -> String {
    consts::OS.to_owned()
}

#[cfg(not(target_os = "linux"))]
fn file_system(_: &Path) -> String {
    "a file system whose kind is not known here".to_owned()
}

/// The kind of the file system, and its source where that says more.
#[cfg(target_os = "linux")]
fn file_system(folder: &Path) -> String {
    let unknown = || "an unknown file system".to_owned();
    let Ok(mounts) = fs::read_to_string("/proc/self/mountinfo") else {
        return unknown();
    };
    let id = mount_id(folder);
    let is_it = |mount: &&Mount| id.as_deref() == Some(mount.id);
    let holds_it = |mount: &&Mount| folder.starts_with(&mount.point);
    let mounts: Vec<Mount> = mounts.lines().filter_map(Mount::parse).collect();
    let found = mounts.iter().find(is_it).or_else(|| {
        // Of those on the way to it the nearest, and of several there the uppermost.
        let on_the_way = mounts.iter().filter(holds_it);
        on_the_way.max_by_key(|mount| mount.point.as_os_str().len())
    });
    match found {
        None => unknown(),
        Some(Mount { kind, source, .. }) if kind == source || *source == "none" => {
            (*kind).to_owned()
        }
        Some(Mount { kind, source, .. }) => format!("{kind} ({source})"),
    }
}

#[cfg(target_os = "linux")]
struct Mount<'a> {
    id: &'a str,
    point: PathBuf,
    kind: &'a str,
    source: &'a str,
}

#[cfg(target_os = "linux")]
impl<'a> Mount<'a> {
    /// A line of `mountinfo`.
    fn parse(line: &'a str) -> Option<Mount<'a>> {
        let (of_the_mount, of_the_system) = line.split_once(" - ")?;
        let mut of_the_mount = of_the_mount.split(' ');
        let mut of_the_system = of_the_system.split(' ');
        Some(Mount {
            id: of_the_mount.next()?,
            point: of_the_mount.nth(3)?.replace("\\040", " ").into(),
            kind: of_the_system.next()?,
            source: of_the_system.next()?,
        })
    }
}

/// The number of the mount that a folder is on.
#[cfg(target_os = "linux")]
fn mount_id(folder: &Path) -> Option<String> {
    use std::os::fd::AsRawFd;

    let handle = File::open(folder).ok()?;
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", handle.as_raw_fd())).ok()?;
    let id = info
        .lines()
        .find_map(|line| line.strip_prefix("mnt_id:"))?
        .trim();
    Some(id.to_owned())
}
