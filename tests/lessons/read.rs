use mmap_by_example::lab::observation::{Answer, Outcome, Text};

use crate::{documents, lorem, prove};

#[test]
fn reading_and_slicing_keep_to_themselves() {
    prove!(
        read::reading_and_slicing_keep_to_themselves,
        documents::reading(&lorem()),
        |seen| {
            let file = std::fs::read(lorem()).expect("the text");
            assert_eq!(seen.read.cursor, 10, "reading moves the cursor");
            assert_eq!(
                seen.first_slice.cursor, 10,
                "slicing where it has been does not move it"
            );
            assert_eq!(
                seen.last_slice.cursor, 10,
                "slicing where it has not been does not move it"
            );
            assert_eq!(seen.read_on.cursor, 20, "reading goes on where it stood");
            assert_eq!(seen.read.bytes.0, file[..10], "reading begins at the start");
            assert_eq!(
                seen.first_slice.bytes, seen.read.bytes,
                "slices count from the start, wherever the cursor stands"
            );
            assert_eq!(
                seen.last_slice.bytes.0,
                file[file.len() - 10..],
                "the last slice is from elsewhere"
            );
            assert_eq!(seen.read_on.bytes.0, file[10..20]);
            documents::with_a_file_larger_than_memory(|large| {
                let seen = documents::reading(large)?;
                assert_eq!(seen.read_on.cursor, 20, "it is mapped and not copied");
                Ok(())
            });
        }
    );
}

#[test]
fn a_map_is_the_whole_file() {
    prove!(read::a_map_is_the_whole_file(), |seen| {
        assert_eq!(seen.file_bytes, 1081);
        assert_eq!(
            seen.map_bytes, seen.file_bytes,
            "it has as many bytes as a read gives"
        );
        assert_eq!(seen.first_difference, None, "and they are the same bytes");
        assert_eq!(
            seen.last_bytes.memory, "erire ipse.\n",
            "up to the very last"
        );
        assert_eq!(seen.last_bytes.file, seen.last_bytes.memory);
    });
}

#[test]
fn out_of_bounds_is_a_panic_or_none() {
    prove!(read::out_of_bounds_is_a_panic_or_none(), |seen| {
        assert_eq!(seen.map_bytes, 10);
        let nine = Some(Text(b"9".to_vec()));
        assert_eq!(seen.get_the_last, (9, nine), "up to the end all is there");
        assert_eq!(seen.get_one_past_the_end, (10, None));
        assert_eq!(
            seen.get_the_last_five.as_ref().map(|five| &five.0[..]),
            Some(&b"56789"[..])
        );
        assert_eq!(
            seen.get_five_and_one_past_the_end, None,
            "a range that leaves the map gives nothing at all"
        );
        assert_eq!(
            seen.index_the_last,
            Outcome::Survived,
            "an index inside returns"
        );
        assert_eq!(
            seen.index_one_past_the_end,
            Outcome::Panicked,
            "an index past the end panics"
        );
        assert_eq!(seen.index_far_past_the_end, Outcome::Panicked);
    });
}

#[test]
fn a_cursor_never_grows_the_map() {
    prove!(read::a_cursor_never_grows_the_map(), |seen| {
        assert_eq!(seen.before.file, "0123456789");
        assert_eq!(seen.written, 3, "a write takes what fits");
        assert_eq!(seen.not_written, "def", "and no more");
        assert_eq!(seen.cursor_after_writing, 10, "up to the end");
        assert_eq!(
            seen.write_one_more,
            Answer::Refused("WriteZero".into()),
            "there it takes nothing"
        );
        assert_eq!(seen.read_before_the_end, 3, "a read takes what is there");
        assert_eq!(seen.read_at_the_end, 0, "and a read gives nothing");
        assert_eq!(seen.map_bytes, 10, "the map is as long as before");
        assert_eq!(seen.after.memory, "0123456abc");
        assert_eq!(seen.after.file, seen.after.memory, "and so is the file");
    });
}

#[test]
fn buffered_bytes_are_not_yet_in_the_map() {
    prove!(read::buffered_bytes_are_not_yet_in_the_map(), |seen| {
        let (before, after) = (
            &seen.flush_of_the_writer.before,
            &seen.flush_of_the_writer.after,
        );
        assert_eq!(seen.in_the_buffer, "buffered", "they were written");
        assert_eq!(before.memory, "........", "and are not in the map");
        assert_eq!(before.file, "........", "nor in the file");
        assert_eq!(seen.in_the_buffer_at_the_end, "", "none waits any more");
        assert_eq!(after.memory, "buffered", "flushed, they are in the map");
        assert_eq!(after.file, "buffered", "and in the file");
    });
}

#[test]
fn lines_are_read_without_copying() {
    prove!(read::lines_are_read_without_copying(), |seen| {
        assert!(seen.reader_is_at_the_maps_end);
        assert!(seen.lines.iter().eq(&["alpha", "beta", "", "gamma"]));
        assert_eq!(seen.inside_the_map, 4, "every one is inside the map");
        assert_eq!(
            seen.lines, seen.lines_of_a_reader,
            "a reader gives the same lines"
        );
    });
}
