// SPDX-License-Identifier: Apache-2.0
//! Reading protocol files and model files from disk.

use anyhow::{Context as _, Result};
use cso_clinical::Protocol;
use cso_model_files::ModelFile;
use cso_primitives::bounds::MAX_MODEL_FILE_BYTES;
use std::{io::Read, path::Path};

/// Reads a protocol file, and the model file in its folder that it may name.
pub(super) fn read_protocol(file: &Path) -> Result<Protocol> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    Protocol::from_toml_with(&text, &cso_expert_dir::companion(file))
        .with_context(|| file.display().to_string())
}

/// Reads a model file.
pub(super) fn read_model_file(path: &Path) -> Result<ModelFile> {
    let bytes = read_at_most(path, MAX_MODEL_FILE_BYTES)?;
    cso_model_files::read(&bytes).with_context(|| path.display().to_string())
}

/// Reads a file, and not more than a byte beyond what is allowed: whoever takes the bytes refuses
/// it then.
pub(super) fn read_at_most(path: &Path, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
        .with_context(|| format!("can't read {}", path.display()))?;
    Ok(bytes)
}
