// SPDX-License-Identifier: Apache-2.0

//! Builds the runtime a second time, as Wasm, and embeds the blob (see `WASM_BINARY` in `lib.rs`).
//!
//! `docs/node.md` says how the toolchain for it is chosen; `SKIP_WASM_BUILD=1` leaves the blob out, for quick native checks.

fn main() {
    #[cfg(feature = "std")]
    substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
