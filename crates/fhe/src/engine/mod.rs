// SPDX-License-Identifier: Apache-2.0
//! How a program is evaluated on the ciphertexts of a record.

pub(crate) mod evaluate;
pub(crate) mod exact;
pub(crate) mod float;
pub(crate) mod run;
pub(crate) mod sanitise;
