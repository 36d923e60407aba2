// SPDX-License-Identifier: Apache-2.0
//! The memory of a loaded record: tens of megabytes, written once and then read from end to end.

use tfhe::core_crypto::fft_impl::fft64::c64;

/// Bytes of a cache line.
const LINE: usize = 64;

/// Zeroed complex numbers that begin with a cache line.
///
/// Zeroed floats come from the operating system as they are, so that nothing is written twice and each page is first touched by the
/// thread that fills it.
pub(crate) struct Spectra {
    floats: Vec<f64>,
    start: usize,
    len: usize,
}

impl Spectra {
    pub fn zeroed(len: usize) -> Self {
        let spare = LINE / size_of::<f64>();
        let floats = vec![0f64; 2 * len + spare];
        let start = floats.as_ptr().align_offset(LINE).min(spare);
        Self { floats, start, len }
    }

    pub fn as_slice(&self) -> &[c64] {
        bytemuck::cast_slice(&self.floats[self.start..self.start + 2 * self.len])
    }

    pub fn as_mut_slice(&mut self) -> &mut [c64] {
        bytemuck::cast_slice_mut(&mut self.floats[self.start..self.start + 2 * self.len])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_zeroed_and_aligned_whatever_its_size() {
        for len in [0, 1, 1000, 100_003] {
            let mut spectra = Spectra::zeroed(len);
            assert_eq!(spectra.as_slice().len(), len);
            assert!(spectra.as_slice().iter().all(|c| *c == c64::default()));
            assert_eq!(spectra.as_slice().as_ptr() as usize % 64, 0);
            spectra.as_mut_slice().fill(c64::new(1.0, 2.0));
        }
    }
}
