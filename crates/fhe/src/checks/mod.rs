// SPDX-License-Identifier: Apache-2.0
//! Tests of claims that need a look inside: raw results before sanitising, secret keys, crafted
//! records.

mod attack;
mod distinguisher;
mod noise;
mod tfhe;

use crate::engine::{run, Arithmetic, RunScratch};
use crate::key::Secret;
use crate::params::{BODY_BYTES, GLWE_LEN, N};
use crate::program::{Extract, Program};
use crate::record::{mask_index, unpack, Record};

/// The raw accumulators of a program, before sanitising.
fn raw<A: Arithmetic>(arithmetic: &mut A, program: &Program) -> Vec<(Vec<u64>, Extract)> {
    let mut results = Vec::new();
    run(
        arithmetic,
        &mut RunScratch::default(),
        program.plan(),
        program.sums(),
        |accumulator, extract| {
            results.push((accumulator.to_vec(), extract));
        },
    );
    results
}

/// The coefficients of a bit's GGSW ciphertext, row by row, mask before body.
fn ggsw(record: &Record, bit: usize) -> Vec<u64> {
    let profile = record.profile();
    let masks = record.header().masks();
    let bodies = &record.bodies()[bit * profile.bit_bytes()..];
    let mut out = vec![0; profile.rows() * GLWE_LEN];
    for (row, (out, body)) in
        out.chunks_exact_mut(GLWE_LEN).zip(bodies.chunks_exact(BODY_BYTES)).enumerate()
    {
        let (mask, coefficients) = out.split_at_mut(N);
        masks.fill(mask_index(profile, bit, row), mask);
        unpack(coefficients, body);
    }
    out
}

/// The phase polynomial `b - a s` of an accumulator over `2^64`.
fn phase(accumulator: &[u64], secret: &Secret) -> Vec<u64> {
    assert_eq!(accumulator.len(), GLWE_LEN);
    let mut phase = accumulator[N..].to_vec();
    for (j, _) in secret.bits.iter().enumerate().filter(|(_, s)| **s == 1) {
        for (i, a) in accumulator[..N].iter().enumerate() {
            let slot = &mut phase[(i + j) % N];
            *slot = if i + j < N { slot.wrapping_sub(*a) } else { slot.wrapping_add(*a) };
        }
    }
    phase
}
