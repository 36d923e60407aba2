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
            // What is found fits; what is missing has a reason.
            let asked = protocol.intake().features().len();
            let unconfirmed = import.unconfirmed.features.len();
            assert_eq!(import.findings.len() + import.missing.len() + unconfirmed, asked);
            let _ = protocol.intake().encode(&import.answers());
        }
    }
});
