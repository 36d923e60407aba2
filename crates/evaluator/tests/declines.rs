// SPDX-License-Identifier: Apache-2.0

//! Consultations that are declined: each costs its sender only.

mod common;

use std::{fs, time::Duration};

use common::*;
use cso_fhe::Profile;
use cso_host::EvaluatorService;
use cso_primitives::DeclineReason;

fn clinic() -> Clinic {
    Clinic::new(&[protocol(&[1, 2, 4])], |_| ())
}

const BITS: [bool; 3] = [true, false, true];

/// After whatever happened, the next patient is served as if nothing had.
fn still_serves(clinic: &Clinic, evaluator: &cso_evaluator::EvaluatorHandle) {
    clinic.pool.set_fault(Fault::None);
    let next = clinic.patient(999, &BITS, 0);
    next.consult(clinic);
    assert_eq!(next.read(&answer(evaluator, 999)).0, [5]);
}

#[test]
fn garbage_for_an_envelope() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let lengths = [0, 1, 3185, 5233, 10_240];
    for (id, length) in lengths.into_iter().enumerate() {
        let mut patient = clinic.patient(id as u64, &BITS, 0);
        patient.job.envelope = vec![1; length];
        patient.consult(&clinic);
        let outcome = answer(&evaluator, id as u64);
        assert_eq!(outcome, declined(DeclineReason::EnvelopeUnreadable));
    }
    still_serves(&clinic, &evaluator);
}

#[test]
fn envelope_copied_from_another_patient() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let victim = clinic.patient(1, &BITS, 0);
    victim.hand_in(&clinic);
    let mut copied = victim.job.clone();
    copied.id = 2;
    copied.patient = [66; 32];
    clinic.chain.finalise(copied);
    assert_eq!(answer(&evaluator, 2), declined(DeclineReason::EnvelopeUnreadable));
}

#[test]
fn envelope_with_other_chunks_than_committed_to() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let mut patient = clinic.patient(1, &BITS, 0);
    let other = clinic.patient(1, &BITS, 0);
    // Sealed for the right consultation, but over another record.
    let context = cso_sealing::Context { record: other.context.record, ..patient.context };
    let envelope = cso_sealing::Envelope::open(
        &patient.job.envelope,
        &clinic.directory.sealing_key().unwrap(),
        &patient.context,
    )
    .unwrap();
    let expert = clinic.directory.sealing_key().unwrap().public();
    patient.job.envelope = envelope.seal(&expert, &context).unwrap();
    patient.job.record = other.context.record;
    patient.consult(&clinic);
    assert_eq!(answer(&evaluator, 1), declined(DeclineReason::RecordInvalid));
    assert!(clinic.pool.claims.lock().is_empty(), "nothing was claimed");
}

#[test]
fn protocol_that_the_chain_does_not_know() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 7);
    patient.consult(&clinic);
    assert_eq!(answer(&evaluator, 1), declined(DeclineReason::ProtocolUnknown));
    still_serves(&clinic, &evaluator);
}

#[test]
fn model_whose_file_is_gone_damaged_or_changed() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let path = clinic.file("protocol-0.toml");
    let original = fs::read_to_string(&path).unwrap();
    let changed = original.replace("points = 2", "points = 3");
    for (id, content) in ["not a protocol", &changed].into_iter().enumerate() {
        fs::write(&path, content).unwrap();
        let patient = clinic.patient(id as u64, &BITS, 0);
        patient.consult(&clinic);
        let outcome = answer(&evaluator, id as u64);
        assert_eq!(outcome, declined(DeclineReason::ProtocolUnknown));
    }
    fs::remove_file(&path).unwrap();
    let patient = clinic.patient(10, &BITS, 0);
    patient.consult(&clinic);
    assert_eq!(answer(&evaluator, 10), declined(DeclineReason::ProtocolUnknown));
    assert!(evaluator.status().models.is_empty());

    fs::write(&path, original).unwrap();
    still_serves(&clinic, &evaluator);
}

#[test]
fn record_that_was_never_handed_in() {
    let clinic = Clinic::new(&[protocol(&[1, 2, 4])], |config| {
        config.record_grace = Duration::from_secs(1);
    });
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    clinic.chain.finalise(patient.job.clone());
    evaluator.enqueue(1);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(evaluator.take(1), None, "the grace time is not over");
    assert_eq!(outcome(&evaluator, 1), declined(DeclineReason::RecordMissing));
    still_serves(&clinic, &evaluator);
}

#[test]
fn record_with_one_chunk_missing() {
    let clinic = Clinic::new(&[protocol(&[1, 2, 4])], |config| {
        config.record_grace = Duration::from_millis(300);
    });
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    for chunk in &patient.chunks[..patient.chunks.len() - 1] {
        clinic.pool.submit(chunk, patient.claim_seed);
    }
    clinic.chain.finalise(patient.job.clone());
    assert_eq!(answer(&evaluator, 1), declined(DeclineReason::RecordMissing));
}

#[test]
fn record_handed_in_for_another_claim_key() {
    let clinic = Clinic::new(&[protocol(&[1, 2, 4])], |config| {
        config.record_grace = Duration::ZERO;
    });
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    for chunk in &patient.chunks {
        clinic.pool.submit(chunk, [9; 32]);
    }
    clinic.chain.finalise(patient.job.clone());
    assert_eq!(answer(&evaluator, 1), declined(DeclineReason::RecordMissing));
}

#[test]
fn chunk_that_the_pool_altered() {
    let clinic = clinic();
    clinic.pool.set_fault(Fault::Tamper);
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    assert_eq!(answer(&evaluator, 1), declined(DeclineReason::RecordInvalid));
    still_serves(&clinic, &evaluator);
}

#[test]
fn chunk_that_the_pool_swapped_for_a_valid_record() {
    let clinic = clinic();
    let whole = |id| {
        Patient::new(&clinic, id, 0, |key| {
            let record = key.encrypt(&BITS, Profile::Private).unwrap();
            vec![record.to_bytes()]
        })
    };
    let (patient, other) = (whole(1), whole(2));
    other.hand_in(&clinic);
    patient.consult(&clinic);
    clinic.pool.set_fault(Fault::Swap(cso_sealing::chunk_hash(&other.chunks[0])));
    let evaluator = clinic.start();
    assert_eq!(answer(&evaluator, 1), declined(DeclineReason::RecordInvalid));
    still_serves(&clinic, &evaluator);
}

#[test]
fn bytes_that_are_no_record() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let garbage: [fn(Vec<u8>) -> Vec<u8>; 6] = [
        |_| vec![0],
        |_| vec![0xff; 1_000_000],
        |record| record[..record.len() - 1].to_vec(),
        |record| [record, vec![0]].concat(),
        |mut record| {
            record[4] ^= 0xff; // version
            record
        },
        |mut record| {
            let last = record.len() - 1;
            record[last] ^= 1; // a block that breaks its digest
            record
        },
    ];
    for (id, garble) in garbage.into_iter().enumerate() {
        let patient = Patient::new(&clinic, id as u64, 0, |key| {
            let record = key.encrypt(&BITS, Profile::Private).unwrap();
            garble(record.to_bytes()).chunks(400_000).map(<[u8]>::to_vec).collect()
        });
        patient.consult(&clinic);
        let outcome = answer(&evaluator, id as u64);
        assert_eq!(outcome, declined(DeclineReason::RecordInvalid), "case {id}");
    }
    still_serves(&clinic, &evaluator);
}

#[test]
fn record_with_fewer_bits_than_the_model_reads() {
    let clinic = Clinic::new(&[protocol(&[1; 20])], |_| ());
    let evaluator = clinic.start();
    // A record is padded to 16 bits, the model reads 20.
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    assert_eq!(answer(&evaluator, 1), declined(DeclineReason::RecordInvalid));
}

#[test]
fn record_in_a_profile_that_would_tell_too_much_of_the_model() {
    let clinic = Clinic::new(&[protocol(&[100, 50, 50])], |_| ());
    let evaluator = clinic.start();
    for (id, profile) in [(1, Profile::Fast), (2, Profile::Private)] {
        let patient = Patient::new(&clinic, id, 0, |key| {
            vec![key.encrypt(&BITS, profile).unwrap().to_bytes()]
        });
        patient.consult(&clinic);
        let outcome = answer(&evaluator, id);
        match profile {
            Profile::Fast => assert_eq!(outcome, declined(DeclineReason::Declined)),
            Profile::Private => assert_eq!(patient.read(&outcome).0, [150]),
        }
    }
}

#[test]
fn pool_that_stays_broken_past_the_grace_time() {
    let clinic = Clinic::new(&[protocol(&[1, 2, 4])], |config| {
        config.record_grace = Duration::from_secs(1);
    });
    clinic.pool.set_fault(Fault::Fail);
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    assert_eq!(answer(&evaluator, 1), declined(DeclineReason::Declined));
    assert!(evaluator.status().troubles >= 1);
    still_serves(&clinic, &evaluator);
}

#[test]
fn declines_are_counted_by_reason() {
    let clinic = clinic();
    let evaluator = clinic.start();
    for (id, protocol) in [(1, 7), (2, 8), (3, 0)] {
        let patient = clinic.patient(id, &BITS, protocol);
        patient.consult(&clinic);
        answer(&evaluator, id);
    }
    let status = evaluator.status();
    assert_eq!(status.declined["protocol_unknown"], 2);
    assert_eq!(status.declined.values().sum::<u64>(), 2);
    assert_eq!(status.answered, 1);
}
