// SPDX-License-Identifier: Apache-2.0
//! `[[model.term]]` of a protocol file.

use std::collections::BTreeMap;

use cso_model_files::shorten;
use serde::Deserialize;

use super::{Band, Case, Factor, Knot, ModelError, Term, TermKind, Transform, Tree};
use crate::condition::{Condition, ConditionError};
use crate::intake::{Choice, Feature, Intake, Kind};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermText {
    pub sum: Option<String>,
    when: Option<String>,
    pub feature: Option<String>,
    points: Option<f64>,
    choices: Option<BTreeMap<String, f64>>,
    bands: Option<Vec<BandText>>,
    weight: Option<f64>,
    centre: Option<f64>,
    transform: Option<Transform>,
    power: Option<f64>,
    knots: Option<Vec<Knot>>,
    product: Option<Vec<FactorText>>,
    missing: Option<f64>,
    cases: Option<Vec<CaseText>>,
    otherwise: Option<f64>,
    tree: Option<TreeText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BandText {
    below: Option<f64>,
    points: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseText {
    when: String,
    points: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactorText {
    feature: String,
    transform: Option<Transform>,
    power: Option<f64>,
    #[serde(default)]
    centre: f64,
}

/// Points, or a question with two trees.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a tree is a number, or { if = \"condition\", then = tree, else = tree }"
)]
enum TreeText {
    Leaf(f64),
    Split(SplitText),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SplitText {
    r#if: String,
    then: Box<TreeText>,
    r#else: Box<TreeText>,
}

/// Reads the parts of one term, with its name for messages.
struct Reader<'a> {
    name: &'a str,
    intake: &'a Intake,
}

impl TermText {
    pub(super) fn read(self, name: &str, intake: &Intake) -> Result<Term, ModelError> {
        let reader = Reader { name, intake };
        let when = self.when.as_deref().map(|when| written(when, intake)).transpose()?;
        let field = self.check_fields().map_err(|problem| reader.refuse(problem))?;
        let term = Term { when, kind: self.kind(field, &reader)? };
        reader.check_local(&term)?;
        term.check(name, intake)?;
        Ok(term)
    }

    /// The one field that says of what kind the term is.
    fn check_fields(&self) -> Result<&'static str, String> {
        let kinds: Vec<&'static str> = [
            ("points", self.points.is_some()),
            ("choices", self.choices.is_some()),
            ("bands", self.bands.is_some()),
            // A product has a weight too: there the weight alone makes no kind.
            ("weight", self.weight.is_some() && self.product.is_none()),
            ("knots", self.knots.is_some()),
            ("product", self.product.is_some()),
            ("cases", self.cases.is_some()),
            ("tree", self.tree.is_some()),
        ]
        .into_iter()
        .filter_map(|(field, there)| there.then_some(field))
        .collect();
        let [kind] = kinds[..] else {
            let found = if kinds.is_empty() { "none".to_owned() } else { kinds.join(" and ") };
            return Err(format!(
                "give one of `points`, `choices`, `bands`, `weight`, `knots`, `product`, `cases` or `tree`, not {found}"
            ));
        };
        for (field, there, home) in [
            ("centre", self.centre.is_some(), "weight"),
            ("transform", self.transform.is_some(), "weight"),
            ("power", self.power.is_some(), "weight"),
            ("otherwise", self.otherwise.is_some(), "cases"),
        ] {
            if there && kind != home {
                return Err(format!("`{field}` goes with `{home}`, not with `{kind}`"));
            }
        }
        if self.feature.is_some() && matches!(kind, "product" | "cases" | "tree") {
            return Err(format!("`{kind}` names its features itself: leave `feature` out"));
        }
        if self.missing.is_some() && self.feature.is_none() && kind != "product" {
            return Err("`missing` goes with `feature` or `product`".to_owned());
        }
        Ok(kind)
    }

    fn kind(self, field: &'static str, reader: &Reader<'_>) -> Result<TermKind, ModelError> {
        let Some(id) = &self.feature else {
            return match (field, self) {
                ("points", Self { points: Some(points), .. }) => Ok(TermKind::Constant(points)),
                ("product", Self { product: Some(factors), weight: Some(weight), missing, .. }) => {
                    reader.product(factors, weight, missing)
                }
                ("product", _) => Err(reader.refuse("`product` needs a `weight`".to_owned())),
                (_, Self { cases: Some(cases), otherwise, .. }) => {
                    let otherwise = otherwise.unwrap_or(0.0);
                    Ok(TermKind::Cases { cases: reader.cases(cases)?, otherwise })
                }
                (_, Self { tree: Some(tree), .. }) => Ok(TermKind::Tree(reader.tree(tree)?)),
                _ => Err(reader.refuse(format!("`{field}` needs a `feature`"))),
            };
        };
        let (index, feature) = reader.feature(id)?;
        let missing = reader.missing(self.missing, feature.missing, &feature.id)?;
        match (&feature.kind, self) {
            (Kind::Flag, Self { points: Some(points), .. }) => {
                Ok(TermKind::Flag { feature: index, points, missing })
            }
            (Kind::Choice { options }, Self { choices: Some(given), .. }) => Ok(TermKind::Choice {
                feature: index,
                points: reader.choices(&given, options)?,
                missing,
            }),
            (Kind::Quantity(_), Self { bands: Some(bands), .. }) => {
                let band = |text: BandText| Band { below: text.below, points: text.points };
                let bands = bands.into_iter().map(band).collect();
                Ok(TermKind::Bands { feature: index, bands, missing })
            }
            (Kind::Quantity(_), Self { knots: Some(knots), .. }) => {
                Ok(TermKind::Knots { feature: index, knots, missing })
            }
            (Kind::Quantity(_), Self { weight: Some(weight), transform, power, centre, .. }) => {
                let (transform, centre) =
                    (reader.transform(transform, power)?, centre.unwrap_or(0.0));
                let factor = Factor { feature: index, transform, centre };
                Ok(TermKind::Weight { factor, weight, missing })
            }
            (kind, _) => {
                let takes = match kind {
                    Kind::Flag => "`points`",
                    Kind::Choice { .. } => "`choices`",
                    Kind::Quantity(_) => "`bands`, `weight` or `knots`",
                };
                let kind = kind.name();
                Err(reader.refuse(format!(
                    "feature `{}` is a {kind}, which takes {takes}, not `{field}`",
                    feature.id
                )))
            }
        }
    }
}

/// A condition of a rule, which must hold for some answers. Those of trees may be beyond the grid:
/// whoever trained them saw other data.
fn written(text: &str, intake: &Intake) -> Result<Condition, ConditionError> {
    let condition = Condition::parse(text, intake)?;
    match condition.require_possible_on_grid(intake) {
        Ok(()) => Ok(condition),
        Err(problem) => Err(ConditionError { condition: shorten(text), problem }),
    }
}

impl Reader<'_> {
    fn refuse(&self, problem: String) -> ModelError {
        ModelError::Term { term: self.name.to_owned(), problem }
    }

    fn feature(&self, id: &str) -> Result<(usize, &Feature), ModelError> {
        self.intake.feature(id).ok_or_else(|| ModelError::UnknownFeature {
            term: self.name.to_owned(),
            feature: shorten(id),
        })
    }

    /// The model can't use what stays with the patient.
    fn check_local(&self, term: &Term) -> Result<(), ModelError> {
        let features = term.features();
        let mut features = features.into_iter().map(|index| &self.intake.features()[index]);
        match features.find(|feature| feature.local) {
            None => Ok(()),
            Some(feature) => Err(self.refuse(format!(
                "feature `{}` is `local`: its answer never leaves the patient's side, so the model can't use it",
                feature.id
            ))),
        }
    }

    fn transform(
        &self,
        transform: Option<Transform>,
        power: Option<f64>,
    ) -> Result<Transform, ModelError> {
        match (transform, power) {
            (Some(_), Some(_)) => {
                Err(self.refuse("`power` stands in the place of `transform`: give one".to_owned()))
            }
            (transform, None) => Ok(transform.unwrap_or_default()),
            (None, Some(exponent)) => Ok(Transform::Power(exponent)),
        }
    }

    fn missing(&self, points: Option<f64>, can_miss: bool, id: &str) -> Result<f64, ModelError> {
        match (points, can_miss) {
            (Some(points), true) => Ok(points),
            (None, false) => Ok(0.0),
            (None, true) => Err(self.refuse(format!(
                "feature `{id}` may be missing: say with `missing` how many points that gives"
            ))),
            (Some(_), false) => Err(self.refuse(format!(
                "feature `{id}` can't be missing: leave `missing` out, or give the feature `missing = true`"
            ))),
        }
    }

    /// Points in the order of the options.
    fn choices(
        &self,
        given: &BTreeMap<String, f64>,
        options: &[Choice],
    ) -> Result<Vec<f64>, ModelError> {
        if let Some(id) = given.keys().find(|id| options.iter().all(|option| option.id != **id)) {
            return Err(self.refuse(format!("there is no option `{}`", shorten(id))));
        }
        let points = options.iter().map(|option| {
            given.get(&option.id).copied().ok_or_else(|| {
                self.refuse(format!(
                    "option `{}` has no points: give each option some, if only 0",
                    option.id
                ))
            })
        });
        points.collect()
    }

    fn product(
        &self,
        texts: Vec<FactorText>,
        weight: f64,
        missing: Option<f64>,
    ) -> Result<TermKind, ModelError> {
        if !(2..=3).contains(&texts.len()) {
            return Err(
                self.refuse(format!("`product` has {} factors: it takes 2 or 3", texts.len()))
            );
        }
        let (mut factors, mut names) = (Vec::with_capacity(texts.len()), Vec::new());
        let mut can_miss = false;
        for text in texts {
            let (index, feature) = self.feature(&text.feature)?;
            can_miss |= feature.missing;
            if !names.contains(&feature.id.as_str()) {
                names.push(&feature.id);
            }
            let transform = self.transform(text.transform, text.power)?;
            factors.push(Factor { feature: index, transform, centre: text.centre });
        }
        let missing = self.missing(missing, can_miss, &names.join("` or `"))?;
        Ok(TermKind::Product { factors, weight, missing })
    }

    fn cases(&self, texts: Vec<CaseText>) -> Result<Vec<Case>, ModelError> {
        let case = |case: CaseText| {
            let when = written(&case.when, self.intake)?;
            Ok(Case { when, points: case.points })
        };
        texts.into_iter().map(case).collect()
    }

    /// How deep it may be is checked later: the file's parser has a bound of its own.
    fn tree(&self, text: TreeText) -> Result<Tree, ModelError> {
        match text {
            TreeText::Leaf(points) => Ok(Tree::Leaf(points)),
            TreeText::Split(split) => Ok(Tree::Split {
                when: Condition::parse(&split.r#if, self.intake)?,
                then: Box::new(self.tree(*split.then)?),
                otherwise: Box::new(self.tree(*split.r#else)?),
            }),
        }
    }
}
