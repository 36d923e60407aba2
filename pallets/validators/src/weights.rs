// SPDX-License-Identifier: Apache-2.0

//! Weights of the calls.
//!
//! Both read the list, session keys of at most every validator on it, and the list of the board's
//! members; they write the list. The time besides is an estimate, 20 us for a call and its event
//! and 1 us for each validator; `frame-omni-bencher` over `benchmarking.rs` replaces it by a
//! measured one.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{
        constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_MICROS},
        RuntimeDbWeight, Weight,
    },
};

/// Weights of the calls of this pallet.
pub trait WeightInfo {
    /// `admit`
    fn admit() -> Weight;
    /// `retire`, when `v` validators are on the list.
    fn retire(v: u32) -> Weight;
}

/// Weights for a runtime whose database costs what `frame_system::Config::DbWeight` says.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn admit() -> Weight {
        estimate(1, T::DbWeight::get())
    }
    fn retire(v: u32) -> Weight {
        estimate(v, T::DbWeight::get())
    }
}

impl WeightInfo for () {
    fn admit() -> Weight {
        estimate(1, RocksDbWeight::get())
    }
    fn retire(v: u32) -> Weight {
        estimate(v, RocksDbWeight::get())
    }
}

/// For a call that asks for the session keys of `v` validators. Proof: 4 KiB for the list and the
/// board, 256 bytes for keys.
fn estimate(v: u32, db: RuntimeDbWeight) -> Weight {
    let v = u64::from(v);
    Weight::from_parts((20 + v) * WEIGHT_REF_TIME_PER_MICROS, 4 * 1024 + 256 * v)
        .saturating_add(db.reads_writes(2 + v, 1))
}
