// SPDX-License-Identifier: Apache-2.0
//! Outputs for what a model predicts, on grids that are fine enough and no finer.

use cso_model_files::{Characteristic, Curve, ModelFile, ReasonCodes, Scale, Share, Sum, Target};

use super::grid::{exact_grid, grid_of, Grid};
use super::ids::unique_id;
use super::links::{link, mixed};
use super::DraftError;
use crate::intake::text::Text;
use crate::intake::tidy;
use crate::model::{Link, DEFAULT_SUM};
use crate::outputs::{Meaning, Output, OutputKind, Probability, Ranking, MAX_OUTPUTS};
use crate::protocol::{MEANING, NEXT};

/// Values of a number that comes back: fewer keep more of the model private.
const NUMBER_LEVELS: f64 = 400.0;
/// How far beyond the data a number reaches, as a part of its range.
const BEYOND: f64 = 0.1;
/// Values of a class's score: as many as 10 bits hold, since classes and probabilities are made of
/// them.
const SCORE_LEVELS: f64 = 1023.0;

/// What a model gives, and how.
#[derive(Default)]
pub(super) struct Outputs {
    pub outputs: Vec<Output>,
    pub rankings: Vec<Ranking>,
    /// One an output, each of a sum of its own.
    pub links: Vec<Link>,
    /// The sums with their names, in the outputs' order.
    pub sums: Vec<(String, Sum)>,
    /// What to tell the expert.
    pub notes: Vec<String>,
}

/// An output without its id.
struct New<'a> {
    label: &'a str,
    kind: OutputKind,
    unit: Option<&'a str>,
    grid: Grid,
    meanings: Vec<Meaning>,
}

const HALF_PERCENT: Grid = Grid { min: 0.0, max: 100.0, step: 0.5 };

/// Outputs for the model; `cases` are the sums of each case of the data.
pub(super) fn outputs(model: &ModelFile, cases: &[Vec<f64>]) -> Result<Outputs, DraftError> {
    let mut outputs = Outputs::default();
    match model.target() {
        Target::Number(scales) => outputs.number(model, scales, cases),
        Target::Probability { labels, scales } => {
            let in_percent = |scale: &Scale| Scale {
                times: 100.0 * scale.times,
                plus: 100.0 * scale.plus,
                ..scale.clone()
            };
            let scales: Vec<Scale> = scales.iter().map(in_percent).collect();
            let label = format!("Probability of {}", labels[1]);
            let new = New::number(&label, HALF_PERCENT, MEANING).in_percent();
            let new = New { kind: OutputKind::Probability, ..new };
            let new = match model.cutoff() {
                Some(cutoff) => new.cut(100.0 * cutoff, labels),
                None => new,
            };
            let link = mixed(&scales, cases, true);
            outputs.push_mixed("probability", new, link, model.sums());
        }
        Target::Class { labels, .. } => outputs.class(labels, &model.sums()[0]),
        Target::Classes { labels, share } => {
            outputs.classes(labels, *share, model.sums(), cases)?;
        }
    }
    Ok(outputs)
}

/// A grid that reaches a little beyond the numbers, since other cases will.
fn beyond(numbers: impl Iterator<Item = f64>) -> Grid {
    let numbers: Vec<f64> = numbers.filter(|number| number.is_finite()).collect();
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let more = BEYOND * (high - low);
    let least = if low >= 0.0 { (low - more).max(0.0) } else { low - more };
    grid_of(numbers.into_iter().chain([least, high + more]), NUMBER_LEVELS)
}

impl<'a> New<'a> {
    /// A number all of whose values mean the same.
    fn number(label: &'a str, grid: Grid, text: &str) -> Self {
        let meanings = vec![with_next(meaning(grid.min, grid.max, None, text))];
        Self { label, kind: OutputKind::Number, unit: None, grid, meanings }
    }

    /// With the class's name on both sides of a limit, from which on it's the second one.
    fn cut(mut self, limit: f64, labels: &[String; 2]) -> Self {
        let Grid { min, max, step } = self.grid;
        let first = ((limit - min) / step - 1e-9).ceil().max(0.0);
        let from = tidy(min + first * step);
        if from > min && from <= max {
            let below = tidy(from - step);
            self.meanings = vec![
                with_next(meaning(min, below, Some(&labels[0]), MEANING)),
                with_next(meaning(from, max, Some(&labels[1]), MEANING)),
            ];
        }
        self
    }

    fn in_percent(self) -> Self {
        Self { unit: Some("%"), ..self }
    }
}

fn meaning(from: f64, to: f64, name: Option<&str>, text: &str) -> Meaning {
    Meaning {
        from,
        to,
        when: None,
        name: name.map(Text::from),
        text: text.into(),
        next: None,
        warning: None,
        clinician: None,
        figures: Vec::new(),
    }
}

/// With a next step, which the expert has to write.
fn with_next(meaning: Meaning) -> Meaning {
    Meaning { next: Some(NEXT.into()), ..meaning }
}

impl Outputs {
    fn free_id(&self, wanted: &str) -> String {
        unique_id(wanted, self.outputs.iter().map(|output| output.id.as_str()))
    }

    /// Adds an output of all sums of a model, which has no other one.
    fn push_mixed(&mut self, id: &str, new: New<'_>, link: Link, sums: &[Sum]) {
        self.push(id, DEFAULT_SUM, new, link, &sums[0]);
        let more = sums.iter().enumerate().skip(1);
        self.sums.extend(more.map(|(place, sum)| (format!("part {}", place + 1), sum.clone())));
    }

    /// Adds an output with a sum of its own; the id must be free.
    fn push(&mut self, id: &str, sum_id: &str, new: New<'_>, link: Link, sum: &Sum) {
        let Grid { min, max, step } = new.grid;
        self.links.push(Link { sum: self.sums.len(), ..link });
        self.sums.push((sum_id.to_owned(), sum.clone()));
        self.outputs.push(Output {
            id: id.to_owned(),
            label: new.label.into(),
            kind: new.kind,
            unit: new.unit.map(Text::from),
            min,
            max,
            step,
            guarded: false,
            meanings: new.meanings,
        });
    }

    fn number(&mut self, model: &ModelFile, scales: &[Scale], cases: &[Vec<f64>]) {
        let exact = match (model.sums(), scales) {
            ([sum], [scale]) => exact_grid(sum, scale),
            _ => None,
        };
        let of = |sums: &Vec<f64>| -> f64 {
            scales.iter().zip(sums).map(|(scale, sum)| scale.value(*sum)).sum()
        };
        let grid = exact.unwrap_or_else(|| beyond(cases.iter().map(of)));
        let codes = model.reason_codes();
        let (id, label) = match codes.is_some() || model.kind().contains("Scorecard") {
            true => ("score", "Score"),
            false => ("value", "Value"),
        };
        let new = New::number(label, grid, MEANING);
        let link = mixed(scales, cases, exact.is_none());
        self.push_mixed(id, new, link, model.sums());
        if let Some(codes) = codes {
            self.reasons(codes);
        }
    }

    /// An output for the points that each characteristic costs, and a ranking that names the
    /// greatest.
    fn reasons(&mut self, codes: &ReasonCodes) {
        let found = codes.characteristics.len();
        if !(2..MAX_OUTPUTS).contains(&found) {
            self.notes.push(format!(
                "Reason codes are left out: {found} characteristics, and 2 to {} have room beside the score.",
                MAX_OUTPUTS - 1
            ));
            return;
        }
        let ids: Vec<String> = codes.characteristics.iter().map(|part| self.reason(part)).collect();
        self.notes.push(
            "The ranking names what costs most points. Taking it out, with its outputs and sums, keeps more of the model private."
                .to_owned(),
        );
        self.rankings.push(Ranking {
            id: "reasons".to_owned(),
            label: "Reasons".into(),
            top: codes.top.min(ids.len()),
            outputs: ids,
            probability: None,
        });
    }

    /// The points that one characteristic costs, with its reason codes.
    fn reason(&mut self, part: &Characteristic) -> String {
        let sum = Sum::of_tree(part.cost.clone());
        let costs = part.codes.iter().map(|(cost, _)| *cost);
        let grid = exact_grid(&sum, &Scale::IDENTITY).unwrap_or_else(|| grid_of(costs, 100.0));
        let on_grid = |cost: f64| ((cost - grid.min) / grid.step).round().max(0.0) as u64;
        let mut codes: Vec<(u64, String)> = Vec::new();
        let mut all: Vec<&(f64, String)> = part.codes.iter().collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (cost, code) in all {
            match codes.iter_mut().find(|(at, _)| *at == on_grid(*cost)) {
                Some((_, known)) if known.split(" or ").any(|one| one == code) => {}
                Some((_, known)) => *known += &format!(" or {code}"),
                None => codes.push((on_grid(*cost), code.clone())),
            }
        }
        // Each meaning reaches to the next one: together they cover the grid.
        let top = on_grid(grid.max);
        let value = |at: u64| tidy(grid.min + at as f64 * grid.step);
        let text = format!("Points that {} costs.", part.name);
        let meanings = codes.iter().enumerate().map(|(place, (at, code))| {
            let from = if place == 0 { 0 } else { *at };
            let to = codes.get(place + 1).map_or(top, |(next, _)| next - 1);
            meaning(value(from), value(to), Some(code), &text)
        });
        let id = self.free_id(&format!("reason {}", part.name));
        let new = New {
            label: &part.name,
            kind: OutputKind::Number,
            unit: None,
            grid,
            meanings: meanings.collect(),
        };
        self.push(&id, &id, new, link(&Scale::IDENTITY, &[], true), &sum);
        id
    }

    fn class(&mut self, labels: &[String], sum: &Sum) {
        let grid = Grid { min: 0.0, max: (labels.len() - 1) as f64, step: 1.0 };
        let meanings = labels
            .iter()
            .enumerate()
            .map(|(class, label)| (class as f64, label))
            .map(|(class, label)| with_next(meaning(class, class, Some(label), label)));
        let new = New {
            label: "Class",
            kind: OutputKind::Class,
            unit: None,
            grid,
            meanings: meanings.collect(),
        };
        self.push("class", DEFAULT_SUM, new, link(&Scale::IDENTITY, &[], true), sum);
    }

    fn classes(
        &mut self,
        labels: &[String],
        share: Share,
        sums: &[Sum],
        cases: &[Vec<f64>],
    ) -> Result<(), DraftError> {
        if labels.len() > MAX_OUTPUTS {
            return Err(DraftError::Classes { found: labels.len(), most: MAX_OUTPUTS });
        }
        let percent = |curves| Scale { curves, times: 100.0, plus: 0.0 };
        let (grid, in_percent, scale) = match share {
            Share::Softmax | Share::Scores => {
                let grid = grid_of(cases.iter().flatten().copied(), SCORE_LEVELS);
                (grid, false, Scale::IDENTITY)
            }
            Share::Proportion => (HALF_PERCENT, true, percent(Vec::new())),
            Share::Logistic | Share::LogisticProportion => {
                (HALF_PERCENT, true, percent(vec![Curve::Logistic]))
            }
        };
        let probability = match share {
            Share::Softmax => Some(Probability::Softmax),
            Share::Proportion | Share::LogisticProportion => Some(Probability::Proportion),
            Share::Logistic | Share::Scores => None,
        };
        let mut ids = Vec::with_capacity(labels.len());
        for (label, sum) in labels.iter().zip(sums) {
            let id = match label.parse::<f64>() {
                Ok(_) => format!("class {label}"),
                Err(_) => label.clone(),
            };
            let id = self.free_id(&id);
            let new = match in_percent {
                true => New::number(label, grid, "Share of this class by the model.").in_percent(),
                false => New::number(label, grid, "Score of this class by the model."),
            };
            self.push(&id, &id, new, link(&scale, &[], true), sum);
            ids.push(id);
        }
        self.rankings.push(Ranking {
            id: self.free_id("class"),
            label: "Class".into(),
            outputs: ids,
            top: 1,
            probability,
        });
        Ok(())
    }
}
