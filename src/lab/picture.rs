//! Pictures: who sees what, when.
//!
//! Rows are acts in the code's own words, columns are observers, and a cell holds what was seen. What differs from what
//! stands above it in its column is marked.

use std::fmt;

/// A picture of a lesson, made from its observation.
pub struct Picture {
    /// Who looks, or what is looked at.
    pub observers: Vec<&'static str>,
    pub rows: Vec<Row>,
}

/// An act, and what was seen after it.
pub struct Row {
    /// As it stands in the lesson's body.
    pub act: &'static str,
    pub cells: Vec<Cell>,
}

/// What one observer saw.
#[derive(Clone, PartialEq, Eq)]
pub struct Cell {
    /// Empty where nobody looked.
    pub seen: String,
    /// Whether it differs from what this observer saw before.
    pub changed: bool,
}

/// Nobody looked, or there is nothing to look at.
pub const NOTHING: &dyn fmt::Debug = &Nothing;

struct Nothing;

impl fmt::Debug for Nothing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// What stands in a cell: bytes without quotes, a signal or an error by its name alone, and a place by its bytes alone if
/// it is before the first page ends.
fn short(seen: &str) -> String {
    let inside = |start: &str, end: &str| seen.strip_prefix(start)?.strip_suffix(end);
    if let Some(seen) = inside("Some(", ")") {
        return short(seen);
    }
    if let Some(bytes) = inside("\"", "\"").or_else(|| inside("'", "'")) {
        return bytes.replace("\\x00", "\\0");
    }
    let name = inside("KilledBy(", ")").or_else(|| inside("Refused(", ")"));
    let name = name.unwrap_or(seen);
    name.strip_prefix("0 pages + ").unwrap_or(name).to_owned()
}

impl Picture {
    /// A picture without rows.
    pub fn of(observers: &[&'static str]) -> Picture {
        Picture {
            observers: observers.to_vec(),
            rows: Vec::new(),
        }
    }

    /// With another row: what each observer saw after `act`, in few words.
    pub fn row(mut self, act: &'static str, seen: &[&dyn fmt::Debug]) -> Picture {
        let cells = seen.iter().enumerate().map(|(column, seen)| {
            let seen = format!("{seen:?}");
            let seen = short(&seen);
            let above = self
                .rows
                .iter()
                .rev()
                .filter_map(|row| row.cells.get(column));
            let above = above
                .map(|cell| cell.seen.as_str())
                .find(|above| !above.is_empty());
            let changed = !seen.is_empty() && above.is_some_and(|above| above != seen);
            Cell {
                seen: seen.to_owned(),
                changed,
            }
        });
        let cells = cells.collect();
        self.rows.push(Row { act, cells });
        self
    }

    /// Without marks at these observers: what they saw are answers, each for itself, and nothing that an act changes.
    pub fn unmarked(mut self, observers: &[&str]) -> Picture {
        for row in &mut self.rows {
            for (cell, observer) in row.cells.iter_mut().zip(&self.observers) {
                cell.changed &= !observers.contains(observer);
            }
        }
        self
    }

    /// Whether something is marked.
    pub fn marks(&self) -> bool {
        let mut cells = self.rows.iter().flat_map(|row| &row.cells);
        cells.any(|cell| cell.changed)
    }

    /// With texts cut down to the words in which they differ.
    pub fn cut(mut self) -> Picture {
        let cells = || {
            self.rows
                .iter()
                .flat_map(|row| &row.cells)
                .map(|cell| cell.seen.as_str())
        };
        let shown: Vec<&str> = cells().filter(|seen| !seen.is_empty()).collect();
        let Some((first, others)) = shown.split_first() else {
            return self;
        };
        let same = |one: &mut dyn Iterator<Item = char>, other: &mut dyn Iterator<Item = char>| {
            one.zip(other)
                .take_while(|(one, other)| one == other)
                .count()
        };
        let length = |reversed: bool| {
            let lengths = others.iter().map(|other| match reversed {
                false => same(&mut first.chars(), &mut other.chars()),
                true => same(&mut first.chars().rev(), &mut other.chars().rev()),
            });
            lengths.min().unwrap_or_default()
        };
        let (start, end) = (length(false), length(true));
        if start >= first.chars().count() {
            return self;
        }
        let head: String = first.chars().take(start).collect();
        let tail: String = first.chars().skip(first.chars().count() - end).collect();
        let start = head.rfind(' ').map_or(0, |space| space + 1);
        let end = tail.find(' ').map_or(0, |space| tail.len() - space);
        for cell in self.rows.iter_mut().flat_map(|row| &mut row.cells) {
            if let Some(middle) = cell.seen.get(start..cell.seen.len().saturating_sub(end)) {
                cell.seen = middle.to_owned();
            }
        }
        self
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let acts = self
            .rows
            .iter()
            .map(|row| row.act.len())
            .max()
            .unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.cells.get(column));
            let cells = cells.map(|cell| cell.seen.chars().count() + 2 * usize::from(cell.changed));
            let name = self.observers.get(column).map_or(0, |name| name.len());
            cells.chain([name]).max().unwrap_or_default()
        };
        let line = |act: &str, cells: &mut dyn Iterator<Item = String>| {
            let mut line = format!("  {act:<acts$}");
            for (column, cell) in cells.enumerate() {
                line += &format!("  {cell:<width$}", width = width(column));
            }
            line.trim_end().to_owned()
        };
        let head = line(
            "",
            &mut self.observers.iter().map(|name| (*name).to_owned()),
        );
        write!(f, "{head}")?;
        for row in &self.rows {
            let mut cells = row.cells.iter().map(|cell| match cell.changed {
                true => format!("{} *", cell.seen),
                false => cell.seen.clone(),
            });
            write!(f, "\n{}", line(row.act, &mut cells))?;
        }
        Ok(())
    }
}
