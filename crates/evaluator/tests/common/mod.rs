// SPDX-License-Identifier: Apache-2.0

//! A chain and a pool in memory, an expert and patients. All cryptography, evaluation and protocol
//! files are the real ones.

// Each test file uses its own part of this.
#![allow(dead_code)]

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

use codec::DecodeAll;
use cso_evaluator::{start, ChainView, ClaimError, Config, EvaluatorHandle, Job, RecordPool};
use cso_expert_dir::ExpertDir;
use cso_fhe::{Answer, Profile, RecordKey};
use cso_host::{EvaluatorService, ACCEPTED};
use cso_primitives::{ChunkHash, DeclineReason, ModelCommitment, Outcome};
use cso_sealing::{chunk_hash, random_bytes, Context, Envelope, Note, SealingKey};
use parking_lot::Mutex;

pub(crate) const GENESIS: [u8; 32] = [1; 32];
pub(crate) const EXPERT: [u8; 32] = [2; 32];

/// The chain's finalised state.
#[derive(Default)]
pub(crate) struct Chain {
    state: Mutex<ChainState>,
    pub broken: AtomicBool,
    pub lookups: AtomicUsize,
}

#[derive(Default)]
struct ChainState {
    head: u64,
    jobs: HashMap<u64, Job>,
    models: HashMap<u32, ModelCommitment>,
}

impl Chain {
    fn change(&self, change: impl FnOnce(&mut ChainState)) {
        let mut state = self.state.lock();
        state.head += 1;
        change(&mut state);
    }

    /// The request is final.
    pub(crate) fn finalise(&self, job: Job) {
        self.change(|state| {
            state.jobs.insert(job.id, job);
        });
    }

    /// Delivered, declined or expired.
    pub(crate) fn close(&self, id: u64) {
        self.change(|state| {
            if let Some(job) = state.jobs.get_mut(&id) {
                job.waiting = false;
            }
        });
    }

    pub(crate) fn erase(&self, id: u64) {
        self.change(|state| {
            state.jobs.remove(&id);
        });
    }

    pub(crate) fn publish(&self, protocol: u32, model: ModelCommitment) {
        self.change(|state| {
            state.models.insert(protocol, model);
        });
    }

    /// A block without anything for us.
    pub(crate) fn next_block(&self) {
        self.change(|_| ());
    }
}

impl ChainView for Chain {
    fn genesis(&self) -> [u8; 32] {
        GENESIS
    }

    fn finalized(&self) -> Option<[u8; 32]> {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&self.state.lock().head.to_le_bytes());
        Some(hash)
    }

    fn job(&self, id: u64) -> Result<Option<Job>, String> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            return Err("state discarded".into());
        }
        Ok(self.state.lock().jobs.get(&id).cloned())
    }

    fn model(&self, expert: [u8; 32], protocol: u32) -> Result<Option<ModelCommitment>, String> {
        assert_eq!(expert, EXPERT);
        Ok(self.state.lock().models.get(&protocol).copied())
    }
}

/// What the pool does to a chunk that is claimed.
#[derive(Clone, Copy, Default, PartialEq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// Flips a bit.
    Tamper,
    /// Returns the chunk with this hash instead.
    Swap(ChunkHash),
    /// Fails.
    Fail,
    /// Panics, as a bug in a library might on crafted bytes.
    Panic,
}

type Chunk = (Vec<u8>, [u8; 32]);

/// The hand-off pool.
#[derive(Default)]
pub(crate) struct Pool {
    /// By hash: the chunk and the seed of the key that may claim it.
    chunks: Mutex<HashMap<ChunkHash, Chunk>>,
    pub fault: Mutex<Fault>,
    pub claims: Mutex<Vec<ChunkHash>>,
}

impl Pool {
    pub(crate) fn submit(&self, chunk: &[u8], claim_seed: [u8; 32]) {
        self.chunks.lock().insert(chunk_hash(chunk), (chunk.to_vec(), claim_seed));
    }

    pub(crate) fn len(&self) -> usize {
        self.chunks.lock().len()
    }

    pub(crate) fn set_fault(&self, fault: Fault) {
        *self.fault.lock() = fault;
    }
}

impl RecordPool for Pool {
    fn claim(&self, hash: ChunkHash, claim_seed: &[u8; 32]) -> Result<Vec<u8>, ClaimError> {
        self.claims.lock().push(hash);
        let fault = *self.fault.lock();
        let (mut chunk, seed) =
            self.chunks.lock().get(&hash).cloned().ok_or(ClaimError::NotFound)?;
        if seed != *claim_seed {
            return Err(ClaimError::NotFound);
        }
        match fault {
            Fault::None => {}
            Fault::Tamper => chunk[100] ^= 1,
            Fault::Swap(other) => chunk = self.chunks.lock()[&other].0.clone(),
            Fault::Fail => return Err(ClaimError::Pool("disk on fire".into())),
            Fault::Panic => panic!("crafted bytes"),
        }
        Ok(chunk)
    }

    fn ack(&self, hash: ChunkHash, claim_seed: &[u8; 32]) {
        let mut chunks = self.chunks.lock();
        if chunks.get(&hash).is_some_and(|(_, seed)| seed == claim_seed) {
            chunks.remove(&hash);
        }
    }
}

/// An expert's node: directory, chain, pool, evaluator.
pub(crate) struct Clinic {
    pub chain: Arc<Chain>,
    pub pool: Arc<Pool>,
    pub directory: ExpertDir,
    pub config: Config,
    _files: tempfile::TempDir,
}

/// A protocol file whose outcome is the sum of `points`, one flag each.
pub(crate) fn protocol(points: &[u32]) -> String {
    let most: u32 = points.iter().sum();
    let mut text = format!(
        r#"format = 1
[protocol]
id = "sum"
title = "Sum"
version = "1"
language = "en"
licence = "CC0-1.0"
setting = "elective"
intended_use = "Tests."
[[output]]
id = "score"
label = "Score"
min = 0
max = {most}
meaning = [{{ from = 0, to = {most}, text = "A score.", next = "Ask." }}]
"#
    );
    for (index, points) in points.iter().enumerate() {
        text += &format!(
            "[[intake]]\nid = \"f{index}\"\nlabel = \"Flag {index}\"\nkind = \"flag\"\n\
             [[model.term]]\nfeature = \"f{index}\"\npoints = {points}\n"
        );
    }
    text
}

impl Clinic {
    /// Publishes each of `protocols` under its index. `limits` changes the configuration.
    pub(crate) fn new(protocols: &[String], limits: impl FnOnce(&mut Config)) -> Self {
        let files = tempfile::tempdir().unwrap();
        let directory = ExpertDir::init(files.path().join("expert")).unwrap();
        let chain = Arc::new(Chain::default());
        for (index, text) in protocols.iter().enumerate() {
            let stored =
                directory.add_protocol(&format!("protocol-{index}"), text.as_bytes()).unwrap();
            chain.publish(index as u32, stored.commitment());
        }
        let mut config = Config::new(directory.path());
        config.record_grace = Duration::from_secs(60);
        limits(&mut config);
        Self { chain, pool: Arc::default(), directory, config, _files: files }
    }

    pub(crate) fn start(&self) -> Arc<EvaluatorHandle> {
        start(self.config.clone(), self.chain.clone(), self.pool.clone(), None).unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join("protocols").join(name)
    }

    /// A patient with these answers, and the record in chunks of at most `chunk_bytes`.
    pub(crate) fn patient(&self, id: u64, bits: &[bool], protocol: u32) -> Patient {
        Patient::new(self, id, protocol, |key| {
            key.encrypt(bits, Profile::Private)
                .unwrap()
                .to_bytes()
                .chunks(300_000)
                .map(<[u8]>::to_vec)
                .collect()
        })
    }
}

/// A patient's side of one consultation.
pub(crate) struct Patient {
    pub id: u64,
    pub key: RecordKey,
    pub note_key: SealingKey,
    pub context: Context,
    pub chunks: Vec<Vec<u8>>,
    pub claim_seed: [u8; 32],
    pub job: Job,
}

impl Patient {
    /// A patient who hands in whatever `chunks` makes.
    pub(crate) fn new(
        clinic: &Clinic,
        id: u64,
        protocol: u32,
        chunks: impl FnOnce(&RecordKey) -> Vec<Vec<u8>>,
    ) -> Self {
        let key = RecordKey::generate().unwrap();
        let chunks = chunks(&key);
        let note_key = SealingKey::generate();
        let envelope = Envelope {
            protocol,
            chunks: chunks.iter().map(|chunk| chunk_hash(chunk)).collect(),
            claim_seed: random_bytes(),
            salt: random_bytes(),
            note_key: note_key.public(),
            question: "Is it serious?".into(),
        };
        let context = Context {
            genesis: GENESIS,
            expert: EXPERT,
            patient: random_bytes(),
            record: envelope.record_commitment(),
        };
        let expert_key = clinic.directory.sealing_key().unwrap().public();
        let job = Job {
            id,
            patient: context.patient,
            expert: EXPERT,
            record: context.record,
            waiting: true,
            envelope: envelope.seal(&expert_key, &context).unwrap(),
        };
        Self { id, key, note_key, context, claim_seed: envelope.claim_seed, chunks, job }
    }

    pub(crate) fn hand_in(&self, clinic: &Clinic) {
        for chunk in &self.chunks {
            clinic.pool.submit(chunk, self.claim_seed);
        }
    }

    /// Hands the record in and requests.
    pub(crate) fn consult(&self, clinic: &Clinic) {
        self.hand_in(clinic);
        clinic.chain.finalise(self.job.clone());
    }

    /// The value in a delivered answer, and the note.
    pub(crate) fn read(&self, outcome: &Outcome) -> (Vec<u16>, Note) {
        let Outcome::Deliver { answer, note } = outcome else {
            panic!("not answered: {outcome:?}");
        };
        let answer = Answer::from_bytes(answer).unwrap();
        (
            self.key.decrypt(&answer).unwrap(),
            Note::open(note, &self.note_key, &self.context).unwrap(),
        )
    }
}

/// Waits until `condition` holds.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The outcome of a consultation, waited for.
pub(crate) fn outcome(evaluator: &EvaluatorHandle, id: u64) -> Outcome {
    let mut bytes = None;
    eventually("there is an outcome", || {
        bytes = evaluator.take(id);
        bytes.is_some()
    });
    Outcome::decode_all(&mut &bytes.unwrap()[..]).unwrap()
}

/// Enqueues and waits for the outcome.
pub(crate) fn answer(evaluator: &EvaluatorHandle, id: u64) -> Outcome {
    assert_eq!(evaluator.enqueue(id), ACCEPTED);
    outcome(evaluator, id)
}

/// Time enough for the evaluator to do what it must not do: several polls.
pub(crate) fn a_while() {
    std::thread::sleep(Duration::from_millis(800));
}

pub(crate) fn declined(reason: DeclineReason) -> Outcome {
    Outcome::Decline { reason }
}
