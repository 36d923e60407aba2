// SPDX-License-Identifier: Apache-2.0

//! The settings of every pallet, one file a group. A number that someone might want to change
//! stands in one of these files, with the reason for its value.

pub mod board;
pub mod consensus;
pub mod consultations;
pub mod money;
pub mod system;
