// SPDX-License-Identifier: Apache-2.0

//! Weights of the calls.
//!
//! Database reads and writes are counted by hand from the code; each is written out below. The time
//! a call takes besides is an estimate: 20 us to dispatch a call and deposit its events, 10 us to
//! place or release a hold, 2 us to hash and encode an item, 1 ns a byte of long values.
//! `frame-omni-bencher` over `benchmarking.rs` replaces them by measured ones.
//!
//! Proof size counts the longest encoding of what is read, rounded up: 2 KiB an expert, 128 bytes a
//! worker, 33 KiB a protocol, 4 KiB an account with its holds.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{
        constants::{RocksDbWeight, WEIGHT_REF_TIME_PER_MICROS},
        Weight,
    },
};

const DISPATCH: u64 = 20 * WEIGHT_REF_TIME_PER_MICROS;
const HOLD: u64 = 10 * WEIGHT_REF_TIME_PER_MICROS;
const ITEM: u64 = 2 * WEIGHT_REF_TIME_PER_MICROS;
const BYTE: u64 = WEIGHT_REF_TIME_PER_MICROS / 1_000;

const EXPERT_PROOF: u64 = 2 * 1024;
const WORKER_PROOF: u64 = 128;
const PROTOCOL_PROOF: u64 = 33 * 1024;
const ACCOUNT_PROOF: u64 = 4 * 1024;

/// Weights of the calls of this pallet.
pub trait WeightInfo {
    /// `apply` with `w` workers.
    fn apply(w: u32) -> Weight;
    /// `update` of all three.
    fn update() -> Weight;
    /// `set_workers` to `w` workers in place of `o` others.
    fn set_workers(w: u32, o: u32) -> Weight;
    /// `withdraw` with `p` protocols and `w` workers.
    fn withdraw(p: u32, w: u32) -> Weight;
    /// `publish` with a description of `d` bytes.
    fn publish(d: u32) -> Weight;
    /// `retire`
    fn retire() -> Weight;
    /// `top_up`
    fn top_up() -> Weight;
    /// `accredit`
    fn accredit() -> Weight;
    /// `suspend`
    fn suspend() -> Weight;
    /// `reinstate`
    fn reinstate() -> Weight;
    /// `revoke`
    fn revoke() -> Weight;
    /// `slash`
    fn slash() -> Weight;
}

/// Weights for a runtime whose database costs what `frame_system::Config::DbWeight` says.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    fn apply(w: u32) -> Weight {
        estimate::apply(w, T::DbWeight::get())
    }
    fn update() -> Weight {
        estimate::board(T::DbWeight::get())
    }
    fn set_workers(w: u32, o: u32) -> Weight {
        estimate::set_workers(w, o, T::DbWeight::get())
    }
    fn withdraw(p: u32, w: u32) -> Weight {
        estimate::withdraw(p, w, T::DbWeight::get())
    }
    fn publish(d: u32) -> Weight {
        estimate::publish(d, T::DbWeight::get())
    }
    fn retire() -> Weight {
        estimate::retire(T::DbWeight::get())
    }
    fn top_up() -> Weight {
        estimate::bond(T::DbWeight::get())
    }
    fn accredit() -> Weight {
        estimate::board(T::DbWeight::get())
    }
    fn suspend() -> Weight {
        estimate::board(T::DbWeight::get())
    }
    fn reinstate() -> Weight {
        estimate::board(T::DbWeight::get())
    }
    fn revoke() -> Weight {
        estimate::board(T::DbWeight::get())
    }
    fn slash() -> Weight {
        estimate::bond(T::DbWeight::get())
    }
}

impl WeightInfo for () {
    fn apply(w: u32) -> Weight {
        estimate::apply(w, RocksDbWeight::get())
    }
    fn update() -> Weight {
        estimate::board(RocksDbWeight::get())
    }
    fn set_workers(w: u32, o: u32) -> Weight {
        estimate::set_workers(w, o, RocksDbWeight::get())
    }
    fn withdraw(p: u32, w: u32) -> Weight {
        estimate::withdraw(p, w, RocksDbWeight::get())
    }
    fn publish(d: u32) -> Weight {
        estimate::publish(d, RocksDbWeight::get())
    }
    fn retire() -> Weight {
        estimate::retire(RocksDbWeight::get())
    }
    fn top_up() -> Weight {
        estimate::bond(RocksDbWeight::get())
    }
    fn accredit() -> Weight {
        estimate::board(RocksDbWeight::get())
    }
    fn suspend() -> Weight {
        estimate::board(RocksDbWeight::get())
    }
    fn reinstate() -> Weight {
        estimate::board(RocksDbWeight::get())
    }
    fn revoke() -> Weight {
        estimate::board(RocksDbWeight::get())
    }
    fn slash() -> Weight {
        estimate::bond(RocksDbWeight::get())
    }
}

mod estimate {
    use super::*;
    use frame_support::weights::RuntimeDbWeight;

    /// Reads `Experts`, `Workers` for each, the account and its holds; writes all of them.
    pub(super) fn apply(w: u32, db: RuntimeDbWeight) -> Weight {
        let w = u64::from(w);
        Weight::from_parts(
            DISPATCH + HOLD + ITEM * w,
            EXPERT_PROOF + ACCOUNT_PROOF + WORKER_PROOF * w,
        )
        .saturating_add(db.reads_writes(3 + w, 3 + w))
    }

    /// Reads `Experts` and `Workers` for each new worker; writes those, and `Workers` for each old
    /// one.
    pub(super) fn set_workers(w: u32, o: u32, db: RuntimeDbWeight) -> Weight {
        let (w, o) = (u64::from(w), u64::from(o));
        Weight::from_parts(DISPATCH + ITEM * (w + o), EXPERT_PROOF + WORKER_PROOF * (w + o))
            .saturating_add(db.reads_writes(1 + w, 1 + w + o))
    }

    /// Reads `Experts`, `OpenConsultations`, each protocol and the end of their list, the account
    /// and its holds; writes those but the second, and `Workers` for each.
    pub(super) fn withdraw(p: u32, w: u32, db: RuntimeDbWeight) -> Weight {
        let (p, w) = (u64::from(p), u64::from(w));
        Weight::from_parts(
            DISPATCH + 2 * HOLD + ITEM * w + (ITEM + BYTE * PROTOCOL_PROOF) * p,
            EXPERT_PROOF + ACCOUNT_PROOF + WORKER_PROOF * (1 + w) + PROTOCOL_PROOF * (1 + p),
        )
        .saturating_add(db.reads_writes(5 + p, 3 + w + p))
    }

    /// Reads `NextProtocolId`, `Experts`, the account and its holds; writes those and `Protocols`.
    pub(super) fn publish(d: u32, db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(
            DISPATCH + HOLD + ITEM + BYTE * u64::from(d),
            EXPERT_PROOF + ACCOUNT_PROOF + PROTOCOL_PROOF,
        )
        .saturating_add(db.reads_writes(4, 5))
    }

    /// Reads and writes `Experts`, `Protocols`, the account and its holds.
    pub(super) fn retire(db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(
            DISPATCH + HOLD + ITEM + BYTE * PROTOCOL_PROOF,
            EXPERT_PROOF + ACCOUNT_PROOF + PROTOCOL_PROOF,
        )
        .saturating_add(db.reads_writes(4, 4))
    }

    /// Reads and writes `Experts`, the account and its holds. A slash writes the total issuance, or
    /// an account it goes to, as well.
    pub(super) fn bond(db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(DISPATCH + HOLD + ITEM, EXPERT_PROOF + 2 * ACCOUNT_PROOF)
            .saturating_add(db.reads_writes(4, 4))
    }

    /// Reads and writes `Experts`; an origin that is a list of members reads that list.
    pub(super) fn board(db: RuntimeDbWeight) -> Weight {
        Weight::from_parts(DISPATCH + ITEM, EXPERT_PROOF + ACCOUNT_PROOF)
            .saturating_add(db.reads_writes(2, 1))
    }
}
