// SPDX-License-Identifier: Apache-2.0
//! Predicted noise against measured noise.

use super::{ggsw, phase, raw};
use crate::engine::{Arithmetic, Exact, ExactScratch, Float, FloatScratch, Sanitiser};
use crate::params::{Encoding, N};
use crate::program::{cmux_variance, switch_variance, transform_variance, zero_variance};
use crate::ring::{lowest_digit, rounded, Modulus, Prime};
use crate::{
    Coins, DiagramBuilder, Evaluator, ExactRecord, LoadedRecord, Profile, Program, RecordKey, Step,
    Sum, Table,
};

/// The variance of signed samples.
fn variance(errors: impl Iterator<Item = u64>) -> f64 {
    let (sum, n) = errors.fold((0.0, 0.0), |(s, n), e| (s + (e as i64 as f64).powi(2), n + 1.0));
    sum / n
}

/// The error of a phase whose value is a multiple of 2^63.
fn error(phase: u64) -> u64 {
    (((phase << 1) as i64) >> 1) as u64
}

/// Errors of all coefficients of a program's only accumulator.
fn errors(key: &RecordKey, record: &LoadedRecord, program: &Program) -> Vec<u64> {
    let mut scratch = FloatScratch::new();
    let results = raw(&mut Float { record, scratch: &mut scratch }, program);
    assert_eq!(results.len(), 1);
    phase(&results[0].0, &key.secret()).into_iter().map(error).collect()
}

fn program(bits: usize, steps: Vec<Step>) -> Program {
    of_sums(bits, vec![steps])
}

/// One output, of a table for each of these sums.
fn of_sums(bits: usize, sums: Vec<Vec<Step>>) -> Program {
    let table =
        Table { output: 0, bits: 1, values: (0..N).map(|i| u16::from(i * i % 7 < 3)).collect() };
    let sum = |steps| Sum { steps, bias: 0, wraps: true, tables: vec![table.clone()] };
    Program::new(bits, sums.into_iter().map(sum).collect()).unwrap()
}

/// A diagram as deep as it has bits, whose longest way is that of all ones.
fn chain(bits: std::ops::Range<u16>, seed: usize) -> Step {
    let mut builder = DiagramBuilder::new();
    let mut at = builder.leaf((seed % 2) as i32);
    for (i, bit) in bits.rev().enumerate() {
        let other = builder.leaf(((seed >> (i % 4)) % 2) as i32 + 2);
        at = builder.node(bit, other, at);
    }
    Step::Diagram(builder.finish(at))
}

/// Compares prediction and measurement, both as logarithms of a standard deviation.
fn compare(what: &str, predicted: f64, measured: f64, below: f64, above: f64) {
    let (p, m) = (predicted.log2() / 2.0, measured.log2() / 2.0);
    println!("{what}: predicted 2^{p:.2}, measured 2^{m:.2}");
    assert!(m < p + above && m > p - below, "{what}: predicted 2^{p:.2}, measured 2^{m:.2}");
}

/// Mean variance over several programs. The errors of one program's coefficients hang together:
/// half of their power is the mask's error times the mean of the secret bits, a slow wave over all
/// coefficients. Single programs therefore scatter.
fn mean_variance(samples: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = samples.fold((0.0, 0.0), |(s, n), v| (s + v, n + 1.0));
    sum / n
}

#[test]
fn noise_of_a_thousand_weights_is_as_predicted() {
    for profile in Profile::ALL {
        let key = RecordKey::from_seed([21; 32]);
        for (name, bits, slack) in [
            ("all bits set", vec![true; 1024], 0.3),
            ("half of the bits set", (0..1024).map(|i| i * 7 % 16 < 8).collect(), 1.0),
        ] {
            let record = LoadedRecord::load(&key.encrypt(&bits, profile).unwrap());
            let measured = mean_variance((0..16).map(|k| {
                let points = (0..1024).map(|i| 1 + i16::from((i * 7 + k) % 11 < 5)).collect();
                let program = program(1024, vec![Step::Weighted { points }]);
                assert_eq!(program.plan().depths, [1024]);
                variance(errors(&key, &record, &program).into_iter())
            }));
            let predicted = 1024.0 * cmux_variance(profile);
            compare(&format!("{profile:?}, 1024 weights, {name}"), predicted, measured, slack, 0.3);
        }
    }
}

#[test]
fn noise_of_a_sum_of_tables_is_that_of_its_parts() {
    // Other points on the same bits are other work, whose errors are independent. The same work on
    // the same table gives the same errors, done twice or not: their deviations add up.
    // Their sums are long, so that each has an accumulator of its own.
    let points = |k: i16| (0..256).map(move |i| 9 + i16::from((i * 7 + k) % 11 < 5));
    let work = |points: Vec<i16>| vec![Step::Weighted { points }];
    for profile in Profile::ALL {
        let key = RecordKey::from_seed([27; 32]);
        let record = LoadedRecord::load(&key.encrypt(&[true; 256], profile).unwrap());
        for (name, alike, depth) in [("other", false, 512), ("the same", true, 1024)] {
            let measured = mean_variance((0..24).map(|k| {
                let first: Vec<i16> = points(k).collect();
                let second = first.iter().map(|p| if alike { *p } else { 19 - p }).collect();
                let program = of_sums(256, vec![work(first), work(second)]);
                assert_eq!((program.cmuxes(), program.plan().depths[0]), (512, depth));
                let mut scratch = FloatScratch::new();
                let results = raw(&mut Float { record: &record, scratch: &mut scratch }, &program);
                let [a, b] = [0, 1].map(|part| phase(&results[part].0, &key.secret()));
                variance(a.into_iter().zip(b).map(|(a, b)| error(a.wrapping_add(b))))
            }));
            let predicted = depth as f64 * cmux_variance(profile);
            let what = format!("{profile:?}, two tables, {name} work");
            compare(&what, predicted, measured, 0.3, 0.3);
        }
    }
}

#[test]
fn noise_of_diagrams_a_thousand_nodes_deep_is_as_predicted() {
    for profile in Profile::ALL {
        let key = RecordKey::from_seed([22; 32]);
        for (name, bits, slack) in [
            ("longest ways", vec![true; 64], 0.3),
            ("some ways shorter", (0..64).map(|i| i % 5 != 0).collect::<Vec<_>>(), 2.0),
        ] {
            let record = LoadedRecord::load(&key.encrypt(&bits, profile).unwrap());
            let measured = mean_variance((0..12).map(|k| {
                let chain = |i: u16| chain((i + k) % 56..(i + k) % 56 + 8, usize::from(i * 37 + k));
                let program = program(64, (0..130).map(chain).collect());
                assert_eq!(program.plan().depths, [1040]);
                variance(errors(&key, &record, &program).into_iter())
            }));
            let predicted = 1040.0 * cmux_variance(profile);
            compare(&format!("{profile:?}, diagrams, {name}"), predicted, measured, slack, 0.3);
        }
    }
}

#[test]
fn exact_arithmetic_has_all_of_the_predicted_noise_but_the_transforms() {
    for profile in Profile::ALL {
        let measured = mean_variance((0..32).map(|k| {
            let key = RecordKey::from_seed([k; 32]);
            let record = ExactRecord::load(&key.encrypt(&[true; 64], profile).unwrap());
            let points = (0..64).map(|i| 1 + (i * 7 + i16::from(k)) % 5).collect();
            let program = program(64, vec![Step::Weighted { points }]);
            let results =
                raw(&mut Exact { record: &record, scratch: &mut ExactScratch::new() }, &program);
            let accumulator: Vec<u64> = results[0].0.iter().map(|x| Prime::to_native(*x)).collect();
            variance(phase(&accumulator, &key.secret()).into_iter().map(error))
        }));
        let predicted = 64.0 * (cmux_variance(profile) - transform_variance(profile));
        compare(&format!("{profile:?}, exact arithmetic"), predicted, measured, 0.2, 0.2);
    }
}

/// `accumulator += ggsw * difference` in integers, with the digits that the fast arithmetic uses.
fn schoolbook(profile: Profile, accumulator: &mut [u64], ggsw: &[u64], difference: &[u64]) {
    for (row, ggsw) in ggsw.chunks_exact(2 * N).enumerate() {
        for (j, x) in difference[row % 2 * N..][..N].iter().enumerate() {
            let (mut digit, mut rest) = lowest_digit(profile.base_log(), rounded(profile, *x));
            for _ in 0..row / 2 {
                (digit, rest) = lowest_digit(profile.base_log(), rest);
            }
            for (out, ggsw) in accumulator.chunks_exact_mut(N).zip(ggsw.chunks_exact(N)) {
                let (straight, wrapped) = ggsw.split_at(N - j);
                let (low, high) = out.split_at_mut(j);
                high.iter_mut()
                    .zip(straight)
                    .for_each(|(o, g)| *o = o.wrapping_add(digit.wrapping_mul(*g)));
                low.iter_mut()
                    .zip(wrapped)
                    .for_each(|(o, g)| *o = o.wrapping_sub(digit.wrapping_mul(*g)));
            }
        }
    }
}

#[test]
fn errors_of_the_float_transform_are_as_predicted() {
    for profile in Profile::ALL {
        let key = RecordKey::from_seed([26; 32]);
        let record = key.encrypt(&[true; 16], profile).unwrap();
        let loaded = LoadedRecord::load(&record);
        let mut scratch = FloatScratch::new();
        let measured = mean_variance((0..16).map(|bit| {
            let difference: Vec<u64> = (0..2 * N as u64)
                .map(|i| {
                    (i + bit as u64 * 77_777)
                        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                        .rotate_left(31)
                        .wrapping_mul(i | 1)
                })
                .collect();
            let mut float = vec![0; 2 * N];
            let mut integer = vec![0; 2 * N];
            Float { record: &loaded, scratch: &mut scratch }.add_external_product(
                &mut float,
                bit,
                &difference,
                None,
            );
            schoolbook(profile, &mut integer, &ggsw(&record, bit), &difference);
            float.iter_mut().zip(integer).for_each(|(f, i)| *f = f.wrapping_sub(i));
            variance(phase(&float, &key.secret()).into_iter())
        }));
        compare(
            &format!("{profile:?}, the transform"),
            transform_variance(profile),
            measured,
            1.0,
            0.2,
        );
    }
}

#[test]
fn sanitising_adds_the_predicted_noise_and_stays_within_tolerance() {
    let key = RecordKey::from_seed([24; 32]);
    let record = LoadedRecord::load(&key.encrypt(&[true; 2], Profile::Private).unwrap());
    let table = Table { output: 0, bits: 8, values: vec![100; 1] };
    let program =
        Program::new(2, vec![Sum { steps: vec![], bias: 0, wraps: false, tables: vec![table] }])
            .unwrap();
    let encoding = Encoding { bits: 8, profile: Profile::Private };
    let mut evaluator = Evaluator::new();
    let noises: Vec<i64> = (0..1000)
        .map(|_| {
            let answer = evaluator.evaluate(&record, &program).unwrap();
            let secret = key.secret();
            let (_, phase) = answer.phases(&secret).next().unwrap();
            phase.wrapping_sub(100 * encoding.delta()) as i64
        })
        .collect();
    let bound = (encoding.delta() / 2) as i64;
    assert!(noises.iter().all(|n| n.abs() < bound));
    let flood = encoding.flood() as f64;
    let predicted = flood * flood / 3.0 + zero_variance() + switch_variance(encoding);
    let measured = variance(noises.into_iter().map(|n| n as u64));
    compare("sanitised constant", predicted, measured, 0.1, 0.1);
}

#[test]
fn noise_of_the_modulus_switch_and_the_zero_encryption_is_as_predicted() {
    // With as many output bits as there are, flooding is small enough to see what else there is.
    let key = RecordKey::from_seed([25; 32]);
    let encoding = Encoding { bits: 16, profile: Profile::Private };
    let secret = key.secret();
    let raw = vec![0; N + 1];
    let mut sanitiser = Sanitiser::new();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    // The coins' mean of 1/2 makes half of the variance a constant of the record: many records, few
    // answers of each.
    let mut record = None;
    for i in 0..2048u32 {
        if i.is_multiple_of(8) {
            let encrypted = key.encrypt(&[true; 2], Profile::Private).unwrap();
            record = Some(LoadedRecord::load_first(&encrypted, 1));
        }
        let record = record.as_ref().unwrap();
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&i.to_le_bytes());
        let stream = Coins::from_seed(seed).stream(0);
        let switched = sanitiser.run(&raw, encoding, &record.common().zero, stream).to_vec();
        let inner =
            secret.bits.iter().zip(&switched).fold(0u64, |sum, (s, a)| sum + s * u64::from(*a));
        let switched = u64::from(switched[N]).wrapping_sub(inner) << (64 - encoding.modulus_log2());
        let exact = sanitiser.unswitched();
        let inner = secret
            .bits
            .iter()
            .zip(exact)
            .fold(0u64, |sum, (s, a)| sum.wrapping_add(s.wrapping_mul(*a)));
        let exact = exact[N].wrapping_sub(inner);
        with.push(switched.wrapping_sub(exact));
        without.push(exact.wrapping_sub(sanitiser.flooding()));
    }
    compare("modulus switch", switch_variance(encoding), variance(with.into_iter()), 0.2, 0.2);
    compare("zero encryption", zero_variance(), variance(without.into_iter()), 0.2, 0.2);
}
