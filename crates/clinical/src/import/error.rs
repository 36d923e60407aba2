// SPDX-License-Identifier: Apache-2.0
//! Model files and data that are refused.

use thiserror::Error;

/// Why a model file or its data isn't read.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ImportError {
    /// Neither of the known kinds.
    #[error("the file is no model that is read here: give XGBoost JSON (`save_model(\"m.json\")`) or LightGBM text or JSON (`save_model`, `dump_model`)")]
    UnknownFormat,
    /// Not the text of that kind of model.
    #[error("{format} model: {problem}")]
    Syntax {
        /// The kind of file.
        format: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// Something in the model that doesn't become a program.
    #[error("{format} model: {element} is not supported: {instead}")]
    Unsupported {
        /// The kind of file.
        format: &'static str,
        /// What was found.
        element: String,
        /// The nearest supported way.
        instead: &'static str,
    },
    /// The data isn't a table, or has no numbers where they are needed.
    #[error("data, line {line}: {problem}")]
    Data {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A feature of the model that the data doesn't have.
    #[error("the data has no column `{feature}`: it has {known}")]
    ColumnMissing {
        /// The feature.
        feature: String,
        /// The columns there are.
        known: String,
    },
    /// A feature whose values are all the same or all missing.
    #[error("column `{feature}` has fewer than two different values: its range can't be inferred")]
    ColumnConstant {
        /// The feature.
        feature: String,
    },
    /// A name that can't be a feature's id.
    #[error("the model's feature `{feature}` can't be an id: rename it to printable ASCII without quotes, commas, `=`, `<` and `>`")]
    FeatureName {
        /// The name.
        feature: String,
    },
}
