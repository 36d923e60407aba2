// SPDX-License-Identifier: Apache-2.0

//! Making, filling and reading an expert's directory.

use std::{fs, path::Path};

use cso_expert_dir::{ExpertDir, ExpertDirError};
use cso_sealing::commit_model;

fn fresh() -> (tempfile::TempDir, ExpertDir) {
    let parent = tempfile::tempdir().unwrap();
    let directory = ExpertDir::init(parent.path().join("expert")).unwrap();
    (parent, directory)
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn sealing_key_is_the_same_each_time_it_is_read() {
    let (_parent, made) = fresh();
    let opened = ExpertDir::open(made.path()).unwrap();
    assert_eq!(made.sealing_key().unwrap().seed(), opened.sealing_key().unwrap().seed());
}

#[test]
fn init_does_not_overwrite_a_key() {
    let (_parent, directory) = fresh();
    let key = fs::read(directory.path().join("sealing.key")).unwrap();
    assert!(matches!(ExpertDir::init(directory.path()), Err(ExpertDirError::Exists(_))));
    assert_eq!(fs::read(directory.path().join("sealing.key")).unwrap(), key);
    let left_over: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(left_over.len(), 2, "sealing.key and protocols: {left_over:?}");
}

#[test]
fn what_the_system_says_is_said_once() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    let error = ExpertDir::init(&file).unwrap_err();
    assert!(error.to_string().contains("Not a directory"), "{error}");
    assert!(std::error::Error::source(&error).is_none());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_is_made() {
    let (_parent, directory) = fresh();
    directory.add_protocol("score", b"model").unwrap();
    let root = directory.path();
    assert_eq!(mode(root), 0o700);
    assert_eq!(mode(&root.join("sealing.key")), 0o600);
    assert_eq!(mode(&root.join("protocols")), 0o700);
    assert_eq!(mode(&root.join("protocols/score.toml")), 0o600);
    assert_eq!(mode(&root.join("protocols/score.salt")), 0o600);
}

#[cfg(unix)]
#[test]
fn refuses_key_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt;
    let (_parent, directory) = fresh();
    let key = directory.path().join("sealing.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let error = ExpertDir::open(directory.path()).unwrap_err();
    assert!(matches!(error, ExpertDirError::Exposed { mode: 0o640, .. }));
    assert!(error.to_string().contains("mode 640"), "{error}");
}

#[test]
fn refuses_a_directory_without_key_and_a_damaged_key() {
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(ExpertDir::open(empty.path()), Err(ExpertDirError::NotADirectory(_))));
    for damaged in ["", "abc", &"g".repeat(64), &"a".repeat(66)] {
        let (_parent, directory) = fresh();
        fs::write(directory.path().join("sealing.key"), damaged).unwrap();
        assert!(
            matches!(ExpertDir::open(directory.path()), Err(ExpertDirError::NotHex(_))),
            "{damaged}"
        );
    }
    let (_parent, directory) = fresh();
    fs::write(directory.path().join("sealing.key"), "a".repeat(1000)).unwrap();
    assert!(matches!(
        ExpertDir::open(directory.path()),
        Err(ExpertDirError::TooLong { max: 128, .. })
    ));
}

#[test]
fn protocol_comes_back_with_the_commitment_to_its_bytes() {
    let (_parent, directory) = fresh();
    let added = directory.add_protocol("cha2ds2-vasc", b"points = 1").unwrap();
    assert_eq!(added.commitment(), commit_model(&added.salt, [&b"points = 1"[..]]));
    let read = directory.protocol("cha2ds2-vasc").unwrap();
    assert_eq!(read.commitment(), added.commitment());
    assert_eq!(directory.protocols().unwrap()[0].0, "cha2ds2-vasc");
}

#[test]
fn adding_the_same_protocol_again_keeps_its_commitment() {
    let (_parent, directory) = fresh();
    let first = directory.add_protocol("score", b"model").unwrap();
    let second = directory.add_protocol("score", b"model").unwrap();
    assert_eq!(first.commitment(), second.commitment());
}

#[test]
fn same_model_under_two_names_has_two_commitments() {
    let (_parent, directory) = fresh();
    let first = directory.add_protocol("one", b"model").unwrap();
    let second = directory.add_protocol("two", b"model").unwrap();
    assert_ne!(first.commitment(), second.commitment());
}

#[test]
fn adding_does_not_overwrite_other_content() {
    let (_parent, directory) = fresh();
    let first = directory.add_protocol("score", b"model").unwrap();
    assert!(matches!(directory.add_protocol("score", b"another"), Err(ExpertDirError::Taken(_))));
    let kept = directory.protocol("score").unwrap();
    assert_eq!(kept.commitment(), first.commitment());
}

#[test]
fn file_laid_by_hand_gets_its_salt_when_added() {
    let (_parent, directory) = fresh();
    fs::write(directory.path().join("protocols/hand.toml"), b"model").unwrap();
    assert!(matches!(directory.protocol("hand"), Err(ExpertDirError::NoSalt(_))));
    let added = directory.add_protocol("hand", b"model").unwrap();
    assert_eq!(directory.protocol("hand").unwrap().commitment(), added.commitment());
}

#[test]
fn refuses_names_that_leave_the_directory_or_hide() {
    let (_parent, directory) = fresh();
    for name in ["", "../x", "a/b", ".hidden", "-flag", "ä", &"a".repeat(65)] {
        assert!(
            matches!(directory.add_protocol(name, b"model"), Err(ExpertDirError::Name(_))),
            "{name}"
        );
    }
}

#[test]
fn stamp_changes_when_protocol_or_salt_changes() {
    let (_parent, directory) = fresh();
    directory.add_protocol("score", b"model").unwrap();
    let before = directory.protocols().unwrap();
    assert_eq!(before, directory.protocols().unwrap());
    fs::write(directory.path().join("protocols/score.toml"), b"model 2").unwrap();
    let edited = directory.protocols().unwrap();
    assert_ne!(before, edited);
    fs::remove_file(directory.path().join("protocols/score.salt")).unwrap();
    assert_ne!(edited, directory.protocols().unwrap());
}

#[test]
fn other_files_are_passed_over() {
    let (_parent, directory) = fresh();
    directory.add_protocol("score", b"model").unwrap();
    for other in ["README.md", ".draft.toml", "no good.toml"] {
        fs::write(directory.path().join("protocols").join(other), b"x").unwrap();
    }
    let names: Vec<_> = directory.protocols().unwrap();
    assert_eq!(names.len(), 1);
}

#[test]
fn debug_shows_no_content() {
    let (_parent, directory) = fresh();
    let added = directory.add_protocol("score", b"secret points").unwrap();
    assert_eq!(format!("{added:?}"), "ProtocolFile { name: \"score\", .. }");
}

#[test]
fn note_is_optional_bounded_text() {
    let (_parent, directory) = fresh();
    let path = directory.path().join("note.txt");
    assert_eq!(directory.note().unwrap(), "");
    fs::write(&path, "Call the clinic on weekdays.\n").unwrap();
    assert_eq!(directory.note().unwrap(), "Call the clinic on weekdays.");
    fs::write(&path, [0xff]).unwrap();
    assert!(matches!(directory.note(), Err(ExpertDirError::NotText(_))));
    fs::write(&path, "n".repeat(4001)).unwrap();
    assert!(matches!(directory.note(), Err(ExpertDirError::TooLong { max: 4000, .. })));
}

#[test]
fn a_model_file_is_kept_beside_its_protocol_and_committed_to() {
    let (_parent, directory) = fresh();
    directory.add_model("risk.pmml", b"<PMML/>").unwrap();
    directory.add_model("risk.pmml", b"<PMML/>").unwrap();
    let alone = directory.add_protocol("score", b"model").unwrap();
    let plain = alone.commitment();
    let both = alone.with_model("risk.pmml").unwrap();
    assert_eq!(both.model.as_ref().unwrap()[..], *b"<PMML/>");
    assert_ne!(both.commitment(), plain);
    // Moving bytes from one file to the other changes the commitment.
    directory.add_model("short.pmml", b"PMML/>").unwrap();
    let other = directory.protocol("score").unwrap().with_model("short.pmml").unwrap();
    assert_ne!(other.commitment(), both.commitment());
    assert!(matches!(directory.add_model("risk.pmml", b"<other/>"), Err(ExpertDirError::Taken(_))));
    for name in ["../risk.pmml", "", ".hidden", "a/b"] {
        assert!(matches!(directory.add_model(name, b"x"), Err(ExpertDirError::Name(_))), "{name}");
        assert!(cso_expert_dir::companion(&both.path)(name).is_err());
    }
    assert_eq!(cso_expert_dir::companion(&both.path)("risk.pmml").unwrap(), b"<PMML/>");
}
