//! The pictures of the lessons, a file per chapter: each is made from the observation of that run, and its acts stand in
//! the lesson's body.

pub mod bounds;
pub mod copy;
#[cfg(target_os = "linux")]
pub mod disk;
pub mod lifetime;
#[cfg(target_os = "linux")]
pub mod paging;
pub mod processes;
pub mod protect;
pub mod read;
pub mod recipes;
#[cfg(unix)]
pub mod resize;
#[cfg(target_os = "linux")]
pub mod seal;
pub mod search;
pub mod write;
