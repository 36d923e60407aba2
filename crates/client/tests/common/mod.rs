// SPDX-License-Identifier: Apache-2.0
//! A chain, a pool and a place for the wallet in memory, each of which can be told to fail at any
//! point. Keys, records, envelopes, models and evaluation are the real ones.
#![allow(dead_code, unused_imports)] // Each test file uses its own part.

mod chain;
mod expert;
mod fault;
mod hand_off;
mod ledger;
mod storage;
mod world;

pub(crate) use chain::MemoryChain;
pub(crate) use expert::Clinic;
pub(crate) use fault::{Fault, Faults};
pub(crate) use hand_off::MemoryHandOff;
pub(crate) use ledger::{Account, BOND, FEE};
pub(crate) use storage::MemoryStorage;
pub(crate) use world::{fresh, world_after, Next, World, PATIENT};

pub(crate) use cso_client::amount::UNIT;
