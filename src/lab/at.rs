//! Reading and writing at a position of a file, on every system.

#[cfg(unix)]
pub use std::os::unix::fs::FileExt;

#[cfg(not(unix))]
pub use elsewhere::FileExt;

#[cfg(not(unix))]
mod elsewhere {
    use std::fs::File;
    use std::io::{self, Read, Seek, SeekFrom, Write};

    /// What std has on Unix under this name, as far as lessons use it. Here the handle's own position moves, as it does
    /// with what std has on Windows (`seek_read`, `seek_write`).
    pub trait FileExt {
        /// Reads some bytes from `position` on.
        ///
        /// # Errors
        /// Those of the system.
        fn read_at(&self, bytes: &mut [u8], position: u64) -> io::Result<usize>;

        /// Reads as many bytes as there is room for, from `position` on.
        ///
        /// # Errors
        /// Those of the system, and when the file ends before that.
        fn read_exact_at(&self, bytes: &mut [u8], position: u64) -> io::Result<()>;

        /// Writes some of the bytes, from `position` on.
        ///
        /// # Errors
        /// Those of the system.
        fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<usize>;

        /// Writes all the bytes, from `position` on.
        ///
        /// # Errors
        /// Those of the system.
        fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()>;
    }

    impl FileExt for File {
        fn read_at(&self, bytes: &mut [u8], position: u64) -> io::Result<usize> {
            at(self, position)?.read(bytes)
        }

        fn read_exact_at(&self, bytes: &mut [u8], position: u64) -> io::Result<()> {
            at(self, position)?.read_exact(bytes)
        }

        fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<usize> {
            at(self, position)?.write(bytes)
        }

        fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
            at(self, position)?.write_all(bytes)
        }
    }

    fn at(mut file: &File, position: u64) -> io::Result<&File> {
        file.seek(SeekFrom::Start(position))?;
        Ok(file)
    }
}
