use mmap_by_example::lab::observation::Answer::{self, Granted};
use mmap_by_example::lab::place::Place;

use crate::prove;

fn refused(error: &str) -> Answer {
    Answer::Refused(error.into())
}

#[test]
fn a_mapped_file_cannot_be_made_shorter() {
    prove!(windows::a_mapped_file_cannot_be_made_shorter(), |seen| {
        assert_eq!(
            seen.shorter_while_mapped,
            refused("ERROR_USER_MAPPED_FILE"),
            "it is mapped"
        );
        assert_eq!(seen.after_it.memory, "0123456789", "nothing was cut");
        assert_eq!(seen.after_it.file, "0123456789");
        assert_eq!(seen.longer_while_mapped, Granted, "it may grow");
        assert_eq!(seen.length_then, 12);
        assert_eq!(seen.shorter_after_the_drop, Granted, "the map was why");
        assert_eq!(seen.length_at_the_end, 4);
    });
}

#[test]
fn a_map_longer_than_the_file_is_refused() {
    prove!(windows::a_map_longer_than_the_file_is_refused(), |seen| {
        assert_eq!(seen.as_long, Granted);
        assert_eq!(seen.longer, refused("EACCES"));
        assert_eq!(seen.length_then, 10, "the file did not grow");
        assert_eq!(seen.when_the_file_is_as_long, Granted, "its length was why");
    });
}

#[test]
fn a_map_begins_in_a_block_of_64_kib() {
    prove!(windows::a_map_begins_in_a_block_of_64_kib(), |seen| {
        let place = |pages, bytes| Place { pages, bytes };
        assert_eq!(seen.without_offset, place(0, 0));
        assert_eq!(seen.a_page, place(1, 0), "a page into its block");
        assert_eq!(seen.a_page_and_a_byte, place(1, 1));
        assert_eq!(seen.a_block, place(0, 0), "the next block begins");
        assert_eq!(seen.a_block_and_a_byte, place(0, 1));
    });
}

#[test]
fn a_file_opened_without_sharing_is_kept_from_others_by_its_map() {
    prove!(
        windows::a_file_opened_without_sharing_is_kept_from_others_by_its_map(),
        |seen| {
            assert_eq!(seen.before, Granted, "others may open it at first");
            assert_eq!(seen.while_open, refused("ERROR_SHARING_VIOLATION"));
            assert_eq!(
                seen.while_mapped,
                refused("ERROR_SHARING_VIOLATION"),
                "the map keeps it closed"
            );
            assert_eq!(seen.memory, "mine", "and is there");
            assert_eq!(seen.after_the_drop, Granted);
        }
    );
}
