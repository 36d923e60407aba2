// SPDX-License-Identifier: Apache-2.0
//! Memory that is asked for before it is wanted.

/// Brings a slice that will be read soon into the cache, part by part.
///
/// Evaluating reads every ciphertext of a record once, loading every body, and both are larger than
/// the cache: without this the memory would stand idle while there is something to compute, and the
/// next result wait for the memory. Small parts, often: what is asked for at once beyond what the
/// processor can wait for holds up everything else.
pub(crate) struct Ahead<'a, T> {
    rest: &'a [T],
    whole: usize,
}

impl<'a, T> Ahead<'a, T> {
    /// Will bring `next`.
    pub(crate) fn new(next: &'a [T]) -> Self {
        Self { rest: next, whole: next.len() }
    }

    /// Asks for the next one of `parts` equal parts, or for what is left.
    #[inline(always)]
    pub(crate) fn fetch(&mut self, parts: usize) {
        let len = self.whole.div_ceil(parts).min(self.rest.len());
        let (part, rest) = self.rest.split_at(len);
        self.rest = rest;
        #[cfg(target_arch = "x86_64")]
        for line in part.chunks(crate::params::CACHE_LINE / size_of::<T>()) {
            use core::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
            // SAFETY: prefetching reads nothing and never faults; the address is that of a live
            // slice anyway.
            #[allow(unsafe_code)]
            unsafe {
                _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = part;
    }
}
