// SPDX-License-Identifier: Apache-2.0

//! The stage for the end-to-end tests: real nodes and the real wallet, as their own processes.
//!
//! [`Node`] is a running `cso-node`, [`Actor`] a person with a wallet file, [`Expert`] an
//! accredited expert with a directory on its node. Nothing here knows what a consultation is made
//! of; the stories in `tests/tests/` do. Binaries are taken from the target directory this test was
//! built in, so build the workspace first (`scripts/test.sh` does).

mod actor;
mod expert;
mod node;

pub use actor::{Actor, Refusal};
pub use expert::Expert;
pub use node::{Node, NodeOptions};

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
