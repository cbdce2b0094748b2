//! The search document answers what CPython's `re` answers.
//!
//! The answers were taken from CPython 3.11.7: the offset and bytes of group 2 for every match that `re.finditer` found
//! over an `mmap` object, with `re.DOTALL | re.IGNORECASE | re.MULTILINE`. (It cannot map an empty file: that row is
//! what it answers over `b""`.)

use std::io;

use mmap_by_example::sample::Sample;
use mmap_by_example::search;

type Answers = &'static [(usize, &'static [u8])];

const ANSWERS: &[(&[u8], Answers)] = &[
    (b"", &[]),
    (b"nulla", &[]),
    (b"nulla.", &[(0, b"nulla.")]),
    (b"Nulla.", &[(0, b"Nulla.")]),
    (b"nullA. x", &[(0, b"nullA.")]),
    (b"xnulla.", &[(0, b"xnulla.")]),
    (b"..nulla.", &[(2, b"nulla.")]),
    (b". nulla.", &[(2, b"nulla.")]),
    (b".nulla.", &[(1, b"nulla.")]),
    (b"a. nulla b. nulla c.", &[(3, b"nulla b."), (11, b" nulla c.")]),
    (b"a. nulla b.\r\nNULLA c.\r\n", &[(3, b"nulla b."), (12, b"\nNULLA c.")]),
    (b"\xffnulla.", &[(0, b"\xffnulla.")]),
    (b"\xff nulla\xff.", &[(1, b" nulla\xff.")]),
    (b".\xff\xfe nulla x.", &[(4, b"nulla x.")]),
    (b"\xc3\xa9 nulla \xc3\xa9. \xc3\xa9.", &[(2, b" nulla \xc3\xa9.")]),
    (b"x.\xc3\xa9 nulla.", &[(5, b"nulla.")]),
    (b"x. \xc3\xa9nulla.", &[(5, b"nulla.")]),
    (b"x.\xc3nulla.", &[(3, b"nulla.")]),
    (b"nulla\n\nnulla.", &[(0, b"nulla\n\nnulla.")]),
    (b"Sentence with nulla late. More.", &[(13, b" nulla late.")]),
    (b"nullanulla.", &[(0, b"nullanulla.")]),
    (b"nnulla.", &[(0, b"nnulla.")]),
    (b". nnulla.", &[(2, b"nnulla.")]),
    (b"._nulla.", &[(1, b"_nulla.")]),
    (b"._ nulla.", &[(2, b" nulla.")]),
    (b".\x00nulla\x00.\x00", &[(2, b"nulla\x00.")]),
    (b"a.\n\n  nulla b... nulla.", &[(6, b"nulla b."), (17, b"nulla.")]),
    (b"no stop nulla", &[]),
    (b"one. nulla one. two. nulla two", &[(5, b"nulla one.")]),
    (b"nul la. NULLANULLA.", &[(8, b"NULLANULLA.")]),
    (b".-.nulla.nulla.nulla.", &[(3, b"nulla."), (9, b"nulla."), (15, b"nulla.")]),
    (b"x.\xe2\x80\x9cNulla\xe2\x80\x9d.", &[(5, b"Nulla\xe2\x80\x9d.")]),
    (b"\xc5\xbfnulla. \xc5\xbf", &[(1, b"\xbfnulla.")]),
    (b"nuLla. K nulla.", &[(0, b"nuLla."), (8, b" nulla.")]),
    (b"\xa0.\xa0nulla.", &[(3, b"nulla.")]),
    (b". a nulla.", &[(3, b" nulla.")]),
    (b". an nulla.", &[(4, b" nulla.")]),
];

#[test]
fn search_answers_what_cpython_answers() -> io::Result<()> {
    for (bytes, expected) in ANSWERS {
        let sample = Sample::of(bytes)?;
        let seen = search::a_regular_expression_runs_over_the_mapped_bytes(sample.path())?;
        let seen: Vec<(usize, &[u8])> = seen.iter().map(|found| (found.offset, found.text.0.as_slice())).collect();
        assert_eq!(seen, *expected, "in \"{}\"", bytes.escape_ascii());
    }
    Ok(())
}
