// SPDX-License-Identifier: Apache-2.0
//! What has become of a transaction, told by finalised blocks.

use super::{ChainError, NodeChain};
use crate::{
    address::AccountId,
    chain::{Anchor, Block, Fate, Reach, Signed},
};

impl NodeChain {
    /// Looks through the finalised blocks that may have it.
    pub(super) async fn find_fate(
        &self,
        signed: &Signed,
        account: &AccountId,
    ) -> Result<Fate, ChainError> {
        let at = self.finalized().await?;
        let finalized = at.block_number();
        match self.reach_from(finalized, &signed.born).await? {
            Reach::Within => {}
            // Nothing newer is known here than when it was signed.
            Reach::Behind { .. } => return Ok(Fate::Open),
            Reach::Elsewhere => {
                let block = signed.born.block;
                return Err(ChainError::OtherHistory { url: self.url.clone(), block });
            }
        }
        let over = finalized >= signed.last;
        let taken = self.nonce_at(&at, account).await? > signed.nonce;
        // Before that no finalised block has it, or the account was closed since and its nonce
        // begins again, which the end of its time settles.
        if !over && !taken {
            return Ok(Fate::Open);
        }
        let hash = signed.hash();
        for block in signed.born.block + 1..=finalized.min(signed.last) {
            let place = self.finalized_hash(block).await?;
            if let Some(index) = self.position(place, &hash).await? {
                let anchor = Anchor { block, hash: place.0 };
                return Ok(match self.outcome(place, index).await {
                    Ok(Ok(receipt)) => Fate::Done(receipt, anchor),
                    Ok(Err(refusal)) => Fate::Failed(refusal),
                    // States of old blocks are dropped, their transactions are kept.
                    Err(error) if is_discarded(&error) => Fate::Forgotten(anchor),
                    Err(error) => return Err(error),
                });
            }
        }
        Ok(Fate::Dead)
    }

    /// Whether the finalised chain, which has come to `finalized`, has that block.
    pub(super) async fn reach_from(
        &self,
        finalized: Block,
        anchor: &Anchor,
    ) -> Result<Reach, ChainError> {
        if finalized < anchor.block {
            return Ok(Reach::Behind { finalized });
        }
        match self.finalized_hash(anchor.block).await?.0 == anchor.hash {
            true => Ok(Reach::Within),
            false => Ok(Reach::Elsewhere),
        }
    }

    /// The hash of a block that is known to be final.
    async fn finalized_hash(&self, block: Block) -> Result<subxt::utils::H256, ChainError> {
        let found = self.hash_of(block).await?;
        found.ok_or_else(|| self.unreadable(&format!("its block {block}"), &"it's gone"))
    }
}

/// Whether a node has dropped the state that was asked for. Its words are all that tells.
fn is_discarded(error: &ChainError) -> bool {
    matches!(error, ChainError::Read { reason, .. } if reason.contains("discarded"))
}
