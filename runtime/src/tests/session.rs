// SPDX-License-Identifier: Apache-2.0

//! Session keys, and how the board changes the set of validators.

use codec::{Decode, Encode};
use sp_core::crypto::key_types;
use sp_keyring::Sr25519Keyring;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};

use super::{begin_block, check_state, genesis_of, on_chain, run_to_block, submit};
use crate::{configs::consensus::SessionPeriod, genesis_presets::LOCAL, Session, SessionKeys};

/// Runs `test` where session keys can be made.
fn with_keystore(test: impl FnOnce()) {
    let mut externalities = sp_io::TestExternalities::new(genesis_of(LOCAL));
    externalities.register_extension(KeystoreExt::new(MemoryKeystore::new()));
    externalities.execute_with(test);
}

#[test]
fn session_keys_are_aura_and_grandpa_and_decode_to_what_was_generated() {
    with_keystore(|| {
        let generated = SessionKeys::generate(&[1; 32], None).keys.encode();
        let raw = SessionKeys::decode_into_raw_public_keys(&generated).expect("they decode");
        let kinds: Vec<_> = raw.iter().map(|(_, kind)| *kind).collect();
        assert_eq!(kinds, [key_types::AURA, key_types::GRANDPA]);
        assert!(SessionKeys::decode(&mut &generated[..]).is_ok());
        assert!(SessionKeys::decode_into_raw_public_keys(&generated[1..]).is_none());
    });
}

#[test]
fn an_admitted_validator_joins_two_sessions_later_and_a_retired_one_leaves() {
    with_keystore(|| {
        let [alice, bob, charlie] =
            [Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie]
                .map(|who| who.to_account_id());
        let period = SessionPeriod::get();
        begin_block(1);

        let generated = SessionKeys::generate(&charlie.encode(), None);
        let set_keys = pallet_session::Call::set_keys {
            keys: generated.keys,
            proof: generated.proof.encode(),
        };
        assert_eq!(submit(Sr25519Keyring::Charlie, set_keys), Ok(Ok(())));
        let admit = pallet_validators::Call::admit { validator: charlie.clone() };
        assert_eq!(submit(Sr25519Keyring::Bob, admit), Ok(Ok(())));
        assert_eq!(Session::validators(), [alice.clone(), bob.clone()]);

        run_to_block(1, 2 * period);
        assert_eq!(Session::validators(), [alice.clone(), bob.clone(), charlie.clone()]);

        // A block that begins a session has no room for transactions.
        run_to_block(2 * period, 2 * period + 1);
        let retire = pallet_validators::Call::retire { validator: alice };
        assert_eq!(submit(Sr25519Keyring::Alice, retire), Ok(Ok(())));
        run_to_block(2 * period + 1, 4 * period);
        assert_eq!(Session::validators(), [bob, charlie]);
        check_state();
    });
}

#[test]
fn who_is_not_on_the_board_admits_nobody() {
    on_chain(LOCAL, || {
        begin_block(1);
        let admit =
            pallet_validators::Call::admit { validator: Sr25519Keyring::Dave.to_account_id() };
        assert_eq!(
            submit(Sr25519Keyring::Dave, admit),
            Ok(Err(sp_runtime::DispatchError::BadOrigin))
        );
    });
}

#[test]
fn one_member_cannot_change_who_is_on_the_board() {
    on_chain(LOCAL, || {
        begin_block(1);
        let remove = pallet_membership::Call::remove_member {
            who: Sr25519Keyring::Bob.to_account_id().into(),
        };
        let call = crate::RuntimeCall::Board(remove);
        assert_eq!(
            submit(Sr25519Keyring::Alice, call),
            Ok(Err(sp_runtime::DispatchError::BadOrigin))
        );
    });
}
