// SPDX-License-Identifier: Apache-2.0

//! The medical board: who is on it, and the origin that speaks for it.
//!
//! Any one member may act for the board. Who is on it is changed by root alone, so that one member
//! can't push the others out.

use frame_support::traits::{ConstU32, EitherOfDiverse};
use frame_system::{EnsureRoot, EnsureSignedBy};
use pallet_membership::Instance1;

use crate::{AccountId, Board, Runtime, RuntimeEvent};

/// Members the board can have.
pub const MAX_BOARD_MEMBERS: u32 = 50;

/// Root, or a member of the board. Accredits experts, slashes bonds, admits validators.
pub type BoardOrigin = EitherOfDiverse<EnsureRoot<AccountId>, EnsureSignedBy<Board, AccountId>>;

impl pallet_membership::Config<Instance1> for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type AddOrigin = EnsureRoot<AccountId>;
    type RemoveOrigin = EnsureRoot<AccountId>;
    type SwapOrigin = EnsureRoot<AccountId>;
    type ResetOrigin = EnsureRoot<AccountId>;
    type PrimeOrigin = EnsureRoot<AccountId>;
    type MembershipInitialized = ();
    type MembershipChanged = ();
    type MaxMembers = ConstU32<MAX_BOARD_MEMBERS>;
    type WeightInfo = pallet_membership::weights::SubstrateWeight<Runtime>;
}
