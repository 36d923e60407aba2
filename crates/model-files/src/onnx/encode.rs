// SPDX-License-Identifier: Apache-2.0
//! Encoders: categories into numbers and numbers into categories, gaps and limits.

use std::sync::Arc;

use super::affine::Affine;
use super::columns::{truncated, variable, Columns};
use super::proto::Node;
use super::tensor::{bounded, Category, Item, Kind, Tensor};
use super::unary::rounded;
use super::{refuse, unsupported};
use crate::cell::is_missing;
use crate::{Cell, Function, Interval, ModelFileError};

type Read<T> = Result<T, ModelFileError>;

fn text(bytes: &str) -> Cell {
    Cell::Text(bytes.into())
}

/// What a category is compared with: texts, or the numbers whose digits they are.
fn keys(category: &Category, texts: &[Cell]) -> Vec<Cell> {
    let digits = |cell: &Cell| match cell.to_string().parse::<f64>() {
        Ok(number) if number.to_string() == cell.to_string() => Cell::Number(number),
        Ok(number) if f64::from(number as f32).is_finite() && number.fract() != 0.0 => {
            Cell::Number(f64::from(number as f32))
        }
        _ => cell.clone(),
    };
    match category.digits {
        true => texts.iter().map(digits).collect(),
        false => texts.to_vec(),
    }
}

/// The function whose value is looked up, with an empty text for a gap.
fn looked_up(
    item: &Item,
    kind: Kind,
    columns: &mut Columns,
    known: &[Cell],
) -> Read<(usize, Arc<Function>, Vec<Cell>)> {
    match item {
        Item::Category(category) => {
            let keys = keys(category, known);
            columns.know(&category.variable, &keys)?;
            let function = &category.variable.function;
            let filled = gap_as(function, &keys);
            Ok((category.variable.column, filled, keys))
        }
        Item::Number(number) if number.is_result() => {
            Err(unsupported("an encoder of a model's result", "export the model without it"))
        }
        Item::Number(number) => {
            let of = columns.variable(number)?;
            Ok((of.column, rounded(&of.function, kind), known.to_vec()))
        }
        other => Err(other.number("an encoder").err().unwrap_or_else(|| refuse("no category"))),
    }
}

/// A text that may be a gap, with the one of the keys that stands for it.
pub(super) fn gap_as(function: &Arc<Function>, keys: &[Cell]) -> Arc<Function> {
    match keys.iter().find(|key| is_missing(&key.to_string())) {
        Some(key) => Arc::new(Function::Default(function.clone(), key.clone())),
        None => function.clone(),
    }
}

pub(super) fn one_hot(node: &Node, of: &Tensor, columns: &mut Columns) -> Read<Tensor> {
    let texts: Vec<Cell> = node.texts("cats_strings").iter().map(|one| text(one)).collect();
    let numbers = node.ints("cats_int64s").iter().map(|one| Cell::Number(*one as f64));
    let known = if texts.is_empty() { numbers.collect() } else { texts };
    let zeros = node.int("zeros", 1) != 0;
    let rows = if zeros { 1 } else { known.len() };
    bounded(of.items.len().saturating_mul(known.len()).saturating_mul(rows))?;
    let mut items = Vec::with_capacity(of.items.len() * known.len());
    for item in &of.items {
        if let Some(cell) = item.cell() {
            let truth = |one: &Cell| f64::from(u8::from(one.is_same(&cell)));
            items.extend(known.iter().map(|one| Item::constant(truth(one))));
            continue;
        }
        let (column, function, keys) = looked_up(item, of.kind, columns, &known)?;
        let function = match item {
            Item::Number(_) if of.kind != Kind::Whole => truncated(&function),
            _ => function,
        };
        let others = match zeros {
            true => Vec::new(),
            false => keys.iter().map(|key| (key.clone(), Cell::Number(0.0))).collect(),
        };
        for key in &keys {
            // Without zeros, another value is an error.
            let one = if zeros {
                Function::Indicator(function.clone(), key.clone())
            } else {
                let rows = others.iter().map(|(own, zero)| match own == key {
                    true => (own.clone(), Cell::Number(1.0)),
                    false => (own.clone(), zero.clone()),
                });
                Function::Table(function.clone(), rows.collect(), Cell::Missing)
            };
            items.push(Item::Number(Affine::variable(variable(column, Arc::new(one))?)));
        }
    }
    let mut dims = of.dims.clone();
    dims.push(known.len());
    Tensor::new(Kind::Single, dims, items)
}

/// The pairs of LabelEncoder (all versions) and CategoryMapper, and what others become.
struct Pairs {
    keys: Vec<Cell>,
    values: Vec<Cell>,
    other: Cell,
    kind: Kind,
}

fn list(node: &Node, start: &str) -> Read<Option<(Vec<Cell>, Kind)>> {
    let name = |end: &str| format!("{start}_{end}");
    if let Some(tensor) = node.tensor(&name("tensor")) {
        let tensor = Tensor::of_constant(tensor)?;
        let cells = tensor.items.iter().map(|item| item.cell().unwrap_or(Cell::Missing));
        return Ok(Some((cells.collect(), tensor.kind)));
    }
    let texts = node.texts(&name("strings"));
    if !texts.is_empty() {
        return Ok(Some((texts.iter().map(|one| text(one)).collect(), Kind::Text)));
    }
    if !node.ints(&name("int64s")).is_empty() {
        let numbers = node.ints(&name("int64s")).iter().map(|one| Cell::Number(*one as f64));
        return Ok(Some((numbers.collect(), Kind::Whole)));
    }
    let floats = node.floats(&name("floats"));
    let numbers = floats.iter().map(|one| Cell::Number(f64::from(*one)));
    Ok((!floats.is_empty()).then(|| (numbers.collect(), Kind::Single)))
}

fn pairs(node: &Node, of: &Tensor) -> Read<Pairs> {
    let no_pairs = || refuse(format!("a {} has no pairs", node.op_type));
    let from_text = of.kind == Kind::Text;
    let default = |kind: Kind| -> Read<Cell> {
        if let Some(tensor) = node.tensor("default_tensor") {
            let tensor = Tensor::of_constant(tensor)?;
            return Ok(tensor.items.first().and_then(Item::cell).unwrap_or(Cell::Missing));
        }
        Ok(match kind {
            Kind::Text => text(node.text("default_string", "_Unused")),
            Kind::Whole => Cell::Number(node.int("default_int64", -1) as f64),
            // The default is -0.
            _ => Cell::Number(f64::from(node.float("default_float", -0.0))),
        })
    };
    let texts: Vec<Cell> = ["classes_strings", "cats_strings"]
        .iter()
        .flat_map(|name| node.texts(name))
        .map(|one| text(&one))
        .collect();
    let (keys, values, kind) = if !texts.is_empty() {
        // The first version, and CategoryMapper.
        let numbers: Vec<Cell> = match node.ints("cats_int64s") {
            [] => (0..texts.len()).map(|place| Cell::Number(place as f64)).collect(),
            ints => ints.iter().map(|one| Cell::Number(*one as f64)).collect(),
        };
        match from_text {
            true => (texts, numbers, Kind::Whole),
            false => (numbers, texts, Kind::Text),
        }
    } else {
        let (keys, _) = list(node, "keys")?.ok_or_else(no_pairs)?;
        let (values, kind) = list(node, "values")?.ok_or_else(no_pairs)?;
        (keys, values, kind)
    };
    if keys.len() != values.len() {
        return Err(refuse(format!(
            "a {} has {} keys and {} values",
            node.op_type,
            keys.len(),
            values.len()
        )));
    }
    Ok(Pairs { keys, values, other: default(kind)?, kind })
}

pub(super) fn labels(node: &Node, of: &Tensor, columns: &mut Columns) -> Read<Tensor> {
    let Pairs { keys, values, other, kind } = pairs(node, of)?;
    bounded(of.items.len().saturating_mul(keys.len()))?;
    // Before version 4, a gap is never a key.
    let gaps = columns.ml_version >= 4;
    let nan = |cell: &Cell| cell.number().is_some_and(f64::is_nan);
    let look = |cell: &Cell| {
        let found = keys.iter().position(|key| key.is_same(cell) || gaps && nan(key) && nan(cell));
        found.map_or(&other, |place| &values[place]).clone()
    };
    let mut items = Vec::with_capacity(of.items.len());
    for item in &of.items {
        items.push(match item {
            Item::Choice(choice, labels) => {
                Item::Choice(choice.clone(), labels.iter().map(look).collect())
            }
            item if item.cell().is_some() => {
                Item::of_cell(look(&item.cell().unwrap_or(Cell::Missing)))
            }
            item => {
                let (column, function, own) = looked_up(item, of.kind, columns, &keys)?;
                let gap = keys.iter().position(|key| gaps && nan(key));
                let gap = gap.map_or(&other, |place| &values[place]);
                let rows = own.into_iter().zip(values.iter().cloned());
                let rows = rows.filter(|(key, _)| !nan(key)).collect();
                let table = Function::Table(function, rows, other.clone());
                let filled = Function::Default(Arc::new(table), gap.clone());
                let variable = variable(column, Arc::new(filled))?;
                match kind {
                    Kind::Text => Item::Category(Category { variable, digits: false }),
                    _ => Item::Number(Affine::variable(variable)),
                }
            }
        });
    }
    Tensor::new(kind, of.dims.clone(), items)
}

/// Each number of a row with its own of a list, or with the only one.
pub(super) fn along(list: &[f64], width: usize, operator: &str) -> Read<Vec<f64>> {
    match list.len() {
        1 => Ok(vec![list[0]; width]),
        length if length == width => Ok(list.to_vec()),
        length => Err(refuse(format!("a {operator} has {length} numbers for {width} features"))),
    }
}

pub(super) fn impute(node: &Node, of: &Tensor, columns: &mut Columns) -> Read<Tensor> {
    let floats: Vec<f64> =
        node.floats("imputed_value_floats").iter().map(|one| f64::from(*one)).collect();
    let (values, code) = match floats.is_empty() {
        true => {
            let ints = node.ints("imputed_value_int64s").iter();
            (ints.map(|one| *one as f64).collect(), node.int("replaced_value_int64", 0) as f64)
        }
        false => (floats, f64::from(node.float("replaced_value_float", 0.0))),
    };
    let width = of.dims.last().copied().unwrap_or(1);
    let values = along(&values, width, "Imputer")?;
    let mut items = Vec::with_capacity(of.items.len());
    for (place, item) in of.items.iter().enumerate() {
        let number = item.number("Imputer")?;
        let value = Cell::Number(values[place % width.max(1)]);
        if let Some(constant) = number.fixed() {
            let gap = constant == code || constant.is_nan() && code.is_nan();
            items.push(if gap { Item::of_cell(value) } else { item.clone() });
            continue;
        }
        let own = columns.variable(number)?;
        let function = match code.is_nan() {
            true => Function::Default(own.function.clone(), value),
            false => {
                let function = rounded(&own.function, of.kind);
                let at = Some((code, true));
                let code = vec![(Interval { low: at, high: at }, Cell::Number(1.0))];
                let is_code = Function::Bins(function.clone(), code, Cell::Number(0.0));
                replaced(&function, Arc::new(is_code), value)
            }
        };
        items.push(Item::Number(Affine::variable(variable(own.column, Arc::new(function))?)));
    }
    Tensor::new(of.kind, of.dims.clone(), items)
}

/// Another value where the condition is 1: the function's own there is taken off again.
fn replaced(of: &Arc<Function>, condition: Arc<Function>, value: Cell) -> Function {
    use super::columns::{apply, number};
    use crate::Operation::{Add, Multiply, Subtract};
    let kept = apply(Subtract, &[number(1.0), condition.clone()]);
    let own = apply(Multiply, &[of.clone(), kept]);
    let other = apply(Multiply, &[condition, Arc::new(Function::Constant(value))]);
    Function::Apply(Add, vec![own, other])
}

pub(super) fn binarize(node: &Node, of: &Tensor, columns: &mut Columns) -> Read<Tensor> {
    let threshold = f64::from(node.float("threshold", 0.0));
    let mut items = Vec::with_capacity(of.items.len());
    for item in &of.items {
        let limit = Affine::constant(threshold);
        let number = item.number("Binarizer")?;
        let kind = of.kind;
        items.push(super::decide::compared(columns, "Greater", number, &limit, kind)?);
    }
    Tensor::new(of.kind, of.dims.clone(), items)
}

/// Cast: numbers into other kinds, and into their digits.
pub(super) fn cast(of: &Tensor, to: i64, columns: &mut Columns) -> Read<Tensor> {
    let kind = i32::try_from(to).ok().and_then(Kind::of).ok_or_else(|| {
        unsupported(
            format!("a Cast to element type {to}"),
            "cast to float, double, a whole number, bool or string",
        )
    })?;
    let mut items = Vec::with_capacity(of.items.len());
    for item in &of.items {
        items.push(match item {
            Item::Choice(choice, labels) => match choice.feature(labels) {
                Some(feature) if matches!(kind, Kind::Single | Kind::Double) => {
                    Item::Number(feature)
                }
                _ => Item::Choice(choice.clone(), labels.clone()),
            },
            Item::Text(text) if kind != Kind::Text => {
                let number: Result<f64, _> = text.trim().parse();
                let number = number.map_err(|_| refuse("a Cast of a text to a number"))?;
                Item::constant(kind.round(number))
            }
            Item::Category(_) if kind != Kind::Text => {
                return Err(unsupported("a Cast of texts to numbers", "give numbers as numbers"))
            }
            Item::Number(number) if kind == Kind::Text => match number.fixed() {
                Some(constant) => Item::Text(constant.to_string().into()),
                None => {
                    let variable = columns.variable(number)?;
                    Item::Category(Category { variable, digits: true })
                }
            },
            Item::Number(number) => Item::Number(number_as(number, kind, of.kind, columns)?),
            other => other.clone(),
        });
    }
    Tensor::new(kind, of.dims.clone(), items)
}

fn number_as(of: &Affine, kind: Kind, from: Kind, columns: &mut Columns) -> Read<Affine> {
    if let Some(constant) = of.fixed() {
        return Ok(Affine::constant(kind.round(constant)));
    }
    if from == Kind::Truth || kind == from || kind == Kind::Double {
        return Ok(of.clone());
    }
    match kind {
        // Labels and sums stay as they are; only features are compared so closely.
        Kind::Single => match of.as_variable() {
            Some(own) => {
                let function = rounded(&own.function, kind);
                Ok(Affine::variable(variable(own.column, function)?))
            }
            None => Ok(of.clone()),
        },
        Kind::Whole => {
            if of.is_result() {
                return super::unary::opaque(of, super::affine::WHOLE);
            }
            let own = columns.variable(of)?;
            let function = truncated(&rounded(&own.function, from));
            Ok(Affine::variable(variable(own.column, function)?))
        }
        Kind::Truth if of.is_positive() => Ok(Affine::constant(1.0)),
        _ => {
            let zero = Affine::constant(0.0);
            let equal = super::decide::compared(columns, "Equal", of, &zero, from)?;
            let equal = equal.number("Cast")?.clone();
            Ok(Affine::constant(1.0).plus(&equal, -1.0))
        }
    }
}
