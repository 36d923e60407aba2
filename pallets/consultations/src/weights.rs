// SPDX-License-Identifier: Apache-2.0

//! Weights of the calls and of the sweep.
//!
//! Database reads and writes are counted by hand from the code; each is written out below. The time
//! a call takes besides is an estimate: 20 us to dispatch a call and deposit its events, 10 us to
//! place, release or transfer a hold, 2 us to hash and encode an item, 1 ns a byte of long values.
//! `frame-omni-bencher` over `benchmarking.rs` replaces them by measured ones.
//!
//! Proof size counts the longest encoding of what is read, rounded up: 2 KiB an expert, 4 KiB an
//! account with its holds, 512 bytes any other item. Envelopes and opinions are written and
//! removed, never read.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{
        constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_MICROS},
        RuntimeDbWeight, Weight,
    },
};

const DISPATCH: u64 = 20 * WEIGHT_REF_TIME_PER_MICROS;
const HOLD: u64 = 10 * WEIGHT_REF_TIME_PER_MICROS;
const ITEM: u64 = 2 * WEIGHT_REF_TIME_PER_MICROS;
const BYTE: u64 = WEIGHT_REF_TIME_PER_MICROS / 1_000;

const EXPERT_PROOF: u64 = 2 * 1024;
const ACCOUNT_PROOF: u64 = 4 * 1024;
const ITEM_PROOF: u64 = 512;

/// Weights of the calls of this pallet, and of its sweep.
pub trait WeightInfo {
    /// `request` with an envelope of `e` bytes.
    fn request(e: u32) -> Weight;
    /// `deliver` with answer and note of `b` bytes together.
    fn deliver(b: u32) -> Weight;
    /// `decline`
    fn decline() -> Weight;
    /// `accept`
    fn accept() -> Weight;
    /// `settle`
    fn settle() -> Weight;
    /// `expire`
    fn expire() -> Weight;
    /// `erase` of the longest envelope and opinion.
    fn erase() -> Weight;
    /// The sweep over a block for which the agenda is empty.
    fn sweep_block() -> Weight;
}

/// Weights for a runtime whose database costs what `frame_system::Config::DbWeight` says.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn request(e: u32) -> Weight {
        estimate::request(e, T::DbWeight::get())
    }
    fn deliver(b: u32) -> Weight {
        estimate::deliver(b, T::DbWeight::get())
    }
    fn decline() -> Weight {
        estimate::decline(T::DbWeight::get())
    }
    fn accept() -> Weight {
        estimate::pay(T::DbWeight::get())
    }
    fn settle() -> Weight {
        estimate::pay(T::DbWeight::get())
    }
    fn expire() -> Weight {
        estimate::expire(T::DbWeight::get())
    }
    fn erase() -> Weight {
        estimate::erase(T::DbWeight::get())
    }
    fn sweep_block() -> Weight {
        estimate::sweep_block(T::DbWeight::get())
    }
}

impl WeightInfo for () {
    fn request(e: u32) -> Weight {
        estimate::request(e, RocksDbWeight::get())
    }
    fn deliver(b: u32) -> Weight {
        estimate::deliver(b, RocksDbWeight::get())
    }
    fn decline() -> Weight {
        estimate::decline(RocksDbWeight::get())
    }
    fn accept() -> Weight {
        estimate::pay(RocksDbWeight::get())
    }
    fn settle() -> Weight {
        estimate::pay(RocksDbWeight::get())
    }
    fn expire() -> Weight {
        estimate::expire(RocksDbWeight::get())
    }
    fn erase() -> Weight {
        estimate::erase(RocksDbWeight::get())
    }
    fn sweep_block() -> Weight {
        estimate::sweep_block(RocksDbWeight::get())
    }
}

mod estimate {
    use super::*;

    /// Reads the expert, the patient as a worker, `Loads`, `NextId`, the account and its holds.
    /// Writes the last four, `WaitingOf`, `Envelopes`, `Agenda` and `Consultations`.
    pub(super) fn request(e: u32, db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(
            DISPATCH + 2 * HOLD + 8 * ITEM + BYTE * u64::from(e),
            EXPERT_PROOF + ACCOUNT_PROOF + 3 * ITEM_PROOF,
        )
        .saturating_add(db.reads_writes(6, 8))
    }

    /// Reads `Consultations`, the worker, the expert and `Loads`. Writes the first and the last,
    /// `WaitingOf`, `Opinions`, and two entries of `Agenda`.
    pub(super) fn deliver(b: u32, db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(DISPATCH + 6 * ITEM + BYTE * u64::from(b), EXPERT_PROOF + 3 * ITEM_PROOF)
            .saturating_add(db.reads_writes(4, 6))
    }

    /// Like `expire`, and reads the worker.
    pub(super) fn decline(db: RuntimeDbWeight) -> Weight {
        expire(db).saturating_add(Weight::from_parts(0, ITEM_PROOF)).saturating_add(db.reads(1))
    }

    /// Reads `Consultations`, `Loads`, the patient's account and its holds. Writes those,
    /// `WaitingOf` and two entries of `Agenda`.
    pub(super) fn expire(db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(DISPATCH + HOLD + 5 * ITEM, ACCOUNT_PROOF + 2 * ITEM_PROOF)
            .saturating_add(db.reads_writes(4, 7))
    }

    /// Reads `Consultations`, `Loads`, the patient's account and its holds, and the expert's
    /// account. Writes those and two entries of `Agenda`.
    pub(super) fn pay(db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(DISPATCH + HOLD + 4 * ITEM, 2 * ACCOUNT_PROOF + 2 * ITEM_PROOF)
            .saturating_add(db.reads_writes(5, 7))
    }

    /// Reads `Consultations`, the patient's account and its holds. Writes those, `Agenda`,
    /// `Envelopes` and `Opinions`.
    pub(super) fn erase(db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(DISPATCH + HOLD + 4 * ITEM, ACCOUNT_PROOF + ITEM_PROOF)
            .saturating_add(db.reads_writes(3, 6))
    }

    /// Reads `NextSweep` and the first key of `Agenda` for the block. Writes the former.
    pub(super) fn sweep_block(db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(2 * ITEM, 2 * ITEM_PROOF).saturating_add(db.reads_writes(2, 1))
    }
}
