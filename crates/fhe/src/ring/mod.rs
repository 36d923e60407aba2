// SPDX-License-Identifier: Apache-2.0
//! Polynomials: what records and the engine are both computed with.

pub(crate) mod decompose;
pub(crate) mod fourier;
pub(crate) mod poly;
