//! Whether somebody had a handle that can write.

#[cfg(target_os = "linux")]
use std::fs::File;
use std::io;
#[cfg(target_os = "linux")]
use std::io::Read;

#[cfg(target_os = "linux")]
use crate::lab::errors::{self, Naming};
use crate::lab::sample::Sample;
#[cfg(target_os = "linux")]
use crate::lab::watch;

/// A watch on the handles that can write to a sample. Kept on Linux, if this user may keep one more; elsewhere none is
/// seen.
pub struct Writers<'sample> {
    sample: &'sample Sample,
    #[cfg(target_os = "linux")]
    queue: Option<File>,
}

impl<'sample> Writers<'sample> {
    /// Watches from now on.
    ///
    /// # Errors
    /// Names the sample.
    pub fn of(sample: &'sample Sample) -> io::Result<Writers<'sample>> {
        Ok(Writers {
            sample,
            #[cfg(target_os = "linux")]
            queue: match watch::queue(sample.path(), libc::IN_CLOSE_WRITE) {
                Err(error) if errors::what_is_lacking(&error).is_some() => None,
                queue => Some(queue?),
            },
        })
    }

    /// Makes sure that no such handle has gone: none was closed of which no map is left.
    ///
    /// # Errors
    /// Names the sample when one has.
    pub fn expect_none(self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        match self.queue.map(|mut queue| queue.read(&mut [0; 4096])) {
            None => {}
            Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
            Some(answer) => {
                answer?;
                let error = io::Error::other("was opened by a handle that can write");
                return Err(error).naming(self.sample);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = self.sample;
        Ok(())
    }
}
