// SPDX-License-Identifier: Apache-2.0
//! The encrypted record: its key, its bytes, and how it is made.

pub(crate) mod format;
pub(crate) mod key;
