use std::io;

use mmap_by_example::observation::{Answer, Place};
use mmap_by_example::page;

use crate::{approve, or_say_what_is_lacking};

#[test]
fn nothing_is_resident_until_touched() -> io::Result<()> {
    let seen = page::nothing_is_resident_until_touched()?;
    assert_eq!(seen.untouched, "........", "a fresh map has nothing in memory");
    assert_eq!(seen.after_one_store, "..#.....", "a first touch brings its page");
    assert_eq!(seen.after_another_in_the_same_page, seen.after_one_store, "a second brings nothing");
    assert_eq!(seen.after_one_in_another_page, "..#..#..", "one elsewhere brings its page");
    assert_eq!(seen.third_page, "12\0", "both stores into the third page were made");
    approve!(seen);
    Ok(())
}

#[test]
fn reading_untouched_memory_costs_no_page() -> io::Result<()> {
    let seen = page::reading_untouched_memory_costs_no_page()?;
    assert_eq!(seen.not_zero, 0);
    assert_eq!(seen.readable_after_reading, "########", "every page can be read");
    assert_eq!(seen.own_after_reading, "........", "and none is this process's own");
    assert_eq!(seen.own_after_a_store, "#.......", "until it is stored to");
    approve!(seen);
    Ok(())
}

#[test]
fn populate_takes_the_faults_up_front() -> io::Result<()> {
    let seen = page::populate_takes_the_faults_up_front()?;
    assert_eq!(seen.plain_resident, "........", "a plain map comes empty");
    assert_eq!(seen.populated_resident, "########", "a populated one full");
    assert!(seen.plain_faults_on_every_page, "the plain one faults on every page");
    assert_eq!(seen.faults_the_second_time, 0, "once");
    assert_eq!(seen.populated_faults, 0, "the populated one never");
    approve!(seen);
    Ok(())
}

#[test]
fn a_hint_never_changes_a_byte() -> io::Result<()> {
    let seen = page::a_hint_never_changes_a_byte()?;
    assert_eq!(seen.tried.len(), 14);
    assert!(seen.first_eight_answers.iter().all(|answer| *answer == Answer::Granted), "every Linux knows these");
    assert_eq!(seen.changed_bytes, 0, "and none changes a byte");
    assert_eq!(seen.after_the_hints.memory, "Loremaaa", "the edit is there, of which there is no other copy");
    assert_eq!(seen.after_the_hints.file, "aaaaaaaa");
    assert_eq!(seen.after_dont_need.memory, "aaaaaaaa", "what is no hint takes it away");
    approve!(seen);
    Ok(())
}

#[test]
fn dropped_anonymous_pages_come_back_as_zeros() -> io::Result<()> {
    let seen = page::dropped_anonymous_pages_come_back_as_zeros()?;
    assert_eq!(seen.before, ["x", "x", "x"]);
    assert_eq!(seen.resident_before, "###");
    assert_eq!(seen.resident_after, "#.#", "the page is gone, whole");
    assert_eq!(seen.after, ["x", "\0", "x"], "and comes back as zeros");
    approve!(seen);
    Ok(())
}

#[test]
fn dropped_pages_of_a_shared_map_lose_nothing() -> io::Result<()> {
    let seen = page::dropped_pages_of_a_shared_map_lose_nothing()?;
    assert_eq!(seen.before.memory, "aaabbb");
    assert_eq!(seen.resident_after_edit, "##");
    assert_eq!(seen.resident_after_dropping, "..", "the pages are gone");
    assert_eq!(seen.after_dropping.memory, "aa!!bb", "the edit is not");
    assert_eq!(seen.after_dropping.file, "aa!!bb");
    approve!(seen);
    Ok(())
}

#[test]
fn a_hole_punched_through_a_map_reads_as_zeros() -> io::Result<()> {
    let Some(seen) = or_say_what_is_lacking(page::a_hole_punched_through_a_map_reads_as_zeros()?) else {
        return Ok(());
    };
    assert_eq!(seen.start_before.file, "aaabbb");
    assert_eq!(seen.end_before.file, "bbbccc");
    assert_eq!(seen.start_after.memory, "aaa\0\0\0", "zeros in the map from where the page begins");
    assert_eq!(seen.end_after.memory, "\0\0\0ccc", "to where it ends");
    assert_eq!(seen.start_after.file, seen.start_after.memory, "and in the file");
    assert_eq!(seen.end_after.file, seen.end_after.memory);
    assert_eq!(seen.file_length, Place { pages: 3, bytes: 0 }, "which is as long as it was");
    assert_eq!(seen.first_hole_before, Place { pages: 3, bytes: 0 });
    assert_eq!(seen.first_hole_after, Place { pages: 1, bytes: 0 }, "with a hole in it");
    approve!(seen);
    Ok(())
}

#[test]
fn locked_pages_are_resident_and_locks_do_not_stack() -> io::Result<()> {
    let seen = page::locked_pages_are_resident_and_locks_do_not_stack()?;
    let Some(seen) = or_say_what_is_lacking(seen) else { return Ok(()) };
    assert_eq!(seen.resident_before, "...", "untouched, and not resident");
    assert_eq!(seen.resident_locked, "###", "untouched, and resident");
    assert_eq!(seen.locked_once, 3);
    assert_eq!(seen.lock_again, Answer::Granted);
    assert_eq!(seen.locked_twice, 3);
    assert_eq!(seen.unlocked_once, 0, "one unlock undoes two locks");
    assert_eq!(seen.unlock_again, Answer::Granted, "and one more does no harm");
    assert_eq!(seen.for_two_bytes_of_two_pages, 2, "pages are locked whole");
    approve!(seen);
    Ok(())
}

#[cfg(target_pointer_width = "64")]
#[test]
fn a_tebibyte_is_mapped_whole() -> io::Result<()> {
    let Some(seen) = or_say_what_is_lacking(page::a_tebibyte_is_mapped_whole()?) else { return Ok(()) };
    assert_eq!(seen.map_bytes, 1 << 40, "all of it is mapped");
    assert_eq!(seen.first, "f", "its first byte can be read");
    assert_eq!(seen.last, "t", "and its last");
    assert_eq!(seen.first_page_resident, "#");
    assert_eq!(seen.last_page_resident, "#");
    assert_eq!(seen.middle_pages_resident, "........", "what was not touched is not there");
    assert!(seen.less_than_a_thousandth, "which is nearly all");
    approve!(seen);
    Ok(())
}
