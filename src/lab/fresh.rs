//! Memory that is new, and whether it still is.

use std::io;

use memmap2::MmapMut;

#[cfg(target_os = "linux")]
use crate::lab::account::Aside;
#[cfg(target_os = "linux")]
use crate::lab::kernel;
#[cfg(target_os = "linux")]
use crate::lab::place::page_size;

/// Makes sure that nobody has stored into `map`, which is memory without a file. Seen on Linux only, and only where no
/// other memory lies beside it: a huge page that somebody needs there would be this map's as well.
///
/// # Errors
/// When somebody has.
pub fn expect_no_store(map: &MmapMut) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        let _aside = Aside::begin();
        let pages = map.len().div_ceil(page_size());
        let is_alone = kernel::mapping(map.as_ptr())
            .is_ok_and(|area| area.is_some_and(|it| it.pages == pages));
        if is_alone && kernel::exclusive(map.as_ptr(), pages).is_ok_and(|own| own.contains('#')) {
            return Err(io::Error::other("the new memory was stored into"));
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = map;
    Ok(())
}
