// SPDX-License-Identifier: Apache-2.0
//! What holds for every model, whether it is read from a protocol file or made of a model file:
//! numbers of sensible size, bands that cover the range once, transforms within their domain.

use cso_model_files::shorten;

use super::{
    Band, Case, Factor, Knot, Link, LinkKind, ModelError, Sum, Term, TermKind, Transform, Tree,
};
use crate::intake::{Intake, Kind, Quantity};
use crate::outputs::Output;

/// Largest absolute value of points and weights; keeps sums exact in floating point.
const MAX_NUMBER: f64 = 1e9;
/// Largest exponent of a power.
const MAX_EXPONENT: f64 = 100.0;
/// Deepest decision tree.
const MAX_TREE_DEPTH: usize = 32;

impl Sum {
    /// Checks intercept and terms of a sum that was not read from text, conditions included: what
    /// passes can be written to a protocol file and read again.
    pub(crate) fn check(&self, intake: &Intake) -> Result<(), ModelError> {
        number("intercept", "intercept", self.intercept)?;
        for (index, term) in self.terms.iter().enumerate() {
            let feature = term.named_feature().map(|feature| &*intake.features()[feature].id);
            term.check(&term_name(index, feature), intake)?;
            term.check_conditions(intake)?;
        }
        Ok(())
    }
}

/// How messages call a term.
pub(super) fn term_name(index: usize, feature: Option<&str>) -> String {
    let feature = feature.map_or(String::new(), |feature| format!(" ({})", shorten(feature)));
    format!("term {}{feature}", index + 1)
}

impl Link {
    /// Checks the numbers of a link, and that classes are values of its output.
    pub(crate) fn check(&self, output: &Output) -> Result<(), ModelError> {
        let refuse = |problem: String| Err(ModelError::Link { output: output.id.clone(), problem });
        let name = format!("output `{}`", output.id);
        for part in &self.mixed {
            if let LinkKind::Classes(_) = part.kind {
                return refuse("classes can't be mixed".to_owned());
            }
            part.kind.check(output)?;
            number(&name, "times", part.times)?;
        }
        self.kind.check(output)?;
        number(&name, "times", self.times)?;
        number(&name, "plus", self.plus)
    }
}

impl LinkKind {
    fn check(&self, output: &Output) -> Result<(), ModelError> {
        let refuse = |problem: String| Err(ModelError::Link { output: output.id.clone(), problem });
        let name = format!("output `{}`", output.id);
        match self {
            Self::Cox { baseline } if !(*baseline > 0.0 && *baseline < 1.0) => {
                let problem = "link `cox` needs a `baseline` survival between 0 and 1";
                return refuse(problem.to_owned());
            }
            Self::Classes(classes) => {
                for class in classes {
                    if let Some(below) = class.below {
                        number(&name, "below", below)?;
                    }
                    if !output.contains(class.value) {
                        return refuse(format!(
                            "class value {} is outside of the output's {} to {}",
                            class.value, output.min, output.max
                        ));
                    }
                }
                ascending(classes.iter().map(|class| class.below)).or_else(refuse)?;
            }
            Self::Lines(knots) => {
                for knot in knots {
                    number(&name, "at", knot.at)?;
                    number(&name, "points", knot.points)?;
                }
                if knots.len() < 2 || knots.windows(2).any(|pair| pair[0].at >= pair[1].at) {
                    return refuse("`lines` are two points or more, which ascend".to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The term that is checked, with its name for messages.
struct Checked<'a> {
    name: &'a str,
    intake: &'a Intake,
}

impl Term {
    /// Checks everything but the conditions, which are checked where they are read.
    pub(super) fn check(&self, name: &str, intake: &Intake) -> Result<(), ModelError> {
        let checked = Checked { name, intake };
        match &self.kind {
            TermKind::Constant(_) if self.when.is_none() => {
                checked.refuse("`points` need a `feature` or a `when`".to_owned())
            }
            TermKind::Constant(points) => checked.number("points", *points),
            TermKind::Flag { points, missing, .. } => {
                checked.number("missing", *missing)?;
                checked.number("points", *points)
            }
            TermKind::Choice { points, missing, .. } => {
                checked.number("missing", *missing)?;
                points.iter().try_for_each(|points| checked.number("choices", *points))
            }
            TermKind::Bands { feature, bands, missing } => {
                checked.number("missing", *missing)?;
                match &intake.features()[*feature].kind {
                    Kind::Quantity(quantity) => checked.bands(bands, quantity),
                    Kind::Flag | Kind::Choice { .. } => Ok(()),
                }
            }
            TermKind::Weight { factor, weight, missing } => {
                checked.number("missing", *missing)?;
                checked.factor(factor)?;
                checked.number("weight", *weight)
            }
            TermKind::Knots { knots, missing, .. } => {
                checked.number("missing", *missing)?;
                checked.knots(knots)
            }
            TermKind::Product { factors, weight, missing } => {
                checked.number("missing", *missing)?;
                factors.iter().try_for_each(|factor| checked.factor(factor))?;
                checked.number("weight", *weight)
            }
            TermKind::Cases { cases, otherwise } => checked.cases(cases, *otherwise),
            TermKind::Tree(tree) => checked.tree(tree, 0),
        }
    }

    fn check_conditions(&self, intake: &Intake) -> Result<(), ModelError> {
        if let Some(when) = &self.when {
            when.check(intake)?;
        }
        match &self.kind {
            TermKind::Cases { cases, .. } => {
                Ok(cases.iter().try_for_each(|case| case.when.check(intake))?)
            }
            TermKind::Tree(tree) => tree.check_conditions(intake),
            _ => Ok(()),
        }
    }
}

impl Tree {
    fn check_conditions(&self, intake: &Intake) -> Result<(), ModelError> {
        match self {
            Self::Leaf(_) => Ok(()),
            Self::Split { when, then, otherwise } => {
                when.check(intake)?;
                then.check_conditions(intake)?;
                otherwise.check_conditions(intake)
            }
        }
    }
}

impl Checked<'_> {
    fn refuse(&self, problem: String) -> Result<(), ModelError> {
        Err(ModelError::Term { term: self.name.to_owned(), problem })
    }

    fn number(&self, field: &'static str, value: f64) -> Result<(), ModelError> {
        number(self.name, field, value)
    }

    fn bands(&self, bands: &[Band], quantity: &Quantity) -> Result<(), ModelError> {
        let refuse =
            |problem: String| Err(ModelError::Bands { term: self.name.to_owned(), problem });
        ascending(bands.iter().map(|band| band.below)).or_else(refuse)?;
        let (min, max, step) = (quantity.min, quantity.max, quantity.step);
        for band in bands {
            if let Some(below) = band.below {
                let steps = (below - min) / step;
                if below <= min || below > max + step * 1e-6 {
                    return refuse(format!(
                        "the band below {below} is empty or never ends: limits lie above min {min} and up to max {max}"
                    ));
                }
                if quantity.is_binned() && !quantity.edges.contains(&below) {
                    return refuse(format!(
                        "the limit {below} lies within a bin of the feature: use one of its edges"
                    ));
                }
                if !quantity.is_binned() && (steps - steps.round()).abs() > 1e-6 {
                    return refuse(format!(
                        "the limit {below} lies between two steps of the feature (min {min}, step {step}): use a finer step"
                    ));
                }
            }
            self.number("points", band.points)?;
        }
        Ok(())
    }

    fn knots(&self, knots: &[Knot]) -> Result<(), ModelError> {
        if knots.len() < 2 {
            return self.refuse("`knots` has at least two points".to_owned());
        }
        for knot in knots {
            self.number("at", knot.at)?;
            self.number("points", knot.points)?;
        }
        match knots.windows(2).find(|pair| pair[0].at >= pair[1].at) {
            Some(pair) => self.refuse(format!(
                "the knot at {} does not lie above the one before, {}",
                pair[1].at, pair[0].at
            )),
            None => Ok(()),
        }
    }

    fn factor(&self, factor: &Factor) -> Result<(), ModelError> {
        let Factor { feature, transform, centre } = *factor;
        let feature = &self.intake.features()[feature];
        let least = match &feature.kind {
            Kind::Quantity(quantity) => quantity.min,
            Kind::Flag if transform == Transform::Identity => 0.0,
            Kind::Flag => {
                return self
                    .refuse(format!("feature `{}` is a flag: leave `transform` out", feature.id))
            }
            Kind::Choice { .. } => {
                return self.refuse(format!(
                    "feature `{}` is a choice, which can't be multiplied",
                    feature.id
                ))
            }
        };
        let in_domain = match transform {
            Transform::Ln | Transform::Log10 | Transform::Inverse => least > 0.0,
            Transform::Sqrt => least >= 0.0,
            Transform::Identity | Transform::Square => true,
            Transform::Power(exponent) if !(exponent.abs() <= MAX_EXPONENT && exponent != 0.0) => {
                return self.refuse(format!(
                    "`power` is {exponent}: it lies within -{MAX_EXPONENT} and {MAX_EXPONENT} and isn't 0"
                ));
            }
            Transform::Power(exponent) => {
                let is_whole = exponent == exponent.trunc();
                least > 0.0 || exponent > 0.0 && (least >= 0.0 || is_whole)
            }
        };
        if !in_domain {
            return self.refuse(format!(
                "the transform of feature `{}` is not defined at its min {least}: use a higher min",
                feature.id
            ));
        }
        self.number("centre", centre)
    }

    fn cases(&self, cases: &[Case], otherwise: f64) -> Result<(), ModelError> {
        self.number("otherwise", otherwise)?;
        if cases.is_empty() {
            return self.refuse("`cases` is empty".to_owned());
        }
        cases.iter().try_for_each(|case| self.number("points", case.points))
    }

    fn tree(&self, tree: &Tree, depth: usize) -> Result<(), ModelError> {
        if depth > MAX_TREE_DEPTH {
            return self.refuse(format!("the tree is deeper than {MAX_TREE_DEPTH}"));
        }
        match tree {
            Tree::Leaf(points) => self.number("points", *points),
            Tree::Split { then, otherwise, .. } => {
                self.tree(then, depth + 1)?;
                self.tree(otherwise, depth + 1)
            }
        }
    }
}

/// Checks that all but the last have a limit, and that limits ascend.
fn ascending(limits: impl Iterator<Item = Option<f64>>) -> Result<(), String> {
    let limits: Vec<Option<f64>> = limits.collect();
    match limits.split_last() {
        None => return Err("there are no bands or classes".to_owned()),
        Some((Some(last), _)) => {
            return Err(format!(
                "nothing covers values from {last} on: leave `below` out of the last one"
            ));
        }
        Some((None, rest)) if rest.contains(&None) => {
            return Err(
                "one before the last has no `below`: those after it are never reached".to_owned()
            );
        }
        Some(_) => {}
    }
    let ends: Vec<f64> = limits.into_iter().flatten().collect();
    if let Some(end) = ends.iter().find(|end| !end.is_finite()) {
        return Err(format!("the limit {end} is not a finite number"));
    }
    match ends.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => {
            Err(format!("the limit {} does not lie above the one before, {}", pair[1], pair[0]))
        }
        None => Ok(()),
    }
}

pub(super) fn number(term: &str, field: &'static str, value: f64) -> Result<(), ModelError> {
    if value.is_finite() && value.abs() <= MAX_NUMBER {
        Ok(())
    } else {
        Err(ModelError::Number { term: term.to_owned(), field, value })
    }
}
