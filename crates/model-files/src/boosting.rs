// SPDX-License-Identifier: Apache-2.0
//! What XGBoost, LightGBM and CatBoost have in common.

use serde_json::Value as Json;

use crate::{shorten, Cell, Column, ColumnKind, ModelFileError, Options};

/// How many rounds count: all that the file has, or as many as are asked for.
pub(crate) fn rounds(
    format: &'static str,
    asked: Option<usize>,
    has: usize,
) -> Result<usize, ModelFileError> {
    match asked {
        None => Ok(has),
        Some(asked) if (1..=has).contains(&asked) => Ok(asked),
        Some(asked) => Err(ModelFileError::Syntax {
            format,
            problem: format!("{asked} rounds are asked for, the file has {has}"),
        }),
    }
}

/// Refuses to tell the risk at a time: boosters have no baseline.
pub(crate) fn no_horizon(format: &'static str, options: &Options) -> Result<(), ModelFileError> {
    if options.horizon.is_none() {
        return Ok(());
    }
    Err(ModelFileError::Unsupported {
        format,
        element: "the risk at a time, for which the file has no baseline,".to_owned(),
        instead: "leave out the horizon; the number is what the library predicts",
    })
}

/// The width of a table whose columns the model names only by their numbers, such as `f0`.
pub(crate) fn unnamed(names: &[String], name: impl Fn(usize) -> String) -> Option<usize> {
    let numbered =
        !names.is_empty() && names.iter().enumerate().all(|(index, own)| *own == name(index));
    numbered.then_some(names.len())
}

/// A category or a class as JSON holds it.
pub(crate) fn cell(json: &Json) -> Option<Cell> {
    match json {
        Json::String(text) => Some(Cell::Text(text.as_str().into())),
        Json::Bool(truth) => Some(Cell::Text(truth.to_string().into())),
        Json::Number(number) => number.as_f64().map(Cell::Number),
        _ => None,
    }
}

/// Names of classes that JSON lists, if there are as many as there are classes.
pub(crate) fn labels(json: &Json, classes: usize) -> Option<Vec<String>> {
    let list = json.as_array().filter(|list| list.len() == classes)?;
    list.iter().map(|label| cell(label).map(|label| label.to_string())).collect()
}

/// A count that is written as a text.
pub(crate) fn whole(format: &'static str, text: &str) -> Result<usize, ModelFileError> {
    let problem = || format!("`{}` is no count", shorten(text));
    text.trim().parse().map_err(|_| ModelFileError::Syntax { format, problem: problem() })
}

/// What a feature's codes stand for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Codes {
    /// The codes are what the column holds; or it has no categories.
    Plain,
    /// Names by code.
    Named(Vec<Cell>),
}

impl Codes {
    pub(crate) fn column(&self, name: String, place: usize) -> Column {
        let kind = match self {
            Self::Plain => ColumnKind::Number { range: None },
            Self::Named(values) => ColumnKind::Category { values: values.clone() },
        };
        Column::new(name, kind, place)
    }

    /// What the column holds for codes; a code without a name never occurs.
    pub(crate) fn cells(&self, codes: &[usize]) -> Vec<Cell> {
        let cell = |code: &usize| match self {
            Self::Plain => Some(Cell::Number(*code as f64)),
            Self::Named(names) => names.get(*code).cloned(),
        };
        codes.iter().filter_map(cell).collect()
    }
}
