// SPDX-License-Identifier: Apache-2.0
//! From a prepared consultation to a request on chain: money, hand-off, envelope, transaction.
//!
//! Each step can be interrupted and taken up again: the record lies in the outbox, the secrets in
//! the wallet, and the nonce of the request is saved before it's sent, so that it can't be sent
//! twice.

use super::prepare::CHUNK_BYTES;
use crate::amount::{Amount, UNIT};
use crate::chain::{calls, hop::Pool, Chain, ChainError, Requested, Until};
use crate::context::{parse_address, Context};
use crate::keys::Pair;
use crate::report::Report;
use crate::vault::{Asker, Consultation, Outbox, Stage, Vault, VaultError};
use anyhow::{bail, Context as _, Result};
use cso_clinical::Description;
use cso_sealing::{chunk_hash, Envelope, PublicKey, SealingKey};
use serde_json::json;
use std::time::Duration;
use subxt::utils::AccountId32;

/// Set aside for the deposit: it depends on the envelope's length, and its price isn't told by the
/// metadata. The network takes 0.9 CSO.
const DEPOSIT_ALLOWANCE: u128 = UNIT * 5 / 4;
/// Set aside for the fees of request, acceptance and erasure.
const FEE_ALLOWANCE: u128 = UNIT / 4;
/// Set aside for the fee of the transfer that fills the consultation's account, and for what keeps
/// the paying account alive.
const TRANSFER_ALLOWANCE: u128 = UNIT / 50;
/// How long to wait for a request that was sent before.
const PENDING: Duration = Duration::from_secs(90);

/// What the asking account must have, free, before the request.
pub fn needed(fee: Amount) -> Amount {
    Amount(fee.0.saturating_add(DEPOSIT_ALLOWANCE + FEE_ALLOWANCE))
}

/// Refuses if `payer` can't pay. `fresh`: through an account of its own, which costs one transfer.
pub async fn check_funds(
    chain: &Chain,
    name: &str,
    payer: &AccountId32,
    fee: Amount,
    fresh: bool,
) -> Result<()> {
    let free = chain.balance(payer).await?.free;
    let transfer = if fresh { TRANSFER_ALLOWANCE } else { 0 };
    let needed = Amount(needed(fee).0.saturating_add(transfer));
    if free < needed {
        bail!(
            "the balance of {name} is {free} CSO, and {needed} CSO are needed (fee {fee}, deposit and transaction fees up to {}); send some to {payer}",
            Amount(needed.0 - fee.0)
        );
    }
    Ok(())
}

/// Connects to the pool the record will go to.
pub async fn connect_pool(endpoint: &str) -> Result<Pool> {
    let pool = Pool::connect(endpoint).await.map_err(|error| match error {
        ChainError::Unreachable { url, reason } => {
            anyhow::anyhow!("the expert's node at {url} doesn't answer ({reason}); try again later, or give its address with --endpoint")
        }
        other => other.into(),
    })?;
    if pool.status().await.is_none() {
        bail!("the node at {endpoint} has no hand-off pool for records; give the expert's own node with --endpoint");
    }
    Ok(pool)
}

/// Sends a prepared consultation, from wherever it stopped before. Failures keep all that was
/// prepared.
pub async fn send(
    context: &mut Context,
    chain: &Chain,
    vault: &mut Vault,
    outbox: &Outbox,
    handle: &str,
) -> Result<Report> {
    match Sending::new(chain, vault, outbox, handle)?.run(context).await {
        Ok(report) => Ok(report),
        Err(error) => Err(anyhow::anyhow!(
            "{error:#}; what was prepared is kept: go on with `cso consult resume {handle}`, or drop it with `cso consult forget {handle}`"
        )),
    }
}

struct Sending<'a> {
    chain: &'a Chain,
    vault: &'a mut Vault,
    outbox: &'a Outbox,
    handle: &'a str,
    expert: AccountId32,
    pair: Pair,
}

impl<'a> Sending<'a> {
    fn new(
        chain: &'a Chain,
        vault: &'a mut Vault,
        outbox: &'a Outbox,
        handle: &'a str,
    ) -> Result<Self> {
        let consultation = vault.wallet().consultation(Some(handle))?;
        require_chain(consultation, chain)?;
        if let Stage::Requested { id } | Stage::Erased { id } = consultation.stage {
            bail!("{handle} was requested already, as consultation {id}; see `cso consult status {id}`");
        }
        let expert = expert_of(consultation)?;
        let pair = consultation.pair(vault.wallet())?;
        Ok(Self { chain, vault, outbox, handle, expert, pair })
    }

    fn consultation(&self) -> Result<&Consultation> {
        Ok(self.vault.wallet().consultation(Some(self.handle))?)
    }

    async fn run(mut self, context: &mut Context) -> Result<Report> {
        if let Stage::Submitting { nonce } = self.consultation()?.stage {
            context.steps.begin("look", "looking for the request that was sent before");
            let consultation = self.consultation()?;
            if let Some(id) =
                find_sent(self.chain, consultation, &self.pair.account(), nonce).await?
            {
                return self.requested(context, id, None).await;
            }
        }
        let record = self.record()?;
        self.fund(context).await?;
        self.hand_off(context, &record).await?;
        self.submit(context).await
    }

    /// The record from the outbox, checked against what was committed to.
    fn record(&self) -> Result<Vec<u8>> {
        let record = self.outbox.get(self.handle)?.context(
            "the encrypted record is gone from the wallet's outbox; forget this one and ask again",
        )?;
        let hashes: Vec<_> =
            record.chunks(CHUNK_BYTES).map(|chunk| hex::encode(chunk_hash(chunk))).collect();
        if hashes != self.consultation()?.chunks {
            bail!("the encrypted record in the wallet's outbox is damaged; forget this one and ask again");
        }
        Ok(record)
    }

    /// Fills the consultation's own account, if it has one.
    async fn fund(&self, context: &mut Context) -> Result<()> {
        let consultation = self.consultation()?;
        let Asker::Fresh { funded_by, .. } = &consultation.account else {
            return Ok(());
        };
        let account = self.pair.account();
        let free = self.chain.balance(&account).await?.free;
        let lacking = Amount(needed(consultation.fee).0.saturating_sub(free.0));
        if lacking.0 == 0 {
            return Ok(());
        }
        context.steps.begin("fund", "filling the consultation's account");
        let payer = self.vault.wallet().account(funded_by)?.pair()?;
        self.chain.submit(&calls::transfer(account, lacking), &payer, Until::Included).await?;
        Ok(())
    }

    async fn hand_off(&self, context: &mut Context, record: &[u8]) -> Result<()> {
        let consultation = self.consultation()?;
        let keys = keys(consultation)?;
        let claim = Pair::from_seed(keys.claim.expose())?;
        let count = consultation.chunks.len();
        context.steps.begin("hand_off", "handing the encrypted record to the expert's node");
        let pool = connect_pool(&consultation.endpoint).await?;
        for (number, chunk) in record.chunks(CHUNK_BYTES).enumerate() {
            context.steps.say(format!(
                "handing the encrypted record to the expert's node, part {} of {count}",
                number + 1
            ));
            pool.submit(chunk, &claim, &self.pair).await?;
        }
        Ok(())
    }

    async fn submit(&mut self, context: &mut Context) -> Result<Report> {
        context.steps.begin("seal", "sealing the envelope");
        let envelope = self.seal().await?;
        let best = self.chain.best_block().await?;
        let max = self.chain.constant("Consultations", "MaxTerm").await?;
        let (expert, fee, record, blocks) = {
            let consultation = self.consultation()?;
            (self.expert, consultation.fee, commitment(consultation)?, consultation.deadline_blocks)
        };
        // Two blocks more than asked for, since it takes one or two to get in.
        let term = u64::from(blocks).saturating_add(2).min(u64::try_from(max).unwrap_or(u64::MAX));
        let deadline = u32::try_from(best.saturating_add(term))
            .context("the deadline is beyond the chain's last block")?;

        let nonce = self.chain.nonce(&self.pair.account()).await?;
        context.steps.begin("save", "saving");
        self.set_stage(Stage::Submitting { nonce })?;
        context.steps.begin("request", "waiting for the request to be final");
        let call = calls::request(expert, record, &envelope, fee, deadline);
        match self.chain.submit_with_nonce(&call, &self.pair, nonce, Until::Finalized).await {
            Ok(receipt) => {
                let event: Requested = receipt
                    .event("Consultations", "Requested")
                    .context("the chain doesn't say what number the consultation got")?;
                self.requested(context, event.id, Some(receipt.block)).await
            }
            Err(error) => {
                if let ChainError::Refused(_) = error {
                    self.set_stage(Stage::Prepared)?;
                }
                Err(error.into())
            }
        }
    }

    async fn seal(&self) -> Result<Vec<u8>> {
        let consultation = self.consultation()?;
        let keys = keys(consultation)?;
        let (expert, _) = self.chain.expert(&self.expert).await?;
        let expert = expert.with_context(|| {
            format!("{} is no expert any more; choose another: cso experts list", self.expert)
        })?;
        let to = PublicKey::from_bytes(&expert.sealing_key)
            .context("the expert's sealing key on chain is unusable; choose another expert")?;
        let mut chunks = Vec::new();
        for hash in &consultation.chunks {
            chunks.push(bytes32(hash)?);
        }
        let envelope = Envelope {
            protocol: consultation.protocol,
            chunks,
            claim_seed: *keys.claim.expose(),
            salt: *keys.salt.expose(),
            note_key: SealingKey::from_seed(*keys.note.expose()).public(),
            question: consultation.question.clone(),
        };
        Ok(envelope.seal(&to, &sealing_context(consultation, &self.pair.account())?)?)
    }

    fn set_stage(&mut self, stage: Stage) -> Result<()> {
        let handle = self.handle;
        self.vault.change(|wallet| -> Result<()> {
            wallet.consultation_mut(Some(handle))?.stage = stage;
            Ok(())
        })
    }

    /// Notes the number, clears the outbox, and tells.
    async fn requested(
        &mut self,
        context: &mut Context,
        id: u64,
        block: Option<u64>,
    ) -> Result<Report> {
        let handle = self.handle;
        context.steps.begin("save", "saving");
        self.vault.change(|wallet| -> Result<(), VaultError> {
            let consultation = wallet.consultation_mut(Some(handle))?;
            consultation.stage = Stage::Requested { id };
            consultation.requested_in = block;
            Ok(())
        })?;
        self.outbox.remove(handle)?;
        context.steps.end();

        let (found, _) = self.chain.consultation(id).await?;
        let consultation = self.consultation()?;
        let title = Description::from_json(&consultation.description)
            .map(|it| it.meta().title.clone())
            .unwrap_or_default();
        let deposit = found.as_ref().map(|found| Amount(found.deposit));
        let deadline = found.as_ref().map(|found| found.deadline);
        let json = json!({
            "handle": handle,
            "id": id,
            "expert": consultation.expert,
            "protocol": { "id": consultation.protocol, "title": title },
            "account": self.pair.account().to_string(),
            "fee": consultation.fee,
            "deposit": deposit,
            "deadline": deadline,
            "block": block,
            "record": {
                "commitment": format!("0x{}", consultation.record),
                "bits": consultation.bits,
                "bytes": consultation.bytes,
                "chunks": consultation.chunks.len(),
                "profile": consultation.profile,
            },
        });
        let until = deadline
            .map_or_else(String::new, |block| format!(", or your fee back after block {block}"));
        let text = format!("consultation {id} requested ({handle}); {title}\nan opinion{until}: cso consult wait {id}");
        Ok(Report::new(text, json))
    }
}

/// Whether the request that was sent with this nonce has arrived; waits while that's open.
pub async fn find_sent(
    chain: &Chain,
    consultation: &Consultation,
    account: &AccountId32,
    nonce: u64,
) -> Result<Option<u64>> {
    let record = commitment(consultation)?;
    let end = tokio::time::Instant::now() + PENDING;
    loop {
        let settled = chain.settled_nonce(account).await?;
        if let Some(id) = chain.consultation_of_record(&record).await? {
            return Ok(Some(id));
        }
        // Settled: it was included and failed. Not even in the pool: it never arrived, or was
        // dropped.
        if settled > nonce || chain.nonce(account).await? <= nonce {
            return Ok(None);
        }
        if tokio::time::Instant::now() > end {
            bail!("the request that was sent before is still on its way; try again in a minute");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// What envelope and note are bound to.
pub fn sealing_context(
    consultation: &Consultation,
    patient: &AccountId32,
) -> Result<cso_sealing::Context> {
    Ok(cso_sealing::Context {
        genesis: bytes32(&consultation.genesis)?,
        expert: expert_of(consultation)?.0,
        patient: patient.0,
        record: commitment(consultation)?,
    })
}

/// The consultation's secrets, unless they were destroyed.
pub fn keys(consultation: &Consultation) -> Result<&crate::vault::RecordKeys> {
    consultation.keys.as_ref().with_context(|| {
        format!(
            "{} was erased and its keys were destroyed: nothing of it is left to read",
            consultation.handle
        )
    })
}

/// Refuses to mix up chains.
pub fn require_chain(consultation: &Consultation, chain: &Chain) -> Result<()> {
    let here = hex::encode(chain.genesis());
    if consultation.genesis != here {
        bail!(
            "{} belongs to the chain 0x{}…, and {} is on the chain 0x{}…; give a node of the first with --url",
            consultation.handle,
            &consultation.genesis[..consultation.genesis.len().min(8)],
            chain.url(),
            &here[..8]
        );
    }
    Ok(())
}

fn commitment(consultation: &Consultation) -> Result<[u8; 32]> {
    bytes32(&consultation.record)
}

/// The expert's address.
pub fn expert_of(consultation: &Consultation) -> Result<AccountId32> {
    parse_address(&consultation.expert)?.context("the wallet's entry is damaged: no expert")
}

/// 32 bytes of hex from the wallet.
pub fn bytes32(text: &str) -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes)
        .context("the wallet's entry is damaged: not 64 hex digits")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_account_can_hand_off_and_pay() {
        // The pool serves accounts with at least 1 CSO, whatever the fee.
        let needed = needed(Amount(0));
        assert!(needed.0 >= UNIT);
        assert_eq!(super::needed(Amount(5 * UNIT)).to_string(), "6.5");
    }

    #[test]
    fn damaged_entries_are_errors() {
        assert!(bytes32("00").is_err());
        assert!(bytes32(&"g".repeat(64)).is_err());
        assert_eq!(bytes32(&"01".repeat(32)).unwrap(), [1; 32]);
    }
}
