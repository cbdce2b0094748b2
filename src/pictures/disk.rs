//! Pictures of the lessons in `disk`.

use crate::disk::{Flushed, FreePages, FullDisk, Hole, LeftDirty, OutOfOrder, Watched};
use crate::lab::picture::{NOTHING, Picture};

pub fn a_flush_writes_back_and_an_asynchronous_one_does_not(seen: &Flushed) -> Picture {
    let (memory, file) = (&seen.after.memory, &seen.after.file);
    Picture::of(&["dirty pages", "memory", "file"])
        .row("map.look(0..1)", &[&seen.dirty_before, NOTHING, NOTHING])
        .row(
            "map.store(0, b'!')",
            &[&seen.dirty_after_store, NOTHING, NOTHING],
        )
        .row(
            "map.flush_async()",
            &[&seen.dirty_after_flush_async, NOTHING, NOTHING],
        )
        .row("map.flush()", &[&seen.dirty_after_flush, memory, file])
}

pub fn sync_all_writes_back_what_a_dropped_map_has_left(seen: &LeftDirty) -> Picture {
    Picture::of(&["dirty pages", "maps", "file"])
        .row("let before = dirty()?", &[&seen.before, NOTHING, NOTHING])
        .row(
            "drop(map)",
            &[&seen.after_drop, &seen.maps_after_drop, NOTHING],
        )
        .row(".sync_all()", &[&seen.after_sync_all, NOTHING, &seen.file])
}

pub fn a_later_store_may_be_on_the_disk_before_an_earlier_one(seen: &OutOfOrder) -> Picture {
    let [data_between, header_between] = &seen.dirty_between;
    let [data_before, header_before] = &seen.dirty_before;
    let [data_after, header_after] = &seen.dirty_after;
    Picture::of(&["dirty pages of data", "of the header"])
        .row("data.store(0, b'1')", &[data_between, header_between])
        .row("header.store(0, b'2')", &[data_before, header_before])
        .row("header.flush()", &[data_after, header_after])
}

pub fn a_store_into_a_hole_takes_room(seen: &Hole) -> Picture {
    let (memory, file) = (&seen.after.memory, &seen.after.file);
    Picture::of(&["takes room", "in memory", "memory", "file"])
        .row(
            ".set_len(3 * page as u64)",
            &[&seen.takes_room_before, NOTHING, NOTHING, NOTHING],
        )
        .row(
            "map.look(first..first + 3)",
            &[
                &seen.takes_room_after_look,
                &seen.resident_after_look,
                NOTHING,
                NOTHING,
            ],
        )
        .row(
            "map.store(page, b'!')",
            &[&seen.takes_room_after_store, NOTHING, memory, file],
        )
}

pub fn a_store_into_a_hole_of_a_full_disk_kills(seen: &FullDisk) -> Picture {
    let mut picture = Picture::of(&["how it ended", "stores in the file", "answer"]);
    let stores = [
        ("store(4)", &seen.store_into_four),
        ("store(5)", &seen.store_into_five),
    ];
    for (act, (outcome, [_, stores])) in stores {
        picture = picture.row(act, &[outcome, stores, NOTHING]);
    }
    picture
        .row(
            ".advise(Advice::PopulateWrite)",
            &[NOTHING, NOTHING, &seen.populate_five],
        )
        .row(
            "reserve(map_hole(disk, 5)?.1)",
            &[NOTHING, NOTHING, &seen.reserve_five],
        )
        .unmarked(&["how it ended", "stores in the file", "answer"])
}

pub fn a_removed_file_keeps_its_room_until_its_last_map_is_gone(seen: &FreePages) -> Picture {
    Picture::of(&["free pages", "names"])
        .row("note(0, disk.free_pages()?)", &[&seen.at_first, NOTHING])
        .row(
            ".add(page_size())",
            &[&seen.after_two_were_stored_to, NOTHING],
        )
        .row(
            "disk.remove()",
            &[&seen.after_the_name_was_removed, &seen.names_then],
        )
        .row("drop(file)", &[&seen.after_the_handle_was_closed, NOTHING])
        .row("drop(map)", &[&seen.after_the_map_was_dropped, NOTHING])
}

pub fn what_watches_a_file_is_told_of_no_store(seen: &Watched) -> Picture {
    Picture::of(&["file", "events"])
        .row(
            "map.store(0, b'!')",
            &[&seen.after_store, &seen.events_of_the_store],
        )
        .row("map.flush()", &[NOTHING, &seen.events_of_the_flush])
        .row(
            "file.set_modified(..)",
            &[NOTHING, &seen.is_told_of_a_new_time],
        )
        .row(
            "file.write_at(b\"?\", 1)",
            &[&seen.after_write, &seen.events_of_a_write],
        )
        .row("drop(map)", &[NOTHING, &seen.events_of_the_unmapping])
}
