#[cfg(unix)]
use mmap_by_example::lab::observation::Answer;
#[cfg(unix)]
use mmap_by_example::lab::observation::Outcome;
use mmap_by_example::lab::place::Place;

use crate::prove;

#[test]
fn a_map_survives_its_handle() {
    prove!(lifetime::a_map_survives_its_handle(), |seen| {
        assert_eq!(seen.before.memory, "Lorem ipsum");
        assert_eq!(seen.after, seen.before, "and shows what it showed");
        assert_eq!(seen.after_edit.memory, "LOREM ipsum", "it can be edited");
        assert_eq!(
            seen.after_edit.file, "LOREM ipsum",
            "and the edit is in the file"
        );
    });
}

#[cfg(unix)]
#[test]
fn a_map_survives_its_name() {
    prove!(lifetime::a_map_survives_its_name(), |seen| {
        assert_eq!(seen.open_before, Answer::Granted, "the file had a name");
        assert_eq!(
            seen.open_after,
            Answer::Refused("ENOENT".into()),
            "nobody can open it any more"
        );
        assert_eq!(seen.memory_before, "Lorem ipsum");
        assert_eq!(seen.memory_after, seen.memory_before, "the bytes are there");
        assert_eq!(seen.memory_after_edit, "LOREM ipsum", "and can be edited");
    });
}

#[cfg(unix)]
#[test]
fn a_map_keeps_the_file_that_was_replaced() {
    prove!(lifetime::a_map_keeps_the_file_that_was_replaced(), |seen| {
        assert_eq!(seen.before.memory, "old bytes");
        assert_eq!(seen.before.file, "old bytes");
        assert_eq!(
            seen.after.file, "new bytes",
            "the name leads to another file"
        );
        assert_eq!(
            seen.its_other_name,
            Answer::Refused("ENOENT".into()),
            "and was moved there"
        );
        assert_eq!(
            seen.after.memory, "old bytes",
            "the map shows the one that was opened"
        );
        assert_eq!(seen.after_store.memory, "_ld bytes");
        assert_eq!(
            seen.after_store.file, "new bytes",
            "a store does not go into the new file"
        );
        assert_eq!(
            seen.through_the_old_handle, "_ld bytes",
            "it goes into the old one"
        );
    });
}

#[cfg(target_os = "linux")]
#[test]
fn rights_are_taken_when_the_file_is_opened() {
    prove!(
        lifetime::rights_are_taken_when_the_file_is_opened(),
        |seen| {
            let eacces = Answer::Refused("EACCES".into());
            assert_eq!(seen.before, Answer::Granted, "it could be opened");
            assert!(seen.no_rights, "all rights are taken away");
            assert_eq!(seen.open_to_write, eacces, "it cannot be opened any more");
            assert_eq!(seen.open_to_read, eacces);
            assert_eq!(
                seen.map_of_the_old_handle,
                Answer::Granted,
                "what is open can be mapped"
            );
            assert_eq!(seen.held.handles, 1, "through the one handle there is");
            assert_eq!(seen.held.maps, ["rw-s"], "shared and writable");
            assert_eq!(
                seen.file_after_store, "_orem ipsum",
                "and what is stored there is in the file"
            );
        }
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_running_program_is_guarded_and_a_mapped_file_is_not() {
    prove!(
        lifetime::a_running_program_is_guarded_and_a_mapped_file_is_not(),
        |seen| {
            assert_eq!(seen.held.maps, ["r--p"], "the file is mapped");
            assert_eq!(seen.before.memory, "Lorem ipsum");
            assert_eq!(
                seen.program,
                Answer::Refused("ETXTBSY".into()),
                "the program is guarded"
            );
            assert_eq!(seen.mapped_file, Answer::Granted, "the file is not");
            assert_eq!(seen.write, Answer::Granted);
            assert_eq!(seen.after.file, "_orem ipsum", "it is written to");
            assert_eq!(seen.after.memory, "_orem ipsum", "under the map");
        }
    );
}

#[cfg(unix)]
#[test]
fn a_dropped_map_is_gone() {
    prove!(lifetime::a_dropped_map_is_gone(), |seen| {
        assert_eq!(
            seen.before_drop,
            Outcome::Survived,
            "the touch does no harm while the map is there"
        );
        assert_eq!(
            seen.after_drop,
            Outcome::KilledBy("SIGSEGV"),
            "and kills when it is gone"
        );
    });
}

#[test]
fn anonymous_memory_starts_as_zeros() {
    prove!(lifetime::anonymous_memory_starts_as_zeros(), |seen| {
        let place = |pages, bytes| Place { pages, bytes };
        let three_pages = place(3, 0);
        assert_eq!(
            seen.zeros_in_the_old_map,
            place(0, 0),
            "memory was given back full"
        );
        assert_eq!(seen.length, three_pages);
        assert_eq!(seen.zeros_at_first, three_pages, "what is new is zeros");
        assert_eq!(
            seen.zeros_after_a_store,
            place(3, -1),
            "but for the byte stored to"
        );
        assert_eq!(seen.around_the_store, "\0\0!\0\0");
    });
}
