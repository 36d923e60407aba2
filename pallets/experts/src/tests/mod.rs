// SPDX-License-Identifier: Apache-2.0

//! Tests by topic. Each runs in [`Ext`](crate::mock::Ext), which checks the whole state when the
//! test is over.

mod applying;
mod asking;
mod board;
mod bonds;
mod leaving;
mod property;
mod protocols;
mod updating;
