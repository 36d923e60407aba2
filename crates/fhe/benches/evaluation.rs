// SPDX-License-Identifier: Apache-2.0
//! Times of everything an evaluation consists of. One core: `RAYON_NUM_THREADS=1 cargo bench -p
//! cso-fhe --features bench`.
#![allow(missing_docs)]

use criterion::{criterion_group, criterion_main, BenchmarkId, Criterion};
use cso_fhe::bench::{ExactExternalProduct, ExternalProduct, LoadBound};
use cso_fhe::{
    BitSet, Diagram, DiagramBuilder, Evaluator, ExactRecord, LoadedRecord, Loader, Profile,
    Program, Record, RecordKey, RecordMemory, Step, Sum, Table, Target,
};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

fn record(bits: usize, profile: Profile) -> Record {
    let mut rng = StdRng::seed_from_u64(1);
    let bits: Vec<bool> = (0..bits).map(|_| rng.gen()).collect();
    RecordKey::from_seed([1; 32]).encrypt(&bits, profile).expect("a record of this size")
}

/// A weighted sum over all bits, with a table of 2048 values.
fn weighted(bits: usize) -> Program {
    let points = (0..bits).map(|i| 1 + (i % (2047 / bits)) as i16).collect();
    let table = Table { output: 0, bits: 8, values: (0..2048).map(|i| i % 251).collect() };
    Program::new(
        bits,
        vec![Sum {
            steps: vec![Step::Weighted { points }],
            bias: 0,
            wraps: false,
            tables: vec![table],
        }],
    )
    .expect("a valid program")
}

/// A random decision tree over quantities of 6 bits.
fn tree(rng: &mut StdRng, features: usize, depth: usize) -> Diagram {
    fn grow(
        rng: &mut StdRng,
        builder: &mut DiagramBuilder,
        features: usize,
        depth: usize,
    ) -> Target {
        if depth == 0 {
            return builder.leaf(rng.gen_range(0..6));
        }
        let below = grow(rng, builder, features, depth - 1);
        let other = grow(rng, builder, features, depth - 1);
        let first = rng.gen_range(0..features) as u16 * 6;
        let bits: Vec<u16> = (first..first + 6).collect();
        builder.less_than(&bits, rng.gen_range(1..64), below, other).expect("six bits")
    }
    let mut builder = DiagramBuilder::new();
    let root = grow(rng, &mut builder, features, depth);
    builder.finish(root)
}

/// Trees of this depth on 30 quantities of 6 bits, their leaves summed.
fn ensemble(trees: usize, depth: usize) -> Program {
    let mut rng = StdRng::seed_from_u64(2);
    let steps = (0..trees).map(|_| Step::Diagram(tree(&mut rng, 30, depth))).collect();
    let table = Table { output: 0, bits: 8, values: (0..2048).map(|i| i / 8).collect() };
    Program::new(180, vec![Sum { steps, bias: 0, wraps: false, tables: vec![table] }])
        .expect("a valid program")
}

/// Diagrams of so many nodes each, on bits in any order, their leaves summed.
fn diagrams(number: usize, nodes: usize) -> Program {
    let mut rng = StdRng::seed_from_u64(3);
    let diagram = |rng: &mut StdRng| {
        let mut builder = DiagramBuilder::new();
        let mut open: Vec<Target> =
            (0..=nodes).map(|_| builder.leaf(rng.gen_range(0..6))).collect();
        while open.len() > 1 {
            let low = open.swap_remove(rng.gen_range(0..open.len()));
            let high = open.swap_remove(rng.gen_range(0..open.len()));
            open.push(builder.node(rng.gen_range(0..180), low, high));
        }
        builder.finish(open[0])
    };
    let steps = (0..number).map(|_| Step::Diagram(diagram(&mut rng))).collect();
    let tables = vec![Table { output: 0, bits: 8, values: (0..2048).map(|i| i / 8).collect() }];
    Program::new(180, vec![Sum { steps, bias: 0, wraps: false, tables }]).expect("a valid program")
}

fn products(c: &mut Criterion) {
    let mut group = c.benchmark_group("external product");
    for profile in Profile::ALL {
        let loaded = LoadedRecord::load_first(&record(180, profile), 180);
        let mut product = ExternalProduct::new(&loaded);
        group.bench_function(format!("{profile:?}, in cache"), |b| b.iter(|| product.run(3)));
        let mut bit = 0;
        group.bench_function(format!("{profile:?}, streaming"), |b| {
            b.iter(|| {
                bit = (bit + 1) % 180;
                product.run(bit);
            })
        });
        let exact = ExactRecord::load_first(&record(16, profile), 16);
        let mut product = ExactExternalProduct::new(&exact);
        group.bench_function(format!("{profile:?}, exact"), |b| b.iter(|| product.run(3)));
    }
}

fn records(c: &mut Criterion) {
    let mut group = c.benchmark_group("record of 180 bits");
    group.sample_size(20);
    for profile in Profile::ALL {
        let bits = vec![true; 180];
        let key = RecordKey::from_seed([1; 32]);
        group.bench_function(format!("{profile:?}, encrypt"), |b| {
            b.iter(|| key.encrypt(&bits, profile).map(drop))
        });
        let record = record(180, profile);
        group.bench_function(format!("{profile:?}, load"), |b| {
            b.iter(|| LoadedRecord::load_first(&record, 180))
        });
        group.bench_function(format!("{profile:?}, verify and load"), |b| {
            b.iter(|| {
                let mut loader = Loader::new(BitSet::all());
                loader.push(record.as_bytes()).map(|()| loader.finish())
            })
        });
        let mut bound = LoadBound::new(profile, 180);
        group.bench_function(format!("{profile:?}, bound: memcpy"), |b| {
            b.iter(|| record.as_bytes().to_vec())
        });
        group.bench_function(format!("{profile:?}, bound: AES-CTR"), |b| b.iter(|| bound.expand()));
        group.bench_function(format!("{profile:?}, bound: Fourier"), |b| {
            b.iter(|| bound.transform())
        });
    }
}

/// What a private model needs of a record that holds more.
fn parts_of_records(c: &mut Criterion) {
    let mut group = c.benchmark_group("load 100 of 400 bits");
    group.sample_size(20);
    let record = record(400, Profile::Private);
    let wanted: BitSet = (0..400).step_by(4).collect();
    for (name, bits) in [("none", BitSet::default()), ("100", wanted), ("all", BitSet::all())] {
        let load = |memory| {
            let mut loader = Loader::with_memory(memory, bits.clone());
            loader.push(record.as_bytes()).and_then(|()| loader.finish()).expect("a record")
        };
        let mut memory = load(RecordMemory::default()).into_memory();
        let name = format!("{name}, {} MiB", memory.resident_bytes() >> 20);
        group.bench_function(name, |b| {
            b.iter(|| memory = load(std::mem::take(&mut memory)).into_memory())
        });
    }
}

/// What [`Program::new`] does with large models.
fn plans(c: &mut Criterion) {
    let mut group = c.benchmark_group("plan");
    group.sample_size(10);
    for (trees, depth) in [(300, 3), (100, 9), (1, 13)] {
        let program = ensemble(trees, depth);
        let (bits, sums) = (program.bits(), program.sums().to_vec());
        group.bench_function(format!("{trees} diagrams, {} CMUXes", program.cmuxes()), |b| {
            b.iter(|| Program::new(bits, sums.clone()))
        });
    }
}

fn programs(c: &mut Criterion) {
    let mut group = c.benchmark_group("program");
    group.sample_size(20);
    let mut evaluator = Evaluator::new();
    for bits in [45, 90, 180, 360, 720] {
        let loaded = LoadedRecord::load_first(&record(bits, Profile::Private), bits);
        let program = weighted(bits);
        group.bench_function(BenchmarkId::new("weighted sum", bits), |b| {
            b.iter(|| evaluator.evaluate(&loaded, &program))
        });
    }
    let whole = record(180, Profile::Private);
    let loaded = LoadedRecord::load(&whole);
    let (boosting, forest) = (ensemble(50, 3), ensemble(50, 4));
    group.bench_function(format!("boosting 50x3, {} CMUXes", boosting.cmuxes()), |b| {
        b.iter(|| evaluator.evaluate(&loaded, &boosting))
    });
    group.bench_function(format!("forest 50x4, {} CMUXes", forest.cmuxes()), |b| {
        b.iter(|| evaluator.evaluate(&loaded, &forest))
    });
    let many = diagrams(300, 60);
    group.bench_function(format!("300 diagrams of 60 nodes, {} CMUXes", many.cmuxes()), |b| {
        b.iter(|| evaluator.evaluate(&loaded, &many))
    });
    let constant = Program::new(
        1,
        vec![Sum {
            steps: vec![],
            bias: 0,
            wraps: false,
            tables: vec![Table { output: 0, bits: 8, values: vec![7] }],
        }],
    )
    .expect("a valid program");
    group.bench_function("no steps: sanitising alone", |b| {
        b.iter(|| evaluator.evaluate(&loaded, &constant))
    });
    let exact = ExactRecord::load_first(&whole, 180);
    let program = weighted(180);
    group.bench_function("weighted sum of 180, exact", |b| {
        b.iter(|| evaluator.evaluate_exact(&exact, &program))
    });
}

criterion_group!(benches, products, records, parts_of_records, plans, programs);
criterion_main!(benches);
