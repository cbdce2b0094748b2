//! Errors: which file they are about, what a machine lacks, and the names of the system's own.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Puts a path in front of what an [`io::Error`] says.
pub trait Naming {
    /// The same result. An error names `path`, once, and keeps its kind and its code.
    fn naming(self, path: impl AsRef<Path>) -> Self;
}

impl<T> Naming for io::Result<T> {
    fn naming(self, path: impl AsRef<Path>) -> Self {
        self.map_err(|error| named(error, path.as_ref()))
    }
}

fn named(error: io::Error, path: &Path) -> io::Error {
    if error.to_string().contains(&*path.to_string_lossy()) {
        return error;
    }
    let path = path.to_owned();
    io::Error::new(error.kind(), Named { path, error })
}

#[derive(Debug)]
struct Named {
    path: PathBuf,
    error: io::Error,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

impl Error for Named {}

/// Tells what a machine lacks from what went wrong.
pub trait OrLacking {
    /// The same result. An error with one of these `codes` becomes [`Lacking`], and says that `what`
    /// is missing; any other stays what it was.
    fn or_lacking(self, what: &str, codes: &[i32]) -> Self;
}

impl<T> OrLacking for io::Result<T> {
    fn or_lacking(self, what: &str, codes: &[i32]) -> Self {
        self.map_err(|error| match code(&error) {
            Some(code) if codes.contains(&code) => lacking(format!("{what} ({error})")),
            _ => error,
        })
    }
}

/// What this machine lacks, so that a lesson cannot be tried on it.
#[derive(Debug)]
pub struct Lacking {
    /// What is missing, and how that was seen.
    pub what: String,
    /// Whether the file system was seen to do otherwise, which is more than that nothing can be told.
    pub is_of_the_file_system: bool,
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this machine lacks {}", self.what)
    }
}

impl Error for Lacking {}

/// The error of a lesson that cannot be tried here.
pub fn lacking(what: impl Into<String>) -> io::Error {
    let lacking = Lacking {
        what: what.into(),
        is_of_the_file_system: false,
    };
    io::Error::new(io::ErrorKind::Unsupported, lacking)
}

/// The error of a lesson that cannot be tried on a file system that was seen not to do this.
pub fn lacking_file_system(that: &str) -> io::Error {
    let lacking = Lacking {
        what: format!("a file system that {that}"),
        is_of_the_file_system: true,
    };
    io::Error::new(io::ErrorKind::Unsupported, lacking)
}

/// What is lacking, if that is what `error` says.
pub fn what_is_lacking(error: &io::Error) -> Option<&str> {
    Some(&what_lacks(error)?.what)
}

/// Whether `error` says that the file system was seen not to do what the lesson is about.
pub fn is_of_the_file_system(error: &io::Error) -> bool {
    what_lacks(error).is_some_and(|lacking| lacking.is_of_the_file_system)
}

fn what_lacks(error: &io::Error) -> Option<&Lacking> {
    let inner = error.get_ref()?;
    match inner.downcast_ref::<Named>() {
        Some(named) => what_lacks(&named.error),
        None => inner.downcast_ref::<Lacking>(),
    }
}

/// The system's number for `error`, if the error is the system's.
pub fn code(error: &io::Error) -> Option<i32> {
    let named = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Named>());
    named.map_or_else(|| error.raw_os_error(), |named| code(&named.error))
}

/// The name of `error`: the manual's (`EACCES`) where the system refused, else its [`io::ErrorKind`].
pub fn name(error: &io::Error) -> String {
    match code(error) {
        Some(code) => name_of(code)
            .unwrap_or("an error without a name")
            .to_owned(),
        None => format!("{:?}", error.kind()),
    }
}

#[cfg(unix)]
fn name_of(code: i32) -> Option<&'static str> {
    Some(match code {
        libc::EACCES => "EACCES",
        libc::EAGAIN => "EAGAIN",
        libc::EBADF => "EBADF",
        libc::EBUSY => "EBUSY",
        libc::EDQUOT => "EDQUOT",
        libc::EEXIST => "EEXIST",
        libc::EFAULT => "EFAULT",
        libc::EFBIG => "EFBIG",
        libc::EINVAL => "EINVAL",
        libc::EIO => "EIO",
        libc::ENODEV => "ENODEV",
        libc::ENOENT => "ENOENT",
        libc::ENOMEM => "ENOMEM",
        libc::ENOSPC => "ENOSPC",
        libc::ENOSYS => "ENOSYS",
        libc::ENXIO => "ENXIO",
        libc::EOPNOTSUPP => "EOPNOTSUPP",
        libc::EOVERFLOW => "EOVERFLOW",
        libc::EPERM => "EPERM",
        libc::EROFS => "EROFS",
        libc::ETXTBSY => "ETXTBSY",
        _ => return None,
    })
}

/// Windows has numbers of its own. Where its C library gives one of them a name of the manual's, that is the name here;
/// else it is Microsoft's.
#[cfg(not(unix))]
fn name_of(code: i32) -> Option<&'static str> {
    Some(match code {
        2 | 3 => "ENOENT",
        5 => "EACCES",
        32 => "ERROR_SHARING_VIOLATION",
        1224 => "ERROR_USER_MAPPED_FILE",
        _ => return None,
    })
}
