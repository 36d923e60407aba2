// SPDX-License-Identifier: Apache-2.0

//! The life of a consultation in the evaluator: when it starts, when it is forgotten, and what a
//! restart, a full queue and a failing chain do to it.

mod common;

use std::{fs, sync::atomic::Ordering};

use common::*;
use cso_host::{EvaluatorService, ACCEPTED, QUEUE_FULL};
use cso_primitives::DeclineReason;

fn clinic() -> Clinic {
    Clinic::new(&[protocol(&[1, 2])], |_| ())
}

const BITS: [bool; 2] = [true, true];

#[test]
fn nothing_starts_before_the_request_is_final() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.hand_in(&clinic);
    assert_eq!(evaluator.enqueue(1), ACCEPTED);
    a_while();
    assert_eq!(evaluator.take(1), None);
    assert!(clinic.pool.claims.lock().is_empty());
    clinic.chain.finalise(patient.job.clone());
    assert_eq!(patient.read(&outcome(&evaluator, 1)).0, [3]);
}

#[test]
fn state_is_read_once_a_finalised_block() {
    let clinic = clinic();
    let evaluator = clinic.start();
    evaluator.enqueue(1);
    a_while();
    assert_eq!(clinic.chain.lookups.load(Ordering::SeqCst), 1);
    clinic.chain.next_block();
    a_while();
    assert_eq!(clinic.chain.lookups.load(Ordering::SeqCst), 2);
}

#[test]
fn enqueueing_again_does_not_evaluate_again() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    for _ in 0..10 {
        assert_eq!(evaluator.enqueue(1), ACCEPTED);
    }
    outcome(&evaluator, 1);
    let first = evaluator.take(1);
    assert_eq!(evaluator.enqueue(1), ACCEPTED);
    a_while();
    assert_eq!(evaluator.take(1), first);
    assert_eq!(evaluator.status().answered, 1);
    assert_eq!(clinic.pool.claims.lock().len(), patient.chunks.len());
}

#[test]
fn chunks_are_acknowledged_only_after_the_close_is_final() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    answer(&evaluator, 1);
    clinic.chain.next_block();
    a_while();
    assert_eq!(clinic.pool.len(), patient.chunks.len());
    assert!(evaluator.take(1).is_some(), "can still be submitted again");
    clinic.chain.close(1);
    eventually("the chunks are acknowledged", || clinic.pool.len() == 0);
    eventually("the outcome is forgotten", || evaluator.take(1).is_none());
    assert_eq!(evaluator.status().outcomes, 0);
}

#[test]
fn chunks_of_an_erased_consultation_are_acknowledged_too() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    answer(&evaluator, 1);
    clinic.chain.erase(1);
    eventually("the chunks are acknowledged", || clinic.pool.len() == 0);
}

#[test]
fn record_of_a_declined_consultation_is_let_go_as_well() {
    let clinic = clinic();
    clinic.pool.set_fault(Fault::Tamper);
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    assert_eq!(answer(&evaluator, 1), declined(DeclineReason::RecordInvalid));
    clinic.chain.close(1);
    eventually("the chunks are acknowledged", || clinic.pool.len() == 0);
}

#[test]
fn consultation_that_expires_while_waiting_is_forgotten() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    clinic.chain.finalise(patient.job.clone());
    evaluator.enqueue(1);
    a_while();
    assert_eq!(evaluator.status().queue_length, 1);
    clinic.chain.close(1);
    eventually("it is forgotten", || evaluator.status().queue_length == 0);
    assert_eq!(evaluator.take(1), None);
}

#[test]
fn a_full_queue_refuses_and_has_room_again_after_a_close() {
    let clinic = Clinic::new(&[protocol(&[1, 2])], |config| config.queue = 2);
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    answer(&evaluator, 1);
    assert_eq!(evaluator.enqueue(2), ACCEPTED);
    assert_eq!(evaluator.enqueue(3), QUEUE_FULL);
    assert_eq!(evaluator.enqueue(1), ACCEPTED, "known already");
    assert_eq!(evaluator.status().refused, 1);
    clinic.chain.close(1);
    eventually("there is room", || evaluator.enqueue(3) == ACCEPTED);
}

#[test]
fn restarted_evaluator_answers_what_is_enqueued_again() {
    let clinic = clinic();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    let before = clinic.start();
    answer(&before, 1);
    drop(before);
    let after = clinic.start();
    assert_eq!(after.take(1), None, "nothing is kept over a restart");
    assert_eq!(patient.read(&answer(&after, 1)).0, [3]);
    clinic.chain.close(1);
    eventually("the chunks are acknowledged", || clinic.pool.len() == 0);
}

#[test]
fn protocol_added_while_running_is_found() {
    let clinic = clinic();
    let evaluator = clinic.start();
    let added = clinic.directory.add_protocol("later", protocol(&[5, 6]).as_bytes()).unwrap();
    clinic.chain.publish(1, added.commitment());
    let patient = clinic.patient(1, &BITS, 1);
    patient.consult(&clinic);
    assert_eq!(patient.read(&answer(&evaluator, 1)).0, [11]);
    assert_eq!(evaluator.status().models.len(), 2);
}

#[test]
fn a_model_file_beside_a_protocol_is_evaluated_and_committed_to() {
    const MODEL: &str = r#"<PMML version="4.4"><DataDictionary>
        <DataField name="f0" optype="continuous" dataType="integer"/><DataField name="f1" optype="continuous" dataType="integer"/>
        </DataDictionary><RegressionModel functionName="regression">
        <MiningSchema><MiningField name="f0"/><MiningField name="f1"/></MiningSchema>
        <RegressionTable intercept="0"><NumericPredictor name="f0" coefficient="5"/><NumericPredictor name="f1" coefficient="6"/>
        </RegressionTable></RegressionModel></PMML>"#;
    let clinic = clinic();
    let evaluator = clinic.start();
    let mut text = protocol(&[5, 6]);
    for term in ["feature = \"f0\"\npoints = 5\n", "feature = \"f1\"\npoints = 6\n"] {
        text = text.replace(&format!("[[model.term]]\n{term}"), "");
    }
    text += "[model]\nfile = \"sum.pmml\"\n";
    clinic.directory.add_model("sum.pmml", MODEL.as_bytes()).unwrap();
    let added = clinic.directory.add_protocol("later", text.as_bytes()).unwrap();
    assert_ne!(
        added.commitment(),
        clinic.directory.protocol("later").unwrap().with_model("sum.pmml").unwrap().commitment()
    );
    let added = added.with_model("sum.pmml").unwrap();
    clinic.chain.publish(1, added.commitment());
    let patient = clinic.patient(1, &BITS, 1);
    patient.consult(&clinic);
    assert_eq!(patient.read(&answer(&evaluator, 1)).0, [11]);
}

#[test]
fn a_useless_protocol_file_does_not_stop_the_others() {
    let clinic = clinic();
    fs::write(clinic.file("broken.toml"), "[").unwrap();
    fs::write(clinic.file("broken.salt"), "00".repeat(32)).unwrap();
    fs::write(clinic.file("unsalted.toml"), protocol(&[1])).unwrap();
    let evaluator = clinic.start();
    assert_eq!(evaluator.status().models.len(), 1);
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    assert_eq!(patient.read(&answer(&evaluator, 1)).0, [3]);
}

#[test]
fn unreadable_chain_is_tried_again() {
    let clinic = clinic();
    clinic.chain.broken.store(true, Ordering::SeqCst);
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    evaluator.enqueue(1);
    a_while();
    assert_eq!(evaluator.take(1), None);
    assert_eq!(evaluator.status().troubles, 1);
    clinic.chain.broken.store(false, Ordering::SeqCst);
    assert_eq!(patient.read(&outcome(&evaluator, 1)).0, [3]);
}

#[cfg(unix)]
#[test]
fn exposed_sealing_key_is_the_nodes_trouble_not_the_patients() {
    use std::os::unix::fs::PermissionsExt;
    let clinic = clinic();
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    let key = clinic.directory.path().join("sealing.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    evaluator.enqueue(1);
    a_while();
    assert_eq!(evaluator.take(1), None);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(patient.read(&outcome(&evaluator, 1)).0, [3]);
}

#[test]
fn stopped_evaluator_keeps_outcomes_and_takes_nothing_on() {
    let clinic = Clinic::new(&[protocol(&[1, 2])], |config| config.threads = 3);
    let evaluator = clinic.start();
    let patient = clinic.patient(1, &BITS, 0);
    patient.consult(&clinic);
    answer(&evaluator, 1);
    evaluator.stop();
    evaluator.stop();
    assert!(evaluator.take(1).is_some());
    assert_eq!(evaluator.enqueue(2), QUEUE_FULL);
}

#[test]
fn start_refuses_a_directory_that_cannot_serve() {
    let mut clinic = clinic();
    clinic.config.expert_dir = clinic.directory.path().join("nowhere");
    let error = cso_evaluator::start(clinic.config, clinic.chain, clinic.pool, None).err().unwrap();
    assert!(error.to_string().contains("cso expert init"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn evaluating_threads_give_way_to_the_node() {
    let clinic = Clinic::new(&[protocol(&[1])], |config| config.threads = 2);
    let _evaluator = clinic.start();
    // Niceness is the 19th field of a thread's `stat`, the 17th behind the name in brackets.
    let niceness = || -> Vec<i32> {
        fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(|task| fs::read_to_string(task.ok()?.path().join("stat")).ok())
            .filter(|stat| stat.contains("(cso-evaluator-"))
            .map(|stat| {
                let (_, fields) = stat.rsplit_once(')').unwrap();
                fields.split_whitespace().nth(16).unwrap().parse().unwrap()
            })
            .collect()
    };
    eventually("all evaluating threads are at niceness 10", || {
        let niceness = niceness();
        niceness.len() >= 2 && niceness.iter().all(|nice| *nice == 10)
    });
}
