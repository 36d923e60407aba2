// SPDX-License-Identifier: Apache-2.0

//! A consultation in whole blocks, with signed transactions and fees: the pallets as this runtime
//! joins them.

use frame_support::traits::{fungible::Inspect, fungible::InspectHold, Get};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave};
use sp_runtime::transaction_validity::TransactionSource;

use super::{begin_block, on_chain, run_to_block, signed, submit};
use crate::{
    configs::consultations::{MinTerm, StorageDeposit},
    constants::currency::UNIT,
    genesis_presets::LOCAL,
    AccountId, Balance, Balances, Consultations, Executive, RuntimeCall, RuntimeHoldReason, System,
};

/// The first consultation of a chain.
const FIRST: u64 = 0;
const PRICE: Balance = 5 * UNIT;

/// In block 1: Charlie becomes an expert, Dave signs for him, and Alice accredits him for the
/// board.
fn accredited_expert() {
    begin_block(1);
    let apply = pallet_experts::Call::apply {
        endpoint: b"wss://charlie.example".to_vec().try_into().expect("it is short"),
        sealing_key: Box::new(cso_primitives::SealingPublicKey::repeat(7)),
        workers: vec![Dave.to_account_id()].try_into().expect("it is one"),
        price: PRICE,
    };
    assert_eq!(submit(Charlie, apply), Ok(Ok(())));
    let accredit = pallet_experts::Call::accredit { expert: Charlie.to_account_id(), until: 1_000 };
    assert_eq!(submit(Alice, accredit), Ok(Ok(())));
}

fn request_until(deadline: u32) -> RuntimeCall {
    pallet_consultations::Call::request {
        expert: Charlie.to_account_id(),
        record: Default::default(),
        envelope: vec![1; 10 * 1024].try_into().expect("the longest envelope"),
        fee: PRICE,
        deadline,
    }
    .into()
}

fn deliver(id: u64) -> RuntimeCall {
    pallet_consultations::Call::deliver {
        id,
        answer: vec![2; 72 * 1024].try_into().expect("the longest answer"),
        note: vec![3; 6 * 1024].try_into().expect("the longest note"),
    }
    .into()
}

fn owned(who: Sr25519Keyring) -> Balance {
    Balances::total_balance(&who.to_account_id())
}

fn held(who: Sr25519Keyring, reason: pallet_consultations::HoldReason) -> Balance {
    let account: AccountId = who.to_account_id();
    Balances::balance_on_hold(&RuntimeHoldReason::Consultations(reason), &account)
}

#[test]
fn the_fee_moves_from_patient_to_expert_when_the_opinion_is_accepted() {
    on_chain(LOCAL, || {
        accredited_expert();
        assert_eq!(submit(Bob, request_until(100)), Ok(Ok(())));
        assert_eq!(held(Bob, pallet_consultations::HoldReason::Fee), PRICE);
        assert_eq!(submit(Dave, deliver(FIRST)), Ok(Ok(())));

        let expert_before = owned(Charlie);
        let accept = pallet_consultations::Call::accept { id: FIRST };
        assert_eq!(submit(Bob, accept), Ok(Ok(())));
        assert_eq!(owned(Charlie), expert_before + PRICE);

        let erase = pallet_consultations::Call::erase { id: FIRST };
        assert_eq!(submit(Bob, erase), Ok(Ok(())));
        assert_eq!(held(Bob, pallet_consultations::HoldReason::Fee), 0);
        assert_eq!(held(Bob, pallet_consultations::HoldReason::Deposit), 0);
        assert_eq!(Consultations::job(FIRST), None);
    });
}

#[test]
fn the_largest_opinion_fits_a_block_and_is_free() {
    on_chain(LOCAL, || {
        accredited_expert();
        assert_eq!(submit(Bob, request_until(100)), Ok(Ok(())));
        let worker_before = owned(Dave);
        assert_eq!(submit(Dave, deliver(FIRST)), Ok(Ok(())));
        assert_eq!(owned(Dave), worker_before);
    });
}

#[test]
fn the_fee_returns_by_itself_when_the_deadline_passes() {
    on_chain(LOCAL, || {
        accredited_expert();
        let deadline = 1 + <MinTerm as Get<u32>>::get();
        assert_eq!(submit(Bob, request_until(deadline)), Ok(Ok(())));
        let patient_before = owned(Bob);
        run_to_block(1, deadline + 2);
        assert_eq!(held(Bob, pallet_consultations::HoldReason::Fee), 0);
        assert_eq!(owned(Bob), patient_before);
    });
}

#[test]
fn an_expert_with_an_open_consultation_keeps_its_bond_on_hold() {
    on_chain(LOCAL, || {
        accredited_expert();
        assert_eq!(submit(Bob, request_until(100)), Ok(Ok(())));
        let outcome = submit(Charlie, pallet_experts::Call::withdraw {});
        assert_eq!(
            outcome,
            Ok(Err(pallet_experts::Error::<crate::Runtime>::ConsultationsOpen.into()))
        );
        let bond = RuntimeHoldReason::Experts(pallet_experts::HoldReason::Bond);
        assert_eq!(
            Balances::balance_on_hold(&bond, &Charlie.to_account_id()),
            <<crate::Runtime as pallet_experts::Config>::Bond as Get<Balance>>::get()
        );
    });
}

#[test]
fn the_transaction_pool_takes_what_a_block_takes() {
    on_chain(LOCAL, || {
        accredited_expert();
        let validity = Executive::validate_transaction(
            TransactionSource::External,
            signed(Bob, request_until(100)),
            System::parent_hash(),
        );
        assert!(validity.is_ok(), "{validity:?}");
    });
}

#[test]
fn a_consultation_holds_a_deposit_of_about_one_coin() {
    use frame_support::traits::Footprint;
    use sp_runtime::traits::Convert;

    let longest = 10 * 1024 + 72 * 1024 + 6 * 1024;
    let deposit = StorageDeposit::convert(Footprint::from_parts(1, longest));
    assert!((UNIT / 2..2 * UNIT).contains(&deposit), "{deposit}");
}
