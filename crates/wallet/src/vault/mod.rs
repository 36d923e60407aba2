// SPDX-License-Identifier: Apache-2.0
//! The wallet file: what is in it (`data`), how it lies on disk (`file`), and the records on their
//! way out (`outbox`).
//!
//! Nothing here knows the chain. Secrets leave this module only as typed values that wipe
//! themselves.

mod data;
mod file;
mod outbox;

pub use data::{consultation_pair, Account, Asker, Consultation, Input, RecordKeys, Stage};
pub use file::{Vault, VaultError};
pub use outbox::Outbox;
