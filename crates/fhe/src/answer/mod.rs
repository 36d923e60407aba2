// SPDX-License-Identifier: Apache-2.0
//! The encrypted answer: what leaves the expert's node, and what only the patient can read.

pub(crate) mod format;
