// SPDX-License-Identifier: Apache-2.0
//! `[model]`: intercepts, links, terms.

use super::{field, list, number, quote, table};
use crate::condition::Condition;
use crate::intake::{Intake, Kind};
use crate::model::{
    Factor, Knot, Link, LinkKind, Model, Sum, Term, TermKind, Transform, Tree, DEFAULT_SUM,
};
use crate::outputs::Output;

pub(super) fn model(toml: &mut String, model: &Model, intake: &Intake, outputs: &[Output]) {
    *toml += "\n[model]\n";
    let intercepts = model.sums.iter().filter(|sum| sum.intercept != 0.0);
    let intercepts: Vec<String> =
        intercepts.map(|sum| format!("{} = {:?}", quote(&sum.id), sum.intercept)).collect();
    if !intercepts.is_empty() {
        *toml += &format!("intercept = {}\n", table(intercepts.into_iter()));
    }
    if !model.join.is_empty() {
        let groups = model
            .join
            .iter()
            .map(|group| list(group.iter().map(|feature| quote(&intake.features()[*feature].id))));
        *toml += &format!("join = {}\n", list(groups));
    }
    if model.precise {
        *toml += "precise = true\n";
    }
    for (output, link) in outputs.iter().zip(&model.links) {
        write_link(toml, output, link, &model.sums);
    }
    for sum in &model.sums {
        for term in &sum.terms {
            Writer { toml: &mut *toml, intake }.term(term, sum);
        }
    }
}

fn write_link(toml: &mut String, output: &Output, link: &Link, sums: &[Sum]) {
    *toml += "\n[[model.output]]\n";
    field(toml, "id", &output.id);
    write_sum(toml, &sums[link.sum]);
    for (name, value) in function(&link.kind) {
        *toml += &format!("{name} = {value}\n");
    }
    if link.times != 1.0 {
        number(toml, "times", link.times);
    }
    if link.plus != 0.0 {
        number(toml, "plus", link.plus);
    }
    if link.clamp {
        *toml += "clamp = true\n";
    }
    if !link.mixed.is_empty() {
        let parts = link.mixed.iter().map(|part| {
            let mut fields = vec![("sum", quote(&sums[part.sum].id))];
            fields.extend(function(&part.kind));
            fields.push(("times", format!("{:?}", part.times)));
            table(fields.iter().map(|(name, value)| format!("{name} = {value}")))
        });
        *toml += &format!("mixed = {}\n", list(parts));
    }
}

/// The fields that tell a link's function.
fn function(kind: &LinkKind) -> Vec<(&'static str, String)> {
    let name = |name: &str| ("link", quote(name));
    match kind {
        LinkKind::Identity => Vec::new(),
        LinkKind::Logistic => vec![name("logistic")],
        LinkKind::Exp => vec![name("exp")],
        LinkKind::Cox { baseline } => vec![name("cox"), ("baseline", format!("{baseline:?}"))],
        LinkKind::Cloglog => vec![name("cloglog")],
        LinkKind::Classes(classes) => {
            let classes = classes.iter().map(|class| match class.below {
                Some(below) => format!("{{ below = {below:?}, value = {:?} }}", class.value),
                None => format!("{{ value = {:?} }}", class.value),
            });
            vec![name("classes"), ("classes", list(classes))]
        }
        LinkKind::Lines(knots) => vec![name("lines"), ("lines", list(knots.iter().map(knot)))],
    }
}

fn knot(knot: &Knot) -> String {
    format!("{{ at = {:?}, points = {:?} }}", knot.at, knot.points)
}

fn write_sum(toml: &mut String, sum: &Sum) {
    if sum.id != DEFAULT_SUM {
        field(toml, "sum", &sum.id);
    }
}

struct Writer<'a> {
    toml: &'a mut String,
    intake: &'a Intake,
}

impl Writer<'_> {
    fn term(&mut self, term: &Term, sum: &Sum) {
        *self.toml += "\n[[model.term]]\n";
        write_sum(self.toml, sum);
        if let Some(when) = &term.when {
            *self.toml += &format!("when = {}\n", self.condition(when));
        }
        match &term.kind {
            TermKind::Constant(points) => number(self.toml, "points", *points),
            TermKind::Flag { feature, points, missing } => {
                self.feature(*feature);
                number(self.toml, "points", *points);
                self.missing(&[*feature], *missing);
            }
            TermKind::Choice { feature, points, missing } => {
                self.feature(*feature);
                if let Kind::Choice { options } = &self.intake.features()[*feature].kind {
                    let points = options.iter().zip(points);
                    let points = points
                        .map(|(option, points)| format!("{} = {points:?}", quote(&option.id)));
                    *self.toml += &format!("choices = {}\n", table(points));
                }
                self.missing(&[*feature], *missing);
            }
            TermKind::Bands { feature, bands, missing } => {
                self.feature(*feature);
                let bands = bands.iter().map(|band| match band.below {
                    Some(below) => format!("{{ below = {below:?}, points = {:?} }}", band.points),
                    None => format!("{{ points = {:?} }}", band.points),
                });
                *self.toml += &format!("bands = {}\n", list(bands));
                self.missing(&[*feature], *missing);
            }
            TermKind::Weight { factor, weight, missing } => {
                self.feature(factor.feature);
                number(self.toml, "weight", *weight);
                if let Some(transform) = transform(factor.transform) {
                    *self.toml += &format!("{transform}\n");
                }
                if factor.centre != 0.0 {
                    number(self.toml, "centre", factor.centre);
                }
                self.missing(&[factor.feature], *missing);
            }
            TermKind::Knots { feature, knots, missing } => {
                self.feature(*feature);
                *self.toml += &format!("knots = {}\n", list(knots.iter().map(knot)));
                self.missing(&[*feature], *missing);
            }
            TermKind::Product { factors, weight, missing } => {
                let parts = list(factors.iter().map(|factor| self.factor(factor)));
                *self.toml += &format!("product = {parts}\n");
                number(self.toml, "weight", *weight);
                let features: Vec<usize> = factors.iter().map(|factor| factor.feature).collect();
                self.missing(&features, *missing);
            }
            TermKind::Cases { cases, otherwise } => {
                *self.toml += "cases = [\n";
                for case in cases {
                    let when = self.condition(&case.when);
                    *self.toml +=
                        &format!("    {{ when = {when}, points = {:?} }},\n", case.points);
                }
                *self.toml += "]\n";
                number(self.toml, "otherwise", *otherwise);
            }
            TermKind::Tree(tree) => {
                let tree = self.tree(tree);
                *self.toml += &format!("tree = {tree}\n");
            }
        }
    }

    fn condition(&self, condition: &Condition) -> String {
        quote(&condition.text(self.intake))
    }

    fn feature(&mut self, feature: usize) {
        field(self.toml, "feature", &self.intake.features()[feature].id);
    }

    /// Points of a missing feature, which are said where one may be missing.
    fn missing(&mut self, features: &[usize], points: f64) {
        if features.iter().any(|feature| self.intake.features()[*feature].missing) {
            number(self.toml, "missing", points);
        }
    }

    fn factor(&self, factor: &Factor) -> String {
        let id = quote(&self.intake.features()[factor.feature].id);
        let transform = transform(factor.transform).map_or(String::new(), |own| format!(", {own}"));
        let centre = match factor.centre == 0.0 {
            true => String::new(),
            false => format!(", centre = {:?}", factor.centre),
        };
        format!("{{ feature = {id}{transform}{centre} }}")
    }

    fn tree(&self, tree: &Tree) -> String {
        match tree {
            Tree::Leaf(points) => format!("{points:?}"),
            Tree::Split { when, then, otherwise } => format!(
                "{{ if = {}, then = {}, else = {} }}",
                self.condition(when),
                self.tree(then),
                self.tree(otherwise)
            ),
        }
    }
}

/// The field that says the transform, unless it's the quantity itself.
fn transform(transform: Transform) -> Option<String> {
    let name = match transform {
        Transform::Identity => return None,
        Transform::Power(exponent) => return Some(format!("power = {exponent:?}")),
        Transform::Ln => "ln",
        Transform::Log10 => "log10",
        Transform::Sqrt => "sqrt",
        Transform::Square => "square",
        Transform::Inverse => "inverse",
    };
    Some(format!("transform = {}", quote(name)))
}
