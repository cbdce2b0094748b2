#![doc = include_str!(concat!(env!("OUT_DIR"), "/README.md"))]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

// `page!` is the approved snapshot of a lesson, for its documentation; `list!` is where the list of a chapter leads, part of
// which may not be compiled on this system.
include!(concat!(env!("OUT_DIR"), "/page.rs"));

pub mod contents;
pub mod lab;
mod pictures;
pub mod reliance;

#[doc = list!(copy)]
pub mod copy;
pub mod read;
pub mod search;
pub mod write;

#[doc = list!(bounds)]
pub mod bounds;
#[cfg(target_os = "linux")]
pub mod disk;
#[doc = list!(lifetime)]
pub mod lifetime;
#[cfg(target_os = "linux")]
#[doc = list!(paging)]
pub mod paging;
#[doc = list!(processes)]
pub mod processes;
#[doc = list!(protect)]
pub mod protect;
#[doc = list!(recipes)]
pub mod recipes;
#[cfg(unix)]
#[doc = list!(resize)]
pub mod resize;
#[cfg(target_os = "linux")]
pub mod seal;
#[cfg(windows)]
pub mod windows;

#[doc = include_str!(concat!(env!("OUT_DIR"), "/links.md"))]
#[doc = include_str!("questions.md")]
pub mod questions;

#[doc = include_str!(concat!(env!("OUT_DIR"), "/links.md"))]
#[doc = include_str!("from_python.md")]
pub mod from_python {}

#[doc = include_str!(concat!(env!("OUT_DIR"), "/links.md"))]
#[doc = include_str!("other_places.md")]
pub mod other_places {}
