//! Pictures of the lessons in `recipes`.

#[cfg(unix)]
use std::fmt;

use crate::lab::picture::{NOTHING, Picture};
use crate::recipes::CheckedOnce;
#[cfg(unix)]
use crate::recipes::{Appended, Counted, FaultAsError};
#[cfg(target_os = "linux")]
use crate::recipes::{Costs, Reader, Replaced};

#[cfg(target_os = "linux")]
pub fn a_file_is_replaced_by_renaming(seen: &Replaced) -> Picture {
    let (before, after) = (&seen.readers.before, &seen.readers.after);
    let events = format!("[{}]", seen.happened_to_the_name.join(", "));
    let mut picture = Picture::of(&["old map", "second page", "opened now", "its name"]);
    let rows: [(_, &Reader, &dyn fmt::Debug); 2] = [
        ("let before", before, NOTHING),
        ("fs::rename(..)", after, &events),
    ];
    for (act, reader, events) in rows {
        let (old, page) = (&reader.old_map, &reader.its_second_page);
        picture = picture.row(act, &[old, page, &reader.opened_now, events]);
    }
    picture
}

#[cfg(unix)]
pub fn a_file_is_appended_to_by_writing(seen: &Appended) -> Picture {
    let (before, after) = (&seen.before, &seen.after);
    Picture::of(&["old map", "file", "new map"])
        .row("longer.flush()", &[&before.memory, &before.file, NOTHING])
        .row(
            "appending.write_all(b\"two\\n\")",
            &[&after.memory, &after.file, &seen.mapped_again],
        )
}

pub fn text_checked_once_is_not_text_for_good(seen: &CheckedOnce) -> Picture {
    let (before, after, copy) = (&seen.before, &seen.after, &seen.copy_after);
    Picture::of(&["map", "text?", "copy", "text?", "file"])
        .row(
            "let before",
            &[&before.bytes, &before.is_text, NOTHING, NOTHING, NOTHING],
        )
        .row(
            "store(2, 0xff)",
            &[
                &after.bytes,
                &after.is_text,
                &copy.bytes,
                &copy.is_text,
                &seen.file_after,
            ],
        )
}

#[cfg(unix)]
pub fn counting_through_two_maps_takes_atomics(seen: &Counted) -> Picture {
    let mut picture = Picture::of(&["other found", "one found", "in the file"]);
    for (act, count) in [
        ("number.store(found + 1, ..)", &seen.by_load_and_store),
        ("number.fetch_add(1, ..)", &seen.by_fetch_add),
    ] {
        let file: &dyn fmt::Debug = match &count.in_the_file {
            Some(number) => number,
            None => &count.in_the_file,
        };
        picture = picture.row(act, &[&count.other_found, &count.one_found, file]);
    }
    picture
}

#[cfg(unix)]
pub fn a_fault_is_turned_into_an_error(seen: &FaultAsError) -> Picture {
    let [first, second, third] = seen.looks.each_ref().map(|look| match look {
        Ok(bytes) => bytes as &dyn fmt::Debug,
        Err(error) => error,
    });
    Picture::of(&["how it ended", "page 1", "page 2", "page 3"])
        .row(
            "|| look_at_all(&map, &notes)",
            &[&seen.unguarded, NOTHING, NOTHING, NOTHING],
        )
        .row("guard(&map)", &[&seen.guarded, first, second, third])
        .row(
            "child::read(another_map ..)",
            &[&seen.elsewhere, NOTHING, NOTHING, NOTHING],
        )
}

#[cfg(target_os = "linux")]
pub fn a_map_costs_faults_and_reading_costs_calls(seen: &Costs) -> Picture {
    let mut picture = Picture::of(&["faults", "calls that read"]);
    for (act, cost) in [
        ("Mmap::map(&file.read_only()?)", &seen.files_by_map),
        (".read_exact(&mut byte)", &seen.files_by_reading),
        ("Mmap::map(&one_file)", &seen.looks_by_map),
        (".read_exact_at(&mut byte, at)", &seen.looks_by_reading),
    ] {
        picture = picture.row(act, &[&cost.faults, &cost.reads]);
    }
    picture
}
