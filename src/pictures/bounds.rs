//! Pictures of the lessons in `bounds`.

use crate::bounds::Windows;
#[cfg(unix)]
use crate::bounds::{Cleared, CutAndGrown, Grown, LastPage, Page, Pages, PastTheEnd, PrivateCut};
#[cfg(unix)]
use crate::bounds::{Handed, HandedPage, WholePages};
#[cfg(unix)]
use crate::lab::observation::BeforeAndAfter;
#[cfg(unix)]
use crate::lab::picture::NOTHING;
use crate::lab::picture::Picture;

pub fn a_window_shows_a_part_of_the_file(seen: &Windows) -> Picture {
    let observers = ["begins at", "the map"];
    let mut picture = Picture::of(&observers);
    for (act, window) in [
        ("show(&MmapOptions::new())", &seen.whole),
        ("MmapOptions::new().offset(3)", &seen.offset_3),
        ("MmapOptions::new().len(4)", &seen.length_4),
        (
            "MmapOptions::new().offset(3).len(4)",
            &seen.offset_3_length_4,
        ),
    ] {
        picture = picture.row(act, &[&window.begins_at, &window.bytes]);
    }
    picture.unmarked(&observers)
}

#[cfg(unix)]
pub fn a_page_past_the_end_kills(seen: &PastTheEnd) -> Picture {
    let file = "Sample::of(b\"hello world\\n\")";
    let mut picture =
        Picture::of(&["file", "reading", "storing"]).row(file, &[&seen.file, NOTHING, NOTHING]);
    for (act, touched) in [
        ("touch(11)", &seen.last_byte),
        ("touch(page - 1)", &seen.rest_of_its_page),
        ("touch(page)", &seen.next_page),
    ] {
        picture = picture.row(act, &[NOTHING, &touched.read, &touched.write]);
    }
    picture.unmarked(&["reading", "storing"])
}

#[cfg(unix)]
pub fn a_system_call_is_refused_where_a_touch_kills(seen: &Handed) -> Picture {
    let observers = ["a touch", "write from it", "read into it"];
    let mut picture = Picture::of(&observers);
    let pages: [(_, &HandedPage); 3] = [
        ("hand(0)", &seen.in_the_file),
        ("hand(page)", &seen.without_access),
        ("hand(2 * page)", &seen.past_the_end),
    ];
    for (act, page) in pages {
        picture = picture.row(act, &[&page.touch, &page.write_from_it, &page.read_into_it]);
    }
    picture.unmarked(&observers)
}

#[cfg(unix)]
pub fn the_rest_of_the_last_page_does_not_make_the_file_longer(seen: &LastPage) -> Picture {
    Picture::of(&["memory", "file"])
        .row(
            ".len(page_size())",
            &[&seen.before.memory, &seen.before.file],
        )
        .row(
            "map.store(12, b'?')",
            &[&seen.after_store.memory, &seen.after_store.file],
        )
        .row("map.flush()", &[NOTHING, &seen.file_at_the_end])
}

#[cfg(unix)]
pub fn maps_come_in_whole_pages(seen: &WholePages) -> Picture {
    let observers = ["the map", "mapped pages", "end of page 1"];
    let mut picture = Picture::of(&observers);
    for (act, map) in [
        (".len(5)", &seen.five_bytes),
        (".len(page)", &seen.a_page),
        (".len(page + 1)", &seen.a_page_and_a_byte),
        (
            ".offset(page as u64 - 1).len(2)",
            &seen.two_bytes_across_a_boundary,
        ),
    ] {
        picture = picture.row(act, &[&map.bytes, &map.pages, &map.read_the_end]);
    }
    picture.unmarked(&observers)
}

#[cfg(unix)]
pub fn truncating_kills_past_the_new_end(seen: &BeforeAndAfter<Pages>) -> Picture {
    let mut picture = Picture::of(&["file", "page 1", "page 2", "page 3"]);
    let acts = ["MmapRaw::map_raw(&file)", ".set_len(page as u64 + 5)"];
    for (act, pages) in acts.into_iter().zip([&seen.before, &seen.after]) {
        let [first, second, third] =
            [&pages.first_page, &pages.second_page, &pages.third_page].map(|page| &page.touch);
        picture = picture.row(act, &[&pages.file, first, second, third]);
    }
    picture
}

#[cfg(unix)]
pub fn truncating_clears_the_rest_of_the_last_page(seen: &BeforeAndAfter<Cleared>) -> Picture {
    let mut picture = Picture::of(&["shared map", "edited private map", "file"]);
    let acts = ["private.store(0, b'E')", "file.set_len(4)"];
    for (act, maps) in acts.into_iter().zip([&seen.before, &seen.after]) {
        let (shared, private) = (&maps.shared, &maps.private_with_an_edit);
        picture = picture.row(act, &[&shared.memory, private, &shared.file]);
    }
    picture
}

#[cfg(unix)]
pub fn truncating_kills_private_pages_too(seen: &PrivateCut) -> Picture {
    let mut picture = Picture::of(&["edited", "a read", "not edited", "a read"]);
    for (act, pages) in [
        ("map.store(page, b'E')", &seen.before),
        ("file.set_len(page as u64)", &seen.after),
        ("file.set_len(3 * page as u64)", &seen.when_grown_again),
    ] {
        let (edited, other) = (&pages.edited, &pages.unedited);
        picture = picture.row(
            act,
            &[&edited.memory, &edited.touch, &other.memory, &other.touch],
        );
    }
    picture
}

#[cfg(unix)]
pub fn a_file_cut_and_grown_again_shows_zeros(seen: &CutAndGrown) -> Picture {
    let mut picture = Picture::of(&["memory", "a read of it", "file"]);
    let pages: [(_, &Page); 3] = [
        ("MmapRaw::map_raw(&file)", &seen.before),
        ("file.set_len(page as u64)", &seen.meanwhile),
        ("file.set_len(2 * page as u64)", &seen.after),
    ];
    for (act, page) in pages {
        picture = picture.row(act, &[&page.memory, &page.touch, &page.file]);
    }
    picture
}

#[cfg(unix)]
pub fn growing_the_file_fills_the_map_and_not_its_length(seen: &BeforeAndAfter<Grown>) -> Picture {
    let mut picture = Picture::of(&["plain map", "long map", "its second page"]);
    let acts = [".len(2 * page)", "file.write_all_at(b\"grown\", ..)"];
    for (act, maps) in acts.into_iter().zip([&seen.before, &seen.after]) {
        let page = &maps.second_page;
        let shown: &dyn std::fmt::Debug = if page.memory.0.is_empty() {
            &page.touch
        } else {
            &page.memory
        };
        picture = picture.row(act, &[&maps.plain_map, &maps.long_map, shown]);
    }
    picture
}
