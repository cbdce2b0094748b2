use std::io;

use mmap_by_example::child::Outcome;
use mmap_by_example::observation::Answer;
use mmap_by_example::share;

use crate::approve;

#[test]
fn a_shared_map_is_one_memory_across_fork() -> io::Result<()> {
    let seen = share::a_shared_map_is_one_memory_across_fork()?;
    assert_eq!(seen.in_shared_memory, 2 * seen.times_each, "both counted into one memory");
    assert_eq!(seen.in_private_memory, seen.times_each, "and each into its own private memory");
    approve!(seen);
    Ok(())
}

#[test]
fn private_memory_is_copied_at_fork() -> io::Result<()> {
    let seen = share::private_memory_is_copied_at_fork()?;
    assert!(seen.parent_had_stored);
    assert_eq!(seen.child_after_the_parent_stored, "b", "the child does not see the parent's store");
    assert_eq!(seen.child_after_its_own_store, "c", "but its own");
    assert_eq!(seen.parent_at_the_end, "p", "which the parent does not see");
    approve!(seen);
    Ok(())
}

#[test]
fn stores_survive_the_death_of_their_process() -> io::Result<()> {
    let seen = share::stores_survive_the_death_of_their_process()?;
    assert_eq!(seen.before.file, "Lorem ipsum");
    assert_eq!(seen.while_it_lived.memory, "_orem ipsum", "its store is in the parent's map at once");
    assert_eq!(seen.while_it_lived.file, "_orem ipsum", "and in the file");
    assert!(seen.looked_before_its_death);
    assert_eq!(seen.child, Outcome::KilledBy("SIGKILL"), "it had no chance to flush");
    assert_eq!(seen.after_its_death, seen.while_it_lived, "and nothing is lost");
    approve!(seen);
    Ok(())
}

#[test]
fn strangers_meet_by_path() -> io::Result<()> {
    let seen = share::strangers_meet_by_path()?;
    assert_eq!(seen.before, "........");
    assert_eq!(seen.after_the_first, "ping....", "the first left its word");
    assert_eq!(seen.after_the_second, "pingPING", "and the second found it");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_range_can_be_kept_from_children() -> io::Result<()> {
    let seen = share::a_range_can_be_kept_from_children()?;
    assert_eq!(seen.by_default, Outcome::Survived, "a child gets its parent's maps");
    assert_eq!(seen.kept_from_children, Outcome::KilledBy("SIGSEGV"), "but not this one");
    assert_eq!(seen.parent_then, "Lorem ipsum", "which its parent still has");
    assert_eq!(seen.given_again, Outcome::Survived, "until it may have it again");
    approve!(seen);
    Ok(())
}

#[test]
fn a_lock_on_the_file_does_not_stop_a_store() -> io::Result<()> {
    let seen = share::a_lock_on_the_file_does_not_stop_a_store()?;
    assert_eq!(seen.lock, Answer::Granted);
    assert_eq!(seen.second_lock, Answer::Refused("EAGAIN".into()), "who asks is stopped");
    assert_eq!(seen.after.memory, "LOREM ipsum", "who stores is not");
    assert_eq!(seen.after.file, "LOREM ipsum");
    approve!(seen);
    Ok(())
}
