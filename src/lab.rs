//! The instruments: what a lesson makes its samples with, looks with, and reports in.

pub mod account;
pub mod at;
pub mod attempts;
pub mod errors;
pub mod fresh;
pub mod look;
pub mod observation;
pub mod panics;
pub mod pattern;
pub mod picture;
pub mod place;
pub mod sample;
pub mod writeback;

#[cfg(unix)]
pub mod child;
#[cfg(unix)]
pub mod fault;
#[cfg(unix)]
pub mod pause;
#[cfg(unix)]
pub mod system;

#[cfg(target_os = "linux")]
pub mod cost;
#[cfg(target_os = "linux")]
pub mod disk;
#[cfg(target_os = "linux")]
pub mod kernel;
#[cfg(target_os = "linux")]
pub mod late;
#[cfg(target_os = "linux")]
pub mod needs;
#[cfg(target_os = "linux")]
pub mod neighbour;
#[cfg(target_os = "linux")]
pub mod watch;
