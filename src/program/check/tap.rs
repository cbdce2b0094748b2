//! The findings as the Test Anything Protocol, version 14.

use std::env;

use mmap_by_example::contents::Promise;

use crate::program::Failure;
use crate::program::check::attempt::Finding;
use crate::program::check::{Tried, report};
use crate::program::screen::{Screen, without_markup};

/// How much of it is printed.
pub struct Tap {
    all: usize,
    printed: usize,
}

impl Tap {
    pub fn new(all: usize) -> Tap {
        Tap { all, printed: 0 }
    }

    pub fn start(&mut self, description: &str, screen: &mut Screen) -> Result<(), Failure> {
        // `prove` knows version 14 since its version 3.48. An older one says that it knows no more than 13, and what is
        // printed here is that, too.
        let known = env::var("TAP_VERSION").ok().and_then(|it| it.parse().ok());
        let version = known.unwrap_or(14).clamp(13, 14);
        screen.line(&format!("TAP version {version}"))?;
        screen.line(&format!("1..{}", self.all))?;
        screen.line(&format!("# {}", description.escape_debug()))?;
        screen.flush()
    }

    /// Prints what is known by now, in the order of the book.
    pub fn go_on(&mut self, results: &[Option<Tried>], screen: &mut Screen) -> Result<(), Failure> {
        while let Some(Some(result)) = results.get(self.printed) {
            self.printed += 1;
            point(self.printed, result, screen)?;
        }
        screen.flush()
    }
}

fn point(number: usize, result: &Tried, screen: &mut Screen) -> Result<(), Failure> {
    let name = result.lesson.full_name();
    let why = match &result.finding {
        Finding::Compiler => Some("the compiler proves it: cargo test --doc".to_owned()),
        _ => result.not_tried(),
    };
    if let Some(why) = why {
        let why = without_markup(&why).replace('\n', " ").replace('#', "\\#");
        return screen.line(&format!("ok {number} - {name} # SKIP {why}"));
    }
    if !result.differs() {
        return screen.line(&format!("ok {number} - {name}"));
    }
    let todo = match (result.breaks_a_promise(), result.lesson.promise) {
        (true, _) => "",
        (false, Promise::Unspecified) => " # TODO unspecified: it may differ",
        (false, _) => " # TODO not promised on this system",
    };
    screen.line(&format!("not ok {number} - {name}{todo}"))?;
    screen.line("  ---")?;
    let claim = without_markup(&result.lesson.claim());
    screen.line(&format!("  claim: {}", quoted(&claim)))?;
    let promise = result.lesson.promise.to_string();
    screen.line(&format!("  promised_by: {promise}"))?;
    screen.line("  difference:")?;
    for line in report::difference(result) {
        screen.line(&format!("    - {}", quoted(&line)))?;
    }
    screen.line("  ...")
}

/// As a string of YAML.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
