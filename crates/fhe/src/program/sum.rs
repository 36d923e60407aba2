// SPDX-License-Identifier: Apache-2.0
//! What a program is made of: sums, their steps, and the tables they are looked up in.

use crate::params::{N, ORDER};

use super::diagram::Diagram;

/// An output table: `values[sum]` is added to output `output`, and has `bits` bits.
///
/// Any function of the sum: a class, a probability in percent, a code. Most outputs have one table.
/// An output with several, of one sum or of different ones, is their values' total; all of them
/// have the same width.
///
/// ```
/// use cso_fhe::{Program, ProgramError, Step, Sum, Table};
///
/// let sum = |points: Vec<i16>, tables| {
///     Sum { steps: vec![Step::Weighted { points }], bias: 0, wraps: false, tables }
/// };
/// // The sum of two bits with 2 and 3 points is one of 0 to 5: six values, each of one bit.
/// let with = |values| {
///     Program::new(2, vec![sum(vec![2, 3], vec![Table { output: 0, bits: 1, values }])])
/// };
/// assert!(with(vec![0, 0, 0, 1, 1, 1]).is_ok());
/// let short = with(vec![0, 1]);
/// assert_eq!(
///     short.unwrap_err(),
///     ProgramError::Range { sum: 0, table: 0, low: 0, high: 5, len: 2 }
/// );
/// let wide = with(vec![0, 0, 0, 7, 0, 0]);
/// assert_eq!(
///     wide.unwrap_err(),
///     ProgramError::TableValue { sum: 0, table: 0, index: 3, value: 7, bits: 1 }
/// );
///
/// // One output of two sums: 10 for the first bit, and 1 for the second.
/// let of = |bits, low, high| {
///     let table = |value| vec![Table { output: 0, bits, values: vec![0, value] }];
///     Program::new(2, vec![sum(vec![1, 0], table(high)), sum(vec![0, 1], table(low))])
/// };
/// assert_eq!(of(4, 1, 10)?.evaluate(&[true, true])?, [11]);
/// // The greatest total must fit.
/// assert_eq!(
///     of(4, 6, 10).unwrap_err(),
///     ProgramError::Total { output: 0, total: 16, bits: 4 }
/// );
/// # Ok::<(), ProgramError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The output that its values are added to. Outputs are numbered from 0 without holes.
    pub output: usize,
    /// Bits of a value and of the output, 1 to 16. Fewer bits leave more room for noise and
    /// flooding.
    pub bits: u32,
    /// The values by sum, at most 2048. Of a sum that wraps: for 0 and up; those not given are 0.
    pub values: Vec<u16>,
}

/// One step of a sum: adds points that depend on record bits.
///
/// ```
/// use cso_fhe::{DiagramBuilder, Program, ProgramError, Step, Sum, Table};
///
/// // Four points for bit 0, and two more if bits 1 and 2 are both set.
/// let mut builder = DiagramBuilder::new();
/// let [none, two] = [0, 2].map(|points| builder.leaf(points));
/// let second = builder.node(2, none, two);
/// let both = builder.node(1, none, second);
/// let steps = vec![
///     Step::Weighted { points: vec![4, 0, 0] },
///     Step::Diagram(builder.finish(both)),
/// ];
/// let tables = vec![Table { output: 0, bits: 3, values: (0..7).collect() }];
/// let sums = vec![Sum { steps, bias: 0, wraps: false, tables }];
///
/// let program = Program::new(3, sums.clone())?;
/// assert_eq!(program.evaluate(&[true, true, true])?, [6]);
/// assert_eq!(program.evaluate(&[true, true, false])?, [4]);
///
/// // Points are one for each bit of the program.
/// let other = Program::new(4, sums).unwrap_err();
/// assert_eq!(other, ProgramError::PointsLength { sum: 0, step: 0, expected: 4, actual: 3 });
/// # Ok::<(), ProgramError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Adds `points[i]` for every bit `i` that is set. One CMUX for each non-zero entry.
    Weighted {
        /// One entry for each bit of the program.
        points: Vec<i16>,
    },
    /// Adds the points of the leaf that the diagram reaches. One CMUX for each inner node; noise
    /// grows with the depth.
    Diagram(Diagram),
}

/// A sum of points, `bias` plus what the steps add, and the tables it is looked up in.
///
/// A sum that wraps has accumulators of its own and tells little by itself. With a second sum over
/// the same bits, coarse enough not to wrap, that says whether the first one stayed in its tables
/// (a guard), it gives values finer than 2048 steps over the whole range allow.
///
/// ```
/// use cso_fhe::{Program, ProgramError, Step, Sum, Table};
///
/// // Points may be negative as long as the sum isn't: it ranges from 0 to 5 here.
/// let sum = Sum {
///     steps: vec![Step::Weighted { points: vec![-2, 3] }],
///     bias: 2,
///     wraps: false,
///     tables: vec![
///         Table { output: 0, bits: 3, values: vec![0, 1, 2, 3, 4, 5] },
///         Table { output: 1, bits: 1, values: vec![0, 0, 0, 1, 1, 1] },
///     ],
/// };
/// let program = Program::new(2, vec![sum.clone()])?;
/// assert_eq!(program.evaluate(&[false, true])?, [5, 1]);
///
/// let unbiased = Sum { bias: 0, ..sum };
/// assert!(matches!(
///     Program::new(2, vec![unbiased.clone()]),
///     Err(ProgramError::Range { low: -2, high: 3, .. })
/// ));
///
/// // A sum may be allowed to leave its tables: it then counts modulo 4096, and where it is in the
/// // upper half, what stands 2048 below is taken off. -2 is 4094, which is 2048 more than 2046.
/// let wrapping = Sum { wraps: true, ..unbiased };
/// let program = Program::new(2, vec![wrapping.clone()])?;
/// assert_eq!(program.evaluate(&[false, true])?, [3, 1]);
/// assert_eq!(program.evaluate(&[true, false])?, [0, 0]);
/// let full = Table { output: 0, bits: 3, values: vec![1; 2048] };
/// let program = Program::new(2, vec![Sum { tables: vec![full], ..wrapping }])?;
/// assert_eq!(program.evaluate(&[true, false])?, [7]);
/// # Ok::<(), ProgramError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// What adds points. Order doesn't matter.
    pub steps: Vec<Step>,
    /// Where the sum begins.
    pub bias: i32,
    /// Whether it may leave its tables, and then counts modulo 4096 as the accumulator does by
    /// itself: `2048 + i` gives minus the value at `i`, modulo `2^bits`.
    pub wraps: bool,
    /// Where it is looked up.
    pub tables: Vec<Table>,
}

impl Step {
    /// The points added for these bits.
    pub(crate) fn evaluate(&self, bits: &[bool]) -> i64 {
        match self {
            Self::Weighted { points } => {
                points.iter().zip(bits).filter(|(_, bit)| **bit).map(|(p, _)| i64::from(*p)).sum()
            }
            Self::Diagram(diagram) => i64::from(diagram.evaluate(bits)),
        }
    }

    /// The least and largest points the step can add.
    pub(crate) fn range(&self) -> (i64, i64) {
        match self {
            Self::Weighted { points } => points.iter().fold((0, 0), |(low, high), p| {
                (low + i64::from(*p.min(&0)), high + i64::from(*p.max(&0)))
            }),
            Self::Diagram(diagram) => {
                let (low, high) = diagram.range();
                (i64::from(low), i64::from(high))
            }
        }
    }

    /// The longest chain of CMUXes of the step.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Weighted { points } => points.iter().filter(|p| **p != 0).count(),
            Self::Diagram(diagram) => diagram.depth(),
        }
    }
}

impl Table {
    /// The value at an index below `2N`: one from `N` on gives minus what stands `N` below.
    pub(crate) fn at(&self, index: usize) -> u16 {
        let value = self.values.get(index % N).copied().unwrap_or(0);
        if index < N {
            value
        } else {
            value.wrapping_neg() & self.mask()
        }
    }

    /// The bits of a value, all set.
    pub(crate) fn mask(&self) -> u16 {
        u16::MAX >> (u16::BITS - self.bits)
    }
}

impl Sum {
    /// The sum for these bits, modulo `2N`.
    pub(crate) fn index(&self, bits: &[bool]) -> usize {
        let points: i64 = self.steps.iter().map(|step| step.evaluate(bits)).sum();
        (i64::from(self.bias) + points).rem_euclid(ORDER as i64) as usize
    }

    /// The least index of its tables that it can have, and how many from there on: all `N` if it
    /// can leave them.
    pub(crate) fn window(&self) -> (usize, usize) {
        let (low, high) = self.range();
        if low < 0 || high >= N as i64 {
            (0, N)
        } else {
            (low as usize, (high - low + 1) as usize)
        }
    }

    /// The least and largest value the sum can have.
    pub(crate) fn range(&self) -> (i64, i64) {
        self.steps
            .iter()
            .map(Step::range)
            .fold((i64::from(self.bias), i64::from(self.bias)), |(low, high), (l, h)| {
                (low + l, high + h)
            })
    }
}
