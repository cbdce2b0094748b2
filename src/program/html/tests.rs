//! The page without a browser: what its parts say of hostile text, and of every lesson.

#![allow(clippy::expect_used, clippy::panic)]

use super::*;

/// What a snapshot or a comment can hold, and what would end an element, an attribute, a comment or a script.
const HOSTILE: &str =
    "<script>alert(1)</script> <!-- \" ' ` & &amp; &#39; ]]> </pre></code> <img src=x onerror=y> é";

/// The text of a piece of HTML, as a browser reads it. It panics at an element that the page never makes.
fn text_of(html: &str) -> String {
    const MADE: &[&str] = &[
        "a",
        "article",
        "b",
        "blockquote",
        "caption",
        "code",
        "del",
        "details",
        "div",
        "em",
        "fieldset",
        "h3",
        "h4",
        "i",
        "input",
        "ins",
        "label",
        "legend",
        "li",
        "p",
        "pre",
        "q",
        "span",
        "strong",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
        "wbr",
    ];
    let (mut text, mut rest) = (String::new(), html);
    while let Some((before, tag)) = rest.split_once('<') {
        text += before;
        let mut quoted = false;
        let end = tag.find(|sign| {
            quoted ^= sign == '"';
            sign == '>' && !quoted
        });
        let (tag, after) = tag.split_at(end.expect("a tag that ends"));
        let name = tag
            .trim_start_matches('/')
            .split(' ')
            .next()
            .unwrap_or_default();
        assert!(MADE.contains(&name), "<{tag}> is made");
        assert!(
            !tag.contains('<') && !tag.contains(" on"),
            "<{tag}> has only attributes of the page's own"
        );
        rest = &after[1..];
    }
    let text = text + rest;
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    text.replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

/// As it has to be written in Markdown to be read as it is.
fn in_markdown(text: &str) -> String {
    text.replace('`', "\\`").replace('&', "\\&")
}

#[test]
fn hostile_text_is_text_wherever_it_stands() {
    let prose = format!("Says {}", in_markdown(HOSTILE));
    let world = World {
        belief: HOSTILE,
        before: HOSTILE,
        after: HOSTILE,
        shown: HOSTILE,
    };
    let entry = Entry {
        chapter: "copy".to_owned(),
        name: "a_name".to_owned(),
        number: 1,
        claim: prose.clone(),
        wrong_idea: prose.clone(),
        words: vec![HOSTILE.to_owned()],
        code: format!("// {HOSTILE}\nlet text = r#\"{HOSTILE}\"#;"),
        options: vec![
            (None, HOSTILE.to_owned()),
            (Some(prose.clone()), format!("      {HOSTILE}\n  {HOSTILE}")),
        ],
        snapshot: Some(HOSTILE.to_owned()),
        why: vec![
            Paragraph::Text(prose.clone()),
            Paragraph::Text(HOSTILE.to_owned()),
            Paragraph::Code(HOSTILE.to_owned()),
        ],
        promise: Promise::Posix,
        promised_by: prose,
        worlds: vec![world],
        line: 1,
        by_the_compiler: false,
    };
    let html = article(
        &entry,
        Links::Lead {
            repository: Some("https://example.org/\"><script>"),
        },
    );
    let text = text_of(&html);
    // The word, the code twice, an option, the snapshot, the edit twice and what it shows, the example; then the prose.
    assert!(text.matches(HOSTILE).count() >= 9 + 5, "{text}");
    let code = text_of(&rust(&entry.code));
    assert_eq!(code, entry.code);
}

#[test]
fn what_html_cannot_hold_is_replaced_and_a_bare_carriage_return_stays_one() {
    assert_eq!(escape("a\0b\rc"), "a\u{fffd}b&#13;c");
    assert!(!markdown("a\0b `c\0`", Links::AreText).contains('\0'));
}

#[test]
fn markdown_leads_to_lessons_and_drops_what_leads_nowhere() {
    let links = Links::Lead { repository: None };
    let name = "copy::an_edit_never_reaches_the_file";
    let leads = format!("<a href=\"#{name}\">");
    for text in [
        format!("[`{name}`]"),
        "[`an_edit_never_reaches_the_file`]".to_owned(),
        format!("[words][`{name}`]"),
        format!("[words](crate::{name})"),
    ] {
        assert!(markdown(&text, links).contains(&leads), "{text}");
    }
    for text in [
        "[`Cursor`]",
        "[words](javascript:alert)",
        "[words](data:text/html,x)",
        "![words](x.png)",
        "[0, 1]",
    ] {
        let html = markdown(text, links);
        assert!(
            !html.contains("<a ") && !html.contains("<img"),
            "{text}: {html}"
        );
    }
    assert_eq!(inline("[0, 1]", links), "[0, 1]");
    let there = markdown(
        "[words](../src/edits)",
        Links::Lead {
            repository: Some("https://example.org"),
        },
    );
    assert!(there.contains("https://example.org/src/edits"), "{there}");
}

#[test]
fn the_code_of_every_lesson_is_marked_and_unchanged() {
    for lesson in contents::lessons() {
        let html = rust(&lesson.code());
        assert_eq!(text_of(&html), lesson.code(), "{}", lesson.full_name());
        assert!(
            html.contains("<span class=\"k\">"),
            "{} is lexed",
            lesson.full_name()
        );
    }
}

#[test]
fn every_approved_picture_is_a_table_with_all_its_words() {
    let mut pictures = 0;
    for lesson in contents::lessons() {
        let Some(picture) = lesson.snapshot().and_then(predict::picture_of) else {
            continue;
        };
        pictures += 1;
        let grid = grid(picture).unwrap_or_else(|| panic!("{}: {picture}", lesson.full_name()));
        let words = |text: &str| {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            words.sort();
            words
        };
        let table = grid
            .table("")
            .replace("</td>", " </td>")
            .replace("</th>", " </th>");
        assert_eq!(
            words(&text_of(&table)),
            words(picture),
            "{}",
            lesson.full_name()
        );
    }
    assert!(pictures > 10, "{pictures}");
}

#[test]
fn the_page_is_whole_and_the_same_each_time() {
    let page = page(None);
    assert_eq!(page, super::page(None));
    for lesson in contents::lessons() {
        assert!(page.contains(&format!("id=\"{}\"", lesson.full_name())));
    }
}
