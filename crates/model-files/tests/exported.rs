// SPDX-License-Identifier: Apache-2.0
//! Files of the exporters: what they mean, and what is refused.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use cso_model_files::{read, Cell, ColumnKind, ModelFile, ModelFileError};

/// A probability of two mixed sums that uses every kind of term once.
const ALL: &str = r#"{"format":"cso-model","version":1,"made_by":{"package":"p","library":"l","model":"m"},
"features":[
 {"name":"weight","kind":"number","unit":"kg","label":"Weight","codes":[{"system":"http://loinc.org","code":"29463-7"}]},
 {"name":"height","kind":"number","missing":[-1],"range":[0,3]},
 {"name":"smoker","kind":"flag"},
 {"name":"site","kind":"category","categories":["a","b, c",3]}],
"derived":[{"name":"bmi","expression":["/","weight",["^","height",2]]},
 {"name":"log","expression":["ln",["+",["or","weight",70],1]]}],
"outcome":{"name":"event","kind":"probability","classes":["no","yes"]},
"sums":[{"constant":0.5,"terms":[
 {"kind":"linear","column":"bmi","weight":0.25,"missing":-2},
 {"kind":"linear","column":"log","weight":1},
 {"kind":"steps","column":"weight","edges":[60,80],"values":[0,1,2],"closed":"left","missing":4},
 {"kind":"table","column":"site","values":[["a",1],[3,-1]],"otherwise":0.125,"missing":8},
 {"kind":"grid","axes":[{"column":"smoker","edges":[0.5],"closed":"right"},{"column":"site","categories":["a"],"missing":true}],
  "values":[[1,2,3],[4,5,6]]}]},
 {"constant":0,"terms":[
 {"kind":"curve","column":"weight","points":[[50,0],[100,1]],"outside":"extend","missing":0},
 {"kind":"product","columns":["smoker","log"],"weight":2},
 {"kind":"tree","nodes":[{"column":"site","in":["a",3],"yes":1,"no":2,"missing":3},
  {"column":"bmi","less":20.1,"single":true,"yes":4,"no":2,"missing":3},
  {"linear":{"constant":1,"weights":[["smoker",0.5]],"missing":null}},{"leaf":0.75},{"leaf":-1}]}]}],
"output":{"parts":[{"curves":[{"times":0.125,"plus":-1},"logistic",{"times":0.5,"plus":0}]},
 {"curves":[{"lines":[[0,0],[20,1]]}]}]},
"sample":{"columns":["weight","height","smoker","site"],"rows":[[81,2,1,"a"]],"values":[SAMPLE]}}"#;

/// The file with the right answer for its only row.
fn all() -> String {
    let first = 0.5 + 0.25 * 20.25 + 82f64.ln() + 2.0 + 1.0 + 4.0;
    let second = 31.0 / 50.0 + 2.0 * 82f64.ln() + 1.5;
    let logistic = 1.0 / (1.0 + (-(0.125 * first - 1.0)).exp());
    ALL.replace("SAMPLE", &(0.5 * logistic + second / 20.0).to_string())
}

fn model(text: &str) -> Result<ModelFile, ModelFileError> {
    read(text.as_bytes())
}

fn problem(from: &str, to: &str) -> String {
    let text = all();
    assert!(text.contains(from), "{from}");
    model(&text.replacen(from, to, 1)).unwrap_err().to_string()
}

/// The two sums for a case of weight, height, smoker and site.
fn sums(weight: Cell, height: f64, smoker: f64, site: Cell) -> Option<Vec<f64>> {
    let bmi = match weight.number() {
        Some(weight) => Cell::Number(weight / height / height),
        None => Cell::Missing,
    };
    let case = [weight, Cell::Number(height), Cell::Number(smoker), site, bmi];
    model(&all()).unwrap().sum_values(&case)
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-8, "{a} is not {b}");
}

#[test]
fn reads_every_kind_of_term() {
    let model = model(&all()).unwrap();
    assert_eq!((model.kind(), model.classes()), ("cso-model", &["no".into(), "yes".into()][..]));
    let names: Vec<&str> = model.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["weight", "height", "smoker", "site", "bmi"]);
    assert!(matches!(model.columns()[4].kind, ColumnKind::Derived(_)));
    assert_eq!(model.columns()[1].missing_codes, [-1.0]);
    assert_eq!(model.verified_cases().len(), 1);
}

#[test]
fn an_edge_belongs_to_the_side_that_is_said() {
    let number = Cell::Number;
    let text = |text: &str| Cell::Text(text.into());
    // Closed to the left: 80 lies in the upper bin.
    let of = |weight: f64| sums(number(weight), 2.0, 0.0, text("a")).unwrap()[0];
    let rest = |weight: f64| 0.5 + weight / 16.0 + (weight + 1.0).ln() + 1.0 + 1.0;
    near(of(80.0), rest(80.0) + 2.0);
    near(of(79.0), rest(79.0) + 1.0);
    near(of(59.0), rest(59.0));
    // In single precision just below 20.1 is 20.1.
    let of = |weight: f64| sums(number(weight), 2.0, 0.0, text("a")).unwrap()[1];
    near(of(80.4 - 1e-9), 30.4 / 50.0 + 1.0);
    near(of(80.3), 30.3 / 50.0 - 1.0);
}

#[test]
fn gaps_and_other_categories_have_their_points() {
    let own = sums(Cell::Missing, 2.0, 0.0, Cell::Missing).unwrap();
    near(own[0], 0.5 - 2.0 + 71f64.ln() + 4.0 + 8.0 + 3.0);
    near(own[1], 0.75);
    let own = sums(Cell::Missing, 2.0, 1.0, Cell::Text("b, c".into())).unwrap();
    near(own[0], 0.5 - 2.0 + 71f64.ln() + 4.0 + 0.125 + 5.0);
    near(own[1], 2.0 * 71f64.ln() + 1.5);
}

#[test]
fn a_file_must_answer_its_own_sample() {
    let text = ALL.replace("SAMPLE", "0.9");
    let error = model(&text).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "cso-model model: row 1 of its sample: `event` should be [0.9], it is [0."
        ),
        "{error}"
    );
    assert!(problem("\"constant\":0.5", "\"constant\":0.6").contains("row 1 of its sample"));
    assert!(problem("[[81,2,1,\"a\"]]", "[]").contains("a sample of 0 rows"));
    assert!(problem("[\"weight\",\"height\",\"smoker\"", "[\"weight\",\"h\",\"smoker\"")
        .contains("the sample lacks `height`"));
}

#[test]
fn refuses_what_it_does_not_know_by_name() {
    for (from, to, wanted) in [
        ("\"version\":1", "\"version\":2", "version 2 is not supported"),
        ("\"kind\":\"flag\"", "\"kind\":\"date\"", "kind `date` of `smoker` is not supported"),
        ("\"kind\":\"steps\"", "\"kind\":\"wave\"", "term `wave` is not supported"),
        ("\"logistic\"", "\"tanh\"", "curve `tanh` is not supported"),
        ("[\"ln\"", "[\"sin\"", "`log`: operator `sin`, it is one of"),
        ("[\"^\",\"height\",2]", "[\"or\",\"height\",2]", "`or` among several columns in `bmi`"),
        ("\"unit\":\"kg\"", "\"units\":\"kg\"", "unknown field `units`"),
        ("\"rows\":[[81", "\"rows\":[[true", "a cell is a number, a text or null"),
        ("\"missing\":[-1]", "\"missing\":[\"?\"]", "the code for missing of `height`"),
        ("\"kind\":\"probability\"", "\"kind\":\"rank\"", "outcome kind `rank`"),
    ] {
        let found = problem(from, to);
        assert!(found.contains(wanted), "{found}");
        assert_eq!(found.lines().count(), 1);
    }
}

#[test]
fn refuses_malformed_files() {
    for (from, to, wanted) in [
        ("\"edges\":[60,80]", "\"edges\":[80,60]", "term 2 (`steps`): `edges` must ascend"),
        ("\"values\":[0,1,2]", "\"values\":[0,1]", "2 values for 3 places"),
        ("[[50,0],[100,1]]", "[[50,0]]", "a curve: there must be two or more points"),
        (
            "\"no\":2,\"missing\":3},\n  {\"column\"",
            "\"no\":9,\"missing\":3},\n  {\"column\"",
            "node 0 has a child",
        ),
        ("\"yes\":1,", "\"yes\":0,", "node 0 has child 0"),
        ("\"column\":\"bmi\"", "\"column\":\"bm\"", "there is no column `bm`"),
        ("\"name\":\"log\"", "\"name\":\"bmi\"", "the column `bmi` stands twice"),
        ("[[1,2,3],[4,5,6]]", "[[1,2,3]]", "1 rows of values for 2 places"),
        ("[\"no\",\"yes\"]", "[\"no\"]", "a probability has 2 classes"),
        (",\n {\"curves\":[{\"lines\"", ",{\"curves\":[]},{\"curves\":[{\"lines\"", "3 parts"),
    ] {
        let found = problem(from, to);
        assert!(found.contains(wanted), "{found}");
    }
    let long = format!("[\"+\",{}\"weight\"{}]", "[\"+\",".repeat(70), ",1]".repeat(70));
    let found = problem("[\"ln\",[\"+\",[\"or\",\"weight\",70],1]]", &long);
    assert!(found.contains("`log`: 129 parts, at most 128 are read"), "{found}");
}

#[test]
fn classes_share() {
    let text = r#"{"format":"cso-model","version":1,"features":[{"name":"x","kind":"number"}],
"outcome":{"name":"stage","kind":"classes","classes":["1","2","3"]},
"sums":[{"constant":0,"terms":[{"kind":"linear","column":"x","weight":1}]},{"constant":1,"terms":[]},
 {"constant":0,"terms":[{"kind":"linear","column":"x","weight":0,"missing":0}]}],"output":{"share":"softmax"},
"sample":{"columns":["x"],"rows":[[1]],"values":[[0.4223187982515182,0.4223187982515182,0.15536240349696362]]}}"#;
    let model = model(text).unwrap();
    assert_eq!(model.predict(&[Cell::Number(2.0)]).unwrap().class, Some(0));
    assert_eq!(model.predict(&[Cell::Number(0.5)]).unwrap().class, Some(1));
    assert_eq!(model.predict(&[Cell::Missing]), None);
}

/// As `tests/robustness.rs` does with other formats: no damage makes the reader panic.
#[test]
fn damaged_files_are_read_or_refused() {
    let bits = ["-1", "1e308", "null", "{}", "[]", "\"", "4096", ",", "\"tree\"", "\"missing\":1,"];
    let damage = (any::<prop::sample::Index>(), 0usize..12, prop::sample::select(bits.to_vec()));
    let config = ProptestConfig { cases: 3000, failure_persistence: None, ..Default::default() };
    let text: Vec<char> = all().chars().collect();
    TestRunner::new(config)
        .run(&prop::collection::vec(damage, 1..3), |damages| {
            let mut text = text.clone();
            for (place, length, bit) in damages {
                let start = place.index(text.len());
                let end = (start + length).min(text.len());
                text.splice(start..end, bit.chars());
            }
            if let Ok(model) = model(&text.into_iter().collect::<String>()) {
                let _ = model.predict(&vec![Cell::Missing; model.columns().len()]);
            }
            Ok(())
        })
        .unwrap();
}

/// `exporters/test.sh` keeps the files of the exporters' own tests in a folder for this: each holds
/// the library's answers, and is read only if it gives them.
#[test]
fn reads_what_the_exporters_wrote() {
    let Some(folder) = std::env::var_os("CSO_EXPORTED") else {
        return;
    };
    let (mut count, mut refused) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "json") {
            count += 1;
            if let Err(error) = read(&std::fs::read(&path).unwrap()) {
                refused.push(format!("{}: {error}", path.display()));
            }
        }
    }
    assert!(
        count > 0 && refused.is_empty(),
        "{} of {count}:\n{}",
        refused.len(),
        refused.join("\n")
    );
}
