// SPDX-License-Identifier: Apache-2.0
//! What XGBoost's objectives make of the sums, and of base scores.

use super::file::TreeText;
use super::{refuse, unsupported};
use crate::own_loss::Beginning;
use crate::recorded::Weight;
use crate::{shorten, Curve, ModelFileError, Scale, Share, Target, Tree};

/// An objective as far as predictions depend on it.
pub(super) struct Objective {
    pub(super) target: Target,
    /// How a base score becomes the constant of a sum.
    margin: fn(f64) -> f64,
    /// The weight of a case in training.
    pub(super) weight: Weight,
    /// What a user should know of the number.
    pub(super) note: Option<&'static str>,
}

/// From 0 to 1 just above 0.
const STEP: [(f64, f64); 2] = [(0.0, 0.0), (f64::MIN_POSITIVE, 1.0)];

impl Objective {
    pub(super) fn read(
        name: &str,
        classes: usize,
        labels: Option<Vec<String>>,
    ) -> Result<Self, ModelFileError> {
        let labels =
            labels.unwrap_or_else(|| (0..classes.max(2)).map(|class| class.to_string()).collect());
        let own = |target, margin, weight| Self { target, margin, weight, note: None };
        let same: fn(f64) -> f64 = |base| base;
        let binary = |curve| {
            let labels = [labels[0].clone(), labels[1].clone()];
            Target::Probability { labels, scales: vec![Scale::of(curve)] }
        };
        let number = |scale| Target::Number(vec![scale]);
        Ok(match (name, classes) {
            // The base score of these two is a probability.
            ("binary:logistic" | "reg:logistic", 1) => {
                let logit = |base: f64| (base / (1.0 - base)).ln();
                own(binary(Curve::Logistic), logit, Weight::Logistic)
            }
            ("binary:logitraw", 1) => Self {
                note: Some(
                    "XGBoost predicts the sum itself for `binary:logitraw`: the probability here \
                     is 1 / (1 + exp(-sum))",
                ),
                ..own(binary(Curve::Logistic), same, Weight::Logistic)
            },
            ("binary:hinge", 1) => own(binary(Curve::Lines(STEP.to_vec())), same, Weight::Even),
            ("reg:squarederror" | "reg:linear", 1) => {
                own(number(Scale::IDENTITY), same, Weight::One)
            }
            (
                "reg:absoluteerror"
                | "reg:pseudohubererror"
                | "reg:quantileerror"
                | "reg:expectileerror"
                | "reg:squaredlogerror",
                1,
            ) => own(number(Scale::IDENTITY), same, Weight::Even),
            ("count:poisson" | "reg:gamma" | "reg:tweedie", 1) => {
                own(number(Scale::of(Curve::Exp)), f64::ln, Weight::Even)
            }
            ("survival:cox", 1) => Self {
                note: Some(
                    "the number is a hazard ratio, exp(sum), as XGBoost predicts it: the file \
                     has no baseline, so no risk at a time",
                ),
                ..own(number(Scale::of(Curve::Exp)), f64::ln, Weight::Never)
            },
            ("survival:aft", 1) => Self {
                note: Some("the number is a time, exp(sum), as XGBoost predicts it"),
                ..own(number(Scale::of(Curve::Exp)), f64::ln, Weight::Never)
            },
            ("multi:softprob" | "multi:softmax", 2..) => {
                own(Target::Classes { labels, share: Share::Softmax }, same, Weight::Softmax)
            }
            (other, _) if other.starts_with("rank:") => {
                return Err(unsupported(
                    format!("objective `{}`, which only ranks,", shorten(other)),
                    "train with `binary:logistic`, `multi:softprob` or `reg:squarederror`",
                ))
            }
            (other, _) => {
                return Err(unsupported(
                    format!("objective `{}`", shorten(other)),
                    "train with `binary:logistic`, `multi:softprob` or `reg:squarederror`",
                ))
            }
        })
    }

    /// What it is if users trained with a function of their own, which leaves the name of squared
    /// error in the file: known by the weights of the training data at the first trees' nodes.
    pub(super) fn or_own_loss(self, start: f64, first: &Tree, trees: &[TreeText]) -> Self {
        let [text, second, ..] = trees else {
            return self;
        };
        let whole = |weight: &f64| (weight - weight.round()).abs() <= 1e-4 * weight.abs();
        if self.weight != Weight::One || text.sum_hessian.iter().all(whole) {
            return self;
        }
        let beginning = Beginning {
            start,
            first,
            weights: &text.sum_hessian,
            counts: None,
            second: second.sum_hessian.first().copied().unwrap_or(f64::NAN),
        };
        if beginning.is_logistic() {
            let note = "the weights in the file's first two trees are those of the logistic loss, \
                        not of squared error: the probability is 1 / (1 + exp(-sum))";
            let scales = vec![Scale::of(Curve::Logistic)];
            let labels = ["0", "1"].map(str::to_owned);
            let target = Target::Probability { labels, scales };
            return Self { target, weight: Weight::Logistic, note: Some(note), ..self };
        }
        let note =
            "the weights in the file's trees are not those of squared error: if you trained \
                    with a loss of your own, the number is the sum, as XGBoost predicts it";
        Self { note: Some(note), weight: Weight::Never, ..self }
    }

    /// The constant of each sum. Version 3 writes a list of base scores, one a class or one for
    /// all.
    pub(super) fn constants(&self, text: &str, classes: usize) -> Result<Vec<f64>, ModelFileError> {
        let list = text.trim_matches(['[', ']']).split(',').map(|base| {
            let base = base.trim();
            let number: f64 =
                base.parse().map_err(|_| refuse(format!("base_score is `{}`", shorten(base))))?;
            match (self.margin)(number) {
                margin if margin.is_finite() => Ok(margin),
                _ => Err(refuse(format!("base_score {number} has no finite margin"))),
            }
        });
        let list = list.collect::<Result<Vec<f64>, _>>()?;
        match list.len() {
            1 => Ok(vec![list[0]; classes]),
            length if length == classes => Ok(list),
            length => Err(refuse(format!("{length} base scores for {classes} classes"))),
        }
    }
}
