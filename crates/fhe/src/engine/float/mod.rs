// SPDX-License-Identifier: Apache-2.0
//! The fast arithmetic, and records loaded for it.

pub(crate) mod load;
pub(crate) mod product;
