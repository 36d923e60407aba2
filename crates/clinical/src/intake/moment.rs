// SPDX-License-Identifier: Apache-2.0
//! Moments: features whose values in a record count only together.

use serde::{Deserialize, Serialize};

use super::{check_id, Feature, SchemaError, Source};

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
            let problem = "at least two features must name it, or it says nothing".to_owned();
            return refuse(&moment.id, problem);
        }
    }
    let unknown = features.iter().find_map(|feature| {
        let named = feature.moment.as_ref()?;
        moments.iter().all(|moment| moment.id != *named).then_some((feature, named))
    });
    if let Some((feature, problem)) =
        features.iter().find_map(|feature| Some((feature, feature.problem_of_moment()?)))
    {
        let moment = feature.moment.as_deref().unwrap_or_default();
        return refuse(moment, format!("feature `{}` can't belong to it: {problem}", feature.id));
    }
    match unknown {
        None => Ok(()),
        Some((feature, named)) => refuse(
            named,
            format!("feature `{}` names it: add `[[moment]]` with that id", feature.id),
        ),
    }
}

impl Feature {
    /// Why it can't belong to the moment that it names: what a record has on it has no time.
    fn problem_of_moment(&self) -> Option<&'static str> {
        self.moment.as_ref()?;
        if self.sources.iter().any(|source| matches!(source, Source::Patient(_))) {
            return Some("what its source `patient` says has no time");
        }
        let is_timed = |source: &Source| {
            matches!(
                source,
                Source::Observation(_) | Source::BodyMassIndex { .. } | Source::Answer { .. }
            )
        };
        match self.sources.iter().any(is_timed) {
            true => None,
            false => Some("it has no source `observation`, `body-mass-index` or `answer`"),
        }
    }
}
