// SPDX-License-Identifier: Apache-2.0

//! What a sealed message is bound to: change any one item and it doesn't open.

use cso_primitives::{ChunkHash, ModelCommitment, RecordCommitment};
use cso_sealing::{Context, Envelope, Note, OpenError, SealingKey, FORMAT_VERSION};
use proptest::prelude::*;

const CONTEXT: Context = Context {
    genesis: [1; 32],
    expert: [2; 32],
    patient: [3; 32],
    record: RecordCommitment([4; 32]),
};

fn expert_key() -> SealingKey {
    SealingKey::from_seed([5; 32])
}

fn patient_key() -> SealingKey {
    SealingKey::from_seed([6; 32])
}

fn envelope() -> Envelope {
    Envelope {
        protocol: 1,
        chunks: vec![ChunkHash([7; 32])],
        claim_seed: [8; 32],
        salt: [9; 32],
        note_key: patient_key().public(),
        question: String::new(),
    }
}

fn note() -> Note {
    Note { protocol: 1, model: ModelCommitment([7; 32]), text: "See a cardiologist.".into() }
}

/// Each context that differs from [`CONTEXT`] in one bit of one item.
fn other_contexts() -> Vec<(&'static str, Context)> {
    type Item = fn(&mut Context) -> &mut [u8; 32];
    let items: [(&str, Item); 4] = [
        ("genesis", |c| &mut c.genesis),
        ("expert", |c| &mut c.expert),
        ("patient", |c| &mut c.patient),
        ("record", |c| &mut c.record.0),
    ];
    let mut contexts = Vec::new();
    for (name, item) in items {
        for byte in [0, 31] {
            let mut context = CONTEXT;
            item(&mut context)[byte] ^= 1;
            contexts.push((name, context));
        }
    }
    contexts
}

#[test]
fn envelope_opens_for_no_other_chain_expert_patient_or_record() {
    let key = expert_key();
    let sealed = envelope().seal(&key.public(), &CONTEXT).unwrap();
    assert_eq!(Envelope::open(&sealed, &key, &CONTEXT), Ok(envelope()));
    for (item, context) in other_contexts() {
        let opened = Envelope::open(&sealed, &key, &context);
        assert_eq!(opened, Err(OpenError::Rejected), "{item}");
    }
}

#[test]
fn note_opens_for_no_other_chain_expert_patient_or_record() {
    let key = patient_key();
    let sealed = note().seal(&key.public(), &CONTEXT).unwrap();
    assert_eq!(Note::open(&sealed, &key, &CONTEXT), Ok(note()));
    for (item, context) in other_contexts() {
        let opened = Note::open(&sealed, &key, &context);
        assert_eq!(opened, Err(OpenError::Rejected), "{item}");
    }
}

#[test]
fn expert_and_patient_cannot_be_swapped() {
    let key = expert_key();
    let sealed = envelope().seal(&key.public(), &CONTEXT).unwrap();
    let swapped = Context { expert: CONTEXT.patient, patient: CONTEXT.expert, ..CONTEXT };
    assert_eq!(Envelope::open(&sealed, &key, &swapped), Err(OpenError::Rejected));
}

#[test]
fn message_of_one_direction_does_not_open_in_the_other() {
    // One key for both directions and a length that both kinds have, so that nothing but the
    // direction is left to refuse it.
    let key = expert_key();
    let long_note = Note { protocol: 1, model: ModelCommitment([0; 32]), text: "n".repeat(3000) };
    let sealed = long_note.seal(&key.public(), &CONTEXT).unwrap();
    assert_eq!(Envelope::open(&sealed, &key, &CONTEXT), Err(OpenError::Rejected));
}

#[test]
fn another_key_does_not_open() {
    let sealed = envelope().seal(&expert_key().public(), &CONTEXT).unwrap();
    assert_eq!(Envelope::open(&sealed, &patient_key(), &CONTEXT), Err(OpenError::Rejected));
}

#[test]
fn sealing_twice_gives_different_bytes() {
    let to = expert_key().public();
    assert_ne!(envelope().seal(&to, &CONTEXT).unwrap(), envelope().seal(&to, &CONTEXT).unwrap());
}

#[test]
fn version_and_length_are_checked_first() {
    let key = expert_key();
    let sealed = envelope().seal(&key.public(), &CONTEXT).unwrap();
    let open = |bytes: &[u8]| Envelope::open(bytes, &key, &CONTEXT).unwrap_err();
    assert_eq!(open(&[]), OpenError::Empty);
    assert_eq!(open(&[2]), OpenError::Version { known: FORMAT_VERSION, found: 2 });
    assert_eq!(open(&[1]), OpenError::Length { found: 1 });
    let length = sealed.len();
    assert_eq!(open(&sealed[..length - 1]), OpenError::Length { found: length - 1 });
    assert_eq!(open(&[&sealed[..], &[0]].concat()), OpenError::Length { found: length + 1 });
    assert_eq!(Note::open(&sealed, &key, &CONTEXT), Err(OpenError::Length { found: length }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_envelope_comes_back(
        protocol: u32,
        chunks in prop::collection::vec(any::<[u8; 32]>().prop_map(ChunkHash), 1..=64),
        claim_seed: [u8; 32],
        salt: [u8; 32],
        question in ".{0,1000}",
    ) {
        let key = expert_key();
        let note_key = patient_key().public();
        let envelope = Envelope { protocol, chunks, claim_seed, salt, note_key, question };
        let sealed = envelope.seal(&key.public(), &CONTEXT).unwrap();
        prop_assert_eq!(Envelope::open(&sealed, &key, &CONTEXT), Ok(envelope));
    }

    #[test]
    fn every_note_comes_back(protocol: u32, model: [u8; 32], text in ".{0,1000}") {
        let key = patient_key();
        let note = Note { protocol, model: ModelCommitment(model), text };
        let sealed = note.seal(&key.public(), &CONTEXT).unwrap();
        prop_assert_eq!(Note::open(&sealed, &key, &CONTEXT), Ok(note));
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused(position in 1usize..3185, bit in 0u8..8) {
        let key = expert_key();
        let mut sealed = envelope().seal(&key.public(), &CONTEXT).unwrap();
        prop_assert_eq!(sealed.len(), 3185);
        sealed[position] ^= 1 << bit;
        prop_assert_eq!(
            Envelope::open(&sealed, &key, &CONTEXT),
            Err(OpenError::Rejected)
        );
    }

    #[test]
    fn garbage_of_a_right_length_is_refused(seed: u8, bucket in 0usize..3) {
        let length = cso_sealing::OVERHEAD_BYTES + cso_sealing::ENVELOPE_BUCKETS[bucket];
        let mut garbage: Vec<u8> = (0..length).map(|i| (i as u8).wrapping_mul(seed)).collect();
        garbage[0] = FORMAT_VERSION;
        prop_assert_eq!(
            Envelope::open(&garbage, &expert_key(), &CONTEXT),
            Err(OpenError::Rejected)
        );
    }
}
