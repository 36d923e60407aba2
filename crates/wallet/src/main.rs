// SPDX-License-Identifier: Apache-2.0
//! placeholder while parts are written
mod amount; mod secret; mod keys; mod polkadot_js; mod vault;
fn main() {}
