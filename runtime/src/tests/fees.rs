// SPDX-License-Identifier: Apache-2.0

//! What transactions cost: little, but not nothing.

use codec::Encode;
use frame_support::dispatch::GetDispatchInfo;
use sp_keyring::Sr25519Keyring::{Alice, Bob};

use super::{begin_block, on_chain, signed};
use crate::{
    configs::system::RuntimeBlockWeights,
    constants::currency::{MICRO_UNIT, MILLI_UNIT, UNIT},
    genesis_presets::DEV,
    Balance, RuntimeCall, TransactionPayment,
};

fn fee(call: impl Into<RuntimeCall>) -> Balance {
    let transaction = signed(Alice, call.into());
    let length = transaction.encoded_size() as u32;
    TransactionPayment::query_info(transaction, length).partial_fee
}

fn request() -> pallet_consultations::Call<crate::Runtime> {
    pallet_consultations::Call::request {
        expert: Bob.to_account_id(),
        record: Default::default(),
        envelope: vec![0; 10 * 1024].try_into().expect("the longest envelope"),
        fee: UNIT,
        deadline: 100,
    }
}

#[test]
fn a_transfer_costs_less_than_a_thousandth_of_a_coin() {
    on_chain(DEV, || {
        begin_block(1);
        let transfer = pallet_balances::Call::transfer_allow_death {
            dest: Bob.to_account_id().into(),
            value: UNIT,
        };
        let fee = fee(transfer);
        assert!((100 * MICRO_UNIT..MILLI_UNIT).contains(&fee), "{fee}");
    });
}

#[test]
fn a_request_costs_one_to_five_hundredths_of_a_coin() {
    on_chain(DEV, || {
        begin_block(1);
        let fee = fee(request());
        assert!((10 * MILLI_UNIT..50 * MILLI_UNIT).contains(&fee), "{fee}");
    });
}

#[test]
fn a_worker_puts_less_than_a_fifth_of_a_coin_aside_for_the_largest_delivery() {
    on_chain(DEV, || {
        begin_block(1);
        let deliver = pallet_consultations::Call::deliver {
            id: 0,
            answer: vec![0; 72 * 1024].try_into().expect("the longest answer"),
            note: vec![0; 6 * 1024].try_into().expect("the longest note"),
        };
        let fee = fee(deliver);
        assert!((50 * MILLI_UNIT..200 * MILLI_UNIT).contains(&fee), "{fee}");
    });
}

#[test]
fn a_block_holds_many_requests() {
    on_chain(DEV, || {
        let weights = RuntimeBlockWeights::get();
        let normal = weights.get(frame_support::dispatch::DispatchClass::Normal);
        let room = normal.max_total.expect("ordinary transactions have a limit").ref_time();
        let each = RuntimeCall::from(request()).get_dispatch_info().call_weight.ref_time();
        assert!(room / each > 100, "{room} / {each}");
    });
}
