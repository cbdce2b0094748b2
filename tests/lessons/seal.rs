use mmap_by_example::lab::observation::Answer;
use mmap_by_example::seal::Verdict;

use crate::prove;

fn refused(error: &str) -> Answer {
    Answer::Refused(error.into())
}

#[test]
fn a_sealed_file_cannot_change() {
    prove!(seal::a_sealed_file_cannot_change(), |seen| {
        let (before, after) = (&seen.before, &seen.after);
        for answer in [
            &before.write,
            &before.write_through_another_handle,
            &before.grow,
            &before.shrink,
            &before.writable_shared_map,
        ] {
            assert_eq!(*answer, Answer::Granted, "unsealed, it is like any file");
        }
        let reading = &seen.reading_through_another_handle;
        assert_eq!(*reading, refused("EBADF"), "it is a handle of its own");
        assert_eq!(before.private_map, "PBx");
        assert_eq!(before.bytes_then, "BBx");
        assert_eq!(
            seen.seal_against_grow_and_shrink_while_mapped,
            Answer::Granted,
            "a writable map cannot change the length"
        );
        assert_eq!(
            seen.seal_against_write_while_mapped,
            refused("EBUSY"),
            "but it could write"
        );
        assert_eq!(seen.seal_against_write, Answer::Granted);
        assert_eq!(after.write, refused("EPERM"), "sealed, it cannot change");
        assert_eq!(after.write_through_another_handle, refused("EPERM"));
        assert_eq!(after.grow, refused("EPERM"));
        assert_eq!(after.shrink, refused("EPERM"));
        assert_eq!(after.writable_shared_map, refused("EPERM"));
        assert_eq!(after.bytes_then, before.bytes_then, "and it did not");
        assert_eq!(
            after.private_map, "PBx",
            "a private map can be edited, and does no harm"
        );
    });
}

#[test]
fn a_sealed_file_is_mapped_without_unsafe() {
    prove!(seal::a_sealed_file_is_mapped_without_unsafe(), |seen| {
        let mapped = |bytes: &str| Verdict::Mapped(bytes.as_bytes().into());
        let ordinary = &seen.ordinary_file;
        assert_eq!(ordinary.map_if_safe, Verdict::NotSafe);
        assert_eq!(ordinary.write, Answer::Granted);
        assert_eq!(ordinary.shrink, Answer::Granted);

        let unsealed = &seen.unsealed;
        assert_eq!(unsealed.map_if_safe, Verdict::NotSafe);
        for attempts in [ordinary, unsealed] {
            let write = &attempts.write_through_the_reader;
            assert_eq!(*write, refused("EBADF"), "the mapped handle can only read");
        }
        assert_eq!(unsealed.write, Answer::Granted, "its bytes can change");
        assert_eq!(unsealed.shrink, Answer::Granted, "and go");

        let half = &seen.sealed_against_writes;
        assert_eq!(half.map_if_safe, Verdict::NotSafe);
        for attempts in [ordinary, unsealed, half] {
            assert_eq!(
                attempts.of_a_part,
                Verdict::NotSafe,
                "no part of it is safer"
            );
        }
        assert_eq!(half.write, refused("EPERM"), "its bytes cannot change");
        assert_eq!(half.shrink, Answer::Granted, "but they can go");

        let sealed = &seen.sealed_against_shrinking_too;
        assert_eq!(sealed.map_if_safe, mapped("sealed"), "now it is safe");
        assert_eq!(sealed.write, refused("EPERM"), "its bytes cannot change");
        assert_eq!(sealed.shrink, refused("EPERM"), "nor go");

        assert_eq!(sealed.of_a_part, mapped("ale"));
        assert_eq!(
            seen.more_than_it_holds,
            Verdict::NotSafe,
            "what the file does not hold could still come"
        );
    });
}
