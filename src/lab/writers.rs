//! Whether somebody had a handle that can write.

use std::io;

#[cfg(target_os = "linux")]
use crate::lab::errors::{self, Naming};
use crate::lab::sample::Sample;
#[cfg(target_os = "linux")]
use crate::lab::watch::Watch;

/// A watch on the handles that can write to a sample. Kept on Linux, if this user may keep one more; elsewhere none is
/// seen.
pub struct Writers<'sample> {
    sample: &'sample Sample,
    #[cfg(target_os = "linux")]
    watch: Option<Watch>,
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
            watch: match Watch::for_events(sample, libc::IN_CLOSE_WRITE) {
                Err(error) if errors::what_is_lacking(&error).is_some() => None,
                watch => Some(watch?),
            },
        })
    }

    /// Makes sure that no such handle has gone: none was closed of which no map is left.
    ///
    /// # Errors
    /// Names the sample when one has.
    pub fn expect_none(self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if let Some(mut watch) = self.watch {
            if !watch.events()?.is_empty() {
                let error = io::Error::other("was opened by a handle that can write");
                return Err(error).naming(self.sample);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = self.sample;
        Ok(())
    }
}
