// SPDX-License-Identifier: Apache-2.0
//! The patient's side: the record key, encryption of a record, decryption of an answer.

use tfhe::core_crypto::fft_impl::fft64::c64;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::answer::format::{Answer, AnswerError};
use crate::machine::parallel;
use crate::params::{bucket, Profile, BODY_BITS, BODY_BYTES, BUCKETS, N};
use crate::random::{context, os_bytes, MaskStream, NoRandomness, Stream};
use crate::record::format::{self as record, Header, Record, RecordError};
use crate::ring::fourier::{ExactProduct, Limbs, Wiped};

/// Length of the identifier by which an answer is matched to its key.
pub(crate) const KEY_ID_LEN: usize = 16;

/// The secret key of one record: 32 bytes from which the GLWE key is derived.
///
/// Every record gets its own key, so that destroying one seed shreds one record for good.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RecordKey {
    seed: [u8; 32],
}

impl core::fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("RecordKey(redacted)")
    }
}

impl RecordKey {
    /// A new key from the operating system's randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        os_bytes().map(Self::from_seed)
    }

    /// The key a seed stands for.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed }
    }

    /// The seed, to be stored as the secret it is.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// Public identifier of the key, which records and answers carry.
    pub(crate) fn id(&self) -> [u8; KEY_ID_LEN] {
        Stream::new(context::KEY_ID, &[&self.seed]).array()
    }

    /// The GLWE secret key: uniform bits.
    pub(crate) fn secret(&self) -> Secret {
        let mut bits = Zeroizing::new([0; N]);
        Stream::new(context::SECRET_KEY, &[&self.seed]).binary(&mut bits);
        Secret { bits }
    }

    /// Encrypts `bits`, padded with encryptions of 0 to the next size bucket.
    ///
    /// The coins are fresh, and hedged: they also depend on key and bits, so that a broken system
    /// generator cannot make two different records share masks and noise.
    pub fn encrypt(&self, bits: &[bool], profile: Profile) -> Result<Record, RecordError> {
        self.encrypt_with(bits, profile, &os_bytes()?)
    }

    /// [`Self::encrypt`] with given coins, for tests that need the same record twice.
    pub(crate) fn encrypt_with(
        &self,
        bits: &[bool],
        profile: Profile,
        fresh: &[u8; 32],
    ) -> Result<Record, RecordError> {
        if bits.is_empty() {
            return Err(RecordError::NoBits);
        }
        let size = bucket(bits.len()).ok_or(RecordError::TooManyBits {
            bits: bits.len(),
            max: BUCKETS[BUCKETS.len() - 1],
        })?;
        let mut padded: Zeroizing<Vec<u8>> =
            Zeroizing::new(bits.iter().map(|b| u8::from(*b)).collect());
        padded.resize(size, 0);

        let mut coins =
            Stream::new(context::ENCRYPTION, &[&self.seed, fresh, &[profile.id()], &padded]);
        let coins: Zeroizing<[u8; 32]> = Zeroizing::new(coins.array());
        let public_seed: [u8; 32] = Stream::new(context::PUBLIC_SEED, &[&*coins]).array();

        let secret = self.secret();
        let mut encryptor = Encryptor::new(&secret);
        let secret_fourier = encryptor.exact.binary(&*secret.bits);
        let secret_fourier = Wiped(secret_fourier);

        let mut zero_body = vec![0; BODY_BYTES];
        let mut mask = [0u64; N];
        Stream::new(context::ZERO_MASK, &[&public_seed]).uniform(&mut mask);
        let mut noise = Stream::new(context::ZERO_NOISE, &[&*coins]);
        encryptor.body(&secret_fourier.0, &mask, &mut noise, |_| {}, &mut zero_body);

        let masks = MaskStream::new(record::mask_seed(&public_seed));
        let header = Header { profile, bits: size, key_id: self.id(), public_seed };
        let mut record = Record::reserve(header, &zero_body);
        parallel::for_each_pair(
            (&padded, 1),
            (record.bodies_mut(), profile.bit_bytes()),
            || Encryptor::new(&secret),
            |encryptor, index, bit, out| {
                let mut noise =
                    Stream::new(context::GGSW_NOISE, &[&*coins, &(index as u32).to_le_bytes()]);
                encryptor.ggsw(&secret_fourier.0, bit[0], profile, &masks, index, &mut noise, out);
            },
        );
        record.seal();
        Ok(record)
    }

    /// Decrypts an answer: one value per output.
    pub fn decrypt(&self, answer: &Answer) -> Result<Vec<u16>, AnswerError> {
        if answer.key_id() != self.id() {
            return Err(AnswerError::OtherKey);
        }
        Ok(answer.decode(&self.secret()))
    }
}

/// The GLWE secret key `s`.
pub(crate) struct Secret {
    pub bits: Zeroizing<[u64; N]>,
}

/// Scratch of one thread that encrypts.
struct Encryptor<'a> {
    secret: &'a Secret,
    exact: ExactProduct,
    limbs: Limbs,
    mask: Box<[u64; N]>,
    body: Zeroizing<Vec<u64>>,
}

impl<'a> Encryptor<'a> {
    fn new(secret: &'a Secret) -> Self {
        Self {
            secret,
            exact: ExactProduct::new(),
            limbs: ExactProduct::limbs(),
            mask: Box::new([0; N]),
            body: Zeroizing::new(vec![0; N]),
        }
    }

    /// Stores the truncated body `a s + e + m` of a GLWE encryption with mask `a`; `add_message`
    /// adds `m`.
    fn body(
        &mut self,
        secret_fourier: &[c64],
        mask: &[u64; N],
        noise: &mut Stream,
        add_message: impl FnOnce(&mut [u64]),
        out: &mut [u8],
    ) {
        self.body.fill(0);
        self.exact.split(&mut self.limbs, mask);
        self.exact.add_product(&mut self.body, &self.limbs, secret_fourier);
        noise.add_noise(&mut self.body);
        add_message(&mut self.body);
        const DROPPED: u32 = 64 - BODY_BITS;
        for (out, x) in out.chunks_exact_mut(BODY_BITS as usize / 8).zip(self.body.iter()) {
            let kept = x.wrapping_add(1 << (DROPPED - 1)) >> DROPPED;
            out.copy_from_slice(&kept.to_le_bytes()[..BODY_BITS as usize / 8]);
        }
    }

    /// Stores the bodies of a GGSW encryption of `bit`, in the order of tfhe-rs: levels from the
    /// finest gadget factor `q / B^l` to the coarsest `q / B`; within a level first the row of
    /// `-bit s q / B^j`, then that of `bit q / B^j`.
    #[allow(clippy::too_many_arguments)]
    fn ggsw(
        &mut self,
        secret_fourier: &[c64],
        bit: u8,
        profile: Profile,
        masks: &MaskStream,
        index: usize,
        noise: &mut Stream,
        out: &mut [u8],
    ) {
        let secret = self.secret;
        let mut mask = core::mem::replace(&mut self.mask, Box::new([0; N]));
        for (row, out) in out.chunks_exact_mut(BODY_BYTES).enumerate() {
            let level = (profile.levels() - row / 2) as u32;
            let factor = u64::from(bit) << (64 - level * profile.base_log());
            masks.fill(record::mask_index(profile, index, row), &mut *mask);
            let add_message = |body: &mut [u64]| {
                if row % 2 == 1 {
                    body[0] = body[0].wrapping_add(factor);
                } else {
                    for (b, s) in body.iter_mut().zip(secret.bits.iter()) {
                        *b = b.wrapping_sub(factor * s);
                    }
                }
            };
            self.body(secret_fourier, &mask, noise, add_message, out);
        }
        self.mask = mask;
    }
}
