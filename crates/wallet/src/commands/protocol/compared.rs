// SPDX-License-Identifier: Apache-2.0
//! What a protocol says beside the model file that it was made of, in a line.

use crate::report::counted;
use cso_clinical::Measured;

/// What comparing with the model file gave.
pub(super) fn compared(where_from: &str, measured: &Measured) -> String {
    let classes = measured.classes_changed.map_or(String::new(), |changed| {
        format!(", another class in {changed} of {}", measured.cases)
    });
    let left_out = match measured.without_prediction {
        0 => String::new(),
        count => format!("; {} without a prediction", counted(count, "case")),
    };
    format!(
        "against the model file on {where_from} ({}): at most {:.2} points, {:.3} on average{classes}{left_out}",
        counted(measured.cases, "case"),
        100.0 * measured.largest,
        100.0 * measured.mean
    )
}
