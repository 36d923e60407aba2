// SPDX-License-Identifier: Apache-2.0

//! Benchmarks of the calls and of the sweep, each in its worst case.

use alloc::vec;

use cso_primitives::{DeclineReason, RecordCommitment};
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{
        fungible::{Inspect, Mutate},
        Get,
    },
    weights::WeightMeter,
    BoundedVec,
};
use frame_system::RawOrigin;
use pallet_experts::Accreditation;
use sp_runtime::traits::{One, Saturating};

use crate::{
    BalanceOf, Call, Config, ConsultationId, Consultations, Envelopes, NextId, NextSweep, Opinions,
    Pallet, Status,
};

struct Parties<T: Config> {
    patient: T::AccountId,
    expert: T::AccountId,
    worker: T::AccountId,
    fee: BalanceOf<T>,
}

fn parties<T: Config>() -> Parties<T> {
    // The framework measures in block 1 whatever is prepared in block 0.
    frame_system::Pallet::<T>::set_block_number(One::one());
    let patient: T::AccountId = account("patient", 0, 0);
    let expert: T::AccountId = account("expert", 0, 0);
    let worker: T::AccountId = account("worker", 0, 0);
    T::Experts::benchmark_expert(&expert, &worker);
    let fee = T::Experts::price(&expert).expect("the expert is accredited");
    let deposit = Pallet::<T>::deposit(T::MaxEnvelopeLen::get() as usize);
    let endowment = T::Currency::minimum_balance().saturating_add(fee).saturating_add(deposit);
    let _ = T::Currency::mint_into(&patient, endowment);
    Parties { patient, expert, worker, fee }
}

fn bytes<L: Get<u32>>(len: u32) -> BoundedVec<u8, L> {
    vec![7; len as usize].try_into().expect("len is within its bound")
}

fn requested<T: Config>() -> (Parties<T>, ConsultationId) {
    let parties = parties::<T>();
    let id = NextId::<T>::get();
    Pallet::<T>::do_request(
        parties.patient.clone(),
        parties.expert.clone(),
        RecordCommitment::repeat(7),
        bytes(T::MaxEnvelopeLen::get()),
        parties.fee,
        Pallet::<T>::now().saturating_add(T::MinTerm::get()),
    )
    .expect("patient and expert are fit");
    (parties, id)
}

fn delivered<T: Config>() -> (Parties<T>, ConsultationId) {
    let (parties, id) = requested::<T>();
    let (answer, note) = (bytes(T::MaxAnswerLen::get()), bytes(T::MaxNoteLen::get()));
    Pallet::<T>::do_deliver(parties.worker.clone(), id, answer, note)
        .expect("the worker is the expert's");
    (parties, id)
}

/// To the block in which the next step of a consultation happens by itself.
fn wait_until_due<T: Config>(id: ConsultationId) {
    let due = Consultations::<T>::get(id).expect("there is such a consultation").due();
    frame_system::Pallet::<T>::set_block_number(due);
}

fn status_of<T: Config>(
    id: ConsultationId,
) -> Status<frame_system::pallet_prelude::BlockNumberFor<T>> {
    Consultations::<T>::get(id).expect("there is such a consultation").status
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn request(e: Linear<1, { T::MaxEnvelopeLen::get() }>) {
        let Parties { patient, expert, fee, .. } = parties::<T>();
        let deadline = Pallet::<T>::now().saturating_add(T::MinTerm::get());

        #[extrinsic_call]
        _(RawOrigin::Signed(patient), expert, RecordCommitment::repeat(7), bytes(e), fee, deadline);

        assert_eq!(Envelopes::<T>::get(0).map(|envelope| envelope.len() as u32), Some(e));
    }

    #[benchmark]
    fn deliver(b: Linear<1, { T::MaxAnswerLen::get() + T::MaxNoteLen::get() }>) {
        let (parties, id) = requested::<T>();
        let answer = b.min(T::MaxAnswerLen::get());
        let note = b - answer;

        #[extrinsic_call]
        _(RawOrigin::Signed(parties.worker), id, bytes(answer), bytes(note));

        assert!(Opinions::<T>::contains_key(id));
    }

    #[benchmark]
    fn decline() {
        let (parties, id) = requested::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(parties.worker), id, DeclineReason::Overloaded);

        assert!(matches!(status_of::<T>(id), Status::Declined { .. }));
    }

    #[benchmark]
    fn accept() {
        let (parties, id) = delivered::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(parties.patient), id);

        assert!(matches!(status_of::<T>(id), Status::Accepted { .. }));
    }

    #[benchmark]
    fn settle() {
        let (parties, id) = delivered::<T>();
        wait_until_due::<T>(id);

        #[extrinsic_call]
        _(RawOrigin::Signed(parties.patient), id);

        assert!(matches!(status_of::<T>(id), Status::Accepted { .. }));
    }

    #[benchmark]
    fn expire() {
        let (parties, id) = requested::<T>();
        wait_until_due::<T>(id);

        #[extrinsic_call]
        _(RawOrigin::Signed(parties.patient), id);

        assert!(matches!(status_of::<T>(id), Status::Expired { .. }));
    }

    #[benchmark]
    fn erase() -> Result<(), BenchmarkError> {
        let (parties, id) = delivered::<T>();
        Pallet::<T>::do_accept(parties.patient.clone(), id)?;

        #[extrinsic_call]
        _(RawOrigin::Signed(parties.patient), id);

        assert!(!Consultations::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn sweep_block() {
        let now = Pallet::<T>::now();
        NextSweep::<T>::put(now);

        #[block]
        {
            Pallet::<T>::sweep(now, &mut WeightMeter::new());
        }

        assert_eq!(NextSweep::<T>::get(), now.saturating_add(One::one()));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
