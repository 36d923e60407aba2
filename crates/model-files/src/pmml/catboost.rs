// SPDX-License-Identifier: Apache-2.0
//! What CatBoost's PMML means: the last model of its chain only says on which side of 0 the sum of
//! the trees lies. That sum is the logit of the second class
//! (<https://catboost.ai/docs/en/concepts/loss-functions-classification#Logloss>), and CatBoost
//! writes PMML of two classes for no other loss.

use roxmltree::Node as Xml;

use super::xml::{child, finite, name, named};
use super::Predictor;
use crate::Curve;

/// Whether CatBoost wrote the document.
pub(super) fn wrote(root: Xml<'_, '_>) -> bool {
    let application = child(root, "Header").and_then(|header| child(header, "Application"));
    application.and_then(|one| one.attribute("name")) == Some("CatBoost")
}

/// The probability, if a model is that last one and the result before it is a plain sum.
pub(super) fn probability(model: Xml<'_, '_>, before: &Predictor) -> Option<Predictor> {
    let Predictor::Number { value, .. } = before else { return None };
    value.plain()?;
    let root = child(model, "Node").filter(|_| name(model) == "TreeModel")?;
    let nodes: Vec<Xml<'_, '_>> = named(root, "Node").collect();
    let [second, first] = nodes[..] else { return None };
    let question = child(second, "SimplePredicate")?;
    let is_above = question.attribute("operator") == Some("greaterThan")
        && question.attribute("value").and_then(finite) == Some(0.0);
    child(first, "True").filter(|_| is_above)?;
    let labels = [first.attribute("score")?.to_owned(), second.attribute("score")?.to_owned()];
    let value = value.curve(Curve::Logistic, "the sum of trees").ok()?;
    Some(Predictor::Probability { labels, value })
}
