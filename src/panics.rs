//! Panics that are part of a lesson.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

/// How a call ended that may panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It returned.
    Returned,
    /// It panicked.
    Panicked,
}

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Calls `act` and tells whether it panicked.
///
/// What it changed before that stays changed; a lesson looks at it afterwards.
pub fn ending(act: impl FnOnce()) -> Ending {
    let expected = EXPECTED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(act));
    EXPECTED.set(expected);
    if result.is_ok() { Ending::Returned } else { Ending::Panicked }
}

/// Whether a panic in this thread is being waited for, so that a hook need not report it.
pub fn is_expected() -> bool {
    EXPECTED.get()
}
