// SPDX-License-Identifier: Apache-2.0

//! What a sealed message is bound to.

use cso_primitives::RecordCommitment;

use crate::format::FORMAT_VERSION;

/// The consultation that a message belongs to. A message opens only under the context that it was
/// sealed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Hash of the chain's genesis block.
    pub genesis: [u8; 32],
    /// Account of the expert (not of a worker).
    pub expert: [u8; 32],
    /// Account of the patient.
    pub patient: [u8; 32],
    /// Commitment to the record, as in the request on chain.
    pub record: RecordCommitment,
}

/// Which way a message goes. Without it an envelope could be thrown back as a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// An envelope.
    PatientToExpert = 1,
    /// A note.
    ExpertToPatient = 2,
}

/// Names the protocol in HPKE's `info`, so that the keys serve nothing else.
const LABEL: &[u8; 16] = b"cso-sealing\0\0\0\0\0";

impl Context {
    /// HPKE's `info`: what is fixed for a chain and a direction. All parts have a fixed length,
    /// so their concatenation can be read in one way only.
    pub(crate) fn info(&self, direction: Direction) -> [u8; 50] {
        let mut info = [0u8; 50];
        info[..16].copy_from_slice(LABEL);
        info[16] = FORMAT_VERSION;
        info[17] = direction as u8;
        info[18..].copy_from_slice(&self.genesis);
        info
    }

    /// The additional authenticated data: what is particular to the consultation.
    pub(crate) fn aad(&self) -> [u8; 96] {
        let mut aad = [0u8; 96];
        aad[..32].copy_from_slice(&self.expert);
        aad[32..64].copy_from_slice(&self.patient);
        aad[64..].copy_from_slice(&self.record.0);
        aad
    }
}
