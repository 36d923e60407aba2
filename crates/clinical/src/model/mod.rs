// SPDX-License-Identifier: Apache-2.0
//! The private model: sums of terms over features, and outputs computed from sums.
//!
//! Every model class of this crate is a few *sums*. A sum is an intercept plus *terms*, and each
//! term gives points depending on few features: points of a flag, of the options of a choice, of
//! the bands of a quantity, a weight times a quantity or times a product of some, a curve, the
//! points of the first rule that applies, the leaf of a decision tree. A
//! *link* turns a sum into an output: the points themselves, a probability, a class. A scorecard is
//! a model of one sum with whole points; a logistic regression is one with weights and a logistic
//! link; a decision list is one term of cases.
//!
//! [`Model::evaluate`] is the direct reading of all that in floating point, on the coded answers.
//! It doesn't know bits, diagrams or tables: those are the compiler's, and the tests compare both.
//! The text form is read in `text` and `term_text`; what holds for every model,
//! wherever it comes from, is in `check`.

mod check;
mod error;
mod link;
mod term;
mod term_text;
mod text;

pub use error::{EvaluateError, ModelError};
pub(crate) use link::{Class, Link, LinkKind, Part};
pub(crate) use term::{interpolate, Band, Case, Factor, Knot, Term, TermKind, Transform, Tree};
pub(crate) use text::{ModelText, DEFAULT_SUM};

use std::collections::BTreeSet;

use crate::condition::Coded;
use crate::intake::{Intake, Level};
use crate::outputs::Output;

/// A checked model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    /// The sums; every one is used by an output.
    pub sums: Vec<Sum>,
    /// One link an output, in the outputs' order.
    pub links: Vec<Link>,
    /// Groups of features, by index, whose terms the compiler adds up before it rounds.
    pub join: Vec<BTreeSet<usize>>,
    /// Whether accuracy is worth more external products.
    pub precise: bool,
}

/// A sum of terms.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sum {
    /// Its name in the file.
    pub id: String,
    /// What is added to the terms.
    pub intercept: f64,
    /// The terms.
    pub terms: Vec<Term>,
}

impl Model {
    /// The value of each sum.
    fn sums(&self, coded: Coded<'_>) -> Vec<f64> {
        self.sums
            .iter()
            .map(|sum| sum.intercept + sum.terms.iter().map(|term| term.points(coded)).sum::<f64>())
            .collect()
    }

    /// The value of each output before it is put on a grid, moved into the output's range.
    pub(crate) fn values(&self, coded: Coded<'_>, outputs: &[Output]) -> Vec<f64> {
        let sums = self.sums(coded);
        let value =
            |(link, output): (&Link, &Output)| link.value(&sums).max(output.min).min(output.max);
        self.links.iter().zip(outputs).map(value).collect()
    }

    /// The raw value of each output.
    ///
    /// # Errors
    ///
    /// [`EvaluateError::Range`] if a value leaves its output's range and isn't clamped.
    pub(crate) fn evaluate(
        &self,
        intake: &Intake,
        outputs: &[Output],
        levels: &[Level],
    ) -> Result<Vec<u16>, EvaluateError> {
        let sums = self.sums(Coded { intake, levels, exact: None });
        let raw = |(link, output): (&Link, &Output)| {
            let value = link.value(&sums);
            if link.clamp || output.contains(value) {
                return Ok(output.raw(value));
            }
            Err(EvaluateError::Range {
                output: output.id.clone(),
                value,
                min: output.min,
                max: output.max,
            })
        };
        self.links.iter().zip(outputs).map(raw).collect()
    }
}
