//! `check`: every lesson with its samples in a folder.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use mmap_by_example::contents::{self, CHAPTERS, Lesson};
use mmap_by_example::lab::errors::Naming;
use mmap_by_example::reliance::RELIANCES;

use crate::command_line::program;

fn check(arguments: &[&str], folder: &Path) -> io::Result<Output> {
    let mut command = Command::new(program());
    command.arg("check").arg(folder).args(arguments);
    // The tests may run under a harness themselves.
    command.env_remove("TAP_VERSION").output()
}

/// As [`check`]; an error where the folder cannot be used.
fn checked(arguments: &[&str], folder: &Path) -> io::Result<Output> {
    usable(check(arguments, folder)?)
}

fn usable(output: Output) -> io::Result<Output> {
    match output.status.code() {
        Some(2) => Err(io::Error::other(text(&output.stderr))),
        _ => Ok(output),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_none())
}

#[test]
fn what_can_be_relied_on_is_decided_by_lessons() {
    let names: BTreeSet<_> = contents::lessons().map(Lesson::full_name).collect();
    let mut statements = BTreeSet::new();
    for reliance in RELIANCES {
        let statement = reliance.statement;
        assert!(statements.insert(statement), "{statement} is told once");
        assert!(statement.len() <= 65, "{statement} fits its line");
        assert!(!reliance.lessons.is_empty(), "{statement}: who decides it?");
        for lesson in reliance.lessons {
            assert!(names.contains(*lesson), "{statement}: no lesson {lesson}");
        }
    }
    assert!(statements.len() >= 12);
}

/// Asserts what a report says whatever was found: each statement that programs rely on, each lesson in its chapter's
/// row, and the status that belongs to it: 0 with this verdict, or else 1.
fn is_a_whole_report(output: &Output, folder: &Path, verdict: &str) -> io::Result<()> {
    let printed = text(&output.stdout);
    assert_eq!(text(&output.stderr), "", "no progress is shown to a file");
    assert!(is_empty(folder)?, "nothing is left");
    let name = folder.canonicalize()?;
    assert!(printed.starts_with(&*name.to_string_lossy()), "{printed}");
    for reliance in RELIANCES {
        let ends_with_it = |line: &str| line.ends_with(reliance.statement);
        assert!(printed.lines().any(ends_with_it), "{printed}");
    }
    let mut counted = 0;
    for chapter in CHAPTERS {
        let words = |line: &'_ str| line.split_whitespace().map(str::to_owned).collect();
        let rows = printed.lines().map(words);
        let mut row = rows.filter(|row: &Vec<String>| row.len() == 5 && row[0] == chapter.name);
        let row = row.next().expect("a row of the chapter");
        let numbers = row[1..].iter().map(|cell| cell.parse().unwrap_or(0));
        counted += numbers.sum::<usize>();
    }
    assert_eq!(counted, contents::lessons().count(), "{printed}");
    let expected = i32::from(!printed.contains(verdict));
    assert_eq!(output.status.code(), Some(expected), "{printed}");
    // Lines of what was seen, and of the user's own path, may be longer.
    let mut lines = printed.lines().skip(1).filter(|line| !line.contains('"'));
    assert!(lines.all(|line| line.chars().count() <= 80), "{printed}");
    Ok(())
}

/// Without optimization, where a learner waits for it, the reports of places where little can be tried will do.
#[cfg(not(all(debug_assertions, target_os = "linux")))]
#[test]
fn a_report_is_whole() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let output = checked(&[], folder.path())?;
    is_a_whole_report(&output, folder.path(), "Everything that is promised")
}

#[test]
fn a_folder_is_checked_and_each_lesson_has_its_line_of_tap() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let output = checked(&["--tap"], folder.path())?;
    let printed = text(&output.stdout);
    assert_eq!(text(&output.stderr), "", "no progress is shown to a file");
    assert!(is_empty(folder.path())?, "nothing is left");
    let plan = format!("TAP version 14\n1..{}\n# ", contents::lessons().count());
    assert!(printed.starts_with(&plan), "{printed}");
    let points = printed.lines().filter(|line| !line.starts_with(' '));
    let points: Vec<&str> = points.skip(3).collect();
    let numbered: Vec<_> = (1..).zip(contents::lessons()).collect();
    assert_eq!(points.len(), numbered.len(), "{printed}");
    for (point, (number, lesson)) in points.iter().zip(numbered) {
        let (is_ok, named) = point.split_once("ok ").expect("a test point");
        assert!(matches!(is_ok, "" | "not "), "{point}");
        let name = format!("{number} - {}", lesson.full_name());
        let directive = named.strip_prefix(&name).expect("number and name");
        let known = ["", " # SKIP ", " # TODO "];
        let known = known.iter().rev().any(|it| directive.starts_with(it));
        assert!(known, "{point}");
    }
    let fails = |point: &&str| point.starts_with("not ok") && !point.contains("# TODO");
    let failed = points.iter().any(fails);
    assert_eq!(output.status.code(), Some(i32::from(failed)), "{printed}");
    Ok(())
}

#[test]
fn what_is_no_folder_is_named() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("file");
    fs::write(&file, "text").naming(&file)?;
    for (place, why) in [
        (file, "is no folder"),
        (folder.path().join("missing"), "there is no such folder"),
    ] {
        for arguments in [&[][..], &["--tap"]] {
            let output = check(arguments, &place)?;
            let expected = format!("mmap-by-example: {}: {why}\n", place.display());
            assert_eq!(text(&output.stderr), expected);
            assert_eq!(output.status.code(), Some(2));
            assert_eq!(text(&output.stdout), "");
        }
    }
    Ok(())
}

#[test]
fn a_command_line_of_check_that_makes_no_sense_is_refused() -> io::Result<()> {
    for arguments in [
        &["--frobnicate"][..],
        &["another folder"],
        &["--limit"],
        &["--limit", "0"],
        &["--limit", "soon"],
        &["--tap=yes"],
    ] {
        let output = check(arguments, Path::new("."))?;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&output.stdout), "");
        assert!(text(&output.stderr).contains("--help"), "{output:?}");
    }
    Ok(())
}

#[test]
fn check_has_a_help_of_its_own() -> io::Result<()> {
    let output = Command::new(program()).args(["check", "--help"]).output()?;
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    for part in ["--tap", "--limit", "Exit status", "bindfs"] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let is_short = |line: &str| line.chars().count() <= 80 && !line.contains('`');
    assert!(printed.lines().all(is_short), "{printed}");
    Ok(())
}

#[cfg(target_os = "linux")]
mod on_linux {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Child, Stdio};
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn started(arguments: &[&str], folder: &Path) -> io::Result<Child> {
        let mut command = Command::new(program());
        command.arg("check").arg(folder).args(arguments);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }

    fn send(signal: &str, process: &str) -> io::Result<()> {
        let mut kill = Command::new("kill");
        kill.args([&format!("-{signal}"), process]);
        // The process may have ended meanwhile.
        kill.stderr(Stdio::null()).status()?;
        Ok(())
    }

    /// What is in the folder, as soon as the check has made something there.
    fn first_entry(child: &mut Child, folder: &Path) -> io::Result<String> {
        loop {
            if child.try_wait()?.is_some() {
                let message = format!("{}: check made nothing there", folder.display());
                return Err(io::Error::other(message));
            }
            if let Some(entry) = fs::read_dir(folder)?.next() {
                return Ok(entry?.file_name().to_string_lossy().into_owned());
            }
            thread::yield_now();
        }
    }

    #[test]
    fn an_interrupted_check_leaves_nothing_behind() -> io::Result<()> {
        for (signal, milliseconds) in [("INT", 0), ("TERM", 10), ("HUP", 40)] {
            let folder = tempfile::tempdir()?;
            let mut child = started(&[], folder.path())?;
            first_entry(&mut child, folder.path())?;
            thread::sleep(Duration::from_millis(milliseconds));
            send(signal, &child.id().to_string())?;
            child.wait()?;
            assert!(is_empty(folder.path())?, "after SIG{signal}");
        }
        Ok(())
    }

    #[test]
    fn what_a_killed_check_has_left_is_removed_by_the_next_and_nothing_else_is() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut killed = started(&[], folder.path())?;
        let left = first_entry(&mut killed, folder.path())?;
        killed.kill()?;
        killed.wait()?;
        let entries = fs::read_dir(folder.path())?.count();
        assert_eq!(entries, 1, "its folder, whose owner is dead");

        let numbers: Vec<&str> = left.rsplit('-').collect();
        let [machine, namespace, start, process, ..] = numbers[..] else {
            panic!("no owner in {left}")
        };
        let own = std::process::id();
        let stat = fs::read_to_string("/proc/self/stat")?;
        let own_start = stat.rsplit(") ").next().unwrap_or_default();
        let own_start = own_start.split(' ').nth(19).unwrap_or_default();
        let prefix = "mmap-by-example-check";
        let others = [
            // Of this test, which is alive.
            format!("{prefix}-{own}-{own_start}-{namespace}-{machine}"),
            // Of another machine and of another container.
            format!("{prefix}-{process}-{start}-{namespace}-1"),
            format!("{prefix}-{process}-{start}-1-{machine}"),
            // Of somebody who calls theirs nearly so.
            format!("{prefix}-{process}-{start}"),
            format!("{prefix}-{process}-{start}-{namespace}-{machine}-old"),
            format!("{prefix}-+{process}-{start}-{namespace}-{machine}"),
            "mmap-by-example-aBcDeF".to_owned(),
        ];
        for other in &others {
            fs::create_dir(folder.path().join(other)).naming(folder.path())?;
        }
        // A link and a file with the name of one that was abandoned.
        let elsewhere = tempfile::tempdir()?;
        fs::write(elsewhere.path().join("precious"), "text").naming(elsewhere.path())?;
        let link = format!("{prefix}-{process}-1-{namespace}-{machine}");
        let link_there = folder.path().join(&link);
        std::os::unix::fs::symlink(elsewhere.path(), &link_there).naming(&link_there)?;
        let file = format!("{prefix}-{process}-2-{namespace}-{machine}");
        fs::write(folder.path().join(&file), "text").naming(folder.path())?;

        let mut next = started(&[], folder.path())?;
        while folder.path().join(&left).exists() && next.try_wait()?.is_none() {
            thread::yield_now();
        }
        assert!(!folder.path().join(&left).exists(), "{left} is removed");
        send("INT", &next.id().to_string())?;
        next.wait()?;
        for other in others.iter().chain([&link, &file]) {
            assert!(folder.path().join(other).exists(), "{other} stays");
        }
        assert!(elsewhere.path().join("precious").exists());
        Ok(())
    }

    /// A field of what the kernel tells of a process: 0 is its state, 1 its parent.
    fn field(process: &str, number: usize) -> Option<String> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let (_, fields) = stat.rsplit_once(") ")?;
        fields.split(' ').nth(number).map(str::to_owned)
    }

    /// The processes that `parent` has started for lessons, which run by now.
    fn children(parent: u32) -> Vec<String> {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let names = processes.filter_map(|it| it.file_name().to_str().map(str::to_owned));
        let runs_a_lesson = |name: &String| {
            let arguments = fs::read(format!("/proc/{name}/cmdline")).unwrap_or_default();
            let arguments = text(&arguments);
            arguments.contains("--one") && field(name, 1) == Some(parent.to_string())
        };
        names.filter(runs_a_lesson).collect()
    }

    #[test]
    #[ignore = "it takes seconds, most of them waiting: .ci/places runs it"]
    fn a_lesson_that_hangs_or_crashes_is_a_finding_and_the_rest_goes_on() -> io::Result<()> {
        // A shell sends signals without a process for each.
        let mut shell = Command::new("sh");
        let shell = shell.stdin(Stdio::piped()).stderr(Stdio::null());
        let mut shell = shell.spawn()?;
        let mut signals = shell.stdin.take().expect("a pipe");
        for (after_stop, said) in [
            (None, "did not end in the time"),
            // Of SIGSEGV, Rust's library survives the first that somebody sends.
            (Some("ABRT"), "was killed by SIGABRT"),
        ] {
            let folder = tempfile::tempdir()?;
            let mut misses = 0;
            let printed = loop {
                let mut child = started(&["--tap", "--limit", "2"], folder.path())?;
                let mut stopped = None;
                while stopped.is_none() && child.try_wait()?.is_none() {
                    for process in children(child.id()) {
                        writeln!(signals, "kill -STOP {process}")?;
                        // It takes a moment, and may be too late.
                        for _ in 0..50 {
                            match field(&process, 0).as_deref() {
                                Some("T") => stopped = Some(process.clone()),
                                Some("Z") | None => {}
                                Some(_) => {
                                    thread::sleep(Duration::from_millis(1));
                                    continue;
                                }
                            }
                            break;
                        }
                        if stopped.is_some() {
                            break;
                        }
                    }
                }
                if let (Some(process), Some(signal)) = (stopped, after_stop) {
                    writeln!(signals, "kill -{signal} {process}; kill -CONT {process}")?;
                }
                let printed = text(&usable(child.wait_with_output()?)?.stdout);
                if printed.contains(said) {
                    break printed;
                }
                // Not one was caught: once more.
                misses += 1;
                assert!(misses < 100, "{printed}");
            };
            let points = printed.lines().filter(|line| !line.starts_with(' '));
            let points = points.filter(|line| line.contains("ok "));
            assert_eq!(points.count(), contents::lessons().count(), "{printed}");
            assert!(is_empty(folder.path())?, "nothing is left");
        }
        drop(signals);
        shell.wait()?;
        Ok(())
    }

    #[test]
    fn what_a_process_may_have_too_little_of_is_a_reason() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -n 6 && \"$@\"", "-"]);
        shell.arg(program()).arg("check").arg(folder.path());
        let output = usable(shell.output()?)?;
        let printed = text(&output.stdout);
        // In the words of the GNU C library, or of musl.
        let words = ["Too many open files", "No file descriptors available"];
        let said = words.iter().any(|words| printed.contains(words));
        assert!(said, "{output:?}");
        assert!(printed.contains("cannot tell  "), "{printed}");
        let verdict = "Nothing could be tried here";
        assert!(printed.contains(verdict), "{printed}");
        assert_eq!(output.status.code(), Some(0), "nothing is broken");
        is_a_whole_report(&output, folder.path(), verdict)
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_named() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let place = folder.path().join("closed");
        fs::create_dir(&place).naming(&place)?;
        fs::set_permissions(&place, fs::Permissions::from_mode(0o555))?;
        if fs::File::create(place.join("file")).is_ok() {
            let why = "not tried: a folder that is closed, since this user may write everywhere";
            _ = writeln!(io::stderr(), "{why}");
            return Ok(());
        }
        let output = check(&[], &place)?;
        let message = text(&output.stderr);
        let expected = format!("{}: cannot be written to: ", place.display());
        assert!(message.contains(&expected), "{message}");
        assert_eq!(output.status.code(), Some(2));
        Ok(())
    }
}
