//! Attempts at what the rest of the machine can undo, such as pages that stay dirty: one in which it was so is enough.

use std::cell::Cell;
use std::io;

use crate::lab::account::Aside;

/// So many, since misses come in rows while something else writes pages back.
const ATTEMPTS: usize = 300;

thread_local! {
    static BEGUN: Cell<Begun> = const { Cell::new(Begun { rows: 0, attempts: 0 }) };
}

/// How many attempts of lessons this thread has begun, in how many rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    pub rows: usize,
    pub attempts: usize,
}

/// The numbers at this moment.
pub fn begun() -> Begun {
    BEGUN.get()
}

/// Says that a row of attempts begins. No row begins within another.
pub fn begin_row() {
    if !Aside::is_begun() {
        let Begun { rows, attempts } = begun();
        let rows = rows + 1;
        BEGUN.set(Begun { rows, attempts });
    }
}

/// Says that the next attempt of the row begins: what the one before it did counts no more.
pub fn begin() {
    if !Aside::is_begun() {
        let Begun { rows, attempts } = begun();
        let attempts = attempts + 1;
        BEGUN.set(Begun { rows, attempts });
    }
}

/// The first observation that is as it `should_be`; the last one, if none is.
///
/// # Errors
/// As `lesson` has them.
pub fn first<T>(
    lesson: impl Fn() -> io::Result<T>,
    should_be: impl Fn(&T) -> bool,
) -> io::Result<T> {
    begin_row();
    for _ in 1..ATTEMPTS {
        begin();
        let seen = lesson()?;
        if should_be(&seen) {
            return Ok(seen);
        }
    }
    begin();
    lesson()
}
