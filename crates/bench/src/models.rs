// SPDX-License-Identifier: Apache-2.0
//! The models that are measured. Weights and trees are drawn from a fixed generator: time does not
//! depend on them.

use crate::Error;
use cso_fhe::{
    Diagram, DiagramBuilder, DiagramError, Program, ProgramError, Step, Sum, Table, Target,
    POLYNOMIAL_SIZE,
};

/// Features of the linear, boosted and forest models, and the bits of each.
pub(crate) const FEATURES: usize = 30;
/// Bits of each feature.
pub(crate) const FEATURE_BITS: usize = 6;

/// xorshift64*: a fixed, seedable sequence for shapes that carry no secret.
pub(crate) struct Sequence(pub(crate) u64);

impl Sequence {
    /// The next number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % bound
    }
}

/// A table of 8-bit values over every possible sum.
fn full_table() -> Table {
    Table {
        output: 0,
        bits: 8,
        values: (0..POLYNOMIAL_SIZE).map(|sum| (sum >> 3) as u16).collect(),
    }
}

/// One weighted sum over all bits, with a table of 2048 entries.
pub(crate) fn weighted_sum(bits: usize) -> Result<Program, ProgramError> {
    let most = (POLYNOMIAL_SIZE / bits - 1).min(60) as u64;
    let mut sequence = Sequence(7);
    let points = (0..bits).map(|_| 1 + sequence.below(most) as i16).collect();
    Program::new(
        bits,
        vec![Sum {
            steps: vec![Step::Weighted { points }],
            bias: 0,
            wraps: false,
            tables: vec![full_table()],
        }],
    )
}

/// A linear model on binary-coded features. Bit `k` of a feature with weight `w` has `w * 2^k`
/// points, rounded to the scale at which the largest sum fits the table, as the clinical compiler
/// does.
pub(crate) fn linear() -> Result<Program, ProgramError> {
    let largest: u32 =
        linear_weights().iter().map(|weight| u32::from(*weight) * ((1 << FEATURE_BITS) - 1)).sum();
    let scale = (POLYNOMIAL_SIZE - FEATURES * FEATURE_BITS) as f64 / f64::from(largest);
    let points = linear_weights()
        .iter()
        .flat_map(|weight| {
            (0..FEATURE_BITS)
                .rev()
                .map(move |bit| (f64::from(weight << bit) * scale).round() as i16)
        })
        .collect();
    Program::new(
        FEATURES * FEATURE_BITS,
        vec![Sum {
            steps: vec![Step::Weighted { points }],
            bias: 0,
            wraps: false,
            tables: vec![full_table()],
        }],
    )
}

/// 30 weights of 4 to 12: even the lowest bit of each feature has a point after rounding, so no bit
/// is skipped.
pub(crate) fn linear_weights() -> Vec<u16> {
    (0..FEATURES as u16).map(|index| 4 + index % 9).collect()
}

/// Bits of feature `index`, most significant first.
fn bits_of(index: usize) -> Vec<u16> {
    (0..FEATURE_BITS).map(|bit| (index * FEATURE_BITS + bit) as u16).collect()
}

fn tree(
    builder: &mut DiagramBuilder,
    depth: usize,
    sequence: &mut Sequence,
    most: u64,
) -> Result<Target, DiagramError> {
    if depth == 0 {
        return Ok(builder.leaf(sequence.below(most) as i32));
    }
    let low = tree(builder, depth - 1, sequence, most)?;
    let high = tree(builder, depth - 1, sequence, most)?;
    let feature = sequence.below(FEATURES as u64) as usize;
    let threshold = 1 + sequence.below((1 << FEATURE_BITS) - 1) as u32;
    builder.less_than(&bits_of(feature), threshold, low, high)
}

/// A sum of `trees` full binary trees of the given depth, each node comparing a random feature with
/// a random threshold.
pub(crate) fn trees(trees: usize, depth: usize) -> Result<Program, Error> {
    let mut sequence = Sequence(11);
    let most = (POLYNOMIAL_SIZE / trees) as u64;
    let mut steps = Vec::with_capacity(trees);
    for _ in 0..trees {
        let mut builder = DiagramBuilder::new();
        let root = tree(&mut builder, depth, &mut sequence, most)?;
        steps.push(Step::Diagram(builder.finish(root)));
    }
    Ok(Program::new(
        FEATURES * FEATURE_BITS,
        vec![Sum { steps, bias: 0, wraps: false, tables: vec![full_table()] }],
    )?)
}

/// A feature of NEWS2: its bits, and points that change at thresholds (`points[i]` below
/// `thresholds[i]`).
pub(crate) struct Banded {
    /// Bits of the coded value.
    pub(crate) bits: usize,
    /// Coded values at which the points change, ascending.
    pub(crate) thresholds: &'static [u32],
    /// Points of each band: one more than thresholds.
    pub(crate) points: &'static [u8],
}

/// NEWS2, SpO2 scale 1. Royal College of Physicians, National Early Warning Score (NEWS) 2, London
/// 2017, chart 1. Temperature is coded in tenths of a degree from 30.0; consciousness and oxygen
/// are flags.
pub(crate) const NEWS2: [Banded; 7] = [
    Banded {
        // respiration
        bits: 6,
        thresholds: &[9, 12, 21, 25],
        points: &[3, 1, 0, 2, 3],
    },
    Banded {
        // oxygen saturation
        bits: 7,
        thresholds: &[92, 94, 96],
        points: &[3, 2, 1, 0],
    },
    Banded {
        // supplemental oxygen
        bits: 1,
        thresholds: &[1],
        points: &[0, 2],
    },
    Banded {
        // systolic pressure
        bits: 8,
        thresholds: &[91, 101, 111, 220],
        points: &[3, 2, 1, 0, 3],
    },
    Banded {
        // pulse
        bits: 8,
        thresholds: &[41, 51, 91, 111, 131],
        points: &[3, 1, 0, 1, 2, 3],
    },
    Banded {
        // consciousness
        bits: 1,
        thresholds: &[1],
        points: &[0, 3],
    },
    Banded {
        // temperature
        bits: 7,
        thresholds: &[51, 61, 81, 91],
        points: &[3, 1, 0, 1, 2],
    },
];

fn banded(feature: &Banded, first_bit: usize) -> Result<Diagram, DiagramError> {
    let bits: Vec<u16> = (first_bit..first_bit + feature.bits).map(|bit| bit as u16).collect();
    let mut builder = DiagramBuilder::new();
    let mut target = builder.leaf(i32::from(feature.points[feature.points.len() - 1]));
    for (threshold, points) in feature.thresholds.iter().zip(feature.points).rev() {
        let below = builder.leaf(i32::from(*points));
        target = builder.less_than(&bits, *threshold, below, target)?;
    }
    Ok(builder.finish(target))
}

/// NEWS2 as a program: one diagram a vital sign, the sum as output.
pub(crate) fn news2() -> Result<Program, Error> {
    let mut first_bit = 0;
    let mut steps = Vec::new();
    for feature in &NEWS2 {
        steps.push(Step::Diagram(banded(feature, first_bit)?));
        first_bit += feature.bits;
    }
    let table = Table { output: 0, bits: 5, values: (0..=20).collect() };
    Ok(Program::new(first_bit, vec![Sum { steps, bias: 0, wraps: false, tables: vec![table] }])?)
}

/// The bits of a NEWS2 record.
pub(crate) fn news2_bits(values: &[u32; 7]) -> Vec<bool> {
    NEWS2
        .iter()
        .zip(values)
        .flat_map(|(feature, value)| (0..feature.bits).rev().map(move |bit| value >> bit & 1 == 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of one vital sign straight from the chart.
    fn points(feature: &Banded, value: u32) -> u16 {
        let band = feature.thresholds.iter().filter(|threshold| value >= **threshold).count();
        u16::from(feature.points[band])
    }

    #[test]
    fn news2_program_adds_the_charts_points() {
        let program = news2().expect("NEWS2 is a valid program");
        let mut sequence = Sequence(3);
        for _ in 0..500 {
            let values = std::array::from_fn(|index| sequence.below(1 << NEWS2[index].bits) as u32);
            let expected: u16 =
                NEWS2.iter().zip(values).map(|(feature, value)| points(feature, value)).sum();
            assert_eq!(
                program.evaluate(&news2_bits(&values)).expect("bits fit"),
                [expected],
                "{values:?}"
            );
        }
    }

    #[test]
    fn every_measured_program_is_valid() {
        for bits in [45, 90, 180, 360, 720] {
            weighted_sum(bits).expect("sum fits the table");
        }
        linear().expect("sum fits the table");
        trees(50, 3).expect("boosted trees fit");
        trees(50, 4).expect("forest fits");
    }
}
