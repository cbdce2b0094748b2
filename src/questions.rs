//! The questions as data, for the program and the index.

/// A question as somebody asks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub question: String,
    /// Two or three sentences.
    pub answer: String,
    /// The full names of the lessons that show it.
    pub lessons: Vec<String>,
}

/// Every question, in the order of the page.
pub fn all() -> Vec<Question> {
    // Each is a heading, a paragraph, and a list of links.
    let sections = TEXT.split("\n## ").skip(1);
    let parse = |section: &str| {
        let mut paragraphs = section.split("\n\n").map(|lines| lines.replace('\n', " "));
        let mut next = || paragraphs.next().unwrap_or_default().trim().to_owned();
        let (question, answer, links) = (next(), next(), next());
        let names = links
            .split("[`")
            .skip(1)
            .filter_map(|link| link.split('`').next());
        Question {
            question,
            answer,
            lessons: names.map(str::to_owned).collect(),
        }
    };
    sections.map(parse).collect()
}

const TEXT: &str = include_str!("questions.md");
