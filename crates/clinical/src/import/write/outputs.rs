// SPDX-License-Identifier: Apache-2.0
//! Outputs for what a model predicts, on grids that are fine enough and no finer.

use std::fmt::Write;

use super::super::{Answer, Curve, ImportError, Imported, Reason, Scale, Share, Sum, Term};
use super::asked::{nice, unique_id};
use super::quote;
use crate::protocol::MAX_OUTPUTS;

/// Values of a number that comes back: fewer keep more of the model private.
const NUMBER_LEVELS: f64 = 200.0;
/// Values of a class's score: as many as 8 bits hold, since the class is found by comparing them.
const SCORE_LEVELS: f64 = 255.0;
/// Most values of a score whose points are whole numbers, or whole numbers of some decimal.
const EXACT_LEVELS: f64 = 512.0;
/// Steps tried for such scores, the coarsest first.
const EXACT_STEPS: [f64; 14] =
    [100.0, 50.0, 25.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.25, 0.2, 0.1, 0.05, 0.01];

/// What a protocol file says of outputs: `[[output]]` and `[[ranking]]`, and `[[model.output]]`.
#[derive(Default)]
pub(super) struct Outputs {
    pub public: String,
    pub links: String,
    /// The sums with their names; `None` for the only one.
    pub sums: Vec<(Option<String>, Sum)>,
    /// What to tell in a comment at the top.
    pub note: Option<String>,
    ids: Vec<String>,
}

/// The grid of an output.
#[derive(Clone, Copy)]
struct Grid {
    min: f64,
    max: f64,
    step: f64,
}

const PERCENT: Grid = Grid { min: 0.0, max: 100.0, step: 1.0 };
const HALF_PERCENT: Grid = Grid { min: 0.0, max: 100.0, step: 0.5 };

/// Outputs for the model; `cases` are the sums of each case of the data.
pub(super) fn outputs(model: &Imported, cases: &[Vec<f64>]) -> Result<Outputs, ImportError> {
    let mut outputs = Outputs::default();
    match &model.answer {
        Answer::Number(scale) => outputs.number(model, scale, cases),
        Answer::Probability { labels, scale } => {
            let link = link_of(scale.curve, 100.0 * scale.times, 100.0 * scale.plus);
            let label = format!("Probability of {}", labels[1]);
            let range = any_meaning(PERCENT, "Probability by the model.");
            outputs.push("probability", &label, Some("%"), PERCENT, &range, &link);
            outputs.sums.push((None, model.sums[0].clone()));
        }
        Answer::Class { labels, .. } => outputs.class(labels, &model.sums[0]),
        Answer::Classes { labels, share } => outputs.classes(labels, *share, &model.sums, cases)?,
    }
    Ok(outputs)
}

fn link_of(curve: Curve, times: f64, plus: f64) -> String {
    let curve = match curve {
        Curve::Identity => "",
        Curve::Logistic => "link = \"logistic\"\n",
        Curve::Exp => "link = \"exp\"\n",
    };
    let times = if times == 1.0 { String::new() } else { format!("times = {times:?}\n") };
    let plus = if plus == 0.0 { String::new() } else { format!("plus = {plus:?}\n") };
    format!("{curve}{times}{plus}clamp = true\n")
}

fn any_meaning(Grid { min, max, .. }: Grid, text: &str) -> String {
    format!("# Replace this by what the ranges mean.\nmeaning = [{{ from = {min:?}, to = {max:?}, text = {} }}]\n", quote(text))
}

impl Outputs {
    /// Adds an output and returns its id.
    fn push(
        &mut self,
        id: &str,
        label: &str,
        unit: Option<&str>,
        grid: Grid,
        meaning: &str,
        link: &str,
    ) -> String {
        let id = unique_id(id, self.ids.iter().map(String::as_str));
        let unit = unit.map_or(String::new(), |unit| format!("unit = {}\n", quote(unit)));
        let Grid { min, max, step } = grid;
        let (quoted, label) = (quote(&id), quote(label));
        // Writing to a string can't fail.
        let _ = write!(
            self.public,
            "\n[[output]]\nid = {quoted}\nlabel = {label}\n{unit}min = {min:?}\nmax = {max:?}\nstep = {step:?}\n{meaning}"
        );
        let _ = write!(self.links, "\n[[model.output]]\nid = {quoted}\n{link}");
        self.ids.push(id.clone());
        id
    }

    fn number(&mut self, model: &Imported, scale: &Scale, cases: &[Vec<f64>]) {
        let sum = &model.sums[0];
        let exact = exact_grid(sum, scale);
        let grid = exact.unwrap_or_else(|| {
            grid_of(cases.iter().map(|sums| scale.value(sums[0])), NUMBER_LEVELS)
        });
        let mut link = link_of(scale.curve, scale.times, scale.plus);
        if exact.is_some() {
            link = link.replace("clamp = true\n", "");
        }
        let reasons = model.reasons.as_ref();
        let (id, label, text) = match reasons.is_some() || model.kind.contains("Scorecard") {
            true => ("score", "Score", "Score by the model."),
            false => ("value", "Value", "Value by the model."),
        };
        self.push(id, label, None, grid, &any_meaning(grid, text), &link);
        self.sums.push((None, sum.clone()));
        let Some(reasons) = reasons else {
            return;
        };
        if reasons.parts.len() > MAX_OUTPUTS - 1 || reasons.parts.len() < 2 {
            let found = reasons.parts.len();
            self.note = Some(format!(
                "Reason codes are left out: {found} characteristics, and 2 to {} have room beside the score.",
                MAX_OUTPUTS - 1
            ));
            return;
        }
        self.sums[0].0 = Some("total".to_owned());
        self.links =
            self.links.replacen("id = \"score\"\n", "id = \"score\"\nsum = \"total\"\n", 1);
        let mut ids = Vec::new();
        for part in &reasons.parts {
            ids.push(self.reason(part));
        }
        let ids: Vec<String> = ids.iter().map(|id| quote(id)).collect();
        let _ = write!(
            self.public,
            "\n# What costs most points. Taking it out, with its outputs and sums, keeps more of the model private.\n\
             [[ranking]]\nid = \"reasons\"\nlabel = \"Reasons\"\noutputs = [{}]\ntop = {}\n",
            ids.join(", "),
            reasons.top.min(ids.len())
        );
    }

    /// The points that one characteristic costs, with its reason codes.
    fn reason(&mut self, part: &Reason) -> String {
        let sum = Sum { constant: 0.0, terms: vec![Term::Tree(part.cost.clone())] };
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
        let value = |at: u64| crate::intake::tidy(grid.min + at as f64 * grid.step);
        let ranges = codes.iter().enumerate().map(|(place, (at, code))| {
            let from = if place == 0 { 0 } else { *at };
            let to = codes.get(place + 1).map_or(top, |(next, _)| next - 1);
            format!(
                "{{ from = {:?}, to = {:?}, name = {}, text = {} }}",
                value(from),
                value(to),
                quote(code),
                quote(&format!("Points that {} costs.", part.name))
            )
        });
        let meaning = format!("meaning = [{}]\n", ranges.collect::<Vec<_>>().join(", "));
        let id = unique_id(&format!("reason {}", part.name), self.ids.iter().map(String::as_str));
        let link = format!("sum = {}\nclamp = true\n", quote(&id));
        let id = self.push(&id, &part.name, None, grid, &meaning, &link);
        self.sums.push((Some(id.clone()), sum));
        id
    }

    fn class(&mut self, labels: &[String], sum: &Sum) {
        let grid = Grid { min: 0.0, max: (labels.len() - 1) as f64, step: 1.0 };
        let meanings: Vec<String> = labels
            .iter()
            .enumerate()
            .map(|(class, label)| {
                let label = quote(label);
                format!("{{ from = {class}, to = {class}, name = {label}, text = {label} }}")
            })
            .collect();
        let meaning = format!("kind = \"class\"\nmeaning = [{}]\n", meanings.join(", "));
        self.push("class", "Class", None, grid, &meaning, "clamp = true\n");
        self.sums.push((None, sum.clone()));
    }

    fn classes(
        &mut self,
        labels: &[String],
        share: Share,
        sums: &[Sum],
        cases: &[Vec<f64>],
    ) -> Result<(), ImportError> {
        if labels.len() > MAX_OUTPUTS {
            return Err(ImportError::Classes { found: labels.len(), most: MAX_OUTPUTS });
        }
        let (grid, unit, curve, times) = match share {
            Share::Softmax | Share::Scores => {
                (grid_of(cases.iter().flatten().copied(), SCORE_LEVELS), None, Curve::Identity, 1.0)
            }
            Share::Proportion => (HALF_PERCENT, Some("%"), Curve::Identity, 100.0),
            Share::Logistic | Share::LogisticProportion => {
                (HALF_PERCENT, Some("%"), Curve::Logistic, 100.0)
            }
        };
        let probability = match share {
            Share::Softmax => "probability = \"softmax\"\n",
            Share::Proportion | Share::LogisticProportion => "probability = \"proportion\"\n",
            Share::Logistic | Share::Scores => "",
        };
        let text = if unit.is_some() {
            "Share of this class by the model."
        } else {
            "Score of this class by the model."
        };
        let mut ids = Vec::with_capacity(labels.len());
        for (label, sum) in labels.iter().zip(sums) {
            let id = match label.parse::<f64>() {
                Ok(_) => format!("class {label}"),
                Err(_) => label.clone(),
            };
            let id = unique_id(&id, self.ids.iter().map(String::as_str));
            let link = format!("sum = {}\n{}", quote(&id), link_of(curve, times, 0.0));
            let id = self.push(&id, label, unit, grid, &any_meaning(grid, text), &link);
            self.sums.push((Some(id.clone()), sum.clone()));
            ids.push(quote(&id));
        }
        let id = unique_id("class", self.ids.iter().map(String::as_str));
        let _ = write!(
            self.public,
            "\n[[ranking]]\nid = {}\nlabel = \"Class\"\noutputs = [{}]\n{probability}",
            quote(&id),
            ids.join(", ")
        );
        Ok(())
    }
}

/// A grid over all values.
fn grid_of(values: impl Iterator<Item = f64>, levels: f64) -> Grid {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
    // Without any case there is no range: one that can be corrected by hand.
    let (low, high) = if low <= high { (low.min(high - 1e-6), high) } else { (0.0, 1.0) };
    let (min, max, step) = nice(low, high, levels);
    Grid { min, max, step }
}

/// The grid of a sum of trees whose points are multiples of a simple step.
fn exact_grid(sum: &Sum, scale: &Scale) -> Option<Grid> {
    if scale.curve != Curve::Identity {
        return None;
    }
    let of = |points: f64| points * scale.times;
    let constant = of(sum.constant) + scale.plus;
    let (mut low, mut high) = (constant, constant);
    let mut points = vec![constant];
    for term in &sum.terms {
        let Term::Tree(tree) = term else {
            return None;
        };
        let own: Vec<f64> = tree.leaves().map(of).collect();
        low += own.iter().copied().fold(f64::INFINITY, f64::min);
        high += own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        points.extend(own);
    }
    let whole = |step: f64| points.iter().all(|x| (x / step - (x / step).round()).abs() < 1e-9);
    let step = EXACT_STEPS.into_iter().find(|step| whole(*step))?;
    let tidy = crate::intake::tidy;
    (low < high && (high - low) / step < EXACT_LEVELS).then(|| Grid {
        min: tidy(low),
        max: tidy(high),
        step,
    })
}
