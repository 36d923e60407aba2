// SPDX-License-Identifier: Apache-2.0
//! The shipped protocols keep the noise budget of the profile that is private for both sides.

mod common;

use cso_clinical::compile;
use cso_fhe::Profile;

#[test]
fn every_shipped_protocol_keeps_the_noise_budget() {
    for (name, protocol) in common::shipped() {
        let compiled = compile(&protocol).unwrap();
        let budget = compiled
            .program
            .budget(Profile::Private)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(compiled.summary.cmuxes, compiled.program.cmuxes(), "{name}");
        println!(
            "{name:14} {:3} bits {:4} external products, failure 2^{:.0}, privacy margin 2^{:.1}",
            compiled.summary.bits,
            compiled.summary.cmuxes,
            budget.failure_log2,
            budget.privacy_margin_log2
        );
    }
}
