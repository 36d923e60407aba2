// SPDX-License-Identifier: Apache-2.0

//! Fetching, checking and loading the chunks of a record.

use std::time::{Duration, Instant};

use cso_fhe::{LoadedRecord, Loader, RecordMemory};
use cso_primitives::{bounds::MAX_CHUNK_BYTES, ChunkHash};
use cso_sealing::chunk_hash;
use thiserror::Error;

use crate::{
    consultation::Opened,
    ports::{ClaimError, RecordPool},
};

/// Why there is no record.
#[derive(Debug, Error)]
pub(crate) enum RecordError {
    /// A chunk isn't there (yet).
    #[error("chunk {index} of {chunks} is {source}")]
    Missing { index: usize, chunks: usize, source: ClaimError },
    /// The pool returned bytes with another hash.
    #[error("chunk {0} does not have its hash")]
    Tampered(usize),
    /// A chunk is longer than the pool may take.
    #[error("chunk {index} has {found} bytes, allowed are {MAX_CHUNK_BYTES}")]
    ChunkTooLong { index: usize, found: usize },
    /// The chunks' bytes are no record.
    #[error("record: {0}")]
    Format(#[from] cso_fhe::RecordError),
}

/// A record that is ready, with the times that it took.
pub(crate) struct Claimed {
    pub(crate) record: LoadedRecord,
    /// Reading the chunks and checking their hashes.
    pub(crate) claim: Duration,
    /// Parsing, and bringing the bits that the model reads into the Fourier domain.
    pub(crate) load: Duration,
}

/// Claims the chunks of a record one after the other, checks each against its hash and loads it
/// into `memory`, so that never more than one is in memory.
///
/// As long as some are missing, each attempt looks only for those that were not seen before: a
/// patient who hands in one chunk at a time does not make the node read the others over and over.
pub(crate) fn claim(
    opened: &mut Opened,
    pool: &dyn RecordPool,
    memory: &mut RecordMemory,
) -> Result<Claimed, RecordError> {
    let envelope = &opened.envelope;
    let fetch = |index: usize| {
        pool.claim(envelope.chunks[index], &envelope.claim_seed)
            .map_err(|source| RecordError::Missing { index, chunks: envelope.chunks.len(), source })
    };
    if opened.present > 0 {
        while opened.present < envelope.chunks.len() {
            fetch(opened.present)?;
            opened.present += 1;
        }
    }

    let wanted = opened.model.compiled.program.reads().clone();
    let mut loader = Loader::with_memory(std::mem::take(memory), wanted);
    let (mut claim, mut load) = (Duration::ZERO, Duration::ZERO);
    for (index, hash) in envelope.chunks.iter().enumerate() {
        let start = Instant::now();
        let chunk = fetch(index).inspect_err(|_| opened.present = index)?;
        check(index, &chunk, hash)?;
        claim += start.elapsed();
        let start = Instant::now();
        loader.push(&chunk)?;
        load += start.elapsed();
    }
    let start = Instant::now();
    let record = loader.finish()?;
    load += start.elapsed();
    Ok(Claimed { record, claim, load })
}

fn check(index: usize, chunk: &[u8], hash: &ChunkHash) -> Result<(), RecordError> {
    if chunk.len() > MAX_CHUNK_BYTES {
        return Err(RecordError::ChunkTooLong { index, found: chunk.len() });
    }
    // The pool addresses by hash, but what the commitment fixes is checked here, not believed.
    if chunk_hash(chunk) != *hash {
        return Err(RecordError::Tampered(index));
    }
    Ok(())
}
