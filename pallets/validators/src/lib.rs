// SPDX-License-Identifier: Apache-2.0

//! # Validators
//!
//! Who makes blocks: a list that the board keeps.
//!
//! ## Goals
//!
//! - The board, and nobody else, admits and retires validators.
//! - The chain never runs out of validators by a decision of the board.
//!
//! ## Terms
//!
//! - **admitted**: on the list. From the session after next on, an admitted validator makes blocks.
//! - **registered**: has given its session keys to `pallet-session`. Only registered accounts can
//!   be admitted. One that purges its keys later on stays on the list and is passed over until it
//!   sets keys again.
//!
//! ## Properties
//!
//! - **Liveness**: the board can't retire the last validator that is registered. Should all on the
//!   list purge their keys, the authorities stay as they are until one sets keys again.
//! - **Quiet**: at the turn of a session, authorities change only if the validators that should be
//!   there aren't those that are, so that finality isn't handed over for nothing.
//! - **Bounded**: the list has at most [`Config::MaxValidators`] entries, each only once.

#![cfg_attr(not(feature = "std"), no_std)]
// Storage, which the macros make types of, has nothing to show.
#![allow(missing_debug_implementations)]
#![deny(missing_docs)]

pub use pallet::*;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod session;
#[cfg(test)]
mod tests;
pub mod weights;

extern crate alloc;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::{collections::BTreeSet, vec::Vec};
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;

    /// The in-code storage version.
    const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// Configuration.
    #[pallet::config]
    pub trait Config:
        frame_system::Config<RuntimeEvent: From<Event<Self>>>
        + pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
    {
        /// Who admits and retires.
        type BoardOrigin: EnsureOrigin<Self::RuntimeOrigin>;

        /// The most validators.
        #[pallet::constant]
        type MaxValidators: Get<u32>;

        /// Weights of the calls.
        type WeightInfo: WeightInfo;
    }

    /// The admitted validators, in the order of their admission.
    #[pallet::storage]
    pub type Admitted<T: Config> =
        StorageValue<_, BoundedVec<T::AccountId, T::MaxValidators>, ValueQuery>;

    /// The validators to begin with.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Each must have session keys in the genesis of `pallet-session`.
        pub validators: Vec<T::AccountId>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let distinct: BTreeSet<_> = self.validators.iter().collect();
            assert!(distinct.len() == self.validators.len(), "genesis validators are listed twice");
            let validators = BoundedVec::try_from(self.validators.clone())
                .expect("genesis has more validators than MaxValidators permits");
            Admitted::<T>::put(validators);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The board has admitted a validator.
        Admitted {
            /// The validator.
            validator: T::AccountId,
        },
        /// The board has retired a validator.
        Retired {
            /// The validator.
            validator: T::AccountId,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The validator is on the list already.
        AlreadyAdmitted,
        /// The validator isn't on the list.
        NotAdmitted,
        /// The account has no session keys.
        NotRegistered,
        /// The list is as long as `MaxValidators` permits.
        TooManyValidators,
        /// No validator with session keys would be left.
        LastValidator,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            assert!(T::MaxValidators::get() > 0, "MaxValidators is zero: nobody could make blocks");
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Admit a validator. It makes blocks from the session after next on.
        ///
        /// By the board. The validator must have set its session keys.
        ///
        /// Emits [`Event::Admitted`].
        #[pallet::call_index(0)]
        #[pallet::weight(<T as Config>::WeightInfo::admit())]
        pub fn admit(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
            T::BoardOrigin::ensure_origin(origin)?;
            ensure!(Self::is_registered(&validator), Error::<T>::NotRegistered);
            Admitted::<T>::try_mutate(|list| -> DispatchResult {
                ensure!(!list.contains(&validator), Error::<T>::AlreadyAdmitted);
                list.try_push(validator.clone()).map_err(|_| Error::<T>::TooManyValidators)?;
                Ok(())
            })?;
            Self::deposit_event(Event::Admitted { validator });
            Ok(())
        }

        /// Retire a validator. It makes blocks until the session after next.
        ///
        /// By the board. Another validator with session keys must remain.
        ///
        /// Emits [`Event::Retired`].
        #[pallet::call_index(1)]
        #[pallet::weight(<T as Config>::WeightInfo::retire(T::MaxValidators::get()))]
        pub fn retire(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
            T::BoardOrigin::ensure_origin(origin)?;
            Admitted::<T>::try_mutate(|list| -> DispatchResult {
                ensure!(list.contains(&validator), Error::<T>::NotAdmitted);
                list.retain(|admitted| *admitted != validator);
                ensure!(list.iter().any(Self::is_registered), Error::<T>::LastValidator);
                Ok(())
            })?;
            Self::deposit_event(Event::Retired { validator });
            Ok(())
        }
    }

    #[cfg(any(feature = "try-runtime", test))]
    impl<T: Config> Pallet<T> {
        /// Check the pallet's state: the list isn't empty and names nobody twice.
        ///
        /// # Errors
        ///
        /// Which of them is broken.
        pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
            let list = Admitted::<T>::get();
            let distinct: BTreeSet<_> = list.iter().collect();
            ensure!(!list.is_empty(), "no validator");
            ensure!(distinct.len() == list.len(), "validator admitted twice");
            Ok(())
        }
    }
}
