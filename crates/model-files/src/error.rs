// SPDX-License-Identifier: Apache-2.0
//! Model files that are refused.

use thiserror::Error;

/// Why a model file isn't read.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum ModelFileError {
    /// The file is too long.
    #[error("model file: {found} bytes, at most {most} are read")]
    TooLong {
        /// Its length.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// None of the known kinds.
    #[error("the file is no model that is read here: give PMML, ONNX, XGBoost JSON (`save_model(\"m.json\")`), LightGBM text or JSON (`save_model`, `dump_model`), or CatBoost JSON (`save_model(\"m.json\", format=\"json\")`)")]
    UnknownFormat,
    /// A kind of file that is known, but not read.
    #[error("the file is {what}, which is not read: {instead}")]
    OtherKind {
        /// What it is.
        what: &'static str,
        /// What to save instead.
        instead: &'static str,
    },
    /// Not the text of that kind of model.
    #[error("{format} model: {problem}")]
    Syntax {
        /// The kind of file.
        format: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// Something in the model that isn't read.
    #[error("{format} model: {element} is not supported: {instead}")]
    Unsupported {
        /// The kind of file.
        format: &'static str,
        /// What was found.
        element: String,
        /// The nearest supported way.
        instead: &'static str,
    },
    /// The model as read contradicts a case that the file carries.
    #[error("the model fails its own ModelVerification: row {row}, `{field}` should be {expected}, it is {found}")]
    Verification {
        /// The case, from 1.
        row: usize,
        /// The field.
        field: String,
        /// What the file says.
        expected: String,
        /// What the model says.
        found: String,
    },
}
