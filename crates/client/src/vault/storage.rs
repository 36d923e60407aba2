// SPDX-License-Identifier: Apache-2.0
//! Where the wallet lies: a file on a computer, something else in a browser.

use std::time::Duration;

/// How long a record has lain in storage before [`Storage::records`] names it: a minute. Who puts
/// one there writes the wallet next, within seconds.
pub const SETTLED: Duration = Duration::from_secs(60);

/// Where the wallet lies. What is stored is ciphertext.
#[allow(async_fn_in_trait)] // See `Chain`.
pub trait Storage {
    /// What messages call the place.
    fn place(&self) -> String;

    /// Keeps other programs from working on a consultation, as long as it isn't dropped.
    type Hold;

    /// The wallet's bytes; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    async fn read(&self) -> Result<Option<Vec<u8>>, StorageError>;

    /// Replaces the wallet, if it is still `expected`: nothing comes between looking and writing.
    /// Afterwards either all of `new` is there or what was there before.
    ///
    /// # Errors
    ///
    /// [`StorageError::Changed`] if it isn't what was expected.
    async fn replace(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<(), StorageError>;

    /// Takes a consultation for this program alone. A program that ends, however it does, lets go.
    ///
    /// # Errors
    ///
    /// [`StorageError::Held`] if another program has it.
    async fn hold(&self, handle: &str) -> Result<Self::Hold, StorageError>;

    /// Keeps an encrypted record that is on its way to an expert's node, under the consultation's
    /// handle.
    ///
    /// A request that was interrupted goes on with the very same record, so that the commitment
    /// that may already be on its way stays true.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    async fn put_record(&self, handle: &str, record: &[u8]) -> Result<(), StorageError>;

    /// Reads a record; `None` if it's not there any more.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    async fn record(&self, handle: &str) -> Result<Option<Vec<u8>>, StorageError>;

    /// The handles of the records that have lain there for [`SETTLED`] at least, whole or not. One
    /// that the wallet doesn't know by then was left behind by a program that was killed.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    async fn records(&self) -> Result<Vec<String>, StorageError>;

    /// Deletes a record, and what there is of one that was never whole. Nothing there is fine.
    ///
    /// # Errors
    ///
    /// [`StorageError`].
    async fn remove_record(&self, handle: &str) -> Result<(), StorageError>;
}

/// Why the place doesn't serve.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageError {
    /// The system refuses.
    #[error("can't {action} {place}: {reason}")]
    System {
        /// What was tried.
        action: &'static str,
        /// On what.
        place: String,
        /// What the system says.
        reason: String,
    },
    /// Others could read it.
    #[error("{0} can be read by other users")]
    Exposed(String),
    /// Something else lies there.
    #[error("{0} is no wallet: not a file")]
    NotAFile(String),
    /// Another program is writing it.
    #[error("another program is writing the wallet {0}; try again when it's done")]
    Busy(String),
    /// Another program works on that consultation.
    #[error("another program is at work on {0}; try again when it's done")]
    Held(String),
    /// Another program has changed it.
    #[error("another program has changed {0} meanwhile")]
    Changed(String),
}
