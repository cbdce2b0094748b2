//! The program: the lessons in a terminal, and the documents on files of one's own.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod program;

use std::env;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::panic;
use std::process::ExitCode;

use mmap_by_example::lab::panics;
use program::Failure;

fn main() -> ExitCode {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        if !panics::is_expected() {
            report(panicked);
        }
    }));
    let mut out = BufWriter::new(io::stdout().lock());
    let result = program::run(env::args_os(), &mut out);
    // What was shown before a failure belongs in front of its message.
    let flushed = out.flush().map_err(Failure::Output);
    match result.and_then(|status| flushed.map(|()| status)) {
        Ok(status) => status,
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => fail(1, &format!("cannot write: {error}")),
        Err(Failure::Place(message)) => fail(2, &message),
        Err(Failure::Lesson(error)) => fail(1, &error.to_string()),
        Err(Failure::Usage(message)) => {
            let help = program::command("--help");
            fail(2, &format!("{message}\nTry '{help}'."))
        }
    }
}

fn fail(status: u8, message: &str) -> ExitCode {
    // A standard error that is closed leaves nobody to tell.
    _ = writeln!(io::stderr(), "mmap-by-example: {message}");
    ExitCode::from(status)
}
