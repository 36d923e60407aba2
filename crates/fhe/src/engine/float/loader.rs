// SPDX-License-Identifier: Apache-2.0
//! Loading a record while its bytes arrive.

use core::fmt;

use crate::params::{BLOCK_BITS, BODY_BYTES, RECORD_FIXED_LEN};
use crate::program::BitSet;
use crate::random::MaskStream;
use crate::record::{Header, RecordError};

use super::load::{LoadedRecord, RecordMemory};

/// Verifies and loads a record while it arrives, each block as soon as it is there.
///
/// ```
/// use cso_fhe::{BitSet, Loader, Profile, RecordError, RecordKey};
///
/// let record = RecordKey::generate()?.encrypt(&[true, false, true], Profile::Fast)?;
/// let mut loader = Loader::new(BitSet::all());
/// for chunk in record.as_bytes().chunks(100_000) {
///     loader.push(chunk)?;
/// }
/// assert_eq!(loader.finish()?.bits(), 16);
///
/// // What isn't a record is refused as soon as that shows, what is incomplete at the end.
/// assert_eq!(Loader::new(BitSet::first(3)).push(&[0; 64]), Err(RecordError::Magic));
/// let mut loader = Loader::new(BitSet::first(3));
/// loader.push(&record.as_bytes()[..100_000])?;
/// assert!(matches!(loader.finish(), Err(RecordError::Truncated { actual: 100_000, .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Loader {
    bits: BitSet,
    memory: RecordMemory,
    pending: Vec<u8>,
    received: usize,
    state: Option<LoaderState>,
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader")
            .field("bits", &self.bits)
            .field("received", &self.received)
            .field("wanted", &self.wanted())
            .finish()
    }
}

/// What is known once the fixed header is there.
struct LoaderState {
    header: Header,
    /// Everything before the first block, as far as it is there.
    bytes: Vec<u8>,
    masks: MaskStream,
    /// Once everything before the first block is there.
    loaded: Option<LoadedRecord>,
    next_block: usize,
}

impl Loader {
    /// A loader that keeps these bits, those of them that the record has.
    ///
    /// It verifies all: an unread bit can't change an answer, but if a record with a damaged one
    /// were answered or refused by what the program reads, its sender would learn that.
    pub fn new(bits: BitSet) -> Self {
        Self::with_memory(RecordMemory::default(), bits)
    }

    /// [`Self::new`] with the memory of an earlier record.
    pub fn with_memory(memory: RecordMemory, bits: BitSet) -> Self {
        Self { bits, memory, pending: Vec::new(), received: 0, state: None }
    }

    /// Takes the next bytes of the record, of any length.
    ///
    /// # Errors
    ///
    /// As [`Record::from_bytes`](crate::Record::from_bytes), as soon as the bytes show it; only
    /// [`RecordError::Truncated`] has to wait for [`Self::finish`]. After an error the loader is of
    /// no more use.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), RecordError> {
        loop {
            let wanted = self.wanted();
            if self.pending.is_empty() && bytes.len() >= wanted && wanted > 0 {
                let (unit, rest) = bytes.split_at(wanted);
                self.received += wanted;
                self.take(unit)?;
                bytes = rest;
                continue;
            }
            if bytes.is_empty() {
                return Ok(());
            }
            if wanted == 0 {
                let expected = self.received;
                return Err(RecordError::Oversized { expected, actual: expected + bytes.len() });
            }
            let n = (wanted - self.pending.len()).min(bytes.len());
            self.pending.extend_from_slice(&bytes[..n]);
            self.received += n;
            bytes = &bytes[n..];
            if self.pending.len() == wanted {
                let unit = core::mem::take(&mut self.pending);
                self.take(&unit)?;
            }
        }
    }

    /// The record, if it is complete.
    ///
    /// # Errors
    ///
    /// [`RecordError::Truncated`] if it isn't.
    pub fn finish(self) -> Result<LoadedRecord, RecordError> {
        let wanted = self.wanted();
        match self.state {
            Some(LoaderState { loaded: Some(loaded), .. }) if wanted == 0 => Ok(loaded),
            Some(LoaderState { header, .. }) => {
                Err(RecordError::Truncated { expected: header.record_len(), actual: self.received })
            }
            None => {
                let expected = self.received + (wanted - self.pending.len());
                Err(RecordError::Truncated { expected, actual: self.received })
            }
        }
    }

    /// Bytes of the unit that comes next: the fixed header, the rest of the header, or a block; 0
    /// at the end.
    fn wanted(&self) -> usize {
        match &self.state {
            None => RECORD_FIXED_LEN,
            Some(s) if s.loaded.is_none() => s.header.blocks_start() - RECORD_FIXED_LEN,
            Some(s) if s.next_block < s.header.blocks() => s.header.profile.block_bytes(),
            Some(_) => 0,
        }
    }

    fn take(&mut self, unit: &[u8]) -> Result<(), RecordError> {
        let Some(state) = &mut self.state else {
            let header = Header::parse(unit)?;
            self.state = Some(LoaderState {
                header,
                bytes: unit.to_vec(),
                masks: header.masks(),
                loaded: None,
                next_block: 0,
            });
            return Ok(());
        };
        let Some(loaded) = &mut state.loaded else {
            state.bytes.extend_from_slice(unit);
            let memory = core::mem::take(&mut self.memory);
            let zero_body = &unit[..BODY_BYTES];
            state.loaded = Some(LoadedRecord::empty(memory, &state.header, zero_body, &self.bits));
            return Ok(());
        };
        let (header, block) = (state.header, state.next_block);
        if header.digest(block, unit) != state.bytes[header.digest_range(block)] {
            return Err(RecordError::Block(block));
        }
        let first = block * BLOCK_BITS;
        loaded.fill(&state.masks, first..first + BLOCK_BITS, unit);
        state.next_block += 1;
        Ok(())
    }
}
