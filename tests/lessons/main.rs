//! The lessons being proved: one module per chapter, one test per lesson, each named after its claim.
//!
//! A test first asserts the claim in the observation's own words, then approves the snapshot: so accepting a changed
//! snapshot can never bless a broken claim.

#![deny(unsafe_code)]

#[cfg(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
#[allow(unsafe_code)]
mod acts;
#[cfg(not(all(
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod acts {
    //! No acts are noted here.

    pub const NOTED: bool = false;

    pub fn noted<T>(lesson: impl FnOnce() -> T) -> (T, String) {
        (lesson(), String::new())
    }

    pub fn approve(_lesson: &str, _acts: &str) {}
}
mod check;
mod command_line;
mod documents;
mod edits;
mod measure;
mod python;
mod tidy;
mod words;

mod bounds;
mod copy;
#[cfg(target_os = "linux")]
mod disk;
mod lifetime;
#[cfg(target_os = "linux")]
mod paging;
mod processes;
mod protect;
mod read;
mod recipes;
#[cfg(unix)]
mod resize;
#[cfg(target_os = "linux")]
mod seal;
mod search;
#[cfg(windows)]
mod windows;
mod write;

use std::env;
use std::io::{self, Write};
use std::path::PathBuf;

use mmap_by_example::contents::{self, Lesson, Observation, Promise};
use mmap_by_example::lab::errors;
use mmap_by_example::lab::picture::Picture;

/// Tries a lesson, asserts its claim, and approves its snapshot.
///
/// Where nobody promises the claim on this kind of system, or the machine lacks what it takes, that is said instead.
macro_rules! prove {
    ($chapter:ident::$lesson:ident($($argument:expr),*), $claim:expr) => {
        prove!(
            $chapter::$lesson,
            mmap_by_example::$chapter::$lesson($($argument),*),
            $claim
        )
    };
    ($chapter:ident::$lesson:ident, $seen:expr, $claim:expr) => {
        $crate::prove_claim(
            concat!(stringify!($chapter), "::", stringify!($lesson)),
            || $seen,
            $claim,
        )
    };
}
pub(crate) use prove;

fn prove_claim<T: Observation>(name: &str, lesson: impl Fn() -> io::Result<T>, claim: impl Fn(&T)) {
    let Some(listed) = to_be_tried(name) else {
        return;
    };
    let (seen, acts) = acts::noted(&lesson);
    match seen {
        Ok(seen) => {
            if !shows() {
                claim(&seen);
            }
            approve_what_was_seen(listed, name, &seen, &acts);
        }
        Err(error) => excuse_what_is_lacking(name, error),
    }
}

/// The lesson as the contents have it, where its claim is promised.
fn to_be_tried(name: &str) -> Option<&'static Lesson> {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    assert!(
        test == name || test == "main",
        "the test {test} bears the name of the lesson {name}"
    );
    let listed = contents::lessons().find(|lesson| lesson.full_name() == name);
    let listed = listed.expect("the contents list the lesson");
    let promise = listed.promise;
    if !promise.holds_here() {
        let why = match promise {
            Promise::Unspecified => "since its claim was seen on Linux only".to_owned(),
            _ => format!("since its claim is {promise}'s, and this is another system"),
        };
        not_tried(name, &why);
        return None;
    }
    Some(listed)
}

// Like the next function apart from `prove_claim`, of which a copy is built for each test.
fn approve_what_was_seen(listed: &Lesson, name: &str, seen: &dyn Observation, acts: &str) {
    if shows() {
        return println!("\n<<<{}>>>", listed.shown(seen));
    }
    acts::approve(name, acts);
    hold_to_what_is_told(listed);
    // Where snapshots are let pass, so is the picture: an edit that takes an act away has to be noticed by the claim.
    let lets_pass = env::var_os("INSTA_FORCE_PASS").is_some();
    if let Some(picture) = listed.picture(seen).filter(|_| !lets_pass) {
        hold_to_the_body(&picture, listed);
    }
    approve(name, &as_approved(name, listed.shown(seen)));
}

fn excuse_what_is_lacking(name: &str, error: io::Error) {
    match errors::what_is_lacking(&error) {
        Some(what) if may_lack(name) => {
            not_tried(name, &format!("since this machine lacks {what}"))
        }
        _ if shows() => println!("\n<<<Err: {:?}>>>", error.kind()),
        _ => panic!("{name}: {error}"),
    }
}

/// Whether what is approved is to be written, and not to be compared with.
fn updates() -> bool {
    env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always")
}

/// For `.ci/worlds`, which asks what an edited lesson shows.
fn shows() -> bool {
    env::var_os("SHOW").is_some()
}

/// The acts show each look into a raw map, and each store, as long as it is the lab's. No lesson goes past it, but for
/// numbers that are counted in a map.
fn hold_to_what_is_told(lesson: &Lesson) {
    const UNTOLD: &[&str] = &[
        ".write_volatile(",
        ".read_volatile(",
        ".write_bytes(",
        ".write_unaligned(",
        ".copy_from(",
        ".copy_from_nonoverlapping(",
        ".copy_to",
        "as_mut_ptr().write(",
        ").write(b'",
        "ptr::write",
        "ptr::copy",
    ];
    if env::var_os("ACTS_FORCE_PASS").is_some() {
        return;
    }
    let code = without_blanks(&lesson.code());
    for untold in UNTOLD {
        assert!(
            !code.contains(untold),
            "{} goes past the lab with {untold}: map.look and map.store are told among its acts, and so are child::load \
            and child::write",
            lesson.name
        );
    }
}

fn without_blanks(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Each act of a picture stands in the lesson's body, and the picture fits a terminal.
fn hold_to_the_body(picture: &Picture, lesson: &Lesson) {
    // Where the body is edited, an act may be gone: `.ci/mutate` asks whether the claim notices it.
    let edited = env::var_os("EDITED").is_some();
    let code = without_blanks(&lesson.code());
    for row in picture.rows.iter().filter(|_| !edited) {
        // A call is cut where its arguments are long.
        let cut = row.act.strip_suffix("..)");
        let act = cut.map_or(row.act, |cut| cut.trim_end_matches([',', ' ']));
        let stands_there = code.contains(&without_blanks(act));
        assert!(
            stands_there,
            "the picture of {} has {:?}",
            lesson.name, row.act
        );
        assert_eq!(
            row.cells.len(),
            picture.observers.len(),
            "{}: {:?}",
            lesson.name,
            row.act
        );
    }
    let wide = picture
        .to_string()
        .lines()
        .any(|line| line.chars().count() > 80);
    assert!(
        !wide,
        "the picture of {} is wider than 80 columns:\n{picture}",
        lesson.name
    );
}

/// On macOS a touch that the protection forbids is SIGBUS, as the lessons say that are about it.
const FORBIDDEN: &[&str] = &[
    "protect::a_store_through_a_read_only_map_kills",
    "protect::a_page_without_access_kills_readers_and_writers",
    "protect::protection_can_be_changed_and_changed_back",
];

/// What was seen, in the words of the approved snapshot, where systems differ.
fn as_approved(name: &str, shown: String) -> String {
    match cfg!(target_vendor = "apple") && FORBIDDEN.contains(&name) {
        true => shown.replace("SIGBUS", "SIGSEGV"),
        false => shown,
    }
}

/// Where `MAY_LACK` is set, only the lessons that it names may lack something; else any may.
fn may_lack(name: &str) -> bool {
    env::var("MAY_LACK").is_err()
        || env::var("MAY_LACK").is_ok_and(|names| names.split(' ').any(|it| it == name))
}

fn not_tried(name: &str, why: &str) {
    // Written past the test runner, which keeps what a passing test prints to itself.
    _ = writeln!(io::stderr(), "not tried: {name}, {why}");
}

/// Compares with `snapshots/<chapter>/<lesson>.snap`.
///
/// Expanded once and not in every test, which would take longer to build than all the rest.
fn approve(name: &str, seen: &str) {
    let (chapter, lesson) = name.split_once("::").expect("a chapter and a lesson");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots").join(chapter));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(lesson, seen));
}

/// The project's folder. Asked for at run time, since the tests may run elsewhere than where they were built.
fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

fn lorem() -> PathBuf {
    root().join("lorem.txt")
}
