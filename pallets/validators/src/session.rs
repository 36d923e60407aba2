// SPDX-License-Identifier: Apache-2.0

//! What `pallet-session` asks at the turn of sessions.

use alloc::vec::Vec;

use frame_support::traits::ValidatorRegistration;
use pallet_session::SessionManager;
use sp_staking::SessionIndex;

use crate::{Admitted, Config, Pallet};

impl<T: Config> Pallet<T> {
    /// Whether `validator` has session keys.
    pub(crate) fn is_registered(validator: &T::AccountId) -> bool {
        pallet_session::Pallet::<T>::is_registered(validator)
    }
}

impl<T: Config> SessionManager<T::AccountId> for Pallet<T> {
    /// The validators after the session that now begins, or `None` to keep the authorities. To
    /// `pallet-session` any list is a change, even one that equals the last, and a change makes
    /// GRANDPA hand over; hence the comparison.
    fn new_session(_: SessionIndex) -> Option<Vec<T::AccountId>> {
        let wanted: Vec<_> = Admitted::<T>::get().into_iter().filter(Self::is_registered).collect();
        (!wanted.is_empty() && wanted != pallet_session::Validators::<T>::get()).then_some(wanted)
    }

    /// `None`, on a chain without genesis validators, makes `pallet-session` take all accounts with
    /// keys.
    fn new_session_genesis(_: SessionIndex) -> Option<Vec<T::AccountId>> {
        let list = Admitted::<T>::get().into_inner();
        (!list.is_empty()).then_some(list)
    }

    fn start_session(_: SessionIndex) {}

    fn end_session(_: SessionIndex) {}
}
