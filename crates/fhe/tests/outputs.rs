// SPDX-License-Identifier: Apache-2.0
//! Outputs that several tables add to, and sums that leave their tables: encrypted and in clear.

mod common;

use cso_fhe::{
    EvaluateError, Evaluator, ExactRecord, LoadedRecord, Profile, Program, ProgramError, RecordKey,
    Step, Sum, Table, POLYNOMIAL_SIZE,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const N: i64 = POLYNOMIAL_SIZE as i64;

/// A sum with points for each bit and no tables yet.
fn weights(points: &[i16], bias: i32, wraps: bool) -> Sum {
    let steps = vec![Step::Weighted { points: points.to_vec() }];
    Sum { steps, bias, wraps, tables: vec![] }
}

fn table(output: usize, bits: u32, values: Vec<u16>) -> Table {
    Table { output, bits, values }
}

/// What both arithmetics decrypt to, which must be the same.
fn encrypted(program: &Program, bits: &[bool], profile: Profile) -> Vec<u16> {
    let key = RecordKey::generate().unwrap();
    let record = key.encrypt(bits, profile).unwrap();
    let mut evaluator = Evaluator::new();
    let loaded = LoadedRecord::load_only(&record, program.reads());
    let fast = evaluator.evaluate(&loaded, program).unwrap();
    let exact = ExactRecord::load_only(&record, program.reads());
    let exact = evaluator.evaluate_exact(&exact, program).unwrap();
    let values = key.decrypt(&fast).unwrap();
    assert_eq!(key.decrypt(&exact).unwrap(), values);
    values
}

#[test]
fn tables_of_one_output_add_up() {
    // Two tables of one sum, one of a second that shares work with it, one of a third.
    let mut first = weights(&[1, 2, 4, 0], 0, false);
    first.tables = vec![
        table(0, 7, (0..8).map(|i| 5 * i).collect()),
        table(1, 3, (0..8).collect()),
        table(0, 7, (0..8).map(|i| 7 - i).collect()),
    ];
    let mut second = weights(&[1, 2, 0, 9], 0, false);
    second.tables = vec![table(0, 7, (0..13).map(|i| i * i / 4).collect())];
    let mut third = weights(&[0, 0, 1900, 0], 5, false);
    third.tables = vec![table(0, 7, (0..1906).map(|i| i / 400).collect())];
    let program = Program::new(4, vec![first, second, third]).unwrap();
    for code in 0..16 {
        let bits: Vec<bool> = (0..4).map(|i| code >> i & 1 == 1).collect();
        let of = |points: [u16; 4]| -> u16 {
            points.iter().zip(&bits).filter(|(_, bit)| **bit).map(|(p, _)| p).sum()
        };
        let (a, b) = (of([1, 2, 4, 0]), of([1, 2, 0, 9]));
        let total = 5 * a + (7 - a) + b * b / 4 + (5 + of([0, 0, 1900, 0])) / 400;
        assert_eq!(program.evaluate(&bits).unwrap(), [total, a]);
        assert_eq!(encrypted(&program, &bits, Profile::Private), [total, a]);
    }
}

#[test]
fn a_sum_that_wraps_is_negacyclic_in_clear_and_encrypted() {
    let mut rng = StdRng::seed_from_u64(5);
    for round in 0..12 {
        // Sums far outside: thousands of turns.
        let size = [900, 9000, i16::MAX][round % 3];
        let points: Vec<i16> = (0..10).map(|_| rng.gen_range(-size..=size)).collect();
        let bias = rng.gen_range(-1_000_000..1_000_000);
        let len = [2048, 2000, 1][round % 3];
        let values: Vec<u16> = (0..len).map(|_| rng.gen_range(0..64)).collect();
        let mut sum = weights(&points, bias, true);
        let diagram = common::diagram(&mut rng, 10, 12);
        sum.steps.push(Step::Diagram(diagram.clone()));
        sum.tables = vec![table(0, 6, values.clone())];
        let program = Program::new(10, vec![sum]).unwrap();
        for _ in 0..4 {
            let bits = common::bits(&mut rng, 10);
            let points: i64 =
                points.iter().zip(&bits).filter(|(_, bit)| **bit).map(|(p, _)| i64::from(*p)).sum();
            let index = i64::from(bias) + points + i64::from(diagram.evaluate(&bits));
            let at = |i: i64| values.get(i as usize).map_or(0, |v| i64::from(*v));
            let value = match index.rem_euclid(2 * N) {
                i if i < N => at(i),
                i => -at(i - N),
            };
            let expected = [value.rem_euclid(64) as u16];
            assert_eq!(program.evaluate(&bits).unwrap(), expected, "round {round}");
            let profile = [Profile::Fast, Profile::Private][round % 2];
            assert_eq!(encrypted(&program, &bits, profile), expected, "round {round}");
        }
    }
}

#[test]
fn a_guard_tells_where_a_fine_sum_counts() {
    // The fine sum counts single points modulo 4096 and gives 0 to 63 within -32..32 of 4000; the
    // coarse one counts in steps of 8 and gives 64 outside.
    let points: Vec<i16> = vec![2500, 1300, 700, -900, 190, 3, -8, 16];
    let mut fine = weights(&points, -4000 + 32, true);
    fine.tables = vec![table(0, 8, (0..64).collect())];
    let coarse: Vec<i16> = points.iter().map(|p| p.div_euclid(8)).collect();
    let mut guard = weights(&coarse, 200, false);
    let values = (0..900).map(|i| if (696..704).contains(&i) { 0 } else { 64 }).collect();
    guard.tables = vec![table(0, 8, values)];
    let program = Program::new(8, vec![fine, guard]).unwrap();
    let mut inside = 0;
    for code in 0..256 {
        let bits: Vec<bool> = (0..8).map(|i| code >> i & 1 == 1).collect();
        let of = |points: &[i16]| -> i64 {
            points.iter().zip(&bits).filter(|(_, bit)| **bit).map(|(p, _)| i64::from(*p)).sum()
        };
        let within = (496..504).contains(&of(&coarse));
        let value = program.evaluate(&bits).unwrap()[0];
        assert_eq!(value < 64, within, "{code}");
        if within {
            assert_eq!(i64::from(value), of(&points) - 3968, "{code}");
        }
        if within && inside < 3 || code % 61 == 0 {
            inside += i64::from(within);
            assert_eq!(encrypted(&program, &bits, Profile::Private), [value], "{code}");
        }
    }
    assert!(inside > 0);
}

#[test]
fn random_programs_with_shared_outputs_agree() {
    let mut rng = StdRng::seed_from_u64(9);
    for seed in 0..16u64 {
        let outputs = rng.gen_range(1..=2);
        let widths: Vec<u32> = (0..outputs).map(|_| rng.gen_range(4..=8)).collect();
        let sums = (0..rng.gen_range(2..=4)).map(|i| {
            let wraps = rng.gen_bool(0.5);
            let points: Vec<i16> =
                (0..12).map(|_| if wraps { rng.gen_range(-3000..3000) } else { 9 }).collect();
            let mut sum = weights(&points, 0, wraps);
            // Each output has a table of the first sum.
            for (output, bits) in widths.iter().enumerate() {
                if i == 0 || rng.gen_bool(0.6) || (sum.tables.is_empty() && output + 1 == outputs) {
                    let values = (0..109).map(|_| rng.gen_range(0..1 << (bits - 2))).collect();
                    sum.tables.push(table(output, *bits, values));
                }
            }
            sum
        });
        let program = Program::new(12, sums.collect()).unwrap();
        let bits = common::bits(&mut rng, 12);
        let values = program.evaluate(&bits).unwrap();
        assert_eq!(encrypted(&program, &bits, Profile::Private), values, "seed {seed}");
    }
}

#[test]
fn refuses_outputs_that_cannot_be() {
    let of = |tables: Vec<Vec<Table>>| {
        let sums = tables.into_iter().map(|tables| Sum { tables, ..weights(&[1, 1], 0, false) });
        Program::new(2, sums.collect()).unwrap_err()
    };
    let t = |output, bits, most| table(output, bits, vec![0, 0, most]);
    assert_eq!(of(vec![vec![t(0, 3, 1), t(2, 3, 1)]]), ProgramError::NoOutput(1));
    assert_eq!(of(vec![vec![t(usize::MAX, 3, 1)]]), ProgramError::Outputs(usize::MAX));
    assert_eq!(
        of(vec![vec![t(0, 3, 1)], vec![t(0, 4, 1)]]),
        ProgramError::OutputBits { sum: 1, table: 0, output: 0, bits: 4, expected: 3 }
    );
    let total = of(vec![vec![t(0, 2, 1), t(1, 3, 5)], vec![t(1, 3, 3)]]);
    assert_eq!(total, ProgramError::Total { output: 1, total: 8, bits: 3 });
    assert_eq!(total.to_string(), "output 1 can reach 8, which does not fit 3 bits");
    assert_eq!(of(vec![vec![t(0, 3, 0); 65]]), ProgramError::Tables(65));
    // Where a sum that wraps takes part, totals count modulo 2^bits.
    let mut wrapping = weights(&[1, 1], 0, true);
    wrapping.tables = vec![t(0, 3, 5)];
    let mut other = weights(&[1, 1], 0, false);
    other.tables = vec![t(0, 3, 7)];
    let program = Program::new(2, vec![wrapping, other]).unwrap();
    assert_eq!(program.evaluate(&[true, true]).unwrap(), [4]);
    // Values that no sum reaches don't count.
    let mut short = weights(&[1, 0], 0, false);
    short.tables = vec![t(0, 3, 7), table(0, 3, vec![0, 0, 7])];
    assert!(Program::new(2, vec![short]).is_ok());
}

#[test]
fn the_budget_adds_variances_and_counts_work_in_common_twice() {
    let of = |points: [[i16; 8]; 2]| {
        let sums = points.map(|points| Sum {
            tables: vec![table(0, 8, vec![1; 200])],
            ..weights(&points, 0, false)
        });
        Program::new(8, sums.to_vec()).unwrap().budget(Profile::Private).unwrap()
    };
    let apart = of([[1, 2, 3, 4, 0, 0, 0, 0], [0, 0, 0, 0, 5, 6, 7, 8]]);
    assert_eq!((apart.outputs[0].depth, apart.cmuxes), (8, 8));
    let alike = of([[1, 2, 3, 4, 0, 0, 0, 0], [1, 2, 3, 0, 5, 0, 0, 0]]);
    assert_eq!((alike.outputs[0].depth, alike.cmuxes), (4 + 4 + 2 * 3, 5));
}

#[test]
fn refuses_to_read_a_bit_that_was_not_loaded() {
    let mut sum = weights(&[0, 1, 0, 1, 0], 0, false);
    sum.tables = vec![table(0, 2, vec![0, 1, 2])];
    let program = Program::new(5, vec![sum]).unwrap();
    assert_eq!(program.reads().iter().collect::<Vec<_>>(), [1, 3]);
    let key = RecordKey::generate().unwrap();
    let record = key.encrypt(&[false, true, false, true, false], Profile::Fast).unwrap();
    let mut evaluator = Evaluator::new();
    for (loaded, missing) in [(vec![1, 3], None), (vec![0, 1, 4], Some(3)), (vec![], Some(1))] {
        let wanted = loaded.into_iter().collect();
        let fast = evaluator.evaluate(&LoadedRecord::load_only(&record, &wanted), &program);
        let exact = ExactRecord::load_only(&record, &wanted);
        let exact = evaluator.evaluate_exact(&exact, &program);
        for answer in [fast, exact] {
            match missing {
                None => assert_eq!(key.decrypt(&answer.unwrap()).unwrap(), [2]),
                Some(bit) => assert_eq!(answer.unwrap_err(), EvaluateError::NotLoaded { bit }),
            }
        }
    }
}
