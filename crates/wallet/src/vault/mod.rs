// SPDX-License-Identifier: Apache-2.0
//! The wallet file: what is in it (`data`) and how it lies on disk (`file`).
//!
//! Nothing here knows the chain. Secrets leave this module only as typed values that wipe themselves.

mod data;
mod file;

pub use data::{Account, Consultation, Stage, Wallet, WalletError};
pub use file::{Vault, VaultError};
