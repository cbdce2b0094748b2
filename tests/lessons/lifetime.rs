use std::io;

#[cfg(unix)]
use mmap_by_example::child::Outcome;
use mmap_by_example::lifetime;
#[cfg(unix)]
use mmap_by_example::observation::Answer;

use crate::approve;

#[cfg(target_os = "linux")]
#[test]
fn a_map_survives_its_handle() -> io::Result<()> {
    let seen = lifetime::a_map_survives_its_handle()?;
    assert_eq!(seen.handles_before, 1, "there was one handle");
    assert_eq!(seen.handles_after, 0, "and there is none");
    assert_eq!(seen.before.memory, "Lorem ipsum");
    assert_eq!(seen.after_edit.memory, "LOREM ipsum", "the map can be read and written");
    assert_eq!(seen.after_edit.file, "LOREM ipsum", "and the edit is in the file");
    approve!(seen);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_map_survives_its_name() -> io::Result<()> {
    let seen = lifetime::a_map_survives_its_name()?;
    assert_eq!(seen.open_after, Answer::Refused("ENOENT".into()), "the name is gone");
    assert_eq!(seen.memory_after, seen.memory_before, "the bytes are there");
    assert_eq!(seen.memory_after_edit, "LOREM ipsum", "and can be written");
    approve!(seen);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_map_keeps_the_file_that_was_replaced() -> io::Result<()> {
    let seen = lifetime::a_map_keeps_the_file_that_was_replaced()?;
    assert_eq!(seen.before.file, "old bytes");
    assert_eq!(seen.after.file, "new bytes", "the name leads to another file");
    assert_eq!(seen.after.memory, "old bytes", "the map shows the one that was opened");
    approve!(seen);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_dropped_map_is_gone() -> io::Result<()> {
    let seen = lifetime::a_dropped_map_is_gone()?;
    assert_eq!(seen.before_drop, Outcome::Survived, "the touch does no harm while the map is there");
    assert_eq!(seen.after_drop, Outcome::KilledBy("SIGSEGV"), "and kills when it is gone");
    approve!(seen);
    Ok(())
}

#[test]
fn a_dropped_map_cannot_be_used() -> io::Result<()> {
    let seen = lifetime::a_dropped_map_cannot_be_used()?;
    assert_eq!(seen, "kept", "a copy outlives the map");
    approve!(seen);
    Ok(())
}

#[test]
fn a_slice_cannot_outlive_its_map() -> io::Result<()> {
    let seen = lifetime::a_slice_cannot_outlive_its_map()?;
    assert_eq!(seen, "slice", "the slice is good while the map lives");
    approve!(seen);
    Ok(())
}

#[test]
fn an_edit_tolerates_no_other_borrow() -> io::Result<()> {
    let seen = lifetime::an_edit_tolerates_no_other_borrow()?;
    assert_eq!(seen, "<<<<<>>>>>", "two parts may be edited at once");
    approve!(seen);
    Ok(())
}

#[test]
fn anonymous_memory_starts_as_zeros() -> io::Result<()> {
    let seen = lifetime::anonymous_memory_starts_as_zeros()?;
    assert_eq!(seen.not_zero_at_first, 0, "every byte is zero");
    assert_eq!(seen.not_zero_after_a_store, 1, "but for the one that was stored to");
    approve!(seen);
    Ok(())
}
