use mmap_by_example::lab::observation::Answer;
use mmap_by_example::lab::place::Place;

use mmap_by_example::paging::Growth;

use crate::prove;

#[test]
fn nothing_is_resident_until_touched() {
    prove!(paging::nothing_is_resident_until_touched(), |seen| {
        assert_eq!(seen.of_a_file, Some(false), "it is anonymous memory");
        assert_eq!(
            seen.untouched, "........",
            "a fresh map has nothing in memory"
        );
        for (step, resident, third_page, why) in [
            (
                &seen.after_one_store,
                "..#.....",
                "1\0\0",
                "a first touch brings its page",
            ),
            (
                &seen.after_another_in_the_same_page,
                "..#.....",
                "12\0",
                "a second brings nothing",
            ),
            (
                &seen.after_one_in_another_page,
                "..#..#..",
                "12\0",
                "one elsewhere brings its page",
            ),
        ] {
            assert_eq!(step.resident, resident, "{why}");
            assert_eq!(step.third_page, third_page, "so far and no further");
        }
        assert_eq!(seen.sixth_page, "3\0\0");
    });
}

#[test]
fn reading_untouched_memory_costs_no_page() {
    prove!(paging::reading_untouched_memory_costs_no_page(), |seen| {
        assert_eq!(seen.resident_before, "........", "nothing was touched");
        assert_eq!(seen.zeros_read, Place { pages: 8, bytes: 0 });
        assert_eq!(
            seen.resident_after_reading, "########",
            "every page was read"
        );
        assert_eq!(
            seen.own_after_reading, "........",
            "and none is this process's own"
        );
        assert_eq!(seen.own_after_a_store, "#.......", "until it is stored to");
        assert_eq!(seen.first_page, "1\0\0");
    });
}

#[test]
fn populate_takes_the_faults_up_front() {
    prove!(paging::populate_takes_the_faults_up_front(), |seen| {
        assert_eq!(seen.plain_resident, "........", "a plain map comes empty");
        assert_eq!(seen.populated_resident, "########", "a populated one full");
        assert!(
            seen.plain_faults_on_every_page,
            "the plain one faults on every page"
        );
        assert_eq!(seen.faults_the_second_time, 0, "once");
        assert_eq!(seen.populated_faults, 0, "the populated one never");
        assert_eq!(
            seen.stored_last,
            [2, 3],
            "two rounds in the one, one in the other"
        );
    });
}

#[test]
fn a_fault_stops_its_thread_until_the_page_is_there() {
    prove!(
        paging::a_fault_stops_its_thread_until_the_page_is_there(),
        |seen| {
            assert!(seen.thread_sleeps, "the fault stops the thread");
            assert!(!seen.next_task_is_done_meanwhile, "and what comes next");
            assert_eq!(seen.first_task_found, "!", "until the page is there");
            assert!(seen.next_task_is_done_then);
        }
    );
}

#[test]
fn a_hint_never_changes_a_byte() {
    prove!(paging::a_hint_never_changes_a_byte(), |seen| {
        assert_eq!(seen.before.memory, "Loremaaa", "there was an edit");
        assert_eq!(
            seen.before.file, "aaaaaaaa",
            "of which there is no other copy"
        );
        let given: Vec<String> = seen.given.iter().map(|it| format!("{it:?}")).collect();
        assert_eq!(
            given,
            [
                "Random: Granted, P.., [rr]",
                "Sequential: Granted, P.., [sr]",
                "WillNeed: Granted, P.., [sr]",
                "Normal: Granted, P.., []",
                "DontFork: Granted, P.., [dc]",
                "DoFork: Granted, P.., []",
                "DontDump: Granted, P.., [dd]",
                "DoDump: Granted, P.., []",
                "Mergeable: Granted, P.., [mg]",
                "Unmergeable: Granted, P.., []",
                "HugePage: Granted, P.., [hg]",
                "NoHugePage: Granted, P.., [nh]",
                "PopulateRead: Granted, Pff, [nh]",
                "PopulateWrite: Granted, PPP, [nh]",
            ],
            "each was given, and the kernel took note"
        );
        assert_eq!(
            seen.bytes_as_before,
            Place { pages: 3, bytes: 0 },
            "and none changed a byte"
        );
        assert_eq!(seen.after, seen.before, "the edit is there");
        assert_eq!(
            seen.after_dont_need.memory, "aaaaaaaa",
            "what is not safe takes it away"
        );
        assert_eq!(seen.after_dont_need.file, "aaaaaaaa");
    });
}

#[test]
fn dropped_anonymous_pages_come_back_as_zeros() {
    prove!(
        paging::dropped_anonymous_pages_come_back_as_zeros(),
        |seen| {
            let [none, all] = [0, 1].map(|pages| Place { pages, bytes: 0 });
            let [from, to] = [5, 6].map(|bytes| Place { pages: 1, bytes });
            assert_eq!(seen.of_a_file, Some(false), "the memory is anonymous");
            assert_eq!(seen.named, from..to, "one byte of the second page");
            assert_eq!(seen.zeros_before, [none, none, none]);
            assert_eq!(seen.resident_before, "###");
            assert_eq!(seen.resident_after, "#.#", "the page is gone");
            assert_eq!(
                seen.zeros_after,
                [none, all, none],
                "and comes back as zeros, whole"
            );
        }
    );
}

#[test]
fn dropped_pages_of_a_shared_map_lose_nothing() {
    prove!(
        paging::dropped_pages_of_a_shared_map_lose_nothing(),
        |seen| {
            assert_eq!(seen.before.memory, "aaabbb");
            assert_eq!(seen.before.file, "aaabbb");
            assert_eq!(seen.resident_after_edit, "##");
            assert_eq!(seen.resident_after_dropping, ".#", "the page is gone");
            assert_eq!(seen.held.maps, ["rw-s"], "the map is not, and is shared");
            assert_eq!(seen.after_dropping.memory, "aa!!bb", "nor is the edit");
            assert_eq!(seen.after_dropping.file, "aa!!bb");
        }
    );
}

#[test]
fn a_hole_punched_through_a_map_reads_as_zeros() {
    prove!(
        paging::a_hole_punched_through_a_map_reads_as_zeros(),
        |seen| {
            let [one, two, three] = [1, 2, 3].map(|pages| Place { pages, bytes: 0 });
            assert_eq!(seen.start_before.file, "aaabbb");
            assert_eq!(seen.end_before.file, "bbbccc");
            assert_eq!(
                seen.start_after.memory, "aaa\0\0\0",
                "zeros in the map from where the page begins"
            );
            assert_eq!(seen.end_after.memory, "\0\0\0ccc", "to where it ends");
            assert_eq!(
                seen.start_after.file, seen.start_after.memory,
                "and in the file"
            );
            assert_eq!(seen.end_after.file, seen.end_after.memory);
            assert_eq!(seen.length_after, three, "which is as long as it was");
            assert_eq!(seen.hole_before, three..three, "it had no hole");
            assert_eq!(seen.hole_after, one..two, "and has one");
        }
    );
}

#[test]
fn locked_pages_are_resident_and_locks_do_not_stack() {
    prove!(
        paging::locked_pages_are_resident_and_locks_do_not_stack(),
        |seen| {
            let granted = |locked: usize| (Answer::Granted, locked);
            assert_eq!(seen.resident_before, "...", "untouched, and not resident");
            assert_eq!(seen.resident_locked, "###", "untouched, and resident");
            assert_eq!(seen.locks, [granted(3), granted(3)], "locked twice");
            assert_eq!(
                seen.unlocks,
                [granted(0), granted(0)],
                "one unlock undoes both, and one more does no harm"
            );
            assert_eq!(seen.two_bytes, 2);
            assert_eq!(seen.pages_locked_for_two_bytes, 2, "pages are locked whole");
        }
    );
}

#[cfg(target_pointer_width = "64")]
#[test]
fn a_tebibyte_is_mapped_whole() {
    prove!(paging::a_tebibyte_is_mapped_whole(), |seen| {
        assert_eq!(seen.first, "f", "its first byte can be read");
        assert_eq!(seen.last, "t", "and its last");
        assert_eq!(seen.mapped_bytes, 1 << 40, "through one map");
        assert_eq!(seen.permissions.as_deref(), Some("r--s"));
        assert_eq!(seen.first_page_resident, "#");
        assert_eq!(seen.last_page_resident, "#");
        assert_eq!(
            seen.middle_pages_resident, "........",
            "what was not touched is not there"
        );
        assert!(seen.less_than_a_thousandth, "which is nearly all");
    });
}

#[test]
fn private_memory_is_counted_and_shared_maps_of_files_are_not() {
    prove!(
        paging::private_memory_is_counted_and_shared_maps_of_files_are_not(),
        |seen| {
            let enomem = Answer::Refused("ENOMEM".into());
            assert_eq!(seen.shared, Answer::Granted);
            assert_eq!(seen.private_read_only, Answer::Granted);
            assert_eq!(seen.private, enomem, "private copies have to fit");
            assert_eq!(seen.anonymous, enomem);
            assert_eq!(
                seen.private_not_reserved,
                Answer::Granted,
                "unless nobody counts"
            );
            assert_eq!(seen.times_the_memory, [2; 3], "and all of it");
            assert_eq!(seen.maps, ["r--p", "rw-p", "rw-s"], "each is what it says");
        }
    );
}

#[test]
fn pages_of_a_file_are_not_the_programs_own() {
    prove!(paging::pages_of_a_file_are_not_the_programs_own(), |seen| {
        let grew = |of: &str, of_files, own| Growth {
            of: of.to_owned(),
            of_files,
            own,
        };
        assert_eq!(seen.shared_and_read, grew("rw-s", 1, 0));
        assert_eq!(
            seen.shared_and_stored_to,
            grew("rw-s", 1, 0),
            "as by a look"
        );
        assert_eq!(seen.private_and_read, grew("rw-p", 1, 0));
        assert_eq!(
            seen.private_and_stored_to,
            grew("rw-p", 0, 1),
            "copies are its own"
        );
        assert_eq!(seen.file, "!\0\0", "the shared map was stored to");
    });
}

#[test]
fn a_cached_page_need_not_be_in_the_map() {
    prove!(paging::a_cached_page_need_not_be_in_the_map(), |seen| {
        assert_eq!(seen.cached_before, "###", "the file was just written");
        assert_eq!(seen.in_the_map_before, "...", "and no page touched");
        assert_eq!(seen.bytes, ["aaa", "bbb", "ccc"]);
        assert_eq!(seen.cached_after_look, "###");
        assert_eq!(seen.in_the_map_after_look, "###", "a look brings them");
        assert_eq!(seen.cached_after_dropping, "###", "the cache keeps them");
        assert_eq!(seen.in_the_map_after_dropping, "...", "the map does not");
    });
}

#[test]
fn a_file_is_not_mapped_with_huge_pages() {
    prove!(paging::a_file_is_not_mapped_with_huge_pages(), |seen| {
        assert_eq!(seen.answer, Answer::Granted, "the file is mapped");
        assert!(seen.memory_would_be_huge, "though huge pages are asked for");
        assert_eq!(seen.huge, Some(false), "but not with huge pages");
        assert_eq!(seen.pages, Some(3), "nor with more than it needs");
        assert_eq!(seen.first_bytes.memory, "aaa");
        assert_eq!(seen.first_bytes.file, "aaa");
        assert_eq!(seen.maps, ["rw-s"]);
    });
}
