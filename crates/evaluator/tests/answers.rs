// SPDX-License-Identifier: Apache-2.0

//! Consultations that are answered.

mod common;

use std::fs;

use common::*;
use cso_fhe::{Answer, AnswerError, Profile, RecordKey};
use cso_host::{EvaluatorService, ACCEPTED};
use cso_primitives::{bounds::MAX_OUTCOME_BYTES, Outcome};

#[test]
fn answers_of_all_patients_decrypt_to_the_models_values() {
    let clinic = Clinic::new(&[protocol(&[1, 2, 4])], |config| config.threads = 2);
    let evaluator = clinic.start();
    let patients: Vec<_> = (0..8u64)
        .map(|value| {
            let bits = [value & 1 != 0, value & 2 != 0, value & 4 != 0];
            clinic.patient(value, &bits, 0)
        })
        .collect();
    for patient in &patients {
        patient.consult(&clinic);
        assert_eq!(evaluator.enqueue(patient.id), ACCEPTED);
    }
    for patient in &patients {
        let (values, _) = patient.read(&outcome(&evaluator, patient.id));
        assert_eq!(values, [patient.id as u16]);
    }
    assert_eq!(evaluator.status().answered, 8);
}

#[test]
fn the_envelope_chooses_among_the_experts_protocols() {
    let protocols = [protocol(&[1, 1]), protocol(&[3, 7])];
    let clinic = Clinic::new(&protocols, |_| ());
    let evaluator = clinic.start();
    for (number, expected) in [(0, 2), (1, 10)] {
        let patient = clinic.patient(u64::from(number), &[true, true], number);
        patient.consult(&clinic);
        let (values, note) = patient.read(&answer(&evaluator, patient.id));
        assert_eq!(values, [expected]);
        let file = clinic.directory.protocol(&format!("protocol-{number}"));
        assert_eq!(note.protocol, number);
        assert_eq!(note.model, file.unwrap().commitment());
    }
}

#[test]
fn note_carries_the_experts_own_words() {
    let clinic = Clinic::new(&[protocol(&[1])], |_| ());
    let evaluator = clinic.start();
    fs::write(clinic.directory.path().join("note.txt"), "Call me.\n").unwrap();
    let patient = clinic.patient(1, &[true], 0);
    patient.consult(&clinic);
    let (_, note) = patient.read(&answer(&evaluator, 1));
    assert_eq!(note.text, "Call me.");
}

#[test]
fn nobody_elses_key_decrypts_the_answer() {
    let clinic = Clinic::new(&[protocol(&[1])], |_| ());
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &[true], 0);
    patient.consult(&clinic);
    let Outcome::Deliver { answer, .. } = answer(&evaluator, 1) else {
        panic!("not answered");
    };
    let answer = Answer::from_bytes(&answer).unwrap();
    let stranger = RecordKey::generate().unwrap();
    assert_eq!(stranger.decrypt(&answer), Err(AnswerError::OtherKey));
}

#[test]
fn record_that_comes_late_is_answered_and_not_read_over_and_over() {
    let clinic = Clinic::new(&[protocol(&[1])], |_| ());
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &[true], 0);
    let (first, others) = patient.chunks.split_first().unwrap();
    let times_read = || {
        let hash = cso_sealing::chunk_hash(first);
        let claims = clinic.pool.claims.lock();
        claims.iter().filter(|claimed| **claimed == hash).count()
    };
    clinic.pool.submit(first, patient.claim_seed);
    clinic.chain.finalise(patient.job.clone());
    evaluator.enqueue(1);
    for chunk in others {
        a_while();
        assert_eq!(evaluator.take(1), None);
        assert_eq!(times_read(), 1);
        clinic.pool.submit(chunk, patient.claim_seed);
    }
    assert_eq!(patient.read(&outcome(&evaluator, 1)).0, [1]);
    assert_eq!(times_read(), 2);
}

#[test]
fn longest_outcome_fits_the_buffer_of_the_host_function() {
    // Eight outputs are the most there may be.
    let mut text = protocol(&[1]);
    for output in 1..8 {
        text = text.replace(
            "[[intake]]\nid = \"f0\"",
            &format!(
                "[[output]]\nid = \"o{output}\"\nlabel = \"O\"\nmin = 0\nmax = 1\n\
                 meaning = [{{ from = 0, to = 1, text = \"A score.\", next = \"Ask.\" }}]\n\
                 [[intake]]\nid = \"f0\""
            ),
        );
        text += &format!("[[model.output]]\nid = \"o{output}\"\n");
    }
    text += "[[model.output]]\nid = \"score\"\n";
    let clinic = Clinic::new(&[text], |_| ());
    fs::write(
        clinic.directory.path().join("note.txt"),
        "n".repeat(cso_primitives::bounds::MAX_NOTE_TEXT_BYTES),
    )
    .unwrap();
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &[true], 0);
    patient.consult(&clinic);
    let (values, _) = patient.read(&answer(&evaluator, 1));
    assert_eq!(values, [1; 8]);
    assert!(evaluator.take(1).unwrap().len() <= MAX_OUTCOME_BYTES);
}

#[test]
fn each_profile_that_the_model_allows_is_answered() {
    let clinic = Clinic::new(&[protocol(&[1, 2])], |_| ());
    let evaluator = clinic.start();
    for (id, profile) in [(1, Profile::Private), (2, Profile::Fast)] {
        let patient = Patient::new(&clinic, id, 0, |key| {
            vec![key.encrypt(&[true, true], profile).unwrap().to_bytes()]
        });
        patient.consult(&clinic);
        let (values, _) = patient.read(&answer(&evaluator, id));
        assert_eq!(values, [3], "{profile:?}");
    }
}
