// SPDX-License-Identifier: Apache-2.0

//! The documents fit the repository: every crate has its row and its README, every page is
//! reachable, every link leads somewhere. Reads files only.

use cso_tests::repository;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path, PathBuf},
};

/// Folders whose Markdown is not ours to check.
const SKIPPED: [&str; 4] = ["target", "node_modules", ".git", ".venv"];

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The workspace's members, as the root `Cargo.toml` lists them.
fn members() -> BTreeSet<String> {
    let manifest = read(&repository().join("Cargo.toml"));
    let (_, rest) = manifest.split_once("members = [").expect("a workspace has members");
    let (list, _) = rest.split_once(']').expect("a list ends");
    let members: BTreeSet<_> =
        list.split('"').skip(1).step_by(2).map(|member| member.to_owned()).collect();
    assert!(members.contains("tests"), "this crate is a member, so the list was misread: {list}");
    members
}

/// The folders in the first column of architecture.md's table of rooms, with what is said of each.
fn rooms() -> BTreeMap<String, String> {
    let page = read(&repository().join("docs/architecture.md"));
    let (_, rest) = page.split_once("\n## The rooms\n").expect("a chapter on the rooms");
    let chapter = rest.split("\n## ").next().expect("a chapter");
    let rooms: BTreeMap<_, _> = chapter
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|');
            let folder = cells.next()?.trim().strip_suffix('`')?;
            Some((folder.to_owned(), cells.next()?.trim().to_owned()))
        })
        .collect();
    assert!(rooms.len() > 10, "the table was misread: {rooms:?}");
    rooms
}

/// All Markdown files of the repository, relative to its root.
fn pages() -> BTreeSet<PathBuf> {
    let mut pages = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = repository().join(&folder);
        let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        for entry in entries.map(|entry| entry.expect("an entry can be read")) {
            let name = entry.file_name().into_string().expect("names are text");
            let kind = entry.file_type().expect("an entry has a kind");
            if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
                folders.push(folder.join(name));
            } else if kind.is_file() && name.ends_with(".md") {
                pages.insert(folder.join(name));
            }
        }
    }
    assert!(pages.contains(Path::new("README.md")), "{pages:?}");
    pages
}

/// Where the links of a page lead within the repository: each as it is written, and as a path from
/// the root. Links to other sites and within the page are left out, and so is code.
fn links(page: &Path) -> Vec<(String, PathBuf)> {
    let text = read(&repository().join(page));
    let mut prose = String::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            prose.extend(line.split('`').step_by(2).flat_map(|part| [part, "`"]));
            prose.push('\n');
        }
    }
    let folder = page.parent().expect("a page lies in a folder");
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next())
        .filter(|link| !link.contains("://") && !link.starts_with(['#', '<']))
        .map(|link| {
            let path = link.split('#').next().expect("a first part");
            (link.to_owned(), normal(&folder.join(path)))
        })
        .collect()
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(normal.pop(), "{} leaves the tree", path.display()),
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

#[test]
fn every_member_of_the_workspace_has_a_row_among_the_rooms() {
    let rooms = rooms();
    let missing: Vec<_> = members().into_iter().filter(|it| !rooms.contains_key(it)).collect();
    assert!(missing.is_empty(), "docs/architecture.md has no row for {missing:?}");
}

#[test]
fn every_member_of_the_workspace_has_a_readme() {
    let readme = |member: &String| repository().join(member).join("README.md");
    let missing: Vec<_> = members().into_iter().filter(|it| !readme(it).is_file()).collect();
    assert!(missing.is_empty(), "no README.md in {missing:?}");
}

#[test]
fn every_room_exists_and_says_what_it_is_for() {
    for (folder, purpose) in rooms() {
        assert!(repository().join(&folder).is_dir(), "docs/architecture.md: no folder {folder}");
        assert!(purpose.len() > 10, "docs/architecture.md: what is {folder} for?");
    }
}

#[test]
fn every_page_of_the_documents_is_reachable_from_the_readme() {
    let mut reached = BTreeSet::new();
    let mut left = vec![PathBuf::from("README.md")];
    while let Some(page) = left.pop() {
        if reached.insert(page.clone()) {
            let next = links(&page).into_iter().map(|(_, path)| path);
            left.extend(next.filter(|path| path.extension().is_some_and(|it| it == "md")));
        }
    }
    let top = |page: &Path| page.starts_with("docs") || page.components().count() == 1;
    let lost: Vec<_> =
        pages().into_iter().filter(|page| top(page) && !reached.contains(page)).collect();
    assert!(lost.is_empty(), "no way of links leads from README.md to {lost:?}");
}

#[test]
fn every_relative_link_leads_to_a_file() {
    let mut broken = Vec::new();
    let mut found = 0;
    for page in pages() {
        for (link, path) in links(&page) {
            found += 1;
            if !repository().join(&path).exists() {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(found > 20, "only {found} links were found");
    assert!(broken.is_empty(), "links to nowhere: {broken:#?}");
}

/// Rust files of the libraries, with their text.
fn library_sources() -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![repository().join("crates")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
        for entry in entries.map(|entry| entry.expect("an entry can be read")) {
            let path = entry.path();
            let name = entry.file_name().into_string().expect("names are text");
            if path.is_dir() && !["tests", "fuzz", "target", "oracles"].contains(&name.as_str()) {
                folders.push(path);
            } else if name.ends_with(".rs") {
                sources.push((path.clone(), read(&path)));
            }
        }
    }
    assert!(sources.len() > 200, "only {} sources were found", sources.len());
    sources
}

#[test]
fn public_errors_can_grow() {
    let mut closed = Vec::new();
    for (path, text) in library_sources() {
        let lines: Vec<_> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let Some(rest) = line.strip_prefix("pub enum ") else {
                continue;
            };
            let name: String = rest.chars().take_while(|letter| letter.is_alphanumeric()).collect();
            if !name.ends_with("Error") && !name.ends_with("Refusal") {
                continue;
            }
            // The attributes stand between the item and its documentation.
            let attributes =
                lines[..number].iter().rev().take_while(|line| !line.starts_with("//"));
            if !attributes.into_iter().any(|line| line.contains("non_exhaustive")) {
                closed.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert!(closed.is_empty(), "#[non_exhaustive] is missing: {closed:#?}");
}
