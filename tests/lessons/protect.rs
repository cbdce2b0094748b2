use mmap_by_example::lab::observation::Answer;
#[cfg(unix)]
use mmap_by_example::lab::observation::Outcome;
#[cfg(unix)]
use mmap_by_example::lab::observation::Outcome::Survived;
#[cfg(unix)]
use mmap_by_example::lab::place::Place;
#[cfg(unix)]
use mmap_by_example::protect::Touches;

use crate::prove;

/// What a touch ends in that the protection forbids.
#[cfg(unix)]
const SIGSEGV: Outcome = Outcome::KilledBy(match cfg!(target_vendor = "apple") {
    true => "SIGBUS",
    false => "SIGSEGV",
});

fn refused(error: &str) -> Answer {
    Answer::Refused(error.into())
}

#[test]
fn the_open_mode_decides_which_maps_are_allowed() {
    prove!(
        protect::the_open_mode_decides_which_maps_are_allowed(),
        |seen| {
            let granted = Answer::Granted;
            let (read, write) = (&seen.read, &seen.write);
            let (read_and_write, append) = (&seen.read_and_write, &seen.read_and_append);

            assert_eq!(read.ordinary_read, granted);
            assert_ne!(read.ordinary_write, granted, "the handle can only read");
            assert_eq!(
                read.shared_writable,
                refused("EACCES"),
                "so there is no shared writable map"
            );
            assert_eq!(read.shared_read_only, granted, "but any other");
            assert_eq!(read.private_read_only, granted);
            assert_eq!(read.private_writable, granted);

            assert_ne!(write.ordinary_read, granted, "the handle can only write");
            assert_eq!(write.ordinary_write, granted);
            for map in [
                &write.shared_read_only,
                &write.shared_writable,
                &write.private_read_only,
                &write.private_writable,
            ] {
                assert_eq!(*map, refused("EACCES"), "so there is no map at all");
            }

            for both in [read_and_write, append] {
                assert_eq!(both.ordinary_read, granted, "the handle can do both");
                assert_eq!(both.ordinary_write, granted);
                assert_eq!(both.shared_read_only, granted, "so there is every map");
                assert_eq!(both.shared_writable, granted);
                assert_eq!(both.private_read_only, granted);
                assert_eq!(both.private_writable, granted);
            }
            assert_eq!(read.file_after_it, "file");
            assert_eq!(write.file_after_it, "!ile");
            assert_eq!(read_and_write.file_after_it, "!ile");
            assert_eq!(append.file_after_it, "file!", "the handle appends");
        }
    );
}

#[cfg(unix)]
#[test]
fn some_things_cannot_be_mapped() {
    prove!(protect::some_things_cannot_be_mapped(), |seen| {
        assert_eq!(seen.file.is, "regular file");
        assert_eq!(seen.file.answer, Answer::Granted, "a file can be mapped");
        for (attempt, is) in [
            (&seen.folder, "folder"),
            (&seen.pipe, "pipe"),
            (&seen.socket, "socket"),
            (&seen.dev_null, "character device"),
        ] {
            assert_eq!(attempt.is, is);
            assert_eq!(
                attempt.answer,
                refused("ENODEV"),
                "what has no pages cannot be mapped"
            );
        }
        assert_eq!(
            seen.closed_descriptor,
            refused("EBADF"),
            "nor what is not open"
        );
    });
}

#[cfg(target_os = "linux")]
#[test]
fn each_constructor_asks_for_its_protection() {
    prove!(
        protect::each_constructor_asks_for_its_protection(),
        |seen| {
            assert_eq!([&seen.map[..], &seen.map_mut], ["r--s", "rw-s"], "shared");
            assert_eq!(
                [&seen.map_copy_read_only[..], &seen.map_copy],
                ["r--p", "rw-p"],
                "private"
            );
            assert_eq!(
                [&seen.map_raw_read_only, &seen.map_raw],
                [&seen.map, &seen.map_mut],
                "raw maps are shared"
            );
            assert_eq!(seen.map_anon, "rw-p", "anonymous memory is private");
            assert_eq!(seen.map_exec, "r-xs", "what is executed cannot be written");
            assert_eq!(
                seen.of_the_file.maps,
                ["r--p", "r--s", "r--s", "rw-p", "rw-s", "rw-s"],
                "all but the last two are maps of the file"
            );
            assert_eq!(seen.of_the_file.handles, 1, "over one handle");
        }
    );
}

#[cfg(unix)]
#[test]
fn a_store_through_a_read_only_map_kills() {
    prove!(protect::a_store_through_a_read_only_map_kills(), |seen| {
        assert_eq!(seen.read, Survived, "the map can be read");
        assert_eq!(seen.store_when_read_only, SIGSEGV);
        assert_eq!(seen.after.memory, "Lorem ipsum", "nothing was changed");
        assert_eq!(seen.after.file, "Lorem ipsum");
        assert_eq!(
            seen.made_writable,
            Answer::Granted,
            "the handle can write, so it was the map that forbade"
        );
        assert_eq!(seen.store_when_writable, Survived, "now it is allowed");
        assert_eq!(seen.after_that.memory, "L!rem ipsum", "at the next byte");
        assert_eq!(seen.after_that.file, "L!rem ipsum", "and the map is shared");
    });
}

#[cfg(unix)]
#[test]
fn a_page_without_access_kills_readers_and_writers() {
    prove!(
        protect::a_page_without_access_kills_readers_and_writers(),
        |seen| {
            let both = |outcome| Touches {
                read: outcome,
                store: outcome,
            };
            assert_eq!(seen.before, both(Survived), "both are allowed at first");
            assert_eq!(seen.first_byte, both(SIGSEGV), "reading and storing kill");
            assert_eq!(seen.last_byte, both(SIGSEGV), "on the whole page");
            assert_eq!(seen.byte_before_the_page, both(Survived), "and there only");
            assert_eq!(seen.byte_after_the_page, both(Survived));
            let only_to_be_read = Touches {
                read: Survived,
                store: SIGSEGV,
            };
            assert_eq!(seen.read_only, only_to_be_read, "the two differ");
            assert_eq!(
                seen.with_access_again,
                both(Survived),
                "the access can be given back"
            );
            assert_eq!(seen.bytes_then, "kK", "and the page kept its bytes");
        }
    );
}

#[cfg(unix)]
#[test]
fn a_fault_says_where_and_why() {
    prove!(protect::a_fault_says_where_and_why(), |seen| {
        let [protected, past_the_end, unmapped] = [
            &seen.store_where_it_may_only_be_read,
            &seen.read_past_the_end_of_the_file,
            &seen.read_where_nothing_is_mapped,
        ];
        assert_eq!(seen.file, Place { pages: 1, bytes: 0 });
        assert_eq!(seen.read_before, Survived, "the first page can be read");
        assert_eq!(protected.why, "SIGSEGV: SEGV_ACCERR");
        assert_eq!(past_the_end.why, "SIGBUS: BUS_ADRERR");
        assert_eq!(unmapped.why, "SIGSEGV: SEGV_MAPERR");
        assert_eq!(protected.place, Place { pages: 0, bytes: 3 }, "to the byte");
        assert_eq!(past_the_end.place, Place { pages: 1, bytes: 5 });
        assert_eq!(unmapped.place, Place { pages: 0, bytes: 9 });
    });
}

#[cfg(unix)]
#[test]
fn protection_can_be_changed_and_changed_back() {
    prove!(
        protect::protection_can_be_changed_and_changed_back(),
        |seen| {
            assert_eq!(seen.store_at_first, Survived);
            assert_eq!(seen.store_when_read_only, SIGSEGV, "changed");
            assert_eq!(
                seen.when_read_only.memory, "LOREM ipsum",
                "with its contents"
            );
            assert_eq!(
                seen.when_read_only.file, "Lorem ipsum",
                "which are in this map alone"
            );
            assert_eq!(seen.store_when_writable_again, Survived, "and changed back");
            assert_eq!(
                seen.when_writable_again.memory, "LOREM ipsum",
                "with its contents"
            );
            assert_eq!(
                seen.after_an_edit.memory, "LOREM IPSUM",
                "and it can be edited"
            );
            assert_eq!(seen.after_an_edit.file, "Lorem ipsum");
            assert!(seen.same_address, "in place");
        }
    );
}

#[test]
fn only_a_private_map_of_a_read_only_file_becomes_writable() {
    prove!(
        protect::only_a_private_map_of_a_read_only_file_becomes_writable(),
        |seen| {
            let [shared, private] = &seen.before;
            assert_eq!(shared, private, "they show the same");
            assert_eq!(*private, "Lorem ipsum");
            assert_eq!(seen.shared, refused("EACCES"));
            assert_eq!(seen.private, Answer::Granted);
            assert_eq!(
                seen.after_an_edit.memory, "LOREM ipsum",
                "the private one can be edited"
            );
            assert_eq!(
                seen.after_an_edit.file, "Lorem ipsum",
                "and the file is as it was"
            );
        }
    );
}
