// SPDX-License-Identifier: Apache-2.0
//! Expressions of derived fields, which may read one column.

use std::sync::Arc;

use roxmltree::Node as Xml;

use super::fields::Scope;
use super::xml::{
    child, children, finite, name, named, need, need_number, number, refuse, unsupported,
};
use crate::{shorten, Cell, Function, Interval, ModelFileError, Operation, Outside, Variable};

/// An expression so far: constants read no column.
struct Part {
    column: Option<usize>,
    function: Arc<Function>,
}

/// Reads the expression of the derived field `id`.
pub(super) fn read(
    expression: Xml<'_, '_>,
    scope: &Scope<'_>,
    id: &str,
) -> Result<Variable, ModelFileError> {
    let part = read_part(expression, scope, id)?;
    let column = part.column.ok_or_else(|| {
        unsupported(
            format!("derived field `{}` that reads no field", shorten(id)),
            "write its value where it is used",
        )
    })?;
    Ok(Variable { column, function: part.function })
}

fn read_part(expression: Xml<'_, '_>, scope: &Scope<'_>, id: &str) -> Result<Part, ModelFileError> {
    let reference = |field: &str| {
        scope.variable(field).map(|typed| Part {
            column: Some(typed.variable.column),
            function: typed.factor().function,
        })
    };
    let of_field = || reference(need(expression, "field")?);
    let part = match name(expression) {
        "Constant" => {
            Part { column: None, function: Arc::new(Function::Constant(constant(expression))) }
        }
        "FieldRef" => of_field()?,
        "NormContinuous" => {
            let field = of_field()?;
            let mut points = Vec::new();
            for norm in named(expression, "LinearNorm") {
                points.push((need_number(norm, "orig")?, need_number(norm, "norm")?));
            }
            if points.len() < 2 || points.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
                return Err(refuse(format!(
                    "the LinearNorms of `{}` are not two or more that ascend",
                    shorten(id)
                )));
            }
            let outside = match expression.attribute("outliers").unwrap_or("asIs") {
                "asMissingValues" => Outside::Missing,
                "asExtremeValues" => Outside::Clamp,
                _ => Outside::Extend,
            };
            field.then(|of| Function::Lines { of, points, outside })
        }
        "NormDiscrete" => {
            let typed = scope.variable(need(expression, "field")?)?;
            let category = typed.cell(need(expression, "value")?)?;
            let missing = number(expression, "mapMissingTo")?;
            let field = of_field()?;
            // Without a replacement an indicator of a missing value is missing.
            return Ok(match missing {
                None => field.then(|of| {
                    let (one, zero) = (Cell::Number(1.0), Cell::Number(0.0));
                    Function::Table(of, vec![(category, one)], zero)
                }),
                Some(missing) => field.then(|of| {
                    let (one, zero) = (Cell::Number(1.0), Cell::Number(0.0));
                    let table = Function::Table(of, vec![(category, one)], zero);
                    Function::Default(Arc::new(table), Cell::Number(missing))
                }),
            });
        }
        "Discretize" => {
            let field = of_field()?;
            let mut bins = Vec::new();
            for bin in named(expression, "DiscretizeBin") {
                let range = child(bin, "Interval")
                    .ok_or_else(|| refuse("a DiscretizeBin has no Interval"))?;
                bins.push((interval(range)?, cell(need(bin, "binValue")?)));
            }
            let otherwise = expression.attribute("defaultValue").map_or(Cell::Missing, cell);
            field.then(|of| Function::Bins(of, bins, otherwise))
        }
        "MapValues" => map_values(expression, scope, id)?,
        "Apply" => apply(expression, scope, id)?,
        other => return Err(unsupported(
            format!("{} in derived field `{}`", shorten(other), shorten(id)),
            "use Constant, FieldRef, NormContinuous, NormDiscrete, Discretize, MapValues or Apply",
        )),
    };
    // Only a missing result is replaced here, and no function gives one for a value that isn't
    // missing unless it has no result.
    Ok(match expression.attribute("mapMissingTo") {
        None => part,
        Some(text) => part.then(|of| Function::Default(of, cell(text))),
    })
}

impl Part {
    fn then(self, make: impl FnOnce(Arc<Function>) -> Function) -> Self {
        Self { column: self.column, function: Arc::new(make(self.function)) }
    }
}

fn constant(element: Xml<'_, '_>) -> Cell {
    let text = element.text().unwrap_or("").trim();
    match element.attribute("dataType") {
        Some("string") => Cell::Text(text.into()),
        _ if element.attribute("missing") == Some("true") => Cell::Missing,
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

fn map_values(
    expression: Xml<'_, '_>,
    scope: &Scope<'_>,
    id: &str,
) -> Result<Part, ModelFileError> {
    let mut pairs = named(expression, "FieldColumnPair");
    let (Some(pair), None) = (pairs.next(), pairs.next()) else {
        return Err(unsupported(
            format!("MapValues of several fields in `{}`", shorten(id)),
            "map one field",
        ));
    };
    let typed = scope.variable(need(pair, "field")?)?;
    let (from, to) = (need(pair, "column")?, need(expression, "outputColumn")?);
    let table = child(expression, "InlineTable").ok_or_else(|| {
        unsupported(
            format!("the table of `{}` outside of the file", shorten(id)),
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
    Ok(Part {
        column: Some(typed.variable.column),
        function: Arc::new(Function::Table(typed.factor().function, rows, otherwise)),
    })
}

/// The name of a table's column without the name of its space.
pub(super) fn local(column: &str) -> &str {
    column.rsplit_once(':').map_or(column, |(_, local)| local)
}

fn apply(expression: Xml<'_, '_>, scope: &Scope<'_>, id: &str) -> Result<Part, ModelFileError> {
    let function = need(expression, "function")?;
    let operation = match function {
        "+" => Operation::Add,
        "-" => Operation::Subtract,
        "*" => Operation::Multiply,
        "/" => Operation::Divide,
        "pow" => Operation::Power,
        "min" => Operation::Least,
        "max" => Operation::Greatest,
        "ln" => Operation::Ln,
        "log10" => Operation::Log10,
        "exp" => Operation::Exp,
        "sqrt" => Operation::Sqrt,
        "abs" => Operation::Absolute,
        "floor" => Operation::Floor,
        "ceil" => Operation::Ceiling,
        other => {
            return Err(unsupported(
                format!("function `{}` in derived field `{}`", shorten(other), shorten(id)),
                "use + - * / pow min max ln log10 exp sqrt abs floor ceil",
            ))
        }
    };
    let parts = children(expression)
        .map(|part| read_part(part, scope, id))
        .collect::<Result<Vec<Part>, _>>()?;
    if parts.len() != operation.arguments() {
        return Err(refuse(format!(
            "function `{function}` in derived field `{}` has {} arguments, it takes {}",
            shorten(id),
            parts.len(),
            operation.arguments()
        )));
    }
    let mut column = None;
    for part in &parts {
        match (column, part.column) {
            (Some(one), Some(other)) if one != other => {
                return Err(unsupported(
                    format!("derived field `{}` of two fields", shorten(id)),
                    "multiply fields in a PredictorTerm, derive from one field at a time",
                ))
            }
            (None, other) => column = other,
            _ => {}
        }
    }
    let arguments: Vec<Arc<Function>> = parts.into_iter().map(|part| part.function).collect();
    let result = Part { column, function: Arc::new(Function::Apply(operation, arguments)) };
    Ok(match expression.attribute("defaultValue") {
        None => result,
        Some(text) => result.then(|of| Function::Default(of, cell(text))),
    })
}
