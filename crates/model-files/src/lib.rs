// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]

mod cases;
mod cell;
mod column;
mod error;
mod exported;
mod format;
mod function;
mod lightgbm;
mod logic;
mod model;
mod onnx;
mod pmml;
mod shorten;
mod sum;
mod target;
mod tree;
mod xgboost;

pub use cases::{Cases, CasesError, MAX_CSV};
pub use cell::Cell;
pub use column::{Column, ColumnKind, Expression};
pub use error::ModelFileError;
pub use format::{read, read_with, Options};
pub use function::{Function, Interval, Operation, Outside, Variable};
pub use logic::{Compare, Test};
pub use model::{Characteristic, ModelFile, Prediction, ReasonCodes, VerifiedCase};
pub use shorten::shorten;
pub use sum::{Sum, Term};
pub use target::{Curve, Scale, Share, Target};
pub use tree::{Lines, Node, Split, Tree};
