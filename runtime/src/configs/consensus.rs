// SPDX-License-Identifier: Apache-2.0

//! Aura, GRANDPA, Session and Validators: who writes blocks and who finalises them.
//!
//! The board admits validators (`pallet-validators`); `pallet-session` hands their keys to Aura and
//! GRANDPA at the beginning of a session, two sessions after a change. There is no staking: an
//! offender is retired by the board, so equivocations are not reported on chain.

use frame_support::{
    parameter_types,
    traits::{ConstBool, ConstU128, ConstU32, ConstU64},
};
use pallet_aura::MinimumPeriodTimesTwo;
use pallet_session::PeriodicSessions;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

use super::board::BoardOrigin;
use crate::{
    constants::{currency::deposit, time::MINUTES},
    AccountId, Balances, BlockNumber, Runtime, RuntimeEvent, Session, SessionKeys, Validators,
};

/// The board can admit so many validators. GRANDPA's messages grow with their number; 100 is what a
/// permissioned network can want.
pub const MAX_VALIDATORS: u32 = 100;

/// Size of the two public keys of a validator plus the key owner entries, for the deposit.
const SESSION_KEYS_BYTES: u32 = 4 * 32;

parameter_types! {
    /// Blocks of a session: a change of validators takes effect within 20 minutes. The first block
    /// of a session has no room for
    /// transactions, so a session shouldn't be much shorter.
    pub const SessionPeriod: BlockNumber = 10 * MINUTES;
    /// Block at which the first session ends, modulo the period.
    pub const SessionOffset: BlockNumber = 0;
}

impl pallet_aura::Config for Runtime {
    type AuthorityId = AuraId;
    type DisabledValidators = Session;
    type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
    type AllowMultipleBlocksPerSlot = ConstBool<false>;
    type SlotDuration = MinimumPeriodTimesTwo<Runtime>;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    // Nobody can make the proof that a report of an equivocation needs, and `note_stalled` is
    // root's: the default weights do.
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<0>;
    type KeyOwnerProof = sp_core::Void;
    type EquivocationReportSystem = ();
}

impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = PeriodicSessions<SessionPeriod, SessionOffset>;
    type NextSessionRotation = PeriodicSessions<SessionPeriod, SessionOffset>;
    type SessionManager = Validators;
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = ();
    type Currency = Balances;
    type KeyDeposit = ConstU128<{ deposit(1, SESSION_KEYS_BYTES) }>;
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
}

impl pallet_validators::Config for Runtime {
    type BoardOrigin = BoardOrigin;
    type MaxValidators = ConstU32<MAX_VALIDATORS>;
    type WeightInfo = pallet_validators::weights::SubstrateWeight<Runtime>;
}
