// SPDX-License-Identifier: Apache-2.0
//! Boosters that the libraries trained predict here what they predict there.
//! `data/boosters/make.py` made them.

#[path = "common/trained.rs"]
mod trained;

use std::path::{Path, PathBuf};

use cso_model_files::Options;
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
            _ => None,
        };
        let data = trained.table("train.csv").or_else(|| trained.table("cases.csv")).unwrap();
        assert_eq!(trained.model.missing_code(&data), code, "{name}");
    }
}
