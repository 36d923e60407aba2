// SPDX-License-Identifier: Apache-2.0

//! The expert's directory: what the expert's node must know and nobody else may.
//!
//! ```text
//! DIR/                      mode 0700
//!   sealing.key             seed of the sealing key, 64 hex digits, mode 0600
//!   note.txt                optional: plain text that goes to every patient with the answer
//!   protocols/              mode 0700
//!     NAME.toml             a protocol file with its private model
//!     NAME.salt             salt of its commitment, 64 hex digits
//!     model.pmml            a model file that a protocol file names
//! ```
//!
//! The wallet makes the directory and adds protocols to it, the evaluator reads it. Files come
//! into being whole or not at all, and nothing here overwrites a key, a salt or a protocol: an
//! open consultation may still need it.
//!
//! Files and modes are all that lives here; what a protocol file says is `cso-clinical`'s subject.

mod directory;
mod error;
mod file;
mod protocol;

pub use directory::ExpertDir;
pub use error::ExpertDirError;
pub use protocol::{companion, ProtocolFile, Stamp};
