// SPDX-License-Identifier: Apache-2.0
//! The same record, program and coins give the same bytes: in another process, and with any number
//! of threads.

mod common;

use std::process::Command;

use cso_fhe::{
    BitSet, Coins, Evaluator, ExactRecord, LoadedRecord, Loader, Profile, Record, RecordKey,
};
use rand::rngs::StdRng;
use rand::SeedableRng;

const CHILD: &str = "CSO_FHE_DETERMINISM_RECORD";

/// Digest of the fast and the exact answer to fixed programs with fixed coins.
fn digests(record: &Record) -> String {
    let mut rng = StdRng::seed_from_u64(77);
    let (fast, exact) = (LoadedRecord::load(record), ExactRecord::load(record));
    let mut evaluator = Evaluator::new();
    let mut text = String::new();
    for i in 0..4 {
        let program = common::program(&mut rng, 20, 6);
        let coins = Coins::from_seed([i; 32]);
        let answers = [
            evaluator.evaluate_with(&fast, &program, &coins).unwrap(),
            evaluator.evaluate_exact_with(&exact, &program, &coins).unwrap(),
        ];
        for answer in answers {
            text += &format!("{} ", blake3::hash(answer.as_bytes()).to_hex());
        }
    }
    text
}

#[test]
fn answers_are_the_same_in_another_process_and_for_every_thread_count() {
    if let Ok(path) = std::env::var(CHILD) {
        let record = Record::from_vec(std::fs::read(path).unwrap()).unwrap();
        println!("digests: {}", digests(&record));
        return;
    }
    let mut rng = StdRng::seed_from_u64(78);
    let bits = common::bits(&mut rng, 20);
    let record = RecordKey::from_seed([6; 32]).encrypt(&bits, Profile::Private).unwrap();
    let here = digests(&record);

    let path = std::env::temp_dir().join(format!("cso-fhe-determinism-{}", std::process::id()));
    std::fs::write(&path, record.as_bytes()).unwrap();
    for threads in ["1", "2", "5"] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "answers_are_the_same_in_another_process_and_for_every_thread_count",
                "--nocapture",
            ])
            .env(CHILD, &path)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        let output = String::from_utf8_lossy(&child.stdout).into_owned();
        assert!(output.contains(&format!("digests: {here}")), "{threads} threads: {output}");
    }
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn memory_of_an_earlier_record_leaves_no_trace() {
    let mut rng = StdRng::seed_from_u64(79);
    let bits = common::bits(&mut rng, 20);
    let record = RecordKey::from_seed([7; 32]).encrypt(&bits, Profile::Private).unwrap();
    let program = common::program(&mut rng, 20, 6);
    let answer = |record: &LoadedRecord| {
        let coins = Coins::from_seed([8; 32]);
        Evaluator::new().evaluate_with(record, &program, &coins).unwrap()
    };
    let fresh = answer(&LoadedRecord::load_first(&record, 20));
    for (bits, profile) in [(40, Profile::Private), (64, Profile::Fast), (5, Profile::Private)] {
        let earlier = RecordKey::from_seed([9; 32]).encrypt(&vec![true; bits], profile).unwrap();
        let memory = LoadedRecord::load(&earlier).into_memory();
        let reused = LoadedRecord::load_into(memory, &record, &BitSet::first(20));
        assert_eq!(answer(&reused), fresh);
        let mut loader = Loader::with_memory(reused.into_memory(), program.reads().clone());
        loader.push(record.as_bytes()).unwrap();
        assert_eq!(answer(&loader.finish().unwrap()), fresh);
    }
}

#[test]
fn fresh_coins_give_fresh_answers() {
    let key = RecordKey::generate().unwrap();
    let record = LoadedRecord::load(&key.encrypt(&[true; 20], Profile::Private).unwrap());
    let program = common::program(&mut StdRng::seed_from_u64(1), 20, 6);
    let mut evaluator = Evaluator::new();
    let (a, b) = (
        evaluator.evaluate(&record, &program).unwrap(),
        evaluator.evaluate(&record, &program).unwrap(),
    );
    assert_ne!(a, b);
    assert_eq!(key.decrypt(&a).unwrap(), key.decrypt(&b).unwrap());
}
