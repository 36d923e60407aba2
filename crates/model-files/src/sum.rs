// SPDX-License-Identifier: Apache-2.0
//! Sums of terms: what every model comes down to.

use std::collections::BTreeSet;

use crate::{Cell, Tree, Variable};

/// A constant plus terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    /// Added to the terms.
    pub constant: f64,
    /// The terms.
    pub terms: Vec<Term>,
}

/// A part of a sum.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// The leaf of a tree.
    Tree(Tree),
    /// `weight` times the product of the factors.
    Product {
        /// The factors.
        factors: Vec<Variable>,
        /// The weight.
        weight: f64,
    },
}

impl Sum {
    /// Nothing.
    pub(crate) fn zero() -> Self {
        Self { constant: 0.0, terms: Vec::new() }
    }

    /// The leaf of one tree.
    pub fn of_tree(tree: Tree) -> Self {
        Self { constant: 0.0, terms: vec![Term::Tree(tree)] }
    }

    /// Adds a multiple of another sum.
    pub(crate) fn add(&mut self, other: &Self, times: f64) {
        self.constant += times * other.constant;
        self.terms.extend(other.terms.iter().map(|term| match term {
            Term::Tree(tree) => Term::Tree(tree.times(times)),
            Term::Product { factors, weight } => {
                Term::Product { factors: factors.clone(), weight: times * weight }
            }
        }));
    }

    /// How many tree nodes and factors it has.
    pub(crate) fn size(&self) -> usize {
        let size = |term: &Term| match term {
            Term::Tree(tree) => tree.nodes().len(),
            Term::Product { factors, .. } => factors.len(),
        };
        self.terms.iter().map(size).sum()
    }

    /// The sum for a case, or `None` if a value is missing that it needs.
    pub(crate) fn value(&self, case: &[Cell]) -> Option<f64> {
        let terms = self.terms.iter().map(|term| term.value(case));
        terms.sum::<Option<f64>>().map(|sum| sum + self.constant)
    }
}

impl Term {
    /// The term's part of the sum for a case, or `None` if a value is missing that it needs.
    ///
    /// # Panics
    ///
    /// If the case has no cell for a column that the term reads.
    pub fn value(&self, case: &[Cell]) -> Option<f64> {
        match self {
            Self::Tree(tree) => tree.value(case),
            Self::Product { factors, weight } => factors
                .iter()
                .try_fold(*weight, |product, factor| Some(product * factor.value(case).number()?)),
        }
    }

    /// The columns that the term reads.
    pub fn columns(&self) -> BTreeSet<usize> {
        match self {
            Self::Tree(tree) => tree.columns(),
            Self::Product { factors, .. } => factors.iter().map(|factor| factor.column).collect(),
        }
    }

    /// Gives columns other numbers.
    pub(crate) fn renumber(&mut self, column: &impl Fn(&mut usize)) {
        match self {
            Self::Tree(tree) => tree.renumber(column),
            Self::Product { factors, .. } => {
                factors.iter_mut().for_each(|factor| column(&mut factor.column));
            }
        }
    }
}
