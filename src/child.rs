//! Doing something deadly in a child, and living to report it.

use std::fmt;
use std::io;
use std::mem;

/// How a child ended that did something deadly.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did it, and went on to its end.
    Survived,
    /// This signal killed it.
    KilledBy(&'static str),
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Survived => f.write_str("Survived"),
            Outcome::KilledBy(signal) => write!(f, "KilledBy({signal})"),
        }
    }
}

/// The longest that a child may take before SIGALRM ends it. They need less than a millisecond.
const SECONDS: u32 = 10;

/// Does `act` in a forked child and waits for its end.
///
/// The child leaves no core file. On Linux it dies with the thread that made it; elsewhere the alarm ends it.
///
/// # Errors
/// When no child can be made.
///
/// # Safety
/// The child is a copy of this process with one thread only, the others having vanished wherever they were. So `act`
/// may touch memory and make plain system calls, but must not allocate, take a lock, panic, or return anything that is
/// dropped in such a way.
pub unsafe fn run(act: impl FnOnce()) -> io::Result<Outcome> {
    // SAFETY: it asks for a number.
    let parent = unsafe { libc::getpid() };
    // SAFETY: between here and its end the child makes plain system calls, and what the caller vouches for.
    match unsafe { libc::fork() } {
        -1 => {
            let error = io::Error::last_os_error();
            Err(io::Error::new(error.kind(), format!("cannot fork a child: {error}")))
        }
        0 => {
            prepare_to_die();
            // SAFETY: it asks for a number.
            let orphaned = unsafe { libc::getppid() } != parent;
            let panicked = ExitOnUnwind;
            if !orphaned {
                act();
            }
            mem::forget(panicked);
            // SAFETY: it ends this child at once and runs nothing that it shares with its parent.
            unsafe { libc::_exit(0) }
        }
        child => wait_for(child),
    }
}

/// Ends the child if it panics in spite of all, before it runs on as a second copy of its parent.
struct ExitOnUnwind;

impl Drop for ExitOnUnwind {
    fn drop(&mut self) {
        // SAFETY: it ends this child at once and runs nothing that it shares with its parent.
        unsafe { libc::_exit(101) }
    }
}

fn prepare_to_die() {
    let no_core = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: plain system calls about this process alone, with pointers to locals.
    unsafe {
        // Without the handlers that a runtime or a sanitizer installed, the signal is what ends the child.
        for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGALRM] {
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut none = mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
        libc::setrlimit(libc::RLIMIT_CORE, &no_core);
        #[cfg(target_os = "linux")]
        {
            // The limit does not hold for a core that is piped into a program.
            libc::prctl(libc::PR_SET_DUMPABLE, 0);
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        }
        libc::alarm(SECONDS);
    }
}

fn wait_for(child: libc::pid_t) -> io::Result<Outcome> {
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    while unsafe { libc::waitpid(child, &mut status, 0) } == -1 {
        let error = io::Error::last_os_error();
        if error.raw_os_error() == Some(libc::ECHILD) {
            return Err(io::Error::other(
                "cannot see how a child ended: this program was started with SIGCHLD ignored",
            ));
        }
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(if libc::WIFSIGNALED(status) { Outcome::KilledBy(name(libc::WTERMSIG(status))) } else { Outcome::Survived })
}

fn name(signal: libc::c_int) -> &'static str {
    match signal {
        libc::SIGALRM => "SIGALRM",
        libc::SIGBUS => "SIGBUS",
        libc::SIGKILL => "SIGKILL",
        libc::SIGSEGV => "SIGSEGV",
        _ => "another signal",
    }
}
