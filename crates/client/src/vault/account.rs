// SPDX-License-Identifier: Apache-2.0
//! An account in the wallet.

use crate::{
    address::AccountId,
    keys::{KeyError, Pair},
    secret::{Secret, SecretText},
};
use serde::{Deserialize, Serialize};

/// An account whose key the wallet holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// How the user calls it; unique in the wallet.
    pub name: String,
    /// The key: see [`Pair::from_secret`].
    pub secret: Secret<64>,
    /// The mnemonic or secret URI it was made from, if that is known.
    pub suri: Option<SecretText>,
    /// The account's address.
    pub address: AccountId,
}

impl Account {
    /// The account's key.
    ///
    /// # Errors
    ///
    /// [`KeyError::Secret`] if the stored key is damaged.
    pub fn pair(&self) -> Result<Pair, KeyError> {
        Pair::from_secret(&self.secret)
    }
}
