// SPDX-License-Identifier: Apache-2.0
//! Consultations without a chain: encrypt, load, evaluate, decrypt, all on this machine.

use anyhow::{bail, Context as _, Result};
use cso_fhe::{Evaluator, LoadedRecord, Profile, Program, Record, RecordKey};
use serde_json::{json, Map, Value};
use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// The parts of a consultation that take time, in their order.
pub(super) const PARTS: [&str; 4] = ["encrypt", "load", "evaluate", "decrypt"];

/// One record that was encrypted, evaluated and decrypted.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// One raw value an output.
    pub outputs: Vec<u16>,
    /// How long each of [`PARTS`] took, on one core.
    pub times: [Duration; 4],
}

/// Runs one consultation under a new key, which is wiped at the end, and compares the answer with
/// the program in clear.
pub(super) fn consult(
    evaluator: &mut Evaluator,
    program: &Program,
    bits: &[bool],
    profile: Profile,
) -> Result<Run> {
    let mut clock = Instant::now();
    let mut lap = || std::mem::replace(&mut clock, Instant::now()).elapsed();
    let key = RecordKey::generate().context("the operating system gives no random numbers")?;
    let record = key.encrypt(bits, profile)?.to_bytes();
    let encrypt = lap();
    // From bytes, as the expert's node gets it.
    let loaded = LoadedRecord::load_first(&Record::from_vec(record)?, program.bits());
    let load = lap();
    let answer = evaluator.evaluate(&loaded, program)?;
    let evaluate = lap();
    let outputs = key.decrypt(&answer)?;
    let decrypt = lap();
    let expected = program.evaluate(bits)?;
    if outputs != expected {
        bail!("the encrypted answer {outputs:?} isn't the program's {expected:?}: this machine reckons wrong, or the program has a bug");
    }
    Ok(Run { outputs, times: [encrypt, load, evaluate, decrypt] })
}

/// Runs a consultation for each record, each on one core, on all cores. A failure comes with the
/// record's index; `done` hears how many are finished.
pub(super) fn consult_all(
    program: &Program,
    records: &[Vec<bool>],
    profile: Profile,
    done: &(dyn Fn(usize) + Sync),
) -> Result<Vec<Run>, (usize, anyhow::Error)> {
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failed = AtomicBool::new(false);
    let work = || -> Result<Vec<(usize, Run)>, (usize, anyhow::Error)> {
        let mut evaluator = Evaluator::new();
        let mut runs = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(bits) = records.get(index) else {
                return Ok(runs);
            };
            if failed.load(Ordering::Relaxed) {
                return Ok(runs);
            }
            let run = consult(&mut evaluator, program, bits, profile).map_err(|error| {
                failed.store(true, Ordering::Relaxed);
                (index, error)
            })?;
            runs.push((index, run));
            done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    // The engine uses rayon's threads within one record. In a pool of one thread it stays on this
    // record and this core, so that records don't wait for each other and the times are those
    // of one core.
    let alone = || match rayon::ThreadPoolBuilder::new().num_threads(1).build() {
        Ok(pool) => pool.install(work),
        Err(error) => Err((0, anyhow::Error::new(error).context("the system gives no threads"))),
    };
    let parts = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores().min(records.len())).map(|_| scope.spawn(alone)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let mut runs: Vec<_> = parts.into_iter().flatten().collect();
    runs.sort_by_key(|(index, _)| *index);
    Ok(runs.into_iter().map(|(_, run)| run).collect())
}

/// How many records are worked on at once.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Median and total of each of [`PARTS`] in milliseconds.
pub(super) fn statistics(runs: &[Run]) -> [(f64, f64); 4] {
    std::array::from_fn(|part| {
        let mut times: Vec<f64> =
            runs.iter().map(|run| run.times[part].as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        (median, times.iter().sum())
    })
}

/// [`statistics`] for machines.
pub(super) fn statistics_json(runs: &[Run]) -> Value {
    let parts = PARTS.iter().zip(statistics(runs));
    let parts = parts.map(|(part, (median, total))| {
        let value = json!({ "median_ms": thousandths(median), "total_ms": thousandths(total) });
        ((*part).to_owned(), value)
    });
    Value::Object(parts.collect::<Map<_, _>>())
}

fn thousandths(milliseconds: f64) -> f64 {
    (milliseconds * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use cso_fhe::{Step, Sum, Table};

    /// The sum of the first two bits, and of the last two.
    fn program() -> Program {
        let step = Step::Weighted { points: vec![1, 1, 3] };
        let table = Table { output: 0, bits: 3, values: (0..6).collect() };
        let sum = Sum { steps: vec![step], bias: 0, wraps: false, tables: vec![table] };
        Program::new(3, vec![sum]).unwrap()
    }

    #[test]
    fn answers_come_in_the_order_of_the_records() {
        let records: Vec<Vec<bool>> =
            (0..8u8).map(|code| (0..3).map(|bit| code >> bit & 1 == 1).collect()).collect();
        let program = program();
        let runs = consult_all(&program, &records, Profile::Fast, &|_| ()).unwrap();
        let outputs: Vec<_> = runs.iter().map(|run| run.outputs[0]).collect();
        assert_eq!(outputs, [0, 1, 1, 2, 3, 4, 4, 5]);
    }

    #[test]
    fn a_failure_names_its_record() {
        let records = [vec![true; 3], vec![true; 3], vec![true; 2]];
        let (index, error) = consult_all(&program(), &records, Profile::Fast, &|_| ()).unwrap_err();
        assert_eq!(index, 2, "{error}");
    }

    #[test]
    fn median_and_total_are_told_apart() {
        let run = |milliseconds| Run {
            outputs: Vec::new(),
            times: [Duration::from_millis(milliseconds); 4],
        };
        let runs = [run(1), run(9), run(2)];
        assert_eq!(statistics(&runs), [(2.0, 12.0); 4]);
        assert_eq!(statistics(&[]), [(0.0, 0.0); 4]);
    }
}
