// SPDX-License-Identifier: Apache-2.0
//! Names of what is written: equal content gives equal UUIDs.

use blake2::digest::consts::U16;
use blake2::{Blake2b, Digest};

use crate::intake::{FeatureText, Intake};

/// The canonical URL of the Questionnaire made from an intake. Responses that name it answer
/// exactly these questions.
pub(super) fn questionnaire(intake: &Intake) -> String {
    let features: Vec<FeatureText> = intake.features().iter().map(FeatureText::from).collect();
    let text = serde_json::to_vec(&features).expect("numbers are finite once checked");
    urn(b"cso/questionnaire", &text)
}

/// A UUID of content as URN: BLAKE2b-128 in a UUID of version 8 (RFC 9562, section 5.8).
pub(super) fn urn(domain: &[u8], content: &[u8]) -> String {
    let mut hash = Blake2b::<U16>::new();
    hash.update([domain.len() as u8]);
    hash.update(domain);
    hash.update(content);
    let mut bytes: [u8; 16] = hash.finalize().into();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let (a, b, c) = (&hex[..8], &hex[8..12], &hex[12..16]);
    let (d, e) = (&hex[16..20], &hex[20..]);
    format!("urn:uuid:{a}-{b}-{c}-{d}-{e}")
}
