// SPDX-License-Identifier: Apache-2.0
//! Which kind of file it is, which its content tells.

use cso_primitives::bounds::MAX_MODEL_FILE_BYTES;

use crate::lightgbm::lightgbm;
use crate::onnx::onnx;
use crate::pmml::pmml;
use crate::xgboost::xgboost;
use crate::{ModelFile, ModelFileError};

/// Reads a model file of any known kind, which its content tells. Columns that the model doesn't
/// read are left out.
///
/// # Errors
///
/// [`ModelFileError`] if the file is too long or of no known kind, if it is damaged, if the model
/// has parts that aren't read, or if it fails cases that the file carries.
pub fn read(bytes: &[u8]) -> Result<ModelFile, ModelFileError> {
    if bytes.len() > MAX_MODEL_FILE_BYTES {
        return Err(ModelFileError::TooLong { found: bytes.len(), most: MAX_MODEL_FILE_BYTES });
    }
    let mut model = match std::str::from_utf8(bytes) {
        Ok(text) => of_text(text.trim_start_matches('\u{feff}'))?,
        Err(_) => onnx(bytes)?,
    };
    model.drop_unused();
    Ok(model)
}

fn of_text(text: &str) -> Result<ModelFile, ModelFileError> {
    let start = text.trim_start();
    if start.starts_with('<') {
        pmml(text)
    } else if start.starts_with("tree\n") || start.starts_with("tree\r\n") {
        lightgbm(text)
    } else if !start.starts_with('{') {
        // A small protobuf may happen to be text.
        onnx(text.as_bytes())
    } else if text.contains("\"gradient_booster\"") {
        xgboost(text)
    } else {
        lightgbm(text)
    }
}
