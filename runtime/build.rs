// SPDX-License-Identifier: Apache-2.0

//! Builds the runtime a second time, as Wasm, and embeds the blob (see `WASM_BINARY` in `lib.rs`).
//!
//! `docs/node.md` says how the toolchain for it is chosen; `SKIP_WASM_BUILD=1` leaves the blob out,
//! for quick native checks.

#[cfg(feature = "std")]
fn main() {
    use std::{env, path::Path};

    /// Names the workspace to `substrate-wasm-builder`.
    const HINT: &str = "WASM_BUILD_WORKSPACE_HINT";
    /// Hashes of the metadata of the runtime's versions, this one last.
    const HASHES: &str = "../crates/primitives/metadata-hashes.txt";

    // With a target directory outside the workspace the builder finds no Cargo.lock, and the blob
    // would be built from other versions than the node.
    if env::var_os(HINT).is_none() {
        let runtime = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it for build scripts");
        let workspace = Path::new(&runtime).parent().expect("the runtime lies in the workspace");
        env::set_var(HINT, workspace);
    }
    // What signed transactions are checked against: see `frame_metadata_hash_extension`. The
    // builder could find it out by building the blob twice and running the first; here a test
    // compares it with the runtime's metadata instead.
    println!("cargo::rerun-if-changed={HASHES}");
    let hashes = std::fs::read_to_string(HASHES).expect("the hashes lie in the workspace");
    let newest = hashes.lines().last().and_then(|line| line.rsplit(' ').next());
    env::set_var("RUNTIME_METADATA_HASH", newest.expect("there is a version"));
    // Set by `cargo clippy`, which would put its own compiler before the one that the blob is built
    // with.
    env::remove_var("RUSTC_WORKSPACE_WRAPPER");
    substrate_wasm_builder::WasmBuilder::build_using_defaults();
}

#[cfg(not(feature = "std"))]
fn main() {}
