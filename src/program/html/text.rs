//! Text as HTML: escaped, from Markdown, as code, and pictures as tables.

use std::fmt::Write;

use mmap_by_example::contents::{self, CHAPTERS};
use proc_macro2::{TokenStream, TokenTree};
use pulldown_cmark::{
    BrokenLink, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html,
};

/// Text that says the same in HTML, in an element or in a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            // A browser reads a bare one as a line feed.
            '\r' => escaped += "&#13;",
            // HTML cannot hold it at all.
            '\0' => escaped.push(char::REPLACEMENT_CHARACTER),
            sign => escaped.push(sign),
        }
    }
    escaped
}

/// What becomes of links.
#[derive(Clone, Copy)]
pub enum Links<'a> {
    /// They lead to lessons and chapters of this page, to the web, and to files of the repository if its address is given.
    Lead { repository: Option<&'a str> },
    /// Only their words are kept, since they stand in a link themselves.
    AreText,
}

/// Markdown as HTML, with headings one level down. What it holds of HTML is text.
pub fn markdown(text: &str, links: Links) -> String {
    let mut known = known;
    let parser =
        Parser::new_with_broken_link_callback(text, Options::ENABLE_TABLES, Some(&mut known));
    let (mut events, mut code, mut opened) = (Vec::new(), None, Vec::new());
    for event in parser {
        let event = match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
            Event::Start(Tag::Heading { level, .. }) => {
                let (level, id) = (down(level), None);
                let (classes, attrs) = (Vec::new(), Vec::new());
                Event::Start(Tag::Heading {
                    level,
                    id,
                    classes,
                    attrs,
                })
            }
            Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(down(level))),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let target = target(&dest_url, links);
                opened.push(target.is_some());
                let Some(target) = target else { continue };
                Event::Start(Tag::Link {
                    link_type,
                    dest_url: target.into(),
                    title,
                    id,
                })
            }
            Event::End(TagEnd::Link) if !opened.pop().unwrap_or_default() => continue,
            // Nothing is fetched: what an image says instead of itself is enough.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => continue,
            Event::Start(Tag::CodeBlock(kind)) => {
                code = Some((kind, String::new()));
                continue;
            }
            Event::End(TagEnd::CodeBlock) => {
                let block = code.take().map(|(kind, code)| block(&kind, &code));
                Event::Html(block.unwrap_or_default().into())
            }
            Event::Text(text) => match &mut code {
                Some((_, code)) => {
                    code.push_str(&text);
                    continue;
                }
                None => Event::Text(text),
            },
            Event::Code(code) => Event::Html(format!("<code>{}</code>", breakable(&code)).into()),
            event => event,
        };
        events.push(event);
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    out.replace('\0', "\u{fffd}")
}

/// Where a reference leads that is not defined: to a lesson, or nowhere if it is to other code.
fn known<'a>(link: BrokenLink<'a>) -> Option<(CowStr<'a>, CowStr<'a>)> {
    let is_code = link.reference.starts_with('`');
    // Anything else in brackets is no link.
    let name = anchor(&link.reference).or(is_code.then(String::new))?;
    Some((name.into(), "".into()))
}

/// Markdown of one paragraph, without the paragraph.
pub fn inline(text: &str, links: Links) -> String {
    let html = markdown(text, links);
    let html = html.trim();
    let inner = html
        .strip_prefix("<p>")
        .and_then(|html| html.strip_suffix("</p>"));
    match inner {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        // What looks like a list, a heading or a block is a sentence here.
        _ => escape(text),
    }
}

fn down(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 1).unwrap_or(HeadingLevel::H6)
}

/// The anchor of the chapter or the lesson that is called so.
fn anchor(name: &str) -> Option<String> {
    let name = name.trim_matches('`');
    let name = name.strip_prefix("mod@").unwrap_or(name);
    let name = name.strip_prefix("crate::").unwrap_or(name);
    if CHAPTERS.iter().any(|chapter| chapter.name == name) {
        return Some(format!("#{name}"));
    }
    let lesson =
        contents::lessons().find(|lesson| lesson.name == name || lesson.full_name() == name)?;
    Some(format!("#{}", lesson.full_name()))
}

fn target(link: &str, links: Links) -> Option<String> {
    let Links::Lead { repository } = links else {
        return None;
    };
    if link.starts_with('#') || link.starts_with("https://") || link.starts_with("http://") {
        return Some(link.to_owned());
    }
    let in_the_repository = || {
        let path = link.trim_start_matches("../");
        let is_path = !path.is_empty() && !path.contains(':');
        is_path.then_some(format!("{}/{path}", repository?))
    };
    anchor(link).or_else(in_the_repository)
}

/// A block of code: Rust where nothing else is said, without the lines that rustdoc hides.
fn block(kind: &CodeBlockKind, code: &str) -> String {
    let language = match kind {
        CodeBlockKind::Fenced(language) => language,
        CodeBlockKind::Indented => "text",
    };
    let is_rust = ["", "rust", "no_run", "ignore"].contains(&language)
        || language.starts_with("compile_fail");
    if !is_rust {
        return pre("", &escape(code));
    }
    let shown = code
        .lines()
        .filter(|line| *line != "#" && !line.starts_with("# "));
    pre("rust", &rust(&shown.collect::<Vec<_>>().join("\n")))
}

/// A block that scrolls sideways, and is reached with the keyboard for that.
pub fn pre(class: &str, html: &str) -> String {
    let html = html.trim_end_matches('\n');
    // Between the two tags a line feed at the start is kept.
    format!("<pre class=\"{class}\" tabindex=\"0\"><code>{html}</code></pre>\n")
}

const KEYWORDS: &[&str] = &[
    "as", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
    "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref",
    "return", "self", "Self", "static", "struct", "super", "trait", "true", "type", "unsafe",
    "use", "where", "while",
];

/// Rust with its keywords, literals and comments marked; as it stands where its parentheses do not match.
pub fn rust(code: &str) -> String {
    let Ok(tokens) = code.parse::<TokenStream>() else {
        return escape(code);
    };
    let (mut html, mut done) = (String::new(), 0);
    let mut emit = |start: usize, end: usize, class: &str| {
        let (Some(gap), Some(token)) = (code.get(done..start), code.get(start..end)) else {
            return;
        };
        between(gap, &mut html);
        mark(class, token, &mut html);
        done = end;
    };
    each(tokens, &mut emit);
    proc_macro2::extra::invalidate_current_thread_spans();
    between(code.get(done..).unwrap_or_default(), &mut html);
    html
}

fn each(tokens: TokenStream, emit: &mut impl FnMut(usize, usize, &str)) {
    for token in tokens {
        let range = token.span().byte_range();
        match token {
            TokenTree::Group(group) => {
                for (span, inside) in [
                    (group.span_open(), Some(group.stream())),
                    (group.span_close(), None),
                ] {
                    let range = span.byte_range();
                    emit(range.start, range.end, "");
                    each(inside.unwrap_or_default(), emit);
                }
            }
            TokenTree::Ident(name) => {
                let class = if KEYWORDS.iter().any(|keyword| name == keyword) {
                    "k"
                } else {
                    ""
                };
                emit(range.start, range.end, class);
            }
            TokenTree::Literal(_) => emit(range.start, range.end, "l"),
            // Documentation is lexed as an attribute that is as long as the comment.
            TokenTree::Punct(_) if range.len() > 1 => emit(range.start, range.end, "c"),
            TokenTree::Punct(_) => emit(range.start, range.end, ""),
        }
    }
}

/// Between two tokens there are white space and comments.
fn between(gap: &str, html: &mut String) {
    let comment = gap.trim();
    let Some(start) = gap.find(comment).filter(|_| !comment.is_empty()) else {
        html.push_str(gap);
        return;
    };
    html.push_str(&gap[..start]);
    mark("c", comment, html);
    html.push_str(&gap[start + comment.len()..]);
}

fn mark(class: &str, text: &str, html: &mut String) {
    let text = escape(text);
    _ = match class {
        "" => write!(html, "{text}"),
        class => write!(html, "<span class=\"{class}\">{text}</span>"),
    };
}

/// A picture, read from its text.
pub struct Grid {
    heads: Vec<String>,
    rows: Vec<(String, Vec<Cell>)>,
}

struct Cell {
    seen: String,
    changed: bool,
}

/// Reads a picture: columns begin where their heads do, after two spaces.
pub fn grid(text: &str) -> Option<Grid> {
    let mut lines = text.lines();
    let head: Vec<char> = lines.next()?.chars().collect();
    let starts: Vec<usize> = (2..head.len())
        .filter(|&at| head[at] != ' ' && head[at - 2..at] == [' ', ' '])
        .collect();
    // Above the acts the first line is empty.
    let first = starts.first().copied().filter(|first| *first > 4)?;
    let cut = |line: &[char], from: usize, to: usize| {
        let end = to.min(line.len());
        let cell: String = line.get(from..end).unwrap_or_default().iter().collect();
        cell.trim_end().to_owned()
    };
    let end = |column: usize| starts.get(column + 1).map_or(usize::MAX, |next| next - 2);
    let heads = (0..starts.len()).map(|column| cut(&head, starts[column], end(column)));
    let mut rows = Vec::new();
    for line in lines {
        let line: Vec<char> = line.chars().collect();
        let is_gap = |start: usize| line.iter().skip(start - 2).take(2).all(|sign| *sign == ' ');
        if !line.starts_with(&[' ', ' ']) || !starts.iter().all(|start| is_gap(*start)) {
            return None;
        }
        let cells = (0..starts.len()).map(|column| {
            let seen = cut(&line, starts[column], end(column));
            let bare = seen.strip_suffix(" *");
            Cell {
                changed: bare.is_some(),
                seen: bare.unwrap_or(&seen).to_owned(),
            }
        });
        rows.push((cut(&line, 2, first - 2), cells.collect()));
    }
    Some(Grid {
        heads: heads.collect(),
        rows,
    })
}

impl Grid {
    /// As a table under a caption.
    pub fn table(&self, caption: &str) -> String {
        let mut html = format!(
            "<table class=\"picture\" role=\"table\"><caption>{caption}</caption><thead role=\"rowgroup\"><tr role=\"row\"><td></td>"
        );
        for head in &self.heads {
            _ = write!(
                html,
                "<th scope=\"col\" role=\"columnheader\">{}</th>",
                breakable(head)
            );
        }
        html += "</tr></thead><tbody role=\"rowgroup\">\n";
        for (act, cells) in &self.rows {
            _ = write!(
                html,
                "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\"><code>{}</code></th>",
                breakable(act)
            );
            for cell in cells {
                _ = write!(html, "<td role=\"cell\">{}</td>", cell.html());
            }
            html += "</tr>\n";
        }
        html + "</tbody></table>\n"
    }

    /// As text in lines, for a label, which can hold no table: each row is an act and what each observer saw.
    pub fn lines(&self) -> String {
        let mut html = String::new();
        for (act, cells) in &self.rows {
            _ = write!(
                html,
                "<span class=\"row\"><span class=\"act\">{}</span>",
                breakable(act)
            );
            for (head, cell) in self.heads.iter().zip(cells) {
                if !cell.seen.is_empty() {
                    let (head, seen) = (escape(head), cell.html());
                    _ = write!(
                        html,
                        " <span class=\"look\"><i>{head}</i> <span class=\"seen\">{seen}</span></span>"
                    );
                }
            }
            html += "</span>\n";
        }
        html
    }
}

impl Cell {
    fn html(&self) -> String {
        let seen = breakable(&self.seen);
        match self.changed {
            true => format!("<b>{seen}</b>&nbsp;*"),
            false => seen,
        }
    }
}

/// Code that may be broken over lines where its parts end, unless it is short.
pub fn breakable(code: &str) -> String {
    if code.len() <= 16 {
        return escape(code);
    }
    escape(code)
        .replace("::", "::<wbr>")
        .replace('(', "(<wbr>")
        .replace('.', "<wbr>.")
        .replace('_', "_<wbr>")
}
