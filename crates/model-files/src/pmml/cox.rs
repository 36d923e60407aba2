// SPDX-License-Identifier: Apache-2.0
//! CoxRegression: the baseline's cumulative hazard at the time times the relative hazard.

use std::sync::Arc;

use roxmltree::Node as Xml;

use super::fields::{Field, Scope};
use super::mixture::Mixture;
use super::xml::{child, named, need, need_number, refuse, unsupported};
use super::Predictor;
use crate::{shorten, Cell, Curve, Function, Interval, ModelFileError, Sum, Term, Variable};

/// Most steps of a baseline.
const MAX_STEPS: usize = 10_000;
/// The logarithm of a cumulative hazard of 0 is that of the first step less this: a ten-thousandth
/// of it.
const NOTHING: f64 = 9.2;

/// The cumulative hazard `H(t) * exp(linear)` at the horizon, or at the time that a column says.
pub(super) fn read(
    model: Xml<'_, '_>,
    scope: &Scope<'_>,
    mut linear: Sum,
    horizon: Option<f64>,
) -> Result<Predictor, ModelFileError> {
    for (attribute, instead) in [
        ("baselineStrataVariable", "write one model a stratum"),
        ("startTimeVariable", "use times since the start alone"),
    ] {
        if model.has_attribute(attribute) {
            return Err(unsupported(format!("`{attribute}` of a CoxRegression"), instead));
        }
    }
    let steps = Steps::read(model)?;
    if let Some(horizon) = horizon {
        linear.constant += steps.at(horizon)?;
    } else {
        let time = need(model, "endTimeVariable")?;
        let Some(Field::Variable(typed)) = scope.find(time) else {
            return Err(unsupported(
                format!("a CoxRegression without a time (its baseline ends at {})", steps.greatest),
                "say `--horizon TIME` in the baseline's unit, or make the endTimeVariable an active MiningField",
            ));
        };
        let Variable { column, function } = typed.factor();
        let factors = vec![Variable { column, function: Arc::new(steps.of(function)) }];
        linear.terms.push(Term::Product { factors, weight: 1.0 });
    }
    let value = Mixture::of(linear).curve(Curve::Exp, "CoxRegression")?;
    Ok(Predictor::Number { value, codes: None })
}

/// The risk `1 - exp(-H)` of a cumulative hazard.
pub(super) fn risk(hazard: &Mixture) -> Result<Mixture, ModelFileError> {
    let survival = hazard.line(-1.0, 0.0).curve(Curve::Exp, "CoxRegression")?;
    Ok(survival.line(-1.0, 1.0))
}

/// The logarithm of the baseline's cumulative hazard from each time on, in ascending order.
struct Steps {
    steps: Vec<(f64, f64)>,
    greatest: f64,
}

impl Steps {
    fn read(model: Xml<'_, '_>) -> Result<Self, ModelFileError> {
        let tables = child(model, "BaseCumHazardTables")
            .ok_or_else(|| refuse("a CoxRegression has no BaseCumHazardTables"))?;
        if child(tables, "BaselineStratum").is_some() {
            return Err(unsupported("a BaselineStratum", "write one model a stratum"));
        }
        let greatest = need_number(tables, "maxTime")?;
        let mut hazards = Vec::new();
        for cell in named(tables, "BaselineCell") {
            hazards.push((need_number(cell, "time")?, need_number(cell, "cumHazard")?));
        }
        if hazards.len() > MAX_STEPS {
            return Err(refuse(format!("a baseline has more than {MAX_STEPS} steps")));
        }
        hazards.sort_by(|a, b| a.0.total_cmp(&b.0));
        let falls = hazards.windows(2).any(|pair| pair[0].0 == pair[1].0 || pair[0].1 > pair[1].1);
        if falls || hazards.first().is_none_or(|first| first.1 < 0.0) {
            return Err(refuse("the cumulative hazards of a baseline don't ascend from 0"));
        }
        let least = hazards.iter().map(|(_, hazard)| *hazard).find(|hazard| *hazard > 0.0);
        let nothing = least.ok_or_else(|| refuse("a baseline has no hazard"))?.ln() - NOTHING;
        let mut steps = vec![(f64::NEG_INFINITY, nothing)];
        for (time, hazard) in hazards {
            let logarithm = if hazard > 0.0 { hazard.ln() } else { nothing };
            if steps.last().is_none_or(|last| last.1 != logarithm) {
                steps.push((time, logarithm));
            }
        }
        Ok(Self { steps, greatest })
    }

    /// The logarithm at a time.
    fn at(&self, time: f64) -> Result<f64, ModelFileError> {
        if !(0.0..=self.greatest).contains(&time) {
            return Err(refuse(format!(
                "`--horizon` is {}: the baseline reaches from 0 to {}",
                shorten(&time.to_string()),
                self.greatest
            )));
        }
        let next = self.steps.partition_point(|step| step.0 <= time);
        Ok(self.steps[next.saturating_sub(1)].1)
    }

    /// The logarithm as a function of the time; missing beyond the greatest.
    fn of(&self, time: Arc<Function>) -> Function {
        let ends = self.steps.iter().skip(1).map(|step| (step.0, false));
        let ends = ends.chain([(self.greatest, true)]);
        let bins = self.steps.iter().zip(ends).map(|((start, logarithm), end)| {
            let low = (start.is_finite()).then_some((*start, true));
            (Interval { low, high: Some(end) }, Cell::Number(*logarithm))
        });
        Function::Bins(time, bins.collect(), Cell::Missing)
    }
}
