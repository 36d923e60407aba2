// SPDX-License-Identifier: Apache-2.0
//! An evaluator allocates nothing in its CMUX loop: a second evaluation allocates the same however
//! many CMUXes it runs.

// An allocator is written in no other way.
#![allow(unsafe_code)]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use cso_fhe::{Coins, Evaluator, LoadedRecord, Profile, Program, RecordKey, Step, Sum, Table};
use rand::rngs::StdRng;
use rand::SeedableRng;

/// The system's allocator, counting for each thread.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps `alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps `dealloc`'s contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of a second evaluation.
fn allocations(record: &LoadedRecord, steps: Vec<Step>) -> usize {
    let tables = vec![Table { output: 0, bits: 4, values: (0..2048).map(|i| i % 16).collect() }];
    let program = Program::new(64, vec![Sum { steps, bias: 900, wraps: false, tables }]).unwrap();
    let mut evaluator = Evaluator::new();
    let coins = Coins::from_seed([1; 32]);
    evaluator.evaluate_with(record, &program, &coins).unwrap();
    let before = COUNT.with(Cell::get);
    evaluator.evaluate_with(record, &program, &coins).unwrap();
    COUNT.with(Cell::get) - before
}

#[test]
fn evaluation_allocates_the_same_for_one_cmux_and_for_hundreds() {
    let mut rng = StdRng::seed_from_u64(4);
    let key = RecordKey::generate().unwrap();
    let record =
        LoadedRecord::load(&key.encrypt(&common::bits(&mut rng, 64), Profile::Private).unwrap());
    let weighted =
        |n: usize| Step::Weighted { points: (0..64).map(|i| i16::from(i < n)).collect() };
    let few = allocations(&record, vec![weighted(1)]);
    let mut many = vec![weighted(64)];
    many.extend((0..8).map(|_| Step::Diagram(common::diagram(&mut rng, 64, 60))));
    assert_eq!(allocations(&record, many), few);
}
