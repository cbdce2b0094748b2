//! The four documents, on a file of the user's.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use mmap_by_example::contents::{Lesson, Run};
use mmap_by_example::lab::picture::Picture;
use mmap_by_example::lab::sample::WORD;

use crate::program::screen::Screen;
use crate::program::{Failure, Outcome, command, scratch, show};

/// Runs a document on a file, with the word or the pattern to look for.
pub fn run(
    lesson: &Lesson,
    file: &OsString,
    what: Option<&OsString>,
    screen: &mut Screen,
) -> Outcome {
    let Run::Document(document) = lesson.run else {
        return Ok(ExitCode::SUCCESS);
    };
    let path = Path::new(file);
    let what = match what.map(|what| what.to_str()) {
        Some(None) => {
            return Err(Failure::Usage(
                "a WORD or PATTERN has to be UTF-8".to_owned(),
            ));
        }
        Some(what) => what,
        None => None,
    };
    match (lesson.chapter, what) {
        ("read", Some(what)) => return Err(Failure::Usage(format!("what is {what:?} for?"))),
        ("write" | "copy", Some("")) => {
            let hint = command(&format!("{} FILE consectetuer", lesson.chapter));
            return Err(Failure::Usage(format!(
                "the WORD is empty: give one, as in '{hint}'"
            )));
        }
        _ => {}
    }
    // `read` and `search` make no sample.
    let scratch = matches!(lesson.chapter, "write" | "copy").then(scratch::Folder::new);
    let _scratch = scratch.transpose().map_err(Failure::Lesson)?;
    // SAFETY: `write` and `copy` work on a copy. `read` and `search` map the user's file, for which nobody here can vouch:
    // whoever runs the program has to keep others from it, as the help says. A library has no such user to ask.
    let seen = unsafe { document(path, what) };
    let seen = seen.map_err(|error| match (error.kind(), lesson.chapter) {
        (io::ErrorKind::InvalidData, "write" | "copy") => {
            let hint = command(&format!("{} FILE WORD", lesson.chapter));
            let message = format!("{error}: give a word that it holds, as in '{hint}'");
            Failure::Lesson(io::Error::new(error.kind(), message))
        }
        (io::ErrorKind::InvalidInput, "search") if what.is_some() && is_of_the_pattern(&error) => {
            Failure::Usage(error.to_string())
        }
        _ => Failure::Lesson(error),
    })?;
    let picture = lesson.picture(&*seen);
    let seen = format!("{seen:#?}");
    screen.line(&seen)?;
    screen.gap()?;
    // Below what was seen, where it stays in view. Bytes of a long word may be wider than a terminal.
    let fits = |picture: &Picture| {
        let text = picture.to_string();
        text.lines().all(|line| line.chars().count() <= 80)
    };
    if let Some(picture) = picture.filter(fits) {
        show::explained(&picture, screen)?;
        screen.gap()?;
    }
    let name = path.display();
    match lesson.chapter {
        "write" | "copy" => {
            let word = what.unwrap_or(WORD);
            screen.line(&format!(
                "Looked for {word:?} in a copy of {name}, and reversed it there."
            ))?;
            if word.bytes().eq(word.bytes().rev()) {
                screen
                    .line("It reads the same backwards, so nothing changed: try another word.")?;
            }
        }
        "search" => {
            let pattern = what.unwrap_or(r"(\.\W+)?([^.]?nulla[^.]*?\.)");
            screen.line(&format!("Looked for {pattern} in {name}."))?;
            if seen == "[]" {
                // Beside the answer, for who reads on a terminal and for who reads a file of it.
                _ = writeln!(io::stderr(), "mmap-by-example: nothing found in {name}");
            }
            if what.is_none() {
                let hint = command("search FILE PATTERN");
                screen.line(&format!("With a pattern of yours: {hint}"))?;
            }
        }
        _ => screen.line(&format!("Read and sliced {name}."))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn is_of_the_pattern(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<regex::Error>())
}
