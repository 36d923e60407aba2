// SPDX-License-Identifier: Apache-2.0
//! Model files that experts already have, turned into protocol files.
//!
//! Each reader ([`xgboost`], [`lightgbm`]) brings a file into one plain form, an [`Ensemble`] of
//! decision trees. With the training data at hand ([`Cases`]), [`Ensemble::to_protocol`]
//! writes a native protocol file: features named as in the model, ranges and steps from the data, the
//! rest left for the expert to fill in. From there on there is only one path, that of any protocol.

mod cases;
mod ensemble;
mod error;
mod lightgbm;
mod write;
mod xgboost;

pub use cases::{Cases, MAX_CASES, MAX_COLUMNS, MAX_CSV};
pub use ensemble::{Ensemble, Node, Objective, Split, Tree};
pub use error::ImportError;
pub use lightgbm::lightgbm;
pub use xgboost::xgboost;

/// Reads a model file of any known kind.
pub fn model(text: &str) -> Result<Ensemble, ImportError> {
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
