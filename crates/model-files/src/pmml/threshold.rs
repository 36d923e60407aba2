// SPDX-License-Identifier: Apache-2.0
//! Thresholds of a decision: an Output that names one of two classes by comparing a probability.

use roxmltree::Node as Xml;

use super::xml::{child, children, finite, name, need};
use super::{output, Predictor};
use crate::ModelFileError;

/// The output's name, and the probability from which on the second class is told, if the only
/// result that a file makes of a prediction is such a decision.
pub(super) fn of<'a>(
    model: Xml<'a, 'a>,
    predictor: &Predictor,
) -> Result<Option<(&'a str, f64)>, ModelFileError> {
    let labels: Vec<String> = match predictor {
        Predictor::Probability { labels, .. } => labels.to_vec(),
        Predictor::Shares { labels, .. } | Predictor::Tree { labels, .. } => labels.clone(),
        _ => return Ok(None),
    };
    let mut made =
        output::ends(model).flat_map(|model| output::made(model).map(move |field| (model, field)));
    let (Some((model, field)), None, [first, second]) = (made.next(), made.next(), &labels[..])
    else {
        return Ok(None);
    };
    let Some(cutoff) = cutoff(model, field, [first, second]) else {
        return Ok(None);
    };
    Ok(Some((need(field, "name")?, cutoff)))
}

/// The cutoff of `if(p < t, first, second)`, and of the like.
fn cutoff<'a>(model: Xml<'a, 'a>, field: Xml<'a, 'a>, [first, second]: [&str; 2]) -> Option<f64> {
    let [condition, yes, no] = arguments(field_expression(field)?, &["if"])?;
    let label = |constant: Xml<'a, 'a>| match constant.text().unwrap_or("").trim() {
        _ if name(constant) != "Constant" => None,
        text if text == first => Some(false),
        text if text == second => Some(true),
        _ => None,
    };
    let (yes, no) = (label(yes)?, label(no)?);
    let comparisons = ["lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual"];
    let [a, b] = arguments(condition, &comparisons)?;
    let comparison = condition.attribute("function")?;
    // As a comparison of the probability with the constant.
    let (probability, constant, turned) = match name(a) {
        "FieldRef" => (a, b, false),
        _ => (b, a, true),
    };
    let limit = Some(constant).filter(|node| name(*node) == "Constant")?.text().and_then(finite)?;
    let output = child(model, "Output").map(children).into_iter().flatten().find(|output| {
        output.attribute("name") == probability.attribute("field")
            && output.attribute("feature") == Some("probability")
    })?;
    let of_first = match output.attribute("value")? {
        value if value == first => true,
        value if value == second => false,
        _ => return None,
    };
    // Each of these turns the comparison's direction: the order of its sides, the other class's
    // probability, and what is told where it holds.
    let greater = comparison.starts_with("greater") ^ turned ^ of_first;
    if yes == no || greater != yes {
        return None;
    }
    let limit = if of_first { 1.0 - limit } else { limit };
    // The second class is told above the limit, or from it on: where the comparison holds, or where
    // it doesn't.
    let inclusive = comparison.ends_with("Equal") == yes;
    Some(if inclusive { limit } else { limit.next_up() })
}

/// The expression of an output.
fn field_expression<'a>(field: Xml<'a, 'a>) -> Option<Xml<'a, 'a>> {
    children(field).find(|node| name(*node) != "Value")
}

/// The arguments of a function of one of these names.
fn arguments<'a, const N: usize>(apply: Xml<'a, 'a>, names: &[&str]) -> Option<[Xml<'a, 'a>; N]> {
    let function = Some(apply).filter(|node| name(*node) == "Apply")?.attribute("function")?;
    let replaced = apply.has_attribute("mapMissingTo") || apply.has_attribute("defaultValue");
    let arguments: Vec<_> = children(apply).collect();
    arguments.try_into().ok().filter(|_| names.contains(&function) && !replaced)
}
