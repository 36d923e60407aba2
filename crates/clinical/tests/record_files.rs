// SPDX-License-Identifier: Apache-2.0
//! The files of a record: each form is read or refused by its name, and what a server tells about
//! what is missing is never taken for silence.

mod common;

use std::io::Write;

use common::{protocol, read_record, TODAY};
use cso_clinical::fhir::{import, may_be_record, FhirError, Import, RecordFile, MAX_RECORD_BYTES};
use cso_clinical::intake::Value;
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
    // Of several errors the same is told.
    let (empty, page) = (("b.json", &b" "[..]), ("a.json", &b"<html>"[..]));
    assert_eq!(files(&[empty, page]), files(&[page, empty]));
}

#[test]
fn files_of_an_archive_or_folder_are_told_by_their_names() {
    for name in ["a.json", "x/Condition.ndjson", "A.JSON.GZ", "./a.jsonl", "../up/a.json"] {
        assert!(may_be_record(name), "{name}");
    }
    for name in ["a.xml", "json", "x/.a.json", "__MACOSX/a.json", ".git/a.json", "a.json.bak", ""] {
        assert!(!may_be_record(name), "{name}");
    }
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
    for query in
        ["_getpagesoffset=20", "page=2", "_offset=50", "%5foffset=50", "_page_token=x", "ct=abc"]
    {
        let page = link("self", &format!("https://e/Condition?patient=p&{query}"));
        assert!(error(&page).contains("later page"), "{query}");
    }
    for query in ["page=1", "_getpagesoffset=0", "_count=50"] {
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
        list("medications"),
        medicine(json!({ "medicationReference": { "reference": "Medication/x" } })),
        with(
            condition_of(IPS, "no-problem-info"),
            json!({ "verificationStatus": { "coding": [{ "code": "entered-in-error" }] } }),
        ),
        with(list("problems"), json!({ "status": "entered-in-error" })),
    ] {
        let import = read(&record(std::slice::from_ref(&entry))).unwrap();
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
    let has_bled = protocol("has-bled");
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
        let import = read_record(&record, has_bled.intake(), TODAY).unwrap();
        let told = import.unconfirmed.failures.join("; ");
        assert!(told.contains(words), "{more}: {told}");
    }
    let there = json!({ "resourceType": "Medication", "id": "x", "code": { "coding": [{ "system": "http://www.whocc.no/atc", "code": "A02BC01" }] } });
    let request = medicine(json!({ "medicationReference": { "reference": "Medication/x" } }));
    let import =
        read_record(&record(&[there, request]).to_string(), has_bled.intake(), TODAY).unwrap();
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

/// The kinds of which a record, with these roots, doesn't show that it has all.
fn not_shown(import: &Import) -> Vec<&str> {
    import.unconfirmed.not_shown.iter().map(String::as_str).collect()
}

#[test]
fn only_what_says_so_shows_that_a_list_is_complete() {
    let search = |url: &str, total: u64, matches: &[Json]| {
        bundle("batch-response", &[patient(), searchset(url, total, matches)])
    };
    let other = || condition_of("http://hl7.org/fhir/sid/icd-10", "J30.1");
    let unmatched = || with(other(), json!({ "id": "d" }));
    let composition = |section: Json| json!({ "resourceType": "Composition", "id": "k", "status": "final", "section": [section] });
    let problems = |entries: Json| json!({ "title": "Problems", "code": { "coding": [{ "system": LOINC, "code": "11450-4" }] }, "entry": entries });
    let nil = json!({ "title": "Problems", "code": { "coding": [{ "code": "11450-4" }] }, "emptyReason": { "coding": [{ "code": "nilknown" }] } });
    let to_c = json!([{ "reference": "Condition/c" }]);
    let nil_list = |more: Json| {
        with(
            json!({ "resourceType": "List", "id": "l", "status": "current", "code": { "coding": [{ "code": "problems" }] },
        "emptyReason": { "coding": [{ "code": "nilknown" }] } }),
            more,
        )
    };
    let cases: Vec<(Json, bool)> = vec![
        (record(&[]), false),
        (record(&[other()]), false),
        (search("https://e/Condition?patient=p", 0, &[]), true),
        (
            search("https://e/Condition?subject=Patient/p&_count=100&_sort=-date", 1, &[other()]),
            true,
        ),
        (search("https://e/Condition?patient=https%3A%2F%2Fe%2FPatient%2Fp", 1, &[other()]), true),
        (search("https://e/Patient/p/Condition", 0, &[]), true),
        (search("https://e/Condition/_search?patient=p", 0, &[]), true),
        (search("https://e/Condition?patient=q", 0, &[]), false),
        (search("https://e/Condition?patient=p,q", 0, &[]), false),
        (search("https://e/Condition", 0, &[]), false),
        (search("https://e/Condition?patient=p&clinical-status=active", 0, &[]), false),
        (search("https://e/Condition?patient=p&_lastUpdated=gt2020", 0, &[]), false),
        (search("https://e/Condition?patient=p&_total=estimate", 0, &[]), false),
        (search("https://e/Condition?patient=p&_summary=true", 0, &[]), false),
        (search("https://e/Observation?patient=p", 0, &[]), false),
        (search("https://e/Condition?patient=p", 0, &[other()]), false),
        (
            with(
                search("https://e/Condition?patient=p", 0, &[]),
                json!({ "issues": outcome("error", "timeout", "") }),
            ),
            false,
        ),
        (bundle("searchset", &[patient(), condition_of(IPS, "no-known-problems")]), true),
        (record(&[condition_of(SNOMED, "160245001")]), true),
        (record(&[condition_of("urn:x", "no-known-problems")]), false),
        (record(&[condition_of(IPS, "no-known-problems"), unmatched()]), false),
        (
            record(&[with(
                condition_of(IPS, "no-known-problems"),
                json!({ "verificationStatus": { "coding": [{ "code": "refuted" }] } }),
            )]),
            false,
        ),
        (record(&[nil_list(json!({}))]), true),
        (record(&[nil_list(json!({ "mode": "changes" }))]), false),
        (record(&[nil_list(json!({ "status": "retired" }))]), false),
        (record(&[nil_list(json!({})), other()]), false),
        (bundle("document", &[composition(problems(to_c.clone())), patient(), other()]), true),
        (
            bundle(
                "document",
                &[
                    with(composition(problems(to_c.clone())), json!({ "status": "preliminary" })),
                    patient(),
                    other(),
                ],
            ),
            false,
        ),
        (
            bundle(
                "document",
                &[
                    composition(problems(
                        json!([{ "reference": "Condition/c" }, { "reference": "Condition/x" }]),
                    )),
                    patient(),
                    other(),
                ],
            ),
            false,
        ),
        (bundle("document", &[patient(), composition(problems(to_c.clone())), other()]), false),
        (bundle("collection", &[composition(problems(to_c)), patient(), other()]), false),
        (bundle("document", &[composition(nil), patient()]), true),
        (
            bundle(
                "document",
                &[composition(json!({ "code": { "coding": [{ "code": "11450-4" }] } })), patient()],
            ),
            false,
        ),
    ];
    for (record, is_shown) in cases {
        let import = read(&record).unwrap_or_else(|error| panic!("{record}: {error}"));
        assert_eq!(!not_shown(&import).contains(&"Condition"), is_shown, "{record}");
    }
}

#[test]
fn the_manifest_of_an_export_tells_what_is_complete_and_what_is_not() {
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
}
