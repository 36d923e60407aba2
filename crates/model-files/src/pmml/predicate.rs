// SPDX-License-Identifier: Apache-2.0
//! Predicates of tree nodes, attributes and segments.

use roxmltree::Node as Xml;

use super::fields::{Scope, Typed};
use super::xml::{array, child, children, name, need, refuse, unsupported};
use crate::{shorten, Cell, Compare, ModelFileError, Test};

const PREDICATES: [&str; 5] =
    ["SimplePredicate", "CompoundPredicate", "SimpleSetPredicate", "True", "False"];

/// The predicate of an element.
pub(super) fn of(element: Xml<'_, '_>, scope: &Scope<'_>) -> Result<Test, ModelFileError> {
    let predicate = children(element)
        .find(|node| PREDICATES.contains(&name(*node)))
        .ok_or_else(|| refuse(format!("a {} has no predicate", name(element))))?;
    read(predicate, scope)
}

fn read(predicate: Xml<'_, '_>, scope: &Scope<'_>) -> Result<Test, ModelFileError> {
    match name(predicate) {
        "True" => Ok(Test::Constant(true)),
        "False" => Ok(Test::Constant(false)),
        "SimplePredicate" => simple(predicate, scope),
        "SimpleSetPredicate" => {
            let typed = scope.variable(need(predicate, "field")?)?;
            let list = child(predicate, "Array")
                .ok_or_else(|| refuse("a SimpleSetPredicate has no Array"))?;
            let entries = array(list.text().unwrap_or(""));
            let set =
                entries.iter().map(|entry| typed.cell(entry)).collect::<Result<Vec<Cell>, _>>()?;
            let inside = Test::OneOf { variable: typed.variable.clone(), set };
            match need(predicate, "booleanOperator")? {
                "isIn" => Ok(inside),
                "isNotIn" => Ok(Test::Not(Box::new(inside))),
                other => Err(refuse(format!("the set operator `{}` is unknown", shorten(other)))),
            }
        }
        _ => {
            let parts = children(predicate)
                .map(|part| read(part, scope))
                .collect::<Result<Vec<Test>, _>>()?;
            if parts.is_empty() {
                return Err(refuse("a CompoundPredicate is empty"));
            }
            match need(predicate, "booleanOperator")? {
                "and" => Ok(Test::All(parts)),
                "or" => Ok(Test::Any(parts)),
                "xor" => Ok(Test::Odd(parts)),
                "surrogate" => Ok(Test::Surrogate(parts)),
                other => Err(unsupported(
                    format!("the operator `{}`", shorten(other)),
                    "use and, or, xor or surrogate",
                )),
            }
        }
    }
}

fn simple(predicate: Xml<'_, '_>, scope: &Scope<'_>) -> Result<Test, ModelFileError> {
    let typed: &Typed = scope.variable(need(predicate, "field")?)?;
    let operator = need(predicate, "operator")?;
    let missing = Test::Missing(typed.variable.clone());
    let (op, negated) = match operator {
        "isMissing" => return Ok(missing),
        "isNotMissing" => return Ok(Test::Not(Box::new(missing))),
        "equal" => (Compare::Equal, false),
        "notEqual" => (Compare::Equal, true),
        "lessThan" => (Compare::Less, false),
        "lessOrEqual" => (Compare::LessOrEqual, false),
        "greaterThan" => (Compare::Greater, false),
        "greaterOrEqual" => (Compare::GreaterOrEqual, false),
        other => return Err(refuse(format!("the operator `{}` is unknown", shorten(other)))),
    };
    if op != Compare::Equal && !typed.numeric {
        return Err(unsupported(
            format!(
                "`{operator}` on the categorical field `{}`",
                shorten(need(predicate, "field")?)
            ),
            "list the values in a SimpleSetPredicate",
        ));
    }
    let test = Test::Compare {
        variable: typed.variable.clone(),
        op,
        limit: typed.cell(need(predicate, "value")?)?,
        single: typed.single,
    };
    Ok(if negated { Test::Not(Box::new(test)) } else { test })
}
