// SPDX-License-Identifier: Apache-2.0
//! What day it is: ages are reckoned from today, and a clock that is years off would change them
//! without a word. The chain's validators have clocks, too.

use jiff::{SignedDuration, Timestamp};

/// Clocks may differ that much before ages do: a day.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(24);

/// How a computer's clock stands to the time of the chain's newest block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockCheck {
    /// Within a day of it.
    Agrees,
    /// More than a day behind: the clock is wrong, as blocks aren't made in the future.
    Behind {
        /// When the block was made.
        block: Timestamp,
    },
    /// More than a day ahead: the clock is wrong, or the block is old, as the chain stands still or
    /// the node is catching up.
    Ahead {
        /// When the block was made.
        block: Timestamp,
    },
}

impl ClockCheck {
    /// Compares the clock, which says `now`, with the time at which the newest block was made:
    /// [`Health::best_block_ms`](crate::chain::Health::best_block_ms). A chain without blocks has
    /// no time to compare with.
    pub fn new(now: Timestamp, best_block_ms: u64) -> Self {
        let made = i64::try_from(best_block_ms).ok();
        let made = made.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let Some(block) = made.filter(|made| *made != Timestamp::UNIX_EPOCH) else {
            return Self::Agrees;
        };
        let ahead = now.duration_since(block);
        if ahead < -TOLERANCE {
            return Self::Behind { block };
        }
        match ahead > TOLERANCE {
            true => Self::Ahead { block },
            false => Self::Agrees,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 24 * 3600 * 1000;
    const MADE: u64 = 20_000 * DAY_MS;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_millisecond(i64::try_from(ms).unwrap()).unwrap()
    }

    #[test]
    fn a_clock_within_a_day_of_the_chain_is_believed() {
        for now in [MADE - DAY_MS, MADE - 1, MADE, MADE + 1, MADE + DAY_MS] {
            assert_eq!(ClockCheck::new(at(now), MADE), ClockCheck::Agrees, "{now}");
        }
    }

    #[test]
    fn a_clock_further_off_is_noticed_on_either_side() {
        let block = at(MADE);
        for days in [2, 365, 10_000] {
            let (behind, ahead) = (at(MADE - days * DAY_MS), at(MADE + days * DAY_MS));
            assert_eq!(ClockCheck::new(behind, MADE), ClockCheck::Behind { block });
            assert_eq!(ClockCheck::new(ahead, MADE), ClockCheck::Ahead { block });
        }
        assert_eq!(ClockCheck::new(at(MADE - DAY_MS - 1), MADE), ClockCheck::Behind { block });
        assert_eq!(ClockCheck::new(at(MADE + DAY_MS + 1), MADE), ClockCheck::Ahead { block });
    }

    #[test]
    fn a_chain_without_a_block_has_no_time() {
        assert_eq!(ClockCheck::new(at(MADE), 0), ClockCheck::Agrees);
    }
}
