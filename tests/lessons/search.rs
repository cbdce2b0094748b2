use mmap_by_example::lab::observation::Text;
use mmap_by_example::lab::pattern::Pattern;
use mmap_by_example::lab::place::Place;
use mmap_by_example::lab::sample::{LOREM, Sample};

use crate::{documents, lorem, prove};

#[test]
fn a_regular_expression_runs_over_the_mapped_bytes() {
    prove!(
        search::a_regular_expression_runs_over_the_mapped_bytes,
        documents::searching(&lorem()),
        |seen| {
            assert_eq!(seen.len(), 3);
            for found in seen.iter() {
                let bytes = &LOREM[found.offset..found.offset + found.text.0.len()];
                assert_eq!(
                    bytes, found.text.0,
                    "the match stands at its offset in the file"
                );
                let mut words = bytes.windows(5);
                assert!(
                    words.any(|word| word.eq_ignore_ascii_case(b"nulla")),
                    "and holds the word"
                );
            }
            assert!(
                seen[1].text.0.starts_with(b"\n"),
                "the byte before the word belongs to the match"
            );
            assert!(
                seen[2].text.0.starts_with(b" "),
                "even where the sentence before it matched too"
            );
            assert!(
                seen[0].text.0.starts_with(b"Nulla"),
                "but not where the first group took it"
            );
            let far = [vec![b'-'; 100_000], b"nulla.".to_vec()].concat();
            let far = Sample::of(&far).and_then(|far| documents::searching(far.path()));
            assert_eq!(far.expect("a match").len(), 1, "however far it is");
            documents::with_a_file_larger_than_memory(|large| {
                // It can match at the start only, and nothing else is looked at.
                let pattern = Pattern::new(r"\A\x00{3}")?;
                let seen = documents::searching_for(&pattern, large)?;
                assert_eq!(seen.len(), 1, "the file is mapped and not copied");
                Ok(())
            });
        }
    );
}

#[test]
fn a_match_is_a_slice_of_the_map() {
    prove!(search::a_match_is_a_slice_of_the_map(), |seen| {
        assert_eq!(seen.offset, 12);
        assert_eq!(
            seen.bytes_after_the_start_of_the_map,
            Some(seen.offset),
            "its address is inside the map, at its offset"
        );
        assert_eq!(seen.text, "dolor sit");
    });
}

#[test]
fn the_first_and_the_last_are_found_nul_bytes_and_all() {
    prove!(
        search::the_first_and_the_last_are_found_nul_bytes_and_all(),
        |seen| {
            assert_eq!(seen.searched, "foo\0bar xfoo\0foo yfoo");
            assert_eq!(seen.last, Some(18));
            for (found, pattern, at, why) in [
                (&seen.first, "foo", Some(0), "the first is at the start"),
                (
                    &seen.first_after_a_nul_byte,
                    "bar",
                    Some(4),
                    "the search goes on after a NUL byte",
                ),
                (
                    &seen.with_a_nul_byte,
                    r"\x00foo",
                    Some(12),
                    "which may be part of the pattern",
                ),
                (&seen.absent, "baz", None, "there is none"),
                (
                    &seen.empty,
                    "",
                    Some(0),
                    "the empty pattern matches at once",
                ),
            ] {
                assert_eq!(found.pattern, pattern);
                assert_eq!(found.at, at, "{why}");
            }
        }
    );
}

#[test]
fn positions_count_from_the_start_of_the_map() {
    let place = |pages, bytes| Some(Place { pages, bytes });
    prove!(
        search::positions_count_from_the_start_of_the_map(),
        |seen| {
            assert_eq!(seen.in_the_file, place(1, 12));
            assert_eq!(
                seen.in_the_whole_map, seen.in_the_file,
                "a whole map begins where the file does"
            );
            assert_eq!(
                seen.in_a_map_with_an_offset,
                place(0, 7),
                "less the offset, a page and five bytes"
            );
            assert_eq!(
                seen.in_a_slice,
                place(0, 12),
                "less the start of the slice, a page"
            );
        }
    );
}

#[test]
fn a_match_may_cross_a_page_boundary() {
    let place = |pages, bytes| Place { pages, bytes };
    prove!(search::a_match_may_cross_a_page_boundary(), |seen| {
        assert_eq!(seen.start, place(1, -3), "it begins before the boundary");
        assert_eq!(seen.end, place(1, 3), "and ends past it");
        assert!(seen.is_in_the_map);
        assert_eq!(seen.text, "foobar", "in one piece");
    });
}

#[test]
fn bytes_need_not_be_utf8() {
    let text = |bytes: &[u8]| Some(Text::from(bytes));
    prove!(search::bytes_need_not_be_utf8(), |seen| {
        assert_eq!(seen.searched.0, b"a\xffb a\xc3\xa9b");
        assert_eq!(seen.not_utf8_at, Some(1), "it is no text");
        for (found, pattern, first_match, why) in [
            (
                &seen.byte_dot,
                "(?-u)a.b",
                text(b"a\xffb"),
                "a dot that is a byte matches any byte",
            ),
            (
                &seen.unicode_dot,
                "a.b",
                text(b"a\xc3\xa9b"),
                "a dot that is a character passes over the byte that is none",
            ),
            (
                &seen.two_byte_dots,
                "(?-u)a..b",
                text(b"a\xc3\xa9b"),
                "that character is two bytes",
            ),
        ] {
            assert_eq!(found.pattern, pattern);
            assert_eq!(found.first_match, first_match, "{why}");
        }
    });
}
