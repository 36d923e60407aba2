// SPDX-License-Identifier: Apache-2.0
//! `[[output]]` and `[[ranking]]`.

use super::{field, inline, list, number, optional, quote};
use crate::outputs::{Meaning, Output, OutputKind, Ranking};

pub(super) fn output(toml: &mut String, output: &Output) {
    *toml += "\n[[output]]\n";
    field(toml, "id", &output.id);
    field(toml, "label", &output.label);
    if output.kind != OutputKind::Number {
        *toml += &format!("kind = {}\n", inline(&output.kind));
    }
    optional(toml, "unit", output.unit.as_ref());
    number(toml, "min", output.min);
    number(toml, "max", output.max);
    number(toml, "step", output.step);
    *toml += "meaning = [\n";
    for meaning in &output.meanings {
        let meaning: &Meaning = meaning;
        *toml += &format!("    {},\n", inline(meaning));
    }
    *toml += "]\n";
}

pub(super) fn ranking(toml: &mut String, ranking: &Ranking) {
    *toml += "\n[[ranking]]\n";
    field(toml, "id", &ranking.id);
    field(toml, "label", &ranking.label);
    *toml += &format!("outputs = {}\n", list(ranking.outputs.iter().map(|id| quote(id))));
    if ranking.top != 1 {
        *toml += &format!("top = {}\n", ranking.top);
    }
    if let Some(probability) = &ranking.probability {
        *toml += &format!("probability = {}\n", inline(probability));
    }
}
