// SPDX-License-Identifier: Apache-2.0
//! This project's engine: encrypting, loading, evaluating.

use crate::{
    bounds::BITS,
    clock::{median, microseconds, milliseconds},
    models,
    report::{Growth, Report},
    Error,
};
use cso_fhe::{
    BitSet, Evaluator, ExactRecord, LoadedRecord, Loader, Profile, Program, RecordKey, RecordMemory,
};
use rayon::prelude::*;
use std::time::{Duration, Instant};

type Outcome<T = ()> = Result<T, Error>;

fn random_bits(bits: usize) -> Vec<bool> {
    let mut sequence = models::Sequence(5);
    (0..bits).map(|_| sequence.below(2) == 1).collect()
}

/// Times an evaluation, gives the memory it took besides the record's, and checks that it decrypts
/// to what the program says in clear.
fn evaluation(
    key: &RecordKey,
    record: &LoadedRecord,
    bits: &[bool],
    program: &Program,
    runs: usize,
) -> Outcome<(Duration, usize)> {
    let mut evaluator = Evaluator::new();
    let bits = &bits[..program.bits()];
    let answer = evaluator.evaluate(record, program)?;
    let (computed, expected) = (key.decrypt(&answer)?, program.evaluate(bits)?);
    if computed != expected {
        return Err(format!(
            "the encrypted answer {computed:?} differs from the program's {expected:?}"
        )
        .into());
    }
    let mut failure = None;
    let time = median(runs, || failure = evaluator.evaluate(record, program).err());
    let memory = evaluator.resident_bytes();
    failure.map_or(Ok((time, memory)), |error| Err(error.into()))
}

/// Times bytes to ready, as the expert's node does it: verified and loaded piece by piece, in the
/// memory of the record before.
fn load(bytes: &[u8], bits: &BitSet, runs: usize) -> Outcome<(Duration, LoadedRecord)> {
    let mut last = None::<LoadedRecord>;
    let mut failure = None;
    let time = median(runs, || {
        let memory = last.take().map_or_else(RecordMemory::default, LoadedRecord::into_memory);
        let mut loader = Loader::with_memory(memory, bits.clone());
        match loader.push(bytes).and_then(|()| loader.finish()) {
            Ok(loaded) => last = Some(loaded),
            Err(error) => failure = Some(error),
        }
    });
    match (last, failure) {
        (Some(loaded), None) => Ok((time, loaded)),
        (_, failure) => Err(failure.map_or("nothing was loaded".into(), Into::into)),
    }
}

/// The figures of one core.
pub(crate) fn measure(report: &mut Report, progress: &(dyn Fn(&str) + Sync)) -> Outcome {
    let key = RecordKey::generate()?;
    let bits = random_bits(BITS);

    progress("encrypting and loading a record of 180 bits");
    let record = key.encrypt(&bits, Profile::Private)?;
    report.encrypt_180_ms = milliseconds(median(5, || drop(key.encrypt(&bits, Profile::Private))));
    report.record_180_bytes = record.as_bytes().len();
    let (time, loaded) = load(record.as_bytes(), &BitSet::first(BITS), 21)?;
    report.load_180_ms = milliseconds(time);
    report.loaded_180_bytes = loaded.resident_bytes();

    progress("weighted sum, linear model, NEWS2");
    let weighted = models::weighted_sum(BITS)?;
    let (time, memory) = evaluation(&key, &loaded, &bits, &weighted, 101)?;
    report.weighted_sum_180_us = microseconds(time);
    report.evaluation_180_bytes = memory;
    let exact = ExactRecord::load_first(&record, BITS);
    let mut evaluator = Evaluator::new();
    let answer = evaluator.evaluate_exact(&exact, &weighted)?;
    if key.decrypt(&answer)? != weighted.evaluate(&bits)? {
        return Err("the exact answer differs from the program's".into());
    }
    report.exact_weighted_sum_180_us = microseconds(median(11, || {
        drop(evaluator.evaluate_exact(&exact, &weighted));
    }));
    drop(exact);
    let budget = weighted.budget(Profile::Private)?;
    report.privacy_margin_log2 = budget.privacy_margin_log2;
    report.failure_log2 = budget.failure_log2;
    report.linear_30x6_ms =
        milliseconds(evaluation(&key, &loaded, &bits, &models::linear()?, 21)?.0);
    let vitals = models::news2_bits(&[18, 95, 1, 105, 100, 0, 85]);
    let news2_record = LoadedRecord::load(&key.encrypt(&vitals, Profile::Private)?);
    report.news2_ms =
        milliseconds(evaluation(&key, &news2_record, &vitals, &models::news2()?, 21)?.0);

    progress("boosted trees and random forest");
    let (time, _) = evaluation(&key, &loaded, &bits, &models::trees(50, 3)?, 11)?;
    report.gbdt_50x3_ms = milliseconds(time);
    let (time, memory) = evaluation(&key, &loaded, &bits, &models::trees(50, 4)?, 11)?;
    report.forest_50x4_ms = milliseconds(time);
    report.forest_50x4_bytes = memory;
    Ok(())
}

/// Whole consultations (bytes to answer) a second, on all cores, each core with its own evaluator.
pub(crate) fn throughput(report: &mut Report) -> Outcome {
    const CONSULTATIONS: usize = 200;
    let bits = random_bits(BITS);
    let program = models::weighted_sum(BITS)?;
    let record = RecordKey::generate()?.encrypt(&bits, Profile::Private)?;
    let bytes = record.as_bytes();
    let start = Instant::now();
    let failed =
        (0..CONSULTATIONS).into_par_iter().map_init(Default::default, |(evaluator, memory), _| {
            consultation(evaluator, memory, bytes, &program).is_ok()
        });
    let failed = failed.filter(|answered| !answered).count();
    if failed > 0 {
        return Err(format!("{failed} of {CONSULTATIONS} consultations failed").into());
    }
    report.consultations_per_second = CONSULTATIONS as f64 / start.elapsed().as_secs_f64();
    report.cores = rayon::current_num_threads();
    Ok(())
}

/// What a thread of the expert's node does.
fn consultation(
    evaluator: &mut Evaluator,
    memory: &mut RecordMemory,
    bytes: &[u8],
    program: &Program,
) -> Outcome {
    let mut loader = Loader::with_memory(std::mem::take(memory), program.reads().clone());
    loader.push(bytes)?;
    let record = loader.finish()?;
    evaluator.evaluate(&record, program)?;
    *memory = record.into_memory();
    Ok(())
}

/// How encrypting, loading, evaluating and memory grow with the number of bits.
pub(crate) fn scaling(report: &mut Report) -> Outcome {
    let key = RecordKey::generate()?;
    for size in [45, 90, 180, 360, 720] {
        let bits = random_bits(size);
        let record = key.encrypt(&bits, Profile::Private)?;
        let (time, loaded) = load(record.as_bytes(), &BitSet::first(size), 5)?;
        let weighted = evaluation(&key, &loaded, &bits, &models::weighted_sum(size)?, 21)?;
        report.growth.push(Growth {
            bits: size,
            encrypt_ms: milliseconds(median(3, || drop(key.encrypt(&bits, Profile::Private)))),
            record_bytes: record.as_bytes().len(),
            load_ms: milliseconds(time),
            loaded_bytes: loaded.resident_bytes(),
            weighted_sum_ms: milliseconds(weighted.0),
            evaluation_bytes: weighted.1,
        });
    }
    Ok(())
}
