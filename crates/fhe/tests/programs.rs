// SPDX-License-Identifier: Apache-2.0
//! Encrypted evaluation agrees with evaluation in clear, always and exactly.

mod common;

use cso_fhe::{
    Answer, BitSet, DiagramBuilder, Evaluator, ExactRecord, LoadedRecord, Loader, Profile, Program,
    Record, RecordError, RecordKey, Step, Sum, Table,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

fn agree(profile: Profile, max_output_bits: u32, seeds: std::ops::Range<u64>) {
    let mut evaluator = Evaluator::new();
    for seed in seeds {
        let mut rng = StdRng::seed_from_u64(seed);
        let n = rng.gen_range(1..40);
        let bits = common::bits(&mut rng, n);
        let key = RecordKey::from_seed(rng.gen());
        let record = LoadedRecord::load(&key.encrypt(&bits, profile).unwrap());
        for _ in 0..4 {
            let program = common::program(&mut rng, n, max_output_bits);
            let answer = evaluator.evaluate(&record, &program).unwrap();
            let answer = Answer::from_bytes(&answer.to_bytes()).unwrap();
            assert_eq!(
                key.decrypt(&answer).unwrap(),
                program.evaluate(&bits).unwrap(),
                "profile {profile:?}, seed {seed}"
            );
        }
    }
}

#[test]
fn random_programs_agree_with_clear_evaluation_on_private_records() {
    agree(Profile::Private, 11, 0..24);
}

#[test]
fn random_programs_agree_with_clear_evaluation_on_fast_records() {
    agree(Profile::Fast, 6, 100..124);
}

#[test]
fn exact_arithmetic_gives_the_same_values() {
    let mut evaluator = Evaluator::new();
    for (seed, profile) in (200..208).flat_map(|s| Profile::ALL.map(|p| (s, p))) {
        let mut rng = StdRng::seed_from_u64(seed);
        let n = rng.gen_range(1..24);
        let bits = common::bits(&mut rng, n);
        let key = RecordKey::from_seed(rng.gen());
        let record = key.encrypt(&bits, profile).unwrap();
        let (fast, exact) = (LoadedRecord::load(&record), ExactRecord::load_first(&record, n));
        for _ in 0..3 {
            let program = common::program(&mut rng, n, 6);
            let answers = [
                evaluator.evaluate(&fast, &program).unwrap(),
                evaluator.evaluate_exact(&exact, &program).unwrap(),
            ];
            for answer in answers {
                let values = key.decrypt(&answer).unwrap();
                assert_eq!(
                    values,
                    program.evaluate(&bits).unwrap(),
                    "profile {profile:?}, seed {seed}"
                );
            }
        }
    }
}

#[test]
fn every_bit_pattern_of_a_small_record_gets_its_value() {
    let program = Program::new(
        3,
        vec![Sum {
            steps: vec![Step::Weighted { points: vec![4, 2, 1] }],
            bias: 0,
            wraps: false,
            tables: vec![
                Table { output: 0, bits: 8, values: vec![17, 255, 0, 3, 128, 127, 1, 254] },
                Table { output: 1, bits: 1, values: vec![0, 1, 1, 0, 1, 0, 0, 1] },
            ],
        }],
    )
    .unwrap();
    let mut evaluator = Evaluator::new();
    for pattern in 0..8u8 {
        let bits: Vec<bool> = (0..3).map(|i| pattern >> (2 - i) & 1 == 1).collect();
        let key = RecordKey::generate().unwrap();
        let record = LoadedRecord::load(&key.encrypt(&bits, Profile::Private).unwrap());
        let answer = evaluator.evaluate(&record, &program).unwrap();
        assert_eq!(key.decrypt(&answer).unwrap(), program.evaluate(&bits).unwrap());
    }
}

#[test]
fn a_full_table_works_up_to_its_last_entry() {
    let mut rng = StdRng::seed_from_u64(7);
    let mut points = vec![7i16; 180];
    points.extend([700, 87]);
    let values: Vec<u16> = (0..2048).map(|_| rng.gen::<u16>() & 255).collect();
    let sum = Sum {
        steps: vec![Step::Weighted { points }],
        bias: 0,
        wraps: false,
        tables: vec![Table { output: 0, bits: 8, values }],
    };
    let program = Program::new(182, vec![sum]).unwrap();
    let key = RecordKey::generate().unwrap();
    for bits in [vec![true; 182], vec![false; 182], common::bits(&mut rng, 182)] {
        let record = LoadedRecord::load(&key.encrypt(&bits, Profile::Private).unwrap());
        let answer = Evaluator::new().evaluate(&record, &program).unwrap();
        assert_eq!(key.decrypt(&answer).unwrap(), program.evaluate(&bits).unwrap());
    }
}

#[test]
fn a_diagram_too_wide_for_the_registers_gives_its_values() {
    // 16 rows of 512 leaves with many equal neighbours: rows share most of their nodes.
    let mut builder = DiagramBuilder::new();
    let leaves: Vec<_> =
        (0..1 << 13).map(|code| builder.leaf((code >> 9) * (code & 511) / 8)).collect();
    let order: Vec<u16> = (0..13).rev().collect();
    let root = builder.select(&order, &leaves).unwrap();
    let sum = Sum {
        steps: vec![Step::Diagram(builder.finish(root))],
        bias: 0,
        wraps: false,
        tables: vec![Table { output: 0, bits: 10, values: (0..959).collect() }],
    };
    let program = Program::new(13, vec![sum]).unwrap();
    let mut rng = StdRng::seed_from_u64(8);
    for _ in 0..3 {
        let bits = common::bits(&mut rng, 13);
        let key = RecordKey::from_seed(rng.gen());
        let record = LoadedRecord::load(&key.encrypt(&bits, Profile::Private).unwrap());
        let answer = Evaluator::new().evaluate(&record, &program).unwrap();
        assert_eq!(key.decrypt(&answer).unwrap(), program.evaluate(&bits).unwrap());
    }
}

#[test]
fn ways_of_a_diagram_may_ask_in_any_order_and_twice() {
    let mut builder = DiagramBuilder::new();
    let leaves: Vec<_> = (0..6).map(|points| builder.leaf(3 * points - 4)).collect();
    let up = builder.node(2, leaves[0], leaves[1]);
    let up = builder.node(1, up, leaves[2]);
    let down = builder.node(1, leaves[3], up);
    let down = builder.node(2, down, leaves[4]);
    let again = builder.node(0, leaves[5], down);
    let root = builder.node(2, up, again);
    let root = builder.node(0, root, down);
    let diagram = builder.finish(root);
    assert_eq!((diagram.node_count(), diagram.depth()), (7, 7));
    let sum = Sum {
        steps: vec![Step::Diagram(diagram), Step::Weighted { points: vec![1, 0, 40] }],
        bias: 4,
        wraps: false,
        tables: vec![Table { output: 0, bits: 6, values: (0..61).collect() }],
    };
    let program = Program::new(3, vec![sum]).unwrap();
    let budget = program.budget(Profile::Private).unwrap();
    assert_eq!((budget.cmuxes, budget.outputs[0].depth), (9, 9));
    // What the ways say, written out: first bit, third, second.
    let expected = |a: bool, b: bool, c: bool| {
        let up = if b { 2 } else { usize::from(c) };
        let down = if c {
            4
        } else if b {
            up
        } else {
            3
        };
        let leaf = match (a, c) {
            (true, _) => down,
            (false, true) => 5,
            (false, false) => up,
        };
        3 * leaf as u16 + u16::from(a) + 40 * u16::from(c)
    };
    for code in 0..8 {
        let bits: Vec<bool> = (0..3).map(|i| code >> i & 1 == 1).collect();
        let key = RecordKey::generate().unwrap();
        let record = LoadedRecord::load(&key.encrypt(&bits, Profile::Private).unwrap());
        let answer = Evaluator::new().evaluate(&record, &program).unwrap();
        let value = expected(bits[0], bits[1], bits[2]);
        assert_eq!(program.evaluate(&bits).unwrap(), [value], "{bits:?}");
        assert_eq!(key.decrypt(&answer).unwrap(), [value], "{bits:?}");
    }
}

#[test]
fn a_record_loaded_while_it_arrives_gives_the_same_answers() {
    let mut rng = StdRng::seed_from_u64(8);
    let bits = common::bits(&mut rng, 30);
    let key = RecordKey::generate().unwrap();
    let bytes = key.encrypt(&bits, Profile::Fast).unwrap().to_bytes();
    let program = common::program(&mut rng, 30, 5);
    let wanted = [BitSet::first(30), BitSet::all(), program.reads().clone()];
    for (size, wanted) in [1 << 22, 700_001, 997].into_iter().zip(wanted) {
        let mut loader = Loader::new(wanted);
        bytes.chunks(size).for_each(|chunk| loader.push(chunk).unwrap());
        let record = loader.finish().unwrap();
        let answer = Evaluator::new().evaluate(&record, &program).unwrap();
        assert_eq!(key.decrypt(&answer).unwrap(), program.evaluate(&bits).unwrap());
    }
}

#[test]
fn only_bits_that_are_read_are_loaded_wherever_they_lie() {
    let mut rng = StdRng::seed_from_u64(10);
    let mut points = vec![0; 400];
    let reads = [3, 17, 18, 130, 255, 256, 399];
    for (i, bit) in reads.into_iter().enumerate() {
        points[bit] = 1 << i;
    }
    let sum = Sum {
        steps: vec![Step::Weighted { points }],
        bias: 0,
        wraps: false,
        tables: vec![Table { output: 0, bits: 7, values: (0..128).collect() }],
    };
    let program = Program::new(400, vec![sum]).unwrap();
    let bits = common::bits(&mut rng, 400);
    let key = RecordKey::generate().unwrap();
    let record = key.encrypt(&bits, Profile::Fast).unwrap();
    let value = program.evaluate(&bits).unwrap();
    let whole = LoadedRecord::load(&record);
    let bytes = record.to_bytes();
    let load = |bytes: &[u8]| {
        let mut loader = Loader::new(program.reads().clone());
        bytes.chunks(300_000).try_for_each(|chunk| loader.push(chunk))?;
        loader.finish()
    };
    let loaded = load(&bytes).unwrap();
    assert_eq!((loaded.bits(), whole.bits()), (7, 512));
    // 64 KiB a bit.
    assert_eq!(whole.resident_bytes() - loaded.resident_bytes(), 505 << 16);
    let exact = ExactRecord::load_only(&record, program.reads());
    let mut evaluator = Evaluator::new();
    let answers = [
        evaluator.evaluate(&loaded, &program).unwrap(),
        evaluator.evaluate_exact(&exact, &program).unwrap(),
    ];
    assert_eq!(answers.map(|answer| key.decrypt(&answer).unwrap()), [value.clone(), value]);
    // A block of which nothing is read is verified like any other: the last but one, bits 480 to
    // 495.
    let mut damaged = bytes;
    let at = damaged.len() - 400_000;
    damaged[at] ^= 1;
    assert_eq!(load(&damaged).unwrap_err(), RecordError::Block(30));
}

#[test]
fn a_record_survives_its_byte_form() {
    let key = RecordKey::from_seed([9; 32]);
    let record = key.encrypt(&[true; 20], Profile::Private).unwrap();
    let back = Record::from_bytes(&record.to_bytes()).unwrap();
    assert_eq!(back, record);
    assert_eq!((back.bits(), back.profile()), (32, Profile::Private));
    assert_eq!(Record::len_of(20, Profile::Private), Some(record.as_bytes().len()));
}

#[test]
fn records_of_one_bucket_have_one_size() {
    let key = RecordKey::generate().unwrap();
    let len = |bits| key.encrypt(&vec![true; bits], Profile::Fast).unwrap().to_bytes().len();
    assert_eq!(len(33), len(48));
    assert_ne!(len(32), len(33));
}
