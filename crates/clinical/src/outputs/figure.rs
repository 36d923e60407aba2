// SPDX-License-Identifier: Apache-2.0
//! Figures that were published for a range of values: what became of how many people, and of whom.

use serde::{Deserialize, Serialize};

use super::{Output, OutputError};
use crate::intake::text::{Role, Text, Visit};
use crate::intake::{check_text, tidy};
use crate::number::number;
use crate::{pair, units};

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
    #[serde(default, deserialize_with = "pair::interval", skip_serializing_if = "Option::is_none")]
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
            return Err(format!("`events` is {}: it lies within 0 and `of`", number(self.events)));
        }
        let Some(per) = &self.per else {
            return Ok(());
        };
        let is_time = |(number, unit): (f64, &str)| {
            number.is_finite() && number > 0.0 && units::convert(number, unit, "a", None).is_ok()
        };
        match is_number_and_unit(per) && self.time().is_some_and(is_time) {
            true => Ok(()),
            false => Err(format!(
                "`per` is `{}`: write a number, one blank and a UCUM unit of time, such as \"10 a\" or \"30 d\"",
                cso_model_files::shorten(per)
            )),
        }
    }
}

/// Longest time of a rate, in characters.
const MAX_PER: usize = 64;

/// Whether a text is a decimal number, one blank and a unit, as the schemas have it: a number such
/// as `1e3`, `+10` or `inf` is none.
fn is_number_and_unit(text: &str) -> bool {
    let is_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let Some((number, unit)) = text.split_once(' ') else {
        return false;
    };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    text.len() <= MAX_PER
        && is_digits(whole)
        && is_digits(decimals)
        && !unit.is_empty()
        && unit.bytes().all(|letter| letter.is_ascii_graphic())
}

/// Whether years are written as `2018`, `2005-2008` or `2000-`, several with commas between them,
/// and none ends before it begins.
fn are_years(text: &str) -> bool {
    let year = |text: &str| -> Option<u16> {
        (text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit()))
            .then(|| text.parse().ok())?
    };
    text.split(", ").all(|span| match span.split_once('-') {
        None => year(span).is_some(),
        Some((first, "")) => year(first).is_some(),
        Some((first, last)) => match (year(first), year(last)) {
            (Some(first), Some(last)) => first <= last,
            _ => false,
        },
    })
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
        let is_wrong = |years: &&String| !are_years(years);
        let refuse = |problem: String| {
            let figure = cso_model_files::shorten(&self.text);
            Err(OutputError::Figure { output: output.to_owned(), figure, problem })
        };
        if let Some(years) = self.years.as_ref().filter(is_wrong) {
            return refuse(format!(
                "`years` is `{}`: write \"2018\", \"2005-2008\" or \"2000-\", several with a comma and a blank between them",
                cso_model_files::shorten(years)
            ));
        }
        if let Some(problem) = self.rate.as_ref().and_then(|rate| rate.check().err()) {
            return refuse(problem);
        }
        match (self.interval, &self.rate) {
            (None, _) => Ok(()),
            (Some(_), None) => refuse("`interval` goes with `rate`, whose unit it has".to_owned()),
            (Some([low, high]), Some(rate)) => {
                let is_around = (low..=high).contains(&rate.events);
                match low >= 0.0 && high <= f64::from(rate.of) && is_around {
                    true => Ok(()),
                    false => refuse(format!(
                        "`interval` is [{}, {}]: it lies within 0 and `of`, {}, and has `events`, {}, within",
                        number(low),
                        number(high),
                        rate.of,
                        number(tidy(rate.events))
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
            r#""years":"1995-""#,
            r#""years":"1987, 1990-1991""#,
            r#""rate":{"events":3,"of":9},"interval":[0,9]"#,
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
            (
                r#""rate":{"events":1,"of":9,"per":"10  a"}"#,
                "`per` is `10  a`: write a number, one",
            ),
            (r#""rate":{"events":1,"of":9,"per":"1e3 a"}"#, "`per` is `1e3 a`"),
            (r#""rate":{"events":1,"of":9,"per":"+10 a"}"#, "`per` is `+10 a`"),
            (r#""rate":{"events":1,"of":9,"per":".5 a"}"#, "`per` is `.5 a`"),
            (r#""rate":{"events":1,"of":9,"per":"1. a"}"#, "`per` is `1. a`"),
            (r#""rate":{"events":1,"of":9,"per":"inf a"}"#, "`per` is `inf a`"),
            (r#""rate":{"events":1e300,"of":9}"#, "`events` is 1e300"),
            (r#""interval":[1,2]"#, "goes with `rate`"),
            (r#""rate":{"events":3,"of":9},"interval":[0,10]"#, "within 0 and `of`, 9"),
            (r#""rate":{"events":3,"of":9},"interval":[0,1e308]"#, "`interval` is [0, 1e308]"),
            (r#""years":"2008-2006""#, "`years` is `2008-2006`"),
            (r#""years":"2006–2008""#, "`years` is `2006–2008`"),
            (r#""years":"long ago""#, "`years` is `long ago`"),
            (r#""rate":{"events":3,"of":9},"interval":[4,2]"#, "`interval` is [4, 2]"),
            (r#""rate":{"events":3,"of":9},"interval":[4,5]"#, "has `events`, 3, within"),
        ] {
            assert!(problem(bad).unwrap().contains(why), "{bad}: {:?}", problem(bad));
        }
    }
}
