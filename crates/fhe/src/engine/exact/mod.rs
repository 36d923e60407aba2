// SPDX-License-Identifier: Apache-2.0
//! The exact arithmetic, and records loaded for it.

mod load;
mod product;
mod transform;

pub use load::ExactRecord;

pub(crate) use product::{Exact, ExactScratch};
