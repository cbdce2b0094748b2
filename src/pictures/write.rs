//! Pictures of the lessons in `write`.

use crate::lab::observation::{BeforeAndAfter, Sides};
use crate::lab::picture::{NOTHING, Picture};
use crate::write::{Dropped, Flushed, Others};
use crate::write::{FlushedRange, Replacements};

pub fn a_flushed_edit_is_in_the_file(seen: &BeforeAndAfter<Sides>) -> Picture {
    let (before, after) = (&seen.before, &seen.after);
    Picture::of(&["memory", "file"])
        .row(
            "map_mut(&sample.read_write()?)",
            &[&before.memory, &before.file],
        )
        .row(
            "map[word].reverse(); map.flush()",
            &[&after.memory, &after.file],
        )
        .cut()
}

pub fn an_edit_is_seen_at_once(seen: &BeforeAndAfter<Others>) -> Picture {
    let mut picture = Picture::of(&["same handle", "another handle", "another map"]);
    let acts = ["MmapRaw::map_raw(&file)", "map.store(6, b'_')"];
    for (act, others) in acts.into_iter().zip([&seen.before, &seen.after]) {
        let handles = (&others.same_handle, &others.another_handle);
        picture = picture.row(act, &[handles.0, handles.1, &others.another_map]);
    }
    picture
}

pub fn a_write_to_the_file_is_seen_through_the_map(seen: &BeforeAndAfter<Sides>) -> Picture {
    let mut picture = Picture::of(&["memory", "file"]);
    let acts = [
        "map_raw_read_only(&sample.read_only()?)",
        ".write_all(b\"LOREM\")",
    ];
    for (act, sides) in acts.into_iter().zip([&seen.before, &seen.after]) {
        picture = picture.row(act, &[&sides.memory, &sides.file]);
    }
    picture
}

pub fn dropping_the_map_unflushed_loses_nothing(seen: &Dropped) -> Picture {
    Picture::of(&["memory", "file"])
        .row("map_mut(&file)", &[&seen.before.memory, &seen.before.file])
        .row(
            "map[..5].make_ascii_uppercase()",
            &[&seen.memory_after_edit, NOTHING],
        )
        .row("drop(map)", &[NOTHING, &seen.file_after_drop])
        .row("MmapRaw::map_raw(&file)", &[&seen.new_map_later, NOTHING])
}

pub fn a_flush_changes_nothing_that_a_reader_sees(seen: &Flushed) -> Picture {
    let mut picture = Picture::of(&["memory", "file"]);
    for (act, sides) in [
        ("map_mut(&file)", &seen.before),
        ("map[..5].make_ascii_uppercase()", &seen.after_edit),
        ("map.flush()", &seen.after_flush),
    ] {
        picture = picture.row(act, &[&sides.memory, &sides.file]);
    }
    picture
}

pub fn a_flush_takes_any_range_inside_the_map(seen: &Vec<FlushedRange>) -> Picture {
    let mut picture = Picture::of(&["flush_range", "flush_async_range"]);
    let acts = [
        "flush(0, 2 * page)",
        "flush(1, 5)",
        "flush(page - 1, 2)",
        "flush(0, 2 * page + 1)",
        "flush(2 * page, 1)",
    ];
    for (act, range) in acts.into_iter().zip(seen) {
        picture = picture.row(act, &[&range.flush_range, &range.flush_async_range]);
    }
    picture.unmarked(&["flush_range", "flush_async_range"])
}

pub fn an_edit_in_place_cannot_change_the_length(seen: &Replacements) -> Picture {
    let (before, after_these) = (&seen.before, &seen.after_these);
    let after_that = &seen.after_that;
    Picture::of(&["how it ended", "memory", "file"])
        .row(
            "map_mut(&sample.read_write()?)",
            &[NOTHING, &before.memory, &before.file],
        )
        .row(
            "replace(&mut map, b\"Ipsu\")",
            &[&seen.by_a_shorter_word, NOTHING, NOTHING],
        )
        .row(
            "replace(&mut map, b\"Ipsumm\")",
            &[
                &seen.by_a_longer_word,
                &after_these.memory,
                &after_these.file,
            ],
        )
        .row(
            "replace(&mut map, b\"Ipsum\")",
            &[&seen.by_one_as_long, &after_that.memory, &after_that.file],
        )
        .unmarked(&["how it ended"])
}
