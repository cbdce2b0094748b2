use std::io;

#[cfg(unix)]
use mmap_by_example::child::Outcome;
use mmap_by_example::patterns;

use crate::approve;

#[cfg(unix)]
#[test]
fn a_file_is_replaced_by_renaming() -> io::Result<()> {
    let seen = patterns::a_file_is_replaced_by_renaming()?;
    assert_eq!(seen.in_place.memory, "new\0\0\0", "written over in place, the new bytes are in the reader's map");
    assert_eq!(seen.in_place.second_page, Outcome::KilledBy("SIGBUS"), "and the reader dies");
    assert_eq!(seen.by_renaming.memory, "oooooo", "renamed over, the reader's map is as it was");
    assert_eq!(seen.by_renaming.second_page, Outcome::Survived, "and the reader lives");
    assert_eq!(seen.by_renaming.opened_now, "new", "while the next one gets the new file");
    approve!(seen);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_file_is_appended_to_by_writing() -> io::Result<()> {
    let seen = patterns::a_file_is_appended_to_by_writing()?;
    assert_eq!(seen.after_stores_past_the_end.memory, "one,two\n", "in the memory there are more bytes");
    assert_eq!(seen.after_stores_past_the_end.file, "one,", "stores change what is there, and append nothing");
    assert_eq!(seen.after_stores_through_an_append_handle.file, "one;", "whatever the handle was opened for");
    assert_eq!(seen.after_a_write.file, "one;two\n", "a write does");
    assert_eq!(seen.after_a_write.memory, "one;", "and the old map keeps its length");
    assert_eq!(seen.mapped_again.memory, seen.mapped_again.file, "a new one has it all");
    approve!(seen);
    Ok(())
}

#[test]
fn a_part_is_handed_out_with_its_map() -> io::Result<()> {
    let seen = patterns::a_part_is_handed_out_with_its_map()?;
    assert_eq!(seen.owners_before, 2);
    assert_eq!(seen.owners_when_read, 1, "the first owner is gone");
    assert_eq!(seen.part, "ipsum", "and the part can be read");
    approve!(seen);
    Ok(())
}

#[test]
fn a_number_is_taken_from_its_bytes() -> io::Result<()> {
    let seen = patterns::a_number_is_taken_from_its_bytes()?;
    assert!(seen.map_is_aligned, "the base is aligned");
    assert!(!seen.number_is_aligned, "a number in it need not be");
    assert!(!seen.map_with_an_offset_is_aligned, "nor a map with an offset");
    assert!(seen.by_align_to.is_some_and(|number| number != 1), "aligning reads other bytes");
    assert_eq!(seen.from_bytes, Some(1), "its bytes give the number");
    approve!(seen);
    Ok(())
}

#[test]
fn text_checked_once_is_not_text_for_good() -> io::Result<()> {
    let seen = patterns::text_checked_once_is_not_text_for_good()?;
    assert!(seen.in_the_map_before, "it was text");
    assert!(!seen.in_the_map_after, "and is none any more");
    assert!(seen.in_the_copy_after, "but the copy is");
    approve!(seen);
    Ok(())
}

#[test]
fn counting_through_two_maps_takes_atomics() -> io::Result<()> {
    let seen = patterns::counting_through_two_maps_takes_atomics()?;
    assert_eq!(seen.by_hand_after_the_first, 1, "by hand, one counts");
    assert_eq!(seen.by_hand_after_the_second, 10, "and the other's count replaces it: 1 and 10 should be 11");
    assert_eq!(seen.by_atomics, seen.times_by_atomics, "by atomics nothing is lost");
    approve!(seen);
    Ok(())
}
