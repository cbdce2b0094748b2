#[cfg(target_os = "linux")]
use mmap_by_example::lab::observation::Answer;
use mmap_by_example::lab::observation::Outcome;
use mmap_by_example::lab::place::Place;

use crate::prove;

const ONE_PAGE: Place = Place { pages: 1, bytes: 0 };
const TWO_PAGES: Place = Place { pages: 2, bytes: 0 };
#[cfg(target_os = "linux")]
const THREE_PAGES: Place = Place { pages: 3, bytes: 0 };
#[cfg(target_os = "linux")]
const TWELVE_BYTES: Place = Place {
    pages: 0,
    bytes: 12,
};

#[cfg(target_os = "linux")]
#[test]
fn grow_the_file_then_the_map() {
    prove!(resize::grow_the_file_then_the_map(), |seen| {
        assert_eq!(seen.before.memory, "aa", "both end with the first page");
        assert_eq!(seen.before.file, "aa");
        assert_eq!(seen.after_growing_the_file.file, "aabb", "the file grew");
        assert_eq!(seen.after_growing_the_file.memory, "aa", "the map did not");
        assert_eq!(seen.length_after_growing_the_file, ONE_PAGE);
        assert_eq!(
            seen.held.maps,
            ["rw-s"],
            "there is one map, and it is shared"
        );
        assert_eq!(seen.held.handles, 0, "no handle is needed to make it grow");
        assert_eq!(
            seen.length_after_growing_the_map, TWO_PAGES,
            "until it was told to"
        );
        assert_eq!(seen.resident_after_it, "#.", "it is the map that was there");
        assert_eq!(seen.after_growing_the_map.memory, "aabb");
        assert_eq!(seen.after_growing_the_map.file, "aabb");
    });
}

#[test]
fn grow_the_file_then_store() {
    prove!(resize::grow_the_file_then_store(), |seen| {
        assert_eq!(
            seen.store_before,
            Outcome::KilledBy("SIGBUS"),
            "a store past the end kills"
        );
        assert_eq!(seen.length_before, ONE_PAGE, "and makes no file longer");
        assert_eq!(seen.length_after, TWO_PAGES, "set_len does");
        assert_eq!(seen.before.memory, "aa\0\0", "with zeros");
        assert_eq!(seen.before.file, "aa\0\0");
        assert_eq!(seen.store_after, Outcome::Survived);
        assert_eq!(seen.after.memory, "aa!\0", "then the same store");
        assert_eq!(seen.after.file, "aa!\0", "is in the file");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn shrinking_a_map_leaves_the_file_alone() {
    prove!(resize::shrinking_a_map_leaves_the_file_alone(), |seen| {
        assert_eq!(seen.third_page_shows, 'c');
        assert_eq!(seen.map_length, ONE_PAGE, "the map is shorter");
        assert_eq!(seen.mapped_pages, Some(1), "and so is what is mapped");
        assert!(seen.same_address, "the map stays where it is");
        assert_eq!(seen.file_length, THREE_PAGES, "the file is as long");
        assert_eq!(seen.third_page_of_the_file, "ccc", "and has what it had");
        assert_eq!(seen.third_page_before, Outcome::Survived);
        assert_eq!(
            seen.third_page_after,
            Outcome::KilledBy("SIGSEGV"),
            "the old pages are unmapped"
        );
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_map_grows_in_place_only_where_there_is_room() {
    prove!(
        resize::a_map_grows_in_place_only_where_there_is_room(),
        |seen| {
            assert!(seen.hemmed_in);
            assert_eq!(
                seen.in_place,
                Answer::Refused("ENOMEM".into()),
                "there is no room"
            );
            assert_eq!(seen.length_then, ONE_PAGE, "the map is as before");
            assert_eq!(
                seen.old_address_if_in_place,
                Outcome::Survived,
                "and where it was"
            );
            assert_eq!(seen.may_move, Answer::Granted, "if it may move, it grows");
            assert_eq!(seen.length_now, TWO_PAGES);
            assert!(seen.moved, "elsewhere");
            assert_eq!(
                seen.old_address_if_moved,
                Outcome::KilledBy("SIGSEGV"),
                "an old pointer is dangling"
            );
            assert_eq!(
                seen.around_the_first_page, "aabb",
                "the old bytes come along, and the new ones are there"
            );
        }
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_map_may_grow_past_the_end_of_the_file() {
    prove!(resize::a_map_may_grow_past_the_end_of_the_file(), |seen| {
        assert_eq!(
            seen.length_before, TWELVE_BYTES,
            "the map was as long as the file"
        );
        assert_eq!(
            seen.remap,
            Answer::Granted,
            "nobody compares it with the file"
        );
        assert_eq!(seen.length_after, TWO_PAGES);
        assert_eq!(seen.resident_after, "#.", "it is the map that was there");
        assert_eq!(seen.file_length, TWELVE_BYTES, "which is as long as it was");
        assert_eq!(
            seen.around_the_end.memory, "world\n\0\0\0\0",
            "zeros up to the end of the page"
        );
        assert_eq!(seen.around_the_end.file, "world\n");
        assert_eq!(seen.last_byte_of_the_first_page, Outcome::Survived);
        assert_eq!(
            seen.second_page,
            Outcome::KilledBy("SIGBUS"),
            "and death after it"
        );
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_private_map_grows_with_its_edits() {
    prove!(resize::a_private_map_grows_with_its_edits(), |seen| {
        assert_eq!(seen.before.memory, "aE", "one page is mapped, and edited");
        assert_eq!(seen.before.file, "aabb");
        assert_eq!(
            seen.after.memory, "aEbb",
            "the edit is kept, and the new page is the file's"
        );
        assert_eq!(seen.after.file, "aabb");
        assert_eq!(seen.copies, "#.", "only the edited page is a copy");
        assert_eq!(
            seen.held.maps,
            ["rw-p"],
            "there is one map, and it is private"
        );
        assert_eq!(seen.after_another_edit.memory, "aENb");
        assert_eq!(
            seen.after_another_edit.file, "aabb",
            "nor does an edit of the new page reach the file"
        );
    });
}

#[cfg(target_os = "linux")]
#[test]
fn shared_anonymous_memory_does_not_grow_with_its_map() {
    prove!(
        resize::shared_anonymous_memory_does_not_grow_with_its_map(),
        |seen| {
            let (shared, private) = (&seen.shared, &seen.private);
            assert_eq!(shared.permissions, "rw-s", "one is shared");
            assert_eq!(
                shared.name, "/dev/zero (deleted)",
                "so that the kernel has a file for it"
            );
            assert_eq!(private.permissions, "rw-p", "the other is private");
            assert_eq!(private.name, "");
            for map in [shared, private] {
                assert_eq!(map.length_before, ONE_PAGE);
                assert_eq!(map.remap, Answer::Granted, "both maps grow");
                assert_eq!(map.length, TWO_PAGES);
                assert_eq!(map.first_page, Outcome::Survived);
            }
            assert_eq!(
                shared.second_page,
                Outcome::KilledBy("SIGBUS"),
                "but shared memory does not"
            );
            assert_eq!(
                private.second_page,
                Outcome::Survived,
                "private memory does"
            );
        }
    );
}
