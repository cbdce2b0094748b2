//! Pages that come late: a lesson takes the place of a slow disk, by `userfaultfd`.

use std::fs::{self, File};
use std::io;
use std::marker::PhantomData;
use std::os::fd::AsRawFd;
use std::thread::{self, ScopedJoinHandle};

use memmap2::MmapRaw;

use crate::lab::account::{tell, untold};
use crate::lab::errors::{Naming, OrLacking};
use crate::lab::place::page_size;
use crate::lab::system;

/// The pages of a map of anonymous memory, none of which is there before [`bring`](Self::bring) brings it.
///
/// When it is dropped, whoever still waits for a page gets zeros.
pub struct LatePages<'map> {
    faults: File,
    map: PhantomData<&'map MmapRaw>,
}

/// A touch of a page that is not there.
pub struct Touch {
    /// Where the page begins.
    page: u64,
    /// The thread that touched it, by the system's number.
    thread: u32,
}

impl<'map> LatePages<'map> {
    /// Takes the pages of a map into its care.
    ///
    /// # Errors
    /// That the right to do so is lacking, or a kernel that grants it: Linux 5.11 lets everybody care for what their
    /// own program touches.
    pub fn of(map: &'map MmapRaw) -> io::Result<LatePages<'map>> {
        const USER_MODE_ONLY: libc::c_int = 1;
        const VERSION: u64 = 0xaa;
        const TELL_THE_THREAD: u64 = 1 << 8;
        const MISSING_PAGES: u64 = 1;
        let flags = libc::O_CLOEXEC | libc::O_NONBLOCK | USER_MODE_ONLY;
        let faults = system::userfaultfd(flags).or_lacking(
            "userfaultfd for an ordinary user",
            &[libc::ENOSYS, libc::EPERM, libc::EINVAL],
        )?;
        let pages = LatePages {
            faults,
            map: PhantomData,
        };
        let length = map.len().next_multiple_of(page_size());
        pages.ask(0x3f, [VERSION, TELL_THE_THREAD, 0])?;
        pages.ask(
            0,
            [map.as_ptr().addr() as u64, length as u64, MISSING_PAGES, 0],
        )?;
        Ok(pages)
    }

    /// Waits until somebody touches a page that is not there.
    ///
    /// # Errors
    /// When the thread that should do so ends without.
    pub fn wait_for_a_touch<T>(&self, by: &ScopedJoinHandle<T>) -> io::Result<Touch> {
        // What happened, where, and by which thread.
        let mut message = [0_u64; 4];
        loop {
            let has_ended = by.is_finished();
            let (address, length) = (message.as_mut_ptr().cast(), size_of_val(&message));
            // SAFETY: no reference to the message exists meanwhile.
            match unsafe { system::read(&self.faults, address, length) } {
                Ok(_) => break,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                Err(_) if has_ended => return Err(io::Error::other("nobody waited for a page")),
                Err(_) => thread::yield_now(),
            }
        }
        let [_, _, address, thread] = message;
        let [a, b, c, d, ..] = thread.to_ne_bytes();
        let page_size = page_size() as u64;
        Ok(Touch {
            page: address / page_size * page_size,
            thread: u32::from_ne_bytes([a, b, c, d]),
        })
    }

    /// Brings the page that was touched, filled with `byte`, so that who waits for it goes on.
    ///
    /// # Errors
    /// When the page is there already.
    pub fn bring(&self, byte: u8, touch: &Touch) -> io::Result<()> {
        let page = vec![byte; page_size()];
        self.ask(
            3,
            [
                touch.page,
                page.as_ptr().addr() as u64,
                page.len() as u64,
                0,
                0,
            ],
        )
    }

    /// `ioctl`, with a structure of numbers.
    fn ask<const COUNT: usize>(&self, what: u32, mut about: [u64; COUNT]) -> io::Result<()> {
        let request = libc::_IOWR::<[u64; COUNT]>(0xaa, what);
        // SAFETY: the kernel reads and writes that many numbers, and reads the page that one of them leads to.
        match unsafe { libc::ioctl(self.faults.as_raw_fd(), request, about.as_mut_ptr()) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }
}

impl Touch {
    /// Whether the kernel has put the thread to sleep, before and after `look`, and what that has seen.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn while_its_thread_sleeps<T>(&self, look: impl FnOnce() -> T) -> io::Result<(bool, T)> {
        let slept = self.has_put_its_thread_to_sleep()?;
        let seen = look();
        Ok((slept && self.has_put_its_thread_to_sleep()?, seen))
    }

    fn has_put_its_thread_to_sleep(&self) -> io::Result<bool> {
        tell("thread_state", 0, 0);
        let path = format!("/proc/self/task/{}/stat", self.thread);
        // It is told of before it sleeps.
        untold(|| {
            for _ in 0..100_000 {
                let stat = fs::read_to_string(&path).naming(&path)?;
                let state = stat.rsplit(") ").next().unwrap_or_default();
                if state.starts_with(['S', 'D']) {
                    return Ok(true);
                }
                thread::yield_now();
            }
            Ok(false)
        })
    }
}
