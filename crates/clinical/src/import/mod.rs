// SPDX-License-Identifier: Apache-2.0
//! Model files that experts already have, turned into protocol files.
//!
//! Each reader ([`xgboost`], [`lightgbm`], [`pmml`], [`onnx()`]) brings a file into one plain form,
//! an [`Imported`]: sums of trees and products over named columns, and what becomes of the sums.
//! [`Imported::predict`] evaluates it as the library behind the file does. With the training data
//! at hand ([`Cases`]), [`Imported::to_protocol`] writes a native protocol file: features named as
//! in the model, ranges and steps from the data, the rest left for the expert to fill in. From
//! there on there is only one path, that of any protocol.

mod answer;
mod cases;
mod error;
mod function;
mod lightgbm;
mod logic;
mod onnx;
mod plain;
mod pmml;

mod tree;
mod write;
mod xgboost;

pub use answer::{Answer, Curve, Scale, Share};
pub use cases::{Cases, MAX_CASES, MAX_COLUMNS, MAX_CSV};
pub use error::ImportError;
pub use function::{Function, Interval, Operation, Outside};
pub use lightgbm::lightgbm;
pub use logic::{Compare, Test};
pub use onnx::onnx;
pub use plain::{
    Cell, Column, ColumnKind, Imported, Prediction, Reason, Reasons, Sum, Term, Variable, Vector,
};
pub use pmml::pmml;
pub use tree::{Node, Split, Tree};
pub use xgboost::xgboost;

/// Longest model file in bytes.
pub const MAX_MODEL: usize = 64 * 1024 * 1024;

/// Most classes that are read; how many of them become outputs is decided later.
const MAX_CLASSES: usize = 64;

/// Reads a model file of any known kind, which its content tells. Columns that the model doesn't
/// read are left out.
pub fn model(bytes: &[u8]) -> Result<Imported, ImportError> {
    if bytes.len() > MAX_MODEL {
        return Err(ImportError::TooLong { found: bytes.len(), most: MAX_MODEL });
    }
    let mut imported = match std::str::from_utf8(bytes) {
        Ok(text) => of_text(text.trim_start_matches('\u{feff}'))?,
        Err(_) => onnx(bytes)?,
    };
    imported.drop_unused();
    Ok(imported)
}

fn of_text(text: &str) -> Result<Imported, ImportError> {
    let start = text.trim_start();
    if start.starts_with('<') {
        pmml(text)
    } else if start.starts_with("tree\n") || start.starts_with("tree\r\n") {
        lightgbm(text)
    } else if !start.starts_with('{') {
        // A small protobuf may happen to be text.
        onnx(text.as_bytes())
    } else if text.contains("\"gradient_booster\"") {
        xgboost(text)
    } else {
        lightgbm(text)
    }
}
