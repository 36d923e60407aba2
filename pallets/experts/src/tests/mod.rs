// SPDX-License-Identifier: Apache-2.0

//! Tests by topic. Each runs in [`Ext`], which checks the whole state when the test is over.

use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use sp_core::H256;
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Error, Event, Experts as ExpertsMap, Protocols, Status, Workers};
