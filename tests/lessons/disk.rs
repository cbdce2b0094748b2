use mmap_by_example::lab::observation::{Answer, Outcome};
use mmap_by_example::lab::place::Place;

use crate::prove;

#[test]
fn a_flush_writes_back_and_an_asynchronous_one_does_not() {
    prove!(
        disk::a_flush_writes_back_and_an_asynchronous_one_does_not(),
        |seen| {
            assert_eq!(seen.dirty_before, 0, "the page was clean");
            assert_eq!(seen.dirty_after_store, 1, "a store makes it dirty");
            assert_eq!(seen.flush_async, Answer::Granted);
            assert_eq!(
                seen.dirty_after_flush_async, 1,
                "an asynchronous flush leaves it so"
            );
            assert_eq!(seen.dirty_after_flush, 0, "a flush cleans it");
            assert_eq!(seen.after.memory, "!aa");
            assert_eq!(seen.after.file, "!aa");
        }
    );
}

#[test]
fn sync_all_writes_back_what_a_dropped_map_has_left() {
    prove!(
        disk::sync_all_writes_back_what_a_dropped_map_has_left(),
        |seen| {
            assert_eq!(seen.before, 0, "the page was clean");
            assert_eq!(seen.maps_after_drop, [""; 0], "the map is gone");
            assert_eq!(seen.after_drop, 1, "and has written nothing back");
            let write = &seen.writing_through_the_new_handle;
            assert_eq!(*write, Answer::Refused("EBADF".to_owned()));
            assert_eq!(seen.after_sync_all, 0, "sync_all does");
            assert_eq!(seen.file, "!aa", "the edit");
        }
    );
}

#[test]
fn a_later_store_may_be_on_the_disk_before_an_earlier_one() {
    prove!(
        disk::a_later_store_may_be_on_the_disk_before_an_earlier_one(),
        |seen| {
            assert_eq!(seen.between_the_stores, ["1", "b"], "the data came first");
            assert_eq!(seen.dirty_between, [1, 0], "and the pages had been clean");
            assert_eq!(seen.dirty_before, [1, 1], "both pages were stored to");
            assert_eq!(
                seen.dirty_after,
                [1, 0],
                "the later store was written back, the earlier one was not"
            );
            assert_eq!(
                seen.file,
                ["1aa", "2bb"],
                "though every reader sees the data"
            );
        }
    );
}

#[test]
fn only_the_first_store_into_a_clean_page_moves_the_modification_time() {
    prove!(
        disk::only_the_first_store_into_a_clean_page_moves_the_modification_time(),
        |seen| {
            assert_eq!(seen.resident_after_it, "#", "it was looked at");
            assert_eq!(seen.dirty_after_it, 0, "the page is clean");
            assert!(!seen.by_a_look, "a look does not move it");
            assert!(seen.by_the_first_store, "the first store does");
            assert!(!seen.by_another_store, "the second does not");
            assert!(!seen.by_a_flush, "nor does a flush");
            assert!(
                seen.by_a_store_after_the_flush,
                "the page is clean then, and the next store is a first one"
            );
            assert_eq!(seen.file, "!!!a", "all stores are in the file");
        }
    );
}

#[test]
fn a_store_into_a_hole_takes_room() {
    prove!(disk::a_store_into_a_hole_takes_room(), |seen| {
        assert!(!seen.takes_room_before, "a hole takes no room");
        assert_eq!(seen.zeros, ["\0\0\0"; 3], "it reads as zeros");
        assert_eq!(seen.resident_after_look, "###", "through the map");
        assert!(!seen.takes_room_after_look, "which takes none either");
        assert!(seen.takes_room_after_store, "a store does");
        assert_eq!(seen.after.memory, "\0\0\0!\0\0");
        assert_eq!(seen.after.file, "\0\0\0!\0\0");
        assert_eq!(seen.length, Place { pages: 3, bytes: 0 });
    });
}

#[test]
fn a_store_into_a_hole_of_a_full_disk_kills() {
    prove!(disk::a_store_into_a_hole_of_a_full_disk_kills(), |seen| {
        assert_eq!(
            seen.store_into_four,
            (Outcome::Survived, [4, 4]),
            "there is room for four pages"
        );
        assert_eq!(
            seen.store_into_five,
            (Outcome::KilledBy("SIGBUS"), [5, 4]),
            "the fifth store kills"
        );
        assert_eq!(
            seen.populate_five,
            Answer::Refused("EFAULT".into()),
            "populating answers"
        );
        assert_eq!(
            seen.reserve_five,
            Answer::Refused("ENOSPC".into()),
            "and so does reserving"
        );
    });
}

#[test]
fn a_removed_file_keeps_its_room_until_its_last_map_is_gone() {
    prove!(
        disk::a_removed_file_keeps_its_room_until_its_last_map_is_gone(),
        |seen| {
            assert_eq!(seen.at_first, 4);
            assert_eq!(seen.after_two_were_stored_to, 2, "the file has two pages");
            assert_eq!(seen.names_then, 0, "it has no name");
            assert_eq!(seen.after_the_name_was_removed, 2, "and keeps its room");
            assert_eq!(seen.after_the_handle_was_closed, 2, "with the map alone");
            assert_eq!(seen.second_page_then, '!', "which still shows its bytes");
            assert_eq!(seen.after_the_map_was_dropped, 4, "and not without it");
        }
    );
}

#[test]
fn what_watches_a_file_is_told_of_no_store() {
    prove!(disk::what_watches_a_file_is_told_of_no_store(), |seen| {
        assert_eq!(
            seen.events_of_a_write_before,
            ["IN_MODIFY"],
            "the watch is told of writes"
        );
        assert_eq!(seen.after_store, "!orem ipsum", "the file was changed");
        assert_eq!(seen.events_of_the_store, [""; 0], "and nobody was told");
        assert_eq!(seen.events_of_the_flush, [""; 0], "nor at the flush");
        assert!(seen.is_told_of_a_new_time, "of a time they are");
        assert_eq!(seen.after_write, "!?rem ipsum");
        assert_eq!(seen.events_of_a_write, ["IN_MODIFY"], "and of a write");
        assert_eq!(seen.maps, ["rw-s"]);
        assert_eq!(seen.events_of_the_unmapping, [""; 0]);
    });
}
