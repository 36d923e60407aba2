// SPDX-License-Identifier: Apache-2.0
//! Account keys: sr25519 pairs from mnemonics, secret URIs and raw secrets, as Substrate derives
//! them.
//!
//! `subxt-signer` reads secret URIs and signs, but doesn't give out the secret, which an export to
//! polkadot-js needs. So the pair is derived here, on `schnorrkel`, and the tests compare it with
//! `subxt-signer`'s.

use crate::secret::{Secret, SecretText};
use pbkdf2::pbkdf2_hmac;
use schnorrkel::{
    derive::{ChainCode, Derivation},
    ExpansionMode, MiniSecretKey, SecretKey,
};
use sha2::Sha512;
use std::str::FromStr;
use subxt::utils::{AccountId32, MultiSignature};
use subxt::Config;
use subxt_signer::{bip39::Mnemonic, DeriveJunction, ExposeSecret, SecretUri};
use zeroize::Zeroizing;

/// The context that Substrate signs sr25519 messages under.
const SIGNING_CONTEXT: &[u8] = b"substrate";
/// Words of entropy of a new mnemonic: 16 bytes, 12 words.
const ENTROPY_BYTES: usize = 16;
/// Rounds of PBKDF2 from mnemonic to seed (BIP-39).
const SEED_ROUNDS: u32 = 2048;

/// Why a text or a byte string is no key.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Nothing, or paths alone that don't begin with `//`: Substrate would take the development
    /// phrase, which everybody knows.
    #[error(
        "there is no key in an empty text; expected a mnemonic, 0x with 64 hex digits, or //Name"
    )]
    Empty,
    /// Not of the form `phrase//hard/soft///password`.
    #[error("this is no secret URI; expected a mnemonic, 0x with 64 hex digits, or //Name, with //paths after it")]
    Form,
    /// The phrase part is no BIP-39 mnemonic.
    #[error("the mnemonic is wrong: {0}")]
    Mnemonic(String),
    /// A raw seed that is not 32 bytes of hex.
    #[error("a raw seed must be 0x with 64 hex digits")]
    Seed,
    /// A key that only its expanded secret describes.
    #[error("the path of this key ends in a soft junction (`/name`), and such a key has no seed of 32 bytes; only one that ends in a hard junction (`//name`) or has no path has one")]
    Soft,
    /// A 64-byte secret that is no sr25519 secret key.
    #[error("the stored secret of this account is no sr25519 key")]
    Secret,
}

/// An sr25519 account key.
#[derive(Clone)]
pub struct Pair(schnorrkel::Keypair);

impl std::fmt::Debug for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pair({}, ..)", self.account())
    }
}

impl Pair {
    /// From a secret URI: `bottom drive obey ...//path///password`, `0x<seed>//path` or `//Alice`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the text is none of these.
    pub fn from_suri(suri: &str) -> Result<Self, KeyError> {
        let (root, junctions) = root_and_path(suri)?;
        Ok(Self::from_seed(&root)?.derive(junctions))
    }

    /// From a secret as polkadot-js and this wallet's file keep it: an expanded key in Ed25519
    /// form, and its nonce.
    ///
    /// # Errors
    ///
    /// [`KeyError::Secret`].
    pub fn from_secret(secret: &Secret<64>) -> Result<Self, KeyError> {
        SecretKey::from_ed25519_bytes(secret.expose()).map(Self::from).map_err(|_| KeyError::Secret)
    }

    /// The key made from a 32-byte seed, as `sp_core::sr25519::Pair::from_seed` makes it.
    ///
    /// # Errors
    ///
    /// [`KeyError::Seed`].
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        MiniSecretKey::from_bytes(seed)
            .map(|mini| Self::from(mini.expand(ExpansionMode::Ed25519)))
            .map_err(|_| KeyError::Seed)
    }

    /// The secret in the form of [`Pair::from_secret`].
    pub fn secret(&self) -> Secret<64> {
        self.0.secret.to_ed25519_bytes().into()
    }

    /// The key below this one, along the junctions.
    pub fn derive(&self, junctions: impl IntoIterator<Item = DeriveJunction>) -> Self {
        let derived =
            junctions.into_iter().fold(self.0.secret.clone(), |key, junction| match junction {
                DeriveJunction::Soft(code) => key.derived_key_simple(ChainCode(code), []).0,
                DeriveJunction::Hard(code) => {
                    derive_hard(&key, code).expand(ExpansionMode::Ed25519)
                }
            });
        Self::from(derived)
    }

    /// The account that this key signs for.
    pub fn account(&self) -> AccountId32 {
        AccountId32(self.0.public.to_bytes())
    }

    /// Signs a message as the chain verifies it.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let context = schnorrkel::signing_context(SIGNING_CONTEXT);
        self.0.sign(context.bytes(message)).to_bytes()
    }
}

impl From<SecretKey> for Pair {
    fn from(secret: SecretKey) -> Self {
        Self(secret.into())
    }
}

impl<C: Config<AccountId = AccountId32, Signature = MultiSignature>> subxt::tx::Signer<C> for Pair {
    fn account_id(&self) -> AccountId32 {
        self.account()
    }

    fn sign(&self, payload: &[u8]) -> MultiSignature {
        MultiSignature::Sr25519(Pair::sign(self, payload))
    }
}

/// A new mnemonic of 12 words.
pub fn new_mnemonic() -> SecretText {
    let entropy = Secret::<ENTROPY_BYTES>::random();
    Mnemonic::from_entropy(entropy.expose())
        .expect("16 bytes are an entropy length of BIP-39")
        .to_string()
        .into()
}

/// The seed that alone makes the key of a secret URI: see [`Pair::from_seed`]. Neither mnemonic nor
/// password nor the keys above it follow from it. With `0x` before its 64 hex digits it is a secret
/// URI itself.
///
/// # Errors
///
/// [`KeyError::Soft`] if the key has none, and what [`Pair::from_suri`] says.
pub fn seed_of(suri: &str) -> Result<Secret<32>, KeyError> {
    let (root, junctions) = root_and_path(suri)?;
    match junctions.split_last() {
        None => Ok((*root).into()),
        Some((DeriveJunction::Soft(_), _)) => Err(KeyError::Soft),
        // What a hard junction gives is a seed, whatever the junctions above it are.
        Some((DeriveJunction::Hard(code), above)) => {
            let parent = Pair::from_seed(&root)?.derive(above.iter().copied());
            Ok(derive_hard(&parent.0.secret, *code).to_bytes().into())
        }
    }
}

/// The seed that a secret URI begins with, and the junctions that follow.
fn root_and_path(suri: &str) -> Result<(Zeroizing<[u8; 32]>, Vec<DeriveJunction>), KeyError> {
    let suri = suri.trim();
    require_phrase(suri)?;
    let uri = SecretUri::from_str(suri).map_err(|_| KeyError::Form)?;
    let phrase = uri.phrase.expose_secret();
    let root = match phrase.strip_prefix("0x") {
        Some(digits) => {
            let mut seed = Zeroizing::new([0; 32]);
            hex::decode_to_slice(digits, seed.as_mut()).map_err(|_| KeyError::Seed)?;
            seed
        }
        None => seed_of_phrase(phrase, uri.password.as_ref().map(|p| p.expose_secret()))?,
    };
    Ok((root, uri.junctions))
}

fn derive_hard(key: &SecretKey, code: [u8; 32]) -> MiniSecretKey {
    key.hard_derive_mini_secret_key(Some(ChainCode(code)), b"").0
}

/// Refuses texts without a phrase. `//Alice` says that a key of the development phrase is meant; an
/// empty variable or file says nothing, and would give a key that everybody knows.
fn require_phrase(suri: &str) -> Result<(), KeyError> {
    let development = suri
        .strip_prefix("//")
        .is_some_and(|name| !matches!(name.bytes().next(), None | Some(b'/')));
    match suri.starts_with('/') || suri.is_empty() {
        true if !development => Err(KeyError::Empty),
        _ => Ok(()),
    }
}

/// The first half of the BIP-39 seed taken from the entropy itself, which is how Substrate does it.
fn seed_of_phrase(phrase: &str, password: Option<&str>) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mnemonic = Mnemonic::parse_normalized(phrase)
        .map_err(|error| KeyError::Mnemonic(error.to_string()))?;
    let (entropy, length) = mnemonic.to_entropy_array();
    let entropy = Zeroizing::new(entropy);
    let salt = Zeroizing::new(format!("mnemonic{}", password.unwrap_or_default()));
    let mut seed = Zeroizing::new([0; 64]);
    pbkdf2_hmac::<Sha512>(&entropy[..length], salt.as_bytes(), SEED_ROUNDS, seed.as_mut());
    let mut half = Zeroizing::new([0; 32]);
    half.copy_from_slice(&seed[..32]);
    Ok(half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use subxt_signer::sr25519::{verify, Keypair, PublicKey, Signature};

    const SURIS: [&str; 7] = [
        "//Alice",
        "//Alice/soft//hard/7",
        "bottom drive obey lake curtain smoke basket hold race lonely fit walk",
        "bottom drive obey lake curtain smoke basket hold race lonely fit walk//cso///password",
        "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a",
        "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a//a//0001/b",
        "caution juice atom organ advance problem want pledge someone senior holiday very",
    ];

    #[test]
    fn derives_what_subxt_derives() {
        for suri in SURIS {
            let theirs = Keypair::from_uri(&SecretUri::from_str(suri).unwrap()).unwrap();
            let ours = Pair::from_suri(suri).unwrap();
            assert_eq!(ours.account().0, theirs.public_key().0, "{suri}");
        }
    }

    #[test]
    fn signatures_verify_as_subxt_verifies() {
        let pair = Pair::from_suri("//Alice").unwrap();
        let signature = Signature(pair.sign(b"message"));
        let public = PublicKey(pair.account().0);
        assert!(verify(&signature, b"message", &public));
        assert!(!verify(&signature, b"other", &public));
    }

    #[test]
    fn secret_makes_the_same_pair() {
        for suri in SURIS {
            let pair = Pair::from_suri(suri).unwrap();
            let again = Pair::from_secret(&pair.secret()).unwrap();
            assert_eq!(again.account(), pair.account(), "{suri}");
            let public = PublicKey(pair.account().0);
            assert!(verify(&Signature(again.sign(b"x")), b"x", &public), "{suri}");
        }
    }

    #[test]
    fn derivation_from_the_secret_continues_the_path() {
        let parent = Pair::from_secret(&Pair::from_suri("//Alice").unwrap().secret()).unwrap();
        let child = parent.derive([DeriveJunction::hard("cso"), DeriveJunction::hard(3u64)]);
        assert_eq!(child.account(), Pair::from_suri("//Alice//cso//3").unwrap().account());
    }

    #[test]
    fn the_seed_alone_makes_the_same_account() {
        let phrase = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
        for suri in [
            phrase.to_owned(),
            format!("{phrase}//cso//worker///password"),
            // The soft junction lies above a hard one.
            "//Alice/soft//hard".to_owned(),
            "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a".to_owned(),
        ] {
            let account = Pair::from_suri(&suri).unwrap().account();
            let seed = seed_of(&suri).unwrap();
            assert_eq!(Pair::from_seed(seed.expose()).unwrap().account(), account, "{suri}");
            // As the node's keystore reads it.
            let text = format!("0x{}", hex::encode(seed.expose()));
            assert_eq!(Pair::from_suri(&text).unwrap().account(), account, "{suri}");
        }
    }

    #[test]
    fn a_key_whose_path_ends_soft_has_no_seed() {
        for suri in ["//Alice/soft", "//Alice//hard/soft/softer"] {
            assert_eq!(seed_of(suri).err(), Some(KeyError::Soft), "{suri}");
        }
        assert_eq!(seed_of("").err(), Some(KeyError::Empty));
    }

    #[test]
    fn new_mnemonics_differ_and_are_valid() {
        let (one, two) = (new_mnemonic(), new_mnemonic());
        assert_ne!(one.expose(), two.expose());
        assert_eq!(one.expose().split(' ').count(), 12);
        assert!(Pair::from_suri(one.expose()).is_ok());
    }

    #[test]
    fn nothing_is_no_key() {
        for suri in ["", " ", "\n", "/", "//", "///", "///password", "/soft"] {
            assert_eq!(Pair::from_suri(suri).err(), Some(KeyError::Empty), "{suri:?}");
        }
    }

    #[test]
    fn refuses_what_is_no_key() {
        for suri in [
            "bottom drive obey lake curtain smoke basket hold race lonely fit fit",
            "not a mnemonic",
            "0x1234",
            "!",
        ] {
            assert!(Pair::from_suri(suri).is_err(), "{suri}");
        }
        assert!(Pair::from_secret(&[0xff; 64].into()).is_err());
    }
}
