//! A folder for the samples of this run, of which nothing is left: not even when the run is interrupted.

use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::{Builder, TempDir};

/// How long to try to remove the folder.
const PATIENCE: Duration = Duration::from_secs(2);

/// The folder; removed when dropped.
pub struct Folder {
    folder: TempDir,
    #[cfg(unix)]
    signals: libc::sigset_t,
}

impl Folder {
    /// Makes the folder in the temporary folder, and puts all samples into it from now on.
    ///
    /// # Errors
    /// Names the temporary folder when nothing can be made in it.
    pub fn new() -> io::Result<Folder> {
        Folder::new_in(&env::temp_dir())
    }

    /// As [`Folder::new`], in a folder of the caller's choice.
    ///
    /// # Errors
    /// Names the folder when nothing can be made in it.
    pub fn new_in(folder: &Path) -> io::Result<Folder> {
        let folder = Folder::made(|| TempDir::with_prefix_in("mmap-by-example-", folder))?;
        // Set once only, and this is the first time.
        _ = tempfile::env::override_temp_dir(folder.path());
        folder.remove_at_signals(|| ())?;
        Ok(folder)
    }

    /// Makes a folder of this name in `place`. Signals wait until [`Folder::remove_at_signals`] is called.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn of_a_check(place: &Path, name: &str) -> io::Result<Folder> {
        Folder::made(|| Builder::new().prefix(name).rand_bytes(0).tempdir_in(place))
    }

    fn made(make: impl FnOnce() -> io::Result<TempDir>) -> io::Result<Folder> {
        // Before there is a folder that somebody has to remove.
        #[cfg(unix)]
        let signals = block_signals();
        Ok(Folder {
            folder: make()?,
            #[cfg(unix)]
            signals,
        })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Has a thread wait for SIGHUP, SIGINT and SIGTERM, which has `stop` end those who use the folder, removes it, and
    /// lets the signal end this process.
    ///
    /// # Errors
    /// When no thread can be started.
    #[cfg(unix)]
    pub fn remove_at_signals(&self, stop: fn()) -> io::Result<()> {
        use std::ptr;

        let (folder, signals) = (self.path().to_owned(), self.signals);
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                let mut signal = 0;
                // SAFETY: plain system calls with pointers to locals; the signals have their default action, which ends
                // this process.
                unsafe {
                    if libc::sigwait(&signals, &mut signal) == 0 {
                        stop();
                        remove(&folder);
                        libc::pthread_sigmask(libc::SIG_UNBLOCK, &signals, ptr::null_mut());
                        libc::raise(signal);
                    }
                }
            })?;
        Ok(())
    }

    /// There are no such signals on this system.
    #[cfg(not(unix))]
    pub fn remove_at_signals(&self, _: fn()) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(self.path());
    }
}

/// Removes the folder. A file in it that somebody had open when it was removed may be there a moment longer under another
/// name, as on FUSE and NFS.
fn remove(folder: &Path) {
    let start = Instant::now();
    while fs::remove_dir_all(folder).is_err() && folder.exists() && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
}

/// Has SIGHUP, SIGINT and SIGTERM wait for a thread that asks for them.
#[cfg(unix)]
fn block_signals() -> libc::sigset_t {
    use std::{mem, ptr};

    // SAFETY: plain system calls with pointers to locals.
    unsafe {
        let mut signals: libc::sigset_t = mem::zeroed();
        libc::sigemptyset(&mut signals);
        for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM] {
            let mut action: libc::sigaction = mem::zeroed();
            libc::sigaction(signal, ptr::null(), &mut action);
            // A signal that whoever started this program wants ignored stays ignored.
            if action.sa_sigaction != libc::SIG_IGN {
                libc::sigaddset(&mut signals, signal);
            }
        }
        // Threads that are started later block them too, so that only the one that asks receives them.
        libc::pthread_sigmask(libc::SIG_BLOCK, &signals, ptr::null_mut());
        signals
    }
}
