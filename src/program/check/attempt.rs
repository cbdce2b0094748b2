//! One lesson in a process of its own: what that process does, and what its parent makes of it.

use std::any::Any;
use std::env;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};

use mmap_by_example::contents::{Lesson, Run};
use mmap_by_example::lab::errors;

use crate::program::screen::Screen;
use crate::program::{Failure, Outcome, find_lesson};

/// How a lesson went.
pub enum Finding {
    /// What was seen is as approved.
    AsWritten,
    /// This was seen instead.
    Differs(String),
    /// It could not go on, with this error.
    Failed(String),
    /// Its process ended in this way instead of telling what it saw.
    Ended(String),
    /// The machine lacks this, or is short of it.
    NotTried(String),
    /// The file system was seen not to do what the lesson is about.
    OtherFileSystem(String),
    /// There is no room for its samples.
    Full(String),
    /// The compiler proves it.
    Compiler,
}

/// The first word of what the process of a lesson prints.
const SEEN: &str = "seen";
const LACKING: &str = "lacking";
const OTHER_FILE_SYSTEM: &str = "other file system";
const FULL: &str = "full";
const FAILED: &str = "failed";

/// What needs no process.
pub fn without_trying(lesson: &Lesson) -> Option<Finding> {
    match lesson.run {
        Run::Compiler => Some(Finding::Compiler),
        Run::Elsewhere(system) => Some(Finding::NotTried(format!("it needs {system}"))),
        _ if lesson.snapshot().is_none() => Some(Finding::NotTried(
            "nothing that it should show is approved yet".to_owned(),
        )),
        Run::Alone(_) | Run::Document(_) => None,
    }
}

/// Starts this program for one lesson, with its samples in `folder`.
pub fn start(lesson: &Lesson, folder: &Path) -> io::Result<Child> {
    let mut command = Command::new(env::current_exe()?);
    command
        .args(["check", "--one", &lesson.full_name()])
        .args(["--parent", &std::process::id().to_string()])
        .env("TMPDIR", folder)
        .env("TMP", folder)
        .env("TEMP", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // So that it can be ended with every child of its own.
        command.process_group(0);
    }
    command.spawn()
}

/// Tries one lesson and prints what came of it, for the process that asked for it.
pub fn one(name: &str, parent: Option<u32>, screen: &mut Screen) -> Outcome {
    let lesson =
        find_lesson(name).ok_or_else(|| Failure::Usage(format!("there is no lesson {name:?}")))?;
    if let Some(parent) = parent {
        prepare(parent);
    }
    let tried = panic::catch_unwind(AssertUnwindSafe(|| lesson.try_it()));
    let (word, text) = match tried {
        Ok(Some(Ok(seen))) => (SEEN, lesson.shown(&*seen)),
        Ok(None) => (LACKING, "there is nothing to run".to_owned()),
        Ok(Some(Err(error))) => classify(lesson, &error),
        Err(payload) => (FAILED, format!("it panicked: {}", message(&*payload))),
    };
    screen.print(&format!("{word}\n{text}"))?;
    Ok(ExitCode::SUCCESS)
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or_default()
}

/// Tells what a machine lacks, or is short of, from what went wrong.
fn classify(lesson: &Lesson, error: &io::Error) -> (&'static str, String) {
    if let Some(what) = errors::what_is_lacking(error) {
        if errors::is_of_the_file_system(error) {
            return (OTHER_FILE_SYSTEM, what.to_owned());
        }
        return (LACKING, what.to_owned());
    }
    let text = error.to_string();
    let text = text.strip_prefix(&lesson.full_name()).unwrap_or(&text);
    let text = without_path(text.trim_start_matches([':', ' ']), &env::temp_dir());
    // The text of an error survives whatever wraps it, where its number does not.
    let says = |code: &i32| text.contains(&io::Error::from_raw_os_error(*code).to_string());
    match text {
        text if room().iter().any(says) => (FULL, text),
        text if shortage().iter().any(says) => (LACKING, text),
        text => (FAILED, text),
    }
}

/// The text without the name of a sample, which is another each time.
fn without_path(text: &str, folder: &Path) -> String {
    let folder = folder.to_string_lossy();
    let words = text
        .split(' ')
        .filter(|word| !word.contains(&*folder) && !word.starts_with("/proc/self/fd/"));
    let text = words.collect::<Vec<_>>().join(" ");
    text.trim_end_matches(" at path").to_owned()
}

/// The errors that say that there is no room for a file.
fn room() -> &'static [i32] {
    #[cfg(unix)]
    return &[libc::ENOSPC, libc::EDQUOT];
    #[cfg(not(unix))]
    return &[];
}

/// The errors that say that this process may have no more of something.
fn shortage() -> &'static [i32] {
    #[cfg(unix)]
    return &[libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::EAGAIN];
    #[cfg(not(unix))]
    return &[];
}

/// Has this process die with its parent, and leave no core file.
#[cfg(unix)]
fn prepare(parent: u32) {
    let no_core = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: plain system calls about this process alone, with a pointer to a local.
    unsafe {
        libc::setrlimit(libc::RLIMIT_CORE, &no_core);
        #[cfg(target_os = "linux")]
        {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            // The parent may have died before that.
            if u32::try_from(libc::getppid()).is_ok_and(|now| now != parent) {
                libc::_exit(1);
            }
        }
    }
    _ = parent;
}

#[cfg(not(unix))]
fn prepare(_: u32) {}

/// What the process of a lesson told, or how it ended instead. `status` is `None` where it had to be killed.
pub fn judge(lesson: &Lesson, printed: &[u8], status: Option<ExitStatus>) -> Finding {
    let Some(status) = status else {
        return Finding::Ended("it did not end in the time that it had, and was killed".to_owned());
    };
    let printed = String::from_utf8_lossy(printed);
    let (word, text) = printed.split_once('\n').unwrap_or_default();
    match word {
        SEEN if lesson.snapshot().map(str::trim_end) == Some(text.trim_end()) => Finding::AsWritten,
        SEEN => Finding::Differs(text.to_owned()),
        LACKING => Finding::NotTried(format!("this place lacks {text}")),
        OTHER_FILE_SYSTEM => Finding::OtherFileSystem(format!("this place lacks {text}")),
        FULL => Finding::Full(text.to_owned()),
        FAILED => Finding::Failed(text.to_owned()),
        _ => Finding::Ended(end(status)),
    }
}

fn end(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        let name = match signal {
            libc::SIGABRT => "SIGABRT",
            libc::SIGBUS => "SIGBUS",
            libc::SIGFPE => "SIGFPE",
            libc::SIGILL => "SIGILL",
            libc::SIGKILL => "SIGKILL",
            libc::SIGSEGV => "SIGSEGV",
            libc::SIGSYS => "SIGSYS",
            libc::SIGTERM => "SIGTERM",
            libc::SIGXCPU => "SIGXCPU",
            libc::SIGXFSZ => "SIGXFSZ",
            _ => return format!("its process was killed by signal {signal}"),
        };
        return format!("its process was killed by {name}");
    }
    match status.code() {
        Some(code) => format!("its process ended with status {code}, and told nothing"),
        None => "its process ended, and told nothing".to_owned(),
    }
}
