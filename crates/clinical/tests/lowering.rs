// SPDX-License-Identifier: Apache-2.0
//! Trees become diagrams as they stand or in the intake's order, whichever is smaller, and give
//! what the clear tree gives on every record.

mod common;
#[path = "common/forests.rs"]
mod forests;

use std::time::Instant;

use cso_clinical::compile::{SumScaling, TreeCost};
use cso_clinical::intake::{Answers, Value};
use cso_clinical::{compile, Compiled, Protocol};
use cso_fhe::{Evaluator, LoadedRecord, Profile, RecordKey};
use cso_model_files::Cell;
use forests::{Dice, Features};

fn read(toml: &str) -> (Protocol, Compiled) {
    let protocol = Protocol::from_toml(toml).unwrap();
    let compiled = compile(&protocol).unwrap_or_else(|error| panic!("{error}"));
    (protocol, compiled)
}

fn sum(compiled: &Compiled) -> &SumScaling {
    &compiled.summary.sums[0]
}

/// What a record's bits mean, also those that no answer has.
fn meant(protocol: &Protocol, bits: &[bool]) -> Answers {
    let features = protocol.intake().features().iter();
    let levels = protocol.intake().decode(bits).unwrap();
    features
        .zip(levels)
        .map(|(feature, level)| (feature.id.clone(), feature.value_at(level)))
        .collect()
}

/// The program against the clear model; by how many points of the grid they differ at most.
fn difference(
    protocol: &Protocol,
    compiled: &Compiled,
    records: impl Iterator<Item = Vec<bool>>,
) -> u16 {
    let mut worst = 0;
    for bits in records {
        let clear = protocol.evaluate(&meant(protocol, &bits)).unwrap();
        let found = compiled.program.evaluate(&bits).unwrap();
        worst = worst.max(clear[0].abs_diff(found[0]));
    }
    worst
}

fn random(bits: usize, count: usize, dice: &mut Dice) -> Vec<Vec<bool>> {
    (0..count).map(|_| (0..bits).map(|_| dice.chance(50)).collect()).collect()
}

fn every(bits: usize) -> impl Iterator<Item = Vec<bool>> {
    (0..1usize << bits).map(move |code| (0..bits).map(|bit| code >> bit & 1 == 1).collect())
}

/// One tree, its points whole.
fn one_tree(features: &Features, tree: &forests::Grown) -> String {
    features.protocol(&[features.text(tree)])
}

#[test]
fn trees_that_ask_in_any_order_cost_at_most_splits_times_bits() {
    let features = Features { count: 57, levels: 256, missing: false, bins: false };
    for seed in 1..=5 {
        let mut dice = Dice(seed);
        let tree = features.tree(57, 20, &mut dice);
        let (protocol, compiled) = read(&one_tree(&features, &tree));
        let TreeCost { trees, nodes, otherwise, effort, .. } = sum(&compiled).trees.as_they_stand;
        println!("seed {seed}: {nodes} nodes, in order {otherwise}, given up after {effort}");
        assert_eq!(trees, 1, "seed {seed}");
        assert!(nodes <= 57 * 8, "seed {seed}: {nodes}");
        assert!(otherwise + effort > 4 * nodes, "seed {seed}: {otherwise} {effort} {nodes}");
        assert!(compiled.program.cmuxes() <= nodes);
        let records = random(57 * 8, 500, &mut dice);
        assert_eq!(difference(&protocol, &compiled, records.into_iter()), 0, "seed {seed}");
    }
}

#[test]
fn forests_give_what_clear_trees_give_on_every_record() {
    // 5 levels in 3 bits: three numbers are no level.
    for (missing, bins) in [(false, false), (true, false), (true, true)] {
        for seed in 1..=20 {
            let features = Features { count: 3, levels: 5, missing, bins };
            let mut dice = Dice(seed);
            let trees: Vec<String> =
                (0..4).map(|_| features.text(&features.tree(9, 6, &mut dice))).collect();
            let (protocol, compiled) = read(&features.protocol(&trees));
            let bits = protocol.intake().bits();
            assert_eq!(difference(&protocol, &compiled, every(bits)), 0, "seed {seed}");
        }
    }
}

/// The sizes that libraries train by default.
#[test]
fn forests_of_usual_size_become_programs() {
    let sizes = [
        ("XGBoost 100 x depth 6", 8, 256, 100, 63, 6),
        ("XGBoost 300 x depth 3", 8, 128, 300, 7, 3),
        ("LightGBM 100 x 31 leaves", 8, 256, 100, 30, 12),
        ("random forest 100 x 150 splits", 30, 32, 100, 150, 20),
    ];
    for (name, count, levels, trees, splits, depth) in sizes {
        let features = Features { count, levels, missing: false, bins: true };
        let mut dice = Dice(7);
        let texts: Vec<String> =
            (0..trees).map(|_| features.text(&features.tree(splits, depth, &mut dice))).collect();
        let toml = features.protocol(&texts);
        let started = Instant::now();
        let protocol = Protocol::from_toml(&toml).unwrap();
        let read = started.elapsed();
        let started = Instant::now();
        let compiled = compile(&protocol).unwrap_or_else(|error| panic!("{name}: {error}"));
        let compiling = started.elapsed();
        println!(
            "{name}: {} bytes read in {read:.1?}, compiled in {compiling:.1?}: \
             {} products; {:?}",
            toml.len(),
            compiled.program.cmuxes(),
            sum(&compiled).trees
        );
        for profile in [Profile::Private, Profile::Fast] {
            println!(
                "    {}: {:?}",
                profile.word(),
                compiled.can_serve(profile).map(|b| (
                    b.outputs[0].depth,
                    b.failure_log2,
                    b.privacy_margin_log2
                ))
            );
        }
        assert!(compiled.program.cmuxes() <= trees * splits * 8, "{name}");
        let records = random(protocol.intake().bits(), 100, &mut dice);
        let moved = difference(&protocol, &compiled, records.into_iter());
        println!("    moved by at most {moved}, deviation {}", sum(&compiled).deviation);
        assert!(f64::from(moved) <= sum(&compiled).deviation + 1.0, "{name}: {moved}");
    }
}

#[test]
fn a_small_forest_gives_the_same_encrypted() {
    let features = Features { count: 5, levels: 40, missing: true, bins: true };
    let mut dice = Dice(3);
    let trees: Vec<String> =
        (0..6).map(|_| features.text(&features.tree(12, 5, &mut dice))).collect();
    let (protocol, compiled) = read(&features.protocol(&trees));
    assert!(sum(&compiled).trees.as_they_stand.trees > 0);
    let mut evaluator = Evaluator::new();
    for bits in random(protocol.intake().bits(), 4, &mut dice) {
        let key = RecordKey::generate().unwrap();
        let record = LoadedRecord::load(&key.encrypt(&bits, Profile::Private).unwrap());
        let answer = evaluator.evaluate(&record, &compiled.program).unwrap();
        let clear = protocol.evaluate(&meant(&protocol, &bits)).unwrap();
        assert_eq!(key.decrypt(&answer).unwrap(), clear);
    }
}

/// A protocol over a quantity, a choice and a flag, which may all be missing.
fn mixed(terms: &str) -> (Protocol, Compiled) {
    let features = Features { count: 1, levels: 6, missing: true, bins: false };
    let intake = r#"
[[intake]]
id = "c"
label = "C"
kind = "choice"
missing = true
options = [{ id = "a", label = "A" }, { id = "b", label = "B" }, { id = "c", label = "C" }]
[[intake]]
id = "x"
label = "X"
kind = "flag"
missing = true
"#;
    read(&format!("{}{intake}{terms}", features.protocol(&[])))
}

#[test]
fn conditions_of_several_columns_are_chains_that_lead_to_one_another() {
    let conditions = [
        "`f0` < 3 and `c` == `b`",
        "`f0` < 3 or `c` == `b` or `x`",
        "not (`f0` >= 2 and `f0` < 4 and (`x` or `c` is missing))",
        "(`f0` < 2 or `f0` is missing) and (`c` != `a` or not `x`) and not (`x` and `c` == `c`)",
        "`f0` is missing or `c` is missing",
    ];
    for (index, first) in conditions.iter().enumerate() {
        for second in &conditions {
            let inner = format!("{{ if = \"{second}\", then = 1, else = 2 }}");
            let other = format!("{{ if = \"{second}\", then = 4, else = 2 }}");
            let tree = format!("tree = {{ if = \"{first}\", then = {inner}, else = {other} }}");
            let cases = format!(
                "otherwise = 7\ncases = [{{ when = \"{first}\", points = 30 }}, {{ when = \"{second}\", points = 90 }}]"
            );
            let terms = format!(
                "[[model.term]]\n{tree}\n[[model.term]]\nwhen = \"{}\"\n{cases}\n",
                conditions[(index + 1) % conditions.len()]
            );
            let (protocol, compiled) = mixed(&terms);
            let bits = protocol.intake().bits();
            assert_eq!(difference(&protocol, &compiled, every(bits)), 0, "{terms}");
        }
    }
}

#[test]
fn subtrees_that_stand_twice_are_built_once() {
    let features = Features { count: 6, levels: 64, missing: false, bins: false };
    let mut dice = Dice(11);
    // The shared part asks nothing of the feature that leads to it.
    let lower = Features { count: 5, ..features };
    let shared = lower.text(&lower.tree(12, 6, &mut dice));
    let twice = format!(
        "{{ if = \"`f5` < 17\", then = {shared}, else = {{ if = \"`f5` < 40\", then = 3, else = {shared} }} }}"
    );
    let alone = sum(&read(&features.protocol(&[shared])).1).nodes;
    let (protocol, compiled) = read(&features.protocol(&[twice]));
    assert!(sum(&compiled).nodes <= alone + 2 * 6, "{} {alone}", sum(&compiled).nodes);
    let records = random(protocol.intake().bits(), 2000, &mut dice);
    assert_eq!(difference(&protocol, &compiled, records.into_iter()), 0);
}

#[test]
fn what_a_way_has_settled_is_not_asked_again() {
    // On 0 to 63, the second limit is one of 16 that are left: 4 of the 6 bits are known.
    let features = Features { count: 1, levels: 64, missing: false, bins: false };
    let tree =
        "{ if = \"`f0` < 48\", then = 0, else = { if = \"`f0` < 57\", then = 1, else = 2 } }";
    let (protocol, compiled) = read(&features.protocol(&[tree.to_owned()]));
    let TreeCost { nodes, otherwise, .. } = sum(&compiled).trees.in_order;
    assert_eq!((nodes, otherwise), (6, 6));
    assert_eq!(difference(&protocol, &compiled, every(6)), 0);
}

/// Trees as XGBoost writes them, over columns `f0`, `f1` and so on.
fn xgboost(features: &Features, trees: &[forests::Grown]) -> String {
    let trees: Vec<String> = trees.iter().map(|tree| features.xgboost(tree)).collect();
    let names: Vec<String> = (0..features.count).map(|index| format!("\"f{index}\"")).collect();
    format!(
        "{{\"learner\":{{\"feature_names\":[{}],\"objective\":{{\"name\":\"reg:squarederror\"}},\
         \"learner_model_param\":{{\"base_score\":\"0\",\"num_class\":\"0\",\"num_feature\":\"{}\",\
         \"num_target\":\"1\"}},\"gradient_booster\":{{\"name\":\"gbtree\",\"model\":{{\"trees\":[{}]}}}}}}}}",
        names.join(","),
        features.count,
        trees.join(",")
    )
}

#[test]
fn model_files_of_usual_size_are_translated_soon_and_exactly() {
    let sizes = [
        ("100 x depth 6", 8, 256, 100, 63, 6),
        ("100 x 150 splits", 30, 64, 100, 150, 20),
        ("100 x 30 splits on 150 columns", 150, 16, 100, 30, 12),
    ];
    for (name, count, levels, trees, splits, depth) in sizes {
        let features = Features { count, levels, missing: true, bins: true };
        let mut dice = Dice(5);
        let grown: Vec<_> = (0..trees).map(|_| features.tree(splits, depth, &mut dice)).collect();
        let file = xgboost(&features, &grown);
        let model = cso_model_files::read(file.as_bytes()).unwrap();
        let toml = features.protocol(&[]).replace("[model]\n", "[model]\nfile = \"model.json\"\n");
        let started = Instant::now();
        let source = |_: &str| Ok(file.clone().into_bytes());
        let protocol = Protocol::from_toml_with(&toml, &source).unwrap();
        println!("{name}: {} bytes read and translated in {:.1?}", file.len(), started.elapsed());
        for bits in random(protocol.intake().bits(), 200, &mut dice) {
            let answers = meant(&protocol, &bits);
            let case: Vec<Cell> = (0..count)
                .map(|index| match answers[&format!("f{index}")] {
                    Value::Quantity(value) => Cell::Number(value),
                    _ => Cell::Missing,
                })
                .collect();
            let expected = model.sum_values(&case).unwrap()[0];
            let found = protocol.predict(&answers).unwrap()[0];
            assert!((expected - found).abs() < 1e-6, "{name}: {expected} {found}");
        }
    }
}

/// Two trees of LightGBM with linear leaves, over a quantity in bins, one on a grid and a flag.
const LINEAR: &str =
    "tree\nversion=v4\nnum_class=1\nobjective=regression\nfeature_names=lab age flag\n\
feature_infos=[0:90] [0:40] [0:1]\n\n\
Tree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=0 1\nthreshold=12.5 20\ndecision_type=10 8\n\
left_child=1 -1\nright_child=-2 -3\nleaf_value=-5 7 2\nis_linear=1\nleaf_const=1.5 -2 0.25\n\
num_features=2 1 0\nleaf_features=0 1  2\nleaf_coeff=0.125 -0.5  4\nshrinkage=1\n\n\
Tree=1\nnum_leaves=2\nnum_cat=0\nsplit_feature=2\nthreshold=0.5\ndecision_type=8\nleft_child=-1\n\
right_child=-2\nleaf_value=3 -4\nis_linear=1\nleaf_const=0.5 1\nnum_features=2 3\n\
leaf_features=1 0  0 1 2\nleaf_coeff=0.0625 0.25  -0.125 0.5 2\nshrinkage=1\n\n\nend of trees\n\n\
parameters:\nend of parameters\n";

const LINEAR_INTAKE: &str = r#"
[[intake]]
id = "lab"
label = "Lab"
kind = "quantity"
unit = "1"
min = 0
max = 90
step = 0.5
edges = [2, 5, 12.5, 30, 31, 60]
missing = true
[[intake]]
id = "age"
label = "Age"
kind = "quantity"
unit = "1"
min = 0
max = 40
step = 4
missing = true
[[intake]]
id = "flag"
label = "Flag"
kind = "flag"
missing = true
"#;

#[test]
fn linear_leaves_become_trees_that_give_the_same_at_every_answer() {
    let features = Features { count: 0, levels: 2, missing: false, bins: false };
    let toml = features.protocol(&[]).replace("[model]\n", "[model]\nfile = \"linear.txt\"\n");
    let toml = format!("{toml}{LINEAR_INTAKE}");
    let source = |_: &str| Ok(LINEAR.as_bytes().to_vec());
    let protocol = Protocol::from_toml_with(&toml, &source).unwrap();
    let model = cso_model_files::read(LINEAR.as_bytes()).unwrap();
    let mut values = std::collections::BTreeSet::new();
    for bits in every(protocol.intake().bits()) {
        let answers = meant(&protocol, &bits);
        let case = ["lab", "age", "flag"].map(|id| match answers[id] {
            Value::Quantity(value) => Cell::Number(value),
            Value::Flag(flag) => Cell::Number(f64::from(u8::from(flag))),
            _ => Cell::Missing,
        });
        let expected = model.sum_values(&case).unwrap()[0];
        let found = protocol.predict(&answers).unwrap()[0];
        assert!((expected - found).abs() < 1e-9, "{case:?}: {expected} {found}");
        values.insert(expected.to_bits());
    }
    assert!(values.len() > 100, "{}", values.len());
    let compiled = compile(&protocol).unwrap();
    let moved = difference(&protocol, &compiled, every(protocol.intake().bits()));
    assert!(moved <= 1, "{moved}");
}
