// SPDX-License-Identifier: Apache-2.0
//! What CatBoost's loss functions make of the sums, as its `predict` and `predict_proba` do.

use serde_json::Value as Json;

use super::unsupported;
use crate::boosting::labels;
use crate::{shorten, Curve, ModelFileError, Scale, Share, Target};

/// What the sums stand for.
pub(super) struct Objective {
    pub(super) target: Target,
    /// What a user should know of the number.
    pub(super) note: Option<&'static str>,
}

pub(super) fn read(info: &Json, classes: usize) -> Result<Objective, ModelFileError> {
    // Parameters are an object, or in older files the text of one.
    let text = info["params"].as_str().and_then(|text| serde_json::from_str::<Json>(text).ok());
    let params = text.as_ref().unwrap_or(&info["params"]);
    let loss = params["loss_function"]["type"].as_str();
    let Some(loss) = loss else {
        return Err(unsupported(
            "a model without its loss function, as `sum_models` makes one,".to_owned(),
            "save the models that were summed, or write `{\"loss_function\": {\"type\": \
             \"Logloss\"}}` into `params` of `model_info`",
        ));
    };
    let threshold = &info["binclass_probability_threshold"];
    let even = threshold.as_str().map_or(threshold.as_f64(), |text| text.parse().ok());
    if !threshold.is_null() && even != Some(0.5) {
        return Err(unsupported(
            "a probability threshold other than 0.5".to_owned(),
            "save after `set_probability_threshold(0.5)` and choose the threshold in the protocol",
        ));
    }
    let names = labels(&info["class_params"]["class_names"], classes.max(2));
    let names = names.unwrap_or_else(|| (0..classes.max(2)).map(|own| own.to_string()).collect());
    let several = |share| Target::Classes { labels: names.clone(), share };
    let number = |scale| Target::Number(vec![scale]);
    let target = match (loss, classes) {
        ("Logloss" | "CrossEntropy" | "Focal", 1) => Target::Probability {
            labels: [names[0].clone(), names[1].clone()],
            scales: vec![Scale::of(Curve::Logistic)],
        },
        ("MultiClass", 2..) => several(Share::Softmax),
        ("MultiClassOneVsAll", 2..) => several(Share::Logistic),
        (
            "RMSE" | "MAE" | "Quantile" | "Expectile" | "MAPE" | "Huber" | "Lq" | "LogCosh"
            | "LogLinQuantile" | "Cox",
            1,
        ) => number(Scale::IDENTITY),
        ("Poisson" | "Tweedie", 1) => number(Scale::of(Curve::Exp)),
        (other, _) => {
            return Err(unsupported(
                format!("loss function `{}` with {classes} sums", shorten(other)),
                "train with `Logloss`, `MultiClass` or `RMSE`",
            ))
        }
    };
    let note = match loss {
        "Cox" => Some("the number is the logarithm of a hazard ratio, as CatBoost predicts it"),
        _ => None,
    };
    Ok(Objective { target, note })
}
