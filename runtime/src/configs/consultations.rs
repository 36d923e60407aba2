// SPDX-License-Identifier: Apache-2.0

//! Experts and Consultations: bonds, deposits, periods and bounds.

use cso_primitives::bounds;
use frame_support::{
    parameter_types,
    traits::{
        fungible::{Inspect, InspectHold},
        tokens::{Fortitude, Preservation},
        ConstU128, ConstU32, LinearStoragePrice,
    },
};

use super::board::BoardOrigin;
use crate::{
    constants::{
        currency::{deposit, DEPOSIT_PER_BYTE, MILLI_UNIT, UNIT},
        time::DAYS,
    },
    offchain::{NodeEvaluator, LONGEVITY},
    AccountId, Balance, Balances, BlockNumber, Consultations, Experts, Runtime, RuntimeHoldReason,
};

/// What an expert has at stake: the fees of two hundred consultations at 5 CSO.
const BOND: Balance = 1_000 * UNIT;

/// The lowest price an expert may ask. Above it a patient's fee can be paid to any account, even a
/// new one.
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
    type MaxEndpointLen = ConstU32<{ bounds::MAX_ENDPOINT_BYTES as u32 }>;
    type MaxWorkers = ConstU32<{ bounds::MAX_WORKERS as u32 }>;
    type MaxDescriptionLen = ConstU32<{ bounds::MAX_DESCRIPTION_BYTES as u32 }>;
    type MaxProtocols = ConstU32<{ bounds::MAX_PROTOCOLS as u32 }>;
    type WeightInfo = pallet_experts::weights::SubstrateWeight<Runtime>;
}

/// An account that owns this much may hand off a record before it has asked anybody: nobody fills a
/// pool with many such accounts unnoticed, as the pool also has quotas and rate limits.
pub const HAND_OFF_BALANCE: Balance = UNIT;

parameter_types! {
    /// The shortest term: 15 seconds. A prompt node answers within three blocks.
    pub const MinTerm: BlockNumber = 5;
    /// The longest term. A fee shouldn't be on hold for longer.
    pub const MaxTerm: BlockNumber = 30 * DAYS;
    /// How long only the patient can release the fee, so that the board can act on a bad answer.
    pub const ChallengePeriod: BlockNumber = DAYS;
    /// How long a closed consultation stays, if its patient doesn't erase it earlier: time enough
    /// to read an opinion that came on holiday.
    pub const Retention: BlockNumber = 14 * DAYS;
    /// When a worker submits an answer again: once the earlier transaction has died.
    pub const RetryAfter: BlockNumber = LONGEVITY as BlockNumber;
}

impl pallet_consultations::Config for Runtime {
    type RuntimeHoldReason = RuntimeHoldReason;
    type Currency = Balances;
    type Experts = Experts;
    type Evaluator = NodeEvaluator;
    type WorkerKey = pallet_consultations::crypto::WorkerKey;
    type Deposit = StorageDeposit;
    type MaxEnvelopeLen = ConstU32<{ bounds::MAX_ENVELOPE_BYTES as u32 }>;
    type MaxAnswerLen = ConstU32<{ bounds::MAX_ANSWER_BYTES as u32 }>;
    type MaxNoteLen = ConstU32<{ bounds::MAX_NOTE_BYTES as u32 }>;
    type MinTerm = MinTerm;
    type MaxTerm = MaxTerm;
    type ChallengePeriod = ChallengePeriod;
    type Retention = Retention;
    // What a node that answers ten a second works off in half a minute.
    type MaxRequestsPerExpert = ConstU32<256>;
    type MaxSweptPerBlock = ConstU32<32>;
    type RetryAfter = RetryAfter;
    type WeightInfo = pallet_consultations::weights::SubstrateWeight<Runtime>;
}

/// Whether an account may put a record into an expert's pool: it has the fee of a consultation on
/// hold, or owns enough to be expected to ask for one.
pub fn may_hand_off(who: &AccountId) -> bool {
    let fee = RuntimeHoldReason::Consultations(pallet_consultations::HoldReason::Fee);
    let free = Balances::reducible_balance(who, Preservation::Expendable, Fortitude::Polite);
    free >= HAND_OFF_BALANCE || Balances::balance_on_hold(&fee, who) > 0
}
