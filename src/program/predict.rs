//! Predict: say first what a lesson will show, then run it.

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal};
use std::process::ExitCode;

use mmap_by_example::contents::{CHAPTERS, Chapter, Lesson, Run};
use mmap_by_example::lab::errors;
use similar::TextDiff;

use crate::program::screen::{Screen, Style};
use crate::program::{Failure, Outcome, command, find_lesson, show};

/// A lesson with its options, of which one is what was approved.
pub struct Question {
    lesson: &'static Lesson,
    /// Its number in its chapter, and how many that has.
    number: usize,
    of: usize,
    options: Vec<Choice>,
}

/// What the lesson might show.
pub(super) struct Choice {
    /// The belief of which this is the outcome; `None` for what was approved.
    pub belief: Option<&'static str>,
    /// Whole, as in the snapshot.
    shown: String,
    /// Cut down to where the options differ.
    pub cut: String,
}

/// The questions of these chapters, and the names of the lessons that have none.
fn questions(chapters: &'static [Chapter]) -> (Vec<Question>, Vec<String>) {
    let (mut questions, mut passed_over) = (Vec::new(), Vec::new());
    for chapter in chapters {
        let start = questions.len();
        for lesson in chapter.lessons {
            match question(lesson) {
                Some(question) => questions.push(question),
                None => passed_over.push(lesson.full_name()),
            }
        }
        let of = questions.len() - start;
        for (number, question) in (1..).zip(&mut questions[start..]) {
            (question.number, question.of) = (number, of);
        }
    }
    (questions, passed_over)
}

fn question(lesson: &'static Lesson) -> Option<Question> {
    if !matches!(lesson.run, Run::Alone(_) | Run::Document(_)) {
        return None;
    }
    let options = options(lesson)?;
    Some(Question {
        lesson,
        number: 0,
        of: 0,
        options,
    })
}

/// What a lesson might show, of which one is what was approved; `None` where there is nothing to choose from.
pub(super) fn options(lesson: &Lesson) -> Option<Vec<Choice>> {
    let approved = lesson.snapshot()?;
    let worlds = lesson.worlds();
    // An error tells about the edit, and nothing about mmap.
    let worlds = worlds
        .iter()
        .filter(|world| !world.shown.starts_with("Err"));
    let mut shown = vec![(None, approved)];
    shown.extend(
        worlds
            .map(|world| (Some(world.belief), world.shown))
            .take(3),
    );
    let texts: Vec<&str> = shown.iter().map(|(_, shown)| *shown).collect();
    let cut = cut_down(&texts);
    let mut options: Vec<Choice> = Vec::new();
    for ((belief, shown), cut) in shown.into_iter().zip(cut) {
        if !cut.is_empty() && options.iter().all(|option| option.cut != cut) {
            options.push(Choice {
                belief,
                shown: shown.to_owned(),
                cut,
            });
        }
    }
    // In an order that is always the same, and that nobody chose.
    options.sort_by_key(|option| scatter(&format!("{}{}", lesson.name, option.cut)));
    (options.len() >= 2).then_some(options)
}

/// A number that looks random and depends on the text alone (FNV-1a).
fn scatter(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Each text cut down to where they differ: the rows of their pictures if those tell all of them apart, else the fields.
fn cut_down(texts: &[&str]) -> Vec<String> {
    let pictures: Vec<Option<&str>> = texts.iter().map(|text| picture_of(text)).collect();
    if pictures.iter().all(Option::is_some) {
        let pictures: Vec<&str> = pictures.into_iter().flatten().collect();
        let rows = |text: &str| -> Vec<(String, String)> {
            text.lines()
                .skip(1)
                .enumerate()
                .map(|(at, row)| (at.to_string(), row.to_owned()))
                .collect()
        };
        let cut = differing(&pictures.iter().map(|text| rows(text)).collect::<Vec<_>>());
        let all_differ = cut
            .iter()
            .enumerate()
            .all(|(at, text)| !cut[..at].contains(text));
        if all_differ {
            let heads = pictures
                .iter()
                .map(|text| text.lines().next().unwrap_or_default());
            let texts = heads.zip(cut);
            return texts
                .map(|(head, rows)| format!("{head}\n{}", rows.join("\n")))
                .collect();
        }
    }
    let fields: Vec<_> = texts.iter().map(|text| fields(text)).collect();
    differing(&fields)
        .into_iter()
        .map(|lines| lines.join("\n"))
        .collect()
}

/// The picture at the head of what a lesson shows.
pub(super) fn picture_of(shown: &str) -> Option<&str> {
    let (picture, _) = shown.split_once("\n\n")?;
    picture.starts_with("  ").then_some(picture)
}

/// Of each list of named lines those that are not the same in all.
fn differing(lists: &[Vec<(String, String)>]) -> Vec<Vec<String>> {
    let maps: Vec<BTreeMap<&str, &str>> = lists
        .iter()
        .map(|list| {
            list.iter()
                .map(|(name, line)| (name.as_str(), line.as_str()))
                .collect()
        })
        .collect();
    let is_common = |name: &str| {
        let first = maps.first().and_then(|map| map.get(name));
        first.is_some() && maps.iter().all(|map| map.get(name) == first)
    };
    let cut = |list: &Vec<(String, String)>| {
        list.iter()
            .filter(|(name, _)| !is_common(name))
            .map(|(_, line)| line.clone())
            .collect()
    };
    lists.iter().map(cut).collect()
}

/// What a lesson shows as one line a field: `after.memory: "…"`. What is no observation stays as it is.
pub(super) fn fields(shown: &str) -> Vec<(String, String)> {
    let observation = match picture_of(shown) {
        Some(picture) => shown.get(picture.len() + 2..).unwrap_or_default(),
        None => shown,
    };
    let (mut path, mut fields): (Vec<String>, Vec<_>) = (Vec::new(), Vec::new());
    let mut elements = vec![0];
    for line in observation
        .lines()
        .map(|line| line.trim().trim_end_matches(','))
    {
        let name = line
            .split_once(": ")
            .filter(|(name, _)| !name.contains(['"', ' ', '(']));
        let number = elements.last().copied().unwrap_or_default();
        if matches!(line, "}" | "]" | ")") {
            path.pop();
            elements.pop();
            continue;
        }
        if let Some(last) = elements.last_mut() {
            *last += 1;
        }
        let (name, value) = match name {
            Some((name, value)) => (name.to_owned(), value),
            // An element of a list has a number instead of a name; the observation as a whole has neither.
            None if path.is_empty() => (String::new(), line),
            None => ((number + 1).to_string(), line),
        };
        if line.ends_with(['{', '[', '(']) {
            path.push(name);
            elements.push(0);
            continue;
        }
        let names = path.iter().chain([&name]).filter(|name| !name.is_empty());
        let name = names.map(String::as_str).collect::<Vec<_>>().join(".");
        let line = if name.is_empty() {
            format!("  {value}")
        } else {
            format!("  {name}: {value}")
        };
        fields.push((name, line));
    }
    fields
}

/// The body of a lesson up to and including its act: all but its last paragraph, or all of it where the options name an
/// act or a field of that paragraph. Without comments, which might tell.
fn up_to_the_act(lesson: &Lesson, options: &[Choice]) -> String {
    let code = lesson.code();
    let body = code.lines().skip_while(|line| !line.ends_with('{')).skip(1);
    let mut body: Vec<&str> = body
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    body.pop();
    let Some(end) = body.iter().rposition(|line| line.is_empty()) else {
        return body.join("\n");
    };
    let solid = |text: &str| text.split_whitespace().collect::<String>();
    let (head, whole) = (solid(&body[..end].concat()), solid(&body.concat()));
    let is_in_the_end = |line: &str| {
        let named = solid(&named(line));
        !named.is_empty() && !head.contains(&named) && whole.contains(&named)
    };
    let needs_the_end = options.iter().any(|it| it.cut.lines().any(is_in_the_end));
    if !needs_the_end {
        return body[..end].join("\n");
    }
    // What an attempt is repeated for tells, and so may the name of a type.
    let told = body.iter().position(|line| line.contains("(attempt, |"));
    let masked = body[..told.unwrap_or(body.len())].iter().map(|line| {
        let (indentation, code) = line.split_at(line.len() - line.trim_start().len());
        match code.starts_with("Ok(") && code.ends_with(" {") {
            true => format!("{indentation}Ok(Seen {{"),
            false => (*line).to_owned(),
        }
    });
    masked.collect::<Vec<_>>().join("\n")
}

/// What a line of an option is about: the act of a picture's row, or the field of the observation.
fn named(line: &str) -> String {
    let line = line.trim_start();
    let act = line.split("  ").next().unwrap_or_default();
    match act.split_once(": ") {
        Some((field, _)) => field.split('.').next().unwrap_or_default().to_owned(),
        None => act
            .strip_suffix("..)")
            .unwrap_or(act)
            .trim_end_matches([',', ' '])
            .to_owned(),
    }
}

/// Asks; on a terminal it waits for answers, else it prints them at the end.
pub fn run(chapter: Option<&str>, number: Option<&str>, screen: &mut Screen) -> Outcome {
    let only = chapter.and_then(find_lesson);
    if let (Some(_), Some(number)) = (only, number) {
        let message = format!("a lesson has one question, so what is {number:?} for?");
        return Err(Failure::Usage(message));
    }
    let chapters = match only.map(|lesson| lesson.chapter).or(chapter) {
        None => CHAPTERS,
        Some(name) => {
            let at = CHAPTERS.iter().position(|chapter| chapter.name == name);
            let at = at
                .ok_or_else(|| Failure::Usage(format!("there is no chapter or lesson {name:?}")))?;
            &CHAPTERS[at..=at]
        }
    };
    let (mut questions, mut passed_over) = questions(chapters);
    if let Some(lesson) = only {
        questions.retain(|it| it.lesson.name == lesson.name);
        passed_over.retain(|it| *it == lesson.full_name());
    }
    if let Some(number) = number {
        let wanted = number.parse().unwrap_or(0);
        let count = questions.len();
        if !(1..=count).contains(&wanted) {
            let message = format!("there is no question {number:?}: it has 1 to {count}");
            return Err(Failure::Usage(message));
        }
        questions = questions.into_iter().skip(wanted - 1).take(1).collect();
    }
    if !passed_over.is_empty() && number.is_none() {
        let count = passed_over.len();
        screen.wrapped(
            "",
            Style::Dim,
            &format!(
                "No question about {count} lessons: {}.",
                passed_over.join(", ")
            ),
        )?;
        screen.gap()?;
    }
    if questions.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    if io::stdout().is_terminal() {
        ask(&questions, screen)
    } else {
        print(&questions, screen)
    }
}

/// The heading, the code and the options of a question.
fn pose(question: &Question, screen: &mut Screen) -> Result<(), Failure> {
    let Question {
        lesson,
        number,
        of,
        options,
    } = question;
    let heading = format!("{} {number} of {of}: what will it show?", lesson.chapter);
    screen.styled_line(Style::Bold, &heading)?;
    screen.gap()?;
    screen.line(&up_to_the_act(lesson, options))?;
    for (letter, option) in ('a'..).zip(options) {
        screen.gap()?;
        screen.styled_line(Style::Bold, &format!("{letter})"))?;
        screen.line(&option.cut)?;
    }
    if options.iter().any(|option| option.cut.contains(" *")) {
        screen.gap()?;
        screen.styled_line(Style::Dim, &format!("  {}", show::LEGEND))?;
    }
    screen.gap()
}

fn true_letter(question: &Question) -> char {
    ('a'..)
        .zip(&question.options)
        .find(|(_, it)| it.belief.is_none())
        .map_or('?', |(letter, _)| letter)
}

/// Prints the questions, and then the answers, for paper.
fn print(questions: &[Question], screen: &mut Screen) -> Outcome {
    for question in questions {
        pose(question, screen)?;
    }
    screen.styled_line(Style::Bold, "Answers")?;
    screen.gap()?;
    for question in questions {
        let Question { lesson, number, .. } = question;
        let label = format!("{} {number}: {}", lesson.chapter, true_letter(question));
        screen.line(&format!("{label:<16} {}", lesson.full_name()))?;
        screen.wrapped("    ", Style::Dim, &lesson.claim())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(questions: &[Question], screen: &mut Screen) -> Outcome {
    screen.wrapped("", Style::Dim, "A letter and Enter; a capital says that you are sure. ? is a hint, Enter alone passes, q ends.")?;
    screen.gap()?;
    let mut input = io::stdin().lock().lines();
    let (mut asked, mut right, mut wrong) = (0, 0, Vec::new());
    'questions: for (at, question) in questions.iter().enumerate() {
        pose(question, screen)?;
        let chosen = loop {
            screen.print("> ")?;
            screen.flush()?;
            let Some(answer) = input.next().transpose().map_err(Failure::Output)? else {
                screen.gap()?;
                break 'questions;
            };
            let answer = answer.trim();
            match (answer, answer.chars().next()) {
                ("", _) => continue 'questions,
                ("q" | "Q", _) => break 'questions,
                ("?", _) => screen.wrapped("", Style::Dim, &question.lesson.promised_by())?,
                (_, Some(letter)) => {
                    let place = (letter.to_ascii_lowercase() as usize).wrapping_sub('a' as usize);
                    match question.options.get(place) {
                        Some(option) if answer.len() == 1 => break (option, letter.is_uppercase()),
                        _ => screen.line("A letter of an option, ?, Enter, or q.")?,
                    }
                }
                (_, None) => continue 'questions,
            }
        };
        let Some(is_right) = reveal(question, chosen.0, screen)? else {
            continue;
        };
        asked += 1;
        if is_right {
            right += 1
        } else {
            wrong.push((chosen.1, question.lesson))
        }
        // The next question would scroll the answer away.
        if at + 1 < questions.len() {
            screen.print("Enter for the next question, q to end > ")?;
            screen.flush()?;
            match input.next().transpose().map_err(Failure::Output)? {
                Some(line) if !line.trim().eq_ignore_ascii_case("q") => screen.gap()?,
                _ => break,
            }
        }
    }
    screen.styled_line(
        Style::Bold,
        &format!("{right} of {asked} were as you said."),
    )?;
    // What one was sure of is worth the most.
    wrong.sort_by_key(|(sure, _)| !sure);
    for (sure, lesson) in wrong {
        let note = if sure { "   (you were sure)" } else { "" };
        screen.line(&format!("  {}{note}", command(&lesson.full_name())))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the lesson and shows what it saw, beside what was chosen; `None` where that is not among the options.
fn reveal(
    question: &Question,
    chosen: &Choice,
    screen: &mut Screen,
) -> Result<Option<bool>, Failure> {
    let lesson = question.lesson;
    let seen = match lesson.try_it() {
        Some(Ok(seen)) => lesson.shown(&*seen),
        Some(Err(error)) => match errors::what_is_lacking(&error) {
            Some(what) => {
                screen.wrapped(
                    "",
                    Style::Plain,
                    &format!("This machine lacks {what}: not counted."),
                )?;
                screen.gap()?;
                return Ok(None);
            }
            None => return Err(Failure::Lesson(error)),
        },
        None => return Ok(None),
    };
    if !question.options.iter().any(|option| option.shown == seen) {
        screen.line("Here it showed something else than any option; that is not counted:")?;
        screen.line(&seen)?;
        screen.gap()?;
        return Ok(None);
    }
    let is_right = chosen.shown == seen;
    if is_right {
        screen.styled_line(Style::Bold, "Yes: this is what it showed just now.")?;
    } else {
        screen.styled_line(
            Style::Bold,
            "No: - is what you said, + is what it showed just now.",
        )?;
        let (said, saw) = (fields(&chosen.shown), fields(&seen));
        let lines = |fields: &[(String, String)]| {
            fields
                .iter()
                .map(|(_, line)| format!("{line}\n"))
                .collect::<String>()
        };
        let (said, saw) = (lines(&said), lines(&saw));
        let difference = TextDiff::from_lines(&said, &saw);
        for change in difference
            .iter_all_changes()
            .filter(|it| it.tag() != similar::ChangeTag::Equal)
        {
            screen.line(&format!("{}{}", change.tag(), change.value().trim_end()))?;
        }
    }
    screen.gap()?;
    screen.wrapped("", Style::Bold, &lesson.claim())?;
    show::why(lesson, screen)?;
    for world in lesson.worlds() {
        screen.gap()?;
        show::edit(world, screen)?;
    }
    screen.gap()?;
    Ok(Some(is_right))
}
