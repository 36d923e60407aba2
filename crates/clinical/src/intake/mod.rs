// SPDX-License-Identifier: Apache-2.0
//! The intake: what a protocol asks of a patient, and how answers become bits.
//!
//! An [`Intake`] is an ordered list of [`Feature`]s. Three kinds exist: a *flag* (yes or no), a
//! *choice* (one of several options) and a *quantity* (a number with a UCUM unit on a grid from
//! `min` to `max` in steps). [`Intake::encode`] lays the answers out as bits: feature after
//! feature, within a feature the value's binary code with the least significant bit first, then
//! one more bit for "missing" when the feature allows that. This layout is the record's layout,
//! and the compiler's programs read it. A *local* feature takes no bits: its answer is used on the
//! patient's side only.

mod answer;
mod check;
mod check_digit;
mod code_lists;
mod code_system;
mod codes;
mod derived;
mod encode;
mod error;
mod expression;
mod moment;
mod schema;
mod source;
mod source_text;
pub(crate) mod text;
mod threshold;
mod value_set;

pub(crate) use answer::tidy;
pub use answer::{parse_answers_json, Answers, Value};
pub(crate) use check::{check_id, check_text};
pub use code_lists::CodeLists;
pub use code_system::CodeSystem;
pub(crate) use code_system::{icd9, read_code};
pub use codes::CodeSet;
pub use derived::{Derivation, Derived, Formula};
pub use encode::{Clamped, Encoded, Level};
pub use error::{IntakeError, SchemaError};
pub use expression::Expression;
pub use moment::Moment;
pub(crate) use schema::FeatureText;
pub use schema::{Choice, Feature, Kind, Quantity, Rounding};
pub use source::{
    MedicationQuery, ObservationQuery, PatientField, Pick, Source, WhenAbsent, Window,
};
pub(crate) use source_text::SourceText;
pub use text::Text;
pub(crate) use threshold::Comparator;
pub use threshold::{Limit, Threshold};
pub(crate) use value_set::value_sets_of;
pub use value_set::{value_sets, ValueSet, ValueSetSource};

use std::collections::BTreeSet;

use text::Visit;

/// Most features an intake may ask for.
pub(crate) const MAX_FEATURES: usize = 256;
/// Most bits a record of one intake may have: three quarters of what a record can hold
/// (`cso-fhe`), so that the largest one, in profile `Private`, has 81 MB.
pub(crate) const MAX_BITS: usize = 1536;
/// Most levels of one quantity (12 bits).
pub(crate) const MAX_LEVELS: u32 = 4096;
/// Most options of one choice.
pub(crate) const MAX_OPTIONS: usize = 64;

/// What a protocol asks, in a fixed order.
#[derive(Clone, Debug, PartialEq)]
pub struct Intake {
    features: Vec<Feature>,
    moments: Vec<Moment>,
    /// Local features that eligibility or meanings use, by id.
    used: BTreeSet<String>,
}

impl Intake {
    /// Checks the features and their bounds, and that no two have one id.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] with the feature and the bound.
    pub fn new(features: Vec<Feature>) -> Result<Self, SchemaError> {
        Self::with_moments(features, Vec::new())
    }

    /// The same with moments that features belong to.
    ///
    /// # Errors
    ///
    /// As [`Self::new`], and if a moment or what names it doesn't fit.
    pub fn with_moments(features: Vec<Feature>, moments: Vec<Moment>) -> Result<Self, SchemaError> {
        if features.is_empty() {
            return Err(SchemaError::Empty);
        }
        if features.len() > MAX_FEATURES {
            return Err(SchemaError::TooManyFeatures { found: features.len(), most: MAX_FEATURES });
        }
        for (index, feature) in features.iter().enumerate() {
            feature.check()?;
            if features[..index].iter().any(|other| other.id == feature.id) {
                return Err(SchemaError::DuplicateFeature { feature: feature.id.clone() });
            }
        }
        moment::check(&moments, &features)?;
        derived::check(&features)?;
        let intake = Self { features, moments, used: BTreeSet::new() };
        if intake.bits() == 0 {
            return Err(SchemaError::AllLocal);
        }
        if intake.bits() > MAX_BITS {
            return Err(SchemaError::TooManyBits { found: intake.bits(), most: MAX_BITS });
        }
        Ok(intake)
    }

    /// The features in the order of the bit layout.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The moments to which features belong.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// Shows every text to `visit`.
    pub(crate) fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        self.features.iter_mut().for_each(|feature| feature.visit_texts(visit));
    }

    /// The same, of which these local features are needed whatever is derived: eligibility or
    /// meanings use them.
    pub fn with_used(self, used: BTreeSet<String>) -> Self {
        Self { used, ..self }
    }

    fn is_used(&self, feature: &str) -> bool {
        self.used.contains(feature)
    }

    /// Refuses value sets that this program doesn't have, and those in which a source finds no code
    /// of its kind: whoever writes a protocol file must know the codes. A patient's side asks
    /// instead of reading what it has no codes for.
    ///
    /// # Errors
    ///
    /// [`SchemaError::BadSource`] with the sets that there are, or the systems that the set has.
    pub(crate) fn require_value_sets(&self) -> Result<(), SchemaError> {
        self.check_codes(|taker, codes| {
            if let Some(unknown) = codes.unknown_value_sets().next() {
                return Err(value_set::not_there(unknown));
            }
            match codes.useless_value_sets().next() {
                None => Ok(()),
                Some((set, has)) => Err(format!(
                    "value set `{set}` has no code that {taker} takes, so that nothing would be found by it: it has {}",
                    has.join(", ")
                )),
            }
        })
    }

    /// Refuses value sets without their version.
    ///
    /// # Errors
    ///
    /// [`SchemaError::BadSource`] with the set.
    pub(crate) fn require_versions(&self) -> Result<(), SchemaError> {
        self.check_codes(|_, codes| match codes.unversioned_value_sets().next() {
            None => Ok(()),
            Some(set) => {
                let set = cso_model_files::shorten(set);
                Err(format!("value set `{set}` is named without its version"))
            }
        })
    }

    /// Checks the codes of all sources and options.
    fn check_codes(
        &self,
        check: impl Fn(&str, &CodeSet) -> Result<(), String>,
    ) -> Result<(), SchemaError> {
        for feature in &self.features {
            let sources = feature.sources.iter().enumerate();
            let of_sources = sources.filter_map(|(at, source)| {
                Some((at + 1, format!("kind `{}`", source.kind()), source.codes()?))
            });
            let options = match &feature.kind {
                Kind::Choice { options } => &options[..],
                _ => &[],
            };
            let of_options = options.iter().enumerate();
            let of_options =
                of_options.map(|(at, one)| (at + 1, "an option".to_owned(), &one.codes));
            for (number, taker, codes) in of_sources.chain(of_options) {
                check(&taker, codes).map_err(|problem| SchemaError::BadSource {
                    feature: feature.id.clone(),
                    number,
                    problem,
                })?;
            }
        }
        Ok(())
    }

    /// The feature of that id, with its index.
    pub fn feature(&self, id: &str) -> Option<(usize, &Feature)> {
        self.features.iter().enumerate().find(|(_, feature)| feature.id == id)
    }

    /// Bits of one record.
    pub fn bits(&self) -> usize {
        self.features.iter().map(Feature::bits).sum()
    }

    /// The first bit of a feature.
    pub fn offset(&self, feature: usize) -> usize {
        self.features[..feature].iter().map(Feature::bits).sum()
    }
}
