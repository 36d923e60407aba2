// SPDX-License-Identifier: Apache-2.0
//! What a sum does to an accumulator, as a set: turns commute, so what two sums have in common can
//! be done first and for both.

use std::cmp::Ordering;

/// Turns of an accumulator, each list sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    /// Record bit and exponent of `X`, one a bit.
    pub weights: Vec<(usize, usize)>,
    /// Numbers of diagrams, with repetition.
    pub diagrams: Vec<usize>,
}

impl Work {
    pub(super) fn new(mut weights: Vec<(usize, usize)>, mut diagrams: Vec<usize>) -> Self {
        weights.sort_unstable();
        diagrams.sort_unstable();
        Self { weights, diagrams }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.weights.is_empty() && self.diagrams.is_empty()
    }

    /// One for each weight, and for each diagram what `of` says.
    pub(super) fn cost(&self, of: impl Fn(usize) -> usize) -> usize {
        self.weights.len() + self.diagrams.iter().map(|diagram| of(*diagram)).sum::<usize>()
    }

    /// What both have.
    pub(super) fn common(&self, other: &Self) -> Self {
        Self {
            weights: split(&self.weights, &other.weights).0,
            diagrams: split(&self.diagrams, &other.diagrams).0,
        }
    }

    /// What only this one has.
    pub(super) fn without(&self, other: &Self) -> Self {
        Self {
            weights: split(&self.weights, &other.weights).1,
            diagrams: split(&self.diagrams, &other.diagrams).1,
        }
    }
}

/// What of one sorted list is in another, as often as it is there, and the rest.
fn split<T: Ord + Copy>(own: &[T], other: &[T]) -> (Vec<T>, Vec<T>) {
    let (mut common, mut rest) = (Vec::new(), Vec::new());
    let mut other = other.iter().peekable();
    for item in own {
        while other.next_if(|o| *o < item).is_some() {}
        match other.peek().map(|o| (*o).cmp(item)) {
            Some(Ordering::Equal) => {
                other.next();
                common.push(*item);
            }
            _ => rest.push(*item),
        }
    }
    (common, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_count() {
        let of = |diagrams: &[usize]| Work::new(vec![(1, 5), (2, 7)], diagrams.to_vec());
        let (a, b) = (of(&[4, 4, 1, 9]), of(&[2, 4, 9, 9]));
        assert_eq!(a.common(&b).diagrams, [4, 9]);
        assert_eq!(a.without(&b).diagrams, [1, 4]);
        assert!(a.without(&a).is_empty());
        assert_eq!(a.cost(|_| 10), 42);
        // A bit with other points is other work.
        let turned = Work::new(vec![(1, 6), (2, 7)], vec![]);
        assert_eq!(a.common(&turned).weights, [(2, 7)]);
    }
}
