// SPDX-License-Identifier: Apache-2.0

//! Tests by topic. Each checks the state of all pallets at its end.

mod answering;
mod asking;
mod closing;
mod erasing;
mod money;
mod property;
mod queries;
mod sweep;
mod worker;
