// SPDX-License-Identifier: Apache-2.0
//! The encrypted record: its bytes, and how the patient's key makes them from bits. How it is
//! loaded and evaluated is the engine's business, what it means nobody's here.
//!
//! A record is a seeded LWE bootstrapping key with the patient's bits in the place of the LWE
//! secret: one GGSW ciphertext a bit, all masks expanded from one seed. The format, all integers
//! little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | magic `CSOR` |
//! | 1 | version, 1 |
//! | 1 | form, 1: one seeded GGSW a bit |
//! | 1 | profile |
//! | 1 | 0 |
//! | 2 | bits, one of the buckets |
//! | 6 | 0 |
//! | 16 | key id |
//! | 32 | public seed, from which all masks are expanded |
//! | 12288 | body of an encryption of zero, the record's public key: 2048 coefficients of 48 bits |
//! | 32 a block | BLAKE3 digests of the blocks |
//! | rest | blocks of 16 bits: for each bit `2 l` bodies of 12288 bytes |
//!
//! The header commits to everything that follows, so that each block can be verified, and loaded,
//! as it arrives.

mod body;
mod encrypt;
mod error;
mod format;
mod header;

pub use error::RecordError;
pub use format::Record;

pub(crate) use body::unpack;
pub(crate) use header::{mask_index, Header};
