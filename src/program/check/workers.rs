//! A few threads, each of which waits for the process of one lesson; and the clock that ends what takes too long.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use mmap_by_example::contents::Lesson;

use crate::program::Failure;
use crate::program::check::attempt::{self, Finding};

/// How many lessons run at a time.
const AT_A_TIME: usize = 4;

/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(50);

/// How long a process that was killed may take to end.
const PATIENCE: Duration = Duration::from_secs(2);

/// No lesson prints as much.
const LONGEST: u64 = 1 << 20;

/// The processes that were started and not yet waited for: their numbers are still theirs while this is locked.
static RUNNING: Mutex<Running> = Mutex::new(Running {
    stopped: false,
    starting: Vec::new(),
    processes: Vec::new(),
});

struct Running {
    stopped: bool,
    /// The numbers of the lessons whose processes are just being started, and since when. Where the program itself is on
    /// a file system that hangs, that may last, so nobody holds the lock meanwhile.
    starting: Vec<(usize, Instant)>,
    processes: Vec<Process>,
}

struct Process {
    at: usize,
    child: Child,
    started: Instant,
    killed: Option<Instant>,
}

fn running() -> MutexGuard<'static, Running> {
    // Nothing panics while it is locked; and if it did, what it holds is still what runs.
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts no more processes, ends those that run, and waits for their end.
pub fn stop() {
    let mut running_now = running();
    running_now.stopped = true;
    for process in &mut running_now.processes {
        process.kill();
    }
    drop(running_now);
    let start = Instant::now();
    while !running().is_idle() && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(1));
    }
}

impl Running {
    fn is_idle(&self) -> bool {
        self.processes.is_empty() && self.starting.is_empty()
    }
}

impl Process {
    fn kill(&mut self) {
        #[cfg(unix)]
        if let Ok(group) = libc::pid_t::try_from(self.child.id()) {
            // SAFETY: a plain system call. The process was not waited for, so its group is still its.
            unsafe { libc::kill(-group, libc::SIGKILL) };
        }
        // It may have ended by itself.
        _ = self.child.kill();
        self.killed.get_or_insert_with(Instant::now);
    }
}

/// What the threads share.
struct Work {
    lessons: Vec<&'static Lesson>,
    folder: PathBuf,
    next: AtomicUsize,
}

pub struct Workers {
    work: Arc<Work>,
    limit: Duration,
    tell: Sender<(usize, Finding)>,
    told: Receiver<(usize, Finding)>,
}

impl Workers {
    /// Starts trying `lessons`, with their samples in `folder`.
    pub fn start(lessons: &[&'static Lesson], folder: &Path, limit: Duration) -> Workers {
        let work = Work {
            lessons: lessons.to_vec(),
            folder: folder.to_owned(),
            next: AtomicUsize::new(0),
        };
        let (tell, told) = mpsc::channel();
        Workers {
            work: Arc::new(work),
            limit,
            tell,
            told,
        }
    }

    /// Hands over each finding, with the number of its lesson, as it comes.
    pub fn each(
        &self,
        mut take: impl FnMut(usize, Finding) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut threads = (0..AT_A_TIME).filter(|_| self.employ()).count();
        let mut missing = self.work.lessons.len();
        while missing > 0 {
            if threads == 0 {
                // Not one thread can be started: then this one does it, without a clock.
                threads = 1;
                work(&self.work, &self.tell);
            }
            match self.told.recv_timeout(TICK) {
                Ok((at, finding)) => {
                    missing -= 1;
                    take(at, finding)?;
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            for at in self.end_what_takes_too_long() {
                // Its thread still waits, so another takes its place.
                self.employ();
                missing -= 1;
                let why = "its process did not end in the time that it had, and cannot be killed";
                take(at, Finding::Ended(why.to_owned()))?;
            }
        }
        Ok(())
    }

    fn employ(&self) -> bool {
        let (shared, tell) = (Arc::clone(&self.work), self.tell.clone());
        let builder = thread::Builder::new().stack_size(256 << 10);
        builder.spawn(move || work(&shared, &tell)).is_ok()
    }

    /// The lessons whose processes do not even end when they are killed, or do not start.
    fn end_what_takes_too_long(&self) -> Vec<usize> {
        let mut running = running();
        for process in &mut running.processes {
            if process.killed.is_none() && process.started.elapsed() > self.limit {
                process.kill();
            }
        }
        let is_stuck = |process: &Process| {
            process
                .killed
                .is_some_and(|killed| killed.elapsed() > PATIENCE)
        };
        let stuck = running.processes.iter().filter(|it| is_stuck(it));
        let stuck: Vec<usize> = stuck.map(|it| it.at).collect();
        running.processes.retain(|it| !is_stuck(it));
        let is_late = |(_, since): &(usize, Instant)| since.elapsed() > self.limit + PATIENCE;
        let late = running.starting.iter().filter(|it| is_late(it));
        let late: Vec<usize> = late.map(|(at, _)| *at).collect();
        running.starting.retain(|it| !is_late(it));
        [stuck, late].concat()
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        stop();
    }
}

/// Takes one lesson after another.
fn work(work: &Work, tell: &Sender<(usize, Finding)>) {
    loop {
        let at = work.next.fetch_add(1, Ordering::Relaxed);
        let Some(lesson) = work.lessons.get(at) else {
            return;
        };
        let finding = attempt::without_trying(lesson).or_else(|| attempt(at, lesson, &work.folder));
        let Some(finding) = finding else { return };
        // Where nobody listens any more, there is nothing left to do.
        if tell.send((at, finding)).is_err() {
            return;
        }
    }
}

/// Runs the process of a lesson; `None` when it was given up, or everything is to stop.
fn attempt(at: usize, lesson: &Lesson, folder: &Path) -> Option<Finding> {
    let mut stdout = loop {
        {
            let mut running = running();
            if running.stopped {
                return None;
            }
            running.starting.push((at, Instant::now()));
        }
        let child = attempt::start(lesson, folder);
        let mut running = running();
        let starting = running.starting.len();
        running.starting.retain(|(it, _)| *it != at);
        let given_up = running.starting.len() == starting;
        match child {
            Ok(mut child) => {
                let stdout = child.stdout.take();
                let mut process = Process {
                    at,
                    child,
                    started: Instant::now(),
                    killed: None,
                };
                if given_up {
                    process.kill();
                    _ = process.child.wait();
                    return None;
                }
                if running.stopped {
                    process.kill();
                }
                running.processes.push(process);
                break stdout?;
            }
            Err(_) if given_up => return None,
            Err(error) if running.is_idle() => {
                let why = format!("its process cannot be started: {error}");
                return Some(Finding::NotTried(why));
            }
            // There may be enough for it as soon as another has ended.
            Err(_) => {}
        }
        drop(running);
        thread::sleep(Duration::from_millis(1));
    };
    let mut printed = Vec::new();
    // What cannot be read was not told: the process is judged by its end.
    _ = stdout.by_ref().take(LONGEST).read_to_end(&mut printed);
    drop(stdout);
    let status = ended(at)?;
    Some(attempt::judge(lesson, &printed, status))
}

/// Waits for the end of a process that told everything. `Some(None)` where it was killed for taking too long.
fn ended(at: usize) -> Option<Option<ExitStatus>> {
    loop {
        let mut running = running();
        let place = running.processes.iter().position(|it| it.at == at)?;
        let process = running.processes.get_mut(place)?;
        match process.child.try_wait() {
            Ok(None) => {}
            Ok(Some(status)) => {
                let killed = running.processes.swap_remove(place).killed.is_some();
                let stopped = running.stopped;
                return (!stopped).then_some((!killed).then_some(status));
            }
            Err(_) => {
                // Whoever started this program had SIGCHLD ignored: how it ended cannot be seen.
                running.processes.swap_remove(place);
                return Some(Some(ExitStatus::default()));
            }
        }
        drop(running);
        thread::sleep(Duration::from_micros(200));
    }
}
