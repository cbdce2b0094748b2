#[cfg(unix)]
use mmap_by_example::lab::observation::Answer;
#[cfg(unix)]
use mmap_by_example::lab::observation::Outcome::KilledBy;
#[cfg(target_os = "linux")]
use mmap_by_example::lab::observation::Outcome::Survived;
#[cfg(unix)]
use mmap_by_example::processes::Counts;

use crate::prove;

#[cfg(unix)]
#[test]
fn a_shared_map_is_one_memory_across_fork() {
    prove!(
        processes::a_shared_map_is_one_memory_across_fork(),
        |seen| {
            assert_eq!(
                seen.in_the_shared_map,
                Counts::AllOfBoth,
                "both counted into one memory"
            );
            assert_eq!(
                [&seen.in_a_variable, &seen.in_the_childs_variable],
                [&Counts::AllOfItsOwn; 2],
                "and each into a variable of its own"
            );
            assert!(seen.file_holds_that_of_the_map, "which is the file's");
        }
    );
}

#[cfg(unix)]
#[test]
fn private_memory_is_copied_at_fork() {
    prove!(processes::private_memory_is_copied_at_fork(), |seen| {
        let (before, then) = (&seen.before, &seen.after_the_parents_store);
        assert_eq!(before.parent, "b");
        assert_eq!(before.child, "b", "the child starts with the same byte");
        assert_eq!(then.parent, "p", "the parent has stored");
        assert_eq!(then.child, "b", "which the child does not see");
        let in_the_end = &seen.after_the_childs_store;
        assert_eq!(in_the_end.child, "c", "the child has stored");
        assert_eq!(in_the_end.parent, "p", "which the parent does not see");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn stores_survive_the_death_of_their_process() {
    prove!(
        processes::stores_survive_the_death_of_their_process(),
        |seen| {
            assert_eq!(seen.file_before, "Lorem ipsum");
            assert_eq!(seen.resident_in_the_parent, ".", "the child has stored");
            assert_eq!(
                seen.while_it_lived.memory, "_orem ipsum",
                "its store is in the parent's map"
            );
            assert_eq!(seen.while_it_lived.file, "_orem ipsum", "and in the file");
            assert!(seen.was_alive, "while it lives");
            assert_eq!(seen.child, KilledBy("SIGKILL"), "it has no chance to flush");
            assert_eq!(
                seen.after_its_death, seen.while_it_lived,
                "and nothing is lost"
            );
            assert_eq!(seen.dirty_pages, 1, "though nobody has flushed it");
        }
    );
}

#[cfg(unix)]
#[test]
fn strangers_meet_by_path() {
    prove!(processes::strangers_meet_by_path(), |seen| {
        assert!(
            seen.nothing_is_lost,
            "both counted into one memory at the same time"
        );
        assert!(!seen.their_parent_was_one_of_them, "both were children");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_range_can_be_kept_from_children() {
    prove!(processes::a_range_can_be_kept_from_children(), |seen| {
        assert_eq!(
            seen.by_default, [Survived; 3],
            "a child gets its parent's map"
        );
        assert_eq!(
            seen.kept_from_children,
            [Survived, KilledBy("SIGSEGV"), Survived],
            "but not the range"
        );
        let fault = seen.fault.as_ref().expect("there was a signal");
        assert_eq!(fault.why, "SIGSEGV: SEGV_MAPERR", "nothing is mapped there");
        assert_eq!(format!("{:?}", fault.place), "1 page", "in the second page");
        assert_eq!(
            seen.in_the_parent.as_deref(),
            Some("rw-s"),
            "the parent still has it"
        );
        assert_eq!(
            seen.mark.as_deref(),
            Some("dc"),
            "and children do not get it"
        );
        assert_eq!(seen.given_again, [Survived; 3], "and a child gets it again");
    });
}

#[cfg(unix)]
#[test]
fn a_lock_on_the_file_does_not_stop_a_store() {
    prove!(
        processes::a_lock_on_the_file_does_not_stop_a_store(),
        |seen| {
            let locked = Answer::Refused("EAGAIN".into());
            assert_eq!(seen.lock_before, locked, "who asks is stopped");
            assert_eq!(seen.before.memory, "Lorem ipsum");
            assert_eq!(seen.before.file, "Lorem ipsum");
            assert_eq!(seen.after.memory, "LOREM ipsum", "who stores is not");
            assert_eq!(seen.after.file, "LOREM ipsum");
            assert_eq!(
                seen.lock_after, locked,
                "and the file has been locked all the time"
            );
        }
    );
}

#[cfg(target_os = "linux")]
#[test]
fn spliced_bytes_change_with_the_next_store() {
    prove!(
        processes::spliced_bytes_change_with_the_next_store(),
        |seen| {
            assert_eq!(seen.before.memory, "aaaa");
            assert_eq!(seen.before.file, "aaaa", "nothing was stored yet");
            let first = &seen.read_before;
            for half in [&first.written, &first.spliced, &first.sent] {
                assert_eq!(*half, "aa", "the bytes were under way");
            }
            assert_eq!(seen.after.memory, "NEW!");
            assert_eq!(seen.after.file, "NEW!", "the map is shared");
            let other = &seen.read_after;
            assert_eq!(other.written, "aa", "a write had copied them");
            assert_eq!(other.spliced, "W!", "a splice had not");
            assert_eq!(other.sent, "W!", "nor had sendfile");
        }
    );
}

#[cfg(unix)]
#[test]
fn an_address_in_a_shared_map_means_nothing_elsewhere() {
    prove!(
        processes::an_address_in_a_shared_map_means_nothing_elsewhere(),
        |seen| {
            assert_eq!(seen.before.memory, "................ipsum");
            assert!(
                seen.is_the_offset_plus_whole_pages,
                "it is where the child stored"
            );
            assert!(!seen.address_is_inside_this_map, "which leads nowhere here");
            assert_eq!(
                seen.at_the_offset.memory, "!psum",
                "the offset leads to what the child stored"
            );
            assert_eq!(seen.at_the_offset.file, "!psum");
        }
    );
}

#[cfg(unix)]
#[test]
fn a_lock_on_the_file_ends_with_its_owner_and_a_flag_stays() {
    prove!(
        processes::a_lock_on_the_file_ends_with_its_owner_and_a_flag_stays(),
        |seen| {
            assert_eq!(
                seen.lock_before,
                Answer::Refused("EAGAIN".into()),
                "the file was locked"
            );
            assert_eq!(seen.flag_before.memory, "1", "and the flag set");
            assert_eq!(seen.flag_before.file, "1", "in the file");
            assert_eq!(
                seen.owner,
                KilledBy("SIGKILL"),
                "the owner released neither"
            );
            assert_eq!(seen.lock_after, Answer::Granted, "the lock is free");
            assert_eq!(seen.flag_after, seen.flag_before, "the flag is not");
        }
    );
}

#[test]
fn threads_fill_parts_of_one_map_without_a_lock() {
    prove!(
        processes::threads_fill_parts_of_one_map_without_a_lock(),
        |seen| {
            assert_eq!(seen.before.memory, "............");
            assert_eq!(seen.halfway.len(), 3);
            for (halfway, half) in seen.halfway.iter().zip(["aa..", "bb..", "cc.."]) {
                assert_eq!(halfway.part, half, "half of each part was filled");
                assert_eq!(
                    halfway.parts_held_at_once, 3,
                    "no thread waited for another to be done"
                );
            }
            assert_eq!(seen.after.memory, "aaaabbbbcccc", "each filled its part");
            assert_eq!(seen.after.file, "aaaabbbbcccc", "of the file");
        }
    );
}
