// SPDX-License-Identifier: Apache-2.0

//! How long and how many: bounds that rooms on both sides of a border check.

/// Longest piece of a record, in bytes: 4 MiB.
///
/// The hand-off pool takes no more at once (the runtime's `max_promotion_size`), wallets cut at
/// this length, the evaluator refuses longer pieces. Written in hexadecimal digits it stays within
/// the 15 MB that a node's RPC takes in one request.
pub const MAX_CHUNK_BYTES: usize = 4 * 1024 * 1024;

/// Most chunks of a record: with [`MAX_CHUNK_BYTES`] a record of 256 MiB.
pub const MAX_CHUNKS: usize = 64;

/// Longest question to the expert, in bytes of UTF-8. With [`MAX_CHUNKS`] hashes it still fits the
/// largest size that an envelope is padded to.
pub const MAX_QUESTION_BYTES: usize = 4096;

/// Longest sealed envelope: a padded envelope of 8 KiB plus encapsulated key and tag fits
/// (`cso-sealing`).
pub const MAX_ENVELOPE_BYTES: usize = 10 * 1024;

/// Longest encrypted answer: 72 KiB, which 8 outputs fit (`cso-fhe`).
pub const MAX_ANSWER_BYTES: usize = 72 * 1024;

/// Longest text of a note, in bytes of UTF-8.
pub const MAX_NOTE_TEXT_BYTES: usize = 4000;

/// Longest sealed note: a padded note of 4 KiB plus encapsulated key and tag fits (`cso-sealing`).
pub const MAX_NOTE_BYTES: usize = 6 * 1024;

/// Longest encoded [`Outcome`](crate::Outcome): the variant's index and two byte strings, whose
/// lengths take four bytes each.
pub const MAX_OUTCOME_BYTES: usize = 1 + 4 + MAX_ANSWER_BYTES + 4 + MAX_NOTE_BYTES;

/// Longest public description of a protocol: 32 KiB of JSON.
pub const MAX_DESCRIPTION_BYTES: usize = 32 * 1024;

/// Longest URL of an expert's node.
pub const MAX_ENDPOINT_BYTES: usize = 256;

/// Most accounts that sign for one expert.
pub const MAX_WORKERS: usize = 8;

/// Most protocols that one expert has published and not retired.
pub const MAX_PROTOCOLS: usize = 64;

/// Longest protocol file of an expert: 16 MiB, room for a forest of 100 trees without a bound on
/// their depth.
pub const MAX_PROTOCOL_FILE_BYTES: usize = 16 * 1024 * 1024;

/// Longest model file that a protocol file names: 64 MiB.
pub const MAX_MODEL_FILE_BYTES: usize = 64 * 1024 * 1024;
