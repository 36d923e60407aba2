// SPDX-License-Identifier: Apache-2.0
//! A record made ready for evaluation: masks expanded, everything in the Fourier domain.
//!
//! [`LoadedRecord::load`] takes a whole record; a [`Loader`] takes its bytes as they arrive, verifies each block against the header
//! and loads it at once, so that a record is ready a block after its last byte.

use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::float::{ggsw_len, store_spectrum};
use crate::fourier::{ExactProduct, Limbs, Transform, FOURIER_LEN};
use crate::key::KEY_ID_LEN;
use crate::parallel;
use crate::params::{Profile, BLOCK_BITS, BODY_BITS, BODY_BYTES, N};
use crate::random::{context, MaskStream, Stream};
use crate::record::{mask_index, mask_seed, Header, Record, RecordError, FIXED_LEN};
use crate::spectra::Spectra;

/// A record ready for evaluation by any number of programs.
pub struct LoadedRecord {
    pub(crate) common: Common,
    ggsw: Spectra,
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
        Self::new(
            &record.header,
            &record.bytes[FIXED_LEN..FIXED_LEN + BODY_BYTES],
            bits,
        )
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
        Self {
            mask,
            body: unpacked,
        }
    }
}

/// Reads body coefficients back to words, four coefficients of 48 bits from three words at a time.
pub(crate) fn unpack(out: &mut [u64], bytes: &[u8]) {
    const { assert!(BODY_BITS == 48) };
    let word = |b: &[u8]| u64::from_le_bytes(b.try_into().expect("eight bytes"));
    for (x, b) in out.chunks_exact_mut(4).zip(bytes.chunks_exact(24)) {
        let (w0, w1, w2) = (word(&b[..8]), word(&b[8..16]), word(&b[16..]));
        x[0] = w0 << 16;
        x[1] = w0 >> 48 << 16 | w1 << 32;
        x[2] = w1 >> 32 << 16 | w2 << 48;
        x[3] = w2 >> 16 << 16;
    }
}

/// Scratch of one thread that loads.
struct BitLoader {
    transform: Transform,
    mask: Box<[u64]>,
    body: Box<[u64]>,
    spectrum: Box<[c64]>,
}

impl BitLoader {
    fn new() -> Self {
        Self {
            transform: Transform::new(),
            mask: vec![0; N].into(),
            body: vec![0; N].into(),
            spectrum: vec![c64::default(); FOURIER_LEN].into(),
        }
    }

    fn load(
        &mut self,
        masks: &MaskStream,
        profile: Profile,
        bit: usize,
        bodies: &[u8],
        out: &mut [c64],
    ) {
        for (row, body) in bodies.chunks_exact(BODY_BYTES).enumerate() {
            masks.fill(mask_index(profile, bit, row), &mut self.mask);
            unpack(&mut self.body, body);
            for (column, polynomial) in [&self.mask, &self.body].into_iter().enumerate() {
                self.transform
                    .forward_integer(&mut self.spectrum, polynomial);
                store_spectrum(out, profile.rows(), row, column, &self.spectrum);
            }
        }
    }
}

impl LoadedRecord {
    /// Loads all bits of a record.
    pub fn load(record: &Record) -> Self {
        Self::load_first(record, record.bits())
    }

    /// Loads only the first `bits` bits of a record (all of them if it has fewer), for programs that need no more.
    pub fn load_first(record: &Record, bits: usize) -> Self {
        let header = &record.header;
        let profile = header.profile;
        let mut loaded = Self::empty(
            header,
            &record.bytes[FIXED_LEN..][..BODY_BYTES],
            bits.min(header.bits),
        );
        let masks = MaskStream::new(mask_seed(&header.public_seed));
        parallel::for_each_pair(
            (&record.bytes[header.blocks_start()..], profile.bit_bytes()),
            (loaded.ggsw.as_mut_slice(), ggsw_len(profile)),
            BitLoader::new,
            |loader, bit, bodies, out| loader.load(&masks, profile, bit, bodies, out),
        );
        loaded
    }

    fn empty(header: &Header, zero_body: &[u8], bits: usize) -> Self {
        Self {
            common: Common::new(header, zero_body, bits),
            ggsw: Spectra::zeroed(bits * ggsw_len(header.profile)),
        }
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
        core::mem::size_of_val(self.ggsw.as_slice())
            + 2 * FOURIER_LEN * core::mem::size_of::<c64>()
            + N * 8
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
        Self {
            limit: bits,
            pending: Vec::new(),
            received: 0,
            state: None,
        }
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
                return Err(RecordError::Oversized {
                    expected,
                    actual: expected + bytes.len(),
                });
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
            Some(LoaderState {
                loaded: Some(loaded),
                ..
            }) if wanted == 0 => Ok(loaded),
            Some(LoaderState { header, .. }) => Err(RecordError::Truncated {
                expected: header.record_len(),
                actual: self.received,
            }),
            None => {
                let expected = self.received + (wanted - self.pending.len());
                Err(RecordError::Truncated {
                    expected,
                    actual: self.received,
                })
            }
        }
    }

    /// Bytes of the unit that comes next: the fixed header, the rest of the header, or a block; 0 at the end.
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
            state.loaded = Some(LoadedRecord::empty(
                &state.header,
                &unit[..BODY_BYTES],
                bits,
            ));
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
        let masks = &state.masks;
        parallel::for_each_pair(
            (unit, profile.bit_bytes()),
            (
                &mut loaded.ggsw.as_mut_slice()[first * len..last * len],
                len,
            ),
            BitLoader::new,
            |loader, bit, bodies, out| loader.load(masks, profile, first + bit, bodies, out),
        );
        state.next_block += 1;
        Ok(())
    }
}
