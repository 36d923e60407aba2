// SPDX-License-Identifier: Apache-2.0
//! The encrypted answer: what leaves the expert's node, and how the patient's key reads it. How it
//! is computed is the engine's business, what its values mean nobody's here.

mod decrypt;
mod error;
mod format;

pub use error::AnswerError;
pub use format::Answer;
