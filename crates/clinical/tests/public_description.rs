// SPDX-License-Identifier: Apache-2.0
//! The public description: languages, whom a protocol is for, meanings by answers, features that
//! stay with the patient, and its form.

mod common;

use cso_clinical::intake::parse_answers_json;
use cso_clinical::{compile, Answers, Description, Eligibility, Protocol, Setting};
use serde_json::Value as Json;

const TOML: &str = include_str!("data/description-1.toml");
const FROZEN: &str = include_str!("data/description-1.json");

fn protocol() -> Protocol {
    Protocol::from_toml(TOML).unwrap_or_else(|error| panic!("{error}"))
}

/// The error of the file with one part changed.
fn refused(from: &str, to: &str) -> String {
    assert!(TOML.contains(from), "{from}");
    Protocol::from_toml(&TOML.replacen(from, to, 1)).unwrap_err().to_string()
}

fn answers(json: &str) -> Answers {
    parse_answers_json(json).unwrap()
}

#[test]
fn the_form_on_chain_is_frozen() {
    let json = protocol().description().to_json();
    assert_eq!(json, FROZEN.trim_end());
    let read = Description::from_json(&json).unwrap();
    assert_eq!(read, protocol().description());
    assert_eq!(read.to_json(), json);
}

#[test]
fn descriptions_with_placeholders_are_refused() {
    for (pointer, text) in [
        ("/protocol/title", "TITLE"),
        ("/protocol/licence", "LICENCE"),
        ("/protocol/setting", "SETTING"),
        ("/output/0/meaning/0/next/en", "WHAT TO DO NEXT"),
    ] {
        let mut changed: Json = serde_json::from_str(FROZEN).unwrap();
        *changed.pointer_mut(pointer).unwrap() = Json::from(text);
        let error = Description::from_json(&changed.to_string()).unwrap_err().to_string();
        assert!(error.contains("this is left to be written: "), "{pointer}: {error}");
    }
}

#[test]
fn lists_of_two_have_two_entries() {
    let interval = "interval = [11, 14]";
    for (from, to, words) in [
        (
            "limits = [0.1, 20]",
            "limits = [0.1, 20, 30]",
            "invalid length 3, expected two numbers in `limits`",
        ),
        (
            "limits = [0.1, 20]",
            "limits = [0.1]",
            "invalid length 1, expected two numbers in `limits`",
        ),
        ("limits = [0.1, 20]", "limits = [0.1, 20, \"x\"]", "invalid length 3"),
        (
            interval,
            "interval = [11, 14, 99]",
            "invalid length 3, expected two numbers in `interval`",
        ),
        (interval, "interval = [11, 14, [], {}]", "invalid length 4"),
        (interval, "interval = 11", "expected two numbers in `interval`"),
        (
            "icd10 = [\"F17\"]\npast = true",
            "icd10 = [\"F17\"]\nlimits = [1, 9, 10]",
            "expected two numbers in `limits`",
        ),
    ] {
        let error = refused(from, to);
        assert!(error.contains(words), "{to}: {error}");
        assert!(error.starts_with("protocol file, line "), "{to}: {error}");
    }
}

#[test]
fn figures_are_such_as_can_be() {
    let error = refused("interval = [11, 14]", "interval = [0, 500]");
    // In the file's language, not in the first of the alphabet.
    assert!(
        error.starts_with("output `risk`, figure `12 of 100 get ill within 10 years.`: `interval` is [0, 500]: it lies within 0 and `of`, 100"),
        "{error}"
    );
    assert!(
        refused("\"10 a\"", "\"10  a\"").contains("`per` is `10  a`: write a number, one blank")
    );
    assert!(refused("2005-2008", "2008-2006").contains("`years` is `2008-2006`"));
}

#[test]
fn what_is_named_has_the_form_of_its_name() {
    for (from, to, words) in [
        ("CC-BY-4.0", "free", "protocol licence: `free` is no SPDX identifier"),
        ("10.1000/example", "https://doi.org/10.1000/example", "is no DOI: it begins with 10."),
        ("https://example.org/guideline?edition=2", "https://", "`https://` is no address"),
        (r#"languages = ["en", "de"]"#, r#"languages = ["en", "-a-"]"#, "`-a-` is no BCP 47 tag"),
        (r#"languages = ["en", "de"]"#, r#"languages = ["en", "de", "DE"]"#, "`DE` is named twice"),
    ] {
        let error = refused(from, to);
        assert!(error.contains(words), "{to}: {error}");
    }
    let every_kind = include_str!("every-kind.toml");
    for tag in ["e", "x y<\\\"z", "--"] {
        let toml = every_kind.replace("language = \"en\"", &format!("language = \"{tag}\""));
        let error = Protocol::from_toml(&toml).unwrap_err().to_string();
        assert!(error.contains("is no BCP 47 tag"), "{tag}: {error}");
    }
}

#[test]
fn conditions_that_nobody_meets_are_refused() {
    for (from, to, words) in [
        ("age >= 18", "age >= 1000", "requires: condition `age >= 1000`: `age >= 1000` never holds: feature `age`: its `limits` are 0 to 130"),
        ("age >= 18", "age >= 65 and age < 60", "no answers meet it: its parts contradict"),
        ("sex == female or not smoker", "age < 18", "requires: nobody fits all of them"),
        ("when = \"age >= 65\"", "when = \"age >= 65 and age < 60\"", "output `risk`, meaning from 0: condition `age >= 65 and age < 60`: no answers meet it"),
        ("[[model.term]]\nsum = \"points\"", "[[model.term]]\nsum = \"points\"\nwhen = \"glucose > 30\"", "`glucose > 30` never holds: feature `glucose`: it takes 3 to 18.5 in steps of 0.5"),
    ] {
        let error = refused(from, to);
        assert!(error.contains(words), "{to}: {error}");
    }
    // What stands on chain is judged as it is.
    let json = FROZEN.replacen("age >= 18", "age >= 1000", 1);
    assert!(Description::from_json(&json).is_ok());
}

#[test]
fn texts_are_shown_in_the_language_that_is_wanted() {
    let description = protocol().description();
    assert_eq!(description.language(), "en");
    assert_eq!(description.meta().title, "Every field");
    let german = description.in_language("de-CH");
    assert_eq!(german.language(), "de");
    assert_eq!(german.meta().title, "Jedes Feld");
    let readings = german.interpret(&[20, 0, 1], &answers("{}")).unwrap();
    assert_eq!(readings[0].label, "Risiko");
    assert_eq!(readings[0].meaning, "Viele Menschen werden krank.");
    assert_eq!(readings[0].next.as_deref(), Some("Sprechen Sie diese Woche mit Ihrer Ärztin."));
    assert_eq!(readings[0].figures[0].population, "9000 Erwachsene");
    assert_eq!(readings[0].figures[0].text.translations().count(), 0);
    let line = readings[0].figures[0].line("de");
    assert_eq!(line, "12 von 100 werden in 10 Jahren krank (95-%-Intervall 11 bis 14 von 100). 9000 Erwachsene, Schweden, 2005-2008 (Author 2020, table 3)");
    // A name that is one for all languages.
    assert_eq!(german.intake().feature("glucose").unwrap().1.label, "Glucose");
    assert_eq!(description.in_language("fr"), description);
    assert_eq!(german.in_language("en"), description);
    // Showing changes nothing that is written.
    assert_eq!(german.to_json(), description.to_json());
}

#[test]
fn sentences_are_there_in_every_language() {
    let german = r#", de = "Kinder." }"#;
    assert_eq!(refused(german, " }"), "protocol not_for: it has no text for `de`");
    let table = r#"{ en = "Children.", de = "Kinder." }"#;
    let error = refused(table, "\"Children.\"");
    assert!(error.starts_with("protocol not_for: it is one text, and the file has"), "{error}");
    let error = refused(german, r#", de = "Kinder.", fr = "Enfants." }"#);
    assert_eq!(error, "protocol not_for: `fr` is none of the file's languages, en, de");
    let error = refused(german, r#", de = "Kin\u202Eder." }"#);
    assert!(
        error.starts_with("protocol not_for (de): the text has the character U+202E"),
        "{error}"
    );
    let error = refused(r#"languages = ["en", "de"]"#, r#"languages = ["de"]"#);
    assert!(error.contains("the file's language, `en`, is not among them"), "{error}");
    let error = refused(r#"languages = ["en", "de"]"#, "");
    assert!(error.contains("none of the file's languages, en"), "{error}");
    let error = refused(
        "population = { en = \"inpatients\", de = \"Menschen im Krankenhaus\" }",
        "population = \"inpatients\"",
    );
    assert!(error.starts_with("output `risk`, meaning from 10, figure population"), "{error}");
    let error = refused("https://example.org", "example.org");
    assert!(error.contains("is no address"), "{error}");
}

#[test]
fn who_does_not_fit_is_told_why_and_what_is_not_answered_stays_open() {
    let description = protocol().description();
    let of = |json: &str| description.eligibility(&answers(json));
    let reasons = |reasons: &[&str]| Eligibility::DoesNotFit {
        reasons: reasons.iter().map(|text| (*text).to_owned()).collect(),
    };
    let open = |features: &[&str]| Eligibility::Open {
        features: features.iter().map(|id| (*id).to_owned()).collect(),
    };
    assert_eq!(of(r#"{"age":18,"sex":"female"}"#), Eligibility::Fits);
    assert_eq!(of(r#"{"age":17.9,"sex":"female"}"#), reasons(&["This is for adults."]));
    assert_eq!(
        of(r#"{"age":3,"sex":"male","smoker":true}"#),
        reasons(&["This is for adults.", "This is not for men who smoke."])
    );
    assert_eq!(of(r#"{"sex":"male","smoker":true}"#), reasons(&["This is not for men who smoke."]));
    assert_eq!(of(r#"{"sex":"male"}"#), open(&["smoker", "age"]));
    assert_eq!(of("{}"), open(&["sex", "smoker", "age"]));
    assert_eq!(
        description.in_language("de").eligibility(&answers(r#"{"age":3}"#)),
        reasons(&["Das ist für Erwachsene."])
    );
    let error = refused("age >= 18", "agge >= 18");
    assert_eq!(error, "requires: condition `agge >= 18`: there is no feature `agge`");
}

#[test]
fn examples_are_people_whom_the_protocol_is_for() {
    let error = refused("smoker = true, age = 70", "smoker = true, age = 17");
    assert_eq!(
        error,
        "example `woman of 70 who smokes` is nobody whom the protocol is for: This is for adults."
    );
    // What stays with the patient may be left out of an example.
    Protocol::from_toml(&TOML.replace(", age = 70", "")).unwrap();
}

#[test]
fn meanings_are_chosen_by_what_the_patient_answered() {
    let description = protocol().description();
    let read = |json: &str| description.interpret(&[4, 0, 0], &answers(json)).unwrap().remove(0);
    assert_eq!(read(r#"{"age":65}"#).name.as_deref(), Some("low for the age"));
    assert_eq!(read(r#"{"age":64.5}"#).name.as_deref(), Some("low"));
    assert!(read(r#"{"age":64.5}"#).open.is_empty());
    // Not told: the one for everybody, and it says so.
    let open = read("{}");
    assert_eq!((open.name.as_deref(), open.open), (Some("low"), vec!["age".to_owned()]));
    // A value without a special meaning depends on nothing.
    assert!(description.interpret(&[60, 0, 0], &answers("{}")).unwrap()[0].open.is_empty());
}

#[test]
fn meanings_for_everybody_cover_the_range_and_stand_last() {
    let special = "when = \"age >= 65\"\n";
    let error = refused(special, "");
    assert!(error.contains("must begin at 10, it begins at 0"), "{error}");
    let second = "name = { en = \"low\", de = \"niedrig\" }\n";
    let error = refused(second, &format!("when = \"smoker\"\n{second}"));
    assert!(error.contains("must begin at 0, it begins at 10"), "{error}");
    let error = refused("from = 10\nto = 100\n", "from = 9.5\nto = 100\nwhen = \"smoker\"\n");
    assert!(error.contains("`when` is never looked at"), "{error}");
    let error = refused(
        "next = { en = \"Ask again in a year.\", de = \"Fragen Sie in einem Jahr wieder.\" }\n",
        "",
    );
    assert_eq!(
        error,
        "output `risk`, meaning from 0: it needs a `next` step, since another one has it"
    );
    let none: String =
        TOML.lines().filter(|line| !line.starts_with("next =")).map(|l| format!("{l}\n")).collect();
    let error = Protocol::from_toml(&none).unwrap_err().to_string();
    assert!(error.starts_with("no output says what to do"), "{error}");
}

#[test]
fn what_is_local_takes_no_bits_and_no_part_in_the_model() {
    let protocol = protocol();
    let (index, age) = protocol.intake().feature("age").unwrap();
    assert_eq!((age.bits(), protocol.intake().offset(index)), (0, protocol.intake().bits()));
    let bits = |json: &str| protocol.intake().encode(&answers(json)).map(|encoded| encoded.bits);
    let rest = r#""sex":"male","creatinine":1.0,"glucose":5.0,"smoker":false"#;
    let without = bits(&format!("{{{rest}}}")).unwrap();
    assert_eq!(bits(&format!("{{{rest},\"age\":44.25}}")).unwrap(), without);
    assert_eq!(without.len(), compile(&protocol).unwrap().summary.bits);
    // It has to be an answer all the same, and isn't moved into a range.
    assert!(bits(&format!("{{{rest},\"age\":true}}")).is_err());
    assert!(bits(&format!("{{{rest},\"age\":140}}")).unwrap_err().to_string().contains("outside"));
    let encoded = protocol.intake().encode(&answers(&format!("{{{rest},\"age\":100}}"))).unwrap();
    assert!(encoded.clamped.is_empty());
    for term in [
        "feature = \"age\"\nweight = 1\n",
        "when = \"age >= 65\"\npoints = 1\n",
        "product = [{ feature = \"age\" }, { feature = \"smoker\" }]\nweight = 1\n",
    ] {
        let error = refused("[[model.term]]\n", &format!("[[model.term]]\n{term}[[model.term]]\n"));
        assert!(error.contains("feature `age") && error.contains("is `local`"), "{error}");
    }
    let error = refused("[model]\n", "[model]\njoin = [[\"age\", \"sex\"]]\n");
    assert!(error.contains("`age` is `local`"), "{error}");
}

#[test]
fn moments_join_features_that_there_are() {
    let intake = protocol().description().intake().clone();
    assert_eq!((&*intake.moments()[0].id, intake.moments()[0].within_hours), ("visit", 24));
    let error = refused("id = \"visit\"", "id = \"other\"");
    assert!(error.contains("moment `other`: at least two features must name it"), "{error}");
    // What has no time belongs to none.
    let glucose = "[[intake.source]]\nkind = \"observation\"\nloinc = [\"14749-6\"]\n";
    for source in ["", "[[intake.source]]\nkind = \"derived\"\nformula = \"body-mass-index\"\nfrom = { weight = \"age\", height = \"age\" }\n"] {
        let error = refused(glucose, source);
        assert_eq!(error, "moment `visit`: feature `glucose` can't belong to it: it has no source `observation`, `body-mass-index` or `answer`");
    }
    let error = refused("local = true\n", "local = true\nmoment = \"visit\"\n");
    assert!(
        error.contains(
            "feature `age` can't belong to it: what its source `patient` says has no time"
        ),
        "{error}"
    );
    Protocol::from_toml(
        &TOML.replace(glucose, "[[intake.source]]\nkind = \"answer\"\nlink = \"g\"\n"),
    )
    .unwrap();
    assert!(refused("moment = \"visit\"", "moment = \"later\"").contains("moment `visit`"));
    assert!(refused("within-hours = 24", "within-hours = 0").contains("`within-hours` is 1 to"));
}

#[test]
fn disclosures_name_features_that_there_are() {
    let wished = protocol().description().disclosures().to_vec();
    assert_eq!((wished.len(), wished[0].feature.as_deref()), (2, Some("glucose")));
    let error = refused("feature = \"glucose\"\n\n", "feature = \"sugar\"\n\n");
    assert_eq!(error, "disclosure `glucose`: there is no feature `sugar` in the intake");
    assert!(refused("id = \"letters\"", "id = \"glucose\"").contains("defined twice"));
}

#[test]
fn every_shipped_protocol_says_how_urgent_it_is() {
    for (name, protocol) in common::shipped() {
        assert_ne!(protocol.meta().setting, Setting::Placeholder, "{name}");
    }
    assert!(refused("setting = \"urgent\"\n", "").contains("missing field `setting`"));
    let error = refused("setting = \"urgent\"", "setting = \"soon\"");
    assert!(error.contains("`soon` is no setting: use `elective`, `urgent` or `emergency`"));
    assert!(!error.contains("SETTING"), "{error}");
}
