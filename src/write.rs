//! A shared map and its file: one and the same bytes.

use std::io;
use std::path::Path;

use memmap2::MmapOptions;

use crate::book::chapter;
use crate::observation::Edit;
use crate::sample::{At, Sample, WORD};

chapter! {
    write;
    [document] a_flushed_edit_is_in_the_file: Posix,
}

/// A flushed edit through a shared map is in the file.
///
/// It is tempting to think that a map is a copy of the file in memory, and that somebody must write it back. A shared
/// map's pages *are* the file's pages in the system's cache: a store changes what every reader of the file gets. The
/// flush waits until those pages are on the disk.
///
/// On Linux, leaving the flush out would change nothing that can be seen here, since readers are served from the same
/// cache. It stands here because POSIX promises the file's new bytes only after it.
///
/// The edit is made in a copy; the caller's text is never written.
///
/// Promised by POSIX (`mmap`, MAP_SHARED; `msync`, MS_SYNC).
///
/// # Errors
/// Names `text` when it cannot be read or does not hold the word `consectetuer`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/write/a_flushed_edit_is_in_the_file.snap"))]
/// ```
pub fn a_flushed_edit_is_in_the_file(text: &Path) -> io::Result<Edit> {
    let sample = Sample::copy_of(text)?;
    // SAFETY: the sample is this lesson's own copy; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_mut(&sample.read_write()?) }.at(text)?;
    let (word, line) = sample.find(WORD, &map)?;
    let before = sample.sides(&map, line.clone())?;

    map[word].reverse();
    map.flush().at(text)?;

    let after = sample.sides(&map, line)?;
    Ok(Edit { before, after })
}
