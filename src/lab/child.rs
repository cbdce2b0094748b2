//! Child processes: for what is deadly, and for what two processes share.

use std::io;
use std::mem;
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use memmap2::Mmap;

use crate::lab::account::{Aside, tell, untold};
use crate::lab::errors;
#[cfg(target_os = "linux")]
use crate::lab::kernel;
use crate::lab::observation::Outcome;
use crate::lab::place::page_size;

/// The longest that a child may take before SIGALRM ends it. They need less than a millisecond.
const SECONDS: u32 = 60;

/// A child process. If nobody waits for it, it is killed.
pub struct Child {
    process: libc::pid_t,
    status: Option<libc::c_int>,
}

/// Starts a child process that does `act` and ends.
///
/// The child leaves no core file. On Linux it dies with the thread that started it; elsewhere an alarm ends it.
///
/// # Errors
/// When no child can be made.
///
/// # Safety
/// The child is a copy of this process with one thread only, the others having vanished wherever they were. So `act`
/// may touch memory and make plain system calls, but must not allocate, take a lock or panic, and what it captures by
/// value must not do so when it is dropped.
pub unsafe fn start(act: impl FnOnce()) -> io::Result<Child> {
    let mut act = Some(act);
    // SAFETY: as the caller vouches for it.
    unsafe { start_it(&mut || act.take().map_or((), |act| act())) }
}

// Apart from `start`, of which a copy is built for each act.
unsafe fn start_it(act: &mut dyn FnMut()) -> io::Result<Child> {
    // SAFETY: it asks for a number.
    let parent = unsafe { libc::getpid() };
    // SAFETY: between here and its end the child makes plain system calls, and what the caller vouches for.
    match unsafe { libc::fork() } {
        -1 => {
            let error = io::Error::last_os_error();
            Err(io::Error::new(
                error.kind(),
                format!("cannot start a child process: {error}"),
            ))
        }
        0 => {
            prepare_to_die();
            // SAFETY: it asks for a number.
            let orphaned = unsafe { libc::getppid() } != parent;
            let panicked = ExitOnUnwind;
            if !orphaned {
                act();
            }
            mem::forget(panicked);
            // SAFETY: it ends this child at once and runs nothing that it shares with its parent.
            unsafe { libc::_exit(0) }
        }
        process => {
            tell("child", process as usize, 0);
            Ok(Child {
                process,
                status: None,
            })
        }
    }
}

/// Does `act` in a child process and waits for its end.
///
/// # Errors
/// When no child can be made, or when it ends in a way that no lesson foresees.
///
/// # Safety
/// As for [`start`].
pub unsafe fn run(act: impl FnOnce()) -> io::Result<Outcome> {
    // SAFETY: the caller vouches for the act.
    unsafe { start(act) }?.wait()
}

/// Does `act` twice in a child process, and takes the numbers of the second time.
///
/// The first time is for what a child touches of itself after the fork, so that it is not counted. Telling of an act
/// touches memory, too, so nobody is told of the second time.
///
/// # Errors
/// What the act answered, by the system's number; and as for [`run`].
///
/// # Safety
/// As for [`start`].
pub unsafe fn numbers<const COUNT: usize>(
    mut act: impl FnMut() -> io::Result<[usize; COUNT]>,
) -> io::Result<[usize; COUNT]> {
    let (notes, failed) = (Notes::<COUNT>::new()?, Notes::<1>::new()?);
    let mut note = || match act() {
        Ok(numbers) => {
            for (note, number) in notes.iter().zip(numbers) {
                note.store(number, Ordering::Relaxed);
            }
        }
        Err(error) => {
            let code = error.raw_os_error().unwrap_or(libc::EIO);
            failed[0].store(code as usize, Ordering::Relaxed);
        }
    };
    // SAFETY: the caller vouches for the act; notes are stores into a shared map.
    let end = unsafe {
        run(|| {
            note();
            untold(&mut note);
        })
    }?;
    match (end, failed[0].load(Ordering::Relaxed)) {
        (Outcome::Survived, 0) => Ok(notes.each_ref().map(|note| note.load(Ordering::Relaxed))),
        (Outcome::Survived, code) => Err(io::Error::from_raw_os_error(code as libc::c_int)),
        (end, _) => Err(io::Error::other(format!("a child process: {end:?}"))),
    }
}

/// Reads the byte at `address` in a child process, where nothing need be mapped.
///
/// # Errors
/// As for [`run`].
pub fn touch(address: *const u8) -> io::Result<Outcome> {
    // SAFETY: the child executes one instruction.
    unsafe { run(|| read(address)) }
}

/// How many pages a map takes: those that a child can read, and no longer once it has dropped the map.
///
/// # Errors
/// As for [`run`].
pub fn pages(map: &Mmap) -> io::Result<usize> {
    tell("pages", map.as_ptr().addr(), map.len());
    let _aside = Aside::begin();
    let first = map.as_ptr().map_addr(|it| it / page_size() * page_size());
    for pages in 0.. {
        let address = first.wrapping_add(pages * page_size());
        let notes = Notes::<1>::new()?;
        // SAFETY: the child reads by one instruction each time, and unmaps its copy of the map once, without allocating:
        // it ends before the map would be dropped again.
        let without_the_map = unsafe {
            run(|| {
                read(address);
                notes[0].store(1, Ordering::Relaxed);
                drop(ptr::read(map));
                read(address);
            })
        }?;
        let was_readable = notes[0].load(Ordering::Relaxed) == 1;
        // Whatever follows the map stays readable without it, or is not readable with it.
        if !was_readable || without_the_map == Outcome::Survived {
            return Ok(pages);
        }
    }
    Ok(0)
}

/// Stores `!` into the byte at `address` in a child process, where nothing need be mapped.
///
/// Where the memory is shared, the parent sees it.
///
/// # Errors
/// As for [`run`].
///
/// # Safety
/// What is at `address` must be nobody's who relies on it: of a shared map, no reference to the byte may exist.
pub unsafe fn store(address: *mut u8) -> io::Result<Outcome> {
    // SAFETY: the child executes one instruction; the caller vouches for what it changes.
    unsafe { run(|| write(address)) }
}

/// Reads one byte, or traps. For child processes only.
///
/// By the letter of std, `read_volatile` must not trap, and here a trap is the purpose. So this is one instruction of the
/// machine. Rust's rules for `asm!` are about what it changes and hands back, which is nothing here, and they let it end
/// the process. On a processor for which no instruction stands below, the child ends, and the lesson lacks something. Do
/// not copy this into a program.
#[allow(
    clippy::not_unsafe_ptr_arg_deref,
    reason = "it may read anything, since nobody is told what"
)]
pub fn read(address: *const u8) {
    // SAFETY: nobody looks at the byte, so that whatever the address is, the program cannot tell that it was read.
    unsafe { load(address) };
}

/// The byte at `address`, read as [`read`] does. A handler of the signal may put a page there, from which it is read then.
///
/// # Safety
/// There must be a byte to read when the instruction ends, and nobody may hold a `&mut` to it.
pub unsafe fn load(address: *const u8) -> u8 {
    tell("load", address.addr(), 1);
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    let byte: u8;
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
    #[allow(
        unused_mut,
        unused_assignments,
        unused_variables,
        reason = "on a processor without an instruction below"
    )]
    let (mut byte, address) = (0_usize, address);
    // SAFETY: the instruction reads one byte into a register and changes nothing, or it ends this process.
    unsafe {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        std::arch::asm!("mov {}, byte ptr [{}]", out(reg_byte) byte, in(reg) address, options(nostack));
        #[cfg(target_arch = "aarch64")]
        std::arch::asm!("ldrb {:w}, [{}]", out(reg) byte, in(reg) address, options(nostack));
        #[cfg(target_arch = "arm")]
        std::arch::asm!("ldrb {}, [{}]", out(reg) byte, in(reg) address, options(nostack));
        #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
        std::arch::asm!("lbu {}, 0({})", out(reg) byte, in(reg) address, options(nostack));
        #[cfg(target_arch = "s390x")]
        std::arch::asm!("llgc {}, 0({})", out(reg) byte, in(reg_addr) address, options(nostack));
        if !INSTRUCTION_KNOWN {
            libc::_exit(NO_INSTRUCTION)
        }
    }
    #[allow(
        clippy::unnecessary_cast,
        reason = "it is a whole register on some processors"
    )]
    (byte as u8)
}

/// Stores `!` into one byte, or traps. For child processes only, and by one instruction, as [`read`] does.
///
/// # Safety
/// As for [`store`].
pub unsafe fn write(address: *mut u8) {
    tell("store", address.addr(), 1);
    // SAFETY: the instruction stores one byte, for which the caller vouches, or ends this process.
    unsafe {
        if !INSTRUCTION_KNOWN {
            _ = address;
            libc::_exit(NO_INSTRUCTION)
        }
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        std::arch::asm!("mov byte ptr [{}], {}", in(reg) address, in(reg_byte) b'!', options(nostack));
        #[cfg(target_arch = "aarch64")]
        std::arch::asm!("strb {:w}, [{}]", in(reg) u32::from(b'!'), in(reg) address, options(nostack));
        #[cfg(target_arch = "arm")]
        std::arch::asm!("strb {}, [{}]", in(reg) u32::from(b'!'), in(reg) address, options(nostack));
        #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
        std::arch::asm!("sb {}, 0({})", in(reg) u32::from(b'!'), in(reg) address, options(nostack));
        #[cfg(target_arch = "s390x")]
        std::arch::asm!("stc {}, 0({})", in(reg) u32::from(b'!'), in(reg_addr) address, options(nostack));
    }
}

impl Child {
    /// Waits for its end.
    ///
    /// # Errors
    /// When it ended in a way that no lesson foresees: with a status, by a signal that no lesson is about, or because it
    /// took too long.
    pub fn wait(mut self) -> io::Result<Outcome> {
        tell("wait", 0, 0);
        let status = self.status(0)?.unwrap_or_default();
        if libc::WIFSIGNALED(status) {
            return match libc::WTERMSIG(status) {
                libc::SIGBUS => Ok(Outcome::KilledBy("SIGBUS")),
                libc::SIGKILL => Ok(Outcome::KilledBy("SIGKILL")),
                libc::SIGSEGV => Ok(Outcome::KilledBy("SIGSEGV")),
                libc::SIGALRM => Err(io::Error::other(format!(
                    "a child process took longer than {SECONDS} seconds"
                ))),
                signal => Err(io::Error::other(format!(
                    "a child process was killed by signal {signal}"
                ))),
            };
        }
        match libc::WEXITSTATUS(status) {
            0 => Ok(Outcome::Survived),
            NO_INSTRUCTION => Err(errors::lacking("an instruction for this processor")),
            PANICKED => Err(io::Error::other("a child process panicked")),
            status => Err(io::Error::other(format!(
                "a child process ended with status {status}"
            ))),
        }
    }

    /// Kills it with SIGKILL, and waits for its end.
    ///
    /// # Errors
    /// As for [`Self::wait`].
    pub fn kill(self) -> io::Result<Outcome> {
        tell("kill", 0, 0);
        // SAFETY: it is a child of this process, and nobody has waited for it.
        if unsafe { libc::kill(self.process, libc::SIGKILL) } == -1 {
            return Err(io::Error::last_os_error());
        }
        self.wait()
    }

    /// Whether it has ended, without waiting for that.
    ///
    /// # Errors
    /// When that cannot be told.
    pub fn has_ended(&mut self) -> io::Result<bool> {
        Ok(self.status(libc::WNOHANG)?.is_some())
    }

    /// Waits until the child has set `flag`.
    ///
    /// # Errors
    /// When it ended without doing so.
    pub fn wait_for(&mut self, flag: &AtomicUsize) -> io::Result<()> {
        tell("wait_for", 0, 0);
        while flag.load(Ordering::Acquire) == 0 {
            if self.has_ended()? && flag.load(Ordering::Acquire) == 0 {
                return Err(io::Error::other("a child process ended too early"));
            }
            thread::yield_now();
        }
        Ok(())
    }

    /// The same, and makes sure that it has made no call that writes so far, so that what changed was stored. Looked at on
    /// Linux, as far as the kernel counts calls; taken for granted elsewhere.
    ///
    /// # Errors
    /// When it has; and as for [`Self::wait_for`].
    pub fn wait_for_stores(&mut self, flag: &AtomicUsize) -> io::Result<()> {
        self.wait_for(flag)?;
        #[cfg(target_os = "linux")]
        if kernel::write_calls_of(&self.process.to_string()).unwrap_or(0) > 0 {
            return Err(io::Error::other("a child process has written"));
        }
        Ok(())
    }

    fn status(&mut self, options: libc::c_int) -> io::Result<Option<libc::c_int>> {
        let mut status = 0;
        while self.status.is_none() {
            // SAFETY: `status` outlives the call.
            match unsafe { libc::waitpid(self.process, &mut status, options) } {
                0 => break,
                -1 => {
                    let error = io::Error::last_os_error();
                    if error.raw_os_error() == Some(libc::ECHILD) {
                        self.status = Some(0);
                        let why = "cannot see how a child process ended: SIGCHLD is ignored in this program";
                        return Err(io::Error::other(why));
                    }
                    if error.kind() != io::ErrorKind::Interrupted {
                        return Err(error);
                    }
                }
                _ => self.status = Some(status),
            }
        }
        Ok(self.status)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Asked before it is killed: where this program ignores SIGCHLD, or somebody else waited for every child, one that
        // has ended is gone already, and its number may be another process's.
        if let Ok(None) = self.status(libc::WNOHANG) {
            // SAFETY: the child is this process's own and has not ended, so the number is still its.
            unsafe { libc::kill(self.process, libc::SIGKILL) };
            _ = self.status(0);
        }
    }
}

/// Waits, in a child, until its parent has set `flag`. The parent's death or the alarm ends that, too.
pub fn wait_for_parent(flag: &AtomicUsize) {
    tell("wait_for_parent", 0, 0);
    while flag.load(Ordering::Acquire) == 0 {
        thread::yield_now();
    }
}

/// Numbers that a child and its parent share, all of them 0 at first.
pub struct Notes<const COUNT: usize>(*mut [AtomicUsize; COUNT]);

impl<const COUNT: usize> Notes<COUNT> {
    /// New numbers, for the children that are started from now on.
    ///
    /// # Errors
    /// When there is no memory for them.
    pub fn new() -> io::Result<Self> {
        let (access, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
        );
        let _aside = Aside::begin();
        // SAFETY: a new mapping at an address that the kernel chooses.
        let address = unsafe { libc::mmap(ptr::null_mut(), Self::SIZE, access, flags, -1, 0) };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Notes(address.cast()))
    }

    /// At least one byte: there is no mapping of nothing.
    const SIZE: usize = match size_of::<[AtomicUsize; COUNT]>() {
        0 => 1,
        size => size,
    };
}

impl<const COUNT: usize> Deref for Notes<COUNT> {
    type Target = [AtomicUsize; COUNT];

    fn deref(&self) -> &Self::Target {
        // SAFETY: the mapping is aligned to a page, large enough, and lives as long as `self`; zeros are valid numbers.
        unsafe { &*self.0 }
    }
}

impl<const COUNT: usize> Drop for Notes<COUNT> {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's own, and nothing borrows from it any more.
        unsafe { libc::munmap(self.0.cast(), Self::SIZE) };
    }
}

/// Two processes that do something over and over at the same time, so that what can go wrong between them does.
pub struct SideBySide(Notes<5>);

impl SideBySide {
    /// How often each has to see that the other went on between two steps of its own.
    const TURNS: usize = 1000;

    /// How often it has to see that at least, where others keep the processors busy, after this many seconds.
    const FEW_TURNS: usize = 10;
    const SECONDS: u64 = 3;

    /// Room for two processes, which are to be started from now on.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn new() -> io::Result<Self> {
        Notes::new().map(SideBySide)
    }

    /// Does `act` as one of the two, until both have seen enough of each other, and tells how often.
    ///
    /// On Linux each keeps to a processor of its own meanwhile, where there are two: on the same one they would take
    /// turns so rarely that hardly anything could go wrong between them.
    pub fn run(&self, act: impl Fn()) -> usize {
        let [first_process, first, second, first_done, second_done] = &*self.0;
        // SAFETY: it asks for a number.
        let me = unsafe { libc::getpid() } as usize;
        let joined = first_process.compare_exchange(0, me, Ordering::Relaxed, Ordering::Relaxed);
        let (mine, done, other, other_done) = match joined {
            Ok(_) => (first, first_done, second, second_done),
            Err(_) => (second, second_done, first, first_done),
        };
        #[cfg(target_os = "linux")]
        let _apart = KeptToOneProcessor::new(joined.is_ok());
        let started = Instant::now();
        let (mut times, mut seen, mut turns, mut since) = (0, 0, 0, 0);
        let mut needed = Self::TURNS;
        while turns < needed || other_done.load(Ordering::Acquire) == 0 {
            act();
            times += 1;
            since += 1;
            mine.store(times, Ordering::Release);
            let theirs = other.load(Ordering::Relaxed);
            if theirs != seen {
                (seen, turns, since) = (theirs, turns + 1, 0);
            }
            if since == 1000 {
                since = 0;
                thread::yield_now();
                let seconds = started.elapsed().as_secs();
                if seconds >= Self::SECONDS {
                    needed = Self::FEW_TURNS;
                }
                if seconds >= 10 * Self::SECONDS {
                    break;
                }
            }
            if turns >= needed {
                // Both must be done, each in a process of its own.
                done.store(me, Ordering::Release);
            }
        }
        times
    }

    /// Whether this process was one of the two.
    pub fn was_this_process(&self) -> bool {
        let done = [&self.0[3], &self.0[4]].map(|note| note.load(Ordering::Acquire));
        // SAFETY: it asks for a number.
        done.contains(&(unsafe { libc::getpid() } as usize))
    }

    /// How often both together have done it, after both have ended.
    ///
    /// # Errors
    /// When they were not two processes that went on side by side.
    pub fn both(&self) -> io::Result<usize> {
        let [_, first, second, first_done, second_done] =
            self.0.each_ref().map(|note| note.load(Ordering::Acquire));
        if first_done == 0 || second_done == 0 || first_done == second_done {
            return Err(io::Error::other("two processes did not run side by side"));
        }
        Ok(first + second)
    }
}

/// While it lives, this thread runs on one processor only.
#[cfg(target_os = "linux")]
struct KeptToOneProcessor {
    before: libc::cpu_set_t,
}

#[cfg(target_os = "linux")]
impl KeptToOneProcessor {
    /// Keeps to the first or the last of the processors that this thread may run on; nowhere, if that cannot be done.
    fn new(first: bool) -> Option<Self> {
        // SAFETY: the set is a plain number of bits, for which zeros are valid, and outlives the calls.
        unsafe {
            let mut before: libc::cpu_set_t = mem::zeroed();
            if libc::sched_getaffinity(0, size_of_val(&before), &mut before) != 0 {
                return None;
            }
            let mut allowed =
                (0..libc::CPU_SETSIZE as usize).filter(|at| libc::CPU_ISSET(*at, &before));
            let processor = if first {
                allowed.next()
            } else {
                allowed.next_back()
            }?;
            let mut one: libc::cpu_set_t = mem::zeroed();
            libc::CPU_SET(processor, &mut one);
            libc::sched_setaffinity(0, size_of_val(&one), &one);
            Some(KeptToOneProcessor { before })
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for KeptToOneProcessor {
    fn drop(&mut self) {
        // SAFETY: the set is this value's own.
        unsafe { libc::sched_setaffinity(0, size_of_val(&self.before), &self.before) };
    }
}

const PANICKED: libc::c_int = 101;
const NO_INSTRUCTION: libc::c_int = 102;

/// Whether [`read`] and [`write`] have an instruction for this processor.
const INSTRUCTION_KNOWN: bool = cfg!(any(
    target_arch = "x86",
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_arch = "arm",
    target_arch = "riscv32",
    target_arch = "riscv64",
    target_arch = "s390x",
));

/// Ends the child if it panics in spite of all, before it runs on as a second copy of its parent.
struct ExitOnUnwind;

impl Drop for ExitOnUnwind {
    fn drop(&mut self) {
        // SAFETY: it ends this child at once and runs nothing that it shares with its parent.
        unsafe { libc::_exit(PANICKED) }
    }
}

fn prepare_to_die() {
    let no_core = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: plain system calls about this process alone, with pointers to locals.
    unsafe {
        // Without the handlers that a runtime or a sanitizer installed, the signal is what ends the child.
        for signal in [
            libc::SIGSEGV,
            libc::SIGBUS,
            libc::SIGALRM,
            libc::SIGINT,
            libc::SIGTERM,
        ] {
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut none = mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &none, ptr::null_mut());
        libc::setrlimit(libc::RLIMIT_CORE, &no_core);
        #[cfg(target_os = "linux")]
        {
            // The limit does not hold for a core that is piped into a program.
            libc::prctl(libc::PR_SET_DUMPABLE, 0);
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        }
        libc::alarm(SECONDS);
    }
}
