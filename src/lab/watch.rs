//! Watches, as programs have them that follow changes: inotify.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::lab::account::tell;
use crate::lab::errors::{Naming, OrLacking};
use crate::lab::system;

/// The kernel's list of what happens to a name in its folder, from now on.
pub struct NameWatch {
    queue: File,
    name: OsString,
}

impl NameWatch {
    /// Watches the name of `path`.
    ///
    /// # Errors
    /// Names the folder. Where this user may watch no more of them, that is what is lacking.
    pub fn new(path: &Path) -> io::Result<NameWatch> {
        const EVENTS: u32 =
            libc::IN_CREATE | libc::IN_DELETE | libc::IN_MOVED_FROM | libc::IN_MOVED_TO;
        let folder = path.parent().unwrap_or(Path::new("/"));
        let queue = queue(folder, EVENTS)?;
        let name = path.file_name().unwrap_or_default().to_owned();
        Ok(NameWatch { queue, name })
    }

    /// What has happened to the name so far, in order.
    ///
    /// # Errors
    /// When the list cannot be read, or the kernel dropped a part of it.
    pub fn events(mut self) -> io::Result<Vec<&'static str>> {
        tell("events", 0, 0);
        let (mut bytes, mut events) = (vec![0; 64 << 10], Vec::new());
        loop {
            let mut rest = match self.queue.read(&mut bytes) {
                Ok(length) => bytes.get(..length).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(events),
                Err(error) => return Err(error),
            };
            // Four numbers, the last of which is the length of the name, and the name, filled up with NUL bytes.
            while let Some((head, after)) = rest.split_first_chunk::<16>() {
                let number = |at: usize| {
                    let bytes = head.get(at..).and_then(|bytes| bytes.first_chunk());
                    bytes.map_or(0, |bytes| u32::from_ne_bytes(*bytes))
                };
                let (name, after) = after.split_at(after.len().min(number(12) as usize));
                rest = after;
                let event = match number(4) {
                    libc::IN_Q_OVERFLOW => {
                        return Err(io::Error::other("too much happened in the watched folder"));
                    }
                    libc::IN_CREATE => "created",
                    libc::IN_DELETE => "removed",
                    libc::IN_MOVED_FROM => "moved away",
                    libc::IN_MOVED_TO => "moved here",
                    _ => continue,
                };
                let name = name.split(|byte| *byte == 0).next();
                if name == Some(self.name.as_bytes()) {
                    events.push(event);
                }
            }
        }
    }
}

/// A watch on the bytes and the metadata of a file.
pub struct Watch(File);

impl Watch {
    /// Watches the file with this path from now on.
    ///
    /// # Errors
    /// Names the file. Where this user may watch no more of them, that is what is lacking.
    pub fn on(path: impl AsRef<Path>) -> io::Result<Watch> {
        tell("watch", 0, 0);
        queue(path.as_ref(), libc::IN_MODIFY | libc::IN_ATTRIB).map(Watch)
    }

    /// What has happened to the file since the last time, by the names of the manual.
    ///
    /// # Errors
    /// When the events cannot be read.
    pub fn events(&mut self) -> io::Result<Vec<&'static str>> {
        tell("events", 0, 0);
        let mut bytes = [0; 4096];
        let length = match self.0.read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            answer => answer?,
        };
        // For a file, and not a folder, an event has no name after it, so all have the same size.
        let events = bytes[..length].chunks_exact(size_of::<libc::inotify_event>());
        let mask = |event: &[u8]| match event[4..8].try_into().map(u32::from_ne_bytes) {
            Ok(libc::IN_MODIFY) => "IN_MODIFY",
            Ok(libc::IN_ATTRIB) => "IN_ATTRIB",
            _ => "another",
        };
        Ok(events.map(mask).collect())
    }
}

/// A new queue of these events of a file or a folder.
fn queue(path: &Path, events: u32) -> io::Result<File> {
    let lack = [libc::EMFILE, libc::ENOSPC, libc::ENOSYS];
    let queue = system::inotify_init1().or_lacking("a queue for inotify", &lack)?;
    system::inotify_add_watch(&queue, path, events)
        .or_lacking("another watch for inotify", &lack)
        .naming(path)?;
    Ok(queue)
}
