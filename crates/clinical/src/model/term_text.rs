// SPDX-License-Identifier: Apache-2.0
//! `[[model.term]]` of a protocol file.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::text::{ascending, number};
use super::{Band, Case, Condition, Factor, Knot, ModelError, Shape, Term, Transform, Tree};
use crate::intake::{Choice, Feature, Intake, Kind, Quantity};
use crate::units::shorten;

/// Deepest decision tree.
const MAX_TREE_DEPTH: usize = 32;

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
    knots: Option<Vec<Knot>>,
    product: Option<[FactorText; 2]>,
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
    #[serde(default)]
    transform: Transform,
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
    pub fn read(self, name: &str, intake: &Intake) -> Result<Term, ModelError> {
        let reader = Reader { name, intake };
        let when = self.when.as_deref().map(|when| Condition::parse(when, intake)).transpose()?;
        let shape = self.check_fields().map_err(|problem| reader.refuse(problem))?;
        let ruled = when.is_some();
        Ok(Term { when, shape: self.read_shape(shape, ruled, &reader)? })
    }

    /// The one field that says what shape the term has.
    fn check_fields(&self) -> Result<&'static str, String> {
        let shapes: Vec<&'static str> = [
            ("points", self.points.is_some()),
            ("choices", self.choices.is_some()),
            ("bands", self.bands.is_some()),
            // A product has a weight too: there the weight alone makes no shape.
            ("weight", self.weight.is_some() && self.product.is_none()),
            ("knots", self.knots.is_some()),
            ("product", self.product.is_some()),
            ("cases", self.cases.is_some()),
            ("tree", self.tree.is_some()),
        ]
        .into_iter()
        .filter_map(|(field, there)| there.then_some(field))
        .collect();
        let [shape] = shapes[..] else {
            let found = if shapes.is_empty() { "none".to_owned() } else { shapes.join(" and ") };
            return Err(format!(
                "give one of `points`, `choices`, `bands`, `weight`, `knots`, `product`, `cases` or `tree`, not {found}"
            ));
        };
        for (field, there, home) in [
            ("centre", self.centre.is_some(), "weight"),
            ("transform", self.transform.is_some(), "weight"),
            ("otherwise", self.otherwise.is_some(), "cases"),
        ] {
            if there && shape != home {
                return Err(format!("`{field}` goes with `{home}`, not with `{shape}`"));
            }
        }
        if self.feature.is_some() && matches!(shape, "product" | "cases" | "tree") {
            return Err(format!("`{shape}` names its features itself: leave `feature` out"));
        }
        if self.missing.is_some() && self.feature.is_none() && shape != "product" {
            return Err("`missing` goes with `feature` or `product`".to_owned());
        }
        Ok(shape)
    }

    fn read_shape(
        self,
        shape: &'static str,
        ruled: bool,
        reader: &Reader<'_>,
    ) -> Result<Shape, ModelError> {
        let points = |points| reader.number("points", points);
        let Some(id) = &self.feature else {
            return match (shape, self) {
                ("points", Self { points: Some(constant), .. }) if ruled => {
                    Ok(Shape::Constant(points(constant)?))
                }
                ("points", _) => {
                    Err(reader.refuse("`points` need a `feature` or a `when`".to_owned()))
                }
                ("product", Self { product: Some(factors), weight: Some(weight), missing, .. }) => {
                    reader.product(factors, weight, missing)
                }
                ("product", _) => Err(reader.refuse("`product` needs a `weight`".to_owned())),
                (_, Self { cases: Some(cases), otherwise, .. }) => {
                    let otherwise = reader.number("otherwise", otherwise.unwrap_or(0.0))?;
                    Ok(Shape::Cases { cases: reader.cases(cases)?, otherwise })
                }
                (_, Self { tree: Some(tree), .. }) => Ok(Shape::Tree(reader.tree(tree, 0)?)),
                _ => Err(reader.refuse(format!("`{shape}` needs a `feature`"))),
            };
        };
        let (index, feature) = reader.feature(id)?;
        let missing = reader.missing(self.missing, feature.missing, &feature.id)?;
        match (&feature.kind, self) {
            (Kind::Flag, Self { points: Some(yes), .. }) => {
                Ok(Shape::Flag { feature: index, points: points(yes)?, missing })
            }
            (Kind::Choice { options }, Self { choices: Some(given), .. }) => Ok(Shape::Choice {
                feature: index,
                points: reader.choices(given, options)?,
                missing,
            }),
            (Kind::Quantity(quantity), Self { bands: Some(bands), .. }) => {
                Ok(Shape::Bands { feature: index, bands: reader.bands(bands, quantity)?, missing })
            }
            (Kind::Quantity(_), Self { knots: Some(knots), .. }) => {
                Ok(Shape::Knots { feature: index, knots: reader.knots(knots)?, missing })
            }
            (Kind::Quantity(_), Self { weight: Some(weight), transform, centre, .. }) => {
                Ok(Shape::Weight {
                    factor: reader.factor(
                        index,
                        feature,
                        transform.unwrap_or_default(),
                        centre.unwrap_or(0.0),
                    )?,
                    weight: reader.number("weight", weight)?,
                    missing,
                })
            }
            (kind, _) => {
                let takes = match kind {
                    Kind::Flag => "`points`",
                    Kind::Choice { .. } => "`choices`",
                    Kind::Quantity(_) => "`bands`, `weight` or `knots`",
                };
                let kind = kind.name();
                Err(reader.refuse(format!(
                    "feature `{}` is a {kind}, which takes {takes}, not `{shape}`",
                    feature.id
                )))
            }
        }
    }
}

impl Reader<'_> {
    fn refuse(&self, problem: String) -> ModelError {
        ModelError::Shape { term: self.name.to_owned(), problem }
    }

    fn number(&self, field: &'static str, value: f64) -> Result<f64, ModelError> {
        number(self.name, field, value)
    }

    fn feature(&self, id: &str) -> Result<(usize, &Feature), ModelError> {
        self.intake.feature(id).ok_or_else(|| ModelError::UnknownFeature {
            term: self.name.to_owned(),
            feature: shorten(id),
        })
    }

    fn missing(&self, points: Option<f64>, can_miss: bool, id: &str) -> Result<f64, ModelError> {
        match (points, can_miss) {
            (Some(points), true) => self.number("missing", points),
            (None, false) => Ok(0.0),
            (None, true) => Err(self.refuse(format!(
                "feature `{id}` may be missing: say with `missing` how many points that gives"
            ))),
            (Some(_), false) => Err(self.refuse(format!(
                "feature `{id}` can't be missing: leave `missing` out, or give the feature `missing = true`"
            ))),
        }
    }

    fn choices(
        &self,
        given: BTreeMap<String, f64>,
        options: &[Choice],
    ) -> Result<Vec<f64>, ModelError> {
        if let Some(id) = given.keys().find(|id| options.iter().all(|option| option.id != **id)) {
            return Err(self.refuse(format!("there is no option `{}`", shorten(id))));
        }
        let points = options.iter().map(|option| match given.get(&option.id) {
            Some(points) => self.number("choices", *points),
            None => Err(self.refuse(format!(
                "option `{}` has no points: give each option some, if only 0",
                option.id
            ))),
        });
        points.collect()
    }

    fn bands(&self, texts: Vec<BandText>, quantity: &Quantity) -> Result<Vec<Band>, ModelError> {
        let refuse = |problem: String| ModelError::Bands { term: self.name.to_owned(), problem };
        ascending(texts.iter().map(|band| band.below)).map_err(refuse)?;
        let (min, max, step) = (quantity.min, quantity.max, quantity.step);
        let mut bands = Vec::with_capacity(texts.len());
        for text in texts {
            if let Some(below) = text.below {
                let steps = (below - min) / step;
                if below <= min || below > max + step * 1e-6 {
                    return Err(refuse(format!(
                        "the band below {below} is empty or never ends: limits lie above min {min} and up to max {max}"
                    )));
                }
                if (steps - steps.round()).abs() > 1e-6 {
                    return Err(refuse(format!(
                        "the limit {below} lies between two steps of the feature (min {min}, step {step}): use a finer step"
                    )));
                }
            }
            bands.push(Band { below: text.below, points: self.number("points", text.points)? });
        }
        Ok(bands)
    }

    fn knots(&self, knots: Vec<Knot>) -> Result<Vec<Knot>, ModelError> {
        if knots.len() < 2 {
            return Err(self.refuse("`knots` has at least two points".to_owned()));
        }
        for knot in &knots {
            self.number("at", knot.at)?;
            self.number("points", knot.points)?;
        }
        match knots.windows(2).find(|pair| pair[0].at >= pair[1].at) {
            Some(pair) => Err(self.refuse(format!(
                "the knot at {} does not lie above the one before, {}",
                pair[1].at, pair[0].at
            ))),
            None => Ok(knots),
        }
    }

    fn factor(
        &self,
        index: usize,
        feature: &Feature,
        transform: Transform,
        centre: f64,
    ) -> Result<Factor, ModelError> {
        let least = match &feature.kind {
            Kind::Quantity(quantity) => quantity.min,
            Kind::Flag if transform == Transform::Identity => 0.0,
            Kind::Flag => {
                return Err(self
                    .refuse(format!("feature `{}` is a flag: leave `transform` out", feature.id)))
            }
            Kind::Choice { .. } => {
                return Err(self.refuse(format!(
                    "feature `{}` is a choice, which can't be multiplied",
                    feature.id
                )))
            }
        };
        let in_domain = match transform {
            Transform::Ln | Transform::Log10 | Transform::Inverse => least > 0.0,
            Transform::Sqrt => least >= 0.0,
            Transform::Identity | Transform::Square => true,
        };
        if !in_domain {
            return Err(self.refuse(format!(
                "the transform of feature `{}` is not defined at its min {least}: use a higher min",
                feature.id
            )));
        }
        Ok(Factor { feature: index, transform, centre: self.number("centre", centre)? })
    }

    fn product(
        &self,
        texts: [FactorText; 2],
        weight: f64,
        missing: Option<f64>,
    ) -> Result<Shape, ModelError> {
        let [a, b] = texts;
        if a.feature == b.feature {
            return Err(self.refuse(
                "`product` needs two different features: for a square use `transform`".to_owned(),
            ));
        }
        let ((a_index, a_feature), (b_index, b_feature)) =
            (self.feature(&a.feature)?, self.feature(&b.feature)?);
        let names = format!("{}` or `{}", a_feature.id, b_feature.id);
        let missing = self.missing(missing, a_feature.missing || b_feature.missing, &names)?;
        let factors = [
            self.factor(a_index, a_feature, a.transform, a.centre)?,
            self.factor(b_index, b_feature, b.transform, b.centre)?,
        ];
        Ok(Shape::Product { factors, weight: self.number("weight", weight)?, missing })
    }

    fn cases(&self, texts: Vec<CaseText>) -> Result<Vec<Case>, ModelError> {
        if texts.is_empty() {
            return Err(self.refuse("`cases` is empty".to_owned()));
        }
        let case = |case: CaseText| {
            let points = self.number("points", case.points)?;
            Ok(Case { when: Condition::parse(&case.when, self.intake)?, points })
        };
        texts.into_iter().map(case).collect()
    }

    fn tree(&self, text: TreeText, depth: usize) -> Result<Tree, ModelError> {
        if depth > MAX_TREE_DEPTH {
            return Err(self.refuse(format!("the tree is deeper than {MAX_TREE_DEPTH}")));
        }
        match text {
            TreeText::Leaf(points) => Ok(Tree::Leaf(self.number("points", points)?)),
            TreeText::Split(split) => Ok(Tree::Split {
                when: Condition::parse(&split.r#if, self.intake)?,
                then: Box::new(self.tree(*split.then, depth + 1)?),
                otherwise: Box::new(self.tree(*split.r#else, depth + 1)?),
            }),
        }
    }
}
