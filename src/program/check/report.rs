//! The findings as text.

use std::collections::BTreeMap;
use std::time::Duration;

use mmap_by_example::contents::{CHAPTERS, Promise};
use mmap_by_example::reliance::{RELIANCES, Reliance};

use crate::program::check::attempt::Finding;
use crate::program::check::{Tried, difference};
use crate::program::screen::{Screen, Style};
use crate::program::{Failure, command};

type Printed = Result<(), Failure>;

/// As many differences with one error are told once.
const SEVERAL: usize = 3;

/// What was found in a place.
pub fn print(description: &str, results: &[Tried], time: Duration, screen: &mut Screen) -> Printed {
    screen.wrapped("", Style::Plain, description)?;
    let causes = causes(results);
    screen.gap()?;
    reliances(results, &causes, screen)?;
    screen.gap()?;
    chapters(results, screen)?;
    not_tried(results, screen)?;
    differences(results, &causes, screen)?;
    screen.gap()?;
    verdict(results, time, screen)
}

/// An error that several lessons ended with.
struct Cause<'a> {
    lessons: Vec<&'a Tried>,
    /// The first that cannot be relied on because of it: what the others lacked.
    refused: Option<&'static Reliance>,
}

type Causes<'a> = BTreeMap<String, Cause<'a>>;

fn error(result: &Tried) -> Option<String> {
    match &result.finding {
        Finding::Failed(error) | Finding::Ended(error) => Some(error.clone()),
        _ => None,
    }
}

fn causes(results: &[Tried]) -> Causes<'_> {
    let cause = |lessons: Vec<_>| {
        let names: Vec<_> = lessons
            .iter()
            .map(|it: &&Tried| it.lesson.full_name())
            .collect();
        let decided = |reliance: &&Reliance| {
            let mut deciding = reliance.lessons.iter();
            deciding.any(|name| names.iter().any(|it| it == name))
        };
        let refused = RELIANCES.iter().find(decided);
        Cause { lessons, refused }
    };
    let by_error = by_reason(results, error).into_iter();
    let several = by_error.filter(|(_, lessons)| lessons.len() > SEVERAL);
    several
        .map(|(error, lessons)| (error, cause(lessons)))
        .collect()
}

/// Whether a program can rely on it, and the lessons that say otherwise.
fn answer(reliance: &Reliance, results: &[Tried], causes: &Causes) -> (&'static str, Vec<String>) {
    let named = |result: &&Tried| reliance.lessons.contains(&&*result.lesson.full_name());
    let deciding: Vec<&Tried> = results.iter().filter(named).collect();
    // A lesson that ends with the error of another statement has lacked that, and says nothing of this one.
    let lacked = |result: &Tried| {
        let cause = error(result).and_then(|error| causes.get(&error));
        let refused = cause.and_then(|cause| cause.refused);
        refused.is_some_and(|it| it.statement != reliance.statement)
    };
    let names = |is_it: &dyn Fn(&Tried) -> bool| -> Vec<String> {
        let found = deciding.iter().filter(|result| is_it(result));
        found.map(|result| result.lesson.full_name()).collect()
    };
    let otherwise = names(&|result| match result.finding {
        Finding::OtherFileSystem(_) => true,
        _ => result.differs() && !lacked(result),
    });
    if !otherwise.is_empty() {
        return ("no", otherwise);
    }
    let unknown = names(&|result| !matches!(result.finding, Finding::AsWritten));
    if unknown.is_empty() && deciding.len() == reliance.lessons.len() {
        let is_unspecified = |it: &&Tried| it.lesson.promise == Promise::Unspecified;
        let word = match deciding.iter().all(is_unspecified) {
            true => SEEN,
            false => "yes",
        };
        return (word, unknown);
    }
    ("cannot tell", unknown)
}

/// Instead of "yes", where nobody promises it.
const SEEN: &str = "seen here";

fn reliances(results: &[Tried], causes: &Causes, screen: &mut Screen) -> Printed {
    screen.styled_line(Style::Bold, "What a program can rely on here:")?;
    let mut is_seen_only = false;
    for reliance in RELIANCES {
        let (word, lessons) = answer(reliance, results, causes);
        is_seen_only |= word == SEEN;
        let style = match word {
            "yes" | SEEN => Style::Plain,
            _ => Style::Bold,
        };
        screen.styled_line(style, &format!("  {word:<13}{}", reliance.statement))?;
        for lesson in lessons {
            screen.styled_line(Style::Dim, &format!("{:6}{lesson}", ""))?;
        }
    }
    if is_seen_only {
        screen.gap()?;
        screen.styled_line(
            Style::Dim,
            &format!("\"{SEEN}\": it is so, and nobody promises it."),
        )?;
    }
    Ok(())
}

fn chapters(results: &[Tried], screen: &mut Screen) -> Printed {
    let row = |name: &str, cells: [String; 4]| {
        let [first, second, third, fourth] = cells;
        format!("  {name:<12}{first:>10}{second:>9}{third:>17}{fourth:>24}")
    };
    let heads = [
        "as written",
        "differ",
        "cannot be tried",
        "proved by the compiler",
    ];
    screen.styled_line(Style::Bold, &row("", heads.map(str::to_owned)))?;
    for chapter in CHAPTERS {
        let count = |is_it: &dyn Fn(&Tried) -> bool| {
            let of_it = results
                .iter()
                .filter(|it| it.lesson.chapter == chapter.name);
            match of_it.filter(|it| is_it(it)).count() {
                0 => "-".to_owned(),
                count => count.to_string(),
            }
        };
        let cells = [
            count(&|it| matches!(it.finding, Finding::AsWritten)),
            count(&Tried::differs),
            count(&|it| it.not_tried().is_some()),
            count(&|it| matches!(it.finding, Finding::Compiler)),
        ];
        screen.line(&row(chapter.name, cells))?;
    }
    Ok(())
}

/// The lessons, by the reason that they share.
fn by_reason(
    results: &[Tried],
    reason: impl Fn(&Tried) -> Option<String>,
) -> BTreeMap<String, Vec<&Tried>> {
    let mut found: BTreeMap<String, Vec<&Tried>> = BTreeMap::new();
    for result in results {
        if let Some(reason) = reason(result) {
            found.entry(reason).or_default().push(result);
        }
    }
    found
}

fn not_tried(results: &[Tried], screen: &mut Screen) -> Printed {
    for (reason, lessons) in by_reason(results, Tried::not_tried) {
        screen.gap()?;
        let reason = format!("Cannot be tried: {reason}");
        screen.wrapped("", Style::Bold, &reason)?;
        names(&lessons, screen)?;
    }
    Ok(())
}

/// The names of lessons; or, where there are many, how many each chapter has.
fn names(lessons: &[&Tried], screen: &mut Screen) -> Printed {
    if lessons.len() <= SEVERAL {
        for result in lessons {
            screen.line(&format!("  {}", result.lesson.full_name()))?;
        }
        return Ok(());
    }
    let count = |chapter: &str| {
        let of_it = lessons.iter().filter(|it| it.lesson.chapter == chapter);
        of_it.count()
    };
    let counts = CHAPTERS.iter().map(|it| (it.name, count(it.name)));
    let counts: Vec<String> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let text = format!("{} lessons: {}.", lessons.len(), counts.join(", "));
    screen.wrapped("  ", Style::Plain, &text)
}

fn differences(results: &[Tried], causes: &Causes, screen: &mut Screen) -> Printed {
    for (error, Cause { lessons, refused }) in causes {
        screen.gap()?;
        let many = format!("{} differences have one cause: {error}", lessons.len());
        screen.wrapped("", Style::Bold, &many)?;
        if let Some(refused) = refused {
            let text = format!("Not so here: {}.", refused.statement);
            screen.wrapped("  ", Style::Plain, &text)?;
        }
        names(lessons, screen)?;
    }
    let told = |result: &Tried| error(result).is_some_and(|it| causes.contains_key(&it));
    let alone = results.iter().filter(|it| it.differs() && !told(it));
    for (number, result) in alone.enumerate() {
        screen.gap()?;
        if number == 0 {
            let signs = "- is what was approved, + what was seen here:";
            screen.styled_line(Style::Bold, signs)?;
            screen.gap()?;
        }
        screen.styled_line(Style::Bold, &result.lesson.full_name())?;
        screen.wrapped("  ", Style::Plain, &result.lesson.claim())?;
        screen.styled_line(Style::Dim, &format!("  {}", promise(result)))?;
        for line in difference(result) {
            screen.line(&format!("    {line}"))?;
        }
    }
    Ok(())
}

fn promise(result: &Tried) -> String {
    match result.lesson.promise {
        Promise::Unspecified => "unspecified: it may differ".to_owned(),
        promise if promise.holds_here() => format!("promised by {promise}"),
        promise => format!("promised by {promise}, and not on this system"),
    }
}

/// What is otherwise, line by line.
pub fn difference(result: &Tried) -> Vec<String> {
    let approved = result.lesson.snapshot().unwrap_or_default();
    match &result.finding {
        Finding::Differs(seen) => difference::lines(approved, seen),
        Finding::Failed(error) | Finding::Ended(error) => vec![error.clone()],
        _ => Vec::new(),
    }
}

fn verdict(results: &[Tried], time: Duration, screen: &mut Screen) -> Printed {
    let count = |is_it: &dyn Fn(&Tried) -> bool| results.iter().filter(|it| is_it(it)).count();
    let broken = count(&Tried::breaks_a_promise);
    let free = count(&Tried::differs) - broken;
    let not_tried = count(&|it| it.not_tried().is_some());
    let as_written = count(&|it| matches!(it.finding, Finding::AsWritten));
    let mut said = match broken {
        0 if as_written == 0 => "Nothing could be tried here.".to_owned(),
        0 if not_tried == 0 => "Everything that is promised holds here.".to_owned(),
        0 => "Everything that is promised, and could be tried, holds here.".to_owned(),
        1 => "One promised claim does not hold here.".to_owned(),
        many => format!("{many} promised claims do not hold here."),
    };
    match free {
        0 => {}
        1 => said += " One claim that nobody promises differs.",
        many => said += &format!(" {many} claims that nobody promises differ."),
    }
    screen.wrapped("", Style::Bold, &said)?;
    let (many, time) = (results.len(), time.as_secs_f64());
    let more = command("LESSON");
    screen.line(&format!("{many} lessons in {time:.1} s. Show one: {more}"))
}
