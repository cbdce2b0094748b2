//! The command `measure`: what it refuses, and in a release build that it ends. No time is tested.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use mmap_by_example::lab::errors::Naming;

use crate::command_line::program;

fn measure(folder: &Path, arguments: &[&str]) -> io::Result<Output> {
    let mut command = Command::new(program());
    command.arg("measure").args(arguments);
    command.current_dir(folder).env("TMPDIR", folder).output()
}

/// The run failed with one message that holds all of `parts`, printed nothing else, and left nothing but `there`.
fn refused(there: &[&str], arguments: &[&str], status: i32, parts: &[&str]) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    for name in there {
        let text = if *name == "empty" { "" } else { "lorem ipsum" };
        fs::write(folder.path().join(name), text).naming(folder.path())?;
    }
    let output = measure(folder.path(), arguments)?;
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(status),
        "{arguments:?}: {message}"
    );
    assert!(output.stdout.is_empty(), "{arguments:?}");
    for part in parts.iter().chain(&["mmap-by-example: "]) {
        let place = folder.path().display();
        assert!(
            message.contains(part),
            "{arguments:?} in {place}: {part}: {message}"
        );
    }
    assert_eq!(names(folder.path())?, there, "{arguments:?}");
    Ok(())
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?;
    let name =
        |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let mut names = entries.map(name).collect::<io::Result<Vec<String>>>()?;
    names.sort();
    Ok(names)
}

#[test]
fn what_cannot_be_measured_is_refused() -> io::Result<()> {
    refused(&[], &["nowhere"], 1, &["nowhere"])?;
    refused(&["empty"], &["empty"], 1, &["empty is empty"])?;
    #[cfg(unix)]
    {
        refused(&["a"], &["a/"], 1, &["a/"])?;
        refused(&[], &["/dev/null"], 1, &["neither a folder nor a file"])?;
    }
    Ok(())
}

#[test]
fn figures_that_cannot_be_written_are_refused_at_once() -> io::Result<()> {
    refused(&["a"], &["a", "--csv", "nowhere/b"], 1, &["nowhere/b"])?;
    refused(&["a"], &["a", "--svg", "."], 1, &["."])?;
    refused(&["a"], &["a", "--csv", "a"], 1, &["measured"])?;
    refused(&["a"], &["a", "--csv", "b", "--svg", "b"], 2, &["the same"])
}

#[test]
fn arguments_that_make_no_sense_are_refused() -> io::Result<()> {
    refused(&["a"], &["a", "b"], 2, &["\"b\""])?;
    refused(&["a"], &["a", "--csv"], 2, &["--csv"])?;
    let output = Command::new(program())
        .args(["list", "--csv", "b"])
        .output()?;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("belong to measure"));
    Ok(())
}

#[cfg(debug_assertions)]
#[test]
fn a_debug_build_says_so_and_measures_nothing() -> io::Result<()> {
    let hint = "cargo run --release -- measure";
    refused(&[], &[], 1, &["debug build", hint])?;
    refused(&["a"], &["a", "--csv", "b"], 1, &["debug build", hint])
}

#[cfg(not(debug_assertions))]
#[test]
fn a_tiny_file_is_measured_and_nothing_is_left() -> io::Result<()> {
    for text in ["lorem", "lorem ipsum"] {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("tiny"), text).naming(folder.path())?;
        let arguments = ["tiny", "--csv", "a.csv", "--svg", "a.svg"];
        let output = measure(folder.path(), &arguments)?;
        let message = String::from_utf8_lossy(&output.stderr);
        let place = folder.path().display();
        assert_eq!(output.status.code(), Some(0), "in {place}: {message}");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.lines().all(|line| line.len() <= 80), "{printed}");
        assert!(
            printed.contains("For this file, on this machine, today"),
            "{printed}"
        );
        let csv = fs::read_to_string(folder.path().join("a.csv"))?;
        let columns = |line: &str| line.split(',').count();
        assert!(csv.lines().skip(1).all(|line| columns(line) == 9), "{csv}");
        let svg = fs::read_to_string(folder.path().join("a.svg"))?;
        assert!(svg.trim_end().ends_with("</svg>"), "{svg}");
        assert_eq!(names(folder.path())?, ["a.csv", "a.svg", "tiny"]);
        assert_eq!(fs::read_to_string(folder.path().join("tiny"))?, text);
    }
    Ok(())
}
