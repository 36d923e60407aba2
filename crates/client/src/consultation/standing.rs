// SPDX-License-Identifier: Apache-2.0
//! Where a consultation stands, and waiting for it to get on.

use super::{state::require_reach, Session, StateError};
use crate::{
    chain::{Anchor, Block, Chain, ChainError, Consultation, ConsultationId, GenesisHash, Status},
    clock::Clock,
    vault::{Dossier, Stage, Storage},
};
use std::time::Duration;

/// Between two looks at the chain: a fraction of a block's time.
const LOOK: Duration = Duration::from_millis(400);

/// Which consultation: one of the wallet's, or just a number on chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    /// Handle, if it's the wallet's.
    pub handle: Option<String>,
    /// Number, if it has one.
    pub id: Option<ConsultationId>,
    stage: Option<Stage>,
    requested_in: Option<Block>,
    anchor: Option<Anchor>,
    genesis: Option<GenesisHash>,
}

/// Where it stands, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// On chain.
    OnChain(Status),
    /// Not on chain yet.
    Prepared,
    /// The request was signed and sent, and isn't known to be in a final block.
    Sent,
    /// Not on chain any more, and its keys are destroyed.
    Erased,
    /// Not on chain: it never was, or has been erased.
    Gone,
}

/// What is known about a consultation at one moment.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What the chain says.
    pub found: Option<Consultation>,
    /// The block it was read at.
    pub now: Block,
    /// Where it stands.
    pub phase: Phase,
}

/// How waiting ended.
#[derive(Clone, Debug)]
pub struct Waited {
    /// Where it stands now.
    pub standing: Standing,
    /// Blocks from the request to the opinion, or to now, if the wallet knows the former.
    pub blocks: Option<Block>,
    /// Whether time ran out.
    pub timed_out: bool,
}

impl Which {
    /// A number on chain.
    pub fn number(id: ConsultationId) -> Self {
        Self {
            handle: None,
            id: Some(id),
            stage: None,
            requested_in: None,
            anchor: None,
            genesis: None,
        }
    }

    /// One of the wallet's.
    pub fn of(dossier: &Dossier) -> Self {
        Self {
            handle: Some(dossier.handle.clone()),
            id: dossier.id(),
            stage: Some(dossier.stage),
            requested_in: dossier.requested_in,
            anchor: dossier.anchor,
            genesis: Some(dossier.genesis),
        }
    }

    /// Refuses a node of another chain.
    ///
    /// # Errors
    ///
    /// [`StateError::OtherChain`].
    pub fn require_chain(&self, chain: &impl Chain) -> Result<(), StateError> {
        match self.genesis {
            Some(wanted) if wanted != chain.genesis() => Err(StateError::OtherChain {
                handle: self.handle.clone().unwrap_or_default(),
                wanted,
                url: chain.url().to_owned(),
                found: chain.genesis(),
            }),
            _ => Ok(()),
        }
    }

    /// Refuses a node that knows less than the wallet. Of a bare number the wallet knows nothing.
    async fn require_reach(&self, chain: &impl Chain) -> Result<(), ChainError> {
        match self.handle {
            Some(_) => require_reach(self.anchor.as_ref(), self.requested_in, chain).await,
            None => Ok(()),
        }
    }

    /// The number.
    ///
    /// # Errors
    ///
    /// [`StateError::NotOnChain`].
    pub fn require_id(&self) -> Result<ConsultationId, StateError> {
        let handle = self.handle.clone().unwrap_or_default();
        self.id.ok_or(StateError::NotOnChain { handle })
    }
}

impl Phase {
    /// As one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::OnChain(status) => status.word(),
            Self::Prepared => "prepared",
            Self::Sent => "sent",
            Self::Erased => "erased",
            Self::Gone => "gone",
        }
    }
}

impl Standing {
    /// Looks at the chain.
    ///
    /// # Errors
    ///
    /// [`ChainError`].
    pub async fn look(chain: &impl Chain, which: &Which) -> Result<Self, ChainError> {
        let (found, now) = match which.id {
            Some(id) => chain.consultation(id).await?,
            None => (None, chain.best_block().await?),
        };
        if found.is_none() {
            // A node that hasn't come to the request can't say that it's gone.
            which.require_reach(chain).await?;
        }
        let phase = match (&found, which.stage) {
            (Some(found), _) => Phase::OnChain(found.status),
            (None, Some(Stage::Prepared)) => Phase::Prepared,
            (None, Some(Stage::Submitting { .. })) => Phase::Sent,
            (None, Some(Stage::Erased { .. })) => Phase::Erased,
            (None, Some(Stage::Requested { .. }) | None) => Phase::Gone,
        };
        Ok(Self { found, now, phase })
    }

    /// Whether it still waits for the expert.
    pub fn waits(&self) -> bool {
        self.phase == Phase::OnChain(Status::Requested)
    }

    /// Whether there is an opinion on chain.
    pub fn has_opinion(&self) -> bool {
        matches!(self.phase, Phase::OnChain(status) if status.has_opinion())
    }

    /// Waits until the expert has answered, or the consultation has ended otherwise, or `timeout`
    /// is over. `look` sees each look at the chain that found nothing new.
    ///
    /// # Errors
    ///
    /// [`ChainError`].
    pub async fn wait(
        chain: &impl Chain,
        clock: &dyn Clock,
        which: &Which,
        timeout: Option<Duration>,
        mut look: impl FnMut(&Self),
    ) -> Result<Waited, ChainError> {
        let end = timeout.map(|timeout| clock.elapsed() + timeout);
        loop {
            let standing = Self::look(chain, which).await?;
            let timed_out = standing.waits() && end.is_some_and(|end| clock.elapsed() >= end);
            if !standing.waits() || timed_out {
                let blocks = standing.blocks_since(chain, which).await?;
                return Ok(Waited { standing, blocks, timed_out });
            }
            look(&standing);
            clock.pause(LOOK).await;
        }
    }

    /// Blocks from the request to the opinion, or to now.
    async fn blocks_since(
        &self,
        chain: &impl Chain,
        which: &Which,
    ) -> Result<Option<Block>, ChainError> {
        let Some(begin) = which.requested_in else {
            return Ok(None);
        };
        let delivered = match which.id {
            Some(id) if self.has_opinion() => chain.opinion(id).await?.map(|it| it.delivered),
            _ => None,
        };
        Ok(Some(delivered.unwrap_or(self.now).saturating_sub(begin)))
    }
}

impl<C: Chain, H, S: Storage> Session<'_, C, H, S> {
    /// Looks where a consultation stands.
    ///
    /// # Errors
    ///
    /// [`ChainError`].
    pub async fn standing(&self, which: &Which) -> Result<Standing, ChainError> {
        Standing::look(self.chain, which).await
    }
}
