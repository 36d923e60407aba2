// SPDX-License-Identifier: Apache-2.0
//! Addresses: accounts as text, in this network's form.

use std::str::FromStr;
use subxt::utils::AccountId32;

/// An account of the chain. Its text is an SS58 address.
pub type AccountId = AccountId32;

/// Why a text is no address, although it looks like one.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressError {
    /// As long as an address and in its alphabet, but it doesn't decode.
    #[error("`{0}` is no address: a letter is wrong or missing")]
    Mistyped(String),
    /// An address with another network's prefix.
    #[error("`{found}` is an address in another network's form; here the same account is {here}")]
    OtherNetwork {
        /// What was given.
        found: String,
        /// The same account's address on this network.
        here: String,
    },
}

/// Reads an SS58 address of this network; `None` if the text can't be an address, but may be a
/// name.
///
/// # Errors
///
/// [`AddressError`] for a mistyped address and for another network's.
pub fn parse_address(text: &str) -> Result<Option<AccountId>, AddressError> {
    let Ok(account) = AccountId::from_str(text) else {
        // Long and in the alphabet of addresses, but it doesn't decode: a typo, not a name.
        let alphabet = text.len() > 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if alphabet {
            return Err(AddressError::Mistyped(text.to_owned()));
        }
        return Ok(None);
    };
    let here = account.to_string();
    if here != text {
        return Err(AddressError::OtherNetwork { found: text.to_owned(), here });
    }
    Ok(Some(account))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    #[test]
    fn addresses_are_told_from_names() {
        assert_eq!(parse_address(ALICE).unwrap().unwrap().to_string(), ALICE);
        assert!(parse_address("anna").unwrap().is_none());
    }

    #[test]
    fn mistyped_and_foreign_addresses_are_refused() {
        let typo = ALICE.replace("5Grw", "5Grv");
        assert!(matches!(parse_address(&typo), Err(AddressError::Mistyped(_))));
        // The same key in Polkadot's form, with prefix 0.
        let foreign = "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5";
        let error = parse_address(foreign).unwrap_err().to_string();
        assert!(error.contains(ALICE), "{error}");
    }
}
