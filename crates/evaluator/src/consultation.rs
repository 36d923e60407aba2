// SPDX-License-Identifier: Apache-2.0

//! What was learnt of one consultation between attempts, and the opening of its envelope.

use std::{sync::Arc, time::Instant};

use cso_expert_dir::{ExpertDir, ExpertDirError};
use cso_primitives::{ChunkHash, DeclineReason};
use cso_sealing::{Context, Envelope, OpenError};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    models::{Model, Models},
    ports::{ChainView, Job},
    LOG,
};

/// A consultation on its way to an outcome.
pub(crate) struct Consultation {
    pub(crate) id: u64,
    /// When it was enqueued.
    pub(crate) known_since: Instant,
    /// The finalised head that it was last looked up at.
    pub(crate) head: Option<[u8; 32]>,
    /// There once the request was seen final and its envelope opened.
    pub(crate) opened: Option<Opened>,
}

/// An envelope that was opened and found consistent with chain and models.
pub(crate) struct Opened {
    pub(crate) envelope: Envelope,
    pub(crate) context: Context,
    pub(crate) model: Arc<Model>,
    /// The expert's own words for the patient.
    pub(crate) note: String,
    /// Since when the record is waited for.
    pub(crate) since: Instant,
    /// Chunks, from the first, that were seen in the pool.
    pub(crate) present: usize,
}

/// What it takes to acknowledge a record's chunks.
pub(crate) struct Receipt {
    pub(crate) chunks: Vec<ChunkHash>,
    pub(crate) claim_seed: Zeroizing<[u8; 32]>,
}

impl Receipt {
    pub(crate) fn new(envelope: &Envelope) -> Self {
        Self { chunks: envelope.chunks.clone(), claim_seed: Zeroizing::new(envelope.claim_seed) }
    }
}

/// Why an envelope leads no further. What the patient caused is declined; what is the expert's or
/// the node's own trouble is tried again.
#[derive(Debug, Error)]
pub(crate) enum EnvelopeError {
    #[error("envelope: {0}")]
    Envelope(#[from] OpenError),
    #[error("the envelope's chunks are not those that the record's commitment fixes")]
    Commitment,
    #[error("the chain has no protocol of the number that the envelope asks for")]
    NoProtocol,
    #[error("no usable protocol file has the commitment that the chain shows")]
    NoModel,
    #[error(transparent)]
    Directory(#[from] ExpertDirError),
    #[error("cannot read the chain: {0}")]
    Chain(String),
}

impl EnvelopeError {
    /// The reason to decline for, unless the cause may pass.
    pub(crate) fn reason(&self) -> Option<DeclineReason> {
        match self {
            Self::Envelope(_) => Some(DeclineReason::EnvelopeUnreadable),
            Self::Commitment => Some(DeclineReason::RecordInvalid),
            Self::NoProtocol | Self::NoModel => Some(DeclineReason::ProtocolUnknown),
            Self::Directory(_) | Self::Chain(_) => None,
        }
    }
}

impl Consultation {
    pub(crate) fn new(id: u64, now: Instant) -> Self {
        Self { id, known_since: now, head: None, opened: None }
    }

    /// What to acknowledge once the consultation waits no longer; nothing is known before the
    /// envelope was opened.
    pub(crate) fn receipt(&self) -> Option<Receipt> {
        self.opened.as_ref().map(|opened| Receipt::new(&opened.envelope))
    }
}

impl Opened {
    /// Opens the envelope of `job` and checks it against the chain and the models.
    pub(crate) fn new(
        job: &Job,
        now: Instant,
        chain: &dyn ChainView,
        directory: &ExpertDir,
        models: &Models,
    ) -> Result<Self, EnvelopeError> {
        let context = Context {
            genesis: chain.genesis(),
            expert: job.expert,
            patient: job.patient,
            record: job.record,
        };
        // Read each time: the expert may have changed the key, and it needn't stay in memory.
        let key = directory.sealing_key()?;
        let envelope = Envelope::open(&job.envelope, &key, &context)?;
        if envelope.record_commitment() != job.record {
            return Err(EnvelopeError::Commitment);
        }
        let commitment = chain
            .model(job.expert, envelope.protocol)
            .map_err(EnvelopeError::Chain)?
            .ok_or(EnvelopeError::NoProtocol)?;
        let model = models.find(&commitment)?.ok_or(EnvelopeError::NoModel)?;
        // An answer without the expert's words is better than none.
        let note = directory.note().unwrap_or_else(|error| {
            log::error!(target: LOG, "answering without the expert's note: {error}");
            String::new()
        });
        Ok(Self { envelope, context, model, note, since: now, present: 0 })
    }
}
