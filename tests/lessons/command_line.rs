//! The program as its user meets it: what it prints, where, and how it ends.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use mmap_by_example::contents::{self, CHAPTERS, Run};
use mmap_by_example::lab::errors::Naming;
use mmap_by_example::questions;

use crate::{lorem, updates};

/// The program. Where it was moved after it was built, the test runner says where to.
pub fn program() -> OsString {
    let moved = env::var_os("NEXTEST_BIN_EXE_mmap-by-example");
    moved.unwrap_or_else(|| env!("CARGO_BIN_EXE_mmap-by-example").into())
}

struct Printed {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(arguments: &[&str]) -> io::Result<Printed> {
    run_in(&env::temp_dir(), arguments)
}

fn run_in(temporary: &Path, arguments: &[&str]) -> io::Result<Printed> {
    let mut command = Command::new(program());
    let output = command
        .args(arguments)
        .env("TMPDIR", temporary)
        .env("TMP", temporary)
        .output()?;
    Ok(Printed {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// The run succeeded with nothing on standard error: what it printed.
fn prints(arguments: &[&str]) -> io::Result<String> {
    let run = run(arguments)?;
    // Where this run of the tests writes a snapshot, the program was built with the one before.
    let is_behind = updates() && run.stdout.contains("THE CLAIM DID NOT HOLD HERE");
    assert_eq!(
        (run.status, run.stderr.as_str()),
        (Some(i32::from(is_behind)), ""),
        "{arguments:?}"
    );
    Ok(run.stdout)
}

/// The run failed with one message that holds all of `parts`, and printed nothing else.
fn refused(arguments: &[&str], status: i32, parts: &[&str]) -> io::Result<()> {
    let run = run(arguments)?;
    assert_eq!(run.status, Some(status), "{arguments:?}: {}", run.stderr);
    assert_eq!(run.stdout, "", "{arguments:?}");
    assert!(
        run.stderr.starts_with("mmap-by-example: "),
        "{arguments:?}: {}",
        run.stderr
    );
    assert!(
        !run.stderr.contains("panicked"),
        "{arguments:?}: {}",
        run.stderr
    );
    for part in parts {
        assert!(
            run.stderr.contains(part),
            "{arguments:?} says {part:?}: {}",
            run.stderr
        );
    }
    Ok(())
}

const DOCUMENTS: [&str; 4] = ["read", "write", "copy", "search"];

/// What was printed, whole words on lines of at most 80 columns, as one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_first_screen_fits_a_terminal_and_names_every_chapter() -> io::Result<()> {
    let run = prints(&[])?;
    assert!(run.lines().count() <= 21, "{run}");
    let columns = "search FILE More:";
    assert!(flat(&run).contains(columns), "{run}");
    for chapter in CHAPTERS {
        let entry = format!(
            "{} {} {}",
            chapter.name,
            chapter.lessons.len(),
            chapter.subject
        );
        assert!(flat(&run).contains(&entry), "{entry}: {run}");
    }
    Ok(())
}

#[test]
fn everything_but_code_and_bytes_fits_80_columns() -> io::Result<()> {
    for arguments in [
        &[][..],
        &["list"],
        &["questions"],
        &["--help"],
        &["copy"],
        &["SIGBUS"],
    ] {
        let run = run(arguments)?;
        for line in run.stdout.lines() {
            assert!(line.len() <= 80, "{arguments:?}: {line}");
        }
        assert!(
            !run.stdout.contains(['`', '\x1b']),
            "{arguments:?}: markup in {}",
            run.stdout
        );
    }
    Ok(())
}

#[test]
fn the_list_has_every_lesson_with_its_claim() -> io::Result<()> {
    let list = flat(&prints(&["list"])?);
    for lesson in contents::lessons() {
        let claim = lesson.claim().replace(['`', '[', ']'], "");
        let entry = format!("{} {} {claim}", lesson.name, lesson.promise);
        assert!(list.contains(&flat(&entry)), "{entry}");
    }
    Ok(())
}

#[test]
fn a_chapter_shows_the_claims_of_its_lessons() -> io::Result<()> {
    // A chapter tries all its lessons: without optimization, where a learner waits for it, every fourth will do.
    let step = if cfg!(debug_assertions) { 4 } else { 1 };
    for chapter in CHAPTERS.iter().step_by(step) {
        let run = prints(&[chapter.name])?;
        for lesson in chapter.lessons {
            let claim = lesson.claim().replace(['`', '[', ']'], "");
            assert!(flat(&run).contains(&flat(&claim)), "{claim}: {run}");
        }
        let has_marks = run.lines().any(|line| line.ends_with(" *"));
        let explains_them = run.contains("* differs from what stands above it");
        assert!(explains_them || !has_marks, "{run}");
    }
    Ok(())
}

#[test]
fn a_lesson_shows_claim_wrong_idea_code_what_was_seen_and_the_next() -> io::Result<()> {
    for name in [
        "copy::an_edit_never_reaches_the_file",
        "an_edit_never_reaches_the_file",
    ] {
        let run = prints(&[name])?;
        let lesson = contents::lessons().find(|lesson| lesson.full_name().ends_with(name));
        let lesson = lesson.expect("a lesson");
        let seen = lesson.snapshot().expect("a snapshot");
        let (picture, fields) = seen.split_once("\n\n").expect("a picture");
        let promised = lesson.promised_by().replace('`', "");
        for text in [&lesson.code(), picture] {
            assert!(run.contains(text), "{text}: {run}");
        }
        assert!(!run.contains(fields), "the picture is enough");
        let world = lesson.worlds()[0];
        let belief = format!("If you believed: {}", world.belief);
        let edit = format!("- {} + {}", world.before, world.after);
        for text in [
            &lesson.claim(),
            &promised,
            "as approved",
            &belief,
            &edit,
            "Next: ",
        ] {
            assert!(flat(&run).contains(&flat(text)), "{text}: {run}");
        }
    }
    Ok(())
}

#[test]
fn a_lesson_of_the_compiler_shows_its_two_programs() -> io::Result<()> {
    let lesson = contents::lessons().find(|lesson| matches!(lesson.run, Run::Compiler));
    let run = prints(&[lesson.expect("there is one").name])?;
    for text in ["// does not compile:", "// compiles:", "cargo test --doc"] {
        assert!(run.contains(text), "{text}: {run}");
    }
    Ok(())
}

#[test]
fn words_lead_to_lessons() -> io::Result<()> {
    for word in [
        "sigbus", "append", "leak", "snapshot", "huge", "segfault", "NFS",
    ] {
        let run = prints(&[word])?;
        assert!(run.contains("::"), "{word}: {run}");
    }
    for word in ["save", "durable", "bigger", "corrupt"] {
        let mut words = contents::lessons().flat_map(|lesson| lesson.words());
        assert!(words.any(|it| it == word), "{word}");
    }
    for (word, lesson) in [
        (
            "lock",
            "processes::a_lock_on_the_file_does_not_stop_a_store",
        ),
        (
            "locked file",
            "processes::a_lock_on_the_file_does_not_stop_a_store",
        ),
        (
            "thread",
            "processes::threads_fill_parts_of_one_map_without_a_lock",
        ),
    ] {
        let run = prints(&[word])?;
        assert!(run.contains(lesson), "{word}: {run}");
    }
    let lock = prints(&["lock"])?;
    assert!(
        !lock.contains("a_map_begins_in_a_block"),
        "it is no block: {lock}"
    );
    Ok(())
}

#[test]
fn several_words_need_no_quotes() -> io::Result<()> {
    let growing = "bounds::growing_the_file_fills_the_map_and_not_its_length";
    let run = prints(&["growing", "a", "file"])?;
    assert!(run.contains(growing), "{run}");
    assert_eq!(prints(&["locked", "file"])?, prints(&["locked file"])?);
    let crash = prints(&["questions", "crash"])?;
    assert!(crash.starts_with("Which of my stores are on the disk after a crash?"));
    let asked = crash.lines().filter(|line| line.ends_with('?')).count();
    assert!(asked < questions::all().len(), "{crash}");
    refused(&["questions", "xyzzy"], 2, &["no question about", "xyzzy"])?;
    refused(&["xyzzy", "plugh"], 2, &["\"xyzzy plugh\""])?;
    refused(&["zz", "qq"], 2, &["\"zz qq\""])?;
    assert!(prints(&["disk", "full"])?.contains("::"));
    Ok(())
}

#[test]
fn questions_are_shown_with_their_lessons() -> io::Result<()> {
    let run = run(&["questions"])?;
    for question in questions::all() {
        assert!(
            flat(&run.stdout).contains(&question.question),
            "{question:?}"
        );
        assert!(
            question
                .lessons
                .iter()
                .all(|lesson| run.stdout.contains(lesson)),
            "{question:?}"
        );
    }
    Ok(())
}

#[test]
fn hints_run_as_printed() -> io::Result<()> {
    let hints = |by_cargo: bool| -> io::Result<String> {
        let mut command = Command::new(program());
        command.arg("list").env_remove("CARGO_PKG_NAME");
        if by_cargo {
            command.env("CARGO_PKG_NAME", "mmap-by-example");
        }
        Ok(String::from_utf8_lossy(&command.output()?.stdout).into_owned())
    };
    assert!(hints(true)?.contains("Show one: cargo run -- LESSON"));
    assert!(hints(false)?.contains("Show one: mmap-by-example LESSON"));
    Ok(())
}

#[test]
fn only_documents_take_a_file() -> io::Result<()> {
    let lorem = lorem();
    let lorem = lorem.to_string_lossy();
    refused(&["lifetime", &lorem], 2, &["lifetime takes no FILE"])?;
    refused(
        &["write::an_edit_is_seen_at_once", &lorem],
        2,
        &["takes no FILE", "only the documents do"],
    )?;
    let run = prints(&["copy::an_edit_never_reaches_the_file", &lorem])?;
    assert!(run.starts_with("PrivateEdit {"), "{run}");
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() -> io::Result<()> {
    let full = fs::File::options().write(true).open("/dev/full")?;
    let output = Command::new(program())
        .arg("--help")
        .stdout(full)
        .output()?;
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(
        message.starts_with("mmap-by-example: cannot write: "),
        "{message}"
    );
    Ok(())
}

#[test]
fn a_document_prints_its_observation_of_a_file() -> io::Result<()> {
    let lorem = lorem();
    let before = fs::read(&lorem)?;
    for (chapter, type_name) in
        DOCUMENTS
            .into_iter()
            .zip(["Reading {", "BeforeAndAfter {", "PrivateEdit {", "["])
    {
        let run = prints(&[chapter, &lorem.to_string_lossy()])?;
        assert!(run.starts_with(type_name), "{chapter}: {run}");
    }
    assert_eq!(fs::read(&lorem)?, before, "the file is as it was");
    Ok(())
}

#[test]
fn a_word_and_a_pattern_of_ones_own_are_looked_for() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("text");
    fs::write(&path, "one two\nthree\n").naming(&path)?;
    let path = path.to_string_lossy();
    for document in ["write", "copy"] {
        let run = prints(&[document, &path, "two"])?;
        assert!(run.contains("memory: \"one owt\""), "{run}");
        assert!(run.contains("Looked for \"two\""), "{run}");
        assert!(run.contains("owt *"), "a picture: {run}");
        let same = prints(&[document, &path, "ee"])?;
        assert!(same.contains("reads the same backwards"), "{same}");
        refused(
            &[document, &path, ""],
            2,
            &["the WORD is empty", "FILE consectetuer"],
        )?;
        refused(
            &[document, &path, "four"],
            1,
            &["does not hold", "four", "FILE WORD"],
        )?;
    }
    let found = prints(&["search", &path, "(?i)T[a-z]+"])?;
    assert!(
        found.contains("offset: 4,\n        text: \"two\""),
        "{found}"
    );
    assert!(
        found.contains("offset: 8,\n        text: \"three\""),
        "{found}"
    );
    assert_eq!(
        prints(&["search", &path, "x*"])?
            .matches("text: \"\"")
            .count(),
        15
    );
    let nothing = run(&["search", &path, "four"])?;
    assert_eq!(nothing.status, Some(0));
    assert!(
        nothing.stderr.contains("nothing found"),
        "{}",
        nothing.stderr
    );
    refused(
        &["search", &path, "on(e"],
        2,
        &["    on(e\n      ^", "unclosed group"],
    )
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_hides_its_length_is_refused() -> io::Result<()> {
    refused(
        &["read", "/proc/cpuinfo"],
        1,
        &["/proc/cpuinfo", "cannot be mapped"],
    )
}

/// Whether something is left after a program that copies a large file was sent a signal in the midst.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_copy_leaves_nothing_behind() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let large = folder.path().join("large");
    let made = fs::File::create(&large).and_then(|file| file.set_len(64 << 20));
    made.naming(&large)?;
    for signal in ["INT", "TERM", "KILL"] {
        let temporary = tempfile::tempdir()?;
        let mut child = loop {
            let mut command = Command::new(program());
            command
                .arg("copy")
                .arg(&large)
                .env("TMPDIR", temporary.path());
            let mut child = command
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()?;
            while fs::read_dir(temporary.path())?.next().is_none() && child.try_wait()?.is_none() {
                std::thread::yield_now();
            }
            if child.try_wait()?.is_none() {
                break child;
            }
            // It was too quick, or could not begin.
            let output = child.wait_with_output()?;
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.contains("does not hold the word"), "{said}");
        };
        let (signal, child_id) = (format!("-{signal}"), child.id().to_string());
        Command::new("kill").args([&signal, &child_id]).status()?;
        let status = child.wait()?;
        let left: Vec<_> = files_below(temporary.path())?;
        if signal == "-KILL" && !makes_nameless_files(temporary.path()) && !left.is_empty() {
            crate::not_tried("SIGKILL to a copy", "since here a file has a name at first");
            continue;
        }
        assert!(left.is_empty(), "after {signal} ({status}): {left:?}");
    }
    Ok(())
}

/// Whether the file system makes files that have no name (O_TMPFILE), of which nothing stays behind in any case.
#[cfg(target_os = "linux")]
fn makes_nameless_files(folder: &Path) -> bool {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = fs::File::options();
    let options = options.write(true).custom_flags(libc::O_TMPFILE);
    options.open(folder).is_ok()
}

#[test]
fn help_and_version_are_told() -> io::Result<()> {
    let help = run(&["--help"])?;
    assert_eq!(help.status, Some(0));
    assert!(
        help.stdout.contains("truncates"),
        "it warns about a file that shrinks: {}",
        help.stdout
    );
    let version = run(&["--version"])?;
    assert_eq!(
        version.stdout,
        format!("mmap-by-example {}\n", env!("CARGO_PKG_VERSION"))
    );
    Ok(())
}

#[test]
fn a_bad_file_is_named_and_nothing_is_left_behind() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let missing = folder.path().join("missing.txt");
    let wordless = folder.path().join("wordless.txt");
    fs::write(&wordless, "no such word\n").naming(&wordless)?;
    for document in DOCUMENTS {
        refused(&[document, &missing.to_string_lossy()], 1, &["missing.txt"])?;
        refused(
            &[document, &folder.path().to_string_lossy()],
            1,
            &["is a directory"],
        )?;
    }
    let temporary = tempfile::tempdir()?;
    for document in ["write", "copy"] {
        let run = run_in(temporary.path(), &[document, &wordless.to_string_lossy()])?;
        assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""));
        assert!(
            run.stderr.contains("wordless.txt") && run.stderr.contains("consectetuer"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(
        fs::read_dir(temporary.path())?.count(),
        0,
        "nothing is left in the temporary folder"
    );
    assert_eq!(
        fs::read_to_string(&wordless)?,
        "no such word\n",
        "the file is as it was"
    );
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_named() -> io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir()?;
    let secret = folder.path().join("secret.txt");
    fs::write(&secret, "consectetuer\n").naming(&secret)?;
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000))?;
    if fs::File::open(&secret).is_ok() {
        writeln!(
            io::stderr(),
            "not tried: a file without permissions, since this user may read every file"
        )?;
        return Ok(());
    }
    for document in DOCUMENTS {
        refused(
            &[document, &secret.to_string_lossy()],
            1,
            &["secret.txt", "denied"],
        )?;
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
        refused(
            &[document, &pipe.to_string_lossy()],
            1,
            &["pipe", "not a regular file"],
        )?;
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
    refused(
        &["copy::an_edit_never_reaches_a_file"],
        2,
        &["did you mean copy::an_edit_never_reaches_the_file?"],
    )?;
    refused(&["xyzzy"], 2, &["xyzzy", "shows what there is"])?;
    refused(&[""], 2, &["there is no lesson"])?;
    refused(&["--frobnicate"], 2, &["no option --frobnicate"])?;
    refused(&["copy", "--frobnicate"], 2, &["--frobnicate"])?;
    refused(&["copy", "one", "two", "three"], 2, &["three"])?;
    refused(&["html", "one"], 2, &["one"])?;
    refused(&["html", "--base", "elsewhere"], 2, &["https://"])?;
    refused(&["list", "--base", "https://example.org"], 2, &["--base"])?;
    if !cfg!(feature = "html") {
        refused(&["html"], 2, &["cargo run --features html -- html"])?;
    }
    Ok(())
}

#[test]
fn a_closed_pipe_ends_it_quietly() -> io::Result<()> {
    let mut child = Command::new(program())
        .arg("copy")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (Some(0), "")
    );
    Ok(())
}

#[test]
fn an_installed_program_needs_no_file_of_the_project() -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(program());
    command.arg("search").current_dir(folder.path()).env_clear();
    if cfg!(windows) {
        // Without it the temporary folder is the system's own, where only an administrator may write.
        command.env("TMP", env::temp_dir());
    }
    let output = command.output()?;
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (Some(0), "")
    );
    Ok(())
}

/// The files, without folders, that are anywhere in a folder.
#[cfg(target_os = "linux")]
fn files_below(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?)
        } else {
            files.push(path)
        }
    }
    Ok(files)
}

#[cfg(target_os = "linux")]
#[test]
fn predictions_have_one_true_answer_in_no_favourite_place() -> io::Result<()> {
    let predict = prints(&["predict"])?;
    let (questions, answers) = predict
        .split_once("Answers\n")
        .expect("the answers are last");
    let mut places = std::collections::BTreeMap::new();
    for lesson in contents::lessons() {
        let Some((before, _)) = answers.split_once(&lesson.full_name()) else {
            continue;
        };
        let label = before.lines().next_back().unwrap_or_default().trim();
        let (question, letter) = label.split_once(": ").expect("a question and its letter");
        *places.entry(letter.to_owned()).or_insert(0) += 1;
        let posed = questions
            .split(&format!("{question} of "))
            .nth(1)
            .expect("it was asked");
        let posed = posed
            .split(": what will it show?")
            .nth(1)
            .unwrap_or_default();
        let options: Vec<&str> = posed
            .split("\n\n")
            .filter(|part| part.contains(")\n"))
            .collect();
        let letters = ["a)\n", "b)\n", "c)\n", "d)\n"];
        let options: Vec<&str> = options
            .iter()
            .filter_map(|part| {
                letters
                    .iter()
                    .find_map(|letter| part.trim_start().strip_prefix(letter))
            })
            .collect();
        assert!((2..=4).contains(&options.len()), "{question}: {options:?}");
        for (at, option) in options.iter().enumerate() {
            assert!(
                !options[..at].contains(option),
                "{question}: {option} twice"
            );
        }
        let approved = lesson.snapshot().expect("a snapshot");
        let row = |line: &&str| line.starts_with("  ") && !line.contains(": ");
        let holds = |option: &str| {
            option
                .lines()
                .filter(row)
                .all(|line| approved.contains(line))
        };
        let at = letter
            .bytes()
            .next()
            .map_or(0, |letter| usize::from(letter - b'a'));
        assert!(holds(options[at]), "{question}: {}", options[at]);
    }
    let all: usize = places.values().sum();
    assert!(all > 30, "{places:?}");
    assert!(
        places.values().all(|count| 2 * count <= all + 1),
        "{places:?}"
    );
    Ok(())
}

#[test]
fn one_lesson_can_be_predicted_by_its_name() -> io::Result<()> {
    let lesson = "write::an_edit_is_seen_at_once";
    let run = prints(&["predict", lesson])?;
    let code = "writeback::undisturbed(|| {";
    assert!(run.contains(code), "{run}");
    assert_eq!(run.matches(": what will it show?").count(), 1, "{run}");
    Ok(())
}

#[test]
fn marks_are_explained_where_there_are_some() -> io::Result<()> {
    let legend = "* differs from what stands above it";
    for (name, is_marked) in [
        ("copy::an_edit_never_reaches_the_file", true),
        ("read::out_of_bounds_is_a_panic_or_none", false),
    ] {
        assert_eq!(prints(&[name])?.contains(legend), is_marked, "{name}");
    }
    Ok(())
}

#[test]
fn the_next_lesson_is_one_that_can_be_tried_here() -> io::Result<()> {
    let here = contents::lessons().filter(|it| !matches!(it.run, Run::Elsewhere(_)));
    let last = here.last();
    // Whether it holds is another matter: under AddressSanitizer it does not.
    let run = run(&[&last.expect("there are lessons").full_name()])?;
    assert!(!run.stdout.contains("Next: "), "{}", run.stdout);
    Ok(())
}

#[test]
fn a_prediction_that_is_not_there_is_refused() -> io::Result<()> {
    refused(&["predict", "cpoy"], 2, &["no chapter", "cpoy"])?;
    refused(&["predict", "copy", "0"], 2, &["no question", "1 to"])?;
    refused(&["predict", "copy", "x"], 2, &["no question"])?;
    refused(&["predict", "copy", "1", "2"], 2, &["\"2\""])
}
