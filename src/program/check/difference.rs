//! What was seen beside what was approved, in the fewest lines that tell the difference.

use similar::{ChangeTag, TextDiff};

/// The lines that differ, `-` for what was approved and `+` for what was seen, each below the names of what holds it.
pub fn lines(approved: &str, seen: &str) -> Vec<String> {
    let (approved, seen) = match [approved, seen].map(observation) {
        [old, new] if old == new => (approved, seen),
        // The picture is made from the observation, and would tell the same once more.
        [old, new] => (old, new),
    };
    let diff = TextDiff::from_lines(approved.trim_end(), seen.trim_end());
    let (mut told, mut around): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let line = change.value().trim_end_matches('\n');
        let sign = match change.tag() {
            ChangeTag::Equal => {
                around.retain(|outer| depth(outer) < depth(line));
                around.push(line);
                continue;
            }
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        // The outermost is the name of a type.
        for outer in around.drain(..) {
            let depth_of_outer = depth(outer);
            if depth_of_outer > 0 && depth_of_outer < depth(line) {
                told.push(format!("  {outer}"));
            }
        }
        told.push(format!("{sign} {line}"));
    }
    outdented(told)
}

/// What a lesson shows, without its picture.
fn observation(shown: &str) -> &str {
    let shown = shown.trim_end();
    shown.rsplit_once("\n\n").map_or(shown, |(_, after)| after)
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The lines without the indentation that all of them have after their sign.
fn outdented(lines: Vec<String>) -> Vec<String> {
    let rest = |line: &String| line.get(2..).map_or(0, depth);
    let common = lines.iter().map(rest).min().unwrap_or_default();
    let cut = |line: String| match (line.get(..2), line.get(2 + common..)) {
        (Some(sign), Some(rest)) => format!("{sign}{rest}"),
        _ => line,
    };
    lines.into_iter().map(cut).collect()
}
