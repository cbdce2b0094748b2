//! What a program can rely on in a place, and which lessons decide it.
//!
//! `mmap-by-example check` answers these with the lessons' samples in a folder of the user's. Nothing is taken out of
//! an observation: a lesson is as approved, or it is not, or the file system was seen not to do what it is about.

/// Something that programs rely on when they map files.
#[derive(Debug, Clone, Copy)]
pub struct Reliance {
    /// What they rely on, as a statement.
    pub statement: &'static str,
    /// The full names of the lessons that decide it.
    pub lessons: &'static [&'static str],
}

/// What a program can rely on, in the order in which it is told. What makes others fail comes first.
pub const RELIANCES: &[Reliance] = &[
    Reliance {
        statement: "shared writable maps are granted",
        lessons: &["write::a_flushed_edit_is_in_the_file"],
    },
    Reliance {
        statement: "private edits stay private",
        lessons: &["copy::an_edit_never_reaches_the_file"],
    },
    Reliance {
        statement: "reads see stores at once",
        lessons: &["write::an_edit_is_seen_at_once"],
    },
    Reliance {
        statement: "maps see writes at once",
        lessons: &["write::a_write_to_the_file_is_seen_through_the_map"],
    },
    Reliance {
        statement: "other processes see stores",
        lessons: &["processes::strangers_meet_by_path"],
    },
    Reliance {
        statement: "a flush succeeds",
        lessons: &[
            "write::a_flush_changes_nothing_that_a_reader_sees",
            "write::a_flush_takes_any_range_inside_the_map",
        ],
    },
    Reliance {
        statement: "a flush leaves no dirty page",
        lessons: &["disk::a_flush_writes_back_and_an_asynchronous_one_does_not"],
    },
    Reliance {
        statement: "the first store moves the modification time",
        lessons: &["disk::only_the_first_store_into_a_clean_page_moves_the_modification_time"],
    },
    Reliance {
        statement: "a file that grows can be mapped further",
        lessons: &[
            "recipes::a_file_is_appended_to_by_writing",
            "resize::a_map_may_grow_past_the_end_of_the_file",
        ],
    },
    Reliance {
        statement: "a map may be longer than its file",
        lessons: &["bounds::a_map_longer_than_the_file_is_allowed"],
    },
    Reliance {
        statement: "a touch past the end of the file kills",
        lessons: &["bounds::a_page_past_the_end_kills"],
    },
    Reliance {
        statement: "a touch of a part that was cut off the file kills",
        lessons: &["bounds::truncating_kills_past_the_new_end"],
    },
    Reliance {
        statement: "a map keeps a file that was removed or replaced",
        lessons: &[
            "lifetime::a_map_survives_its_name",
            "lifetime::a_map_keeps_the_file_that_was_replaced",
        ],
    },
    Reliance {
        statement: "the mode of opening decides what may be mapped",
        lessons: &["protect::the_open_mode_decides_which_maps_are_allowed"],
    },
    Reliance {
        statement: "holes can be punched",
        lessons: &["paging::a_hole_punched_through_a_map_reads_as_zeros"],
    },
    Reliance {
        statement: "a store into a hole takes room at once",
        lessons: &["disk::a_store_into_a_hole_takes_room"],
    },
    Reliance {
        statement: "files can be locked",
        lessons: &[
            "processes::a_lock_on_the_file_does_not_stop_a_store",
            "processes::a_lock_on_the_file_ends_with_its_owner_and_a_flag_stays",
        ],
    },
];
