// SPDX-License-Identifier: Apache-2.0
//! Model files and data that are refused.

use thiserror::Error;

/// Why a model file or its data isn't read.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ImportError {
    /// The file is too long.
    #[error("model file: {found} bytes, at most {most} are read")]
    TooLong {
        /// Its length.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// None of the known kinds.
    #[error("the file is no model that is read here: give PMML, ONNX, XGBoost JSON (`save_model(\"m.json\")`), or LightGBM text or JSON (`save_model`, `dump_model`)")]
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
    /// The file doesn't name its columns, and the data has others.
    #[error("the model file names no columns, it has {width}: give data with exactly these, in the model's order, or with the names {names}")]
    Unnamed {
        /// How many columns the model has.
        width: usize,
        /// The names that stand for them.
        names: String,
    },
    /// A column that can't be asked as it stands.
    #[error("column `{feature}`: {problem}")]
    Column {
        /// The column.
        feature: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// A feature of the model that the protocol doesn't ask.
    #[error("the model reads `{feature}`, which the protocol doesn't ask: add an `[[intake]]` with that id")]
    NotAsked {
        /// The feature.
        feature: String,
    },
    /// The model has no prediction for an answer that may be given.
    #[error("the model gives no prediction where `{feature}` is {value}: leave such cases out of the data, or train with them")]
    Nothing {
        /// The feature.
        feature: String,
        /// Its value, or `missing`.
        value: String,
    },
    /// The model has no prediction in one branch of a tree.
    #[error("the model gives no prediction where this holds: {condition}")]
    NothingInTree {
        /// The condition.
        condition: String,
    },
    /// A product of too many features.
    #[error("a product of {found} features is not supported: products have two")]
    Factors {
        /// How many there are.
        found: usize,
    },
    /// A product of two features one of which isn't a line.
    #[error("the product of `{features}` is not supported: one of the two must have few values, or both must be numbers without gaps")]
    Product {
        /// The features.
        features: String,
    },
    /// The trees have too many nodes.
    #[error("the model has more than {most} tree nodes: train fewer or shallower trees")]
    TooLarge {
        /// The bound.
        most: usize,
    },
    /// More classes than an answer has outputs.
    #[error("the model tells {found} classes apart, at most {most} have an output: merge classes, or train one binary model a class")]
    Classes {
        /// How many there are.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// Nothing depends on the features.
    #[error("the model doesn't depend on any feature: it always says the same")]
    Constant,
    /// The protocol that it becomes is refused.
    #[error("as a protocol the model is refused: {0}")]
    Protocol(#[from] Box<crate::protocol::ProtocolError>),
}

impl From<crate::protocol::ProtocolError> for ImportError {
    fn from(error: crate::protocol::ProtocolError) -> Self {
        Self::Protocol(Box::new(error))
    }
}
