// SPDX-License-Identifier: Apache-2.0
//! Writing the TOML form of a protocol: what is read from it is the same protocol again.
//!
//! Tables stand in the order in which people read them, short lists on one line. Whatever has its
//! default is left out.

mod intake;
mod model;
mod outputs;

use serde::Serialize;

use super::meta::FORMAT;
use super::{Example, ExpectedValue, Meta, Protocol, ProtocolError};
use crate::intake::text::Text;
use crate::intake::Value;

impl Protocol {
    /// The protocol file. A model file that the protocol was read with is written out as terms.
    pub(crate) fn to_toml(&self) -> String {
        let mut toml = format!("format = {FORMAT}\n");
        meta(&mut toml, self.meta());
        for moment in self.intake().moments() {
            intake::moment(&mut toml, moment);
        }
        for feature in self.intake().features() {
            intake::feature(&mut toml, feature);
        }
        for requirement in self.description.requirements() {
            toml += "\n[[requires]]\n";
            field(&mut toml, "when", requirement.when.as_str());
            text(&mut toml, "text", &requirement.text);
        }
        for output in self.outputs() {
            outputs::output(&mut toml, output);
        }
        for ranking in self.rankings() {
            outputs::ranking(&mut toml, ranking);
        }
        for disclosure in self.description.disclosures() {
            toml += "\n[[disclosure]]\n";
            field(&mut toml, "id", &disclosure.id);
            text(&mut toml, "label", &disclosure.label);
            optional(&mut toml, "feature", disclosure.feature.as_ref());
        }
        model::model(&mut toml, self.model(), self.intake(), self.outputs());
        for one in self.examples() {
            example(&mut toml, one);
        }
        toml
    }

    /// Whether a protocol file isn't too long to be read.
    pub(crate) fn check_length(toml: &str) -> Result<(), ProtocolError> {
        super::text::check_length(toml)
    }
}

fn meta(toml: &mut String, meta: &Meta) {
    *toml += "\n[protocol]\n";
    field(toml, "id", &meta.id);
    text(toml, "title", &meta.title);
    field(toml, "version", &meta.version);
    field(toml, "language", &meta.language);
    if !meta.languages.is_empty() {
        let languages = list(meta.languages.iter().map(|language| quote(language)));
        *toml += &format!("languages = {languages}\n");
    }
    field(toml, "licence", &meta.licence);
    field(toml, "setting", meta.setting.word());
    text(toml, "intended_use", &meta.intended_use);
    optional_text(toml, "not_for", meta.not_for.as_ref());
    for reference in &meta.references {
        *toml += "\n[[protocol.reference]]\n";
        field(toml, "citation", &reference.citation);
        optional(toml, "doi", reference.doi.as_ref());
        optional(toml, "url", reference.url.as_ref());
    }
}

fn example(toml: &mut String, example: &Example) {
    *toml += "\n[[example]]\n";
    field(toml, "name", &example.name);
    optional(toml, "source", example.source.as_ref());
    let answers = example.answers.iter().map(|(id, value)| {
        let value = match value {
            Value::Flag(flag) => flag.to_string(),
            Value::Quantity(number) => format!("{number:?}"),
            Value::Choice(option) => quote(option),
            Value::Missing => quote("missing"),
        };
        format!("{} = {value}", quote(id))
    });
    *toml += &format!("answers = {}\n", table(answers));
    if example.others_no {
        *toml += "others_no = true\n";
    }
    let outputs = example.outputs.iter().map(|(id, value)| {
        let value = match value {
            ExpectedValue::Number(number) => format!("{number:?}"),
            ExpectedValue::Name(name) => quote(name),
        };
        format!("{} = {value}", quote(id))
    });
    *toml += &format!("outputs = {}\n", table(outputs));
}

/// A text as TOML writes it, on one line, also as a key.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            c if c.is_control() => quoted += &format!("\\u{:04X}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

fn field(toml: &mut String, key: &str, text: &str) {
    *toml += &format!("{key} = {}\n", quote(text));
}

fn optional(toml: &mut String, key: &str, text: Option<&String>) {
    if let Some(text) = text {
        field(toml, key, text);
    }
}

/// A text as it is written: a string, or a table by language.
fn words(text: &Text) -> String {
    let languages: Vec<String> = text
        .translations()
        .map(|(language, text)| format!("{language} = {}", quote(text)))
        .collect();
    match languages.is_empty() {
        true => quote(text),
        false => table(languages.into_iter()),
    }
}

fn text(toml: &mut String, key: &str, text: &Text) {
    *toml += &format!("{key} = {}\n", words(text));
}

fn optional_text(toml: &mut String, key: &str, own: Option<&Text>) {
    if let Some(own) = own {
        text(toml, key, own);
    }
}

/// `{:?}` of a number is the shortest text that is read as the same number.
fn number(toml: &mut String, key: &str, number: f64) {
    *toml += &format!("{key} = {number:?}\n");
}

/// An inline table of `key = value` pairs.
fn table(pairs: impl Iterator<Item = String>) -> String {
    let pairs: Vec<String> = pairs.collect();
    match pairs.is_empty() {
        true => "{}".to_owned(),
        false => format!("{{ {} }}", pairs.join(", ")),
    }
}

/// A list on one line.
fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(", "))
}

/// Any value, tables inline with their fields in order.
fn inline(value: &impl Serialize) -> String {
    let mut text = String::new();
    value
        .serialize(toml::ser::ValueSerializer::new(&mut text))
        .expect("texts, numbers and lists of them are values of TOML");
    text
}

#[cfg(test)]
mod tests {
    use crate::protocol::Protocol;

    const EVERY_KIND: &str = include_str!("../../../tests/every-kind.toml");

    /// Every field of the public part.
    const EVERY_FIELD: &str = include_str!("../../../tests/data/description-1.toml");

    /// The links and transforms that give no whole points.
    const REGRESSIONS: &str = r#"
format = 1
[protocol]
id = "regressions"
title = "Regressions"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
[[intake]]
id = "a b"
label = "a"
kind = "quantity"
unit = "mmol/L"
min = 0.1
max = 25.6
step = 0.1
rounding = "up"
analyte = "glucose"
[[intake]]
id = "y"
label = "y"
kind = "flag"
[[output]]
id = "risk"
label = "Risk"
unit = "%"
min = 0
max = 100
meaning = [{ from = 0, to = 100, text = "any", next = "ask", figure = [{ text = "none", population = "nobody", source = "nowhere" }] }]
[[output]]
id = "odds"
label = "Odds"
min = 0
max = 10
step = 0.1
meaning = [{ from = 0, to = 10, text = "any", next = "ask" }]
[[output]]
id = "cox"
label = "Cox"
min = 0
max = 1
step = 0.01
meaning = [{ from = 0, to = 1, text = "any", next = "ask" }]
[[ranking]]
id = "first"
label = "First"
outputs = ["odds", "cox"]
top = 2
probability = "softmax"
[model]
intercept = { total = -0.1, "other sum" = 0.30000000000000004 }
join = [["y", "a b"]]
precise = true
[[model.output]]
id = "risk"
link = "logistic"
times = 100
[[model.output]]
id = "odds"
link = "exp"
plus = -0.5
clamp = true
[[model.output]]
id = "cox"
sum = "other sum"
link = "cox"
baseline = 0.9
[[model.term]]
feature = "a b"
transform = "ln"
weight = 0.1
centre = 1.5
[[model.term]]
sum = "other sum"
when = "y or not (`a b` < 2 or `a b` != 7.5)"
product = [{ feature = "y" }, { feature = "a b", transform = "sqrt", centre = 1e-3 }]
weight = -1e-3
"#;

    fn comes_back(toml: &str) -> Protocol {
        let protocol = Protocol::from_toml(toml).unwrap_or_else(|error| panic!("{error}\n{toml}"));
        let written = protocol.to_toml();
        let again =
            Protocol::from_toml(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
        assert_eq!(again, protocol, "{written}");
        assert_eq!(again.to_toml(), written);
        protocol
    }

    #[test]
    fn every_shipped_protocol_comes_back() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                comes_back(&std::fs::read_to_string(path).unwrap());
                count += 1;
            }
        }
        assert!(count >= 12, "{count}");
    }

    #[test]
    fn every_kind_of_feature_term_and_link_comes_back() {
        comes_back(EVERY_KIND);
        comes_back(REGRESSIONS);
        comes_back(EVERY_FIELD);
    }

    #[test]
    fn texts_come_back_whatever_they_hold() {
        // What others read is one line; names of examples stay with the expert.
        let title = "quotes \\\" and \\\\ and é";
        let name = "tabs\\t, line\\nends, \\u0007";
        let toml = EVERY_KIND.replace("Every kind of term", title).replace("y alone", name);
        let protocol = comes_back(&toml);
        assert_eq!(protocol.meta().title, "quotes \" and \\ and é");
        assert_eq!(protocol.examples()[0].name, "tabs\t, line\nends, \u{7}");
    }
}
