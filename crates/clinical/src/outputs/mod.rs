// SPDX-License-Identifier: Apache-2.0
//! What comes back: outputs with their grids and meanings, rankings of outputs, and readings, which
//! put decrypted values into words.
//!
//! An output's encrypted value is the number of a step on its grid. How the value is computed is
//! the model's business, and this module knows nothing of it.

mod error;
mod figure;
mod meaning;
mod output;
mod ranking;
mod reading;

/// Most outputs of a protocol: what a program may have.
pub(crate) use cso_fhe::MAX_OUTPUTS;
pub use error::{OutputError, ReadingError};
pub use figure::{Figure, Rate};
pub use meaning::Meaning;
pub use output::{Output, OutputKind};
pub use ranking::{Probability, Ranking};
pub use reading::Reading;
