// SPDX-License-Identifier: Apache-2.0
//! The expert's node: real model, real evaluation, real note.

use super::{MemoryChain, MemoryHandOff};
use cso_client::{
    amount::UNIT,
    chain::{self, Chain, ConsultationId, ExpertStatus},
    AccountId, Pair,
};
use cso_clinical::{compile, Protocol};
use cso_fhe::{Evaluator, LoadedRecord, Record};
use cso_primitives::ModelCommitment;
use cso_sealing::{commit_model, Context, Envelope, Note, SealingKey};

const PROTOCOL: &str = include_str!("../../../clinical/protocols/qsofa.toml");

/// An expert who offers qSOFA.
#[derive(Debug)]
pub(crate) struct Clinic {
    pub account: AccountId,
    pub worker: AccountId,
    key: SealingKey,
    protocol: Protocol,
    pub model: ModelCommitment,
}

impl Clinic {
    /// What the fee must be at least.
    pub(crate) const PRICE: u128 = 5 * UNIT;

    pub(crate) fn open() -> Self {
        let pair = |name: &str| Pair::from_suri(name).unwrap().account();
        Self {
            account: pair("//Charlie"),
            worker: pair("//Charlie//worker"),
            key: SealingKey::from_seed([3; 32]),
            protocol: Protocol::from_toml(PROTOCOL).unwrap(),
            model: commit_model(&[4; 32], [PROTOCOL.as_bytes()]),
        }
    }

    /// Puts the expert and the protocol on chain.
    pub(crate) fn publish(&self, chain: &MemoryChain) {
        let mut ledger = chain.ledger.borrow_mut();
        let expert = chain::Expert {
            status: ExpertStatus::Accredited { until: 1_000_000 },
            price: Self::PRICE,
            bond: 1000 * UNIT,
            endpoint: b"ws://expert".to_vec(),
            sealing_key: self.key.public().as_bytes().clone(),
            workers: vec![self.worker],
        };
        ledger.experts.insert(self.account.0, expert);
        let protocol = chain::Protocol {
            description: self.protocol.description().to_json().into_bytes(),
            model: self.model,
        };
        ledger.protocols.insert((self.account.0, 0), protocol);
    }

    /// What the model says of these answers in clear.
    pub(crate) fn in_clear(&self, answers: &[(&str, &str)]) -> Vec<u16> {
        let intake = self.protocol.intake();
        let parse =
            |(id, text): &(&str, &str)| ((*id).to_owned(), intake.parse_answer(id, text).unwrap());
        self.protocol.evaluate(&answers.iter().map(parse).collect()).unwrap()
    }

    /// The envelope of a consultation, and what it's bound to.
    fn envelope(&self, chain: &MemoryChain, id: ConsultationId) -> (Envelope, Context) {
        let ledger = chain.ledger.borrow();
        let consultation = &ledger.consultations[&id];
        let context = Context {
            genesis: chain.genesis().0,
            expert: self.account.0,
            patient: consultation.patient.0,
            record: consultation.record,
        };
        (Envelope::open(&ledger.envelopes[&id], &self.key, &context).unwrap(), context)
    }

    /// Whether the pool has the whole record of a consultation.
    pub(crate) fn has_record(
        &self,
        chain: &MemoryChain,
        pool: &MemoryHandOff,
        id: ConsultationId,
    ) -> bool {
        let (envelope, _) = self.envelope(chain, id);
        let chunks = pool.chunks.borrow();
        envelope.chunks.iter().all(|hash| chunks.contains_key(hash))
    }

    /// Answers one consultation as an expert's node does.
    pub(crate) fn answer(&self, chain: &MemoryChain, pool: &MemoryHandOff, id: ConsultationId) {
        let (answer, note) = {
            let (envelope, context) = self.envelope(chain, id);
            assert_eq!(envelope.record_commitment(), context.record);
            let chunks = pool.chunks.borrow();
            let bytes: Vec<u8> =
                envelope.chunks.iter().flat_map(|hash| chunks[hash].0.clone()).collect();
            let record = LoadedRecord::load(&Record::from_bytes(&bytes).unwrap());
            let program = compile(&self.protocol).unwrap().program;
            let answer = Evaluator::new().evaluate(&record, &program).unwrap().to_bytes();
            let note = Note {
                protocol: envelope.protocol,
                model: self.model,
                text: "See your doctor.".into(),
            };
            (answer, note.seal(&envelope.note_key, &context).unwrap())
        };
        chain.deliver(id, self.worker, answer, note);
    }
}
