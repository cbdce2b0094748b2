//! Pictures of the lessons in `lifetime`.

#[cfg(unix)]
use crate::lab::picture::NOTHING;
use crate::lab::picture::Picture;
use crate::lifetime::{Anonymous, Closed};
#[cfg(target_os = "linux")]
use crate::lifetime::{InUse, Rights};
#[cfg(unix)]
use crate::lifetime::{Replaced, Unnamed};

pub fn a_map_survives_its_handle(seen: &Closed) -> Picture {
    let (before, after, after_edit) = (&seen.before, &seen.after, &seen.after_edit);
    Picture::of(&["memory", "file"])
        .row("MmapMut::map_mut(&file)", &[&before.memory, &before.file])
        .row("drop(file)", &[&after.memory, &after.file])
        .row(
            "edited.make_ascii_uppercase()",
            &[&after_edit.memory, &after_edit.file],
        )
}

#[cfg(unix)]
pub fn a_map_survives_its_name(seen: &Unnamed) -> Picture {
    Picture::of(&["opening it", "memory"])
        .row(
            "MmapMut::map_mut(&sample.read_write()?)",
            &[&seen.open_before, &seen.memory_before],
        )
        .row(
            "fs::remove_file(&sample)",
            &[&seen.open_after, &seen.memory_after],
        )
        .row(
            "map[..5].make_ascii_uppercase()",
            &[NOTHING, &seen.memory_after_edit],
        )
}

#[cfg(unix)]
pub fn a_map_keeps_the_file_that_was_replaced(seen: &Replaced) -> Picture {
    let (before, after, after_store) = (&seen.before, &seen.after, &seen.after_store);
    Picture::of(&["memory", "file by its name", "old handle"])
        .row(
            "MmapRaw::map_raw(&old_file)",
            &[&before.memory, &before.file, NOTHING],
        )
        .row(
            "fs::rename(&replacement, &sample)",
            &[&after.memory, &after.file, NOTHING],
        )
        .row(
            "map.store(0, b'_')",
            &[
                &after_store.memory,
                &after_store.file,
                &seen.through_the_old_handle,
            ],
        )
}

#[cfg(target_os = "linux")]
pub fn rights_are_taken_when_the_file_is_opened(seen: &Rights) -> Picture {
    Picture::of(&["answer", "file"])
        .row("sample.read_write()", &[&seen.before, NOTHING])
        .row("Permissions::from_mode(0o000)", &[NOTHING, NOTHING])
        .row("sample.read_write()", &[&seen.open_to_write, NOTHING])
        .row("sample.read_only()", &[&seen.open_to_read, NOTHING])
        .row(
            "MmapRaw::map_raw(&file)",
            &[&seen.map_of_the_old_handle, NOTHING],
        )
        .row("map.store(0, b'_')", &[NOTHING, NOTHING])
        .row(
            "Permissions::from_mode(0o600)",
            &[NOTHING, &seen.file_after_store],
        )
        .unmarked(&["answer"])
}

#[cfg(target_os = "linux")]
pub fn a_running_program_is_guarded_and_a_mapped_file_is_not(seen: &InUse) -> Picture {
    let (before, after) = (&seen.before, &seen.after);
    Picture::of(&["running program", "mapped file", "memory"])
        .row(
            "map_copy_read_only(..)",
            &[NOTHING, NOTHING, &before.memory],
        )
        .row(
            ".write(true).open(path)",
            &[&seen.program, &seen.mapped_file, NOTHING],
        )
        .row(
            "file.write_all_at(b\"_\", 0)",
            &[NOTHING, &seen.write, &after.memory],
        )
}

pub fn anonymous_memory_starts_as_zeros(seen: &Anonymous) -> Picture {
    Picture::of(&["bytes that are zeros"])
        .row("old_map.fill(b'x')", &[&seen.zeros_in_the_old_map])
        .row("MmapMut::map_anon(3 * page)", &[&seen.zeros_at_first])
        .row("map[page] = b'!'", &[&seen.zeros_after_a_store])
}
