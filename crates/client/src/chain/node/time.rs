// SPDX-License-Identifier: Apache-2.0
//! When a block was made.
//!
//! The state of old blocks is dropped by all nodes but archives; their transactions are kept by
//! nearly all. So the time is read where the block's author has put it: in the transaction
//! `Timestamp.set`, without signature, that each block has.

use super::{ChainError, NodeChain};
use crate::chain::Block;
use codec::{Compact, Decode};

impl NodeChain {
    pub(super) async fn read_time_of(&self, block: Block) -> Result<Option<u64>, ChainError> {
        let Some(hash) = self.hash_of(block).await? else {
            return Ok(None);
        };
        let Some(transactions) = self.transactions(hash).await? else {
            return Ok(None);
        };
        let at = self.finalized().await?;
        let set = at.metadata_ref().pallet_by_name("Timestamp").and_then(|pallet| {
            let call = pallet.call_variant_by_name("set")?;
            Some([pallet.call_index(), call.index])
        });
        Ok(set.and_then(|set| transactions.iter().find_map(|bytes| moment(bytes, &set))))
    }
}

/// The milliseconds since 1970 in a transaction, if it's the one that says them. `set` are the
/// indices of pallet and call.
fn moment(transaction: &[u8], set: &[u8; 2]) -> Option<u64> {
    let mut rest = transaction;
    Compact::<u32>::decode(&mut rest).ok()?;
    let (version, call) = rest.split_first()?;
    // Without signature, in either version of the format.
    if !matches!(version, 4 | 5) {
        return None;
    }
    let mut argument = call.strip_prefix(set)?;
    let Compact(ms) = Compact::<u64>::decode(&mut argument).ok()?;
    argument.is_empty().then_some(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1,700,000,000,123 ms: a compact number of six bytes.
    const TIME: [u8; 7] = [0x0b, 0x7b, 0x68, 0xe5, 0xcf, 0x8b, 0x01];

    fn transaction(version: u8, indices: [u8; 2], more: &[u8]) -> Vec<u8> {
        let body = [&[version][..], &indices, &TIME, more].concat();
        [&[(body.len() as u8) << 2][..], &body].concat()
    }

    #[test]
    fn the_time_stands_in_the_transaction_that_sets_it_and_in_no_other() {
        let time =
            |version, indices, more: &[u8]| moment(&transaction(version, indices, more), &[1, 0]);
        assert_eq!(time(4, [1, 0], &[]), Some(1_700_000_000_123));
        assert_eq!(time(5, [1, 0], &[]), Some(1_700_000_000_123));
        assert_eq!(time(0x84, [1, 0], &[]), None, "a signed one");
        assert_eq!(time(5, [1, 1], &[]), None, "another call");
        assert_eq!(time(5, [2, 0], &[]), None, "another pallet");
        assert_eq!(time(5, [1, 0], &[0]), None, "more than a time");
        assert_eq!(moment(&[], &[1, 0]), None);
        assert_eq!(moment(&[4, 5], &[1, 0]), None);
    }
}
