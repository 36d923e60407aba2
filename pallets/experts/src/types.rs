// SPDX-License-Identifier: Apache-2.0

//! What the pallet stores: experts and the protocols they offer.

use codec::{Decode, Encode, MaxEncodedLen};
use cso_primitives::{ModelCommitment, SealingPublicKey};
use frame_support::{
    traits::fungible, BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;

use crate::Config;

/// Number of a protocol. Unique on the chain and never given out twice, so that a number noted
/// years ago can't come to mean something else.
pub type ProtocolId = u32;

/// The balance type of the pallet's currency.
pub type BalanceOf<T> =
    <<T as Config>::Currency as fungible::Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// What a slash takes out of a bond, on its way to [`Config::Slashed`].
pub type CreditOf<T> =
    fungible::Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// What the board has decided about an expert.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Status<BlockNumber> {
    /// Has applied, or lost the accreditation, and waits for the board. Can neither be asked nor
    /// answer.
    Applied,
    /// May be asked up to and including block `until`, and may answer what was asked by then.
    Accredited {
        /// The last block in which the expert can be asked.
        until: BlockNumber,
    },
    /// Can neither be asked nor answer until the board reinstates or revokes. The bond can't be
    /// withdrawn.
    Suspended {
        /// The end of the accreditation, which keeps running out.
        until: BlockNumber,
    },
}

/// An expert as the chain knows it.
#[derive(
    CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Expert<T: Config> {
    /// What the board has decided.
    pub status: Status<BlockNumberFor<T>>,
    /// The least fee of a consultation, whichever protocol it's about.
    pub price: BalanceOf<T>,
    /// Held from the expert's account under [`HoldReason::Bond`](crate::HoldReason::Bond).
    pub bond: BalanceOf<T>,
    /// Where wallets hand off records: the URL of the expert's node, printable ASCII.
    pub endpoint: BoundedVec<u8, T::MaxEndpointLen>,
    /// What wallets seal envelopes to.
    pub sealing_key: SealingPublicKey,
    /// Accounts that sign deliveries for the expert.
    pub workers: BoundedVec<T::AccountId, T::MaxWorkers>,
    /// How many protocols the expert has published and not retired.
    pub protocols: u32,
}

/// A protocol as the chain knows it: everything but the model.
#[derive(
    CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Protocol<T: Config> {
    /// Intake, outputs and their meaning, intended use and references, as wallets read them.
    pub description: BoundedVec<u8, T::MaxDescriptionLen>,
    /// Salted commitment to the private model.
    pub model: ModelCommitment,
    /// The block in which it was published.
    pub published: BlockNumberFor<T>,
    /// Held from the expert's account under [`HoldReason::Protocol`](crate::HoldReason::Protocol).
    pub deposit: BalanceOf<T>,
}
