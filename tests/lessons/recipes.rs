#[cfg(unix)]
use mmap_by_example::lab::observation::Answer;
#[cfg(unix)]
use mmap_by_example::lab::observation::Outcome;
#[cfg(unix)]
use mmap_by_example::recipes::PageMissing;

use crate::prove;

#[cfg(target_os = "linux")]
#[test]
fn a_file_is_replaced_by_renaming() {
    prove!(recipes::a_file_is_replaced_by_renaming(), |seen| {
        let (before, after) = (&seen.readers.before, &seen.readers.after);
        assert_eq!(before.opened_now, "oooooo", "it was the old file");
        assert_eq!(before.old_map, "oooooo", "and this was its map");
        assert_eq!(after.opened_now, "new", "it is the new one, all of it");
        assert_eq!(after.old_map, "oooooo", "the old map is as it was");
        assert_eq!(after.its_second_page, Outcome::Survived, "to its last page");
        assert_eq!(
            seen.happened_to_the_name,
            ["moved here"],
            "the name was never removed or moved away"
        );
        assert!(
            seen.it_is_the_synced_file,
            "what was written beside it has the name"
        );
        assert_eq!(
            seen.pages_not_synced, 0,
            "and was on the disk before it had the name"
        );
        assert_eq!(seen.opened_then, "oooooo", "which was still the old one's");
        assert_eq!(seen.folder_synced, Answer::Granted);
    });
}

#[cfg(unix)]
#[test]
fn a_file_is_appended_to_by_writing() {
    prove!(recipes::a_file_is_appended_to_by_writing(), |seen| {
        assert_eq!(seen.at_first, "one\n");
        assert!(
            seen.store_past_the_end_was_made,
            "there was a store past the end"
        );
        assert_eq!(seen.flush, Answer::Granted, "and a flush");
        assert_eq!(
            seen.before.file, "one,",
            "of which only what is in the file arrived"
        );
        assert_eq!(seen.before.memory, "one,", "the map has the file's length");
        assert_eq!(seen.after.file, "one,two\n", "a write appends");
        assert_eq!(seen.written_up_to, 8, "and nothing else did");
        assert_eq!(seen.after.memory, "one,", "the old map keeps its length");
        assert_eq!(seen.mapped_again, "one,two\n", "a new one has it all");
    });
}

#[test]
fn a_part_is_handed_out_with_its_map() {
    prove!(recipes::a_part_is_handed_out_with_its_map(), |seen| {
        assert_eq!(seen.owners_before, 2, "the part owns the map, too");
        assert_eq!(seen.owners_when_read, 1, "the first owner is gone");
        assert_eq!(seen.part, "ipsum", "and the part can be read");
        assert!(seen.in_another_thread, "by another thread");
        assert_eq!(seen.offset_in_the_map, 6, "in the map: it is no copy");
        assert_eq!(
            seen.owners_at_the_end, 0,
            "the map ends with its last owner"
        );
    });
}

#[test]
fn a_number_is_taken_from_its_bytes() {
    prove!(recipes::a_number_is_taken_from_its_bytes(), |seen| {
        assert!(seen.map_is_aligned, "the start of a map is aligned");
        let found = seen.number.as_ref().expect("there are four bytes");
        assert_eq!(found.at, Some(1));
        assert!(!found.is_aligned, "a number in it need not be");
        assert!(
            !seen.map_with_an_offset_is_aligned,
            "nor a map with an offset"
        );
        assert_eq!(seen.window, "\x01\0\0\0", "which begins with that number");
        assert_eq!(found.number, 1, "its bytes give the number");
        assert_eq!(
            seen.skipped_by_align_to, "\x01\0\0",
            "aligning skips what is not aligned"
        );
        assert_eq!(
            seen.number_by_align_to,
            Some(512),
            "and finds another number"
        );
    });
}

#[test]
fn text_checked_once_is_not_text_for_good() {
    prove!(recipes::text_checked_once_is_not_text_for_good(), |seen| {
        assert!(seen.before.is_text, "it was text");
        assert_eq!(seen.before.bytes.0, "grün".as_bytes());
        assert!(!seen.after.is_text, "it is not text any more");
        assert_eq!(
            seen.after.bytes, seen.file_after,
            "since the bytes are the file's"
        );
        assert_eq!(seen.file_after.0, b"gr\xff\xbcn");
        assert_eq!(seen.copy_after, seen.before, "a copy stays what it was");
    });
}

#[cfg(unix)]
#[test]
fn counting_through_two_maps_takes_atomics() {
    prove!(recipes::counting_through_two_maps_takes_atomics(), |seen| {
        let (two_steps, one_step) = (&seen.by_load_and_store, &seen.by_fetch_add);
        for count in [two_steps, one_step] {
            assert!(count.two_addresses, "each has a map of its own");
            assert_eq!(count.other_found, 0, "the other counts first");
        }
        assert_eq!(two_steps.one_found, 0, "both find the same number");
        assert_eq!(two_steps.in_the_file, Some(1), "and one count is lost");
        assert_eq!(one_step.one_found, 1, "in one step it finds the other's");
        assert_eq!(one_step.in_the_file, Some(2), "and nothing is lost");
    });
}

#[cfg(unix)]
#[test]
fn a_fault_is_turned_into_an_error() {
    prove!(recipes::a_fault_is_turned_into_an_error(), |seen| {
        let killed = Outcome::KilledBy("SIGBUS");
        assert_eq!(seen.unguarded, killed, "the fault kills");
        assert_eq!(seen.guarded, Outcome::Survived, "but not with the handler");
        let [first, second, missing] = &seen.looks;
        assert_eq!(*missing, Err(PageMissing), "it is an error");
        for (look, byte) in [(first, "a"), (second, "b")] {
            let text = look.as_ref().expect("the other pages are the file's");
            assert_eq!(*text, byte);
        }
        assert_eq!(seen.looks_before_elsewhere, seen.looks, "with the handler");
        assert_eq!(seen.elsewhere, killed, "a fault elsewhere kills");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_map_costs_faults_and_reading_costs_calls() {
    prove!(
        recipes::a_map_costs_faults_and_reading_costs_calls(),
        |seen| {
            let [map, read] = [&seen.files_by_map, &seen.files_by_reading];
            assert_eq!((map.faults, map.reads), (20, 0), "a fault for each map");
            assert_eq!((read.faults, read.reads), (0, 20), "a call for each file");
            assert_eq!(map.sum, read.sum, "for the same bytes");
            assert_eq!(map.sum, (0..20).sum());
            let [map, read] = [&seen.looks_by_map, &seen.looks_by_reading];
            assert_eq!((map.faults, map.reads), (1, 0), "a fault for the page");
            assert_eq!((read.faults, read.reads), (0, 100), "a call for each look");
            assert_eq!(map.sum, read.sum, "for the same bytes");
            assert_eq!(map.sum, (0..100).sum());
        }
    );
}
