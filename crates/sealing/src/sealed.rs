// SPDX-License-Identifier: Apache-2.0

//! Sealing and opening of padded messages in the outer format ([`format`](crate::format)).

use hpke::{
    aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::XWing, rand_core::CryptoRng, single_shot_open,
    single_shot_seal_with_rng, Deserializable, OpModeR, OpModeS, Serializable,
};
use zeroize::Zeroizing;

use crate::{
    context::{Context, Direction},
    error::{OpenError, SealError},
    format::{ENCAPSULATION_BYTES, FORMAT_VERSION, OVERHEAD_BYTES},
    keys::{PublicKey, SealingKey},
    padding,
};

/// One kind of sealed message: its direction and its buckets.
pub(crate) struct Kind {
    pub(crate) direction: Direction,
    pub(crate) buckets: &'static [usize],
}

impl Kind {
    /// Pads `body` and seals it to `recipient` under `context`, with the coins of `rng`.
    pub(crate) fn seal(
        &self,
        body: &[u8],
        recipient: &PublicKey,
        context: &Context,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        let padded = padding::pad(body, self.buckets).ok_or(SealError::TextTooLong {
            field: "content",
            max: self.largest_body(),
            found: body.len(),
        })?;
        let (encapsulation, ciphertext) =
            single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
                &OpModeS::Base,
                &recipient.hpke()?,
                &context.info(self.direction),
                &padded,
                &context.aad(),
                rng,
            )
            .map_err(|_| SealError::Hpke)?;
        let mut sealed = Vec::with_capacity(OVERHEAD_BYTES + padded.len());
        sealed.push(FORMAT_VERSION);
        sealed.extend_from_slice(&encapsulation.to_bytes());
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    /// Opens `sealed` and takes the padding off. Version and length are checked before any
    /// cryptography.
    pub(crate) fn open(
        &self,
        sealed: &[u8],
        key: &SealingKey,
        context: &Context,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (version, rest) = sealed.split_first().ok_or(OpenError::Empty)?;
        if *version != FORMAT_VERSION {
            return Err(OpenError::Version { known: FORMAT_VERSION, found: *version });
        }
        let wrong_length = OpenError::Length { found: sealed.len() };
        if !self.buckets.iter().any(|bucket| OVERHEAD_BYTES + bucket == sealed.len()) {
            return Err(wrong_length);
        }
        let (encapsulation, ciphertext) =
            rest.split_at_checked(ENCAPSULATION_BYTES).ok_or(wrong_length)?;
        let encapsulation =
            Deserializable::from_bytes(encapsulation).map_err(|_| OpenError::Rejected)?;
        let padded = Zeroizing::new(
            single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
                &OpModeR::Base,
                &key.hpke(),
                &encapsulation,
                &context.info(self.direction),
                ciphertext,
                &context.aad(),
            )
            .map_err(|_| OpenError::Rejected)?,
        );
        padding::unpad(&padded, self.buckets).map(|body| Zeroizing::new(body.to_vec()))
    }

    /// Bytes of the largest body that fits.
    fn largest_body(&self) -> usize {
        let largest = self.buckets.iter().copied().max().unwrap_or(0);
        largest.saturating_sub(padding::LENGTH_BYTES)
    }
}
