// SPDX-License-Identifier: Apache-2.0
//! Medians of repeated runs.

use std::time::{Duration, Instant};

/// Median time of one call, over `runs` calls after one that warms up.
pub(crate) fn median(runs: usize, mut call: impl FnMut()) -> Duration {
    call();
    let mut times: Vec<_> = (0..runs.max(1))
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

pub(crate) fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
