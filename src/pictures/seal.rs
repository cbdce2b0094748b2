//! Pictures of the lessons in `seal`.

use std::fmt::Debug;

use crate::lab::picture::{NOTHING, Picture};
use crate::seal::{Changes, Sealed, WithoutUnsafe};

/// One of the changes that were tried.
type Part = fn(&Changes) -> &dyn Debug;

pub fn a_sealed_file_cannot_change(seen: &Sealed) -> Picture {
    let observers = ["before the seals", "sealed"];
    let mut picture = Picture::of(&observers);
    let changes: [(_, Part); 7] = [
        ("file.write_all_at(letter, 0)", |it| &it.write),
        ("another_handle.write_all_at(letter, 1)", |it| {
            &it.write_through_another_handle
        }),
        ("file.set_len(length + 1)", |it| &it.grow),
        ("file.set_len(length - 1)", |it| &it.shrink),
        ("MmapRaw::map_raw(&file)", |it| &it.writable_shared_map),
        ("map_copy(&file)", |it| &it.private_map),
        ("bytes(&file)", |it| &it.bytes_then),
    ];
    for (act, of) in changes {
        picture = picture.row(act, &[of(&seen.before), of(&seen.after)]);
    }
    picture.unmarked(&observers)
}

pub fn a_sealed_file_is_mapped_without_unsafe(seen: &WithoutUnsafe) -> Picture {
    let observers = ["map_if_safe", "a part", "write", "shrink"];
    let mut picture = Picture::of(&observers);
    for (act, tried) in [
        ("Sample::of(b\"ordinary\")", &seen.ordinary_file),
        ("b\"sealed..\"", &seen.unsealed),
        ("libc::F_SEAL_WRITE", &seen.sealed_against_writes),
        ("libc::F_SEAL_SHRINK", &seen.sealed_against_shrinking_too),
    ] {
        let maps = (&tried.map_if_safe, &tried.of_a_part);
        picture = picture.row(act, &[maps.0, maps.1, &tried.write, &tried.shrink]);
    }
    picture
        .row(
            ".len(7)",
            &[&seen.more_than_it_holds, NOTHING, NOTHING, NOTHING],
        )
        .unmarked(&observers)
}
