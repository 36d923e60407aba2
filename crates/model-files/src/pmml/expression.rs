// SPDX-License-Identifier: Apache-2.0
//! Expressions of derived fields and outputs: of one column, of several, or of what models predict.

use std::collections::HashMap;
use std::sync::Arc;

use roxmltree::Node as Xml;

use super::apply::builtin;
use super::fields::{Field, Scope};
use super::part::{missing, Part, Place};
use super::xml::{
    child, children, finite, name, named, need, need_number, number, refuse, unsupported,
};
use crate::{shorten, Cell, Curve, Function, Interval, ModelFileError, Outside, Variable};

/// Deepest nesting of functions that the file defines.
const MAX_DEPTH: usize = 32;

/// Reads the expression of the field `id`; a column's value may be known.
pub(super) fn read<'a>(
    expression: Xml<'a, 'a>,
    scope: &Scope<'a>,
    id: &str,
    known: Option<(usize, &Cell)>,
) -> Result<Part, ModelFileError> {
    Place { scope, id, arguments: None, known, depth: 0 }.part(expression)
}

impl<'a> Place<'_, 'a> {
    fn part(&self, expression: Xml<'a, 'a>) -> Result<Part, ModelFileError> {
        self.scope.spend(1)?;
        let part = match name(expression) {
            "Constant" => Part::Constant(constant(expression)),
            "FieldRef" => self.reference(need(expression, "field")?)?,
            "NormContinuous" => self.norm_continuous(expression)?,
            "NormDiscrete" => return self.norm_discrete(expression),
            "Discretize" => {
                let mut bins = Vec::new();
                for bin in named(expression, "DiscretizeBin") {
                    let range = child(bin, "Interval")
                        .ok_or_else(|| refuse("a DiscretizeBin has no Interval"))?;
                    bins.push((interval(range)?, cell(need(bin, "binValue")?)));
                }
                let otherwise = expression.attribute("defaultValue").map_or(Cell::Missing, cell);
                self.field(expression)?.then(self.id, |of| Function::Bins(of, bins, otherwise))?
            }
            "MapValues" => return self.map_values(expression),
            "Apply" => self.apply(expression)?,
            other => return Err(unsupported(
                format!("{} in `{}`", shorten(other), shorten(self.id)),
                "use Constant, FieldRef, NormContinuous, NormDiscrete, Discretize, MapValues or Apply",
            )),
        };
        let Some(replacement) = expression.attribute("mapMissingTo").map(cell) else {
            return Ok(part);
        };
        match name(expression) {
            "NormContinuous" | "Discretize" => {
                self.where_missing(&self.field(expression)?, part, replacement)
            }
            // A function of one column misses a value where the column does.
            _ if expression.attribute("defaultValue").is_none() => {
                part.then(self.id, |of| Function::Default(of, replacement))
            }
            _ => Err(unsupported(
                format!("mapMissingTo beside defaultValue in `{}`", shorten(self.id)),
                "use one of them",
            )),
        }
    }

    /// A function of PMML, or one that the file defines.
    fn apply(&self, expression: Xml<'a, 'a>) -> Result<Part, ModelFileError> {
        let function = need(expression, "function")?;
        let parts =
            children(expression).map(|part| self.part(part)).collect::<Result<Vec<Part>, _>>()?;
        let result = match self.scope.function(function) {
            Some(definition) => self.defined(definition, parts)?,
            None => builtin(self, function, parts)?,
        };
        match expression.attribute("defaultValue").map(cell) {
            None => Ok(result),
            Some(default) => result.then(self.id, |of| Function::Default(of, default)),
        }
    }

    /// The body of a DefineFunction with its parameters' values.
    fn defined(&self, definition: Xml<'a, 'a>, parts: Vec<Part>) -> Result<Part, ModelFileError> {
        if self.depth >= MAX_DEPTH {
            return Err(refuse(format!("functions call one another more than {MAX_DEPTH} deep")));
        }
        let names = named(definition, "ParameterField").map(|field| need(field, "name"));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        let body = children(definition).find(|node| name(*node) != "ParameterField");
        let (Some(body), true) = (body, names.len() == parts.len()) else {
            return Err(refuse(format!(
                "function `{}` takes {} arguments and has a body, in `{}` it gets {}",
                shorten(need(definition, "name")?),
                names.len(),
                shorten(self.id),
                parts.len()
            )));
        };
        let arguments: HashMap<&str, Part> = names.into_iter().zip(parts).collect();
        Place { arguments: Some(&arguments), depth: self.depth + 1, ..*self }.part(body)
    }

    /// A field, or an argument of the function around.
    fn reference(&self, field: &str) -> Result<Part, ModelFileError> {
        if let Some(arguments) = self.arguments {
            let part = arguments.get(field).ok_or_else(|| {
                refuse(format!("a DefineFunction reads `{}`, no parameter", shorten(field)))
            })?;
            self.scope.spend(part.size())?;
            return Ok(part.clone());
        }
        match self.scope.find(field) {
            Some(Field::Result(_)) => Ok(Part::Result(self.scope.result(field)?)),
            _ => Ok(self.of(self.scope.variable(field)?.number())),
        }
    }

    /// A function of a column, or its value where the column's is known.
    fn of(&self, variable: Variable) -> Part {
        match self.known {
            Some((column, cell)) if column == variable.column => {
                Part::Constant(variable.function.value(cell))
            }
            _ => Part::One(variable),
        }
    }

    fn field(&self, expression: Xml<'a, 'a>) -> Result<Part, ModelFileError> {
        self.reference(need(expression, "field")?)
    }

    fn norm_continuous(&self, expression: Xml<'a, 'a>) -> Result<Part, ModelFileError> {
        let mut points = Vec::new();
        for norm in named(expression, "LinearNorm") {
            points.push((need_number(norm, "orig")?, need_number(norm, "norm")?));
        }
        if points.len() < 2 || points.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(refuse(format!(
                "the LinearNorms of `{}` are not two or more that ascend",
                shorten(self.id)
            )));
        }
        let outside = match expression.attribute("outliers").unwrap_or("asIs") {
            "asIs" => Outside::Extend,
            "asMissingValues" => Outside::Missing,
            "asExtremeValues" => Outside::Clamp,
            other => return Err(refuse(format!("outliers is `{}`", shorten(other)))),
        };
        match self.field(expression)? {
            Part::Result(result) => {
                let points = match (outside, points.as_slice()) {
                    (Outside::Clamp, _) => points,
                    // Two points make a line, which needs no ends.
                    (Outside::Extend, [a, b]) => {
                        let times = (b.1 - a.1) / (b.0 - a.0);
                        return Ok(Part::Result(result.line(times, a.1 - times * a.0)));
                    }
                    _ => {
                        return Err(unsupported(
                            format!("outliers of the NormContinuous `{}`", shorten(self.id)),
                            "use asExtremeValues on a model's result",
                        ))
                    }
                };
                Ok(Part::Result(result.curve(Curve::Lines(points), "NormContinuous")?))
            }
            part => part.then(self.id, |of| Function::Lines { of, points, outside }),
        }
    }

    fn norm_discrete(&self, expression: Xml<'a, 'a>) -> Result<Part, ModelFileError> {
        if expression.attribute("method").is_some_and(|method| method != "indicator") {
            return Err(unsupported(
                format!("the method of the NormDiscrete `{}`", shorten(self.id)),
                "use indicator",
            ));
        }
        let typed = self.scope.variable(need(expression, "field")?)?;
        let category = typed.cell(need(expression, "value")?)?;
        let missing = number(expression, "mapMissingTo")?;
        // Without a replacement an indicator of a missing value is missing.
        self.of(typed.factor()).then(self.id, |of| {
            let (one, zero) = (Cell::Number(1.0), Cell::Number(0.0));
            let table = Function::Table(of, vec![(category, one)], zero);
            match missing {
                None => table,
                Some(missing) => Function::Default(Arc::new(table), Cell::Number(missing)),
            }
        })
    }

    fn map_values(&self, expression: Xml<'a, 'a>) -> Result<Part, ModelFileError> {
        let mut pairs = named(expression, "FieldColumnPair");
        let (Some(pair), None) = (pairs.next(), pairs.next()) else {
            return Err(unsupported(
                format!("MapValues of several fields in `{}`", shorten(self.id)),
                "map one field",
            ));
        };
        let typed = self.scope.variable(need(pair, "field")?)?;
        let (from, to) = (need(pair, "column")?, need(expression, "outputColumn")?);
        let table = child(expression, "InlineTable").ok_or_else(|| {
            unsupported(
                format!("the table of `{}` outside of the file", shorten(self.id)),
                "write it as an InlineTable",
            )
        })?;
        let mut rows = Vec::new();
        for row in named(table, "row") {
            let text = |column: &str| {
                let found = children(row).find(|node| name(*node) == local(column));
                found.map(|node| node.text().unwrap_or("").trim())
            };
            if let (Some(key), Some(value)) = (text(from), text(to)) {
                rows.push((typed.cell(key)?, cell(value)));
            }
        }
        let otherwise = expression.attribute("defaultValue").map_or(Cell::Missing, cell);
        let field = self.of(typed.factor());
        let mapped = field.clone().then(self.id, |of| Function::Table(of, rows, otherwise))?;
        match expression.attribute("mapMissingTo") {
            None => Ok(mapped),
            Some(text) => self.where_missing(&field, mapped, cell(text)),
        }
    }

    /// `part`, but the replacement where the field that it's a function of is missing.
    fn where_missing(
        &self,
        field: &Part,
        part: Part,
        replacement: Cell,
    ) -> Result<Part, ModelFileError> {
        let Part::One(Variable { function, .. }) = field else {
            return part.then(self.id, |of| Function::Default(of, replacement));
        };
        let missing = missing(function.clone());
        part.then(self.id, |of| {
            Function::Choose(Arc::new([missing, Function::Constant(replacement), (*of).clone()]))
        })
    }
}

fn constant(element: Xml<'_, '_>) -> Cell {
    let text = element.text().unwrap_or("").trim();
    match element.attribute("dataType") {
        _ if element.attribute("missing") == Some("true") => Cell::Missing,
        Some("string") => Cell::Text(text.into()),
        Some("boolean") => Cell::Number(f64::from(u8::from(text == "true"))),
        _ => cell(text),
    }
}

fn cell(text: &str) -> Cell {
    finite(text).map_or_else(|| Cell::Text(text.into()), Cell::Number)
}

fn interval(element: Xml<'_, '_>) -> Result<Interval, ModelFileError> {
    let (left, right) = match need(element, "closure")? {
        "openOpen" => (false, false),
        "openClosed" => (false, true),
        "closedOpen" => (true, false),
        "closedClosed" => (true, true),
        other => {
            return Err(refuse(format!(
                "the closure `{}` of an Interval is unknown",
                shorten(other)
            )))
        }
    };
    Ok(Interval {
        low: number(element, "leftMargin")?.map(|margin| (margin, left)),
        high: number(element, "rightMargin")?.map(|margin| (margin, right)),
    })
}

/// The name of a table's column without the name of its space.
pub(super) fn local(column: &str) -> &str {
    column.rsplit_once(':').map_or(column, |(_, local)| local)
}
