use std::io;

use mmap_by_example::bounds;
use mmap_by_example::child::Outcome;
use mmap_by_example::observation::{Answer, Place};

use crate::approve;

const SIGBUS: Outcome = Outcome::KilledBy("SIGBUS");

#[test]
fn a_window_shows_a_part_of_the_file() -> io::Result<()> {
    let seen = bounds::a_window_shows_a_part_of_the_file()?;
    assert_eq!(seen.whole, "0123456789");
    assert_eq!(seen.offset_3, "3456789", "from the offset up to the end");
    assert_eq!(seen.length_4, "0123", "as long as was asked for");
    assert_eq!(seen.offset_3_length_4, "3456", "counted from the offset");
    approve!(seen);
    Ok(())
}

#[test]
fn any_offset_works_though_the_kernel_wants_pages() -> io::Result<()> {
    let seen = bounds::any_offset_works_though_the_kernel_wants_pages()?;
    assert_eq!(seen.kernel_with_offset_1, Answer::Refused("EINVAL".into()), "the kernel wants whole pages");
    assert_eq!(seen.kernel_with_offset_of_a_page, Answer::Granted);
    assert_eq!(seen.memmap2_with_both, Answer::Granted, "memmap2 takes any offset");
    assert_eq!(seen.bytes, "123456789", "and begins at that byte");
    assert_eq!(seen.first_byte, Place { pages: 0, bytes: 1 }, "which is not a page's first");
    approve!(seen);
    Ok(())
}

#[test]
fn an_empty_file_gives_an_empty_map() -> io::Result<()> {
    let seen = bounds::an_empty_file_gives_an_empty_map()?;
    assert_eq!(seen.kernel, Answer::Refused("EINVAL".into()), "the kernel maps no nothing");
    assert_eq!(seen.memmap2, Answer::Granted, "memmap2 does");
    assert_eq!(seen.map_bytes, 0);
    assert_eq!(seen.flush, Answer::Granted);
    approve!(seen);
    Ok(())
}

#[test]
fn a_map_longer_than_the_file_is_allowed() -> io::Result<()> {
    let seen = bounds::a_map_longer_than_the_file_is_allowed()?;
    assert_eq!(seen.map, Answer::Granted);
    assert_eq!(seen.map_length, Place { pages: 3, bytes: 0 }, "the map is as long as was asked for");
    assert_eq!(seen.file_bytes_before, 12);
    assert_eq!(seen.file_bytes_after, 12, "and the file as long as it was");
    approve!(seen);
    Ok(())
}

#[test]
fn a_page_past_the_end_kills() -> io::Result<()> {
    let seen = bounds::a_page_past_the_end_kills()?;
    assert_eq!(seen.read_the_last_byte, Outcome::Survived);
    assert_eq!(seen.read_the_rest_of_its_page, Outcome::Survived, "the last page is whole");
    assert_eq!(seen.read_the_next_page, SIGBUS, "the next one is not there");
    assert_eq!(seen.write_the_next_page, SIGBUS);
    approve!(seen);
    Ok(())
}

#[test]
fn the_rest_of_the_last_page_never_reaches_the_file() -> io::Result<()> {
    let seen = bounds::the_rest_of_the_last_page_never_reaches_the_file()?;
    assert_eq!(seen.before.memory, "world\n\0\0\0\0", "it reads as zeros");
    assert_eq!(seen.after.memory, "world!!\0\0\0", "it can be written");
    assert_eq!(seen.after.file, "world!", "and the file ends where it did");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn maps_come_in_whole_pages() -> io::Result<()> {
    let seen = bounds::maps_come_in_whole_pages()?;
    assert_eq!(seen.for_five_bytes, 1, "five bytes take a page");
    assert_eq!(seen.for_a_page, 1);
    assert_eq!(seen.for_a_page_and_a_byte, 2, "one byte more takes another");
    assert_eq!(seen.for_two_bytes_of_two_pages, 2);
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn truncating_kills_past_the_new_end() -> io::Result<()> {
    let seen = bounds::truncating_kills_past_the_new_end()?;
    assert_eq!(seen.third_page_before, Outcome::Survived);
    assert_eq!(seen.first_page_after, Outcome::Survived);
    assert_eq!(seen.second_page_after, Outcome::Survived, "the page where the file ends is there");
    assert_eq!(seen.third_page_after, SIGBUS, "the page behind it is gone");
    assert_eq!(seen.map_length_after, Place { pages: 3, bytes: 0 }, "though the map is as long as before");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn truncating_clears_the_rest_of_the_last_page() -> io::Result<()> {
    let seen = bounds::truncating_clears_the_rest_of_the_last_page()?;
    assert_eq!(seen.before.memory, "0123456789");
    assert_eq!(seen.after.memory, "0123\0\0\0\0\0\0", "zeros past the new end");
    assert_eq!(seen.after.file, "0123");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn truncating_kills_private_pages_too() -> io::Result<()> {
    let seen = bounds::truncating_kills_private_pages_too()?;
    assert_eq!(seen.edit.memory, "!", "the page was edited");
    assert_eq!(seen.edit.file, "b", "and is this map's own copy");
    assert_eq!(seen.read_before, Outcome::Survived);
    assert_eq!(seen.read_after, SIGBUS, "which goes with the file's page");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_cut_and_grown_again_shows_zeros() -> io::Result<()> {
    let seen = bounds::a_file_cut_and_grown_again_shows_zeros()?;
    assert_eq!(seen.before.memory, "bbb");
    assert_eq!(seen.after.memory, "\0\0\0", "the old bytes are gone from the map");
    assert_eq!(seen.after.file, "\0\0\0", "and from the file");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn growing_the_file_fills_the_map_and_not_its_length() -> io::Result<()> {
    let seen = bounds::growing_the_file_fills_the_map_and_not_its_length()?;
    assert_eq!(seen.file_after, Place { pages: 1, bytes: 5 }, "the file grew");
    assert_eq!(seen.plain_map_after, seen.plain_map_before, "its map did not");
    assert_eq!(seen.second_page_before, SIGBUS, "a map that was too long killed there");
    assert_eq!(seen.second_page_after, Outcome::Survived, "and can be read there");
    assert_eq!(seen.after.memory, "grown", "with the new bytes in it");
    approve!(seen);
    Ok(())
}
