// SPDX-License-Identifier: Apache-2.0
//! What can be wrong with an intake and with answers to it.

use thiserror::Error;

use crate::number::{count, number};
use crate::{plain_text::code_point, units::UnitError};

/// An intake that can't be offered. Each names the feature and the bound.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum SchemaError {
    /// Nothing is asked.
    #[error("the intake asks nothing: add at least one `[[intake]]`")]
    Empty,
    /// More features than allowed.
    #[error("the intake has {found} features, at most {most} are allowed")]
    TooManyFeatures {
        /// How many there are.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// More bits than allowed.
    #[error("the intake takes {found} bits, at most {most} are allowed: use coarser steps or fewer features")]
    TooManyBits {
        /// How many there are.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// Two features with one id.
    #[error("feature `{feature}` is defined twice: give each `[[intake]]` its own id")]
    DuplicateFeature {
        /// The id.
        feature: String,
    },
    /// An id with other characters than allowed.
    #[error("{field}: `{id}` is no id: use 1 to 64 letters, digits, `-`, `_`, `.` or other printable ASCII but quotes, commas, `=`, `<` and `>`")]
    BadId {
        /// Where the id stands.
        field: String,
        /// The id.
        id: String,
    },
    /// A text that is empty or too long.
    #[error("{field}: the text has {found} characters, 1 to {most} are allowed")]
    BadText {
        /// Where the text stands.
        field: String,
        /// Its length.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// A text with a character that isn't drawn where it stands.
    #[error("{field}: the text has the character {}, which is not allowed: line ends, control characters, direction marks and other invisible or unassigned characters aren't", code_point(.letter))]
    BadLetter {
        /// Where the text stands.
        field: String,
        /// The character, the first of that kind.
        letter: char,
    },
    /// A text in which nothing is drawn.
    #[error("{field}: nothing of the text is drawn: write letters, digits or signs")]
    NothingDrawn {
        /// Where the text stands.
        field: String,
    },
    /// A text with a heap of marks on one letter.
    #[error("{field}: the text has more than {most} accents or other marks on one letter")]
    TooManyMarks {
        /// Where the text stands.
        field: String,
        /// The bound.
        most: usize,
    },
    /// A text in other languages than the file's.
    #[error("{field}: {problem}")]
    Languages {
        /// Where the text stands.
        field: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// Nothing but what stays with the patient.
    #[error("the intake asks nothing that the model may use: every feature is `local`")]
    AllLocal,
    /// A `[[moment]]` that can't be, or that isn't there.
    #[error("moment `{moment}`: {problem}")]
    Moment {
        /// The moment.
        moment: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// A field the kind needs.
    #[error("feature `{feature}`: a {kind} needs `{field}`")]
    FieldMissing {
        /// The feature.
        feature: String,
        /// Its kind.
        kind: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A field the kind doesn't have.
    #[error("feature `{feature}`: a {kind} has no `{field}`")]
    FieldOutOfPlace {
        /// The feature.
        feature: String,
        /// Its kind.
        kind: &'static str,
        /// The field.
        field: &'static str,
    },
    /// Bins that are none.
    #[error("feature `{feature}`: edges: {problem}")]
    BadEdges {
        /// The feature.
        feature: String,
        /// What is wrong.
        problem: String,
    },
    /// `min`, `max` or `step` are not numbers in order.
    #[error("feature `{feature}`: min {}, max {}, step {}: min must be below max and step above 0", number(*.min), number(*.max), number(*.step))]
    BadRange {
        /// The feature.
        feature: String,
        /// Its least value.
        min: f64,
        /// Its greatest value.
        max: f64,
        /// Its step.
        step: f64,
    },
    /// `max` can't be reached from `min` in whole steps.
    #[error(
        "feature `{feature}`: max {} is not min {} plus a whole number of steps of {}",
        number(*.max), number(*.min), number(*.step)
    )]
    OffGrid {
        /// The feature.
        feature: String,
        /// Its least value.
        min: f64,
        /// Its greatest value.
        max: f64,
        /// Its step.
        step: f64,
    },
    /// Too fine a grid.
    #[error(
        "feature `{feature}` has {} levels, at most {most} are allowed: use a coarser step",
        count(*.levels)
    )]
    TooManyLevels {
        /// The feature.
        feature: String,
        /// How many there are.
        levels: u64,
        /// The bound.
        most: u32,
    },
    /// `limits` that don't enclose the range.
    #[error("feature `{feature}`: limits [{}, {}] must enclose min {} and max {}", number(*.low), number(*.high), number(*.min), number(*.max))]
    BadLimits {
        /// The feature.
        feature: String,
        /// The lower limit.
        low: f64,
        /// The upper limit.
        high: f64,
        /// The least value.
        min: f64,
        /// The greatest value.
        max: f64,
    },
    /// The unit isn't UCUM.
    #[error("feature `{feature}`: {error}")]
    BadUnit {
        /// The feature.
        feature: String,
        /// What is wrong.
        error: UnitError,
    },
    /// The analyte has no molar mass here.
    #[error("feature `{feature}`: analyte `{analyte}` is unknown: use one of {known}")]
    UnknownAnalyte {
        /// The feature.
        feature: String,
        /// The name given.
        analyte: String,
        /// The names there are.
        known: String,
    },
    /// Too few or too many options.
    #[error("feature `{feature}` has {found} options: a choice has 2 to {most}")]
    OptionCount {
        /// The feature.
        feature: String,
        /// How many there are.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// Two options with one id.
    #[error("feature `{feature}`: option `{option}` is defined twice")]
    DuplicateOption {
        /// The feature.
        feature: String,
        /// The option.
        option: String,
    },
    /// A source that can't fill this feature.
    #[error("feature `{feature}`, source {number}: {problem}")]
    BadSource {
        /// The feature.
        feature: String,
        /// The number of the source, from 1.
        number: usize,
        /// What is wrong and how to mend it.
        problem: String,
    },
}

/// Answers that don't fit the intake. Each names the feature and what to do.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum IntakeError {
    /// The protocol asks no such thing.
    #[error("the protocol has no feature `{feature}`: it asks for {known}")]
    UnknownFeature {
        /// The id given.
        feature: String,
        /// The ids there are.
        known: String,
    },
    /// No answer where one is needed.
    #[error("feature `{feature}` ({label}) is missing: give a value for it")]
    Missing {
        /// The feature.
        feature: String,
        /// Its label.
        label: String,
    },
    /// The answer is of another kind.
    #[error("feature `{feature}`: `{found}` is not a {expected}")]
    WrongKind {
        /// The feature.
        feature: String,
        /// What it takes.
        expected: String,
        /// What was given.
        found: String,
    },
    /// No such option.
    #[error("feature `{feature}` has no option `{option}`: choose one of {known}")]
    UnknownOption {
        /// The feature.
        feature: String,
        /// The option given.
        option: String,
        /// The options there are.
        known: String,
    },
    /// A number outside of what the protocol accepts at all.
    #[error("feature `{feature}`: {} {unit} is outside of {} to {} {unit}, where this protocol applies", number(*.value), number(*.low), number(*.high))]
    OutOfRange {
        /// The feature.
        feature: String,
        /// The value given.
        value: f64,
        /// The lower limit.
        low: f64,
        /// The upper limit.
        high: f64,
        /// The unit.
        unit: String,
    },
    /// NaN or infinite.
    #[error("feature `{feature}`: the value is not a finite number")]
    NotFinite {
        /// The feature.
        feature: String,
    },
    /// The unit given doesn't convert.
    #[error("feature `{feature}`: {error}")]
    Unit {
        /// The feature.
        feature: String,
        /// What is wrong.
        error: UnitError,
    },
    /// Answers in JSON that are no object of simple values.
    #[error("answers: {problem}: write an object of feature ids and values, such as {{\"age\": 70, \"diabetes\": true}}")]
    NotAnswers {
        /// What is wrong.
        problem: String,
    },
}
