// SPDX-License-Identifier: Apache-2.0
//! What a loaded record holds in every arithmetic.

use core::ops::Range;

use crate::params::{Profile, KEY_ID_LEN, N};
use crate::program::BitSet;
use crate::record::{unpack, Header};
use crate::ring::{ExactProduct, Limbs};

/// A loaded record but for its ciphertexts.
pub(crate) struct Common {
    pub profile: Profile,
    /// Bits of the record, loaded or not.
    pub bits: usize,
    pub places: Places,
    pub key_id: [u8; KEY_ID_LEN],
    pub zero: ZeroEncryption,
}

impl Common {
    /// Of the record with this header and zero encryption, of which the wanted bits are kept.
    pub(crate) fn load(header: &Header, zero_body: &[u8], wanted: &BitSet) -> Self {
        Self {
            profile: header.profile,
            bits: header.bits,
            places: Places::new(wanted, header.bits),
            key_id: header.key_id,
            zero: ZeroEncryption::load(header, zero_body),
        }
    }
}

/// Which bits are loaded, and where: one after the other, in ascending order.
pub(crate) struct Places {
    loaded: Vec<u16>,
    /// By bit of the record.
    places: Vec<Option<u16>>,
}

impl Places {
    fn new(wanted: &BitSet, bits: usize) -> Self {
        let loaded: Vec<u16> = wanted.iter().take_while(|bit| *bit < bits).map(to_u16).collect();
        let mut places = vec![None; bits];
        for (place, bit) in loaded.iter().enumerate() {
            places[usize::from(*bit)] = Some(to_u16(place));
        }
        Self { loaded, places }
    }

    /// The loaded bits, by place.
    pub(crate) fn loaded(&self) -> &[u16] {
        &self.loaded
    }

    /// The places of the loaded ones among these bits.
    pub(crate) fn within(&self, bits: Range<usize>) -> Range<usize> {
        let before = |end| self.loaded.partition_point(|bit| usize::from(*bit) < end);
        before(bits.start)..before(bits.end)
    }

    /// Where a bit is, if it is loaded.
    #[inline(always)]
    pub(crate) fn of(&self, bit: usize) -> Option<usize> {
        self.places.get(bit).copied().flatten().map(usize::from)
    }
}

/// A record has at most 2048 bits.
fn to_u16(bit: usize) -> u16 {
    bit as u16
}

/// The record's public key: an encryption of zero whose mask the patient cannot choose.
pub(crate) struct ZeroEncryption {
    pub mask: Limbs,
    pub body: Box<[u64]>,
}

impl ZeroEncryption {
    fn load(header: &Header, body: &[u8]) -> Self {
        let mut mask = ExactProduct::limbs();
        ExactProduct::new().split(&mut mask, &header.zero_mask());
        let mut unpacked: Box<[u64]> = vec![0; N].into();
        unpack(&mut unpacked, body);
        Self { mask, body: unpacked }
    }

    /// Bytes held.
    pub(crate) fn resident_bytes(&self) -> usize {
        self.mask.resident_bytes() + size_of_val(&*self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_bits_stand_one_after_the_other() {
        let wanted: BitSet = [3, 17, 18, 40, 99].into_iter().collect();
        let places = Places::new(&wanted, 48);
        assert_eq!(places.loaded(), [3, 17, 18, 40]);
        assert_eq!([17, 40, 4, 99].map(|bit| places.of(bit)), [Some(1), Some(3), None, None]);
        assert_eq!([0..16, 16..32, 32..48].map(|bits| places.within(bits)), [0..1, 1..3, 3..4]);
    }
}
