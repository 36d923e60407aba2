// SPDX-License-Identifier: Apache-2.0
//! A record made ready for evaluation: masks expanded, everything in the Fourier domain.
//!
//! [`LoadedRecord::load`] takes a whole record; a [`Loader`] takes its bytes as they arrive,
//! verifies each block against the header and loads it at once, so that a record is ready a block
//! after its last byte.

use pulp::Arch;
use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::engine::float::product::{ggsw_len, Interleave, MAX_ROWS, PADDED};
use crate::machine::parallel;
use crate::machine::prefetch::Ahead;
use crate::machine::spectra::Spectra;
use crate::params::{Profile, BLOCK_BITS, BODY_BITS, BODY_BYTES, N};
use crate::random::{context, MaskStream, Stream};
use crate::record::format::{mask_index, mask_seed, Header, Record, RecordError, FIXED_LEN};
use crate::record::key::KEY_ID_LEN;
use crate::ring::fourier::{ExactProduct, Limbs, Transform, FOURIER_LEN};

/// A record ready for evaluation by any number of programs.
pub struct LoadedRecord {
    pub(crate) common: Common,
    ggsw: Spectra,
}

/// RecordMemory that held a loaded record, for the next one.
///
/// A record takes 64 to 128 KiB a bit; getting as much from the operating system anew, page by
/// page, takes as long as a third of loading.
#[derive(Default)]
pub struct RecordMemory(Spectra);

impl RecordMemory {
    /// Bytes held.
    pub fn resident_bytes(&self) -> usize {
        self.0.resident_bytes()
    }
}

/// What a loaded record holds in every arithmetic.
pub(crate) struct Common {
    pub profile: Profile,
    pub bits: usize,
    pub key_id: [u8; KEY_ID_LEN],
    pub zero: ZeroEncryption,
}

impl Common {
    /// Of a whole record, of which `bits` bits are kept.
    pub fn load(record: &Record, bits: usize) -> Self {
        Self::new(&record.header, &record.bytes[FIXED_LEN..FIXED_LEN + BODY_BYTES], bits)
    }

    fn new(header: &Header, zero_body: &[u8], bits: usize) -> Self {
        Self {
            profile: header.profile,
            bits,
            key_id: header.key_id,
            zero: ZeroEncryption::load(&header.public_seed, zero_body),
        }
    }
}

/// The record's public key: an encryption of zero whose mask the patient cannot choose.
pub(crate) struct ZeroEncryption {
    pub mask: Limbs,
    pub body: Box<[u64]>,
}

impl ZeroEncryption {
    fn load(public_seed: &[u8; 32], body: &[u8]) -> Self {
        let mut polynomial = [0; N];
        Stream::new(context::ZERO_MASK, &[public_seed]).uniform(&mut polynomial);
        let mut mask = ExactProduct::limbs();
        ExactProduct::new().split(&mut mask, &polynomial);
        let mut unpacked: Box<[u64]> = vec![0; N].into();
        unpack(&mut unpacked, body);
        Self { mask, body: unpacked }
    }
}

/// Reads body coefficients back to words: the word that ends with a coefficient's last byte has it
/// at the top, above the end of the coefficient before.
#[inline(always)]
pub(crate) fn unpack(out: &mut [u64], bytes: &[u8]) {
    const STEP: usize = BODY_BITS as usize / 8;
    const BELOW: usize = 8 - STEP;
    let (first, rest) = out.split_at_mut(1);
    let mut word = [0; 8];
    word[BELOW..].copy_from_slice(&bytes[..STEP]);
    first[0] = u64::from_le_bytes(word);
    let bytes = &bytes[STEP - BELOW..];
    for (i, x) in rest.iter_mut().enumerate() {
        word.copy_from_slice(&bytes[i * STEP..i * STEP + 8]);
        *x = u64::from_le_bytes(word) >> (64 - BODY_BITS) << (64 - BODY_BITS);
    }
}

/// Scratch of one thread that loads.
struct BitLoader {
    arch: Arch,
    transform: Transform,
    mask: Box<[u64]>,
    body: Box<[u64]>,
    spectra: Box<[c64]>,
}

impl BitLoader {
    fn new() -> Self {
        Self {
            arch: Arch::new(),
            transform: Transform::new(),
            mask: vec![0; N].into(),
            body: vec![0; N].into(),
            spectra: vec![c64::default(); MAX_ROWS * 2 * PADDED].into(),
        }
    }

    fn load(
        &mut self,
        masks: &MaskStream,
        profile: Profile,
        bit: usize,
        bodies: &[u8],
        next: &[u8],
        out: &mut [c64],
    ) {
        let mut ahead = Ahead::new(next);
        let spectra = &mut self.spectra[..profile.rows() * 2 * PADDED];
        for (row, (body, spectra)) in
            bodies.chunks_exact(BODY_BYTES).zip(spectra.chunks_exact_mut(2 * PADDED)).enumerate()
        {
            masks.fill(mask_index(profile, bit, row), &mut self.mask);
            unpack(&mut self.body, body);
            ahead.fetch(profile.rows());
            let (mask, body) = spectra.split_at_mut(PADDED);
            self.transform.forward_integer(&mut mask[..FOURIER_LEN], &self.mask);
            self.transform.forward_integer(&mut body[..FOURIER_LEN], &self.body);
        }
        self.arch.dispatch(Interleave { ggsw: out, spectra });
    }
}

/// Loads as many bits as `ggsw` has room for; `bodies` begins with those of bit `first`.
fn load_bits(masks: &MaskStream, profile: Profile, first: usize, bodies: &[u8], ggsw: &mut [c64]) {
    let bytes = profile.bit_bytes();
    parallel::for_each_pair(
        (bodies, bytes),
        (ggsw, ggsw_len(profile)),
        BitLoader::new,
        |loader, i, own, out| {
            let behind = &bodies[(i + 1) * bytes..];
            let next = &behind[..bytes.min(behind.len())];
            loader.load(masks, profile, first + i, own, next, out);
        },
    );
}

impl LoadedRecord {
    /// Loads all bits of a record.
    pub fn load(record: &Record) -> Self {
        Self::load_first(record, record.bits())
    }

    /// Loads only the first `bits` bits of a record (all of them if it has fewer), for programs
    /// that need no more.
    pub fn load_first(record: &Record, bits: usize) -> Self {
        Self::load_into(RecordMemory::default(), record, bits)
    }

    /// [`Self::load_first`] into the memory of an earlier record.
    pub fn load_into(memory: RecordMemory, record: &Record, bits: usize) -> Self {
        let header = &record.header;
        let profile = header.profile;
        let zero_body = &record.bytes[FIXED_LEN..][..BODY_BYTES];
        let mut loaded = Self::empty(header, zero_body, bits.min(header.bits), memory);
        let masks = MaskStream::new(mask_seed(&header.public_seed));
        let blocks = &record.bytes[header.blocks_start()..];
        load_bits(&masks, profile, 0, blocks, loaded.ggsw.as_mut_slice());
        loaded
    }

    fn empty(header: &Header, zero_body: &[u8], bits: usize, memory: RecordMemory) -> Self {
        Self {
            common: Common::new(header, zero_body, bits),
            ggsw: Spectra::with_len(bits * ggsw_len(header.profile), memory.0),
        }
    }

    /// Gives the memory back for the next record.
    pub fn into_memory(self) -> RecordMemory {
        RecordMemory(self.ggsw)
    }

    /// Number of loaded bits.
    pub fn bits(&self) -> usize {
        self.common.bits
    }

    /// The record's profile.
    pub fn profile(&self) -> Profile {
        self.common.profile
    }

    /// Bytes this record keeps resident.
    pub fn resident_bytes(&self) -> usize {
        self.ggsw.resident_bytes() + 2 * FOURIER_LEN * core::mem::size_of::<c64>() + N * 8
    }

    /// The GGSW ciphertext of a bit.
    pub(crate) fn ggsw(&self, bit: usize) -> &[c64] {
        let len = ggsw_len(self.common.profile);
        &self.ggsw.as_slice()[bit * len..(bit + 1) * len]
    }
}

/// Verifies and loads a record while it arrives.
///
/// ```
/// use cso_fhe::{Loader, Profile, RecordKey};
/// let record = RecordKey::generate()?.encrypt(&[true, false, true], Profile::Fast)?;
/// let mut loader = Loader::new(usize::MAX);
/// for chunk in record.as_bytes().chunks(100_000) {
///     loader.push(chunk)?;
/// }
/// assert_eq!(loader.finish()?.bits(), 16);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Loader {
    limit: usize,
    memory: RecordMemory,
    pending: Vec<u8>,
    received: usize,
    state: Option<LoaderState>,
}

struct LoaderState {
    header: Header,
    prefix: Vec<u8>,
    masks: MaskStream,
    loaded: Option<LoadedRecord>,
    next_block: usize,
}

impl Loader {
    /// A loader that keeps the first `bits` bits (all of them if there are fewer) and verifies all.
    pub fn new(bits: usize) -> Self {
        Self::with_memory(RecordMemory::default(), bits)
    }

    /// [`Self::new`] with the memory of an earlier record.
    pub fn with_memory(memory: RecordMemory, bits: usize) -> Self {
        Self { limit: bits, memory, pending: Vec::new(), received: 0, state: None }
    }

    /// Takes the next bytes of the record, of any length.
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
            None => FIXED_LEN,
            Some(s) if s.loaded.is_none() => s.header.blocks_start() - FIXED_LEN,
            Some(s) if s.next_block < s.header.blocks() => s.header.profile.block_bytes(),
            Some(_) => 0,
        }
    }

    fn take(&mut self, unit: &[u8]) -> Result<(), RecordError> {
        let Some(state) = &mut self.state else {
            let header = Header::parse(unit)?;
            self.state = Some(LoaderState {
                header,
                prefix: unit.to_vec(),
                masks: MaskStream::new(mask_seed(&header.public_seed)),
                loaded: None,
                next_block: 0,
            });
            return Ok(());
        };
        let Some(loaded) = &mut state.loaded else {
            state.prefix.extend_from_slice(unit);
            let bits = self.limit.min(state.header.bits);
            let memory = core::mem::take(&mut self.memory);
            let zero_body = &unit[..BODY_BYTES];
            state.loaded = Some(LoadedRecord::empty(&state.header, zero_body, bits, memory));
            return Ok(());
        };
        let (header, block) = (state.header, state.next_block);
        if header.digest(block, unit) != state.prefix[header.digest_range(block)] {
            return Err(RecordError::Block(block));
        }
        let profile = header.profile;
        let first = (block * BLOCK_BITS).min(loaded.common.bits);
        let last = ((block + 1) * BLOCK_BITS).min(loaded.common.bits);
        let len = ggsw_len(profile);
        let ggsw = &mut loaded.ggsw.as_mut_slice()[first * len..last * len];
        load_bits(&state.masks, profile, first, unit, ggsw);
        state.next_block += 1;
        Ok(())
    }
}
