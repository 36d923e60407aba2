// SPDX-License-Identifier: Apache-2.0
//! From a model file to a model over the features of an intake.
//!
//! What depends on one column is tabulated over the feature's levels and becomes the simplest term
//! that gives the table: points, a weight, bands, knots. What depends on several stays a tree, a
//! list of cases, or a product. So the model is exact on every answer that can be coded, whatever
//! functions and precisions the file has.
//!
//! This module knows neither outputs nor protocol files: the result is the sums of a
//! [`model`](crate::model), checked.

mod asked;
mod clause;
mod error;
mod lines;
mod questions;
mod tables;
mod terms;
mod trees;

pub(crate) use asked::Asked;
pub use error::TranslateError;

use cso_model_files as files;

use crate::intake::Intake;
use crate::model::{Sum, DEFAULT_SUM};

/// The sums of a model file over the features that an intake asks. The only sum gets the name that
/// outputs take by default, those of several classes the classes' names.
pub(crate) fn over_intake(
    file: &files::ModelFile,
    intake: &Intake,
) -> Result<Vec<Sum>, TranslateError> {
    let asked = Asked::all(file.columns(), intake)?;
    let several = file.sums().len() > 1;
    let sums = file.sums().iter().enumerate().map(|(index, sum)| {
        let id = if several { &file.classes()[index] } else { DEFAULT_SUM };
        sum_over(id, sum, &asked, intake)
    });
    sums.collect()
}

/// One sum of a model file, checked.
pub(crate) fn sum_over(
    id: &str,
    sum: &files::Sum,
    asked: &[Asked],
    intake: &Intake,
) -> Result<Sum, TranslateError> {
    let (intercept, terms) = terms::translate(sum, asked, intake)?;
    let sum = Sum { id: id.to_owned(), intercept, terms };
    sum.check(intake)?;
    Ok(sum)
}
