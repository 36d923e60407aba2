// SPDX-License-Identifier: Apache-2.0
//! Fields of JSON that stand in one of several forms.
//!
//! They are read through [`serde_json::Value`]: what serde keeps aside to try several forms loses
//! numbers where another crate has serde_json keep all their digits (`arbitrary_precision`).

use serde_json::Value;

/// One number, or a list of some.
pub(crate) enum Numbers {
    One(f64),
    Several(Vec<f64>),
}

impl TryFrom<Value> for Numbers {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let refused = "it is neither a number nor a list of numbers";
        match &value {
            Value::Array(list) => {
                let numbers: Option<Vec<f64>> = list.iter().map(Value::as_f64).collect();
                numbers.map(Self::Several).ok_or(refused)
            }
            other => other.as_f64().map(Self::One).ok_or(refused),
        }
    }
}
