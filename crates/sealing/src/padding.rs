// SPDX-License-Identifier: Apache-2.0

//! Size buckets: the length of a sealed message says which bucket it fills and nothing else.
//!
//! Padded form: length of the body (`u16`, little endian), body, zeros up to the bucket's size.

use zeroize::Zeroizing;

use crate::error::OpenError;

/// Bytes of the length in front of the body.
pub(crate) const LENGTH_BYTES: usize = 2;

/// Pads `body` to the smallest bucket that takes it. `None` if even the largest is too small.
pub(crate) fn pad(body: &[u8], buckets: &[usize]) -> Option<Zeroizing<Vec<u8>>> {
    let length = u16::try_from(body.len()).ok()?;
    let needed = LENGTH_BYTES + body.len();
    let bucket = buckets.iter().copied().find(|bucket| *bucket >= needed)?;
    let mut padded = Zeroizing::new(vec![0; bucket]);
    padded[..LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
    padded[LENGTH_BYTES..needed].copy_from_slice(body);
    Some(padded)
}

/// The body inside `padded`. Refuses what [`pad`] would have written otherwise: a length past the
/// end, anything but zeros behind the body, a larger bucket than needed.
pub(crate) fn unpad<'a>(padded: &'a [u8], buckets: &[usize]) -> Result<&'a [u8], OpenError> {
    let (length, rest) = padded.split_first_chunk::<LENGTH_BYTES>().ok_or(OpenError::Padding)?;
    let length = usize::from(u16::from_le_bytes(*length));
    let (body, zeros) = rest.split_at_checked(length).ok_or(OpenError::Padding)?;
    let smallest = buckets.iter().find(|bucket| **bucket >= LENGTH_BYTES + length);
    if zeros.iter().any(|byte| *byte != 0) || smallest != Some(&padded.len()) {
        return Err(OpenError::Padding);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BUCKETS: [usize; 3] = [16, 32, 64];

    #[test]
    fn a_body_that_just_fits_stays_in_its_bucket() {
        assert_eq!(pad(&[1; 14], &BUCKETS).unwrap().len(), 16);
        assert_eq!(pad(&[1; 15], &BUCKETS).unwrap().len(), 32);
        assert_eq!(pad(&[1; 62], &BUCKETS).unwrap().len(), 64);
        assert!(pad(&[1; 63], &BUCKETS).is_none());
    }

    #[test]
    fn refuses_padding_that_pad_does_not_write() {
        let padded = pad(&[1; 10], &BUCKETS).unwrap();
        let broken = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = padded.to_vec();
            change(&mut bytes);
            unpad(&bytes, &BUCKETS).map(<[u8]>::to_vec)
        };
        assert_eq!(broken(&|_| ()), Ok(vec![1; 10]));
        assert_eq!(broken(&|b| b[15] = 1), Err(OpenError::Padding));
        assert_eq!(broken(&|b| b[0] = 15), Err(OpenError::Padding));
        assert_eq!(broken(&|b| b[1] = 1), Err(OpenError::Padding));
        assert_eq!(broken(&|b| b.resize(32, 0)), Err(OpenError::Padding));
        assert_eq!(broken(&|b| b.truncate(1)), Err(OpenError::Padding));
    }

    proptest! {
        #[test]
        fn every_body_comes_back(body in proptest::collection::vec(any::<u8>(), 0..=62)) {
            let padded = pad(&body, &BUCKETS).unwrap();
            prop_assert_eq!(unpad(&padded, &BUCKETS).unwrap(), &body[..]);
        }

        #[test]
        fn whatever_unpads_is_what_pad_writes(
            bytes in proptest::collection::vec(0u8..24, 0..=64)
        ) {
            if let Ok(body) = unpad(&bytes, &BUCKETS) {
                prop_assert_eq!(&*pad(body, &BUCKETS).unwrap(), &bytes);
            }
        }
    }
}
