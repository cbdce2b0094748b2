//! Measure: mapping beside reading, timed on this machine.

// A debug build measures nothing, so it need not wait for this to be compiled. Clippy looks at it in any build.
#[cfg(any(not(debug_assertions), clippy))]
mod comparison;
#[cfg(any(not(debug_assertions), clippy))]
mod experiments;
#[cfg(any(not(debug_assertions), clippy))]
mod machine;
#[cfg(any(not(debug_assertions), clippy))]
mod pictures;
#[cfg(any(not(debug_assertions), clippy))]
mod session;

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use mmap_by_example::lab::errors::Naming;

use crate::program::screen::Screen;
use crate::program::{Failure, Outcome};

/// Looks whether it can be measured, and measures.
pub fn run(
    place: Option<&Path>,
    csv: &Option<PathBuf>,
    svg: &Option<PathBuf>,
    screen: &mut Screen,
) -> Outcome {
    let temporary = std::env::temp_dir();
    let place = place.unwrap_or(&temporary);
    let metadata = fs::metadata(place).naming(place).map_err(Failure::Lesson)?;
    let is_file = metadata.is_file();
    if !is_file && !metadata.is_dir() {
        let message = format!("{} is neither a folder nor a file", place.display());
        return Err(Failure::Lesson(io::Error::new(
            ErrorKind::InvalidInput,
            message,
        )));
    }
    if is_file && metadata.len() == 0 {
        let message = format!("{} is empty: there is nothing to measure", place.display());
        return Err(Failure::Lesson(io::Error::new(
            ErrorKind::InvalidInput,
            message,
        )));
    }
    if csv.is_some() && csv == svg {
        return Err(Failure::Usage(
            "--csv and --svg name the same file".to_owned(),
        ));
    }
    for output in [csv, svg].into_iter().flatten() {
        can_be_written(output, place).map_err(Failure::Lesson)?;
    }
    #[cfg(any(not(debug_assertions), clippy))]
    if !cfg!(debug_assertions) {
        return session::run(place, is_file, csv, svg, screen);
    }
    _ = screen;
    let hint = "cargo run --release -- measure";
    let message = format!("this is a debug build, whose times mean nothing: '{hint}' measures");
    let error = io::Error::new(ErrorKind::Unsupported, message);
    Err(Failure::Lesson(error))
}

/// Asks before a minute has passed whether a file can be written in the end, and leaves nothing.
fn can_be_written(output: &Path, measured: &Path) -> io::Result<()> {
    if output.exists() {
        if output.canonicalize().ok() == measured.canonicalize().ok() {
            let message = format!("{} is measured, and not written to", output.display());
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
        return File::options()
            .append(true)
            .open(output)
            .naming(output)
            .map(drop);
    }
    let folder = output
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    tempfile::tempfile_in(folder).naming(output).map(drop)
}
