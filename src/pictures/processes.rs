//! Pictures of the lessons in `processes`.

use crate::lab::observation::Text;
use crate::lab::picture::{NOTHING, Picture};
use crate::processes::Filled;
#[cfg(target_os = "linux")]
use crate::processes::{Bereaved, InPipes, Inherited};
#[cfg(unix)]
use crate::processes::{CountedByTwo, Forked, LeftInTheMap, Locked, OwnerKilled};

#[cfg(unix)]
pub fn a_shared_map_is_one_memory_across_fork(seen: &CountedByTwo) -> Picture {
    Picture::of(&["in the shared map", "in a variable", "in the child's"]).row(
        "child.wait()",
        &[
            &seen.in_the_shared_map,
            &seen.in_a_variable,
            &seen.in_the_childs_variable,
        ],
    )
}

#[cfg(unix)]
pub fn private_memory_is_copied_at_fork(seen: &Forked) -> Picture {
    let mut picture = Picture::of(&["parent", "child"]);
    for (act, both) in [
        ("map.store(0, b'b')", &seen.before),
        ("map.store(0, b'p')", &seen.after_the_parents_store),
        ("map.store(0, b'c')", &seen.after_the_childs_store),
    ] {
        picture = picture.row(act, &[&both.parent, &both.child]);
    }
    picture
}

#[cfg(target_os = "linux")]
pub fn stores_survive_the_death_of_their_process(seen: &Bereaved) -> Picture {
    let (meanwhile, after) = (&seen.while_it_lived, &seen.after_its_death);
    Picture::of(&["memory", "file", "child"])
        .row(
            "map_raw(&sample.read_write()?)",
            &[NOTHING, &seen.file_before, NOTHING],
        )
        .row(
            "map.store(0, b'_')",
            &[&meanwhile.memory, &meanwhile.file, NOTHING],
        )
        .row(
            "libc::raise(libc::SIGKILL)",
            &[&after.memory, &after.file, &seen.child],
        )
}

#[cfg(target_os = "linux")]
pub fn a_range_can_be_kept_from_children(seen: &Inherited) -> Picture {
    let mut picture = Picture::of(&["page 1", "page 2", "page 3"]);
    for (act, [first, second, third]) in [
        ("let by_default", &seen.by_default),
        ("Advice::DontFork, page, page", &seen.kept_from_children),
        ("Advice::DoFork, page, page", &seen.given_again),
    ] {
        picture = picture.row(act, &[first, second, third]);
    }
    picture
}

#[cfg(unix)]
pub fn a_lock_on_the_file_does_not_stop_a_store(seen: &Locked) -> Picture {
    let (before, after) = (&seen.before, &seen.after);
    Picture::of(&["asks for the lock", "memory", "file"])
        .row(
            "let (lock_before, before)",
            &[&seen.lock_before, &before.memory, &before.file],
        )
        .row(
            ".make_ascii_uppercase()",
            &[&seen.lock_after, &after.memory, &after.file],
        )
}

#[cfg(target_os = "linux")]
pub fn spliced_bytes_change_with_the_next_store(seen: &InPipes) -> Picture {
    let (before, after) = (&seen.before, &seen.after);
    let (first, other) = (&seen.read_before, &seen.read_after);
    Picture::of(&["memory", "file", "written", "spliced", "sent"])
        .row(
            "let before",
            &[&before.memory, &before.file, NOTHING, NOTHING, NOTHING],
        )
        .row(
            "let read_before",
            &[
                NOTHING,
                NOTHING,
                &first.written,
                &first.spliced,
                &first.sent,
            ],
        )
        .row(
            "map.store(at, *byte)",
            &[&after.memory, &after.file, NOTHING, NOTHING, NOTHING],
        )
        .row(
            "let read_after",
            &[
                NOTHING,
                NOTHING,
                &other.written,
                &other.spliced,
                &other.sent,
            ],
        )
}

#[cfg(unix)]
pub fn an_address_in_a_shared_map_means_nothing_elsewhere(seen: &LeftInTheMap) -> Picture {
    let (before, after) = (&seen.before, &seen.at_the_offset);
    Picture::of(&["in the map", "in the file", "address is inside"])
        .row("let before", &[&before.memory, NOTHING, NOTHING])
        .row(
            "child::write(word)",
            &[&after.memory, &after.file, &seen.address_is_inside_this_map],
        )
}

#[cfg(unix)]
pub fn a_lock_on_the_file_ends_with_its_owner_and_a_flag_stays(seen: &OwnerKilled) -> Picture {
    let (before, after) = (&seen.flag_before, &seen.flag_after);
    Picture::of(&["asks for the lock", "memory", "file", "owner"])
        .row(
            "map.store(0, b'1')",
            &[&seen.lock_before, &before.memory, &before.file, NOTHING],
        )
        .row(
            "owner.kill()",
            &[&seen.lock_after, &after.memory, &after.file, &seen.owner],
        )
}

pub fn threads_fill_parts_of_one_map_without_a_lock(seen: &Filled) -> Picture {
    let (before, after) = (&seen.before, &seen.after);
    let parts = seen.halfway.iter().flat_map(|it| it.part.0.clone());
    let halfway = Text(parts.collect());
    let held_at_once = seen.halfway.iter().map(|it| it.parts_held_at_once);
    let fewest = held_at_once.min().unwrap_or_default();
    Picture::of(&["parts held at once", "memory", "file"])
        .row("let before", &[NOTHING, &before.memory, &before.file])
        .row("part[..2].fill(letter)", &[&fewest, &halfway, NOTHING])
        .row(
            "part[2..].fill(letter)",
            &[NOTHING, &after.memory, &after.file],
        )
}
