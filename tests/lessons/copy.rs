use std::io;

use mmap_by_example::copy;
#[cfg(unix)]
use mmap_by_example::observation::Answer;

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

#[test]
fn an_edit_is_seen_by_nobody_else() -> io::Result<()> {
    let seen = copy::an_edit_is_seen_by_nobody_else()?;
    assert_eq!(seen.after.this_map, "_orem ipsum", "the edited map shows it");
    assert_eq!(seen.after.another_private_map, "Lorem ipsum", "another private map does not");
    assert_eq!(seen.after.shared_map, "Lorem ipsum", "a shared map does not");
    assert_eq!(seen.after.file, "Lorem ipsum", "the file does not");
    assert_eq!(seen.new_map_later, "Lorem ipsum", "and it is gone with its map");
    approve!(seen);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_read_only_handle_is_enough() -> io::Result<()> {
    let seen = copy::a_read_only_handle_is_enough()?;
    assert_eq!(seen.private_writable, Answer::Granted);
    assert_eq!(seen.shared_read_only, Answer::Granted);
    assert_eq!(seen.shared_writable, Answer::Refused("EACCES".into()), "a shared map wants a handle that may write");
    assert_eq!(seen.after_edit.memory, "LOREM ipsum", "the private map really can be written to");
    assert_eq!(seen.after_edit.file, "Lorem ipsum");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_later_write_reaches_only_pages_not_edited() -> io::Result<()> {
    let seen = copy::a_later_write_reaches_only_pages_not_edited()?;
    assert_eq!(seen.edited_after.memory, "E", "the edited page is frozen");
    assert_eq!(seen.edited_after.file, "W", "though the file was written");
    assert_eq!(seen.read_before.memory, "b");
    assert_eq!(seen.read_after.memory, "W", "a page that was only read follows the file");
    assert_eq!(seen.untouched_after.memory, "W", "and so does one that was not touched");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn copying_goes_page_by_page() -> io::Result<()> {
    let seen = copy::copying_goes_page_by_page()?;
    assert_eq!(seen.resident_after_reading_all, "####", "every page was read");
    assert_eq!(seen.after_reading_all, "....", "which copies nothing");
    assert_eq!(seen.after_one_store, ".#..", "the first store into a page copies that page");
    assert_eq!(seen.after_another_in_the_same_page, seen.after_one_store, "the second copies nothing");
    assert_eq!(seen.after_one_in_another_page, ".#.#", "a store elsewhere copies that page");
    assert_eq!(seen.second_page.memory, "12b", "both stores into the second page were made");
    assert_eq!(seen.second_page.file, "bbb");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn dropped_pages_forget_their_edits() -> io::Result<()> {
    let seen = copy::dropped_pages_forget_their_edits()?;
    assert_ne!(seen.after_edit.memory, seen.before.memory, "there was an edit");
    assert_eq!(seen.after_dropping.memory, seen.before.memory, "and it is forgotten");
    assert_eq!(seen.after_dropping.file, seen.before.file, "in favour of the file, which never had it");
    approve!(seen);
    Ok(())
}
