// SPDX-License-Identifier: Apache-2.0

//! The stage for the end-to-end tests: real nodes and the real wallet, as their own processes.
//!
//! [`Node`] is a running `cso-node`, [`Actor`] a person with a wallet file, [`Expert`] an
//! accredited expert with a directory on its node. A [`Relay`] between wallet and node, and
//! [`Moment`]s, let a wallet die where a test wants it to. Nothing here knows what a consultation
//! is made of; the stories in `tests/tests/` do. Binaries are taken from the target directory this
//! test was built in, so build the workspace first (`scripts/test.sh` does).

mod actor;
mod expert;
mod kill;
mod node;
mod relay;

pub use actor::{Actor, Refusal};
pub use expert::Expert;
pub use kill::{require_strace, Moment};
pub use node::{Node, NodeOptions};
pub use relay::{Message, Relay};

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests' crate lies in the repository")
}

/// A file of `tests/data`.
pub fn data(name: &str) -> PathBuf {
    repository().join("tests/data").join(name)
}

/// A protocol file that ships with the project.
pub fn protocol_file(name: &str) -> PathBuf {
    repository().join("crates/clinical/protocols").join(format!("{name}.toml"))
}

/// What Anna, whose history is `bundle-anna.json`, answers herself: what it doesn't say for
/// certain.
pub fn own_answers(protocol: &str) -> [&'static str; 2] {
    let file = match protocol {
        "findrisc" => concat!(env!("CARGO_MANIFEST_DIR"), "/data/answers-anna-findrisc.json"),
        _ => concat!(env!("CARGO_MANIFEST_DIR"), "/data/answers-anna-cha2ds2-vasc.json"),
    };
    ["--answers", file]
}

/// All files in a folder and below it. One that vanishes meanwhile is no error.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path => found.push(path),
            }
        }
    }
    found
}

/// A program of this workspace, beside the running test.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let path =
        test.parent().and_then(Path::parent).expect("tests lie in target/release/deps").join(name);
    assert!(
        path.exists(),
        "{} is not built: cargo build --release --workspace --bins",
        path.display()
    );
    path
}
