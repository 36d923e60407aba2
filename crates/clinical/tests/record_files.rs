// SPDX-License-Identifier: Apache-2.0
//! The files of a record: each form is read or refused by its name, and what a server tells about
//! what is missing is never taken for silence.

mod common;

use std::io::Write;

use common::{protocol, read_record, TODAY};
use cso_clinical::fhir::{import, FhirError, Import, RecordFile, MAX_RECORD_BYTES};
use cso_clinical::intake::{Intake, Value};
use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};
use serde_json::{json, Value as Json};

const SNOMED: &str = "http://snomed.info/sct";
const LOINC: &str = "http://loinc.org";
const IPS: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

fn patient() -> Json {
    json!({ "resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1957-03-14" })
}

fn condition_of(system: &str, code: &str) -> Json {
    json!({ "resourceType": "Condition", "id": "c", "subject": { "reference": "Patient/p" },
        "code": { "coding": [{ "system": system, "code": code }] } })
}

fn hypertension() -> Json {
    condition_of(SNOMED, "38341003")
}

fn medicine(more: Json) -> Json {
    with(
        json!({ "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
            "subject": { "reference": "Patient/p" } }),
        more,
    )
}

fn with(mut json: Json, more: Json) -> Json {
    json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json
}

/// A Bundle of resources, or of entries that have more than one.
fn bundle(kind: &str, entries: &[Json]) -> Json {
    let entry = |one: &Json| match one.get("resourceType") {
        Some(_) => json!({ "resource": one }),
        None => one.clone(),
    };
    let entries: Vec<Json> = entries.iter().map(entry).collect();
    json!({ "resourceType": "Bundle", "type": kind, "entry": entries })
}

fn searchset(url: &str, total: u64, matches: &[Json]) -> Json {
    with(
        bundle("searchset", matches),
        json!({ "total": total, "link": [{ "relation": "self", "url": url }] }),
    )
}

fn outcome(severity: &str, code: &str, words: &str) -> Json {
    json!({ "resourceType": "OperationOutcome", "issue": [{ "severity": severity, "code": code, "diagnostics": words }] })
}

fn files(named: &[(&str, &[u8])]) -> Result<Import, FhirError> {
    let files: Vec<_> = named.iter().map(|(name, bytes)| RecordFile { name, bytes }).collect();
    import(&files, protocol("cha2ds2-vasc").intake(), TODAY)
}

fn read(json: &Json) -> Result<Import, FhirError> {
    read_record(&json.to_string(), protocol("cha2ds2-vasc").intake(), TODAY)
}

/// High blood pressure that only conditions tell of.
fn lists() -> Intake {
    common::intake(
        r#"
[[intake]]
id = "hypertension"
label = "High blood pressure"
kind = "flag"
absent = "no"
[[intake.source]]
kind = "condition"
value-sets = ["hypertension"]
"#,
    )
}

/// Medicines of which silence may be confirmed.
fn drugs() -> Intake {
    common::intake(
        r#"
[[intake]]
id = "drugs"
label = "Drugs"
kind = "flag"
absent = "no"
[[intake.source]]
kind = "medication"
value-sets = ["antiplatelets"]
"#,
    )
}

fn error(json: &Json) -> String {
    read(json).unwrap_err().to_string()
}

/// What a flag is: found, or why it isn't.
fn flag(import: &Import, feature: &str) -> String {
    if let Some(found) = import.findings.iter().find(|one| one.feature == feature) {
        return found.text.clone();
    }
    match import.missing.iter().find(|one| one.feature == feature) {
        Some(missing) => format!("asked: {}", missing.reason),
        None => format!("unconfirmed: {}", import.unconfirmed.failures.join("; ")),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A zip archive, as its format is written down.
fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in members {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).unwrap();
        let packed = packed.finish().unwrap();
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
        common.extend(crc.sum().to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend((bytes.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend((archive.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(name.as_bytes());
        archive.extend(packed);
    }
    let start = archive.len() as u32;
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    archive.extend([members.len() as u16; 2].map(u16::to_le_bytes).concat());
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn every_form_of_the_same_record_is_read() {
    let (one, two) = (patient().to_string(), hypertension().to_string());
    let whole = bundle("collection", &[patient(), hypertension()]).to_string();
    let marked = format!("\u{feff}{whole}");
    let lines = format!("{one}\n{two}\n");
    let pretty = |json: Json| serde_json::to_string_pretty(&json).unwrap();
    let each = [one.clone(), two.clone()].map(|one| gzip(one.as_bytes()));
    let archive: Vec<(&str, &[u8])> = vec![
        ("record/", b""),
        ("record/Patient.ndjson", one.as_bytes()),
        ("record/Condition.NDJSON.gz", &each[1]),
        ("__MACOSX/record/._Patient.ndjson", b"\x00\x05\x16\x07"),
        ("record/.hidden.json", b"{"),
        ("record/README.txt", b"nothing"),
    ];
    let archive_plain: [(&str, &[u8]); 2] =
        [("a.json", one.as_bytes()), ("b.json", two.as_bytes())];
    let forms: Vec<(&str, Vec<u8>)> = vec![
        ("a Bundle", whole.clone().into()),
        ("a byte order mark", marked.clone().into()),
        ("UTF-16, little end first", utf16(&marked, u16::to_le_bytes)),
        ("UTF-16, big end first", utf16(&marked, u16::to_be_bytes)),
        ("UTF-16, little end first, unmarked", utf16(&whole, u16::to_le_bytes)),
        ("UTF-16, big end first, unmarked", utf16(&whole, u16::to_be_bytes)),
        ("lines", lines.clone().into()),
        ("lines of Windows", format!("\u{feff}{one}\r\n\r\n{two}\r\n  \r\n").into()),
        ("lines of files put together", format!("\u{feff}{one}\n\u{feff}{two}").into()),
        ("a list", format!("[{one},{two}]").into()),
        (
            "a list of Bundles",
            json!([bundle("collection", &[patient()]), bundle("searchset", &[hypertension()])])
                .to_string()
                .into(),
        ),
        (
            "one after the other",
            format!("{}\n{}", pretty(patient()), pretty(hypertension())).into(),
        ),
        ("without anything between", format!("{one}{two}").into()),
        ("gzip", gzip(whole.as_bytes())),
        ("gzip of lines", gzip(lines.as_bytes())),
        ("gzip in parts", [gzip(&lines.as_bytes()[..70]), gzip(&lines.as_bytes()[70..])].concat()),
        ("zip", zip(&archive)),
        ("gzip of zip", gzip(&zip(&archive_plain))),
        ("zip of another program", std::fs::read("../../tests/data/record.zip").unwrap()),
    ];
    for (form, bytes) in forms {
        let import = files(&[("record", &bytes)]).unwrap_or_else(|error| panic!("{form}: {error}"));
        assert_eq!(flag(&import, "hypertension"), "yes", "{form}");
        assert_eq!(import.resources, 2, "{form}");
    }
    for kind in ["collection", "searchset", "batch-response", "transaction", "document", "message"]
    {
        let import = read(&bundle(kind, &[patient(), hypertension()])).unwrap();
        assert_eq!(flag(&import, "hypertension"), "yes", "{kind}");
    }
}

#[test]
fn files_are_read_together_in_any_order() {
    let (one, two) = (patient().to_string(), hypertension().to_string());
    let (one, two) =
        (("Patient.json", one.as_bytes()), ("Condition.json.gz", &*gzip(two.as_bytes())));
    let imports = [
        files(&[one, two]).unwrap(),
        files(&[two, one]).unwrap(),
        files(&[one, two, two]).unwrap(),
    ];
    assert_eq!(flag(&imports[0], "hypertension"), "yes");
    assert!(imports.iter().all(|import| *import == imports[0]));
    let cut = ("Observation.json", &b"{\"resourceType\":"[..]);
    for order in [[one, two, cut], [cut, two, one]] {
        let error = files(&order).unwrap_err().to_string();
        assert!(
            error.starts_with("Observation.json: ") && error.contains("ends in the middle"),
            "{error}"
        );
    }
    // What may be FHIR under another name is read, or refused by name; the rest is named.
    let whole = |name, inner| zip(&[("a.json", one.1), (name, inner)]);
    let text = whole("Condition.2.txt", two.1);
    assert_eq!(flag(&files(&[("export.zip", &text)]).unwrap(), "hypertension"), "yes");
    let notes = whole("notes.txt", b"see a.json");
    assert_eq!(files(&[("export.zip", &notes)]).unwrap().passed_over, ["notes.txt"]);
    let xml = whole("new.xml", b"<Bundle xmlns='http://hl7.org/fhir'/>");
    let plain = hypertension().to_string();
    let innermost = whole("Condition", plain.as_bytes());
    let inner = whole("inner.zip", &innermost);
    assert_eq!(flag(&files(&[("export.zip", &inner)]).unwrap(), "hypertension"), "yes");
    let deep = whole("more.zip", &inner);
    for (bytes, words) in [(xml, "new.xml: the file is XML"), (deep, "archives in archives")] {
        let error = files(&[("export.zip", &bytes)]).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    // Of several errors the same is told.
    let (empty, page) = (("b.json", &b" "[..]), ("a.json", &b"<html>"[..]));
    assert_eq!(files(&[empty, page]), files(&[page, empty]));
}

#[test]
fn what_is_no_record_is_refused_by_its_name() {
    let whole = bundle("collection", &[patient(), hypertension()]).to_string();
    let (one, two) = (patient().to_string(), hypertension().to_string());
    let cut_line = format!("{one}\n{}\n{two}\n", &two[..two.len() - 20]);
    let cut_end = format!("{one}\n\n{}", &two[..two.len() - 20]);
    let put = |from: &str, to: &str| whole.replacen(from, to, 1).into_bytes();
    let gz = gzip(whole.as_bytes());
    let zipped = zip(&[("a.json", whole.as_bytes())]);
    let mut tar = vec![b'a'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    tar[0] = 0xff;
    let mut encrypted = zipped.clone();
    let directory = encrypted.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    encrypted[directory + 8] |= 1;
    let mut wrong = zipped.clone();
    wrong[40] ^= 0x55;
    let list_of = |depth: usize| {
        format!("{{\"resourceType\":\"Bundle\",\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth))
    };
    let wrapped = || {
        let part = json!([{ "name": "x", "resource": hypertension() }]);
        json!({ "resourceType": "Parameters", "parameter": [{ "name": "return", "part": part }] })
    };
    let after = format!("line 1, column {}:", whole.len() + 1);
    let after = [after.as_str(), "found `x`"];
    let cases: Vec<(Vec<u8>, &[&str])> = vec![
        (b"".to_vec(), &["empty"]),
        (b" \n\t ".to_vec(), &["empty"]),
        ("\u{feff}".into(), &["empty"]),
        (b"\xff\xfe".to_vec(), &["empty"]),
        (b"[]".to_vec(), &["no resources"]),
        (b"null".to_vec(), &["`null`", "not FHIR"]),
        (b"7".to_vec(), &["a number", "not FHIR"]),
        (b"{}".to_vec(), &["without anything", "not FHIR"]),
        (b"[[1]]".to_vec(), &["item 1 of the list", "is a list"]),
        (b"{\"age\":3}".to_vec(), &["object with `age`", "no `resourceType`"]),
        (b"{\"resourceType\":7}".to_vec(), &["`resourceType` that is no name"]),
        (b"{\"resourceType\":\"\"}".to_vec(), &["`resourceType` that is no name"]),
        (
            b"{\"resourceType\":\"observation\"}".to_vec(),
            &["`observation` instead of `Observation`"],
        ),
        (format!("{{\"data\":{whole}}}").into(), &["Bundle in its member `data`"]),
        (format!("{{\"status\":1,\"items\":[{one}]}}").into(), &["Patient in its member `items`"]),
        (b"<?xml version='1.0'?><Bundle/>".to_vec(), &["XML", "JSON"]),
        (utf16("\u{feff}<Bundle/>", u16::to_le_bytes), &["XML"]),
        (b"<!DOCTYPE html><title>Log in</title>".to_vec(), &["HTML", "log in"]),
        (b"<!-- x --><HTML lang='en'>".to_vec(), &["HTML"]),
        (b"MSH|^~\\&|LAB".to_vec(), &["HL7 version 2"]),
        (b"%PDF-1.7\n\xe2\xe3".to_vec(), &["a PDF"]),
        (tar, &["tar archive"]),
        (
            whole.replace("male", "m\u{e4}le").chars().map(|c| c as u8).collect(),
            &["Latin-1", "UTF-8"],
        ),
        (whole.chars().flat_map(|c| (c as u32).to_le_bytes()).collect(), &["UTF-32"]),
        (whole.chars().flat_map(|c| (c as u32).to_be_bytes()).collect(), &["UTF-32"]),
        (utf16(&whole, u16::to_le_bytes)[..101].to_vec(), &["damaged UTF-16"]),
        (put("\"male\"", "\"m\u{0}ale\""), &["control character", "line 1"]),
        (put("\"male\"", "NaN"), &["not JSON", "`NaN`"]),
        (put("\"male\"", "-Infinity"), &["not JSON"]),
        (put("\"male\"", "\"\\ud800\""), &["not JSON"]),
        (whole.trim_end_matches('}').to_owned().into_bytes(), &["ends in the middle"]),
        (format!("{},}}", whole.strip_suffix('}').unwrap()).into(), &["trailing comma"]),
        (format!("{whole}]").into(), &["not JSON"]),
        (cut_line.into(), &["ends in the middle", "line 2"]),
        (cut_end.into(), &["ends in the middle", "line 3"]),
        (list_of(99).into(), &["no resources"]),
        (list_of(100).into(), &["nested", "100"]),
        (list_of(100_000).into(), &["nested"]),
        (gz[..gz.len() - 12].to_vec(), &["damaged gzip"]),
        ([&gz[..], b"more"].concat(), &["damaged gzip"]),
        (zipped[..zipped.len() - 12].to_vec(), &["zip archive without its end"]),
        (wrong, &["damaged zip"]),
        (encrypted, &["encrypted"]),
        (zip(&[]), &["no file in JSON"]),
        (zip(&[("a.txt", b"{}"), ("__MACOSX/a.json", b"{}")]), &["no file in JSON"]),
        (
            zip(&[("a.json", one.as_bytes()), ("a.json", two.as_bytes())]),
            &["two files named `a.json`"],
        ),
        (zip(&[("a/b.json", one.as_bytes()), ("a/c.json", b"")]), &["a/c.json: ", "empty"]),
        (gzip(&gzip(&gz)), &["archives in archives"]),
        (
            outcome("error", "login", "who are you").to_string().into(),
            &["server's answer", "who are you"],
        ),
        (outcome("information", "informational", "hello").to_string().into(), &["no resources"]),
        (json!({ "resourceType": "Parameters" }).to_string().into(), &["is a Parameters"]),
        (wrapped().to_string().into(), &["is a Parameters", "these resources themselves"]),
        (
            bundle("collection", &[patient(), wrapped()]).to_string().into(),
            &["entry 2 is a Parameters"],
        ),
        (format!("{}\n{}", patient(), wrapped()).into(), &["line 2: ", "is a Parameters"]),
        (format!("{whole}x").into(), &after),
        (b"{\"resourceType\":\"Patient\"}\n\n  x".to_vec(), &["line 3, column 3"]),
        (b"\"a b\"".to_vec(), &["is a text"]),
        (json!(whole).to_string().into(), &["is JSON as a text", "decoded once more"]),
        (b"\"a b".to_vec(), &["ends in the middle"]),
        (
            json!({ "transactionTime": "2026-01-01T00:00:00Z", "output": [] }).to_string().into(),
            &["no resources"],
        ),
    ];
    for (bytes, words) in cases {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        let error = match files(&[("record.json", &bytes)]) {
            Ok(import) => panic!("{shown}: {import:?}"),
            Err(error) => error.to_string(),
        };
        assert!(!error.chars().any(char::is_control), "{error}");
        for word in words {
            assert!(error.contains(word), "{shown}: {error}");
        }
    }
}

#[test]
fn members_that_stand_twice_are_refused_with_their_place() {
    let whole = bundle("collection", &[patient(), hypertension()]).to_string();
    for (from, to, member, place) in [
        ("\"gender\":", "\"gender\":\"female\",\"gender\":", "`gender`", "`entry[0].resource`"),
        (
            "\"gender\":",
            "\"\\u0067ender\":\"female\",\"gender\":",
            "`gender`",
            "`entry[0].resource`",
        ),
        (
            "\"code\":\"38341003\"",
            "\"code\":\"1\",\"code\":\"38341003\"",
            "`code`",
            "`entry[1].resource.code.coding[0]`",
        ),
        ("\"entry\":", "\"entry\":[],\"entry\":", "`entry`", "twice (line 1)"),
    ] {
        let error = files(&[("record", whole.replacen(from, to, 1).as_bytes())]).unwrap_err();
        assert!(matches!(error, FhirError::Twice { .. }), "{error}");
        let error = error.to_string();
        assert!(error.contains(member) && error.contains(place), "{error}");
    }
}

#[test]
fn what_unpacks_into_too_much_is_refused() {
    let zeros = vec![b' '; MAX_RECORD_BYTES + 1];
    let small = gzip(&zeros);
    assert!(small.len() < 1 << 20);
    let half = vec![b' '; MAX_RECORD_BYTES / 2 + 1];
    for bytes in [small.clone(), zip(&[("a.json", &zeros)]), zip(&[("a.json.gz", &small)])] {
        let error = files(&[("record", &bytes)]).unwrap_err().to_string();
        assert!(error.contains("at most"), "{error}");
    }
    let mut half = half;
    half[0] = b'7';
    let error = files(&[("a", &gzip(&half)), ("b", &gzip(&half))]).unwrap_err().to_string();
    assert!(error.contains("not FHIR") || error.contains("at most"), "{error}");
    let mut list = half;
    list[..2].copy_from_slice(b"[]");
    let one = [&patient().to_string().into_bytes()[..], &list[2..]].concat();
    let error = files(&[("a", &gzip(&one)), ("b", &gzip(&one))]).unwrap_err().to_string();
    assert!(error.contains("at most"), "{error}");
}

#[test]
fn bundles_of_another_shape_are_refused_with_the_entry() {
    for (bundle, words) in [
        (
            json!({ "resourceType": "Bundle", "entry": { "resource": patient() } }),
            "`entry`, which is no list",
        ),
        (json!({ "resourceType": "Bundle", "entry": null }), "`entry`, which is no list"),
        (
            json!({ "resourceType": "Bundle", "link": { "relation": "next" }, "entry": [{ "resource": patient() }] }),
            "`link`",
        ),
        (
            json!({ "resourceType": "Bundle", "entry": [{ "resource": patient() }, { "resource": null }] }),
            "entry 2",
        ),
        (json!({ "resourceType": "Bundle", "entry": [{ "resource": [patient()] }] }), "entry 1"),
        (json!({ "resourceType": "Bundle", "entry": [{ "resource": { "id": "p" } }] }), "entry 1"),
        (
            json!({ "resourceType": "Bundle", "entry": [patient()] }),
            "entry 1, which is a Patient itself",
        ),
        (json!({ "resourceType": "Bundle", "entry": [7] }), "entry 1, which is no object"),
        (
            json!({ "resourceType": "Bundle", "entry": [{ "resource": { "resourceType": " " } }] }),
            "entry 1, whose `resource` is none",
        ),
        (
            json!({ "resourceType": "Bundle", "entry": [{ "resource": { "resourceType": "condition" } }] }),
            "`condition` instead of `Condition`",
        ),
    ] {
        let error = error(&bundle);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn pages_and_cut_searches_are_refused() {
    let link = |relation: &str, url: &str| {
        with(
            bundle("searchset", &[patient(), hypertension()]),
            json!({ "link": [{ "relation": relation, "url": url }] }),
        )
    };
    for relation in ["next", "prev", "previous", "Next "] {
        assert!(error(&link(relation, "x")).contains("of several"), "{relation}");
    }
    for query in [
        "_getpagesoffset=20",
        "page=2",
        "_offset=50",
        "%5foffset=50",
        "_page_token=x",
        "ct=abc",
        "_pageId=2",
        "sessionID=7",
        "_getpages=abc",
    ] {
        let page = link("self", &format!("https://e/Condition?patient=p&{query}"));
        assert!(error(&page).contains("later page"), "{query}");
    }
    for query in ["page=1", "_getpagesoffset=0", "_getpages=abc&_getpagesoffset=0", "_count=50"] {
        let page = link("self", &format!("https://e?{query}"));
        assert_eq!(flag(&read(&page).unwrap(), "hypertension"), "yes", "{query}");
    }
    let include = json!({ "resource": patient(), "search": { "mode": "include" } });
    let cut = searchset("https://e/Condition?patient=p", 2, &[include.clone(), hypertension()]);
    assert_eq!(error(&cut), FhirError::Part { total: 2, found: 1 }.to_string());
    // Without modes, what is of another type than was searched for came with it.
    let cut = searchset("https://e/Condition?patient=p", 2, &[patient(), hypertension()]);
    assert!(error(&cut).contains("is 2 and has 1"));
    let twice =
        searchset("https://e/Condition?patient=p", 2, &[patient(), hypertension(), hypertension()]);
    assert!(error(&twice).contains("is 2 and has 1"));
    let inner = bundle("batch-response", &[patient(), with(cut, json!({ "total": "9" }))]);
    assert!(error(&inner).contains("`total` is 9"));
    let whole = searchset("https://e/Condition?patient=p", 1, &[include, hypertension()]);
    assert_eq!(flag(&read(&whole).unwrap(), "hypertension"), "yes");
}

/// A record of the patient, with these entries.
fn record(more: &[Json]) -> Json {
    bundle("searchset", &[&[patient()], more].concat())
}

#[test]
fn what_failed_is_told_wherever_it_may_matter() {
    let failed = |response: Json| json!({ "response": response });
    let section = |code: &str, more: Json| {
        let section = with(
            json!({ "title": "Section", "code": { "coding": [{ "system": LOINC, "code": code }] } }),
            more,
        );
        json!({ "resourceType": "Composition", "id": "k", "status": "final", "section": [section] })
    };
    let empty = |reason: &str| json!({ "emptyReason": { "coding": [{ "code": reason }] } });
    let list = |code: &str, more: Json| {
        with(
            json!({ "resourceType": "List", "id": "l", "status": "current", "mode": "snapshot", "code": { "coding": [{ "code": code }] } }),
            more,
        )
    };
    let tagged = |json: Json, field: &str, code: &str| {
        with(json, json!({ "meta": { field: [{ "code": code }] } }))
    };
    let other = || {
        with(
            condition_of(SNOMED, "404684003"),
            json!({ "clinicalStatus": { "coding": [{ "code": "active" }] } }),
        )
    };
    let absent = json!({ "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked" }] });
    let no_code = json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "masked" }] });
    let without_code = || json!({ "resourceType": "Condition", "id": "c", "subject": { "reference": "Patient/p" } });
    let cases: Vec<(Json, &str)> = vec![
        (outcome("error", "timeout", "took too long"), "error, timeout: took too long"),
        (outcome("fatal", "forbidden", ""), "fatal, forbidden"),
        (outcome("warning", "incomplete", "some are missing"), "warning, incomplete"),
        (outcome("warning", "suppressed", "may not be all"), "warning, suppressed"),
        (outcome("warning", "suppressed", "No results"), "warning, suppressed"),
        (outcome("information", "suppressed", ""), "information, suppressed"),
        (outcome("information", "security", ""), "information, security"),
        (outcome("information", "timeout", ""), "information, timeout"),
        (outcome("success", "too-long", ""), "success, too-long"),
        (
            outcome("warning", "informational", "This response may not contain the entire record."),
            "warning, informational",
        ),
        (outcome("nonsense", "x", ""), "nonsense"),
        (outcome("error", "timeout", "GET Condition?patient=p failed"), "GET Condition?patient=p"),
        (json!({ "resourceType": "OperationOutcome", "issue": [] }), "OperationOutcome"),
        (failed(json!({ "status": "403 Forbidden" })), "`403 Forbidden`"),
        (failed(json!({ "status": 500 })), "`500`"),
        (failed(json!({})), "answered with"),
        (
            failed(json!({ "status": "401", "outcome": outcome("error", "login", "log in") })),
            "`401` (error, login: log in)",
        ),
        (
            json!({ "resource": outcome("error", "not-found", ""), "response": { "status": "404" } }),
            "`404` (error, not-found)",
        ),
        (
            json!({ "resource": hypertension(), "response": { "status": "409 Conflict" } }),
            "`409 Conflict`",
        ),
        (
            json!({ "request": { "method": "GET", "url": "Condition?patient=p" }, "response": { "status": "500" } }),
            "for Condition was answered with `500`",
        ),
        (
            json!({ "request": { "method": "GET", "url": "Condition?patient=p" } }),
            "`Condition?patient=p` is asked for",
        ),
        (
            json!({ "response": { "status": "201 Created", "location": "Condition/1" } }),
            "has no resource",
        ),
        (
            json!({ "response": { "status": "200 OK", "outcome": outcome("error", "exception", "half") } }),
            "half",
        ),
        (json!({ "fullUrl": "https://e/Condition/1" }), "`https://e/Condition/1` has no resource"),
        (json!({ "search": { "mode": "match" } }), "an entry has no resource"),
        (
            with(
                bundle("searchset", &[]),
                json!({ "issues": outcome("error", "timeout", "slow") }),
            ),
            "slow",
        ),
        (with(bundle("searchset", &[]), json!({ "total": {} })), "`total` is no number"),
        (searchset("https://e/Condition?_summary=true", 0, &[]), "`_summary=true`"),
        (searchset("https://e/Condition?_elements=code", 0, &[]), "`_elements=code`"),
        (searchset("https://e/Condition?_count=0", 0, &[]), "`_count=0`"),
        (
            searchset("https://e/Condition?_elements=code", 1, &[hypertension()]),
            "without its status",
        ),
        (tagged(bundle("searchset", &[]), "tag", "SUBSETTED"), "SUBSETTED"),
        (tagged(other(), "tag", "SUBSETTED"), "Condition/c is only a part"),
        (
            tagged(hypertension(), "tag", "SUBSETTED"),
            "Condition/c is a part of a resource, without its status",
        ),
        (tagged(other(), "security", "REDACTED"), "REDACTED"),
        (tagged(other(), "security", "MASKED"), "MASKED"),
        (tagged(other(), "security", "redacted"), "REDACTED"),
        (tagged(other(), "security", "ABSTRED"), "ABSTRED"),
        (tagged(other(), "security", "AGGRED"), "AGGRED"),
        (tagged(other(), "security", "MASK"), "to be masked"),
        (tagged(other(), "security", "redact"), "to be taken out"),
        (condition_of(IPS, "no-problem-info"), "`no-problem-info`, there is no information"),
        (condition_of(SNOMED, "1631000175102"), "there is no information"),
        (without_code(), "Condition/c: has no code"),
        (with(without_code(), json!({ "_code": absent })), "has no code"),
        (with(without_code(), json!({ "code": {} })), "has no code"),
        (with(without_code(), json!({ "code": no_code })), "has no code (`masked`)"),
        (list("problems", empty("unavailable")), "List/l is empty: `unavailable`"),
        (list("11450-4", empty("withheld")), "`withheld`"),
        (list("whatever", empty("notstarted")), "`notstarted`"),
        (
            list("problems", json!({ "entry": [{ "item": { "reference": "Condition/x" } }] })),
            "`Condition/x` isn't in the record",
        ),
        (section("11450-4", empty("closed")), "section `Section` is empty: `closed`"),
        (
            section("11450-4", json!({ "entry": [{ "reference": "Condition/x" }] })),
            "`Condition/x` isn't in the record",
        ),
        (
            section("11450-4", json!({ "entry": [{ "display": "Stroke" }] })),
            "an entry without a reference",
        ),
        (section("11450-4", json!({ "text": { "status": "additional" } })), "has only text"),
        (
            section(
                "1-8",
                json!({ "section": [{ "code": { "coding": [{ "code": "11450-4" }] } }] }),
            ),
            "has only text",
        ),
    ];
    for (entry, words) in cases {
        let import = read(&record(std::slice::from_ref(&entry))).unwrap();
        let told = flag(&import, "hypertension");
        assert!(told.starts_with("unconfirmed: ") && told.contains(words), "{entry}: {told}");
        assert!(!import.unconfirmed.is_shown(), "{entry}");
        assert!(!told.chars().any(char::is_control), "{told}");
        // It takes nothing away from what is there.
        let there = with(hypertension(), json!({ "id": "there" }));
        let import = read(&record(&[entry.clone(), there])).unwrap();
        assert_eq!(flag(&import, "hypertension"), "yes", "{entry}");
    }
}

#[test]
fn what_is_about_something_else_is_no_failure() {
    let list = |code: &str| {
        json!({ "resourceType": "List", "id": "l", "status": "current", "code": { "coding": [{ "code": code }] },
        "emptyReason": { "coding": [{ "code": "unavailable" }] } })
    };
    for entry in [
        outcome("information", "informational", "hello"),
        outcome("warning", "not-supported", "unknown parameter"),
        outcome("warning", "processing", "Resource request returns no results."),
        json!({ "resource": outcome("information", "informational", ""), "search": { "mode": "outcome" } }),
        json!({ "request": { "method": "GET", "url": "AllergyIntolerance?patient=p" }, "response": { "status": "403" } }),
        json!({ "request": { "method": "GET", "url": "https://e/fhir/Observation?patient=p" }, "response": { "status": "403" } }),
        json!({ "response": { "status": "404", "outcome": { "issue": [{ "severity": "error", "code": "x", "expression": ["Procedure.code"] }] } } }),
        json!({ "response": { "status": "204 No Content" } }),
        searchset("https://e/Observation?_summary=true", 0, &[]),
        list("allergies"),
        list("886921000000105"),
        list("medications"),
        medicine(json!({ "medicationReference": { "reference": "Medication/x" } })),
        with(
            condition_of(IPS, "no-problem-info"),
            json!({ "verificationStatus": { "coding": [{ "code": "entered-in-error" }] } }),
        ),
        with(list("problems"), json!({ "status": "entered-in-error" })),
    ] {
        let bundle = record(std::slice::from_ref(&entry)).to_string();
        let import = read_record(&bundle, &lists(), TODAY).unwrap();
        assert_eq!(flag(&import, "hypertension"), "unconfirmed: ", "{entry}");
    }
    // What is searched for beside a patient may be anything.
    let all = json!({ "request": { "method": "GET", "url": "Patient?_id=p&_revinclude=Condition:patient" }, "response": { "status": "500" } });
    let everything = json!({ "request": { "method": "GET", "url": "Patient/p/$everything" }, "response": { "status": "500" } });
    for entry in [all, everything] {
        assert!(flag(&read(&record(&[entry])).unwrap(), "hypertension").contains("`500`"));
    }
}

#[test]
fn medicines_that_are_somewhere_else_are_failures() {
    let drugs = drugs();
    for (more, words) in [
        (
            json!({ "medicationReference": { "reference": "Medication/x", "display": "Aspirin" } }),
            "`Medication/x` (Aspirin), which isn't in the record",
        ),
        (
            json!({ "medicationReference": { "reference": "#x" }, "contained": [{ "resourceType": "Medication", "id": "y" }] }),
            "`#x`",
        ),
        (
            json!({ "medicationReference": { "reference": "#x" }, "contained": [{ "resourceType": "Medication", "id": "x" }] }),
            "has no code",
        ),
        (
            json!({ "medicationReference": { "identifier": { "value": "7" }, "display": "Aspirin" } }),
            "(Aspirin) is named without a reference",
        ),
        (
            json!({ "medication": { "reference": { "reference": "Medication/x" } } }),
            "`Medication/x`",
        ),
        (json!({}), "has no code"),
        (
            json!({ "medicationCodeableConcept": { "coding": [{ "system": IPS, "code": "no-medication-info" }] } }),
            "`no-medication-info`",
        ),
    ] {
        let record = record(&[medicine(more.clone())]).to_string();
        let import = read_record(&record, &drugs, TODAY).unwrap();
        let told = import.unconfirmed.failures.join("; ");
        assert!(told.contains(words), "{more}: {told}");
    }
    let there = json!({ "resourceType": "Medication", "id": "x", "code": { "coding": [{ "system": "http://www.whocc.no/atc", "code": "A02BC01" }] } });
    let request = medicine(json!({ "medicationReference": { "reference": "Medication/x" } }));
    let import = read_record(&record(&[there, request]).to_string(), &drugs, TODAY).unwrap();
    assert!(import.unconfirmed.failures.is_empty(), "{:?}", import.unconfirmed);
}

#[test]
fn what_is_to_be_deleted_or_changed_does_not_count() {
    let change = |method: &str, url: &str| json!({ "request": { "method": method, "url": url } });
    for method in ["DELETE", "PATCH", "delete", "MERGE"] {
        for entries in [
            [hypertension(), change(method, "Condition/c")],
            [change(method, "https://e/Condition/c"), hypertension()],
        ] {
            let told = flag(&read(&record(&entries)).unwrap(), "hypertension");
            assert!(
                told.contains("unconfirmed: Condition/c is in the record, which also asks"),
                "{told}"
            );
        }
        let error = error(&record(&[hypertension(), change(method, "Condition?code=1")]));
        assert!(error.contains("`Condition?code=1`"), "{error}");
    }
    let deleted = with(change("DELETE", "Condition/c"), json!({ "resource": hypertension() }));
    assert_eq!(flag(&read(&record(&[deleted])).unwrap(), "hypertension"), "unconfirmed: ");
    let put = with(change("PUT", "Condition/c"), json!({ "resource": hypertension() }));
    assert_eq!(flag(&read(&record(&[put])).unwrap(), "hypertension"), "yes");
}

#[test]
fn a_later_value_that_was_not_read_makes_an_older_one_a_question() {
    let number = json!({ "resourceType": "Observation", "id": "o", "status": "final", "effectiveDateTime": "2026-11-01",
        "code": { "coding": [{ "system": LOINC, "code": "2160-0" }] }, "subject": { "reference": "Patient/p" },
        "valueQuantity": { "value": 1.2, "system": "http://unitsofmeasure.org", "code": "mg/dL" } });
    let meld = protocol("meld-3");
    let import =
        |entries: &[Json]| read_record(&record(entries).to_string(), meld.intake(), TODAY).unwrap();
    assert_eq!(import(std::slice::from_ref(&number)).answers()["creatinine"], Value::Quantity(1.2));
    let failed = json!({ "request": { "method": "GET", "url": "Observation?patient=p" }, "response": { "status": "500" } });
    let told = flag(&import(&[number, failed]), "creatinine");
    assert!(told.contains("1.2") && told.contains("`500`"), "{told}");
}

/// Results that reports and panels name and that aren't there may be later than what is there.
#[test]
fn a_result_that_is_not_there_makes_what_it_may_replace_a_question() {
    let test = |id: &str, day: &str, more: Json| {
        let base = json!({ "resourceType": "Observation", "id": id, "status": "final", "effectiveDateTime": day,
            "subject": { "reference": "Patient/p" } });
        with(base, more)
    };
    let creatinine = || {
        test(
            "o",
            "2026-11-10",
            json!({ "code": { "coding": [{ "system": LOINC, "code": "2160-0" }] },
            "valueQuantity": { "value": 1.2, "system": "http://unitsofmeasure.org", "code": "mg/dL" } }),
        )
    };
    let report = |more: Json| {
        let base = json!({ "resourceType": "DiagnosticReport", "id": "d", "status": "final",
            "subject": { "reference": "Patient/p" }, "result": [{ "reference": "Observation/x" }] });
        with(base, more)
    };
    let panel = |more: Json| {
        let base = json!({ "code": { "coding": [{ "system": LOINC, "code": "24323-8" }] },
            "hasMember": [{ "reference": "Observation/x" }] });
        test("n", "2026-11-12", with(base, more))
    };
    let meld = protocol("meld-3");
    let told = |more: &[Json]| {
        let entries = [&[creatinine()], more].concat();
        flag(
            &read_record(&record(&entries).to_string(), meld.intake(), TODAY).unwrap(),
            "creatinine",
        )
    };
    let of_report = "Observation/x, a result of DiagnosticReport/d, isn't in the record";
    let when = |field: &str, day: &str| report(json!({ field: day }));
    let inside = |id: &str| {
        json!({ "result": [{ "reference": "#i" }], "effectiveDateTime": "2026-11-12",
        "contained": [{ "resourceType": "Observation", "id": id, "code": { "text": "K" }, "status": "final" }] })
    };
    for (resource, words) in [
        (when("effectiveDateTime", "2026-11-12"), of_report),
        (when("effectiveDateTime", "2026-11-10"), of_report),
        (when("effectiveDateTime", "2026-11"), of_report),
        (when("issued", "2026-11-12T10:00:00Z"), of_report),
        (report(json!({})), of_report),
        (report(json!({ "effectiveDateTime": "yesterday" })), of_report),
        (
            report(json!({ "effectivePeriod": { "start": "2026-11-01", "end": "2026-11-12" } })),
            of_report,
        ),
        (report(json!({ "status": "preliminary" })), of_report),
        (report(json!({ "result": [{ "display": "Kreatinin" }] })), "Kreatinin, a result of"),
        (report(inside("other")), "#i, a result of DiagnosticReport/d"),
        (panel(json!({})), "Observation/x, a member of Observation/n, isn't in the record"),
        (
            panel(
                json!({ "hasMember": [], "related": [{ "type": "has-member", "target": { "reference": "Observation/x" } }] }),
            ),
            "Observation/x, a member of Observation/n",
        ),
    ] {
        let told = told(std::slice::from_ref(&resource));
        assert!(
            told.starts_with("asked: Observation/o of 2026-11-10") && told.contains(words),
            "{resource}: {told}"
        );
        // Silence is confirmed with it before one's eyes.
        let import =
            read_record(&record(&[resource]).to_string(), protocol("has-bled").intake(), TODAY)
                .unwrap();
        assert!(import.unconfirmed.failures.iter().any(|one| one.contains(words)), "{import:?}");
    }
    for resource in [
        when("effectiveDateTime", "2026-11-09"),
        when("issued", "2026-11-09T10:00:00Z"),
        report(json!({ "status": "cancelled" })),
        report(json!({ "status": "entered-in-error" })),
        report(json!({ "result": [{ "reference": "Observation/o" }] })),
        report(inside("i")),
        panel(json!({ "status": "cancelled" })),
        panel(json!({ "status": "entered-in-error" })),
        panel(json!({ "hasMember": [{ "reference": "QuestionnaireResponse/q" }] })),
        panel(json!({ "effectiveDateTime": "2026-11-09" })),
    ] {
        assert_eq!(told(std::slice::from_ref(&resource)), "1.2 mg/dL", "{resource}");
    }
}

/// A "yes" by the latest observation may be taken back by one that wasn't read; others last.
#[test]
fn a_yes_by_the_latest_value_is_asked_where_a_later_one_may_be_missing() {
    let creatinine = json!({ "resourceType": "Observation", "id": "o", "status": "final", "effectiveDateTime": "2026-11-10",
        "subject": { "reference": "Patient/p" }, "code": { "coding": [{ "system": LOINC, "code": "14682-9" }] },
        "valueQuantity": { "value": 250, "system": "http://unitsofmeasure.org", "code": "umol/L" } });
    let dialysis = condition_of("http://hl7.org/fhir/sid/icd-10", "Z99.2");
    let lost = json!({ "resourceType": "DiagnosticReport", "id": "d", "status": "final", "effectiveDateTime": "2026-11-12",
        "subject": { "reference": "Patient/p" }, "result": [{ "reference": "Observation/x" }] });
    let failed = |kind: &str| json!({ "request": { "method": "GET", "url": kind }, "response": { "status": "500" } });
    let renal = |entries: &[Json]| {
        flag(
            &read_record(&record(entries).to_string(), protocol("has-bled").intake(), TODAY)
                .unwrap(),
            "renal",
        )
    };
    for (failure, right) in [
        (failed("Observation"), "`500`"),
        (outcome("error", "timeout", ""), "timeout"),
        (lost, "Observation/x"),
    ] {
        let told = renal(&[creatinine.clone(), failure.clone()]);
        assert!(told.starts_with("asked: Observation/o") && told.contains(right), "{told}");
        assert_eq!(renal(&[creatinine.clone(), dialysis.clone(), failure]), "yes");
    }
    assert_eq!(renal(&[creatinine, failed("Condition")]), "yes");
}

/// The kinds of which a record, with these roots, doesn't show that it has all.
fn not_shown(import: &Import) -> Vec<&str> {
    import.unconfirmed.not_shown.iter().map(String::as_str).collect()
}

/// Of how many of the conditions a record shows that it has all: `ever`, `now` or none.
fn shown(record: &Json) -> &'static str {
    let import = read(record).unwrap_or_else(|error| panic!("{record}: {error}"));
    let not_shown = not_shown(&import);
    match (not_shown.contains(&"Condition"), not_shown.contains(&"Condition (past ones)")) {
        (true, _) => "none",
        (_, true) => "now",
        _ => "ever",
    }
}

fn other() -> Json {
    condition_of("http://hl7.org/fhir/sid/icd-10", "J30.1")
}

/// An answer to a search beside the patient at a server.
fn search(url: &str, total: u64, matches: &[Json]) -> Json {
    let patient = json!({ "fullUrl": "https://e/fhir/Patient/p", "resource": patient() });
    bundle("batch-response", &[patient, searchset(url, total, matches)])
}

#[test]
fn a_search_shows_that_all_is_there_only_if_nothing_in_it_can_leave_anything_out() {
    let url = "https://e/fhir/Condition?patient=p";
    for (address, is_shown) in [
        ("Condition?patient=p", true),
        ("/Condition?patient=p", true),
        ("https://e/fhir/Condition?patient=p", true),
        ("http://E/fhir/Condition?patient=p", true),
        ("https://e/fhir/Condition?subject=Patient/p&_count=100&_sort=-date", true),
        ("https://e/fhir/Condition?subject:Patient=p", true),
        ("https://e/fhir/Condition?patient:Patient=Patient/p", true),
        ("https://e/fhir/Condition?patient=https%3A%2F%2Fe%2Ffhir%2FPatient%2Fp", true),
        ("https://e/fhir/Condition?patient=p&_format=application/fhir%2Bjson", true),
        ("https://e/fhir/Condition?patient=p&_include=Condition:subject&_total=accurate", true),
        ("https://e/fhir/Condition?patient=p&_summary=false", true),
        ("https://e/fhir/Patient/p/Condition", true),
        ("Patient/p/Condition?_count=10", true),
        ("https://e/fhir/Condition/_search?patient=p", true),
        ("https://e/fhir/Condition?patient=q", false),
        ("https://e/fhir/Condition?patient=p,q", false),
        ("https://e/fhir/Condition?patient=p%7Cv", false),
        ("https://e/fhir/Condition?patient=p%26clinical-status=active", false),
        ("https://e/fhir/Condition?patient=p&patient=p", false),
        ("https://e/fhir/Condition?patient=https://other.example/fhir/Patient/p", false),
        ("https://e/fhir/Condition?patient=Group/p", false),
        ("https://e/fhir/Condition?subject:Group=p", false),
        ("https://other.example/fhir/Condition?patient=p", false),
        ("https://e/Condition?patient=p", false),
        ("https://e/fhir/Encounter/e1/Condition?patient=p", false),
        ("Encounter/e1/Condition?patient=p", false),
        ("https://e/fhir/Practitioner/d/Condition?patient=p", false),
        ("https://e/fhir/Group/g/Condition?patient=p", false),
        ("https://e/fhir/$export/Condition?patient=p", false),
        ("https://e/fhir/Patient/p/Encounter/e/Condition", false),
        ("https://e/fhir2/../fhir/Condition?patient=p", false),
        ("fhir/Condition?patient=p", false),
        ("https://e/fhir/Condition", false),
        ("https://e/fhir/Condition?patient=p&clinical-status=active", false),
        ("https://e/fhir/Condition?patient=p&clinical-status", false),
        ("https://e/fhir/Condition?patient=p;clinical-status=active", false),
        ("https://e/fhir/Condition?patient=p#x&clinical-status=active", false),
        ("https://e/fhir/Condition?patient=p&_format=json;_summary=true", false),
        ("https://e/fhir/Condition?patient=p&_lastUpdated=gt2020", false),
        ("https://e/fhir/Condition?patient=p&_total=estimate", false),
        ("https://e/fhir/Condition?patient=p&_summary=true", false),
        ("https://e/fhir/Condition?patient=p&_count=-1", false),
        ("https://e/fhir/Condition?patient=p&_count=00", false),
        ("https://e/fhir/Condition?patient=p&_sort=", false),
        ("https://e/fhir/Observation?patient=p", false),
    ] {
        let told = shown(&search(address, 0, &[]));
        assert_eq!(told, if is_shown { "ever" } else { "none" }, "{address}");
    }
    let with_links = |more: Json| {
        let mut links = json!([{ "relation": "self", "url": url }]);
        links.as_array_mut().unwrap().extend(more.as_array().unwrap().clone());
        with(searchset(url, 0, &[]), json!({ "link": links }))
    };
    let at = |relation: &str, url: &str| json!({ "relation": relation, "url": url });
    let page = "https://e/fhir?page=1";
    let observation =
        json!({ "resourceType": "Observation", "id": "o", "code": { "text": "Height" } });
    let as_match = |json: Json| json!({ "resource": json, "search": { "mode": "match" } });
    for (answer, told) in [
        (searchset(url, 1, &[other()]), "ever"),
        (searchset(url, 1, &[other(), patient()]), "ever"),
        (searchset(url, 0, &[other()]), "none"),
        (searchset(url, 1, &[as_match(observation)]), "none"),
        (searchset(url, 1, &[as_match(patient())]), "none"),
        (with(searchset(url, 0, &[]), json!({ "total": "0" })), "none"),
        (
            with(searchset(url, 0, &[]), json!({ "issues": outcome("error", "timeout", "") })),
            "none",
        ),
        (with_links(json!([at("first", page), at("last", page)])), "ever"),
        (with_links(json!([at("first", page), at("last", "https://e/fhir?page=3")])), "none"),
        (with_links(json!([at("last", page)])), "none"),
        (with_links(json!([at("self", url)])), "none"),
        (with(searchset(url, 0, &[]), json!({ "timestamp": "2026-11-01T00:00:00Z" })), "ever"),
        (with(searchset(url, 0, &[]), json!({ "timestamp": "2025-11-01T00:00:00Z" })), "none"),
        (with(searchset(url, 0, &[]), json!({ "timestamp": "yesterday" })), "none"),
        (
            with(
                searchset(url, 0, &[]),
                json!({ "meta": { "lastUpdated": "2005-01-01T00:00:00Z" } }),
            ),
            "none",
        ),
        (with(searchset(url, 0, &[]), json!({ "implicitRules": "urn:x" })), "none"),
        (
            with(searchset(url, 0, &[]), json!({ "modifierExtension": [{ "url": "urn:x" }] })),
            "none",
        ),
    ] {
        let batch = bundle("batch-response", &[patient(), answer.clone()]);
        assert_eq!(shown(&batch), told, "{answer}");
    }
    let old = with(search(url, 0, &[]), json!({ "timestamp": "2005-11-01T00:00:00Z" }));
    assert_eq!(shown(&old), "none");
}

#[test]
fn what_a_server_remarks_takes_away_that_all_is_there() {
    let url = "https://e/fhir/Condition?patient=p";
    for (severity, code, words, is_shown) in [
        ("information", "informational", "Resource request returns no results.", true),
        ("warning", "not-found", "No matches found", true),
        ("information", "informational", "All OK", true),
        ("information", "informational", "hello", false),
        ("information", "informational", "", false),
        (
            "warning",
            "not-supported",
            "Search by patient isn't supported and was passed over",
            false,
        ),
        ("warning", "invalid", "Unknown parameter patient", false),
        ("warning", "business-rule", "Some data may be left out", false),
        ("warning", "structure", "returns no results, but two were left out", false),
    ] {
        let remark = outcome(severity, code, words);
        let told = if is_shown { "ever" } else { "none" };
        let answer = searchset(url, 0, std::slice::from_ref(&remark));
        let record = bundle("batch-response", &[patient(), answer]);
        assert_eq!(shown(&record), told, "{remark}");
        assert_eq!(flag(&read(&record).unwrap(), "hypertension"), "unconfirmed: ", "{remark}");
        let response = json!({ "resource": searchset(url, 0, &[]), "response": { "status": "200", "outcome": remark } });
        assert_eq!(shown(&bundle("batch-response", &[patient(), response])), told, "{remark}");
        // It says nothing of other searches.
        let elsewhere = searchset("Observation?patient=p", 0, &[remark]);
        let record = bundle("batch-response", &[patient(), searchset(url, 0, &[]), elsewhere]);
        assert_eq!(shown(&record), "ever");
    }
}

#[test]
fn that_there_is_nothing_is_shown_only_by_what_says_nothing_else() {
    let none = || condition_of(IPS, "no-known-problems");
    let more = |more: Json| with(none(), more);
    let text = |text: &str| {
        let mut json = none();
        json["code"]["text"] = json!(text);
        json
    };
    let coded = |field: &str, code: &str| more(json!({ field: { "coding": [{ "code": code }] } }));
    for (record, told, failure) in [
        (record(&[]), "none", ""),
        (record(&[other()]), "none", ""),
        (record(&[none()]), "now", ""),
        (record(&[condition_of(SNOMED, "160245001")]), "now", ""),
        (record(&[condition_of("urn:x", "no-known-problems")]), "none", ""),
        (record(&[none(), with(other(), json!({ "id": "d" }))]), "none", ""),
        (record(&[coded("clinicalStatus", "active")]), "now", ""),
        (record(&[coded("verificationStatus", "confirmed")]), "now", ""),
        (record(&[text("No known problems.")]), "now", ""),
        (record(&[more(json!({ "recordedDate": "2026-10-01" }))]), "now", ""),
        (record(&[more(json!({ "recordedDate": "1990-10-01" }))]), "none", ""),
        (record(&[coded("verificationStatus", "refuted")]), "none", "`refuted`"),
        (record(&[coded("verificationStatus", "unconfirmed")]), "none", "`unconfirmed`"),
        (record(&[coded("clinicalStatus", "resolved")]), "none", "`resolved`"),
        (record(&[coded("clinicalStatus", "inactive")]), "none", "`inactive`"),
        (record(&[more(json!({ "clinicalStatus": {} }))]), "none", "clinicalStatus"),
        (record(&[more(json!({ "abatementDateTime": "2020" }))]), "none", "`abatementDateTime`"),
        (record(&[more(json!({ "onsetDateTime": "2030-01-01" }))]), "none", "`onsetDateTime`"),
        (record(&[coded("category", "encounter-diagnosis")]), "none", "`encounter-diagnosis`"),
        (
            record(&[text("No known problems except stroke 2019")]),
            "none",
            "`No known problems except stroke 2019`",
        ),
        (record(&[coded("bodySite", "12738006")]), "none", "`bodySite`"),
        (with(record(&[none()]), json!({ "timestamp": "2005-01-01T00:00:00Z" })), "none", ""),
    ] {
        assert_eq!(shown(&record), told, "{record}");
        let failures = flag(&read(&record).unwrap(), "hypertension");
        assert_eq!(failures == "unconfirmed: ", failure.is_empty(), "{record}: {failures}");
        assert!(failures.contains(failure), "{record}: {failures}");
    }
}

#[test]
fn a_list_shows_that_it_is_empty_only_of_the_patient_and_today() {
    let system = "http://terminology.hl7.org/CodeSystem/list-empty-reason";
    let reason = |system: &str| json!({ "coding": [{ "system": system, "code": "nilknown" }] });
    let code = |system: &str, code: &str| json!({ "coding": [{ "system": system, "code": code }] });
    let list = |more: Json| {
        let list = json!({ "resourceType": "List", "id": "l", "status": "current", "mode": "snapshot",
            "code": code(LOINC, "11450-4"), "emptyReason": reason(system) });
        record(&[with(list, more)])
    };
    let worded = |text: &str| with(reason(system), json!({ "text": text }));
    for (more, told) in [
        (json!({}), "now"),
        (json!({ "subject": { "reference": "Patient/p" } }), "now"),
        (json!({ "date": "2026-11-01" }), "now"),
        (json!({ "emptyReason": worded("Nil known") }), "now"),
        (json!({ "date": "2005" }), "none"),
        (json!({ "subject": { "display": "Anna" } }), "none"),
        (json!({ "subject": { "reference": "Group/g" } }), "none"),
        (json!({ "mode": "changes" }), "none"),
        (json!({ "status": "retired" }), "none"),
        (json!({ "status": null }), "none"),
        (json!({ "encounter": { "reference": "Encounter/e" } }), "none"),
        (json!({ "note": [{ "text": "Patient reports stroke 2019" }] }), "none"),
        (json!({ "emptyReason": reason("urn:x") }), "none"),
        (json!({ "emptyReason": worded("not asked") }), "none"),
        (json!({ "code": code("urn:x", "11450-4") }), "none"),
        (
            json!({ "code": code("http://terminology.hl7.org/CodeSystem/list-example-use-codes", "problems") }),
            "none",
        ),
        (json!({ "code": code(LOINC, "11348-0") }), "none"),
        (json!({ "modifierExtension": [{ "url": "urn:x" }] }), "none"),
    ] {
        assert_eq!(shown(&list(more.clone())), told, "{more}");
    }
    let with_entry = record(&[other(), list(json!({}))["entry"][1]["resource"].clone()]);
    assert_eq!(shown(&with_entry), "none");
    let modified = list(json!({ "modifierExtension": [{ "url": "urn:x" }] }));
    let told = flag(&read(&modified).unwrap(), "hypertension");
    assert!(told.contains("List/l has a modifierExtension"), "{told}");
    let error = error(&list(json!({ "subject": { "reference": "Patient/q" } })));
    assert!(error.contains("List/l") && error.contains("Patient/q"), "{error}");
}

#[test]
fn a_document_shows_its_lists_only_as_a_summary_of_the_patient() {
    let coded = |code: &str| json!({ "coding": [{ "system": LOINC, "code": code }] });
    let section = |code: &str, more: Json| {
        with(
            json!({ "title": "Section", "code": coded(code), "entry": [{ "reference": "Condition/c" }] }),
            more,
        )
    };
    let problems = |more: Json| section("11450-4", more);
    let nil = json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": "nilknown" }] });
    let past = || section("11348-0", json!({}));
    let no_past = || {
        with(json!({ "title": "Past", "code": coded("11348-0") }), json!({ "emptyReason": nil }))
    };
    let none = || {
        with(
            json!({ "title": "Problems", "code": coded("11450-4") }),
            json!({ "emptyReason": nil }),
        )
    };
    let composition = |sections: &[Json], more: Json| {
        with(
            json!({ "resourceType": "Composition", "id": "k", "status": "final", "type": coded("60591-5"),
                "subject": { "reference": "Patient/p" }, "date": "2026-11-01", "section": sections }),
            more,
        )
    };
    let plain = |sections: &[Json]| {
        bundle("document", &[composition(sections, json!({})), patient(), other()])
    };
    let as_whole = |more: Json| {
        bundle("document", &[composition(&[problems(json!({}))], more), patient(), other()])
    };
    let both = json!([{ "reference": "Condition/c" }, { "reference": "Condition/x" }]);
    for (record, told) in [
        (plain(&[problems(json!({}))]), "now"),
        (plain(&[problems(json!({})), past()]), "ever"),
        (plain(&[problems(json!({})), no_past()]), "ever"),
        (plain(&[past()]), "none"),
        (plain(&[no_past()]), "none"),
        (plain(&[none()]), "none"),
        (bundle("document", &[composition(&[none()], json!({})), patient()]), "now"),
        (bundle("document", &[composition(&[none(), no_past()], json!({})), patient()]), "ever"),
        (
            plain(&[problems(json!({})), past(), section("11348-0", json!({ "entry": both }))]),
            "none",
        ),
        (plain(&[problems(json!({ "entry": both }))]), "none"),
        (
            plain(&[problems(
                json!({ "code": { "coding": [{ "system": "urn:x", "code": "11450-4" }] } }),
            )]),
            "none",
        ),
        (plain(&[problems(json!({ "mode": "changes" }))]), "none"),
        (plain(&[problems(json!({ "text": { "status": "generated" } }))]), "now"),
        (plain(&[problems(json!({ "text": { "status": "additional" } }))]), "none"),
        (plain(&[problems(json!({ "focus": { "reference": "Patient/p" } }))]), "now"),
        (plain(&[problems(json!({ "focus": { "reference": "RelatedPerson/m" } }))]), "none"),
        (plain(&[problems(json!({ "modifierExtension": [{ "url": "urn:x" }] }))]), "none"),
        (as_whole(json!({ "status": "preliminary" })), "none"),
        (as_whole(json!({ "type": coded("18842-5") })), "none"),
        (as_whole(json!({ "type": { "coding": [{ "code": "60591-5" }] } })), "none"),
        (as_whole(json!({ "encounter": { "reference": "Encounter/e" } })), "none"),
        (as_whole(json!({ "event": [{ "code": [] }] })), "now"),
        (as_whole(json!({ "event": [{ "period": { "start": "2026-10-01" } }] })), "none"),
        (as_whole(json!({ "relatesTo": [{ "code": "appends" }] })), "none"),
        (as_whole(json!({ "date": "2024-11-01" })), "none"),
        (as_whole(json!({ "subject": { "display": "Anna" } })), "none"),
        (as_whole(json!({ "implicitRules": "urn:x" })), "none"),
        (as_whole(json!({ "modifierExtension": [{ "url": "urn:x" }] })), "none"),
        (with(as_whole(json!({})), json!({ "timestamp": "2005-01-01T00:00:00Z" })), "none"),
        (
            bundle(
                "document",
                &[patient(), composition(&[problems(json!({}))], json!({})), other()],
            ),
            "none",
        ),
        (
            bundle(
                "collection",
                &[composition(&[problems(json!({}))], json!({})), patient(), other()],
            ),
            "none",
        ),
    ] {
        assert_eq!(shown(&record), told, "{record}");
    }
    let error = error(&as_whole(json!({ "subject": { "reference": "Patient/q" } })));
    assert!(error.contains("Composition/k") && error.contains("Patient/q"), "{error}");
    // What somebody found relevant isn't all that was found.
    let glucose = json!({ "resourceType": "Observation", "id": "c", "status": "final", "code": { "text": "Glucose" } });
    let results = section("30954-2", json!({ "entry": [{ "reference": "Observation/c" }] }));
    let record = bundle("document", &[composition(&[results], json!({})), patient(), glucose]);
    let import = read_record(&record.to_string(), protocol("has-bled").intake(), TODAY).unwrap();
    assert!(not_shown(&import).contains(&"Observation"), "{:?}", import.unconfirmed);
}

#[test]
fn the_manifest_of_an_export_tells_what_is_complete_and_what_is_not() {
    let lists = lists();
    let files = |named: &[(&str, &[u8])]| {
        let files: Vec<_> = named.iter().map(|(name, bytes)| RecordFile { name, bytes }).collect();
        import(&files, &lists, TODAY)
    };
    let manifest = |request: &str, output: Json, error: Json| {
        json!({ "transactionTime": "2026-11-01T00:00:00Z", "request": request, "requiresAccessToken": true, "output": output, "error": error }).to_string()
    };
    let of = |kind: &str, url: &str, count: Option<u64>| match count {
        Some(count) => json!({ "type": kind, "url": url, "count": count }),
        None => json!({ "type": kind, "url": url }),
    };
    let all = "https://e/Patient/$export?_type=Patient,Condition&_outputFormat=ndjson";
    let named = json!([of("Condition", "https://e/x/Condition.000.ndjson?sig=1", None)]);
    let counted = json!([of("Condition", "https://e/Binary/7", Some(1))]);
    let more = json!([
        of("Condition", "https://e/Binary/7", Some(1)),
        of("Condition", "https://e/Binary/8", Some(4))
    ]);
    let none = json!([]);
    let lost = json!([{ "type": "OperationOutcome", "url": "https://e/errors.ndjson" }]);
    let other = condition_of("http://hl7.org/fhir/sid/icd-10", "J30.1").to_string();
    let (patient, errors) =
        (patient().to_string(), outcome("error", "exception", "broken").to_string());
    for (manifest, is_shown, failure) in [
        (manifest(all, named.clone(), none.clone()), true, ""),
        (manifest(all, counted.clone(), none.clone()), true, ""),
        (manifest("https://e/fhir/$export", counted.clone(), none.clone()), true, ""),
        (manifest("https://e/fhir/Group/g/$export", counted.clone(), none.clone()), true, ""),
        (manifest("https://e/fhir/Patient/p/$everything", counted.clone(), none.clone()), true, ""),
        (manifest("", counted.clone(), none.clone()), false, ""),
        (
            manifest("https://e/Patient/$export?_type=Patient", counted.clone(), none.clone()),
            false,
            "",
        ),
        (manifest("https://e/Encounter/e/$export", counted.clone(), none.clone()), false, ""),
        (
            manifest("https://e/Patient/$export;_since=2024", counted.clone(), none.clone()),
            false,
            "",
        ),
        (manifest("https://e/$export#?_type=Condition", counted.clone(), none.clone()), false, ""),
        (
            manifest(all, counted.clone(), none.clone()).replace("2026-11-01T", "2005-11-01T"),
            false,
            "",
        ),
        (
            manifest(all, counted.clone(), none.clone()).replace(
                "\"output\"",
                "\"link\":[{\"relation\":\"next\",\"url\":\"x\"}],\"output\"",
            ),
            false,
            "",
        ),
        (
            manifest(all, counted.clone(), none.clone()).replace(
                "\"output\"",
                "\"deleted\":[{\"type\":\"Bundle\",\"url\":\"https://e/d.ndjson\"}],\"output\"",
            ),
            false,
            "",
        ),
        (manifest(all, json!([]), none.clone()), false, ""),
        (manifest(&format!("{all}&_since=2026"), counted.clone(), none.clone()), false, ""),
        (
            manifest(&format!("{all}&_typeFilter=Condition%3Fx"), counted.clone(), none.clone()),
            false,
            "",
        ),
        (
            manifest(all, json!([of("Condition", "https://e/Binary/7", None)]), none.clone()),
            false,
            "",
        ),
        (manifest(all, more, none.clone()), false, "counts 5 of Condition, the files have 1"),
        (manifest(all, json!([of("Procedure", "https://e/P.ndjson", None)]), none), false, ""),
        (manifest(all, counted, lost.clone()), false, "lists 1 files of errors"),
    ] {
        let import = files(&[
            ("out/manifest.json", manifest.as_bytes()),
            ("out/Patient.ndjson", patient.as_bytes()),
            ("out/Condition.000.ndjson.gz", &gzip(other.as_bytes())),
            ("out/Encounter.ndjson", br#"{"resourceType":"Encounter","id":"e"}"#),
        ])
        .unwrap();
        assert_eq!(!not_shown(&import).contains(&"Condition"), is_shown, "{manifest}");
        assert_eq!(import.unconfirmed.failures.is_empty(), failure.is_empty(), "{manifest}");
        assert!(flag(&import, "hypertension").contains(failure), "{manifest}");
    }
    // A file of which the manifest counts none may be empty.
    let empty = |count: Option<u64>| {
        let listed = json!([of("Condition", "https://e/Condition.ndjson", count)]);
        let manifest = manifest("https://e/$export", listed, json!([]));
        files(&[
            ("Condition.ndjson", b"\n"),
            ("manifest.json", manifest.as_bytes()),
            ("Patient.ndjson", patient.as_bytes()),
        ])
    };
    assert_eq!(not_shown(&empty(Some(0)).unwrap()), [""; 0]);
    for count in [None, Some(1)] {
        let error = empty(count).unwrap_err().to_string();
        assert!(error.starts_with("Condition.ndjson: ") && error.contains("empty"), "{error}");
    }
    let manifest = manifest(all, named, lost);
    let import = files(&[
        ("manifest.json", manifest.as_bytes()),
        ("Patient.ndjson", patient.as_bytes()),
        ("errors.ndjson", errors.as_bytes()),
    ])
    .unwrap();
    let told = flag(&import, "hypertension");
    assert!(
        told.contains("broken") && told.contains("lists Condition, which no file has"),
        "{told}"
    );
}

#[test]
fn hostile_records_are_read_in_time() {
    let many = 100_000;
    let conditions: Vec<Json> =
        (0..many).map(|index| with(hypertension(), json!({ "id": format!("c{index}") }))).collect();
    let lines: String = conditions.iter().map(|one| format!("{one}\n")).collect();
    let failures: String = (0..many)
        .map(|index| format!("{}\n", outcome("error", "timeout", &index.to_string())))
        .collect();
    let gone: Vec<Json> = (0..many).map(|index| json!({ "request": { "method": "DELETE", "url": format!("Condition/c{index}") } })).collect();
    let text = format!("{}\n{lines}{failures}{}\n", patient(), bundle("batch", &gone));
    let import = files(&[("record.ndjson", text.as_bytes())]).unwrap();
    assert!(import.unconfirmed.failures.len() <= 40, "{}", import.unconfirmed.failures.len());

    // A report with many results that aren't there, and visits for what is asked.
    let results: Vec<Json> = (0..many).map(|n| json!({ "reference": format!("#x{n}") })).collect();
    let inside: Vec<Json> = (0..many)
        .map(|n| json!({ "resourceType": "Observation", "id": format!("y{n}") }))
        .collect();
    let report = json!({ "resourceType": "DiagnosticReport", "id": "d", "result": results, "contained": inside });
    let reason = json!({ "coding": [{ "system": SNOMED, "code": "230690007" }] });
    let visits: String = (0..many)
        .map(|n| format!("{}\n", json!({ "resourceType": "Encounter", "id": format!("e{n}"), "reasonCode": [reason] })))
        .collect();
    let text = format!("{}\n{report}\n{visits}", patient());
    let import = files(&[("record.ndjson", text.as_bytes())]).unwrap();
    let listed = import.unconfirmed.entries.iter().filter(|one| one.contains("230690007"));
    assert_eq!(listed.collect::<Vec<_>>(), ["Encounter/e0, reasonCode: 230690007"]);
}
