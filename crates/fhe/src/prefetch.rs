// SPDX-License-Identifier: Apache-2.0
//! Memory that is asked for before it is wanted.

/// Brings a slice that will be read soon into the cache, piece by piece.
///
/// Evaluating reads every ciphertext of a record once, loading every body, and both are larger than the cache: without this the memory
/// would stand idle during the transforms, and the transforms' results wait for the memory.
pub(crate) struct Ahead<'a, T> {
    rest: &'a [T],
    piece: usize,
}

impl<'a, T> Ahead<'a, T> {
    /// Will bring `next` in `pieces` pieces.
    pub fn new(next: &'a [T], pieces: usize) -> Self {
        Self {
            rest: next,
            piece: next.len().div_ceil(pieces),
        }
    }

    /// Asks for the next piece.
    #[inline(always)]
    pub fn fetch(&mut self) {
        let (piece, rest) = self.rest.split_at(self.piece.min(self.rest.len()));
        self.rest = rest;
        #[cfg(target_arch = "x86_64")]
        for line in piece.chunks(64 / size_of::<T>()) {
            use core::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
            // SAFETY: prefetching reads nothing and never faults; the address is that of a live slice anyway.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = piece;
    }
}
