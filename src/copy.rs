//! A private map: a view of the file that keeps its edits to itself.

use std::io;
use std::path::Path;

use memmap2::MmapOptions;

use crate::book::chapter;
use crate::observation::{Sides, Text};
use crate::sample::{At, Sample, WORD};

chapter! {
    copy;
    [document] an_edit_never_reaches_the_file: Posix,
}

/// An edit through a private map, looked at for as long as the file exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateEdit {
    /// Both sides before the edit.
    pub before: Sides,
    /// Both sides after it.
    pub after: Sides,
    /// Both sides after the map was flushed.
    pub after_flush: Sides,
    /// The file after the map was gone.
    pub file_after_unmap: Text,
}

/// An edit through a private map never reaches the file.
///
/// It is tempting to think that a map *is* the file, so that a store must end up there sooner or later: at the flush,
/// or when the map goes. A private map is a view of the file only until you store: the first store into a page gives
/// this map its own copy of that page (copy-on-write), nobody else ever sees it, and it is thrown away with the map. A
/// flush of such a map succeeds and writes nothing.
///
/// The edit is made over a copy; the caller's text would not be changed even without that.
///
/// Promised by POSIX (`mmap`, MAP_PRIVATE).
///
/// # Errors
/// Names `text` when it cannot be read or does not hold the word `consectetuer`.
///
/// ```text
#[cfg_attr(doc, doc = include_str!("../snapshots/copy/an_edit_never_reaches_the_file.snap"))]
/// ```
pub fn an_edit_never_reaches_the_file(text: &Path) -> io::Result<PrivateEdit> {
    let sample = Sample::copy_of(text)?;
    // SAFETY: the sample is this lesson's own copy; nobody writes to it while it is mapped.
    let mut map = unsafe { MmapOptions::new().map_copy(&sample.read_write()?) }.at(text)?;
    let (word, line) = sample.find(WORD, &map)?;
    let before = sample.sides(&map, line.clone())?;

    map[word].reverse();

    let after = sample.sides(&map, line.clone())?;
    map.flush().at(text)?;
    let after_flush = sample.sides(&map, line.clone())?;
    drop(map);
    let file_after_unmap = sample.read(line)?;
    Ok(PrivateEdit { before, after, after_flush, file_after_unmap })
}
