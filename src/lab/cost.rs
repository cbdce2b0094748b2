//! What an act costs the thread that does it, as the kernel counts it.

use std::fs::File;
use std::io;
use std::mem;
use std::os::unix::fs::FileExt;

use memmap2::{MmapMut, MmapRaw};

use crate::lab::attempts;
use crate::lab::errors::{Naming, OrLacking};
use crate::lab::look::Store;

/// How often an act is done with no fork meanwhile. What disturbs the count only ever adds to it, so that the smallest
/// number is the act's own.
const QUIET_TRIES: usize = 10;

/// How often it is done at most, where some other thread of this process forks all the time.
const TRIES: usize = 500;

/// The price of an act, and what was had for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// How many page faults it took.
    pub faults: usize,
    /// How many calls that read.
    pub reads: usize,
    /// The sum of the bytes that were seen.
    pub sum: u64,
}

/// Does `act` several times, and tells the least that it cost.
///
/// # Errors
/// When the act fails. When the kernel does not count the calls of a thread, that is what is lacking.
pub fn of(mut act: impl FnMut() -> io::Result<u64>) -> io::Result<Cost> {
    const IO: &str = "/proc/thread-self/io";
    let counts = File::open(IO).or_lacking("a count of read calls", &[libc::ENOENT, libc::EACCES]);
    let counts = counts.naming(IO)?;
    let reads = || -> io::Result<usize> {
        let mut text = [0; 512];
        let length = counts.read_at(&mut text, 0).naming(IO)?;
        let text = String::from_utf8_lossy(text.get(..length).unwrap_or_default()).into_owned();
        let mut lines = text.lines();
        let number = lines.find_map(|line| line.strip_prefix("syscr: ")?.parse().ok());
        number
            .ok_or_else(|| io::Error::other("no count of read calls"))
            .naming(IO)
    };
    // A fork takes this process's pages away until they are stored to, and each such store is a fault.
    let bystander = MmapRaw::from(MmapMut::map_anon(1)?);
    let store = || {
        // SAFETY: the byte is inside the map, and no reference to it exists.
        unsafe { bystander.store(0, b'!') };
    };
    let (mut least, mut quiet) = (None, 0);
    attempts::begin_row();
    for _ in 0..TRIES {
        attempts::begin();
        store();
        let (reads_before, faults_before) = (reads()?, faults()?);
        let sum = act()?;
        let (faults_after, reads_after) = (faults()?, reads()?);
        // One is the call that read the count before the act.
        let (faults, reads) = (faults_after - faults_before, reads_after - reads_before - 1);
        let least = least.get_or_insert(Cost { faults, reads, sum });
        *least = Cost {
            faults: faults.min(least.faults),
            reads: reads.min(least.reads),
            sum,
        };
        let before = self::faults()?;
        store();
        quiet += usize::from(self::faults()? == before);
        if quiet == QUIET_TRIES {
            break;
        }
    }
    least.ok_or_else(|| io::Error::other("nothing was tried"))
}

/// The page faults of this thread so far. One that has to wait for something counts as a major one.
fn faults() -> io::Result<usize> {
    // SAFETY: zeros are a valid value, and the call fills it in.
    let usage = unsafe {
        let mut usage: libc::rusage = mem::zeroed();
        if libc::getrusage(libc::RUSAGE_THREAD, &mut usage) != 0 {
            return Err(io::Error::last_os_error());
        }
        usage
    };
    Ok((usage.ru_minflt + usage.ru_majflt) as usize)
}
