// SPDX-License-Identifier: Apache-2.0
//! What a caller can be told while steps go on.

/// Something that takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Looking on chain for a request that was sent before.
    Look,
    /// Reading from the chain.
    Read,
    /// Encrypting the record.
    Encrypt,
    /// Filling the consultation's account.
    Fund,
    /// Handing the encrypted record to the expert's node.
    HandOff,
    /// Sealing the envelope.
    Seal,
    /// Writing the wallet.
    Save,
    /// Waiting for the request to be final.
    Request,
    /// Waiting for another transaction to be final.
    Submit,
    /// Decrypting the answer.
    Decrypt,
    /// Comparing the model that answered with the published one.
    Verify,
    /// Removing the consultation from the chain.
    Erase,
    /// Bringing back what is left in the consultation's account.
    Sweep,
    /// Looking for accounts of consultations that the wallet has lost.
    Search,
    /// Asking the expert's node to drop the record.
    DropChunks,
    /// Filling the accounts of an expert's workers.
    FundWorkers,
}

/// Somebody who follows.
pub trait Progress {
    /// A step begins, which ends the one before.
    fn begin(&self, step: Step);

    /// The step that goes on has come this far.
    fn part(&self, _done: usize, _of: usize) {}
}

/// Nobody follows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: Step) {}
}
