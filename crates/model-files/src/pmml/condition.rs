// SPDX-License-Identifier: Apache-2.0
//! Segments with conditions: a sum that counts only where a question is answered yes.

use std::sync::Arc;

use super::mixture::Mixture;
use super::xml::{refuse, unsupported};
use super::Predictor;
use crate::{
    Cell, Compare, Function, Interval, ModelFileError, Node, Split, Sum, Term, Test, Tree, Variable,
};

/// The sum where the question is answered yes, 0 elsewhere.
pub(super) fn only_where(test: &Test, sum: &Sum) -> Result<Sum, ModelFileError> {
    guarded(&[(test, true)], sum)
}

/// What the first of the predictors says whose question is answered yes.
pub(super) fn first(
    tests: &[&Test],
    predictors: Vec<Predictor>,
) -> Result<Predictor, ModelFileError> {
    if !tests.contains(&&Test::Constant(true)) {
        return Err(unsupported(
            "selectFirst whose last Segment has a condition",
            "give the last Segment <True/>",
        ));
    }
    let mut classes: Option<[String; 2]> = None;
    let mut values = Vec::with_capacity(predictors.len());
    for (index, predictor) in predictors.into_iter().enumerate() {
        let (labels, value) = match with_shares(predictor)? {
            Predictor::Number { value, .. } => (None, value),
            Predictor::Probability { labels, value } => (Some(labels), value),
            _ => return Err(of_different_kinds()),
        };
        if index > 0 && classes != labels {
            return Err(of_different_kinds());
        }
        classes = labels;
        let earlier = tests[..index].iter().map(|test| (*test, false));
        values.push((value, earlier.chain([(tests[index], true)]).collect::<Vec<_>>()));
    }
    let value = chosen(&values)?;
    Ok(match classes {
        None => Predictor::Number { value, codes: None },
        Some(labels) => Predictor::Probability { labels, value },
    })
}

fn of_different_kinds() -> ModelFileError {
    unsupported(
        "selectFirst among models of different kinds",
        "select among numbers, or among models of the same two classes",
    )
}

/// A question, and whether its answer must be yes or anything else.
type Guard<'t> = (&'t Test, bool);

/// The value whose guards hold.
fn chosen(values: &[(Mixture, Vec<Guard<'_>>)]) -> Result<Mixture, ModelFileError> {
    let mut guarded_values = Vec::with_capacity(values.len());
    for (value, guards) in values {
        guarded_values.push(value.map_sums(|sum| guarded(guards, sum))?);
    }
    // Below the same curves the sums are chosen themselves.
    let mut joined = guarded_values.first().cloned();
    for value in guarded_values.iter().skip(1) {
        joined = joined.and_then(|joined| joined.join(value));
    }
    if let Some(joined) = joined {
        return Ok(joined);
    }
    // Else each curve's value of nothing is taken away where it isn't chosen.
    let mut whole = Mixture::of(Sum::zero());
    for (value, (original, guards)) in guarded_values.iter().zip(values) {
        let nothing = original.at_zero();
        let mut back = guarded(guards, &Sum { constant: nothing, terms: Vec::new() })?;
        back.constant -= nothing;
        whole.add(value, 1.0)?;
        whole.add(&Mixture::of(back), 1.0)?;
    }
    Ok(whole)
}

/// Trees and forests of two classes as the probability of the second.
fn with_shares(predictor: Predictor) -> Result<Predictor, ModelFileError> {
    let two = |labels: Vec<String>, second: Mixture| {
        let labels = <[String; 2]>::try_from(labels);
        labels.map(|labels| Predictor::Probability { labels, value: second }).map_err(|_| {
            unsupported(
                "selectFirst among models of more than two classes",
                "select among numbers, or among models of the same two classes",
            )
        })
    };
    match predictor {
        Predictor::Tree { labels, shares: Some(mut shares), .. } if shares.len() == 2 => {
            two(labels, Mixture::of(Sum::of_tree(shares.remove(1))))
        }
        Predictor::Shares { labels, mut values } if values.len() == 2 => {
            two(labels, values.remove(1))
        }
        other => Ok(other),
    }
}

/// The sum where each question is answered yes or not, as wanted, and 0 elsewhere.
fn guarded(guards: &[Guard<'_>], sum: &Sum) -> Result<Sum, ModelFileError> {
    let mut whole = Sum::zero();
    if sum.constant != 0.0 {
        whole.terms.push(Term::Tree(grafted(guards, vec![Node::Leaf(sum.constant)])?));
    }
    let mut steps = None;
    for term in &sum.terms {
        whole.terms.push(match term {
            Term::Tree(tree) => Term::Tree(grafted(guards, tree.nodes().to_vec())?),
            Term::Product { factors, weight } => {
                if steps.is_none() {
                    steps = Some(factors_of(guards)?);
                }
                let guards = steps.iter().flatten().cloned();
                let factors = guards.chain(factors.iter().cloned()).collect();
                Term::Product { factors, weight: *weight }
            }
        });
    }
    Ok(whole)
}

/// A tree below the questions.
fn grafted(guards: &[Guard<'_>], tree: Vec<Node>) -> Result<Tree, ModelFileError> {
    let mut nodes = Vec::with_capacity(2 * guards.len() + tree.len());
    for (test, wanted) in guards {
        if let Test::Constant(answer) = test {
            if answer != wanted {
                return Tree::new(vec![Node::Leaf(0.0)]).map_err(refuse);
            }
            continue;
        }
        let (end, next) = (nodes.len() + 1, nodes.len() + 2);
        let (yes, no) = if *wanted { (next, end) } else { (end, next) };
        // Where the answer is unknown the segment doesn't count.
        nodes.push(Node::Split(Split { test: (*test).clone(), yes, no, unknown: no }));
        nodes.push(Node::Leaf(0.0));
    }
    let start = nodes.len();
    nodes.extend(tree.into_iter().map(|node| match node {
        Node::Split(split) => Node::Split(Split {
            test: split.test,
            yes: split.yes + start,
            no: split.no + start,
            unknown: split.unknown + start,
        }),
        other => other,
    }));
    Tree::new(nodes).map_err(refuse)
}

/// Factors of 0 and 1 whose product is 1 where the guards hold.
fn factors_of(guards: &[Guard<'_>]) -> Result<Vec<Variable>, ModelFileError> {
    let mut factors = Vec::new();
    for (test, wanted) in guards {
        match (test, wanted) {
            (Test::Constant(_), _) => {}
            (Test::All(tests), true) => {
                for test in tests {
                    factors.push(step(test, true)?);
                }
            }
            (test, wanted) => factors.push(step(test, *wanted)?),
        }
    }
    Ok(factors)
}

/// 1 where the question is answered yes, or where it isn't; 0 elsewhere.
fn step(test: &Test, wanted: bool) -> Result<Variable, ModelFileError> {
    let of_several = || {
        unsupported(
            "a Segment's condition on several fields at once",
            "ask one field a condition, or write the segments as trees",
        )
    };
    if test.columns().len() != 1 {
        return Err(of_several());
    }
    let Variable { column, function } = indicator(test).ok_or_else(of_several)?;
    // An unknown answer is no yes.
    let known = Arc::new(Function::Default(function, Cell::Number(0.0)));
    let function = if wanted { known } else { Arc::new(not(known)) };
    Ok(Variable { column, function })
}

fn not(of: Arc<Function>) -> Function {
    let one = Arc::new(Function::Constant(Cell::Number(1.0)));
    Function::Apply(crate::Operation::Subtract, vec![one, of])
}

/// 1 for yes, 0 for no, missing for unknown.
fn indicator(test: &Test) -> Option<Variable> {
    let (one, zero) = (Cell::Number(1.0), Cell::Number(0.0));
    let of = |variable: &Variable, make: &dyn Fn(Arc<Function>) -> Function| {
        let function = Arc::new(make(variable.function.clone()));
        Some(Variable { column: variable.column, function })
    };
    match test {
        Test::Compare { variable, op: Compare::Equal, limit, .. } => {
            let rows = vec![(limit.clone(), one)];
            of(variable, &|of| Function::Table(of, rows.clone(), zero.clone()))
        }
        Test::Compare { variable, op, limit, single } => {
            let mut limit = limit.number()?;
            if *single {
                limit = f64::from(limit as f32);
            }
            let interval = match op {
                Compare::Less => Interval { low: None, high: Some((limit, false)) },
                Compare::LessOrEqual => Interval { low: None, high: Some((limit, true)) },
                Compare::Greater => Interval { low: Some((limit, false)), high: None },
                _ => Interval { low: Some((limit, true)), high: None },
            };
            of(variable, &|of| {
                let of = if *single { Arc::new(Function::Single(of)) } else { of };
                Function::Bins(of, vec![(interval, one.clone())], zero.clone())
            })
        }
        Test::OneOf { variable, set } => {
            let rows: Vec<_> = set.iter().map(|cell| (cell.clone(), one.clone())).collect();
            of(variable, &|of| Function::Table(of, rows.clone(), zero.clone()))
        }
        Test::Missing(variable) => of(variable, &|of| super::part::missing(of)),
        Test::Not(test) => of(&indicator(test)?, &not),
        _ => None,
    }
}
