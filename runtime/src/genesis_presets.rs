// SPDX-License-Identifier: Apache-2.0

//! The chains this runtime can start by itself: `dev` and `local`. A real network has a chain
//! specification of its own.
//!
//! | preset | validators | board | sudo |
//! |---|---|---|---|
//! | `dev` | Alice | Alice | Alice |
//! | `local` | Alice, Bob | Alice, Bob, Charlie | nobody |
//!
//! The keys of these people are public knowledge: both chains are for trying things out.

use alloc::{string::ToString, vec, vec::Vec};

use frame_support::build_struct_json_patch;
use serde_json::Value;
use sp_genesis_builder::PresetId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

use crate::{
    constants::currency::UNIT, AccountId, Balance, BalancesConfig, BoardConfig,
    RuntimeGenesisConfig, SessionConfig, SessionKeys, SudoConfig, ValidatorsConfig,
};

/// One validator, one board member and a sudo key, all Alice: `cso-node --dev`.
pub const DEV: &str = "dev";
/// Two validators and a board of three: `cso-node --chain local --alice` and `--bob`.
pub const LOCAL: &str = "local";

/// What each of the six well-known accounts owns at the beginning.
pub const ENDOWMENT: Balance = 1_000_000 * UNIT;

/// The well-known accounts: Alice, Bob, Charlie, Dave, Eve and Ferdie.
const WELL_KNOWN: [Sr25519Keyring; 6] = [
    Sr25519Keyring::Alice,
    Sr25519Keyring::Bob,
    Sr25519Keyring::Charlie,
    Sr25519Keyring::Dave,
    Sr25519Keyring::Eve,
    Sr25519Keyring::Ferdie,
];

/// A validator of a preset: the account and the keys that `--alice` or `--bob` puts into the node's
/// keystore.
struct Validator {
    account: AccountId,
    keys: SessionKeys,
}

impl Validator {
    fn new(aura: Sr25519Keyring, grandpa: Ed25519Keyring) -> Self {
        Self {
            account: aura.to_account_id(),
            keys: SessionKeys { aura: aura.public().into(), grandpa: grandpa.public().into() },
        }
    }
}

fn genesis(validators: Vec<Validator>, board: &[Sr25519Keyring], sudo: Option<AccountId>) -> Value {
    let mut members: Vec<AccountId> = board.iter().map(|who| who.to_account_id()).collect();
    members.sort();
    build_struct_json_patch!(RuntimeGenesisConfig {
        balances: BalancesConfig {
            balances: WELL_KNOWN.iter().map(|who| (who.to_account_id(), ENDOWMENT)).collect(),
        },
        validators: ValidatorsConfig {
            validators: validators.iter().map(|v| v.account.clone()).collect(),
        },
        session: SessionConfig {
            keys: validators.into_iter().map(|v| (v.account.clone(), v.account, v.keys)).collect(),
        },
        board: BoardConfig {
            members: members.try_into().expect("a preset's board has at most three members; qed"),
        },
        sudo: SudoConfig { key: sudo },
    })
}

fn dev() -> Value {
    genesis(
        vec![Validator::new(Sr25519Keyring::Alice, Ed25519Keyring::Alice)],
        &[Sr25519Keyring::Alice],
        Some(Sr25519Keyring::Alice.to_account_id()),
    )
}

fn local() -> Value {
    genesis(
        vec![
            Validator::new(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
            Validator::new(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
        ],
        &[Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie],
        None,
    )
}

/// The preset `id` as JSON, to be laid over the runtime's default genesis; `None` if there is no
/// such preset.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
    let patch = match id.as_str() {
        DEV => dev(),
        LOCAL => local(),
        _ => return None,
    };
    Some(patch.to_string().into_bytes())
}

/// The names of all presets.
pub fn preset_names() -> Vec<PresetId> {
    vec![PresetId::from(DEV), PresetId::from(LOCAL)]
}
