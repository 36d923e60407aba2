// SPDX-License-Identifier: Apache-2.0
//! The encrypted record of a consultation whose request hasn't got through: as it lies in storage,
//! or made again of what the wallet keeps, byte for byte. A restored wallet has no other.

use super::{RequestError, Session};
use crate::{
    progress::Step,
    vault::{Dossier, Evidence, RecordKeys, Storage},
};
use cso_fhe::RecordKey;
use cso_primitives::{bounds::MAX_CHUNK_BYTES, ChunkHash};
use cso_sealing::chunk_hash;
use zeroize::Zeroizing;

impl<C, H, S: Storage> Session<'_, C, H, S> {
    /// The record, which is the one that was committed to. One that had to be made again lies in
    /// storage afterwards.
    pub(super) async fn record(&self, dossier: &Dossier) -> Result<Vec<u8>, RequestError> {
        let storage = self.vault.storage();
        if let Some(record) = storage.record(&dossier.handle).await? {
            return match is_committed(&record, &dossier.chunks) {
                true => Ok(record),
                false => Err(RequestError::RecordDamaged),
            };
        }
        let keys = dossier.keys.as_ref().ok_or(RequestError::RecordGone)?;
        let evidence = keys.evidence.as_ref().ok_or(RequestError::RecordGone)?;
        self.progress.begin(Step::Encrypt);
        let record = again(dossier, keys, evidence).ok_or(RequestError::EvidenceDamaged)?;
        storage.put_record(&dossier.handle, &record).await?;
        Ok(record)
    }
}

/// Encrypts the same bits with the same key and coins. `None` if that isn't the record that was
/// committed to.
fn again(dossier: &Dossier, keys: &RecordKeys, evidence: &Evidence) -> Option<Vec<u8>> {
    // Room for all of them: a buffer that grows would leave copies behind.
    let mut bits = Zeroizing::new(Vec::with_capacity(evidence.bits.expose().len()));
    for digit in evidence.bits.expose().bytes() {
        bits.push(match digit {
            b'0' => false,
            b'1' => true,
            _ => return None,
        });
    }
    let key = RecordKey::from_seed(*keys.record.expose());
    let record = key.encrypt_with_coins(&bits, dossier.profile, evidence.record.expose()).ok()?;
    let record = record.to_bytes();
    is_committed(&record, &dossier.chunks).then_some(record)
}

/// Whether a record has those chunks.
fn is_committed(record: &[u8], chunks: &[ChunkHash]) -> bool {
    record.chunks(MAX_CHUNK_BYTES).map(chunk_hash).eq(chunks.iter().copied())
}
