use std::fs;
use std::io;

use mmap_by_example::search;

use crate::{approve, lorem};

#[test]
fn a_regular_expression_runs_over_the_mapped_bytes() -> io::Result<()> {
    let seen = search::a_regular_expression_runs_over_the_mapped_bytes(&lorem())?;
    let file = fs::read(lorem())?;
    for found in &seen {
        let bytes = &file[found.offset..found.offset + found.text.0.len()];
        assert_eq!(bytes, found.text.0, "the match stands at its offset in the file");
        assert!(bytes.to_ascii_lowercase().windows(5).any(|word| word == b"nulla"), "and holds the word");
    }
    assert!(seen[1].text.0.starts_with(b"\n"), "the byte before the word belongs to the match");
    assert!(seen[2].text.0.starts_with(b" "), "even where the sentence before it matched too");
    assert!(seen[0].text.0.starts_with(b"Nulla"), "but not where the first group took it");
    approve!(seen);
    Ok(())
}
