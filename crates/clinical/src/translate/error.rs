// SPDX-License-Identifier: Apache-2.0
//! Model files that don't become a model over an intake.

use thiserror::Error;

use crate::model::ModelError;

/// Why a model file doesn't become a model over an intake.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum TranslateError {
    /// A feature of the model that the protocol doesn't ask.
    #[error("the model reads `{feature}`, which the protocol doesn't ask: add an `[[intake]]` with that id")]
    NotAsked {
        /// The feature.
        feature: String,
    },
    /// A column that the feature's answers don't fill.
    #[error("column `{feature}`: {problem}")]
    Column {
        /// The column.
        feature: String,
        /// What is wrong and how to mend it.
        problem: String,
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
    /// Trees with linear leaves ask for every level of the columns of their leaves.
    #[error("the trees with linear leaves need more than {most} nodes, one for each level of the columns of each leaf: give these columns coarser steps or fewer bins, or train fewer leaves, or `linear_tree=false`")]
    LinesTooLarge {
        /// The bound.
        most: usize,
    },
    /// The trees are too deep.
    #[error("a tree asks more than {most} questions one after the other: train shallower trees")]
    TooDeep {
        /// The bound.
        most: usize,
    },
    /// A question that explodes when it is put into `and`, `or` and `not`.
    #[error(
        "a question about several columns has more than {most} parts: ask it by nested splits"
    )]
    TooManyParts {
        /// The bound.
        most: usize,
    },
    /// Nothing depends on the features.
    #[error("the model doesn't depend on any feature: it always says the same")]
    Constant,
    /// A number or a condition that protocols don't take.
    #[error(transparent)]
    Model(#[from] ModelError),
}
