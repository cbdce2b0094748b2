//! The book as one web page, made from the contents, the approved snapshots and the worlds; no lesson is run for it.

#[cfg(test)]
mod tests;
mod text;

use std::fmt::Write;

use mmap_by_example::contents::{self, CHAPTERS, Chapter, Lesson, Paragraph, Promise, Run, World};
use mmap_by_example::lab::sample::WORD;
use mmap_by_example::questions;
use similar::TextDiff;

use crate::program::predict::{self, Choice};
use text::{Links, breakable, escape, grid, inline, markdown, pre, rust};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");
const README: &str = include_str!("../../README.md");
const FROM_PYTHON: &str = include_str!("../from_python.md");
const OTHER_PLACES: &str = include_str!("../other_places.md");

/// The book, whole. `repository` is where its sources are on the web.
pub fn page(repository: Option<&str>) -> String {
    let links = Links::Lead { repository };
    let mut body = front(links);
    for chapter in CHAPTERS {
        body += &chapter_of(chapter, links);
    }
    for (id, text) in [
        ("coming-from-python", FROM_PYTHON),
        ("on-other-file-systems", OTHER_PLACES),
    ] {
        let text = markdown(without_links(text), links);
        body += &format!("<section class=\"more\" id=\"{id}\">\n{text}</section>\n");
    }
    let lessons = contents::lessons().count();
    let policy =
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"description\" content=\"What memory-mapped files do, in {lessons} small claims, each tried on a file.\">\n\
         <title>mmap by example</title>\n<link rel=\"icon\" href=\"data:,\">\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n{BAR}<main id=\"main\">\n{body}</main>\n{foot}\
         <script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        foot = foot(repository),
    )
}

/// What stays in sight: the filter needs JavaScript, to hide the answers does not.
const BAR: &str = "\
<a class=\"skip\" href=\"#main\">Skip to the book</a>
<header id=\"bar\">
<a href=\"#main\" class=\"home\">mmap by example</a>
<form role=\"search\" hidden><label for=\"filter\">Filter</label>
<input type=\"search\" id=\"filter\" placeholder=\"SIGBUS, leak, append\" autocomplete=\"off\" spellcheck=\"false\">
<label class=\"check\"><input type=\"checkbox\" id=\"key\" checked> <kbd>/</kbd> goes there</label></form>
<label class=\"check\"><input type=\"checkbox\" id=\"hide\"> Hide answers</label>
<p id=\"found\" role=\"status\"></p>
</header>
";

fn foot(repository: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let source = repository.map(|url| format!(" · <a href=\"{}\">Source</a>", escape(url)));
    let source = source.unwrap_or_default();
    format!("<footer><p>mmap by example {version}, MIT or Apache-2.0{source}</p></footer>\n")
}

/// The text of a page of the repository, without the links at its end, which are for reading it there.
fn without_links(page: &str) -> &str {
    page.split("<!-- Links").next().unwrap_or_default()
}

/// A section of the README, without its heading.
fn section<'a>(heading: &str) -> &'a str {
    let sections = without_links(README).split("\n## ");
    let mut found = sections.filter_map(|section| section.strip_prefix(heading));
    found.next().unwrap_or_default()
}

/// One sentence, the picture, what people ask, the chapters, and how to read them.
fn front(links: Links) -> String {
    let mut html =
        String::from("<section class=\"front\">\n<h1>mmap by example</h1>\n<p class=\"lead\">");
    html += "<code>mmap</code> makes a file appear as memory: to read and store there is to read and write the file, \
             or a private view of it. Each lesson here tries one claim about that.</p>\n";
    html += &picture();
    html += "</section>\n<section id=\"what-people-ask\">\n<h2>What people ask</h2>\n<div class=\"asked\">\n";
    for question in questions::all() {
        let (asked, answer) = (
            inline(&question.question, Links::AreText),
            markdown(&question.answer, links),
        );
        _ = write!(
            html,
            "<details class=\"ask\"><summary>{asked}</summary>{answer}<ul>"
        );
        for name in &question.lessons {
            if let Some(lesson) = contents::lessons().find(|lesson| lesson.full_name() == *name) {
                _ = write!(html, "<li>{}</li>", link(lesson));
            }
        }
        html += "</ul></details>\n";
    }
    html += "</div>\n</section>\n<section class=\"front\" id=\"chapters\">\n<h2>Chapters</h2>\n<ul class=\"chapters\">\n";
    for chapter in CHAPTERS {
        let Chapter { name, lessons, .. } = chapter;
        let (count, question) = (lessons.len(), inline(&chapter.question(), Links::AreText));
        _ = writeln!(
            html,
            "<li><a href=\"#{name}\"><code>{name}</code></a> <span>{question}</span> <small>{count} lessons</small></li>"
        );
    }
    for (id, title) in [
        (
            "coming-from-python",
            "Coming from Python’s <code>mmap</code>",
        ),
        ("on-other-file-systems", "On other file systems"),
    ] {
        _ = writeln!(html, "<li><a href=\"#{id}\">{title}</a></li>");
    }
    html += "</ul>\n</section>\n";
    for (id, heading) in [
        ("can-i-rely-on-it", "Can I rely on it?"),
        ("how-to-read-a-snapshot", "How to read a snapshot"),
    ] {
        let text = markdown(section(heading), links);
        if !text.is_empty() {
            html += &format!(
                "<section class=\"front\" id=\"{id}\">\n<h2>{heading}</h2>\n{text}</section>\n"
            );
        }
    }
    html
}

/// The claim of a lesson, leading there.
fn link(lesson: &Lesson) -> String {
    let (name, claim) = (lesson.full_name(), inline(&lesson.claim(), Links::AreText));
    format!("<a href=\"#{name}\">{claim}</a>")
}

/// One edit through two kinds of map, from the snapshots of the two documents.
fn picture() -> String {
    let mut html = String::from("<figure class=\"two-maps\">\n<figcaption>One edit, ");
    html += "<code>map[word].reverse()</code>, through two kinds of map. <i>memory</i> is what the map shows, \
             <i>file</i> what an ordinary read shows.</figcaption>\n";
    for (name, title) in [
        (
            "write::a_flushed_edit_is_in_the_file",
            "a shared map, <code>map_mut</code>",
        ),
        (
            "copy::an_edit_never_reaches_the_file",
            "a private map, <code>map_copy</code>",
        ),
    ] {
        let lesson = contents::lessons().find(|lesson| lesson.full_name() == name);
        let fields = predict::fields(lesson.and_then(Lesson::snapshot).unwrap_or_default());
        // The word where the edit was made is as long as it was before.
        let value = |field: &str| {
            fields
                .iter()
                .find(|(name, _)| name == field)
                .map(|(_, line)| line.as_str())
        };
        let line = |field: &str| value(field)?.split_once('"').map(|(_, value)| value);
        let at = line("before.memory")
            .and_then(|line| line.find(WORD))
            .unwrap_or_default();
        let word = |field: &str| {
            escape(
                line(field)
                    .and_then(|line| line.get(at..at + WORD.len()))
                    .unwrap_or_default(),
            )
        };
        _ = write!(
            html,
            "<table class=\"picture\"><caption><a href=\"#{name}\">{title}</a></caption><thead><tr><td></td>\
             <th scope=\"col\">before</th><th scope=\"col\">after</th></tr></thead><tbody>"
        );
        for side in ["memory", "file"] {
            let (before, after) = (
                word(&format!("before.{side}")),
                word(&format!("after.{side}")),
            );
            let after = if before == after {
                after
            } else {
                format!("<b>{after}</b>&nbsp;*")
            };
            _ = write!(
                html,
                "<tr><th scope=\"row\">{side}</th><td>{before}</td><td>{after}</td></tr>"
            );
        }
        html += "</tbody></table>\n";
    }
    html + "</figure>\n"
}

fn chapter_of(chapter: &Chapter, links: Links) -> String {
    let (name, title) = (chapter.name, inline(&chapter.title(), links));
    let mut html = format!(
        "<section class=\"chapter\" id=\"{name}\">\n<div class=\"opening\"><h2><code>{name}</code></h2>\n\
         <p>{title}</p><p><strong>{}</strong></p>\n<ol class=\"answer-in-it\">\n",
        inline(&chapter.question(), links)
    );
    for lesson in chapter.lessons {
        _ = writeln!(html, "<li>{}</li>", link(lesson));
    }
    html += "</ol></div>\n";
    for (number, lesson) in (1..).zip(chapter.lessons) {
        html += &article(&Entry::of(lesson, number), links);
    }
    html + "</section>\n"
}

/// What the page says of a lesson, as text that is not HTML yet.
struct Entry {
    chapter: String,
    name: String,
    number: usize,
    claim: String,
    wrong_idea: String,
    words: Vec<String>,
    code: String,
    options: Vec<(Option<String>, String)>,
    snapshot: Option<String>,
    why: Vec<Paragraph>,
    promise: Promise,
    promised_by: String,
    worlds: Vec<World>,
    line: usize,
    by_the_compiler: bool,
}

impl Entry {
    fn of(lesson: &Lesson, number: usize) -> Entry {
        let own = |Choice { belief, cut, .. }| (belief.map(str::to_owned), cut);
        let options = predict::options(lesson).unwrap_or_default();
        let by_the_compiler = matches!(lesson.run, Run::Compiler);
        Entry {
            chapter: lesson.chapter.to_owned(),
            name: lesson.name.to_owned(),
            number,
            claim: lesson.claim(),
            wrong_idea: lesson.wrong_idea(),
            words: lesson.words().into_iter().map(str::to_owned).collect(),
            code: lesson.code(),
            options: options.into_iter().map(own).collect(),
            snapshot: lesson.snapshot().map(str::to_owned),
            why: lesson.why(),
            promise: lesson.promise,
            promised_by: lesson.promised_by(),
            worlds: lesson.worlds(),
            line: lesson.line(),
            by_the_compiler,
        }
    }
}

fn article(entry: &Entry, links: Links) -> String {
    let Entry {
        chapter,
        name,
        number,
        ..
    } = entry;
    let (chapter, name) = (escape(chapter), escape(name));
    let asks = if entry.options.is_empty() {
        ""
    } else {
        " asks"
    };
    let mut html = format!(
        "<article class=\"lesson{asks}\" id=\"{chapter}::{name}\">\n<h3 id=\"{name}\"><span class=\"told\">{}</span>\
         <span class=\"masked\">{chapter} {number}</span></h3>\n",
        inline(&entry.claim, links)
    );
    let (file, line) = (format!("src/{chapter}.rs"), entry.line);
    let source = match links {
        Links::Lead {
            repository: Some(url),
        } => {
            format!(
                "<a href=\"{}/{file}#L{line}\">{file}:{line}</a>",
                escape(url)
            )
        }
        _ => format!("{file}:{line}"),
    };
    let promise = match entry.promise {
        Promise::Unspecified => "unspecified: seen on Linux".to_owned(),
        promise => format!("promised by {promise}"),
    };
    _ = writeln!(
        html,
        "<p class=\"meta\"><a class=\"told\" href=\"#{chapter}::{name}\"><code>{chapter}::<wbr>{}</code></a> \
         <span>{promise}</span> <span>{source}</span></p>",
        breakable(&entry.name)
    );
    _ = writeln!(
        html,
        "<div class=\"body\">\n<div class=\"belief\"><p class=\"label\">A wrong idea</p><blockquote><p>{}</p></blockquote></div>",
        inline(&entry.wrong_idea, links)
    );
    let command = match entry.by_the_compiler {
        true => format!("cargo test --doc {name}"),
        false => format!("cargo run -- {chapter}::{name}"),
    };
    // The name tells.
    let code = rust(&entry.code).replacen(&name, &format!("<span class=\"n\">{name}</span>"), 1);
    _ = writeln!(
        html,
        "<div class=\"beside\"><div class=\"code\">{}<p class=\"run told\">Run it: <code>{}</code></p></div>\n\
         <div class=\"seen\">",
        pre("rust", &code),
        breakable(&command)
    );
    html += &question(entry, links);
    html += &seen(entry);
    html += "</div></div>\n<div class=\"told\"><h4>Why</h4>\n";
    for paragraph in &entry.why {
        html += &match paragraph {
            Paragraph::Text(text) => markdown(text, links),
            Paragraph::Code(code) => pre("rust", &rust(code)),
        };
    }
    html += &markdown(&entry.promised_by, links);
    for world in &entry.worlds {
        html += &flipped(world, entry.snapshot.as_deref().unwrap_or_default());
    }
    let words = entry
        .words
        .iter()
        .map(|word| escape(word))
        .collect::<Vec<_>>()
        .join(", ");
    html + &format!("<p class=\"words\">Words for it: {words}</p></div>\n</div>\n</article>\n")
}

/// The question of a lesson: it can be answered without JavaScript, and then be looked up.
fn question(entry: &Entry, links: Links) -> String {
    if entry.options.is_empty() {
        return String::new();
    }
    let group = format!("{}::{}", escape(&entry.chapter), escape(&entry.name));
    let mut html = String::from("<fieldset><legend>What will it show?</legend>\n");
    let (mut true_letter, mut others) = ('?', String::new());
    for (letter, (belief, cut)) in ('a'..).zip(&entry.options) {
        let shown = match grid(cut) {
            Some(grid) => grid.lines(),
            None => {
                let lines = cut.lines().map(|line| escape(line.trim()));
                lines
                    .map(|line| format!("<span class=\"row\">{line}</span>\n"))
                    .collect()
            }
        };
        _ = writeln!(
            html,
            "<label class=\"option\"><input type=\"radio\" name=\"{group}\" value=\"{letter}\"> <b>{letter}</b> \
             <span class=\"shown\">{shown}</span></label>"
        );
        match belief {
            None => true_letter = letter,
            Some(belief) => {
                let belief = inline(belief, links);
                _ = writeln!(
                    others,
                    "<li class=\"{letter}\"><b>{letter}</b> is what it would show if this were true: <q>{belief}</q></li>"
                );
            }
        }
    }
    html += "</fieldset>\n<details class=\"answer\"><summary>Answer</summary><ul>";
    _ = write!(
        html,
        "<li class=\"{true_letter}\"><b>{true_letter}</b> is what was seen.</li>\n{others}"
    );
    html + "</ul></details>\n"
}

/// The picture as a table, and the snapshot that it is made from.
fn seen(entry: &Entry) -> String {
    let Some(snapshot) = &entry.snapshot else {
        return match entry.by_the_compiler {
            true => "<p class=\"told\">The compiler proves it: it refuses the first program and takes the second.</p>".to_owned(),
            false => "<p>No snapshot of it is approved yet.</p>".to_owned(),
        };
    };
    let mut html = String::from("<div class=\"told\"><h4>What was seen</h4>\n");
    let caption = "The approved snapshot. <span>* marks what changed.</span>";
    let (picture, rest) = split(snapshot);
    match picture.map(|picture| (grid(picture), picture)) {
        Some((Some(grid), _)) => {
            html += &grid.table(caption);
            _ = write!(
                html,
                "<details class=\"whole\"><summary>All that was seen</summary>{}</details>",
                pre("", &escape(rest))
            );
        }
        Some((None, picture)) => {
            html += "<p class=\"label\">The approved snapshot</p>";
            html += &pre("", &escape(picture));
            _ = write!(
                html,
                "<details class=\"whole\"><summary>All that was seen</summary>{}</details>",
                pre("", &escape(rest))
            );
        }
        None => {
            html += "<p class=\"label\">The approved snapshot</p>";
            html += &pre("", &escape(snapshot));
        }
    }
    html + "</div>\n"
}

/// The picture at the head of what a lesson shows, and the rest.
fn split(shown: &str) -> (Option<&str>, &str) {
    let picture = predict::picture_of(shown);
    let rest = picture.and_then(|picture| shown.get(picture.len() + 2..));
    (picture, rest.unwrap_or(shown))
}

/// A world: the edit, and what it shows.
fn flipped(world: &World, approved: &str) -> String {
    let mut edit = String::new();
    for (sign, tag, text) in [('-', "del", world.before), ('+', "ins", world.after)] {
        for line in text.lines() {
            _ = writeln!(edit, "<{tag}>{sign} {}</{tag}>", escape(line));
        }
    }
    let belief = inline(world.belief, Links::AreText);
    let mut html = format!(
        "<details class=\"world\"><summary>Flip one word: <q>{belief}</q></summary>\n<p>If that were true, this would be the lesson:</p>\n"
    );
    html += &pre("edit", &edit);
    let (picture, rest) = split(world.shown);
    if let Some(grid) = picture.and_then(grid) {
        html += &grid.table("What it shows then. <span>* marks what changed.</span>");
    }
    let (_, approved) = split(approved);
    if rest.lines().count() < 3 || approved.is_empty() {
        html += "<p>What it shows then:</p>\n";
        html += &pre("", &escape(rest));
    } else {
        html += "<p>All that it shows then, where it differs (<code>-</code> is what was approved):</p>\n";
        html += &pre("edit", &difference(approved, rest));
    }
    html + "</details>\n"
}

fn difference(approved: &str, shown: &str) -> String {
    let mut html = String::new();
    // Each ends in a line feed, so that the last lines compare like the others.
    let (approved, shown) = (format!("{approved}\n"), format!("{shown}\n"));
    let difference = TextDiff::from_lines(&approved, &shown);
    for (at, group) in difference.grouped_ops(2).iter().enumerate() {
        if at > 0 {
            html += "  …\n";
        }
        for change in group
            .iter()
            .flat_map(|change| difference.iter_changes(change))
        {
            let line = escape(change.value().trim_end_matches('\n'));
            _ = match change.tag() {
                similar::ChangeTag::Delete => writeln!(html, "<del>- {line}</del>"),
                similar::ChangeTag::Insert => writeln!(html, "<ins>+ {line}</ins>"),
                similar::ChangeTag::Equal => writeln!(html, "  {line}"),
            };
        }
    }
    html
}
