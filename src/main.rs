//! The command line: list the lessons, show some, or run a document on a file of your own.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::panic;
use std::path::Path;
use std::process::ExitCode;

use mmap_by_example::book::{Chapter, Lesson};
use mmap_by_example::observation::{Sides, Text};
use mmap_by_example::sample::{Sample, WORD};
use mmap_by_example::{CHAPTERS, copy, panics, write};

const HELP: &str = "\
mmap by example: what memory-mapped files do, shown by doing it

Usage:
  mmap-by-example                     list every chapter and lesson, and who promises it
  mmap-by-example CHAPTER             show a chapter's lessons: claim, promise, and what was seen
  mmap-by-example CHAPTER::LESSON     show one lesson
  mmap-by-example CHAPTER FILE        run the chapter's document on a file of your own
  mmap-by-example --help | --version

Documents, the lessons that take a FILE:
  read      read and slice it
  write     edit a copy of it through a shared map (it has to hold the word \"consectetuer\")
  copy      edit a copy of it through a private map (likewise)
  search    search it for sentences with \"nulla\"

Your file is never written. read and search map the file itself, so one of any size will do. If somebody truncates it
meanwhile, the system ends this program with SIGBUS; if somebody writes to it, what happens is undefined.
A FILE whose name begins with a dash is given as ./-name.

Exit status: 0 when everything was shown, 1 when a lesson could not run, 2 when the command line was not understood.
";

enum Failure {
    /// The command line was not understood.
    Usage(String),
    /// A lesson could not run.
    Lesson(io::Error),
    /// What was seen could not be printed.
    Output(io::Error),
}

fn main() -> ExitCode {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        if !panics::is_expected() {
            report(panicked);
        }
    }));
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let result = run(&arguments, &mut out);
    // What was shown before a failure belongs in front of its message.
    let flushed = out.flush().map_err(Failure::Output);
    match result.and(flushed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => fail(1, &format!("cannot write: {error}")),
        Err(Failure::Lesson(error)) => fail(1, &error.to_string()),
        Err(Failure::Usage(message)) => fail(2, &format!("{message}\nTry 'mmap-by-example --help'.")),
    }
}

fn fail(status: u8, message: &str) -> ExitCode {
    // A standard error that is closed leaves nobody to tell.
    let _ = writeln!(io::stderr(), "mmap-by-example: {message}");
    ExitCode::from(status)
}

fn run(arguments: &[OsString], out: &mut impl Write) -> Result<(), Failure> {
    let Some((first, rest)) = arguments.split_first() else { return list(out) };
    let name = first.to_string_lossy();
    match (&*name, rest) {
        ("--help" | "-h", []) => write!(out, "{HELP}").map_err(Failure::Output),
        ("--version" | "-V", []) => {
            writeln!(out, "mmap-by-example {}", env!("CARGO_PKG_VERSION")).map_err(Failure::Output)
        }
        ("--help" | "-h" | "--version" | "-V", _) => Err(Failure::Usage(format!("{name} takes no argument"))),
        (option, _) if option.starts_with('-') => Err(Failure::Usage(format!("there is no option {option}"))),
        (_, [option]) if option.to_string_lossy().starts_with('-') => {
            Err(Failure::Usage(format!("{name} takes no option {}", option.to_string_lossy())))
        }
        (_, []) => {
            let (chapter, lessons) = find(&name)?;
            for (at, lesson) in lessons.iter().enumerate() {
                let gap = if at == 0 { "" } else { "\n" };
                write!(out, "{gap}").map_err(Failure::Output)?;
                show(chapter, lesson, out)?;
            }
            Ok(())
        }
        (_, [file]) => {
            let (_, lessons) = find(&name)?;
            let Some(document) = lessons.first().and_then(|lesson| lesson.document) else {
                let message = "takes no FILE: only the documents do, the first lessons of read, write, copy and search";
                return Err(Failure::Usage(format!("{name} {message}")));
            };
            let seen = document(Path::new(file)).map_err(Failure::Lesson)?;
            writeln!(out, "{seen:#?}").map_err(Failure::Output)
        }
        (_, [_, unexpected, ..]) => {
            Err(Failure::Usage(format!("one FILE at a time: what is {:?}?", unexpected.to_string_lossy())))
        }
    }
}

/// The lessons that `name` stands for: a chapter's, or just one.
fn find(name: &str) -> Result<(&'static Chapter, &'static [Lesson]), Failure> {
    let mut nearest = (0.5, String::new());
    let mut compare = |with: &str, full_name: &str| {
        let likeness = strsim::normalized_damerau_levenshtein(name, with);
        if likeness > nearest.0 {
            nearest = (likeness, full_name.to_owned());
        }
    };
    for chapter in CHAPTERS {
        if chapter.name == name {
            return Ok((chapter, chapter.lessons));
        }
        compare(chapter.name, chapter.name);
        for lesson in chapter.lessons {
            let full_name = format!("{}::{}", chapter.name, lesson.name);
            if full_name == name {
                return Ok((chapter, std::slice::from_ref(lesson)));
            }
            compare(&full_name, &full_name);
            compare(lesson.name, &full_name);
        }
    }
    let hint = match nearest.1.as_str() {
        "" => "'mmap-by-example' lists what there is".to_owned(),
        nearest => format!("did you mean {nearest}?"),
    };
    Err(Failure::Usage(format!("there is no lesson {name:?}: {hint}")))
}

fn list(out: &mut impl Write) -> Result<(), Failure> {
    for chapter in CHAPTERS {
        writeln!(out, "{:<10}{}", chapter.name, chapter.title()).map_err(Failure::Output)?;
        for lesson in chapter.lessons {
            let name = format!("{}::{}", chapter.name, lesson.name);
            writeln!(out, "  {name:<66} {}", lesson.promise).map_err(Failure::Output)?;
        }
    }
    let picture = picture().map_err(Failure::Lesson)?;
    write!(out, "\n{picture}").map_err(Failure::Output)?;
    writeln!(out, "\nShow a chapter with 'mmap-by-example copy'; --help says what else there is.")
        .map_err(Failure::Output)
}

/// The documents of write and copy side by side, reduced to the place of the edit.
fn picture() -> io::Result<String> {
    let lorem = Sample::lorem()?;
    let shared = write::a_flushed_edit_is_in_the_file(lorem.path())?;
    let private = copy::an_edit_never_reaches_the_file(lorem.path())?;
    let line = &private.before.memory.0;
    let start = line.windows(WORD.len()).position(|bytes| bytes == WORD.as_bytes()).unwrap_or_default();
    let place = |side: &Text| side.0.get(start..start + WORD.len()).unwrap_or_default().escape_ascii().to_string();
    let row = |[first, second, third, fourth]: [&str; 4], side: &str| {
        format!("  {side:<8}{first:<14}{second:<18}{third:<14}{fourth}").trim_end().to_owned() + "\n"
    };
    let sides = |side: fn(&Sides) -> &Text| {
        [&shared.before, &shared.after, &private.before, &private.after].map(|moment| place(side(moment)))
    };
    let (memory, file) = (sides(|sides| &sides.memory), sides(|sides| &sides.file));
    Ok(format!("{:10}{:<32}{}\n", "", "a shared map (write)", "a private map (copy)")
        + &row(["before", "after", "before", "after"], "")
        + &row(memory.each_ref().map(String::as_str), "memory")
        + &row(file.each_ref().map(String::as_str), "file"))
}

fn show(chapter: &Chapter, lesson: &Lesson, out: &mut impl Write) -> Result<(), Failure> {
    let seen = (lesson.run)().map_err(Failure::Lesson)?;
    let (claim, promise) = (lesson.claim(), lesson.promised_by());
    writeln!(out, "{}::{}\n  {claim}\n  {promise}\n\n{seen:#?}", chapter.name, lesson.name).map_err(Failure::Output)
}
