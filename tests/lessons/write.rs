use std::io;

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
