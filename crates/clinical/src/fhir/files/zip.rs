// SPDX-License-Identifier: Apache-2.0
//! The files in a zip archive, by its central directory (PKWARE's APPNOTE 6.3.10, 4.3).
//!
//! What programs make of a folder or an export: stored and deflated files of one part, without
//! encryption, and below the sizes for which Zip64 was made. Anything else is refused by name.

use super::super::FhirError;
use super::choice::HEAD;
use super::packed::inflate;
use super::MAX_RECORD_FILES;
use cso_model_files::shorten;
use flate2::bufread::DeflateDecoder;
use flate2::Crc;
use std::collections::HashSet;
use std::io::Read as _;

/// A file in an archive.
#[derive(Debug)]
pub(super) struct Member<'a> {
    /// Its name with its folders.
    pub name: String,
    raw_name: &'a [u8],
    flags: u16,
    method: u16,
    crc: u32,
    size: usize,
    packed: usize,
    offset: usize,
    archive: &'a [u8],
}

fn refused(why: impl Into<String>) -> FhirError {
    FhirError::Packed { why: why.into() }
}

fn damaged() -> FhirError {
    refused("is a damaged zip archive")
}

fn zip64() -> FhirError {
    refused("is a Zip64 archive")
}

/// A field of the format; all are little-endian.
fn field<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], FhirError> {
    let end = at.checked_add(N).ok_or_else(damaged)?;
    bytes.get(at..end).and_then(|bytes| bytes.try_into().ok()).ok_or_else(damaged)
}

fn short(bytes: &[u8], at: usize) -> Result<u16, FhirError> {
    field(bytes, at).map(u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Result<u32, FhirError> {
    field(bytes, at).map(u32::from_le_bytes)
}

/// The end of the central directory: the last record whose comment ends with the file.
fn end_of_directory(archive: &[u8]) -> Result<usize, FhirError> {
    const LENGTH: usize = 22;
    let last = archive.len().checked_sub(LENGTH).ok_or_else(damaged)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    (first..=last)
        .rev()
        .find(|at| {
            archive[*at..].starts_with(b"PK\x05\x06")
                && short(archive, at + 20)
                    .is_ok_and(|comment| at + LENGTH + usize::from(comment) == archive.len())
        })
        .ok_or_else(|| refused("is a zip archive without its end: it is cut"))
}

/// The files of an archive, folders left out, by name.
pub(super) fn members(archive: &[u8]) -> Result<Vec<Member<'_>>, FhirError> {
    let end = end_of_directory(archive)?;
    let count = short(archive, end + 10)?;
    let offset = long(archive, end + 16)?;
    if count == u16::MAX || offset == u32::MAX {
        return Err(zip64());
    }
    if short(archive, end + 4)? != 0 || short(archive, end + 8)? != count {
        return Err(refused("is one part of a zip archive of several"));
    }
    if usize::from(count) > MAX_RECORD_FILES {
        return Err(FhirError::TooManyFiles { most: MAX_RECORD_FILES });
    }
    let mut at = offset as usize;
    let mut members = Vec::new();
    let mut names = HashSet::new();
    for _ in 0..count {
        let (member, next) = member(archive, at)?;
        at = next;
        if !names.insert(member.raw_name) {
            return Err(refused(format!("has two files named `{}`", shorten(&member.name))));
        }
        if !member.name.ends_with('/') {
            members.push(member);
        }
    }
    if at != end {
        return Err(damaged());
    }
    members.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(members)
}

/// The entry of the central directory at a place, and where the next one is.
fn member(archive: &[u8], at: usize) -> Result<(Member<'_>, usize), FhirError> {
    const LENGTH: usize = 46;
    if field(archive, at)? != *b"PK\x01\x02" {
        return Err(damaged());
    }
    let lengths = [28, 30, 32].map(|field| short(archive, at + field).map(usize::from));
    let [name, extra, comment] = lengths;
    let (name, more) = (name?, extra? + comment?);
    let raw_name = archive.get(at + LENGTH..at + LENGTH + name).ok_or_else(damaged)?;
    let (packed, size, offset) =
        (long(archive, at + 20)?, long(archive, at + 24)?, long(archive, at + 42)?);
    if [packed, size, offset].contains(&u32::MAX) {
        return Err(zip64());
    }
    let member = Member {
        name: String::from_utf8_lossy(raw_name).replace('\\', "/"),
        raw_name,
        flags: short(archive, at + 8)?,
        method: short(archive, at + 10)?,
        crc: long(archive, at + 16)?,
        size: size as usize,
        packed: packed as usize,
        offset: offset as usize,
        archive,
    };
    Ok((member, at + LENGTH + name + more))
}

impl Member<'_> {
    /// What it begins with; nothing if that can't be unpacked.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = Vec::new();
        let Ok(packed) = self.packed() else { return head };
        // What is cut or damaged has a beginning all the same.
        let _ = match self.method {
            0 => packed.take(HEAD as u64).read_to_end(&mut head),
            8 => DeflateDecoder::new(packed).take(HEAD as u64).read_to_end(&mut head),
            _ => Ok(0),
        };
        head
    }

    /// The packed bytes.
    fn packed(&self) -> Result<&[u8], FhirError> {
        const LENGTH: usize = 30;
        const ENCRYPTED: u16 = 1;
        if self.flags & ENCRYPTED != 0 {
            return Err(refused("is encrypted"));
        }
        let (archive, at) = (self.archive, self.offset);
        if field(archive, at)? != *b"PK\x03\x04" {
            return Err(damaged());
        }
        let (name, extra) = (short(archive, at + 26)?, short(archive, at + 28)?);
        let start = at + LENGTH + usize::from(name);
        if archive.get(at + LENGTH..start) != Some(self.raw_name) {
            return Err(damaged());
        }
        let start = start + usize::from(extra);
        archive.get(start..start + self.packed).ok_or_else(damaged)
    }

    /// Unpacks it, into at most so many bytes.
    pub(super) fn read(&self, most: usize) -> Result<Vec<u8>, FhirError> {
        let packed = self.packed()?;
        let unpacked = match self.method {
            0 => inflate(packed, most, "zip")?,
            8 => inflate(DeflateDecoder::new(packed), most, "zip")?,
            method => {
                return Err(refused(format!(
                    "is compressed in a way (method {method}) that isn't read"
                )))
            }
        };
        let mut crc = Crc::new();
        crc.update(&unpacked);
        if unpacked.len() != self.size || crc.sum() != self.crc {
            return Err(damaged());
        }
        Ok(unpacked)
    }
}
