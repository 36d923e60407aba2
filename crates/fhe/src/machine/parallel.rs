// SPDX-License-Identifier: Apache-2.0
//! The one place that knows whether there are threads.

/// Calls `work(state, index, a, b)` for each pair of chunks, on all cores if the feature `parallel`
/// is on. The chunks are independent, so the result is the same for every number of threads.
/// `state` is made once a thread or so.
#[cfg(feature = "parallel")]
pub(crate) fn for_each_pair<A: Sync, B: Send, S: Send>(
    (a, a_len): (&[A], usize),
    (b, b_len): (&mut [B], usize),
    state: impl Fn() -> S + Sync + Send,
    work: impl Fn(&mut S, usize, &[A], &mut [B]) + Sync + Send,
) {
    use rayon::prelude::*;
    a.par_chunks_exact(a_len)
        .zip(b.par_chunks_exact_mut(b_len))
        .enumerate()
        .for_each_init(state, |state, (index, (a, b))| work(state, index, a, b));
}

/// Calls `work(state, index, a, b)` for each pair of chunks.
#[cfg(not(feature = "parallel"))]
pub(crate) fn for_each_pair<A, B, S>(
    (a, a_len): (&[A], usize),
    (b, b_len): (&mut [B], usize),
    state: impl Fn() -> S,
    work: impl Fn(&mut S, usize, &[A], &mut [B]),
) {
    let mut state = state();
    for (index, (a, b)) in a.chunks_exact(a_len).zip(b.chunks_exact_mut(b_len)).enumerate() {
        work(&mut state, index, a, b);
    }
}
