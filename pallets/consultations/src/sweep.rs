// SPDX-License-Identifier: Apache-2.0

//! What happens by itself.
//!
//! Each consultation is on the agenda for one block: the first in which its fee returns, its expert
//! is paid, or it is erased without anybody's call. The sweep runs in the idle time of each block
//! and works the agenda off from [`NextSweep`] up to the present, at most
//! [`Config::MaxSweptPerBlock`] consultations at a time and within the weight left in the block.
//! What it doesn't reach stays on the agenda, so it may come late under load, but never is
//! forgotten.
//!
//! Nothing it does can fail as long as fees and deposits are at least the existential deposit,
//! which `request` and the integrity tests see to. Should it fail all the same (say, because an
//! upgrade has raised the existential deposit), the consultation is taken off the agenda untouched,
//! [`Event::SweepFailed`] says so, and anybody can still call `settle`, `expire` or `erase`.

use frame_support::{pallet_prelude::*, storage::with_storage_layer, weights::WeightMeter};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::Saturating;

use crate::{
    Agenda, Config, ConsultationId, Event, NextSweep, Pallet, Status, WeightInfo, LOG_TARGET,
};

impl<T: Config> Pallet<T> {
    /// The most that one consultation costs the sweep: the read that finds it, and the longest
    /// step.
    pub(crate) fn sweep_step_weight() -> Weight {
        T::WeightInfo::expire()
            .max(T::WeightInfo::settle())
            .max(T::WeightInfo::erase())
            .saturating_add(T::DbWeight::get().reads(1))
    }

    /// Work off the agenda up to and including block `now`.
    pub(crate) fn sweep(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::sweep_block()).is_err() {
            return;
        }
        let start = NextSweep::<T>::get();
        let mut block = start;
        let mut left = T::MaxSweptPerBlock::get();
        while block <= now {
            match Agenda::<T>::iter_key_prefix(block).next() {
                Some(id) if left > 0 && meter.try_consume(Self::sweep_step_weight()).is_ok() => {
                    left -= 1;
                    Self::step(block, id);
                }
                Some(_) => break,
                None => {
                    block.saturating_inc();
                    if block <= now && meter.try_consume(T::WeightInfo::sweep_block()).is_err() {
                        break;
                    }
                }
            }
        }
        if block != start {
            NextSweep::<T>::put(block);
        }
    }

    fn step(block: BlockNumberFor<T>, id: ConsultationId) {
        let done = with_storage_layer(|| match Self::get(id)?.status {
            Status::Requested => Self::do_expire(id),
            Status::Delivered { .. } => Self::do_settle(id),
            Status::Declined { .. } | Status::Accepted { .. } | Status::Expired { .. } => {
                Self::do_erase(None, id)
            }
        });
        if let Err(error) = done {
            log::error!(target: LOG_TARGET, "consultation {id}, due at block {block:?}: {error:?}");
            Agenda::<T>::remove(block, id);
            Self::deposit_event(Event::SweepFailed { id, error });
        }
    }
}
