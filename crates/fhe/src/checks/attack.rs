// SPDX-License-Identifier: Apache-2.0
//! The crafted-record attack: a patient who knows the key, and fills the record with what suits
//! them, goes after the model.
//!
//! One bit is a true GGSW ciphertext, all others are zero ciphertexts, which leave the accumulator
//! as it is. What the true one adds to the mask is `sum_j a_j d_j` with its known masks `a_j` and
//! the digits `d_j` of `(X^-w - 1) T`: for one gadget level a single division in the ring gives the
//! digits, and from these weight and table.

use tfhe_ntt::prime64::Plan;

use super::raw;
use crate::engine::{add_lwe, Exact, ExactScratch, Sanitiser};
use crate::params::{N, ORDER, Q};
use crate::program::Extract;
use crate::record::mask_index;
use crate::ring::{exponent, from_native, Modulus, Prime};
use crate::{Coins, Evaluator, ExactRecord, Profile, Program, RecordKey, Step, Sum, Table};

const BITS: u32 = 6;
const TARGET: usize = 3;

/// `x^e mod Q`.
fn power(mut x: u64, mut e: u64) -> u64 {
    let mul = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(Q)) as u64;
    let mut y = 1;
    while e > 0 {
        if e & 1 == 1 {
            y = mul(y, x);
        }
        x = mul(x, x);
        e >>= 1;
    }
    y
}

/// `numerator / denominator` in `Z_Q[X]/(X^N + 1)`, if the denominator is invertible.
fn divide(plan: &Plan, numerator: &[u64], denominator: &[u64]) -> Option<Vec<u64>> {
    let (mut n, mut d) = (numerator.to_vec(), denominator.to_vec());
    plan.fwd(&mut n);
    plan.fwd(&mut d);
    for (n, d) in n.iter_mut().zip(d) {
        if d % Q == 0 {
            return None;
        }
        *n = (u128::from(*n) * u128::from(power(d % Q, Q - 2)) % u128::from(Q)) as u64;
    }
    plan.inv(&mut n);
    plan.normalize(&mut n);
    Some(n.into_iter().map(|x| x % Q).collect())
}

/// The polynomial `X^exponent - 1`.
fn binomial(exponent: usize) -> Vec<u64> {
    let mut p = vec![0; N];
    p[exponent % N] = if exponent < N { 1 } else { Q - 1 };
    p[0] = Prime::sub(p[0], 1);
    p
}

/// Weight and table that explain a mask, if there are any.
fn attack(mask: &[u64], known: &[u64]) -> Option<(usize, Vec<u64>)> {
    let plan = Plan::try_new(N, Q)?;
    let digits = divide(&plan, mask, known)?;
    // The gadget's factor is Q / B: a digit d stands for d Q / B. Table values are multiples of B /
    // 2^BITS in digits.
    let unit = 1 << (Profile::Fast.base_log() - BITS);
    let difference: Vec<u64> = digits
        .into_iter()
        .map(|d| {
            let (size, negative) = if d > Q / 2 { (Q - d, true) } else { (d, false) };
            let steps = (size % unit == 0 && size < 1 << Profile::Fast.base_log())
                .then_some(size / unit)?;
            Some(if negative { Prime::neg(steps) } else { steps })
        })
        .collect::<Option<_>>()?;
    (1..ORDER).find_map(|turn| {
        let table = divide(&plan, &difference, &binomial(turn))?;
        table.iter().all(|v| *v < 1 << BITS).then_some((turn, table))
    })
}

struct Setup {
    program: Program,
    record: ExactRecord,
    known: Vec<u64>,
    key: RecordKey,
    weight: i16,
    values: Vec<u16>,
}

fn setup() -> Setup {
    let weight = 37;
    let mut points = vec![5i16, 11, 2, 0, 9, 1];
    points[TARGET] = weight;
    let values: Vec<u16> = (0..66).map(|i| (i * i * 7 + 3) % 29).collect();
    let sum = Sum {
        steps: vec![Step::Weighted { points }],
        bias: 0,
        wraps: false,
        tables: vec![Table { output: 0, bits: BITS, values: values.clone() }],
    };
    let key = RecordKey::from_seed([31; 32]);
    let mut bits = [false; 6];
    bits[TARGET] = true;
    let honest = key.encrypt(&bits, Profile::Fast).unwrap();
    let mut record = ExactRecord::load(&honest);
    for bit in (0..16).filter(|b| *b != TARGET) {
        record.clear(bit);
    }
    // The mask of the row that meets the digits of the body.
    let mut known = vec![0; N];
    honest.header().masks().fill(mask_index(Profile::Fast, TARGET, 1), &mut known);
    known.iter_mut().for_each(|x| *x = from_native(*x));
    Setup { program: Program::new(6, vec![sum]).unwrap(), record, known, key, weight, values }
}

/// The mask polynomial that an LWE ciphertext of coefficient `j` was extracted from.
fn polynomial(lwe: &[u64], extract: Extract) -> Vec<u64> {
    let mut mask = vec![0; N];
    for (i, a) in lwe[..N].iter().enumerate() {
        let j = extract.coefficient;
        let (at, negate) =
            if i <= j { (j - i, extract.negate) } else { (N + j - i, !extract.negate) };
        mask[at] = if negate { Prime::neg(*a) } else { *a };
    }
    mask
}

#[test]
fn an_unsanitised_answer_gives_weight_and_table_away() {
    let s = setup();
    let mut scratch = ExactScratch::new();
    let results = raw(&mut Exact { record: &s.record, scratch: &mut scratch }, &s.program);
    let (turn, table) = attack(&results[0].0[..N], &s.known).expect("the attack works");
    assert_eq!(turn, exponent(i64::from(s.weight)));
    assert!(table.iter().zip(&s.values).all(|(got, value)| *got == u64::from(*value)));
}

#[test]
fn a_sanitised_answer_gives_neither() {
    let s = setup();
    let mut evaluator = Evaluator::new();
    for seed in 0..4 {
        let coins = Coins::from_seed([seed; 32]);
        let answer = evaluator.evaluate_exact_with(&s.record, &s.program, &coins).unwrap();
        // The honest part still works: the value is that of the weight alone.
        assert_eq!(s.key.decrypt(&answer).unwrap(), [s.values[37]]);
        let encoding = s.program.encodings(Profile::Fast)[0];
        let lwe: Vec<u64> = answer
            .elements(0)
            .into_iter()
            .map(|x| ((u128::from(x) * u128::from(Q)) >> encoding.modulus_log2()) as u64)
            .collect();
        let extract = Extract { output: 0, coefficient: 0, negate: false };
        assert_eq!(attack(&polynomial(&lwe, extract), &s.known), None);
    }
}

#[test]
fn the_zero_encryption_alone_stops_the_attack() {
    // Even with every bit of the mask kept and no flooding, the hidden mask is useless.
    let s = setup();
    let mut sanitiser = Sanitiser::new();
    let mut scratch = ExactScratch::new();
    let results = raw(&mut Exact { record: &s.record, scratch: &mut scratch }, &s.program);
    let (accumulator, extract) = &results[0];
    let encoding = s.program.encodings(Profile::Fast)[0];
    let stream = Coins::from_seed([8; 32]).stream(0);
    let mut raw = vec![0; N + 1];
    add_lwe::<Prime>(&mut raw, accumulator, *extract);
    sanitiser.run(&raw, encoding, &s.record.common().zero, stream);
    let lwe: Vec<u64> = sanitiser.unswitched().iter().map(|x| from_native(*x)).collect();
    assert_eq!(attack(&polynomial(&lwe, *extract), &s.known), None);
}
