// SPDX-License-Identifier: Apache-2.0
//! A record made ready for evaluation in the fast arithmetic.

use core::fmt;
use core::ops::Range;

use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::engine::common::Common;
use crate::machine::Spectra;
use crate::params::Profile;
use crate::program::BitSet;
use crate::random::MaskStream;
use crate::record::{Header, Record};

use super::bits::load_bits;
use super::layout::ggsw_len;

/// A record ready for evaluation by any number of programs.
///
/// ```
/// use cso_fhe::{BitSet, LoadedRecord, Profile, RecordKey};
///
/// let record = RecordKey::generate()?.encrypt(&[true; 20], Profile::Fast)?;
/// let loaded = LoadedRecord::load(&record);
/// assert_eq!((loaded.bits(), loaded.profile()), (32, Profile::Fast));
///
/// // Loaded, a bit takes 64 KiB in profile Fast and 128 KiB in profile Private. Bits that no
/// // program reads need not be loaded.
/// let some: BitSet = [3, 17].into_iter().collect();
/// let some = LoadedRecord::load_only(&record, &some);
/// assert_eq!(some.bits(), 2);
/// assert_eq!(loaded.resident_bytes() - some.resident_bytes(), 30 << 16);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`Loader`](crate::Loader) makes one while the record's bytes arrive.
pub struct LoadedRecord {
    common: Common,
    ggsw: Spectra,
}

impl fmt::Debug for LoadedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadedRecord")
            .field("profile", &self.profile())
            .field("bits", &self.bits())
            .field("resident_bytes", &self.resident_bytes())
            .finish()
    }
}

/// Memory that held a loaded record, for the next one.
///
/// A record takes 64 to 128 KiB a bit; getting as much from the operating system anew, page by
/// page, takes as long as a third of loading.
///
/// ```
/// use cso_fhe::{BitSet, LoadedRecord, Loader, Profile, RecordKey};
///
/// let key = RecordKey::generate()?;
/// let earlier = LoadedRecord::load(&key.encrypt(&[true; 16], Profile::Fast)?);
/// let memory = earlier.into_memory();
/// assert_eq!(memory.resident_bytes() >> 16, 16);
///
/// let record = key.encrypt(&[false; 16], Profile::Fast)?;
/// let mut loader = Loader::with_memory(memory, BitSet::all());
/// loader.push(record.as_bytes())?;
/// assert_eq!(loader.finish()?.bits(), 16);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct RecordMemory(Spectra);

impl fmt::Debug for RecordMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordMemory").field("resident_bytes", &self.resident_bytes()).finish()
    }
}

impl RecordMemory {
    /// Bytes held.
    pub fn resident_bytes(&self) -> usize {
        self.0.resident_bytes()
    }
}

impl LoadedRecord {
    /// Loads all bits of a record.
    pub fn load(record: &Record) -> Self {
        Self::load_first(record, record.bits())
    }

    /// Loads only the first `bits` bits of a record (all of them if it has fewer).
    pub fn load_first(record: &Record, bits: usize) -> Self {
        Self::load_only(record, &BitSet::first(bits))
    }

    /// Loads only the wanted bits of a record, those of them that it has.
    pub fn load_only(record: &Record, wanted: &BitSet) -> Self {
        Self::load_into(RecordMemory::default(), record, wanted)
    }

    /// [`Self::load_only`] into the memory of an earlier record.
    pub fn load_into(memory: RecordMemory, record: &Record, wanted: &BitSet) -> Self {
        let header = record.header();
        let mut loaded = Self::empty(memory, header, record.zero_body(), wanted);
        loaded.fill(&header.masks(), 0..header.bits, record.bodies());
        loaded
    }

    /// Room for the wanted bits of a record.
    pub(super) fn empty(
        memory: RecordMemory,
        header: &Header,
        zero_body: &[u8],
        wanted: &BitSet,
    ) -> Self {
        let common = Common::load(header, zero_body, wanted);
        let len = common.places.loaded().len() * ggsw_len(header.profile);
        Self { common, ggsw: Spectra::with_len(len, memory.0) }
    }

    /// Loads what is wanted of these bits; `bodies` begins with those of the first.
    pub(super) fn fill(&mut self, masks: &MaskStream, bits: Range<usize>, bodies: &[u8]) {
        let Common { profile, places, .. } = &self.common;
        let len = ggsw_len(*profile);
        let first = bits.start;
        let within = places.within(bits);
        let ggsw = &mut self.ggsw.as_mut_slice()[within.start * len..within.end * len];
        load_bits(masks, *profile, &places.loaded()[within], (first, bodies), ggsw);
    }

    /// Gives the memory back for the next record.
    pub fn into_memory(self) -> RecordMemory {
        RecordMemory(self.ggsw)
    }

    /// Number of loaded bits.
    pub fn bits(&self) -> usize {
        self.common.places.loaded().len()
    }

    /// The record's profile.
    pub fn profile(&self) -> Profile {
        self.common.profile
    }

    /// Bytes this record keeps resident.
    pub fn resident_bytes(&self) -> usize {
        self.ggsw.resident_bytes() + self.common.zero.resident_bytes()
    }

    /// What it holds in every arithmetic.
    pub(crate) fn common(&self) -> &Common {
        &self.common
    }

    /// The GGSW ciphertext of a loaded bit.
    pub(crate) fn ggsw(&self, bit: usize) -> &[c64] {
        let len = ggsw_len(self.common.profile);
        let place = self.common.places.of(bit).expect("bits are looked for before they are read");
        &self.ggsw.as_slice()[place * len..(place + 1) * len]
    }
}
