// SPDX-License-Identifier: Apache-2.0
//! Which kind of file it is, which its content tells.

use cso_primitives::bounds::MAX_MODEL_FILE_BYTES;

use crate::exported::{exported, is_exported};
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
    read_with(bytes, &Options::default())
}

/// What a file may leave open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// How many rounds of boosting count; as many as the library's own wrapper predicts with if
    /// it isn't given.
    pub iterations: Option<usize>,
    /// The time at which a survival model's risk is told, in the unit of its baseline.
    pub horizon: Option<f64>,
    /// A number that stands for a gap in every column of numbers, such as -1 or 999.
    pub missing: Option<f64>,
}

/// [`read`], with what the file leaves open.
///
/// # Errors
///
/// As [`read`].
pub fn read_with(bytes: &[u8], options: &Options) -> Result<ModelFile, ModelFileError> {
    if bytes.len() > MAX_MODEL_FILE_BYTES {
        return Err(ModelFileError::TooLong { found: bytes.len(), most: MAX_MODEL_FILE_BYTES });
    }
    let mut model = match std::str::from_utf8(bytes) {
        Ok(text) => of_text(text.trim_start_matches('\u{feff}'), options)?,
        Err(_) => onnx(bytes)?,
    };
    model.drop_unused();
    if let Some(code) = options.missing {
        model.take_for_missing(code);
    }
    Ok(model)
}

fn of_text(text: &str, options: &Options) -> Result<ModelFile, ModelFileError> {
    let start = text.trim_start();
    if start.starts_with('<') {
        pmml(text, options)
    } else if start.starts_with("tree\n") || start.starts_with("tree\r\n") {
        lightgbm(text, options)
    } else if !start.starts_with('{') {
        // A small protobuf may happen to be text.
        onnx(text.as_bytes())
    } else if is_exported(start) {
        exported(start)
    } else if text.contains("\"gradient_booster\"") {
        xgboost(text, options)
    } else {
        lightgbm(text, options)
    }
}
