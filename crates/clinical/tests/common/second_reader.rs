// SPDX-License-Identifier: Apache-2.0
//! What `oracles/reader.py` finds in records, and whether ours finds the same.

use std::io::Write;
use std::process::Stdio;

use cso_clinical::fhir::{FhirError, Import};
use cso_clinical::Value;
use serde_json::{json, Value as Json};

use super::oracle;

pub(crate) type Read = Result<Import, FhirError>;

/// What our reader says, in the second reader's words.
pub(crate) fn ours(read: &Read) -> Json {
    let import = match read {
        Ok(import) => import,
        Err(error) => return json!({ "refused": error.to_string() }),
    };
    let found = import.findings.iter().map(|f| {
        let value = match &f.value {
            Value::Quantity(number) => json!(number),
            Value::Flag(flag) => json!(flag),
            Value::Choice(id) => json!(id),
            Value::Missing => Json::Null,
        };
        (f.feature.clone(), json!({ "value": value }))
    });
    let missing = import
        .missing
        .iter()
        .map(|m| (m.feature.clone(), json!(if m.in_doubt { "asked" } else { "silent" })));
    let unconfirmed =
        import.unconfirmed.features.iter().map(|f| (f.feature.clone(), json!("unconfirmed")));
    let answers: serde_json::Map<String, Json> = found.chain(missing).chain(unconfirmed).collect();
    json!({
        "answers": answers,
        "entries": !import.unconfirmed.entries.is_empty(),
        "failures": !import.unconfirmed.failures.is_empty(),
    })
}

/// The first difference between the two readers: where, ours, theirs.
pub(crate) fn difference(ours: &Json, theirs: &Json) -> Option<(String, String, String)> {
    let differ = |place: &str, ours: &Json, theirs: &Json| {
        Some((place.to_owned(), ours.to_string(), theirs.to_string()))
    };
    if ours.get("refused").is_some() || theirs.get("refused").is_some() {
        let same = ours.get("refused").is_some() == theirs.get("refused").is_some();
        return if same { None } else { differ("refused", &ours["refused"], &theirs["refused"]) };
    }
    // A feature that isn't needed is in neither, unless its value was found.
    let features =
        [ours, theirs].into_iter().flat_map(|one| one["answers"].as_object().unwrap().keys());
    for feature in features {
        let (own, answer) = (&ours["answers"][feature], &theirs["answers"][feature]);
        let same = match (own["value"].as_f64(), answer["value"].as_f64()) {
            (Some(own), Some(answer)) => (own - answer).abs() <= 1e-6 * answer.abs(),
            _ => own == answer,
        };
        if !same {
            return differ(feature, own, answer);
        }
    }
    ["entries", "failures"]
        .into_iter()
        .filter(|name| ours[name] != theirs[name])
        .find_map(|name| differ(name, &ours[name], &theirs[name]))
}

/// What the second reader says of records for these protocols; for all if none is named.
pub(crate) fn second_reader(records: &[String], protocols: &[&str]) -> Vec<Json> {
    let mut child = oracle("reader.py")
        .args(protocols)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: String = records.iter().map(|text| json!(text).to_string() + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Everything that the reader says, also the texts.
pub(crate) fn whole(read: &Read) -> Json {
    match read {
        Ok(import) => serde_json::to_value(import).unwrap(),
        Err(error) => json!(error.to_string()),
    }
}
