// SPDX-License-Identifier: Apache-2.0
//! `[[output]]` and `[[ranking]]`.

use super::{field, inline, list, number, optional, optional_text, quote, text};
use crate::outputs::{Figure, Meaning, Output, OutputKind, Ranking};

pub(super) fn output(toml: &mut String, output: &Output) {
    *toml += "\n[[output]]\n";
    field(toml, "id", &output.id);
    text(toml, "label", &output.label);
    if output.kind != OutputKind::Number {
        *toml += &format!("kind = {}\n", inline(&output.kind));
    }
    optional_text(toml, "unit", output.unit.as_ref());
    number(toml, "min", output.min);
    number(toml, "max", output.max);
    number(toml, "step", output.step);
    if output.guarded {
        *toml += "guarded = true\n";
    }
    for one in &output.meanings {
        meaning(toml, one);
    }
}

fn meaning(toml: &mut String, meaning: &Meaning) {
    *toml += "[[output.meaning]]\n";
    number(toml, "from", meaning.from);
    number(toml, "to", meaning.to);
    if let Some(when) = &meaning.when {
        field(toml, "when", when.as_str());
    }
    optional_text(toml, "name", meaning.name.as_ref());
    text(toml, "text", &meaning.text);
    optional_text(toml, "next", meaning.next.as_ref());
    optional_text(toml, "warning", meaning.warning.as_ref());
    optional_text(toml, "clinician", meaning.clinician.as_ref());
    for one in &meaning.figures {
        figure(toml, one);
    }
}

fn figure(toml: &mut String, figure: &Figure) {
    *toml += "[[output.meaning.figure]]\n";
    text(toml, "text", &figure.text);
    if let Some(rate) = &figure.rate {
        *toml += &format!("rate = {}\n", inline(rate));
    }
    if let Some([low, high]) = figure.interval {
        *toml += &format!("interval = [{low:?}, {high:?}]\n");
    }
    text(toml, "population", &figure.population);
    optional(toml, "years", figure.years.as_ref());
    optional_text(toml, "country", figure.country.as_ref());
    field(toml, "source", &figure.source);
}

pub(super) fn ranking(toml: &mut String, ranking: &Ranking) {
    *toml += "\n[[ranking]]\n";
    field(toml, "id", &ranking.id);
    text(toml, "label", &ranking.label);
    *toml += &format!("outputs = {}\n", list(ranking.outputs.iter().map(|id| quote(id))));
    if ranking.top != 1 {
        *toml += &format!("top = {}\n", ranking.top);
    }
    if let Some(probability) = &ranking.probability {
        *toml += &format!("probability = {}\n", inline(probability));
    }
}
