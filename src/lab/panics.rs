//! Panics that are part of a lesson.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

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
    if result.is_ok() {
        Outcome::Survived
    } else {
        Outcome::Panicked
    }
}

/// Whether a panic in this thread is being waited for, so that a hook need not report it.
pub fn is_expected() -> bool {
    EXPECTED.get()
}
