//! Pictures of the lessons in `search`.

use crate::lab::picture::{NOTHING, Picture};
use crate::search::Positions;
use crate::search::{Dots, InPlace, Occurrences};

pub fn a_match_is_a_slice_of_the_map(seen: &InPlace) -> Picture {
    Picture::of(&["bytes into the map", "text"])
        .row("pattern.find(&map)", &[NOTHING, &seen.text])
        .row("found.start()", &[&seen.offset, NOTHING])
        .row(
            "offset_in(&map, found.as_bytes())",
            &[&seen.bytes_after_the_start_of_the_map, NOTHING],
        )
        .unmarked(&["bytes into the map"])
}

pub fn the_first_and_the_last_are_found_nul_bytes_and_all(seen: &Occurrences) -> Picture {
    Picture::of(&["bytes", "found at"])
        .row("map[..]", &[&seen.searched, NOTHING])
        .row("find(\"foo\")", &[NOTHING, &seen.first.at])
        .row("rfind(|bytes| bytes == b\"foo\")", &[NOTHING, &seen.last])
        .row("find(\"bar\")", &[NOTHING, &seen.first_after_a_nul_byte.at])
        .row("find(r\"\\x00foo\")", &[NOTHING, &seen.with_a_nul_byte.at])
        .row("find(\"baz\")", &[NOTHING, &seen.absent.at])
        .row("find(\"\")", &[NOTHING, &seen.empty.at])
        .unmarked(&["found at"])
}

pub fn positions_count_from_the_start_of_the_map(seen: &Positions) -> Picture {
    Picture::of(&["found at"])
        .row("find(&std::fs::read(&sample) ..)", &[&seen.in_the_file])
        .row("find(&whole)", &[&seen.in_the_whole_map])
        .row("find(&whole[page..])", &[&seen.in_a_slice])
        .row("find(&window)", &[&seen.in_a_map_with_an_offset])
        .unmarked(&["found at"])
}

pub fn bytes_need_not_be_utf8(seen: &Dots) -> Picture {
    Picture::of(&["bytes", "UTF-8 up to", "found"])
        .row("map[..]", &[&seen.searched, NOTHING, NOTHING])
        .row(
            "str::from_utf8(&map)",
            &[NOTHING, &seen.not_utf8_at, NOTHING],
        )
        .row(
            "find(\"a.b\")",
            &[NOTHING, NOTHING, &seen.unicode_dot.first_match],
        )
        .row(
            "find(\"(?-u)a.b\")",
            &[NOTHING, NOTHING, &seen.byte_dot.first_match],
        )
        .row(
            "find(\"(?-u)a..b\")",
            &[NOTHING, NOTHING, &seen.two_byte_dots.first_match],
        )
        .unmarked(&["found"])
}
