//! Check: every lesson with its samples in a folder of the user's, and what a program can rely on there.

mod attempt;
mod difference;
mod place;
mod report;
mod tap;
mod workers;

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use lexopt::{Arg, ValueExt};
use mmap_by_example::contents::{self, Lesson, Promise};

use crate::program::screen::{Screen, Style};
use crate::program::{Failure, Outcome, command, scratch};
use attempt::Finding;

const HELP: &str = "\
Tries every lesson with its samples in a folder, and tells what a program on
this machine can rely on there: in a container, or on a FUSE or network file
system. What other machines see of such a file is not tried.

Usage: @ [DIR] [--tap] [--limit SECONDS]

  DIR               the folder (the temporary folder where none is given). The
                    lessons work in a folder of their own in it, of which
                    nothing is left.
  --tap             print the Test Anything Protocol, version 14
  --limit SECONDS   how long a lesson may take (10)

Each lesson runs in a process of its own, four at a time; one that hangs or
crashes is a finding. None needs root.

Exit status: 0 when everything that is promised held, or could not be tried for
the reason that is shown; 1 when something promised did not hold; 2 when DIR is
no folder, cannot be written to or is full. What is unspecified may differ: it
is shown, and fails nothing.
";

/// The chapter on other file systems.
const OTHER_PLACES: &str = include_str!("../other_places.md");

/// What is asked of `check`.
struct Options {
    folder: Option<PathBuf>,
    tap: bool,
    limit: Duration,
}

/// A lesson, and how it went.
struct Tried {
    lesson: &'static Lesson,
    finding: Finding,
}

impl Tried {
    /// Whether it is otherwise here, in whatever way.
    fn differs(&self) -> bool {
        matches!(
            self.finding,
            Finding::Differs(_) | Finding::Failed(_) | Finding::Ended(_)
        )
    }

    /// Whether somebody promises what did not hold.
    fn breaks_a_promise(&self) -> bool {
        let promise = self.lesson.promise;
        self.differs() && promise != Promise::Unspecified && promise.holds_here()
    }

    /// Why it could not be tried, if it could not.
    fn not_tried(&self) -> Option<String> {
        match &self.finding {
            Finding::NotTried(why) | Finding::OtherFileSystem(why) | Finding::Full(why) => {
                Some(why.clone())
            }
            _ => None,
        }
    }
}

/// Does what the arguments after `check` ask for.
pub fn run(arguments: Vec<OsString>, screen: &mut Screen) -> Outcome {
    let usage = |error: lexopt::Error| Failure::Usage(error.to_string());
    let mut options = Options {
        folder: None,
        tap: false,
        limit: Duration::from_secs(10),
    };
    let (mut one, mut parent) = (None, None);
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next().map_err(usage)? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return help(screen),
            Arg::Long("tap") => options.tap = true,
            Arg::Long("limit") => {
                let given = parser.value().map_err(usage)?;
                let seconds = given.to_string_lossy().parse().unwrap_or(0);
                if !(1..=3600).contains(&seconds) {
                    let message = format!(
                        "the limit is a number of seconds from 1 to 3600, and not {given:?}"
                    );
                    return Err(Failure::Usage(message));
                }
                options.limit = Duration::from_secs(seconds);
            }
            // How this program calls itself for one lesson.
            Arg::Long("one") => one = Some(parser.value().map_err(usage)?),
            Arg::Long("parent") => {
                parent = Some(parser.value().and_then(|it| it.parse()).map_err(usage)?);
            }
            Arg::Value(folder) if options.folder.is_none() => options.folder = Some(folder.into()),
            other => return Err(Failure::Usage(other.unexpected().to_string())),
        }
    }
    match one {
        Some(name) => attempt::one(&name.to_string_lossy(), parent, screen),
        None => check(&options, screen),
    }
}

fn help(screen: &mut Screen) -> Outcome {
    screen.print(&HELP.replace('@', command("check").trim_end()))?;
    screen.gap()?;
    let short = OTHER_PLACES.split("\n## ").nth(1).unwrap_or_default();
    screen.styled_line(
        Style::Bold,
        "What was found elsewhere, in November 2026, with Linux 6.18:",
    )?;
    for item in short.split("\n- ").skip(1) {
        let item = item.split_whitespace().collect::<Vec<_>>().join(" ");
        screen.wrapped("  ", Style::Plain, &item)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn check(options: &Options, screen: &mut Screen) -> Outcome {
    let given = options.folder.clone().unwrap_or_else(env::temp_dir);
    let refused = |error: io::Error| Failure::Place(place::refusal(&given, &error));
    let folder = place::usable(&given).map_err(refused)?;
    place::remove_what_was_abandoned(&folder);
    let scratch = scratch::Folder::of_a_check(&folder, &place::name()).map_err(refused)?;
    scratch.remove_at_signals(workers::stop).map_err(|error| {
        let why = format!("cannot start a thread: {error}");
        Failure::Lesson(io::Error::new(error.kind(), why))
    })?;
    let _lock = place::hold(scratch.path());
    place::make_sure_of_room(scratch.path()).map_err(refused)?;

    let start = Instant::now();
    let lessons: Vec<&'static Lesson> = contents::lessons().collect();
    let mut progress = Progress::new(lessons.len());
    let mut tap = options.tap.then(|| tap::Tap::new(lessons.len()));
    let description = place::description(&folder);
    if let Some(tap) = &mut tap {
        tap.start(&description, screen)?;
    }
    let mut results: Vec<Option<Tried>> = lessons.iter().map(|_| None).collect();
    let workers = workers::Workers::start(&lessons, scratch.path(), options.limit);
    workers.each(|at, finding| {
        let lesson = lessons[at];
        progress.step(lesson);
        results[at] = Some(Tried { lesson, finding });
        tap.as_mut()
            .map_or(Ok(()), |tap| tap.go_on(&results, screen))
    })?;
    drop(workers);
    progress.end();

    let results: Vec<Tried> = results.into_iter().flatten().collect();
    if tap.is_none() {
        report::print(&description, &results, start.elapsed(), screen)?;
    }
    screen.flush()?;
    let is_full = |it: &Tried| matches!(it.finding, Finding::Full(_));
    if results.iter().any(is_full) {
        return Err(refused(io::ErrorKind::StorageFull.into()));
    }
    let broken = results.iter().any(Tried::breaks_a_promise);
    Ok(if broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// How far it is, on a terminal.
struct Progress {
    shown: bool,
    done: usize,
    all: usize,
}

impl Progress {
    fn new(all: usize) -> Progress {
        Progress {
            shown: io::stderr().is_terminal(),
            done: 0,
            all,
        }
    }

    fn step(&mut self, lesson: &Lesson) {
        self.done += 1;
        if self.shown {
            // Who cannot be told how far it is waits without.
            _ = write!(
                io::stderr(),
                "\r\x1b[K{} of {}: {}",
                self.done,
                self.all,
                lesson.chapter
            );
        }
    }

    fn end(&mut self) {
        if self.shown {
            self.shown = false;
            _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}
