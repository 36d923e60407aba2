// SPDX-License-Identifier: Apache-2.0
//! What LightGBM's objectives make of the sums.

use super::node::Grown;
use super::{refuse, unsupported};
use crate::own_loss::Beginning;
use crate::{shorten, Curve, ModelFileError, Scale, Share, Target};

/// An objective as far as predictions depend on it.
pub(super) struct Objective {
    pub(super) target: Target,
    /// Factor of the sums.
    pub(super) times: f64,
    /// What a user should know of how it was found.
    pub(super) note: Option<&'static str>,
}

/// Reads the line: a name, then words such as `sigmoid:1` and `sqrt`.
pub(super) fn read(text: &str, classes: usize) -> Result<Objective, ModelFileError> {
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or("");
    let mut sigmoid = 1.0;
    let mut root = false;
    for word in words {
        match word.split_once(':') {
            Some(("sigmoid", number)) => {
                let number = number.parse().ok().filter(|number: &f64| *number > 0.0);
                let finite = number.filter(|number| number.is_finite());
                sigmoid =
                    finite.ok_or_else(|| refuse(format!("objective has `{}`", shorten(word))))?;
            }
            None if word == "sqrt" => root = true,
            // They describe the training; the count of classes stands in its own line, too.
            Some(("num_class" | "alpha" | "tweedie_variance_power" | "max_position", _)) => {}
            _ => {
                return Err(unsupported(
                    format!("`{}` in objective `{}`", shorten(word), shorten(name)),
                    "train with the objective's defaults",
                ))
            }
        }
    }
    let several = |share| Target::Classes {
        labels: (0..classes).map(|class| class.to_string()).collect(),
        share,
    };
    let number = |scale| Target::Number(vec![scale]);
    let curve = if root { Scale::of(Curve::SignedSquare) } else { Scale::IDENTITY };
    let (target, times) = match (name, classes) {
        ("binary", 1) => (binary(), sigmoid),
        ("cross_entropy" | "xentropy", 1) => (binary(), 1.0),
        // Only squared, absolute and quantile errors are trained on roots.
        ("regression" | "regression_l2" | "regression_l1" | "quantile" | "mape" | "fair", 1) => {
            (number(curve), 1.0)
        }
        ("huber", 1) => (number(Scale::IDENTITY), 1.0),
        ("poisson" | "gamma" | "tweedie", 1) => (number(Scale::of(Curve::Exp)), 1.0),
        ("multiclass", 2..) => (several(Share::Softmax), 1.0),
        ("multiclassova", 2..) => (several(Share::Logistic), sigmoid),
        ("cross_entropy_lambda" | "xentlambda", _) => {
            return Err(unsupported(
                format!("objective `{name}`"),
                "train with `cross_entropy`, whose output is a probability",
            ))
        }
        ("lambdarank" | "rank_xendcg", _) => {
            return Err(unsupported(
                format!("objective `{name}`, which only ranks,"),
                "train with `binary`, `multiclass` or `regression`",
            ))
        }
        (other, _) => {
            return Err(unsupported(
                format!("objective `{}` with {classes} sums", shorten(other)),
                "train with `binary`, `multiclass` or `regression`",
            ))
        }
    };
    Ok(Objective { target, times, note: None })
}

fn binary() -> Target {
    Target::Probability {
        labels: ["0", "1"].map(str::to_owned),
        scales: vec![Scale::of(Curve::Logistic)],
    }
}

/// The objective of a file that names none, since users wrote the function: the logistic loss, if
/// the weights of the training data at the nodes are those of that loss.
pub(super) fn unnamed(
    classes: usize,
    average: bool,
    trees: &[Grown],
) -> Result<Objective, ModelFileError> {
    if classes == 1 && !average && is_logistic(trees) {
        let note = "the file names no objective: the weights in its first two trees are those of \
                    the logistic loss, so the probability is 1 / (1 + exp(-sum))";
        return Ok(Objective { target: binary(), times: 1.0, note: Some(note) });
    }
    Err(unsupported(
        "a model without an objective (a loss of your own)".to_owned(),
        "if its sum is the log-odds add the line `objective=binary sigmoid:1` under the line \
         `label_index=…`, if it is the predicted number `objective=regression`; what training \
         started from (`init_score`) isn't in the file",
    ))
}

/// Whether the weights of the training data are those of the logistic loss.
fn is_logistic(trees: &[Grown]) -> bool {
    let [first, second, ..] = trees else {
        return false;
    };
    let beginning = Beginning {
        start: 0.0,
        first: &first.tree,
        weights: &first.weights,
        counts: Some(&first.counts),
        second: second.weights.first().copied().unwrap_or(f64::NAN),
    };
    beginning.is_logistic()
}
