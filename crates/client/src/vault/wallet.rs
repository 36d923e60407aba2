// SPDX-License-Identifier: Apache-2.0
//! What a wallet holds: accounts and dossiers, with their secrets.

use super::{Account, Dossier};
use crate::{
    keys::{KeyError, Pair},
    secret::SecretText,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

/// Version of the wallet's content that is written. Version 1 is read, which lacked the signed
/// transactions and the blocks that were seen; another one is refused, never guessed.
const VERSION: u32 = 2;

/// Consultation accounts in a range, one of which begins with each minute since 1970: more than a
/// wallet will ever need.
const RANGE: u64 = 1 << 20;

/// Seconds of a minute.
const MINUTE: u64 = 60;

/// Longest name of an account.
pub(super) const MAX_NAME: usize = 32;

/// The content of a wallet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wallet {
    version: u32,
    /// The accounts, in the order they were added.
    pub accounts: Vec<Account>,
    /// The consultations, oldest first.
    #[serde(rename = "consultations")]
    pub dossiers: Vec<Dossier>,
    /// Index of the next consultation account. `None` until a wallet, or a restored one, gets its
    /// first: that one begins a range of the wallet's own.
    #[serde(default)]
    next_index: Option<u64>,
}

/// Why the wallet can't do that.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum WalletError {
    /// Made by another version of this program.
    #[error("the wallet has version {0}, this program reads versions 1 to {VERSION}; use the program it was made with")]
    Version(u32),
    /// Two accounts by one name.
    #[error("the wallet has an account `{0}` already; choose another name")]
    NameTaken(String),
    /// Names must be told from addresses and flags.
    #[error("`{0}` can't be an account's name; use 1 to {MAX_NAME} letters, digits, `-` or `_`, beginning with a letter")]
    BadName(String),
    /// Handles become names of files.
    #[error(
        "`{0}` can't be a consultation's handle; the wallet is damaged, or somebody has changed it"
    )]
    BadHandle(String),
    /// No such account.
    #[error("the wallet has no account `{0}`")]
    NoAccount(String),
    /// No account was named and there is nothing to take.
    #[error("the wallet has no account yet")]
    Empty,
    /// No account was named and there is a choice.
    #[error("the wallet has several accounts ({0})")]
    Ambiguous(String),
    /// The account is there already.
    #[error("the wallet has this account already, as `{0}`")]
    Present(String),
    /// A consultation that isn't erased needs the account.
    #[error("the consultation {dossier} still needs `{account}`")]
    Needed {
        /// The account's name.
        account: String,
        /// The consultation's handle.
        dossier: String,
    },
    /// No such consultation.
    #[error("the wallet knows no consultation `{0}`")]
    NoDossier(String),
    /// No consultation at all.
    #[error("the wallet has no consultation yet")]
    NoDossiers,
    /// The stored key is damaged.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Default for Wallet {
    fn default() -> Self {
        Self { version: VERSION, accounts: Vec::new(), dossiers: Vec::new(), next_index: None }
    }
}

impl Wallet {
    /// Refuses content of another version, and brings older content to this one.
    pub(super) fn upgrade(mut self) -> Result<Self, WalletError> {
        match self.version {
            1 | VERSION => {
                self.version = VERSION;
                // Wallets began at 0 before each had a range of its own.
                self.next_index = self.next_index.filter(|index| *index > 0);
                // Names and handles become parts of commands and files.
                self.accounts.iter().try_for_each(|account| check_name(&account.name))?;
                self.dossiers.iter().try_for_each(|dossier| check_handle(&dossier.handle))?;
                Ok(self)
            }
            other => Err(WalletError::Version(other)),
        }
    }

    /// From now on takes consultation accounts of a range of its own. Another copy of the wallet
    /// may have used those that follow, and once they are closed the chain doesn't know of them any
    /// more: to use one again would link two consultations.
    pub(crate) fn begin_range(&mut self) {
        self.next_index = None;
    }

    /// The index from which to look for the next consultation account below `payer`. `now` is the
    /// time since 1970: the minute of the first account chooses the range.
    pub(crate) fn next_index(&self, payer: &str, now: Duration) -> u64 {
        let taken = self.dossiers.iter().filter_map(|dossier| match &dossier.account {
            super::Asker::Fresh { funded_by, index, .. } if funded_by == payer => Some(*index),
            _ => None,
        });
        let next = taken.max().map_or(0, |index| index.saturating_add(1));
        let begin = self.next_index.unwrap_or_else(|| range_at(now));
        begin.max(next)
    }

    /// The indices of the accounts below `payer` that consultations still need.
    pub(crate) fn open_indices(&self, payer: &str) -> BTreeSet<u64> {
        let open = self.dossiers.iter().filter(|dossier| !dossier.is_erased());
        let index = |dossier: &Dossier| match &dossier.account {
            super::Asker::Fresh { funded_by, index, .. } if funded_by == payer => Some(*index),
            _ => None,
        };
        open.filter_map(index).collect()
    }

    /// Takes the account of a consultation, unless its index is taken.
    pub(crate) fn take(&mut self, asker: &super::Asker, now: Duration) -> bool {
        let super::Asker::Fresh { funded_by, index, .. } = asker else {
            return true;
        };
        let is_free = *index >= self.next_index(funded_by, now);
        if is_free {
            self.next_index = Some(index.saturating_add(1));
        }
        is_free
    }

    /// Adds an account.
    ///
    /// # Errors
    ///
    /// [`WalletError`] if the name is taken or can't be one, or the account is there already.
    pub fn add(
        &mut self,
        name: &str,
        pair: &Pair,
        suri: Option<SecretText>,
    ) -> Result<(), WalletError> {
        check_name(name)?;
        if self.accounts.iter().any(|account| account.name == name) {
            return Err(WalletError::NameTaken(name.to_owned()));
        }
        let address = pair.account();
        if let Some(other) = self.accounts.iter().find(|account| account.address == address) {
            return Err(WalletError::Present(other.name.clone()));
        }
        self.accounts.push(Account { name: name.to_owned(), secret: pair.secret(), suri, address });
        Ok(())
    }

    /// Removes an account and wipes its secrets.
    ///
    /// # Errors
    ///
    /// [`WalletError::Needed`] as long as a consultation that isn't erased needs it.
    pub fn remove(&mut self, name: &str) -> Result<(), WalletError> {
        self.check_removable(name)?;
        self.accounts.retain(|account| account.name != name);
        Ok(())
    }

    /// Whether an account may be removed.
    ///
    /// # Errors
    ///
    /// As [`Self::remove`].
    pub fn check_removable(&self, name: &str) -> Result<(), WalletError> {
        self.account(name)?;
        match self.dossiers.iter().find(|dossier| dossier.needs(name)) {
            None => Ok(()),
            Some(dossier) => Err(WalletError::Needed {
                account: name.to_owned(),
                dossier: dossier.handle.clone(),
            }),
        }
    }

    /// The account of that name.
    ///
    /// # Errors
    ///
    /// [`WalletError::NoAccount`].
    pub fn account(&self, name: &str) -> Result<&Account, WalletError> {
        self.accounts
            .iter()
            .find(|account| account.name == name)
            .ok_or_else(|| WalletError::NoAccount(name.to_owned()))
    }

    /// The account of that name, or the only one if none is named.
    ///
    /// # Errors
    ///
    /// [`WalletError`] if there is none, or several and none is named.
    pub fn choose(&self, name: Option<&str>) -> Result<&Account, WalletError> {
        if let Some(name) = name {
            return self.account(name);
        }
        match self.accounts.as_slice() {
            [] => Err(WalletError::Empty),
            [only] => Ok(only),
            several => {
                let names: Vec<_> = several.iter().map(|account| account.name.as_str()).collect();
                Err(WalletError::Ambiguous(names.join(", ")))
            }
        }
    }

    /// The dossier of that number or handle, or the newest one.
    ///
    /// # Errors
    ///
    /// [`WalletError::NoDossier`], [`WalletError::NoDossiers`].
    pub fn dossier(&self, id: Option<&str>) -> Result<&Dossier, WalletError> {
        self.dossiers.get(self.position(id)?).ok_or(WalletError::NoDossiers)
    }

    /// The same, to be changed.
    pub(crate) fn dossier_mut(&mut self, id: Option<&str>) -> Result<&mut Dossier, WalletError> {
        let position = self.position(id)?;
        self.dossiers.get_mut(position).ok_or(WalletError::NoDossiers)
    }

    /// The key of the account that asks in a consultation.
    ///
    /// # Errors
    ///
    /// [`WalletError`] if the account is gone, or its key is damaged.
    pub fn asking_pair(&self, dossier: &Dossier) -> Result<Pair, WalletError> {
        match &dossier.account {
            super::Asker::Existing { name } => Ok(self.account(name)?.pair()?),
            super::Asker::Fresh { secret, .. } => Ok(Pair::from_secret(secret)?),
        }
    }

    /// Forgets a consultation and wipes its secrets.
    ///
    /// # Errors
    ///
    /// As [`Self::dossier`].
    pub(crate) fn forget(&mut self, handle: &str) -> Result<(), WalletError> {
        let position = self.position(Some(handle))?;
        self.dossiers.remove(position);
        Ok(())
    }

    fn position(&self, id: Option<&str>) -> Result<usize, WalletError> {
        let Some(id) = id else {
            return self.dossiers.len().checked_sub(1).ok_or(WalletError::NoDossiers);
        };
        let number = id.parse::<u64>().ok();
        // Newest first: numbers begin again when a development chain does.
        self.dossiers
            .iter()
            .rposition(|one| one.handle == id || (number.is_some() && one.id() == number))
            .ok_or_else(|| WalletError::NoDossier(id.to_owned()))
    }
}

fn check_handle(handle: &str) -> Result<(), WalletError> {
    let fine = (1..=MAX_NAME).contains(&handle.len())
        && handle.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match fine {
        true => Ok(()),
        false => Err(WalletError::BadHandle(handle.to_owned())),
    }
}

/// Where the range begins that a wallet takes at that time since 1970.
pub(crate) fn range_at(now: Duration) -> u64 {
    (now.as_secs() / MINUTE).saturating_mul(RANGE)
}

fn check_name(name: &str) -> Result<(), WalletError> {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    // Addresses have 47 or 48 characters, so no name can be taken for one.
    let fine = (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(letters)
        && name.starts_with(|first: char| first.is_ascii_alphabetic());
    match fine {
        true => Ok(()),
        false => Err(WalletError::BadName(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wallet(names: &[&str]) -> Wallet {
        let mut wallet = Wallet::default();
        for name in names {
            let pair = Pair::from_suri(&format!("//{name}")).unwrap();
            wallet.add(name, &pair, None).unwrap();
        }
        wallet
    }

    #[test]
    fn names_are_unique_and_plain() {
        let mut wallet = wallet(&["anna"]);
        let pair = Pair::from_suri("//x").unwrap();
        assert!(matches!(wallet.add("anna", &pair, None), Err(WalletError::NameTaken(_))));
        for name in ["", "-a", "7a", "a b", "a/b", &"a".repeat(33)] {
            assert!(
                matches!(wallet.add(name, &pair, None), Err(WalletError::BadName(_))),
                "{name}"
            );
        }
    }

    #[test]
    fn the_only_account_needs_no_name() {
        assert!(matches!(wallet(&[]).choose(None), Err(WalletError::Empty)));
        assert_eq!(wallet(&["anna"]).choose(None).unwrap().name, "anna");
        let several = wallet(&["anna", "ben"]);
        let error = several.choose(None).unwrap_err().to_string();
        assert!(error.contains("anna, ben"), "{error}");
        assert_eq!(several.choose(Some("ben")).unwrap().name, "ben");
    }

    #[test]
    fn handles_that_lead_elsewhere_are_refused() {
        for handle in ["", "../x", "a/b", "r-1.lock", &"a".repeat(33)] {
            assert!(matches!(check_handle(handle), Err(WalletError::BadHandle(_))), "{handle}");
        }
        assert!(check_handle("r-12ab34cd-2").is_ok());
    }

    #[test]
    fn unknown_version_is_refused() {
        let text = serde_json::to_string(&Wallet { version: 9, ..Wallet::default() }).unwrap();
        let wallet: Wallet = serde_json::from_str(&text).unwrap();
        assert!(matches!(wallet.upgrade(), Err(WalletError::Version(9))));
    }
}
