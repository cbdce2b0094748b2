//! What a signal tells about the fault that sent it.

use std::io;
use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use crate::lab::child::{self, Notes};
use crate::lab::place::Place;

/// A fault, as its signal describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The signal and its code.
    pub why: String,
    /// Where the touch was, counted from the start of the map.
    pub place: Place,
}

/// Runs `act` in a child and notes the signal, code and address of its first fault, the address counted from `start`.
///
/// # Errors
/// When no child can be made, or it ends without a fault.
///
/// # Safety
/// As for [`child::start`].
pub unsafe fn of(start: *const u8, act: impl FnOnce()) -> io::Result<Fault> {
    extern "C" fn note(signal: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
        // SAFETY: the kernel hands over what it knows of the fault; the notes are a shared mapping that outlives this
        // child. Nothing is called but atomics and `_exit`.
        unsafe {
            let notes = NOTES.load(Ordering::Relaxed);
            (*notes)[1].store((*info).si_code as usize, Ordering::Relaxed);
            (*notes)[2].store((*info).si_addr().addr(), Ordering::Relaxed);
            (*notes)[0].store(signal as usize, Ordering::Release);
            libc::_exit(0)
        }
    }
    static NOTES: AtomicPtr<[AtomicUsize; 3]> = AtomicPtr::new(ptr::null_mut());
    let notes = Notes::<3>::new()?;
    // SAFETY: the child sets its own copy of a static, makes system calls, and does what the caller vouches for.
    unsafe {
        child::run(|| {
            NOTES.store(ptr::from_ref(&*notes).cast_mut(), Ordering::Relaxed);
            handle(note);
            act();
        })
    }?;
    let [signal, code, address] = notes.each_ref().map(|note| note.load(Ordering::Acquire));
    // The numbers are those of Linux, macOS and the BSDs; libc has names for them on some systems only.
    let why = match (signal as libc::c_int, code) {
        (0, _) => {
            return Err(io::Error::other(
                "a child process ended without the fault that it was made for",
            ));
        }
        (libc::SIGSEGV, 1) => "SIGSEGV: SEGV_MAPERR".to_owned(),
        (libc::SIGSEGV, 2) => "SIGSEGV: SEGV_ACCERR".to_owned(),
        (libc::SIGBUS, 2) => "SIGBUS: BUS_ADRERR".to_owned(),
        (signal, code) => format!("signal {signal}, code {code}"),
    };
    Ok(Fault {
        why,
        place: Place::from(address.wrapping_sub(start.addr())),
    })
}

/// A function that the kernel calls for a signal: which, and what is known of it.
pub type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

/// Has the kernel call `handler` for each fault of this process. When the handler returns, the touch is tried again.
///
/// # Safety
/// The handler may interrupt anything, so it must do nothing but what a child may do (see [`child::start`]). It is for a
/// child process: a program has one handler for all its threads and libraries.
pub unsafe fn handle(handler: Handler) {
    // SAFETY: zeros are an action without flags, and the pointers are to a local; the caller vouches for the handler.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_SIGINFO;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(libc::SIGSEGV, &action, ptr::null_mut());
        libc::sigaction(libc::SIGBUS, &action, ptr::null_mut());
    }
}
