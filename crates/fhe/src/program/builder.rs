// SPDX-License-Identifier: Apache-2.0
//! Building diagrams that are reduced from the first node on.

use std::collections::HashMap;

use crate::params::MAX_SELECT_BITS;

use super::diagram::{Diagram, Node, Target};

/// Builds a reduced diagram from its leaves upwards.
///
/// ```
/// use cso_fhe::{DiagramBuilder, DiagramError};
///
/// // Three bits, most significant first, hold an age group; the groups 0-1, 2-4 and 5 upwards are
/// // worth 0, 3 and 7 points.
/// let mut builder = DiagramBuilder::new();
/// let [low, mid, high] = [0, 3, 7].map(|points| builder.leaf(points));
/// let root = builder.select(&[4, 5, 6], &[low, low, mid, mid, mid, high])?;
/// let diagram = builder.finish(root);
/// assert_eq!(diagram.evaluate(&[false, false, false, false, false, true, true]), 3);
/// assert_eq!((diagram.depth(), diagram.range()), (3, (0, 7)));
///
/// // A selection has a target for each number it can tell apart, at most.
/// let mut builder = DiagramBuilder::new();
/// let leaf = builder.leaf(1);
/// assert_eq!(
///     builder.select(&[0], &[leaf; 3]),
///     Err(DiagramError::SelectTargets { bits: 1, targets: 3 })
/// );
/// # Ok::<(), DiagramError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DiagramBuilder {
    nodes: Vec<Node>,
    known: HashMap<Node, u32>,
}

/// Why a diagram can't be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiagramError {
    /// A selection over too many bits.
    #[error("a selection takes at most {MAX_SELECT_BITS} bits, not {0}")]
    SelectBits(usize),
    /// A selection among nothing, or among more targets than its bits can tell apart.
    #[error("{bits} bits select among 1 to {} targets, not {targets}", 1usize << bits)]
    SelectTargets {
        /// Bits of the selection.
        bits: usize,
        /// Targets given.
        targets: usize,
    },
}

impl DiagramBuilder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// A leaf worth `points`.
    pub fn leaf(&self, points: i32) -> Target {
        Target::Leaf(points)
    }

    /// A node that goes to `low` if `bit` is 0 and to `high` if it is 1; an existing equal one if
    /// there is one, `low` itself if both are the same.
    ///
    /// # Panics
    ///
    /// If a target is a node of another builder that this one doesn't have: an error of the
    /// caller's code, never of data.
    pub fn node(&mut self, bit: u16, low: Target, high: Target) -> Target {
        for target in [low, high] {
            if let Target::Node(i) = target {
                assert!(
                    (i as usize) < self.nodes.len(),
                    "a target comes from the builder it is used with"
                );
            }
        }
        if low == high {
            return low;
        }
        let node = Node { bit, low, high };
        let index = *self.known.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            (self.nodes.len() - 1) as u32
        });
        Target::Node(index)
    }

    /// Goes to `targets[v]`, where `v` is the number that `bits` spell, most significant first.
    /// Numbers beyond the last target go to the last: a record can hold any bits, so every
    /// number needs a way.
    ///
    /// Comparisons and bands come out as small as they can: only bits that matter get nodes.
    ///
    /// # Errors
    ///
    /// [`DiagramError::SelectBits`] for more than 16 bits, [`DiagramError::SelectTargets`] for no
    /// targets or more than the bits can tell apart.
    ///
    /// # Panics
    ///
    /// As [`Self::node`].
    pub fn select(&mut self, bits: &[u16], targets: &[Target]) -> Result<Target, DiagramError> {
        if bits.len() > MAX_SELECT_BITS {
            return Err(DiagramError::SelectBits(bits.len()));
        }
        let last = match targets.last() {
            Some(last) if targets.len() <= 1 << bits.len() => *last,
            _ => {
                return Err(DiagramError::SelectTargets {
                    bits: bits.len(),
                    targets: targets.len(),
                })
            }
        };
        let mut row = targets.to_vec();
        row.resize(1 << bits.len(), last);
        for bit in bits.iter().rev() {
            row = row.chunks_exact(2).map(|pair| self.node(*bit, pair[0], pair[1])).collect();
        }
        Ok(row[0])
    }

    /// Goes to `below` if the number that `bits` spell, most significant first, is less than
    /// `threshold`, else to `other`.
    ///
    /// # Errors
    ///
    /// [`DiagramError::SelectBits`] for more than 16 bits.
    ///
    /// # Panics
    ///
    /// As [`Self::node`].
    pub fn less_than(
        &mut self,
        bits: &[u16],
        threshold: u32,
        below: Target,
        other: Target,
    ) -> Result<Target, DiagramError> {
        if bits.len() > MAX_SELECT_BITS {
            return Err(DiagramError::SelectBits(bits.len()));
        }
        if u64::from(threshold) >= 1 << bits.len() {
            return Ok(below);
        }
        // From the least significant bit up: `rest` says how the comparison ends if all higher bits
        // are equal.
        Ok(bits.iter().rev().enumerate().fold(other, |rest, (i, bit)| {
            if threshold >> i & 1 == 1 {
                self.node(*bit, below, rest)
            } else {
                self.node(*bit, rest, other)
            }
        }))
    }

    /// The diagram that begins at `root`, with nothing in it that `root` doesn't reach.
    ///
    /// # Panics
    ///
    /// If `root` is a node of another builder that this one doesn't have.
    pub fn finish(self, root: Target) -> Diagram {
        let mut reached = vec![false; self.nodes.len()];
        if let Target::Node(i) = root {
            reached[i as usize] = true;
        }
        // Children have smaller numbers than their parents.
        for i in (0..self.nodes.len()).rev() {
            if reached[i] {
                for target in [self.nodes[i].low, self.nodes[i].high] {
                    if let Target::Node(child) = target {
                        reached[child as usize] = true;
                    }
                }
            }
        }
        let mut renumbered = vec![0; self.nodes.len()];
        let mut nodes = Vec::new();
        let place = |target, renumbered: &[u32]| match target {
            Target::Leaf(points) => Target::Leaf(points),
            Target::Node(i) => Target::Node(renumbered[i as usize]),
        };
        for (i, node) in self.nodes.iter().enumerate().filter(|(i, _)| reached[*i]) {
            renumbered[i] = nodes.len() as u32;
            nodes.push(Node {
                bit: node.bit,
                low: place(node.low, &renumbered),
                high: place(node.high, &renumbered),
            });
        }
        Diagram::of(nodes, place(root, &renumbered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_nodes_exist_once_and_unreached_ones_not_at_all() {
        let mut b = DiagramBuilder::new();
        let (zero, one) = (b.leaf(0), b.leaf(1));
        let x = b.node(0, zero, one);
        assert_eq!(b.node(0, zero, one), x);
        assert_eq!(b.node(1, x, x), x);
        b.node(2, one, zero);
        let diagram = b.finish(x);
        assert_eq!(diagram.nodes().len(), 1);
        assert_eq!(diagram.depth(), 1);
        assert_eq!(diagram.range(), (0, 1));
    }

    #[test]
    fn comparison_agrees_with_numbers_and_skips_trailing_zeros() {
        let bits = [0, 1, 2, 3, 4, 5];
        for threshold in 0..=70 {
            let mut b = DiagramBuilder::new();
            let (yes, no) = (b.leaf(1), b.leaf(0));
            let root = b.less_than(&bits, threshold, yes, no).unwrap();
            let diagram = b.finish(root);
            assert!(
                threshold == 0
                    || diagram.nodes().len() <= 6 - threshold.trailing_zeros().min(6) as usize
            );
            for value in 0..64u32 {
                let input: Vec<bool> = (0..6).map(|i| value >> (5 - i) & 1 == 1).collect();
                assert_eq!(
                    diagram.evaluate(&input) == 1,
                    value < threshold,
                    "{value} < {threshold}"
                );
            }
        }
    }

    #[test]
    fn selection_gives_each_number_its_target() {
        let mut b = DiagramBuilder::new();
        let targets: Vec<_> = [5, 5, -2, 9, 9].map(|p| b.leaf(p)).into();
        let root = b.select(&[2, 0, 1], &targets).unwrap();
        let diagram = b.finish(root);
        for (value, points) in [5, 5, -2, 9, 9, 9, 9, 9].into_iter().enumerate() {
            let bit = |i: usize| value >> i & 1 == 1;
            assert_eq!(diagram.evaluate(&[bit(1), bit(0), bit(2)]), points);
        }
        assert_eq!(diagram.range(), (-2, 9));
    }

    #[test]
    fn refuses_selections_that_do_not_fit() {
        let mut b = DiagramBuilder::new();
        let leaf = b.leaf(0);
        assert_eq!(b.select(&[0; 17], &[leaf]), Err(DiagramError::SelectBits(17)));
        assert_eq!(b.select(&[0], &[]), Err(DiagramError::SelectTargets { bits: 1, targets: 0 }));
        assert_eq!(
            b.select(&[0], &[leaf; 3]),
            Err(DiagramError::SelectTargets { bits: 1, targets: 3 })
        );
    }
}
