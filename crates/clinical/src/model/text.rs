// SPDX-License-Identifier: Apache-2.0
//! The `[model]` part of a protocol file.

use std::collections::{BTreeMap, BTreeSet};

use cso_model_files::shorten;
use serde::Deserialize;

use super::check::{number, term_name};
use super::term_text::TermText;
use super::{Class, Knot, Link, LinkKind, Model, ModelError, Part, Sum};
use crate::intake::Intake;
use crate::outputs::Output;

/// The sum of terms and outputs that name none.
pub(crate) const DEFAULT_SUM: &str = "total";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelText {
    /// A model file in the same folder, instead of intercept and terms.
    file: Option<String>,
    #[serde(default)]
    intercept: Intercept,
    #[serde(default)]
    join: Vec<Vec<String>>,
    #[serde(default)]
    precise: bool,
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
    lines: Option<Vec<Knot>>,
    #[serde(default)]
    clamp: bool,
    #[serde(default)]
    mixed: Vec<PartText>,
}

/// What one more sum adds to an output.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartText {
    sum: String,
    #[serde(default)]
    link: LinkName,
    times: Option<f64>,
    baseline: Option<f64>,
    lines: Option<Vec<Knot>>,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum LinkName {
    #[default]
    Identity,
    Logistic,
    Exp,
    Cox,
    Cloglog,
    Classes,
    Lines,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassText {
    below: Option<f64>,
    value: f64,
}

impl ModelText {
    /// The model file that it names.
    pub(crate) fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Whether it has terms of its own.
    pub(crate) fn has_terms(&self) -> bool {
        let no_intercept = matches!(self.intercept, Intercept::One(zero) if zero == 0.0);
        !no_intercept || !self.term.is_empty()
    }
}

impl Model {
    /// Checks the text against intake and outputs. The sums of a model file, if the text names
    /// one, stand for intercept and terms.
    pub(crate) fn read(
        text: ModelText,
        file: Option<Vec<Sum>>,
        intake: &Intake,
        outputs: &[Output],
    ) -> Result<Self, ModelError> {
        let (mut sums, links) = read_links(text.output, outputs)?;
        match file {
            Some(file) => take_sums(file, &mut sums)?,
            None => read_terms(text.intercept, text.term, intake, &mut sums)?,
        }
        if let Some(sum) = sums.iter().find(|sum| sum.terms.is_empty()) {
            return Err(ModelError::Outputs { problem: format!("sum `{}` has no terms", sum.id) });
        }
        let join = read_join(&text.join, intake)?;
        Ok(Self { sums, links, join, precise: text.precise })
    }
}

/// The sums that the outputs use, still without terms, and one link an output.
fn read_links(
    texts: Vec<LinkText>,
    outputs: &[Output],
) -> Result<(Vec<Sum>, Vec<Link>), ModelError> {
    let mut sums: Vec<Sum> = Vec::new();
    let mut links = Vec::with_capacity(outputs.len());
    for (output, link) in pair_outputs(texts, outputs)? {
        let id = link.sum.clone().unwrap_or_else(|| DEFAULT_SUM.to_owned());
        let index = sum_of(&mut sums, &id);
        // Sums are evaluated one after the other and each gives its outputs together.
        if index + 1 != sums.len() {
            return Err(ModelError::Outputs {
                problem: format!("output `{}` belongs next to the other outputs of sum `{id}`: move its `[[output]]` there", output.id),
            });
        }
        let mixed: Vec<usize> =
            link.mixed.iter().map(|part| sum_of(&mut sums, &part.sum)).collect();
        links.push(link.read(index, &mixed, output)?);
    }
    Ok((sums, links))
}

/// The place of a sum, which is added if it isn't there.
fn sum_of(sums: &mut Vec<Sum>, id: &str) -> usize {
    sums.iter().position(|sum| sum.id == id).unwrap_or_else(|| {
        sums.push(Sum { id: id.to_owned(), intercept: 0.0, terms: Vec::new() });
        sums.len() - 1
    })
}

/// Intercepts and terms of the text.
fn read_terms(
    intercept: Intercept,
    terms: Vec<TermText>,
    intake: &Intake,
    sums: &mut [Sum],
) -> Result<(), ModelError> {
    let by_sum = match intercept {
        Intercept::One(0.0) => BTreeMap::new(),
        Intercept::One(value) => BTreeMap::from([(DEFAULT_SUM.to_owned(), value)]),
        Intercept::BySum(by_sum) => by_sum,
    };
    for (id, value) in by_sum {
        let sum = find_sum(sums, &id, "intercept")?;
        number("intercept", "intercept", value)?;
        sum.intercept = value;
    }
    if terms.is_empty() {
        return Err(ModelError::Outputs { problem: "there is no `[[model.term]]`".to_owned() });
    }
    for (index, term) in terms.into_iter().enumerate() {
        let name = term_name(index, term.feature.as_deref());
        let id = term.sum.clone().unwrap_or_else(|| DEFAULT_SUM.to_owned());
        let term = term.read(&name, intake)?;
        find_sum(sums, &id, &name)?.terms.push(term);
    }
    Ok(())
}

/// The sums of a model file, which are checked already.
fn take_sums(file: Vec<Sum>, sums: &mut [Sum]) -> Result<(), ModelError> {
    for own in file {
        let sum = find_sum(sums, &own.id, "the model file")?;
        if !sum.terms.is_empty() {
            let problem = format!("the model file has two sums `{}`", shorten(&own.id));
            return Err(ModelError::Outputs { problem });
        }
        *sum = own;
    }
    Ok(())
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
            let Some((index, feature)) = intake.feature(id) else {
                return Err(ModelError::UnknownFeature {
                    term: "join".to_owned(),
                    feature: shorten(id),
                });
            };
            if feature.local {
                return Err(refuse(format!("`{id}` is `local`: the model can't use it")));
            }
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
            lines: None,
            clamp: false,
            mixed: Vec::new(),
        }
    }

    fn read(self, sum: usize, mixed: &[usize], output: &Output) -> Result<Link, ModelError> {
        let refuse = |problem: &str| ModelError::Link {
            output: output.id.clone(),
            problem: problem.to_owned(),
        };
        let function = Function {
            name: self.link,
            baseline: self.baseline,
            classes: self.classes,
            lines: self.lines,
        };
        let kind = function.read().map_err(refuse)?;
        let (times, plus) = (self.times.unwrap_or(1.0), self.plus.unwrap_or(0.0));
        let mut parts = Vec::with_capacity(mixed.len());
        for (text, sum) in self.mixed.into_iter().zip(mixed) {
            let PartText { link: name, baseline, lines, times, .. } = text;
            let kind = Function { name, baseline, classes: None, lines }.read().map_err(refuse)?;
            parts.push(Part { sum: *sum, kind, times: times.unwrap_or(1.0) });
        }
        let link = Link { sum, kind, times, plus, clamp: self.clamp, mixed: parts };
        link.check(output)?;
        Ok(link)
    }
}

/// A link's function with what it needs.
struct Function {
    name: LinkName,
    baseline: Option<f64>,
    classes: Option<Vec<ClassText>>,
    lines: Option<Vec<Knot>>,
}

impl Function {
    fn read(self) -> Result<LinkKind, &'static str> {
        if self.baseline.is_some() && self.name != LinkName::Cox {
            return Err("only link `cox` has a `baseline`");
        }
        if self.classes.is_some() && self.name != LinkName::Classes {
            return Err("only link `classes` has `classes`");
        }
        if self.lines.is_some() && self.name != LinkName::Lines {
            return Err("only link `lines` has `lines`");
        }
        Ok(match self.name {
            LinkName::Identity => LinkKind::Identity,
            LinkName::Logistic => LinkKind::Logistic,
            LinkName::Exp => LinkKind::Exp,
            LinkName::Cox => {
                let needed = "link `cox` needs a `baseline` survival between 0 and 1";
                LinkKind::Cox { baseline: self.baseline.ok_or(needed)? }
            }
            LinkName::Cloglog => LinkKind::Cloglog,
            LinkName::Classes => {
                let texts = self.classes.ok_or("link `classes` needs `classes`")?;
                let class = |text: ClassText| Class { below: text.below, value: text.value };
                LinkKind::Classes(texts.into_iter().map(class).collect())
            }
            LinkName::Lines => LinkKind::Lines(self.lines.ok_or("link `lines` needs `lines`")?),
        })
    }
}
