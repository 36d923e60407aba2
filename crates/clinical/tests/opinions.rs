// SPDX-License-Identifier: Apache-2.0
//! What leaves: the questionnaire, the opinion as FHIR, the page for the doctor.

mod common;

use cso_clinical::fhir::{opinion, questionnaire, Answered};
use cso_clinical::intake::Kind;
use cso_clinical::opinion_page::{html, Block, OpinionPage};
use cso_clinical::{Eligibility, ModelCheck, Protocol, Setting, Value, DISCLAIMER};
use proptest::prelude::*;
use serde_json::{json, Value as Json};

use common::written::{edge, every_field, time, CHECKS};
use common::{protocol, read_record, shipped, TODAY};

/// Asks every kind of question, with and without a way to say "unknown".
const EVERY_KIND: &str = r#"
format = 1
[protocol]
id = "every-kind"
title = "Every kind of question"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
[[intake]]
id = "flag"
label = "Flag"
help = "Yes or no."
kind = "flag"
missing = true
[[intake]]
id = "choice"
label = "Choice"
kind = "choice"
options = [{ id = "a b", label = "first", codes = { loinc = ["LA32-8"] } }, { id = "c/d", label = "second" }, { id = "e", label = "third" }]
missing = true
[[intake]]
id = "quantity"
label = "Quantity"
kind = "quantity"
unit = "mg/dL"
min = -2.5
max = 7.5
step = 0.125
missing = true
[[output]]
id = "score"
label = "Score"
min = 0
max = 1
meaning = [{ from = 0, to = 1, text = "any", next = "ask" }]
[[model.term]]
feature = "flag"
points = 1
missing = 0
"#;

#[test]
fn any_answers_to_the_generated_questionnaire_come_back_through_the_import() {
    let every_kind = Protocol::from_toml(EVERY_KIND).unwrap();
    let protocols = shipped().into_iter().map(|(_, protocol)| protocol);
    for protocol in protocols.chain([every_kind]) {
        let form = questionnaire(&protocol.description());
        let id = &protocol.meta().id;
        proptest!(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() }, |(answers in common::any_answers(protocol.intake()))| {
            let mut answers = answers;
            for value in answers.values_mut() {
                if let Value::Quantity(number) = value {
                    // As people write numbers.
                    *number = (*number * 1e6).round() / 1e6;
                }
            }
            let response = common::response(&form, &answers);
            let found = read_record(&response.to_string(), protocol.intake(), TODAY).unwrap();
            let mut given = answers.clone();
            given.retain(|_, value| *value != Value::Missing);
            let back = found.answers();
            prop_assert_eq!(&back, &given, "{}", id);
            prop_assert_eq!(found.missing.len(), answers.len() - given.len());
            prop_assert_eq!(protocol.intake().encode(&back), protocol.intake().encode(&answers));
        });
    }
}

#[test]
fn quantities_ask_with_their_unit_and_limits() {
    let description = protocol("news2").description();
    let form = questionnaire(&description);
    let (index, feature) = description.intake().feature("temperature").unwrap();
    assert!(matches!(&feature.kind, Kind::Quantity(quantity) if quantity.unit == "Cel"));
    let extensions = form["item"][index]["extension"].as_array().unwrap();
    assert_eq!(extensions[0]["valueCoding"]["code"], "Cel");
    assert_eq!(
        (&extensions[1]["valueDecimal"], &extensions[2]["valueDecimal"]),
        (&json!(20.0), &json!(46.0))
    );
}

#[test]
fn opinions_have_what_the_resources_require() {
    let description = protocol("grace").description();
    let readings = description.interpret(&[149, 9], &Default::default()).unwrap();
    let answered = Answered {
        expert: "Dr. Bea Sample",
        time: Some(time()),
        model: ModelCheck::Published,
        eligibility: &Eligibility::Fits,
    };
    let bundle = opinion(&description, &readings, &answered);
    let entries = bundle["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    for entry in &entries[..2] {
        let observation = &entry["resource"];
        assert_eq!(observation["resourceType"], "Observation");
        assert_eq!(observation["status"], "final");
        assert!(observation["code"]["text"].is_string());
        let warning = Setting::Emergency.warning("en").unwrap();
        assert_eq!(observation["note"][0]["text"], warning);
        assert_eq!(observation["note"][1]["text"], DISCLAIMER);
    }
    assert_eq!(
        entries[0]["resource"]["valueQuantity"],
        json!({ "value": 150.0, "unit": "points" })
    );
    assert_eq!(entries[1]["resource"]["valueCodeableConcept"]["text"], "2.9 to 3.9 %");
    let risk = &entries[2]["resource"];
    assert_eq!(risk["resourceType"], "RiskAssessment");
    assert!(risk["status"].is_string() && risk["subject"].is_object());
    assert_eq!(risk["prediction"].as_array().unwrap().len(), 2);
    assert_eq!(risk["basis"][0]["reference"], entries[0]["fullUrl"]);
}

/// The JSON of each resource of an opinion by that model, the RiskAssessment last.
fn resources(model: ModelCheck, time: Option<jiff::Timestamp>) -> Vec<Json> {
    let description = protocol("grace").description();
    let readings = description.interpret(&[149, 9], &Default::default()).unwrap();
    let bundle = opinion(
        &description,
        &readings,
        &Answered { expert: "Dr. Bea", time, model, eligibility: &Eligibility::Fits },
    );
    let entries = bundle["entry"].as_array().unwrap().iter();
    entries.map(|entry| entry["resource"].clone()).collect()
}

#[test]
fn only_an_opinion_by_the_published_model_is_final() {
    for model in CHECKS {
        for resource in resources(model, Some(time())) {
            let published = model == ModelCheck::Published;
            let status = if published { "final" } else { "preliminary" };
            assert_eq!(resource["status"], status, "{model:?}");
            assert_eq!(resource.get("meta").is_none(), published);
        }
    }
    let code = |model| resources(model, None)[0]["meta"]["security"][0]["code"].clone();
    assert_eq!(code(ModelCheck::Differs), "UNRELIABLE");
    assert_eq!(code(ModelCheck::Retired), "UNCERTREL");
    assert_eq!(code(ModelCheck::Unknown), "UNCERTREL");
}

#[test]
fn a_model_that_is_not_the_published_one_is_told_before_each_value() {
    for model in CHECKS.into_iter().filter(|model| *model != ModelCheck::Published) {
        let caveat = model.caveat().unwrap();
        let all = resources(model, None);
        for resource in &all {
            assert_eq!(resource["note"][0]["text"], caveat);
            assert_eq!(resource["note"][2]["text"], DISCLAIMER);
            let words = resource["text"]["div"].as_str().unwrap();
            let words = words.split_once("<p>").unwrap().1;
            assert!(words.starts_with(&format!("<b>{}</b></p>", caveat)), "{words}");
        }
        let risk = all.last().unwrap();
        for prediction in risk["prediction"].as_array().unwrap() {
            assert!(prediction["rationale"].as_str().unwrap().starts_with(caveat));
        }
    }
    let published = resources(ModelCheck::Published, None);
    assert!(published.iter().all(|resource| !resource.to_string().contains("NOT VERIFIED")));
}

#[test]
fn opinions_bear_the_time_of_the_answer_or_say_that_it_is_not_known() {
    const TIME: &str = "2026-11-23T10:11:12.345Z";
    let fields = |resource: &Json| match resource["resourceType"] == "Observation" {
        true => ("effectiveDateTime", "_effectiveDateTime"),
        false => ("occurrenceDateTime", "_occurrenceDateTime"),
    };
    for resource in resources(ModelCheck::Published, Some(time())) {
        assert_eq!(resource[fields(&resource).0], TIME);
        assert!(resource["issued"].is_null() || resource["issued"] == TIME);
    }
    for resource in resources(ModelCheck::Published, None) {
        let (value, around) = fields(&resource);
        assert!(resource.get(value).is_none() && resource.get("issued").is_none());
        let said = &resource[around]["extension"][0];
        let url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
        assert_eq!(said, &json!({ "url": url, "valueCode": "unknown" }));
    }
}

#[test]
fn only_declared_probabilities_within_the_scale_are_told_as_such() {
    let description = edge();
    let mut readings = description.interpret(&[17, 50, 300, 0, 0, 1], &Default::default()).unwrap();
    let answered = Answered {
        expert: "Dr. Bea",
        time: None,
        model: ModelCheck::Published,
        eligibility: &Eligibility::Fits,
    };
    let bundle = opinion(&description, &readings, &answered);
    let entries = bundle["entry"].as_array().unwrap();
    let predictions = entries.last().unwrap()["resource"]["prediction"].as_array().unwrap();
    let told: Vec<_> = predictions.iter().map(|one| one.get("probabilityDecimal")).collect();
    assert_eq!(told[0], Some(&json!(8.5)));
    assert!(told[1..].iter().all(Option::is_none), "{told:?}");
    for (index, value) in [8.5, 50.0, 250.0].into_iter().enumerate() {
        let quantity = &entries[index]["resource"]["valueQuantity"];
        let percent = json!({ "value": value, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%" });
        assert_eq!(quantity, &percent);
    }
    // What no description allows isn't bent to fit either.
    for beyond in [-0.5, 100.5] {
        readings[0].value = beyond;
        let bundle = opinion(&description, &readings, &answered);
        assert_eq!(bundle["entry"][0]["resource"]["valueQuantity"]["value"], beyond);
        let prediction = &bundle["entry"][7]["resource"]["prediction"][0];
        assert!(prediction.get("probabilityDecimal").is_none());
    }
}

#[test]
fn outputs_that_say_the_same_are_told_apart() {
    let description = edge();
    let readings = description.interpret(&[0, 0, 0, 1, 1, 0], &Default::default()).unwrap();
    let answered = Answered {
        expert: "Dr. Bea",
        time: None,
        model: ModelCheck::Published,
        eligibility: &Eligibility::Fits,
    };
    let bundle = opinion(&description, &readings, &answered);
    let twins = [&bundle["entry"][3], &bundle["entry"][4]];
    assert_eq!(twins[0]["resource"], twins[1]["resource"]);
    assert_ne!(twins[0]["fullUrl"], twins[1]["fullUrl"]);
}

fn page(model: ModelCheck) -> OpinionPage {
    OpinionPage {
        date: "2026-11-24".into(),
        expert: "Dr. Bea".into(),
        time: Some(time()),
        model,
        eligibility: Eligibility::Fits,
        question: String::new(),
        note: String::new(),
        inputs: vec![["Age".into(), "69 years".into(), "from a FHIR record".into()]],
        proofs: vec![["record commitment".into(), "0xabc".into()]],
    }
}

#[test]
fn the_page_says_first_of_all_that_the_model_is_not_the_published_one() {
    let description = protocol("cha2ds2-vasc").description();
    let readings = description.interpret(&[5], &Default::default()).unwrap();
    for model in CHECKS {
        let html = html(&description, &readings, &page(model));
        let document = page(model).document(&description, &readings);
        assert_eq!(document.caveat.as_deref(), model.caveat());
        let (_, below_title) = html.split_once("</h1>\n").unwrap();
        let first = below_title.lines().next().unwrap();
        match model.caveat() {
            Some(caveat) => {
                let caveat = caveat.replace('\'', "&#39;");
                assert_eq!(first, format!("<p class=\"notice caveat\">{caveat}</p>"));
            }
            None => assert!(first.starts_with("<p>Answered by") && !html.contains("NOT VERIFIED")),
        }
    }
}

#[test]
fn the_page_tells_the_time_of_the_answer_and_the_day_of_writing_apart() {
    let description = protocol("cha2ds2-vasc").description();
    let readings = description.interpret(&[5], &Default::default()).unwrap();
    let byline = |time| {
        let page = OpinionPage { time, ..page(ModelCheck::Published) };
        page.document(&description, &readings).byline
    };
    let known = "Answered by Dr. Bea on 2026-11-23 10:11 UTC. Written on 2026-11-24.";
    assert_eq!(byline(Some(time())), known);
    assert!(byline(None).contains("a time that isn't known. Written on 2026-11-24"));
}

#[test]
fn the_page_shows_result_sources_and_disclaimer_and_runs_nothing() {
    let description = protocol("cha2ds2-vasc").description();
    let readings = description.interpret(&[5], &Default::default()).unwrap();
    let page = OpinionPage {
        expert: "<script>alert('x')</script> & Co".into(),
        ..page(ModelCheck::Published)
    };
    let html = html(&description, &readings, &page);
    for text in [
        "5 points",
        "69 years",
        "7.2 strokes from a clot per 100 people a year",
        "10.1378/chest.09-1584",
        "0xabc",
        DISCLAIMER,
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(
        !html.contains("<script")
            && html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; Co")
    );
}

/// Where each text stands in the other, in this order.
fn in_order(whole: &str, texts: &[&str]) {
    let mut from = 0;
    for text in texts {
        let at = whole[from..]
            .find(text)
            .unwrap_or_else(|| panic!("`{text}` isn't where it belongs in {whole}"));
        from += at + text.len();
    }
}

#[test]
fn whom_it_is_for_and_what_to_do_stand_beside_the_result() {
    let description = every_field();
    let readings = description.interpret(&[60, 4, 1], &Default::default()).unwrap();
    let page = OpinionPage {
        question: "What now?".into(),
        note: "See me.".into(),
        ..page(ModelCheck::Published)
    };
    let html = html(&description, &readings, &page);
    in_order(
        &html,
        &[
            "<h1>Second opinion: Every field</h1>",
            "This question is urgent.",
            DISCLAIMER,
            "30 %",
            "Many people get ill.",
            "<b>Next step:</b> Talk with your doctor this week.",
            "<b>Warning signs:</b> Call for help if your chest hurts.",
            "<b>For clinicians:</b> Class I: treat.",
            "12 of 100 get ill within 10 years (95 % interval 11 to 14 of 100). 9000 adults, Sweden, 2005-2008 (Author 2020, table 3)",
            "1.2.0",
            "Adults with &lt;a finding&gt; &amp; a question.",
            "Not for",
            "Children.",
            "Yes, by the answers, as checked on the patient&#39;s side before anything was sent.",
            "doi:10.1000/example",
            "https://example.org/guideline?edition=2",
            "See me.",
            "What now?",
            "69 years",
            "0xabc",
        ],
    );
    let of = |eligibility| {
        let page = OpinionPage { eligibility, ..page.clone() };
        let document = page.document(&description, &readings);
        let table = document.blocks.into_iter().find_map(|block| match block {
            Block::Table(rows) => Some(rows),
            _ => None,
        });
        table.unwrap().pop().unwrap().pop().unwrap()
    };
    let reasons = vec!["This is for adults.".to_owned()];
    assert_eq!(of(Eligibility::DoesNotFit { reasons }), "No: This is for adults.");
    let open = of(Eligibility::Open { features: vec!["age".to_owned()] });
    assert_eq!(open, "Not known, for lack of an answer to: Age");
}

#[test]
fn the_page_is_in_one_language() {
    let description = every_field().in_language("de-AT");
    let readings = description.interpret(&[4, 0, 0], &Default::default()).unwrap();
    let html = html(&description, &readings, &page(ModelCheck::Differs));
    in_order(
        &html,
        &[
            "<html lang=\"de\">",
            "Zweitmeinung: Jedes Feld",
            "NICHT BESTÄTIGT",
            "Die Frage ist dringend.",
            "Beantwortet von Dr. Bea am 2026-11-23 10:11 UTC.",
            "Forschungssoftware, kein Medizinprodukt.",
            "<h2>Ergebnis</h2>",
            "Risiko: ",
            "Wenige Menschen werden krank.",
            "<b>Nächster Schritt:</b> Fragen Sie in fünf Jahren wieder.",
            "fehlt die Antwort auf: Alter",
            "Nicht geeignet für",
            "Kinder.",
            "<h2>Quellen</h2>",
            "<h2>Verwendete Antworten</h2>",
            "<h2>Nachweis</h2>",
        ],
    );
    for english in ["Result", "Next step", "Not for", "Research software", "Answers"] {
        assert!(!html.contains(english), "{english}");
    }
}

#[test]
fn every_resource_says_whom_it_is_for_and_what_to_do() {
    let description = every_field();
    for (language, texts) in [
        (
            "en",
            [
                "This question is urgent.",
                "Next step: Talk with your doctor this week.",
                "12 of 100 get ill within 10 years (95 % interval 11 to 14 of 100). 9000 adults",
                "Version: 1.2.0",
                "Not for: Children.",
                "For this person: Yes, by the answers",
                "References: Author A.",
            ],
        ),
        (
            "de",
            [
                "Die Frage ist dringend.",
                "Nächster Schritt: Sprechen Sie diese Woche mit Ihrer Ärztin.",
                "12 von 100 werden in 10 Jahren krank (95-%-Intervall 11 bis 14 von 100). 9000 Erwachsene",
                "Version: 1.2.0",
                "Nicht geeignet für: Kinder.",
                "Für diese Person geeignet: Ja, nach den Antworten",
                "Quellen: Author A.",
            ],
        ),
    ] {
        let description = description.in_language(language);
        let readings = description.interpret(&[60, 4, 1], &Default::default()).unwrap();
        let answered = Answered {
            expert: "Dr. Bea",
            time: None,
            model: ModelCheck::Published,
            eligibility: &Eligibility::Fits,
        };
        let bundle = opinion(&description, &readings, &answered);
        assert_eq!(bundle["language"], language);
        let entries = bundle["entry"].as_array().unwrap();
        for resource in [&entries[0]["resource"], &entries.last().unwrap()["resource"]] {
            assert_eq!(resource["language"], language);
            let notes: Vec<_> = resource["note"].as_array().unwrap().iter().collect();
            let notes: Vec<_> = notes.iter().map(|note| note["text"].as_str().unwrap()).collect();
            for text in texts {
                assert!(notes.iter().any(|note| note.contains(text)), "{text}: {notes:?}");
            }
            let words = resource["text"]["div"].as_str().unwrap();
            in_order(words, &texts);
        }
        let risk = &entries.last().unwrap()["resource"];
        assert!(texts[1].ends_with(risk["mitigation"].as_str().unwrap()));
    }
}

#[test]
fn questionnaires_ask_in_every_language() {
    let form = questionnaire(&every_field().in_language("de"));
    assert_eq!(form["language"], "de");
    assert_eq!(form["title"], "Jedes Feld");
    let english = |element: &Json| {
        let extension = &element["extension"][0];
        assert_eq!(extension["url"], "http://hl7.org/fhir/StructureDefinition/translation");
        assert_eq!(extension["extension"][0], json!({ "url": "lang", "valueCode": "en" }));
        extension["extension"][1]["valueString"].as_str().unwrap().to_owned()
    };
    assert_eq!(english(&form["_title"]), "Every field");
    let [sex, creatinine, glucose] = [0, 1, 2].map(|index| &form["item"][index]);
    assert_eq!((&sex["text"], &*english(&sex["_text"])), (&json!("Geschlecht"), "Sex"));
    let female = &sex["answerOption"][0]["valueCoding"];
    assert_eq!(
        (&female["display"], &*english(&female["_display"])),
        (&json!("weiblich"), "female")
    );
    let help = &creatinine["item"][0];
    assert_eq!((&help["text"], &*english(&help["_text"])), (&json!("Im Blut."), "In blood."));
    assert_eq!(glucose.get("_text"), None);
    // What stays with the patient is asked too, if nothing else answers it.
    let age = &form["item"][4];
    assert_eq!((&age["linkId"], &age["required"]), (&json!("age"), &json!(false)));
    // The language changes nothing of what it asks.
    assert_eq!(form["url"], questionnaire(&every_field())["url"]);
}
