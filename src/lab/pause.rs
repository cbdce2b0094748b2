//! A child process that is stopped in the middle, so that another can come in between.

use std::io;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use crate::lab::child::{self, Child, Notes};
use crate::lab::fault;
use crate::lab::observation::Outcome;
use crate::lab::place::page_size;
use crate::lab::system;

/// A child process that waits right before its first store into a page.
pub struct Paused {
    child: Child,
    /// Whether it waits, whether it may go on, and what it found.
    notes: Notes<3>,
}

/// Starts `act` in a child process and stops it right before its first store into the page at `page`.
///
/// In the child that page can only be read, so its first store is a fault, and the handler waits. Then the handler makes
/// the page writable again, and the instruction with the store is done anew.
///
/// # Errors
/// When no child can be made, or it ends without such a store.
///
/// # Safety
/// As for [`child::start`]. The page must be the caller's, shared, and one that may be written to.
pub unsafe fn before_a_store(page: *mut u8, act: impl FnOnce() -> u32) -> io::Result<Paused> {
    let notes = Notes::<3>::new()?;
    // SAFETY: the child sets its own copies of two statics, makes system calls about its own page, and does what the
    // caller vouches for.
    let mut child = unsafe {
        child::start(|| {
            NOTES.store(ptr::from_ref(&*notes).cast_mut(), Ordering::Relaxed);
            PAGE.store(page, Ordering::Relaxed);
            fault::handle(wait);
            if system::mprotect(page, page_size(), libc::PROT_READ).is_ok() {
                notes[2].store(act() as usize, Ordering::Release);
            }
        })
    }?;
    child.wait_for(&notes[0])?;
    Ok(Paused { child, notes })
}

impl Paused {
    /// Lets it do its store, waits for its end, and says what its act gave back.
    ///
    /// # Errors
    /// When it did not come to its end.
    pub fn go_on(self) -> io::Result<u32> {
        self.notes[1].store(1, Ordering::Release);
        match self.child.wait()? {
            Outcome::Survived => Ok(self.notes[2].load(Ordering::Acquire) as u32),
            outcome => Err(io::Error::other(format!("a paused child: {outcome:?}"))),
        }
    }
}

static NOTES: AtomicPtr<[AtomicUsize; 3]> = AtomicPtr::new(ptr::null_mut());
static PAGE: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());

extern "C" fn wait(signal: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    let page = PAGE.load(Ordering::Relaxed);
    // SAFETY: the kernel hands over what it knows of the fault; the notes are a shared mapping that outlives this child;
    // the page is the one that was made read-only.
    unsafe {
        let offset = (*info).si_addr().addr().wrapping_sub(page.addr());
        if offset >= page_size() {
            // Another fault: the same touch comes again, and kills.
            libc::signal(signal, libc::SIG_DFL);
            return;
        }
        let notes = &*NOTES.load(Ordering::Relaxed);
        notes[0].store(1, Ordering::Release);
        child::wait_for_parent(&notes[1]);
        if system::mprotect(page, page_size(), libc::PROT_READ | libc::PROT_WRITE).is_err() {
            libc::_exit(1);
        }
    }
}
