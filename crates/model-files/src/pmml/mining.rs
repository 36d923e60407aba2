// SPDX-License-Identifier: Apache-2.0
//! MiningModel: segments that are added up, averaged, vote, or pass results on.

use std::rc::Rc;

use roxmltree::Node as Xml;

use super::fields::{Field, Scope};
use super::xml::{child, children, name, named, need, number, refuse, unsupported};
use super::{classifies, predicate, Predictor, Reader};
use crate::{shorten, ModelFileError, Scale, Share, Sum, Test, Tree};

/// Most segments of one model.
const MAX_SEGMENTS: usize = 10_000;

/// A segment's model and weight.
type Segment<'a> = (Xml<'a, 'a>, f64);

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
        let total: f64 = segments.iter().map(|(_, weight)| weight).sum();
        let classifies = classifies(model)?;
        match (method, classifies) {
            ("modelChain", _) => self.chain(&segments, scope),
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
            (other, _) => Err(unsupported(
                format!("multipleModelMethod `{}`", shorten(other)),
                "use sum, average or weightedAverage, majorityVote for classes, or modelChain",
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
        let mut sum = Sum::zero();
        for (model, weight) in segments {
            sum.add(&self.linear(*model, scope)?, factor(*weight));
        }
        Ok(Predictor::Number { sum, scale: Scale::IDENTITY, codes: None })
    }

    /// A model whose number is a sum.
    fn linear(&mut self, model: Xml<'a, 'a>, scope: &Rc<Scope<'a>>) -> Result<Sum, ModelFileError> {
        match self.model(model, scope)? {
            Predictor::Number { sum, scale, .. } if scale.is_linear() => {
                let mut scaled = Sum::zero();
                scaled.add(&sum, scale.times);
                scaled.constant += scale.plus;
                Ok(scaled)
            }
            _ => Err(unsupported(
                format!("a {} inside of a MiningModel that is no plain sum", name(model)),
                "apply logit, exp or softmax once, in the last model of a chain",
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
        let mut sums = vec![Sum::zero(); labels.len()];
        for (model, weight) in segments {
            let Predictor::Tree { labels: own, class, shares } = self.model(*model, scope)? else {
                return Err(unsupported(
                    format!("a {} that votes", name(*model)),
                    "average or count votes of TreeModels",
                ));
            };
            let parts: Vec<Tree> = match (vote, shares) {
                (false, Some(shares)) => shares,
                (false, None) => {
                    return Err(refuse(
                        "trees are averaged, but their leaves have no ScoreDistribution",
                    ));
                }
                (true, _) => (0..own.len())
                    .map(|index| class.map(|leaf| f64::from(u8::from(leaf as usize == index))))
                    .collect(),
            };
            for (label, part) in own.into_iter().zip(parts) {
                let place = labels.iter().position(|known| *known == label).unwrap_or_else(|| {
                    labels.push(label);
                    sums.push(Sum::zero());
                    labels.len() - 1
                });
                sums[place].add(&Sum::of_tree(part), factor(*weight));
            }
        }
        Ok(Predictor::Classes { labels, sums, share: Share::Proportion })
    }

    /// Models one after the other; results of the earlier ones are fields of the later ones.
    fn chain(
        &mut self,
        segments: &[Segment<'a>],
        scope: &Rc<Scope<'a>>,
    ) -> Result<Predictor, ModelFileError> {
        let mut scope = scope.clone();
        for (index, (model, _)) in segments.iter().enumerate() {
            if index + 1 == segments.len() {
                return self.model(*model, &scope);
            }
            let sum = self.linear(*model, &scope)?;
            let mut inner = Scope { outer: Some(scope.clone()), ..Scope::default() };
            let outputs = child(*model, "Output").map(children).into_iter().flatten();
            for field in outputs {
                match field.attribute("feature").unwrap_or("predictedValue") {
                    "predictedValue" => {
                        inner.fields.insert(need(field, "name")?, Field::Sum(sum.clone()));
                    }
                    other => {
                        return Err(unsupported(
                            format!("the output `{}` inside of a chain", shorten(other)),
                            "pass on predictedValue",
                        ))
                    }
                }
            }
            scope = Rc::new(inner);
        }
        Err(refuse("a chain has no model"))
    }
}

fn segments<'a>(
    list: Xml<'a, 'a>,
    scope: &Rc<Scope<'a>>,
) -> Result<Vec<Segment<'a>>, ModelFileError> {
    let mut segments = Vec::new();
    for segment in named(list, "Segment") {
        match predicate::of(segment, scope)? {
            Test::Constant(true) => {}
            Test::Constant(false) => continue,
            _ => {
                return Err(unsupported(
                    "a Segment with a condition",
                    "give every Segment <True/>, and put the condition into its model",
                ))
            }
        }
        let model = children(segment)
            .find(|node| child(*node, "MiningSchema").is_some())
            .ok_or_else(|| refuse("a Segment has no model"))?;
        segments.push((model, number(segment, "weight")?.unwrap_or(1.0)));
        if segments.len() > MAX_SEGMENTS {
            return Err(refuse(format!("more than {MAX_SEGMENTS} segments")));
        }
    }
    if segments.is_empty() {
        return Err(refuse("a Segmentation has no Segment"));
    }
    Ok(segments)
}
