// SPDX-License-Identifier: Apache-2.0
//! Folders with a model, cases and the numbers that the model's own library predicts.

use std::fs;
use std::path::{Path, PathBuf};

use cso_model_files::{read_with, Cases, ModelFile, Options};

/// A folder: `model.*`, `cases.csv`, `expected.csv`, maybe `options` and `train.csv`.
pub(crate) struct Trained {
    pub(crate) folder: PathBuf,
    pub(crate) model: ModelFile,
}

impl Trained {
    pub(crate) fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("options")).unwrap_or_default();
        let mut options = Options::default();
        match text.trim().split_once(' ') {
            Some(("iterations", number)) => options.iterations = Some(number.parse().unwrap()),
            Some(("missing", number)) => options.missing = Some(number.parse().unwrap()),
            _ => assert_eq!(text, ""),
        }
        Self::with(folder, &options)
    }

    pub(crate) fn with(folder: &Path, options: &Options) -> Self {
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let file = files.filter(|file| file.file_stem().is_some_and(|stem| stem == "model"));
        let bytes = fs::read(file.min().unwrap()).unwrap();
        let model = read_with(&bytes, options)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        Self { folder: folder.to_owned(), model }
    }

    pub(crate) fn table(&self, name: &str) -> Option<Cases> {
        let csv = fs::read(self.folder.join(name)).ok()?;
        Some(Cases::from_csv(csv).unwrap())
    }

    /// The greatest difference from the library's numbers, relative where these are above 1.
    pub(crate) fn worst(&self) -> f64 {
        let (cases, expected) = (self.table("cases.csv"), self.table("expected.csv").unwrap());
        let cases = cases.unwrap();
        let model = self.model.named_by(&cases).unwrap();
        let cases = model.table(&cases).unwrap();
        assert_eq!(cases.len(), expected.len());
        let mut worst = 0.0f64;
        for (row, case) in cases.iter().enumerate() {
            let values = model.predict(case).expect("a prediction").values;
            assert_eq!(values.len(), expected.columns().len(), "{}", self.folder.display());
            for (column, value) in values.iter().enumerate() {
                let expected: f64 = expected.cell(row, column).parse().unwrap();
                worst = worst.max((value - expected).abs() / expected.abs().max(1.0));
            }
        }
        worst
    }
}
