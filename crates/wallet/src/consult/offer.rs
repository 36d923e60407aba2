// SPDX-License-Identifier: Apache-2.0
//! The expert and the protocol that a patient wants, read from the chain and checked before
//! anything else happens.

use crate::chain::{Block, Chain, Expert, ExpertStatus};
use anyhow::{bail, Context as _, Result};
use cso_clinical::Description;
use subxt::utils::AccountId32;

/// What a request is about.
pub struct Offer {
    /// Who is asked.
    pub address: AccountId32,
    /// What the chain says of them.
    pub expert: Expert,
    /// The protocol's number.
    pub protocol: u32,
    /// The protocol's public part.
    pub description: Description,
}

impl Offer {
    /// Reads and checks: the expert can be asked now, and has that protocol.
    pub async fn fetch(chain: &Chain, address: AccountId32, protocol: &str) -> Result<Self> {
        let (expert, now) = chain.expert(&address).await?;
        let expert = expert
            .with_context(|| format!("{address} is no expert; choose one: cso experts list"))?;
        can_be_asked(&address, &expert.status, now)?;
        let (protocol, description) = find_protocol(chain, &address, protocol).await?;
        Ok(Self { address, expert, protocol, description })
    }
}

fn can_be_asked(address: &AccountId32, status: &ExpertStatus, now: Block) -> Result<()> {
    match *status {
        ExpertStatus::Applied => bail!(
            "the board hasn't accredited the expert {address}; choose another: cso experts list"
        ),
        ExpertStatus::Suspended { .. } => {
            bail!("the board has suspended the expert {address}; choose another: cso experts list")
        }
        // A request gets into the next block at the earliest.
        ExpertStatus::Accredited { until } if until <= now => {
            bail!("the expert's accreditation expired at block {until} (now {now}); choose another: cso experts list")
        }
        ExpertStatus::Accredited { .. } => Ok(()),
    }
}

/// By number, or by the id in the description.
async fn find_protocol(
    chain: &Chain,
    expert: &AccountId32,
    wanted: &str,
) -> Result<(u32, Description)> {
    let read = |id: u32, bytes: &[u8]| -> Result<Description> {
        let text = std::str::from_utf8(bytes)
            .with_context(|| format!("the description of protocol {id} is no text"))?;
        Description::from_json(text)
            .with_context(|| format!("the description of protocol {id} is not readable"))
    };
    let hint = || format!("the expert has no protocol `{wanted}`; see `cso experts show {expert}`");
    if let Ok(id) = wanted.parse::<u32>() {
        let protocol = chain.protocol(expert, id).await?.with_context(hint)?;
        return Ok((id, read(id, &protocol.description)?));
    }
    let mut matching = Vec::new();
    for (id, protocol) in chain.protocols(expert).await? {
        // One that can't be read can't be meant.
        match read(id, &protocol.description) {
            Ok(description) if description.meta().id == wanted => matching.push((id, description)),
            _ => {}
        }
    }
    if matching.len() > 1 {
        let ids: Vec<_> = matching.iter().map(|(id, _)| id.to_string()).collect();
        bail!("the expert has several protocols `{wanted}`; choose by number: {}", ids.join(", "));
    }
    matching.pop().with_context(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: ExpertStatus, now: Block) -> String {
        can_be_asked(&AccountId32([1; 32]), &status, now)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn only_the_accredited_can_be_asked() {
        assert!(refusal(ExpertStatus::Applied, 5).contains("accredited"));
        assert!(refusal(ExpertStatus::Suspended { until: 9 }, 5).contains("suspended"));
        assert_eq!(
            refusal(ExpertStatus::Accredited { until: 120 }, 120),
            "the expert's accreditation expired at block 120 (now 120); choose another: cso experts list"
        );
        assert_eq!(refusal(ExpertStatus::Accredited { until: 121 }, 120), "");
    }
}
