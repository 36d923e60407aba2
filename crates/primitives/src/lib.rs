// SPDX-License-Identifier: Apache-2.0

//! The words that chain, nodes and wallets share.
//!
//! What more than one room of this project must agree on is defined here once: what an evaluator's
//! [`Outcome`] is and why it may [decline](DeclineReason), how long things may be
//! ([`bounds`]), what commitments and keys look like as bytes, which [names](is_file_name) files
//! may have. Definitions only: no cryptography, no storage, no I/O, so that the runtime's Wasm, a
//! native node and a browser can all have it.
//!
//! | module | what |
//! |---|---|
//! | [`bounds`] | greatest lengths and counts, and which other bound each follows from |
//! | `outcome` | [`Outcome`], [`DeclineReason`] |
//! | `hash` | [`RecordCommitment`], [`ModelCommitment`], [`ChunkHash`] |
//! | `key` | [`SealingPublicKey`], [`WORKER_KEY_TYPE`] |
//! | `metadata` | [`metadata_hash`] of each version of the runtime |
//! | `file_name` | [`is_file_name`] |
//!
//! Encodings (SCALE) are frozen by tests: the chain stores these types.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod bounds;
mod file_name;
mod hash;
mod key;
mod metadata;
mod outcome;

pub use file_name::is_file_name;
pub use hash::{ChunkHash, ModelCommitment, RecordCommitment};
pub use key::{SealingPublicKey, SEALING_PUBLIC_KEY_BYTES, WORKER_KEY_TYPE};
pub use metadata::metadata_hash;
pub use outcome::{DeclineReason, Outcome};

/// The README's example runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
