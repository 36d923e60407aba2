// SPDX-License-Identifier: Apache-2.0
//! `[[intake]]`.

use super::{field, inline, list, number, optional, optional_text, text};
use crate::intake::{Choice, Feature, Kind, Moment, Quantity, Rounding, SourceText, WhenAbsent};

pub(super) fn moment(toml: &mut String, moment: &Moment) {
    *toml += "\n[[moment]]\n";
    field(toml, "id", &moment.id);
    *toml += &format!("within-hours = {}\n", moment.within_hours);
}

pub(super) fn feature(toml: &mut String, feature: &Feature) {
    *toml += "\n[[intake]]\n";
    field(toml, "id", &feature.id);
    text(toml, "label", &feature.label);
    optional_text(toml, "help", feature.help.as_ref());
    field(toml, "kind", feature.kind.name());
    match &feature.kind {
        Kind::Flag => {}
        Kind::Choice { options } => {
            let options = list(options.iter().map(|option: &Choice| inline(option)));
            *toml += &format!("options = {options}\n");
        }
        Kind::Quantity(grid) => quantity(toml, grid),
    }
    if feature.missing {
        *toml += "missing = true\n";
    }
    if feature.local {
        *toml += "local = true\n";
    }
    optional(toml, "moment", feature.moment.as_ref());
    if feature.absent != WhenAbsent::Ask {
        *toml += &format!("absent = {}\n", inline(&feature.absent));
    }
    for source in &feature.sources {
        *toml += "\n[[intake.source]]\n";
        *toml += &SourceText::from(source).to_toml();
    }
}

fn quantity(toml: &mut String, quantity: &Quantity) {
    field(toml, "unit", &quantity.unit);
    number(toml, "min", quantity.min);
    number(toml, "max", quantity.max);
    number(toml, "step", quantity.step);
    if quantity.is_binned() {
        *toml += &format!("edges = {:?}\n", quantity.edges);
    }
    if !quantity.missing_codes.is_empty() {
        *toml += &format!("missing-codes = {:?}\n", quantity.missing_codes);
    }
    if quantity.rounding != Rounding::Down {
        *toml += &format!("rounding = {}\n", inline(&quantity.rounding));
    }
    if let Some([low, high]) = quantity.limits {
        *toml += &format!("limits = [{low:?}, {high:?}]\n");
    }
    optional(toml, "analyte", quantity.analyte.as_ref());
}
