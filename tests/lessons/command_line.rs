//! The program as its user meets it: what it prints, where, and how it ends.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use mmap_by_example::CHAPTERS;
#[cfg(target_os = "linux")]
use mmap_by_example::book::{Chapter, Lesson};

use mmap_by_example::sample::At;

use crate::lorem;

/// The program. Where it was moved after it was built, the test runner says where to.
pub fn program() -> OsString {
    let moved = env::var_os("NEXTEST_BIN_EXE_mmap-by-example");
    moved.unwrap_or_else(|| env!("CARGO_BIN_EXE_mmap-by-example").into())
}

struct Run {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(arguments: &[&str]) -> io::Result<Run> {
    run_in(&env::temp_dir(), arguments)
}

fn run_in(temporary: &Path, arguments: &[&str]) -> io::Result<Run> {
    let mut command = Command::new(program());
    let output = command.args(arguments).env("TMPDIR", temporary).env("TMP", temporary).output()?;
    Ok(Run {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// The run failed with one message that holds all of `parts`, and printed nothing else.
fn refused(arguments: &[&str], status: i32, parts: &[&str]) -> io::Result<()> {
    let run = run(arguments)?;
    assert_eq!(run.status, Some(status), "{arguments:?}: {}", run.stderr);
    assert_eq!(run.stdout, "", "{arguments:?}");
    assert!(run.stderr.starts_with("mmap-by-example: "), "{arguments:?}: {}", run.stderr);
    assert!(!run.stderr.contains("panicked"), "{arguments:?}: {}", run.stderr);
    for part in parts {
        assert!(run.stderr.contains(part), "{arguments:?} says {part:?}: {}", run.stderr);
    }
    Ok(())
}

const DOCUMENTS: [&str; 4] = ["read", "write", "copy", "search"];

#[test]
fn without_arguments_it_lists_every_chapter_and_lesson() -> io::Result<()> {
    let run = run(&[])?;
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    let mut lines = run.stdout.lines();
    for chapter in CHAPTERS {
        let line = lines.next().unwrap_or_default();
        assert!(line.starts_with(chapter.name) && line.ends_with(&chapter.title()), "{line}");
        for lesson in chapter.lessons {
            let line = lines.next().unwrap_or_default().trim_start();
            let name = format!("{}::{} ", chapter.name, lesson.name);
            assert!(line.starts_with(&name) && line.ends_with(&lesson.promise.to_string()), "{line}");
        }
    }
    Ok(())
}

/// What the program should print for a lesson.
#[cfg(target_os = "linux")]
fn entry(chapter: &Chapter, lesson: &Lesson) -> io::Result<String> {
    let (claim, promise) = (lesson.claim(), lesson.promised_by());
    let page = crate::root().join("snapshots").join(chapter.name).join(format!("{}.snap", lesson.name));
    let page = fs::read_to_string(page)?;
    let page = page.splitn(3, "---\n").nth(2).unwrap_or_default();
    Ok(format!("{}::{}\n  {claim}\n  {promise}\n\n{page}", chapter.name, lesson.name))
}

// Every lesson is run here once more. What a machine lacks is not approved, and so not compared: the chapters below do
// without anything that a machine could lack.
#[cfg(target_os = "linux")]
#[test]
fn a_chapter_shows_claim_promise_and_approved_page_of_its_lessons() -> io::Result<()> {
    for chapter in
        CHAPTERS.iter().filter(|chapter| ["read", "write", "copy", "search", "resize"].contains(&chapter.name))
    {
        let run = run(&[chapter.name])?;
        assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{}", chapter.name);
        let entries: Vec<_> = chapter.lessons.iter().map(|lesson| entry(chapter, lesson)).collect::<io::Result<_>>()?;
        assert_eq!(run.stdout, entries.join("\n"));
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_lesson_is_shown_alone() -> io::Result<()> {
    for chapter in CHAPTERS {
        let lesson = &chapter.lessons[0];
        let run = run(&[&format!("{}::{}", chapter.name, lesson.name)])?;
        assert_eq!((run.status, run.stderr.as_str(), run.stdout), (Some(0), "", entry(chapter, lesson)?));
    }
    Ok(())
}

#[test]
fn only_documents_take_a_file() -> io::Result<()> {
    let lorem = lorem();
    let lorem = lorem.to_string_lossy();
    refused(&["lifetime", &lorem], 2, &["lifetime takes no FILE"])?;
    refused(&["write::an_edit_is_seen_at_once", &lorem], 2, &["takes no FILE", "only the documents do"])?;
    let run = run(&["copy::an_edit_never_reaches_the_file", &lorem])?;
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "a document's full name will do");
    assert!(run.stdout.starts_with("PrivateEdit {"), "{}", run.stdout);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() -> io::Result<()> {
    let full = fs::File::options().write(true).open("/dev/full")?;
    let output = Command::new(program()).arg("--help").stdout(full).output()?;
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.starts_with("mmap-by-example: cannot write: "), "{message}");
    Ok(())
}

#[test]
fn a_document_prints_just_its_observation_of_a_file() -> io::Result<()> {
    let lorem = lorem();
    let before = fs::read(&lorem)?;
    for (chapter, type_name) in DOCUMENTS.into_iter().zip(["Reading {", "Edit {", "PrivateEdit {", "["]) {
        let run = run(&[chapter, &lorem.to_string_lossy()])?;
        assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{chapter}");
        assert!(run.stdout.starts_with(type_name), "{chapter}: {}", run.stdout);
    }
    assert_eq!(fs::read(&lorem)?, before, "the file is as it was");
    Ok(())
}

#[test]
fn help_and_version_are_told() -> io::Result<()> {
    let help = run(&["--help"])?;
    assert_eq!(help.status, Some(0));
    assert!(help.stdout.contains("truncates"), "it warns about a file that shrinks: {}", help.stdout);
    let version = run(&["--version"])?;
    assert_eq!(version.stdout, format!("mmap-by-example {}\n", env!("CARGO_PKG_VERSION")));
    Ok(())
}

#[test]
fn a_bad_file_is_named_and_nothing_is_left_behind() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let missing = folder.path().join("missing.txt");
    let wordless = folder.path().join("wordless.txt");
    fs::write(&wordless, "no such word\n").at(&wordless)?;
    for document in DOCUMENTS {
        refused(&[document, &missing.to_string_lossy()], 1, &["missing.txt"])?;
        refused(&[document, &folder.path().to_string_lossy()], 1, &["is a directory"])?;
    }
    let temporary = tempfile::tempdir()?;
    for document in ["write", "copy"] {
        let run = run_in(temporary.path(), &[document, &wordless.to_string_lossy()])?;
        assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""));
        assert!(run.stderr.contains("wordless.txt") && run.stderr.contains("consectetuer"), "{}", run.stderr);
    }
    assert_eq!(fs::read_dir(temporary.path())?.count(), 0, "nothing is left in the temporary folder");
    assert_eq!(fs::read_to_string(&wordless)?, "no such word\n", "the file is as it was");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_named() -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir()?;
    let secret = folder.path().join("secret.txt");
    fs::write(&secret, "consectetuer\n").at(&secret)?;
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000))?;
    if fs::File::open(&secret).is_ok() {
        writeln!(io::stderr(), "not tried: a file without permissions, since this user may read every file")?;
        return Ok(());
    }
    for document in DOCUMENTS {
        refused(&[document, &secret.to_string_lossy()], 1, &["secret.txt", "denied"])?;
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_at_once() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let pipe = folder.path().join("pipe");
    let mkfifo = Command::new("mkfifo").arg(&pipe).output()?;
    assert!(mkfifo.status.success(), "{mkfifo:?}");
    for document in DOCUMENTS {
        refused(&[document, &pipe.to_string_lossy()], 1, &["pipe", "not a regular file"])?;
    }
    Ok(())
}

#[test]
fn a_temporary_folder_that_is_not_there_is_named() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let missing = folder.path().join("no-such-folder");
    let run = run_in(&missing, &["write", &lorem().to_string_lossy()])?;
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("no-such-folder"), "{}", run.stderr);
    Ok(())
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused() -> io::Result<()> {
    refused(&["cpoy"], 2, &["cpoy", "did you mean copy?"])?;
    refused(&["an_edit_never_reaches_the_file"], 2, &["did you mean copy::an_edit_never_reaches_the_file?"])?;
    refused(&["copy::an_edit_never_reaches_a_file"], 2, &["did you mean copy::an_edit_never_reaches_the_file?"])?;
    refused(&["xyzzy"], 2, &["xyzzy", "lists what there is"])?;
    refused(&[""], 2, &["there is no lesson"])?;
    refused(&["--frobnicate"], 2, &["no option --frobnicate"])?;
    refused(&["copy", "--frobnicate"], 2, &["--frobnicate"])?;
    refused(&["copy", "one", "two"], 2, &["two"])?;
    Ok(())
}

#[test]
fn a_closed_pipe_ends_it_quietly() -> io::Result<()> {
    let mut child = Command::new(program()).arg("copy").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    Ok(())
}

#[test]
fn an_installed_program_needs_no_file_of_the_project() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let output = Command::new(program()).arg("search").current_dir(folder.path()).env_clear().output()?;
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    Ok(())
}
