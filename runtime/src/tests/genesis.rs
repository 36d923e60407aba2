// SPDX-License-Identifier: Apache-2.0

//! What the chains `dev` and `local` begin with.

use frame_support::traits::fungible::Inspect;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

use super::on_chain;
use crate::{
    genesis_presets::{self, DEV, ENDOWMENT, LOCAL},
    AccountId, Balances, Grandpa, Runtime, Session,
};

fn accounts(of: &[Sr25519Keyring]) -> Vec<AccountId> {
    of.iter().map(|who| who.to_account_id()).collect()
}

fn board() -> Vec<AccountId> {
    pallet_membership::Members::<Runtime, pallet_membership::Instance1>::get().into_inner()
}

#[test]
fn dev_has_one_validator_who_is_the_board_and_holds_the_sudo_key() {
    on_chain(DEV, || {
        let alice = accounts(&[Sr25519Keyring::Alice]);
        assert_eq!(Session::validators(), alice);
        assert_eq!(board(), alice);
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), alice.first().cloned());
    });
}

#[test]
fn local_has_two_validators_a_board_of_three_and_no_sudo() {
    on_chain(LOCAL, || {
        assert_eq!(Session::validators(), accounts(&[Sr25519Keyring::Alice, Sr25519Keyring::Bob]));
        let mut expected =
            accounts(&[Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie]);
        expected.sort();
        assert_eq!(board(), expected);
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
    });
}

#[test]
fn validators_of_a_preset_write_and_finalise_blocks_from_the_first_one() {
    on_chain(LOCAL, || {
        let aura: Vec<_> = pallet_aura::Authorities::<Runtime>::get().into_inner();
        assert_eq!(aura, [Sr25519Keyring::Alice, Sr25519Keyring::Bob].map(|k| k.public().into()));
        let grandpa: Vec<_> =
            Grandpa::grandpa_authorities().into_iter().map(|(key, _)| key).collect();
        assert_eq!(
            grandpa,
            [Ed25519Keyring::Alice, Ed25519Keyring::Bob].map(|k| k.public().into())
        );
    });
}

#[test]
fn well_known_accounts_are_endowed_in_both_presets() {
    for preset in [DEV, LOCAL] {
        on_chain(preset, || {
            assert_eq!(Balances::total_issuance(), 6 * ENDOWMENT);
            assert_eq!(Balances::total_balance(&Sr25519Keyring::Ferdie.to_account_id()), ENDOWMENT);
        });
    }
}

#[test]
fn an_unknown_preset_is_none() {
    assert!(genesis_presets::get_preset(&"mainnet".into()).is_none());
    assert_eq!(genesis_presets::preset_names(), [DEV, LOCAL]);
}
