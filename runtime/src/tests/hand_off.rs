// SPDX-License-Identifier: Apache-2.0

//! Who may put a record into an expert's pool, and that nothing gets from there onto the chain.

use codec::Encode;
use frame_support::{assert_ok, traits::fungible::MutateHold};
use sp_core::{sr25519, Pair};
use sp_hop::runtime_decl_for_hop_runtime_api::HopRuntimeApi;
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::{transaction_validity::TransactionSource, MultiSignature, MultiSigner};

use super::{begin_block, on_chain, submit};
use crate::{
    constants::currency::{EXISTENTIAL_DEPOSIT, UNIT},
    genesis_presets::DEV,
    AccountId, Balance, Balances, Block, Executive, Runtime, RuntimeHoldReason, System,
};

fn may_hand_off(who: &AccountId) -> bool {
    <Runtime as HopRuntimeApi<Block, AccountId>>::can_account_promote(who.clone(), 1)
}

fn account_with(amount: Balance) -> AccountId {
    let who = AccountId::new([9; 32]);
    let give =
        pallet_balances::Call::transfer_allow_death { dest: who.clone().into(), value: amount };
    assert_eq!(submit(Alice, give), Ok(Ok(())));
    who
}

#[test]
fn an_account_with_one_coin_may_hand_off_and_one_with_less_may_not() {
    on_chain(DEV, || {
        begin_block(1);
        assert!(!may_hand_off(&AccountId::new([9; 32])));
        let who = account_with(UNIT - 1);
        assert!(!may_hand_off(&who));
        account_with(EXISTENTIAL_DEPOSIT);
        assert!(may_hand_off(&who));
    });
}

#[test]
fn a_fee_on_hold_is_enough() {
    on_chain(DEV, || {
        begin_block(1);
        let who = account_with(UNIT / 2);
        assert!(!may_hand_off(&who));
        let fee = RuntimeHoldReason::Consultations(pallet_consultations::HoldReason::Fee);
        assert_ok!(Balances::hold(&fee, &who, UNIT / 10));
        assert!(may_hand_off(&who));
        // Not part of a consultation, so that the state check after this test finds none missing.
        assert_ok!(Balances::release(
            &fee,
            &who,
            UNIT / 10,
            frame_support::traits::tokens::Precision::Exact
        ));
    });
}

#[test]
fn a_chunk_of_four_mebibytes_is_the_largest() {
    on_chain(DEV, || {
        let largest = <Runtime as HopRuntimeApi<Block, AccountId>>::max_promotion_size();
        assert_eq!(largest, 4 * 1024 * 1024);
    });
}

#[test]
fn a_promotion_is_refused_by_the_transaction_pool_and_by_a_block() {
    on_chain(DEV, || {
        begin_block(1);
        let pair = sr25519::Pair::from_seed(&[1; 32]);
        let promotion = <Runtime as HopRuntimeApi<Block, AccountId>>::create_promotion_extrinsic(
            b"a record".to_vec(),
            MultiSigner::Sr25519(pair.public()),
            MultiSignature::Sr25519(pair.sign(b"a record")),
            0,
        );
        assert!(!promotion.encode().windows(8).any(|bytes| bytes == b"a record"));
        let validity = Executive::validate_transaction(
            TransactionSource::Local,
            promotion.clone(),
            System::parent_hash(),
        );
        assert!(validity.is_err(), "{validity:?}");
        assert!(Executive::apply_extrinsic(promotion).is_err());
    });
}
