//! Pictures of the lessons in `read`.

use crate::lab::picture::{NOTHING, Picture};
use crate::read::{Buffered, CursorAtTheEnd, Lines, OutOfBounds, Reading};

pub fn reading_and_slicing_keep_to_themselves(seen: &Reading) -> Picture {
    let mut picture = Picture::of(&["bytes", "cursor"]);
    for (act, step) in [
        ("cursor.read(&mut ten)", &seen.read),
        ("[..map.len().min(10)]", &seen.first_slice),
        ("[map.len().saturating_sub(10)..]", &seen.last_slice),
        ("cursor.read(&mut ten)", &seen.read_on),
    ] {
        picture = picture.row(act, &[&step.bytes, &step.cursor]);
    }
    picture.unmarked(&["bytes"])
}

pub fn out_of_bounds_is_a_panic_or_none(seen: &OutOfBounds) -> Picture {
    Picture::of(&["what it gave"])
        .row("get(end - 1)", &[&seen.get_the_last.1])
        .row("get(end)", &[&seen.get_one_past_the_end.1])
        .row("map.get(end - 5..end)", &[&seen.get_the_last_five])
        .row(
            "map.get(end - 5..end + 1)",
            &[&seen.get_five_and_one_past_the_end],
        )
        .row("index(end - 1)", &[&seen.index_the_last])
        .row("index(end)", &[&seen.index_one_past_the_end])
        .row("index(usize::MAX)", &[&seen.index_far_past_the_end])
        .unmarked(&["what it gave"])
}

pub fn a_cursor_never_grows_the_map(seen: &CursorAtTheEnd) -> Picture {
    let (before, after) = (&seen.before, &seen.after);
    Picture::of(&["answer", "memory", "file"])
        .row(
            "map_mut(&sample.read_write()?)",
            &[NOTHING, &before.memory, &before.file],
        )
        .row("cursor.write(six)", &[&seen.written, NOTHING, NOTHING])
        .row(
            "cursor.write_all(b\"g\")",
            &[&seen.write_one_more, NOTHING, NOTHING],
        )
        .row(
            "cursor.read(&mut room)",
            &[&seen.read_at_the_end, &after.memory, &after.file],
        )
        .unmarked(&["answer", "memory", "file"])
}

pub fn buffered_bytes_are_not_yet_in_the_map(seen: &Buffered) -> Picture {
    let (before, after) = (
        &seen.flush_of_the_writer.before,
        &seen.flush_of_the_writer.after,
    );
    Picture::of(&["buffer", "memory", "file"])
        .row(
            "writer.write_all(b\"buffered\")",
            &[&seen.in_the_buffer, NOTHING, NOTHING],
        )
        .row("map.flush()", &[NOTHING, &before.memory, &before.file])
        .row(
            "writer.flush()",
            &[&seen.in_the_buffer_at_the_end, &after.memory, &after.file],
        )
}

pub fn lines_are_read_without_copying(seen: &Lines) -> Picture {
    Picture::of(&["lines", "inside the map"])
        .row("BufRead::split(..)", &[&seen.lines_of_a_reader, NOTHING])
        .row(
            "map.split_inclusive(..)",
            &[&seen.lines, &seen.inside_the_map],
        )
        .unmarked(&["lines", "inside the map"])
}
