// SPDX-License-Identifier: Apache-2.0
//! What the crate knows of the machine it runs on: threads, caches, memory. Nothing here changes a
//! result, and nothing here knows what is computed.

mod parallel;
mod prefetch;
mod spectra;

pub(crate) use parallel::for_each_pair;
pub(crate) use prefetch::Ahead;
pub(crate) use spectra::Spectra;
