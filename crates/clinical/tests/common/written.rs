// SPDX-License-Identifier: Apache-2.0
//! Everything that is written in FHIR: the opinions of all worked examples in every standing, those
//! of a protocol whose texts and outputs are at the edge, all questionnaires.

use cso_clinical::fhir::{opinion, questionnaire, Answered};
use cso_clinical::{Description, Eligibility, ModelCheck, Protocol, Reading};
use jiff::Timestamp;
use serde_json::Value as Json;

use super::shipped;

pub(crate) const CHECKS: [ModelCheck; 4] =
    [ModelCheck::Published, ModelCheck::Differs, ModelCheck::Retired, ModelCheck::Unknown];

/// Monday, 23 November 2026, 10:11:12.345 UTC.
pub(crate) fn time() -> Timestamp {
    Timestamp::from_millisecond(1_795_428_672_345).unwrap()
}

/// What people write and machines stumble over: markup, quotes, blanks that aren't blanks, letters
/// of several code points, other directions. And what outputs can be: a probability, percentages
/// that are none, two that say the same in the same words, no unit, one that UCUM doesn't have.
pub(crate) const EDGE: &str = r#"
format = 1
[protocol]
id = "edge-1"
title = "<b>5 %</b> & \"more\" ]]> 'x' سؤال می‌خواهم 👩‍⚕️"
version = "1 rc"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests: a < b && c > d, 5 mg."
[[intake]]
id = "flag"
label = "<script>alert('x')</script> 5 %"
help = "Yes & no."
kind = "flag"
[[intake]]
id = "choice"
label = "Choice"
kind = "choice"
options = [{ id = "a b", label = "erste Wahl" }, { id = "c/d", label = "<i>" }]
[[output]]
id = "p"
label = "Probability of <b>falling</b>"
kind = "probability"
unit = "%"
min = 0
max = 100
step = 0.5
meaning = [{ from = 0, to = 100, text = "5 % & <more>", next = "ask", figure = [{ text = "6 < 7", population = "nobody", source = "A & B" }] }]
[[output]]
id = "saturation"
label = "Oxygen saturation"
unit = "%"
min = 0
max = 100
meaning = [{ from = 0, to = 100, text = "any", next = "ask" }]
[[output]]
id = "change"
label = "Change"
unit = "%"
min = -50
max = 250
meaning = [{ from = -50, to = 250, text = "any", next = "ask" }]
[[output]]
id = "twin-1"
label = "Twin"
min = 0
max = 1
meaning = [{ from = 0, to = 1, text = "any", next = "ask" }]
[[output]]
id = "twin-2"
label = "Twin"
min = 0
max = 1
meaning = [{ from = 0, to = 1, text = "any", next = "ask" }]
[[output]]
id = "score"
label = "Score"
unit = "points of 3"
min = 0
max = 3
meaning = [{ from = 0, to = 3, text = "any", next = "ask" }]
[[ranking]]
id = "first"
label = "First"
outputs = ["twin-1", "twin-2"]
[model]
[[model.term]]
feature = "flag"
points = 1
"#;

/// The public part of the protocol at the edge.
pub(crate) fn edge() -> Description {
    let outputs = ["p", "saturation", "change", "twin-1", "twin-2", "score"];
    let outputs = outputs.map(|id| format!("[[model.output]]\nid = \"{id}\"\n"));
    Protocol::from_toml(&format!("{EDGE}{}", outputs.concat())).unwrap().description()
}

/// A description with every field, in two languages.
pub(crate) fn every_field() -> Description {
    Protocol::from_toml(include_str!("../data/description-1.toml")).unwrap().description()
}

/// One opinion in every standing: each check of the model, with a time and without.
pub(crate) fn in_every_standing(description: &Description, readings: &[Reading]) -> Vec<Json> {
    let standings = CHECKS.into_iter().flat_map(|model| [(model, Some(time())), (model, None)]);
    let written = standings.map(|(model, time)| {
        let expert = "5F… <Dr. Bea Sample> & \"Sons\"";
        opinion(
            description,
            readings,
            &Answered { expert, time, model, eligibility: &Eligibility::Fits },
        )
    });
    written.collect()
}

/// The opinions of all worked examples, and those at the edge.
pub(crate) fn opinions() -> Vec<Json> {
    let mut opinions = Vec::new();
    for (_, protocol) in shipped() {
        let description = protocol.description();
        for example in protocol.examples() {
            let raw = protocol.evaluate(&example.full_answers(&protocol)).unwrap();
            let readings = description.interpret(&raw, &Default::default()).unwrap();
            opinions.extend(in_every_standing(&description, &readings));
        }
    }
    let description = every_field();
    for language in ["en", "de"] {
        let description = description.in_language(language);
        for raw in [[0, 0, 0], [200, 4, 1]] {
            let readings = description.interpret(&raw, &Default::default()).unwrap();
            opinions.extend(in_every_standing(&description, &readings));
        }
    }
    let description = edge();
    for raw in [[0; 6], [200, 100, 300, 1, 1, 3], [17, 50, 60, 0, 0, 1]] {
        let readings = description.interpret(&raw, &Default::default()).unwrap();
        opinions.extend(in_every_standing(&description, &readings));
    }
    opinions
}

/// The questionnaires of all protocols.
pub(crate) fn questionnaires() -> Vec<Json> {
    let forms = shipped();
    let forms = forms.iter().map(|(_, protocol)| questionnaire(&protocol.description()));
    let german = every_field().in_language("de");
    let others = [every_field(), german, edge()].map(|one| questionnaire(&one));
    forms.chain(others).collect()
}
