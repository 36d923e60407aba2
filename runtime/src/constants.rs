// SPDX-License-Identifier: Apache-2.0

//! Units of time and money, and what a place in the chain's state costs.

/// Units of time, in blocks.
pub mod time {
    use crate::BlockNumber;

    /// Milliseconds between two slots. Aura fixes it at genesis: it can't be changed on a running
    /// chain.
    pub const SLOT_DURATION: u64 = 3_000;

    /// Blocks a minute, if every slot is used.
    pub const MINUTES: BlockNumber = 60_000 / (SLOT_DURATION as BlockNumber);
    /// Blocks an hour.
    pub const HOURS: BlockNumber = MINUTES * 60;
    /// Blocks a day.
    pub const DAYS: BlockNumber = HOURS * 24;
}

/// Units of money.
pub mod currency {
    use crate::Balance;

    /// One CSO, which has 12 decimals.
    pub const UNIT: Balance = 1_000_000_000_000;
    /// A thousandth of a CSO.
    pub const MILLI_UNIT: Balance = UNIT / 1_000;
    /// A millionth of a CSO.
    pub const MICRO_UNIT: Balance = UNIT / 1_000_000;

    /// An account below this balance is removed.
    pub const EXISTENTIAL_DEPOSIT: Balance = MILLI_UNIT;

    /// Held for each storage item while it exists: 0.01 CSO.
    pub const DEPOSIT_PER_ITEM: Balance = 10 * MILLI_UNIT;
    /// Held for each byte while it is stored: 10 millionths of a CSO, so that an envelope of 10 KiB
    /// holds about 0.1 CSO.
    pub const DEPOSIT_PER_BYTE: Balance = 10 * MICRO_UNIT;

    /// What `items` storage items with `bytes` bytes in all cost while they exist.
    pub const fn deposit(items: u32, bytes: u32) -> Balance {
        items as Balance * DEPOSIT_PER_ITEM + bytes as Balance * DEPOSIT_PER_BYTE
    }
}
