// SPDX-License-Identifier: Apache-2.0
//! Whatever text comes as a FHIR record: refused, or read into answers that the intake takes.

#![no_main]

use std::sync::LazyLock;

use cso_clinical::{fhir, Protocol};
use libfuzzer_sys::fuzz_target;

static PROTOCOLS: LazyLock<Vec<Protocol>> = LazyLock::new(|| {
    [include_str!("../../protocols/findrisc.toml"), include_str!("../../protocols/news2.toml")]
        .map(|toml| Protocol::from_toml(toml).expect("a shipped protocol"))
        .into()
});

fuzz_target!(|bytes: &[u8]| {
    let files = [fhir::RecordFile { name: "record", bytes }];
    for protocol in PROTOCOLS.iter() {
        if let Ok(import) = fhir::import(&files, protocol.intake(), jiff::civil::date(2026, 11, 23)) {
            // What is found fits; what is missing has a reason, once; all else isn't needed.
            let answers = import.answers();
            let found = import.findings.iter().map(|one| &one.feature);
            let missing = import.missing.iter().map(|one| &one.feature);
            let silent = import.unconfirmed.features.iter().map(|one| &one.feature);
            let told: Vec<&String> = found.chain(missing).chain(silent).collect();
            for feature in protocol.intake().features() {
                let times = told.iter().filter(|id| ***id == feature.id).count();
                let is_left_out = !protocol.intake().is_needed(&feature.id, &answers);
                assert!(times == 1 || times == 0 && is_left_out, "{}: {times}", feature.id);
            }
            let _ = protocol.intake().encode(&answers);
        }
    }
});
