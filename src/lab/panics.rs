//! Panics that are part of a lesson.

use std::cell::Cell;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::thread;

use crate::lab::account::tell;
use crate::lab::observation::Outcome;

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Calls `act` and tells whether it panicked.
///
/// What it changed before that stays changed; a lesson looks at it afterwards.
pub fn outcome(act: impl FnOnce()) -> Outcome {
    tell("catch_unwind", 0, 0);
    let expected = EXPECTED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(act));
    EXPECTED.set(expected);
    match result {
        Ok(()) => Outcome::Survived,
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map_or("", String::as_str);
            let mut numbers = message.split(|it: char| !it.is_ascii_digit());
            let mut number = || numbers.find_map(|it| it.parse().ok()).unwrap_or(0);
            tell("panic", number(), number());
            Outcome::Panicked
        }
    }
}

/// What a thread has returned. That it panicked instead is an error.
pub fn joined<T>(joined: thread::Result<T>) -> io::Result<T> {
    joined.map_err(|_| io::Error::other("a thread panicked"))
}

/// Whether a panic in this thread is being waited for, so that a hook need not report it.
pub fn is_expected() -> bool {
    EXPECTED.get()
}
