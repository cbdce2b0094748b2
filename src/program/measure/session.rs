//! What is shown of the experiments.

use std::cmp::Ordering;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use mmap_by_example::lab::errors::Naming;
use mmap_by_example::lab::place::page_size;

use crate::program::measure::comparison::{Clock, ENOUGH, Experiment, short};
use crate::program::measure::experiments::{self, Sample, size};
use crate::program::measure::{machine, pictures};
use crate::program::screen::{Screen, Style};
use crate::program::{Failure, Outcome, scratch};

const MIB: u64 = 1024 * 1024;

/// Measures in a folder, or with a file of the user's, and says what was seen.
pub fn run(
    place: &Path,
    is_file: bool,
    csv: &Option<PathBuf>,
    svg: &Option<PathBuf>,
    screen: &mut Screen,
) -> Outcome {
    let mut session = Session {
        clock: Clock::start(),
        system: (Instant::now(), SystemTime::now()),
        screen,
        seen: Vec::new(),
    };
    let (machine, load) = (machine::description(place), machine::load());
    session
        .screen
        .styled_line(Style::Bold, "Mapping or reading, on this machine, today")?;
    session.screen.wrapped("", Style::Plain, &machine)?;
    session.screen.gap()?;
    if is_file {
        session.with_the_users(place)?;
    } else {
        session.with_its_own(place)?;
    }
    session.what_is_not_shown(load)?;
    let passed = session.clock.passed().as_secs_f64();
    session.screen.line(&format!("It took {passed:.0} s."))?;
    let seen = session.seen;
    if let Some(path) = csv {
        let text = pictures::csv(&machine, &seen);
        fs::write(path, text)
            .naming(path)
            .map_err(Failure::Lesson)?;
    }
    if let Some(path) = svg {
        let text = pictures::svg(&machine, &seen)
            .map_err(|error| Failure::Lesson(io::Error::other(error)))?;
        fs::write(path, text)
            .naming(path)
            .map_err(Failure::Lesson)?;
    }
    Ok(ExitCode::SUCCESS)
}

struct Session<'a, 'b> {
    clock: Clock,
    /// The time by both clocks when the experiment began.
    system: (Instant, SystemTime),
    screen: &'a mut Screen<'b>,
    seen: Vec<Experiment>,
}

impl Session<'_, '_> {
    /// Gives the next experiment so many seconds.
    fn begin(&mut self, seconds: u64, title: &str, what: &str) -> Result<(), Failure> {
        self.clock.give(seconds);
        self.system = (Instant::now(), SystemTime::now());
        self.screen.styled_line(Style::Bold, title)?;
        self.screen.wrapped("   ", Style::Plain, what)?;
        self.screen.gap()?;
        self.screen.flush()
    }

    /// Shows what was seen, beside what the ways named are compared with.
    fn show(
        &mut self,
        title: &'static str,
        mut experiment: Experiment,
        read: &str,
    ) -> Result<(), Failure> {
        self.clock.clear();
        experiment.title = title;
        let passed = self.system.0.elapsed().as_secs_f64();
        let by_system = self.system.1.elapsed().map_or(-1.0, |it| it.as_secs_f64());
        if (passed - by_system).abs() > 0.5 {
            for times in experiment.cases.iter_mut().flat_map(|case| &mut case.times) {
                times.nanoseconds.truncate(ENOUGH - 1);
                times.faults.truncate(ENOUGH - 1);
            }
            let reason = "all of it: the clocks disagreed, since one was set or the machine slept. No \
                verdict";
            experiment.left_out.push(reason.to_owned());
        }
        let many = experiment
            .cases
            .first()
            .is_some_and(|case| case.times.len() > 3);
        if many {
            self.rows_of_ways(&experiment, read)?;
        } else {
            self.rows_of_cases(&experiment, read)?;
        }
        for left_out in &experiment.left_out {
            self.screen.wrapped("   Note: ", Style::Plain, left_out)?;
        }
        self.seen.push(experiment);
        Ok(())
    }

    /// A table of a row for each case, and the map's time over the read's as bars.
    fn rows_of_cases(&mut self, experiment: &Experiment, read: &str) -> Result<(), Failure> {
        let Some(first) = experiment.cases.first() else {
            return Ok(());
        };
        let wide = experiment
            .cases
            .iter()
            .map(|case| case.label.len())
            .max()
            .unwrap_or(0);
        let wide = wide.max(experiment.axis.len());
        let cell = if first.times.len() > 2 { 19 } else { 20 };
        let mut head = format!("{:<wide$}", experiment.axis);
        for times in &first.times {
            head += &format!(" {:>cell$}", times.way);
        }
        self.screen.line(&format!("{head} {:>7}", "faults"))?;
        for case in &experiment.cases {
            let mut line = format!("{:<wide$}", case.label);
            for times in &case.times {
                line += &format!(" {:>cell$}", range(case.range(times)));
            }
            let faults = case.way("map").and_then(|map| case.faults(map));
            let faults = faults.map_or("-".to_owned(), |faults| faults.to_string());
            self.screen.line(&format!("{line} {faults:>7}"))?;
        }
        self.screen.gap()?;
        self.screen.line(&scale(&format!("map / {read}"), 24))?;
        for case in &experiment.cases {
            if let Some((ratio, verdict)) = case.compare("map", read) {
                self.screen.line(&bar(&case.label, 24, ratio, verdict))?;
            }
        }
        self.screen.gap()
    }

    /// A table of a row for each way of a case, with its time over the read's as a bar.
    fn rows_of_ways(&mut self, experiment: &Experiment, read: &str) -> Result<(), Failure> {
        for case in &experiment.cases {
            let label = format!("{}, {}", case.label, experiment.unit);
            self.screen
                .line(&format!("{label:<46} {:>9} {:>9}", "faults", "calls"))?;
            for times in &case.times {
                let faults = case.faults(times);
                let faults = faults.map_or("-".to_owned(), |faults| faults.to_string());
                let range = range(case.range(times));
                let line = format!(
                    "{:<20} {range:>25} {faults:>9} {:>9}",
                    times.way, times.calls
                );
                self.screen.line(&line)?;
            }
            self.screen.gap()?;
            self.screen.line(&scale(&format!("way / {read}"), 20))?;
            for times in case.times.iter().filter(|times| times.way != read) {
                if let Some((ratio, verdict)) = case.compare(&times.way, read) {
                    self.screen.line(&bar(&times.way, 20, ratio, verdict))?;
                }
            }
            self.screen.gap()?;
        }
        Ok(())
    }

    fn settle(&mut self, sentence: &str) -> Result<(), Failure> {
        self.screen.wrapped("   => ", Style::Bold, sentence)?;
        self.screen.gap()?;
        self.screen.flush()
    }

    /// The cases of the last experiment in which one way compared so with another.
    fn cases_where(
        &self,
        one: &str,
        other: &str,
        verdict: impl Into<Option<Ordering>>,
    ) -> Vec<String> {
        let verdict = verdict.into();
        let cases = self.seen.last().into_iter().flat_map(|it| &it.cases);
        let cases = cases.filter(|case| case.compare(one, other).is_some_and(|it| it.1 == verdict));
        cases.map(|case| case.label.clone()).collect()
    }

    /// In which cases of the last experiment the read was faster, the map was, and no difference was seen.
    fn winners(&self, read: &str) -> [Vec<String>; 3] {
        [Some(Ordering::Greater), Some(Ordering::Less), None]
            .map(|verdict| self.cases_where("map", read, verdict))
    }

    /// The three lists as a sentence.
    fn said(&self, winners: &[Vec<String>; 3], read: &str) -> String {
        let names = [
            format!("{read} was faster"),
            "the map was faster".to_owned(),
            "no difference seen".to_owned(),
        ];
        let parts = names
            .into_iter()
            .zip(winners)
            .filter(|(_, labels)| !labels.is_empty());
        let parts: Vec<_> = parts
            .map(|(name, labels)| format!("{name} at {}", labels.join(", ")))
            .collect();
        parts.join("; ")
    }

    /// The four experiments.
    fn with_its_own(&mut self, place: &Path) -> Result<(), Failure> {
        let folder = scratch::Folder::new_in(place)
            .naming(place)
            .map_err(Failure::Lesson)?;
        let folder = folder.path();
        let (length, why) = fitting(folder, &self.clock).map_err(Failure::Lesson)?;
        if let Some(why) = why {
            self.screen.wrapped("", Style::Plain, &why)?;
            self.screen.gap()?;
        }

        let title = "1. How often is each page looked at?";
        self.begin(
            12,
            title,
            &format!(
                "Looks of 8 bytes at random places of a file of {}, which was written 1 MiB at a \
            time and is in the cache. The map is made anew for each run. Nanoseconds a look: \
            median (minimum-maximum); page faults of the map in a run.",
                size(length)
            ),
        )?;
        let sample =
            Sample::written(folder.join("looks"), length, MIB as usize).map_err(Failure::Lesson)?;
        let densities = [1.0 / 64.0, 1.0 / 16.0, 0.25, 1.0, 4.0, 16.0];
        let experiment =
            experiments::looks_a_page(&sample, &densities, &self.clock).map_err(Failure::Lesson)?;
        _ = fs::remove_file(folder.join("looks"));
        self.show(title, experiment, "pread 8 bytes")?;
        let winners = self.winners("pread 8 bytes");
        let few = densities.len() / 2;
        let is_few = |label: &String| {
            let at = self
                .seen
                .last()
                .and_then(|it| it.cases.iter().position(|case| case.label == *label));
            at.is_some_and(|at| at < few)
        };
        let [reads, maps, _] = &winners;
        let moral = if reads.is_empty() && maps.is_empty() {
            "Nothing is settled"
        } else if reads.is_empty() || maps.is_empty() {
            "No crossing was seen here"
        } else if reads.iter().all(is_few) {
            "The lines cross: through a map the first look at a page is dear, and all later \
                ones are nearly free"
        } else {
            "The lines cross, and not where they usually do"
        };
        self.settle(&format!(
            "{moral}. Looks a page: {}.",
            self.said(&winners, "pread of 8 bytes")
        ))?;

        let title = "2. How big is each file?";
        self.begin(
            10,
            title,
            "Files in the cache: open, read into 64 KiB that are kept, and add up; fs::read, \
            which asks for memory each time, and add up; open, map, add up, unmap. \
            Microseconds a file; faults of the map in a run over all files of that size.",
        )?;
        let experiment =
            experiments::sizes(folder, length, &self.clock).map_err(Failure::Lesson)?;
        self.show(title, experiment, "kept buffer")?;
        let winners = self.winners("kept buffer");
        let dear = self.cases_where("fs::read", "kept buffer", Ordering::Greater);
        let dear = if dear.is_empty() {
            "fs::read was never seen slower than the kept buffer".to_owned()
        } else {
            let labels = dear.join(", ");
            format!(
                "fs::read was slower than the kept buffer at {labels}: that is the price of the \
                    memory that it asks for each time"
            )
        };
        let said = upper(&self.said(&winners, "the kept buffer"));
        self.settle(&format!("{said}. {dear}."))?;

        let title = "3. How did the file come into the cache?";
        self.begin(14, title, &format!("One pass over the same {}, all in the cache, by read into 64 KiB that are kept and \
            by map. Milliseconds a pass; faults of the map.", size(length)))?;
        let experiment =
            experiments::how_it_came(folder, length, &self.clock).map_err(Failure::Lesson)?;
        self.show(title, experiment, "read")?;
        let mut ratios: Vec<_> = self
            .seen
            .last()
            .iter()
            .flat_map(|it| &it.cases)
            .filter_map(|case| {
                Some((
                    case.compare("map", "read")?.0,
                    case.label.clone(),
                    case.faults(case.way("map")?),
                ))
            })
            .collect();
        ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
        if let ([(least, best, few), .., (most, worst, many)], winners) =
            (&ratios[..], self.winners("read"))
        {
            let said = self.said(&winners, "read");
            let turns = match &winners {
                [reads, maps, _] if reads.is_empty() && maps.is_empty() => {
                    "No difference was seen in any of them".to_owned()
                }
                [reads, maps, _] if reads.is_empty() || maps.is_empty() => {
                    format!("It did not turn the answer round here: {said}")
                }
                _ => format!("So it turns the answer round: {said}"),
            };
            let faults = few.zip(*many).map_or(String::new(), |(few, many)| {
                format!(", with {few} and {many} faults")
            });
            let ratios = format!("from {least:.2} (\"{best}\") to {most:.2} (\"{worst}\") times");
            self.settle(&format!(
                "By map the same bytes took {ratios} as long as by read{faults}. {turns}."
            ))?;
        }
        self.not_in_the_cache(folder, length)
    }

    fn not_in_the_cache(&mut self, folder: &Path, length: usize) -> Result<(), Failure> {
        let title = "4. And if it is not in the cache?";
        self.begin(
            7,
            title,
            "The file is put out of the cache before each run, which is looked at by mincore; \
            then one pass, and single looks, by read and by map with each advice that the \
            system takes.",
        )?;
        let found =
            experiments::not_in_the_cache(folder, length, &self.clock).map_err(Failure::Lesson)?;
        self.clock.clear();
        let [once, single] = match found {
            Ok(found) => found,
            Err(reason) => {
                self.screen.wrapped("   Note: ", Style::Plain, &reason)?;
                return self.settle("Nothing is settled: here nothing is ever out of the cache.");
            }
        };
        self.show("4a. One pass, not in the cache", once, "read")?;
        let pass = self.advised("read");
        self.show(
            "4b. Single looks, not in the cache",
            single,
            "pread 8 bytes",
        )?;
        let looks = self.advised("pread 8 bytes");
        let host = if machine::is_virtual() {
            " This is a virtual machine, whose host has a cache too: its disk may be the host's \
                memory."
        } else {
            ""
        };
        self.settle(&format!("One pass: {pass}. Single looks: {looks}.{host}"))
    }

    /// How the map compared with the read, and each advice with none.
    fn advised(&self, read: &str) -> String {
        let Some(case) = self.seen.last().and_then(|it| it.cases.first()) else {
            return "nothing was seen".to_owned();
        };
        let against = |way: &str, than: &str| {
            let (ratio, verdict) = case.compare(way, than)?;
            Some(match verdict? {
                Ordering::Less => format!("{:.1} times faster", 1.0 / ratio),
                _ => format!("{ratio:.1} times slower"),
            })
        };
        let plain = match against("map", read) {
            Some(factor) => format!("the map was {factor} than {read}"),
            None => format!("no difference seen between map and {read}"),
        };
        let names = case
            .times
            .iter()
            .filter_map(|it| it.way.strip_prefix("map, "));
        let (mut parts, mut same) = (vec![plain], Vec::new());
        for name in names {
            match against(&format!("map, {name}"), "map") {
                Some(factor) => parts.push(format!("with {name} it was {factor} than without")),
                None => same.push(name),
            }
        }
        if !same.is_empty() {
            let names = same.join(", ");
            parts.push(format!("no difference seen with {names}"));
        }
        parts.join(", ")
    }

    /// One pass and random looks over the user's file.
    fn with_the_users(&mut self, path: &Path) -> Result<(), Failure> {
        let memory = machine::free_memory().unwrap_or(512 * MIB) / 8;
        let limit = usize::try_from(memory.min(512 * MIB)).unwrap_or(usize::MAX);
        // SAFETY: for the user's file nobody here can vouch: whoever runs the program has to keep others from it, as the
        // help says. A library has no such user to ask.
        let sample = unsafe { Sample::of_the_user(path, limit) }.map_err(Failure::Lesson)?;
        sample
            .map()
            .map_err(|error| Failure::Lesson(refused(&error)))?;
        let name = path.display();
        let length = sample.length;
        if length == limit {
            self.screen.wrapped("", Style::Plain, &format!("Of {name} only the first {} are used: that is an eighth of the free memory, or 512 \
                MiB.", size(length)))?;
            self.screen.gap()?;
        }
        let title = "One pass";
        self.begin(
            20,
            title,
            "After a first run, by read into 64 KiB that are kept and by map. Milliseconds \
            (below 1 MiB microseconds) a pass: median (minimum-maximum); page faults of the \
            map in a run.",
        )?;
        let mut case =
            experiments::pass(&sample, &size(length), 0.0, &self.clock).map_err(Failure::Lesson)?;
        let unit = if (length as u64) < MIB {
            case.per /= 1e3;
            "microseconds a pass"
        } else {
            "milliseconds a pass"
        };
        let mut experiment = Experiment::new(unit, "file", false);
        experiment.add(case);
        self.show(title, experiment, "read")?;
        let pass = self.said(&self.winners("read"), "read");
        let title = "Random looks";
        self.begin(
            25,
            title,
            "Looks of 8 bytes; the map is made anew for each run. Nanoseconds a look.",
        )?;
        let experiment = if length < 8 {
            let mut experiment = Experiment::new("nanoseconds a look", "looks a page", true);
            experiment
                .left_out
                .push("the file has fewer than 8 bytes".to_owned());
            experiment
        } else {
            experiments::looks_a_page(&sample, &[1.0 / 16.0, 1.0, 16.0], &self.clock)
                .map_err(Failure::Lesson)?
        };
        self.show(title, experiment, "pread 8 bytes")?;
        let looks = self.said(&self.winners("pread 8 bytes"), "pread of 8 bytes");
        let looks = if looks.is_empty() {
            "not tried".to_owned()
        } else {
            looks
        };
        self.settle(&format!(
            "For this file, on this machine, today: one pass: {pass}; random looks a page: {looks}."
        ))
    }

    fn what_is_not_shown(&mut self, load: Option<f64>) -> Result<(), Failure> {
        if let Some(load) = load.filter(|load| *load > 1.0) {
            let text = format!(
                "Other programs were at work when this began (load {load:.1}), which widens the ranges: \
                 where no difference was seen, measure again when it is quiet."
            );
            self.screen.wrapped("", Style::Bold, &text)?;
            self.screen.gap()?;
        }
        self.screen.styled_line(
            Style::Bold,
            "How it was measured, and what it does not show",
        )?;
        for (indent, text) in [
            (
                "   ",
                "All ways ran in one process in turn, in another order each round, and saw the same \
                    bytes. A bar of # is a verdict: the ranges of all rounds do not overlap. A bar of \
                    . is none: no difference seen.",
            ),
            (
                "   ",
                "The figures do not show memory pressure, many threads, or a network. Published \
                    figures for the first two:",
            ),
            (
                "   - ",
                "Memory pressure and threads: CIDR 2022 (Crotty, Leis, Pavlo: \"Are You Sure You \
                    Want to Use MMAP in Your Database Management System?\"): random reads by 100 \
                    threads, mmap as fast as direct reads (900,000 a second) for 27 s, and half of it \
                    once the cache was full; sequential reads from ten SSDs 20 times slower.",
            ),
            (
                "   - ",
                "The same for a search engine, 2026 (github.com/apache/lucene, issue 16044), in \
                    operations of 16 random reads of 16 KiB a millisecond: a file of 16 GiB in 32 GiB \
                    of memory, one thread: map 38.2, pread 24.7; a file of 64 GiB, 16 threads: map \
                    0.57, with Random advice 1.15, pread 1.96.",
            ),
            (
                "   - ",
                "Threads alone: USENIX ATC 2020 (Papagiannis and others: \"Optimizing Memory-mapped \
                    I/O for Fast Storage Devices\"): on 32 cores Linux's mmap does not scale beyond 8 \
                    threads.",
            ),
        ] {
            self.screen.wrapped(indent, Style::Plain, text)?;
        }
        self.screen.gap()
    }
}

fn upper(text: &str) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    first.to_uppercase() + rest
}

fn refused(error: &io::Error) -> io::Error {
    let message = format!("{error}: it cannot be mapped, so there is nothing to compare");
    io::Error::new(error.kind(), message)
}

/// The length of the files that fits the folder's room, the free memory and the speed of the disk, and why it is short.
fn fitting(folder: &Path, clock: &Clock) -> io::Result<(usize, Option<String>)> {
    const MOST: u64 = 128 * MIB;
    const LEAST: u64 = 8 * MIB;

    let room = machine::room(folder).unwrap_or(u64::MAX);
    let memory = machine::free_memory().unwrap_or(1024 * MIB);
    // Two such files may be there at once, and two in memory.
    for (name, there, needed) in [
        ("room on the disk", room, 3 * LEAST),
        ("free memory", memory, 16 * LEAST),
    ] {
        if there < needed {
            let (there, needed) = (there / MIB, needed / MIB);
            let message = format!("too little {name}: {there} MiB, and the least is {needed} MiB");
            return Err(io::Error::new(ErrorKind::StorageFull, message));
        }
    }
    clock.show("how fast is this place?");
    let begun = Instant::now();
    let sample = Sample::written(folder.join("first"), LEAST as usize, MIB as usize)?;
    sample.file.sync_all()?;
    sample.map().map_err(|error| refused(&error))?;
    let rate = LEAST as f64 / begun.elapsed().as_secs_f64().max(1e-6);
    // The first experiment makes some forty looks a page, in ten rounds.
    let by_looks = 10.0 / (experiments::a_look(&sample)? * 400.0) * page_size() as f64;
    fs::remove_file(folder.join("first"))?;
    // Some five files of this length are written.
    let by_speed = (rate * 10.0 / 5.0) as u64;
    let limits = [
        (MOST, ""),
        (room / 3, "too little room for more"),
        (
            memory / 16,
            "that is what an eighth of the free memory allows",
        ),
        (by_speed, "the disk is too slow for more"),
        (
            by_looks as u64,
            "the machine is too slow, or too busy, for more",
        ),
    ];
    let (limit, why) = limits.into_iter().min().unwrap_or((LEAST, ""));
    let length = 1 << limit.max(LEAST).ilog2();
    let why = (length < MOST).then(|| {
        format!(
            "The files are of {} instead of {}: {why}.",
            size(length as usize),
            size(MOST as usize)
        )
    });
    Ok((length as usize, why))
}

fn range([least, middle, most]: [f64; 3]) -> String {
    format!("{} ({}-{})", short(middle), short(least), short(most))
}

/// How many columns there are to a doubling, and doublings to each side.
const DOUBLING: usize = 4;
const DOUBLINGS: usize = 5;

/// The scale above the bars.
fn scale(label: &str, wide: usize) -> String {
    let marks = ["", "1/16", "", "1/4", "", "1", "", "4", "", "16", ""];
    let marks: String = marks
        .iter()
        .map(|mark| format!("{mark:^DOUBLING$}"))
        .collect();
    format!("{label:<wide$}{marks}   times")
}

/// A bar from 1 to the left where the time is shorter, to the right where it is longer.
fn bar(label: &str, wide: usize, ratio: f64, verdict: Option<Ordering>) -> String {
    let middle = DOUBLING * DOUBLINGS;
    let steps = (ratio.log2() * DOUBLING as f64).round();
    let end = (middle as f64 + steps).clamp(0.0, (2 * middle) as f64) as usize;
    let sign = if verdict.is_some() { '#' } else { '.' };
    let bar: String = (0..=2 * middle)
        .map(|at| match at {
            _ if at == middle => '|',
            _ if (at < middle && at >= end) || (at > middle && at <= end) => sign,
            _ => ' ',
        })
        .collect();
    // The middle of the first mark is the first column.
    let indent = " ".repeat(DOUBLING / 2 - 1);
    format!("{label:<wide$}{indent}{bar}  {:>8}", short(ratio))
}
