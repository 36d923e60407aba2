// SPDX-License-Identifier: Apache-2.0
//! Moments: features whose values in a record count only together.

use serde::{Deserialize, Serialize};

use super::{check_id, Feature, SchemaError};

/// Most moments of an intake.
const MAX_MOMENTS: usize = 16;
/// Longest span of a moment: a year.
const MAX_HOURS: u32 = 366 * 24;

/// One time at which several features are measured: what is read from a record for them lies within
/// so many hours of one another.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Moment {
    /// Stable id, which features name.
    pub id: String,
    /// The most hours between two values.
    pub within_hours: u32,
}

/// Checks moments, and that features name only those that there are, each at least two.
pub(super) fn check(moments: &[Moment], features: &[Feature]) -> Result<(), SchemaError> {
    let refuse = |id: &str, problem: String| {
        Err(SchemaError::Moment { moment: cso_model_files::shorten(id), problem })
    };
    if let Some(first_beyond) = moments.get(MAX_MOMENTS) {
        return refuse(&first_beyond.id, format!("at most {MAX_MOMENTS} are allowed"));
    }
    for (index, moment) in moments.iter().enumerate() {
        check_id("moment id", &moment.id)?;
        if moments[..index].iter().any(|other| other.id == moment.id) {
            return refuse(&moment.id, "it is defined twice".to_owned());
        }
        if !(1..=MAX_HOURS).contains(&moment.within_hours) {
            return refuse(&moment.id, format!("`within-hours` is 1 to {MAX_HOURS}"));
        }
        let members = features.iter().filter(|one| one.moment.as_ref() == Some(&moment.id));
        if members.count() < 2 {
            let problem = "at least two features name it, or it says nothing".to_owned();
            return refuse(&moment.id, problem);
        }
    }
    let unknown = features.iter().find_map(|feature| {
        let named = feature.moment.as_ref()?;
        moments.iter().all(|moment| moment.id != *named).then_some((feature, named))
    });
    match unknown {
        None => Ok(()),
        Some((feature, named)) => refuse(
            named,
            format!("feature `{}` names it: add `[[moment]]` with that id", feature.id),
        ),
    }
}
