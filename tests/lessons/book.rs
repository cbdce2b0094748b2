//! The lessons, the tests, the pages, the rustdoc and the README agree.
//!
//! Only Linux has every lesson, so only there the whole book can be compared.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use mmap_by_example::CHAPTERS;
use mmap_by_example::book::{Chapter, Lesson};

use crate::root;

fn lessons() -> impl Iterator<Item = (&'static Chapter, &'static Lesson)> {
    CHAPTERS.iter().flat_map(|chapter| chapter.lessons.iter().map(move |lesson| (chapter, lesson)))
}

fn names(separator: &str, ending: &str) -> BTreeSet<String> {
    lessons().map(|(chapter, lesson)| format!("{}{separator}{}{ending}", chapter.name, lesson.name)).collect()
}

fn read(path: &str) -> io::Result<String> {
    fs::read_to_string(root().join(path))
}

#[test]
fn every_lesson_has_a_name_of_its_own() {
    assert!(lessons().count() > 0, "there are lessons");
    assert_eq!(names("::", "").len(), lessons().count());
}

#[test]
fn every_lesson_has_its_test_and_every_test_its_lesson() -> io::Result<()> {
    let output = Command::new(env::current_exe()?).args(["--list", "--format", "terse"]).output()?;
    let listed = String::from_utf8_lossy(&output.stdout);
    let tests: BTreeSet<String> = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .filter(|name| CHAPTERS.iter().any(|chapter| name.split("::").next() == Some(chapter.name)))
        .map(str::to_owned)
        .collect();
    assert_eq!(tests, names("::", ""));
    Ok(())
}

#[test]
fn every_lesson_has_its_page_and_every_page_its_lesson() -> io::Result<()> {
    let mut pages = BTreeSet::new();
    for chapter in fs::read_dir(root().join("snapshots"))? {
        let chapter = chapter?;
        for page in fs::read_dir(chapter.path())? {
            let (chapter, page) = (chapter.file_name(), page?.file_name());
            pages.insert(Path::new(&chapter).join(page).display().to_string());
        }
    }
    // A page that waits for approval is not a page of the book; its test fails by itself.
    pages.retain(|page| !page.ends_with(".snap.new"));
    assert_eq!(pages, names("/", ".snap"));
    Ok(())
}

#[test]
fn every_chapter_says_what_it_is_about() -> io::Result<()> {
    for chapter in CHAPTERS {
        let source = read(&format!("src/{}.rs", chapter.name))?;
        assert_eq!(source.lines().next(), Some(format!("//! {}", chapter.title()).as_str()));
    }
    Ok(())
}

#[test]
fn every_lesson_says_its_claim_and_who_promises_it_and_shows_its_page() -> io::Result<()> {
    for (chapter, lesson) in lessons() {
        let name = format!("{}::{}", chapter.name, lesson.name);
        assert!(lesson.claim().ends_with('.'), "{name} begins with a claim: {:?}", lesson.claim());
        let promise = lesson.promised_by();
        assert!(promise.starts_with(&format!("Promised by {}", lesson.promise)), "{name} says {promise:?}");
        let source = read(&format!("src/{}.rs", chapter.name))?;
        let page = format!("include_str!(\"../snapshots/{}/{}.snap\")", chapter.name, lesson.name);
        let above = source.split(&format!("pub fn {}(", lesson.name)).next().unwrap_or_default();
        let comment = above.rsplit("\n\n").next().unwrap_or_default();
        assert!(comment.contains(&page), "{name} shows its page in its documentation");
    }
    Ok(())
}

#[test]
fn the_readme_lists_the_lessons() -> io::Result<()> {
    let mut table = String::from("| lesson | claim | promised by |\n| --- | --- | --- |\n");
    for (chapter, lesson) in lessons() {
        table += &format!("| `{}::{}` | {} | {} |\n", chapter.name, lesson.name, lesson.claim(), lesson.promise);
    }
    assert!(read("README.md")?.contains(&format!("\n\n{table}\n")), "README.md should hold this table:\n\n{table}");
    Ok(())
}

#[test]
fn the_readme_shows_the_picture_that_the_program_prints() -> io::Result<()> {
    let output = Command::new(crate::command_line::program()).output()?;
    let listed = String::from_utf8_lossy(&output.stdout);
    let picture: Vec<&str> = listed.lines().skip_while(|line| !line.contains("a shared map")).take(4).collect();
    let [_, _, memory, file] = picture[..] else { panic!("no picture in {output:?}") };
    let readme = read("README.md")?;
    assert!(readme.contains(&picture.join("\n")), "README.md should hold this picture:\n{}", picture.join("\n"));

    let cells = |row: &str| row.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let pages = ["write/a_flushed_edit_is_in_the_file", "copy/an_edit_never_reaches_the_file"];
    let (mut memory_cells, mut file_cells) = (Vec::new(), Vec::new());
    for page in pages {
        let page = read(&format!("snapshots/{page}.snap"))?;
        for moment in ["before: Sides", "after: Sides"] {
            let sides = page.split(moment).nth(1).unwrap_or_default();
            for (side, cells) in [("memory: ", &mut memory_cells), ("file: ", &mut file_cells)] {
                cells.push(sides.lines().find(|line| line.contains(side)).unwrap_or_default().to_owned());
            }
        }
    }
    for (row, lines) in [(memory, memory_cells), (file, file_cells)] {
        assert_eq!(cells(row).len(), 4, "four cells in {row:?}");
        for (cell, line) in cells(row).iter().zip(lines) {
            assert!(line.contains(cell), "{cell:?} is in the approved page: {line:?}");
        }
    }
    Ok(())
}

#[test]
fn what_must_not_compile_stands_beside_a_twin_that_does() -> io::Result<()> {
    for file in fs::read_dir(root().join("src"))? {
        let path = file?.path();
        let source = fs::read_to_string(&path)?;
        let mut parts = source.split("/// ```compile_fail");
        parts.next();
        for part in parts {
            let mut fences = part.split("/// ```");
            let (wrong, between, right) = (fences.next(), fences.next(), fences.next());
            let (Some(wrong), Some(_), Some(right)) = (wrong, between, right) else {
                panic!("{path:?}: no twin: {part}")
            };
            assert!(wrong.starts_with(",E0"), "{path:?} says which error: {wrong}");
            let (wrong, right): (Vec<_>, Vec<_>) = (wrong.lines().skip(1).collect(), right.lines().skip(1).collect());
            assert_eq!(wrong.len(), right.len(), "{path:?}: twins have as many lines: {part}");
            let differing = wrong.iter().zip(&right).filter(|(wrong, right)| wrong != right).count();
            assert_eq!(differing, 1, "{path:?}: twins differ in one line only: {part}");
        }
    }
    Ok(())
}
