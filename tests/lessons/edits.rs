//! The edits in `src/edits`, each of which makes a lesson wrong, fit the lessons, and so do the worlds beside the snapshots.
//!
//! Whether a lesson's test notices its edits is tried by `.ci/mutate --edits`; what the worlds show, by `.ci/worlds`.

use std::fs;

use mmap_by_example::contents::{self, CHAPTERS, Lesson, Promise, Run};

use crate::{root, updates};

/// One place in which a lesson is made wrong.
struct Edit {
    /// The file, the line and the lesson.
    place: String,
    /// The lesson's full name.
    lesson: String,
    /// What stands above it: a belief or a mistake.
    says: String,
    /// The lines of its block.
    lines: Vec<String>,
    /// What the block takes away, with one blank between words.
    stretch: String,
}

impl Edit {
    /// Whether what the lesson shows with it is what somebody believes.
    fn is_world(&self) -> bool {
        let excused = |reason: &&str| self.says.contains(*reason);
        let reasons = [" Not noticed:", " Not a world:"];
        self.says.starts_with("> ") && !reasons.iter().any(excused)
    }

    /// The lines of its block that begin with a sign, without it.
    fn signed(&self, sign: char) -> String {
        let lines = self.lines.iter().filter_map(|line| line.strip_prefix(sign));
        let lines: Vec<_> = lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        lines.join("\n")
    }
}

/// Every edit of a chapter, and nothing where the chapter has no file.
fn edits(chapter: &str) -> Vec<Edit> {
    let file = format!("src/edits/{chapter}.md");
    let text = fs::read_to_string(root().join(&file)).unwrap_or_default();
    let (mut edits, mut lesson, mut says) = (Vec::new(), "", String::new());
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(name) = line.strip_prefix("## ") {
            (lesson, says) = (name.trim(), String::new());
        } else if line.starts_with("```") {
            let inside = lines.by_ref().map(|(_, line)| line);
            let lines: Vec<_> = inside.take_while(|line| *line != "```").collect();
            let before = lines.iter().filter_map(|line| line.strip_prefix('-'));
            edits.push(Edit {
                place: format!("{file}:{} {lesson}", number + 1),
                lesson: format!("{chapter}::{lesson}"),
                says: std::mem::take(&mut says),
                stretch: words(&before.collect::<Vec<_>>().join(" ")),
                lines: lines.into_iter().map(str::to_owned).collect(),
            });
        } else {
            says = words(&format!("{says} {line}"));
        }
    }
    edits
}

/// The text with one blank between words.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What has to be mended about an edit.
fn wrong(edit: &Edit) -> Option<String> {
    let sign = |line: &String| line.chars().next().filter(|sign| "-+".contains(*sign));
    let signs: Option<String> = edit.lines.iter().map(sign).collect();
    let in_order = signs.is_some_and(|signs| !signs.contains("+-"));
    if edit.says.is_empty() || edit.stretch.is_empty() || !in_order {
        return Some(
            "write a quotation or a sentence, then ```diff with lines that begin with `- ` and, unless something is \
             only taken away, lines that begin with `+ `"
                .to_owned(),
        );
    }
    let lesson = contents::lessons().find(|lesson| lesson.full_name() == edit.lesson);
    let Some(lesson) = lesson.filter(|lesson| !matches!(lesson.run, Run::Compiler)) else {
        return Some(format!(
            "no lesson is called {}, or the compiler alone tries it: take the name from src/contents.rs",
            edit.lesson
        ));
    };
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    match bare(&lesson.code()).matches(&bare(&edit.stretch)).count() {
        1 => None,
        0 => Some(format!(
            "the lesson does not hold `{}`; copy it from the lesson as it is now",
            edit.stretch
        )),
        many => Some(format!(
            "the lesson holds `{}` {many} times; add what is around it",
            edit.stretch
        )),
    }
}

#[test]
fn each_edit_fits_its_lesson() {
    let edits = CHAPTERS.iter().flat_map(|chapter| edits(chapter.name));
    let wrong: Vec<_> = edits
        .filter_map(|edit| Some(format!("{}: {}", edit.place, wrong(&edit)?)))
        .collect();
    assert!(wrong.is_empty(), "mend these edits:\n{}", wrong.join("\n"));
}

#[test]
fn each_lesson_has_an_edit_that_makes_its_wrong_idea_true() {
    let mut missing = Vec::new();
    for chapter in CHAPTERS {
        let edits = edits(chapter.name);
        let lessons = chapter.lessons.iter();
        // What Windows promises is compiled there only, and `.ci/mutate` runs on Linux.
        let tried = |lesson: &&Lesson| {
            !matches!(lesson.run, Run::Compiler) && lesson.promise != Promise::Windows
        };
        for lesson in lessons.filter(tried) {
            let name = lesson.full_name();
            let is_its_belief = |edit: &Edit| edit.lesson == name && edit.says.starts_with("> ");
            if !edits.iter().any(is_its_belief) {
                missing.push(name);
            }
        }
    }
    assert!(
        missing.is_empty(),
        "write an edit that begins with a quotation into src/edits/<chapter>.md, as copy.md has them, for\n{}",
        missing.join("\n")
    );
}

#[test]
fn each_belief_has_its_world_beside_the_snapshot() {
    // Where snapshots are written, the worlds come next.
    if updates() {
        return;
    }
    let mut wrong = Vec::new();
    for chapter in CHAPTERS {
        let edits = edits(chapter.name);
        for lesson in chapter.lessons {
            let name = lesson.full_name();
            let own = edits
                .iter()
                .filter(|edit| edit.lesson == name && edit.is_world());
            let listed = own.map(|edit| {
                let belief = edit.says.trim_start_matches("> ").to_owned();
                [belief, edit.signed('-'), edit.signed('+')]
            });
            let approved = lesson.worlds().into_iter();
            let approved = approved.map(|it| [it.belief, it.before, it.after].map(str::to_owned));
            if !listed.eq(approved) {
                wrong.push(format!(".ci/worlds --update --lesson {name}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "the quotations in src/edits and the worlds in snapshots/<chapter>/<lesson>.worlds.md differ; run\n{}",
        wrong.join("\n")
    );
}

#[test]
fn no_world_shows_what_its_lesson_shows() {
    // The picture is made from the observation, which is below it.
    let observation = |shown: &str| shown.rsplit("\n\n").next().map(str::to_owned);
    for lesson in contents::lessons() {
        let snapshot = lesson.snapshot().unwrap_or_default();
        for world in lesson.worlds() {
            assert!(
                observation(world.shown) != observation(snapshot),
                "{} shows the same if this is true: {}\nchoose another edit in src/edits/{}.md, and run \
                 .ci/worlds --update --lesson {0}",
                lesson.full_name(),
                world.belief,
                lesson.chapter
            );
        }
    }
}

#[test]
fn each_file_of_edits_belongs_to_a_chapter() {
    for file in fs::read_dir(root().join("src/edits")).expect("src/edits can be listed") {
        let file = file.expect("src/edits can be listed").file_name();
        let file = file.to_string_lossy();
        assert!(
            CHAPTERS.iter().any(|it| format!("{}.md", it.name) == file),
            "src/edits/{file} bears the name of no chapter: rename it"
        );
    }
}
