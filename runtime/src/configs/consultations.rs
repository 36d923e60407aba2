// SPDX-License-Identifier: Apache-2.0

//! Experts and Consultations: bonds, deposits, periods and bounds.

use frame_support::{
    parameter_types,
    traits::{ConstU128, ConstU32, LinearStoragePrice},
};

use super::board::BoardOrigin;
use crate::{
    constants::{
        currency::{deposit, DEPOSIT_PER_BYTE, MILLI_UNIT, UNIT},
        time::{DAYS, MINUTES},
    },
    offchain::NodeEvaluator,
    Balance, Balances, BlockNumber, Consultations, Experts, Runtime, RuntimeHoldReason,
};

/// What an expert has at stake: the fees of two hundred consultations at 5 CSO.
const BOND: Balance = 1_000 * UNIT;

/// The lowest price an expert may ask. Above it a patient's fee can be paid to any account, even a new one.
const MIN_PRICE: Balance = 10 * MILLI_UNIT;

parameter_types! {
    /// Held for one more item in state.
    pub const DepositPerItem: Balance = deposit(1, 0);
    /// Held for each byte in state.
    pub const DepositPerByte: Balance = DEPOSIT_PER_BYTE;
}

/// Deposit for data in state: by item and by byte.
pub type StorageDeposit = LinearStoragePrice<DepositPerItem, DepositPerByte, Balance>;

impl pallet_experts::Config for Runtime {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type BoardOrigin = BoardOrigin;
    type OpenConsultations = Consultations;
    // Burnt: nobody, the board least of all, gains from a slash.
    type Slashed = ();
    type Bond = ConstU128<BOND>;
    type ProtocolDeposit = StorageDeposit;
    type MinPrice = ConstU128<MIN_PRICE>;
    type MaxEndpointLen = ConstU32<256>;
    type MaxWorkers = ConstU32<8>;
    type MaxDescriptionLen = ConstU32<{ 32 * 1024 }>;
    type MaxProtocols = ConstU32<64>;
    type WeightInfo = pallet_experts::weights::SubstrateWeight<Runtime>;
}
