// SPDX-License-Identifier: Apache-2.0
//! Writing an imported model as a native protocol file.

use std::fmt::Write;

use super::{Cases, Ensemble, ImportError, Node, Objective, Split, Tree};
use crate::intake::check_id;

/// Grid points of a feature that isn't whole: 8 bits.
const LEVELS: f64 = 255.0;
/// Values of a regression's output: fewer keep more of the model private.
const OUTPUT_LEVELS: f64 = 200.0;

/// How a feature is asked.
enum Grid {
    Flag,
    Quantity { min: f64, max: f64, step: f64 },
}

impl Ensemble {
    /// Writes a protocol file for the model: ranges and steps of the features are taken from the
    /// data, texts are left for the expert to fill in.
    pub fn to_protocol(&self, id: &str, data: &Cases) -> Result<String, ImportError> {
        let mut grids = Vec::with_capacity(self.features.len());
        let mut missing = Vec::with_capacity(self.features.len());
        for feature in &self.features {
            if check_id("feature", feature).is_err() {
                return Err(ImportError::FeatureName {
                    feature: feature.clone(),
                });
            }
            let values = data.numbers(feature)?;
            grids.push(infer(feature, &values)?);
            missing.push(values.contains(&None));
        }
        let mut toml = header(id);
        for ((feature, grid), missing) in self.features.iter().zip(&grids).zip(&missing) {
            toml += &intake(feature, grid, *missing);
        }
        toml += &self.output(&data.table(&self.features)?);
        for tree in &self.trees {
            let tree = self.tree(tree, 0, &grids, &missing);
            toml += &format!("\n[[model.term]]\ntree = {tree}\n");
        }
        Ok(toml)
    }

    fn output(&self, cases: &[Vec<Option<f64>>]) -> String {
        let intercept = self.intercept;
        match self.objective {
            Objective::Binary => format!(
                r#"
[[output]]
id = "risk"
label = "Probability"
unit = "%"
min = 0
max = 100
step = 1
# Replace this by what the ranges mean.
meaning = [{{ from = 0, to = 100, text = "Probability by the model." }}]

[model]
intercept = {intercept:?}

[[model.output]]
id = "risk"
link = "logistic"
times = 100
"#
            ),
            Objective::Regression => {
                let predictions = cases.iter().map(|case| self.predict(case));
                let (low, high) = predictions
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                        (low.min(value), high.max(value))
                    });
                let (min, max, step) = nice(low.min(high - 1e-6), high, OUTPUT_LEVELS);
                format!(
                    r#"
[[output]]
id = "value"
label = "Value"
min = {min:?}
max = {max:?}
step = {step:?}
# Replace this by what the ranges mean.
meaning = [{{ from = {min:?}, to = {max:?}, text = "Value by the model." }}]

[model]
intercept = {intercept:?}

[[model.output]]
id = "value"
clamp = true
"#
                )
            }
        }
    }

    /// The tree as nested inline tables, or a number.
    fn tree(&self, tree: &Tree, at: usize, grids: &[Grid], missing: &[bool]) -> String {
        match tree.nodes[at] {
            Node::Leaf(points) => format!("{points:?}"),
            Node::Split(split) => {
                let then = self.tree(tree, split.left, grids, missing);
                let otherwise = self.tree(tree, split.right, grids, missing);
                match self.question(&split, &grids[split.feature], missing[split.feature]) {
                    Question::If(condition) => {
                        format!("{{ if = \"{condition}\", then = {then}, else = {otherwise} }}")
                    }
                    Question::Always(true) => then,
                    Question::Always(false) => otherwise,
                }
            }
        }
    }

    fn question(&self, split: &Split, grid: &Grid, can_miss: bool) -> Question {
        let name = format!("`{}`", self.features[split.feature]);
        let below = |value: f64| {
            if split.inclusive {
                value <= split.threshold
            } else {
                value < split.threshold
            }
        };
        let test = match grid {
            Grid::Flag => match (below(0.0), below(1.0)) {
                (true, true) => Question::Always(true),
                (false, false) => Question::Always(false),
                // The threshold lies between 0 and 1: 0 goes left.
                _ => Question::If(format!("not {name}")),
            },
            Grid::Quantity { .. } => {
                let sign = if split.inclusive { "<=" } else { "<" };
                Question::If(format!("{name} {sign} {:?}", split.threshold))
            }
        };
        match (test, can_miss) {
            (test, false) => test,
            // Tests of a missing feature are false, so `not flag` would hold: say what is meant.
            (Question::If(test), true) if split.missing_left => {
                Question::If(format!("{name} is missing or {test}"))
            }
            (Question::If(test), true) => Question::If(format!("{test} and not {name} is missing")),
            (Question::Always(left), true) if left == split.missing_left => Question::Always(left),
            (Question::Always(true), true) => Question::If(format!("not {name} is missing")),
            (Question::Always(false), true) => Question::If(format!("{name} is missing")),
        }
    }
}

enum Question {
    If(String),
    Always(bool),
}

fn infer(feature: &str, values: &[Option<f64>]) -> Result<Grid, ImportError> {
    let known = || values.iter().copied().flatten();
    let low = known().fold(f64::INFINITY, f64::min);
    let high = known().fold(f64::NEG_INFINITY, f64::max);
    // Also refuses a column without values: the least is infinite then.
    if high <= low || !low.is_finite() {
        return Err(ImportError::ColumnConstant {
            feature: feature.to_owned(),
        });
    }
    if known().all(|value| value == 0.0 || value == 1.0) {
        return Ok(Grid::Flag);
    }
    let whole = known().all(|value| value == value.trunc());
    let (min, max, step) = if whole && high - low <= LEVELS {
        (low, high, 1.0)
    } else {
        nice(low, high, LEVELS)
    };
    Ok(Grid::Quantity { min, max, step })
}

/// A grid of at most `levels` steps of 1, 2 or 5 times a power of ten that encloses a range.
fn nice(low: f64, high: f64, levels: f64) -> (f64, f64, f64) {
    // Two steps are kept for rounding the ends outwards.
    let exact = ((high - low) / (levels - 2.0)).max(1e-9);
    let power = exact.log10().floor() as i32;
    let unit = 10f64.powi(power);
    let factor = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * unit >= exact)
        .unwrap_or(10.0);
    let step = clean(factor * unit, power);
    (
        clean((low / step).floor() * step, power),
        clean((high / step).ceil() * step, power),
        step,
    )
}

/// The number without what binary fractions add beyond the decimals of 10^power.
fn clean(value: f64, power: i32) -> f64 {
    let decimals = usize::try_from(-power).unwrap_or(0);
    format!("{value:.decimals$}").parse().unwrap_or(value)
}

fn header(id: &str) -> String {
    format!(
        r#"# Made from a model file: fill in what stands in capitals.
format = 1

[protocol]
id = "{id}"
title = "TITLE"
version = "0.1.0"
language = "en"
licence = "LICENCE"
intended_use = "FOR WHOM AND FOR WHAT QUESTION"
"#
    )
}

fn intake(feature: &str, grid: &Grid, missing: bool) -> String {
    let mut toml = format!("\n[[intake]]\nid = \"{feature}\"\nlabel = \"{feature}\"\n");
    // Writing to a string can't fail.
    let _ = match grid {
        Grid::Flag => writeln!(toml, "kind = \"flag\""),
        Grid::Quantity { min, max, step } => writeln!(
            toml,
            "kind = \"quantity\"\nunit = \"1\"\nmin = {min:?}\nmax = {max:?}\nstep = {step:?}\nrounding = \"nearest\""
        ),
    };
    if missing {
        toml += "missing = true\n";
    }
    toml
}
