// SPDX-License-Identifier: Apache-2.0
//! Which files of a folder or an archive are read as parts of a record.
//!
//! By their names, and else by what they begin with: FHIR under another name, FHIR in XML and
//! archives may hold what is newer than the rest, so they are read, or refused by name. What is
//! known to be something else is passed over, and named.

use super::packed;

/// How much of a file tells what it is.
pub const HEAD: usize = 4096;

/// Names of JSON and NDJSON, also with `.gz`.
const JSON: [&str; 3] = [".json", ".ndjson", ".jsonl"];

/// Names of what is a zip archive by its form only.
const OTHER_ZIPS: [&str; 9] =
    [".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".jar", ".pages"];

/// What archives and compressed files begin with that aren't unpacked.
const ARCHIVES: [&[u8]; 5] = [b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!"];

/// Whether a file of a folder or an archive is hidden, so that nobody means it.
pub fn is_hidden(name: &str) -> bool {
    let mut parts = name.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    parts.any(|part| part.starts_with('.') || part.eq_ignore_ascii_case("__MACOSX"))
}

/// Whether a file is read as a part of a record. `head` is its beginning, at most [`HEAD`] bytes.
pub fn is_part(name: &str, head: &[u8]) -> bool {
    if is_hidden(name) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let ends = |name: &str, ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if ends(name.strip_suffix(".gz").unwrap_or(&name), &JSON) {
        return true;
    }
    let is_archive = packed::kind(head).is_some()
        || ARCHIVES.iter().any(|archive| head.starts_with(archive))
        || head.get(257..262) == Some(b"ustar");
    if is_archive {
        return !ends(&name, &OTHER_ZIPS);
    }
    // UTF-16 is every other byte of it.
    let text: Vec<u8> = head.iter().copied().filter(|byte| *byte != 0).collect();
    let text = String::from_utf8_lossy(&text);
    match text.trim_start_matches(|c: char| !c.is_ascii() || c.is_whitespace()).chars().next() {
        Some('{' | '[') => text.contains("\"resourceType\""),
        Some('<') => text.contains("hl7.org/fhir"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_fhir_is_read_whatever_its_name() {
        let json = b"\xef\xbb\xbf {\"resourceType\":\"Observation\"}";
        let wide: Vec<u8> =
            b"\xff\xfe[{\"resourceType\":1}]".iter().flat_map(|b| [*b, 0]).collect();
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        let xml = b"<?xml version='1.0'?><Bundle xmlns='http://hl7.org/fhir'>";
        for (name, head) in [
            ("a.json", &b""[..]),
            ("A.NDJSON.GZ", b""),
            ("Observation.2.txt", json),
            ("obs.fhir", &wide),
            ("export", json),
            ("new.xml", xml),
            ("inner.zip", b"PK\x03\x04"),
            ("inner.tar", &tar),
            ("a.zst", b"\x28\xb5\x2f\xfd"),
        ] {
            assert!(is_part(name, head), "{name}");
        }
        for (name, head) in [
            ("notes.txt", &b"see a.json"[..]),
            ("style.xsl", b"<xsl:stylesheet>"),
            ("DOC0001.XML", b"<ClinicalDocument xmlns='urn:hl7-org:v3'>"),
            ("letter.docx", b"PK\x03\x04"),
            ("scan.pdf", b"%PDF-1.7"),
            ("settings", b"{\"theme\":1}"),
            (".hidden.json", b"{}"),
            ("__MACOSX/a.json", b"{}"),
            ("a/.git/b.json", b"{}"),
            ("empty", b""),
        ] {
            assert!(!is_part(name, head), "{name}");
        }
    }
}
