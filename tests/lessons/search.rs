use std::fs;
use std::io;

#[cfg(unix)]
use mmap_by_example::observation::Place;
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

#[test]
fn the_first_and_the_last_are_found_nul_bytes_and_all() -> io::Result<()> {
    let seen = search::the_first_and_the_last_are_found_nul_bytes_and_all()?;
    assert_eq!(seen.first, Some(0));
    assert_eq!(seen.last, Some(12), "the search goes on behind a NUL byte");
    assert_eq!(seen.behind_nul, Some(11), "which may be part of the pattern");
    assert_eq!(seen.absent, None);
    assert_eq!(seen.empty, Some(0));
    approve!(seen);
    Ok(())
}

#[cfg(unix)]
#[test]
fn positions_count_from_the_start_of_the_map() -> io::Result<()> {
    let seen = search::positions_count_from_the_start_of_the_map()?;
    assert_eq!(seen.in_the_whole_map, Some(Place { pages: 1, bytes: 12 }), "where it is in the file");
    assert_eq!(seen.in_a_map_with_an_offset, Some(Place { pages: 0, bytes: 7 }), "less the offset");
    assert_eq!(seen.in_a_slice, Some(Place { pages: 0, bytes: 12 }), "less the start of the slice");
    approve!(seen);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_match_may_cross_a_page_boundary() -> io::Result<()> {
    let seen = search::a_match_may_cross_a_page_boundary()?;
    assert_eq!(seen.start, Place { pages: 1, bytes: -3 }, "it begins before the boundary");
    assert_eq!(seen.end, Place { pages: 1, bytes: 3 }, "and ends behind it");
    assert_eq!(seen.text, "foobar", "in one piece");
    approve!(seen);
    Ok(())
}

#[test]
fn bytes_need_not_be_utf8() -> io::Result<()> {
    let seen = search::bytes_need_not_be_utf8()?;
    assert_eq!(seen.valid_up_to, Some(1), "it is no text");
    assert_eq!(seen.byte_dot.as_ref().map(|text| &text.0[..]), Some(&b"a\xffb"[..]), "a byte dot takes any byte");
    assert_eq!(seen.unicode_dot.as_ref().map(|text| &text.0[..]), Some("a\u{e9}b".as_bytes()), "a character is more");
    assert_eq!(seen.two_byte_dots, seen.unicode_dot, "it is two bytes here");
    approve!(seen);
    Ok(())
}
