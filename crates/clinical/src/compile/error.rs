// SPDX-License-Identifier: Apache-2.0
//! Models that don't become a program.

use thiserror::Error;

use crate::intake::IntakeError;
use crate::protocol::ExampleError;

/// Why a model doesn't become a program.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The diagrams explode.
    #[error("sum `{sum}`, term {term}: takes more than {most} decision nodes: use fewer features in one term, shallower trees or coarser steps")]
    TooManyNodes {
        /// The sum.
        sum: String,
        /// The term, from 1.
        term: usize,
        /// The bound.
        most: usize,
    },
    /// Nothing depends on the answers.
    #[error("sum `{sum}` doesn't depend on any answer: give its terms points")]
    Constant {
        /// The sum.
        sum: String,
    },
    /// An output of several sums.
    #[error("an output that mixes several sums is not supported yet")]
    Mixed,
    /// So many parts that whole points can't be told from rounding.
    #[error("sum `{sum}` has {parts} numbers, too many to round into a table of 2048 entries: split it into outputs of fewer terms")]
    TooManyParts {
        /// The sum.
        sum: String,
        /// How many there are.
        parts: usize,
    },
    /// A value beyond what the output describes.
    #[error("output `{output}` can become {value}, outside of its {min} to {max}: widen the output or set `clamp = true` in `[[model.output]]`")]
    OutputRange {
        /// The output.
        output: String,
        /// The value.
        value: f64,
        /// The least value described.
        min: f64,
        /// The greatest value described.
        max: f64,
    },
    /// An example gives another result when compiled.
    #[error("compiled program: {0}: rounding moves it, use finer outputs or fewer terms")]
    Example(ExampleError),
    /// The answers of an example don't fit.
    #[error(transparent)]
    Answers(#[from] IntakeError),
    /// `cso_fhe` refuses a program that takes too much.
    #[error("{error}: sum `{sum}` has {nodes} diagram nodes, {tree_nodes} of them in {trees} trees: train fewer or shallower trees, or use coarser steps or bins")]
    TooLarge {
        /// The bound that is broken.
        error: cso_fhe::ProgramError,
        /// The sum.
        sum: String,
        /// Nodes of its diagrams.
        nodes: usize,
        /// Nodes of its trees.
        tree_nodes: usize,
        /// How many trees it has.
        trees: usize,
    },
    /// `cso_fhe` refuses the program.
    #[error("the program is refused: {0}")]
    Program(#[from] cso_fhe::ProgramError),
}
