// SPDX-License-Identifier: Apache-2.0
//! What becomes of a prediction: Targets move it, Outputs name it and make other numbers of it.

use std::rc::Rc;

use roxmltree::Node as Xml;

use super::expression;
use super::fields::{Field, Scope};
use super::mixture::Mixture;
use super::part::Part;
use super::xml::{child, children, name, named, need, number, refuse, unsupported};
use super::{target_name, Predictor};
use crate::{shorten, ModelFileError, Share, Sum};

/// Applies `Targets`: a range, then a factor and a summand on a number.
pub(super) fn rescale(
    model: Xml<'_, '_>,
    predictor: Predictor,
) -> Result<Predictor, ModelFileError> {
    let mut targets = child(model, "Targets").map(children).into_iter().flatten();
    let Some(target) = targets.next() else {
        return Ok(predictor);
    };
    if targets.next().is_some() {
        return Err(unsupported("a second Target", "write one Target a model"));
    }
    if target.has_attribute("castInteger") {
        return Err(unsupported(
            "`castInteger` of a Target",
            "leave it out: the output's grid rounds",
        ));
    }
    let prior = |value: &Xml<'_, '_>| {
        ["priorProbability", "defaultValue"].into_iter().find(|prior| value.has_attribute(*prior))
    };
    if let Some(prior) = named(target, "TargetValue").find_map(|value| prior(&value)) {
        return Err(unsupported(
            format!("`{prior}` of a TargetValue"),
            "leave it out: where a needed value is missing there is no answer",
        ));
    }
    let [low, high] = [number(target, "min")?, number(target, "max")?];
    let factor = number(target, "rescaleFactor")?.unwrap_or(1.0);
    let summand = number(target, "rescaleConstant")?.unwrap_or(0.0);
    match predictor {
        Predictor::Number { value, codes } => {
            let value = value.clamp(low, high, "a Target")?.line(factor, summand);
            Ok(Predictor::Number { value, codes })
        }
        other if (factor, summand, low, high) == (1.0, 0.0, None, None) => Ok(other),
        _ => Err(refuse("a Target rescales a class")),
    }
}

/// The outputs of a model as fields within a scope. Where `last` doesn't hold, they are passed on
/// in a chain.
pub(super) fn fields<'a>(
    model: Xml<'a, 'a>,
    predictor: &Predictor,
    outer: &Rc<Scope<'a>>,
) -> Result<Scope<'a>, ModelFileError> {
    let mut scope = Scope::inside(outer);
    let outputs = child(model, "Output").map(children).into_iter().flatten();
    for field in outputs {
        let id = need(field, "name")?;
        let unread = |feature: &str| Field::Unread(feature.to_owned());
        let result = |value: Mixture| Field::Result(Rc::new(value));
        let found = match (feature(field), predictor) {
            (feature, _) if field.has_attribute("segmentId") => unread(feature),
            ("predictedValue", Predictor::Number { value, .. }) => result(value.clone()),
            ("probability", _) => match probability(predictor, need(field, "value")?) {
                Some(value) => result(value),
                None => unread("probability"),
            },
            ("transformedValue", _) => match read(field, &scope) {
                Ok(value) => result(value),
                // Refused only if something needs it.
                Err(_) if !is_final(field) && !is_read(model, id) => unread("transformedValue"),
                Err(error) => return Err(error),
            },
            (feature, _) => unread(feature),
        };
        scope.spend(match &found {
            Field::Result(result) => result.size(),
            _ => 1,
        })?;
        scope.fields.insert(id, found);
    }
    Ok(scope)
}

/// Whether another element of the document reads a field.
fn is_read(model: Xml<'_, '_>, id: &str) -> bool {
    let elements = model.document().root_element().descendants();
    let output = |node: &Xml<'_, '_>| name(*node) == "OutputField";
    elements.filter(|node| !output(node)).any(|node| {
        ["field", "name"].iter().any(|attribute| node.attribute(*attribute) == Some(id))
    })
}

fn feature<'a>(field: Xml<'a, 'a>) -> &'a str {
    field.attribute("feature").unwrap_or("predictedValue")
}

fn is_final(field: Xml<'_, '_>) -> bool {
    field.attribute("isFinalResult") != Some("false")
}

/// What a `transformedValue` makes of the outputs before it.
fn read<'a>(field: Xml<'a, 'a>, scope: &Scope<'a>) -> Result<Mixture, ModelFileError> {
    let id = need(field, "name")?;
    let expression = children(field).find(|node| name(*node) != "Value");
    let expression = expression
        .ok_or_else(|| refuse(format!("the output `{}` has no expression", shorten(id))))?;
    match expression::read(expression, scope, id, None)? {
        Part::Result(result) => Ok(result),
        part => part.result(id),
    }
}

/// The probability of a class.
fn probability(predictor: &Predictor, class: &str) -> Option<Mixture> {
    let place = |labels: &[String]| labels.iter().position(|label| label == class);
    match predictor {
        Predictor::Probability { labels, value } => match place(labels)? {
            0 => Some(value.complement()),
            _ => Some(value.clone()),
        },
        Predictor::Shares { labels, values } => values.get(place(labels)?).cloned(),
        Predictor::Tree { labels, shares: Some(shares), .. } => {
            Some(Mixture::of(Sum::of_tree(shares.get(place(labels)?)?.clone())))
        }
        Predictor::Classes { labels, sums, share: Share::Logistic } => {
            let sum = sums.get(place(labels)?)?.clone();
            Mixture::of(sum).curve(crate::Curve::Logistic, "").ok()
        }
        _ => None,
    }
}

/// What the file tells in the end, and the output's name if it isn't the target: the last number
/// that an Output of the outermost model, or of the last one of its chain, makes of the prediction.
pub(super) fn told<'a>(
    model: Xml<'a, 'a>,
    predictor: Predictor,
    outer: &Rc<Scope<'a>>,
) -> Result<(Predictor, Option<&'a str>), ModelFileError> {
    let mut told: Option<(&str, Mixture)> = None;
    let mut seen = None;
    for model in ends(model) {
        let made: Vec<_> = made(model).collect();
        let Some(field) = made.first().copied() else {
            continue;
        };
        let id = need(field, "name")?;
        if feature(field) == "decision" {
            return Err(unsupported(
                format!("the decision `{}` in an Output", shorten(id)),
                "leave it out, and set the protocol's cutoffs",
            ));
        }
        if made.len() > 1 || seen.is_some_and(|seen| seen != id) {
            return Err(unsupported(
                format!("a second transformedValue beside `{}`", shorten(id)),
                "set isFinalResult=\"false\" on all but the one to be told",
            ));
        }
        let mut scope = Scope::inside(outer);
        // The target's own name stands for the prediction, too.
        if let (Some(target), Predictor::Number { value, .. }) = (target_name(model), &predictor) {
            scope.fields.insert(target, Field::Result(Rc::new(value.clone())));
        }
        let scope = fields(model, &predictor, &Rc::new(scope))?;
        seen = Some(id);
        told = Some((id, scope.result(id)?));
    }
    Ok(match told {
        Some((id, value)) => (Predictor::Number { value, codes: None }, Some(id)),
        None => (predictor, None),
    })
}

/// The model and the last ones of its chains, the innermost first.
pub(super) fn ends<'a>(model: Xml<'a, 'a>) -> impl Iterator<Item = Xml<'a, 'a>> {
    let mut models = vec![model];
    while let Some(last) = last_of_chain(models[models.len() - 1]) {
        models.push(last);
    }
    models.into_iter().rev()
}

/// The results that a model's Output makes of the prediction.
pub(super) fn made<'a>(model: Xml<'a, 'a>) -> impl Iterator<Item = Xml<'a, 'a>> {
    let outputs = child(model, "Output").map(children).into_iter().flatten();
    outputs.filter(|field| {
        matches!(feature(*field), "transformedValue" | "decision") && is_final(*field)
    })
}

/// The last model of a chain.
pub(super) fn last_of_chain<'a>(model: Xml<'a, 'a>) -> Option<Xml<'a, 'a>> {
    let list = child(model, "Segmentation")?;
    if list.attribute("multipleModelMethod") != Some("modelChain") {
        return None;
    }
    let segment = named(list, "Segment").last()?;
    children(segment).find(|node| child(*node, "MiningSchema").is_some())
}
