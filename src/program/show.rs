//! The book on the screen: the front page, chapters, lessons, words and questions.

use std::io;
use std::process::ExitCode;

use mmap_by_example::contents::{self, CHAPTERS, Chapter, Lesson, Paragraph, Run, World};
use mmap_by_example::lab::errors;
use mmap_by_example::lab::observation::{Sides, Text};
use mmap_by_example::lab::picture::Picture;
use mmap_by_example::lab::sample::{Sample, WORD};
use mmap_by_example::{copy, write};
use similar::{ChangeTag, TextDiff};

use crate::program::screen::{Screen, Style, without_markup};
use crate::program::{Failure, Outcome, command};

/// What a newcomer sees first: at most 21 lines.
pub fn front_page(screen: &mut Screen) -> Outcome {
    screen
        .line("mmap makes a file appear as memory: a load from it reads the file, and a store")?;
    screen
        .line("changes the file, or a private view of it. Each lesson tries one claim about it.")?;
    screen.gap()?;
    screen.line("The same edit, map[word].reverse(), through two kinds of map:")?;
    screen.print(&picture().map_err(Failure::Lesson)?)?;
    screen.gap()?;
    let column = |chapter: &Chapter| {
        format!(
            "  {:<10}{:>2}  {:<24}",
            chapter.name,
            chapter.lessons.len(),
            chapter.subject
        )
    };
    let rows = CHAPTERS.len().div_ceil(2);
    for row in 0..rows {
        let cells = [CHAPTERS.get(row), CHAPTERS.get(rows + row)];
        let line = cells.into_iter().flatten().map(column).collect::<String>();
        screen.line(line.trim_end())?;
    }
    screen.gap()?;
    let start = command("write::a_flushed_edit_is_in_the_file");
    screen.line(&format!("Start here:   {start}"))?;
    for [what, this, other, that] in [
        ["A chapter:", "copy", "A word:", "SIGBUS"],
        ["All lessons:", "list", "Questions:", "questions"],
        ["Your text:", "search FILE", "More:", "--help"],
    ] {
        let (this, that) = (command(this), command(that));
        screen.line(&format!("{what:<14}{this:<28}{other:<12}{that}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The documents of write and copy side by side, reduced to the place of the edit.
fn picture() -> io::Result<String> {
    let lorem = Sample::lorem()?;
    let shared = write::a_flushed_edit_is_in_the_file(lorem.path(), WORD)?;
    let private = copy::an_edit_never_reaches_the_file(lorem.path(), WORD)?;
    let line = &private.before.memory.0;
    let start = line
        .windows(WORD.len())
        .position(|bytes| bytes == WORD.as_bytes());
    let start = start.unwrap_or_default();
    let place = |side: &Text| {
        side.0
            .get(start..start + WORD.len())
            .unwrap_or_default()
            .escape_ascii()
            .to_string()
    };
    let row = |[first, second, third, fourth]: [&str; 4], side: &str| {
        let line = format!("  {side:<20}{first:<14}{second:<15}{third:<14}{fourth}");
        line.trim_end().to_owned() + "\n"
    };
    let sides = |side: fn(&Sides) -> &Text| {
        [
            &shared.before,
            &shared.after,
            &private.before,
            &private.after,
        ]
        .map(|moment| place(side(moment)))
    };
    let (memory, file) = (sides(|sides| &sides.memory), sides(|sides| &sides.file));
    Ok(format!(
        "{:22}{:<29}{}\n",
        "", "a shared map (map_mut)", "a private map (map_copy)"
    ) + &row(["before", "after", "before", "after"], "")
        + &row(memory.each_ref().map(String::as_str), "memory, by the map")
        + &row(file.each_ref().map(String::as_str), "file, by a read"))
}

/// Every lesson, with its claim and who promises it.
pub fn list(screen: &mut Screen) -> Outcome {
    let all = contents::lessons().count();
    let head =
        format!("The {all} lessons: the name, who promises the claim, and the claim itself.");
    screen.line(&head)?;
    for chapter in CHAPTERS {
        screen.gap()?;
        screen.wrapped(
            "",
            Style::Bold,
            &format!("{}: {}", chapter.name, chapter.title()),
        )?;
        for lesson in chapter.lessons {
            name_and_claim(lesson, screen)?;
        }
    }
    screen.gap()?;
    screen.line(&format!("Show one: {}", command("LESSON")))?;
    Ok(ExitCode::SUCCESS)
}

fn name_and_claim(lesson: &Lesson, screen: &mut Screen) -> Result<(), Failure> {
    let promise = lesson.promise.to_string();
    // A long name leaves no room for the promise on its line.
    let room = 78usize.saturating_sub(promise.len());
    let line = format!("  {:<room$}{promise}", lesson.name);
    if line.len() <= 80 {
        screen.line(&line)?;
    } else {
        screen.line(&format!("  {}", lesson.name))?;
        screen.line(&format!("{promise:>80}"))?;
    }
    screen.wrapped("      ", Style::Dim, &lesson.claim())
}

/// A chapter: what it is about, and its lessons.
pub fn chapter(chapter: &Chapter, screen: &mut Screen) -> Outcome {
    screen.wrapped(
        "",
        Style::Bold,
        &format!("{}: {}", chapter.name, chapter.title()),
    )?;
    screen.wrapped("", Style::Plain, &chapter.question())?;
    let (mut all_hold, mut has_marks, mut failed) = (true, false, None);
    for (number, lesson) in (1..).zip(chapter.lessons) {
        screen.gap()?;
        screen.wrapped(&format!("{number:>2}  "), Style::Plain, &lesson.claim())?;
        screen.styled_line(Style::Dim, &format!("    {}", lesson.name))?;
        screen.styled_line(Style::Dim, &format!("    {}", label(lesson)))?;
        match picture_of(lesson, screen)? {
            Ok(seen) => {
                all_hold &= seen.holds;
                has_marks |= seen.has_marks;
            }
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    screen.gap()?;
    if has_marks {
        screen.styled_line(Style::Dim, LEGEND)?;
        screen.gap()?;
    }
    if let Some(first) = chapter.lessons.first() {
        screen.line(&format!("Show one: {}", command(first.name)))?;
        if matches!(first.run, Run::Document(_)) {
            let what = match chapter.name {
                "write" | "copy" => " WORD",
                "search" => " PATTERN",
                _ => "",
            };
            let call = command(&format!("{} FILE{what}", chapter.name));
            screen.line(&format!("The first, on a text of yours: {call}"))?;
        }
    }
    match failed {
        Some(error) => Err(Failure::Lesson(error)),
        None if all_hold => Ok(ExitCode::SUCCESS),
        None => Ok(ExitCode::FAILURE),
    }
}

/// A picture, and what its marks mean if it has some.
pub fn explained(picture: &Picture, screen: &mut Screen) -> Result<(), Failure> {
    screen.line(&picture.to_string())?;
    match picture.marks() {
        true => screen.styled_line(Style::Dim, &format!("  {LEGEND}")),
        false => Ok(()),
    }
}

/// What the marks in a picture mean.
pub const LEGEND: &str = "* differs from what stands above it; a blank was not looked at.";

/// What a chapter has to know of a lesson that it has shown.
struct Shown {
    /// Whether the claim held, or is promised elsewhere only, or cannot be tried here.
    holds: bool,
    has_marks: bool,
}

/// The picture of what a lesson sees just now, and a word where that is not as approved; or why the lesson failed.
fn picture_of(lesson: &Lesson, screen: &mut Screen) -> Result<io::Result<Shown>, Failure> {
    const NOT_TRIED: Shown = Shown {
        holds: true,
        has_marks: false,
    };
    let seen = match lesson.try_it() {
        None => return Ok(Ok(NOT_TRIED)),
        Some(Err(error)) => match errors::what_is_lacking(&error) {
            Some(what) => {
                let line = format!("Not tried: this machine lacks {what}.");
                screen.wrapped("    ", Style::Plain, &line)?;
                return Ok(Ok(NOT_TRIED));
            }
            None => {
                let line = format!("THE LESSON FAILED: {error}.");
                screen.wrapped("    ", Style::Plain, &line)?;
                return Ok(Err(error));
            }
        },
        Some(Ok(seen)) => seen,
    };
    let picture = lesson.picture(&*seen);
    if let Some(picture) = &picture {
        screen.line(&picture.to_string())?;
    }
    let as_approved = lesson
        .snapshot()
        .is_none_or(|approved| approved == lesson.shown(&*seen));
    let holds = as_approved || !lesson.promise.holds_here();
    if !holds {
        screen.line("    THE CLAIM DID NOT HOLD HERE: show the lesson for the difference.")?;
    } else if !as_approved {
        screen.line("    It is otherwise here: show the lesson for the difference.")?;
    }
    let has_marks = picture.is_some_and(|picture| picture.marks());
    Ok(Ok(Shown { holds, has_marks }))
}

fn label(lesson: &Lesson) -> String {
    match lesson.promise {
        contents::Promise::Unspecified => "unspecified: seen on Linux".to_owned(),
        promise => format!("promised by {promise}"),
    }
}

/// A lesson: claim, wrong idea, why, code, what was seen just now, and who promises it.
pub fn lesson(lesson: &Lesson, screen: &mut Screen) -> Outcome {
    let seen = lesson.try_it().transpose();
    screen.styled_line(Style::Bold, &lesson.full_name())?;
    screen.gap()?;
    screen.wrapped("", Style::Bold, &lesson.claim())?;
    screen.gap()?;
    screen.wrapped("The wrong idea: ", Style::Dim, &lesson.wrong_idea())?;
    why(lesson, screen)?;
    screen.gap()?;
    screen.line(&lesson.code())?;
    let place = format!("src/{}.rs, line {}", lesson.chapter, lesson.line());
    screen.styled_line(Style::Dim, &format!("// {place}"))?;
    screen.gap()?;
    let status = verdict(lesson, seen, screen)?;
    screen.gap()?;
    if let Some((first, others)) = lesson.worlds().split_first() {
        edit(*first, screen)?;
        let more = match others.len() {
            0 => String::new(),
            1 => ", and with another belief".to_owned(),
            count => format!(", and with {count} other beliefs"),
        };
        let hint = format!("What the lesson shows then{more}:");
        screen.wrapped("", Style::Dim, &hint)?;
        let place = format!("snapshots/{}/{}.worlds.md", lesson.chapter, lesson.name);
        screen.styled_line(Style::Dim, &place)?;
        screen.gap()?;
    }
    screen.wrapped("", Style::Plain, &lesson.promised_by())?;
    let mut after = contents::lessons()
        .skip_while(|it| it.full_name() != lesson.full_name())
        .skip(1);
    if let Some(next) = after.find(|it| !matches!(it.run, Run::Elsewhere(_))) {
        screen.gap()?;
        screen.line(&format!("Next: {}", command(&next.full_name())))?;
    }
    Ok(status)
}

/// Why the claim is so, with the examples.
pub fn why(lesson: &Lesson, screen: &mut Screen) -> Result<(), Failure> {
    for paragraph in lesson.why() {
        screen.gap()?;
        match paragraph {
            Paragraph::Text(text) => screen.wrapped("", Style::Plain, &text)?,
            Paragraph::Code(code) => {
                for line in code.lines() {
                    screen.line(format!("    {line}").trim_end())?;
                }
            }
        }
    }
    Ok(())
}

/// What somebody believes, as an edit of the lesson.
pub fn edit(world: World, screen: &mut Screen) -> Result<(), Failure> {
    screen.wrapped(
        "",
        Style::Plain,
        &format!("If you believed: {}", world.belief),
    )?;
    screen.line("This edit makes a world in which that is so:")?;
    for (sign, text) in [('-', world.before), ('+', world.after)] {
        for line in text.lines() {
            screen.line(&format!("  {sign} {line}"))?;
        }
    }
    Ok(())
}

/// What was seen, and whether it is what was approved.
fn verdict(
    lesson: &Lesson,
    seen: io::Result<Option<contents::Seen>>,
    screen: &mut Screen,
) -> Outcome {
    let (picture, seen) = match seen {
        Ok(Some(seen)) => (lesson.picture(&*seen), lesson.shown(&*seen)),
        Ok(None) => {
            let why = match lesson.run {
                Run::Elsewhere(system) => format!("Not tried: it needs {system}."),
                _ => "Proved by the compiler: cargo test --doc".to_owned(),
            };
            screen.line(&why)?;
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => match errors::what_is_lacking(&error) {
            Some(what) => {
                let text = format!("Not tried: this machine lacks {what}.");
                screen.wrapped("", Style::Plain, &text)?;
                return Ok(ExitCode::SUCCESS);
            }
            None => return Err(Failure::Lesson(error)),
        },
    };
    let Some(approved) = lesson.snapshot() else {
        screen.line(&seen)?;
        screen.gap()?;
        screen.line("No snapshot of it is approved yet.")?;
        return Ok(ExitCode::SUCCESS);
    };
    if approved == seen {
        screen.line("What was seen just now:")?;
        let place = format!("snapshots/{}/{}.snap", lesson.chapter, lesson.name);
        match picture {
            Some(picture) => {
                explained(&picture, screen)?;
                screen.gap()?;
                screen.line("This is as approved. All of it, field by field, is in")?;
                screen.line(&place)?;
            }
            None => {
                screen.line(&seen)?;
                screen.gap()?;
                screen.line("This is as approved.")?;
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    for change in TextDiff::from_lines(approved, &seen).iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => "-",
            ChangeTag::Insert => "+",
            ChangeTag::Equal => " ",
        };
        screen.line(&format!("{sign} {}", change.value().trim_end_matches('\n')))?;
    }
    screen.gap()?;
    if lesson.promise.holds_here() {
        screen.line(
            "THE CLAIM DID NOT HOLD HERE: - is what was approved, + what was seen just now.",
        )?;
        return Ok(ExitCode::FAILURE);
    }
    screen.line("It is otherwise here: - is what was approved, + what was seen just now.")?;
    Ok(ExitCode::SUCCESS)
}

/// The lessons and questions that are about a word; `None` where there is nothing about it.
pub fn word(word: &str, screen: &mut Screen) -> Result<Option<ExitCode>, Failure> {
    let wanted = word.trim().to_lowercase();
    if wanted.is_empty() {
        return Ok(None);
    }
    let explains = |lesson: &&Lesson| {
        let texts = lesson.why().into_iter().map(|paragraph| match paragraph {
            Paragraph::Text(text) | Paragraph::Code(text) => text,
        });
        let mut texts = texts.chain([lesson.promised_by()]);
        texts.any(|text| mentions(&text, &wanted))
    };
    let (mut lessons, mut mentioning) = (Vec::new(), Vec::new());
    for lesson in contents::lessons() {
        let words = lesson.words();
        if words.iter().any(|word| word.to_lowercase() == wanted) {
            lessons.push(lesson);
        } else if words.iter().any(|word| mentions(word, &wanted))
            || mentions(&lesson.claim(), &wanted)
            || mentions(&lesson.wrong_idea(), &wanted)
        {
            mentioning.push(lesson);
        }
    }
    lessons.append(&mut mentioning);
    if lessons.is_empty() {
        lessons = contents::lessons().filter(explains).collect();
    }
    if lessons.is_empty() && wanted.contains(' ') {
        lessons = contents::lessons()
            .filter(|lesson| has_each_word(lesson, &wanted))
            .collect();
    }
    let questions = super::questions_about(&wanted);
    if lessons.is_empty() && questions.is_empty() {
        return Ok(None);
    }
    for lesson in &lessons {
        screen.line(&lesson.full_name())?;
        screen.wrapped("    ", Style::Dim, &lesson.claim())?;
    }
    // Last, so that a short answer is not scrolled away by a long list.
    for (number, question) in questions.iter().enumerate() {
        if number > 0 || !lessons.is_empty() {
            screen.gap()?;
        }
        screen.wrapped("", Style::Bold, &question.question)?;
        screen.wrapped("", Style::Plain, &question.answer)?;
    }
    let first = lessons.first().map(|lesson| lesson.full_name());
    let first = first.or_else(|| questions.first()?.lessons.first().cloned());
    if let Some(first) = first {
        screen.gap()?;
        screen.line(&format!("Show one: {}", command(&first)))?;
    }
    Ok(Some(ExitCode::SUCCESS))
}

/// Whether the words of a lesson, its claim or its wrong idea have each of these that is no particle, whatever is between
/// them.
fn has_each_word(lesson: &Lesson, wanted: &str) -> bool {
    let mut texts = lesson.words();
    let (claim, wrong_idea) = (lesson.claim(), lesson.wrong_idea());
    texts.extend([&*claim, &*wrong_idea]);
    let wanted = wanted.split(' ').filter(|word| word.chars().count() > 2);
    let wanted: Vec<&str> = wanted.collect();
    let is_there = |word: &&str| texts.iter().any(|text| mentions(text, word));
    !wanted.is_empty() && wanted.iter().all(is_there)
}

/// Whether a word of the text begins so, in any case.
pub fn mentions(text: &str, wanted: &str) -> bool {
    let text = text.to_lowercase();
    let mut found = text.match_indices(wanted);
    found.any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric))
}

/// What people ask; with a word, what they ask about that.
pub fn questions(word: &str, screen: &mut Screen) -> Outcome {
    let asked = super::questions_about(word);
    if asked.is_empty() {
        let message = format!("there is no question about {word:?}");
        return Err(Failure::Usage(message));
    }
    for question in asked {
        screen.wrapped("", Style::Bold, &question.question)?;
        screen.wrapped("  ", Style::Plain, &question.answer)?;
        for lesson in &question.lessons {
            screen.styled_line(Style::Dim, &format!("    {}", without_markup(lesson)))?;
        }
        screen.gap()?;
    }
    screen.line(&format!("Show a lesson: {}", command("LESSON")))?;
    Ok(ExitCode::SUCCESS)
}
