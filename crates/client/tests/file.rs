// SPDX-License-Identifier: Apache-2.0
//! The wallet's file where something is unusual: links, and what a program that was killed left.

use cso_client::vault::{FileStorage, Storage, StorageError, SETTLED};
use std::{
    fs::{self, File},
    os::unix::fs::{symlink, PermissionsExt},
    path::Path,
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

async fn replace(storage: &FileStorage, new: &[u8]) -> Result<(), StorageError> {
    let before = storage.read().await?;
    storage.replace(before.as_deref(), new).await
}

/// As if the file had been written that long ago.
fn age(path: &Path, by: Duration) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - by).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_link_stays_and_what_it_leads_to_is_written() {
    let folder = TempDir::new().unwrap();
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    fs::create_dir(&here).unwrap();
    fs::create_dir(&there).unwrap();
    // A link to a link, relative, to a file that isn't there yet.
    symlink("middle", here.join("wallet.age")).unwrap();
    symlink("../there/real.age", here.join("middle")).unwrap();
    let storage = FileStorage::new(here.join("wallet.age"));
    assert!(!storage.exists());
    for content in [&b"one"[..], b"two"] {
        replace(&storage, content).await.unwrap();
        assert_eq!(fs::read(there.join("real.age")).unwrap(), content);
        assert_eq!(storage.read().await.unwrap().unwrap(), content);
    }
    storage.put_record("r-1", b"record").await.unwrap();
    assert_eq!(
        FileStorage::new(there.join("real.age")).record("r-1").await,
        Ok(Some(b"record".into()))
    );
    // Lock and records lie at the wallet itself, where whoever comes by another name finds them.
    assert_eq!(names(&there), ["real.age", "real.age.lock", "real.age.outbox"]);
    assert_eq!(names(&here), ["middle", "wallet.age"]);
    for link in ["middle", "wallet.age"] {
        assert!(fs::symlink_metadata(here.join(link)).unwrap().is_symlink());
    }
}

#[tokio::test]
async fn links_in_a_circle_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("wallet.age");
    symlink("wallet.age", &path).unwrap();
    let storage = FileStorage::new(&path);
    let error = storage.put_record("r-1", b"record").await.unwrap_err().to_string();
    assert!(error.contains("wallet.age: more than 40 symbolic links"), "{error}");
}

#[tokio::test]
async fn what_a_killed_writer_left_is_gone_after_the_next_write() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("wallet.age");
    let storage = FileStorage::new(&path);
    replace(&storage, b"one").await.unwrap();
    // Longer than what follows, and readable by others: neither may stay.
    let left = folder.path().join("wallet.age.unfinished");
    fs::write(&left, "half of a wallet that had keys in it").unwrap();
    replace(&storage, b"two").await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(folder.path()), ["wallet.age", "wallet.age.lock"]);
}

#[tokio::test]
async fn a_link_in_the_place_of_the_new_file_is_not_followed() {
    let folder = TempDir::new().unwrap();
    let (path, other) = (folder.path().join("wallet.age"), folder.path().join("other"));
    fs::write(&other, "somebody else's").unwrap();
    symlink(&other, folder.path().join("wallet.age.unfinished")).unwrap();
    replace(&FileStorage::new(&path), b"one").await.unwrap();
    assert_eq!(fs::read(&other).unwrap(), b"somebody else's");
    assert!(fs::symlink_metadata(&path).unwrap().is_file());
}

#[tokio::test]
async fn a_write_that_fails_leaves_the_wallet_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let outbox = folder.path().join("wallet.age.outbox");
    let storage = FileStorage::new(folder.path().join("wallet.age"));
    // A folder lies where the record should: the rename fails, after everything was written.
    fs::create_dir_all(outbox.join("r-1")).unwrap();
    let error = storage.put_record("r-1", b"record").await.unwrap_err();
    assert!(matches!(error, StorageError::System { action: "write", .. }), "{error}");
    assert_eq!(names(&outbox), ["r-1"]);
}

#[tokio::test]
async fn records_that_have_lain_for_a_minute_are_named_and_removed_whole_or_not() {
    let folder = TempDir::new().unwrap();
    let outbox = folder.path().join("wallet.age.outbox");
    let storage = FileStorage::new(folder.path().join("wallet.age"));
    assert_eq!(storage.records().await.unwrap(), [""; 0]);
    for handle in ["r-old", "r-young"] {
        storage.put_record(handle, b"record").await.unwrap();
    }
    fs::write(outbox.join("r-half.unfinished"), "rec").unwrap();
    fs::create_dir(outbox.join("r-folder")).unwrap();
    for name in ["r-old", "r-half.unfinished"] {
        age(&outbox.join(name), SETTLED + Duration::from_secs(1));
    }
    // Somebody may just be about to write the young one into the wallet.
    assert_eq!(storage.records().await.unwrap(), ["r-half", "r-old"]);
    for handle in ["r-half", "r-old"] {
        storage.remove_record(handle).await.unwrap();
    }
    assert_eq!(storage.records().await.unwrap(), [""; 0]);
    assert_eq!(names(&outbox), ["r-folder", "r-young"]);
}

#[tokio::test]
async fn a_consultation_has_one_program_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(folder.path().join("wallet.age"));
    let other = storage.clone();
    let held = storage.hold("r-1").await.unwrap();
    let refused = other.hold("r-1").await.unwrap_err();
    assert_eq!(refused, StorageError::Held("r-1".into()));
    let second = other.hold("r-2").await.unwrap();
    drop(held);
    let again = other.hold("r-1").await.unwrap();
    drop((second, again));
    // Nothing that names consultations is left.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    // What a killed program left is nobody's.
    let outbox = folder.path().join("wallet.age.outbox");
    fs::create_dir(&outbox).unwrap();
    fs::write(outbox.join("r-1.lock"), "").unwrap();
    assert!(storage.records().await.unwrap().is_empty(), "it may be a young one's");
    age(&outbox.join("r-1.lock"), SETTLED);
    assert_eq!(storage.records().await.unwrap(), ["r-1"]);
    drop(storage.hold("r-1").await.unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
