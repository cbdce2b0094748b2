//! The life of a map: what it can do without, what it keeps, and how it ends.
//!
//! What must still be there for a map to work: the handle, the name, the rights?
//!
//! 1. [`a_map_survives_its_handle`]
//! 2. [`a_map_survives_its_name`]
//! 3. [`a_map_keeps_the_file_that_was_replaced`]
//! 4. [`rights_are_taken_when_the_file_is_opened`]
//! 5. [`a_running_program_is_guarded_and_a_mapped_file_is_not`]
//! 6. [`a_dropped_map_is_gone`]
//! 7. [`a_dropped_map_cannot_be_used`]
//! 8. [`a_slice_cannot_outlive_its_map`]
//! 9. [`an_edit_tolerates_no_other_borrow`]
//! 10. [`anonymous_memory_starts_as_zeros`]

#[cfg(unix)]
use std::fs;
#[cfg(target_os = "linux")]
use std::fs::Permissions;
use std::io;
#[cfg(target_os = "linux")]
use std::os::unix::fs::{MetadataExt, PermissionsExt};
#[cfg(target_os = "linux")]
use std::path::Path;

use memmap2::MmapMut;
#[cfg(target_os = "linux")]
use memmap2::MmapOptions;
#[cfg(unix)]
use memmap2::MmapRaw;

#[cfg(unix)]
use crate::lab::at::FileExt;
#[cfg(unix)]
use crate::lab::child;
use crate::lab::errors::Naming;
#[cfg(target_os = "linux")]
use crate::lab::errors::{self, OrLacking};
use crate::lab::fresh;
#[cfg(target_os = "linux")]
use crate::lab::kernel::{self, Held};
use crate::lab::look::Look;
#[cfg(unix)]
use crate::lab::look::Store;
#[cfg(unix)]
use crate::lab::observation::Answer;
#[cfg(unix)]
use crate::lab::observation::Outcome;
use crate::lab::observation::{Sides, Text};
use crate::lab::place::{Place, page_size};
use crate::lab::sample::Sample;
#[cfg(target_os = "linux")]
use crate::lab::system;

/// A map survives its handle: with the file closed, it can be read and written, and an edit gets
/// into the file.
///
/// > I have to keep the `File` next to the map, or the map is closed with it.
///
/// The mapping holds the file by itself. The handle was needed for the one call that made it.
///
/// On Linux the handles of this process are counted in `/proc/self/fd`. On Windows memmap2 keeps a
/// handle of its own, for its flushes. So does Python for as long as the map lives, unless told
/// otherwise (`trackfd=False`).
///
/// Promised by POSIX (`mmap`: the mapping has a reference to the file that closing does not
/// remove).
#[doc = page!(lifetime::a_map_survives_its_handle)]
#[doc(alias = "close")]
#[doc(alias = "file descriptor")]
#[doc(alias = "trackfd")]
pub fn a_map_survives_its_handle() -> io::Result<Closed> {
    let sample = Sample::lorem()?;
    let file = sample.read_write()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&file) }.naming(&sample)?;
    sample.expect_held(1, &["rw-s"])?;
    let before = sample.sides(&map, 0..11)?;

    drop(file);

    sample.expect_held(0, &["rw-s"])?;
    let after = sample.sides(&map, 0..11)?;
    let edited = &mut map[..5];
    edited.make_ascii_uppercase();
    sample.expect_in_maps(edited, &["rw-s"])?;
    sample.expect_held(0, &["rw-s"])?;
    sample.expect_stores_through(&["rw-s"])?;
    Ok(Closed {
        before,
        after,
        after_edit: sample.sides(&map, 0..11)?,
    })
}

/// A map before and after the last handle to its file was closed.
#[derive(Debug)]
pub struct Closed {
    pub before: Sides,
    pub after: Sides,
    /// After an edit that was made then.
    pub after_edit: Sides,
}

/// A map survives its name: the file is removed, and its bytes can still be read and written.
///
/// > Removing a file takes the bytes from under its maps.
///
/// `remove_file` removes a name. The file itself goes when nothing holds it any more, and a map
/// holds it. No handle is open here: the map alone keeps the file.
///
/// Promised by POSIX (`mmap`: the mapping has a reference to the file; `unlink`: a file that is
/// still referred to is not freed).
#[doc = page!(lifetime::a_map_survives_its_name)]
#[doc(alias = "unlink")]
#[doc(alias = "delete")]
#[doc(alias = "ENOENT")]
#[cfg(unix)]
pub fn a_map_survives_its_name() -> io::Result<Unnamed> {
    let sample = Sample::lorem()?;
    // SAFETY: the sample is this lesson's own; nobody else writes to it while it is mapped.
    let mut map = unsafe { MmapMut::map_mut(&sample.read_write()?) }.naming(&sample)?;
    sample.expect_held(0, &["rw-s"])?;
    let open_before = Answer::from(fs::File::open(&sample));
    let memory_before = map.look(0..11);

    fs::remove_file(&sample).naming(&sample)?;

    let open_after = Answer::from(fs::File::open(&sample));
    let memory_after = map.look(0..11);
    map[..5].make_ascii_uppercase();
    sample.expect_held(0, &["rw-s"])?;
    sample.expect_in_maps(&map, &["rw-s"])?;
    Ok(Unnamed {
        open_before,
        memory_before,
        open_after,
        memory_after,
        memory_after_edit: map.look(0..11),
    })
}

/// A map before and after the file's only name was removed.
#[cfg(unix)]
#[derive(Debug)]
pub struct Unnamed {
    /// Opening the file by its name.
    pub open_before: Answer,
    pub memory_before: Text,
    /// The same after that.
    pub open_after: Answer,
    pub memory_after: Text,
    /// After an edit that was made then.
    pub memory_after_edit: Text,
}

/// A map keeps the file that was replaced: when another file is renamed over its name, the map goes
/// on showing the old one, and stores go there.
///
/// > A map belongs to a path, so it shows whatever file has that path now.
///
/// A map belongs to the file that was opened. `rename` gives the name to another file. Opening the
/// name from then on opens that one, and nothing changes in the old one. So a reader sees all of
/// one of them: see `recipes::a_file_is_replaced_by_renaming`.
///
/// Promised by POSIX (`mmap`: the mapping has a reference to the file; `rename`).
#[doc = page!(lifetime::a_map_keeps_the_file_that_was_replaced)]
#[doc(alias = "rename")]
#[doc(alias = "reload")]
#[doc(alias = "inode")]
#[cfg(unix)]
pub fn a_map_keeps_the_file_that_was_replaced() -> io::Result<Replaced> {
    let replacement = Sample::of(b"new bytes")?;
    let sample = Sample::of(b"old bytes")?;
    let old_file = sample.read_write()?;
    let map = MmapRaw::map_raw(&old_file).naming(&sample)?;
    let before = sample.sides(&map, 0..9)?;

    fs::rename(&replacement, &sample).naming(&sample)?;

    let after = sample.sides(&map, 0..9)?;
    // SAFETY: the first byte is inside the map, and no reference to it exists.
    unsafe { map.store(0, b'_') };
    sample.expect_stores_through(&["rw-s"])?;
    let after_store = sample.sides(&map, 0..9)?;
    drop(map);
    let mut through_the_old_handle = [0; 9];
    old_file
        .read_exact_at(&mut through_the_old_handle, 0)
        .naming(&sample)?;
    Ok(Replaced {
        before,
        after,
        its_other_name: Answer::from(fs::File::open(&replacement)),
        after_store,
        through_the_old_handle: through_the_old_handle[..].into(),
    })
}

/// A map before and after another file got the name of its file.
#[cfg(unix)]
#[derive(Debug)]
pub struct Replaced {
    /// The map, and the file that has the name.
    pub before: Sides,
    pub after: Sides,
    /// Opening the new file by the name that it had before.
    pub its_other_name: Answer,
    /// After a store through the map.
    pub after_store: Sides,
    /// The file that was opened first, then.
    pub through_the_old_handle: Text,
}

/// Rights are taken when the file is opened: after `chmod 000` a shared writable map of an open
/// handle is granted, and its stores are in the file, while opening it again is refused.
///
/// > Taking away the rights of a file stops a program that has it open from changing it.
///
/// The rights of a file are looked at when it is opened. What a handle may do from then on is its
/// own, and so is what its maps may do.
///
/// Root may open any file. So the lesson lays down such privileges first, where its thread has
/// them, and does everything as the owner of the file.
///
/// Unspecified (POSIX, `chmod`, leaves the effect on open handles to the system; on NFS the rights
/// may work at once, says Linux's manual of `chmod`); this is what Linux does.
#[doc = page!(lifetime::rights_are_taken_when_the_file_is_opened)]
#[doc(alias = "chmod")]
#[doc(alias = "permission")]
#[doc(alias = "EACCES")]
#[doc(alias = "revoke")]
#[cfg(target_os = "linux")]
pub fn rights_are_taken_when_the_file_is_opened() -> io::Result<Rights> {
    let sample = Sample::lorem()?;
    let file = sample.read_write()?;
    let _privileges = system::lay_down_privileges()?;
    let before = Answer::from(sample.read_write());

    fs::set_permissions(&sample, Permissions::from_mode(0o000)).naming(&sample)?;

    let open_to_write = Answer::from(sample.read_write());
    let open_to_read = Answer::from(sample.read_only());
    sample.expect_maps(&[])?;
    let map = MmapRaw::map_raw(&file);
    let map_of_the_old_handle = Answer::from(&map);
    let held = sample.held()?;
    if let Ok(map) = map {
        // SAFETY: the first byte is inside the map, and no reference to it exists.
        unsafe { map.store(0, b'_') };
    }
    sample.expect_stores_through(&[])?;
    let mode_to_the_end = file.metadata().naming(&sample)?.mode() & 0o777;
    fs::set_permissions(&sample, Permissions::from_mode(0o600)).naming(&sample)?;
    Ok(Rights {
        before,
        no_rights: mode_to_the_end == 0,
        open_to_write,
        open_to_read,
        map_of_the_old_handle,
        held,
        file_after_store: sample.read(0..11)?,
    })
}

/// A file that lost all its rights while a handle to it was open.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct Rights {
    /// Opening it for reading and writing before that.
    pub before: Answer,
    /// Whether it has lost them.
    pub no_rights: bool,
    /// Opening it then.
    pub open_to_write: Answer,
    pub open_to_read: Answer,
    /// Mapping the handle that was open, shared and writable.
    pub map_of_the_old_handle: Answer,
    pub held: Held,
    /// After a store through that map, when the file has its rights back.
    pub file_after_store: Text,
}

/// A running program is guarded against writers, and a mapped file is not: opening the program for
/// writing is refused; opening the mapped file and writing to it is granted.
///
/// > Nobody can write to a file that is in use, so nobody can change what I have mapped.
///
/// The guard belongs to the file of a running program, not to mapping. A map of a data file or of a
/// library keeps nobody from writing to it: the flag that once asked for that, MAP_DENYWRITE, is
/// ignored. So replace such a file by renaming a new one over it, as in
/// `a_map_keeps_the_file_that_was_replaced`.
///
/// The program is the one that runs this lesson. It is opened by `/proc/self/exe` and closed again,
/// and nothing is written to it. Linux 6.11 and 6.12 came without the guard.
///
/// Promised by Linux (`open`, ETXTBSY; `mmap`, MAP_DENYWRITE). That a private map shows the write
/// is unspecified.
#[doc = page!(lifetime::a_running_program_is_guarded_and_a_mapped_file_is_not)]
#[doc(alias = "ETXTBSY")]
#[doc(alias = "text file busy")]
#[doc(alias = "MAP_DENYWRITE")]
#[doc(alias = "library")]
#[cfg(target_os = "linux")]
pub fn a_running_program_is_guarded_and_a_mapped_file_is_not() -> io::Result<InUse> {
    let sample = Sample::lorem()?;
    // SAFETY: it becomes a raw map at once, so that no reference to its bytes ever exists.
    let map = unsafe { MmapOptions::new().map_copy_read_only(&sample.read_only()?) };
    let map = MmapRaw::from(map.naming(&sample)?);
    let held = sample.held()?;
    let before = sample.sides(&map, 0..11)?;

    let open_to_write = |path: &Path| fs::File::options().write(true).open(path);
    let program = open_to_write(Path::new("/proc/self/exe"));
    let mapped_file = open_to_write(sample.path());

    if program.is_ok() && kernel::is_of(&["6.11.", "6.12."])? {
        return Err(errors::lacking("a kernel that guards running programs"));
    }
    let another_users = [libc::EACCES, libc::EROFS];
    let program = program.or_lacking("a program of this user", &another_users);
    let mapped_file_answer = Answer::from(&mapped_file);
    let write = mapped_file.and_then(|file| file.write_all_at(b"_", 0));
    Ok(InUse {
        held,
        before,
        program: Answer::or_lacking(program)?,
        mapped_file: mapped_file_answer,
        write: write.into(),
        after: sample.sides(&map, 0..11)?,
    })
}

/// Two files in use: the program that is running, and a file that is mapped.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct InUse {
    /// What this process has of the mapped file.
    pub held: Held,
    pub before: Sides,
    /// Opening the program for writing.
    pub program: Answer,
    /// Opening the mapped file for writing.
    pub mapped_file: Answer,
    /// Writing to it.
    pub write: Answer,
    pub after: Sides,
}

/// A dropped map is gone: its old address faults.
///
/// > Dropping only marks the memory as free: an old pointer still reads the old bytes.
///
/// Dropping unmaps. The addresses belong to nothing, or soon to another map, which an old pointer
/// would then read and write. Rust's borrow checker keeps slices from outliving their map. It does
/// not check raw pointers.
///
/// The deadly child drops the map itself: it has one thread only, so that nothing can be mapped
/// where the map was before it looks there.
///
/// Promised by POSIX (`munmap`, SIGSEGV).
#[doc = page!(lifetime::a_dropped_map_is_gone)]
#[doc(alias = "munmap")]
#[doc(alias = "SIGSEGV")]
#[doc(alias = "use after free")]
#[doc(alias = "dangling")]
#[cfg(unix)]
pub fn a_dropped_map_is_gone() -> io::Result<Touched> {
    let sample = Sample::lorem()?;
    let map = MmapRaw::map_raw(&sample.read_write()?).naming(&sample)?;
    let address = map.as_ptr();
    let touch_after_drop_of = |map: Option<MmapRaw>| {
        sample.expect_maps(&["rw-s"])?;
        // SAFETY: the child drops what it was given, which is a system call at most, and reads a byte.
        unsafe {
            child::run(move || {
                drop(map);
                child::read(address);
            })
        }
    };
    let before_drop = touch_after_drop_of(None)?;

    let after_drop = touch_after_drop_of(Some(map))?;

    sample.expect_maps(&[])?;
    Ok(Touched {
        before_drop,
        after_drop,
    })
}

/// How child processes ended that touched a map's first byte.
#[cfg(unix)]
#[derive(Debug)]
pub struct Touched {
    pub before_drop: Outcome,
    pub after_drop: Outcome,
}

/// A map that was dropped cannot be used: it does not compile.
///
/// > I have to ask the map whether it is closed before I use it.
///
/// Dropping takes the map by value, and with it every way to name it. A use after that is an error
/// of the compiler, so there is nothing to ask at run time.
///
/// ```compile_fail,E0382
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?;
/// let length = map.len();
/// drop(map);
/// assert_eq!(map.len(), length);
/// # Ok(())
/// # }
/// ```
///
/// Compare the length noted before the drop instead, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?;
/// let length = map.len();
/// drop(map);
/// assert_eq!(10, length);
/// # Ok(())
/// # }
/// ```
///
/// Python finds out at run time: nearly every use of a closed map raises ValueError.
///
/// Promised by Rust (moves; error E0382).
#[doc(alias = "close")]
#[doc(alias = "E0382")]
#[doc(alias = "ValueError")]
pub mod a_dropped_map_cannot_be_used {}

/// A slice cannot outlive its map: it does not compile.
///
/// > I have the slice, and the bytes are all I need, so I can drop the map.
///
/// The slice is a borrow: it points into the map. The compiler keeps the map alive and in its place
/// for as long as the slice is used.
///
/// ```compile_fail,E0505
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?;
/// let first = &map[..5];
/// drop(map);
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// Copy the bytes, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let map = memmap2::MmapMut::map_anon(10)?;
/// let first = map[..5].to_vec();
/// drop(map);
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// Python raises BufferError when a map is closed while a `memoryview` of it exists. To hand a part
/// on without copying, see `recipes::a_part_is_handed_out_with_its_map`.
///
/// Promised by Rust (borrows; error E0505).
#[doc(alias = "E0505")]
#[doc(alias = "borrow")]
#[doc(alias = "BufferError")]
pub mod a_slice_cannot_outlive_its_map {}

/// An edit tolerates no other borrow: while a slice of the map is in use, storing into the map does
/// not compile.
///
/// > I take a slice, edit the map, and read the slice again to see the edit.
///
/// A slice that can be read promises bytes that do not change, so that the compiler may keep them
/// in registers. So an edit must have the map to itself.
///
/// ```compile_fail,E0502
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(10)?;
/// let first = &map[..5];
/// map[0] = b'!';
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// Copy the bytes, and it compiles:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let mut map = memmap2::MmapMut::map_anon(10)?;
/// let first = map[..5].to_vec();
/// map[0] = b'!';
/// assert_eq!(first, [0; 5]);
/// # Ok(())
/// # }
/// ```
///
/// The compiler watches over one map only. It knows nothing of a second map of the same file, nor
/// of other processes: that is why mapping a file is `unsafe`.
///
/// Promised by Rust (borrows; error E0502).
#[doc(alias = "E0502")]
#[doc(alias = "borrow")]
#[doc(alias = "aliasing")]
pub mod an_edit_tolerates_no_other_borrow {}

/// Anonymous memory starts as zeros, even right after memory full of something else was given back.
///
/// > New memory holds whatever was in it before, so I have to clear it first.
///
/// `malloc` in C may give such memory. A mapping without a file is made of pages that the kernel
/// clears before a process gets them. After that it is memory like any other, only in whole pages.
///
/// memmap2's anonymous maps are private. Python's `mmap(-1, n)` is shared with children.
///
/// Promised by POSIX (`mmap`, MAP_ANONYMOUS, since Issue 8; the manuals of Linux, macOS and the
/// BSDs had it before).
#[doc = page!(lifetime::anonymous_memory_starts_as_zeros)]
#[doc(alias = "MAP_ANONYMOUS")]
#[doc(alias = "map_anon")]
#[doc(alias = "calloc")]
#[doc(alias = "uninitialized")]
pub fn anonymous_memory_starts_as_zeros() -> io::Result<Anonymous> {
    let page = page_size();
    let zeros = |map: &MmapMut| Place::from(map.iter().filter(|&&byte| byte == 0).count());
    let zeros_in_the_old_map = {
        let mut old_map = MmapMut::map_anon(3 * page)?;
        old_map.fill(b'x');
        zeros(&old_map)
    };

    let mut map = MmapMut::map_anon(3 * page)?;

    let zeros_at_first = zeros(&map);
    fresh::expect_no_store(&map)?;
    map[page] = b'!';
    Ok(Anonymous {
        zeros_in_the_old_map,
        length: Place::from(map.len()),
        zeros_at_first,
        zeros_after_a_store: zeros(&map),
        around_the_store: map.look(page - 2..page + 3),
    })
}

/// Three pages of anonymous memory.
#[derive(Debug)]
pub struct Anonymous {
    /// How many bytes were zeros in a map of the same size that was filled and dropped before.
    pub zeros_in_the_old_map: Place,
    pub length: Place,
    /// How many bytes of the new map are.
    pub zeros_at_first: Place,
    /// How many are after a store into the first byte of the second page.
    pub zeros_after_a_store: Place,
    pub around_the_store: Text,
}
