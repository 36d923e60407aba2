// SPDX-License-Identifier: Apache-2.0

//! The numbers of the outer format that every sealed message has: format version (1 byte), X-Wing
//! encapsulation (1120 bytes), ChaCha20-Poly1305 ciphertext of the padded body with its tag
//! (bucket + 16 bytes).

/// The format version that this crate writes and reads: first byte of every sealed message.
pub const FORMAT_VERSION: u8 = 1;

const VERSION_BYTES: usize = 1;
pub(crate) const ENCAPSULATION_BYTES: usize = 1120;
const TAG_BYTES: usize = 16;

/// Bytes that a sealed message has beyond its bucket: version, encapsulation and tag.
pub const OVERHEAD_BYTES: usize = VERSION_BYTES + ENCAPSULATION_BYTES + TAG_BYTES;

/// Plaintext sizes that an envelope is padded to, in bytes.
pub const ENVELOPE_BUCKETS: [usize; 3] = [2048, 4096, 8192];

/// Plaintext sizes that a note is padded to, in bytes.
pub const NOTE_BUCKETS: [usize; 3] = [512, 1024, 4096];
