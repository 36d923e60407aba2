// SPDX-License-Identifier: Apache-2.0
//! The public part of a protocol, and reading an answer with it.

use cso_fhe::Profile;
use serde::{Deserialize, Serialize};

use super::meta::FORMAT;
use super::profiles::Profiles;
use super::{DescriptionError, Disclosure, Meta, ProfileNotServed, ProtocolError, Requirement};
use crate::intake::text::{best_language, Role, Visit};
use crate::intake::{Answers, FeatureText, Intake, Moment, SchemaError};
use cso_primitives::bounds::MAX_DESCRIPTION_BYTES;

use crate::outputs::{Output, OutputError, Ranking, Reading, ReadingError, MAX_OUTPUTS};

/// What everybody may know of a protocol: metadata, intake, for whom it is, outputs with their
/// meanings, and in which profiles it is served.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    pub(super) meta: Meta,
    pub(super) intake: Intake,
    pub(super) requirements: Vec<Requirement>,
    pub(super) outputs: Vec<Output>,
    pub(super) rankings: Vec<Ranking>,
    disclosures: Vec<Disclosure>,
    profiles: Profiles,
    /// The language in which texts are shown, one of `meta.languages()`.
    shown: String,
}

/// What a description is made of.
#[derive(Clone)]
pub(crate) struct Parts {
    pub meta: Meta,
    pub intake: Intake,
    pub requirements: Vec<Requirement>,
    pub outputs: Vec<Output>,
    pub rankings: Vec<Ranking>,
    pub disclosures: Vec<Disclosure>,
}

/// The JSON form: fields in this order, no white space, absent fields left out.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct DescriptionText {
    format: u32,
    protocol: Meta,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    moment: Vec<Moment>,
    intake: Vec<FeatureText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requires: Vec<Requirement>,
    output: Vec<Output>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ranking: Vec<Ranking>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    disclosure: Vec<Disclosure>,
    /// Absent: `private` alone.
    #[serde(default, skip_serializing_if = "Profiles::is_private_alone")]
    profiles: Profiles,
}

impl Description {
    /// Checks metadata, requirements, outputs, texts and length.
    pub(crate) fn new(parts: Parts) -> Result<Self, ProtocolError> {
        let Parts { meta, intake, requirements, mut outputs, rankings, disclosures } = parts;
        meta.check()?;
        // Errors quote figures in the file's language.
        for output in &mut outputs {
            output.visit_texts(&mut |_, _, text| text.show_in(&meta.language));
        }
        Requirement::check_all(&requirements, &intake)?;
        Disclosure::check_all(&disclosures, &intake)?;
        if !(1..=MAX_OUTPUTS).contains(&outputs.len()) {
            return Err(ProtocolError::OutputCount { found: outputs.len(), most: MAX_OUTPUTS });
        }
        for (index, output) in outputs.iter().enumerate() {
            output.check(&intake)?;
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
        if !outputs.iter().any(Output::has_next) {
            return Err(OutputError::NoNextStep.into());
        }
        let meanings = outputs.iter().flat_map(|output| &output.meanings);
        let conditions = meanings.filter_map(|meaning| meaning.when.as_ref());
        let conditions = conditions.chain(requirements.iter().map(|one| &one.when));
        let used = conditions.flat_map(|when| when.features(&intake)).collect();
        let intake = intake.with_used(used);
        let (profiles, shown) = (Profiles::default(), meta.language.clone());
        let mut description =
            Self { meta, intake, requirements, outputs, rankings, disclosures, profiles, shown };
        description.check_languages()?;
        description.show_in(&description.meta.language.clone());
        description.check_length()?;
        Ok(description)
    }

    /// Shows every text to `visit`.
    fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        self.meta.visit_texts(visit);
        self.intake.visit_texts(visit);
        for requirement in &mut self.requirements {
            visit("requires, text", Role::Sentence, &mut requirement.text);
        }
        self.outputs.iter_mut().for_each(|output| output.visit_texts(visit));
        self.rankings.iter_mut().for_each(|ranking| ranking.visit_texts(visit));
        for disclosure in &mut self.disclosures {
            let place = format!("disclosure `{}`, label", disclosure.id);
            visit(&place, Role::Name, &mut disclosure.label);
        }
    }

    /// Checks that every text is there in the languages that the file names.
    fn check_languages(&mut self) -> Result<(), SchemaError> {
        let languages: Vec<String> = self.meta.languages().into_iter().map(str::to_owned).collect();
        let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
        let mut result = Ok(());
        self.visit_texts(&mut |place, role, text| {
            if result.is_ok() {
                result = text.check_languages(place, role, &languages);
            }
        });
        result
    }

    fn show_in(&mut self, language: &str) {
        language.clone_into(&mut self.shown);
        self.visit_texts(&mut |_, _, text| text.show_in(language));
    }

    /// The same with its texts shown in the language that fits `wanted`, a BCP 47 tag such as
    /// `de-CH`, best: in the file's own if none does. What is written of it, its JSON among it, is
    /// the same.
    pub fn in_language(&self, wanted: &str) -> Self {
        let found = best_language(wanted, &self.meta.languages()).unwrap_or(&self.meta.language);
        let mut description = self.clone();
        description.show_in(found);
        description
    }

    /// The language in which its texts are shown: the file's, or what [`Self::in_language`] found.
    pub fn language(&self) -> &str {
        &self.shown
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
            moment: self.intake.moments().to_vec(),
            intake: self.intake.features().iter().map(FeatureText::from).collect(),
            requires: self.requirements.clone(),
            output: self.outputs.clone(),
            ranking: self.rankings.clone(),
            disclosure: self.disclosures.clone(),
            profiles: self.profiles.clone(),
        };
        serde_json::to_string(&text)
            .expect("numbers are finite once checked, and all keys are strings")
    }

    /// Reads and checks a description, as it comes from the chain: without placeholders of an
    /// import, and with the version of each value set.
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
        let intake = features
            .and_then(|features| Intake::with_moments(features, text.moment))
            .map_err(|error| invalid(error.to_string()))?;
        intake.require_versions().map_err(|error| invalid(error.to_string()))?;
        let description = Self::new(Parts {
            meta: text.protocol,
            intake,
            requirements: text.requires,
            outputs: text.output,
            rankings: text.ranking,
            disclosures: text.disclosure,
        })
        .map_err(|error| invalid(error.to_string()))?;
        let left = description.placeholders();
        if !left.is_empty() {
            return Err(invalid(format!("this is left to be written: {}", left.join(", "))));
        }
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

    /// What everybody must see first who is offered this protocol; none where it can wait.
    pub fn warning(&self) -> Option<&'static str> {
        self.meta.setting.warning(&self.shown)
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

    /// What the expert would like to read beside the record.
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// Puts decrypted outputs into words, in the language that is shown: one reading an output, in
    /// order, then one a ranking. `answers` are those that the patient's side has; what a meaning
    /// for some needs and isn't among them is named in [`Reading::open`].
    ///
    /// # Errors
    ///
    /// [`ReadingError`] if there are more or fewer of them than outputs, or a value is beyond what
    /// its output describes.
    pub fn interpret(
        &self,
        outputs: &[u16],
        answers: &Answers,
    ) -> Result<Vec<Reading>, ReadingError> {
        if outputs.len() != self.outputs.len() {
            return Err(ReadingError::Count { found: outputs.len(), expected: self.outputs.len() });
        }
        let mut readings = self
            .outputs
            .iter()
            .zip(outputs)
            .map(|(output, raw)| output.read(*raw, &self.intake, answers, self.language()))
            .collect::<Result<Vec<_>, _>>()?;
        let rankings =
            self.rankings.iter().map(|one| one.read(&self.outputs, &readings, self.language()));
        let rankings: Vec<Reading> = rankings.collect();
        readings.extend(rankings);
        Ok(readings)
    }
}
