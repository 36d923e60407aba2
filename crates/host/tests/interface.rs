// SPDX-License-Identifier: Apache-2.0

//! The host functions seen from both sides: the set that nodes register, and calls through it.

use std::{collections::BTreeMap, sync::Arc};

use codec::{DecodeAll, Encode};
use cso_host::{evaluator, EvaluatorExt, EvaluatorService, ACCEPTED, NO_EVALUATOR, QUEUE_FULL};
use cso_primitives::{bounds::MAX_OUTCOME_BYTES, DeclineReason, Outcome};
use sp_io::TestExternalities;
use sp_runtime_interface::sp_wasm_interface::{HostFunctions, Signature, ValueType};

#[test]
fn set_of_host_functions_is_frozen() {
    // A runtime on chain imports these by name and signature. Never change a line here; add one.
    let frozen = BTreeMap::from([
        (
            "ext_evaluator_enqueue_version_1".to_string(),
            Signature::new([ValueType::I64].to_vec(), Some(ValueType::I32)),
        ),
        (
            "ext_evaluator_take_version_1".to_string(),
            Signature::new([ValueType::I64, ValueType::I64].to_vec(), Some(ValueType::I32)),
        ),
    ]);
    let found: BTreeMap<_, _> = evaluator::HostFunctions::host_functions()
        .into_iter()
        .map(|function| (function.name().to_string(), function.signature()))
        .collect();
    assert_eq!(found, frozen);
}

/// Has room for even ids and an outcome for id 2.
struct Fixed;

fn outcome() -> Outcome {
    Outcome::Decline { reason: DeclineReason::RecordMissing }
}

impl EvaluatorService for Fixed {
    fn enqueue(&self, id: u64) -> u32 {
        if id.is_multiple_of(2) {
            ACCEPTED
        } else {
            QUEUE_FULL
        }
    }

    fn take(&self, id: u64) -> Option<Vec<u8>> {
        (id == 2).then(|| outcome().encode())
    }
}

fn with_evaluator(test: impl FnOnce()) {
    let mut externalities = TestExternalities::default();
    externalities.register_extension(EvaluatorExt(Arc::new(Fixed)));
    externalities.execute_with(test);
}

#[test]
fn node_without_evaluator_refuses_and_has_nothing_to_take() {
    TestExternalities::default().execute_with(|| {
        assert_eq!(evaluator::enqueue(2), NO_EVALUATOR);
        assert_eq!(evaluator::take(2, &mut [0; MAX_OUTCOME_BYTES]), 0);
    });
}

#[test]
fn node_with_evaluator_passes_its_answers_on() {
    with_evaluator(|| {
        assert_eq!(evaluator::enqueue(2), ACCEPTED);
        assert_eq!(evaluator::enqueue(3), QUEUE_FULL);
        let mut out = [0xff; MAX_OUTCOME_BYTES];
        assert_eq!(evaluator::take(4, &mut out), 0);
        let length = evaluator::take(2, &mut out) as usize;
        assert_eq!(Outcome::decode_all(&mut &out[..length]), Ok(outcome()));
        assert!(out[length..].iter().all(|byte| *byte == 0xff));
    });
}

#[test]
fn outcome_that_does_not_fit_is_not_written() {
    with_evaluator(|| {
        let mut out = [0xff; 1];
        assert_eq!(evaluator::take(2, &mut out), 0);
        assert_eq!(out, [0xff]);
    });
}
