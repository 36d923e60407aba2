// SPDX-License-Identifier: Apache-2.0

//! What must hold between any two transactions.

use alloc::collections::BTreeMap;

use frame_support::{
    ensure,
    traits::fungible::{Inspect, InspectHold},
};
use sp_runtime::{
    traits::{Saturating, Zero},
    TryRuntimeError,
};

use crate::{BalanceOf, Config, Experts, HoldReason, NextProtocolId, Pallet, Protocols, Workers};

impl<T: Config> Pallet<T> {
    /// Check the pallet's state.
    ///
    /// - Every bond and every sum of protocol deposits is on hold to the last coin, and nothing
    ///   else is.
    /// - The list of workers in each expert and the map of workers say the same.
    /// - Protocols belong to experts, who count them rightly; numbers to come are unused.
    ///
    /// # Errors
    ///
    /// The first of these that is broken.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut deposits = BTreeMap::<T::AccountId, (u32, BalanceOf<T>)>::new();
        for (expert, id, protocol) in Protocols::<T>::iter() {
            ensure!(Experts::<T>::contains_key(&expert), "protocol of nobody");
            ensure!(id < NextProtocolId::<T>::get(), "protocol number beyond the next");
            ensure!(!protocol.description.is_empty(), "protocol without description");
            let (count, sum) = deposits.entry(expert).or_insert((0, Zero::zero()));
            count.saturating_inc();
            *sum = sum.saturating_add(protocol.deposit);
        }

        let mut workers = 0;
        for (who, expert) in Experts::<T>::iter() {
            let (count, sum) = deposits.remove(&who).unwrap_or((0, Zero::zero()));
            ensure!(expert.protocols == count, "wrong count of protocols");
            ensure!(
                T::Currency::balance_on_hold(&HoldReason::Protocol.into(), &who) == sum,
                "deposits for protocols differ from what is on hold"
            );
            ensure!(
                T::Currency::balance_on_hold(&HoldReason::Bond.into(), &who) == expert.bond,
                "bond differs from what is on hold"
            );
            ensure!(!expert.workers.is_empty(), "expert without workers");
            for worker in &expert.workers {
                ensure!(
                    Workers::<T>::get(worker).as_ref() == Some(&who),
                    "worker doesn't sign for the expert that names it"
                );
            }
            workers += expert.workers.len();
            ensure!(expert.price >= T::Currency::minimum_balance(), "price can't be paid out");
        }
        ensure!(Workers::<T>::iter().count() == workers, "worker that no expert names");
        Ok(())
    }
}
