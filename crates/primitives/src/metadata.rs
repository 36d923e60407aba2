// SPDX-License-Identifier: Apache-2.0

//! What the runtime's versions look like from outside.

/// A line a version: name and version of the runtime, and the hash of its metadata in hex. The
/// runtime's build puts the hash of its own version into the blob, which checks what was signed by
/// it; a test of the runtime says what it must be.
const KNOWN: &str = include_str!("../metadata-hashes.txt");

/// Hash of the metadata of a runtime's version (RFC 78), if the version is known. Older ones never
/// change; newer ones than this program aren't known.
pub fn metadata_hash(spec_name: &str, spec_version: u32) -> Option<[u8; 32]> {
    KNOWN.lines().find_map(|line| {
        let mut words = line.split(' ');
        let same = words.next() == Some(spec_name)
            && words.next().and_then(|version| version.parse().ok()) == Some(spec_version);
        same.then(|| words.next().and_then(bytes)).flatten()
    })
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 2 * bytes.len() || !hex.is_ascii() {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let digits = core::str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_version() {
        for line in KNOWN.lines() {
            let words: alloc::vec::Vec<_> = line.split(' ').collect();
            let [name, version, hash] = words[..] else { panic!("{line}") };
            let found = metadata_hash(name, version.parse().unwrap());
            assert_eq!(found, bytes(hash), "{line}");
            assert!(found.is_some(), "{line}");
        }
        assert_eq!(metadata_hash("cso", 0), None);
        assert_eq!(metadata_hash("polkadot", 1), None);
    }
}
