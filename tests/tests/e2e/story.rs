// SPDX-License-Identifier: Apache-2.0

//! The main story: apply, accredit, publish, request, answer, accept, erase.

use crate::{asking_of, bundle, id_of, PRICE};
use cso_tests::{own_answers, protocol_file, Actor, Expert, Node};
use serde_json::{json, Value};
use std::time::Duration;

/// Keys of the pallet `Consultations` in the chain's state: its prefix is
/// `twox128("Consultations")`.
fn consultation_keys(node: &Node) -> Vec<Value> {
    const PREFIX: &str = "0xb354286f03567e6194a4fd065ca37450";
    node.rpc("state_getKeysPaged", json!([PREFIX, 1000]))
        .as_array()
        .expect("a list of keys")
        .clone()
}

fn in_clear(actor: &Actor, protocol: &str) -> Value {
    let file = protocol_file(protocol);
    let bundle = bundle();
    let eval = [
        "protocol",
        "eval",
        "--model",
        file.to_str().expect("a path of text"),
        "--bundle",
        &bundle,
        "--assume-no",
        "--today",
        "2026-11-23",
    ];
    actor.cso(&[&eval[..], &own_answers(protocol)].concat())["outputs"].clone()
}

/// The opinion as each kind of file there is; what it says stands in them.
fn exported(patient: &Actor, id: &str, readings: &Value) {
    let export = |name: &str, format: &str| {
        let file = patient.file(&format!("{id}-{name}"));
        let command = ["consult", "export", id, "--out", &file, "--format", format];
        patient.cso(&command);
        assert!(patient.refused(&command).message.contains("--force"));
        std::fs::read(&file).expect("the file that was written")
    };
    assert!(export("opinion.pdf", "pdf").starts_with(b"%PDF-1."));
    let page = String::from_utf8(export("opinion.html", "html")).expect("text");
    let bundle: Value =
        serde_json::from_slice(&export("opinion.fhir", "fhir")).expect("a FHIR bundle");
    assert_eq!(bundle["resourceType"], "Bundle");
    let types: Vec<&Value> = bundle["entry"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| &entry["resource"]["resourceType"])
        .collect();
    assert!(types.contains(&&json!("RiskAssessment")) && types.contains(&&json!("Observation")));
    // By the published model, at the time of the block that brought it.
    let observation = &bundle["entry"][0]["resource"];
    assert_eq!(observation["status"], "final");
    let time = &observation["effectiveDateTime"];
    assert!(time.as_str().is_some_and(|time| time.ends_with('Z')), "{observation}");
    let all: Value = serde_json::from_slice(&export("opinion.json", "json")).expect("JSON");
    assert_eq!(&all["readings"], readings);
    for reading in readings.as_array().expect("readings") {
        let text = reading["text"].as_str().expect("a value with its unit");
        assert!(page.contains(text), "{text} is not on the page");
    }
    assert!(page.contains("not a medical device"));
}

/// Where no node answers, the last status isn't repeated as if it were still so, and who waits is
/// told.
fn without_a_node(patient: &mut Actor, id: &str) {
    let url = std::mem::replace(&mut patient.url, "ws://127.0.0.1:1".into());
    let listed = patient.cso(&["consult", "list"]);
    let consultations = listed["consultations"].as_array().expect("a list");
    let one = consultations.iter().find(|one| id_of(one) == id).expect("the consultation");
    assert_eq!(one["status"], "unknown");
    assert!(one["why_unknown"].as_str().expect("a reason").contains("no node answers"), "{one}");

    let told = patient.file(&format!("{id}-failed"));
    let notify = format!("echo $CSO_ID $CSO_STATUS > '{told}'");
    let refusal = patient.refused(&["consult", "wait", id, "--notify", &notify]);
    assert!(refusal.message.contains("no node answers"), "{refusal:?}");
    let told = std::fs::read_to_string(told).expect("what the command has written");
    assert_eq!(told, format!("{id} failed\n"));
    patient.url = url;
}

#[test]
fn an_opinion_comes_back_right_and_leaves_no_trace() {
    let protocols = ["cha2ds2-vasc", "findrisc"];
    let (node, expert, published) = Expert::ready(&[], &protocols);
    let mut patient = Actor::with_account(&node, "//Dave");
    let doctor = patient.cso(&["doctor"]);
    assert_eq!(doctor["healthy"], true, "{doctor}");
    let before = consultation_keys(&node).len();
    let expert_before = expert.actor.total("me");

    for (protocol, number) in protocols.iter().zip(&published) {
        let bundle = bundle();
        let ask = asking_of(&expert.address, number, &bundle);
        let question = ["--question", "What would you do?"];
        let requested = patient.cso(&[&ask[..], &own_answers(protocol), &question].concat());
        let id = id_of(&requested);
        // The wallet is lost while the expert's node works, and comes back.
        let backup = patient.file(&format!("{id}-backup.age"));
        patient.cso(&["wallet", "backup", &backup]);
        std::fs::remove_file(patient.wallet()).expect("the wallet was there");
        let restored = patient.cso(&["wallet", "restore", &backup, "--yes"]);
        let added = restored["consultations"]["added"].as_array().expect("a list");
        assert!(added.iter().any(|one| id_of(one) == id), "{restored}");

        // A command that fails changes nothing, and gets no passphrase.
        let told = patient.file(&format!("{id}-told"));
        let notify =
            format!("echo $CSO_ID $CSO_STATUS ${{CSO_PASSPHRASE-none}} > '{told}'; exit 1");
        let waited =
            patient.cso(&["consult", "wait", &id, "--timeout", "120", "--notify", &notify]);
        assert_eq!(waited["status"], "delivered");
        let told = std::fs::read_to_string(told).expect("what the command has written");
        assert_eq!(told, format!("{id} delivered none\n"));
        let blocks = waited["waited_blocks"].as_u64().expect("a number of blocks");
        assert!(blocks <= 4, "{blocks} blocks from request to delivered opinion");

        let opened = patient.cso(&["consult", "open", &id]);
        assert_eq!(opened["outputs"], in_clear(&patient, protocol), "{protocol}");
        assert_eq!(opened["model_on_chain"], true);
        assert_eq!(opened["expert"], expert.address.as_str());
        let shown = patient.read(&["consult", "open", &id]);
        assert!(shown.contains("not a medical device"), "{shown}");

        exported(&patient, &id, &opened["readings"]);

        patient.cso(&["consult", "accept", &id, "--yes"]);
        without_a_node(&mut patient, &id);
        patient.cso(&["consult", "erase", &id, "--yes"]);
        let gone = patient.file("gone.pdf");
        patient.refused(&["consult", "export", &id, "--out", &gone]);
        assert_eq!(patient.cso(&["consult", "status", &id])["on_chain"], false);
        node.wait_until("the pool is empty", Duration::from_secs(60), || {
            node.rpc("hop_poolStatus", json!([]))["entryCount"] == 0
        });
        assert!(
            node.pool_blobs()
                .iter()
                .all(|file| file.metadata().map_or(true, |data| data.len() == 0)),
            "{:?}",
            node.pool_blobs()
        );
    }

    // Forgetting what is erased asks, and a script has to say yes; each once.
    let erased = patient.cso(&["consult", "list"])["consultations"].clone();
    for one in erased.as_array().expect("a list") {
        let handle = one["handle"].as_str().expect("a handle");
        let refusal = patient.refused(&["consult", "forget", handle]);
        assert!(refusal.message.contains("an older backup brings its keys back"), "{refusal:?}");
        assert!(refusal.message.contains("--yes"), "{refusal:?}");
        patient.cso(&["consult", "forget", handle, "--yes"]);
    }
    assert_eq!(patient.cso(&["consult", "list"])["consultations"], json!([]));

    // Only the counter of consultations may have joined.
    assert!(consultation_keys(&node).len() <= before + 1);
    let earned = expert.actor.total("me") - expert_before;
    assert_eq!(earned, 2 * PRICE.parse::<u128>().expect("a whole number") * 10u128.pow(12));
    // No answer, question or key is in the node's log.
    let log = node.log();
    assert!(!log.contains("What would you do?"));
}
