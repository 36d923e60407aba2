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
//! | `sealed` | the outer format: version, encapsulation, ciphertext |
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
mod keys;
mod note;
mod padding;
mod random;
mod sealed;

pub use commitment::{chunk_hash, commit, commit_record, Domain};
pub use context::Context;
pub use envelope::{Envelope, MAX_CHUNKS, MAX_QUESTION_BYTES};
pub use error::{KeyError, OpenError, SealError};
pub use keys::{PublicKey, SealingKey, PUBLIC_KEY_BYTES, SEED_BYTES};
pub use note::{Note, MAX_NOTE_TEXT_BYTES};
pub use random::random_bytes;
pub use sealed::{FORMAT_VERSION, OVERHEAD_BYTES};

/// Plaintext sizes that an envelope is padded to, in bytes.
pub const ENVELOPE_BUCKETS: [usize; 3] = [2048, 4096, 8192];

/// Plaintext sizes that a note is padded to, in bytes.
pub const NOTE_BUCKETS: [usize; 3] = [512, 1024, 4096];
