// SPDX-License-Identifier: Apache-2.0

//! Sealed envelopes and notes, commitments and padding.
//!
//! A patient and an expert who never met exchange two short messages over a public chain: the
//! [`Envelope`] tells the expert what is asked and where the encrypted record lies, the [`Note`]
//! goes back with the opinion. Both are sealed to the reader's [`PublicKey`] with HPKE (RFC 9180)
//! in base mode: KEM X-Wing (X25519 and ML-KEM-768), KDF HKDF-SHA256, AEAD ChaCha20-Poly1305. A
//! recorded message stays closed unless both halves of the KEM fall.
//!
//! Base mode does not say who sealed a message. The chain does: the extrinsic that carries an
//! envelope is signed by the patient's account, the one that carries a note by the expert's
//! worker, and the [`Context`] binds each message to chain, direction, expert, patient and
//! record, so that a copy of it opens nowhere else.
//!
//! | module | duty |
//! |---|---|
//! | `keys` | X-Wing key pairs from 32-byte seeds |
//! | `context` | what a sealed message is bound to |
//! | `format` | numbers of the outer format: version, lengths, buckets |
//! | `sealed` | sealing and opening in that format |
//! | `padding` | the size buckets |
//! | `envelope`, `note` | the two messages |
//! | `commitment` | commitments to records and models, hashes of chunks |
//! | `random` | randomness of the operating system |
//!
//! No files, sockets or threads live here, so that the crate also builds for a browser. The
//! formats are described byte by byte in `docs/sealing.md`.

mod commitment;
mod context;
mod envelope;
mod error;
mod format;
mod keys;
mod note;
mod padding;
mod random;
mod sealed;

pub use commitment::{chunk_hash, commit_model, commit_record};
pub use context::Context;
pub use envelope::Envelope;
pub use error::{KeyError, OpenError, SealError};
pub use format::{ENVELOPE_BUCKETS, FORMAT_VERSION, NOTE_BUCKETS, OVERHEAD_BYTES};
pub use keys::{PublicKey, SealingKey, SEED_BYTES};
pub use note::Note;
pub use random::random_bytes;

/// The README's example runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
