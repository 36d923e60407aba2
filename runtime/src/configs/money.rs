// SPDX-License-Identifier: Apache-2.0

//! Balances and TransactionPayment: the token and what a transaction costs.
//!
//! A transaction costs `multiplier * weight + length`: 1 unit of 10^-12 CSO for each picosecond of
//! execution on the reference machine and a millionth of a CSO a byte. A transfer costs about
//! 0.0003 CSO, a `request` with an envelope of 10 KiB about 0.012 CSO. The multiplier is 1 as long
//! as blocks are not busy, so that wallets can tell a price beforehand; it climbs under load. Fees
//! are burnt: validators are admitted by the board and not paid by the chain.

use frame_support::{
    parameter_types,
    traits::{ConstU128, ConstU32, ConstU8, VariantCountOf},
    weights::{ConstantMultiplier, IdentityFee},
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{FixedPointNumber, Perquintill};

use crate::{
    constants::currency::{EXISTENTIAL_DEPOSIT, MICRO_UNIT},
    Balance, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, System,
};

/// Locks and named reserves are of the older currency interfaces: no pallet here uses them, and
/// none of a later issue should.
const NONE: u32 = 0;

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type Balance = Balance;
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxLocks = ConstU32<NONE>;
    type MaxReserves = ConstU32<NONE>;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type DoneSlashHandler = ();
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    /// Above this share of the ordinary transactions' room the multiplier climbs, below it falls.
    pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
    /// How fast: a day of full blocks (28 800 of them) multiplies fees by about e^(28800 * 0.75 *
    /// 0.0002) = 75.
    pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(2, 10_000);
    /// Where it starts and stays while blocks are not busy.
    pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_integer(1);
    /// Where it stops: a `request` then costs a few CSO.
    pub MaximumMultiplier: Multiplier = Multiplier::saturating_from_integer(1_000);
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = FungibleAdapter<Balances, ()>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightToFee = IdentityFee<Balance>;
    type LengthToFee = ConstantMultiplier<Balance, ConstU128<MICRO_UNIT>>;
    type FeeMultiplierUpdate = TargetedFeeAdjustment<
        Self,
        TargetBlockFullness,
        AdjustmentVariable,
        MinimumMultiplier,
        MaximumMultiplier,
    >;
    type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}
