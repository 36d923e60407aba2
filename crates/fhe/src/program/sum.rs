// SPDX-License-Identifier: Apache-2.0
//! What a program is made of: sums, their steps, and the tables they are looked up in.

use super::diagram::Diagram;

/// An output table: `values[sum]` is the output, and has `bits` bits.
///
/// Any function of the sum: a class, a probability in percent, a code.
///
/// ```
/// use cso_fhe::{Program, ProgramError, Step, Sum, Table};
///
/// let with = |table| {
///     let steps = vec![Step::Weighted { points: vec![2, 3] }];
///     Program::new(2, vec![Sum { steps, bias: 0, tables: vec![table] }])
/// };
/// // The sum of two bits with 2 and 3 points is one of 0 to 5: six values, each of one bit.
/// assert!(with(Table { bits: 1, values: vec![0, 0, 0, 1, 1, 1] }).is_ok());
///
/// let short = with(Table { bits: 1, values: vec![0, 1] });
/// assert_eq!(
///     short.unwrap_err(),
///     ProgramError::Range { sum: 0, table: 0, low: 0, high: 5, len: 2 }
/// );
/// let wide = with(Table { bits: 1, values: vec![0, 0, 0, 7, 0, 0] });
/// assert_eq!(
///     wide.unwrap_err(),
///     ProgramError::TableValue { sum: 0, table: 0, index: 3, value: 7, bits: 1 }
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Bits of a value, 1 to 16. Fewer bits leave more room for noise and flooding.
    pub bits: u32,
    /// The values by sum, at most 2048.
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
/// let tables = vec![Table { bits: 3, values: (0..7).collect() }];
/// let sums = vec![Sum { steps, bias: 0, tables }];
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
/// ```
/// use cso_fhe::{Program, ProgramError, Step, Sum, Table};
///
/// // Points may be negative as long as the sum isn't: it ranges from 0 to 5 here.
/// let sum = Sum {
///     steps: vec![Step::Weighted { points: vec![-2, 3] }],
///     bias: 2,
///     tables: vec![
///         Table { bits: 3, values: vec![0, 1, 2, 3, 4, 5] },
///         Table { bits: 1, values: vec![0, 0, 0, 1, 1, 1] },
///     ],
/// };
/// let program = Program::new(2, vec![sum.clone()])?;
/// // One output a table.
/// assert_eq!(program.evaluate(&[false, true])?, [5, 1]);
///
/// let unbiased = Sum { bias: 0, ..sum };
/// assert!(matches!(
///     Program::new(2, vec![unbiased]),
///     Err(ProgramError::Range { low: -2, high: 3, .. })
/// ));
/// # Ok::<(), ProgramError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// What adds points. Order doesn't matter.
    pub steps: Vec<Step>,
    /// Where the sum begins.
    pub bias: i32,
    /// One output a table.
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

impl Sum {
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
