// SPDX-License-Identifier: Apache-2.0
//! Encrypting a record.

use zeroize::Zeroizing;

use crate::key::{RecordKey, Secret};
use crate::machine::for_each_pair;
use crate::params::{bucket, Profile, BODY_BYTES, MAX_BITS, N, SEED_LEN};
use crate::random::{context, os_bytes, MaskStream, Stream};
use crate::ring::{ExactProduct, Limbs, Wiped};

use super::body::pack;
use super::error::RecordError;
use super::format::Record;
use super::header::{mask_index, Header};

impl RecordKey {
    /// Encrypts `bits`, padded with encryptions of 0 to the next size [bucket].
    ///
    /// The coins are fresh, and hedged: they also depend on key and bits, so that a broken system
    /// generator cannot make two different records share masks and noise.
    ///
    /// # Errors
    ///
    /// [`RecordError::NoBits`] if there are none, [`RecordError::TooManyBits`] if there are more
    /// than 2048, [`RecordError::NoRandomness`] if the operating system gives no coins.
    ///
    /// ```
    /// use cso_fhe::{Profile, RecordError, RecordKey};
    ///
    /// let key = RecordKey::generate()?;
    /// assert_eq!(key.encrypt(&[true; 20], Profile::Private)?.bits(), 32);
    /// assert_eq!(key.encrypt(&[], Profile::Private), Err(RecordError::NoBits));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encrypt(&self, bits: &[bool], profile: Profile) -> Result<Record, RecordError> {
        self.encrypt_with_coins(bits, profile, &os_bytes()?)
    }

    /// [`Self::encrypt`] with coins that the caller draws and keeps: the same key, bits, profile
    /// and coins give the same record, byte for byte, so that whoever has them can show later what
    /// was encrypted. They are as secret as the key, and drawn anew for each record, from the
    /// operating system.
    ///
    /// # Errors
    ///
    /// As [`Self::encrypt`], but for the coins.
    ///
    /// ```
    /// use cso_fhe::{Profile, RecordKey};
    ///
    /// let (key, coins) = (RecordKey::generate()?, [7; 32]);
    /// let record = key.encrypt_with_coins(&[true, false], Profile::Fast, &coins)?;
    /// assert_eq!(key.encrypt_with_coins(&[true, false], Profile::Fast, &coins)?, record);
    /// assert_ne!(key.encrypt(&[true, false], Profile::Fast)?, record);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encrypt_with_coins(
        &self,
        bits: &[bool],
        profile: Profile,
        fresh: &[u8; SEED_LEN],
    ) -> Result<Record, RecordError> {
        if bits.is_empty() {
            return Err(RecordError::NoBits);
        }
        let size = bucket(bits.len())
            .ok_or(RecordError::TooManyBits { bits: bits.len(), max: MAX_BITS })?;
        let mut padded: Zeroizing<Vec<u8>> =
            Zeroizing::new(bits.iter().map(|b| u8::from(*b)).collect());
        padded.resize(size, 0);

        let mut coins =
            Stream::new(context::ENCRYPTION, &[self.seed(), fresh, &[profile.id()], &padded]);
        let coins: Zeroizing<[u8; SEED_LEN]> = Zeroizing::new(coins.array());
        let public_seed = Stream::new(context::PUBLIC_SEED, &[&*coins]).array();
        let header = Header { profile, bits: size, key_id: self.id(), public_seed };

        let secret = self.secret();
        let secret_fourier = Wiped(ExactProduct::new().binary(&*secret.bits));
        let encryptor = || Encryptor::new(&secret, &secret_fourier);

        let mut zero_body = vec![0; BODY_BYTES];
        let mut noise = Stream::new(context::ZERO_NOISE, &[&*coins]);
        encryptor().body(&header.zero_mask(), &mut noise, |_| {}, &mut zero_body);

        let masks = header.masks();
        let mut record = Record::reserve(header, &zero_body);
        for_each_pair(
            (&padded, 1),
            (record.bodies_mut(), profile.bit_bytes()),
            encryptor,
            |encryptor, index, bit, out| {
                let mut noise =
                    Stream::new(context::GGSW_NOISE, &[&*coins, &(index as u32).to_le_bytes()]);
                encryptor.ggsw(profile, (index, bit[0]), &masks, &mut noise, out);
            },
        );
        record.write_digests();
        Ok(record)
    }
}

/// What one thread that encrypts works with.
struct Encryptor<'a> {
    secret: &'a Secret,
    secret_fourier: &'a Wiped,
    exact: ExactProduct,
    limbs: Limbs,
    mask: Box<[u64; N]>,
    body: Zeroizing<Vec<u64>>,
}

impl<'a> Encryptor<'a> {
    fn new(secret: &'a Secret, secret_fourier: &'a Wiped) -> Self {
        Self {
            secret,
            secret_fourier,
            exact: ExactProduct::new(),
            limbs: ExactProduct::limbs(),
            mask: Box::new([0; N]),
            body: Zeroizing::new(vec![0; N]),
        }
    }

    /// Stores the rounded body `a s + e + m` of a GLWE encryption with mask `a`; `add_message`
    /// adds `m`.
    fn body(
        &mut self,
        mask: &[u64; N],
        noise: &mut Stream,
        add_message: impl FnOnce(&mut [u64]),
        out: &mut [u8],
    ) {
        self.body.fill(0);
        self.exact.split(&mut self.limbs, mask);
        self.exact.add_product(&mut self.body, &self.limbs, &self.secret_fourier.0);
        noise.add_noise(&mut self.body);
        add_message(&mut self.body);
        pack(out, &self.body);
    }

    /// Stores the bodies of a GGSW encryption of bit `index`, in the order of tfhe-rs: levels from
    /// the finest gadget factor `q / B^l` to the coarsest `q / B`; within a level first the row of
    /// `-bit s q / B^j`, then that of `bit q / B^j`.
    fn ggsw(
        &mut self,
        profile: Profile,
        (index, bit): (usize, u8),
        masks: &MaskStream,
        noise: &mut Stream,
        out: &mut [u8],
    ) {
        let secret = self.secret;
        let mut mask = core::mem::replace(&mut self.mask, Box::new([0; N]));
        for (row, out) in out.chunks_exact_mut(BODY_BYTES).enumerate() {
            let level = (profile.levels() - row / 2) as u32;
            let factor = u64::from(bit) << (64 - level * profile.base_log());
            masks.fill(mask_index(profile, index, row), &mut *mask);
            let add_message = |body: &mut [u64]| {
                if row % 2 == 1 {
                    body[0] = body[0].wrapping_add(factor);
                } else {
                    for (b, s) in body.iter_mut().zip(secret.bits.iter()) {
                        *b = b.wrapping_sub(factor * s);
                    }
                }
            };
            self.body(&mask, noise, add_message, out);
        }
        self.mask = mask;
    }
}
