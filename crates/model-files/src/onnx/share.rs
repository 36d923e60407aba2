// SPDX-License-Identifier: Apache-2.0
//! Shares of a whole: softmax, and numbers divided by their sum.

use std::sync::Arc;

use super::affine::{same, Affine, Atom, Shared};
use super::unary::{bent, flat};
use super::unsupported;
use crate::{Curve, ModelFileError, Term};

/// Shares of the whole: each divided by the sum of all.
pub(super) fn shares(of: &[&Affine]) -> Result<Vec<Affine>, ModelFileError> {
    let sum = Affine::sum(of.iter().copied());
    if let Some(sum) = sum.fixed() {
        let factor = if same(sum, 1.0) { 1.0 } else { 1.0 / sum };
        return Ok(of.iter().map(|one| one.times(factor)).collect());
    }
    if is_divided(of) {
        return Ok(of.iter().map(|one| (*one).clone()).collect());
    }
    let all = |read: &dyn Fn(&Affine) -> Option<Affine>| -> Option<Vec<Affine>> {
        of.iter().map(|one| read(one)).collect()
    };
    if let Some(powers) = all(&Affine::power) {
        return softmax(&powers.iter().collect::<Vec<_>>());
    }
    let logistic = all(&Affine::logit).is_some();
    if !logistic && !of.iter().all(|one| is_share(one)) {
        return Err(unsupported(
            "several probabilities that are averaged or calibrated, then divided by their sum",
            "calibrate with `ensemble=False`, or export one model with its own probabilities",
        ));
    }
    let members = of.iter().map(|one| (*one).clone()).collect();
    Ok(shared(false, members))
}

/// Whether they are all shares of one whole.
fn is_divided(of: &[&Affine]) -> bool {
    let shares: Option<Vec<_>> = of
        .iter()
        .map(|one| match one.as_atom() {
            Some(Atom::Share(shared, index)) => Some((shared, *index)),
            _ => None,
        })
        .collect();
    shares.is_some_and(|shares| {
        let whole = shares[0].0;
        whole.members.len() == shares.len()
            && shares.iter().enumerate().all(|(place, (shared, index))| {
                (Arc::ptr_eq(shared, whole) || *shared == whole) && *index == place
            })
    })
}

/// Trees whose leaves are all 0 or more.
pub(super) fn is_share(of: &Affine) -> bool {
    of.constant >= 0.0
        && of.parts.iter().all(|(atom, weight)| match atom {
            Atom::Trees(sum) => {
                *weight >= 0.0
                    && sum.constant >= 0.0
                    && sum.terms.iter().all(|term| match term {
                        Term::Tree(tree) => tree.leaves().all(|leaf| leaf >= 0.0),
                        Term::Product { .. } => false,
                    })
            }
            _ => false,
        })
}

fn shared(powers: bool, members: Vec<Affine>) -> Vec<Affine> {
    let count = members.len();
    let shared = Arc::new(Shared { powers, members });
    (0..count).map(|index| Affine::atom(Atom::Share(shared.clone(), index))).collect()
}

pub(super) fn softmax(of: &[&Affine]) -> Result<Vec<Affine>, ModelFileError> {
    match of {
        [] => Ok(Vec::new()),
        [_] => Ok(vec![Affine::constant(1.0)]),
        [first, second] => {
            let share = bent(&second.plus(first, -1.0), Curve::Logistic)?;
            Ok(vec![Affine::constant(1.0).plus(&share, -1.0), share])
        }
        all => Ok(shared(true, all.iter().map(|one| flat(one)).collect::<Result<_, _>>()?)),
    }
}
