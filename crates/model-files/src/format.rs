// SPDX-License-Identifier: Apache-2.0
//! Which kind of file it is, which its content tells.

use cso_primitives::bounds::MAX_MODEL_FILE_BYTES;
use serde::de::IgnoredAny;
use serde::Deserialize;

use crate::catboost::catboost;
use crate::exported::exported;
use crate::foreign::refuse_foreign;
use crate::lightgbm::lightgbm;
use crate::onnx::onnx;
use crate::pmml::pmml;
use crate::xgboost::{is_ubjson, xgboost, xgboost_binary};
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
    refuse_foreign(bytes)?;
    let mut model = if is_ubjson(bytes) {
        xgboost_binary(bytes, options)?
    } else {
        match std::str::from_utf8(bytes) {
            Ok(text) => of_text(text.trim_start_matches('\u{feff}'), options)?,
            Err(_) => onnx(bytes)?,
        }
    };
    refuse_unused(&model, options)?;
    model.drop_unused();
    if let Some(code) = options.missing {
        model.take_for_missing(code);
    }
    Ok(model)
}

/// Refuses options that mean nothing for a kind of file, whose readers don't look at them.
fn refuse_unused(model: &ModelFile, options: &Options) -> Result<(), ModelFileError> {
    let kind = model.kind();
    let is_boosting = ["XGBoost", "LightGBM", "CatBoost"].contains(&kind);
    let unsupported = |element: &str, instead| ModelFileError::Unsupported {
        format: kind,
        element: element.to_owned(),
        instead,
    };
    if options.iterations.is_some() && !is_boosting {
        return Err(unsupported("a number of rounds", "leave `--iterations` out"));
    }
    if options.horizon.is_some() && !is_boosting && !kind.starts_with("PMML") {
        return Err(unsupported("a horizon", "leave `--horizon` out"));
    }
    Ok(())
}

fn of_text(text: &str, options: &Options) -> Result<ModelFile, ModelFileError> {
    let start = text.trim_start();
    if start.starts_with('<') {
        pmml(text, options)
    } else if start.starts_with("tree\n") || start.starts_with("tree\r\n") {
        lightgbm(text, options)
    } else if start.starts_with(['{', '[']) {
        of_json(start, options)
    } else {
        // A small protobuf may happen to be text.
        onnx(text.as_bytes())
    }
}

/// The keys by which an object's kind is told; their values are skipped.
#[derive(Deserialize)]
struct Keys {
    learner: Option<IgnoredAny>,
    tree_info: Option<IgnoredAny>,
    oblivious_trees: Option<IgnoredAny>,
    trees: Option<IgnoredAny>,
    features_info: Option<IgnoredAny>,
    sums: Option<IgnoredAny>,
}

fn of_json(text: &str, options: &Options) -> Result<ModelFile, ModelFileError> {
    if text.starts_with('[') {
        // A list of trees, as XGBoost dumps them.
        return match text.contains("\"nodeid\"") {
            true => Err(ModelFileError::OtherKind {
                what: "XGBoost's dump, which lacks objective and base score",
                instead: "save it with `save_model(\"m.json\")`",
            }),
            false => Err(ModelFileError::UnknownFormat),
        };
    }
    let keys: Keys = serde_json::from_str(text).map_err(|error| ModelFileError::Syntax {
        format: "JSON",
        problem: format!("the file is damaged: {error}"),
    })?;
    if keys.learner.is_some() {
        xgboost(text, options)
    } else if keys.tree_info.is_some() {
        lightgbm(text, options)
    } else if keys.oblivious_trees.is_some() || keys.trees.is_some() && keys.features_info.is_some()
    {
        catboost(text, options)
    } else if keys.sums.is_some() {
        exported(text)
    } else {
        Err(ModelFileError::UnknownFormat)
    }
}
