use std::io;

use mmap_by_example::copy;

use crate::{approve, lorem};

#[test]
fn an_edit_never_reaches_the_file() -> io::Result<()> {
    let seen = copy::an_edit_never_reaches_the_file(&lorem())?;
    assert_ne!(seen.after.memory, seen.before.memory, "the memory shows the edit");
    assert_eq!(seen.after.file, seen.before.file, "the file does not");
    assert_eq!(seen.after_flush, seen.after, "a flush changes neither");
    assert_eq!(seen.file_after_unmap, seen.before.file, "nor does the end of the map");
    approve!(seen);
    Ok(())
}
