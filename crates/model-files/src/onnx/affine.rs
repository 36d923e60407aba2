// SPDX-License-Identifier: Apache-2.0
//! Numbers of the graph: a constant plus weighted parts, which are products of features, trees,
//! curves and shares.

use std::sync::Arc;

use crate::{Curve, Sum, Variable};

/// A constant plus weighted parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Affine {
    pub constant: f64,
    pub parts: Vec<(Atom, f64)>,
}

/// What can be a part.
#[derive(Clone, Debug)]
pub(super) enum Atom {
    /// A product of functions of one column each, in the order of the columns.
    Product(Arc<[Variable]>),
    /// Trees.
    Trees(Arc<Sum>),
    /// A curve of a sum.
    Bent(Arc<Bent>),
    /// One member's share of all.
    Share(Arc<Shared>, usize),
}

/// Curves in turn, of a sum without curves in it.
#[derive(Debug, PartialEq)]
pub(super) struct Bent {
    pub curves: Vec<Curve>,
    /// A last function for which there is no curve.
    pub unread: Option<&'static str>,
    pub of: Affine,
}

/// The name of the function that has no curve but may be followed by ArgMin.
pub(super) const ABSOLUTE: &str = "Abs";
/// The name of a cast of a result to whole numbers, which AdaBoost compares with 0.
pub(super) const WHOLE: &str = "Cast to whole numbers";

/// What makes shares.
#[derive(Debug, PartialEq)]
pub(super) struct Shared {
    /// Whether by their powers (softmax), or as they are.
    pub powers: bool,
    pub members: Vec<Affine>,
}

/// Differences of weights up to this one come from rounding to single precision.
const ROUNDING: f64 = 1e-6;

/// Whether two numbers are the same up to rounding.
pub(super) fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING * (1.0 + a.abs().max(b.abs()))
}

impl PartialEq for Atom {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Product(a), Self::Product(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Trees(a), Self::Trees(b)) => Arc::ptr_eq(a, b),
            (Self::Bent(a), Self::Bent(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Share(a, i), Self::Share(b, j)) => i == j && (Arc::ptr_eq(a, b) || a == b),
            _ => false,
        }
    }
}

impl Affine {
    pub(super) fn constant(constant: f64) -> Self {
        Self { constant, parts: Vec::new() }
    }

    pub(super) fn atom(atom: Atom) -> Self {
        Self { constant: 0.0, parts: vec![(atom, 1.0)] }
    }

    pub(super) fn variable(variable: Variable) -> Self {
        Self::atom(Atom::Product([variable].into()))
    }

    /// The number, if it is the same for all cases.
    pub(super) fn fixed(&self) -> Option<f64> {
        self.parts.is_empty().then_some(self.constant)
    }

    /// The function of one column, if it's just that.
    pub(super) fn as_variable(&self) -> Option<&Variable> {
        match self.as_atom()? {
            Atom::Product(factors) if factors.len() == 1 => Some(&factors[0]),
            _ => None,
        }
    }

    /// The part, if it's just one.
    pub(super) fn as_atom(&self) -> Option<&Atom> {
        match &self.parts[..] {
            [(atom, weight)] if *weight == 1.0 && self.constant == 0.0 => Some(atom),
            _ => None,
        }
    }

    pub(super) fn times(&self, factor: f64) -> Self {
        if factor == 0.0 && self.parts.is_empty() {
            return Self::constant(0.0);
        }
        Self {
            constant: factor * self.constant,
            parts: self.parts.iter().map(|(atom, own)| (atom.clone(), factor * own)).collect(),
        }
    }

    pub(super) fn plus(&self, other: &Self, times: f64) -> Self {
        let mut sum = self.clone();
        sum.add(other, times);
        sum
    }

    /// Adds a multiple; equal parts are joined, and what cancels out is gone.
    pub(super) fn add(&mut self, other: &Self, times: f64) {
        self.constant += times * other.constant;
        // Long sums are of products alone, which rarely meet: only some are compared.
        let compared = self.parts.len().min(MAX_COMPARED);
        for (atom, weight) in &other.parts {
            let weight = times * weight;
            let known = self.parts[..compared].iter_mut().find(|(own, _)| own == atom);
            match known {
                Some((_, own)) => {
                    let sum = *own + weight;
                    *own = if same(sum, 0.0) && !same(weight, 0.0) { 0.0 } else { sum };
                }
                None => self.parts.push((atom.clone(), weight)),
            }
        }
        self.parts.retain(|(_, weight)| *weight != 0.0);
    }

    pub(super) fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::constant(0.0);
        for one in all {
            sum.add(one, 1.0);
        }
        sum
    }

    /// Whether both are the same up to rounding.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let difference = self.plus(other, -1.0);
        same(difference.constant, 0.0)
            && difference.parts.iter().all(|(_, weight)| same(*weight, 0.0))
    }

    /// Whether it has neither curves nor shares.
    pub(super) fn is_linear(&self) -> bool {
        self.parts.iter().all(|(atom, _)| matches!(atom, Atom::Product(_) | Atom::Trees(_)))
    }

    /// Whether it reads trees, curves or shares.
    pub(super) fn is_result(&self) -> bool {
        let product = |atom: &Atom| match atom {
            Atom::Product(_) => true,
            Atom::Bent(bent) => !bent.of.is_result(),
            Atom::Trees(_) | Atom::Share(..) => false,
        };
        !self.parts.iter().all(|(atom, _)| product(atom))
    }

    /// `x`, if this is the logistic curve of `x` alone.
    pub(super) fn logit(&self) -> Option<Self> {
        let [(Atom::Bent(bent), weight)] = &self.parts[..] else { return None };
        if bent.unread.is_some() || bent.curves != [Curve::Logistic] {
            return None;
        }
        match (*weight, self.constant) {
            (1.0, 0.0) => Some(bent.of.clone()),
            // 1 - logistic(x) = logistic(-x)
            (-1.0, 1.0) => Some(bent.of.times(-1.0)),
            _ => None,
        }
    }

    /// `x`, if this is `exp(x)`.
    pub(super) fn power(&self) -> Option<Self> {
        let Atom::Bent(bent) = self.as_atom()? else { return None };
        let (Curve::Exp, before) = bent.curves.split_last()? else { return None };
        if bent.unread.is_some() {
            return None;
        }
        let curves = |curves: &[Curve]| match curves {
            [] => bent.of.clone(),
            curves => {
                let (curves, unread, of) = (curves.to_vec(), None, bent.of.clone());
                Self::atom(Atom::Bent(Arc::new(Bent { curves, unread, of })))
            }
        };
        Some(match before {
            [before @ .., Curve::Line { times, plus }] => {
                Self::constant(*plus).plus(&curves(before), *times)
            }
            before => curves(before),
        })
    }
}

/// How many parts are compared with those of another sum.
const MAX_COMPARED: usize = 512;
