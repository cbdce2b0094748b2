//! Coming from Python: its `mmap`, name by name, and the Rust that does the same.
//!
//! Python's `mmap` object is three things in one: bytes like a `bytearray`, a file with a position, and the mapping
//! with the file behind it. Here they are three: the map is a slice, a `Cursor` over it has the position, and the
//! `File` stays with whoever opened it. Much of what Python checks when a line runs, Rust's types check before the
//! program does; what Python leaves to the system, such as a file that changes or shrinks under its map, is behind the
//! word `unsafe`.
//!
//! In the tables `m` is Python's object, `map` is memmap2's, and `file` is a `File` that was opened to be read and
//! written. All code in the Rust columns stands word for word in one of the examples, and the examples are run as
//! tests. The names are those of Python 3.15. What Python does was seen with CPython 3.11 and 3.13 on Linux; what is
//! newer is what its documentation says.
//!
//! # Constructor arguments
//!
//! | Python | Rust | the difference that bites | lesson |
//! | --- | --- | --- | --- |
//! | `mmap(fileno, 0)` | `MmapOptions::new().map_mut(&file)`, or only to read `MmapOptions::new().map(&file)` | It is `unsafe`: nobody may change the file while a slice of the map is held. It takes the file itself; on Unix its number will do. An empty file gives an empty map; Python raises ValueError. | [`protect::mapping_a_file_is_unsafe`](crate::protect::mapping_a_file_is_unsafe), [`read::a_map_is_the_whole_file`](crate::read::a_map_is_the_whole_file), [`bounds::an_empty_file_gives_an_empty_map`](crate::bounds::an_empty_file_gives_an_empty_map) |
//! | `mmap(-1, length)` | `MmapMut::map_anon(length)` | Python's is shared with forked children, memmap2's is private: a child gets a copy. Python refuses length 0, memmap2 gives an empty map. As the number of a file, -1 is an error, and without `len` a panic. | [`share::private_memory_is_copied_at_fork`](crate::share::private_memory_is_copied_at_fork), [`lifetime::anonymous_memory_starts_as_zeros`](crate::lifetime::anonymous_memory_starts_as_zeros), [`protect::some_things_cannot_be_mapped`](crate::protect::some_things_cannot_be_mapped) |
//! | `length=5` | `MmapOptions::new().len(5)` | Python's 0 is "up to the end", `len(0)` is an empty map: for all of it, leave `len` out. Longer than the file, Python raises ValueError; memmap2 grants it, and touching a page past the end kills. | [`bounds::a_window_shows_a_part_of_the_file`](crate::bounds::a_window_shows_a_part_of_the_file), [`bounds::a_map_longer_than_the_file_is_allowed`](crate::bounds::a_map_longer_than_the_file_is_allowed), [`bounds::a_page_past_the_end_kills`](crate::bounds::a_page_past_the_end_kills) |
//! | `offset=6` | `MmapOptions::new().offset(6)` | Any offset will do; Python wants multiples of `ALLOCATIONGRANULARITY`. At the very end of the file Python raises ValueError, memmap2 gives an empty map. | [`bounds::any_offset_works_though_the_kernel_wants_pages`](crate::bounds::any_offset_works_though_the_kernel_wants_pages) |
//! | `flags=MAP_SHARED`, `flags=MAP_PRIVATE` | `MmapOptions::new().map_mut(&file)`, `MmapOptions::new().map_copy(&file)` | There are no flags to combine: the constructor is the choice, and what contradicts itself cannot be written. | [`write::an_edit_is_seen_at_once`](crate::write::an_edit_is_seen_at_once), [`copy::an_edit_never_reaches_the_file`](crate::copy::an_edit_never_reaches_the_file) |
//! | `prot=PROT_READ`, the same with `flags=MAP_PRIVATE`, `prot=PROT_READ \| PROT_EXEC` | `MmapOptions::new().map(&file)`, `MmapOptions::new().map_copy_read_only(&file)`, `MmapOptions::new().map_exec(&program)` | Every map can be read. With `prot=0` Python hands out an object whose first read kills it. | [`protect::each_constructor_asks_for_its_protection`](crate::protect::each_constructor_asks_for_its_protection), [`protect::a_page_without_access_kills_readers_and_writers`](crate::protect::a_page_without_access_kills_readers_and_writers) |
//! | `access=ACCESS_READ`, `access=ACCESS_WRITE`, `access=ACCESS_COPY` | `MmapOptions::new().map(&file)`, `MmapOptions::new().map_mut(&file)`, `MmapOptions::new().map_copy(&file)` | A store through an `ACCESS_READ` map is a TypeError at run time, through an `Mmap` it does not compile. | [`protect::a_read_only_map_cannot_be_written_to`](crate::protect::a_read_only_map_cannot_be_written_to), [`protect::the_open_mode_decides_which_maps_are_allowed`](crate::protect::the_open_mode_decides_which_maps_are_allowed) |
//! | `trackfd=False` (3.13) | `drop(file)` | That is how memmap2 always does it on Unix. Python keeps a handle of its own unless told not to, for `size()` and `resize()`. | [`lifetime::a_map_survives_its_handle`](crate::lifetime::a_map_survives_its_handle) |
//! | `tagname="..."` (Windows) | `MmapOptions::new().map_raw(&file)` | No map has a name: who wants to share one opens the same path. | [`share::strangers_meet_by_path`](crate::share::strangers_meet_by_path) |
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use std::fs::File;
//! use std::io::Write;
//!
//! use memmap2::{MmapMut, MmapOptions};
//!
//! let mut file = tempfile::NamedTempFile::new()?;
//! file.write_all(b"hello world\n")?;
//! let (path, file) = (file.path(), file.as_file());
//!
//! // SAFETY: the file is this example's own; nobody writes to it while this map lives.
//! let hello = unsafe { MmapOptions::new().len(5).map(file)? };
//! assert_eq!(hello[..], *b"hello");
//! // SAFETY: as above.
//! let world = unsafe { MmapOptions::new().offset(6).len(5).map(file)? };
//! assert_eq!(world[..], *b"world", "no multiple of ALLOCATIONGRANULARITY");
//! // SAFETY: as above.
//! let nothing = unsafe { MmapOptions::new().len(0).map(file)? };
//! assert!(nothing.is_empty(), "not the whole file");
//! // SAFETY: as above.
//! let behind = unsafe { MmapOptions::new().offset(12).map(file)? };
//! assert!(behind.is_empty(), "no ValueError at the end");
//!
//! let length = 10;
//! assert_eq!(MmapMut::map_anon(length)?[..], [0; 10]);
//! assert!(MmapMut::map_anon(0)?.is_empty(), "no OSError");
//!
//! // Two who share bytes that change look at them through raw maps, never through slices.
//! let file = File::options().read(true).write(true).open(path)?;
//! let ours = MmapOptions::new().map_raw(&file)?;
//! let theirs = MmapOptions::new().map_raw(&File::options().read(true).write(true).open(path)?)?;
//! drop(file);
//! drop((hello, world, nothing, behind)); // The file changes now: no slice of it may be left.
//! // SAFETY: the byte is inside both maps, and no reference to it exists.
//! unsafe { theirs.as_mut_ptr().write_volatile(b'J') };
//! // SAFETY: as above.
//! assert_eq!(unsafe { ours.as_ptr().read_volatile() }, b'J');
//! # Ok(())
//! # }
//! ```
//!
//! What a constructor asks the kernel for can be read in `/proc/self/smaps`: `s` is shared, `p` private.
//!
//! ```
//! # #[cfg(not(target_os = "linux"))]
//! # fn main() {}
//! # #[cfg(target_os = "linux")]
//! # fn main() -> std::io::Result<()> {
//! use std::fs::File;
//! use std::io::{self, ErrorKind, Write};
//!
//! use memmap2::{MmapMut, MmapOptions};
//! use mmap_by_example::kernel;
//!
//! let permissions =
//!     |map: &[u8]| Ok::<_, io::Error>(kernel::mapping(map.as_ptr())?.map_or(String::new(), |it| it.permissions));
//! let mut file = tempfile::NamedTempFile::new()?;
//! file.write_all(b"hello world\n")?;
//! let (path, file) = (file.path(), File::options().read(true).write(true).open(file.path())?);
//! let program = File::open(std::env::current_exe()?)?;
//!
//! // SAFETY: nobody but this example has the file, and nobody writes to a running program; each map is gone at once.
//! unsafe {
//!     assert_eq!(permissions(&MmapOptions::new().map(&file)?)?, "r--s");
//!     assert_eq!(permissions(&MmapOptions::new().map_mut(&file)?)?, "rw-s");
//!     assert_eq!(permissions(&MmapOptions::new().map_copy(&file)?)?, "rw-p");
//!     assert_eq!(permissions(&MmapOptions::new().map_copy_read_only(&file)?)?, "r--p");
//!     assert_eq!(permissions(&MmapOptions::new().map_exec(&program)?)?, "r-xs");
//! }
//! assert_eq!(permissions(&MmapMut::map_anon(10)?)?, "rw-p", "private: Python's is shared");
//!
//! let too_long = MmapOptions::new().len(100).map_raw(&file)?;
//! assert_eq!(too_long.len(), 100, "no ValueError");
//! // SAFETY: as above; besides, there will be no map.
//! assert!(unsafe { MmapOptions::new().len(10).map(-1) }.is_err(), "not an anonymous map");
//!
//! let read_only = File::open(path)?;
//! // SAFETY: as above.
//! let refused: io::Error = unsafe { MmapOptions::new().map_mut(&read_only) }.unwrap_err();
//! assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
//! // SAFETY: as above.
//! assert!(unsafe { MmapOptions::new().map_copy(&read_only) }.is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! # The object: alive and closed
//!
//! | Python | Rust | the difference that bites | lesson |
//! | --- | --- | --- | --- |
//! | `m.close()` | `drop(map)` | While a slice is held it does not compile; Python raises BufferError while a `memoryview` is. | [`lifetime::a_dropped_map_is_gone`](crate::lifetime::a_dropped_map_is_gone), [`lifetime::a_slice_cannot_outlive_its_map`](crate::lifetime::a_slice_cannot_outlive_its_map) |
//! | `m.closed` | `drop(map)` | There is nothing to ask: a map that was dropped cannot be named. Python raises ValueError at every use. | [`lifetime::a_dropped_map_cannot_be_used`](crate::lifetime::a_dropped_map_cannot_be_used) |
//! | `with mmap(...) as m:`, `__enter__`, `__exit__` | `{ let map = MmapMut::map_anon(10)?; }` | The end of the scope closes, after a panic and after `?` too. | [`lifetime::a_dropped_map_is_gone`](crate::lifetime::a_dropped_map_is_gone) |
//! | `memoryview(m)`, `__buffer__`, `__release_buffer__` | `let view: &[u8] = &map` | Either many look or one writes: with a view held, the map cannot be written to. Python lets both. | [`lifetime::an_edit_tolerates_no_other_borrow`](crate::lifetime::an_edit_tolerates_no_other_borrow) |
//! | `weakref.ref(m)` | `Arc::downgrade(&map)` | Only with an `Arc` is there more than one owner. | [`patterns::a_part_is_handed_out_with_its_map`](crate::patterns::a_part_is_handed_out_with_its_map) |
//! | `repr(m)` | `format!("{map:?}")` | Address and length. There is no position to show. | [`read::reading_and_slicing_keep_to_themselves`](crate::read::reading_and_slicing_keep_to_themselves) |
//! | `sys.getsizeof(m)` | `size_of_val(&map)` | The handle alone, as in Python. The bytes are `map.len()`, and the kernel maps whole pages. | [`bounds::maps_come_in_whole_pages`](crate::bounds::maps_come_in_whole_pages) |
//! | `error`, which is OSError | `std::io::Error` | Nothing is raised: every call that can fail returns a `Result`, and `error.kind()` says what went wrong. | [`protect::the_open_mode_decides_which_maps_are_allowed`](crate::protect::the_open_mode_decides_which_maps_are_allowed) |
//!
//! A subclass of `mmap` is a struct that has the map in a field.
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use std::sync::Arc;
//!
//! use memmap2::{MmapMut, MmapOptions};
//!
//! { let map = MmapMut::map_anon(10)?; } // Unmapped here.
//!
//! let mut map = MmapMut::map_anon(10)?;
//! let view: &[u8] = &map;
//! assert_eq!(view, [0; 10]);
//! map[0] = b'!'; // The view was looked at for the last time: from here on it would not compile.
//! assert!(format!("{map:?}").contains("len: 10"));
//! assert!(size_of_val(&map) < 100 && map.len() == 10);
//! drop(map);
//!
//! let map = Arc::new(MmapMut::map_anon(10)?);
//! let weak = Arc::downgrade(&map);
//! assert!(weak.upgrade().is_some());
//! drop(map);
//! assert!(weak.upgrade().is_none());
//!
//! let file = tempfile::tempfile()?;
//! // SAFETY: nobody but this example has the file; besides, there will be no map.
//! let error: std::io::Error = unsafe { MmapOptions::new().offset(1).map(&file) }.unwrap_err();
//! assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "an offset past the end of the file");
//! # Ok(())
//! # }
//! ```
//!
//! # The object as bytes
//!
//! | Python | Rust | the difference that bites | lesson |
//! | --- | --- | --- | --- |
//! | `len(m)` | `map.len()` | The map's length, not the file's: see `size()`. | [`read::a_map_is_the_whole_file`](crate::read::a_map_is_the_whole_file) |
//! | `m[i]`, `m[-1]` | `map[i]`, `map.last()`; or `map.get(i)` | Out of bounds is a panic, not an IndexError to catch; `get` says `None`. No index counts from the end. | [`read::out_of_bounds_is_a_panic_or_none`](crate::read::out_of_bounds_is_a_panic_or_none) |
//! | `m[i] = b` | `map[i] = b'J'` | Wants a `mut` map. A number that is no byte does not compile; Python raises ValueError. | [`protect::a_read_only_map_cannot_be_written_to`](crate::protect::a_read_only_map_cannot_be_written_to) |
//! | `m[a:b]` | `&map[a..b]`, `map[a..b].to_vec()` | A slice is the map's own memory; Python's is a copy, which is `to_vec`. Python cuts a range that is too long, Rust panics. | [`lifetime::a_slice_cannot_outlive_its_map`](crate::lifetime::a_slice_cannot_outlive_its_map), [`read::out_of_bounds_is_a_panic_or_none`](crate::read::out_of_bounds_is_a_panic_or_none) |
//! | `m[a:b] = bytes` | `map[a..b].copy_from_slice(b"HELLO")` | Both want equal lengths: Rust panics, Python raises IndexError, having cut the range first. | [`write::an_edit_in_place_cannot_change_the_length`](crate::write::an_edit_in_place_cannot_change_the_length) |
//! | `m[a:b:c]` | `map[a..b].iter().step_by(c)` | Borrowed again, one byte at a time. Backwards it is `.rev()`; to write, `iter_mut`. | [`read::lines_are_read_without_copying`](crate::read::lines_are_read_without_copying) |
//! | `for b in m` | `for byte in &map[..]` | Numbers. Python's loop gives `bytes` of length 1, though `m[i]` is a number. | [`read::a_map_is_the_whole_file`](crate::read::a_map_is_the_whole_file) |
//! | `b in m` | `map.contains(&b'w')` | A byte in both, but Python wants it as `bytes` of length 1: a number or a longer one is never in it. | [`search::the_first_and_the_last_are_found_nul_bytes_and_all`](crate::search::the_first_and_the_last_are_found_nul_bytes_and_all) |
//! | `m == other` | `map[..] == other[..]` | Compares bytes. Python's maps are equal only to themselves. | [`read::a_map_is_the_whole_file`](crate::read::a_map_is_the_whole_file) |
//! | `del m[i]`, `m + m`, `m * 2` | `[&map[..], &map[..]].concat()`, `map.repeat(2)` | Nothing can be taken out or put in. Adding is a TypeError in Python and does not compile here; these are copies. | [`write::an_edit_in_place_cannot_change_the_length`](crate::write::an_edit_in_place_cannot_change_the_length) |
//! | `m.move(dest, src, count)` | `map.copy_within(src..src + count, dest)` | The source comes first. Out of bounds is a panic, not a ValueError. It may overlap in both. | [`read::out_of_bounds_is_a_panic_or_none`](crate::read::out_of_bounds_is_a_panic_or_none) |
//! | `m.find(sub)` | `map.windows(sub.len()).position(\|at\| at == sub)` | Python begins at the position of `seek`, not at 0, and says -1 for `None`. An empty `sub` it finds at once; `windows(0)` panics. In much text a regex is faster. | [`search::the_first_and_the_last_are_found_nul_bytes_and_all`](crate::search::the_first_and_the_last_are_found_nul_bytes_and_all) |
//! | `m.rfind(sub)` | `map.windows(sub.len()).rposition(\|at\| at == sub)` | As for `find`: without a start, Python does not look before its position. | [`search::the_first_and_the_last_are_found_nul_bytes_and_all`](crate::search::the_first_and_the_last_are_found_nul_bytes_and_all) |
//! | `m.find(sub, start, end)` | `map[start..end].windows(sub.len()).position(\|at\| at == sub)` | Counts from `start`; Python counts from the start of the map all the same. | [`search::positions_count_from_the_start_of_the_map`](crate::search::positions_count_from_the_start_of_the_map) |
//! | `re.search(pattern, m)` | `Regex::new("(?-u)w.r").unwrap().find(&map)` | It is `regex::bytes::Regex`. Without `(?-u)` a dot or `\w` is a character, not a byte. A match is a borrow: the map cannot be written to meanwhile. | [`search::a_regular_expression_runs_over_the_mapped_bytes`](crate::search::a_regular_expression_runs_over_the_mapped_bytes), [`search::bytes_need_not_be_utf8`](crate::search::bytes_need_not_be_utf8) |
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use std::panic::catch_unwind;
//!
//! use memmap2::MmapMut;
//! use regex::bytes::Regex;
//!
//! let mut map = MmapMut::map_anon(11)?;
//! let (a, b, c, i) = (0, 5, 2, 0);
//! map.copy_from_slice(b"hello world");
//! assert_eq!((map.len(), map[i], map.get(i), map.last()), (11, b'h', Some(&b'h'), Some(&b'd')));
//! assert_eq!(map.get(11), None);
//! assert!(catch_unwind(|| map[8..100].len()).is_err(), "not cut to 8..11");
//! map[i] = b'J';
//! assert_eq!((&map[a..b], map[a..b].to_vec()), (&b"Jello"[..], b"Jello".to_vec()));
//! map[a..b].copy_from_slice(b"HELLO");
//! assert!(map[a..b].iter().step_by(c).eq(b"HLO"));
//! for byte in &map[..] {
//!     assert!(*byte <= 127);
//! }
//! let other = MmapMut::map_anon(11)?;
//! assert!(map.contains(&b'w') && !(map[..] == other[..]));
//! assert_eq!((other[..] == [0; 11], [&map[..], &map[..]].concat()), (true, map.repeat(2)));
//!
//! let (dest, src, count) = (1, 0, 5);
//! map.copy_within(src..src + count, dest);
//! assert_eq!(map[..], *b"HHELLOworld");
//!
//! let (sub, start, end) = (b"o", 3, 11);
//! assert_eq!(map.windows(sub.len()).position(|at| at == sub), Some(7));
//! assert_eq!(map.windows(sub.len()).rposition(|at| at == sub), Some(7));
//! let found = map[start..end].windows(sub.len()).position(|at| at == sub);
//! assert_eq!(found, Some(4), "Python says 7, which is start + 4");
//! assert!(catch_unwind(|| map.windows(0).count()).is_err(), "Python finds an empty one at once");
//! assert_eq!(Regex::new("(?-u)w.r").unwrap().find(&map).map(|found| found.range()), Some(6..9));
//! # Ok(())
//! # }
//! ```
//!
//! # The object as a file
//!
//! `cursor` is a `Cursor::new(&map[..])`, or a `Cursor::new(&mut map[..])` to write. Its methods come from the traits
//! `Read`, `BufRead`, `Write` and `Seek`.
//!
//! | Python | Rust | the difference that bites | lesson |
//! | --- | --- | --- | --- |
//! | `m.read(n)` | `cursor.read(&mut buffer)` | Reads into memory of yours, and says how much. Slicing the map copies nothing. | [`read::reading_and_slicing_keep_to_themselves`](crate::read::reading_and_slicing_keep_to_themselves) |
//! | `m.read()` | `cursor.read_to_end(&mut rest)` | Puts it behind what is in the vector already. | [`read::a_map_is_the_whole_file`](crate::read::a_map_is_the_whole_file) |
//! | `m.read_byte()` | `cursor.read_exact(&mut byte)` | At the end UnexpectedEof, where Python raises ValueError. | [`read::a_cursor_never_grows_the_map`](crate::read::a_cursor_never_grows_the_map) |
//! | `m.readline()` | `cursor.read_until(b'\n', &mut line)`, or `map.split_inclusive(\|&byte\| byte == b'\n')` | The first copies, as Python does, and puts it behind what is in the vector already; the second gives all lines as slices of the map. | [`read::lines_are_read_without_copying`](crate::read::lines_are_read_without_copying) |
//! | `m.write(bytes)` | `cursor.write_all(b"one\ntwo\nend")` | Where it does not fit, it writes what does and then says WriteZero. Python raises ValueError and writes nothing. | [`read::a_cursor_never_grows_the_map`](crate::read::a_cursor_never_grows_the_map) |
//! | `m.write_byte(byte)` | `cursor.write_all(&[b'.'])` | At the end WriteZero, where Python raises ValueError. | [`read::a_cursor_never_grows_the_map`](crate::read::a_cursor_never_grows_the_map) |
//! | `m.seek(pos)`, `m.seek(n, os.SEEK_CUR)`, `m.seek(-n, os.SEEK_END)` | `cursor.seek(SeekFrom::Start(4))`, `cursor.seek(SeekFrom::Current(1))`, `cursor.seek(SeekFrom::End(-2))` | Behind the end is allowed, and nothing is read there; Python raises ValueError. The end is the map's in both, not the file's. Python returns the position since 3.13. | [`read::a_cursor_never_grows_the_map`](crate::read::a_cursor_never_grows_the_map) |
//! | `m.seekable()` (3.13) | `Cursor`, `Seek` | The type says it: whatever is `Seek` can. | [`read::reading_and_slicing_keep_to_themselves`](crate::read::reading_and_slicing_keep_to_themselves) |
//! | `m.tell()` | `cursor.position()` | The cursor's. A map may have many cursors, each with a position of its own. | [`read::reading_and_slicing_keep_to_themselves`](crate::read::reading_and_slicing_keep_to_themselves) |
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use std::io::{BufRead, Cursor, ErrorKind, Read, Seek, SeekFrom, Write};
//!
//! use memmap2::MmapMut;
//!
//! let mut map = MmapMut::map_anon(12)?;
//! let mut cursor = Cursor::new(&mut map[..]);
//! cursor.write_all(b"one\ntwo\nend")?;
//! assert_eq!(cursor.position(), 11);
//! cursor.write_all(&[b'.'])?;
//! assert_eq!(cursor.write_all(b"!").unwrap_err().kind(), ErrorKind::WriteZero);
//! assert_eq!(cursor.seek(SeekFrom::End(-2))?, 10);
//! assert_eq!(cursor.write_all(b"D, and more").unwrap_err().kind(), ErrorKind::WriteZero);
//! assert_eq!(map[8..], *b"enD,", "what fitted was written");
//!
//! let (mut buffer, mut line, mut rest, mut byte) = ([0; 3], Vec::new(), Vec::new(), [0]);
//! let mut cursor = Cursor::new(&map[..]);
//! assert_eq!((cursor.read(&mut buffer)?, &buffer), (3, b"one"));
//! cursor.seek(SeekFrom::Current(1))?;
//! cursor.read_until(b'\n', &mut line)?;
//! cursor.read_exact(&mut byte)?;
//! cursor.read_to_end(&mut rest)?;
//! assert_eq!((&line[..], byte, &rest[..]), (&b"two\n"[..], *b"e", &b"nD,"[..]));
//! assert_eq!(cursor.read_exact(&mut byte).unwrap_err().kind(), ErrorKind::UnexpectedEof);
//! assert_eq!(cursor.seek(SeekFrom::Start(4))?, 4);
//! assert_eq!((cursor.seek(SeekFrom::Start(100))?, cursor.read(&mut buffer)?), (100, 0), "no ValueError");
//!
//! let lines: Vec<&[u8]> = map.split_inclusive(|&byte| byte == b'\n').collect();
//! assert_eq!(lines, [&b"one\n"[..], b"two\n", b"enD,"]);
//! # Ok(())
//! # }
//! ```
//!
//! # The object as a mapping
//!
//! | Python | Rust | the difference that bites | lesson |
//! | --- | --- | --- | --- |
//! | `m.size()` | `file.metadata()?.len()` | The map does not know its file: keep the handle. For an anonymous map Python says its length since 3.15, before that OSError. | [`bounds::growing_the_file_fills_the_map_and_not_its_length`](crate::bounds::growing_the_file_fills_the_map_and_not_its_length) |
//! | `m.flush()` | `map.flush()` | An `Mmap` has no `flush`; Python's read-only maps have one that does nothing. For others to see an edit neither is needed. | [`write::a_flush_changes_nothing_that_a_reader_sees`](crate::write::a_flush_changes_nothing_that_a_reader_sees), [`protect::a_read_only_map_cannot_be_flushed`](crate::protect::a_read_only_map_cannot_be_flushed) |
//! | `m.flush(offset, size)` | `map.flush_range(offset, size)` | Any offset will do; Python's has to be a multiple of `PAGESIZE`, or it raises OSError. | [`write::a_flush_takes_any_range_inside_the_map`](crate::write::a_flush_takes_any_range_inside_the_map) |
//! | `m.flush(flags=MS_ASYNC)` (3.15) | `map.flush_async()`, `map.flush_async_range(offset, size)` | Linux does nothing at all for it. | [`write::a_flush_changes_nothing_that_a_reader_sees`](crate::write::a_flush_changes_nothing_that_a_reader_sees) |
//! | `m.resize(n)` to grow | `file.set_len(n)`, then `map.remap(n as usize, RemapOptions::new().may_move(true))` | memmap2 never touches the file: grow it first, or what is past its end kills. It is `unsafe`, and on Linux only; elsewhere drop the map and map again. | [`resize::grow_the_file_then_the_map`](crate::resize::grow_the_file_then_the_map), [`resize::a_map_may_grow_past_the_end_of_the_file`](crate::resize::a_map_may_grow_past_the_end_of_the_file), [`resize::a_map_grows_in_place_only_where_there_is_room`](crate::resize::a_map_grows_in_place_only_where_there_is_room) |
//! | `m.resize(n)` to shrink | `map.remap(5, RemapOptions::new())`, then `file.set_len(5)` | In this order: first the map. Python cuts the file off too. | [`resize::shrinking_a_map_leaves_the_file_alone`](crate::resize::shrinking_a_map_leaves_the_file_alone), [`bounds::truncating_kills_past_the_new_end`](crate::bounds::truncating_kills_past_the_new_end) |
//! | `m.madvise(option)` | `map.advise(Advice::Sequential)` | An enum, not a number: what changes bytes is another enum, and `unsafe`. Unix only. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `m.madvise(option, start, length)` | `map.advise_range(Advice::WillNeed, start, length)` | Any start will do; Python's has to be a multiple of `PAGESIZE`. Python cuts a length that is too long. memmap2 0.9.12 checks each of both against the map, but not their sum: a range that is too long reaches into whatever is mapped behind. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte), [`share::a_range_can_be_kept_from_children`](crate::share::a_range_can_be_kept_from_children) |
//! | `m._protect(...)` (Windows, debug builds) | `map.make_read_only()`, `map.make_mut()` | The map becomes one of another type: `MmapMut` an `Mmap`, and back. | [`protect::protection_can_be_changed_and_changed_back`](crate::protect::protection_can_be_changed_and_changed_back) |
//!
//! Python refuses to grow a shared anonymous map; older versions granted it, and died at the new pages. memmap2's
//! anonymous maps are private, and grow. `m.set_name(name)` (3.15), which names an anonymous map in `/proc/self/maps`,
//! has no counterpart.
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! use std::io::{ErrorKind, Write};
//!
//! use memmap2::MmapMut;
//!
//! let mut file = tempfile::tempfile()?;
//! file.write_all(b"hello world\n")?;
//! // SAFETY: nobody but this example has the file.
//! let mut map = unsafe { MmapMut::map_mut(&file)? };
//! map[0] = b'J';
//! let (offset, size) = (1, 3);
//! map.flush()?;
//! map.flush_async()?;
//! map.flush_async_range(offset, size)?;
//! map.flush_range(offset, size)?; // No OSError for an offset of 1.
//! assert_eq!(map.flush_range(0, 100).unwrap_err().kind(), ErrorKind::InvalidInput, "ValueError in Python");
//!
//! file.write_all(b"more\n")?; // Behind the end of the map: no byte of it changes.
//! assert_eq!((file.metadata()?.len(), map.len()), (17, 12));
//!
//! let map = map.make_read_only()?;
//! let mut map = map.make_mut()?;
//! map[1] = b'E';
//! assert_eq!(map[..5], *b"JEllo");
//! # Ok(())
//! # }
//! ```
//!
//! ```
//! # #[cfg(not(target_os = "linux"))]
//! # fn main() {}
//! # #[cfg(target_os = "linux")]
//! # fn main() -> std::io::Result<()> {
//! use std::io::{ErrorKind, Write};
//!
//! use memmap2::{Advice, MmapMut, RemapOptions};
//!
//! let mut file = tempfile::tempfile()?;
//! file.write_all(b"hello world\n")?;
//! // SAFETY: nobody but this example has the file.
//! let mut map = unsafe { MmapMut::map_mut(&file)? };
//! let (start, length) = (1, 3);
//! map.advise(Advice::Sequential)?;
//! map.advise_range(Advice::WillNeed, start, length)?; // No OSError for a start of 1.
//! assert_eq!(map.advise_range(Advice::WillNeed, 13, 0).unwrap_err().kind(), ErrorKind::InvalidInput);
//!
//! let n = 100_000;
//! file.set_len(n)?;
//! // SAFETY: nobody but this example has the file, which is long enough, and no pointer into the map is held.
//! unsafe { map.remap(n as usize, RemapOptions::new().may_move(true))? };
//! assert_eq!((&map[..5], map[99_999]), (&b"hello"[..], 0));
//! // SAFETY: no pointer into the part that goes is held.
//! unsafe { map.remap(5, RemapOptions::new())? };
//! assert_eq!((map.len(), file.metadata()?.len()), (5, 100_000), "the file has what it had");
//! file.set_len(5)?; // Behind the end of the map: no byte of it changes.
//! assert_eq!(map[..], *b"hello");
//!
//! let mut anonymous = MmapMut::map_anon(10)?;
//! // SAFETY: no pointer into the map is held.
//! unsafe { anonymous.remap(n as usize, RemapOptions::new().may_move(true))? };
//! assert_eq!(anonymous[99_999], 0, "no ValueError, and no death");
//! # Ok(())
//! # }
//! ```
//!
//! # Constants: access, protection, flags
//!
//! | Python | Rust | the difference that bites | lesson |
//! | --- | --- | --- | --- |
//! | `ACCESS_READ` | `MmapOptions::new().map(&file)` | Shared: it shows what others write to the file. | [`write::a_write_to_the_file_is_seen_through_the_map`](crate::write::a_write_to_the_file_is_seen_through_the_map) |
//! | `ACCESS_WRITE`, `ACCESS_DEFAULT` | `MmapOptions::new().map_mut(&file)` | There is no default: who only wants to read has to say `map`, or the file has to be open for writing. | [`protect::the_open_mode_decides_which_maps_are_allowed`](crate::protect::the_open_mode_decides_which_maps_are_allowed) |
//! | `ACCESS_COPY` | `MmapOptions::new().map_copy(&file)` | A read-only handle is enough, in both. | [`copy::a_read_only_handle_is_enough`](crate::copy::a_read_only_handle_is_enough) |
//! | `PROT_READ`, `PROT_WRITE` | `MmapOptions::new().map(&file)`, `MmapOptions::new().map_mut(&file)` | Writing without reading cannot be asked for. | [`protect::each_constructor_asks_for_its_protection`](crate::protect::each_constructor_asks_for_its_protection) |
//! | `PROT_EXEC` | `MmapOptions::new().map_exec(&program)` | It can be read too. The file need not be executable, but its file system must not be mounted `noexec`. | [`protect::each_constructor_asks_for_its_protection`](crate::protect::each_constructor_asks_for_its_protection) |
//! | `MAP_SHARED` | `MmapOptions::new().map_mut(&file)` | Always with a file: there is no shared anonymous map. | [`share::a_shared_map_is_one_memory_across_fork`](crate::share::a_shared_map_is_one_memory_across_fork) |
//! | `MAP_PRIVATE` | `MmapOptions::new().map_copy(&file)` | It is no snapshot: pages not edited follow the file. | [`copy::a_later_write_reaches_only_pages_not_edited`](crate::copy::a_later_write_reaches_only_pages_not_edited) |
//! | `MAP_ANON`, `MAP_ANONYMOUS` | `MmapMut::map_anon(length)` | Private, where Python's -1 is shared by default. | [`share::private_memory_is_copied_at_fork`](crate::share::private_memory_is_copied_at_fork) |
//! | `MAP_POPULATE` | `MmapOptions::new().populate()` | Exists everywhere, and does nothing but on Linux and Android; Python lacks the name there. | [`page::populate_takes_the_faults_up_front`](crate::page::populate_takes_the_faults_up_front) |
//! | `MAP_NORESERVE` (3.13) | `MmapOptions::new().no_reserve_swap()` | It gives no memory, it only asks for no promise of any: when there is none left, a store kills. | [`page::nothing_is_resident_until_touched`](crate::page::nothing_is_resident_until_touched), [`page::a_tebibyte_is_mapped_whole`](crate::page::a_tebibyte_is_mapped_whole) |
//! | `MAP_STACK` | `MmapOptions::new().stack()` | Only `map_anon` heeds it, and the Linux manual says that it does nothing. | [`lifetime::anonymous_memory_starts_as_zeros`](crate::lifetime::anonymous_memory_starts_as_zeros) |
//! | `PAGESIZE`, `ALLOCATIONGRANULARITY` | `libc::sysconf(libc::_SC_PAGESIZE)` | memmap2 does not tell, and seldom does one need it: offsets need no rounding. On Unix both are the same, on Windows not. | [`bounds::maps_come_in_whole_pages`](crate::bounds::maps_come_in_whole_pages), [`bounds::any_offset_works_though_the_kernel_wants_pages`](crate::bounds::any_offset_works_though_the_kernel_wants_pages) |
//! | `MS_SYNC` (3.15) | `map.flush()` | It buys durability, not visibility. | [`write::a_flush_changes_nothing_that_a_reader_sees`](crate::write::a_flush_changes_nothing_that_a_reader_sees) |
//! | `MS_ASYNC` (3.15) | `map.flush_async()` | Linux does nothing for it: edits are in the file's cache as it is. | [`write::dropping_the_map_unflushed_loses_nothing`](crate::write::dropping_the_map_unflushed_loses_nothing) |
//! | `MS_INVALIDATE` (3.15) | `libc::msync(address, map.len(), libc::MS_INVALIDATE)` | memmap2 never asks for it. On Linux all maps of a file are one memory, so there is nothing to make invalid. | [`write::an_edit_is_seen_at_once`](crate::write::an_edit_is_seen_at_once) |
//!
//! ```
//! # #[cfg(not(unix))]
//! # fn main() {}
//! # #[cfg(unix)]
//! # fn main() -> std::io::Result<()> {
//! use std::io::Write;
//!
//! use memmap2::MmapOptions;
//!
//! let mut file = tempfile::tempfile()?;
//! file.write_all(b"hello world\n")?;
//! // SAFETY: nobody but this example has the file.
//! let map = unsafe { MmapOptions::new().populate().map(&file)? };
//! let address = map.as_ptr().cast_mut().cast();
//! // SAFETY: the range is the map's own, and no byte of it changes.
//! assert_eq!(unsafe { libc::msync(address, map.len(), libc::MS_INVALIDATE) }, 0);
//! assert_eq!(map[..], *b"hello world\n");
//!
//! // SAFETY: it asks for a number.
//! let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
//! assert_eq!(map.as_ptr().addr() % page, 0);
//!
//! let stack = MmapOptions::new().stack().len(page).map_anon()?;
//! assert_eq!(stack[page - 1], 0);
//! let unreserved = MmapOptions::new().no_reserve_swap().len(page).map_anon()?;
//! assert_eq!(unreserved[page - 1], 0);
//! # Ok(())
//! # }
//! ```
//!
//! # Constants: advice
//!
//! The advice in this table is for `advise` where it is an `Advice`, and for `unchecked_advise`, which is `unsafe`,
//! where it is an `UncheckedAdvice`. All but the first four and `DontNeed` are there on Linux only, `Free` on Apple's
//! systems too.
//!
//! | Python | Rust | the difference that bites | lesson |
//! | --- | --- | --- | --- |
//! | `MADV_NORMAL` | `Advice::Normal` | Takes back the two below, and nothing else. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `MADV_RANDOM` | `Advice::Random` | A hint, in both. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `MADV_SEQUENTIAL` | `Advice::Sequential` | A hint, in both. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `MADV_WILLNEED` | `Advice::WillNeed` | Does not wait. memmap2 has one that does: `PopulateRead`. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte), [`page::populate_takes_the_faults_up_front`](crate::page::populate_takes_the_faults_up_front) |
//! | `MADV_DONTFORK` | `Advice::DontFork` | Safe here, and a child that touches the range is killed. | [`share::a_range_can_be_kept_from_children`](crate::share::a_range_can_be_kept_from_children) |
//! | `MADV_DOFORK` | `Advice::DoFork` | Takes `DontFork` back. | [`share::a_range_can_be_kept_from_children`](crate::share::a_range_can_be_kept_from_children) |
//! | `MADV_MERGEABLE` | `Advice::Mergeable` | Refused by a kernel built without it: ask `is_supported()`, which Python has not. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `MADV_UNMERGEABLE` | `Advice::Unmergeable` | As above. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `MADV_HUGEPAGE` | `Advice::HugePage` | As above. Not to be taken for `MmapOptions::huge`, which wants huge pages set aside. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `MADV_NOHUGEPAGE` | `Advice::NoHugePage` | As above. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `MADV_DONTDUMP` | `Advice::DontDump` | Concerns core dumps only, in both. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `MADV_DODUMP` | `Advice::DoDump` | Takes `DontDump` back. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `MADV_HWPOISON` | `Advice::HwPoison` | No hint, though a safe call: it takes real memory out of use, and who touches it gets SIGBUS. For root only; leave it. | [`page::a_hint_never_changes_a_byte`](crate::page::a_hint_never_changes_a_byte) |
//! | `MADV_DONTNEED` | `UncheckedAdvice::DontNeed` | Python's anonymous map keeps its bytes, since it is shared; memmap2's forgets them, as a private map forgets its edits. Nobody may hold a slice. | [`page::dropped_anonymous_pages_come_back_as_zeros`](crate::page::dropped_anonymous_pages_come_back_as_zeros), [`page::dropped_pages_of_a_shared_map_lose_nothing`](crate::page::dropped_pages_of_a_shared_map_lose_nothing), [`copy::dropped_pages_forget_their_edits`](crate::copy::dropped_pages_forget_their_edits) |
//! | `MADV_FREE` | `UncheckedAdvice::Free` | For private anonymous memory, so never for Python's default. Until it is stored to again, a page may turn to zeros at any moment. | [`page::dropped_anonymous_pages_come_back_as_zeros`](crate::page::dropped_anonymous_pages_come_back_as_zeros) |
//! | `MADV_REMOVE` | `UncheckedAdvice::Remove` | It clears the file, for everybody, even through a map that can only be read. It wants a shared map and a handle that may write. | [`page::a_hole_punched_through_a_map_reads_as_zeros`](crate::page::a_hole_punched_through_a_map_reads_as_zeros) |
//! | `MADV_FREE_REUSABLE`, `MADV_FREE_REUSE` | `UncheckedAdvice::FreeReusable`, `UncheckedAdvice::FreeReuse` | Apple's systems only, in both. | [`page::dropped_anonymous_pages_come_back_as_zeros`](crate::page::dropped_anonymous_pages_come_back_as_zeros) |
//!
//! ```
//! # #[cfg(not(unix))]
//! # fn main() {}
//! # #[cfg(unix)]
//! # fn main() -> std::io::Result<()> {
//! use memmap2::{Advice, MmapMut, MmapOptions, UncheckedAdvice};
//!
//! // Python's numbers are the system's, and these are the same.
//! assert_eq!(Advice::Normal as i32, libc::MADV_NORMAL);
//! assert_eq!(Advice::Random as i32, libc::MADV_RANDOM);
//! assert_eq!(Advice::Sequential as i32, libc::MADV_SEQUENTIAL);
//! assert_eq!(Advice::WillNeed as i32, libc::MADV_WILLNEED);
//! assert_eq!(UncheckedAdvice::DontNeed as i32, libc::MADV_DONTNEED);
//! # #[cfg(target_os = "linux")] {
//! assert_eq!(Advice::DontFork as i32, libc::MADV_DONTFORK);
//! assert_eq!(Advice::DoFork as i32, libc::MADV_DOFORK);
//! assert_eq!(Advice::Mergeable as i32, libc::MADV_MERGEABLE);
//! assert_eq!(Advice::Unmergeable as i32, libc::MADV_UNMERGEABLE);
//! assert_eq!(Advice::HugePage as i32, libc::MADV_HUGEPAGE);
//! assert_eq!(Advice::NoHugePage as i32, libc::MADV_NOHUGEPAGE);
//! assert_eq!(Advice::DontDump as i32, libc::MADV_DONTDUMP);
//! assert_eq!(Advice::DoDump as i32, libc::MADV_DODUMP);
//! assert_eq!(Advice::HwPoison as i32, libc::MADV_HWPOISON);
//! assert_eq!(UncheckedAdvice::Free as i32, libc::MADV_FREE);
//! assert_eq!(UncheckedAdvice::Remove as i32, libc::MADV_REMOVE);
//!
//! let page = mmap_by_example::kernel::page_size();
//! let mut map = MmapMut::map_anon(page)?;
//! let hints = [Advice::Normal, Advice::Random, Advice::Sequential, Advice::WillNeed];
//! let more_hints = [Advice::DontFork, Advice::DoFork, Advice::DontDump, Advice::DoDump];
//! let some_kernels = [Advice::Mergeable, Advice::Unmergeable, Advice::HugePage, Advice::NoHugePage];
//! map[0] = 7;
//! for advice in hints.into_iter().chain(more_hints) {
//!     map.advise(advice)?;
//! }
//! for advice in some_kernels.into_iter().filter(|advice| advice.is_supported()) {
//!     map.advise(advice)?;
//! }
//! assert_eq!(map[0], 7);
//!
//! // SAFETY: the memory is this example's own, and no slice of it is held.
//! unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed)? };
//! assert_eq!(map[0], 0, "7 in Python's anonymous map");
//! // SAFETY: as above; the page is stored to before it is looked at again.
//! unsafe { map.unchecked_advise(UncheckedAdvice::Free)? };
//! map[0] = 8;
//! assert_eq!(map[0], 8);
//!
//! let file = tempfile::tempfile()?;
//! std::io::Write::write_all(&mut &file, &vec![b'a'; page])?;
//! // SAFETY: nobody but this example has the file.
//! let map = unsafe { MmapOptions::new().map(&file)? };
//! // SAFETY: as above, and no slice of the map is held.
//! match unsafe { map.unchecked_advise(UncheckedAdvice::Remove) } {
//!     Ok(()) => assert_eq!((map[0], file.metadata()?.len()), (0, page as u64)),
//!     Err(error) => assert_eq!(error.raw_os_error(), Some(libc::EOPNOTSUPP), "a file system without holes"),
//! }
//! # }
//! # #[cfg(target_vendor = "apple")] {
//! # assert_eq!(UncheckedAdvice::FreeReusable as i32, libc::MADV_FREE_REUSABLE);
//! # assert_eq!(UncheckedAdvice::FreeReuse as i32, libc::MADV_FREE_REUSE);
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! # What has no counterpart
//!
//! On Linux too, but not in memmap2: `MAP_32BIT`, `MADV_SOFT_OFFLINE`. Ignored by Linux: `MAP_DENYWRITE`,
//! `MAP_EXECUTABLE`. Of other systems: `MAP_ALIGNED_SUPER`, `MAP_CONCEAL`, `MAP_HASSEMAPHORE`, `MAP_JIT`,
//! `MAP_NOCACHE`, `MAP_NOEXTEND`, `MAP_RESILIENT_CODESIGN`, `MAP_RESILIENT_MEDIA`, `MAP_TPRO`,
//! `MAP_TRANSLATED_ALLOW_EXECUTE`, `MAP_UNIX03`, `MADV_NOSYNC`, `MADV_AUTOSYNC`, `MADV_NOCORE`, `MADV_CORE`,
//! `MADV_PROTECT`.
//!
//! The other way round, Python has no `lock` and `unlock`, no `map_if_safe`, no `huge`, and neither `PopulateRead`,
//! `PopulateWrite` nor Apple's `ZeroWiredPages`: see
//! [`page::locked_pages_are_resident_and_locks_do_not_stack`](crate::page::locked_pages_are_resident_and_locks_do_not_stack),
//! [`protect::a_sealed_file_is_mapped_without_unsafe`](crate::protect::a_sealed_file_is_mapped_without_unsafe) and
//! [`page::populate_takes_the_faults_up_front`](crate::page::populate_takes_the_faults_up_front).
