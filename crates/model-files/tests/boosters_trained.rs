// SPDX-License-Identifier: Apache-2.0
//! Boosters that the libraries trained predict here what they predict there.
//! `data/boosters/make.py` made them.

#[path = "common/trained.rs"]
mod trained;

use std::path::{Path, PathBuf};

use cso_model_files::{Cases, ColumnKind, Options};
use trained::Trained;

fn folders() -> Vec<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/boosters");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

#[test]
fn predicts_what_the_library_predicts() {
    let folders = folders();
    assert!(folders.len() > 60);
    // Single precision in XGBoost.
    let worst = folders.iter().map(|folder| (Trained::read(folder).worst(), folder));
    let wrong: Vec<_> = worst.filter(|(worst, _)| *worst > 2e-6 || worst.is_nan()).collect();
    assert_eq!(wrong, []);
}

#[test]
fn finds_the_number_that_was_read_as_a_gap() {
    for folder in folders() {
        let trained = Trained::with(&folder, &Options::default());
        let name = folder.file_name().unwrap().to_str().unwrap();
        let code = match name {
            "xgb-missing-code" | "lgb-missing-code" => Some(-1.0),
            "xgb-missing-code-classes" => Some(999.0),
            "xgb-missing-code-poisson" => Some(-99.0),
            "xgb-missing-code-share" | "xgb-missing-code-weighted" => Some(-9.0),
            "xgb-missing-zero" => Some(0.0),
            _ => None,
        };
        let data = trained.table("train.csv").or_else(|| trained.table("cases.csv")).unwrap();
        assert_eq!(trained.model.missing_code(&data), code, "{name}");
    }
}

#[test]
fn categories_that_the_data_does_not_have_are_no_answer() {
    let problem = |name: &str, csv: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/boosters").join(name);
        let model = Trained::read(&path).model;
        model.table(&Cases::from_csv(csv).unwrap()).unwrap_err().to_string()
    };
    // The file has hashes: another spelling has another one.
    let csv = "age,crp,potassium,flag,smoking,stage\n".to_owned();
    let csv = csv + &"63,1.4,3.5,0,CURRENT,8\n".repeat(20);
    assert_eq!(
        problem("cat-one-hot-hashes", &csv),
        "column `smoking`: none of its texts is a category that the model tells apart"
    );
    // The file has codes without names.
    let csv = "age,crp,potassium,flag,smoking,stage\n63,1.4,3.5,0,never,8\n";
    assert_eq!(
        problem("xgb-category-codes", csv),
        "data, line 2: column `smoking`: `never` is not a number"
    );
}

#[test]
fn a_copy_of_the_data_names_categories_that_were_cut() {
    let path = "tests/data/boosters/xgb-categories-cut";
    let trained = Trained::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
    let named = trained.model.named_by(&trained.table("cases.csv").unwrap()).unwrap();
    let ward = named.columns().iter().find(|column| column.name == "ward").unwrap();
    let ColumnKind::Category { values } = &ward.kind else { panic!("{ward:?}") };
    let names: Vec<String> = values.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["Nord", "Ost", "Süd", "Übergang"]);
}
