use std::io;

#[cfg(target_os = "linux")]
use mmap_by_example::child::Outcome;
use mmap_by_example::observation::Answer;
#[cfg(target_os = "linux")]
use mmap_by_example::observation::Place;
use mmap_by_example::protect;
#[cfg(target_os = "linux")]
use mmap_by_example::protect::Verdict;

use crate::approve;
#[cfg(target_os = "linux")]
use crate::or_say_what_is_lacking;

#[cfg(target_os = "linux")]
const SIGSEGV: Outcome = Outcome::KilledBy("SIGSEGV");

fn refused(error: &str) -> Answer {
    Answer::Refused(error.into())
}

#[test]
fn the_open_mode_decides_which_maps_are_allowed() -> io::Result<()> {
    let seen = protect::the_open_mode_decides_which_maps_are_allowed()?;
    assert_eq!(seen.read.shared_writable, refused("EACCES"), "without leave to write, no shared writable map");
    for granted in [&seen.read.shared_read_only, &seen.read.private_read_only, &seen.read.private_writable] {
        assert_eq!(*granted, Answer::Granted, "but any other");
    }
    let write = [&seen.write.shared_read_only, &seen.write.shared_writable, &seen.write.private_writable];
    for refusal in write.into_iter().chain([&seen.write.private_read_only]) {
        assert_eq!(*refusal, refused("EACCES"), "without leave to read, none");
    }
    assert_eq!(seen.read_and_write.shared_writable, Answer::Granted, "with both, all");
    assert_eq!(seen.read_and_append, seen.read_and_write, "and to append is to write");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn some_things_cannot_be_mapped() -> io::Result<()> {
    let seen = protect::some_things_cannot_be_mapped()?;
    assert_eq!(seen.file, Answer::Granted);
    for refusal in [&seen.folder, &seen.pipe, &seen.socket, &seen.dev_null] {
        assert_eq!(*refusal, refused("ENODEV"), "what has no pages cannot be mapped");
    }
    assert_eq!(seen.closed_descriptor, refused("EBADF"), "nor what is not open");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn each_constructor_asks_for_its_protection() -> io::Result<()> {
    let seen = protect::each_constructor_asks_for_its_protection()?;
    assert_eq!([&seen.map[..], &seen.map_mut], ["r--s", "rw-s"], "shared");
    assert_eq!([&seen.map_copy_read_only[..], &seen.map_copy], ["r--p", "rw-p"], "private");
    assert_eq!([&seen.map_raw_read_only, &seen.map_raw], [&seen.map, &seen.map_mut], "raw maps are shared");
    assert_eq!(seen.map_anon, seen.map_copy, "anonymous memory is private");
    assert_eq!(seen.map_exec, "r-xs", "what is executed cannot be written");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_through_a_read_only_map_kills() -> io::Result<()> {
    let seen = protect::a_store_through_a_read_only_map_kills()?;
    assert_eq!(seen.read, Outcome::Survived);
    assert_eq!(seen.write, SIGSEGV);
    assert_eq!(seen.after.memory, "Lorem ipsum", "and nothing was changed");
    assert_eq!(seen.after.file, "Lorem ipsum");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_page_without_access_kills_readers_and_writers() -> io::Result<()> {
    let seen = protect::a_page_without_access_kills_readers_and_writers()?;
    assert_eq!(seen.read_before, Outcome::Survived);
    assert_eq!(seen.read, SIGSEGV, "reading kills");
    assert_eq!(seen.write, SIGSEGV, "writing kills");
    assert_eq!(seen.read_page_before, Outcome::Survived, "up to the boundary all is well");
    assert_eq!(seen.read_page_behind, Outcome::Survived, "and behind the page too");
    assert_eq!(seen.bytes_after, "k", "the page kept its bytes");
    assert_eq!(seen.write_after, Outcome::Survived, "and can be written again");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_fault_says_where_and_why() -> io::Result<()> {
    let seen = protect::a_fault_says_where_and_why()?;
    let [protected, behind, unmapped] = [
        &seen.store_where_it_may_only_be_read,
        &seen.read_past_the_end_of_the_file,
        &seen.read_where_nothing_is_mapped,
    ];
    assert_eq!(protected.why, "SIGSEGV: SEGV_ACCERR");
    assert_eq!(behind.why, "SIGBUS: BUS_ADRERR");
    assert_eq!(unmapped.why, "SIGSEGV: SEGV_MAPERR");
    assert_eq!(protected.place, Place { pages: 0, bytes: 3 }, "to the byte");
    assert_eq!(behind.place, Place { pages: 1, bytes: 5 });
    assert_eq!(unmapped.place, Place { pages: 0, bytes: 9 });
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn protection_can_be_changed_and_changed_back() -> io::Result<()> {
    let seen = protect::protection_can_be_changed_and_changed_back()?;
    assert_eq!(seen.at_first, "rw-s");
    assert_eq!(seen.made_read_only, "r--s", "changed");
    assert_eq!(seen.store_then, SIGSEGV, "and enforced");
    assert_eq!(seen.bytes_then, "LOREM ipsum", "with its contents");
    assert_eq!(seen.made_writable_again, "rw-s", "and changed back");
    assert_eq!(seen.after_a_store.file, "LOREM IPSUM", "it can be written to again");
    approve!(seen);
    Ok(())
}

#[test]
fn only_a_private_map_of_a_read_only_file_becomes_writable() -> io::Result<()> {
    let seen = protect::only_a_private_map_of_a_read_only_file_becomes_writable()?;
    assert_eq!(seen.shared, refused("EACCES"));
    assert_eq!(seen.private, Answer::Granted);
    assert_eq!(seen.after_a_store.memory, "LOREM ipsum", "the private one can be written to");
    assert_eq!(seen.after_a_store.file, "Lorem ipsum", "and the file is as it was");
    approve!(seen);
    Ok(())
}

#[test]
fn a_read_only_map_cannot_be_written_to() -> io::Result<()> {
    let seen = protect::a_read_only_map_cannot_be_written_to()?;
    assert_eq!(seen, "written", "what was written before can be read");
    approve!(seen);
    Ok(())
}

#[test]
fn a_read_only_map_cannot_be_flushed() -> io::Result<()> {
    let seen = protect::a_read_only_map_cannot_be_flushed()?;
    assert_eq!(seen, Answer::Granted, "a writable one can");
    approve!(seen);
    Ok(())
}

#[test]
fn mapping_a_file_is_unsafe() -> io::Result<()> {
    let [first_look, second_look] = protect::mapping_a_file_is_unsafe()?;
    assert_eq!(first_look, "Lorem ipsum");
    assert_eq!(second_look, "Nulla", "the bytes changed after they had been looked at");
    approve!([first_look, second_look]);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_sealed_file_cannot_change() -> io::Result<()> {
    let Some(seen) = or_say_what_is_lacking(protect::a_sealed_file_cannot_change()?) else { return Ok(()) };
    assert_eq!(seen.seal_while_mapped, refused("EBUSY"), "not while somebody could write");
    assert_eq!(seen.seal, Answer::Granted);
    for refusal in [&seen.write, &seen.truncate, &seen.map_mut] {
        assert_eq!(*refusal, refused("EPERM"), "then no change is possible");
    }
    assert_eq!(seen.map_copy, Answer::Granted, "but a private map is");
    assert_eq!(seen.bytes, "sealed");
    approve!(seen);
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_sealed_file_is_mapped_without_unsafe() -> io::Result<()> {
    let Some(seen) = or_say_what_is_lacking(protect::a_sealed_file_is_mapped_without_unsafe()?) else { return Ok(()) };
    assert_eq!(seen.ordinary_file, Verdict::NotSafe);
    assert_eq!(seen.before_sealing, Verdict::NotSafe);
    assert_eq!(seen.sealed, Verdict::Mapped, "the seals are what makes it safe");
    assert_eq!(seen.a_part_of_it, Verdict::Mapped);
    assert_eq!(seen.bytes, "aled");
    assert_eq!(seen.more_than_it_holds, Verdict::NotSafe, "and what it does not hold is not");
    approve!(seen);
    Ok(())
}
