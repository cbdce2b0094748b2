//! [page]: copy::an_edit_never_reaches_the_file
//! [python]: mod@python
#![doc = include_str!("../README.md")]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod book;
#[cfg(unix)]
pub mod child;
#[cfg(unix)]
pub mod kernel;
pub mod observation;
pub mod panics;
pub mod raw;
pub mod sample;

pub mod copy;
pub mod read;
pub mod search;
pub mod write;

#[cfg(unix)]
pub mod bounds;
pub mod lifetime;
#[cfg(target_os = "linux")]
pub mod page;
pub mod patterns;
#[cfg(unix)]
pub mod protect;
#[cfg(target_os = "linux")]
pub mod resize;
#[cfg(unix)]
pub mod share;

pub mod python;

use book::Chapter;

/// The chapters in reading order.
pub const CHAPTERS: &[Chapter] = &[
    read::CHAPTER,
    write::CHAPTER,
    copy::CHAPTER,
    search::CHAPTER,
    lifetime::CHAPTER,
    #[cfg(unix)]
    bounds::CHAPTER,
    #[cfg(target_os = "linux")]
    resize::CHAPTER,
    patterns::CHAPTER,
    #[cfg(unix)]
    protect::CHAPTER,
    #[cfg(unix)]
    share::CHAPTER,
    #[cfg(target_os = "linux")]
    page::CHAPTER,
];
