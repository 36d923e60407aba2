// SPDX-License-Identifier: Apache-2.0
//! The fast arithmetic, and records loaded for it. How its ciphertexts stand in memory is nobody
//! else's business.

mod bits;
mod layout;
mod load;
mod loader;
mod product;

pub use load::{LoadedRecord, RecordMemory};
pub use loader::Loader;

pub(crate) use product::{Float, FloatScratch};

#[cfg(test)]
pub(crate) use layout::{ggsw_len, Interleave};
