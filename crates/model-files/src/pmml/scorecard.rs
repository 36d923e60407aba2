// SPDX-License-Identifier: Apache-2.0
//! Scorecard: partial scores of characteristics, and reason codes for the points that each costs.

use roxmltree::Node as Xml;

use super::fields::Scope;
use super::mixture::Mixture;
use super::xml::{child, name, named, need_number, number, refuse, unsupported};
use super::{predicate, Predictor};
use crate::{Characteristic, ModelFileError, Node, ReasonCodes, Split, Sum, Term, Test, Tree};

pub(super) fn read(model: Xml<'_, '_>, scope: &Scope<'_>) -> Result<Predictor, ModelFileError> {
    let list = child(model, "Characteristics")
        .ok_or_else(|| refuse("a Scorecard has no Characteristics"))?;
    let mut sum =
        Sum { constant: number(model, "initialScore")?.unwrap_or(0.0), terms: Vec::new() };
    let wanted = model.attribute("useReasonCodes") != Some("false");
    // Points below the baseline cost, unless the algorithm counts those above it.
    let sign = match model.attribute("reasonCodeAlgorithm").unwrap_or("pointsBelow") {
        "pointsAbove" => 1.0,
        _ => -1.0,
    };
    let common = number(model, "baselineScore")?;
    let mut characteristics = Vec::new();
    for (index, characteristic) in named(list, "Characteristic").enumerate() {
        let read = Read::of(characteristic, scope)?;
        let baseline = number(characteristic, "baselineScore")?.or(common);
        if let (true, Some(baseline), Some(codes)) = (wanted, baseline, &read.codes) {
            let cost = |points: f64| sign * (points - baseline) + 0.0;
            let name = characteristic.attribute("name").map(str::to_owned);
            let codes = read.points.leaves().zip(codes);
            let mut codes: Vec<(f64, String)> =
                codes.map(|(points, code)| (cost(points), code.clone())).collect();
            codes.dedup();
            characteristics.push(Characteristic {
                name: name.unwrap_or_else(|| format!("characteristic {}", index + 1)),
                cost: read.points.map(cost),
                codes,
            });
        }
        sum.terms.push(Term::Tree(read.points));
    }
    if sum.terms.is_empty() {
        return Err(refuse("a Scorecard has no Characteristic"));
    }
    let ranks = child(model, "Output").map_or(0, |output| {
        named(output, "OutputField")
            .filter(|field| field.attribute("feature") == Some("reasonCode"))
            .count()
    });
    // Costs are compared with one another, so all characteristics have one or none.
    let complete = characteristics.len() == sum.terms.len();
    Ok(Predictor::Number {
        value: Mixture::of(sum),
        codes: complete.then_some(ReasonCodes { top: ranks.max(1), characteristics }),
    })
}

/// One characteristic as it was read: the partial score of the first attribute that holds.
struct Read {
    points: Tree,
    /// The reason code of each leaf, if every attribute has one.
    codes: Option<Vec<String>>,
}

impl Read {
    fn of(element: Xml<'_, '_>, scope: &Scope<'_>) -> Result<Self, ModelFileError> {
        let mut nodes = Vec::new();
        let mut codes = Some(Vec::new());
        let attributes: Vec<Xml<'_, '_>> = named(element, "Attribute").collect();
        if attributes.is_empty() {
            return Err(refuse(format!("a {} has no Attribute", name(element))));
        }
        for attribute in &attributes {
            if child(*attribute, "ComplexPartialScore").is_some() {
                return Err(unsupported(
                    "ComplexPartialScore",
                    "give each Attribute a partialScore, or write a RegressionModel",
                ));
            }
            let points = need_number(*attribute, "partialScore")?;
            let code = attribute.attribute("reasonCode").or(element.attribute("reasonCode"));
            match (&mut codes, code) {
                (Some(codes), Some(code)) => codes.push(code.to_owned()),
                _ => codes = None,
            }
            let test = predicate::of(*attribute, scope)?;
            let always = test == Test::Constant(true);
            if !always {
                let next = nodes.len() + 2;
                nodes.push(Node::Split(Split {
                    test,
                    yes: nodes.len() + 1,
                    no: next,
                    unknown: next,
                }));
            }
            nodes.push(Node::Leaf(points));
            if always {
                break;
            }
        }
        if matches!(nodes.iter().rev().nth(1), Some(Node::Split(_))) {
            nodes.push(Node::Nothing);
        }
        Ok(Self { points: Tree::new(nodes).map_err(refuse)?, codes })
    }
}
