// SPDX-License-Identifier: Apache-2.0

//! # Experts
//!
//! Who gives second opinions on this chain, what they offer, and who vouches for them.
//!
//! ## Goals
//!
//! - A patient who reads the chain learns who is accredited, until when, at what price, which
//!   protocols there are and where to hand off a record. Nothing else is needed to ask.
//! - The board, and nobody else, decides who may be asked. Each of its decisions takes effect in
//!   the block it's in.
//! - An expert has something to lose: a bond that the board can slash, and that can't leave while a
//!   consultation is open or the board is looking into a suspension.
//! - The chain never learns a model, only a salted commitment to it.
//!
//! ## Terms
//!
//! - **expert**: an account that has applied, with a **bond** on hold.
//! - **worker**: an account that signs for one expert. Its key lies on the expert's node; the
//!   expert's own key needn't. A worker needs a little free balance: the fee of a transaction is
//!   taken before it is found to be free.
//! - **board**: the origin [`Config::BoardOrigin`].
//! - **protocol**: what an expert offers: a public **description** (intake, outputs, meaning) and a
//!   **commitment** to the private model behind it.
//! - **price**: the least fee of a consultation. It's one for all protocols of an expert: the chain
//!   must not learn from the fee which protocol a patient asked for.
//!
//! ## Life of an expert
//!
//! ```text
//!            accredit              suspend
//! Applied ------------> Accredited ---------> Suspended
//!    ^                    |  ^  ^                |  |
//!    |       revoke       |  |  +--- reinstate --+  |
//!    +--------------------+  |                      |
//!    |                       +- accredit (renews)   |
//!    +---------------------------------- revoke ----+
//! ```
//!
//! An accreditation runs out by itself: from block `until + 1` on the expert can't be asked, but
//! may still answer. `withdraw` leaves from `Applied` and `Accredited`.
//!
//! ## Properties
//!
//! - **Conservation**: every coin on hold under a [`HoldReason`] of this pallet belongs to exactly
//!   one bond or deposit in state, and only `slash` takes from the sum of what an expert owns
//!   (`tests/property.rs`, and `try_state` in every test).
//! - **Exclusiveness**: a worker signs for one expert at most.
//! - **Accountability**: no sequence of calls frees a bond while a consultation is open, or while
//!   suspended.
//! - **Bounded state**: all that an expert can put on the chain is bounded and paid for by the bond
//!   or a deposit, and `withdraw` removes all of it.
//!
//! ## Known limits
//!
//! A worker isn't asked whether it wants to sign for an expert, so somebody may name a foreign
//! account as worker. That costs them a bond and gains them nothing: the account's owner registers
//! another key.

#![cfg_attr(not(feature = "std"), no_std)]
// Storage, which the macros make types of, has nothing to show.
#![allow(missing_debug_implementations)]
#![deny(missing_docs)]

pub use accreditation::{Accreditation, AccreditationError, OpenConsultations};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

mod accreditation;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod registry;
#[cfg(test)]
mod tests;
// Other pallets' tests check this state too.
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
mod types;
pub mod weights;

extern crate alloc;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::boxed::Box;
    use cso_primitives::{ModelCommitment, SealingPublicKey};
    use frame_support::{
        pallet_prelude::*,
        traits::{fungible, Footprint, OnUnbalanced},
    };
    use frame_system::pallet_prelude::*;
    use sp_runtime::traits::Convert;

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// Configuration.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// The runtime's hold reason.
        type RuntimeHoldReason: From<HoldReason>;

        /// The currency of bonds, deposits and prices.
        type Currency: fungible::Mutate<Self::AccountId>
            + fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + fungible::BalancedHold<Self::AccountId>;

        /// Who accredits, suspends, reinstates, revokes and slashes.
        type BoardOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// What still depends on an expert's bond.
        type OpenConsultations: OpenConsultations<Self::AccountId>;

        /// Where slashed bonds go. `()` burns them.
        type Slashed: OnUnbalanced<CreditOf<Self>>;

        /// What an expert has on hold for as long as it is one. At least the existential deposit.
        #[pallet::constant]
        type Bond: Get<BalanceOf<Self>>;

        /// The deposit for a protocol of a given footprint. At least the existential deposit.
        type ProtocolDeposit: Convert<Footprint, BalanceOf<Self>>;

        /// The least price. At least the existential deposit, so that a fee can be paid out to any
        /// account, even to one that has been reaped.
        #[pallet::constant]
        type MinPrice: Get<BalanceOf<Self>>;

        /// The longest endpoint, in bytes.
        #[pallet::constant]
        type MaxEndpointLen: Get<u32>;

        /// The most workers of an expert.
        #[pallet::constant]
        type MaxWorkers: Get<u32>;

        /// The longest description of a protocol, in bytes.
        #[pallet::constant]
        type MaxDescriptionLen: Get<u32>;

        /// The most protocols of an expert.
        #[pallet::constant]
        type MaxProtocols: Get<u32>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds funds.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The bond of an expert.
        Bond,
        /// The deposits for an expert's protocols.
        Protocol,
    }

    /// All experts.
    ///
    /// Hasher: anybody with a bond chooses a key, so the hash must resist crafted collisions.
    #[pallet::storage]
    pub type Experts<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Expert<T>>;

    /// The expert that a worker signs for.
    ///
    /// Hasher: keys are chosen by whoever names workers.
    #[pallet::storage]
    pub type Workers<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId>;

    /// The protocols of each expert.
    ///
    /// Hashers: the first key is chosen by a user, the second is counted by the chain.
    #[pallet::storage]
    pub type Protocols<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, ProtocolId, Protocol<T>>;

    /// The number of the next protocol to be published.
    #[pallet::storage]
    pub type NextProtocolId<T: Config> = StorageValue<_, ProtocolId, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// An expert has applied.
        Applied {
            /// The expert.
            expert: T::AccountId,
            /// The bond now on hold.
            bond: BalanceOf<T>,
        },
        /// An expert has changed its endpoint, sealing key or price.
        Updated {
            /// The expert.
            expert: T::AccountId,
        },
        /// An expert has named its workers anew.
        WorkersSet {
            /// The expert.
            expert: T::AccountId,
            /// All of its workers now.
            workers: BoundedVec<T::AccountId, T::MaxWorkers>,
        },
        /// An expert has brought its bond up to what is asked of experts now.
        BondToppedUp {
            /// The expert.
            expert: T::AccountId,
            /// What was added.
            amount: BalanceOf<T>,
        },
        /// An expert has left, with its workers and protocols. Bond and deposits are released.
        Withdrawn {
            /// The expert.
            expert: T::AccountId,
        },
        /// A protocol has been published.
        ProtocolPublished {
            /// The expert.
            expert: T::AccountId,
            /// The protocol's number.
            protocol: ProtocolId,
            /// The commitment to its model.
            model: ModelCommitment,
        },
        /// A protocol has been retired. Its deposit is released.
        ProtocolRetired {
            /// The expert.
            expert: T::AccountId,
            /// The protocol's number.
            protocol: ProtocolId,
        },
        /// The board has accredited an expert, or renewed the accreditation.
        Accredited {
            /// The expert.
            expert: T::AccountId,
            /// The last block in which the expert can be asked.
            until: BlockNumberFor<T>,
        },
        /// The board has suspended an expert.
        Suspended {
            /// The expert.
            expert: T::AccountId,
        },
        /// The board has reinstated a suspended expert.
        Reinstated {
            /// The expert.
            expert: T::AccountId,
        },
        /// The board has revoked an accreditation.
        Revoked {
            /// The expert.
            expert: T::AccountId,
        },
        /// The board has slashed a bond.
        Slashed {
            /// The expert.
            expert: T::AccountId,
            /// What was taken.
            amount: BalanceOf<T>,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The account is an expert already.
        AlreadyExpert,
        /// The account is no expert.
        UnknownExpert,
        /// The endpoint is empty, or has characters that aren't printable ASCII.
        BadEndpoint,
        /// The price is below `MinPrice`.
        PriceTooLow,
        /// The list of workers is empty.
        NoWorkers,
        /// The list of workers names an account twice.
        DuplicateWorker,
        /// An account in the list of workers signs for another expert.
        WorkerTaken,
        /// The expert has consultations that are neither paid nor refunded.
        ConsultationsOpen,
        /// The expert is suspended.
        ExpertSuspended,
        /// The description is empty.
        EmptyDescription,
        /// The expert has as many protocols as `MaxProtocols` permits.
        TooManyProtocols,
        /// The expert has no protocol of that number.
        UnknownProtocol,
        /// The accreditation would end before it begins.
        UntilInPast,
        /// The expert isn't accredited.
        NotAccredited,
        /// The expert isn't suspended.
        NotSuspended,
        /// The bond is smaller than what is asked of experts now: the expert must top it up first.
        BondTooSmall,
        /// The bond is as large as what is asked of experts now.
        BondSufficient,
        /// The amount is zero, or nothing is left of the bond.
        NothingToSlash,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            use fungible::Inspect;
            let existential = T::Currency::minimum_balance();
            assert!(T::Bond::get() >= existential, "Bond is below the existential deposit");
            assert!(T::MinPrice::get() >= existential, "MinPrice is below the existential deposit");
            assert!(
                T::ProtocolDeposit::convert(Footprint::from_parts(1, 0)) >= existential,
                "ProtocolDeposit is below the existential deposit"
            );
            assert!(T::MaxWorkers::get() > 0, "MaxWorkers is zero: nobody could apply");
            assert!(T::MaxEndpointLen::get() > 0, "MaxEndpointLen is zero: nobody could apply");
            assert!(
                T::MaxDescriptionLen::get() > 0,
                "MaxDescriptionLen is zero: nothing could be published"
            );
            assert!(T::MaxProtocols::get() > 0, "MaxProtocols is zero: nothing could be published");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Apply to become an expert.
        ///
        /// Signed by the expert-to-be. Holds [`Config::Bond`]. The expert can't be asked until the
        /// board accredits it.
        ///
        /// - `endpoint`: where wallets hand off records, printable ASCII.
        /// - `sealing_key`: what wallets seal envelopes to.
        /// - `workers`: the accounts that will sign deliveries, at least one.
        /// - `price`: the least fee.
        ///
        /// Emits [`Event::Applied`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::apply(workers.len() as u32))]
        pub fn apply(
            origin: OriginFor<T>,
            endpoint: BoundedVec<u8, T::MaxEndpointLen>,
            sealing_key: Box<SealingPublicKey>,
            workers: BoundedVec<T::AccountId, T::MaxWorkers>,
            price: BalanceOf<T>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_apply(who, endpoint, *sealing_key, workers, price)
        }

        /// Change the endpoint, the sealing key or the price. What is `None` stays.
        ///
        /// Signed by the expert. Open consultations keep the fee they were asked for, and envelopes
        /// sealed to an old key stay as they are: the expert's node needs the old key until they
        /// are answered.
        ///
        /// Emits [`Event::Updated`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::update())]
        pub fn update(
            origin: OriginFor<T>,
            endpoint: Option<BoundedVec<u8, T::MaxEndpointLen>>,
            sealing_key: Option<Box<SealingPublicKey>>,
            price: Option<BalanceOf<T>>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_update(who, endpoint, sealing_key.map(|key| *key), price)
        }

        /// Name the workers anew. Those left out can sign no more from the next transaction on.
        ///
        /// Signed by the expert.
        ///
        /// Emits [`Event::WorkersSet`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_workers(workers.len() as u32, T::MaxWorkers::get()))]
        pub fn set_workers(
            origin: OriginFor<T>,
            workers: BoundedVec<T::AccountId, T::MaxWorkers>,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_set_workers(who, workers)
        }

        /// Leave: workers and protocols are removed, bond and deposits are released.
        ///
        /// Signed by the expert, who must neither be suspended nor have a consultation that is
        /// neither paid nor refunded.
        ///
        /// Emits [`Event::Withdrawn`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::withdraw(T::MaxProtocols::get(), T::MaxWorkers::get()))]
        pub fn withdraw(origin: OriginFor<T>) -> DispatchResultWithPostInfo {
            let who = ensure_signed(origin)?;
            let (protocols, workers) = Self::do_withdraw(who)?;
            Ok(Some(T::WeightInfo::withdraw(protocols, workers)).into())
        }

        /// Publish a protocol.
        ///
        /// Signed by the expert, accredited or not: the board may want to read before it accredits.
        /// Holds a deposit by the length of the description.
        ///
        /// - `description`: what wallets read.
        /// - `model`: the salted commitment to the model.
        ///
        /// Emits [`Event::ProtocolPublished`] with the protocol's number.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::publish(description.len() as u32))]
        pub fn publish(
            origin: OriginFor<T>,
            description: BoundedVec<u8, T::MaxDescriptionLen>,
            model: ModelCommitment,
        ) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_publish(who, description, model)
        }

        /// Retire a protocol and release its deposit. Its number is never used again.
        ///
        /// Signed by the expert. Whether an open consultation asks for it is sealed, so the chain
        /// can't tell: the expert's node declines such a consultation, and the fee returns.
        ///
        /// Emits [`Event::ProtocolRetired`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::retire())]
        pub fn retire(origin: OriginFor<T>, protocol: ProtocolId) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_retire(who, protocol)
        }

        /// Bring the bond up to [`Config::Bond`] after a slash, or after it was raised.
        ///
        /// Signed by the expert.
        ///
        /// Emits [`Event::BondToppedUp`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::top_up())]
        pub fn top_up(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_top_up(who)
        }

        /// Accredit an expert up to and including block `until`, or move the end of its
        /// accreditation.
        ///
        /// By the board. The bond must be whole. A suspended expert must be reinstated first.
        ///
        /// Emits [`Event::Accredited`].
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::accredit())]
        pub fn accredit(
            origin: OriginFor<T>,
            expert: T::AccountId,
            until: BlockNumberFor<T>,
        ) -> DispatchResult {
            T::BoardOrigin::ensure_origin(origin)?;
            Self::do_accredit(expert, until)
        }

        /// Suspend an accredited expert: it can neither be asked nor answer nor withdraw.
        ///
        /// By the board. Open consultations run on to their deadline, when the fee returns, unless
        /// the expert is reinstated in time or declines.
        ///
        /// Emits [`Event::Suspended`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::suspend())]
        pub fn suspend(origin: OriginFor<T>, expert: T::AccountId) -> DispatchResult {
            T::BoardOrigin::ensure_origin(origin)?;
            Self::do_suspend(expert)
        }

        /// End a suspension. The accreditation ends when it would have ended without.
        ///
        /// By the board. The bond must be whole.
        ///
        /// Emits [`Event::Reinstated`].
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::reinstate())]
        pub fn reinstate(origin: OriginFor<T>, expert: T::AccountId) -> DispatchResult {
            T::BoardOrigin::ensure_origin(origin)?;
            Self::do_reinstate(expert)
        }

        /// Revoke an accreditation, suspended or not. The expert may apply to the board again, or
        /// withdraw.
        ///
        /// By the board.
        ///
        /// Emits [`Event::Revoked`].
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::revoke())]
        pub fn revoke(origin: OriginFor<T>, expert: T::AccountId) -> DispatchResult {
            T::BoardOrigin::ensure_origin(origin)?;
            Self::do_revoke(expert)
        }

        /// Take `amount` from an expert's bond, or all of it if it is less.
        ///
        /// By the board. The accreditation stays as it is: suspending and revoking are decisions of
        /// their own.
        ///
        /// Emits [`Event::Slashed`] with what was taken.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::slash())]
        pub fn slash(
            origin: OriginFor<T>,
            expert: T::AccountId,
            #[pallet::compact] amount: BalanceOf<T>,
        ) -> DispatchResult {
            T::BoardOrigin::ensure_origin(origin)?;
            Self::do_slash(expert, amount)
        }
    }
}
