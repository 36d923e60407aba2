// SPDX-License-Identifier: Apache-2.0
//! The files of a history: those that are named, and those in folders that are named, as servers
//! and apps export them.

use crate::input_file::read;
use anyhow::{bail, Context as _, Result};
use cso_clinical::fhir::{is_hidden, is_part, RecordFile, HEAD, MAX_RECORD_BYTES};
use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

/// Most files of one history: a bulk export has a few for each kind of resource.
const MAX_FILES: usize = 1000;

/// Folders in folders that are looked into.
const MAX_DEPTH: usize = 4;

/// A history that was read into memory.
pub(crate) struct RecordFiles {
    files: Vec<(String, Vec<u8>)>,
    passed_over: Vec<String>,
}

/// Files that were found.
#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    /// Those in folders that are no FHIR by their names and beginnings.
    passed_over: Vec<String>,
}

impl RecordFiles {
    /// Reads all files of all paths, in the order of their names.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Self> {
        let mut found = Found::default();
        for path in paths {
            match path.is_dir() {
                false => found.files.push(path.clone()),
                true => {
                    let before = found.files.len();
                    list(path, 0, &mut found)?;
                    if found.files.len() == before {
                        bail!(
                            "{} has no file of a record (.json, .ndjson or .zip)",
                            path.display()
                        );
                    }
                }
            }
        }
        let mut files = Vec::with_capacity(found.files.len());
        let mut room = MAX_RECORD_BYTES;
        for path in found.files {
            let bytes = read(&path, room)?;
            room -= bytes.len();
            files.push((path.display().to_string(), bytes));
        }
        Ok(Self { files, passed_over: found.passed_over })
    }

    /// The files in folders that weren't read.
    pub(crate) fn passed_over(&self) -> &[String] {
        &self.passed_over
    }

    pub(crate) fn files(&self) -> Vec<RecordFile<'_>> {
        self.files.iter().map(|(name, bytes)| RecordFile { name, bytes }).collect()
    }
}

/// Adds the files of a folder. Hidden ones are left out, and links to folders aren't followed.
fn list(folder: &Path, depth: usize, found: &mut Found) -> Result<()> {
    let cannot = || format!("can't read {}", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        entries.push(entry.with_context(cannot)?);
    }
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if is_hidden(&name) {
            continue;
        }
        if entry.file_type().with_context(cannot)?.is_dir() {
            if depth == MAX_DEPTH {
                bail!("{} lies in folders deeper than {MAX_DEPTH}; name it itself", path.display());
            }
            list(&path, depth + 1, found)?;
        } else if path.is_file() {
            if !name.to_lowercase().ends_with(".zip") && !is_part(&name, &head(&path)?) {
                found.passed_over.push(path.display().to_string());
                continue;
            }
            if found.files.len() == MAX_FILES {
                bail!(
                    "{} has more than {MAX_FILES} files of a record: put them into a zip",
                    folder.display()
                );
            }
            found.files.push(path);
        }
    }
    Ok(())
}

/// What a file begins with.
fn head(path: &Path) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let file = File::open(path).with_context(|| format!("can't read {}", path.display()))?;
    let read = file.take(HEAD as u64).read_to_end(&mut head);
    read.with_context(|| format!("can't read {}", path.display()))?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[PathBuf]) -> Result<Vec<String>> {
        let files = RecordFiles::read(paths)?;
        Ok(files.files().iter().map(|file| file.name.rsplit('/').next().unwrap().into()).collect())
    }

    #[test]
    fn a_folder_is_all_its_files_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        fs::create_dir_all(root.join("export/.git")).unwrap();
        for name in [
            "Patient.ndjson",
            "export/Condition.NDJSON",
            "notes.txt",
            "export/.git/x.json",
            "a.zip",
        ] {
            fs::write(root.join(name), name).unwrap();
        }
        let folder = std::slice::from_ref(&root);
        assert_eq!(names(folder).unwrap(), ["Patient.ndjson", "a.zip", "Condition.NDJSON"]);
        let passed_over = RecordFiles::read(folder).unwrap().passed_over;
        assert_eq!(passed_over, [root.join("notes.txt").display().to_string()]);
        // What is named itself is read whatever it's called.
        assert_eq!(names(&[root.join("notes.txt")]).unwrap(), ["notes.txt"]);
        let none = root.join("export/.git");
        fs::remove_file(none.join("x.json")).unwrap();
        assert!(names(&[none]).unwrap_err().to_string().contains("no file of a record"));
    }

    #[test]
    fn folders_are_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let deep = (0..=MAX_DEPTH).fold(folder.path().to_owned(), |path, _| path.join("a"));
        fs::create_dir_all(deep).unwrap();
        let error = names(&[folder.path().to_owned()]).unwrap_err().to_string();
        assert!(error.contains("deeper than 4"), "{error}");
    }
}
