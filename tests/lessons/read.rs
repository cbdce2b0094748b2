use std::io;

use mmap_by_example::observation::Answer;
use mmap_by_example::panics::Ending;
use mmap_by_example::read;

use crate::{approve, lorem};

#[test]
fn reading_and_slicing_keep_to_themselves() -> io::Result<()> {
    let seen = read::reading_and_slicing_keep_to_themselves(&lorem())?;
    assert_eq!(seen.read.cursor, 10, "reading moves the cursor");
    assert_eq!(seen.first_slice.cursor, 10, "slicing where it has been does not move it");
    assert_eq!(seen.last_slice.cursor, 10, "slicing where it has not been does not move it");
    assert_eq!(seen.read_on.cursor, 20, "reading goes on where it stood");
    assert_eq!(seen.first_slice.bytes, seen.read.bytes, "slices count from the start");
    assert_ne!(seen.last_slice.bytes, seen.read_on.bytes, "the last slice is from elsewhere");
    approve!(seen);
    Ok(())
}

#[test]
fn a_map_is_the_whole_file() -> io::Result<()> {
    let seen = read::a_map_is_the_whole_file()?;
    assert_eq!(seen.map_bytes, seen.file_bytes, "it has as many bytes as a read gives");
    assert_eq!(seen.first_difference, None, "and they are the same bytes");
    assert_eq!(seen.last_line.memory, seen.last_line.file, "up to the last line");
    approve!(seen);
    Ok(())
}

#[test]
fn out_of_bounds_is_a_panic_or_none() -> io::Result<()> {
    let seen = read::out_of_bounds_is_a_panic_or_none()?;
    assert!(seen.get_last && seen.get_last_five, "up to the end all is there");
    assert!(!seen.get_behind, "the byte behind is not");
    assert!(!seen.get_five_and_behind, "nor a range that reaches it");
    assert_eq!(seen.index_last, Ending::Returned, "an index inside returns");
    assert_eq!(seen.index_behind, Ending::Panicked, "an index past the end panics");
    approve!(seen);
    Ok(())
}

#[test]
fn a_cursor_never_grows_the_map() -> io::Result<()> {
    let seen = read::a_cursor_never_grows_the_map()?;
    assert_eq!(seen.written, 3, "a write takes what fits");
    assert_eq!(seen.cursor, 10, "up to the end");
    assert_eq!(seen.write_one_more, Answer::Refused("WriteZero".into()), "there it takes nothing");
    assert_eq!(seen.read_at_the_end, 0, "and a read gives nothing");
    assert_eq!(seen.map_bytes, 10, "the map is as long as before");
    assert_eq!(seen.after.memory, "0123456abc");
    assert_eq!(seen.after.file, seen.after.memory, "and so is the file");
    approve!(seen);
    Ok(())
}

#[test]
fn buffered_bytes_are_not_in_the_map() -> io::Result<()> {
    let seen = read::buffered_bytes_are_not_in_the_map()?;
    assert_eq!(seen.before.memory, "........", "written, and not in the map");
    assert_eq!(seen.before.file, "........", "nor in the file");
    assert_eq!(seen.after.memory, "buffered", "flushed, and in the map");
    assert_eq!(seen.after.file, "buffered", "and in the file");
    approve!(seen);
    Ok(())
}

#[test]
fn lines_are_read_without_copying() -> io::Result<()> {
    let seen = read::lines_are_read_without_copying()?;
    assert_eq!(seen.slices_inside_the_map, seen.lines, "every slice is inside the map");
    assert_eq!(seen.read_lines_inside_the_map, 0, "no line that was read is");
    assert_eq!(seen.second, seen.second_read, "though they hold the same bytes");
    approve!(seen);
    Ok(())
}
