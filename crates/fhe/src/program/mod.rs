// SPDX-License-Identifier: Apache-2.0
//! What is computed, in clear: programs, the order of their work, and the noise they cost.

pub(crate) mod checked;
pub(crate) mod diagram;
pub(crate) mod noise;
pub(crate) mod plan;
pub(crate) mod schedule;
