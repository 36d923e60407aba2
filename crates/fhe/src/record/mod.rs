// SPDX-License-Identifier: Apache-2.0
//! The encrypted record: its bytes, and how the patient's key makes them from bits. How it is
//! loaded and evaluated is the engine's business, what it means nobody's here. The format stands at
//! [`Record`].

mod body;
mod encrypt;
mod error;
mod format;
mod header;

pub use error::RecordError;
pub use format::Record;

pub(crate) use body::unpack;
pub(crate) use header::{mask_index, Header};
