//! The experiments: what is done, by which ways, and what is counted.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use memmap2::{Mmap, MmapOptions};
use mmap_by_example::lab::errors::Naming;
use mmap_by_example::lab::place::page_size;

use crate::program::measure::comparison::{Case, Clock, Experiment, Ran, Way, compare};
use crate::program::measure::machine::{self, Advice};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
/// What a pass by `read` reads at once, and what a pass by map sums at once.
const BUFFER: usize = 64 * KIB;

/// A file to measure with.
pub struct Sample {
    path: PathBuf,
    pub file: File,
    /// How much of it is used.
    pub length: usize,
}

impl Sample {
    /// Writes a file of the program's own, `chunk` bytes at a time.
    pub fn written(path: PathBuf, length: usize, chunk: usize) -> io::Result<Sample> {
        let mut options = File::options();
        let file = options
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .naming(&path);
        Sample::filled(path, file?, length, chunk)
    }

    fn filled(path: PathBuf, mut file: File, length: usize, chunk: usize) -> io::Result<Sample> {
        // Numbers that no file system can make smaller.
        let (mut state, mut block) = (length as u64, vec![0; chunk]);
        let mut left = length;
        while left > 0 {
            for word in block.chunks_mut(8) {
                state = next(state);
                let bytes = (state ^ (state >> 29)).to_le_bytes();
                word.copy_from_slice(&bytes[..word.len()]);
            }
            let now = left.min(chunk);
            file.write_all(&block[..now]).naming(&path)?;
            left -= now;
        }
        Ok(Sample { path, file, length })
    }

    /// The user's file, of which at most `limit` bytes are used.
    ///
    /// # Safety
    /// Nobody may write to the file or make it shorter as long as it is measured.
    pub unsafe fn of_the_user(path: &Path, limit: usize) -> io::Result<Sample> {
        let file = File::open(path).naming(path)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        Ok(Sample {
            path: path.to_owned(),
            file,
            length: length.min(limit),
        })
    }

    /// A handle that knows nothing of earlier reads.
    fn open(&self) -> io::Result<File> {
        File::open(&self.path).naming(&self.path)
    }

    pub fn map(&self) -> io::Result<Mmap> {
        self.map_by(&self.file)
    }

    fn map_by(&self, file: &File) -> io::Result<Mmap> {
        // SAFETY: either the file is the program's own, in a folder that only its user may enter, and nothing is written
        // to it once it is made; or the caller of `of_the_user` has promised as much.
        unsafe { MmapOptions::new().len(self.length).map(file) }.naming(&self.path)
    }

    pub fn evict(&self) -> io::Result<bool> {
        machine::evict(&self.file, || self.map())
    }

    fn remove(self) {
        // What is left is removed with its folder.
        _ = fs::remove_file(&self.path);
    }
}

/// The generator of every number here.
fn next(state: u64) -> u64 {
    let state = state.wrapping_mul(6_364_136_223_846_793_005);
    state.wrapping_add(1_442_695_040_888_963_407)
}

/// The loop of every pass: adds up the bytes, eight at a time.
#[inline(never)]
fn sum(bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(8);
    let rest = words.remainder().iter().map(|byte| u64::from(*byte));
    let rest = rest.fold(0, u64::wrapping_add);
    words
        .map(|word| number(word, 0))
        .fold(rest, u64::wrapping_add)
}

/// The eight bytes at `at` as a number; 0 past the end.
fn number(bytes: &[u8], at: usize) -> u64 {
    let word = bytes.get(at..at + 8).and_then(|word| word.try_into().ok());
    word.map_or(0, u64::from_le_bytes)
}

fn pass_over(bytes: &[u8]) -> u64 {
    bytes
        .chunks(BUFFER)
        .fold(0, |total, part| total.wrapping_add(black_box(sum(part))))
}

fn pass_by_read(file: &File, length: usize, buffer: &mut [u8]) -> io::Result<Ran> {
    let (mut ran, mut left) = (Ran::default(), length);
    let mut file = file.take(length as u64);
    while left > 0 {
        // A read gives fewer bytes than were asked for only at the end; were it otherwise, the sums would differ.
        let count = file.read(buffer)?;
        if count == 0 {
            let message = "the file became shorter while it was measured";
            return Err(io::Error::new(ErrorKind::UnexpectedEof, message));
        }
        ran.calls += 1;
        ran.sum = ran.sum.wrapping_add(black_box(sum(&buffer[..count])));
        left -= count;
    }
    Ok(ran)
}

/// The loop of all random looks: `count` of them, at places that are the same for every way.
fn looks(
    length: usize,
    count: u64,
    mut look: impl FnMut(usize) -> io::Result<u64>,
) -> io::Result<u64> {
    let words = (length / 8) as u128;
    let (mut state, mut total) = (1, 0_u64);
    for _ in 0..count {
        state = next(state);
        let at = ((u128::from(state) * words) >> 64) as usize * 8;
        total = total.wrapping_add(black_box(look(at)?));
    }
    Ok(total)
}

fn looks_by_read(file: &File, length: usize, count: u64) -> io::Result<Ran> {
    let sum = looks(length, count, |at| {
        let mut word = [0; 8];
        machine::read_at(file, &mut word, at as u64)?;
        Ok(u64::from_le_bytes(word))
    })?;
    Ok(Ran { sum, calls: count })
}

fn looks_by_page(file: &File, length: usize, count: u64, page: &mut [u8]) -> io::Result<Ran> {
    let size = page.len();
    let sum = looks(length, count, |at| {
        let start = at / size * size;
        let page = &mut page[..size.min(length - start)];
        machine::read_at(file, page, start as u64)?;
        Ok(number(page, at - start))
    })?;
    Ok(Ran { sum, calls: count })
}

fn looks_by_map(map: &Mmap, count: u64) -> io::Result<Ran> {
    let sum = looks(map.len(), count, |at| Ok(number(map, at)))?;
    Ok(Ran::alone(sum))
}

/// How long one look by `pread` takes, in seconds.
pub fn a_look(sample: &Sample) -> io::Result<f64> {
    let begun = Instant::now();
    let ran = looks_by_read(&sample.file, sample.length, 100_000)?;
    black_box(ran.sum);
    Ok(begun.elapsed().as_secs_f64() / ran.calls as f64)
}

/// How a length is said.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..KIB => format!("{bytes} bytes"),
        KIB..MIB => format!("{} KiB", bytes / KIB),
        _ => format!("{} MiB", bytes / MIB),
    }
}

/// How many pages there are to a look, or looks to a page.
fn density(looks: f64) -> String {
    if looks < 1.0 {
        format!("1/{}", 1.0 / looks)
    } else {
        looks.to_string()
    }
}

/// Random looks, few and many to a page. The map is made anew for each run.
pub fn looks_a_page(sample: &Sample, densities: &[f64], clock: &Clock) -> io::Result<Experiment> {
    let length = sample.length;
    let mut experiment = Experiment::new("nanoseconds a look", "looks a page", true);
    let mut page = vec![0; page_size()];
    for &looks in densities {
        let count = (length as f64 / page_size() as f64 * looks).ceil() as u64;
        // A small file is measured many times over, or the clock would be measured.
        let repeats = (2_000 / count.max(1)).clamp(1, 2_000);
        let repeated = |run: &mut dyn FnMut() -> io::Result<Ran>| -> io::Result<Ran> {
            let mut ran = Ran::default();
            for _ in 0..repeats {
                ran = ran.plus(run()?);
            }
            Ok(ran)
        };
        let ways: Vec<Way> = vec![
            (
                "pread 8 bytes".into(),
                Box::new(|| repeated(&mut || looks_by_read(&sample.file, length, count))),
            ),
            (
                "pread a page".into(),
                Box::new(|| {
                    repeated(&mut || looks_by_page(&sample.file, length, count, &mut page))
                }),
            ),
            (
                "map".into(),
                Box::new(|| repeated(&mut || looks_by_map(&sample.map()?, count))),
            ),
        ];
        let label = density(looks);
        let times = compare(
            ways,
            true,
            &mut || Ok(true),
            &format!("{label} looks a page"),
            clock,
        )?;
        experiment.add(Case {
            label,
            at: looks,
            per: (count * repeats) as f64,
            times,
        });
    }
    Ok(experiment)
}

/// Small and large files, each opened, read or mapped, added up, and closed.
pub fn sizes(folder: &Path, limit: usize, clock: &Clock) -> io::Result<Experiment> {
    let mut experiment = Experiment::new("microseconds a file", "file size", true);
    let folder = folder.join("sizes");
    let mut buffer = vec![0; BUFFER];
    for length in (0..8)
        .map(|step| KIB << (2 * step))
        .filter(|length| *length <= limit)
    {
        let count = (16 * MIB / length).clamp(2, 128);
        fs::create_dir(&folder).naming(&folder)?;
        let mut paths = Vec::new();
        for number in 0..count {
            let path = folder.join(number.to_string());
            paths.push(Sample::written(path, length, length.min(MIB))?.path);
        }
        let by_buffer = || {
            let mut ran = Ran::default();
            for path in &paths {
                let file = File::open(path)?;
                let there = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
                ran = ran.plus(pass_by_read(&file, there, &mut buffer)?);
            }
            Ok(ran)
        };
        let by_map = || {
            let mut ran = Ran::default();
            for path in &paths {
                let file = File::open(path)?;
                // SAFETY: the file is the program's own, in a folder that only its user may enter, and nothing is
                // written to it once it is made.
                let map = unsafe { Mmap::map(&file)? };
                ran = ran.plus(Ran::alone(pass_over(&map)));
            }
            Ok(ran)
        };
        let by_fs_read = || {
            let mut ran = Ran::default();
            for path in &paths {
                ran = ran.plus(Ran::alone(pass_over(&fs::read(path)?)));
            }
            Ok(ran)
        };
        let ways: Vec<Way> = vec![
            ("kept buffer".into(), Box::new(by_buffer)),
            ("fs::read".into(), Box::new(by_fs_read)),
            ("map".into(), Box::new(by_map)),
        ];
        let label = size(length);
        let times = compare(
            ways,
            true,
            &mut || Ok(true),
            &format!("files of {label}"),
            clock,
        )?;
        experiment.add(Case {
            label,
            at: length as f64,
            per: 1e3 * count as f64,
            times,
        });
        fs::remove_dir_all(&folder).naming(&folder)?;
    }
    Ok(experiment)
}

/// One pass over the whole of it, by read and by map, over what is in the cache.
pub fn pass(sample: &Sample, label: &str, at: f64, clock: &Clock) -> io::Result<Case> {
    let repeats = (MIB / sample.length.max(1)).clamp(1, 1_000);
    let mut buffer = vec![0; BUFFER];
    let by_read = || {
        let mut ran = Ran::default();
        for _ in 0..repeats {
            let file = sample.open()?;
            ran = ran.plus(pass_by_read(&file, sample.length, &mut buffer)?);
        }
        Ok(ran)
    };
    let by_map = || {
        let mut ran = Ran::default();
        for _ in 0..repeats {
            let map = sample.map_by(&sample.open()?)?;
            ran = ran.plus(Ran::alone(pass_over(&map)));
        }
        Ok(ran)
    };
    let ways: Vec<Way> = vec![
        ("read".into(), Box::new(by_read)),
        ("map".into(), Box::new(by_map)),
    ];
    let times = compare(ways, true, &mut || Ok(true), label, clock)?;
    Ok(Case {
        label: label.to_owned(),
        at,
        per: 1e6 * repeats as f64,
        times,
    })
}

/// Gets the file into the cache a page at a time, in random order; `false` when it took too long.
fn single_pages(sample: &Sample, clock: &Clock) -> io::Result<bool> {
    let file = sample.open()?;
    machine::reads_single_pages(&file)?;
    let (pages, limit) = (
        sample.length / page_size(),
        Instant::now() + Duration::from_secs(4),
    );
    let mut page = 1_usize;
    for step in 0..pages {
        // Every page once: this visits all numbers below a power of two.
        page = page.wrapping_mul(0xDEEC_E66D).wrapping_add(11) & (pages - 1);
        machine::read_at(&file, &mut [0; 8], (page * page_size()) as u64)?;
        if step % 64 == 0 && (Instant::now() > limit || clock.is_over()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One pass over the same bytes, after each of six ways to get them into the cache.
pub fn how_it_came(folder: &Path, length: usize, clock: &Clock) -> io::Result<Experiment> {
    let mut experiment = Experiment::new("milliseconds a pass", "came into the cache", false);
    let at = || folder.join("pass");
    let mut left_out = Vec::new();
    let mut try_it =
        |label: &str, sample: &Sample, experiment: &mut Experiment| -> io::Result<()> {
            let complete = || Ok(machine::cached(&sample.map()?).is_none_or(|share| share > 0.99));
            let before: io::Result<bool> = complete();
            let number = experiment.cases.len() as f64;
            let case = pass(sample, label, number, clock)?;
            // The system may take pages back at any time, and then this was another experiment.
            if before? && complete()? {
                experiment.add(case);
            } else {
                left_out.push(format!("{label}: it did not stay in the cache"));
            }
            Ok(())
        };
    let sample = Sample::written(at(), length, 4 * KIB)?;
    try_it("written, 4 KiB at a time", &sample, &mut experiment)?;
    sample.remove();
    let sample = Sample::written(at(), length, MIB)?;
    try_it("written, 1 MiB at a time", &sample, &mut experiment)?;
    let mut reason = None;
    if sample.evict()? {
        pass_by_read(&sample.open()?, length, &mut vec![0; BUFFER])?;
        try_it("read in order", &sample, &mut experiment)?;
        if sample.evict()? {
            black_box(pass_over(&sample.map_by(&sample.open()?)?));
            try_it("mapped in order", &sample, &mut experiment)?;
        }
        if sample.evict()? && single_pages(&sample, clock)? {
            try_it("single pages, any order", &sample, &mut experiment)?;
        } else {
            reason = Some("single pages: reading them took too long".to_owned());
        }
    } else {
        reason = Some("read and mapped: pages do not leave the cache here".to_owned());
    }
    sample.remove();
    match machine::file_in_memory() {
        Ok((path, file)) => {
            let sample = Sample::filled(path, file, length, MIB)?;
            try_it("written to a tmpfs", &sample, &mut experiment)?;
        }
        Err(error) => left_out.push(format!("tmpfs: {error}")),
    }
    left_out.extend(reason);
    experiment.left_out.extend(left_out);
    Ok(experiment)
}

/// One pass, and single looks, over what is not in the cache; or why not.
pub fn not_in_the_cache(
    folder: &Path,
    length: usize,
    clock: &Clock,
) -> io::Result<Result<[Experiment; 2], String>> {
    let sample = Sample::written(folder.join("cold"), length, MIB)?;
    if !sample.evict()? {
        let reason = if cfg!(target_os = "linux") {
            "here the system keeps a file's pages in memory when it is told to forget them"
        } else {
            "only on Linux is it known here how to see whether a page is in the cache"
        };
        return Ok(Err(reason.to_owned()));
    }
    // How long one look takes decides how many there are.
    let file = sample.open()?;
    machine::reads_single_pages(&file)?;
    let start = Instant::now();
    looks_by_read(&file, length, 32)?;
    let one = start.elapsed().as_secs_f64() / 32.0;
    let fitting = |seconds: f64, least: usize, most: usize| {
        ((seconds / one.max(1e-7)) as usize).clamp(least, most)
    };
    let passed = fitting(0.4, 1, 1 << 20) * page_size();
    let passed = MIB << passed.clamp(4 * MIB, 32 * MIB).ilog2() >> 20;
    let too_slow = one * (4 * MIB / page_size()) as f64 > 0.6;
    let count = fitting(0.05, 32, 1_000) as u64;
    // A file of that length, or the system would read ahead past what is measured.
    let path = folder.join("pass");
    let part = Sample::written(path, passed.min(length), MIB)?;

    let mut once = Experiment::new("milliseconds a pass", "way", false);
    let mut buffer = vec![0; BUFFER];
    let mut ways: Vec<Way> = vec![(
        "read".into(),
        Box::new(|| pass_by_read(&part.open()?, part.length, &mut buffer)),
    )];
    let mut single = Experiment::new("microseconds a look", "way", false);
    let mut looking: Vec<Way> = vec![(
        "pread 8 bytes".into(),
        Box::new(|| looks_by_read(&sample.open()?, length, count)),
    )];
    if cfg!(target_os = "linux") {
        looking.push((
            "pread, Random".into(),
            Box::new(|| {
                let file = sample.open()?;
                machine::reads_single_pages(&file)?;
                looks_by_read(&file, length, count)
            }),
        ));
    }
    for (name, advice) in machine::ADVICE {
        // An advice that is refused changes nothing, and a time under its name would be another's.
        if let Err(error) = machine::advise(&sample.map()?, advice) {
            let reason = format!("{name}: refused ({error})");
            once.left_out.push(reason.clone());
            single.left_out.push(reason);
            continue;
        }
        // `advise` may have brought pages in; each run evicts them first.
        if too_slow && matches!(advice, Some(Advice::Random)) {
            once.left_out
                .push(format!("{name}: it would take too long"));
        } else {
            ways.push((
                name.into(),
                Box::new({
                    let part = &part;
                    move || {
                        let map = part.map_by(&part.open()?)?;
                        machine::advise(&map, advice)?;
                        Ok(Ran::alone(pass_over(&map)))
                    }
                }),
            ));
        }
        looking.push((
            name.into(),
            Box::new({
                let sample = &sample;
                move || {
                    let map = sample.map_by(&sample.open()?)?;
                    machine::advise(&map, advice)?;
                    looks_by_map(&map, count)
                }
            }),
        ));
    }
    let mut evict = || sample.evict();
    let mut evict_part = || part.evict();
    let times = compare(
        ways,
        false,
        &mut evict_part,
        "a pass, not in the cache",
        clock,
    )?;
    once.add(Case {
        label: format!("one pass over {}", size(part.length)),
        at: 0.0,
        per: 1e6,
        times,
    });
    let times = compare(looking, false, &mut evict, "looks, not in the cache", clock)?;
    let label = format!("{count} looks in {}", size(length));
    single.add(Case {
        label,
        at: 0.0,
        per: 1e3 * count as f64,
        times,
    });
    sample.remove();
    Ok(Ok([once, single]))
}
