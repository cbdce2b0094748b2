//! Pictures of the lessons in `protect`.

use crate::lab::picture::{NOTHING, Picture};
#[cfg(target_os = "linux")]
use crate::protect::Constructors;
#[cfg(unix)]
use crate::protect::{Faults, NoAccess, NotFiles, ReadOnly, Toggled, Touches};
use crate::protect::{MadeWritable, OpenModes};

pub fn the_open_mode_decides_which_maps_are_allowed(seen: &OpenModes) -> Picture {
    let observers = ["map", "map_copy_read_only", "map_copy", "map_mut"];
    let mut picture = Picture::of(&observers);
    for (act, kinds) in [
        (".read(true)", &seen.read),
        (".write(true)", &seen.write),
        (".read(true).write(true)", &seen.read_and_write),
        (".read(true).append(true)", &seen.read_and_append),
    ] {
        let shared = (&kinds.shared_read_only, &kinds.shared_writable);
        let private = (&kinds.private_read_only, &kinds.private_writable);
        picture = picture.row(act, &[shared.0, private.0, private.1, shared.1]);
    }
    picture.unmarked(&observers)
}

#[cfg(unix)]
pub fn some_things_cannot_be_mapped(seen: &NotFiles) -> Picture {
    let mut picture = Picture::of(&["what it is", "mapping it"]);
    for (act, attempt) in [
        ("sample.read_only()", &seen.file),
        ("File::open(\"/\")", &seen.folder),
        ("File::from(pipe)", &seen.pipe),
        ("OwnedFd::from(socket)", &seen.socket),
        ("File::open(\"/dev/null\")", &seen.dev_null),
    ] {
        picture = picture.row(act, &[&attempt.is, &attempt.answer]);
    }
    picture
        .row("map(RawFd::MAX)", &[NOTHING, &seen.closed_descriptor])
        .unmarked(&["what it is", "mapping it"])
}

#[cfg(target_os = "linux")]
pub fn each_constructor_asks_for_its_protection(seen: &Constructors) -> Picture {
    let observers = ["read", "write", "execute", "shared or private"];
    let mut picture = Picture::of(&observers);
    for (act, permissions) in [
        ("options.map(&file)", &seen.map),
        ("options.map_mut(&file)", &seen.map_mut),
        ("options.map_copy(&file)", &seen.map_copy),
        (
            "options.map_copy_read_only(&file)",
            &seen.map_copy_read_only,
        ),
        ("options.map_exec(&program)", &seen.map_exec),
        ("options.map_raw(&file)", &seen.map_raw),
        ("options.map_raw_read_only(&file)", &seen.map_raw_read_only),
        (".len(1).map_anon()", &seen.map_anon),
    ] {
        let letter = |at: usize| permissions.get(at..=at);
        let [read, write, execute, shared] = [0, 1, 2, 3].map(letter);
        picture = picture.row(act, &[&read, &write, &execute, &shared]);
    }
    picture.unmarked(&observers)
}

#[cfg(unix)]
pub fn a_store_through_a_read_only_map_kills(seen: &ReadOnly) -> Picture {
    let (after, after_that) = (&seen.after, &seen.after_that);
    Picture::of(&["a read", "a store", "memory", "file"])
        .row(
            "map_raw_read_only(..)",
            &[
                &seen.read,
                &seen.store_when_read_only,
                &after.memory,
                &after.file,
            ],
        )
        .row(
            "libc::PROT_WRITE",
            &[
                NOTHING,
                &seen.store_when_writable,
                &after_that.memory,
                &after_that.file,
            ],
        )
}

#[cfg(unix)]
pub fn a_page_without_access_kills_readers_and_writers(seen: &NoAccess) -> Picture {
    let mut picture = Picture::of(&["a read", "a store", "memory"]);
    for (act, touches) in [
        ("touches(page)", Some(&seen.before)),
        ("libc::PROT_NONE", None),
        ("touches(page)", Some(&seen.first_byte)),
        ("touches(2 * page - 1)", Some(&seen.last_byte)),
        ("touches(page - 1)", Some(&seen.byte_before_the_page)),
        ("touches(2 * page)", Some(&seen.byte_after_the_page)),
        ("libc::PROT_READ | libc::PROT_WRITE", None),
    ] {
        picture = match touches {
            Some(touches) => picture.row(act, &[&touches.read, &touches.store, NOTHING]),
            None => picture.row(act, &[NOTHING, NOTHING, NOTHING]),
        };
    }
    let Touches { read, store } = &seen.with_access_again;
    picture
        .row("touches(page)", &[read, store, &seen.bytes_then])
        .unmarked(&["a read", "a store"])
}

#[cfg(unix)]
pub fn a_fault_says_where_and_why(seen: &Faults) -> Picture {
    let protected = &seen.store_where_it_may_only_be_read;
    let past_the_end = &seen.read_past_the_end_of_the_file;
    let unmapped = &seen.read_where_nothing_is_mapped;
    Picture::of(&["what came of it", "where"])
        .row("child::touch(at(9))", &[&seen.read_before, NOTHING])
        .row("child::write(at(3))", &[&protected.why, &protected.place])
        .row(
            "child::read(at(page + 5))",
            &[&past_the_end.why, &past_the_end.place],
        )
        .row("system::munmap(at(0), page)", &[NOTHING, NOTHING])
        .row("child::read(at(9))", &[&unmapped.why, &unmapped.place])
        .unmarked(&["what came of it", "where"])
}

#[cfg(unix)]
pub fn protection_can_be_changed_and_changed_back(seen: &Toggled) -> Picture {
    let (read_only, edited) = (&seen.when_read_only, &seen.after_an_edit);
    Picture::of(&["a store", "memory", "file"])
        .row(
            "map[..5].make_ascii_uppercase()",
            &[&seen.store_at_first, NOTHING, NOTHING],
        )
        .row(
            "map.make_read_only()",
            &[
                &seen.store_when_read_only,
                &read_only.memory,
                &read_only.file,
            ],
        )
        .row(
            "map.make_mut()",
            &[&seen.store_when_writable_again, NOTHING, NOTHING],
        )
        .row(
            "map[6..11].make_ascii_uppercase()",
            &[NOTHING, &edited.memory, &edited.file],
        )
}

pub fn only_a_private_map_of_a_read_only_file_becomes_writable(seen: &MadeWritable) -> Picture {
    let [shared, private] = &seen.before;
    let edited = &seen.after_an_edit;
    Picture::of(&["answer", "memory", "file"])
        .row(".map(&file)", &[NOTHING, shared, NOTHING])
        .row(".map_copy_read_only(&file)", &[NOTHING, private, NOTHING])
        .row("shared.make_mut()", &[&seen.shared, NOTHING, NOTHING])
        .row("private.make_mut()", &[&seen.private, NOTHING, NOTHING])
        .row(
            "private[..5].make_ascii_uppercase()",
            &[NOTHING, &edited.memory, &edited.file],
        )
        .unmarked(&["answer"])
}
