// SPDX-License-Identifier: Apache-2.0
//! Time and waiting, which a computer, a browser and a test do each in their own way.

use std::{future::Future, pin::Pin, time::Duration};

/// A future that borrows from whoever makes it. Not `Send`: in a browser there is one thread.
pub type Pause<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Time that passes.
pub trait Clock {
    /// Ends after `duration`.
    fn pause(&self, duration: Duration) -> Pause<'_>;

    /// Time since some moment that stays the same.
    fn elapsed(&self) -> Duration;

    /// Time since 1970, as far as this computer knows.
    fn now(&self) -> Duration;
}

/// The computer's clock.
#[cfg(feature = "native")]
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(std::time::Instant);

#[cfg(feature = "native")]
impl SystemClock {
    /// Counts from now.
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }
}

#[cfg(feature = "native")]
impl Clock for SystemClock {
    fn pause(&self, duration: Duration) -> Pause<'_> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn now(&self) -> Duration {
        // A clock before 1970 shows nothing.
        std::time::UNIX_EPOCH.elapsed().unwrap_or_default()
    }
}
