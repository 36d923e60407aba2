// SPDX-License-Identifier: Apache-2.0
//! Models trained on real data: every held-out case is encrypted, evaluated and decrypted, and what
//! quantising costs is measured.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cso_clinical::{compile, draft, Protocol};
use cso_fhe::{Evaluator, LoadedRecord, Profile, Program, RecordKey};
use cso_model_files::Cases;

/// A model as its library left it.
struct Trained {
    kind: Kind,
    name: String,
    protocol: Protocol,
    test: Cases,
    labels: Vec<f64>,
    /// What the library itself predicts.
    floats: Vec<f64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Predictions are probabilities of the class 1.
    Binary,
    /// Predictions are numbers of classes.
    Classes,
    /// Predictions are values.
    Value,
}

impl Trained {
    fn read(dir: &Path, line: &str) -> Self {
        let (kind, name) = line.split_once('\t').unwrap();
        let read = |ending: &str| std::fs::read(dir.join(format!("{name}.{ending}"))).unwrap();
        let cases = |ending: &str| Cases::from_csv(read(ending)).unwrap();
        let model =
            cso_model_files::read(&read("model")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let draft = draft(&model, "real-data", &cases("train.csv"))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = cases("expected.csv");
        let column = |column: &str| {
            let numbers = expected.numbers(column).unwrap();
            numbers.into_iter().map(Option::unwrap).collect()
        };
        Self {
            kind: match kind {
                "binary" => Kind::Binary,
                "classes" => Kind::Classes,
                _ => Kind::Value,
            },
            name: name.to_owned(),
            protocol: draft.protocol,
            test: cases("test.csv"),
            labels: column("label"),
            floats: column("prediction"),
        }
    }

    /// The bits of each held-out case.
    fn records(&self) -> Vec<Vec<bool>> {
        let intake = self.protocol.intake();
        let columns: Vec<_> = intake
            .features()
            .iter()
            .map(|feature| (feature, self.test.column(&feature.id).unwrap()))
            .collect();
        let record = |case| {
            let answers = columns.iter().map(|(feature, column)| {
                let value = feature.parse_answer(self.test.cell(case, *column)).unwrap();
                (feature.id.clone(), value)
            });
            intake.encode(&answers.collect()).unwrap().bits
        };
        (0..self.test.len()).map(record).collect()
    }

    /// A program's answer in the form of the library's predictions.
    fn prediction(&self, raw: &[u16]) -> f64 {
        let output = &self.protocol.outputs()[0];
        match self.kind {
            Kind::Binary => output.value(raw[0]).unwrap() / 100.0,
            Kind::Value => output.value(raw[0]).unwrap(),
            Kind::Classes => {
                let greatest = raw.iter().max().unwrap();
                raw.iter().position(|value| value == greatest).unwrap() as f64
            }
        }
    }

    /// Accuracy and area under the ROC curve, accuracy alone, or the coefficient of determination.
    fn scores(&self, predictions: &[f64]) -> Vec<f64> {
        match self.kind {
            Kind::Binary => {
                let classes: Vec<f64> = predictions.iter().map(|p| f64::from(*p >= 0.5)).collect();
                vec![accuracy(&self.labels, &classes), auc(&self.labels, predictions)]
            }
            Kind::Classes => vec![accuracy(&self.labels, predictions)],
            Kind::Value => vec![r_squared(&self.labels, predictions)],
        }
    }
}

/// Part of the cases whose class is right.
fn accuracy(labels: &[f64], classes: &[f64]) -> f64 {
    let right = labels.iter().zip(classes).filter(|(a, b)| a == b).count();
    right as f64 / labels.len() as f64
}

/// Area under the ROC curve: the probability that a case of class 1 ranks above one of class 0.
fn auc(labels: &[f64], scores: &[f64]) -> f64 {
    let of = |class: f64| {
        let scores = labels.iter().zip(scores).filter(move |(label, _)| **label == class);
        scores.map(|(_, score)| *score).collect::<Vec<_>>()
    };
    let (positive, negative) = (of(1.0), of(0.0));
    let wins = positive.iter().flat_map(|a| {
        negative.iter().map(move |b| match a.total_cmp(b) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
    });
    wins.sum::<f64>() / (positive.len() * negative.len()) as f64
}

/// Part of the labels' variance that is explained.
fn r_squared(labels: &[f64], values: &[f64]) -> f64 {
    let mean = labels.iter().sum::<f64>() / labels.len() as f64;
    let total: f64 = labels.iter().map(|label| (label - mean).powi(2)).sum();
    let rest = labels.iter().zip(values).map(|(a, b)| (a - b).powi(2));
    1.0 - rest.sum::<f64>() / total
}

/// Encrypts, evaluates and decrypts each record under a key of its own. Gives the answers, and the
/// median time of an evaluation.
fn encrypted(program: &Program, records: &[Vec<bool>]) -> (Vec<Vec<u16>>, Duration) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut evaluator = Evaluator::new();
        let mut answers = Vec::new();
        while let Some((index, bits)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            records.get(index).map(|bits| (index, bits))
        } {
            let key = RecordKey::generate().unwrap();
            let record = key.encrypt(bits, Profile::Private).unwrap();
            let loaded = LoadedRecord::load_first(&record, program.bits());
            let start = Instant::now();
            let answer = evaluator.evaluate(&loaded, program).unwrap();
            let time = start.elapsed();
            answers.push((index, key.decrypt(&answer).unwrap(), time));
        }
        answers
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut answers: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let answers = threads.into_iter().flat_map(|thread| thread.join().unwrap());
        answers.collect()
    });
    answers.sort_by_key(|(index, ..)| *index);
    let mut times: Vec<_> = answers.iter().map(|(.., time)| *time).collect();
    times.sort();
    let answers = answers.into_iter().map(|(_, answer, _)| answer).collect();
    (answers, times[times.len() / 2])
}

fn train() -> (PathBuf, String) {
    let python = std::env::var("CSO_ORACLE_PYTHON")
        .expect("run oracles/run.sh, which sets CSO_ORACLE_PYTHON");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real-data");
    std::fs::create_dir_all(&dir).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/real_data.py");
    let output = Command::new(python).arg(script).arg(&dir).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    (dir, String::from_utf8(output.stdout).unwrap())
}

#[test]
#[ignore = "needs the Python environment of oracles/run.sh"]
fn encrypted_models_keep_what_they_learned() {
    let (dir, names) = train();
    println!("| data, model | cases | bits | CMUXes | evaluation | accuracy or R²: float | quantised | AUC: float | quantised |");
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut lost = Vec::new();
    for line in names.lines() {
        let trained = Trained::read(&dir, line);
        let name = &trained.name;
        let compiled = compile(&trained.protocol).unwrap_or_else(|error| panic!("{name}: {error}"));
        let records = trained.records();
        let (answers, time) = encrypted(&compiled.program, &records);
        for (case, (bits, answer)) in records.iter().zip(&answers).enumerate() {
            let expected = compiled.program.evaluate(bits).unwrap();
            assert_eq!(*answer, expected, "{name}, held-out case {case}");
        }
        let predictions: Vec<f64> = answers.iter().map(|raw| trained.prediction(raw)).collect();
        let (float, quantised) = (trained.scores(&trained.floats), trained.scores(&predictions));
        let (cases, bits) = (records.len(), compiled.summary.bits);
        let (cmuxes, time) = (compiled.program.cmuxes(), time.as_secs_f64() * 1e3);
        let mut row = format!("| {name} | {cases} | {bits} | {cmuxes} | {time:.1} ms");
        for score in 0..2 {
            for scores in [&float, &quantised] {
                let score = scores.get(score).map_or("".into(), |score| format!("{score:.4}"));
                row += &format!(" | {score}");
            }
        }
        println!("{row} |");
        if float.iter().zip(&quantised).any(|(float, quantised)| float - quantised > 0.005) {
            lost.push(name.clone());
        }
    }
    assert!(lost.is_empty(), "more than half a point lost: {}", lost.join("; "));
}
