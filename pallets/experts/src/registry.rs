// SPDX-License-Identifier: Apache-2.0

//! What the calls do. Each function checks everything before it changes anything, holds included.

use alloc::collections::BTreeSet;

use cso_primitives::{ModelCommitment, SealingPublicKey};
use frame_support::{
    pallet_prelude::*,
    traits::{
        fungible::{BalancedHold, MutateHold},
        tokens::Precision,
        Footprint, OnUnbalanced,
    },
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::{
    traits::{Convert, Saturating, Zero},
    ArithmeticError,
};

use crate::{
    BalanceOf, Config, Error, Event, Expert, Experts, HoldReason, NextProtocolId,
    OpenConsultations, Pallet, Protocol, ProtocolId, Protocols, Status, Workers,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_apply(
        who: T::AccountId,
        endpoint: BoundedVec<u8, T::MaxEndpointLen>,
        sealing_key: SealingPublicKey,
        workers: BoundedVec<T::AccountId, T::MaxWorkers>,
        price: BalanceOf<T>,
    ) -> DispatchResult {
        ensure!(!Experts::<T>::contains_key(&who), Error::<T>::AlreadyExpert);
        Self::ensure_endpoint(&endpoint)?;
        ensure!(price >= T::MinPrice::get(), Error::<T>::PriceTooLow);
        Self::ensure_workers(&who, &workers)?;

        let bond = T::Bond::get();
        T::Currency::hold(&HoldReason::Bond.into(), &who, bond)?;
        for worker in &workers {
            Workers::<T>::insert(worker, &who);
        }
        let expert = Expert {
            status: Status::Applied,
            price,
            bond,
            endpoint,
            sealing_key,
            workers,
            protocols: 0,
        };
        Experts::<T>::insert(&who, expert);
        Self::deposit_event(Event::Applied { expert: who, bond });
        Ok(())
    }

    pub(crate) fn do_update(
        who: T::AccountId,
        endpoint: Option<BoundedVec<u8, T::MaxEndpointLen>>,
        sealing_key: Option<SealingPublicKey>,
        price: Option<BalanceOf<T>>,
    ) -> DispatchResult {
        Self::try_mutate(&who, |expert| {
            if let Some(endpoint) = endpoint {
                Self::ensure_endpoint(&endpoint)?;
                expert.endpoint = endpoint;
            }
            if let Some(price) = price {
                ensure!(price >= T::MinPrice::get(), Error::<T>::PriceTooLow);
                expert.price = price;
            }
            if let Some(sealing_key) = sealing_key {
                expert.sealing_key = sealing_key;
            }
            Ok(())
        })?;
        Self::deposit_event(Event::Updated { expert: who });
        Ok(())
    }

    pub(crate) fn do_set_workers(
        who: T::AccountId,
        workers: BoundedVec<T::AccountId, T::MaxWorkers>,
    ) -> DispatchResult {
        Self::try_mutate(&who, |expert| {
            Self::ensure_workers(&who, &workers)?;
            for worker in &expert.workers {
                Workers::<T>::remove(worker);
            }
            for worker in &workers {
                Workers::<T>::insert(worker, &who);
            }
            expert.workers = workers.clone();
            Ok(())
        })?;
        Self::deposit_event(Event::WorkersSet { expert: who, workers });
        Ok(())
    }

    /// Returns how many protocols and workers were removed with the expert.
    pub(crate) fn do_withdraw(who: T::AccountId) -> Result<(u32, u32), DispatchError> {
        let expert = Experts::<T>::get(&who).ok_or(Error::<T>::UnknownExpert)?;
        ensure!(!matches!(expert.status, Status::Suspended { .. }), Error::<T>::ExpertSuspended);
        ensure!(!T::OpenConsultations::has_open(&who), Error::<T>::ConsultationsOpen);

        let deposits = Protocols::<T>::drain_prefix(&who)
            .fold(BalanceOf::<T>::zero(), |sum, (_, protocol)| {
                sum.saturating_add(protocol.deposit)
            });
        for worker in &expert.workers {
            Workers::<T>::remove(worker);
        }
        Experts::<T>::remove(&who);
        T::Currency::release(&HoldReason::Protocol.into(), &who, deposits, Precision::Exact)?;
        T::Currency::release(&HoldReason::Bond.into(), &who, expert.bond, Precision::Exact)?;
        Self::deposit_event(Event::Withdrawn { expert: who });
        Ok((expert.protocols, expert.workers.len() as u32))
    }

    pub(crate) fn do_publish(
        who: T::AccountId,
        description: BoundedVec<u8, T::MaxDescriptionLen>,
        model: ModelCommitment,
    ) -> DispatchResult {
        ensure!(!description.is_empty(), Error::<T>::EmptyDescription);
        let id = NextProtocolId::<T>::get();
        let next = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;
        Self::try_mutate(&who, |expert| {
            ensure!(expert.protocols < T::MaxProtocols::get(), Error::<T>::TooManyProtocols);
            let deposit = T::ProtocolDeposit::convert(Footprint::from_parts(1, description.len()));
            T::Currency::hold(&HoldReason::Protocol.into(), &who, deposit)?;
            let published = frame_system::Pallet::<T>::block_number();
            Protocols::<T>::insert(&who, id, Protocol { description, model, published, deposit });
            expert.protocols.saturating_inc();
            Ok(())
        })?;
        NextProtocolId::<T>::put(next);
        Self::deposit_event(Event::ProtocolPublished { expert: who, protocol: id, model });
        Ok(())
    }

    pub(crate) fn do_retire(who: T::AccountId, id: ProtocolId) -> DispatchResult {
        Self::try_mutate(&who, |expert| {
            let protocol = Protocols::<T>::take(&who, id).ok_or(Error::<T>::UnknownProtocol)?;
            T::Currency::release(
                &HoldReason::Protocol.into(),
                &who,
                protocol.deposit,
                Precision::Exact,
            )?;
            expert.protocols.saturating_dec();
            Ok(())
        })?;
        Self::deposit_event(Event::ProtocolRetired { expert: who, protocol: id });
        Ok(())
    }

    pub(crate) fn do_top_up(who: T::AccountId) -> DispatchResult {
        let amount = Self::try_mutate(&who, |expert| {
            let bond = T::Bond::get();
            ensure!(expert.bond < bond, Error::<T>::BondSufficient);
            let missing = bond.saturating_sub(expert.bond);
            T::Currency::hold(&HoldReason::Bond.into(), &who, missing)?;
            expert.bond = bond;
            Ok(missing)
        })?;
        Self::deposit_event(Event::BondToppedUp { expert: who, amount });
        Ok(())
    }

    pub(crate) fn do_accredit(who: T::AccountId, until: BlockNumberFor<T>) -> DispatchResult {
        ensure!(until >= frame_system::Pallet::<T>::block_number(), Error::<T>::UntilInPast);
        Self::try_mutate(&who, |expert| {
            ensure!(
                !matches!(expert.status, Status::Suspended { .. }),
                Error::<T>::ExpertSuspended
            );
            ensure!(expert.bond >= T::Bond::get(), Error::<T>::BondTooSmall);
            expert.status = Status::Accredited { until };
            Ok(())
        })?;
        Self::deposit_event(Event::Accredited { expert: who, until });
        Ok(())
    }

    pub(crate) fn do_suspend(who: T::AccountId) -> DispatchResult {
        Self::try_mutate(&who, |expert| match expert.status {
            Status::Accredited { until } => {
                expert.status = Status::Suspended { until };
                Ok(())
            }
            Status::Suspended { .. } => Err(Error::<T>::ExpertSuspended.into()),
            Status::Applied => Err(Error::<T>::NotAccredited.into()),
        })?;
        Self::deposit_event(Event::Suspended { expert: who });
        Ok(())
    }

    pub(crate) fn do_reinstate(who: T::AccountId) -> DispatchResult {
        Self::try_mutate(&who, |expert| {
            let Status::Suspended { until } = expert.status else {
                return Err(Error::<T>::NotSuspended.into());
            };
            ensure!(expert.bond >= T::Bond::get(), Error::<T>::BondTooSmall);
            expert.status = Status::Accredited { until };
            Ok(())
        })?;
        Self::deposit_event(Event::Reinstated { expert: who });
        Ok(())
    }

    pub(crate) fn do_revoke(who: T::AccountId) -> DispatchResult {
        Self::try_mutate(&who, |expert| {
            ensure!(expert.status != Status::Applied, Error::<T>::NotAccredited);
            expert.status = Status::Applied;
            Ok(())
        })?;
        Self::deposit_event(Event::Revoked { expert: who });
        Ok(())
    }

    pub(crate) fn do_slash(who: T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
        let (credit, slashed) = Self::try_mutate(&who, |expert| {
            let amount = amount.min(expert.bond);
            ensure!(!amount.is_zero(), Error::<T>::NothingToSlash);
            let (credit, missing) = T::Currency::slash(&HoldReason::Bond.into(), &who, amount);
            let slashed = amount.saturating_sub(missing);
            expert.bond = expert.bond.saturating_sub(slashed);
            Ok((credit, slashed))
        })?;
        T::Slashed::on_unbalanced(credit);
        Self::deposit_event(Event::Slashed { expert: who, amount: slashed });
        Ok(())
    }

    fn try_mutate<R>(
        who: &T::AccountId,
        change: impl FnOnce(&mut Expert<T>) -> Result<R, DispatchError>,
    ) -> Result<R, DispatchError> {
        Experts::<T>::try_mutate(who, |maybe| {
            change(maybe.as_mut().ok_or(Error::<T>::UnknownExpert)?)
        })
    }

    fn ensure_endpoint(endpoint: &[u8]) -> DispatchResult {
        let printable = endpoint.iter().all(u8::is_ascii_graphic);
        ensure!(!endpoint.is_empty() && printable, Error::<T>::BadEndpoint);
        Ok(())
    }

    fn ensure_workers(who: &T::AccountId, workers: &[T::AccountId]) -> DispatchResult {
        ensure!(!workers.is_empty(), Error::<T>::NoWorkers);
        let distinct: BTreeSet<_> = workers.iter().collect();
        ensure!(distinct.len() == workers.len(), Error::<T>::DuplicateWorker);
        let free =
            workers.iter().all(|worker| Workers::<T>::get(worker).is_none_or(|of| of == *who));
        ensure!(free, Error::<T>::WorkerTaken);
        Ok(())
    }
}
