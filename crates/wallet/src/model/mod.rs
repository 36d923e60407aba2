// SPDX-License-Identifier: Apache-2.0
//! Work on protocol files, without a chain: checking, evaluating in clear and encrypted, making them from model files.

pub mod cases;
pub mod check;
pub mod encrypted;
pub mod eval;

use anyhow::{Context as _, Result};
use cso_clinical::Protocol;
use std::path::Path;

/// Reads a protocol file.
pub fn read_protocol(file: &Path) -> Result<Protocol> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    Protocol::from_toml(&text).with_context(|| file.display().to_string())
}
