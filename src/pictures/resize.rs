//! Pictures of the lessons in `resize`.

use crate::lab::picture::{NOTHING, Picture};
use crate::resize::Lengthened;
#[cfg(target_os = "linux")]
use crate::resize::{Growing, GrownAnonymous, GrownPrivate, Hemmed, PastTheEnd, Shrunk};

#[cfg(target_os = "linux")]
pub fn grow_the_file_then_the_map(seen: &Growing) -> Picture {
    let (before, file, map) = (
        &seen.before,
        &seen.after_growing_the_file,
        &seen.after_growing_the_map,
    );
    Picture::of(&["map ends", "memory", "file"])
        .row(
            "MmapRaw::map_raw(&file)",
            &[NOTHING, &before.memory, &before.file],
        )
        .row(
            "file.write_all_at(&vec![b'b'; page], ..)",
            &[
                &seen.length_after_growing_the_file,
                &file.memory,
                &file.file,
            ],
        )
        .row(
            "map.remap(2 * page, ..)",
            &[&seen.length_after_growing_the_map, &map.memory, &map.file],
        )
}

pub fn grow_the_file_then_store(seen: &Lengthened) -> Picture {
    let (before, after) = (&seen.before, &seen.after);
    Picture::of(&["file ends", "store", "memory", "file"])
        .row(
            ".len(2 * page).map_raw(&file)",
            &[NOTHING, NOTHING, NOTHING, NOTHING],
        )
        .row(
            "store(&map)",
            &[&seen.length_before, &seen.store_before, NOTHING, NOTHING],
        )
        .row(
            "file.set_len(2 * page as u64)",
            &[&seen.length_after, NOTHING, NOTHING, NOTHING],
        )
        .row(
            "MmapRaw::map_raw(&file)",
            &[NOTHING, NOTHING, &before.memory, &before.file],
        )
        .row(
            "store(&map)",
            &[NOTHING, &seen.store_after, &after.memory, &after.file],
        )
}

#[cfg(target_os = "linux")]
pub fn shrinking_a_map_leaves_the_file_alone(seen: &Shrunk) -> Picture {
    Picture::of(&["a read of page 3", "map ends", "file ends"])
        .row(
            "touch_the_third_page_of(3 * page)",
            &[&seen.third_page_before, NOTHING, NOTHING],
        )
        .row(
            "touch_the_third_page_of(page)",
            &[&seen.third_page_after, NOTHING, NOTHING],
        )
        .row(
            "map.remap(page, ..)",
            &[NOTHING, &seen.map_length, &seen.file_length],
        )
}

#[cfg(target_os = "linux")]
pub fn a_map_grows_in_place_only_where_there_is_room(seen: &Hemmed) -> Picture {
    Picture::of(&["answer", "map ends", "the old address"])
        .row(
            "RemapOptions::new()",
            &[
                &seen.in_place,
                &seen.length_then,
                &seen.old_address_if_in_place,
            ],
        )
        .row(
            "RemapOptions::new().may_move(true)",
            &[&seen.may_move, &seen.length_now, &seen.old_address_if_moved],
        )
        .unmarked(&["answer"])
}

#[cfg(target_os = "linux")]
pub fn a_map_may_grow_past_the_end_of_the_file(seen: &PastTheEnd) -> Picture {
    Picture::of(&["map ends", "file ends", "a read"])
        .row(
            "MmapRaw::map_raw(&file)",
            &[&seen.length_before, NOTHING, NOTHING],
        )
        .row(
            "map.remap(2 * page, ..)",
            &[&seen.length_after, &seen.file_length, NOTHING],
        )
        .row(
            "touch(page - 1)",
            &[NOTHING, NOTHING, &seen.last_byte_of_the_first_page],
        )
        .row("touch(page)", &[NOTHING, NOTHING, &seen.second_page])
        .unmarked(&["a read"])
}

#[cfg(target_os = "linux")]
pub fn a_private_map_grows_with_its_edits(seen: &GrownPrivate) -> Picture {
    let (before, after, edited) = (&seen.before, &seen.after, &seen.after_another_edit);
    Picture::of(&["memory", "file", "copied pages"])
        .row(
            "map.store(page - 1, b'E')",
            &[&before.memory, &before.file, NOTHING],
        )
        .row(
            "map.remap(2 * page, ..)",
            &[&after.memory, &after.file, &seen.copies],
        )
        .row(
            "map.store(page, b'N')",
            &[&edited.memory, &edited.file, NOTHING],
        )
}

#[cfg(target_os = "linux")]
pub fn shared_anonymous_memory_does_not_grow_with_its_map(seen: &GrownAnonymous) -> Picture {
    let observers = ["remap", "map ends", "first page", "second page"];
    let mut picture = Picture::of(&observers);
    for (act, map) in [
        ("grow(shared)", &seen.shared),
        ("grow(private)", &seen.private),
    ] {
        picture = picture.row(
            act,
            &[&map.remap, &map.length, &map.first_page, &map.second_page],
        );
    }
    picture.unmarked(&observers)
}
