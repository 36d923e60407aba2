// SPDX-License-Identifier: Apache-2.0
//! The worked examples of the shipped protocols, really encrypted.

mod common;

use cso_clinical::compile;
use cso_fhe::{Evaluator, LoadedRecord, Profile, RecordKey};

#[test]
fn worked_examples_give_their_outputs_when_encrypted() {
    for (name, protocol) in common::shipped() {
        let compiled = compile(&protocol).unwrap();
        let mut evaluator = Evaluator::new();
        for example in protocol.examples() {
            let answers = example.full_answers(&protocol);
            let bits = protocol.intake().encode(&answers).unwrap().bits;
            let key = RecordKey::generate().unwrap();
            let record = LoadedRecord::load(&key.encrypt(&bits, Profile::Private).unwrap());
            let answer = evaluator.evaluate(&record, &compiled.program).unwrap();
            assert_eq!(
                key.decrypt(&answer).unwrap(),
                protocol.evaluate(&answers).unwrap(),
                "{name}: {}",
                example.name
            );
        }
    }
}
