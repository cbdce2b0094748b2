use std::io;

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
