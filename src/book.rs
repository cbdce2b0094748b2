//! How the book is bound: chapters, lessons, and who promises what.

use std::fmt;
use std::io;
use std::path::Path;

use crate::sample::Sample;

/// Who guarantees what a lesson claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// The POSIX standard: every Unix that keeps to it does so.
    Posix,
    /// The Linux manual, or the kernel's own documentation: other systems may differ.
    Linux,
    /// The memmap2 crate, on every system that it supports.
    Memmap2,
    /// Rust: its types, its borrow checker, its library, or the regex crate on its slices.
    Rust,
    /// Nobody: it is what was seen on Linux.
    Unspecified,
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Promise::Posix => "POSIX",
            Promise::Linux => "Linux",
            Promise::Memmap2 => "memmap2",
            Promise::Rust => "Rust",
            Promise::Unspecified => "nobody",
        })
    }
}

/// What a lesson saw: its `Debug` is the page.
pub type Page = Box<dyn fmt::Debug>;

/// A lesson that takes the path of a text file.
pub type Document = fn(&Path) -> io::Result<Page>;

/// One claim about mmap, and the function that shows it.
pub struct Lesson {
    /// The claim as a name, inside its chapter.
    pub name: &'static str,
    /// Who promises it.
    pub promise: Promise,
    /// Does it, on files of its own.
    pub run: fn() -> io::Result<Page>,
    /// Does it on a text of the caller's, where the lesson is a document.
    pub document: Option<Document>,
    pub(crate) source: &'static str,
}

impl Lesson {
    /// The claim: the first paragraph of the lesson's documentation.
    pub fn claim(&self) -> String {
        self.paragraphs().into_iter().next().unwrap_or_default()
    }

    /// Who promises the claim, and where: the paragraph of the documentation that begins with "Promised by".
    pub fn promised_by(&self) -> String {
        self.paragraphs().into_iter().find(|paragraph| paragraph.starts_with("Promised by")).unwrap_or_default()
    }

    fn paragraphs(&self) -> Vec<String> {
        let head = format!("pub fn {}(", self.name);
        let above: Vec<&str> = self.source.lines().take_while(|line| !line.starts_with(&head)).collect();
        let comment = above.rsplit(|line| !line.starts_with("///") && !line.starts_with("#[")).next();
        paragraphs(comment.unwrap_or_default().iter().filter_map(|line| line.strip_prefix("///")))
    }
}

/// Lessons that belong together.
pub struct Chapter {
    /// The chapter's name, which is its module's.
    pub name: &'static str,
    /// The lessons in reading order; the document, where the chapter has one, is the first.
    pub lessons: &'static [Lesson],
    pub(crate) source: &'static str,
}

impl Chapter {
    /// What the chapter is about: the first paragraph of the module's documentation.
    pub fn title(&self) -> String {
        let comment = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        paragraphs(comment).into_iter().next().unwrap_or_default()
    }
}

fn paragraphs<'a>(comment: impl Iterator<Item = &'a str>) -> Vec<String> {
    let lines: Vec<&str> = comment.map(str::trim).collect();
    lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty()).map(|lines| lines.join(" ")).collect()
}

/// Runs a document on the built-in text.
pub(crate) fn on_lorem(document: Document) -> io::Result<Page> {
    document(Sample::lorem()?.path())
}

/// Lists a chapter's lessons with who promises them; the one marked `[document]` takes the path of a text.
macro_rules! chapter {
    (
        $chapter:ident;
        $([document] $document:ident: $by:ident,)?
        $($(#[$gate:meta])* $lesson:ident: $promise:ident,)*
    ) => {
        const SOURCE: &str = include_str!(concat!(stringify!($chapter), ".rs"));

        /// This chapter's lessons in reading order.
        pub const CHAPTER: $crate::book::Chapter = $crate::book::Chapter {
            name: stringify!($chapter),
            source: SOURCE,
            lessons: &[
                $($crate::book::Lesson {
                    name: stringify!($document),
                    promise: $crate::book::Promise::$by,
                    run: || $crate::book::on_lorem(|text| Ok(Box::new($document(text)?))),
                    document: Some(|text| Ok(Box::new($document(text)?))),
                    source: SOURCE,
                },)?
                $($(#[$gate])* $crate::book::Lesson {
                    name: stringify!($lesson),
                    promise: $crate::book::Promise::$promise,
                    run: || Ok(Box::new($lesson()?)),
                    document: None,
                    source: SOURCE,
                },)*
            ],
        };
    };
}
pub(crate) use chapter;
