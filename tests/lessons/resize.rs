use std::io;

use mmap_by_example::child::Outcome;
use mmap_by_example::observation::{Answer, Place};
use mmap_by_example::resize;

use crate::approve;

#[test]
fn grow_the_file_then_the_map() -> io::Result<()> {
    let seen = resize::grow_the_file_then_the_map()?;
    assert_eq!(seen.before.memory, "aa", "both end with the first page");
    assert_eq!(seen.before.file, "aa");
    assert_eq!(seen.after_growing_the_file.file, "aabb", "the file grew");
    assert_eq!(seen.after_growing_the_file.memory, "aa", "the map did not");
    assert_eq!(seen.after_growing_the_map.memory, "aabb", "until it was told to");
    assert_eq!(seen.map_length, Place { pages: 2, bytes: 0 });
    approve!(seen);
    Ok(())
}

#[test]
fn shrinking_a_map_leaves_the_file_alone() -> io::Result<()> {
    let seen = resize::shrinking_a_map_leaves_the_file_alone()?;
    assert_eq!(seen.map_length, Place { pages: 1, bytes: 0 }, "the map is shorter");
    assert_eq!(seen.file_length, Place { pages: 3, bytes: 0 }, "the file is not");
    assert_eq!(seen.third_page_of_the_file, "ccc", "and has what it had");
    assert!(seen.same_address, "the map stays where it is");
    assert_eq!(seen.third_page_before, Outcome::Survived);
    assert_eq!(seen.third_page_after, Outcome::KilledBy("SIGSEGV"), "its old pages are unmapped");
    approve!(seen);
    Ok(())
}

#[test]
fn a_map_grows_in_place_only_where_there_is_room() -> io::Result<()> {
    let seen = resize::a_map_grows_in_place_only_where_there_is_room()?;
    assert_eq!(seen.in_place, Answer::Refused("ENOMEM".into()), "there is no room");
    assert_eq!(seen.map_length_then, Place { pages: 1, bytes: 0 }, "and the map is as before");
    assert_eq!(seen.may_move, Answer::Granted, "given leave");
    assert!(seen.moved, "it moves");
    assert_eq!(seen.map_length_now, Place { pages: 2, bytes: 0 });
    assert_eq!(seen.bytes[0], "aaa", "the old bytes come along");
    assert_eq!(seen.bytes[1], "bbb", "and the new ones are there");
    approve!(seen);
    Ok(())
}

#[test]
fn a_map_may_grow_past_the_end_of_the_file() -> io::Result<()> {
    let seen = resize::a_map_may_grow_past_the_end_of_the_file()?;
    assert_eq!(seen.remap, Answer::Granted, "nobody compares it with the file");
    assert_eq!(seen.map_length, Place { pages: 2, bytes: 0 });
    assert_eq!(seen.file_bytes, 12, "which is as long as it was");
    assert_eq!(seen.around_the_end, "world\n\0\0\0\0", "zeros up to the end of the page");
    assert_eq!(seen.second_page, Outcome::KilledBy("SIGBUS"), "and death behind it");
    approve!(seen);
    Ok(())
}
