// SPDX-License-Identifier: Apache-2.0
//! How a model uses its columns: the limits that it compares them with, and the functions of them
//! that it adds up.

use cso_model_files::{Cell, ModelFile, Node, Term, Test, Tree, Variable};

/// Slopes of a column's leaves in different trees point the same way more often than not: so many
/// times as steep each counts.
const ALIKE: f64 = 1.5;
/// What single precision may move a line, relative to its size.
const SAME: f64 = 1e-5;
/// How many places between its ends a line is looked at; as many near its start.
const PLACES: i32 = 17;

/// How one column is used.
#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    /// Comparisons and other tests of this column alone.
    pub tests: Vec<Test>,
    /// Functions of it that are added up.
    pub functions: Vec<Function>,
}

/// A function of one column that is a part of a sum.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// Which sum.
    pub sum: usize,
    /// Products of factors of this column, each with a weight.
    products: Vec<(Vec<Variable>, f64)>,
}

impl Function {
    /// The value where the column has this number.
    pub(super) fn value(&self, cell: &Cell) -> Option<f64> {
        let product = |(factors, weight): &(Vec<Variable>, f64)| {
            let factor = |product: f64, factor: &Variable| {
                Some(product * factor.function.value(cell).number()?)
            };
            factors.iter().try_fold(*weight, factor)
        };
        self.products.iter().map(product).sum()
    }

    /// How steep it is, if it is a line between two values.
    pub(super) fn slope(&self, [low, high]: [f64; 2]) -> Option<f64> {
        let at = |part: f64| {
            let x = low + part * (high - low);
            Some((x, self.value(&Cell::Number(x))?))
        };
        let ((first, start), (last, end)) = (at(0.0)?, at(1.0)?);
        let slope = (end - start) / (last - first);
        let size = start.abs().max(end.abs()).max((end - start).abs());
        let is_on = |part: f64| {
            at(part).is_some_and(|(x, y)| (start + slope * (x - first) - y).abs() <= SAME * size)
        };
        let even = (1..PLACES).map(|place| f64::from(place) / f64::from(PLACES));
        let is_line = even.clone().chain(even.map(|part| part * part * part)).all(is_on);
        (is_line && slope.is_finite()).then_some(slope)
    }
}

/// The use of each column; `table` are the cases of the data.
pub(super) fn usage(file: &ModelFile, table: &[Vec<Cell>]) -> Vec<Usage> {
    let mut all = vec![Usage::default(); file.columns().len()];
    for (place, sum) in file.sums().iter().enumerate() {
        let mut own: Vec<Vec<(Vec<Variable>, f64)>> = vec![Vec::new(); all.len()];
        for term in &sum.terms {
            match term {
                Term::Tree(tree) => of_tree(tree, place, &mut all),
                Term::Product { factors, weight } => {
                    let columns = term.columns();
                    for column in &columns {
                        let (mine, others): (Vec<Variable>, Vec<Variable>) =
                            factors.iter().cloned().partition(|one| one.column == *column);
                        match columns.len() {
                            1 => own[*column].push((mine, *weight)),
                            _ => {
                                let most = greatest(&others, table);
                                let products = vec![(mine, weight * most)];
                                all[*column].functions.push(Function { sum: place, products });
                            }
                        }
                    }
                }
            }
        }
        for (usage, products) in all.iter_mut().zip(own) {
            if !products.is_empty() {
                usage.functions.push(Function { sum: place, products });
            }
        }
    }
    for usage in &mut all {
        dedup(&mut usage.tests);
    }
    all
}

/// The greatest absolute product of factors in the data, 1 where there is none.
fn greatest(factors: &[Variable], table: &[Vec<Cell>]) -> f64 {
    let product = |case: &Vec<Cell>| {
        let factor = |product: f64, one: &Variable| Some(product * one.value(case).number()?);
        factors.iter().try_fold(1.0, factor)
    };
    let most = table.iter().filter_map(product).fold(0.0f64, |most, one| most.max(one.abs()));
    if most > 0.0 {
        most
    } else {
        1.0
    }
}

fn of_tree(tree: &Tree, sum: usize, all: &mut [Usage]) {
    // Slopes of a column's leaves by the root of their squares: they count one at a time.
    let mut slopes = vec![(0.0f64, 0usize); all.len()];
    for node in tree.nodes() {
        match node {
            Node::Split(split) => of_test(&split.test, all),
            Node::Lines(lines) => {
                for (variable, weight) in &lines.weights {
                    let (square, count) = &mut slopes[variable.column];
                    (*square, *count) = (*square + weight * weight, *count + 1);
                }
            }
            Node::Leaf(_) | Node::Nothing => {}
        }
    }
    for (column, (square, count)) in slopes.into_iter().enumerate().filter(|(_, one)| one.1 > 0) {
        let weight = ALIKE * (square / count as f64).sqrt();
        let input = cso_model_files::Function::Input;
        let variable = Variable { column, function: std::sync::Arc::new(input) };
        let products = vec![(vec![variable], weight)];
        all[column].functions.push(Function { sum, products });
    }
}

fn of_test(test: &Test, all: &mut [Usage]) {
    match test {
        Test::Constant(_) | Test::Missing(_) => {}
        Test::Compare { variable, .. } | Test::OneOf { variable, .. } => {
            all[variable.column].tests.push(test.clone());
        }
        Test::Not(inner) => of_test(inner, all),
        Test::All(tests) | Test::Any(tests) | Test::Odd(tests) | Test::Surrogate(tests) => {
            tests.iter().for_each(|inner| of_test(inner, all));
        }
    }
}

/// Leaves out comparisons with a limit that was compared with already.
fn dedup(tests: &mut Vec<Test>) {
    let key = |test: &Test| match test {
        Test::Compare { variable, op, limit, single } => {
            let function = std::sync::Arc::as_ptr(&variable.function) as usize;
            let limit = limit.number().map_or(0, f64::to_bits);
            let function = match *variable.function == cso_model_files::Function::Input {
                true => 0,
                false => function,
            };
            (function, *op as u8, limit, *single)
        }
        _ => (usize::MAX, 0, 0, false),
    };
    tests.sort_by_key(key);
    tests.dedup_by(|a, b| key(a) == key(b) && key(a).0 != usize::MAX);
}
