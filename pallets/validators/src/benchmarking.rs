// SPDX-License-Identifier: Apache-2.0

//! Benchmarks of the calls, each in its worst case.

use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get};
use sp_runtime::traits::TrailingZeroInput;

use crate::{Admitted, Call, Config, Pallet};

/// The account numbered `index`, with session keys.
fn registered<T: Config>(index: u32) -> T::AccountId {
    let validator: T::AccountId = account("validator", index, 0);
    let keys = T::Keys::decode(&mut TrailingZeroInput::zeroes()).expect("keys are plain bytes");
    pallet_session::NextKeys::<T>::insert(&validator, keys);
    validator
}

/// A list of `count`, of whom only the last is registered: `retire` has to look at all of them.
fn fill<T: Config>(count: u32) {
    let mut list: alloc::vec::Vec<_> =
        (1..count).map(|index| account("unregistered", index, 0)).collect();
    list.push(registered::<T>(0));
    Admitted::<T>::put(frame_support::BoundedVec::truncate_from(list));
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn admit() -> Result<(), BenchmarkError> {
        fill::<T>(T::MaxValidators::get() - 1);
        let validator = registered::<T>(1);
        let board =
            T::BoardOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(board as T::RuntimeOrigin, validator.clone());

        assert!(Admitted::<T>::get().contains(&validator));
        Ok(())
    }

    #[benchmark]
    fn retire(v: Linear<2, { T::MaxValidators::get() }>) -> Result<(), BenchmarkError> {
        fill::<T>(v);
        let validator: T::AccountId = account("unregistered", 1, 0);
        let board =
            T::BoardOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;

        #[extrinsic_call]
        _(board as T::RuntimeOrigin, validator.clone());

        assert!(!Admitted::<T>::get().contains(&validator));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
