//! Attempts at what the rest of the machine can undo, such as pages that stay dirty: one in which it was so is enough.

use std::io;

/// So many, since misses come in rows while something else writes pages back.
const ATTEMPTS: usize = 300;

/// The first observation that is as it `should_be`; the last one, if none is.
///
/// # Errors
/// As `lesson` has them.
pub fn first<T>(
    lesson: impl Fn() -> io::Result<T>,
    should_be: impl Fn(&T) -> bool,
) -> io::Result<T> {
    for _ in 1..ATTEMPTS {
        let seen = lesson()?;
        if should_be(&seen) {
            return Ok(seen);
        }
    }
    lesson()
}
