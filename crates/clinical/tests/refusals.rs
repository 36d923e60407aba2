// SPDX-License-Identifier: Apache-2.0
//! Protocol files, descriptions and answers that are refused, each with its own error.

mod common;

use cso_clinical::intake::{parse_answers_json, Answers, Level, SchemaError, Value};
use cso_clinical::outputs::{OutputError, ReadingError};
use cso_clinical::protocol::{DescriptionError, ExampleError};
use cso_clinical::{
    compile, CompileError, Description, IntakeError, ModelError, Protocol, ProtocolError,
};

use common::{protocol, protocol_text};

/// A small valid file; tests replace one part of it.
const BASE: &str = r#"
format = 1
[protocol]
id = "base"
title = "Base"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
[[intake]]
id = "age"
label = "Age"
kind = "quantity"
unit = "a"
min = 20
max = 90
step = 1
limits = [0, 120]
[[intake]]
id = "smoker"
label = "Smoker"
kind = "flag"
[[intake]]
id = "sex"
label = "Sex"
kind = "choice"
options = [{ id = "male", label = "male" }, { id = "female", label = "female" }]
[[output]]
id = "score"
label = "Score"
min = 0
max = 5
meaning = [{ from = 0, to = 2, text = "low", next = "ask" }, { from = 3, to = 5, text = "high", next = "ask" }]
[model]
[[model.term]]
feature = "age"
bands = [{ below = 40, points = 0 }, { below = 60, points = 1 }, { points = 2 }]
[[model.term]]
feature = "smoker"
points = 2
[[model.term]]
feature = "sex"
choices = { male = 1, female = 0 }
[[example]]
name = "old smoker"
answers = { age = 70, smoker = true, sex = "male" }
outputs = { score = 5 }
"#;

fn base_with(from: &str, to: &str) -> Result<Protocol, ProtocolError> {
    assert!(BASE.contains(from), "{from} is not in the base file");
    Protocol::from_toml(&BASE.replacen(from, to, 1))
}

fn refused(from: &str, to: &str) -> ProtocolError {
    base_with(from, to).expect_err("the file should be refused")
}

#[test]
fn the_base_file_is_fine() {
    compile(&Protocol::from_toml(BASE).unwrap()).unwrap();
}

#[test]
fn refuses_a_typo_with_its_place() {
    let error = refused("step = 1", "stepp = 1");
    assert!(
        matches!(&error, ProtocolError::Syntax { line: 18, message, .. } if message.contains("stepp")),
        "{error}"
    );
}

#[test]
fn refuses_text_that_is_no_toml() {
    let error = Protocol::from_toml("age;sex\n70;female").unwrap_err();
    assert!(matches!(error, ProtocolError::Syntax { line: 1, .. }), "{error}");
}

#[test]
fn refuses_later_formats() {
    assert_eq!(refused("format = 1", "format = 2"), ProtocolError::Format { found: 2, known: 1 });
}

#[test]
fn refuses_bad_features() {
    use SchemaError as E;
    let intake = |from: &str, to: &str| match refused(from, to) {
        ProtocolError::Intake(error) => error,
        other => panic!("{other}"),
    };
    let age = || "age".to_owned();
    assert_eq!(intake("id = \"smoker\"", "id = \"age\""), E::DuplicateFeature { feature: age() });
    assert!(matches!(intake("id = \"smoker\"", "id = \"a=b\""), E::BadId { .. }));
    assert!(matches!(intake("label = \"Smoker\"", "label = \" \""), E::BadText { found: 0, .. }));
    assert_eq!(
        intake("unit = \"a\"\n", ""),
        E::FieldMissing { feature: age(), kind: "quantity", field: "unit" }
    );
    assert_eq!(
        intake("kind = \"flag\"", "kind = \"flag\"\nmin = 3"),
        E::FieldOutOfPlace { feature: "smoker".into(), kind: "flag", field: "min" }
    );
    assert_eq!(
        intake("max = 90", "max = 10"),
        E::BadRange { feature: age(), min: 20.0, max: 10.0, step: 1.0 }
    );
    assert!(matches!(intake("step = 1", "step = nan"), E::BadRange { .. }));
    assert_eq!(
        intake("step = 1", "step = 3"),
        E::OffGrid { feature: age(), min: 20.0, max: 90.0, step: 3.0 }
    );
    assert_eq!(
        intake("step = 1", "step = 0.01"),
        E::TooManyLevels { feature: age(), levels: 7001, most: 4096 }
    );
    assert!(matches!(intake("limits = [0, 120]", "limits = [30, 120]"), E::BadLimits { .. }));
    assert!(matches!(intake("unit = \"a\"", "unit = \"winters\""), E::BadUnit { .. }));
    assert!(matches!(
        intake("unit = \"a\"", "unit = \"a\"\nanalyte = \"gold\""),
        E::UnknownAnalyte { .. }
    ));
    assert!(matches!(
        intake(", { id = \"female\", label = \"female\" }", ""),
        E::OptionCount { found: 1, .. }
    ));
    assert!(matches!(intake("id = \"female\"", "id = \"male\""), E::DuplicateOption { .. }));
}

#[test]
fn refuses_bad_sources() {
    let source = |text: &str| match refused(
        "kind = \"flag\"",
        &format!("kind = \"flag\"\n[[intake.source]]\n{text}"),
    ) {
        ProtocolError::Intake(SchemaError::BadSource { feature, number: 1, problem })
            if feature == "smoker" =>
        {
            problem
        }
        other => panic!("{other}"),
    };
    assert!(source("kind = \"horoscope\"").contains("use one of patient, condition"));
    assert_eq!(source("kind = \"condition\""), "kind `condition` needs codes: give `snomed`");
    assert_eq!(source("kind = \"condition\"\nsnomed = [\"I10\"]"), "`I10` is not a code of snomed");
    assert!(source("kind = \"observation\"\nloinc = [\"8280-0\"]\nanalyte = \"urea\"")
        .starts_with("only a quantity, or a flag with `at-least`"));
    assert_eq!(
        source("kind = \"observation\"\nloinc = [\"8280-0\"]\nanalyte = \"phlogiston\""),
        "analyte `phlogiston` is unknown"
    );
    for (kind, code) in [("snomed", "38341004"), ("loinc", "8480-5"), ("loinc", "8408-6")] {
        let text = format!("kind = \"observation\"\n{kind} = [\"{code}\"]");
        assert_eq!(source(&text), format!("`{code}` is not a code of {kind}"));
    }
    assert!(
        source("kind = \"condition\"\nicd10 = [\"I10\"]\nlink = \"x\"").contains("has no `link`")
    );
    assert_eq!(source("kind = \"patient\"\nfield = \"age\""), "`age` fills a quantity, not a flag");
    assert_eq!(
        source("kind = \"observation\"\nloinc = [\"8280-0\"]\nat-least = 3"),
        "`at-least` and `unit` belong together"
    );
    assert_eq!(
        source("kind = \"observation\"\nloinc = [\"8280-0\"]\nlimits = [1, 2]"),
        "`limits` of a source belong to a limit such as `at-least`"
    );
    for limits in ["[4, 5]", "[1, 2]", "[5, 1]", "[1, inf]"] {
        let text = format!(
            "kind = \"observation\"\nloinc = [\"8280-0\"]\nat-least = 3\nunit = \"cm\"\nlimits = {limits}"
        );
        assert_eq!(source(&text), "the limit (at least 3) must lie between the two `limits`");
    }
}

#[test]
fn refuses_value_sets_in_which_nothing_is_found() {
    let problem = |text: &str| {
        refused("kind = \"flag\"", &format!("kind = \"flag\"\n[[intake.source]]\n{text}"))
            .to_string()
    };
    for (kind, set, has) in [
        ("procedure", "statins", "rxnorm, atc"),
        ("observation", "statins", "rxnorm, atc"),
        ("condition", "inr", "loinc"),
        ("medication", "inr", "loinc"),
    ] {
        let error = problem(&format!("kind = \"{kind}\"\nvalue-sets = [\"{set}\"]"));
        let words = format!("feature `smoker`, source 1: value set `{set}|");
        assert!(error.starts_with(&words), "{error}");
        assert!(error.contains(&format!("has no code that kind `{kind}` takes")), "{error}");
        assert!(error.contains(&format!("it has {has}")), "{error}");
    }
    let option = "{ id = \"male\", label = \"male\", codes = { value-sets = [\"statins\"] } }";
    let error = refused("{ id = \"male\", label = \"male\" }", option).to_string();
    assert!(error.contains("has no code that an option takes"), "{error}");
}

#[test]
fn refuses_limits_and_times_that_no_reading_meets() {
    let problem = |text: &str| {
        let source = format!("kind = \"flag\"\n[[intake.source]]\nkind = \"observation\"\nloinc = [\"8280-0\"]\n{text}");
        match base_with("kind = \"flag\"", &source) {
            Ok(_) => "fine".to_owned(),
            Err(error) => error.to_string(),
        }
    };
    let limit = "at-least = 3\nunit = \"cm\"";
    for (text, words) in [
        ("below = 0\nunit = \"cm\"", "no value is below 0: negative ones are asked"),
        ("below = 0\nunit = \"cm\"\nlimits = [-5, 5]", "fine"),
        (&*format!("{limit}\ntimes = 2\never = true\nwithin-days = 9"), "leave `ever` out"),
        (
            &*format!("{limit}\ntimes = 4\nwithin-days = 2"),
            "`times` is 4: `within-days` has readings of at most 3 different days",
        ),
        (&*format!("{limit}\ntimes = 3\nwithin-days = 2"), "fine"),
        (
            &*format!("{limit}\ntimes = 4\nwithin-hours = 48"),
            "`within-hours` has readings of at most 3",
        ),
        (&*format!("{limit}\ntimes = 3\nwithin-hours = 48"), "fine"),
        (&*format!("{limit}\ntimes = 10"), "fine"),
        (&*format!("{limit}\nwithin-days = 40000"), "`within-days` is at most 36525"),
        (&*format!("{limit}\nwithin-hours = 9000"), "`within-hours` is 1 to 8784"),
    ] {
        assert!(problem(text).contains(words), "{text}: {}", problem(text));
    }
    let long = problem(&format!("{limit}\n[[intake.source]]\nkind = \"{}\"", "x".repeat(500)));
    assert!(long.contains(&format!("kind `{}…` is unknown", "x".repeat(40))), "{long}");
}

#[test]
fn refuses_filtration_rates_of_other_analytes_and_units() {
    const KDIGO: &str = "kdigo-ckd";
    let problem = |from: &str, to: &str| {
        let text = protocol_text(KDIGO);
        assert!(text.contains(from), "{from}");
        Protocol::from_toml(&text.replacen(from, to, 1)).unwrap_err().to_string()
    };
    let error = problem("analyte = \"creatinine\"", "analyte = \"urea\"");
    assert!(error.contains("takes `creatinine` as creatinine: its `analyte` is urea"), "{error}");
    let error = problem("unit = \"mL/min/{1.73_m2}\"", "unit = \"mL/min\"");
    assert!(error.contains("the unit is `mL/min`: write `{1.73_m2}` in it"), "{error}");
}

#[test]
fn tells_grids_that_are_too_fine_without_overflow() {
    let text = |from: &str, to: &str| refused(from, to).to_string();
    assert_eq!(
        text("step = 1", "step = 1e-300"),
        "feature `age` has more than 1000000 levels, at most 4096 are allowed: use a coarser step"
    );
    assert!(text("max = 90\nstep = 1\nlimits = [0, 120]", "max = 1.8e19\nstep = 1")
        .contains("more than 1000000 levels"));
    assert!(text(
        "min = 20\nmax = 90\nstep = 1\nlimits = [0, 120]",
        "min = -1e308\nmax = 1e308\nstep = 1"
    )
    .contains("more than 1000000 levels"));
    assert!(text("max = 5", "max = 1.8e19").contains("more than 1000000 values"));
    assert!(text("max = 5", "max = 5\nstep = 1e-300").contains("more than 1000000 values"));
    // A number with 309 digits is told by its exponent.
    let error = text("max = 90", "max = -1e308");
    assert_eq!(
        error,
        "feature `age`: min 20, max -1e308, step 1: min must be below max and step above 0"
    );
}

#[test]
fn refuses_bad_outputs() {
    use OutputError as E;
    let output = |from: &str, to: &str| match refused(from, to) {
        ProtocolError::Output(error) => error,
        other => panic!("{other}"),
    };
    let score = || "score".to_owned();
    assert_eq!(
        output("from = 3", "from = 4"),
        E::MeaningGap { output: score(), expected: 3.0, found: 4.0 }
    );
    assert_eq!(
        output("from = 3", "from = 2"),
        E::MeaningGap { output: score(), expected: 3.0, found: 2.0 }
    );
    assert_eq!(output("to = 5", "to = 4"), E::MeaningsEnd { output: score(), next: 5.0, max: 5.0 });
    assert_eq!(
        output("to = 5", "to = 6"),
        E::BadMeaning { output: score(), from: 3.0, to: 6.0, max: 5.0 }
    );
    assert!(matches!(output("to = 2", "to = 2.5"), E::OffGrid { field: "meaning to", .. }));
    assert!(matches!(output("max = 5", "max = 5\nkind = \"class\""), E::NameMissing { .. }));
    for (max, unit) in [("5", ""), ("5", "unit = \"points\""), ("101", "unit = \"%\"")] {
        let text = format!("max = {max}\nkind = \"probability\"\n{unit}");
        assert!(matches!(output("max = 5", &text), E::NoProbability { .. }), "{text}");
    }
    assert!(matches!(
        output("max = 5", "max = 5\nstep = 0.001"),
        E::TooManyValues { values: 5001, .. }
    ));
    assert!(matches!(output("max = 5", "max = 0"), E::BadRange { .. }));
}

#[test]
fn refuses_groups_that_join_nothing() {
    for (join, problem) in [
        (r#"[["age"]]"#, "less than two features"),
        (r#"[["age", "sex"], ["sex", "smoker"]]"#, "`sex` is named twice"),
        (r#"[["age", "height"]]"#, "no feature `height`"),
    ] {
        let error = refused("[model]", &format!("[model]\njoin = {join}"));
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn refuses_contradicting_bands() {
    let bands = |text: &str| match refused(
        "bands = [{ below = 40, points = 0 }, { below = 60, points = 1 }, { points = 2 }]",
        &format!("bands = {text}"),
    ) {
        ProtocolError::Model(ModelError::Bands { term, problem }) if term == "term 1 (age)" => {
            problem
        }
        other => panic!("{other}"),
    };
    assert!(bands("[]").contains("no bands"));
    assert!(bands("[{ below = 40, points = 0 }]").contains("nothing covers values from 40 on"));
    assert!(bands("[{ points = 0 }, { points = 1 }]").contains("never reached"));
    assert!(bands("[{ below = 60, points = 0 }, { below = 40, points = 1 }, { points = 2 }]")
        .contains("does not lie above"));
    assert!(bands("[{ below = 40.5, points = 0 }, { points = 2 }]").contains("between two steps"));
    assert!(
        bands("[{ below = 20, points = 0 }, { points = 2 }]").contains("is empty or never ends")
    );
    assert!(
        bands("[{ below = 91, points = 0 }, { points = 2 }]").contains("is empty or never ends")
    );
}

#[test]
fn refuses_terms_that_do_not_fit_their_feature() {
    let term = |from: &str, to: &str| match refused(from, to) {
        ProtocolError::Model(error) => error.to_string(),
        other => panic!("{other}"),
    };
    assert!(term("feature = \"smoker\"", "feature = \"drinker\"").contains("no feature `drinker`"));
    assert!(term("feature = \"smoker\"\npoints = 2", "feature = \"smoker\"\nweight = 2")
        .contains("a flag, which takes `points`"));
    assert!(term("points = 2\n", "points = 2\nweight = 1\n").contains("not points and weight"));
    assert!(term("points = 2\n", "points = inf\n").contains("must be a finite number"));
    assert!(term("points = 2\n", "points = 2\nmissing = 1\n").contains("can't be missing"));
    assert!(term("male = 1, female = 0", "male = 1").contains("option `female` has no points"));
    assert!(term("male = 1, female = 0", "male = 1, female = 0, other = 1")
        .contains("no option `other`"));
    assert!(term("points = 2\n", "points = 2\nsum = \"second\"\n")
        .contains("no output uses sum `second`"));
}

#[test]
fn refuses_products_and_powers_that_can_not_be() {
    let term = |with: &str| {
        let with = format!("[[model.term]]\n{with}\n[[model.term]]\nfeature = \"smoker\"");
        match base_with("[[model.term]]\nfeature = \"smoker\"", &with) {
            Ok(_) => "fine".to_owned(),
            Err(error) => error.to_string(),
        }
    };
    let age = r#"{ feature = "age" }"#;
    let product = |factors: &str| term(&format!("product = [{factors}]\nweight = 0"));
    assert!(product(age).contains("`product` has 1 factors: it takes 2 or 3"));
    assert!(product(&format!("{age}, {age}, {age}, {age}")).contains("has 4 factors"));
    assert_eq!(product(&format!("{age}, {age}, {{ feature = \"smoker\" }}")), "fine");
    assert!(product(&format!("{age}, {{ feature = \"sex\" }}")).contains("is a choice"));
    assert!(product(&format!("{age}, {{ feature = \"smoker\", power = 2 }}")).contains("is a flag"));
    let weight = |with: &str| term(&format!("feature = \"age\"\nweight = 0\n{with}"));
    assert_eq!(weight("power = -0.5"), "fine");
    assert!(weight("power = 2\ntransform = \"ln\"").contains("in the place of `transform`"));
    assert!(weight("power = 0").contains("`power` is 0"));
    assert!(weight("power = nan").contains("`power` is NaN"));
    assert!(weight("power = 1e9").contains("`power` is 1000000000"));
    assert!(term("when = \"smoker\"\npoints = 1\npower = 2").contains("`power` goes with `weight`"));
    // Below 0 only whole exponents above 0 are defined, at 0 those above 0.
    let from = |min: &str, power: &str| {
        let toml = BASE.replace("min = 20", min).replace("limits = [0, 120]", "");
        let term =
            format!("[[model.term]]\nfeature = \"age\"\nweight = 0\npower = {power}\n[[example]]");
        let result = Protocol::from_toml(&toml.replace("[[example]]", &term));
        result
            .map_or_else(|error| error.to_string().contains("is not defined at its min"), |_| false)
    };
    for (min, power, is_refused) in [
        ("min = 0", "0.5", false),
        ("min = 0", "-1", true),
        ("min = -10", "3", false),
        ("min = -10", "0.5", true),
        ("min = -10", "-2", true),
    ] {
        assert_eq!(from(min, power), is_refused, "{min}, {power}");
    }
}

#[test]
fn refuses_conditions_that_cannot_be_read() {
    let condition =
        |text: &str| match refused("points = 2\n", &format!("points = 2\nwhen = '{text}'\n")) {
            ProtocolError::Model(ModelError::Condition(error)) => error.problem,
            other => panic!("{other}"),
        };
    assert!(condition("").contains("it ends where a feature is expected"));
    assert!(condition("age").contains("compare it with a number"));
    assert!(condition("age > old").contains("`old` is not a number"));
    assert!(condition("age > nan").contains("not a finite number"));
    assert!(condition("smoker == yes").contains("write `smoker` or `not smoker`"));
    assert!(condition("sex == other").contains("no option `other`"));
    assert!(condition("(age > 3").contains("a bracket is not closed"));
    assert!(condition("age = 3").contains("compare with =="));
    assert!(condition("age > 3 age").contains("`age` is not expected here"));
    assert!(condition("age is missing").contains("can't be missing"));
    assert!(condition("`age").contains("a backtick has no partner"));
    assert!(condition(&"(".repeat(1000)).contains("nests deeper"));
    assert!(condition(&"not ".repeat(1000)).contains("nests deeper"));
    assert!(condition(&"age > 1 or ".repeat(1000)).contains("at most 8192"));
}

#[test]
fn refuses_outputs_that_no_sum_gives() {
    let text = |to: &str| refused("[model]\n", to).to_string();
    assert!(text("[model]\n[[model.output]]\nid = \"risk\"\n").contains("no such `[[output]]`"));
    assert!(text("[model]\n[[model.output]]\nid = \"score\"\nsum = \"s\"\n")
        .contains("no output uses sum `total`"));
    assert!(text("[model]\n[[model.output]]\nid = \"score\"\nlink = \"cox\"\n")
        .contains("needs a `baseline`"));
    assert!(text("[model]\n[[model.output]]\nid = \"score\"\nlink = \"classes\"\n")
        .contains("needs `classes`"));
    assert!(text("[model]\n[[model.output]]\nid = \"score\"\nlink = \"classes\"\nclasses = [{ value = 9 }]\n")
        .contains("class value 9 is outside"));
}

#[test]
fn refuses_examples_with_another_result() {
    let error = refused("outputs = { score = 5 }", "outputs = { score = 4 }");
    assert!(
        matches!(&error, ProtocolError::Example(ExampleError::Differs { expected, found, .. }) if expected == "4" && found == "5"),
        "{error}"
    );
    let error = refused("outputs = { score = 5 }", "outputs = { points = 5 }");
    assert!(matches!(error, ProtocolError::Example(ExampleError::Outputs { .. })), "{error}");
    let error = refused("answers = { age = 70, smoker = true", "answers = { age = 70");
    assert!(matches!(error, ProtocolError::Example(ExampleError::Answers { .. })), "{error}");
}

#[test]
fn the_compiler_refuses_sums_beyond_the_output() {
    let error = base_with("feature = \"smoker\"\npoints = 2", "feature = \"smoker\"\npoints = 3")
        .unwrap_err();
    assert!(
        matches!(error, ProtocolError::Example(ExampleError::Range { .. })),
        "an example notices: {error}"
    );
    let text = BASE
        .replace("points = 2\n", "points = 3\n")
        .replace("smoker = true", "smoker = false")
        .replace("{ score = 5 }", "{ score = 3 }");
    let error = compile(&Protocol::from_toml(&text).unwrap()).unwrap_err();
    assert!(
        matches!(&error, CompileError::OutputRange { output, value, .. } if output == "score" && *value == 6.0),
        "{error}"
    );
}

#[test]
fn refuses_descriptions_that_are_not() {
    let good = protocol("findrisc").description().to_json();
    assert!(matches!(Description::from_json("{}"), Err(DescriptionError::Syntax { .. })));
    let error =
        Description::from_json(&good.replacen("\"step\":0.1", "\"step\":0.7", 1)).unwrap_err();
    assert!(
        matches!(&error, DescriptionError::Invalid { problem } if problem.contains("`weight`")),
        "{error}"
    );
    let error =
        Description::from_json(&good.replacen("\"format\":1", "\"format\":7", 1)).unwrap_err();
    assert!(matches!(error, DescriptionError::Invalid { .. }), "{error}");
    let error = Description::from_json(&" ".repeat(40_000)).unwrap_err();
    assert_eq!(error, DescriptionError::TooLong { found: 40_000, most: 32_768 });
    let long = protocol_text("findrisc").replace(
        "intended_use = { en = \"",
        &format!("intended_use = {{ en = \"{}", "x".repeat(3000)),
    );
    assert!(matches!(
        Protocol::from_toml(&long),
        Err(ProtocolError::Intake(SchemaError::BadText { most: 2000, .. }))
    ));
}

#[test]
fn refuses_texts_with_characters_that_are_not_drawn() {
    let texts = [
        ("title = \"Base\"", "protocol title"),
        ("intended_use = \"Tests.\"", "protocol intended_use"),
        ("label = \"Smoker\"", "feature `smoker`, label"),
        ("label = \"female\"", "feature `sex`, option `female`, label"),
        ("label = \"Score\"", "output `score`, label"),
        ("text = \"high\"", "output `score`, meaning text"),
    ];
    for code in [
        "001B", "0007", "000A", "007F", "009B", "061C", "200B", "2028", "202E", "2066", "E000",
        "034F", "115F", "1160", "17B4", "180B", "2800", "3164", "FE00", "FE0F", "FFA0",
    ] {
        for (text, field) in texts {
            let hostile = format!("{}\\u{code}x\"", &text[..text.len() - 1]);
            let file = BASE.replacen(text, &hostile, 1);
            assert_ne!(file, BASE, "{text}");
            let error = Protocol::from_toml(&file).unwrap_err().to_string();
            for word in [field, &format!("U+{code}")] {
                assert!(error.contains(word), "{word} in: {error}");
            }
        }
    }
    assert!(Protocol::from_toml(&BASE.replacen("Smoker", "Fumeur·se ≥ 5", 1)).is_ok());
    for (next, words) in [
        (
            "\u{200d}\u{200c}".to_owned(),
            "output `score`, meaning next: nothing of the text is drawn",
        ),
        ("\u{301}\u{301}".to_owned(), "nothing of the text is drawn"),
        (format!("ask{}", "\u{301}".repeat(900)), "more than 4 accents or other marks"),
    ] {
        let toml = BASE.replacen("next = \"ask\"", &format!("next = \"{next}\""), 1);
        let error = Protocol::from_toml(&toml).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn refuses_outputs_that_are_not_described() {
    let description = protocol("findrisc").description();
    assert_eq!(
        description.interpret(&[1, 2], &Default::default()),
        Err(ReadingError::Count { found: 2, expected: 1 })
    );
    assert_eq!(
        description.interpret(&[27], &Default::default()),
        Err(ReadingError::OutOfRange { output: "score".into(), found: 27, most: 26 })
    );
    assert_eq!(description.interpret(&[12], &Default::default()).unwrap()[0].text, "12 points");
}

fn answers(age: Value) -> Answers {
    [("age", age), ("smoker", Value::Flag(false)), ("sex", Value::Choice("male".into()))]
        .map(|(id, value)| (id.to_owned(), value))
        .into()
}

#[test]
fn refuses_answers_that_do_not_fit() {
    use IntakeError as E;
    let intake = Protocol::from_toml(BASE).unwrap().intake().clone();
    let refuse = |answers: &Answers| intake.encode(answers).unwrap_err();
    assert!(
        matches!(refuse(&answers(Value::Missing)), E::Missing { feature, .. } if feature == "age")
    );
    assert!(matches!(refuse(&answers(Value::Flag(true))), E::WrongKind { .. }));
    assert!(matches!(refuse(&answers(Value::Quantity(f64::NAN))), E::NotFinite { .. }));
    assert_eq!(
        refuse(&answers(Value::Quantity(500.0))).to_string(),
        "feature `age`: 500 a is outside of 0 to 120 a, where this protocol applies"
    );
    let mut unknown = answers(Value::Quantity(50.0));
    unknown.insert("shoe-size".into(), Value::Quantity(42.0));
    assert!(
        matches!(refuse(&unknown), E::UnknownFeature { feature, .. } if feature == "shoe-size")
    );
    let mut other = answers(Value::Quantity(50.0));
    other.insert("sex".into(), Value::Choice("none".into()));
    assert!(matches!(refuse(&other), E::UnknownOption { .. }));
    assert!(matches!(parse_answers_json("[1, 2]"), Err(E::NotAnswers { .. })));
}

#[test]
fn clamps_into_the_range_and_tells() {
    let intake = Protocol::from_toml(BASE).unwrap().intake().clone();
    let encoded = intake.encode(&answers(Value::Quantity(100.0))).unwrap();
    assert_eq!(encoded.clamped.len(), 1);
    assert_eq!((encoded.clamped[0].given, encoded.clamped[0].used), (100.0, 90.0));
    assert_eq!(intake.decode(&encoded.bits).unwrap()[0], Level::Code(70));
    assert!(intake.encode(&answers(Value::Quantity(90.0))).unwrap().clamped.is_empty());
}

#[test]
fn reads_answers_as_people_type_them() {
    let findrisc = protocol("findrisc");
    let read = |feature: &str, text: &str| findrisc.intake().parse_answer(feature, text);
    assert_eq!(read("active", "Yes"), Ok(Value::Flag(true)));
    assert_eq!(read("sex", "Female"), Ok(Value::Choice("female".into())));
    assert!(matches!(read("waist", "35 in"), Ok(Value::Quantity(cm)) if (cm - 88.9).abs() < 1e-9));
    assert!(matches!(read("waist", "35 kg"), Err(IntakeError::Unit { .. })));
    assert!(matches!(read("waist", "wide"), Err(IntakeError::WrongKind { .. })));
    assert!(matches!(read("family", "dog"), Err(IntakeError::UnknownOption { .. })));
    assert!(matches!(read("age", ""), Err(IntakeError::Missing { .. })));
    assert!(matches!(read("shoe-size", "42"), Err(IntakeError::UnknownFeature { .. })));
}
