// SPDX-License-Identifier: Apache-2.0
//! Reading protocol files and model files from disk.

use crate::input_file;
use anyhow::{Context as _, Result};
use cso_clinical::Protocol;
use cso_model_files::{ModelFile, Options};
use cso_primitives::bounds::{MAX_MODEL_FILE_BYTES, MAX_PROTOCOL_FILE_BYTES};
use std::path::Path;

/// Reads a protocol file, and the model file in its folder that it may name.
pub(super) fn read_protocol(file: &Path) -> Result<Protocol> {
    let text = input_file::read_text(file, MAX_PROTOCOL_FILE_BYTES)?;
    Protocol::from_toml_with(&text, &cso_expert_dir::companion(file))
        .with_context(|| file.display().to_string())
}

/// Reads a model file.
pub(super) fn read_model_file(path: &Path, options: &Options) -> Result<ModelFile> {
    let bytes = input_file::read(path, MAX_MODEL_FILE_BYTES)?;
    cso_model_files::read_with(&bytes, options).with_context(|| path.display().to_string())
}
