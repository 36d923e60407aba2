// SPDX-License-Identifier: Apache-2.0

//! Benchmarks of the calls, each in its worst case.

use alloc::{boxed::Box, vec, vec::Vec};

use cso_primitives::{ModelCommitment, SealingPublicKey};
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{fungible::Mutate, EnsureOrigin, Footprint, Get},
    BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_runtime::traits::{Bounded, Convert, Saturating};

use crate::{BalanceOf, Call, Config, Expert, Experts, Pallet, ProtocolId, Protocols, Status};

/// Enough for the bond and `MaxProtocols` deposits.
fn endow<T: Config>(who: &T::AccountId) {
    let largest = Footprint::from_parts(1, T::MaxDescriptionLen::get() as usize);
    let deposits = T::ProtocolDeposit::convert(largest)
        .saturating_mul(BalanceOf::<T>::from(T::MaxProtocols::get()));
    let amount = T::Bond::get().saturating_mul(3u32.into()).saturating_add(deposits);
    let _ = T::Currency::mint_into(who, amount);
}

fn endpoint<T: Config>() -> BoundedVec<u8, T::MaxEndpointLen> {
    vec![b'x'; T::MaxEndpointLen::get() as usize].try_into().expect("as long as its bound")
}

fn description<T: Config>(len: u32) -> BoundedVec<u8, T::MaxDescriptionLen> {
    vec![b'x'; len as usize].try_into().expect("len is within its bound")
}

fn workers<T: Config>(name: &'static str, count: u32) -> BoundedVec<T::AccountId, T::MaxWorkers> {
    let list: Vec<T::AccountId> = (0..count).map(|index| account(name, index, 0)).collect();
    list.try_into().expect("count is within its bound")
}

fn applied<T: Config>() -> T::AccountId {
    applied_with_workers::<T>(T::MaxWorkers::get())
}

fn applied_with_workers<T: Config>(count: u32) -> T::AccountId {
    let who: T::AccountId = whitelisted_caller();
    endow::<T>(&who);
    let workers = workers::<T>("worker", count);
    Pallet::<T>::do_apply(
        who.clone(),
        endpoint::<T>(),
        SealingPublicKey::repeat(7),
        workers,
        T::MinPrice::get(),
    )
    .expect("the account is endowed");
    who
}

fn published<T: Config>(who: &T::AccountId, count: u32) -> ProtocolId {
    for _ in 0..count {
        let description = description::<T>(T::MaxDescriptionLen::get());
        Pallet::<T>::do_publish(who.clone(), description, ModelCommitment::repeat(7))
            .expect("the account is endowed");
    }
    crate::NextProtocolId::<T>::get().saturating_sub(1)
}

fn status<T: Config>(who: &T::AccountId, status: Status<BlockNumberFor<T>>) {
    Experts::<T>::mutate(who, |expert| expert.as_mut().expect("has applied").status = status);
}

fn forever<T: Config>() -> BlockNumberFor<T> {
    BlockNumberFor::<T>::max_value()
}

fn stored<T: Config>(who: &T::AccountId) -> Expert<T> {
    Experts::<T>::get(who).expect("has applied")
}

/// See [`Accreditation::benchmark_expert`](crate::Accreditation::benchmark_expert).
pub(crate) fn accredited<T: Config>(expert: &T::AccountId, worker: &T::AccountId) {
    endow::<T>(expert);
    let workers = vec![worker.clone()].try_into().expect("MaxWorkers is at least one");
    Pallet::<T>::do_apply(
        expert.clone(),
        endpoint::<T>(),
        SealingPublicKey::repeat(7),
        workers,
        T::MinPrice::get(),
    )
    .expect("the account is endowed");
    status::<T>(expert, Status::Accredited { until: forever::<T>() });
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn apply(w: Linear<1, { T::MaxWorkers::get() }>) {
        let who: T::AccountId = whitelisted_caller();
        endow::<T>(&who);
        let workers = workers::<T>("worker", w);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(who.clone()),
            endpoint::<T>(),
            Box::new(SealingPublicKey::repeat(7)),
            workers,
            T::MinPrice::get(),
        );

        assert_eq!(stored::<T>(&who).workers.len() as u32, w);
    }

    #[benchmark]
    fn update() {
        let who = applied::<T>();
        let key = Box::new(SealingPublicKey::repeat(8));

        #[extrinsic_call]
        _(
            RawOrigin::Signed(who.clone()),
            Some(endpoint::<T>()),
            Some(key.clone()),
            Some(T::MinPrice::get()),
        );

        assert_eq!(stored::<T>(&who).sealing_key, *key);
    }

    #[benchmark]
    fn set_workers(w: Linear<1, { T::MaxWorkers::get() }>, o: Linear<1, { T::MaxWorkers::get() }>) {
        let who = applied_with_workers::<T>(o);
        let workers = workers::<T>("other", w);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), workers.clone());

        assert_eq!(stored::<T>(&who).workers, workers);
    }

    #[benchmark]
    fn withdraw(p: Linear<0, { T::MaxProtocols::get() }>, w: Linear<1, { T::MaxWorkers::get() }>) {
        let who = applied_with_workers::<T>(w);
        published::<T>(&who, p);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert!(!Experts::<T>::contains_key(&who));
    }

    #[benchmark]
    fn publish(d: Linear<1, { T::MaxDescriptionLen::get() }>) {
        let who = applied::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), description::<T>(d), ModelCommitment::repeat(7));

        assert_eq!(stored::<T>(&who).protocols, 1);
    }

    #[benchmark]
    fn retire() {
        let who = applied::<T>();
        let id = published::<T>(&who, 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), id);

        assert!(!Protocols::<T>::contains_key(&who, id));
    }

    #[benchmark]
    fn top_up() -> Result<(), BenchmarkError> {
        let who = applied::<T>();
        Pallet::<T>::do_slash(who.clone(), T::Bond::get())?;

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert_eq!(stored::<T>(&who).bond, T::Bond::get());
        Ok(())
    }

    #[benchmark]
    fn accredit() -> Result<(), BenchmarkError> {
        let who = applied::<T>();
        let board =
            T::BoardOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        let until = forever::<T>();

        #[extrinsic_call]
        _(board as T::RuntimeOrigin, who.clone(), until);

        assert_eq!(stored::<T>(&who).status, Status::Accredited { until });
        Ok(())
    }

    #[benchmark]
    fn suspend() -> Result<(), BenchmarkError> {
        let who = applied::<T>();
        let until = forever::<T>();
        status::<T>(&who, Status::Accredited { until });
        let board =
            T::BoardOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(board as T::RuntimeOrigin, who.clone());

        assert_eq!(stored::<T>(&who).status, Status::Suspended { until });
        Ok(())
    }

    #[benchmark]
    fn reinstate() -> Result<(), BenchmarkError> {
        let who = applied::<T>();
        let until = forever::<T>();
        status::<T>(&who, Status::Suspended { until });
        let board =
            T::BoardOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(board as T::RuntimeOrigin, who.clone());

        assert_eq!(stored::<T>(&who).status, Status::Accredited { until });
        Ok(())
    }

    #[benchmark]
    fn revoke() -> Result<(), BenchmarkError> {
        let who = applied::<T>();
        status::<T>(&who, Status::Suspended { until: forever::<T>() });
        let board =
            T::BoardOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(board as T::RuntimeOrigin, who.clone());

        assert_eq!(stored::<T>(&who).status, Status::Applied);
        Ok(())
    }

    #[benchmark]
    fn slash() -> Result<(), BenchmarkError> {
        let who = applied::<T>();
        let board =
            T::BoardOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(board as T::RuntimeOrigin, who.clone(), T::Bond::get());

        assert_eq!(stored::<T>(&who).bond, Default::default());
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::Ext::empty(), crate::mock::Test);
}
