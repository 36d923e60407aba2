// SPDX-License-Identifier: Apache-2.0
//! Derived fields, which may build on one another in any order but not in a circle.

use std::collections::HashMap;
use std::rc::Rc;

use roxmltree::Node as Xml;

use super::expression;
use super::fields::{Dictionary, Field, Scope, Typed};
use super::xml::{child, children, name, named, need, refuse, unsupported};
use crate::function::MAX_PARTS;
use crate::{shorten, ModelFileError};

/// The derived fields of a `TransformationDictionary` or `LocalTransformations`, added to a scope.
pub(super) fn derive<'a>(
    transformations: Option<Xml<'a, 'a>>,
    scope: &mut Scope<'a>,
) -> Result<(), ModelFileError> {
    let Some(transformations) = transformations else {
        return Ok(());
    };
    if let Some(other) = children(transformations).find(|node| name(*node) != "DerivedField") {
        return Err(unsupported(name(other), "write the expression in each DerivedField"));
    }
    let mut waiting: HashMap<&str, Xml<'a, 'a>> = HashMap::new();
    let mut order = Vec::new();
    for field in named(transformations, "DerivedField") {
        let id = need(field, "name")?;
        if waiting.insert(id, field).is_some() {
            return Err(refuse(format!("derived field `{}` is defined twice", shorten(id))));
        }
        order.push(id);
    }
    for id in order {
        resolve(id, &mut waiting, scope, 0)?;
    }
    Ok(())
}

/// Longest chain of derived fields.
const MAX_CHAIN: usize = 64;

/// Reads a derived field, and those it builds on before it.
fn resolve<'a>(
    id: &str,
    waiting: &mut HashMap<&'a str, Xml<'a, 'a>>,
    scope: &mut Scope<'a>,
    depth: usize,
) -> Result<(), ModelFileError> {
    // Taken out while it is read: one that comes back to itself finds no field.
    let Some((id, field)) = waiting.remove_entry(id) else {
        return Ok(());
    };
    if depth > MAX_CHAIN {
        return Err(refuse(format!(
            "derived fields build on one another more than {MAX_CHAIN} times"
        )));
    }
    for reference in field.descendants().filter_map(|node| node.attribute("field")) {
        if reference == id {
            return Err(refuse(format!("derived field `{}` depends on itself", shorten(id))));
        }
        resolve(reference, waiting, scope, depth + 1)?;
        if scope.find(reference).is_none() {
            let reference = shorten(reference);
            return Err(refuse(format!(
                "derived field `{}` needs `{reference}`, which is no field or depends on it in turn",
                shorten(id)
            )));
        }
    }
    let expression = children(field)
        .find(|node| !matches!(name(*node), "Value" | "Interval"))
        .ok_or_else(|| refuse(format!("derived field `{}` has no expression", shorten(id))))?;
    let variable = expression::read(expression, scope, id)?;
    if variable.function.parts() > MAX_PARTS {
        return Err(refuse(format!(
            "derived field `{}` has more than {MAX_PARTS} parts",
            shorten(id)
        )));
    }
    let data_type = field.attribute("dataType").unwrap_or("double");
    let typed = Typed {
        variable,
        numeric: matches!(data_type, "integer" | "float" | "double")
            && field.attribute("optype").unwrap_or("continuous") == "continuous",
        single: data_type == "float",
    };
    scope.fields.insert(id, Field::Variable(typed));
    Ok(())
}

/// The schema and derived fields of a model, within those of the model around it.
pub(super) fn scope_of<'a>(
    model: Xml<'a, 'a>,
    dictionary: &mut Dictionary<'a>,
    outer: &Rc<Scope<'a>>,
) -> Result<Rc<Scope<'a>>, ModelFileError> {
    let schema = child(model, "MiningSchema")
        .ok_or_else(|| refuse(format!("a {} has no MiningSchema", name(model))))?;
    let mut scope = Scope { fields: dictionary.schema(schema, outer)?, outer: Some(outer.clone()) };
    derive(child(model, "LocalTransformations"), &mut scope)?;
    Ok(Rc::new(scope))
}
