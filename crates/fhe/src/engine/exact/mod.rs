// SPDX-License-Identifier: Apache-2.0
//! The exact arithmetic, and records loaded for it.

pub(crate) mod product;
