//! Places and lengths, counted in pages, so that they are the same on every machine.

use std::fmt;

/// The size of a page of memory on this machine, in bytes.
#[cfg(unix)]
pub fn page_size() -> usize {
    // SAFETY: it asks for a number and touches no memory of ours.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

/// The size of a page of memory on this machine, in bytes: 4 KiB on every processor that Windows runs on.
#[cfg(not(unix))]
pub fn page_size() -> usize {
    4096
}

/// A position or a length, counted from the nearest page boundary: `1 page - 3 bytes`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// How many pages there are up to that boundary.
    pub pages: usize,
    /// Bytes after that boundary; negative if before it.
    pub bytes: isize,
}

impl From<usize> for Place {
    fn from(position: usize) -> Self {
        let page = page_size();
        let pages = position / page + usize::from(position % page >= page / 2);
        Place {
            pages,
            bytes: position.wrapping_sub(pages.wrapping_mul(page)) as isize,
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: usize, what: &str| {
            format!("{number} {what}{}", if number == 1 { "" } else { "s" })
        };
        f.write_str(&count(self.pages, "page"))?;
        match self.bytes {
            0 => Ok(()),
            1.. => write!(f, " + {}", count(self.bytes.unsigned_abs(), "byte")),
            _ => write!(f, " - {}", count(self.bytes.unsigned_abs(), "byte")),
        }
    }
}
