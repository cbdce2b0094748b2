//! The book being proved: one module per chapter, one test per lesson, each named after its claim.
//!
//! A test first asserts the claim in the observation's own words, then approves the page: so accepting a changed page
//! can never bless a broken claim.

#![forbid(unsafe_code)]

mod any_bytes;
mod book;
mod command_line;
mod cpython;
mod observation;
mod python;

#[cfg(unix)]
mod bounds;
mod copy;
mod lifetime;
#[cfg(target_os = "linux")]
mod page;
mod patterns;
#[cfg(unix)]
mod protect;
mod read;
#[cfg(target_os = "linux")]
mod resize;
mod search;
#[cfg(unix)]
mod share;
mod write;

use std::env;
use std::fmt;
#[cfg(target_os = "linux")]
use std::io::{self, Write};
use std::path::PathBuf;

#[cfg(target_os = "linux")]
use mmap_by_example::observation::Seen;

/// Approves an observation's page: `snapshots/<chapter>/<lesson>.snap`, named after the test that calls it.
macro_rules! approve {
    ($seen:expr) => {{
        fn here() {}
        crate::approve_page(std::any::type_name_of_val(&here), &$seen);
    }};
}
pub(crate) use approve;

/// Expanded once and not in every test, which would take longer to build than all the rest.
#[track_caller]
fn approve_page(place: &str, seen: &dyn fmt::Debug) {
    let [.., chapter, lesson, _here] = place.split("::").collect::<Vec<_>>()[..] else { panic!("no test: {place}") };
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots").join(chapter));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_debug_snapshot!(lesson, seen));
}

/// The project's folder. Asked for at run time, since the tests may run elsewhere than where they were built.
fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

/// What was seen; or nothing, and it is printed what this machine lacks.
#[cfg(target_os = "linux")]
fn or_say_what_is_lacking<T>(seen: Seen<T>) -> Option<T> {
    match seen {
        Seen::Here(observation) => Some(observation),
        Seen::Lacking(reason) => {
            // Written past the test runner, which keeps what a passing test prints to itself.
            let name = std::thread::current().name().unwrap_or("a lesson").to_owned();
            _ = writeln!(io::stderr(), "not tried: {name}, since this machine lacks {reason}");
            None
        }
    }
}

fn lorem() -> PathBuf {
    root().join("lorem.txt")
}
