// SPDX-License-Identifier: Apache-2.0
//! Accounts as polkadot-js exports and imports them: a PKCS#8-like key, sealed with a password.
//!
//! Layout of `encoded`, version 3 (base64): scrypt salt (32), then N, p, r as little-endian `u32`,
//! the nonce (24), and the XSalsa20-Poly1305 box of `header (16) | secret (64) | divider (5) |
//! public key (32)`.

use crate::keys::{KeyError, Pair};
use crate::secret::Secret;
use base64::{engine::general_purpose::STANDARD, Engine as _};
use crypto_secretbox::{
    aead::{Aead, KeyInit},
    Key, Nonce, XSalsa20Poly1305,
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use subxt::utils::AccountId32;
use zeroize::Zeroizing;

/// First bytes of the sealed text: PKCS#8 with the Ed25519 object identifier, which polkadot-js
/// uses for sr25519 too.
const HEADER: [u8; 16] = [48, 83, 2, 1, 1, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
/// Between secret and public key.
const DIVIDER: [u8; 5] = [161, 35, 3, 33, 0];
/// Length of the sealed text.
const PLAIN: usize = HEADER.len() + 64 + DIVIDER.len() + 32;
/// Length of salt, scrypt parameters and nonce.
const PREFIX: usize = 32 + 3 * 4 + 24;
/// scrypt cost `(log2 N, p, r)` of what is written: the one that every version of polkadot-js
/// reads.
const COST: (u8, u32, u32) = (15, 1, 8);
/// What polkadot-js accepts. Anything else could be made to eat memory.
const ALLOWED: [(u8, u32, u32); 6] =
    [(13, 10, 8), (14, 5, 8), (15, 3, 8), COST, (16, 2, 8), (17, 1, 8)];

/// Why a file is no account, or not ours to open.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolkadotJsError {
    /// Not JSON of this form.
    #[error("this is no polkadot-js account file: {0}")]
    Form(String),
    /// Another key type or version.
    #[error("only sr25519 accounts of version 3 are read; this is `{0}`")]
    Encoding(String),
    /// scrypt parameters that polkadot-js doesn't use.
    #[error("the file's scrypt parameters are none that polkadot-js writes")]
    Cost,
    /// The box doesn't open.
    #[error("wrong password for this account file")]
    Password,
    /// The box opens, but what is in it is no account, or another one than the file says.
    #[error("the account file holds another key than its address says")]
    Mismatch,
    /// The secret is no sr25519 key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

#[derive(Serialize, Deserialize)]
struct File {
    encoded: String,
    encoding: Encoding,
    address: String,
    #[serde(default)]
    meta: Meta,
}

#[derive(Serialize, Deserialize)]
struct Encoding {
    content: Vec<String>,
    r#type: Vec<String>,
    version: String,
}

#[derive(Serialize, Deserialize, Default)]
struct Meta {
    #[serde(default)]
    name: String,
    #[serde(rename = "whenCreated", default)]
    when_created: i64,
}

/// Writes the account as a JSON text that polkadot-js imports with that password.
pub fn encrypt(pair: &Pair, name: &str, password: &str, now_ms: i64) -> String {
    let salt = Secret::<32>::random();
    let nonce = Secret::<24>::random();
    let (log_n, p, r) = COST;

    let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN));
    plain.extend_from_slice(&HEADER);
    plain.extend_from_slice(pair.secret().expose());
    plain.extend_from_slice(&DIVIDER);
    plain.extend_from_slice(&pair.account().0);

    let boxed = cipher(password, salt.expose(), COST)
        .encrypt(Nonce::from_slice(nonce.expose()), plain.as_slice())
        .expect("117 bytes are within the cipher's limit");

    let mut encoded = Vec::with_capacity(PREFIX + boxed.len());
    encoded.extend_from_slice(salt.expose());
    encoded.extend_from_slice(&(1u32 << log_n).to_le_bytes());
    encoded.extend_from_slice(&p.to_le_bytes());
    encoded.extend_from_slice(&r.to_le_bytes());
    encoded.extend_from_slice(nonce.expose());
    encoded.extend_from_slice(&boxed);

    let strings = |list: [&str; 2]| list.map(str::to_owned).to_vec();
    let file = File {
        encoded: STANDARD.encode(encoded),
        encoding: Encoding {
            content: strings(["pkcs8", "sr25519"]),
            r#type: strings(["scrypt", "xsalsa20-poly1305"]),
            version: "3".into(),
        },
        address: pair.account().to_string(),
        meta: Meta { name: name.into(), when_created: now_ms },
    };
    serde_json::to_string_pretty(&file).expect("strings and numbers always become JSON")
}

/// Opens an account file of polkadot-js.
///
/// # Errors
///
/// [`PolkadotJsError`] if it is none, or the password is wrong.
pub fn decrypt(json: &str, password: &str) -> Result<Pair, PolkadotJsError> {
    let form = |what: &str| PolkadotJsError::Form(what.to_owned());
    let file: File = serde_json::from_str(json).map_err(|error| form(&error.to_string()))?;
    let has = |list: &[String], what: &str| list.iter().any(|entry| entry == what);
    if file.encoding.version != "3"
        || !has(&file.encoding.content, "pkcs8")
        || !has(&file.encoding.content, "sr25519")
        || !has(&file.encoding.r#type, "scrypt")
        || !has(&file.encoding.r#type, "xsalsa20-poly1305")
    {
        let Encoding { content, r#type, version } = file.encoding;
        return Err(PolkadotJsError::Encoding(format!(
            "{}, {}, version {version}",
            content.join(" "),
            r#type.join(" ")
        )));
    }
    let encoded =
        STANDARD.decode(file.encoded.trim()).map_err(|_| form("`encoded` is no base64"))?;
    let (prefix, boxed) =
        encoded.split_at_checked(PREFIX).ok_or_else(|| form("`encoded` is too short"))?;
    let (salt, rest) = prefix.split_at(32);
    let (cost, nonce) = rest.split_at(12);
    let word = |at: usize| {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&cost[at..at + 4]);
        u32::from_le_bytes(bytes)
    };
    let (n, p, r) = (word(0), word(4), word(8));
    let cost = *ALLOWED
        .iter()
        .find(|&&(log_n, ours_p, ours_r)| (1u32 << log_n, ours_p, ours_r) == (n, p, r))
        .ok_or(PolkadotJsError::Cost)?;

    let plain = cipher(password, salt, cost)
        .decrypt(Nonce::from_slice(nonce), boxed)
        .map(Zeroizing::new)
        .map_err(|_| PolkadotJsError::Password)?;
    let secret = plain
        .strip_prefix(&HEADER)
        .and_then(|rest| rest.split_first_chunk::<64>())
        .filter(|(_, rest)| rest.len() == DIVIDER.len() + 32 && rest.starts_with(&DIVIDER))
        .ok_or(PolkadotJsError::Mismatch)?;
    let pair = Pair::from_secret(&Secret::from(*secret.0))?;
    let address = AccountId32::from_str(&file.address).map_err(|_| PolkadotJsError::Mismatch)?;
    if pair.account() != address || secret.1[DIVIDER.len()..] != pair.account().0 {
        return Err(PolkadotJsError::Mismatch);
    }
    Ok(pair)
}

fn cipher(password: &str, salt: &[u8], (log_n, p, r): (u8, u32, u32)) -> XSalsa20Poly1305 {
    let params =
        scrypt::Params::new(log_n, r, p, 32).expect("the allowed costs are valid for scrypt");
    let mut key = Zeroizing::new([0; 32]);
    scrypt::scrypt(password.as_bytes(), salt, &params, key.as_mut())
        .expect("32 bytes are a valid output length");
    XSalsa20Poly1305::new(Key::from_slice(key.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subxt_opens_what_we_write() {
        for suri in [
            "//Alice",
            "//Bob/soft",
            "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a",
        ] {
            let pair = Pair::from_suri(suri).unwrap();
            let json = encrypt(&pair, "anna", "correct horse", 1_700_000_000_000);
            let theirs =
                subxt_signer::polkadot_js_compat::decrypt_json(&json, "correct horse").unwrap();
            assert_eq!(theirs.public_key().0, pair.account().0, "{suri}");
        }
    }

    #[test]
    fn opens_what_polkadot_js_wrote() {
        // polkadot-js' export of //Alice: a vector that subxt-signer tests itself with, too.
        let json = r#"{
          "encoded": "DumgApKCTqoCty1OZW/8WS+sgo6RdpHhCwAkA2IoDBMAgAAAAQAAAAgAAAB6IG/q24EeVf0JqWqcBd5m2tKq5BlyY84IQ8oamLn9DZe9Ouhgunr7i36J1XxUnTI801axqL/ym1gil0U8440Qvj0lFVKwGuxq38zuifgoj0B3Yru0CI6QKEvQPU5xxj4MpyxdSxP+2PnTzYao0HDH0fulaGvlAYXfqtU89xrx2/z9z7IjSwS3oDFPXRQ9kAdDebtyCVreZ9Otw9v3",
          "encoding": {"content": ["pkcs8", "sr25519"], "type": ["scrypt", "xsalsa20-poly1305"], "version": "3"},
          "address": "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
          "meta": {"genesisHash": "", "name": "Alice", "whenCreated": 1718265838755}
        }"#;
        let alice = Pair::from_suri("//Alice").unwrap();
        assert_eq!(decrypt(json, "whoisalice").unwrap().account(), alice.account());
        assert!(matches!(decrypt(json, "whoisbob"), Err(PolkadotJsError::Password)));
    }

    #[test]
    fn round_trip_keeps_the_secret() {
        let pair = Pair::from_suri("//Alice//stash").unwrap();
        let again = decrypt(&encrypt(&pair, "x", "pw", 0), "pw").unwrap();
        assert_eq!(again.secret().expose(), pair.secret().expose());
    }

    #[test]
    fn refuses_files_that_are_no_account() {
        let good = encrypt(&Pair::from_suri("//Alice").unwrap(), "x", "pw", 0);
        let edit = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut value: serde_json::Value = serde_json::from_str(&good).unwrap();
            change(&mut value);
            decrypt(&value.to_string(), "pw").err().unwrap()
        };
        assert!(matches!(decrypt("{}", "pw"), Err(PolkadotJsError::Form(_))));
        assert!(matches!(edit(&|v| v["encoded"] = "AAAA".into()), PolkadotJsError::Form(_)));
        assert!(matches!(edit(&|v| v["encoded"] = "%".into()), PolkadotJsError::Form(_)));
        assert!(matches!(
            edit(&|v| v["encoding"]["version"] = "2".into()),
            PolkadotJsError::Encoding(_)
        ));
        assert!(matches!(
            edit(&|v| v["encoding"]["content"][1] = "ed25519".into()),
            PolkadotJsError::Encoding(_)
        ));
        let bob = Pair::from_suri("//Bob").unwrap().account().to_string();
        assert!(matches!(edit(&|v| v["address"] = bob.clone().into()), PolkadotJsError::Mismatch));
        assert!(matches!(
            edit(&|v| {
                let mut bytes = STANDARD.decode(v["encoded"].as_str().unwrap()).unwrap();
                bytes[32..36].copy_from_slice(&(1u32 << 24).to_le_bytes());
                v["encoded"] = STANDARD.encode(bytes).into();
            }),
            PolkadotJsError::Cost
        ));
    }
}
