// SPDX-License-Identifier: Apache-2.0
//! From the graph's outputs to sums and what they stand for.

use std::sync::Arc;

use super::affine::{same, Affine, Atom};
use super::choice::Choice;
use super::tensor::{Item, Kind, Tensor};
use super::unary::{flat, hidden_layers};
use super::{refuse, unsupported};
use crate::target::MAX_CLASSES;
use crate::{Cell, Curve, ModelFileError, Scale, Share, Sum, Target, Term};

type Read<T> = Result<T, ModelFileError>;

/// What the graph gives.
pub(super) struct Given {
    pub tensor: Tensor,
    /// The classes, if the output names them.
    pub labels: Option<Vec<Cell>>,
}

/// The sums and what they stand for.
pub(super) fn predictor(outputs: &[Given]) -> Read<(Vec<Sum>, Target)> {
    let mut choice: Option<(Arc<Choice>, Vec<Cell>)> = None;
    let mut values: Option<(Vec<Affine>, Option<&Vec<Cell>>)> = None;
    let mut computed = false;
    let mut single = Vec::new();
    for given in outputs {
        match &given.tensor.items[..] {
            [Item::Choice(own, labels)] => {
                choice.get_or_insert_with(|| (own.clone(), labels.to_vec()));
            }
            [Item::Nearest(_)] => return Err(refuse("the graph gives the index of a step")),
            items if items.iter().all(|item| matches!(item, Item::Number(_))) => {
                let numbers: Vec<Affine> =
                    given.tensor.numbers("an output")?.into_iter().cloned().collect();
                if matches!(given.tensor.kind, Kind::Whole | Kind::Truth) {
                    computed = true;
                    continue;
                }
                if let ([one], None) = (&numbers[..], &given.labels) {
                    single.push(one.clone());
                }
                let better = match &values {
                    None => true,
                    // Probabilities rather than scores; of equals the first.
                    Some((known, _)) => !is_whole(known) && is_whole(&numbers),
                };
                if better && !numbers.is_empty() {
                    values = Some((numbers, given.labels.as_ref()));
                }
            }
            _ => {}
        }
    }
    if computed {
        return Err(unsupported(
            "a class that is computed beside the probabilities (a decision threshold)",
            "export probabilities alone; a protocol's bands say what follows from them",
        ));
    }
    if let Some((choice, labels)) = choice {
        // Each class's probability may be an output of its own.
        if single.len() == labels.len() {
            values = Some((single, None));
        }
        // Of a two-way decision the table may give the probability of the second class alone.
        let values = match values {
            Some((values, None)) if values.len() == 1 && labels.len() == 2 => {
                let second = values[0].clone();
                vec![Affine::constant(1.0).plus(&second, -1.0), second]
            }
            Some((values, names)) => ordered(values, names, &labels)?,
            None => choice.scores.clone(),
        };
        if values.len() == 2 && choice.agrees(&[values[1].times(-1.0), values[1].clone()]) {
            // A score whose sign decides.
            return classes(names(&labels)?, choice.scores.clone());
        }
        if !choice.agrees(&values) {
            return Err(unsupported(
                "a class that isn't that of the greatest probability (a decision threshold)",
                "export the model without it; a protocol's bands say what follows from a probability",
            ));
        }
        return classes(names(&labels)?, values);
    }
    match values {
        Some((values, names)) if values.len() == 1 && names.is_none() => number(&values[0]),
        Some((values, labels)) => {
            let own = (0..values.len()).map(|class| Cell::Number(class as f64)).collect();
            let labels = labels.cloned().unwrap_or(own);
            if !is_whole(&values) {
                return Err(unsupported(
                    format!("an output of {} numbers that are no probabilities", values.len()),
                    "end with Softmax, or export one model a target",
                ));
            }
            classes(names(&labels)?, values)
        }
        None => Err(no_model()),
    }
}

fn no_model() -> ModelFileError {
    refuse("the graph has no model: LinearClassifier, LinearRegressor or TreeEnsemble…")
}

fn names(labels: &[Cell]) -> Read<Vec<String>> {
    if !(2..=MAX_CLASSES).contains(&labels.len()) {
        return Err(refuse(format!(
            "a classifier has {} class labels, 2 to {MAX_CLASSES} are read",
            labels.len()
        )));
    }
    Ok(labels.iter().map(Cell::to_string).collect())
}

/// The values in the order of the labels of the class.
fn ordered(values: Vec<Affine>, names: Option<&Vec<Cell>>, labels: &[Cell]) -> Read<Vec<Affine>> {
    let different =
        || refuse(format!("an output has {} numbers for {} classes", values.len(), labels.len()));
    if values.len() != labels.len() {
        return Err(different());
    }
    let Some(names) = names else { return Ok(values) };
    let place = |label: &Cell| names.iter().position(|name| name.is_same(label));
    let found: Option<Vec<Affine>> =
        labels.iter().map(|label| place(label).and_then(|at| values.get(at)).cloned()).collect();
    // Labels may have been renamed behind.
    Ok(found.unwrap_or(values))
}

/// Whether the values are shares of a whole.
fn is_whole(values: &[Affine]) -> bool {
    if values.len() < 2 {
        return false;
    }
    let share = |value: &Affine| matches!(value.as_atom(), Some(Atom::Share(..)));
    let sum = Affine::sum(values);
    values.iter().all(share) || sum.fixed().is_some_and(|sum| (sum - 1.0).abs() < 1e-3)
}

/// One number.
fn number(value: &Affine) -> Read<(Vec<Sum>, Target)> {
    if value.only(&Curve::Logistic).is_some() {
        let labels = ["0".to_owned(), "1".to_owned()];
        let (sums, scales) = mixture(value)?;
        return Ok((sums, Target::Probability { labels, scales }));
    }
    let (sums, scales) = mixture(value)?;
    Ok((sums, Target::Number(scales)))
}

fn classes(labels: Vec<String>, values: Vec<Affine>) -> Read<(Vec<Sum>, Target)> {
    if let (Ok(labels), [first, second]) = (<[String; 2]>::try_from(labels.clone()), &values[..]) {
        let whole = first.plus(second, 1.0).fixed().is_some_and(|sum| same(sum, 1.0));
        if whole {
            let (sums, scales) = mixture(second)?;
            return Ok((sums, Target::Probability { labels, scales }));
        }
    }
    let (sums, share) = shares(&values)?;
    Ok((sums, Target::Classes { labels, share }))
}

fn shares(values: &[Affine]) -> Read<(Vec<Sum>, Share)> {
    let of = |all: &[&Affine]| -> Read<Vec<Sum>> { all.iter().map(|one| linear(one)).collect() };
    let all = |read: &dyn Fn(&Affine) -> Option<Affine>| -> Option<Vec<Affine>> {
        values.iter().map(read).collect()
    };
    if let Some(Atom::Share(shared, _)) = values[0].as_atom() {
        let member = |value: &Affine| match value.as_atom() {
            Some(Atom::Share(own, index)) if Arc::ptr_eq(own, shared) || own == shared => {
                shared.members.get(*index).cloned()
            }
            _ => None,
        };
        let members = all(&member).filter(|members| members.len() == shared.members.len());
        if let Some(members) = members {
            if shared.powers {
                return Ok((of(&members.iter().collect::<Vec<_>>())?, Share::Softmax));
            }
            let logistic: Option<Vec<&Affine>> =
                members.iter().map(|member| member.only(&Curve::Logistic)).collect();
            return match logistic {
                Some(all) => Ok((of(&all)?, Share::LogisticProportion)),
                None => Ok((of(&members.iter().collect::<Vec<_>>())?, Share::Proportion)),
            };
        }
    }
    if let Some(logistic) = all(&|value| value.only(&Curve::Logistic).cloned()) {
        return Ok((of(&logistic.iter().collect::<Vec<_>>())?, Share::Logistic));
    }
    if values.iter().all(Affine::is_linear) {
        // A forest's scores are shares already: nothing negative, and one in all.
        let forest = values.iter().all(is_share);
        let share = if forest { Share::Proportion } else { Share::Scores };
        return Ok((of(&values.iter().collect::<Vec<_>>())?, share));
    }
    Err(unsupported(
        "an average of several models' probabilities of three or more classes",
        "export one of the models, or calibrate with `ensemble=False`",
    ))
}

fn is_share(value: &Affine) -> bool {
    let positive = |sum: &Sum| {
        sum.terms.iter().all(|term| match term {
            Term::Tree(tree) => tree.leaves().all(|leaf| leaf >= 0.0),
            Term::Product { .. } => false,
        })
    };
    value.constant == 0.0
        && value.parts.iter().all(|(atom, weight)| match atom {
            Atom::Trees(sum) => *weight >= 0.0 && sum.constant == 0.0 && positive(sum),
            _ => false,
        })
}

/// A sum without curves.
fn linear(of: &Affine) -> Read<Sum> {
    let of = flat(of)?;
    let mut sum = Sum { constant: of.constant, terms: Vec::new() };
    for (atom, weight) in &of.parts {
        match atom {
            Atom::Product(factors) => {
                sum.terms.push(Term::Product { factors: factors.to_vec(), weight: *weight });
            }
            Atom::Trees(trees) => sum.add(trees, *weight),
            Atom::Bent(_) | Atom::Share(..) => return Err(hidden_layers()),
        }
    }
    match sum.constant.is_finite() {
        true => Ok(sum),
        false => Err(refuse("a constant of the model is not a finite number")),
    }
}

/// Most curves that are averaged.
const MAX_MIXED: usize = 64;

/// A sum without curves, if there is one, and one for each curve.
fn mixture(of: &Affine) -> Read<(Vec<Sum>, Vec<Scale>)> {
    let mut plain = Affine::constant(0.0);
    let (mut sums, mut scales) = (Vec::new(), Vec::new());
    for (atom, weight) in &of.parts {
        match atom {
            Atom::Product(_) | Atom::Trees(_) => plain.parts.push((atom.clone(), *weight)),
            Atom::Bent(bent) if bent.unread.is_none() => {
                sums.push(linear(&bent.of)?);
                scales.push(Scale { curves: bent.curves.clone(), times: *weight, plus: 0.0 });
            }
            Atom::Bent(bent) => {
                let name = bent.unread.unwrap_or_default();
                return Err(unsupported(
                    format!("{name} of a model's result"),
                    "export the model without it",
                ));
            }
            Atom::Share(..) => {
                return Err(unsupported(
                    "one number made of the probabilities of several classes",
                    "export all probabilities",
                ))
            }
        }
    }
    if sums.len() > MAX_MIXED {
        return Err(hidden_layers());
    }
    if !plain.parts.is_empty() || sums.is_empty() {
        plain.constant = of.constant;
        sums.insert(0, linear(&plain)?);
        scales.insert(0, Scale::IDENTITY);
    } else if let Some(first) = scales.first_mut() {
        first.plus = of.constant;
    }
    let terms: usize = sums.iter().map(|sum| sum.terms.len()).sum();
    if terms == 0 {
        return Err(no_model());
    }
    Ok((sums, scales))
}
