//! Puts the approved snapshots, and the worlds beside them, where rustdoc and the program find them, without insta's header
//! or Markdown, and makes links to the lessons that are compiled on this system.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, error, fs, io};

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=snapshots");
    println!("cargo::rerun-if-changed=src/contents.rs");
    println!("cargo::rerun-if-changed=README.md");
    let mut page = String::from("macro_rules! page {\n");
    let mut all = String::from("/// Every approved snapshot, by the full name of its lesson.\n");
    all += "const SNAPSHOTS: &[(&str, &str)] = &[\n";
    let mut worlds = String::from("/// Every approved world, by the full name of its lesson.\n");
    worlds += "const WORLDS: &[(&str, World)] = &[\n";
    for file in files("snapshots")?.iter().flat_map(files).flatten() {
        let parts: Vec<_> = file.iter().filter_map(|part| part.to_str()).collect();
        let [_, chapter, lesson] = parts[..] else {
            continue;
        };
        let text = fs::read_to_string(&file)?.replace("\r\n", "\n");
        if let Some(lesson) = lesson.strip_suffix(".worlds.md") {
            for world in text.split("\n## ").skip(1) {
                writeln!(worlds, "    (\"{chapter}::{lesson}\", {}),", read(world))?;
            }
        }
        let Some(lesson) = lesson.strip_suffix(".snap") else {
            continue;
        };
        let seen = text.splitn(3, "---\n").nth(2).unwrap_or(&text).trim_end();
        let shown = format!("```text\n{seen}\n```");
        writeln!(page, "    ({chapter}::{lesson}) => {{ {shown:?} }};")?;
        writeln!(all, "    (\"{chapter}::{lesson}\", {seen:?}),")?;
    }
    page += "    ($chapter:ident::$lesson:ident) => {\n";
    page +=
        "        \"*No snapshot yet: `INSTA_UPDATE=always cargo test` writes it.*\"\n    };\n}\n";
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let (links, lists) = links()?;
    fs::write(out.join("page.rs"), page + &lists)?;
    fs::write(out.join("README.md"), front_page(&links)?)?;
    fs::write(out.join("links.md"), links)?;
    fs::write(out.join("snapshots.rs"), all + "];\n" + &worlds + "];\n")?;
    Ok(())
}

/// A world in Rust, made from its belief, the block with the edit and the block with what is shown then.
fn read(world: &str) -> String {
    let blocks: Vec<_> = world.split("\n```").collect();
    let block = |at: usize| blocks.get(at).and_then(|block| block.split_once('\n'));
    let lines = |sign: char| {
        let edit = block(1).map_or("", |(_, edit)| edit).lines();
        let lines = edit.filter_map(|line| line.strip_prefix(sign));
        let lines: Vec<_> = lines.map(|it| it.strip_prefix(' ').unwrap_or(it)).collect();
        lines.join("\n")
    };
    let belief = world.lines().next().unwrap_or_default();
    let shown = block(3).map_or("", |(_, shown)| shown);
    let (before, after) = (lines('-'), lines('+'));
    format!(
        "World {{ belief: {belief:?}, before: {before:?}, after: {after:?}, shown: {shown:?} }}"
    )
}

/// The README, with links that rustdoc can follow in place of those that lead to files.
fn front_page(links: &str) -> io::Result<String> {
    let mut page = fs::read_to_string("README.md")?;
    for link in links.lines() {
        let Some((name, target)) = link.split_once("`]: ") else {
            continue;
        };
        let name = name.trim_start_matches("[`");
        page = page.replace(&format!("](src/{name}.rs)"), &format!("]({target})"));
    }
    for name in ["questions", "from_python", "other_places"] {
        page = page.replace(
            &format!("](src/{name}.md)"),
            &format!("](mod@crate::{name})"),
        );
    }
    Ok(page)
}

/// A link for every chapter and lesson, to itself or, if this system does not have it, to the contents; and a macro with
/// those for a chapter's own list.
fn links() -> Result<(String, String), Box<dyn error::Error>> {
    const ABSENT: &str = "mod@crate::contents";
    let linux = env::var("CARGO_CFG_TARGET_OS")? == "linux";
    let wide = env::var("CARGO_CFG_TARGET_POINTER_WIDTH")? == "64";
    let family = env::var("CARGO_CFG_TARGET_FAMILY").unwrap_or_default();
    let (unix, windows) = (family == "unix", family == "windows");
    let is_here = |line: &str| match line.split(['[', ']']).nth(1).unwrap_or_default() {
        "linux" => linux,
        "linux64" => linux && wide,
        "unix" => unix,
        "windows" => windows,
        _ => true,
    };
    let (mut links, mut lists) = (String::new(), String::from("macro_rules! list {\n"));
    let source = fs::read_to_string("src/contents.rs")?;
    let table = source.split("\ncontents! {\n").nth(1).unwrap_or_default();
    let table = table.split("\n}\n").next().unwrap_or_default();
    for chapter in table.split("    }\n") {
        let mut lines = chapter.lines().map(str::trim);
        let head = lines.next().unwrap_or_default();
        let chapter = head.split(' ').next().unwrap_or_default();
        let lessons: Vec<_> = lines
            .filter_map(|line| Some((line.split_once(':')?.0, is_here(line))))
            .collect();
        let own = match lessons.iter().any(|(_, is_here)| *is_here) {
            true => format!("mod@crate::{chapter}"),
            false => ABSENT.to_owned(),
        };
        writeln!(links, "[`{chapter}`]: {own}")?;
        let mut list = String::new();
        for (name, is_here) in lessons {
            let target = match is_here {
                true => format!("crate::{chapter}::{name}"),
                false => ABSENT.to_owned(),
            };
            writeln!(links, "[`{chapter}::{name}`]: {target}")?;
            writeln!(list, "[`{name}`]: {target}")?;
        }
        writeln!(lists, "    ({chapter}) => {{ {list:?} }};")?;
    }
    Ok((links, lists + "}\n"))
}

/// What is in a folder, in order; nothing where there is no folder.
fn files(folder: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
    if !folder.as_ref().is_dir() {
        return Ok(Vec::new());
    }
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|file| Ok(file?.path()))
        .collect::<io::Result<_>>()?;
    files.sort();
    Ok(files)
}
