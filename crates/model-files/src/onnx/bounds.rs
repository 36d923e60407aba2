// SPDX-License-Identifier: Apache-2.0
//! Between which values a number of the graph lies.

use super::affine::{Affine, Atom, Bent};
use crate::{Curve, Sum, Term};

impl Affine {
    /// Whether it is greater than 0 for every case, as far as can be seen.
    pub(super) fn is_positive(&self) -> bool {
        let open = |atom: &Atom| match atom {
            Atom::Bent(bent) => {
                let last = bent.curves.last();
                bent.unread.is_none()
                    && matches!(last, Some(Curve::Logistic | Curve::Exp | Curve::Probit))
            }
            Atom::Share(shared, _) => shared.powers,
            Atom::Product(_) | Atom::Trees(_) => false,
        };
        // The ends of these curves are never reached.
        let least = bounds(self).0;
        match self.parts.is_empty() {
            true => self.constant > 0.0,
            false => least >= 0.0 && self.parts.iter().all(|(atom, _)| open(atom)),
        }
    }
}

/// The least and the greatest value, as far as leaves and curves tell.
pub(super) fn bounds(of: &Affine) -> (f64, f64) {
    let mut sum = (of.constant, of.constant);
    for (atom, weight) in &of.parts {
        let (low, high) = match atom {
            Atom::Trees(trees) => tree_bounds(trees),
            Atom::Share(..) => (0.0, 1.0),
            Atom::Bent(bent) => bent_bounds(bent),
            Atom::Product(_) => (f64::NEG_INFINITY, f64::INFINITY),
        };
        let (a, b) = (weight * low, weight * high);
        sum = (sum.0 + a.min(b), sum.1 + a.max(b));
    }
    sum
}

fn bent_bounds(bent: &Bent) -> (f64, f64) {
    match &bent.curves[..] {
        [.., Curve::Logistic | Curve::Probit | Curve::Cloglog] => (0.0, 1.0),
        [Curve::Exp] => {
            let (low, high) = bounds(&bent.of);
            (low.exp(), high.exp())
        }
        [.., Curve::Exp] => (0.0, f64::INFINITY),
        [.., Curve::Lines(points)] => {
            points.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, y)| {
                (low.min(*y), high.max(*y))
            })
        }
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

/// The least value, also of powers whose exponents keep their sum: none is less than all equal.
pub(super) fn least(of: &Affine) -> f64 {
    let mut exponents = Affine::constant(0.0);
    for (atom, weight) in &of.parts {
        match atom {
            Atom::Bent(bent) if bent.curves == [Curve::Exp] && *weight == 1.0 => {
                exponents.add(&bent.of, 1.0);
            }
            _ => return bounds(of).0,
        }
    }
    let count = of.parts.len() as f64;
    let even = exponents.fixed().map(|sum| of.constant + count * (sum / count).exp());
    even.unwrap_or(f64::NEG_INFINITY).max(bounds(of).0)
}

fn tree_bounds(sum: &Sum) -> (f64, f64) {
    let mut all = (sum.constant, sum.constant);
    for term in &sum.terms {
        let Term::Tree(tree) = term else {
            return (f64::NEG_INFINITY, f64::INFINITY);
        };
        all.0 += tree.leaves().fold(f64::INFINITY, f64::min);
        all.1 += tree.leaves().fold(f64::NEG_INFINITY, f64::max);
    }
    all
}
