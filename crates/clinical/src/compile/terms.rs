// SPDX-License-Identifier: Apache-2.0
//! Terms and conditions as decision diagrams.

use super::diagram::{Combine, Full, Manager, Ref};
use super::factor::{factor_values, slack, values};
use super::product::Group;
use crate::condition::Condition;
use crate::intake::Intake;
use crate::model::{interpolate, Band, Term, TermKind, Tree};

/// The diagram of a term's points.
pub(super) fn term(term: &Term, intake: &Intake, manager: &mut Manager<'_>) -> Result<Ref, Full> {
    let points = points(&term.kind, intake, manager)?;
    match &term.when {
        None => Ok(points),
        Some(when) => {
            let holds = condition(when, intake, manager)?;
            manager.combine(Combine::Multiply, holds, points)
        }
    }
}

fn points(kind: &TermKind, intake: &Intake, manager: &mut Manager<'_>) -> Result<Ref, Full> {
    match kind {
        TermKind::Constant(points) => manager.leaf(*points),
        TermKind::Flag { feature, points, missing } => manager
            .of_feature(*feature, |code| code.map_or(*missing, |code| f64::from(code) * points)),
        TermKind::Choice { feature, points, missing } => {
            manager.of_feature(*feature, |code| code.map_or(*missing, |code| points[code as usize]))
        }
        TermKind::Bands { feature, bands, missing } => {
            let (value, slack) = (values(intake, *feature), slack(intake, *feature));
            let reaches =
                |band: &Band, value: f64| band.below.is_some_and(|below| value >= below - slack);
            manager.of_feature(*feature, |code| match code.map(&value) {
                None => *missing,
                // The last band has no end, so one is always found.
                Some(value) => bands[bands.partition_point(|band| reaches(band, value))].points,
            })
        }
        TermKind::Weight { factor, weight, missing } => {
            let values = factor_values(factor, intake);
            manager.of_feature(factor.feature, |code| {
                code.map_or(*missing, |code| weight * values(code))
            })
        }
        TermKind::Knots { feature, knots, missing } => {
            let at = values(intake, *feature);
            let value = |code: u32| interpolate(knots, at(code));
            manager.of_feature(*feature, |code| code.map_or(*missing, value))
        }
        TermKind::Product { factors, weight, missing } => {
            let mut product = manager.leaf(*weight)?;
            let mut any_missing = manager.leaf(0.0)?;
            for group in Group::of(factors) {
                let values = group.values(intake);
                let values = manager.of_feature(group.feature, |code| code.map_or(0.0, &values))?;
                product = manager.combine(Combine::Multiply, product, values)?;
                let truth = |code: Option<u32>| f64::from(u8::from(code.is_none()));
                let is_missing = manager.of_feature(group.feature, truth)?;
                any_missing = manager.combine(Combine::Max, any_missing, is_missing)?;
            }
            let missing = manager.leaf(*missing)?;
            manager.choose(any_missing, missing, product)
        }
        TermKind::Cases { cases, otherwise } => {
            let mut result = manager.leaf(*otherwise)?;
            for case in cases.iter().rev() {
                let holds = condition(&case.when, intake, manager)?;
                let points = manager.leaf(case.points)?;
                result = manager.choose(holds, points, result)?;
            }
            Ok(result)
        }
        TermKind::Tree(root) => tree(root, intake, manager),
    }
}

fn tree(node: &Tree, intake: &Intake, manager: &mut Manager<'_>) -> Result<Ref, Full> {
    match node {
        Tree::Leaf(points) => manager.leaf(*points),
        Tree::Split { when, then, otherwise } => {
            let holds = condition(when, intake, manager)?;
            let then = tree(then, intake, manager)?;
            let otherwise = tree(otherwise, intake, manager)?;
            manager.choose(holds, then, otherwise)
        }
    }
}

/// The diagram of a condition: 1 where it holds, else 0.
pub(super) fn condition(
    condition: &Condition,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Ref, Full> {
    use self::condition as build;
    let truth = |holds: bool| f64::from(u8::from(holds));
    match condition {
        Condition::All(parts) => {
            let mut result = manager.leaf(1.0)?;
            for part in parts {
                let part = build(part, intake, manager)?;
                result = manager.combine(Combine::Multiply, result, part)?;
            }
            Ok(result)
        }
        Condition::Any(parts) => {
            let mut result = manager.leaf(0.0)?;
            for part in parts {
                let part = build(part, intake, manager)?;
                result = manager.combine(Combine::Max, result, part)?;
            }
            Ok(result)
        }
        Condition::Not(part) => {
            let part = build(part, intake, manager)?;
            let (zero, one) = (manager.leaf(0.0)?, manager.leaf(1.0)?);
            manager.choose(part, zero, one)
        }
        Condition::Flag(feature) => {
            manager.of_feature(*feature, |code| truth(code.is_some_and(|code| code != 0)))
        }
        Condition::Option(feature, option) => {
            manager.of_feature(*feature, |code| truth(code == Some(*option)))
        }
        Condition::Missing(feature) => manager.of_feature(*feature, |code| truth(code.is_none())),
        Condition::Compare(feature, op, limit) => {
            let (value, slack) = (values(intake, *feature), slack(intake, *feature));
            let holds = |code: Option<u32>| {
                truth(code.is_some_and(|code| op.holds(value(code), *limit, slack)))
            };
            manager.of_feature(*feature, holds)
        }
    }
}
