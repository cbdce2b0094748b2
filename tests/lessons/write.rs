use std::io;

use mmap_by_example::observation::Answer;
use mmap_by_example::panics::Ending;
use mmap_by_example::write;

use crate::{approve, lorem};

#[test]
fn a_flushed_edit_is_in_the_file() -> io::Result<()> {
    let seen = write::a_flushed_edit_is_in_the_file(&lorem())?;
    assert_eq!(seen.before.memory, seen.before.file, "at first both sides agree");
    assert_ne!(seen.after.memory, seen.before.memory, "the memory shows the edit");
    assert_eq!(seen.after.file, seen.after.memory, "and so does the file");
    approve!(seen);
    Ok(())
}

#[test]
fn an_edit_is_seen_at_once() -> io::Result<()> {
    let seen = write::an_edit_is_seen_at_once()?;
    assert_eq!(seen.before.same_handle, "Lorem ipsum");
    assert_eq!(seen.after.same_handle, "LOREM ipsum", "a read of the same handle sees it");
    assert_eq!(seen.after.another_handle, "LOREM ipsum", "another handle sees it");
    assert_eq!(seen.after.another_map, "LOREM ipsum", "a map that was there before sees it");
    approve!(seen);
    Ok(())
}

#[test]
fn a_write_to_the_file_is_seen_through_the_map() -> io::Result<()> {
    let seen = write::a_write_to_the_file_is_seen_through_the_map()?;
    assert_eq!(seen.before.memory, "Lorem ipsum");
    assert_eq!(seen.after.file, "LOREM ipsum", "the file was written");
    assert_eq!(seen.after.memory, seen.after.file, "and the map shows it");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn dropping_the_map_unflushed_loses_nothing() -> io::Result<()> {
    let seen = write::dropping_the_map_unflushed_loses_nothing()?;
    assert_ne!(seen.memory_after_edit, seen.file_before, "there was an edit");
    assert_eq!((seen.maps_before_drop, seen.maps_after_drop), (1, 0), "the map is gone");
    assert_eq!(seen.file_after_drop, seen.memory_after_edit, "and it is in the file");
    approve!(seen);
    Ok(())
}

#[test]
fn a_flush_changes_nothing_that_a_reader_sees() -> io::Result<()> {
    let seen = write::a_flush_changes_nothing_that_a_reader_sees()?;
    assert_ne!(seen.after_edit.file, seen.before.file, "the reader has the edit before the flush");
    assert_eq!(seen.flush, Answer::Granted);
    assert_eq!(seen.after_flush, seen.after_edit, "and the flush brings nothing new");
    approve!(seen);
    Ok(())
}

#[test]
fn a_flush_takes_any_range_inside_the_map() -> io::Result<()> {
    let seen = write::a_flush_takes_any_range_inside_the_map()?;
    for inside in [&seen.whole, &seen.unaligned, &seen.empty_at_the_end, &seen.without_waiting] {
        assert_eq!(*inside, Answer::Granted, "any range inside the map will do");
    }
    for outside in [&seen.one_byte_too_long, &seen.past_the_end, &seen.too_long_without_waiting] {
        assert_eq!(*outside, Answer::Refused("InvalidInput".into()), "one that leaves it is refused");
    }
    approve!(seen);
    Ok(())
}

#[test]
fn an_edit_in_place_cannot_change_the_length() -> io::Result<()> {
    let seen = write::an_edit_in_place_cannot_change_the_length()?;
    assert_eq!(seen.by_a_shorter_word, Ending::Panicked);
    assert_eq!(seen.by_a_longer_word, Ending::Panicked);
    assert_eq!(seen.after_these.memory, "Lorem ipsum", "neither changed anything");
    assert_eq!(seen.by_one_as_long, Ending::Returned);
    assert_eq!(seen.after_that.file, "Ipsum ipsum", "one of the same length did");
    assert_eq!(seen.file_bytes, 1081, "the file is as long as it was");
    approve!(seen);
    Ok(())
}
