//! Pictures of the lessons in `copy`.

use std::fmt;

use crate::copy::OverReadOnlyHandle;
#[cfg(target_os = "linux")]
use crate::copy::{Copies, DroppedPages};
use crate::copy::{EditInPrivate, LaterWrite, PrivateEdit};
use crate::lab::observation::Sides;
use crate::lab::picture::{NOTHING, Picture};

pub fn an_edit_never_reaches_the_file(seen: &PrivateEdit) -> Picture {
    let PrivateEdit {
        before,
        after,
        after_flush,
        file_after_unmap,
        ..
    } = seen;
    Picture::of(&["memory", "file"])
        .row("map_copy(&file)", &[&before.memory, &before.file])
        .row("map[word].reverse()", &[&after.memory, &after.file])
        .row("map.flush()", &[&after_flush.memory, &after_flush.file])
        .row("drop(map)", &[NOTHING, file_after_unmap])
        .cut()
}

pub fn an_edit_is_seen_by_nobody_else(seen: &EditInPrivate) -> Picture {
    let mut picture = Picture::of(&["this map", "other private", "shared map", "file"]);
    for (act, views) in [
        ("map_copy(&file)", &seen.before),
        ("map.store(0, b'_')", &seen.after),
    ] {
        let (this, other) = (&views.this_map, &views.another_private_map);
        picture = picture.row(act, &[this, other, &views.shared_map, &views.file]);
    }
    picture.cut()
}

pub fn a_read_only_handle_is_enough(seen: &OverReadOnlyHandle) -> Picture {
    let edited = seen.after_edit.as_ref();
    let [memory, file]: [&dyn fmt::Debug; 2] =
        edited.map_or([NOTHING; 2], |sides| [&sides.memory, &sides.file]);
    Picture::of(&["answer", "memory", "file"])
        .row(
            "map_copy(&file)",
            &[&seen.private_writable, NOTHING, NOTHING],
        )
        .row(".map(&file)", &[&seen.shared_read_only, NOTHING, NOTHING])
        .row("map_mut(&file)", &[&seen.shared_writable, NOTHING, NOTHING])
        .row(
            "file.write_at(b\"_\", 0)",
            &[&seen.write_to_the_file, NOTHING, NOTHING],
        )
        .row("map[..5].make_ascii_uppercase()", &[NOTHING, memory, file])
        .unmarked(&["answer"])
}

pub fn a_later_write_reaches_only_pages_not_edited(seen: &LaterWrite) -> Picture {
    let page = |sides: &Sides| sides.memory.clone();
    Picture::of(&["edited", "only read", "file"])
        .row(
            "map_copy(&file)",
            &[&page(&seen.edited_at_first), NOTHING, NOTHING],
        )
        .row(
            "map.store(0, b'E')",
            &[
                &page(&seen.edited_before),
                &page(&seen.read_before),
                NOTHING,
            ],
        )
        .row(
            "file.write_all_at(b\"W\", ..)",
            &[
                &page(&seen.edited_after),
                &page(&seen.read_after),
                &seen.edited_after.file,
            ],
        )
}

#[cfg(target_os = "linux")]
pub fn copying_goes_page_by_page(seen: &Copies) -> Picture {
    let mut picture = Picture::of(&["copied pages", "second page", "file"]);
    for (act, copied) in [
        ("map.iter().step_by(page)", &seen.after_reading_all),
        ("map[page] = b'1'", &seen.after_one_store),
        ("map[page + 1] = b'2'", &seen.after_another_in_the_same_page),
        ("map[3 * page] = b'3'", &seen.after_one_in_another_page),
    ] {
        let second = &copied.second_page;
        picture = picture.row(act, &[&copied.pages, &second.memory, &second.file]);
    }
    picture
}

#[cfg(target_os = "linux")]
pub fn dropped_pages_forget_their_edits(seen: &DroppedPages) -> Picture {
    Picture::of(&["memory", "file"])
        .row("map_copy(&file)", &[&seen.before.memory, &seen.before.file])
        .row(
            "map.store(0, b'_')",
            &[&seen.after_edit.memory, &seen.after_edit.file],
        )
        .row(
            "UncheckedAdvice::DontNeed",
            &[&seen.after_dropping.memory, &seen.after_dropping.file],
        )
}
