// SPDX-License-Identifier: Apache-2.0

//! What the expert's node cannot answer it declines, with the reason, and the fee goes back.

use crate::{id_of, request, PRICE};
use cso_tests::{own_answers, Actor, Expert, Node, NodeOptions};
use serde_json::Value;
use std::fs;

/// Waits for the end of a consultation that must be declined and gives the final status.
fn declined(patient: &Actor, id: &str) -> Value {
    let refusal = patient.refused(&["consult", "wait", id, "--timeout", "120"]);
    assert_eq!(refusal.code, 3, "{}", refusal.message);
    let status = patient.cso(&["consult", "status", id]);
    assert_eq!(status["status"], "declined");
    let refusal = patient.refused(&["consult", "open", id]);
    for words in ["was declined: ", "the fee is back", "cso consult erase"] {
        assert!(refusal.message.contains(words), "{}", refusal.message);
    }
    let refusal = patient.refused(&["consult", "resume", id]);
    assert!(refusal.message.contains("cso consult status"), "{}", refusal.message);
    assert!(!refusal.message.contains("forget"), "{}", refusal.message);
    status
}

/// After a declined consultation is erased, the patient has lost transaction fees and nothing else.
fn all_but_fees_came_back(patient: &Actor, id: &str, before: u128) {
    patient.cso(&["consult", "erase", id, "--yes"]);
    let lost = before - patient.total("me");
    assert!(lost < 10u128.pow(12), "lost {lost}, the price was {PRICE} CSO");
}

#[test]
fn a_protocol_whose_model_is_gone_is_declined() {
    let (node, expert, published) = Expert::ready(&[], &["cha2ds2-vasc"]);
    for entry in fs::read_dir(expert.directory().join("protocols"))
        .expect("the expert's directory")
        .flatten()
    {
        fs::remove_file(entry.path()).expect("a model can be removed");
    }
    let patient = Actor::with_account(&node, "//Dave");
    let before = patient.total("me");
    let id = id_of(&request(&patient, &expert.address, &published[0], &[]));
    let status = declined(&patient, &id);
    assert!(status["reason"].to_string().to_lowercase().contains("protocol"), "{status}");
    all_but_fees_came_back(&patient, &id, before);
}

#[test]
fn a_record_that_was_never_handed_off_is_declined() {
    let (node, expert, published) = Expert::ready(&["--record-grace-secs", "3"], &["cha2ds2-vasc"]);
    // The record goes to another node's pool: the expert's never gets it.
    let other_dir = tempfile::TempDir::new().expect("a temporary folder can be made");
    let folder = other_dir.path().join("expert");
    expert.actor.cso(&["expert", "init", "--dir", folder.to_str().expect("a path of text")]);
    let other = Node::start(NodeOptions { expert_dir: Some(folder), arguments: vec![] });
    let patient = Actor::with_account(&node, "//Dave");
    let before = patient.total("me");
    // A new account has no money on the other chain, where the pool would turn it away; Dave has.
    let id = id_of(&request_from(&patient, &expert.address, &published[0], &other.url));
    let status = declined(&patient, &id);
    assert!(status["reason"].to_string().to_lowercase().contains("record"), "{status}");
    all_but_fees_came_back(&patient, &id, before);
}

fn request_from(patient: &Actor, expert: &str, protocol: &str, endpoint: &str) -> Value {
    let bundle = crate::bundle();
    let ask = [
        "consult",
        "request",
        "--expert",
        expert,
        "--protocol",
        protocol,
        "--bundle",
        &bundle,
        "--assume-no",
        "--today",
        "2026-11-23",
        "--use-account",
        "me",
        "--endpoint",
        endpoint,
        "--max-fee",
        PRICE,
        "--yes",
    ];
    patient.cso(&[&ask[..], &own_answers("cha2ds2-vasc")].concat())
}

#[test]
fn a_record_that_was_tampered_with_is_declined() {
    let (node, expert, published) = Expert::ready(&["--record-grace-secs", "3"], &["cha2ds2-vasc"]);
    let patient = Actor::with_account(&node, "//Dave");
    let before = patient.total("me");
    let id = std::thread::scope(|scope| {
        let tamper = scope.spawn(|| {
            // Flips one bit of the first blob as soon as it is in the pool.
            let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
            while std::time::Instant::now() < end {
                if let Some(blob) = node
                    .pool_blobs()
                    .into_iter()
                    .find(|file| file.metadata().is_ok_and(|data| data.len() > 100_000))
                {
                    let mut bytes = fs::read(&blob).expect("a blob can be read");
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 1;
                    fs::write(&blob, bytes).expect("a blob can be written");
                    return true;
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            false
        });
        let id = id_of(&request(&patient, &expert.address, &published[0], &[]));
        assert!(tamper.join().expect("no panic"), "no blob came into the pool");
        id
    });
    let status = declined(&patient, &id);
    assert!(status["reason"].to_string().to_lowercase().contains("record"), "{status}");
    all_but_fees_came_back(&patient, &id, before);
}
