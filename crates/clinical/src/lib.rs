// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]

pub mod about;
pub mod compile;
mod condition;
mod draft;
pub mod fhir;
pub mod intake;
mod model;
mod model_check;
mod number;
pub mod opinion_page;
pub mod outputs;
mod pair;
mod phrases;
pub mod plain_text;
pub mod protocol;
mod publication;
mod spoken;
mod translate;
mod units;

pub use compile::{compile, CompileError, Compiled, NotServed, PRIVACY_FLOOR_LOG2};
pub use condition::{ConditionError, Truth, When};
pub use draft::{draft, draft_with, measure, Binning, Draft, DraftError, Measured};
pub use intake::{Answers, Encoded, Intake, IntakeError, Text, Value};
pub use model::{EvaluateError, ModelError};
pub use model_check::ModelCheck;
pub use outputs::Reading;
pub use phrases::{disclaimer, Words};
pub use protocol::{Description, Eligibility, Protocol, ProtocolError, Setting};
pub use publication::{publication, PublicationError};
pub use translate::TranslateError;
pub use units::UnitError;

/// What every face of the product says next to a result.
pub const DISCLAIMER: &str =
    "Research software, not a medical device. Talk to a doctor before you act on a result.";
