// SPDX-License-Identifier: Apache-2.0
//! Protocols made of model files: bins by the model's limits, what they hide and what they tell,
//! and what is measured against the model file itself.

#[path = "../../model-files/tests/common/boosters.rs"]
mod boosters;
mod common;

use std::collections::BTreeSet;

use boosters::XGBOOST;
use common::{answers, comes_back};
use cso_clinical::intake::{Feature, Kind, Quantity};
use cso_clinical::{compile, draft_with, measure, Binning, Draft, Protocol};
use cso_model_files::{read, Cases, Cell, ModelFile};

/// A tree that compares a laboratory value with a heavy tail, as LightGBM writes it, and data.
const HORMONE: &str = "tree\nversion=v4\nnum_class=1\nobjective=binary sigmoid:1\nfeature_names=age hormone\n\n\
Tree=0\nnum_leaves=4\nsplit_feature=1 1 1\nthreshold=362 137 2143.5\ndecision_type=8 8 8\nleft_child=1 -1 -3\nright_child=2 -2 -4\n\
leaf_value=-2 -0.5 0.75 2.5\nis_linear=0\n\n\nend of trees\n\nparameters:\nend of parameters\n";

fn hormone_data() -> Cases {
    let mut csv = String::from("age,hormone\n");
    for case in 0..400u32 {
        let hormone = ((f64::from(case) / 400.0).powi(6) * 35_000.0).round();
        csv += &format!("{},{hormone}\n", 40 + case % 50);
    }
    Cases::from_csv(csv).unwrap()
}

fn drafted(model: &ModelFile, data: &Cases, binning: &Binning) -> Draft {
    let draft = draft_with(model, "imported", data, binning).unwrap();
    comes_back(&draft);
    draft
}

fn quantity<'a>(protocol: &'a Protocol, id: &str) -> &'a Quantity {
    let (_, feature): (usize, &Feature) = protocol.intake().feature(id).unwrap();
    match &feature.kind {
        Kind::Quantity(quantity) => quantity,
        other => panic!("{id} is a {}", other.name()),
    }
}

fn percent(protocol: &Protocol, case: &[Cell]) -> f64 {
    let compiled = compile(protocol).unwrap();
    let bits = protocol.intake().encode(&answers(protocol, case)).unwrap().bits;
    protocol.outputs()[0].value(compiled.program.evaluate(&bits).unwrap()[0]).unwrap()
}

#[test]
fn no_value_as_it_is_recorded_changes_its_side_of_a_limit() {
    let (model, data) = (read(HORMONE.as_bytes()).unwrap(), hormone_data());
    let protocol = drafted(&model, &data, &Binning::default()).protocol;
    let compiled = compile(&protocol).unwrap();
    // Far fewer bits than an even grid of these values takes, and every one is exact.
    assert!(compiled.summary.bits <= 4, "{}", compiled.summary.bits);
    for hormone in (0..3000).chain([5000, 34_999, 50_000]) {
        let case = [Cell::Number(f64::from(hormone))];
        let bits = protocol.intake().encode(&answers(&protocol, &case)).unwrap().bits;
        let own = compiled.program.evaluate(&bits).unwrap()[0];
        let own = protocol.outputs()[0].value(own).unwrap();
        let truth = 100.0 * model.predict(&case).unwrap().values[0];
        assert!((own - truth).abs() < 0.4, "{hormone}: {own}, {truth} by the model");
    }
    let measured = measure(&model, &protocol, &compiled, &data).unwrap();
    assert!(measured.largest < 0.004, "{measured:?}");
    assert_eq!((measured.cases, measured.classes_changed), (400, Some(0)));
}

#[test]
fn edges_stand_between_recordable_values_among_others_without_a_need() {
    let (model, data) = (read(HORMONE.as_bytes()).unwrap(), hormone_data());
    let edges = |binning: &Binning| {
        let protocol = drafted(&model, &data, binning).protocol;
        quantity(&protocol, "hormone").edges.clone()
    };
    let one = edges(&Binning { key: [1; 32], ..Binning::default() });
    // As many bins as the bits of a code tell apart; limits are moved by less than a step.
    assert_eq!(one.len(), 7, "{one:?}");
    assert!(one.iter().all(|edge| edge.fract() == 0.5), "{one:?}");
    for limit in [137.5, 362.5, 2143.5] {
        assert!(one.contains(&limit), "{limit} in {one:?}");
    }
    assert_eq!(one, edges(&Binning { key: [1; 32], ..Binning::default() }));
    let other = edges(&Binning { key: [2; 32], ..Binning::default() });
    assert_ne!(one, other);
    let common: BTreeSet<u64> = one.iter().map(|edge| edge.to_bits()).collect();
    let both = other.iter().filter(|edge| common.contains(&edge.to_bits())).count();
    assert!(both < 6, "decoys hardly depend on the key: {one:?} {other:?}");
}

#[test]
fn a_later_version_repeats_the_edges_that_are_public() {
    let (model, data) = (read(HORMONE.as_bytes()).unwrap(), hormone_data());
    let first = drafted(&model, &data, &Binning::default()).protocol;
    let retrained = HORMONE.replace("threshold=362 137 2143.5", "threshold=410 155 1800.5");
    let retrained = read(retrained.as_bytes()).unwrap();
    let earlier = vec![first.intake().clone()];
    let second = drafted(&retrained, &data, &Binning { earlier, ..Binning::default() }).protocol;
    let before = &quantity(&first, "hormone").edges;
    let after = &quantity(&second, "hormone").edges;
    assert!(before.iter().all(|edge| after.contains(edge)), "{before:?} {after:?}");
    assert!([155.5, 410.5, 1800.5].iter().all(|edge| after.contains(edge)), "{after:?}");
}

#[test]
fn limits_are_published_only_if_it_is_asked_for() {
    let (model, data) = (read(HORMONE.as_bytes()).unwrap(), hormone_data());
    let binning = Binning { publish_thresholds: true, ..Binning::default() };
    let raw = drafted(&model, &data, &binning);
    let edges = &quantity(&raw.protocol, "hormone").edges;
    // LightGBM's limits belong below.
    let next = [137.0f64, 362.0, 2143.5].map(f64::next_up);
    assert_eq!(edges[..], next);
    assert!(raw.told[0].contains("the model's own limits: hormone"), "{:?}", raw.told);
    let hidden = drafted(&model, &data, &Binning::default());
    assert!(hidden.told[0].contains("that the model doesn't have"), "{:?}", hidden.told);
}

#[test]
fn what_is_measured_is_the_distance_from_the_file_and_names_the_feature() {
    let (model, data) = (read(HORMONE.as_bytes()).unwrap(), hormone_data());
    let draft = drafted(&model, &data, &Binning::default());
    // Somebody moves a limit by hand, in intake and model alike: nothing in the protocol shows it.
    let toml = draft.to_toml().unwrap().replace("362.5", "900.5");
    let moved = Protocol::from_toml(&toml).unwrap();
    let measured = measure(&model, &moved, &compile(&moved).unwrap(), &data).unwrap();
    assert!(measured.largest > 0.2, "{measured:?}");
    assert_eq!(measured.feature.as_deref(), Some("hormone"));
    assert!(percent(&moved, &[Cell::Number(500.0)]) < 50.0);
}

#[test]
fn a_number_that_stands_for_a_gap_is_read_as_one() {
    let options = cso_model_files::Options { missing: Some(-1.0), ..Default::default() };
    let model = cso_model_files::read_with(XGBOOST.as_bytes(), &options).unwrap();
    let data =
        Cases::from_csv("age,weight,smoker\n41,70.5,0\n80,99.25,1\n-1,55.5,0\n63,-1,1\n").unwrap();
    let protocol = drafted(&model, &data, &Binning::default()).protocol;
    assert_eq!(quantity(&protocol, "age").missing_codes, [-1.0]);
    let age = protocol.intake().feature("age").unwrap().1;
    assert_eq!(age.parse_answer("-1").unwrap(), age.parse_answer("missing").unwrap());
    let gap = percent(&protocol, &[Cell::Missing, Cell::Number(55.5), Cell::Number(0.0)]);
    let code = percent(&protocol, &[Cell::Number(-1.0), Cell::Number(55.5), Cell::Number(0.0)]);
    assert_eq!(gap, code);
}

/// A model of one column that is computed from two, as an exporter writes it.
const RATIO: &str = r#"{"format":"cso-model","version":1,
 "made_by":{"package":"test 1","library":"test 1","model":"ratio"},
 "features":[{"name":"weight","kind":"number","unit":"kg"},{"name":"height","kind":"number","unit":"m"}],
 "derived":[{"name":"index","expression":["/","weight",["^","height",2]]}],
 "outcome":{"name":"y","kind":"probability","classes":["no","yes"]},
 "sums":[{"constant":-8,"terms":[{"kind":"linear","column":"index","weight":0.25}]}],
 "output":{"parts":[{"curves":["logistic"]}]},
 "sample":{"columns":["weight","height"],"rows":[[80,1.6]],"values":[[0.4533]]}}"#;

#[test]
fn a_computed_column_is_computed_at_home() {
    let text = RATIO.replace("0.4533", &(1.0 / (1.0 + (8.0f64 - 0.25 * 31.25).exp())).to_string());
    let model = read(text.as_bytes()).unwrap();
    let mut csv = String::from("weight,height\n");
    for case in 0..200 {
        csv += &format!("{},{}\n", 50 + case % 60, f64::from(150 + case / 5) / 100.0);
    }
    let data = Cases::from_csv(csv).unwrap();
    let protocol = drafted(&model, &data, &Binning::default()).protocol;
    let locals = protocol.intake().features().iter().map(|feature| (&*feature.id, feature.local));
    assert_eq!(locals.collect::<Vec<_>>(), [("weight", true), ("height", true), ("index", false)]);
    assert_eq!(quantity(&protocol, "height").unit, "m");
    let derived = protocol.intake().derive(
        &[("weight", 80.0), ("height", 1.6)]
            .map(|(id, number)| (id.to_owned(), cso_clinical::Value::Quantity(number)))
            .into(),
    );
    let cso_clinical::Value::Quantity(index) = derived[0].value else { panic!("{derived:?}") };
    assert!((index - 31.25).abs() < 1e-9, "{index}");
    let compiled = compile(&protocol).unwrap();
    let measured = measure(&model, &protocol, &compiled, &data).unwrap();
    assert!(measured.largest < 0.008, "{measured:?}");
}
