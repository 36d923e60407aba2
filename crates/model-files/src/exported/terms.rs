// SPDX-License-Identifier: Apache-2.0
//! Terms of an exporter's file: lines and curves become products of one function, tables, steps
//! and grids become trees, which keep thresholds and categories as they are.

use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use super::axis::{end, Axis};
use super::columns::Columns;
use super::problem::{need, Problem};
use super::{ascending, refuse, unsupported, CellText};
use crate::{
    shorten, Cell, Compare, Function, Lines, ModelFileError, Node, Outside, Split, Sum, Term, Test,
    Tree, Variable,
};

/// Most factors of a product.
const MAX_FACTORS: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SumText {
    constant: f64,
    terms: Vec<TermText>,
}

/// The fields of all kinds of terms; each kind says which it needs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TermText {
    kind: String,
    column: Option<String>,
    columns: Option<Vec<String>>,
    weight: Option<f64>,
    points: Option<Vec<(f64, f64)>>,
    outside: Option<String>,
    edges: Option<Vec<f64>>,
    closed: Option<String>,
    values: Option<serde_json::Value>,
    otherwise: Option<f64>,
    axes: Option<Vec<AxisText>>,
    nodes: Option<Vec<NodeText>>,
    missing: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AxisText {
    column: String,
    edges: Option<Vec<f64>>,
    closed: Option<String>,
    categories: Option<Vec<CellText>>,
    #[serde(default)]
    missing: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeText {
    column: Option<String>,
    less: Option<f64>,
    at_most: Option<f64>,
    #[serde(rename = "in")]
    among: Option<Vec<CellText>>,
    #[serde(default)]
    single: bool,
    yes: Option<usize>,
    no: Option<usize>,
    missing: Option<usize>,
    #[serde(default, deserialize_with = "given")]
    leaf: Option<Option<f64>>,
    linear: Option<LinearText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinearText {
    constant: f64,
    weights: Vec<(String, f64)>,
    missing: Option<f64>,
}

/// Tells a field that is null from one that isn't there.
fn given<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Option<f64>>, D::Error> {
    Option::<f64>::deserialize(field).map(Some)
}

/// Reads a sum.
pub(super) fn sum(text: SumText, columns: &Columns) -> Result<Sum, ModelFileError> {
    if !text.constant.is_finite() {
        return Err(refuse("the constant of a sum is not finite"));
    }
    let terms = text.terms.into_iter().enumerate().map(|(index, term)| {
        let kind = shorten(&term.kind);
        read(term, columns).map_err(|error| match error {
            Problem::Refused(error) => error,
            Problem::Malformed(problem) => refuse(format!("term {index} (`{kind}`): {problem}")),
        })
    });
    Ok(Sum { constant: text.constant, terms: terms.collect::<Result<_, _>>()? })
}

fn read(text: TermText, columns: &Columns) -> Result<Term, Problem> {
    let column = |name: &Option<String>| -> Result<Variable, Problem> {
        let name = name.as_deref().ok_or_else(|| "`column` is missing".to_owned())?;
        Ok(columns.variable(name)?)
    };
    Ok(match text.kind.as_str() {
        "linear" => linear(column(&text.column)?, need(text.weight, "weight")?, text.missing),
        "curve" => {
            let points = ascending(&need(text.points, "points")?, "a curve")?;
            let outside = match text.outside.as_deref() {
                Some("clamp") => Outside::Clamp,
                Some("extend") => Outside::Extend,
                _ => return Err("`outside` is `clamp` or `extend`".to_owned().into()),
            };
            let Variable { column, function } = column(&text.column)?;
            let lines = Function::Lines { of: function, points, outside };
            linear(Variable { column, function: Arc::new(lines) }, 1.0, text.missing)
        }
        "product" => {
            let names = need(text.columns, "columns")?;
            if names.is_empty() || names.len() > MAX_FACTORS {
                return Err(format!("{} factors, 1 to {MAX_FACTORS} are read", names.len()).into());
            }
            let factors = names.iter().map(|name| columns.variable(name));
            let factors = factors.collect::<Result<_, _>>()?;
            Term::Product { factors, weight: need(text.weight, "weight")? }
        }
        "steps" => {
            let axis = Axis::steps(column(&text.column)?, text.edges, text.closed.as_deref())?;
            let values = numbers(text.values)?;
            let leaves = axis.leaves(&values, text.missing)?;
            Term::Tree(axis.tree(leaves)?)
        }
        "table" => {
            let rows: Vec<(CellText, Option<f64>)> =
                serde_json::from_value(need(text.values, "values")?)
                    .map_err(|error| error.to_string())?;
            let sets = rows.iter().map(|(category, _)| category.cell()).collect();
            let values = rows.iter().map(|row| row.1).chain([text.otherwise]).collect::<Vec<_>>();
            let axis = Axis::categories(column(&text.column)?, sets);
            let leaves = axis.leaves(&values, text.missing)?;
            Term::Tree(axis.tree(leaves)?)
        }
        "grid" => Term::Tree(grid(need(text.axes, "axes")?, text.values, columns)?),
        "tree" => Term::Tree(tree(need(text.nodes, "nodes")?, columns)?),
        other => {
            return Err(Problem::Refused(unsupported(
                format!("term `{}`", shorten(other)),
                "it is `linear`, `curve`, `steps`, `table`, `grid`, `product` or `tree`",
            )))
        }
    })
}

/// A weighted function; `missing` holds the points where it has no value.
fn linear(variable: Variable, weight: f64, missing: Option<f64>) -> Term {
    let Variable { column, function } = variable;
    let factor = match missing {
        None => Variable { column, function },
        Some(points) if weight != 0.0 => {
            let default = Cell::Number(points / weight);
            Variable { column, function: Arc::new(Function::Default(function, default)) }
        }
        // Nothing but the points for missing are left.
        Some(points) => {
            let split = Split {
                test: Test::Missing(Variable { column, function }),
                yes: 1,
                no: 2,
                unknown: 1,
            };
            let nodes = vec![Node::Split(split), Node::Leaf(points), Node::Leaf(0.0)];
            return Tree::new(nodes).map_or_else(|_| unreachable!("three nodes"), Term::Tree);
        }
    };
    Term::Product { factors: vec![factor], weight }
}

fn numbers(values: Option<serde_json::Value>) -> Result<Vec<Option<f64>>, Problem> {
    let values = serde_json::from_value(need(values, "values")?);
    Ok(values.map_err(|error| error.to_string())?)
}

/// A value for each pair of places.
fn grid(
    axes: Vec<AxisText>,
    values: Option<serde_json::Value>,
    columns: &Columns,
) -> Result<Tree, Problem> {
    let rows: Vec<Vec<Option<f64>>> =
        serde_json::from_value(need(values, "values")?).map_err(|error| error.to_string())?;
    let count = axes.len();
    let Ok([first, second]) = <[AxisText; 2]>::try_from(axes) else {
        return Err(format!("{count} axes, a grid has 2").into());
    };
    let (first, first_gap) = axis(first, columns)?;
    let (second, second_gap) = axis(second, columns)?;
    if rows.len() != first.places() + usize::from(first_gap) {
        return Err(format!("{} rows of values for {} places", rows.len(), first.places()).into());
    }
    let mut below = Vec::with_capacity(rows.len() + 1);
    for row in &rows {
        let (own, missing) = match (second_gap, row.split_last()) {
            (true, Some((last, own))) => (own, *last),
            _ => (row.as_slice(), None),
        };
        below.push(second.nodes(&mut second.leaves(own, missing)?));
    }
    if !first_gap {
        below.push(vec![Node::Nothing]);
    }
    first.tree(below)
}

/// An axis, and whether it has a place for missing values.
fn axis(text: AxisText, columns: &Columns) -> Result<(Axis, bool), Problem> {
    let variable = columns.variable(&text.column)?;
    let axis = match (text.categories, text.edges) {
        (Some(categories), None) => {
            Axis::categories(variable, categories.iter().map(CellText::cell).collect())
        }
        (None, edges) => Axis::steps(variable, edges, text.closed.as_deref())?,
        _ => return Err("an axis has `edges` or `categories`".to_owned().into()),
    };
    Ok((axis, text.missing))
}

fn tree(texts: Vec<NodeText>, columns: &Columns) -> Result<Tree, Problem> {
    let count = texts.len();
    let mut nodes = Vec::with_capacity(count);
    // What stands behind a line that needs all its numbers.
    let mut behind: Vec<Node> = Vec::new();
    for (index, text) in texts.into_iter().enumerate() {
        let node = match (text.leaf, text.linear) {
            (Some(points), None) => end(points),
            (None, Some(own)) => {
                let variable = |(name, weight): (String, f64)| -> Result<_, ModelFileError> {
                    Ok((columns.variable(&name)?, weight))
                };
                let weights = own.weights.into_iter().map(variable).collect::<Result<_, _>>()?;
                let missing = own.missing.unwrap_or(0.0);
                let lines = Lines { constant: own.constant, weights, missing };
                match own.missing {
                    Some(_) => Node::Lines(lines),
                    None => unless_missing(lines, count, &mut behind),
                }
            }
            (None, None) => {
                let fields = (text.column, text.yes, text.no, text.missing);
                let (Some(column), Some(yes), Some(no), Some(unknown)) = fields else {
                    return Err(format!("node {index} is no question and no leaf").into());
                };
                if [yes, no, unknown].iter().any(|child| *child >= count) {
                    return Err(format!("node {index} has a child that isn't there").into());
                }
                let variable = columns.variable(&column)?;
                let test = match (text.less, text.at_most, text.among) {
                    (Some(limit), None, None) => {
                        compare(variable, Compare::Less, limit, text.single)
                    }
                    (None, Some(limit), None) => {
                        compare(variable, Compare::LessOrEqual, limit, text.single)
                    }
                    (None, None, Some(set)) => {
                        Test::OneOf { variable, set: set.iter().map(CellText::cell).collect() }
                    }
                    _ => {
                        return Err(
                            format!("node {index} asks for `less`, `at_most` or `in`").into()
                        )
                    }
                };
                Node::Split(Split { test, yes, no, unknown })
            }
            _ => return Err(format!("node {index} is two leaves").into()),
        };
        nodes.push(node);
    }
    nodes.extend(behind);
    Ok(Tree::new(nodes)?)
}

fn compare(variable: Variable, op: Compare, limit: f64, single: bool) -> Test {
    Test::Compare { variable, op, limit: Cell::Number(limit), single }
}

/// A line that gives no prediction where one of its numbers is missing.
fn unless_missing(lines: Lines, count: usize, behind: &mut Vec<Node>) -> Node {
    let tests = lines.weights.iter().map(|(variable, _)| Test::Missing(variable.clone()));
    let test = Test::Any(tests.collect());
    let start = count + behind.len();
    behind.extend([Node::Nothing, Node::Lines(lines)]);
    Node::Split(Split { test, yes: start, no: start + 1, unknown: start })
}
