//! The lessons, the tests, the snapshots, the index, the documentation and the README agree.
//!
//! With `INSTA_UPDATE=always` what can be made from the lessons (the index, the links) is written instead of compared.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::thread;

use mmap_by_example::contents::{self, CHAPTERS, Lesson, Promise, Run};
use mmap_by_example::lab::errors::Naming;
use mmap_by_example::lab::picture::Picture;
use mmap_by_example::questions;

use crate::{acts, hold_to_the_body, prove_claim, root, updates};

/// The longest body of a lesson, in lines that are neither blank nor comments.
const LINES: usize = 30;

/// The bodies that are longer, with the reason.
const LONGER: &[(&str, &str)] = &[];

fn read(path: &str) -> io::Result<String> {
    Ok(fs::read_to_string(root().join(path))?.replace("\r\n", "\n"))
}

fn names() -> BTreeSet<String> {
    contents::lessons().map(Lesson::full_name).collect()
}

/// Writes or compares what is made from the lessons.
fn hold(path: &str, text: &str) -> io::Result<()> {
    if updates() {
        if read(path).ok().as_deref() != Some(text) {
            fs::write(root().join(path), text)?;
        }
        return Ok(());
    }
    let there = read(path).unwrap_or_default();
    let (there, text): (Vec<_>, Vec<_>) = (there.lines().collect(), text.lines().collect());
    let missing: Vec<_> = text.iter().filter(|line| !there.contains(line)).collect();
    let needless: Vec<_> = there.iter().filter(|line| !text.contains(line)).collect();
    assert!(
        there == text,
        "{path} is not up to date: INSTA_UPDATE=always cargo test writes it. Lines that it \
         lacks: {missing:#?}; lines that should go: {needless:#?}"
    );
    Ok(())
}

#[test]
fn every_lesson_has_a_name_of_its_own() {
    let full_names: Vec<_> = contents::lessons().map(Lesson::full_name).collect();
    let short_names: BTreeSet<_> = contents::lessons().map(|lesson| lesson.name).collect();
    assert!(!full_names.is_empty());
    assert_eq!(
        short_names.len(),
        full_names.len(),
        "a lesson is found without its chapter"
    );
    for chapter in CHAPTERS {
        assert!(
            !short_names.contains(chapter.name),
            "{} is a chapter",
            chapter.name
        );
    }
}

#[test]
fn every_lesson_has_its_test_and_every_test_its_lesson() -> io::Result<()> {
    let output = Command::new(env::current_exe()?)
        .args(["--list", "--format", "terse"])
        .output()?;
    let listed = String::from_utf8_lossy(&output.stdout);
    let of_a_chapter = |name: &&str| {
        CHAPTERS
            .iter()
            .any(|chapter| name.split("::").next() == Some(chapter.name))
    };
    let tests = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .filter(of_a_chapter);
    let tests: BTreeSet<String> = tests.map(str::to_owned).collect();
    let is_run = |lesson: &&Lesson| matches!(lesson.run, Run::Alone(_) | Run::Document(_));
    let run: BTreeSet<_> = contents::lessons()
        .filter(is_run)
        .map(Lesson::full_name)
        .collect();
    assert_eq!(tests, run);
    Ok(())
}

#[test]
fn every_snapshot_has_its_lesson() -> io::Result<()> {
    for chapter in fs::read_dir(root().join("snapshots"))? {
        let chapter = chapter?.path();
        if !chapter.is_dir() {
            continue;
        }
        for snapshot in fs::read_dir(&chapter)? {
            let snapshot = snapshot?.path();
            let part = |path: &Path| path.file_stem().map(|it| it.to_string_lossy().into_owned());
            let name = [part(&chapter), part(&snapshot)]
                .map(Option::unwrap_or_default)
                .join("::");
            // Beside a snapshot stand the lesson's worlds, and its acts.
            let name = name.strip_suffix(".worlds").unwrap_or(&name);
            // A snapshot that waits for approval is none; its test fails by itself.
            let waits = snapshot
                .extension()
                .is_some_and(|extension| extension == "new");
            assert!(
                waits || names().contains(name),
                "{} has no lesson",
                snapshot.display()
            );
        }
    }
    Ok(())
}

#[test]
fn a_changed_snapshot_fails_its_test() -> io::Result<()> {
    let lesson = "read::a_map_is_the_whole_file";
    let folder = tempfile::tempdir()?;
    fs::create_dir_all(folder.path().join("snapshots/read")).naming(folder.path())?;
    fs::copy(root().join("lorem.txt"), folder.path().join("lorem.txt")).naming(folder.path())?;
    let path = "snapshots/read/a_map_is_the_whole_file.snap";
    let acts = "snapshots/read/a_map_is_the_whole_file.acts";
    let run = |snapshot: &str, noted: &str| -> io::Result<bool> {
        fs::write(folder.path().join(path), snapshot).naming(folder.path())?;
        fs::write(folder.path().join(acts), noted).naming(folder.path())?;
        let mut command = Command::new(env::current_exe()?);
        command
            .args(["--exact", lesson])
            .env("CARGO_MANIFEST_DIR", folder.path());
        command
            .env("INSTA_WORKSPACE_ROOT", folder.path())
            .env("INSTA_UPDATE", "no")
            // Nobody reads where it failed, and to find that out takes longer than the test.
            .env("RUST_BACKTRACE", "0");
        Ok(command
            .env_remove("INSTA_FORCE_PASS")
            .env_remove("ACTS_FORCE_PASS")
            .output()?
            .status
            .success())
    };
    let (approved, noted) = (read(path)?, read(acts)?);
    assert!(
        run(&approved, &noted)?,
        "the snapshot as it is, with samples in {}",
        env::temp_dir().display()
    );
    assert!(
        !run(&approved.replace("file_bytes: 1", "file_bytes: 2"), &noted)?,
        "a changed one"
    );
    let others = noted.replace("MAP_SHARED", "MAP_PRIVATE");
    assert_eq!(!run(&approved, &others)?, acts::NOTED, "other acts");
    Ok(())
}

#[test]
fn a_false_claim_an_error_and_a_missing_act_fail_their_test() -> io::Result<()> {
    const NAME: &str = "read::a_map_is_the_whole_file";
    let lesson = mmap_by_example::read::a_map_is_the_whole_file;
    let fails = |test: Box<dyn FnOnce() + Send>| -> io::Result<bool> {
        let thread = thread::Builder::new().name(NAME.to_owned());
        Ok(thread.spawn(test)?.join().is_err())
    };
    let as_it_is = Box::new(move || prove_claim(NAME, lesson, |_| ()));
    assert!(!fails(as_it_is)?);
    let false_claim = Box::new(move || prove_claim(NAME, lesson, |_| panic!("it is false")));
    assert!(fails(false_claim)?);
    let error = || Err::<(), _>(io::Error::other("an error"));
    let error = Box::new(move || prove_claim(NAME, error, |_| ()));
    assert!(fails(error)?);

    let listed = contents::lessons().find(|lesson| lesson.full_name() == NAME);
    let listed = listed.expect("the contents list the lesson");
    let missing_act = Box::new(move || {
        let picture = Picture::of(&["file"]).row("file.burn()", &[&"ashes"]);
        hold_to_the_body(&picture, listed);
    });
    assert!(fails(missing_act)?);
    Ok(())
}

#[test]
fn every_chapter_says_what_it_is_about_and_lists_its_lessons() {
    for chapter in CHAPTERS {
        assert!(
            chapter.title().ends_with('.'),
            "{}: {:?}",
            chapter.name,
            chapter.title()
        );
        assert!(
            chapter.question().ends_with('?'),
            "{}: {:?}",
            chapter.name,
            chapter.question()
        );
        assert!(chapter.subject.len() <= 24, "{}: a few words", chapter.name);
        let list: Vec<String> = (1..)
            .zip(chapter.lessons)
            .map(|(number, lesson)| format!("{number}. [`{}`]", lesson.name))
            .collect();
        assert_eq!(
            chapter.list(),
            list.join(" "),
            "the list at the head of src/{}.rs",
            chapter.name
        );
    }
}

#[test]
fn every_lesson_says_its_claim_the_wrong_idea_and_who_promises_it() -> io::Result<()> {
    for lesson in contents::lessons() {
        let name = lesson.full_name();
        let source = read(&format!("src/{}.rs", lesson.chapter))?;
        assert!(
            lesson.claim().ends_with('.'),
            "{name} begins with a claim: {:?}",
            lesson.claim()
        );
        assert!(
            !lesson.wrong_idea().is_empty(),
            "{name} quotes the wrong idea: /// > ..."
        );
        let promise = match lesson.promise {
            Promise::Unspecified => "Unspecified".to_owned(),
            promise => format!("Promised by {promise}"),
        };
        let said = lesson.promised_by();
        assert!(
            said.starts_with(&promise),
            "{name}: a paragraph {promise:?}, and not {said:?}"
        );
        assert!(
            !lesson.words().is_empty(),
            "{name}: a word that people have for it, as doc(alias)"
        );
        let page = format!("#[doc = page!({name})]");
        let count = usize::from(!matches!(lesson.run, Run::Compiler));
        assert_eq!(source.matches(&page).count(), count, "{name}: {page}");
    }
    Ok(())
}

#[test]
fn a_body_is_short() {
    for lesson in contents::lessons().filter(|lesson| !matches!(lesson.run, Run::Compiler)) {
        let code = lesson.code();
        let counts = |line: &&str| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with("//")
        };
        // The body is what stands between the line that opens it and the one that closes it.
        let body = code.lines().skip_while(|line| !line.ends_with('{')).skip(1);
        let lines = body.filter(counts).count().saturating_sub(1);
        let name = lesson.full_name();
        if LONGER.iter().any(|(longer, _)| *longer == name) {
            assert!(lines > LINES, "{name} is short enough by now");
        } else {
            assert!(lines <= LINES, "the body of {name} has {lines} lines");
        }
    }
    assert!(LONGER.len() <= 3);
}

#[test]
fn what_must_not_compile_stands_beside_a_twin_that_does() -> io::Result<()> {
    for lesson in contents::lessons().filter(|lesson| matches!(lesson.run, Run::Compiler)) {
        let source = read(&format!("src/{}.rs", lesson.chapter))?;
        let above = source
            .split(&format!("pub mod {} {{}}", lesson.name))
            .next()
            .unwrap_or_default();
        let above = above.rsplit("\n\n").next().unwrap_or_default();
        assert!(
            above.contains("/// ```compile_fail,E0"),
            "{} is proved by a doctest",
            lesson.name
        );
    }
    for chapter in CHAPTERS {
        let source = read(&format!("src/{}.rs", chapter.name))?;
        for part in source.split("/// ```compile_fail").skip(1) {
            let mut fences = part.split("/// ```");
            let (wrong, between, right) = (fences.next(), fences.next(), fences.next());
            let (Some(wrong), Some(_), Some(right)) = (wrong, between, right) else {
                panic!("{}: no twin: {part}", chapter.name)
            };
            assert!(
                wrong.starts_with(",E0"),
                "{}: which error? {wrong}",
                chapter.name
            );
            let lines = |block: &str| -> Vec<String> {
                block
                    .lines()
                    .skip(1)
                    .map(|line| line.trim().to_owned())
                    .collect()
            };
            let (wrong, right) = (lines(wrong), lines(right));
            assert_eq!(
                wrong.len(),
                right.len(),
                "{}: as many lines: {part}",
                chapter.name
            );
            let differing = wrong
                .iter()
                .zip(&right)
                .filter(|(wrong, right)| wrong != right)
                .count();
            assert_eq!(
                differing, 1,
                "{}: twins differ in one line: {part}",
                chapter.name
            );
        }
    }
    Ok(())
}

#[test]
fn what_others_use_is_documented() -> io::Result<()> {
    let mut files: Vec<_> = fs::read_dir(root().join("src/lab"))?
        .map(|file| Ok(file?.path()))
        .collect::<io::Result<_>>()?;
    files.extend(
        CHAPTERS
            .iter()
            .map(|chapter| root().join(format!("src/{}.rs", chapter.name))),
    );
    files.push(root().join("src/contents.rs"));
    for path in files {
        let source = fs::read_to_string(&path)?;
        let lines: Vec<&str> = source.lines().collect();
        assert!(
            lines[0].starts_with("//! "),
            "{} says what it is for",
            path.display()
        );
        for (at, line) in lines.iter().enumerate() {
            let line = line.trim_start();
            let items = [
                "pub fn ",
                "pub unsafe fn ",
                "pub struct ",
                "pub enum ",
                "pub trait ",
                "pub const ",
            ];
            if !items.iter().any(|item| line.starts_with(item)) {
                continue;
            }
            let mut above = lines[..at].iter().rev().map(|line| line.trim_start());
            let above = above.by_ref().take_while(|line| !line.is_empty());
            assert!(
                above.into_iter().any(|line| line.starts_with("///")),
                "{}:{}: {line} has no documentation",
                path.display(),
                at + 1
            );
        }
    }
    Ok(())
}

/// Where the name of a lesson or a chapter leads on a page of the repository.
fn target(lesson: &Lesson) -> String {
    match lesson.run {
        Run::Compiler => format!("../src/{}.rs", lesson.chapter),
        _ => format!("../snapshots/{}/{}.snap", lesson.chapter, lesson.name),
    }
}

/// Before the links of a page that are made here.
const LINKS: &str = "<!-- Links, written by the tests. -->";

/// Every link of a page leads to a lesson or a chapter, and stands at its end for who reads it in the repository.
fn hold_links(path: &str) -> io::Result<()> {
    let page = read(path)?;
    let text = page.split(LINKS).next().unwrap_or_default().trim_end();
    let mut links = BTreeSet::new();
    // What has an address of its own needs none from here.
    let names = text
        .split("[`")
        .skip(1)
        .filter_map(|rest| rest.split_once("`]"));
    for name in names
        .filter(|(_, after)| !after.starts_with('('))
        .map(|(name, _)| name)
    {
        let chapter = CHAPTERS.iter().find(|chapter| chapter.name == name);
        let lesson = contents::lessons().find(|lesson| lesson.full_name() == name);
        let target = match (chapter, lesson) {
            (Some(chapter), _) => format!("../src/{}.rs", chapter.name),
            (_, Some(lesson)) => target(lesson),
            (None, None) => panic!("{path}: there is no lesson or chapter {name}"),
        };
        links.insert(format!("[`{name}`]: {target}\n"));
    }
    hold(
        path,
        &format!(
            "{text}\n\n{LINKS}\n\n{}",
            links.into_iter().collect::<String>()
        ),
    )
}

#[test]
fn links_lead_to_lessons() -> io::Result<()> {
    hold_links("src/from_python.md")?;
    hold_links("src/other_places.md")?;
    hold_links("src/questions.md")
}

#[test]
fn questions_are_answered_by_lessons() {
    let questions = questions::all();
    assert!(questions.len() >= 15);
    for question in questions {
        assert!(question.question.ends_with('?'), "{question:?}");
        assert!(question.answer.ends_with('.'), "{question:?}");
        assert!(!question.lessons.is_empty(), "{question:?}");
        for lesson in &question.lessons {
            assert!(
                names().contains(lesson),
                "{}: no lesson {lesson}",
                question.question
            );
        }
    }
}

#[test]
fn the_index_lists_every_lesson() -> io::Result<()> {
    let mut index = String::from(
        "# All lessons\n\nEach name is a claim. It leads to the approved snapshot of what the lesson saw, or, where the \
         compiler proves\nthe claim, to the source. *Unspecified* means: seen on Linux, and in no standard or manual.\n",
    );
    for chapter in CHAPTERS {
        let source = format!("../src/{}.rs", chapter.name);
        _ = write!(
            index,
            "\n## {}\n\n{} ([source]({source}))\n\n",
            chapter.name,
            chapter.title()
        );
        index += "| lesson | claim | promised by |\n| --- | --- | --- |\n";
        for lesson in chapter.lessons {
            let (name, claim) = (lesson.name, lesson.claim().replace('|', "\\|"));
            let target = match lesson.run {
                Run::Compiler => source.clone(),
                _ => format!("{}/{name}.snap", chapter.name),
            };
            _ = writeln!(
                index,
                "| [`{name}`]({target}) | {} | {} |",
                plain(&claim),
                lesson.promise
            );
        }
    }
    index += "\n## What people ask\n\n";
    for question in questions::all() {
        let links: Vec<_> = question
            .lessons
            .iter()
            .map(|name| {
                let lesson = contents::lessons().find(|lesson| lesson.full_name() == *name);
                let target = lesson.map(target).unwrap_or_default();
                format!("[`{name}`]({target})")
            })
            .collect();
        _ = writeln!(
            index,
            "- **{}** {} {}",
            question.question,
            question.answer,
            links.join(", ")
        );
    }
    hold("snapshots/README.md", &index)
}

/// A claim without links that only rustdoc can follow.
fn plain(claim: &str) -> String {
    claim.replace("[`", "`").replace("`]", "`")
}

#[test]
fn the_readme_shows_the_chapters_and_the_picture_that_the_program_prints() -> io::Result<()> {
    let readme = read("README.md")?;
    assert!(readme.lines().count() <= 110, "the README is short");
    for chapter in CHAPTERS {
        let row = format!(
            "| [`{0}`](src/{0}.rs) | {1} |",
            chapter.name,
            chapter.question()
        );
        assert!(
            readme.contains(&row),
            "README.md should hold this row:\n{row}"
        );
    }
    let output = Command::new(crate::command_line::program()).output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let picture: Vec<&str> = printed
        .lines()
        .skip_while(|line| !line.contains("a shared map"))
        .take(4)
        .collect();
    let [_, _, memory, file] = picture[..] else {
        panic!("no picture in {output:?}")
    };
    let picture = picture.join("\n");
    assert!(
        readme.contains(&picture),
        "README.md should hold this picture:\n{picture}"
    );

    let cells = |row: &str| {
        row.split_whitespace()
            .rev()
            .take(4)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let seen = |name: &str, side: &str| -> io::Result<Vec<String>> {
        let snapshot = read(&format!("snapshots/{name}.snap"))?;
        let line = |moment: &str| {
            let sides = snapshot.split(moment).nth(1).unwrap_or_default();
            sides
                .lines()
                .find(|line| line.contains(side))
                .unwrap_or_default()
                .to_owned()
        };
        Ok(vec![line("after: Sides"), line("before: Sides")])
    };
    for (row, side) in [(memory, "memory: "), (file, "file: ")] {
        let mut lines = seen("copy/an_edit_never_reaches_the_file", side)?;
        lines.extend(seen("write/a_flushed_edit_is_in_the_file", side)?);
        assert_eq!(cells(row).len(), 4, "four cells in {row:?}");
        for (cell, line) in cells(row).iter().zip(lines) {
            assert!(
                line.contains(cell),
                "{cell:?} is in the approved snapshot: {line:?}"
            );
        }
    }
    Ok(())
}
