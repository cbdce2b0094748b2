//! The words in which lessons report: what they are equal to, and how they look on a page.

use std::io;

#[cfg(unix)]
use mmap_by_example::child::Outcome;
#[cfg(unix)]
use mmap_by_example::kernel::page_size;
#[cfg(unix)]
use mmap_by_example::observation::Place;
use mmap_by_example::observation::{Answer, Seen, Text};

fn page(observation: impl std::fmt::Debug) -> String {
    format!("{observation:#?}")
}

#[test]
fn text_equals_its_own_bytes_and_shows_them_escaped() {
    assert_eq!(Text(b"abc".to_vec()), "abc");
    assert_ne!(Text(b"abc".to_vec()), "abd");
    assert_ne!(Text(b"abc".to_vec()), "ab");
    assert_eq!(page(Text(b"a\"\r\n\0\xff".to_vec())), r#""a\"\r\n\x00\xff""#);
}

#[test]
fn an_answer_names_the_error() {
    assert_eq!(page(Answer::from(io::Result::Ok(1))), "Granted");
    let refused = Answer::from(io::Result::<()>::Err(io::ErrorKind::InvalidInput.into()));
    assert_eq!(page(refused), "Refused(InvalidInput)", "by its kind, where no system was asked");
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_of_the_system_names_its_error_as_the_manual_does() {
    // The numbers are those of Linux on most architectures; each name is a refusal that a lesson is about.
    let names =
        [(1, "EPERM"), (2, "ENOENT"), (9, "EBADF"), (11, "EAGAIN"), (12, "ENOMEM"), (13, "EACCES"), (16, "EBUSY")];
    for (number, name) in names.into_iter().chain([(19, "ENODEV"), (22, "EINVAL")]) {
        let refused = Answer::from(io::Result::<()>::Err(io::Error::from_raw_os_error(number)));
        assert_eq!(page(refused), format!("Refused({name})"));
    }
}

#[test]
fn what_is_lacking_says_what_and_how_it_was_refused() {
    let lacking = Seen::<()>::lacking("a thing", &io::ErrorKind::Unsupported.into());
    assert_eq!(page(lacking), "Lacking(\n    \"a thing: unsupported\",\n)");
    assert_eq!(page(Seen::Here(Text::default())), "\"\"", "what was seen shows as itself");
}

#[cfg(unix)]
#[test]
fn a_place_counts_from_the_nearest_page_boundary() {
    let page_size = page_size();
    assert_eq!(page(Place::from(0)), "0 pages");
    assert_eq!(page(Place::from(page_size)), "1 page");
    assert_eq!(page(Place::from(page_size + 1)), "1 page + 1 byte");
    assert_eq!(page(Place::from(2 * page_size - 3)), "2 pages - 3 bytes");
    assert_eq!(page(Place::from(page_size / 2)), format!("1 page - {} bytes", page_size / 2));
}

#[cfg(unix)]
#[test]
fn an_outcome_names_the_signal() {
    assert_eq!(page(Outcome::Survived), "Survived");
    assert_eq!(page(Outcome::KilledBy("SIGBUS")), "KilledBy(SIGBUS)");
}
