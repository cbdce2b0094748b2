use mmap_by_example::lab::observation::Answer;
use mmap_by_example::lab::sample::WORD;

use crate::{lorem, prove};

#[test]
fn an_edit_never_reaches_the_file() {
    prove!(
        copy::an_edit_never_reaches_the_file(&lorem(), WORD),
        |seen| {
            assert_ne!(
                seen.after.memory, seen.before.memory,
                "the memory shows the edit"
            );
            assert_eq!(seen.after.file, seen.before.file, "the file does not");
            assert_eq!(seen.flush, Answer::Granted, "a flush is granted");
            assert_eq!(seen.after_flush, seen.after, "and changes neither");
            assert_eq!(
                seen.file_after_unmap, seen.before.file,
                "nor does the end of the map"
            );
        }
    );
}

#[test]
fn an_edit_is_seen_by_nobody_else() {
    prove!(copy::an_edit_is_seen_by_nobody_else(), |seen| {
        let before = &seen.before;
        for view in [
            &before.another_private_map,
            &before.shared_map,
            &before.file,
        ] {
            assert_eq!(*view, before.this_map, "before the edit all show the same");
        }
        assert_eq!(before.this_map, "Lorem ipsum");
        assert_eq!(
            seen.after.this_map, "_orem ipsum",
            "the edited map shows it"
        );
        assert_eq!(
            seen.after.another_private_map, "Lorem ipsum",
            "another private map does not"
        );
        assert_eq!(
            seen.after.shared_map, "Lorem ipsum",
            "a shared map does not"
        );
        assert_eq!(seen.after.file, "Lorem ipsum", "the file does not");
        let then = &seen.after_stores_through_the_others;
        assert_eq!(
            then.file, "Lorem iSsum",
            "the shared map is shared, the other one is private"
        );
        assert_eq!(then.shared_map, then.file);
        assert_ne!(
            then.another_private_map, then.file,
            "the other private map has its own page"
        );
    });
}

#[test]
fn a_read_only_handle_is_enough() {
    prove!(copy::a_read_only_handle_is_enough(), |seen| {
        let (granted, eacces) = (Answer::Granted, Answer::Refused("EACCES".into()));
        assert_ne!(seen.write_to_the_file, granted, "the handle can only read");
        assert_eq!(seen.private_writable, granted);
        assert_eq!(seen.shared_read_only, granted);
        assert_eq!(
            seen.shared_writable, eacces,
            "a shared map needs a handle that can write"
        );
        let after_edit = seen.after_edit.as_ref().expect("a private map");
        assert_eq!(
            after_edit.memory, "LOREM ipsum",
            "the private map can be written to"
        );
        assert_eq!(after_edit.file, "Lorem ipsum");
    });
}

#[test]
fn a_later_write_reaches_only_pages_not_edited() {
    prove!(
        copy::a_later_write_reaches_only_pages_not_edited(),
        |seen| {
            assert_eq!(seen.edited_at_first.memory, "a");
            assert_eq!(seen.edited_before.memory, "E", "the page was edited");
            assert_eq!(seen.edited_before.file, "a", "through a private map");
            assert_eq!(seen.edited_after.memory, "E", "it is frozen");
            assert_eq!(seen.edited_after.file, "W", "though the file was written");
            assert_eq!(seen.read_before.memory, "b");
            assert_eq!(
                seen.read_after.memory, "W",
                "a page that was only read follows the file"
            );
        }
    );
}

#[cfg(target_os = "linux")]
#[test]
fn copying_goes_page_by_page() {
    prove!(copy::copying_goes_page_by_page(), |seen| {
        assert_eq!(seen.read, "abcd");
        assert_eq!(
            seen.resident_after_reading_all, "####",
            "every page was read"
        );
        for (step, copied, memory, why) in [
            (
                &seen.after_reading_all,
                "....",
                "bbb",
                "which copies nothing",
            ),
            (
                &seen.after_one_store,
                ".#..",
                "1bb",
                "a store copies its page",
            ),
            (
                &seen.after_another_in_the_same_page,
                ".#..",
                "12b",
                "the second into it copies nothing",
            ),
            (
                &seen.after_one_in_another_page,
                ".#.#",
                "12b",
                "a store elsewhere copies that page",
            ),
        ] {
            assert_eq!(step.pages, copied, "{why}");
            assert_eq!(step.second_page.memory, memory, "so far and no further");
            assert_eq!(step.second_page.file, "bbb");
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn dropped_pages_forget_their_edits() {
    prove!(copy::dropped_pages_forget_their_edits(), |seen| {
        assert_eq!(seen.before.memory, "Lorem ipsum");
        assert_eq!(seen.after_edit.memory, "_orem ipsum", "there was an edit");
        assert_eq!(
            seen.after_edit.file, "Lorem ipsum",
            "and the map is private"
        );
        assert_eq!(seen.own_after_dropping, ".", "the copy is gone");
        assert_eq!(
            seen.after_dropping.memory, seen.before.memory,
            "the edit is forgotten"
        );
        assert_eq!(
            seen.after_dropping.file, seen.before.file,
            "and the file never had it"
        );
        assert_eq!(
            seen.after_another_edit.memory, "L_rem ipsum",
            "the map is the same one"
        );
        assert_eq!(
            seen.after_another_edit.file, "Lorem ipsum",
            "and still private"
        );
    });
}
