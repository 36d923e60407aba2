// SPDX-License-Identifier: Apache-2.0
//! Model files that experts already have, turned into protocol files.
//!
//! Each reader ([`xgboost`], [`lightgbm`], …) brings a file into one plain form, an [`Imported`]: sums of trees and products over named columns,
//! and what becomes of the sums. [`Imported::predict`] evaluates it as the library behind the file does. With the training data at
//! hand ([`Cases`]), [`Imported::to_protocol`] writes a native protocol file: features named as in the model, ranges and steps from
//! the data, the rest left for the expert to fill in. From there on there is only one path, that of any protocol.

mod cases;
mod error;
mod function;
mod lightgbm;
mod plain;
mod test;
mod tree;
mod write;
mod xgboost;

pub use cases::{Cases, MAX_CASES, MAX_COLUMNS, MAX_CSV};
pub use error::ImportError;
pub use function::{Function, Interval, Operation, Outside};
pub use lightgbm::lightgbm;
pub use plain::{
    Answer, Cell, Column, ColumnKind, Curve, Imported, Prediction, Reason, Reasons, Scale, Share,
    Sum, Term, Variable, Vector,
};
pub use test::{Compare, Test};
pub use tree::{Node, Split, Tree};
pub use xgboost::xgboost;

/// Longest model file in bytes.
pub const MAX_MODEL: usize = 64 * 1024 * 1024;

/// Reads a model file of any known kind, which its content tells.
pub fn model(bytes: &[u8]) -> Result<Imported, ImportError> {
    if bytes.len() > MAX_MODEL {
        return Err(ImportError::TooLong {
            found: bytes.len(),
            most: MAX_MODEL,
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ImportError::UnknownFormat)?;
    let start = text.trim_start();
    if start.starts_with("tree\n") || start.starts_with("tree\r\n") {
        return lightgbm(text);
    }
    if start.starts_with('{') {
        return if text.contains("\"gradient_booster\"") {
            xgboost(text)
        } else {
            lightgbm(text)
        };
    }
    Err(ImportError::UnknownFormat)
}
