// SPDX-License-Identifier: Apache-2.0

//! What the pallet stores.

use codec::{Decode, Encode, MaxEncodedLen};
use cso_primitives::{DeclineReason, RecordCommitment};
use frame_support::{
    traits::fungible, BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_runtime::traits::{One, Saturating};

use crate::Config;

/// Number of a consultation, counted from 0 and never given out twice.
pub type ConsultationId = u64;

/// The balance type of the pallet's currency.
pub type BalanceOf<T> =
    <<T as Config>::Currency as fungible::Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// Where a consultation stands. All but the first two are closed: the fee is where it belongs.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Status<BlockNumber> {
    /// The expert may answer, until the deadline.
    Requested,
    /// There is an opinion; the fee is still on hold.
    Delivered {
        /// The last block in which only the patient can release the fee.
        accept_by: BlockNumber,
    },
    /// The expert has declined; the fee has returned.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// The last block in which only the patient can erase.
        erase_after: BlockNumber,
    },
    /// The patient has accepted, or let the challenge period pass; the expert is paid.
    Accepted {
        /// The last block in which only the patient can erase.
        erase_after: BlockNumber,
    },
    /// The deadline has passed without an answer; the fee has returned.
    Expired {
        /// The last block in which only the patient can erase.
        erase_after: BlockNumber,
    },
}

/// A consultation as the chain knows it.
#[derive(
    CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Consultation<T: Config> {
    /// Who asks, and pays.
    pub patient: T::AccountId,
    /// Who is asked, and paid.
    pub expert: T::AccountId,
    /// Salted commitment to the encrypted record.
    pub record: RecordCommitment,
    /// Held from the patient's account under [`HoldReason::Fee`](crate::HoldReason::Fee) until
    /// closed.
    pub fee: BalanceOf<T>,
    /// Held from the patient's account under [`HoldReason::Deposit`](crate::HoldReason::Deposit)
    /// until erased.
    pub deposit: BalanceOf<T>,
    /// The last block in which the expert can answer.
    pub deadline: BlockNumberFor<T>,
    /// Where it stands.
    pub status: Status<BlockNumberFor<T>>,
}

impl<T: Config> Consultation<T> {
    /// The first block in which the pallet itself takes the next step: refund, payment or erasure.
    pub fn due(&self) -> BlockNumberFor<T> {
        let last = match self.status {
            Status::Requested => self.deadline,
            Status::Delivered { accept_by } => accept_by,
            Status::Declined { erase_after, .. }
            | Status::Accepted { erase_after }
            | Status::Expired { erase_after } => erase_after,
        };
        last.saturating_add(One::one())
    }

    /// Whether the fee is on hold.
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Requested | Status::Delivered { .. })
    }
}

/// An opinion: what the expert's node has delivered.
#[derive(
    CloneNoBound, DebugNoBound, Decode, Encode, EqNoBound, MaxEncodedLen, PartialEqNoBound, TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct Opinion<T: Config> {
    /// Who signed it.
    pub worker: T::AccountId,
    /// The encrypted result.
    pub answer: BoundedVec<u8, T::MaxAnswerLen>,
    /// The note to the patient, sealed.
    pub note: BoundedVec<u8, T::MaxNoteLen>,
    /// The block it was delivered in.
    pub delivered: BlockNumberFor<T>,
}

/// What an expert has to do and to get.
#[derive(Clone, Copy, Debug, Decode, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Load {
    /// Consultations that wait for an answer.
    pub requested: u32,
    /// Consultations that wait to be accepted.
    pub delivered: u32,
}

impl Load {
    pub(crate) fn is_empty(&self) -> bool {
        self.requested == 0 && self.delivered == 0
    }
}
