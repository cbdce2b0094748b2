use mmap_by_example::lab::observation::{Answer, Outcome};
use mmap_by_example::lab::place::Place;
use mmap_by_example::lab::sample::WORD;

use crate::{lorem, prove};

#[test]
fn a_flushed_edit_is_in_the_file() {
    prove!(
        write::a_flushed_edit_is_in_the_file(&lorem(), WORD),
        |seen| {
            assert_eq!(
                seen.before.memory, seen.before.file,
                "at first both sides agree"
            );
            assert_ne!(
                seen.after.memory, seen.before.memory,
                "the memory shows the edit"
            );
            assert_eq!(seen.after.file, seen.after.memory, "and so does the file");
        }
    );
}

#[test]
fn an_edit_is_seen_at_once() {
    prove!(write::an_edit_is_seen_at_once(), |seen| {
        assert_eq!(seen.before.same_handle, "Lorem ipsum");
        assert_eq!(seen.before.another_handle, "Lorem ipsum");
        assert_eq!(seen.before.another_map, "orem ipsum");
        assert_eq!(
            seen.after.same_handle, "Lorem _psum",
            "a read of the same handle sees it"
        );
        assert_eq!(
            seen.after.another_handle, "Lorem _psum",
            "another handle sees it"
        );
        assert_eq!(
            seen.after.another_map, "orem _psum",
            "a map that was there before sees it"
        );
    });
}

#[test]
fn a_write_to_the_file_is_seen_through_the_map() {
    prove!(
        write::a_write_to_the_file_is_seen_through_the_map(),
        |seen| {
            assert_eq!(seen.before.memory, "Lorem ipsum");
            assert_eq!(seen.before.file, "Lorem ipsum");
            assert_eq!(seen.after.file, "LOREM ipsum", "the file was written");
            assert_eq!(seen.after.memory, seen.after.file, "and the map shows it");
        }
    );
}

#[test]
fn dropping_the_map_unflushed_loses_nothing() {
    prove!(write::dropping_the_map_unflushed_loses_nothing(), |seen| {
        assert_eq!(seen.before.memory, "Lorem ipsum");
        assert_eq!(seen.before.file, "Lorem ipsum");
        assert_eq!(seen.memory_after_edit, "LOREM ipsum", "there was an edit");
        assert_eq!(
            seen.file_after_drop, "LOREM ipsum",
            "and the edit is in the file"
        );
        assert_eq!(seen.new_map_later, "LOREM ipsum");
    });
}

#[test]
fn a_flush_changes_nothing_that_a_reader_sees() {
    prove!(
        write::a_flush_changes_nothing_that_a_reader_sees(),
        |seen| {
            assert_eq!(seen.before.memory, "Lorem ipsum");
            assert_eq!(seen.before.file, "Lorem ipsum");
            assert_eq!(seen.after_edit.memory, "LOREM ipsum", "there was an edit");
            assert_eq!(
                seen.after_edit.file, "LOREM ipsum",
                "the reader has it before the flush"
            );
            assert_eq!(seen.flush, Answer::Granted);
            assert_eq!(
                seen.after_flush, seen.after_edit,
                "and the flush brings nothing new"
            );
        }
    );
}

#[test]
fn a_flush_takes_any_range_inside_the_map() {
    let place = |pages, bytes| Place { pages, bytes };
    let (start, two_pages) = (place(0, 0), place(2, 0));
    let inside = [
        (start, two_pages),
        (place(0, 1), place(0, 5)),
        (place(1, -1), place(0, 2)),
    ];
    let outside = [(start, place(2, 1)), (two_pages, place(0, 1))];
    prove!(write::a_flush_takes_any_range_inside_the_map(), |seen| {
        let refused = Answer::Refused("InvalidInput".into());
        let expected = inside
            .map(|range| (range, &Answer::Granted))
            .into_iter()
            .chain(outside.map(|range| (range, &refused)));
        assert!(
            seen.iter()
                .map(|it| ((it.offset, it.length), &it.flush_range))
                .eq(expected.clone()),
            "any range inside the map will do, and no other"
        );
        assert!(
            seen.iter()
                .map(|it| ((it.offset, it.length), &it.flush_async_range))
                .eq(expected),
            "without waiting, too"
        );
    });
}

#[test]
fn an_edit_in_place_cannot_change_the_length() {
    prove!(write::an_edit_in_place_cannot_change_the_length(), |seen| {
        assert_eq!(seen.before.memory, "Lorem ipsum");
        assert_eq!(seen.by_a_shorter_word, Outcome::Panicked);
        assert_eq!(seen.by_a_longer_word, Outcome::Panicked);
        assert_eq!(seen.after_these, seen.before, "neither changed anything");
        assert_eq!(seen.by_one_as_long, Outcome::Survived);
        assert_eq!(
            seen.after_that.memory, "Ipsum ipsum",
            "one of the same length did"
        );
        assert_eq!(seen.after_that.file, "Ipsum ipsum");
        assert_eq!(seen.map_bytes, 1081, "the map is as long as it was");
        assert_eq!(seen.file_bytes, 1081, "and so is the file");
    });
}
