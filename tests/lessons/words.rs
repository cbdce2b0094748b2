//! The words in which lessons report: what they are equal to, and how they look in a snapshot.

use std::io;

#[cfg(unix)]
use mmap_by_example::lab::errors::{self, Naming, OrLacking};
use mmap_by_example::lab::observation::{Answer, Outcome, Text};
use mmap_by_example::lab::place::{Place, page_size};

fn shown(observation: impl std::fmt::Debug) -> String {
    format!("{observation:#?}")
}

#[test]
fn text_equals_its_own_bytes_and_shows_them_escaped() {
    assert_eq!(Text(b"abc".to_vec()), "abc");
    assert_ne!(Text(b"abc".to_vec()), "abd");
    assert_ne!(Text(b"abc".to_vec()), "ab");
    assert_eq!(
        shown(Text(b"a\"\r\n\0\xff".to_vec())),
        r#""a\"\r\n\x00\xff""#
    );
}

#[test]
fn an_answer_names_the_error() {
    assert_eq!(shown(Answer::from(io::Result::Ok(1))), "Granted");
    let refused = Answer::from(io::Result::<()>::Err(io::ErrorKind::InvalidInput.into()));
    assert_eq!(
        shown(refused),
        "Refused(InvalidInput)",
        "by its kind, where no system was asked"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_of_the_system_names_its_error_as_the_manual_does() {
    // The numbers are those of Linux on most architectures; each name is a refusal that a lesson is about.
    let names = [
        (1, "EPERM"),
        (2, "ENOENT"),
        (9, "EBADF"),
        (11, "EAGAIN"),
        (12, "ENOMEM"),
        (13, "EACCES"),
        (16, "EBUSY"),
    ];
    for (number, name) in names.into_iter().chain([(19, "ENODEV"), (22, "EINVAL")]) {
        let refused = Answer::from(io::Result::<()>::Err(io::Error::from_raw_os_error(number)));
        assert_eq!(shown(refused), format!("Refused({name})"));
    }
}

#[cfg(unix)]
#[test]
fn only_the_errors_that_mean_a_lack_count_as_one() {
    let refused = |code| io::Result::<()>::Err(io::Error::from_raw_os_error(code));
    let error = refused(libc::ENOSYS)
        .or_lacking("a thing", &[libc::ENOSYS, libc::EPERM])
        .unwrap_err();
    let what = errors::what_is_lacking(&error).expect("a lack");
    assert!(
        what.starts_with("a thing ("),
        "it says what and how it was refused: {what}"
    );
    let error = refused(libc::EINVAL)
        .or_lacking("a thing", &[libc::ENOSYS])
        .unwrap_err();
    assert_eq!(
        errors::what_is_lacking(&error),
        None,
        "a wrong call is no lack"
    );
    assert_eq!(errors::code(&error), Some(libc::EINVAL));
}

#[cfg(unix)]
#[test]
fn an_error_names_its_file_once_and_keeps_its_code() {
    let refused = io::Result::<()>::Err(io::Error::from_raw_os_error(libc::EACCES));
    let error = refused.naming("/a/file").naming("/a/file").unwrap_err();
    assert_eq!(error.to_string().matches("/a/file").count(), 1, "{error}");
    assert_eq!(errors::code(&error), Some(libc::EACCES));
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    let lacking = io::Result::<()>::Err(errors::lacking("a thing"))
        .naming("/a/file")
        .unwrap_err();
    assert_eq!(
        errors::what_is_lacking(&lacking),
        Some("a thing"),
        "a lack stays one"
    );
}

#[test]
fn a_place_counts_from_the_nearest_page_boundary() {
    let page_size = page_size();
    assert_eq!(shown(Place::from(0)), "0 pages");
    assert_eq!(shown(Place::from(page_size)), "1 page");
    assert_eq!(shown(Place::from(page_size + 1)), "1 page + 1 byte");
    assert_eq!(shown(Place::from(2 * page_size - 3)), "2 pages - 3 bytes");
    assert_eq!(
        shown(Place::from(page_size / 2)),
        format!("1 page - {} bytes", page_size / 2)
    );
}

#[test]
fn an_outcome_names_the_signal() {
    assert_eq!(shown(Outcome::Survived), "Survived");
    assert_eq!(shown(Outcome::KilledBy("SIGBUS")), "KilledBy(SIGBUS)");
}
