// SPDX-License-Identifier: Apache-2.0

//! What the calls do: from one status to the next, and where the money goes.

use cso_primitives::{DeclineReason, RecordCommitment};
use frame_support::{
    pallet_prelude::*,
    traits::{
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Restriction},
        Footprint,
    },
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_experts::{Accreditation, AccreditationError, OpenConsultations};
use sp_runtime::{
    traits::{Convert, Saturating},
    ArithmeticError,
};

use crate::{
    Agenda, BalanceOf, Config, Consultation, ConsultationId, Consultations, Envelopes, Error,
    Event, HoldReason, Load, Loads, NextId, Opinion, Opinions, Pallet, Status, WaitingOf,
};

impl<T: Config> OpenConsultations<T::AccountId> for Pallet<T> {
    fn has_open(expert: &T::AccountId) -> bool {
        Loads::<T>::contains_key(expert)
    }
}

impl<T> From<AccreditationError> for Error<T> {
    fn from(error: AccreditationError) -> Self {
        match error {
            AccreditationError::Unknown => Self::UnknownExpert,
            AccreditationError::NotAccredited => Self::NotAccredited,
            AccreditationError::Expired => Self::AccreditationExpired,
            AccreditationError::Suspended => Self::ExpertSuspended,
        }
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn do_request(
        patient: T::AccountId,
        expert: T::AccountId,
        record: RecordCommitment,
        envelope: BoundedVec<u8, T::MaxEnvelopeLen>,
        fee: BalanceOf<T>,
        deadline: BlockNumberFor<T>,
    ) -> DispatchResult {
        let price = T::Experts::price(&expert).map_err(Error::<T>::from)?;
        let own = patient == expert || T::Experts::expert_of(&patient).as_ref() == Some(&expert);
        ensure!(!own, Error::<T>::OwnExpert);
        ensure!(fee >= price, Error::<T>::FeeTooLow);
        ensure!(!envelope.is_empty(), Error::<T>::EmptyEnvelope);
        let now = Self::now();
        ensure!(deadline >= now.saturating_add(T::MinTerm::get()), Error::<T>::DeadlineTooSoon);
        ensure!(deadline <= now.saturating_add(T::MaxTerm::get()), Error::<T>::DeadlineTooLate);
        let load = Loads::<T>::get(&expert);
        ensure!(load.requested < T::MaxRequestsPerExpert::get(), Error::<T>::ExpertBusy);

        let id = NextId::<T>::get();
        NextId::<T>::put(id.checked_add(1).ok_or(ArithmeticError::Overflow)?);
        let deposit = Self::deposit(envelope.len());
        T::Currency::hold(&HoldReason::Fee.into(), &patient, fee)?;
        T::Currency::hold(&HoldReason::Deposit.into(), &patient, deposit)?;

        Self::set_load(&expert, |load| load.requested.saturating_inc());
        WaitingOf::<T>::insert(&expert, id, ());
        Envelopes::<T>::insert(id, envelope);
        let consultation = Consultation::<T> {
            patient: patient.clone(),
            expert: expert.clone(),
            record,
            fee,
            deposit,
            deadline,
            status: Status::Requested,
        };
        Agenda::<T>::insert(consultation.due(), id, ());
        Consultations::<T>::insert(id, consultation);
        Self::deposit_event(Event::Requested { id, patient, expert, fee, deadline });
        Ok(())
    }

    pub(crate) fn do_deliver(
        worker: T::AccountId,
        id: ConsultationId,
        answer: BoundedVec<u8, T::MaxAnswerLen>,
        note: BoundedVec<u8, T::MaxNoteLen>,
    ) -> DispatchResult {
        let consultation = Self::ensure_answerable(&worker, id)?;
        ensure!(T::Experts::may_answer(&consultation.expert), Error::<T>::MayNotAnswer);
        ensure!(!answer.is_empty(), Error::<T>::EmptyAnswer);

        let now = Self::now();
        let accept_by = now.saturating_add(T::ChallengePeriod::get());
        Self::set_load(&consultation.expert, |load| {
            load.requested.saturating_dec();
            load.delivered.saturating_inc();
        });
        WaitingOf::<T>::remove(&consultation.expert, id);
        Opinions::<T>::insert(id, Opinion { worker: worker.clone(), answer, note, delivered: now });
        Self::set_status(id, consultation, Status::Delivered { accept_by });
        Self::deposit_event(Event::Delivered { id, worker, accept_by });
        Ok(())
    }

    pub(crate) fn do_decline(
        worker: T::AccountId,
        id: ConsultationId,
        reason: DeclineReason,
    ) -> DispatchResult {
        let consultation = Self::ensure_answerable(&worker, id)?;
        let erase_after = Self::erase_after();
        Self::refund(id, consultation, Status::Declined { reason, erase_after })?;
        Self::deposit_event(Event::Declined { id, worker, reason });
        Ok(())
    }

    pub(crate) fn do_expire(id: ConsultationId) -> DispatchResult {
        let consultation = Self::get(id)?;
        ensure!(consultation.status == Status::Requested, Error::<T>::NotRequested);
        ensure!(Self::now() > consultation.deadline, Error::<T>::DeadlineNotPassed);
        let (patient, fee) = (consultation.patient.clone(), consultation.fee);
        let erase_after = Self::erase_after();
        Self::refund(id, consultation, Status::Expired { erase_after })?;
        Self::deposit_event(Event::Expired { id, patient, fee });
        Ok(())
    }

    pub(crate) fn do_accept(who: T::AccountId, id: ConsultationId) -> DispatchResult {
        let consultation = Self::get(id)?;
        ensure!(consultation.patient == who, Error::<T>::NotPatient);
        ensure!(matches!(consultation.status, Status::Delivered { .. }), Error::<T>::NotDelivered);
        let (expert, fee) = Self::pay(id, consultation)?;
        Self::deposit_event(Event::Accepted { id, expert, fee });
        Ok(())
    }

    pub(crate) fn do_settle(id: ConsultationId) -> DispatchResult {
        let consultation = Self::get(id)?;
        let Status::Delivered { accept_by } = consultation.status else {
            return Err(Error::<T>::NotDelivered.into());
        };
        ensure!(Self::now() > accept_by, Error::<T>::ChallengePeriodRunning);
        let (expert, fee) = Self::pay(id, consultation)?;
        Self::deposit_event(Event::Settled { id, expert, fee });
        Ok(())
    }

    /// `who` is `None` for the sweep.
    pub(crate) fn do_erase(who: Option<&T::AccountId>, id: ConsultationId) -> DispatchResult {
        let consultation = Self::get(id)?;
        ensure!(!consultation.is_open(), Error::<T>::NotClosed);
        let may = who == Some(&consultation.patient) || Self::now() >= consultation.due();
        ensure!(may, Error::<T>::RetentionRunning);

        T::Currency::release(
            &HoldReason::Deposit.into(),
            &consultation.patient,
            consultation.deposit,
            Precision::Exact,
        )?;
        Agenda::<T>::remove(consultation.due(), id);
        Envelopes::<T>::remove(id);
        Opinions::<T>::remove(id);
        Consultations::<T>::remove(id);
        Self::deposit_event(Event::Erased { id });
        Ok(())
    }

    /// The deposit for a consultation with an envelope of `len` bytes: for that and for the longest
    /// opinion.
    pub fn deposit(len: usize) -> BalanceOf<T> {
        let opinion = T::MaxAnswerLen::get().saturating_add(T::MaxNoteLen::get()) as usize;
        T::Deposit::convert(Footprint::from_parts(1, len.saturating_add(opinion)))
    }

    pub(crate) fn get(id: ConsultationId) -> Result<Consultation<T>, Error<T>> {
        Consultations::<T>::get(id).ok_or(Error::<T>::UnknownConsultation)
    }

    pub(crate) fn now() -> BlockNumberFor<T> {
        frame_system::Pallet::<T>::block_number()
    }

    fn ensure_answerable(
        worker: &T::AccountId,
        id: ConsultationId,
    ) -> Result<Consultation<T>, Error<T>> {
        let consultation = Self::get(id)?;
        let expert = T::Experts::expert_of(worker);
        ensure!(expert.as_ref() == Some(&consultation.expert), Error::<T>::NotWorker);
        ensure!(consultation.status == Status::Requested, Error::<T>::NotRequested);
        ensure!(Self::now() <= consultation.deadline, Error::<T>::DeadlinePassed);
        Ok(consultation)
    }

    /// Close a consultation that waits for an answer, and give the fee back.
    fn refund(
        id: ConsultationId,
        consultation: Consultation<T>,
        status: Status<BlockNumberFor<T>>,
    ) -> DispatchResult {
        T::Currency::release(
            &HoldReason::Fee.into(),
            &consultation.patient,
            consultation.fee,
            Precision::Exact,
        )?;
        Self::set_load(&consultation.expert, |load| load.requested.saturating_dec());
        WaitingOf::<T>::remove(&consultation.expert, id);
        Self::set_status(id, consultation, status);
        Ok(())
    }

    /// Close a consultation that has an opinion, and pay the expert.
    ///
    /// The fee was committed when it was held, so freezes in the patient's account (which count
    /// what is on hold) don't stand in its way: hence `Force`.
    fn pay(
        id: ConsultationId,
        consultation: Consultation<T>,
    ) -> Result<(T::AccountId, BalanceOf<T>), DispatchError> {
        let (expert, fee) = (consultation.expert.clone(), consultation.fee);
        T::Currency::transfer_on_hold(
            &HoldReason::Fee.into(),
            &consultation.patient,
            &expert,
            fee,
            Precision::Exact,
            Restriction::Free,
            Fortitude::Force,
        )?;
        Self::set_load(&expert, |load| load.delivered.saturating_dec());
        let erase_after = Self::erase_after();
        Self::set_status(id, consultation, Status::Accepted { erase_after });
        Ok((expert, fee))
    }

    fn erase_after() -> BlockNumberFor<T> {
        Self::now().saturating_add(T::Retention::get())
    }

    fn set_status(
        id: ConsultationId,
        mut consultation: Consultation<T>,
        status: Status<BlockNumberFor<T>>,
    ) {
        Agenda::<T>::remove(consultation.due(), id);
        consultation.status = status;
        Agenda::<T>::insert(consultation.due(), id, ());
        Consultations::<T>::insert(id, consultation);
    }

    fn set_load(expert: &T::AccountId, change: impl FnOnce(&mut Load)) {
        Loads::<T>::mutate_exists(expert, |maybe| {
            let mut load = maybe.take().unwrap_or_default();
            change(&mut load);
            *maybe = (!load.is_empty()).then_some(load);
        });
    }
}
