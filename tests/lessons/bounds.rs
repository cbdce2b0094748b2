#[cfg(unix)]
use mmap_by_example::lab::observation::{Answer, Outcome};
#[cfg(unix)]
use mmap_by_example::lab::place::Place;

use crate::prove;

#[cfg(unix)]
const SIGBUS: Outcome = Outcome::KilledBy("SIGBUS");

#[cfg(unix)]
fn pages(pages: usize) -> Place {
    Place { pages, bytes: 0 }
}

#[cfg(unix)]
fn refused(error: &str) -> Answer {
    Answer::Refused(error.into())
}

#[test]
fn a_window_shows_a_part_of_the_file() {
    prove!(bounds::a_window_shows_a_part_of_the_file(), |seen| {
        for (window, begins_at, bytes, why) in [
            (&seen.whole, 0, "0123456789", "all of the file"),
            (&seen.offset_3, 3, "3456789", "from the offset to the end"),
            (&seen.length_4, 0, "0123", "as long as was asked for"),
            (
                &seen.offset_3_length_4,
                3,
                "3456",
                "counted from the offset",
            ),
        ] {
            assert_eq!(window.begins_at, begins_at, "{why}");
            assert_eq!(window.bytes, bytes, "{why}");
        }
    });
}

#[cfg(unix)]
#[test]
fn any_offset_works_though_the_kernel_wants_pages() {
    prove!(
        bounds::any_offset_works_though_the_kernel_wants_pages(),
        |seen| {
            assert_eq!(seen.kernel_at_a_page, Answer::Granted);
            assert_eq!(
                seen.kernel_at_a_page_and_a_byte,
                refused("EINVAL"),
                "the kernel requires whole pages"
            );
            assert_eq!(
                seen.memmap2_at_a_page_and_a_byte,
                Answer::Granted,
                "memmap2 takes any offset"
            );
            assert_eq!(seen.bytes, "123456789", "and begins at that byte");
            assert_eq!(
                seen.start_within_its_page,
                Place { pages: 0, bytes: 1 },
                "which is not a page's first"
            );
        }
    );
}

#[cfg(unix)]
#[test]
fn an_empty_file_gives_an_empty_map() {
    prove!(bounds::an_empty_file_gives_an_empty_map(), |seen| {
        assert_eq!(
            seen.kernel_for_no_bytes,
            refused("EINVAL"),
            "the kernel refuses a length of zero"
        );
        assert_eq!(
            seen.kernel_for_one_byte,
            Answer::Granted,
            "and not an empty file"
        );
        assert_eq!(seen.memmap2, Answer::Granted, "memmap2 maps it");
        assert_eq!(seen.map_bytes, 0, "and the map is empty");
        assert_eq!(seen.file_bytes, 0, "as the file is, and stays");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_gives_an_empty_map_unless_len_is_given() {
    prove!(
        bounds::a_device_gives_an_empty_map_unless_len_is_given(),
        |seen| {
            let (device, proc) = (&seen.dev_zero, &seen.proc_self_status);
            assert_eq!(device.length_in_the_metadata, 0);
            assert_eq!(device.read, "\0\0\0\0\0", "it has bytes");
            assert_eq!(device.without_len, Answer::Granted);
            assert_eq!(device.bytes_without_len, "", "the map has none");
            assert_eq!(device.with_len, Answer::Granted);
            assert_eq!(
                device.bytes_with_len, "\0\0\0",
                "unless it is told how many"
            );
            assert_eq!(seen.plain_file.bytes_without_len, "plain");
            assert_eq!(proc.length_in_the_metadata, 0);
            assert_eq!(proc.read, "Name:", "it has bytes");
            for answer in [&proc.without_len, &proc.with_len] {
                assert_eq!(*answer, refused("ENODEV"), "and no map can have them");
            }
        }
    );
}

#[cfg(unix)]
#[test]
fn a_map_longer_than_the_file_is_allowed() {
    prove!(bounds::a_map_longer_than_the_file_is_allowed(), |seen| {
        let twelve_bytes = Place {
            pages: 0,
            bytes: 12,
        };
        assert_eq!(seen.map, Answer::Granted);
        assert_eq!(
            seen.map_length,
            pages(3),
            "the map is as long as was asked for"
        );
        assert_eq!(
            seen.file_after, twelve_bytes,
            "and the file as long as it was"
        );
    });
}

#[cfg(unix)]
#[test]
fn a_page_past_the_end_kills() {
    prove!(bounds::a_page_past_the_end_kills(), |seen| {
        assert_eq!(
            seen.file,
            Place {
                pages: 0,
                bytes: 12
            },
            "the file ends in the first page"
        );
        let [lives, dies] =
            [Outcome::Survived, SIGBUS].map(|end| mmap_by_example::bounds::Touched {
                read: end,
                write: end,
            });
        assert_eq!(seen.last_byte, lives);
        assert_eq!(seen.last_byte_then.file, "!", "a write does store");
        assert_eq!(seen.rest_of_its_page, lives, "which is there as a whole");
        assert_eq!(seen.next_page, dies, "the next one is not there");
    });
}

#[cfg(unix)]
#[test]
fn a_system_call_is_refused_where_a_touch_kills() {
    prove!(
        bounds::a_system_call_is_refused_where_a_touch_kills(),
        |seen| {
            let good = &seen.in_the_file;
            assert_eq!(good.touch, Outcome::Survived);
            assert_eq!(good.write_from_it, Answer::Granted, "a good page is taken");
            assert_eq!(good.written, "a");
            assert_eq!(good.read_into_it, Answer::Granted);
            assert_eq!(good.file, "!", "and filled");
            assert_eq!(
                seen.without_access.touch,
                Outcome::KilledBy("SIGSEGV"),
                "a touch without access kills"
            );
            assert_eq!(
                seen.past_the_end.touch, SIGBUS,
                "and so does one past the end"
            );
            for page in [&seen.without_access, &seen.past_the_end] {
                assert_eq!(page.write_from_it, refused("EFAULT"), "a call is refused");
                assert_eq!(page.written, "-", "and nothing is written");
                assert_eq!(page.read_into_it, refused("EFAULT"));
            }
            assert_eq!(seen.without_access.file, "b", "nothing is changed");
            assert_eq!(seen.past_the_end.file, "", "and the file is no longer");
        }
    );
}

#[cfg(unix)]
#[test]
fn the_rest_of_the_last_page_does_not_make_the_file_longer() {
    prove!(
        bounds::the_rest_of_the_last_page_does_not_make_the_file_longer(),
        |seen| {
            assert_eq!(seen.before.memory, "world\n\0\0\0\0", "it starts as zeros");
            assert_eq!(seen.before.file, "world\n", "which are not in the file");
            assert_eq!(
                seen.after_store.memory, "world!?\0\0\0",
                "it can be stored to"
            );
            assert_eq!(
                seen.after_store.file, "world!",
                "the file has what was stored before its end"
            );
            assert_eq!(seen.flush, Answer::Granted);
            assert_eq!(
                seen.file_at_the_end, "world!",
                "and after a flush no more than that"
            );
            assert_eq!(
                seen.file_length_at_the_end,
                Place {
                    pages: 0,
                    bytes: 12
                },
                "it is as long as it was"
            );
        }
    );
}

#[cfg(unix)]
#[test]
fn maps_come_in_whole_pages() {
    prove!(bounds::maps_come_in_whole_pages(), |seen| {
        let five_bytes = Place { pages: 0, bytes: 5 };
        let page_and_byte = Place { pages: 1, bytes: 1 };
        let two_bytes = Place { pages: 0, bytes: 2 };
        assert_eq!(seen.five_bytes.bytes, five_bytes);
        assert_eq!(seen.five_bytes.pages, 1, "five bytes take a page");
        for map in [&seen.five_bytes, &seen.two_bytes_across_a_boundary] {
            assert_eq!(
                map.end_within_its_page,
                Place {
                    pages: 1,
                    bytes: -1
                }
            );
            assert_eq!(map.read_the_end, Outcome::Survived, "nothing guards it");
        }
        assert_eq!((seen.a_page.bytes, seen.a_page.pages), (pages(1), 1));
        assert_eq!(seen.a_page_and_a_byte.bytes, page_and_byte);
        assert_eq!(
            seen.a_page_and_a_byte.pages, 2,
            "one byte more takes another"
        );
        assert_eq!(seen.two_bytes_across_a_boundary.bytes, two_bytes);
        assert_eq!(
            seen.two_bytes_across_a_boundary.pages, 2,
            "and so do two bytes, if a boundary is between them"
        );
    });
}

#[cfg(unix)]
#[test]
fn truncating_kills_past_the_new_end() {
    prove!(bounds::truncating_kills_past_the_new_end(), |seen| {
        let (before, after) = (&seen.before, &seen.after);
        assert_eq!((before.file, before.map), (pages(3), pages(3)));
        for (page, letter) in [
            (&before.first_page, "a"),
            (&before.second_page, "b"),
            (&before.third_page, "c"),
        ] {
            assert_eq!(page.touch, Outcome::Survived, "before, each page is there");
            assert_eq!(page.memory, letter);
        }
        assert_eq!(
            after.file,
            Place { pages: 1, bytes: 5 },
            "the file ends in the second page"
        );
        assert_eq!(after.first_page.touch, Outcome::Survived);
        assert_eq!(
            (after.second_page.touch, &after.second_page.memory.0[..]),
            (Outcome::Survived, &b"b"[..]),
            "the page in which the file ends is there"
        );
        assert_eq!(after.third_page.touch, SIGBUS, "the page after it is gone");
        assert_eq!(after.map, pages(3), "though the map is as long as before");
    });
}

#[cfg(unix)]
#[test]
fn truncating_clears_the_rest_of_the_last_page() {
    prove!(
        bounds::truncating_clears_the_rest_of_the_last_page(),
        |seen| {
            let (before, after) = (&seen.before, &seen.after);
            assert_eq!(before.shared.memory, "0123456789");
            assert_eq!(before.shared.file, "0123456789", "the edit is private");
            assert_eq!(before.private_with_an_edit, "E123456789");
            assert_eq!(after.shared.file, "0123", "the file was cut");
            assert_eq!(
                after.shared.memory, "0123\0\0\0\0\0\0",
                "zeros past the new end"
            );
            assert_eq!(
                after.private_with_an_edit, "E123456789",
                "a private copy of the page keeps all"
            );
        }
    );
}

#[cfg(unix)]
#[test]
fn truncating_kills_private_pages_too() {
    prove!(bounds::truncating_kills_private_pages_too(), |seen| {
        let edited = &seen.before.edited;
        assert_eq!(edited.memory, "E", "the page was edited");
        assert_eq!(edited.file, "b", "and is this map's own copy");
        assert_eq!(seen.before.unedited.memory, "c");
        assert_eq!(seen.after.edited.file, "", "the file was cut");
        assert_eq!(
            seen.after.edited.touch, SIGBUS,
            "the copy goes with the file's page"
        );
        assert_eq!(
            seen.after.unedited.touch, SIGBUS,
            "and so does a page that was not edited"
        );
        assert_eq!(
            seen.when_grown_again.edited.memory, "\0",
            "the edit does not come back"
        );
        assert_eq!(seen.when_grown_again.unedited.memory, "\0");
    });
}

#[cfg(unix)]
#[test]
fn a_file_cut_and_grown_again_shows_zeros() {
    prove!(bounds::a_file_cut_and_grown_again_shows_zeros(), |seen| {
        assert_eq!(seen.before.memory, "bbb");
        assert_eq!(seen.before.file, "bbb");
        assert_eq!(seen.meanwhile.file, "", "the file was cut off");
        assert_eq!(seen.meanwhile.touch, SIGBUS, "the map was deadly there");
        assert_eq!(seen.after.touch, Outcome::Survived, "and can be read again");
        assert_eq!(
            seen.after.memory, "\0\0\0",
            "the old bytes are gone from the map"
        );
        assert_eq!(seen.after.file, "\0\0\0", "and from the file");
    });
}

#[cfg(unix)]
#[test]
fn growing_the_file_fills_the_map_and_not_its_length() {
    prove!(
        bounds::growing_the_file_fills_the_map_and_not_its_length(),
        |seen| {
            let (before, after) = (&seen.before, &seen.after);
            assert_eq!(before.file, pages(1));
            assert_eq!(
                (before.plain_map, before.long_map),
                (pages(1), pages(2)),
                "one map is too long"
            );
            assert_eq!(before.second_page.touch, SIGBUS, "and deadly there");
            assert_eq!(after.file, Place { pages: 1, bytes: 5 }, "the file grew");
            assert_eq!(after.plain_map, before.plain_map, "its map did not");
            assert_eq!(after.long_map, before.long_map, "nor did the long one");
            assert_eq!(
                after.second_page.touch,
                Outcome::Survived,
                "which can be read there"
            );
            assert_eq!(
                after.second_page.memory, "grown",
                "with the new bytes in it"
            );
            assert_eq!(after.second_page.file, "grown");
        }
    );
}
