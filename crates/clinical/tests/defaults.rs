// SPDX-License-Identifier: Apache-2.0
//! Models trained with their libraries' defaults on medical data: what the compiled protocol says
//! against what the library says on cases that neither was made of.
//!
//! `CSO_DEFAULTS` names data sets, or is `all`; without it three are taken.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use cso_clinical::{compile, draft, Compiled, Protocol};
use cso_fhe::{Evaluator, LoadedRecord, Profile, Record, RecordKey};
use cso_model_files::{read, Cases};

/// Data sets that every run takes.
const ALWAYS: [&str; 3] = ["breast-cancer", "lung", "wine"];
/// Cases that are evaluated encrypted, of one forest and one boosting.
const ENCRYPTED: [&str; 2] = ["lung-forest-onnx", "lung-xgboost"];
const ROWS: usize = 20;

/// The files of all models: trained now or, if `CSO_ORACLE_DEFAULTS` names a folder, before.
fn trained() -> PathBuf {
    if let Ok(dir) = std::env::var("CSO_ORACLE_DEFAULTS") {
        return dir.into();
    }
    let python = std::env::var("CSO_ORACLE_PYTHON")
        .expect("run oracles/run.sh, which sets CSO_ORACLE_PYTHON");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("defaults");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/defaults.py");
    let sets = match std::env::var("CSO_DEFAULTS").as_deref() {
        Ok("all") => Vec::new(),
        Ok(names) => names.split(' ').map(str::to_owned).collect(),
        Err(_) => ALWAYS.map(str::to_owned).to_vec(),
    };
    let done = Command::new(python).arg(script).arg(&dir).args(sets).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    dir
}

/// How far the protocol is from the library on held-out cases.
struct Compared {
    cases: usize,
    largest: f64,
    other_class: usize,
}

fn compare(
    protocol: &Protocol,
    compiled: &Compiled,
    rows: &[Vec<bool>],
    truth: &Cases,
) -> Compared {
    let outputs = protocol.outputs();
    let column = |name: &str| -> Option<Vec<f64>> {
        let numbers = truth.numbers(name).ok()?;
        Some(numbers.into_iter().map(Option::unwrap).collect())
    };
    let values = column("value");
    let classes = column("class");
    let shares: Vec<Vec<f64>> = (0..).map_while(|class| column(&format!("p{class}"))).collect();
    let range = values.as_ref().map_or(1.0, |values| {
        let ends = values.iter().fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(*x), b.max(*x)));
        ends.1 - ends.0
    });
    let mut compared = Compared { cases: rows.len(), largest: 0.0, other_class: 0 };
    for (row, bits) in rows.iter().enumerate() {
        let raw = compiled.program.evaluate(bits).unwrap();
        let said: Vec<f64> =
            outputs.iter().zip(&raw).map(|(output, raw)| output.value(*raw).unwrap()).collect();
        let differences: Vec<f64> = match (&values, shares.len()) {
            (Some(values), _) => vec![(said[0] - values[row]) / range],
            (None, 2) => vec![said[0] / 100.0 - shares[1][row]],
            (None, _) => {
                let own = protocol.rankings()[0].probabilities(outputs, &said).unwrap();
                own.iter().zip(&shares).map(|(own, share)| own - share[row]).collect()
            }
        };
        let largest = differences.iter().fold(0.0f64, |most, one| most.max(one.abs()));
        compared.largest = compared.largest.max(largest);
        if let Some(classes) = &classes {
            let own = match shares.len() {
                2 => f64::from(u8::from(said[0] > 50.0)),
                _ => {
                    let first = protocol.rankings()[0].probabilities(outputs, &said).unwrap();
                    let greatest = first.iter().copied().fold(f64::MIN, f64::max);
                    first.iter().position(|share| *share == greatest).unwrap() as f64
                }
            };
            compared.other_class += usize::from(own != classes[row]);
        }
    }
    compared
}

/// Encrypts, evaluates and decrypts some cases, and gives the milliseconds of one evaluation.
fn evaluate_encrypted(name: &str, compiled: &Compiled, rows: &[Vec<bool>]) -> f64 {
    let mut evaluator = Evaluator::new();
    let mut took = 0.0;
    for bits in rows {
        let key = RecordKey::generate().unwrap();
        let record = key.encrypt(bits, Profile::Private).unwrap();
        let loaded = LoadedRecord::load_only(&record, compiled.program.reads());
        let begun = Instant::now();
        let answer = evaluator.evaluate(&loaded, &compiled.program).unwrap();
        took += begun.elapsed().as_secs_f64();
        let expected = compiled.program.evaluate(bits).unwrap();
        assert_eq!(key.decrypt(&answer).unwrap(), expected, "{name}");
    }
    1e3 * took / rows.len() as f64
}

#[test]
#[ignore = "needs the oracles"]
fn default_models_say_what_their_libraries_say() {
    let dir = trained();
    let list = std::fs::read_to_string(dir.join("list")).unwrap();
    let mut wrong = Vec::new();
    let (mut cases, mut other_class) = (0, 0);
    println!("| model | bits | products | record, MB | largest difference | other class | ms |\n|---|---|---|---|---|---|---|");
    for line in list.lines() {
        let (name, kind) = line.split_once('\t').unwrap();
        let bytes = |ending: &str| std::fs::read(dir.join(format!("{name}.{ending}"))).unwrap();
        let [train, test, truth] = ["train.csv", "test.csv", "expected.csv"]
            .map(|ending| Cases::from_csv(bytes(ending)).unwrap());
        let model = match read(&bytes("model")) {
            Ok(model) => model,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let protocol = match draft(&model, "default", &train) {
            Ok(draft) => draft.protocol,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let compiled = match compile(&protocol) {
            Ok(compiled) => compiled,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let rows: Vec<Vec<bool>> = (0..test.len())
            .map(|case| {
                let answers = protocol.intake().features().iter().map(|feature| {
                    let column = test.column(&feature.label).unwrap();
                    let cell = test.given(case, column).unwrap_or("missing");
                    (feature.id.clone(), feature.parse_answer(cell).unwrap())
                });
                protocol.intake().encode(&answers.collect()).unwrap().bits
            })
            .collect();
        let compared = compare(&protocol, &compiled, &rows, &truth);
        let is_encrypted = ENCRYPTED.contains(&name) || std::env::var("CSO_DEFAULTS").is_ok();
        let ms = match is_encrypted {
            true => {
                let few = &rows[..rows.len().min(ROWS)];
                format!("{:.1}", evaluate_encrypted(name, &compiled, few))
            }
            false => String::new(),
        };
        let megabytes =
            Record::len_of(compiled.summary.bits, Profile::Private).unwrap() as f64 / 1e6;
        println!(
            "| {name} | {} | {} | {megabytes:.1} | {:.4} | {} of {} | {ms} |",
            compiled.summary.bits,
            compiled.program.cmuxes(),
            compared.largest,
            compared.other_class,
            compared.cases
        );
        let most = if kind == "linear" { 0.01 } else { 0.02 };
        if compared.largest > most {
            wrong.push(format!("{name}: {:.4}, more than {most}", compared.largest));
        }
        cases += compared.cases;
        other_class += compared.other_class;
    }
    let agreement = 1.0 - other_class as f64 / cases as f64;
    println!("\nclass agreement {agreement:.4}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(agreement >= 0.995, "{agreement}");
}
