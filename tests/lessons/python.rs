//! The page for programmers who come from Python is complete, and was tried out.

use std::collections::BTreeSet;
use std::fs;
use std::io;

use crate::root;

/// What a row begins with: the constructor's arguments, methods, attributes and constants of Python 3.15's `mmap` that
/// mean something here.
#[rustfmt::skip]
const IN_THE_TABLES: &[&str] = &[
    "mmap(fileno, 0)", "mmap(-1, length)", "length=", "offset=", "flags=", "prot=", "access=", "trackfd=", "tagname=",
    "m.close(", "m.closed", "m.find(", "m.flush(", "m.madvise(", "m.move(", "m.read(", "m.read_byte(", "m.readline(",
    "m.resize(", "m.rfind(", "m.seek(", "m.seekable(", "m.size(", "m.tell(", "m.write(", "m.write_byte(", "m._protect(",
    "len(m)", "m[i]", "m[i] = b", "m[a:b]", "m[a:b] = bytes", "m[a:b:c]", "for b in m", "b in m", "m == other",
    "del m[i]", "m + m", "m * 2", "with mmap(...) as m:", "__enter__", "__exit__", "__buffer__", "__release_buffer__",
    "re.search(pattern, m)", "repr(m)", "weakref.ref(m)", "sys.getsizeof(m)", "error",
    "ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY", "PAGESIZE", "ALLOCATIONGRANULARITY",
    "PROT_READ", "PROT_WRITE", "PROT_EXEC", "MAP_SHARED", "MAP_PRIVATE", "MAP_ANON", "MAP_ANONYMOUS", "MAP_POPULATE",
    "MAP_STACK", "MAP_NORESERVE", "MADV_NORMAL", "MADV_RANDOM", "MADV_SEQUENTIAL", "MADV_WILLNEED", "MADV_DONTNEED",
    "MADV_REMOVE", "MADV_DONTFORK", "MADV_DOFORK", "MADV_HWPOISON", "MADV_MERGEABLE", "MADV_UNMERGEABLE",
    "MADV_HUGEPAGE", "MADV_NOHUGEPAGE", "MADV_DONTDUMP", "MADV_DODUMP", "MADV_FREE", "MADV_FREE_REUSABLE",
    "MADV_FREE_REUSE", "MS_SYNC", "MS_ASYNC", "MS_INVALIDATE",
];

/// What has to be named outside the tables, as it has no counterpart.
#[rustfmt::skip]
const BESIDE_THE_TABLES: &[&str] = &[
    "m.set_name(name)", "MAP_32BIT", "MAP_ALIGNED_SUPER", "MAP_CONCEAL", "MAP_DENYWRITE", "MAP_EXECUTABLE",
    "MAP_HASSEMAPHORE", "MAP_JIT", "MAP_NOCACHE", "MAP_NOEXTEND", "MAP_RESILIENT_CODESIGN", "MAP_RESILIENT_MEDIA",
    "MAP_TPRO", "MAP_TRANSLATED_ALLOW_EXECUTE", "MAP_UNIX03", "MADV_SOFT_OFFLINE", "MADV_NOSYNC", "MADV_AUTOSYNC",
    "MADV_NOCORE", "MADV_CORE", "MADV_PROTECT",
];

#[test]
fn what_python_has_is_all_there_tried_out_and_linked_to_a_lesson() -> io::Result<()> {
    let page = fs::read_to_string(root().join("src/from_python.md"))?;
    let (mut text, mut examples, mut in_an_example) = (Vec::new(), String::new(), false);
    for line in page.lines().take_while(|line| !line.starts_with("<!--")) {
        match line.trim() {
            "```" => in_an_example = !in_an_example,
            _ if in_an_example => examples += line,
            _ => text.push(line.trim()),
        }
    }
    let (rows, prose): (Vec<&str>, Vec<&str>) = text.iter().partition(|line| line.starts_with('|'));

    let mut python = BTreeSet::new();
    for row in rows
        .iter()
        .filter(|row| !row.starts_with("| Python |") && !row.starts_with("| --- |"))
    {
        let row = row.replace(r"\|", BAR);
        let cells: Vec<&str> = row.split('|').collect();
        let ["", names, rust, difference, ""] = cells[..] else {
            panic!("three columns: {row}")
        };
        python.extend(code(names));
        assert!(
            code(rust).count() > 0 && difference.contains("See [") && difference.contains("][`"),
            "all filled: {row}"
        );
        for snippet in code(rust) {
            assert!(examples.contains(&snippet), "no example does {snippet}");
        }
    }
    for name in IN_THE_TABLES {
        let begins = |found: &String| name.ends_with(['(', '=']) && found.starts_with(name);
        assert!(
            python.iter().any(|found| found == name || begins(found)),
            "no row is about {name}"
        );
    }
    let prose = prose.join("\n");
    let prose: BTreeSet<String> = code(&prose).collect();
    for name in BESIDE_THE_TABLES {
        assert!(prose.contains(*name), "{name} is named beside the tables");
    }

    for row in &rows {
        assert!(
            !row.contains("](crate::"),
            "a link that only rustdoc can follow: {row}"
        );
    }
    Ok(())
}

/// Stands for a bar that separates no columns.
const BAR: &str = "\u{1}";

/// What stands in backticks.
fn code(text: &str) -> impl Iterator<Item = String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(|code| code.replace(BAR, "|"))
}
