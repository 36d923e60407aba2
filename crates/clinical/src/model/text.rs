// SPDX-License-Identifier: Apache-2.0
//! The `[model]` part of a protocol file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::term_text::TermText;
use super::{Class, Link, LinkKind, Model, ModelError, Sum};
use crate::intake::Intake;
use crate::protocol::Output;
use crate::units::shorten;

/// The sum of terms and outputs that name none.
const DEFAULT_SUM: &str = "total";
/// Largest absolute value of points and weights; keeps sums exact in floating point.
const MAX_NUMBER: f64 = 1e9;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelText {
    /// A model file beside the protocol file, instead of intercept and terms.
    file: Option<String>,
    #[serde(default)]
    intercept: Intercept,
    #[serde(default)]
    join: Vec<Vec<String>>,
    #[serde(default)]
    term: Vec<TermText>,
    #[serde(default)]
    output: Vec<LinkText>,
}

/// One number for the sum `total`, or a table of numbers by sum.
#[derive(Deserialize)]
#[serde(untagged, expecting = "intercept is a number, or a table of numbers by sum")]
enum Intercept {
    One(f64),
    BySum(BTreeMap<String, f64>),
}

impl Default for Intercept {
    fn default() -> Self {
        Self::One(0.0)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkText {
    id: String,
    sum: Option<String>,
    #[serde(default)]
    link: LinkName,
    times: Option<f64>,
    plus: Option<f64>,
    baseline: Option<f64>,
    classes: Option<Vec<ClassText>>,
    #[serde(default)]
    clamp: bool,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum LinkName {
    #[default]
    Identity,
    Logistic,
    Exp,
    Cox,
    Classes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassText {
    below: Option<f64>,
    value: f64,
}

/// A file with nothing but a model.
#[derive(Deserialize)]
struct Whole {
    model: ModelText,
}

impl ModelText {
    /// The model file that it names.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Takes intercept and terms from the model file's.
    pub fn fill(&mut self, toml: &str) -> Result<(), String> {
        let own = matches!(self.intercept, Intercept::One(zero) if zero == 0.0);
        if !own || !self.term.is_empty() {
            return Err("leave `intercept` and `[[model.term]]` out beside `file`".to_owned());
        }
        let whole: Whole = toml::from_str(toml).map_err(|error| error.message().to_owned())?;
        self.intercept = whole.model.intercept;
        self.term = whole.model.term;
        Ok(())
    }
}

impl Model {
    /// Checks the text against intake and outputs.
    pub(crate) fn read(
        text: ModelText,
        intake: &Intake,
        outputs: &[Output],
    ) -> Result<Self, ModelError> {
        let mut sums: Vec<Sum> = Vec::new();
        let mut links = Vec::with_capacity(outputs.len());
        for (output, link) in pair_outputs(text.output, outputs)? {
            let id = link.sum.clone().unwrap_or_else(|| DEFAULT_SUM.to_owned());
            let index = sums.iter().position(|sum| sum.id == id).unwrap_or_else(|| {
                sums.push(Sum { id: id.clone(), intercept: 0.0, terms: Vec::new() });
                sums.len() - 1
            });
            // Sums are evaluated one after the other and each gives its outputs together.
            if index + 1 != sums.len() {
                return Err(ModelError::Outputs {
                    problem: format!("output `{}` belongs next to the other outputs of sum `{id}`: move its `[[output]]` there", output.id),
                });
            }
            links.push(link.read(index, output)?);
        }
        let by_sum = match text.intercept {
            Intercept::One(0.0) => BTreeMap::new(),
            Intercept::One(value) => BTreeMap::from([(DEFAULT_SUM.to_owned(), value)]),
            Intercept::BySum(by_sum) => by_sum,
        };
        for (id, value) in by_sum {
            let sum = find_sum(&mut sums, &id, "intercept")?;
            sum.intercept = number("intercept", "intercept", value)?;
        }
        if text.term.is_empty() {
            return Err(ModelError::Outputs { problem: "there is no `[[model.term]]`".to_owned() });
        }
        for (index, term) in text.term.into_iter().enumerate() {
            let name = format!(
                "term {}{}",
                index + 1,
                term.feature.as_ref().map_or(String::new(), |f| format!(" ({})", shorten(f)))
            );
            let id = term.sum.clone().unwrap_or_else(|| DEFAULT_SUM.to_owned());
            let term = term.read(&name, intake)?;
            find_sum(&mut sums, &id, &name)?.terms.push(term);
        }
        if let Some(sum) = sums.iter().find(|sum| sum.terms.is_empty()) {
            return Err(ModelError::Outputs { problem: format!("sum `{}` has no terms", sum.id) });
        }
        let join = read_join(&text.join, intake)?;
        Ok(Self { sums, links, join })
    }
}

/// Groups of at least two features, none of them in two groups.
fn read_join(groups: &[Vec<String>], intake: &Intake) -> Result<Vec<BTreeSet<usize>>, ModelError> {
    let refuse = |problem: String| ModelError::Outputs { problem: format!("`join`: {problem}") };
    let mut joined = BTreeSet::new();
    let mut join = Vec::with_capacity(groups.len());
    for group in groups {
        if group.len() < 2 {
            return Err(refuse(
                "a group has less than two features: join those that share terms".to_owned(),
            ));
        }
        let mut features = BTreeSet::new();
        for id in group {
            let Some((index, _)) = intake.feature(id) else {
                return Err(ModelError::UnknownFeature {
                    term: "join".to_owned(),
                    feature: shorten(id),
                });
            };
            if !joined.insert(index) {
                return Err(refuse(format!("`{id}` is named twice: make one group of both")));
            }
            features.insert(index);
        }
        join.push(features);
    }
    Ok(join)
}

fn find_sum<'a>(sums: &'a mut [Sum], id: &str, place: &str) -> Result<&'a mut Sum, ModelError> {
    let known = sums.iter().map(|sum| sum.id.as_str()).collect::<Vec<_>>().join(", ");
    sums.iter_mut().find(|sum| sum.id == id).ok_or_else(|| ModelError::Outputs {
        problem: format!("{place}: no output uses sum `{}`: outputs use {known}", shorten(id)),
    })
}

/// Brings `[[model.output]]` into the order of `[[output]]`. A single output may go without.
fn pair_outputs(
    texts: Vec<LinkText>,
    outputs: &[Output],
) -> Result<Vec<(&Output, LinkText)>, ModelError> {
    let mut texts = texts;
    if texts.is_empty() && outputs.len() == 1 {
        texts.push(LinkText::identity(&outputs[0].id));
    }
    if let Some(text) = texts.iter().find(|text| outputs.iter().all(|output| output.id != text.id))
    {
        return Err(ModelError::Outputs {
            problem: format!(
                "`[[model.output]]` names `{}`, but there is no such `[[output]]`",
                shorten(&text.id)
            ),
        });
    }
    let mut pairs = Vec::with_capacity(outputs.len());
    for output in outputs {
        let mut own = texts.extract_if(.., |text| text.id == output.id);
        let first = own.next();
        if own.next().is_some() {
            return Err(ModelError::Outputs {
                problem: format!("`[[model.output]]` `{}` is given twice", output.id),
            });
        }
        drop(own);
        let text = first.ok_or_else(|| ModelError::Outputs {
            problem: format!(
                "output `{}` needs a `[[model.output]]` that says how it is computed",
                output.id
            ),
        })?;
        pairs.push((output, text));
    }
    Ok(pairs)
}

impl LinkText {
    fn identity(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            sum: None,
            link: LinkName::Identity,
            times: None,
            plus: None,
            baseline: None,
            classes: None,
            clamp: false,
        }
    }

    fn read(self, sum: usize, output: &Output) -> Result<Link, ModelError> {
        let refuse = |problem: &str| ModelError::Link {
            output: output.id.clone(),
            problem: problem.to_owned(),
        };
        let name = format!("output `{}`", output.id);
        if self.baseline.is_some() && self.link != LinkName::Cox {
            return Err(refuse("only link `cox` has a `baseline`"));
        }
        if self.classes.is_some() && self.link != LinkName::Classes {
            return Err(refuse("only link `classes` has `classes`"));
        }
        let kind = match self.link {
            LinkName::Identity => LinkKind::Identity,
            LinkName::Logistic => LinkKind::Logistic,
            LinkName::Exp => LinkKind::Exp,
            LinkName::Cox => match self.baseline {
                Some(baseline) if baseline > 0.0 && baseline < 1.0 => LinkKind::Cox { baseline },
                _ => return Err(refuse("link `cox` needs a `baseline` survival between 0 and 1")),
            },
            LinkName::Classes => {
                let texts = self.classes.ok_or_else(|| refuse("link `classes` needs `classes`"))?;
                let mut classes = Vec::with_capacity(texts.len());
                for text in texts {
                    if let Some(below) = text.below {
                        number(&name, "below", below)?;
                    }
                    if !output.contains(text.value) {
                        return Err(refuse(&format!(
                            "class value {} is outside of the output's {} to {}",
                            text.value, output.min, output.max
                        )));
                    }
                    classes.push(Class { below: text.below, value: text.value });
                }
                ascending(classes.iter().map(|class| class.below))
                    .map_err(|problem| refuse(&problem))?;
                LinkKind::Classes(classes)
            }
        };
        Ok(Link {
            sum,
            kind,
            times: number(&name, "times", self.times.unwrap_or(1.0))?,
            plus: number(&name, "plus", self.plus.unwrap_or(0.0))?,
            clamp: self.clamp,
        })
    }
}

/// Checks that all but the last have a limit, and that limits ascend.
pub(super) fn ascending(limits: impl Iterator<Item = Option<f64>>) -> Result<(), String> {
    let limits: Vec<Option<f64>> = limits.collect();
    match limits.split_last() {
        None => return Err("there are no bands or classes".to_owned()),
        Some((Some(last), _)) => {
            return Err(format!(
                "nothing covers values from {last} on: leave `below` out of the last one"
            ));
        }
        Some((None, rest)) if rest.contains(&None) => {
            return Err(
                "one before the last has no `below`: those after it are never reached".to_owned()
            );
        }
        Some(_) => {}
    }
    let ends: Vec<f64> = limits.into_iter().flatten().collect();
    if let Some(end) = ends.iter().find(|end| !end.is_finite()) {
        return Err(format!("the limit {end} is not a finite number"));
    }
    match ends.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => {
            Err(format!("the limit {} does not lie above the one before, {}", pair[1], pair[0]))
        }
        None => Ok(()),
    }
}

pub(super) fn number(term: &str, field: &'static str, value: f64) -> Result<f64, ModelError> {
    if value.is_finite() && value.abs() <= MAX_NUMBER {
        Ok(value)
    } else {
        Err(ModelError::Number { term: term.to_owned(), field, value })
    }
}
