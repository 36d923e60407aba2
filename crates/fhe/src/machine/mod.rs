// SPDX-License-Identifier: Apache-2.0
//! What the crate knows of the machine it runs on: threads, caches, memory.

pub(crate) mod parallel;
pub(crate) mod prefetch;
pub(crate) mod spectra;
