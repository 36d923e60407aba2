// SPDX-License-Identifier: Apache-2.0
//! What a wallet holds: accounts and consultations, with their secrets.

use crate::amount::Amount;
use crate::keys::{KeyError, Pair};
use crate::secret::{Secret, SecretText};
use serde::{Deserialize, Serialize};
use subxt_signer::DeriveJunction;

/// Version of the wallet's content; another one is refused, never guessed.
pub const VERSION: u32 = 1;
/// First junction of the accounts that consultations get: `<funding
/// account>//consultation//<index>`.
const CONSULTATION_PATH: &str = "consultation";

/// The content of a wallet file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Wallet {
    version: u32,
    /// The accounts, in the order they were added.
    pub accounts: Vec<Account>,
    /// The consultations, oldest first.
    pub consultations: Vec<Consultation>,
    /// Index of the next consultation account.
    pub next_index: u64,
}

/// An account whose key the wallet holds.
#[derive(Debug, Serialize, Deserialize)]
pub struct Account {
    /// How the user calls it; unique in the wallet.
    pub name: String,
    /// The key: see [`Pair::from_secret`].
    pub secret: Secret<64>,
    /// The mnemonic or secret URI it was made from, if that is known.
    pub suri: Option<SecretText>,
    /// The account's address.
    pub address: String,
}

/// A consultation as its patient keeps it. Everything needed to ask again, to read the answer and
/// to clean up.
#[derive(Debug, Serialize, Deserialize)]
pub struct Consultation {
    /// The wallet's name for it, before and after the chain has given it a number.
    pub handle: String,
    /// How far it came.
    pub stage: Stage,
    /// Genesis hash of the chain it belongs to.
    pub genesis: String,
    /// Address of the expert.
    pub expert: String,
    /// The expert's node, where the record was handed off.
    pub endpoint: String,
    /// Number of the protocol with that expert.
    pub protocol: u32,
    /// The protocol's public description (JSON), as the answer is read by the one that was asked
    /// with.
    pub description: String,
    /// The answers the record was made of, as shown to the patient.
    pub inputs: Vec<Input>,
    /// Encryption profile of the record.
    pub profile: String,
    /// Bits that the intake's answers take.
    pub bits: usize,
    /// Bytes of the encrypted record.
    pub bytes: usize,
    /// The question to the expert, as typed.
    pub question: String,
    /// The account that asks.
    pub account: Asker,
    /// What the expert gets.
    pub fee: Amount,
    /// Blocks from the request to its deadline.
    pub deadline_blocks: u32,
    /// Keys of the record and of the note that comes back; gone once erased.
    pub keys: Option<RecordKeys>,
    /// Hashes of the chunks that lie (or lay) in the expert's pool.
    pub chunks: Vec<String>,
    /// Commitment to those chunks: the request on chain carries it.
    pub record: String,
    /// Block of the request.
    pub requested_in: Option<u64>,
}

/// One answer of the intake, as shown.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Input {
    /// Feature id.
    pub id: String,
    /// Feature label.
    pub label: String,
    /// Value as used.
    pub value: String,
    /// Where it came from: a FHIR resource, an answers file, the command line, the keyboard.
    pub source: String,
}

/// The account of a consultation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Asker {
    /// One of the wallet's own accounts, by name.
    Existing {
        /// Its name.
        name: String,
    },
    /// Made for this consultation, derived from the account that paid for it.
    Fresh {
        /// Name of the paying account.
        funded_by: String,
        /// Index of the derivation, so that the mnemonic alone finds the account again.
        index: u64,
        /// Its key.
        secret: Secret<64>,
    },
}

/// The secrets that a consultation's privacy rests on.
#[derive(Debug, Serialize, Deserialize)]
pub struct RecordKeys {
    /// Seed of the record key: decrypts record and answer.
    pub record: Secret<32>,
    /// Seed of the key that the expert's note is sealed to.
    pub note: Secret<32>,
    /// Seed of the one-time key that claims (and drops) the chunks.
    pub claim: Secret<32>,
    /// Salt of the record's commitment.
    pub salt: Secret<32>,
}

/// How far a consultation came. Each stage is saved before the step that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum Stage {
    /// Secrets are made; the record may have left, the request hasn't.
    Prepared,
    /// The record lies in the expert's pool, and the request may be on its way with this nonce.
    Submitting {
        /// Nonce of the request: a second one with the same can't be included as well.
        nonce: u64,
    },
    /// On chain under this number.
    Requested {
        /// The chain's number.
        id: u64,
    },
    /// Erased on chain, keys destroyed.
    Erased {
        /// The number it had.
        id: u64,
    },
}

/// Why the wallet can't do that.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// Made by another version of this program.
    #[error("the wallet has version {0}, this program reads version {VERSION}; use the `cso` it was made with")]
    Version(u32),
    /// Two accounts by one name.
    #[error("the wallet has an account `{0}` already; choose another name")]
    NameTaken(String),
    /// Names must be told from addresses and flags.
    #[error("`{0}` can't be an account's name; use 1 to 32 letters, digits, `-` or `_`, beginning with a letter")]
    BadName(String),
    /// No such account.
    #[error("the wallet has no account `{0}`; see `cso account list`")]
    NoAccount(String),
    /// `--as` or `--from` was left out and there is nothing to take.
    #[error("the wallet has no account yet; make one: cso account create NAME")]
    Empty,
    /// `--as` or `--from` was left out and there is a choice.
    #[error("the wallet has several accounts ({0}); say which with {1} NAME")]
    Ambiguous(String, &'static str),
    /// No such consultation.
    #[error("the wallet knows no consultation `{0}`; see `cso consult list`")]
    NoConsultation(String),
    /// No consultation at all.
    #[error("the wallet has no consultation yet; begin with `cso experts list`")]
    NoConsultations,
    /// The stored key is damaged.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Default for Wallet {
    fn default() -> Self {
        Self { version: VERSION, accounts: Vec::new(), consultations: Vec::new(), next_index: 0 }
    }
}

impl Wallet {
    /// Refuses content of another version.
    pub fn check_version(&self) -> Result<(), WalletError> {
        match self.version {
            VERSION => Ok(()),
            other => Err(WalletError::Version(other)),
        }
    }

    /// Adds an account.
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
        self.accounts.push(Account {
            name: name.to_owned(),
            secret: pair.secret(),
            suri,
            address: pair.account().to_string(),
        });
        Ok(())
    }

    /// The account of that name.
    pub fn account(&self, name: &str) -> Result<&Account, WalletError> {
        self.accounts
            .iter()
            .find(|account| account.name == name)
            .ok_or_else(|| WalletError::NoAccount(name.to_owned()))
    }

    /// The account of that name, or the only one if none is named. `flag` is what names it.
    pub fn choose(&self, name: Option<&str>, flag: &'static str) -> Result<&Account, WalletError> {
        if let Some(name) = name {
            return self.account(name);
        }
        match self.accounts.as_slice() {
            [] => Err(WalletError::Empty),
            [only] => Ok(only),
            several => {
                let names: Vec<_> = several.iter().map(|account| account.name.as_str()).collect();
                Err(WalletError::Ambiguous(names.join(", "), flag))
            }
        }
    }

    /// The consultation of that number or handle, or the newest one.
    pub fn consultation(&self, id: Option<&str>) -> Result<&Consultation, WalletError> {
        self.consultations[self.position(id)?..].first().ok_or(WalletError::NoConsultations)
    }

    /// The same, to be changed.
    pub fn consultation_mut(&mut self, id: Option<&str>) -> Result<&mut Consultation, WalletError> {
        let position = self.position(id)?;
        self.consultations.get_mut(position).ok_or(WalletError::NoConsultations)
    }

    /// Forgets a consultation and wipes its secrets.
    pub fn forget(&mut self, handle: &str) -> Result<(), WalletError> {
        let position = self.position(Some(handle))?;
        self.consultations.remove(position);
        Ok(())
    }

    fn position(&self, id: Option<&str>) -> Result<usize, WalletError> {
        let Some(id) = id else {
            return self.consultations.len().checked_sub(1).ok_or(WalletError::NoConsultations);
        };
        let number = id.parse::<u64>().ok();
        // Newest first: numbers begin again when a development chain does.
        self.consultations
            .iter()
            .rposition(|one| one.handle == id || (number.is_some() && one.id() == number))
            .ok_or_else(|| WalletError::NoConsultation(id.to_owned()))
    }
}

impl Account {
    /// The account's key.
    pub fn pair(&self) -> Result<Pair, KeyError> {
        Pair::from_secret(&self.secret)
    }
}

impl Consultation {
    /// The chain's number, once it has one.
    pub fn id(&self) -> Option<u64> {
        match self.stage {
            Stage::Prepared | Stage::Submitting { .. } => None,
            Stage::Requested { id } | Stage::Erased { id } => Some(id),
        }
    }

    /// The key of the account that asks.
    pub fn pair(&self, wallet: &Wallet) -> Result<Pair, WalletError> {
        match &self.account {
            Asker::Existing { name } => Ok(wallet.account(name)?.pair()?),
            Asker::Fresh { secret, .. } => Ok(Pair::from_secret(secret)?),
        }
    }

    /// Destroys what the record, the answer and the note could be read with, and what was asked.
    pub fn destroy_keys(&mut self) {
        self.keys = None;
        self.question.clear();
        self.inputs.clear();
    }
}

/// The key of the `index`th consultation account below `funding`.
pub fn consultation_pair(funding: &Pair, index: u64) -> Pair {
    funding.derive([DeriveJunction::hard(CONSULTATION_PATH), DeriveJunction::hard(index)])
}

fn check_name(name: &str) -> Result<(), WalletError> {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    // Addresses have 47 or 48 characters, so no name of at most 32 can be taken for one.
    let fine = (1..=32).contains(&name.len())
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
        assert!(matches!(wallet(&[]).choose(None, "--as"), Err(WalletError::Empty)));
        assert_eq!(wallet(&["anna"]).choose(None, "--as").unwrap().name, "anna");
        let several = wallet(&["anna", "ben"]);
        let error = several.choose(None, "--as").unwrap_err().to_string();
        assert!(error.contains("anna, ben") && error.contains("--as"), "{error}");
        assert_eq!(several.choose(Some("ben"), "--as").unwrap().name, "ben");
    }

    #[test]
    fn consultation_accounts_come_from_the_mnemonic_alone() {
        let pair = Pair::from_suri("//Alice").unwrap();
        assert_eq!(
            consultation_pair(&pair, 3).account(),
            Pair::from_suri("//Alice//consultation//3").unwrap().account()
        );
    }

    #[test]
    fn unknown_version_is_refused() {
        let text = serde_json::to_string(&Wallet { version: 9, ..Wallet::default() }).unwrap();
        let wallet: Wallet = serde_json::from_str(&text).unwrap();
        assert!(matches!(wallet.check_version(), Err(WalletError::Version(9))));
    }
}
