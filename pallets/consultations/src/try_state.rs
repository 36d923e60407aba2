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

use crate::{
    Agenda, BalanceOf, Config, Consultations, Envelopes, HoldReason, Load, Loads, NextId,
    NextSweep, Opinions, Pallet, Status, WaitingOf,
};

impl<T: Config> Pallet<T> {
    /// Check the pallet's state.
    ///
    /// - Each patient has exactly the fees of its open consultations and the deposits of all on
    ///   hold.
    /// - Each consultation has an envelope, an opinion if and only if one was delivered, and its
    ///   place on the agenda, unless the sweep has tried in vain.
    /// - No envelope, opinion, list or agenda names a consultation that isn't there.
    /// - The loads of experts are counted rightly; numbers to come are unused.
    ///
    /// # Errors
    ///
    /// The first of these that is broken.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let next_sweep = NextSweep::<T>::get();
        let mut holds = BTreeMap::<T::AccountId, (BalanceOf<T>, BalanceOf<T>)>::new();
        let mut loads = BTreeMap::<T::AccountId, Load>::new();
        let (mut count, mut opinions, mut scheduled) = (0, 0, 0);

        for (id, consultation) in Consultations::<T>::iter() {
            count += 1;
            ensure!(id < NextId::<T>::get(), "number beyond the next");
            ensure!(Envelopes::<T>::contains_key(id), "consultation without envelope");
            ensure!(
                consultation.fee >= T::Currency::minimum_balance(),
                "fee can't be paid out to an empty account"
            );

            let (fees, deposits) =
                holds.entry(consultation.patient.clone()).or_insert((Zero::zero(), Zero::zero()));
            *deposits = deposits.saturating_add(consultation.deposit);
            if consultation.is_open() {
                *fees = fees.saturating_add(consultation.fee);
            }

            let answered =
                matches!(consultation.status, Status::Delivered { .. } | Status::Accepted { .. });
            ensure!(Opinions::<T>::contains_key(id) == answered, "opinion and status don't match");
            opinions += usize::from(answered);

            let requested = consultation.status == Status::Requested;
            let listed = WaitingOf::<T>::contains_key(&consultation.expert, id);
            ensure!(listed == requested, "list of open requests and status don't match");
            if consultation.is_open() {
                let load = loads.entry(consultation.expert.clone()).or_default();
                let counter = if requested { &mut load.requested } else { &mut load.delivered };
                counter.saturating_inc();
            }

            let due = consultation.due();
            let on_agenda = Agenda::<T>::contains_key(due, id);
            ensure!(on_agenda || due <= next_sweep, "consultation isn't on the agenda");
            ensure!(!on_agenda || due >= next_sweep, "consultation was skipped");
            scheduled += usize::from(on_agenda);
        }

        for (patient, (fees, deposits)) in &holds {
            ensure!(
                T::Currency::balance_on_hold(&HoldReason::Fee.into(), patient) == *fees,
                "fees differ from what is on hold"
            );
            ensure!(
                T::Currency::balance_on_hold(&HoldReason::Deposit.into(), patient) == *deposits,
                "deposits differ from what is on hold"
            );
        }
        let waiting: u32 = loads.values().map(|load| load.requested).sum();
        ensure!(Loads::<T>::iter().collect::<BTreeMap<_, _>>() == loads, "wrong loads");
        ensure!(
            WaitingOf::<T>::iter().count() == waiting as usize,
            "orphan in the list of open requests"
        );
        ensure!(Envelopes::<T>::iter_keys().count() == count, "orphan envelope");
        ensure!(Opinions::<T>::iter_keys().count() == opinions, "orphan opinion");
        ensure!(Agenda::<T>::iter().count() == scheduled, "orphan on the agenda");
        Ok(())
    }
}
