// SPDX-License-Identifier: Apache-2.0
//! What every face shows beside a result, in one order and in the words of one language: what the
//! reading says besides its value, and what the protocol says of itself.

use crate::intake::{Clamped, Feature, Kind, Value};
use crate::outputs::{Figure, Reading};
use crate::phrases::Phrases;
use crate::protocol::{Description, Eligibility};
use crate::spoken;

impl Feature {
    /// An answer exactly, in English but for the label of an option.
    pub fn show(&self, value: &Value) -> String {
        self.show_in(value, "en")
    }

    /// An answer exactly, with its UCUM unit, in that language if we have its words, else in
    /// English; options go by the label that is shown. [`Self::tell`] is for people.
    pub fn show_in(&self, value: &Value, language: &str) -> String {
        let phrases = Phrases::of(language);
        match (value, &self.kind) {
            (Value::Flag(true), _) => phrases.yes.to_owned(),
            (Value::Flag(false), _) => phrases.no.to_owned(),
            (Value::Missing, _) => phrases.missing.to_owned(),
            (Value::Quantity(_), Kind::Quantity(quantity)) if quantity.unit == "a" => {
                format!("{value} {}", phrases.years)
            }
            (Value::Quantity(_), Kind::Quantity(quantity)) => format!("{value} {}", quantity.unit),
            (Value::Choice(id), Kind::Choice { options }) => options
                .iter()
                .find(|option| option.id == *id)
                .map_or_else(|| id.clone(), |option| option.label.to_string()),
            _ => value.to_string(),
        }
    }
}

/// That a value beyond the range isn't used as it is.
pub fn out_of_range(feature: &Feature, clamped: &Clamped, language: &str) -> String {
    let tell = |number: f64| feature.tell(&Value::Quantity(number), language);
    let words = Phrases::of(language).out_of_range;
    words.replace("{given}", &tell(clamped.given)).replace("{used}", &tell(clamped.used))
}

impl Figure {
    /// The figure in words, with its people and where it was published.
    pub fn line(&self, language: &str) -> String {
        let interval = match (self.interval, &self.rate) {
            (Some([low, high]), Some(rate)) => {
                let words = Phrases::of(language).interval;
                let words = words.replace("{low}", &spoken::number(low, language));
                let words = words.replace("{high}", &spoken::number(high, language));
                format!(" ({})", words.replace("{of}", &rate.of.to_string()))
            }
            _ => String::new(),
        };
        let country = self.country.as_ref().map(|country| format!(", {country}"));
        let years = self.years.as_ref().map(|years| format!(", {years}"));
        format!(
            "{}{interval}. {}{}{} ({})",
            self.text.trim_end_matches('.'),
            self.population.trim_end_matches('.'),
            country.unwrap_or_default(),
            years.unwrap_or_default(),
            self.source
        )
    }
}

/// What a reading says besides its value and its meaning, each with a heading, or none: what to do,
/// signs that need help, the line for clinicians, what an answer would still tell.
pub fn of_reading(description: &Description, reading: &Reading) -> Vec<[String; 2]> {
    let phrases = Phrases::of(description.language());
    let open = (!reading.open.is_empty()).then(|| labels(description, &reading.open));
    let open = open.map(|labels| phrases.open_meaning.replace("{}", &labels));
    [
        (phrases.next, &reading.next),
        (phrases.warning, &reading.warning),
        (phrases.clinician, &reading.clinician),
        ("", &open),
    ]
    .into_iter()
    .filter_map(|(heading, text)| Some([heading.to_owned(), text.clone()?]))
    .collect()
}

/// What a protocol says of itself, each with a heading: its version, for whom it is and isn't,
/// whether the patient is somebody it is for, and where it was published.
pub fn of_protocol(description: &Description, eligibility: &Eligibility) -> Vec<[String; 2]> {
    let (meta, phrases) = (description.meta(), Phrases::of(description.language()));
    let mut rows = vec![
        [phrases.protocol, &format!("{} ({})", meta.title, meta.id)].map(str::to_owned),
        [phrases.version, &meta.version].map(str::to_owned),
        [phrases.intended_use, &meta.intended_use].map(str::to_owned),
    ];
    if let Some(not_for) = &meta.not_for {
        rows.push([phrases.not_for, not_for].map(str::to_owned));
    }
    let eligible = match eligibility {
        _ if description.requirements().is_empty() => phrases.no_requirements.to_owned(),
        Eligibility::Fits => phrases.fits.to_owned(),
        Eligibility::DoesNotFit { reasons } => phrases.refused.replace("{}", &reasons.join(" ")),
        Eligibility::Open { features } => {
            phrases.open_eligibility.replace("{}", &labels(description, features))
        }
    };
    rows.push([phrases.eligibility.to_owned(), eligible]);
    rows
}

/// The labels of features, by id.
fn labels(description: &Description, features: &[String]) -> String {
    let label = |id: &String| match description.intake().feature(id) {
        Some((_, feature)) => feature.label.to_string(),
        None => id.clone(),
    };
    features.iter().map(label).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Protocol;

    #[test]
    fn answers_are_shown_in_the_words_of_the_language() {
        let toml = include_str!("../tests/data/description-1.toml");
        let german = Protocol::from_toml(toml).unwrap().description().in_language("de");
        let show = |id: &str, value: Value, language: &str| {
            german.intake().feature(id).unwrap().1.show_in(&value, language)
        };
        assert_eq!(show("age", Value::Quantity(70.0), "de"), "70 Jahre");
        assert_eq!(show("age", Value::Quantity(70.0), "en"), "70 years");
        assert_eq!(show("glucose", Value::Quantity(5.5), "de"), "5.5 mmol/L");
        assert_eq!(show("smoker", Value::Flag(false), "de-AT"), "nein");
        assert_eq!(show("creatinine", Value::Missing, "de"), "nicht bekannt");
        assert_eq!(show("sex", Value::Choice("male".to_owned()), "de"), "männlich");
    }
}
