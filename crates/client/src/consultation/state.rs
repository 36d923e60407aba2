// SPDX-License-Identifier: Apache-2.0
//! What a dossier must be like for a step, and what every step takes from it.

use crate::{
    address::AccountId,
    chain::{Anchor, Block, Chain, ChainError, Consultation, ConsultationId, GenesisHash, Reach},
    vault::{Dossier, RecordKeys, Stage},
};

/// Why a dossier doesn't allow a step.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// The node belongs to another chain than the consultation.
    #[error("{handle} belongs to the chain {}…, and {url} is on the chain {}…", short(.wanted), short(.found))]
    OtherChain {
        /// The consultation's handle.
        handle: String,
        /// Its chain.
        wanted: GenesisHash,
        /// The node.
        url: String,
        /// The node's chain.
        found: GenesisHash,
    },
    /// The request hasn't got through yet.
    #[error("{handle} isn't on chain")]
    NotOnChain {
        /// The consultation's handle.
        handle: String,
    },
    /// The request got through already.
    #[error("{handle} was requested already, as consultation {id}")]
    AlreadyRequested {
        /// The consultation's handle.
        handle: String,
        /// Its number.
        id: ConsultationId,
    },
    /// The consultation was erased.
    #[error("consultation {id} is erased already")]
    AlreadyErased {
        /// Its number.
        id: ConsultationId,
    },
    /// Another command, or another copy of the wallet, has taken the consultation further
    /// meanwhile.
    #[error("another command has taken {handle} further meanwhile")]
    Moved {
        /// The consultation's handle.
        handle: String,
    },
    /// The chain has another consultation under this number.
    #[error("consultation {id} on chain isn't {handle}: somebody else's, or another record's")]
    NotOwn {
        /// The consultation's handle.
        handle: String,
        /// The number.
        id: ConsultationId,
    },
    /// The keys were destroyed.
    #[error("{handle} was erased and its keys were destroyed: nothing of it is left to read")]
    KeysDestroyed {
        /// The consultation's handle.
        handle: String,
    },
}

fn short(genesis: &GenesisHash) -> String {
    genesis.to_string()[..10].to_owned()
}

/// Refuses to mix up chains.
pub(super) fn require_chain(dossier: &Dossier, chain: &impl Chain) -> Result<(), StateError> {
    let found = chain.genesis();
    if dossier.genesis == found {
        return Ok(());
    }
    Err(StateError::OtherChain {
        handle: dossier.handle.clone(),
        wanted: dossier.genesis,
        url: chain.url().to_owned(),
        found,
    })
}

/// Refuses a consultation on chain that isn't the dossier's.
pub(super) fn require_own(
    dossier: &Dossier,
    patient: &AccountId,
    id: ConsultationId,
    found: &Consultation,
) -> Result<(), StateError> {
    match dossier.is_own(found, patient) {
        true => Ok(()),
        false => Err(StateError::NotOwn { handle: dossier.handle.clone(), id }),
    }
}

/// Refuses a node that knows less than the wallet has seen of a consultation: what isn't on its
/// chain may be on the real one. Wallets of version 1 haven't noted what they saw but for the block
/// of a request: of them a node is believed that has come so far and isn't catching up.
pub(super) async fn require_reach(
    anchor: Option<&Anchor>,
    requested_in: Option<Block>,
    chain: &impl Chain,
) -> Result<(), ChainError> {
    let Some(anchor) = anchor else {
        let (finalized, seen) = (chain.anchor().await?.block, requested_in.unwrap_or_default());
        if finalized < seen || chain.health().await?.is_syncing {
            return Err(ChainError::Behind { url: chain.url().to_owned(), finalized, seen });
        }
        return Ok(());
    };
    let (url, seen) = (chain.url().to_owned(), anchor.block);
    match chain.reach(anchor).await? {
        Reach::Within => Ok(()),
        Reach::Behind { finalized } => Err(ChainError::Behind { url, finalized, seen }),
        Reach::Elsewhere => Err(ChainError::OtherHistory { url, block: seen }),
    }
}

/// The chain's number.
pub(super) fn require_id(dossier: &Dossier) -> Result<ConsultationId, StateError> {
    dossier.id().ok_or_else(|| StateError::NotOnChain { handle: dossier.handle.clone() })
}

/// The chain's number of a consultation that isn't erased.
pub(super) fn require_open_id(dossier: &Dossier) -> Result<ConsultationId, StateError> {
    match dossier.stage {
        Stage::Erased { id } => Err(StateError::AlreadyErased { id }),
        _ => require_id(dossier),
    }
}

/// The consultation's secrets, unless they were destroyed.
pub(super) fn require_keys(dossier: &Dossier) -> Result<&RecordKeys, StateError> {
    dossier
        .keys
        .as_ref()
        .ok_or_else(|| StateError::KeysDestroyed { handle: dossier.handle.clone() })
}

/// What envelope and note are bound to.
pub(super) fn sealing_context(dossier: &Dossier, patient: &AccountId) -> cso_sealing::Context {
    cso_sealing::Context {
        genesis: dossier.genesis.0,
        expert: dossier.expert.0,
        patient: patient.0,
        record: dossier.record,
    }
}
