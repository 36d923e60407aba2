// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]

mod boosting;
mod cases;
mod catboost;
mod cell;
mod city_hash;
mod column;

mod either;
mod encoded;
mod error;
mod exported;
mod foreign;
mod format;
mod function;
mod lightgbm;
mod logic;
mod model;
mod onnx;
mod own_loss;
mod pmml;
mod recorded;
mod shorten;
mod sum;
mod target;
mod tree;
mod xgboost;

pub use cases::{Cases, CasesError, MAX_CSV};
pub use cell::Cell;
pub use column::{Column, ColumnKind, Expression, Said};
pub use error::ModelFileError;
pub use format::{read, read_with, Options};
pub use function::{Function, Interval, Operation, Outside, Variable};
pub use logic::{Compare, Test};
pub use model::{Characteristic, ModelFile, Prediction, ReasonCodes, VerifiedCase};
pub use shorten::shorten;
pub use sum::{Sum, Term};
pub use target::{Curve, Scale, Share, Target};
pub use tree::{Lines, Node, Split, Tree};
