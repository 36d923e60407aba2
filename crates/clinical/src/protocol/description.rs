// SPDX-License-Identifier: Apache-2.0
//! The public part of a protocol, and reading an answer with it.

use cso_fhe::Profile;
use serde::{Deserialize, Serialize};

use super::meta::FORMAT;
use super::profiles::Profiles;
use super::{DescriptionError, Meta, ProfileNotServed, ProtocolError};
use crate::intake::{FeatureText, Intake};
use cso_primitives::bounds::MAX_DESCRIPTION_BYTES;

use crate::outputs::{Output, OutputError, Ranking, Reading, ReadingError, MAX_OUTPUTS};

/// What everybody may know of a protocol: metadata, intake, outputs with their meanings, and in
/// which profiles it is served.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    pub(super) meta: Meta,
    pub(super) intake: Intake,
    pub(super) outputs: Vec<Output>,
    pub(super) rankings: Vec<Ranking>,
    profiles: Profiles,
}

/// The JSON form: fields in this order, no white space, absent fields left out.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct DescriptionText {
    format: u32,
    protocol: Meta,
    intake: Vec<FeatureText>,
    output: Vec<Output>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ranking: Vec<Ranking>,
    /// Absent: `private` alone.
    #[serde(default, skip_serializing_if = "Profiles::is_private_alone")]
    profiles: Profiles,
}

impl Description {
    /// Checks metadata, outputs and length.
    pub(crate) fn new(
        meta: Meta,
        intake: Intake,
        outputs: Vec<Output>,
        rankings: Vec<Ranking>,
    ) -> Result<Self, ProtocolError> {
        meta.check()?;
        if !(1..=MAX_OUTPUTS).contains(&outputs.len()) {
            return Err(ProtocolError::OutputCount { found: outputs.len(), most: MAX_OUTPUTS });
        }
        for (index, output) in outputs.iter().enumerate() {
            output.check()?;
            if outputs[..index].iter().any(|other| other.id == output.id) {
                return Err(OutputError::Duplicate { output: output.id.clone() }.into());
            }
        }
        for (index, ranking) in rankings.iter().enumerate() {
            ranking.check(&outputs)?;
            if rankings[..index].iter().any(|other| other.id == ranking.id) {
                return Err(OutputError::Duplicate { output: ranking.id.clone() }.into());
            }
        }
        let profiles = Profiles::default();
        let description = Self { meta, intake, outputs, rankings, profiles };
        description.check_length()?;
        Ok(description)
    }

    fn check_length(&self) -> Result<(), DescriptionError> {
        let found = self.to_json().len();
        if found > MAX_DESCRIPTION_BYTES {
            return Err(DescriptionError::TooLong { found, most: MAX_DESCRIPTION_BYTES });
        }
        Ok(())
    }

    /// The same with the profiles in which the protocol is served; `Private` is always one.
    pub(crate) fn served_in(
        self,
        served: impl Fn(Profile) -> bool,
    ) -> Result<Self, DescriptionError> {
        let description = Self { profiles: Profiles::new(served), ..self };
        description.check_length()?;
        Ok(description)
    }

    /// Compact, canonical JSON: equal descriptions give equal bytes.
    pub fn to_json(&self) -> String {
        let text = DescriptionText {
            format: FORMAT,
            protocol: self.meta.clone(),
            intake: self.intake.features().iter().map(FeatureText::from).collect(),
            output: self.outputs.clone(),
            ranking: self.rankings.clone(),
            profiles: self.profiles.clone(),
        };
        serde_json::to_string(&text)
            .expect("numbers are finite once checked, and all keys are strings")
    }

    /// Reads and checks a description, as it comes from the chain.
    ///
    /// # Errors
    ///
    /// [`DescriptionError`] if it is too long, no such JSON, or breaks a rule of protocol files.
    pub fn from_json(json: &str) -> Result<Self, DescriptionError> {
        if json.len() > MAX_DESCRIPTION_BYTES {
            return Err(DescriptionError::TooLong {
                found: json.len(),
                most: MAX_DESCRIPTION_BYTES,
            });
        }
        let text: DescriptionText = serde_json::from_str(json)
            .map_err(|error| DescriptionError::Syntax { message: error.to_string() })?;
        let invalid = |problem: String| DescriptionError::Invalid { problem };
        if text.format != FORMAT {
            return Err(invalid(format!(
                "format {} is unknown, this program reads format {FORMAT}",
                text.format
            )));
        }
        let features =
            text.intake.into_iter().map(FeatureText::read).collect::<Result<Vec<_>, _>>();
        let intake = features.and_then(Intake::new).map_err(|error| invalid(error.to_string()))?;
        let description = Self::new(text.protocol, intake, text.output, text.ranking)
            .map_err(|error| invalid(error.to_string()))?;
        let description = Self { profiles: text.profiles, ..description };
        description.check_length()?;
        Ok(description)
    }

    /// Whether the expert's node answers records in this profile, as it was found when the protocol
    /// was published: a record in another one is declined, after it was paid for.
    ///
    /// # Errors
    ///
    /// [`ProfileNotServed`], in words for the patient.
    pub fn require_profile(&self, profile: Profile) -> Result<(), ProfileNotServed> {
        match self.profiles.contains(profile) {
            true => Ok(()),
            false => Err(ProfileNotServed { profile: profile.word() }),
        }
    }

    /// Metadata: title, version, references.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// What is asked.
    pub fn intake(&self) -> &Intake {
        &self.intake
    }

    /// What comes back.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// Which outputs are compared with one another.
    pub fn rankings(&self) -> &[Ranking] {
        &self.rankings
    }

    /// Puts decrypted outputs into words: one reading an output, in order, then one a ranking.
    ///
    /// # Errors
    ///
    /// [`ReadingError`] if there are more or fewer of them than outputs, or a value is beyond what
    /// its output describes.
    pub fn interpret(&self, outputs: &[u16]) -> Result<Vec<Reading>, ReadingError> {
        if outputs.len() != self.outputs.len() {
            return Err(ReadingError::Count { found: outputs.len(), expected: self.outputs.len() });
        }
        let mut readings = self
            .outputs
            .iter()
            .zip(outputs)
            .map(|(output, raw)| output.read(*raw))
            .collect::<Result<Vec<_>, _>>()?;
        let values: Vec<f64> = readings.iter().map(|reading| reading.value).collect();
        let rankings = self.rankings.iter();
        readings.extend(rankings.map(|ranking| ranking.read(&self.outputs, &values)));
        Ok(readings)
    }
}
