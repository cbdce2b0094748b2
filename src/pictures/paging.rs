//! Pictures of the lessons in `paging`.

use crate::lab::picture::{NOTHING, Picture};
#[cfg(target_pointer_width = "64")]
use crate::paging::Tebibyte;
use crate::paging::{
    Cached, Counted, Dropped, DroppedShared, Growths, Hints, LockedPages, OnlyRead, Populated,
    Punched, Residency, Stopped,
};

pub fn nothing_is_resident_until_touched(seen: &Residency) -> Picture {
    let mut picture = Picture::of(&["in memory", "third page"])
        .row("MmapMut::map_anon(8 * page)", &[&seen.untouched, NOTHING]);
    for (act, touched) in [
        ("map[2 * page] = b'1'", &seen.after_one_store),
        (
            "map[2 * page + 1] = b'2'",
            &seen.after_another_in_the_same_page,
        ),
        ("map[5 * page] = b'3'", &seen.after_one_in_another_page),
    ] {
        picture = picture.row(act, &[&touched.resident, &touched.third_page]);
    }
    picture
}

pub fn reading_untouched_memory_costs_no_page(seen: &OnlyRead) -> Picture {
    Picture::of(&["in memory", "its own"])
        .row(
            "map_anon(8 * page_size())",
            &[&seen.resident_before, NOTHING],
        )
        .row(
            "map.look(0..8 * page_size())",
            &[&seen.resident_after_reading, &seen.own_after_reading],
        )
        .row("map[0] = b'1'", &[NOTHING, &seen.own_after_a_store])
}

pub fn populate_takes_the_faults_up_front(seen: &Populated) -> Picture {
    let at_least = match seen.plain_faults_on_every_page {
        true => "at least one a page",
        false => "fewer",
    };
    let again = &seen.faults_the_second_time;
    Picture::of(&["in memory at first", "faults", "second time"])
        .row("let plain", &[&seen.plain_resident, &at_least, again])
        .row(
            "let populated",
            &[&seen.populated_resident, &seen.populated_faults, NOTHING],
        )
}

pub fn a_fault_stops_its_thread_until_the_page_is_there(seen: &Stopped) -> Picture {
    Picture::of(&["the thread sleeps", "the task found", "the next is done"])
        .row(
            "map.look(0..1)",
            &[
                &seen.thread_sleeps,
                NOTHING,
                &seen.next_task_is_done_meanwhile,
            ],
        )
        .row(
            "pages.bring(b'!', ..)",
            &[
                NOTHING,
                &seen.first_task_found,
                &seen.next_task_is_done_then,
            ],
        )
}

pub fn a_hint_never_changes_a_byte(seen: &Hints) -> Picture {
    let pages = seen.given.last().map_or("", |last| last.pages.as_str());
    let mut picture = Picture::of(&["memory", "file", "pages: P own, f file's"]);
    let rows: [(_, _, &dyn std::fmt::Debug); 3] = [
        ("copy_from_slice(b\"Lorem\")", &seen.before, NOTHING),
        ("map.advise(advice)", &seen.after, &pages),
        ("UncheckedAdvice::DontNeed", &seen.after_dont_need, NOTHING),
    ];
    for (act, sides, pages) in rows {
        picture = picture.row(act, &[&sides.memory, &sides.file, pages]);
    }
    picture
}

pub fn dropped_anonymous_pages_come_back_as_zeros(seen: &Dropped) -> Picture {
    let mut picture = Picture::of(&["in memory", "zeros in page 1", "page 2", "page 3"]);
    for (act, pages, [first, second, third]) in [
        ("map.fill(b'x')", &seen.resident_before, &seen.zeros_before),
        (
            "DontNeed, named.start, ..)",
            &seen.resident_after,
            &seen.zeros_after,
        ),
    ] {
        picture = picture.row(act, &[pages, first, second, third]);
    }
    picture
}

pub fn dropped_pages_of_a_shared_map_lose_nothing(seen: &DroppedShared) -> Picture {
    let (before, after) = (&seen.before, &seen.after_dropping);
    Picture::of(&["memory", "file", "in memory"])
        .row(
            "let before = look()?",
            &[&before.memory, &before.file, NOTHING],
        )
        .row(
            "map.store(at, b'!')",
            &[NOTHING, NOTHING, &seen.resident_after_edit],
        )
        .row(
            "UncheckedAdvice::DontNeed",
            &[NOTHING, NOTHING, &seen.resident_after_dropping],
        )
        .row(
            "after_dropping: look()?",
            &[&after.memory, &after.file, NOTHING],
        )
}

pub fn a_hole_punched_through_a_map_reads_as_zeros(seen: &Punched) -> Picture {
    let mut picture = Picture::of(&["memory", "file", "the file's first hole"]);
    for (act, sides, hole) in [
        (
            "MmapRaw::map_raw(..)",
            &seen.start_before,
            &seen.hole_before,
        ),
        (
            "UncheckedAdvice::Remove",
            &seen.start_after,
            &seen.hole_after,
        ),
    ] {
        picture = picture.row(act, &[&sides.memory, &sides.file, hole]);
    }
    picture
}

pub fn locked_pages_are_resident_and_locks_do_not_stack(seen: &LockedPages) -> Picture {
    let mut picture = Picture::of(&["answer", "locked pages", "in memory"]);
    picture = picture.row(
        "MmapRaw::map_raw(&file)",
        &[NOTHING, NOTHING, &seen.resident_before],
    );
    for (index, (answer, locked)) in seen.locks.iter().enumerate() {
        let last = index + 1 == seen.locks.len();
        let pages: &dyn std::fmt::Debug = if last { &seen.resident_locked } else { NOTHING };
        picture = picture.row("map.lock()", &[answer, locked, pages]);
    }
    for (answer, locked) in &seen.unlocks {
        picture = picture.row("map.unlock()", &[answer, locked, NOTHING]);
    }
    picture.row(
        "two_bytes.lock()",
        &[NOTHING, &seen.pages_locked_for_two_bytes, NOTHING],
    )
}

#[cfg(target_pointer_width = "64")]
pub fn a_tebibyte_is_mapped_whole(seen: &Tebibyte) -> Picture {
    Picture::of(&["first page", "pages in the middle", "last page"]).row(
        "map.look(LENGTH - 1..LENGTH)",
        &[
            &seen.first_page_resident,
            &seen.middle_pages_resident,
            &seen.last_page_resident,
        ],
    )
}

pub fn private_memory_is_counted_and_shared_maps_of_files_are_not(seen: &Counted) -> Picture {
    Picture::of(&["answer"])
        .row("options.map_raw(&file)", &[&seen.shared])
        .row(".map_copy_read_only(&file)", &[&seen.private_read_only])
        .row("options.map_copy(&file)", &[&seen.private])
        .row("options.map_anon()", &[&seen.anonymous])
        .row(".no_reserve_swap()", &[&seen.private_not_reserved])
}

pub fn pages_of_a_file_are_not_the_programs_own(seen: &Growths) -> Picture {
    let mut picture = Picture::of(&["pages of files", "its own"]);
    for (act, growth) in [
        ("shared, |byte| child::read", &seen.shared_and_read),
        ("shared, |byte| child::write", &seen.shared_and_stored_to),
        ("private, |byte| child::read", &seen.private_and_read),
        ("private, |byte| child::write", &seen.private_and_stored_to),
    ] {
        picture = picture.row(act, &[&growth.of_files, &growth.own]);
    }
    picture
}

pub fn a_cached_page_need_not_be_in_the_map(seen: &Cached) -> Picture {
    Picture::of(&["in the cache", "in the map"])
        .row(
            "map_raw(&sample.read_write()?)",
            &[&seen.cached_before, &seen.in_the_map_before],
        )
        .row(
            "map.look(first..first + 3)",
            &[&seen.cached_after_look, &seen.in_the_map_after_look],
        )
        .row(
            "UncheckedAdvice::DontNeed",
            &[&seen.cached_after_dropping, &seen.in_the_map_after_dropping],
        )
}
