// SPDX-License-Identifier: Apache-2.0
//! Figures that were published for a range of values: what became of how many people, and of whom.

use serde::{Deserialize, Serialize};

use super::{Output, OutputError};
use crate::intake::text::{Role, Text, Visit};
use crate::intake::{check_text, tidy};
use crate::units;

/// Most figures of one meaning.
const MAX_FIGURES: usize = 16;
/// Most people of a rate.
const MAX_OF: u32 = 1_000_000;

/// A published figure, with the people it was found in.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The figure in words, with outcome and time.
    pub text: Text,
    /// The same for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Its 95 % interval, in the unit of the rate's `events`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
    /// The people in whom it was found.
    pub population: Text,
    /// When that was; `None` if the source doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<String>,
    /// Where that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Text>,
    /// Where it was published: author, year, table or page.
    pub source: String,
}

/// To how many of how many people something happens.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// To so many.
    pub events: f64,
    /// Of so many.
    pub of: u32,
    /// In which time, as number and UCUM unit: `10 a`; `None` for a stay in hospital and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
}

impl Rate {
    /// The number and the UCUM unit of [`Self::per`].
    pub fn time(&self) -> Option<(f64, &str)> {
        let (number, unit) = self.per.as_deref()?.split_once(' ')?;
        Some((number.parse().ok()?, unit))
    }

    fn check(&self) -> Result<(), String> {
        if !(1..=MAX_OF).contains(&self.of) {
            return Err(format!("`of` is {}: it counts 1 to {MAX_OF} people", self.of));
        }
        if !(0.0..=f64::from(self.of)).contains(&self.events) {
            return Err(format!("`events` is {}: it lies within 0 and `of`", self.events));
        }
        let Some(per) = &self.per else {
            return Ok(());
        };
        let is_time = |(number, unit): (f64, &str)| {
            number.is_finite() && number > 0.0 && units::convert(number, unit, "a", None).is_ok()
        };
        match self.time().is_some_and(is_time) {
            true => Ok(()),
            false => Err(format!(
                "`per` is `{}`: write a number and a UCUM unit of time, such as \"10 a\" or \"30 d\"",
                cso_model_files::shorten(per)
            )),
        }
    }
}

impl Figure {
    pub(super) fn visit_texts(&mut self, place: &str, visit: &mut Visit<'_>) {
        visit(&format!("{place} text"), Role::Sentence, &mut self.text);
        visit(&format!("{place} population"), Role::Sentence, &mut self.population);
        if let Some(country) = &mut self.country {
            visit(&format!("{place} country"), Role::Name, country);
        }
    }

    /// The same in the language that it is shown in, alone.
    pub(super) fn shown(&self) -> Self {
        Self {
            text: self.text.shown(),
            population: self.population.shown(),
            country: self.country.as_ref().map(Text::shown),
            ..self.clone()
        }
    }

    fn check(&self, output: &str) -> Result<(), OutputError> {
        let place = format!("output `{output}`, figure");
        self.text.check(&format!("{place} text"), 1000)?;
        self.population.check(&format!("{place} population"), 500)?;
        if let Some(country) = &self.country {
            country.check(&format!("{place} country"), 200)?;
        }
        if let Some(years) = &self.years {
            check_text(&format!("{place} years"), years, 100)?;
        }
        check_text(&format!("{place} source"), &self.source, 500)?;
        let refuse = |problem: String| {
            let figure = cso_model_files::shorten(&self.text);
            Err(OutputError::Figure { output: output.to_owned(), figure, problem })
        };
        if let Some(problem) = self.rate.as_ref().and_then(|rate| rate.check().err()) {
            return refuse(problem);
        }
        match (self.interval, &self.rate) {
            (None, _) => Ok(()),
            (Some(_), None) => refuse("`interval` goes with `rate`, whose unit it has".to_owned()),
            (Some([low, high]), Some(rate)) => {
                let is_around = (low..=high).contains(&rate.events);
                match low.is_finite() && high.is_finite() && low >= 0.0 && is_around {
                    true => Ok(()),
                    false => refuse(format!(
                        "`interval` is [{low}, {high}]: it begins at 0 or above and has `events`, {}, within",
                        tidy(rate.events)
                    )),
                }
            }
        }
    }
}

impl Output {
    pub(super) fn check_figures(&self, figures: &[Figure]) -> Result<(), OutputError> {
        if figures.len() > MAX_FIGURES {
            return Err(OutputError::TooManyFigures {
                output: self.id.clone(),
                found: figures.len(),
                most: MAX_FIGURES,
            });
        }
        figures.iter().try_for_each(|figure| figure.check(&self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(rest: &str) -> Option<String> {
        let json = format!(r#"{{"text":"t","population":"p","source":"s",{rest}}}"#);
        let figure: Figure = serde_json::from_str(&json).unwrap();
        figure.check("o").err().map(|error| error.to_string())
    }

    #[test]
    fn rates_count_people_in_a_time() {
        for good in [
            r#""rate":{"events":4.8,"of":100,"per":"1 a"},"interval":[4.3,5.3]"#,
            r#""rate":{"events":0,"of":1}"#,
            r#""rate":{"events":3,"of":1000,"per":"30 d"}"#,
            r#""rate":{"events":3,"of":1000,"per":"1.5 mo"},"years":"2005-2008","country":"Sweden""#,
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for (bad, why) in [
            (r#""rate":{"events":-1,"of":100}"#, "`events` is -1"),
            (r#""rate":{"events":101,"of":100}"#, "`events` is 101"),
            (r#""rate":{"events":0,"of":0}"#, "`of` is 0"),
            (r#""rate":{"events":1,"of":9,"per":"a"}"#, "`per` is `a`"),
            (r#""rate":{"events":1,"of":9,"per":"0 a"}"#, "`per` is `0 a`"),
            (r#""rate":{"events":1,"of":9,"per":"10 kg"}"#, "`per` is `10 kg`"),
            (r#""rate":{"events":1,"of":9,"per":"10 years"}"#, "`per` is `10 years`"),
            (r#""interval":[1,2]"#, "goes with `rate`"),
            (r#""rate":{"events":3,"of":9},"interval":[4,2]"#, "`interval` is [4, 2]"),
            (r#""rate":{"events":3,"of":9},"interval":[4,5]"#, "has `events`, 3, within"),
        ] {
            assert!(problem(bad).unwrap().contains(why), "{bad}: {:?}", problem(bad));
        }
    }
}
