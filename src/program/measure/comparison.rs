//! The ways beside each other: how they are timed, and what is known of them then.

use std::cmp::Ordering;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::program::measure::machine;

/// When everything has to be over.
const LIMIT: Duration = Duration::from_secs(55);
/// How often each way is timed, and how often it has to be for a verdict.
const ROUNDS: usize = 9;
pub const ENOUGH: usize = 7;

/// What a way did in one run.
#[derive(Default, Clone, Copy)]
pub struct Ran {
    pub sum: u64,
    pub calls: u64,
}

impl Ran {
    /// Without any call that reads.
    pub fn alone(sum: u64) -> Ran {
        Ran { sum, calls: 0 }
    }

    pub fn plus(self, other: Ran) -> Ran {
        Ran {
            sum: self.sum.wrapping_add(other.sum),
            calls: self.calls + other.calls,
        }
    }
}

/// One of the ways that are compared: its name, and a run of it.
pub type Way<'a> = (String, Box<dyn FnMut() -> io::Result<Ran> + 'a>);

/// What was seen of a way.
pub struct Times {
    pub way: String,
    /// One for each round.
    pub nanoseconds: Vec<u64>,
    pub faults: Vec<Option<u64>>,
    /// Reading calls in one run.
    pub calls: u64,
}

/// The ways beside each other, under one condition.
pub struct Case {
    pub label: String,
    /// Where it stands on the axis.
    pub at: f64,
    /// What nanoseconds are divided by, for the experiment's unit.
    pub per: f64,
    pub times: Vec<Times>,
}

pub struct Experiment {
    pub unit: &'static str,
    pub axis: &'static str,
    /// Whether the cases are points on an axis, which is logarithmic.
    pub is_line: bool,
    pub cases: Vec<Case>,
    pub left_out: Vec<String>,
    pub title: &'static str,
}

impl Experiment {
    pub fn new(unit: &'static str, axis: &'static str, is_line: bool) -> Self {
        Experiment {
            unit,
            axis,
            is_line,
            cases: Vec::new(),
            left_out: Vec::new(),
            title: "",
        }
    }

    pub fn add(&mut self, case: Case) {
        let rounds = case.times.first().map_or(0, |it| it.nanoseconds.len());
        if rounds == 0 {
            let reason = format!("{}: there was no time left", case.label);
            return self.left_out.push(reason);
        }
        if rounds < ENOUGH {
            let reason = format!("{}: {rounds} rounds only, so no verdict", case.label);
            self.left_out.push(reason);
        }
        self.cases.push(case);
    }
}

impl Case {
    /// Minimum, median and maximum, in the experiment's unit.
    pub fn range(&self, times: &Times) -> [f64; 3] {
        let mut sorted = times.nanoseconds.clone();
        sorted.sort_unstable();
        let at = |index: usize| sorted.get(index).map_or(0.0, |it| *it as f64 / self.per);
        [
            at(0),
            at(sorted.len() / 2),
            at(sorted.len().saturating_sub(1)),
        ]
    }

    pub fn faults(&self, times: &Times) -> Option<u64> {
        let mut sorted: Vec<u64> = times.faults.iter().copied().collect::<Option<_>>()?;
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }

    pub fn way(&self, name: &str) -> Option<&Times> {
        self.times.iter().find(|times| times.way == name)
    }

    /// The median time by one way over that by another, and who was faster, if the ranges do not overlap.
    pub fn compare(&self, one: &str, other: &str) -> Option<(f64, Option<Ordering>)> {
        let (one, other) = (self.way(one)?, self.way(other)?);
        let [least, middle, most] = self.range(one);
        let [other_least, other_middle, other_most] = self.range(other);
        let verdict = if one.nanoseconds.len() < ENOUGH {
            None
        } else if most < other_least {
            Some(Ordering::Less)
        } else if least > other_most {
            Some(Ordering::Greater)
        } else {
            None
        };
        Some((middle / other_middle, verdict))
    }
}

/// How much time is left, and where that is shown.
pub struct Clock {
    start: Instant,
    /// When the experiment that runs now has done enough with the least number of rounds, and when it ends anyway.
    until: Instant,
    at_last: Instant,
    shows: bool,
}

impl Clock {
    pub fn start() -> Clock {
        let now = Instant::now();
        Clock {
            start: now,
            until: now,
            at_last: now + LIMIT,
            shows: io::stderr().is_terminal(),
        }
    }

    /// Gives the next experiment so many seconds.
    pub fn give(&mut self, seconds: u64) {
        self.until = Instant::now() + Duration::from_secs(seconds);
        self.at_last = self.until + Duration::from_secs(4);
    }

    pub fn passed(&self) -> Duration {
        self.start.elapsed()
    }

    pub fn is_over(&self) -> bool {
        self.start.elapsed() > LIMIT || Instant::now() > self.at_last
    }

    pub fn show(&self, what: &str) {
        if self.shows {
            let passed = self.start.elapsed().as_secs();
            let line = format!("{passed:>3} s of at most 60: {what}");
            // Progress that cannot be shown hinders nobody.
            _ = write!(io::stderr(), "\r{line:<79}");
        }
    }

    pub fn clear(&self) {
        if self.shows {
            _ = write!(io::stderr(), "\r{:<79}\r", "");
        }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Runs all ways in turn, in another order each round, and compares their sums. `prepare` runs before each, and is not
/// timed; when it says `false`, this was the last.
pub fn compare(
    mut ways: Vec<Way>,
    warm_up: bool,
    prepare: &mut dyn FnMut() -> io::Result<bool>,
    what: &str,
    clock: &Clock,
) -> io::Result<Vec<Times>> {
    let start = |way: &Way| Times {
        way: way.0.clone(),
        nanoseconds: Vec::new(),
        faults: Vec::new(),
        calls: 0,
    };
    let mut times: Vec<Times> = ways.iter().map(start).collect();
    let (count, mut expected) = (ways.len(), None);
    let first = usize::from(!warm_up);
    'rounds: for round in first..=ROUNDS {
        let enough = round > ENOUGH && Instant::now() > clock.until;
        if enough || clock.is_over() {
            break;
        }
        clock.show(&format!("{what}, round {round} of {ROUNDS}"));
        for turn in 0..count {
            let turn = (turn + round) % count;
            // Every second round goes the other way, so that no way always follows the same one.
            let at = if round % 2 == 0 {
                turn
            } else {
                count - 1 - turn
            };
            if !prepare()? {
                break 'rounds;
            }
            let before = machine::faults();
            let begun = Instant::now();
            let ran = (ways[at].1)()?;
            let passed = begun.elapsed();
            let after = machine::faults();
            if *expected.get_or_insert(ran.sum) != ran.sum {
                let message = format!(
                    "{what}: {} saw other bytes than the ways before",
                    ways[at].0
                );
                return Err(io::Error::new(ErrorKind::InvalidData, message));
            }
            if round == 0 {
                continue;
            }
            if passed.is_zero() {
                let message = format!("{what}: the clock stood still, so nothing can be measured");
                return Err(io::Error::other(message));
            }
            times[at].calls = ran.calls;
            times[at].nanoseconds.push(passed.as_nanos() as u64);
            times[at]
                .faults
                .push(after.zip(before).map(|(after, before)| after - before));
        }
    }
    // A round that was broken off counts for nobody.
    let rounds = times
        .iter()
        .map(|it| it.nanoseconds.len())
        .min()
        .unwrap_or(0);
    for times in &mut times {
        times.nanoseconds.truncate(rounds);
        times.faults.truncate(rounds);
    }
    Ok(times)
}

/// Three or four figures that count; `k` is thousands and `M` millions.
pub fn short(number: f64) -> String {
    match number {
        1e6.. => format!("{:.1}M", number / 1e6),
        1e5.. => format!("{:.0}k", number / 1e3),
        1e4.. => format!("{:.1}k", number / 1e3),
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}
