// SPDX-License-Identifier: Apache-2.0
//! The expert and the protocol that a patient wants, read from the chain and checked before
//! anything else happens.

use crate::{
    address::AccountId,
    chain::{Block, Chain, ChainError, Expert, ExpertStatus, ProtocolId},
};
use cso_clinical::Description;

/// What a request is about.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Who is asked.
    pub address: AccountId,
    /// What the chain says of them.
    pub expert: Expert,
    /// The protocol's number.
    pub protocol: ProtocolId,
    /// The protocol's public part.
    pub description: Description,
}

/// Why there is no such offer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// The account is no expert.
    #[error("{0} is no expert")]
    NoExpert(AccountId),
    /// The board hasn't accredited the expert.
    #[error("the board hasn't accredited the expert {0}")]
    NotAccredited(AccountId),
    /// The board has suspended the expert.
    #[error("the board has suspended the expert {0}")]
    Suspended(AccountId),
    /// The accreditation has run out.
    #[error("the expert's accreditation expired at block {until} (now {now})")]
    Expired {
        /// Its last block.
        until: Block,
        /// The block it was read at.
        now: Block,
    },
    /// The expert has no such protocol.
    #[error("the expert has no protocol `{wanted}`")]
    NoProtocol {
        /// Number or id.
        wanted: String,
        /// The expert.
        expert: AccountId,
    },
    /// The expert has several.
    #[error("the expert has several protocols `{wanted}`; choose by number: {numbers}")]
    Ambiguous {
        /// The id they share.
        wanted: String,
        /// Their numbers.
        numbers: String,
    },
    /// The description of the protocol can't be read.
    #[error("the description of protocol {protocol} can't be read: {reason}")]
    Unreadable {
        /// Its number.
        protocol: ProtocolId,
        /// Why.
        reason: String,
    },
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Offer {
    /// Reads and checks: the expert can be asked now, and has that protocol. `protocol` is its
    /// number, or the id in its description.
    ///
    /// # Errors
    ///
    /// [`OfferError`].
    pub async fn fetch(
        chain: &impl Chain,
        address: AccountId,
        protocol: &str,
    ) -> Result<Self, OfferError> {
        let (expert, now) = chain.expert(&address).await?;
        let expert = expert.ok_or(OfferError::NoExpert(address))?;
        can_be_asked(&address, &expert.status, now)?;
        let (protocol, description) = find_protocol(chain, &address, protocol).await?;
        Ok(Self { address, expert, protocol, description })
    }
}

fn can_be_asked(address: &AccountId, status: &ExpertStatus, now: Block) -> Result<(), OfferError> {
    match *status {
        ExpertStatus::Applied => Err(OfferError::NotAccredited(*address)),
        ExpertStatus::Suspended { .. } => Err(OfferError::Suspended(*address)),
        // A request gets into the next block at the earliest.
        ExpertStatus::Accredited { until } if until <= now => {
            Err(OfferError::Expired { until, now })
        }
        ExpertStatus::Accredited { .. } => Ok(()),
    }
}

/// Reads the description that an expert has published.
pub(crate) fn read_description(
    protocol: ProtocolId,
    bytes: &[u8],
) -> Result<Description, OfferError> {
    let unreadable = |reason: String| OfferError::Unreadable { protocol, reason };
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable("it is no text".into()))?;
    Description::from_json(text).map_err(|error| unreadable(error.to_string()))
}

/// By number, or by the id in the description.
async fn find_protocol(
    chain: &impl Chain,
    expert: &AccountId,
    wanted: &str,
) -> Result<(ProtocolId, Description), OfferError> {
    let none = || OfferError::NoProtocol { wanted: wanted.to_owned(), expert: *expert };
    if let Ok(id) = wanted.parse::<ProtocolId>() {
        let protocol = chain.protocol(expert, id).await?.ok_or_else(none)?;
        return Ok((id, read_description(id, &protocol.description)?));
    }
    let mut matching = Vec::new();
    for (id, protocol) in chain.protocols(expert).await? {
        // One that can't be read can't be meant.
        match read_description(id, &protocol.description) {
            Ok(description) if description.meta().id == wanted => matching.push((id, description)),
            _ => {}
        }
    }
    if matching.len() > 1 {
        let numbers: Vec<_> = matching.iter().map(|(id, _)| id.to_string()).collect();
        let numbers = numbers.join(", ");
        return Err(OfferError::Ambiguous { wanted: wanted.to_owned(), numbers });
    }
    matching.pop().ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::*;
    use subxt::utils::AccountId32;

    fn refusal(status: ExpertStatus, now: Block) -> Option<OfferError> {
        can_be_asked(&AccountId32([1; 32]), &status, now).err()
    }

    #[test]
    fn only_the_accredited_can_be_asked() {
        assert!(matches!(refusal(ExpertStatus::Applied, 5), Some(OfferError::NotAccredited(_))));
        assert!(matches!(
            refusal(ExpertStatus::Suspended { until: 9 }, 5),
            Some(OfferError::Suspended(_))
        ));
        assert!(matches!(
            refusal(ExpertStatus::Accredited { until: 120 }, 120),
            Some(OfferError::Expired { until: 120, now: 120 })
        ));
        assert!(refusal(ExpertStatus::Accredited { until: 121 }, 120).is_none());
    }
}
