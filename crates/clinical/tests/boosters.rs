// SPDX-License-Identifier: Apache-2.0
//! Boosters that become protocols, and data that doesn't fit them.

#[path = "../../model-files/tests/common/boosters.rs"]
mod boosters;
mod common;

use boosters::{three_classes, DATA, XGBOOST};
use common::{answers, drafted};
use cso_clinical::{compile, draft, DraftError};
use cso_model_files::{Cases, CasesError, ModelFile};

fn model(text: &str) -> ModelFile {
    cso_model_files::read(text.as_bytes()).unwrap()
}

#[test]
fn an_imported_model_becomes_a_protocol_that_agrees_with_it() {
    let model = model(XGBOOST);
    let data = Cases::from_csv(DATA).unwrap();
    let protocol = drafted(&model, &data);
    let compiled = compile(&protocol).unwrap();
    for case in &model.table(&data).unwrap() {
        let bits = protocol.intake().encode(&answers(&protocol, case)).unwrap().bits;
        let raw = compiled.program.evaluate(&bits).unwrap()[0];
        let percent = protocol.outputs()[0].value(raw).unwrap();
        let predicted = model.predict(case).unwrap().values[0];
        assert!((percent - 100.0 * predicted).abs() <= 0.3, "{case:?}: {percent}");
    }
    let kinds: Vec<(&str, bool)> = protocol
        .intake()
        .features()
        .iter()
        .map(|feature| (feature.kind.name(), feature.missing))
        .collect();
    // The trees say what they do with a gap, of every feature.
    assert_eq!(kinds, [("quantity", true), ("quantity", true), ("flag", true)]);
}

#[test]
fn several_classes_become_an_output_each_and_a_ranking() {
    let model = model(&three_classes());
    let data = Cases::from_csv(DATA).unwrap();
    let protocol = drafted(&model, &data);
    let compiled = compile(&protocol).unwrap();
    let description = protocol.description();
    for case in &model.table(&data).unwrap() {
        let bits = protocol.intake().encode(&answers(&protocol, case)).unwrap().bits;
        let raw = compiled.program.evaluate(&bits).unwrap();
        let readings = description.interpret(&raw, &Default::default()).unwrap();
        let predicted = model.predict(case).unwrap();
        let class = predicted.class.unwrap();
        assert_eq!(readings.len(), 4);
        assert_eq!(readings[3].text, model.classes()[class], "{case:?}");
        assert!((readings[3].value - 100.0 * predicted.values[class]).abs() < 1.0, "{readings:?}");
    }
    // Nobody is offered it before what only the expert knows is written.
    let error = cso_clinical::Description::from_json(&description.to_json()).unwrap_err();
    assert!(error.to_string().contains("left to be written: protocol title `TITLE`"), "{error}");
}

#[test]
fn refuses_data_that_does_not_fit_the_model() {
    let refuse = |text: &str, csv: &str| {
        draft(&model(text), "x", &Cases::from_csv(csv).unwrap()).unwrap_err()
    };
    assert!(
        matches!(refuse(XGBOOST, "age,weight\n1,2\n3,4\n"), DraftError::Cases(CasesError::ColumnMissing { column, .. }) if column == "smoker")
    );
    assert!(
        matches!(refuse(XGBOOST, "age,weight,smoker\n,2,0\n,3,1\n"), DraftError::ColumnEmpty { feature } if feature == "age")
    );
    let nine = three_classes()
        .replace("\"num_class\":\"3\"", "\"num_class\":\"9\"")
        .replace("[5E-1,2.5E-1,0]", "[5E-1]");
    assert_eq!(refuse(&nine, DATA), DraftError::Classes { found: 9, most: 8 });
}

#[test]
fn names_in_any_language_become_ids_and_labels_keep_them() {
    let named = XGBOOST.replace("\"age\"", "\"Größe, in cm (≥ 1 = ja)\"");
    let data = DATA.replacen("age", "\"Größe, in cm (≥ 1 = ja)\"", 1);
    let protocol = drafted(&model(&named), &Cases::from_csv(&data).unwrap());
    let first = &protocol.intake().features()[0];
    assert_eq!(&*first.label, "Größe, in cm (≥ 1 = ja)");
    assert!(first.id.is_ascii(), "{}", first.id);
}

#[test]
fn a_column_that_never_changes_is_asked_all_the_same() {
    let data = Cases::from_csv("age,weight,smoker\n50,70,0\n50,80,0\n50,90,0\n").unwrap();
    let protocol = drafted(&model(XGBOOST), &data);
    let kinds = protocol.intake().features().iter().map(|feature| feature.kind.name());
    assert_eq!(kinds.collect::<Vec<_>>(), ["quantity", "quantity", "flag"]);
}
