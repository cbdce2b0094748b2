//! What the program does with its arguments.

mod check;
mod documents;
#[cfg(feature = "html")]
mod html;
mod measure;
mod predict;
mod scratch;
mod screen;
mod show;

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lexopt::Arg;
use mmap_by_example::contents::{self, CHAPTERS, Chapter, Lesson, Run};
use mmap_by_example::questions;
use screen::Screen;

/// Why the program ends without having done all that it was asked.
pub enum Failure {
    /// The command line was not understood.
    Usage(String),
    /// A folder cannot be used, as the message says.
    Place(String),
    /// A lesson could not run.
    Lesson(io::Error),
    /// What was seen could not be printed.
    Output(io::Error),
}

type Outcome = Result<ExitCode, Failure>;

const HELP: &str = "\
mmap by example: what memory-mapped files do, shown by doing it

Usage: @ [COMMAND]

Without a command: what mmap is, and the chapters.

  list               every lesson, with its claim and who promises it
  CHAPTER            a chapter: its lessons and their claims
  LESSON             a lesson, with or without its chapter: its claim, its code,
                     and what was seen just now
  WORD ...           the lessons about a word or several: SIGBUS, append, leak
  questions [WORD]   what people ask, with short answers
  predict [CHAPTER [NUMBER] | LESSON]
                     say first what a lesson will show, then run it
  check [DIR]        every lesson with its samples in DIR, and what a program
                     can rely on there; 'check --help' tells more
  measure [DIR | FILE] [--csv FILE] [--svg FILE]
                     mapping beside reading, timed on this machine
  html [--base URL]  the book as one web page; URL is where the sources are

On a text of your own (these lessons are called documents):

  read FILE               read it and slice it
  write FILE [WORD]       reverse a word through a shared map of a copy
  copy FILE [WORD]        reverse a word through a private map of a copy
  search FILE [PATTERN]   search it

WORD is \"consectetuer\" where none is given. PATTERN has the syntax of Rust's
regex crate. Its character classes match bytes; flags are put into the pattern,
as in (?is). Each match is shown with its offset. Without a PATTERN, search
looks for sentences with \"nulla\", from that word on.

Your file is never written. read and search map the file itself, and no program
can keep others from it: if somebody truncates it meanwhile, the system ends
this program with SIGBUS; if somebody writes to it, what happens is undefined.
measure takes a minute, a release build, and files of its own in DIR, which it
removes: at most 512 MiB, and an eighth of the free memory. A FILE of yours is
only read, and mapped under the same conditions. Figures go to --csv, a picture
to --svg.
A FILE that begins with a dash is given as ./-name. For a large FILE, use a
release build: cargo run --release -- search FILE.

Exit status: 0 when everything was shown, as far as anybody read it, and every
claim held, is promised elsewhere only, or cannot be tried on this machine; 1
when a lesson failed, a claim did not hold, or something could not be printed;
2 when the command line was not understood, or check cannot use DIR.
";

/// Does what the arguments ask for.
pub fn run(arguments: impl IntoIterator<Item = OsString>, out: &mut impl Write) -> Outcome {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut screen = Screen::new(out);
    // It has options of its own.
    if let [_, command, rest @ ..] = &arguments[..] {
        if command == "check" {
            return check::run(rest.to_vec(), &mut screen);
        }
    }
    let (options, arguments) = parse(arguments)?;
    if options.help {
        screen.print(&help())?;
        return Ok(ExitCode::SUCCESS);
    }
    if options.version {
        screen.line(&format!("mmap-by-example {}", env!("CARGO_PKG_VERSION")))?;
        return Ok(ExitCode::SUCCESS);
    }
    let is_measure = arguments.first().is_some_and(|name| name == "measure");
    if !is_measure && (options.csv.is_some() || options.svg.is_some()) {
        let message = "--csv and --svg belong to measure".to_owned();
        return Err(Failure::Usage(message));
    }
    let Some((first, rest)) = arguments.split_first() else {
        let _scratch = scratch::Folder::new().map_err(Failure::Lesson)?;
        return show::front_page(&mut screen);
    };
    let name = first.to_string_lossy();
    if let ([file, rest @ ..], Some(document)) = (rest, document_of(&name)) {
        if let [_, unexpected, ..] = rest {
            return Err(unexpected_argument(unexpected));
        }
        return documents::run(document, file, rest.first(), &mut screen);
    }
    if name == "predict" {
        let texts: Vec<_> = rest.iter().map(|text| text.to_string_lossy()).collect();
        let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
        let (chapter, number) = match texts[..] {
            [] => (None, None),
            [chapter] => (Some(chapter), None),
            [chapter, number] => (Some(chapter), Some(number)),
            [_, _, unexpected, ..] => return Err(unexpected_argument(OsStr::new(unexpected))),
        };
        let _scratch = scratch::Folder::new().map_err(Failure::Lesson)?;
        return predict::run(chapter, number, &mut screen);
    }
    if name == "measure" {
        if let [_, unexpected, ..] = rest {
            return Err(unexpected_argument(unexpected));
        }
        let place = rest.first().map(Path::new);
        return measure::run(place, &options.csv, &options.svg, &mut screen);
    }
    let phrase = |words: &[OsString]| words.join(OsStr::new(" ")).to_string_lossy().into_owned();
    match (&*name, rest) {
        ("questions", _) => return show::questions(&phrase(rest), &mut screen),
        ("help" | "html" | "list", [unexpected, ..]) => {
            return Err(unexpected_argument(unexpected));
        }
        ("help", []) => {
            screen.print(&help())?;
            return Ok(ExitCode::SUCCESS);
        }
        ("html", []) => return html(options.base.as_deref(), &mut screen),
        ("list", []) => return show::list(&mut screen),
        _ => {}
    }
    let (chapter, lesson) = (find_chapter(&name), find_lesson(&name));
    if let (Some(chapter), []) = (chapter, rest) {
        let _scratch = scratch::Folder::new().map_err(Failure::Lesson)?;
        return show::chapter(chapter, &mut screen);
    }
    if let (Some(lesson), []) = (lesson, rest) {
        let _scratch = scratch::Folder::new().map_err(Failure::Lesson)?;
        return show::lesson(lesson, &mut screen);
    }
    let phrase = phrase(&arguments);
    match show::word(&phrase, &mut screen)? {
        Some(status) => Ok(status),
        None if chapter.is_some() || lesson.is_some() => Err(Failure::Usage(format!(
            "{name} takes no FILE: only the documents do, which are read, write, copy and search"
        ))),
        None => Err(unknown(&phrase)),
    }
}

#[derive(Default)]
struct Options {
    help: bool,
    version: bool,
    base: Option<String>,
    csv: Option<PathBuf>,
    svg: Option<PathBuf>,
}

fn parse(
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<(Options, Vec<OsString>), Failure> {
    let mut parser = lexopt::Parser::from_iter(arguments);
    let (mut options, mut values) = (Options::default(), Vec::new());
    let wrong = |error: lexopt::Error| Failure::Usage(error.to_string());
    while let Some(argument) = parser.next().map_err(wrong)? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => options.help = true,
            Arg::Short('V') | Arg::Long("version") => options.version = true,
            Arg::Long("base") => options.base = Some(base(&mut parser)?),
            Arg::Long("csv") => options.csv = Some(parser.value().map_err(wrong)?.into()),
            Arg::Long("svg") => options.svg = Some(parser.value().map_err(wrong)?.into()),
            Arg::Value(value) => values.push(value),
            Arg::Short(option) => {
                return Err(Failure::Usage(format!("there is no option -{option}")));
            }
            Arg::Long(option) => {
                return Err(Failure::Usage(format!("there is no option --{option}")));
            }
        }
    }
    if let (true, Some(value)) = (options.version && !options.help, values.first()) {
        return Err(unexpected_argument(value));
    }
    if options.base.is_some() && values.first().is_none_or(|first| first != "html") {
        return Err(Failure::Usage("--base belongs to html".to_owned()));
    }
    Ok((options, values))
}

/// The address that follows an option.
fn base(parser: &mut lexopt::Parser) -> Result<String, Failure> {
    let value = parser
        .value()
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let url = value.to_string_lossy();
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        let message = format!("--base takes an address that begins with https:// and not {url:?}");
        return Err(Failure::Usage(message));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// Prints the book as one web page.
#[cfg(feature = "html")]
fn html(repository: Option<&str>, screen: &mut Screen) -> Outcome {
    screen.print(&html::page(repository))?;
    Ok(ExitCode::SUCCESS)
}

/// Says how to get the web page, which takes packages that nothing else does.
#[cfg(not(feature = "html"))]
fn html(_: Option<&str>, _: &mut Screen) -> Outcome {
    let how = "cargo run --features html -- html > mmap-by-example.html";
    Err(Failure::Usage(format!(
        "html is a feature of its own: {how}"
    )))
}

fn unexpected_argument(argument: &OsStr) -> Failure {
    Failure::Usage(format!(
        "unexpected argument {:?}",
        argument.to_string_lossy()
    ))
}

fn help() -> String {
    HELP.replace('@', command("").trim_end())
}

/// How the program is called with these arguments: as it was called this time.
pub fn command(arguments: &str) -> String {
    let cargo_runs_it = env::var("CARGO_PKG_NAME").is_ok_and(|name| name == env!("CARGO_PKG_NAME"));
    let program = if cargo_runs_it {
        "cargo run --"
    } else {
        "mmap-by-example"
    };
    format!("{program} {arguments}")
}

fn find_chapter(name: &str) -> Option<&'static Chapter> {
    CHAPTERS.iter().find(|chapter| chapter.name == name)
}

fn find_lesson(name: &str) -> Option<&'static Lesson> {
    contents::lessons().find(|lesson| lesson.name == name || lesson.full_name() == name)
}

/// The document of this chapter.
fn document_of(name: &str) -> Option<&'static Lesson> {
    let document = find_chapter(name)
        .and_then(|chapter| chapter.lessons.first())
        .or_else(|| find_lesson(name));
    document.filter(|lesson| matches!(lesson.run, Run::Document(_)))
}

/// What to say of a name or a word that nothing is called.
fn unknown(name: &str) -> Failure {
    let known: Vec<String> = ["list", "predict", "questions", "check", "measure", "html"]
        .into_iter()
        .chain(CHAPTERS.iter().map(|chapter| chapter.name))
        .chain(contents::lessons().map(|lesson| lesson.name))
        .chain(contents::lessons().flat_map(Lesson::words))
        .map(str::to_lowercase)
        .chain(contents::lessons().map(Lesson::full_name))
        .collect();
    // Of the names with a chapter in front and those without, only one kind is meant.
    let alike = |it: &&str| it.contains("::") == name.contains("::");
    let known: Vec<&str> = known.iter().map(String::as_str).filter(alike).collect();
    let hint = match similar::get_close_matches(&*name.to_lowercase(), &known, 1, 0.7).first() {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => format!("'{}' shows what there is", command("list")),
    };
    Failure::Usage(format!(
        "there is no lesson, chapter or word {name:?}: {hint}"
    ))
}

/// The questions that have a word, or else those of which the answer has it.
fn questions_about(word: &str) -> Vec<questions::Question> {
    let word = word.to_lowercase();
    let (asked, others): (Vec<_>, Vec<_>) = questions::all()
        .into_iter()
        .partition(|it| show::mentions(&it.question, &word));
    match asked.is_empty() {
        false => asked,
        true => others
            .into_iter()
            .filter(|it| show::mentions(&it.answer, &word))
            .collect(),
    }
}
