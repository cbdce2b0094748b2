//! The contents: every chapter and every lesson, on every system, with who promises what.

use std::any::Any;
use std::fmt;
use std::io;
use std::path::Path;

use crate::lab::errors;
use crate::lab::pattern::Pattern;
use crate::lab::picture::Picture;
use crate::lab::sample::{Sample, WORD};

/// Who guarantees what a lesson claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// The POSIX standard: every Unix that keeps to it does so.
    Posix,
    /// The Linux manual, or the kernel's own documentation: other systems may differ.
    Linux,
    /// The memmap2 crate, on the systems that its documentation names.
    Memmap2,
    /// Microsoft's documentation of Windows.
    Windows,
    /// Rust: its types, its borrow checker, its library, or the regex crate on its slices.
    Rust,
    /// No standard or manual: it was seen on Linux.
    Unspecified,
}

impl Promise {
    /// Whether it is promised on the system for which this was compiled.
    pub fn holds_here(self) -> bool {
        match self {
            Promise::Posix => cfg!(unix),
            Promise::Linux | Promise::Unspecified => cfg!(target_os = "linux"),
            Promise::Windows => cfg!(windows),
            Promise::Memmap2 | Promise::Rust => true,
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Promise::Posix => "POSIX",
            Promise::Linux => "Linux",
            Promise::Memmap2 => "memmap2",
            Promise::Windows => "Windows",
            Promise::Rust => "Rust",
            Promise::Unspecified => "unspecified",
        })
    }
}

/// What a lesson saw: plain data, whose `Debug` is in the snapshot.
pub trait Observation: fmt::Debug + Any {
    /// Itself, for the picture that is made from its type.
    fn as_any(&self) -> &dyn Any;
}

impl<T: fmt::Debug + Any> Observation for T {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What some lesson saw.
pub type Seen = Box<dyn Observation>;

/// How the picture of a lesson is made, from its observation.
type Draw = fn(&dyn Any) -> Option<Picture>;

/// How a lesson is tried, and its picture made, where there is one.
type How = (Run, Option<Draw>);

/// How a lesson is tried.
#[derive(Clone, Copy)]
pub enum Run {
    /// On files of its own.
    Alone(fn() -> io::Result<Seen>),
    /// On a text, with a word or a pattern where it takes one; without either, on the built-in ones.
    ///
    /// It is only sound to call while nobody writes to the text or truncates it.
    Document(unsafe fn(&Path, Option<&str>) -> io::Result<Seen>),
    /// By the compiler: its documentation has a program that must not compile, beside one that must.
    Compiler,
    /// Not here: it is not compiled, since it needs this kind of system.
    Elsewhere(&'static str),
}

/// The lesson as it would be if what somebody believes were true: an edit of its code, and what was seen with it.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// In the words of somebody who believes it.
    pub belief: &'static str,
    /// What the edit takes out of the lesson's code, in one or more lines.
    pub before: &'static str,
    /// What it puts there instead; empty where it only takes away.
    pub after: &'static str,
    /// What the edited lesson shows, as a snapshot has it; or how it ended, such as `killed by SIGBUS`.
    pub shown: &'static str,
}

/// One claim about mmap, and the function that shows it.
#[derive(Clone, Copy)]
pub struct Lesson {
    /// The chapter's name.
    pub chapter: &'static str,
    /// The claim as a name, inside its chapter.
    pub name: &'static str,
    /// Who promises it.
    pub promise: Promise,
    /// How it is tried here.
    pub run: Run,
    draw: Option<Draw>,
    source: &'static str,
}

impl Lesson {
    /// Its name with its chapter: `copy::an_edit_never_reaches_the_file`.
    pub fn full_name(&self) -> String {
        format!("{}::{}", self.chapter, self.name)
    }

    /// The claim: the first paragraph of the lesson's documentation.
    pub fn claim(&self) -> String {
        self.paragraphs().into_iter().next().unwrap_or_default()
    }

    /// The wrong idea that the lesson refutes, in the words of somebody who has it.
    pub fn wrong_idea(&self) -> String {
        let paragraphs = self.paragraphs();
        let quoted = paragraphs
            .iter()
            .find_map(|paragraph| paragraph.strip_prefix("> "));
        quoted.unwrap_or_default().replace(" > ", " ")
    }

    /// Who promises the claim, and where: the paragraph of the documentation that begins with "Promised by", or with
    /// "Unspecified".
    pub fn promised_by(&self) -> String {
        let is_it =
            |text: &String| text.starts_with("Promised by") || text.starts_with("Unspecified");
        self.paragraphs()
            .into_iter()
            .find(is_it)
            .unwrap_or_default()
    }

    /// Why it is so: the paragraphs between the wrong idea and the promise, without what only rustdoc shows.
    pub fn why(&self) -> Vec<Paragraph> {
        let by_the_compiler = matches!(self.run, Run::Compiler);
        let is_why = |text: &String| {
            let other = ["> ", "Promised by", "Unspecified", "# "];
            // What is the lesson's code, and what leads over to it, is shown in its place.
            let shown_as_code = by_the_compiler && (text.starts_with("```") || text.ends_with(':'));
            !shown_as_code && !other.iter().any(|start| text.starts_with(start))
        };
        let paragraphs = self.paragraphs().into_iter().skip(1).filter(is_why);
        let read = |text: String| match text.starts_with("```") {
            true => Paragraph::Code(example(&text)),
            false => Paragraph::Text(text),
        };
        paragraphs.map(read).collect()
    }

    /// The words that people have for it: the `doc(alias)` of the lesson.
    pub fn words(&self) -> Vec<&'static str> {
        aliases(self.above())
    }

    /// The lesson's function as it stands in the source, or what the compiler is shown.
    pub fn code(&self) -> String {
        let Some(start) = self.start() else {
            return String::new();
        };
        if matches!(self.run, Run::Compiler) {
            return examples(self.above());
        }
        let end = self.source[start..]
            .find("\n}\n")
            .map_or(self.source.len(), |at| start + at + 2);
        self.source[start..end].to_owned()
    }

    /// The line of its chapter's source at which it begins.
    pub fn line(&self) -> usize {
        let before = &self.source[..self.start().unwrap_or_default()];
        before.matches('\n').count() + 1
    }

    /// What was approved, as far as there is a snapshot of it.
    pub fn snapshot(&self) -> Option<&'static str> {
        let name = self.full_name();
        SNAPSHOTS
            .iter()
            .find(|(of, _)| *of == name)
            .map(|(_, seen)| *seen)
    }

    /// What people believe instead, each with what the lesson would show then, as far as that is approved.
    pub fn worlds(&self) -> Vec<World> {
        let name = self.full_name();
        let own = WORLDS.iter().filter(|(of, _)| *of == name);
        own.map(|(_, world)| *world).collect()
    }

    /// The picture of what was seen, where the lesson has one.
    pub fn picture(&self, seen: &dyn Observation) -> Option<Picture> {
        self.draw.and_then(|draw| draw(seen.as_any()))
    }

    /// What was seen, as it stands in the snapshot: the picture, if there is one, and the observation.
    pub fn shown(&self, seen: &dyn Observation) -> String {
        match self.picture(seen) {
            Some(picture) => format!("{picture}\n\n{seen:#?}"),
            None => format!("{seen:#?}"),
        }
    }

    /// Tries the lesson on the built-in text or on files of its own; `None` where there is nothing to run.
    ///
    /// # Errors
    /// Names the lesson when it cannot be set up, and says so when the machine lacks something.
    pub fn try_it(&self) -> Option<io::Result<Seen>> {
        let seen = match self.run {
            Run::Alone(run) => run(),
            Run::Document(run) => Sample::lorem().and_then(|lorem| {
                // SAFETY: the sample is this function's own; nobody else writes to it.
                unsafe { run(lorem.path(), None) }
            }),
            Run::Compiler | Run::Elsewhere(_) => return None,
        };
        Some(seen.map_err(|error| match errors::what_is_lacking(&error) {
            Some(_) => error,
            None => io::Error::new(error.kind(), format!("{}: {error}", self.full_name())),
        }))
    }

    /// Where the lesson's function, or its empty module, begins in the source.
    fn start(&self) -> Option<usize> {
        let mut mentions = self.source.match_indices(self.name);
        mentions.find_map(|(at, name)| {
            let (before, after) = (&self.source[..at], &self.source[at + name.len()..]);
            let begins = |(head, tail): (&str, &str)| {
                let start = before.strip_suffix(head)?.len();
                after.starts_with(tail).then_some(start + 1)
            };
            let heads = [
                ("\npub fn ", "("),
                ("\npub unsafe fn ", "("),
                ("\npub mod ", " {"),
            ];
            heads.into_iter().find_map(begins)
        })
    }

    /// The documentation and the attributes above the lesson.
    fn above(&self) -> Vec<&'static str> {
        let above = &self.source[..self.start().unwrap_or_default()];
        let mut lines: Vec<&str> = above
            .lines()
            .rev()
            .take_while(|line| line.starts_with("///") || line.starts_with("#["))
            .collect();
        lines.reverse();
        lines
    }

    fn paragraphs(&self) -> Vec<String> {
        paragraphs(
            self.above()
                .into_iter()
                .filter_map(|line| line.strip_prefix("///")),
        )
    }
}

/// A paragraph of a lesson's documentation.
#[derive(Debug, Clone)]
pub enum Paragraph {
    /// Prose, on one line, with rustdoc's markup.
    Text(String),
    /// An example, without the lines that rustdoc hides, below a comment that says whether it compiles.
    Code(String),
}

/// Lessons that belong together.
#[derive(Clone, Copy)]
pub struct Chapter {
    /// The chapter's name, which is its module's.
    pub name: &'static str,
    /// What it is about, in a few words.
    pub subject: &'static str,
    /// The lessons in reading order; the document, where the chapter has one, is the first.
    pub lessons: &'static [Lesson],
    source: &'static str,
}

impl Chapter {
    /// What the chapter is about: the first paragraph of the module's documentation.
    pub fn title(&self) -> String {
        self.paragraphs().into_iter().next().unwrap_or_default()
    }

    /// The question that the chapter answers: the second paragraph.
    pub fn question(&self) -> String {
        self.paragraphs().into_iter().nth(1).unwrap_or_default()
    }

    /// The list of lessons at its head: the last paragraph.
    pub fn list(&self) -> String {
        self.paragraphs().pop().unwrap_or_default()
    }

    fn paragraphs(&self) -> Vec<String> {
        paragraphs(
            self.source
                .lines()
                .map_while(|line| line.strip_prefix("//!")),
        )
    }
}

/// Every lesson in reading order.
pub fn lessons() -> impl Iterator<Item = &'static Lesson> {
    let lessons = CHAPTERS.iter().flat_map(|chapter| chapter.lessons);
    // Collected once here, so that what others do with a nested iterator need not be built for each of them.
    lessons.collect::<Vec<_>>().into_iter()
}

/// The paragraphs of a comment, each on one line. A block of code is one paragraph, with its lines kept.
fn paragraphs<'a>(comment: impl Iterator<Item = &'a str>) -> Vec<String> {
    let (mut found, mut in_code) = (vec![String::new()], false);
    for line in comment {
        let line = line.strip_prefix(' ').unwrap_or(line);
        let fence = line.starts_with("```");
        if !in_code && (fence || line.trim().is_empty()) {
            found.push(String::new());
        }
        let Some(last) = found.last_mut() else {
            continue;
        };
        let between = match (last.is_empty(), in_code) {
            (true, _) => "",
            (false, true) => "\n",
            (false, false) => " ",
        };
        last.extend([between, if in_code { line } else { line.trim() }]);
        if fence {
            in_code = !in_code;
            if !in_code {
                found.push(String::new());
            }
        }
    }
    found.retain(|paragraph| !paragraph.trim().is_empty());
    found
}

fn aliases(lines: Vec<&'static str>) -> Vec<&'static str> {
    let alias = |line: &'static str| line.strip_prefix("#[doc(alias = \"")?.strip_suffix("\")]");
    lines.into_iter().filter_map(alias).collect()
}

/// The two programs in the documentation of a lesson about what does not compile.
fn examples(above: Vec<&'static str>) -> String {
    let code = paragraphs(
        above
            .into_iter()
            .filter_map(|line| line.strip_prefix("///")),
    );
    let blocks = code.iter().filter(|text| text.starts_with("```"));
    let shown: Vec<String> = blocks.map(|block| example(block)).collect();
    shown.join("\n\n")
}

/// A block of code as it is shown.
fn example(block: &str) -> String {
    let head = match block.starts_with("```compile_fail") {
        true => "// does not compile:",
        false => "// compiles:",
    };
    let is_shown = |line: &&str| !line.starts_with("```") && !line.starts_with("# ");
    let lines = block.lines().filter(is_shown);
    [head]
        .into_iter()
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

/// How a lesson is run and its picture made, where the lesson is compiled; what it needs, where it is not.
macro_rules! how {
    ($chapter:ident::$lesson:ident, [document $run:ident] $($pictured:ident)?) => {
        (Run::Document($run), draw!($chapter::$lesson $($pictured)?))
    };
    ($chapter:ident::$lesson:ident, [compiler]) => {
        (Run::Compiler, None)
    };
    ($chapter:ident::$lesson:ident, [unix] $($pictured:ident)?) => {
        how!($chapter::$lesson, cfg(unix) or "Unix", $($pictured)?)
    };
    ($chapter:ident::$lesson:ident, [linux] $($pictured:ident)?) => {
        how!($chapter::$lesson, cfg(target_os = "linux") or "Linux", $($pictured)?)
    };
    ($chapter:ident::$lesson:ident, [linux64] $($pictured:ident)?) => {
        how!(
            $chapter::$lesson,
            cfg(all(target_os = "linux", target_pointer_width = "64"))
                or "Linux with addresses of 64 bits",
            $($pictured)?
        )
    };
    ($chapter:ident::$lesson:ident, [windows] $($pictured:ident)?) => {
        how!($chapter::$lesson, cfg(windows) or "Windows", $($pictured)?)
    };
    ($chapter:ident::$lesson:ident, cfg($system:meta) or $needed:literal, $($pictured:ident)?) => {{
        #[cfg($system)]
        const HOW: How = how!($chapter::$lesson, [] $($pictured)?);
        #[cfg(not($system))]
        const HOW: How = (Run::Elsewhere($needed), None);
        HOW
    }};
    ($chapter:ident::$lesson:ident, [] $($pictured:ident)?) => {
        (
            Run::Alone(|| Ok(Box::new(crate::$chapter::$lesson()?))),
            draw!($chapter::$lesson $($pictured)?),
        )
    };
}

macro_rules! draw {
    ($chapter:ident::$lesson:ident pictured) => {
        Some(|seen| Some(crate::pictures::$chapter::$lesson(seen.downcast_ref()?)))
    };
    ($chapter:ident::$lesson:ident) => {
        None
    };
}

macro_rules! contents {
    ($($chapter:ident $subject:literal { $($lesson:ident: $promise:ident $([$($how:tt)+])? $($pictured:ident)?,)+ })+) => {
        /// The chapters in reading order.
        pub static CHAPTERS: &[Chapter] = &[$(Chapter {
            name: stringify!($chapter),
            subject: $subject,
            source: include_str!(concat!(stringify!($chapter), ".rs")),
            lessons: &[$({
                let (run, draw): How = how!($chapter::$lesson, [$($($how)+)?] $($pictured)?);
                Lesson {
                    chapter: stringify!($chapter),
                    name: stringify!($lesson),
                    promise: Promise::$promise,
                    run,
                    draw,
                    source: include_str!(concat!(stringify!($chapter), ".rs")),
                }
            },)+],
        },)+];
    };
}

// A lesson is followed by who promises it; in brackets, by what kind it is: a document and how that is run, a claim that
// the compiler proves, or one that is compiled on Unix, on Linux, on Linux with 64 bits or on Windows only; and by whether
// there is a picture of it.
contents! {
    read "cursors and slices" {
        reading_and_slicing_keep_to_themselves: Rust [document read] pictured,
        a_map_is_the_whole_file: Memmap2,
        out_of_bounds_is_a_panic_or_none: Rust pictured,
        a_cursor_never_grows_the_map: Rust pictured,
        buffered_bytes_are_not_yet_in_the_map: Rust pictured,
        lines_are_read_without_copying: Rust pictured,
    }
    write "who sees a store, when" {
        a_flushed_edit_is_in_the_file: Posix [document write] pictured,
        an_edit_is_seen_at_once: Unspecified pictured,
        a_write_to_the_file_is_seen_through_the_map: Unspecified pictured,
        dropping_the_map_unflushed_loses_nothing: Unspecified pictured,
        a_flush_changes_nothing_that_a_reader_sees: Unspecified pictured,
        a_flush_takes_any_range_inside_the_map: Memmap2 pictured,
        an_edit_in_place_cannot_change_the_length: Rust pictured,
    }
    copy "what stays private" {
        an_edit_never_reaches_the_file: Posix [document copy] pictured,
        an_edit_is_seen_by_nobody_else: Unspecified pictured,
        a_read_only_handle_is_enough: Posix pictured,
        a_later_write_reaches_only_pages_not_edited: Unspecified pictured,
        copying_goes_page_by_page: Unspecified [linux] pictured,
        dropped_pages_forget_their_edits: Unspecified [linux] pictured,
    }
    search "a regex over a file" {
        a_regular_expression_runs_over_the_mapped_bytes: Rust [document search],
        a_match_is_a_slice_of_the_map: Rust pictured,
        the_first_and_the_last_are_found_nul_bytes_and_all: Rust pictured,
        positions_count_from_the_start_of_the_map: Memmap2 pictured,
        a_match_may_cross_a_page_boundary: Posix,
        bytes_need_not_be_utf8: Rust pictured,
    }
    lifetime "what keeps a map alive" {
        a_map_survives_its_handle: Posix pictured,
        a_map_survives_its_name: Posix [unix] pictured,
        a_map_keeps_the_file_that_was_replaced: Posix [unix] pictured,
        rights_are_taken_when_the_file_is_opened: Unspecified [linux] pictured,
        a_running_program_is_guarded_and_a_mapped_file_is_not: Linux [linux] pictured,
        a_dropped_map_is_gone: Posix [unix],
        a_dropped_map_cannot_be_used: Rust [compiler],
        a_slice_cannot_outlive_its_map: Rust [compiler],
        an_edit_tolerates_no_other_borrow: Rust [compiler],
        anonymous_memory_starts_as_zeros: Posix pictured,
    }
    bounds "past the end, and SIGBUS" {
        a_window_shows_a_part_of_the_file: Memmap2 pictured,
        any_offset_works_though_the_kernel_wants_pages: Memmap2 [unix],
        an_empty_file_gives_an_empty_map: Memmap2 [unix],
        a_device_gives_an_empty_map_unless_len_is_given: Memmap2 [linux],
        a_map_longer_than_the_file_is_allowed: Posix [unix],
        a_page_past_the_end_kills: Posix [unix] pictured,
        a_system_call_is_refused_where_a_touch_kills: Linux [unix] pictured,
        the_rest_of_the_last_page_does_not_make_the_file_longer: Posix [unix] pictured,
        maps_come_in_whole_pages: Posix [unix] pictured,
        truncating_kills_past_the_new_end: Posix [unix] pictured,
        truncating_clears_the_rest_of_the_last_page: Unspecified [unix] pictured,
        truncating_kills_private_pages_too: Unspecified [unix] pictured,
        a_file_cut_and_grown_again_shows_zeros: Unspecified [unix] pictured,
        growing_the_file_fills_the_map_and_not_its_length: Unspecified [unix] pictured,
    }
    resize "growing file and map" {
        grow_the_file_then_the_map: Linux [linux] pictured,
        grow_the_file_then_store: Posix [unix] pictured,
        shrinking_a_map_leaves_the_file_alone: Linux [linux] pictured,
        a_map_grows_in_place_only_where_there_is_room: Linux [linux] pictured,
        a_map_may_grow_past_the_end_of_the_file: Unspecified [linux] pictured,
        a_private_map_grows_with_its_edits: Unspecified [linux] pictured,
        shared_anonymous_memory_does_not_grow_with_its_map: Unspecified [linux] pictured,
    }
    protect "what a map forbids" {
        the_open_mode_decides_which_maps_are_allowed: Posix pictured,
        some_things_cannot_be_mapped: Unspecified [unix] pictured,
        each_constructor_asks_for_its_protection: Memmap2 [linux] pictured,
        a_store_through_a_read_only_map_kills: Posix [unix] pictured,
        a_page_without_access_kills_readers_and_writers: Posix [unix] pictured,
        a_fault_says_where_and_why: Linux [unix] pictured,
        protection_can_be_changed_and_changed_back: Posix [unix] pictured,
        only_a_private_map_of_a_read_only_file_becomes_writable: Posix pictured,
        a_read_only_map_cannot_be_written_to: Rust [compiler],
        a_read_only_map_cannot_be_flushed: Rust [compiler],
        mapping_a_file_is_unsafe: Rust [compiler],
    }
    seal "mapping without unsafe" {
        a_sealed_file_cannot_change: Linux [linux] pictured,
        a_sealed_file_is_mapped_without_unsafe: Memmap2 [linux] pictured,
    }
    disk "what is on the disk" {
        a_flush_writes_back_and_an_asynchronous_one_does_not: Linux [linux] pictured,
        sync_all_writes_back_what_a_dropped_map_has_left: Linux [linux] pictured,
        a_later_store_may_be_on_the_disk_before_an_earlier_one: Unspecified [linux] pictured,
        only_the_first_store_into_a_clean_page_moves_the_modification_time: Unspecified [linux],
        a_store_into_a_hole_takes_room: Unspecified [linux] pictured,
        a_store_into_a_hole_of_a_full_disk_kills: Unspecified [linux] pictured,
        a_removed_file_keeps_its_room_until_its_last_map_is_gone: Posix [linux] pictured,
        what_watches_a_file_is_told_of_no_store: Linux [linux] pictured,
    }
    processes "fork, strangers, locks" {
        a_shared_map_is_one_memory_across_fork: Posix [unix] pictured,
        private_memory_is_copied_at_fork: Posix [unix] pictured,
        stores_survive_the_death_of_their_process: Unspecified [linux] pictured,
        strangers_meet_by_path: Posix [unix],
        a_range_can_be_kept_from_children: Linux [linux] pictured,
        a_lock_on_the_file_does_not_stop_a_store: Linux [unix] pictured,
        spliced_bytes_change_with_the_next_store: Unspecified [linux] pictured,
        an_address_in_a_shared_map_means_nothing_elsewhere: Posix [unix] pictured,
        a_lock_on_the_file_ends_with_its_owner_and_a_flag_stays: Linux [unix] pictured,
        threads_fill_parts_of_one_map_without_a_lock: Rust pictured,
    }
    paging "when pages come and go" {
        nothing_is_resident_until_touched: Unspecified [linux] pictured,
        reading_untouched_memory_costs_no_page: Linux [linux] pictured,
        populate_takes_the_faults_up_front: Linux [linux] pictured,
        a_fault_stops_its_thread_until_the_page_is_there: Linux [linux] pictured,
        a_hint_never_changes_a_byte: Linux [linux] pictured,
        dropped_anonymous_pages_come_back_as_zeros: Linux [linux] pictured,
        dropped_pages_of_a_shared_map_lose_nothing: Linux [linux] pictured,
        a_hole_punched_through_a_map_reads_as_zeros: Linux [linux] pictured,
        locked_pages_are_resident_and_locks_do_not_stack: Posix [linux] pictured,
        a_tebibyte_is_mapped_whole: Unspecified [linux64] pictured,
        private_memory_is_counted_and_shared_maps_of_files_are_not: Linux [linux] pictured,
        pages_of_a_file_are_not_the_programs_own: Linux [linux] pictured,
        a_cached_page_need_not_be_in_the_map: Linux [linux] pictured,
        a_file_is_not_mapped_with_huge_pages: Memmap2 [linux],
    }
    recipes "replace, append, parse" {
        a_file_is_replaced_by_renaming: Posix [linux] pictured,
        a_file_is_appended_to_by_writing: Posix [unix] pictured,
        a_part_is_handed_out_with_its_map: Rust,
        a_number_is_taken_from_its_bytes: Rust,
        text_checked_once_is_not_text_for_good: Posix pictured,
        counting_through_two_maps_takes_atomics: Rust [unix] pictured,
        a_fault_is_turned_into_an_error: Unspecified [unix] pictured,
        a_map_costs_faults_and_reading_costs_calls: Unspecified [linux] pictured,
    }
    windows "what Windows refuses" {
        a_mapped_file_cannot_be_made_shorter: Windows [windows],
        a_map_longer_than_the_file_is_refused: Windows [windows],
        a_map_begins_in_a_block_of_64_kib: Windows [windows],
        a_file_opened_without_sharing_is_kept_from_others_by_its_map: Windows [windows],
    }
}

/// # Safety
/// As for the document.
unsafe fn read(text: &Path, _: Option<&str>) -> io::Result<Seen> {
    // SAFETY: the caller vouches for it.
    Ok(Box::new(unsafe {
        crate::read::reading_and_slicing_keep_to_themselves(text)
    }?))
}

fn write(text: &Path, word: Option<&str>) -> io::Result<Seen> {
    Ok(Box::new(crate::write::a_flushed_edit_is_in_the_file(
        text,
        word.unwrap_or(WORD),
    )?))
}

fn copy(text: &Path, word: Option<&str>) -> io::Result<Seen> {
    Ok(Box::new(crate::copy::an_edit_never_reaches_the_file(
        text,
        word.unwrap_or(WORD),
    )?))
}

/// # Safety
/// As for the document.
unsafe fn search(text: &Path, pattern: Option<&str>) -> io::Result<Seen> {
    let own = pattern.map(Pattern::new).transpose()?;
    let pattern = match &own {
        Some(own) => own,
        None => Pattern::sentences_with_nulla()?,
    };
    // SAFETY: the caller vouches for it.
    Ok(Box::new(unsafe {
        crate::search::a_regular_expression_runs_over_the_mapped_bytes(text, pattern)
    }?))
}

include!(concat!(env!("OUT_DIR"), "/snapshots.rs"));
