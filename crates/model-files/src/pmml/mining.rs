// SPDX-License-Identifier: Apache-2.0
//! MiningModel: segments that are added up, averaged, vote, take turns, or pass results on.

use std::rc::Rc;

use roxmltree::Node as Xml;

use super::catboost;
use super::condition;
use super::fields::Scope;
use super::mixture::Mixture;
use super::xml::{child, children, name, named, need, number, refuse, unsupported};
use super::{classifies, output, predicate, Predictor, Reader};
use crate::{shorten, ModelFileError, Sum, Test, Tree};

/// Most segments of one model.
const MAX_SEGMENTS: usize = 10_000;

/// Most segments that take turns: each repeats the conditions of all before it.
const MAX_TURNS: usize = 64;

/// A segment: when it counts, its model, and its weight.
struct Segment<'a> {
    test: Test,
    model: Xml<'a, 'a>,
    weight: f64,
}

impl<'a> Reader<'a> {
    pub(super) fn mining(
        &mut self,
        model: Xml<'a, 'a>,
        scope: &Rc<Scope<'a>>,
    ) -> Result<Predictor, ModelFileError> {
        let list = child(model, "Segmentation").ok_or_else(|| {
            unsupported("a MiningModel without Segmentation", "put each model into a Segment")
        })?;
        let segments = segments(list, scope)?;
        let method = need(list, "multipleModelMethod")?;
        let count = segments.len() as f64;
        let total: f64 = segments.iter().map(|segment| segment.weight).sum();
        let classifies = classifies(model)?;
        let conditional = segments.iter().any(|segment| segment.test != Test::Constant(true));
        if conditional && !matches!(method, "sum" | "weightedSum" | "selectFirst") {
            return Err(unsupported(
                format!("a Segment with a condition under `{}`", shorten(method)),
                "use selectFirst or sum, or give every Segment <True/>",
            ));
        }
        match (method, classifies) {
            ("modelChain", _) => self.chain(&segments, scope),
            ("selectFirst", _) => self.first(&segments, scope),
            ("sum", false) => self.add_up(&segments, scope, |_| 1.0),
            ("weightedSum", false) => self.add_up(&segments, scope, |weight| weight),
            ("average", false) => self.add_up(&segments, scope, |_| 1.0 / count),
            ("weightedAverage", false) => self.add_up(&segments, scope, |weight| weight / total),
            ("average", true) => self.shares(&segments, scope, false, |_| 1.0 / count),
            ("weightedAverage", true) => {
                self.shares(&segments, scope, false, |weight| weight / total)
            }
            ("majorityVote", true) => self.shares(&segments, scope, true, |_| 1.0 / count),
            ("weightedMajorityVote", true) => {
                self.shares(&segments, scope, true, |weight| weight / total)
            }
            (other, classifies) => Err(unsupported(
                format!(
                    "multipleModelMethod `{}` of {}",
                    shorten(other),
                    if classifies { "classes" } else { "numbers" }
                ),
                "use average, sum for numbers, majorityVote for classes, selectFirst, or modelChain",
            )),
        }
    }

    /// Numbers of all segments, each times a factor of its weight.
    fn add_up(
        &mut self,
        segments: &[Segment<'a>],
        scope: &Rc<Scope<'a>>,
        factor: impl Fn(f64) -> f64,
    ) -> Result<Predictor, ModelFileError> {
        let mut value = Mixture::of(Sum::zero());
        for segment in segments {
            let own = self.number(segment.model, scope)?;
            let own = match &segment.test {
                Test::Constant(true) => own,
                test => {
                    let sum = own.plain().ok_or_else(|| curved(segment.model))?;
                    Mixture::of(condition::only_where(test, sum)?)
                }
            };
            value.add(&own, factor(segment.weight))?;
        }
        Ok(Predictor::Number { value, codes: None })
    }

    /// The number that a model predicts.
    fn number(
        &mut self,
        model: Xml<'a, 'a>,
        scope: &Rc<Scope<'a>>,
    ) -> Result<Mixture, ModelFileError> {
        match self.model(model, scope)? {
            Predictor::Number { value, .. } => Ok(value),
            _ => Err(unsupported(
                format!("a {} that tells classes apart among numbers", name(model)),
                "add up or average numbers, average or count votes of classes",
            )),
        }
    }

    /// Shares of classes: the segments' shares, or a vote for the class of each.
    fn shares(
        &mut self,
        segments: &[Segment<'a>],
        scope: &Rc<Scope<'a>>,
        vote: bool,
        factor: impl Fn(f64) -> f64,
    ) -> Result<Predictor, ModelFileError> {
        let mut labels: Vec<String> = self.labels.clone();
        let mut values = vec![Mixture::of(Sum::zero()); labels.len()];
        for Segment { model, weight, .. } in segments {
            let (own, parts) =
                match (vote, self.model(*model, scope)?) {
                    (false, Predictor::Tree { labels, shares: Some(shares), .. }) => {
                        let parts = shares.into_iter().map(|tree| Mixture::of(Sum::of_tree(tree)));
                        (labels, parts.collect())
                    }
                    (false, Predictor::Tree { .. }) => {
                        return Err(refuse(
                            "trees are averaged, but their leaves have no ScoreDistribution",
                        ));
                    }
                    (false, Predictor::Probability { labels, value }) => {
                        (labels.into(), vec![value.complement(), value])
                    }
                    (false, Predictor::Shares { labels, values }) => (labels, values),
                    (true, Predictor::Tree { labels, class, .. }) => {
                        let parts = votes(&class, labels.len());
                        (labels, parts)
                    }
                    (_, _) => return Err(unsupported(
                        format!("a {} that votes", name(*model)),
                        "average models of two classes, or average or count votes of TreeModels",
                    )),
                };
            for (label, part) in own.into_iter().zip(parts) {
                let place = labels.iter().position(|known| *known == label).unwrap_or_else(|| {
                    labels.push(label);
                    values.push(Mixture::of(Sum::zero()));
                    labels.len() - 1
                });
                values[place].add(&part, factor(*weight))?;
            }
        }
        Ok(Predictor::Shares { labels, values })
    }

    /// The first segment that counts.
    fn first(
        &mut self,
        segments: &[Segment<'a>],
        scope: &Rc<Scope<'a>>,
    ) -> Result<Predictor, ModelFileError> {
        if segments.len() > MAX_TURNS {
            return Err(refuse(format!("selectFirst among more than {MAX_TURNS} Segments")));
        }
        let mut predictors = Vec::with_capacity(segments.len());
        for segment in segments {
            predictors.push(self.model(segment.model, scope)?);
            if segment.test == Test::Constant(true) {
                break;
            }
        }
        if predictors.len() == 1 && segments[0].test == Test::Constant(true) {
            return Ok(predictors.remove(0));
        }
        let tests: Vec<&Test> = segments.iter().map(|segment| &segment.test).collect();
        condition::first(&tests, predictors)
    }

    /// Models one after the other; results of the earlier ones are fields of the later ones.
    fn chain(
        &mut self,
        segments: &[Segment<'a>],
        scope: &Rc<Scope<'a>>,
    ) -> Result<Predictor, ModelFileError> {
        let mut scope = scope.clone();
        let mut before = None;
        for (index, Segment { model, .. }) in segments.iter().enumerate() {
            if let (true, true, Some(before)) =
                (self.is_catboost, index + 1 == segments.len(), &before)
            {
                if let Some(predictor) = catboost::probability(*model, before) {
                    return Ok(predictor);
                }
            }
            let predictor = self.model(*model, &scope)?;
            if index + 1 == segments.len() {
                return Ok(predictor);
            }
            scope = Rc::new(output::fields(*model, &predictor, &scope)?);
            before = Some(predictor);
        }
        Err(refuse("a chain has no model"))
    }
}

/// 1 for each class that a leaf names.
fn votes(class: &Tree, classes: usize) -> Vec<Mixture> {
    let vote = |index: usize| class.map(|leaf| f64::from(u8::from(leaf as usize == index)));
    (0..classes).map(|index| Mixture::of(Sum::of_tree(vote(index)))).collect()
}

pub(super) fn curved(model: Xml<'_, '_>) -> ModelFileError {
    unsupported(
        format!("a {} inside of a MiningModel that is no plain sum", name(model)),
        "apply logit, exp or softmax once, in the last model of a chain",
    )
}

fn segments<'a>(
    list: Xml<'a, 'a>,
    scope: &Rc<Scope<'a>>,
) -> Result<Vec<Segment<'a>>, ModelFileError> {
    let mut segments = Vec::new();
    for segment in named(list, "Segment") {
        let test = predicate::of(segment, scope)?;
        if test == Test::Constant(false) {
            continue;
        }
        let model = children(segment)
            .find(|node| child(*node, "MiningSchema").is_some())
            .ok_or_else(|| refuse("a Segment has no model"))?;
        let weight = number(segment, "weight")?.unwrap_or(1.0);
        segments.push(Segment { test, model, weight });
        if segments.len() > MAX_SEGMENTS {
            return Err(refuse(format!("more than {MAX_SEGMENTS} segments")));
        }
    }
    if segments.is_empty() {
        return Err(refuse("a Segmentation has no Segment"));
    }
    Ok(segments)
}
