// SPDX-License-Identifier: Apache-2.0
//! The memory of a loaded record: tens of megabytes, written once and then read from end to end.

use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::params::CACHE_LINE;

/// Complex numbers that begin with a cache line.
#[derive(Default)]
pub(crate) struct Spectra {
    floats: Vec<f64>,
    start: usize,
    len: usize,
}

impl Spectra {
    /// Room for `len` numbers. In the memory of `old` if that has room: then what stands there
    /// stands there still. New memory is zeroed, as the operating system gives it, so that
    /// nothing is written twice and each page is first touched by the thread that fills it.
    pub(crate) fn with_len(len: usize, old: Self) -> Self {
        let spare = CACHE_LINE / size_of::<f64>();
        let floats = if old.floats.len() >= 2 * len + spare {
            old.floats
        } else {
            // Both at once would be twice the memory.
            drop(old);
            vec![0f64; 2 * len + spare]
        };
        let start = floats.as_ptr().align_offset(CACHE_LINE).min(spare);
        Self { floats, start, len }
    }

    pub(crate) fn as_slice(&self) -> &[c64] {
        bytemuck::cast_slice(&self.floats[self.start..self.start + 2 * self.len])
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [c64] {
        bytemuck::cast_slice_mut(&mut self.floats[self.start..self.start + 2 * self.len])
    }

    /// Bytes held, used or not.
    pub(crate) fn resident_bytes(&self) -> usize {
        size_of_val(&*self.floats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_memory_is_zeroed_and_aligned_whatever_its_size() {
        for len in [0, 1, 1000, 100_003] {
            let mut spectra = Spectra::with_len(len, Spectra::default());
            assert_eq!(spectra.as_slice().len(), len);
            assert!(spectra.as_slice().iter().all(|c| *c == c64::default()));
            assert_eq!(spectra.as_slice().as_ptr() as usize % 64, 0);
            spectra.as_mut_slice().fill(c64::new(1.0, 2.0));
        }
    }

    #[test]
    fn memory_serves_again_if_it_has_room() {
        let first = Spectra::with_len(1000, Spectra::default());
        let place = first.as_slice().as_ptr();
        let second = Spectra::with_len(900, first);
        assert_eq!((second.as_slice().as_ptr(), second.as_slice().len()), (place, 900));
        let third = Spectra::with_len(1100, second);
        assert_eq!(third.as_slice().len(), 1100);
    }
}
