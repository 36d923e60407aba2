// SPDX-License-Identifier: Apache-2.0

//! # Consultations
//!
//! A patient asks an expert for a second opinion, and pays for it when it has come.
//!
//! ## Goals
//!
//! - A patient gets an opinion by the deadline, or the fee back in full. Nobody needs to be trusted
//!   or even awake for that: what is due happens by itself.
//! - An expert who has answered gets paid, whatever the patient does.
//! - Nothing of a consultation stays in state longer than the patient wants it to, or than the
//!   retention.
//! - The chain learns who asks whom and for how much, and nothing else. Envelope, answer and note
//!   are bytes to it.
//!
//! ## Terms
//!
//! - **record**: the patient's encrypted history. It never touches the chain; the request commits
//!   to it.
//! - **envelope**: what the patient tells the expert, sealed: the protocol, where the record's
//!   pieces are, a question.
//! - **opinion**: the **answer**, encrypted under the patient's key, and a sealed **note**.
//! - **fee**: on hold in the patient's account from the request on. At least the expert's price.
//! - **deposit**: on hold in the patient's account until the consultation is erased. It pays for
//!   the room that the envelope and the longest opinion take, so that its amount says nothing about
//!   either.
//! - **deadline**: the last block in which the expert can answer.
//! - **challenge period**: the blocks after a delivery in which only the patient can release the
//!   fee. It gives the board time to act on a bad answer while the expert's bond can't leave.
//! - **retention**: the blocks after closing in which only the patient can erase.
//! - **worker**: an account that signs for an expert, see `pallet-experts`.
//!
//! ## Life of a consultation
//!
//! ```text
//!            deliver                accept, settle
//! Requested ----------> Delivered -----------------> Accepted --+
//!    |  |   decline                                             |  erase
//!    |  +---------------------------------------->   Declined --+---------> (gone)
//!    |      expire                                              |
//!    +------------------------------------------->   Expired  --+
//! ```
//!
//! | step | who | when | fee |
//! |---|---|---|---|
//! | `request` | anyone but the expert and its workers | the expert is accredited | on hold |
//! | `deliver` | a worker of the expert | up to the deadline; not while the expert is suspended or revoked | |
//! | `decline` | a worker of the expert | up to the deadline | back to the patient |
//! | `expire` | anyone, or the pallet itself | after the deadline | back to the patient |
//! | `accept` | the patient | once delivered | to the expert |
//! | `settle` | anyone, or the pallet itself | after the challenge period | to the expert |
//! | `erase` | the patient; after the retention anyone, or the pallet itself | once closed | deposit back |
//!
//! ## Properties
//!
//! Each is shown by tests, in `tests/`.
//!
//! - **Conservation**: no sequence of calls creates or destroys a coin. Every coin on hold under a
//!   [`HoldReason`] of this pallet is the fee of one open consultation or the deposit of one that
//!   isn't erased.
//! - **Refund**: a consultation that isn't answered by its deadline, or is declined, costs the
//!   patient no fee.
//! - **Payment**: a delivered opinion is paid, once, even if the expert has left, was suspended or
//!   has an empty account: fees are at least the existential deposit.
//! - **Once**: a consultation is answered once at most, by a worker of the expert that was asked,
//!   and up to the deadline.
//! - **Erasure**: after `erase`, no key in state mentions the consultation.
//! - **Progress**: each consultation is on the agenda for exactly the block in which something
//!   happens without anybody's doing. The sweep works the agenda off in order, a bounded number in
//!   each block, and never skips one.
//!
//! ## Off-chain worker
//!
//! On a node with worker keys, [`offchain`] passes open requests to the native evaluator, and its
//! outcomes to the chain.

#![cfg_attr(not(feature = "std"), no_std)]
// Storage, which the macros make types of, has nothing to show.
#![allow(missing_debug_implementations)]
#![deny(missing_docs)]

pub use offchain::{EvaluatorQueue, Refused};
pub use pallet::*;
pub use runtime_api::Job;
pub use types::*;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod crypto;
mod lifecycle;
#[cfg(test)]
mod mock;
pub mod offchain;
pub mod runtime_api;
mod sweep;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "try-runtime", test))]
mod try_state;
mod types;
pub mod weights;

extern crate alloc;

const LOG_TARGET: &str = "runtime::consultations";

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use cso_primitives::{DeclineReason, RecordCommitment};
    use frame_support::{
        pallet_prelude::*,
        traits::{fungible, Footprint},
        weights::WeightMeter,
    };
    use frame_system::{
        offchain::{AppCrypto, CreateSignedTransaction},
        pallet_prelude::*,
    };
    use pallet_experts::Accreditation;
    use sp_runtime::traits::{Convert, Zero};

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// Configuration.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>> + CreateSignedTransaction<Call<Self>>
    {
        /// The runtime's hold reason.
        type RuntimeHoldReason: From<HoldReason>;

        /// The currency of fees and deposits.
        type Currency: fungible::Mutate<Self::AccountId>
            + fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

        /// Who can be asked, at what price, and who signs for whom: `pallet-experts`.
        type Experts: Accreditation<Self::AccountId, BalanceOf<Self>>;

        /// The native evaluator, as the off-chain worker sees it.
        type Evaluator: EvaluatorQueue;

        /// The keys that workers sign with.
        type WorkerKey: AppCrypto<Self::Public, Self::Signature>;

        /// The deposit for a consultation of a given footprint. At least the existential deposit.
        type Deposit: Convert<Footprint, BalanceOf<Self>>;

        /// The longest envelope, in bytes.
        #[pallet::constant]
        type MaxEnvelopeLen: Get<u32>;

        /// The longest answer, in bytes.
        #[pallet::constant]
        type MaxAnswerLen: Get<u32>;

        /// The longest note, in bytes.
        #[pallet::constant]
        type MaxNoteLen: Get<u32>;

        /// The fewest blocks from a request to its deadline.
        #[pallet::constant]
        type MinTerm: Get<BlockNumberFor<Self>>;

        /// The most blocks from a request to its deadline.
        #[pallet::constant]
        type MaxTerm: Get<BlockNumberFor<Self>>;

        /// The blocks after a delivery in which only the patient can release the fee.
        #[pallet::constant]
        type ChallengePeriod: Get<BlockNumberFor<Self>>;

        /// The blocks after closing in which only the patient can erase.
        #[pallet::constant]
        type Retention: Get<BlockNumberFor<Self>>;

        /// The most consultations of one expert that wait for an answer.
        #[pallet::constant]
        type MaxRequestsPerExpert: Get<u32>;

        /// The most consultations that the pallet by itself refunds, pays or erases in a block.
        #[pallet::constant]
        type MaxSweptPerBlock: Get<u32>;

        /// The blocks after which the off-chain worker submits again what it has submitted, if the
        /// request is still open.
        #[pallet::constant]
        type RetryAfter: Get<BlockNumberFor<Self>>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The fees of a patient's open consultations.
        Fee,
        /// The deposits for a patient's consultations.
        Deposit,
    }

    /// All consultations that aren't erased.
    ///
    /// Hasher, here and below: the chain counts the numbers, so nobody can craft collisions.
    #[pallet::storage]
    pub type Consultations<T: Config> =
        StorageMap<_, Twox64Concat, ConsultationId, Consultation<T>>;

    /// The envelope of each consultation.
    #[pallet::storage]
    pub type Envelopes<T: Config> =
        StorageMap<_, Twox64Concat, ConsultationId, BoundedVec<u8, T::MaxEnvelopeLen>>;

    /// The opinion of each consultation that has one.
    #[pallet::storage]
    pub type Opinions<T: Config> = StorageMap<_, Twox64Concat, ConsultationId, Opinion<T>>;

    /// The consultations of each expert that wait for an answer.
    ///
    /// Hashers: whoever becomes an expert chooses the first key; the chain counts the second.
    #[pallet::storage]
    pub type WaitingOf<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, ConsultationId, ()>;

    /// How many open consultations each expert has. Experts without any have no entry.
    #[pallet::storage]
    pub type Loads<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Load, ValueQuery>;

    /// For each block, the consultations of which something is due.
    ///
    /// Hashers: a patient chooses the deadline, but only among some thousand blocks to come.
    #[pallet::storage]
    pub type Agenda<T: Config> =
        StorageDoubleMap<_, Twox64Concat, BlockNumberFor<T>, Twox64Concat, ConsultationId, ()>;

    /// The first block of which the agenda may not have been worked off.
    #[pallet::storage]
    pub type NextSweep<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

    /// The number of the next consultation.
    #[pallet::storage]
    pub type NextId<T: Config> = StorageValue<_, ConsultationId, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A patient has asked an expert.
        Requested {
            /// The consultation.
            id: ConsultationId,
            /// Who asks.
            patient: T::AccountId,
            /// Who is asked.
            expert: T::AccountId,
            /// The fee now on hold.
            fee: BalanceOf<T>,
            /// The last block in which the expert can answer.
            deadline: BlockNumberFor<T>,
        },
        /// An opinion has been delivered.
        Delivered {
            /// The consultation.
            id: ConsultationId,
            /// Who signed.
            worker: T::AccountId,
            /// The last block in which only the patient can release the fee.
            accept_by: BlockNumberFor<T>,
        },
        /// An expert has declined. The fee has returned.
        Declined {
            /// The consultation.
            id: ConsultationId,
            /// Who signed.
            worker: T::AccountId,
            /// Why.
            reason: DeclineReason,
        },
        /// The patient has accepted the opinion. The expert is paid.
        Accepted {
            /// The consultation.
            id: ConsultationId,
            /// Who is paid.
            expert: T::AccountId,
            /// How much.
            fee: BalanceOf<T>,
        },
        /// The challenge period is over. The expert is paid.
        Settled {
            /// The consultation.
            id: ConsultationId,
            /// Who is paid.
            expert: T::AccountId,
            /// How much.
            fee: BalanceOf<T>,
        },
        /// The deadline has passed without an answer. The fee has returned.
        Expired {
            /// The consultation.
            id: ConsultationId,
            /// Who has it back.
            patient: T::AccountId,
            /// How much.
            fee: BalanceOf<T>,
        },
        /// Nothing of the consultation is in state any more. The deposit has returned.
        Erased {
            /// The consultation.
            id: ConsultationId,
        },
        /// What was due couldn't be done. The consultation stays as it is; `settle`, `expire` and
        /// `erase` still work on it once the cause is gone.
        SweepFailed {
            /// The consultation.
            id: ConsultationId,
            /// Why.
            error: DispatchError,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such consultation, or it has been erased.
        UnknownConsultation,
        /// The account that is asked is no expert.
        UnknownExpert,
        /// The board hasn't accredited the expert, or has revoked the accreditation.
        NotAccredited,
        /// The expert's accreditation has run out.
        AccreditationExpired,
        /// The board has suspended the expert.
        ExpertSuspended,
        /// As many consultations wait for the expert's answer as `MaxRequestsPerExpert` permits.
        ExpertBusy,
        /// An expert or its worker asks the expert itself.
        OwnExpert,
        /// The fee is below the expert's price.
        FeeTooLow,
        /// The deadline is less than `MinTerm` blocks away.
        DeadlineTooSoon,
        /// The deadline is more than `MaxTerm` blocks away.
        DeadlineTooLate,
        /// The envelope is empty.
        EmptyEnvelope,
        /// The answer is empty.
        EmptyAnswer,
        /// The signer isn't a worker of the expert that was asked.
        NotWorker,
        /// The consultation doesn't wait for an answer.
        NotRequested,
        /// The deadline has passed.
        DeadlinePassed,
        /// The deadline hasn't passed.
        DeadlineNotPassed,
        /// The expert is suspended, revoked or gone, and can't deliver.
        MayNotAnswer,
        /// The signer isn't the patient.
        NotPatient,
        /// There is no opinion that waits to be accepted.
        NotDelivered,
        /// The challenge period isn't over.
        ChallengePeriodRunning,
        /// The consultation is still open.
        NotClosed,
        /// The retention isn't over, and the signer isn't the patient.
        RetentionRunning,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            use fungible::Inspect;
            assert!(
                T::Deposit::convert(Footprint::from_parts(1, 0)) >= T::Currency::minimum_balance(),
                "Deposit is below the existential deposit: it might not return to an empty account"
            );
            assert!(!T::MinTerm::get().is_zero(), "MinTerm is zero: nobody could answer in time");
            assert!(T::MinTerm::get() <= T::MaxTerm::get(), "MinTerm is beyond MaxTerm");
            assert!(
                T::MaxSweptPerBlock::get() > 0,
                "MaxSweptPerBlock is zero: nothing would be swept"
            );
            assert!(T::MaxRequestsPerExpert::get() > 0, "MaxRequestsPerExpert is zero");
            assert!(T::MaxEnvelopeLen::get() > 0, "MaxEnvelopeLen is zero: nobody could ask");
            assert!(T::MaxAnswerLen::get() > 0, "MaxAnswerLen is zero: nobody could answer");
            let step = Self::sweep_step_weight();
            let block = T::BlockWeights::get().max_block;
            assert!(step.all_lt(block), "the step of a sweep doesn't fit a block");
        }

        /// Does what is due. See `sweep.rs`.
        fn on_idle(now: BlockNumberFor<T>, remaining: Weight) -> Weight {
            let mut meter = WeightMeter::with_limit(remaining);
            Self::sweep(now, &mut meter);
            meter.consumed()
        }

        /// Runs the off-chain worker. See `offchain.rs`.
        fn offchain_worker(now: BlockNumberFor<T>) {
            Self::run_worker(now);
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// The deposit for a consultation with the longest envelope.
        fn max_deposit() -> BalanceOf<T> {
            Self::deposit(T::MaxEnvelopeLen::get() as usize)
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Ask an expert.
        ///
        /// Signed by the patient. Holds the fee and a deposit.
        ///
        /// - `record`: the commitment to the encrypted record, which goes to the expert's node by
        ///   another way.
        /// - `envelope`: what the expert needs to know, sealed to its key.
        /// - `fee`: at least the expert's price. All of it is paid.
        /// - `deadline`: the last block in which the expert can answer, `MinTerm` to `MaxTerm`
        ///   blocks from now.
        ///
        /// Emits [`Event::Requested`] with the consultation's number.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::request(envelope.len() as u32))]
        pub fn request(
            origin: OriginFor<T>,
            expert: T::AccountId,
            record: RecordCommitment,
            envelope: BoundedVec<u8, T::MaxEnvelopeLen>,
            #[pallet::compact] fee: BalanceOf<T>,
            deadline: BlockNumberFor<T>,
        ) -> DispatchResult {
            let patient = ensure_signed(origin)?;
            Self::do_request(patient, expert, record, envelope, fee, deadline)
        }

        /// Deliver an opinion.
        ///
        /// Signed by a worker of the expert, up to the deadline. Free if it succeeds.
        ///
        /// Emits [`Event::Delivered`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::deliver(answer.len().saturating_add(note.len()) as u32))]
        pub fn deliver(
            origin: OriginFor<T>,
            id: ConsultationId,
            answer: BoundedVec<u8, T::MaxAnswerLen>,
            note: BoundedVec<u8, T::MaxNoteLen>,
        ) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            Self::do_deliver(worker, id, answer, note)?;
            Ok(Pays::No.into())
        }

        /// Decline to answer. The fee returns to the patient.
        ///
        /// Signed by a worker of the expert, up to the deadline. Free if it succeeds. A suspended
        /// expert can decline.
        ///
        /// Emits [`Event::Declined`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::decline())]
        pub fn decline(
            origin: OriginFor<T>,
            id: ConsultationId,
            reason: DeclineReason,
        ) -> DispatchResultWithPostInfo {
            let worker = ensure_signed(origin)?;
            Self::do_decline(worker, id, reason)?;
            Ok(Pays::No.into())
        }

        /// Accept an opinion. The expert is paid.
        ///
        /// Signed by the patient.
        ///
        /// Emits [`Event::Accepted`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::accept())]
        pub fn accept(origin: OriginFor<T>, id: ConsultationId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_accept(who, id)
        }

        /// Pay the expert after the challenge period, in case the sweep hasn't yet.
        ///
        /// Signed by anyone.
        ///
        /// Emits [`Event::Settled`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::settle())]
        pub fn settle(origin: OriginFor<T>, id: ConsultationId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_settle(id)
        }

        /// Return the fee to the patient after the deadline, in case the sweep hasn't yet.
        ///
        /// Signed by anyone.
        ///
        /// Emits [`Event::Expired`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::expire())]
        pub fn expire(origin: OriginFor<T>, id: ConsultationId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_expire(id)
        }

        /// Remove all of a closed consultation from state. The deposit returns to the patient.
        ///
        /// Signed by the patient, or after the retention by anyone.
        ///
        /// Emits [`Event::Erased`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::erase())]
        pub fn erase(origin: OriginFor<T>, id: ConsultationId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_erase(Some(&who), id)
        }
    }
}
