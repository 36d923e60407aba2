// SPDX-License-Identifier: Apache-2.0
//! The directory: which experts there are, and what they offer.

use crate::{
    address::AccountId,
    chain::{Block, Chain, ChainError, Expert, Load, ProtocolId},
    consultation::{read_description, OfferError},
};
use cso_clinical::Description;
use cso_primitives::ModelCommitment;

/// A protocol as an expert offers it.
#[derive(Debug)]
pub struct Listed {
    /// Its number.
    pub id: ProtocolId,
    /// Commitment to its model.
    pub model: ModelCommitment,
    /// Its public part, or why that can't be read.
    pub description: Result<Description, OfferError>,
}

impl Listed {
    /// The same in the language that fits `wanted` best, a BCP 47 tag.
    pub fn in_language(self, wanted: &str) -> Self {
        let description = self.description.map(|description| description.in_language(wanted));
        Self { description, ..self }
    }
}

/// One expert in full.
#[derive(Debug)]
pub struct Entry {
    /// The expert's account.
    pub address: AccountId,
    /// What the chain says.
    pub expert: Expert,
    /// What is offered, as [`protocols`] orders it.
    pub protocols: Vec<Listed>,
    /// What the expert has to do and to get.
    pub load: Load,
    /// The block it was read at.
    pub now: Block,
}

/// All experts, cheapest first, and the block they were read at.
///
/// # Errors
///
/// [`ChainError`].
pub async fn experts(chain: &impl Chain) -> Result<(Vec<(AccountId, Expert)>, Block), ChainError> {
    let (mut experts, now) = chain.experts().await?;
    experts.sort_by_key(|(_, expert)| (expert.price, expert.endpoint.clone()));
    Ok((experts, now))
}

/// What an expert offers, by setting and number: what can't wait for an answer stands last.
///
/// # Errors
///
/// [`ChainError`].
pub async fn protocols(chain: &impl Chain, expert: &AccountId) -> Result<Vec<Listed>, ChainError> {
    let found = chain.protocols(expert).await?;
    let mut listed: Vec<Listed> = found
        .into_iter()
        .map(|(id, protocol)| Listed {
            id,
            model: protocol.model,
            description: read_description(id, &protocol.description),
        })
        .collect();
    let setting = |one: &Listed| one.description.as_ref().ok().map(|it| it.meta().setting);
    listed.sort_by_key(|one| (setting(one), one.id));
    Ok(listed)
}

/// One expert in full; `None` if the account is none.
///
/// # Errors
///
/// [`ChainError`].
pub async fn entry(chain: &impl Chain, address: &AccountId) -> Result<Option<Entry>, ChainError> {
    let (expert, now) = chain.expert(address).await?;
    let Some(expert) = expert else {
        return Ok(None);
    };
    let protocols = protocols(chain, address).await?;
    let load = chain.load(address).await?;
    Ok(Some(Entry { address: *address, expert, protocols, load, now }))
}
