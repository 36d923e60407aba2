// SPDX-License-Identifier: Apache-2.0
//! Derived fields, which may build on one another in any order but not in a circle.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use roxmltree::Node as Xml;

use super::dictionary::Dictionary;
use super::expression;
use super::fields::{Cases, Field, Scope, Typed};
use super::part::Part;
use super::xml::{child, children, name, named, need, refuse, unsupported};
use crate::{shorten, Cell, ColumnKind, Function, ModelFileError, Variable};

/// The derived fields of a `TransformationDictionary` or `LocalTransformations`, added to a scope.
pub(super) fn derive<'a>(
    transformations: Option<Xml<'a, 'a>>,
    scope: &mut Scope<'a>,
    dictionary: &mut Dictionary<'a>,
) -> Result<(), ModelFileError> {
    let Some(transformations) = transformations else {
        return Ok(());
    };
    let known = |node: &Xml<'_, '_>| matches!(name(*node), "DerivedField" | "DefineFunction");
    if let Some(other) = children(transformations).find(|node| !known(node)) {
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
        resolve(id, &mut waiting, scope, dictionary, 0)?;
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
    dictionary: &mut Dictionary<'a>,
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
        resolve(reference, waiting, scope, dictionary, depth + 1)?;
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
    let data_type = field.attribute("dataType").unwrap_or("double");
    let numbers = matches!(data_type, "integer" | "float" | "double");
    let part = match expression::read(expression, scope, id, None) {
        Ok(part) => part,
        Err(error) => {
            // A text beside other fields: an expression for each of its categories.
            let cases = cases(expression, scope, dictionary, id)?;
            scope.fields.insert(id, Field::Cases(cases.ok_or(error)?));
            return Ok(());
        }
    };
    let variable = match part {
        Part::One(variable) => variable,
        Part::Several(expression) => Variable::input(dictionary.derive(id, expression)?),
        Part::Constant(_) => {
            return Err(unsupported(
                format!("derived field `{}` that reads no field", shorten(id)),
                "write its value where it is used",
            ))
        }
        Part::Result(result) => {
            scope.fields.insert(id, Field::Result(Rc::new(result)));
            return Ok(());
        }
    };
    let typed = Typed {
        variable: if data_type == "boolean" { as_truth(variable) } else { variable },
        numeric: numbers && field.attribute("optype").unwrap_or("continuous") == "continuous",
        single: data_type == "float",
        numbers: if data_type == "boolean" { truths().into() } else { Rc::default() },
        codes: numbers,
    };
    scope.fields.insert(id, Field::Variable(typed));
    Ok(())
}

/// Most categories of a text that an expression reads beside other fields.
const MAX_CASES: usize = 8;

/// A product of an indicator and the expression's value for each category of the text that it
/// reads, if that makes it arithmetic.
fn cases<'a>(
    expression: Xml<'a, 'a>,
    scope: &Scope<'a>,
    dictionary: &mut Dictionary<'a>,
    id: &str,
) -> Result<Option<Cases>, ModelFileError> {
    let fields = expression.descendants().filter_map(|node| node.attribute("field"));
    let text = |field: &str| match scope.find(field) {
        Some(Field::Variable(typed)) if !scope.is_number(typed.variable.column) => {
            Some(typed.variable.clone())
        }
        _ => None,
    };
    let Some(column) = fields.clone().find_map(text).map(|variable| variable.column) else {
        return Ok(None);
    };
    let ColumnKind::Category { values } = dictionary.columns[column].kind.clone() else {
        return Ok(None);
    };
    if !(1..=MAX_CASES).contains(&values.len()) {
        return Ok(None);
    }
    let mut cases = Vec::with_capacity(values.len());
    for value in values {
        let Ok(part) = expression::read(expression, scope, id, Some((column, &value))) else {
            return Ok(None);
        };
        let (one, zero) = (Cell::Number(1.0), Cell::Number(0.0));
        let function = Function::Table(Arc::new(Function::Input), vec![(value.clone(), one)], zero);
        let mut factors = vec![Variable { column, function: Arc::new(function) }];
        let mut weight = 1.0;
        match part {
            Part::Constant(Cell::Number(number)) => weight = number,
            Part::One(variable) => factors.push(variable),
            Part::Several(expression) => {
                let name = format!("{id} ({value})");
                factors.push(Variable::input(dictionary.derive(&name, expression)?));
            }
            Part::Constant(_) | Part::Result(_) => return Ok(None),
        }
        cases.push((factors, weight));
    }
    Ok(Some(cases.into()))
}

/// The texts of a boolean with its numbers.
fn truths() -> [(Cell, Cell); 2] {
    let pair = |(text, number): (&str, f64)| (Cell::Text(text.into()), Cell::Number(number));
    [("false", 0.0), ("true", 1.0)].map(pair)
}

/// 0 and 1 as `false` and `true`, other values as they are listed.
fn as_truth(variable: Variable) -> Variable {
    let rows = truths()
        .into_iter()
        .flat_map(|(text, number)| [(number, text.clone()), (text.clone(), text)]);
    let table = Function::Table(variable.function, rows.collect(), Cell::Missing);
    Variable { column: variable.column, function: Arc::new(table) }
}

/// The schema and derived fields of a model, within those of the model around it.
pub(super) fn scope_of<'a>(
    model: Xml<'a, 'a>,
    dictionary: &mut Dictionary<'a>,
    outer: &Rc<Scope<'a>>,
) -> Result<Rc<Scope<'a>>, ModelFileError> {
    let schema = child(model, "MiningSchema")
        .ok_or_else(|| refuse(format!("a {} has no MiningSchema", name(model))))?;
    let mut scope = Scope::inside(outer);
    scope.fields = dictionary.schema(schema, outer)?;
    derive(child(model, "LocalTransformations"), &mut scope, dictionary)?;
    Ok(Rc::new(scope))
}
