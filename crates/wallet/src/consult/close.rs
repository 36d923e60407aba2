// SPDX-License-Identifier: Apache-2.0
//! The end of a consultation: accepting, erasing, forgetting. Money comes back, keys are destroyed.

use super::request::{bytes32, find_sent, require_chain};
use crate::amount::Amount;
use crate::chain::{calls, hop::Pool, Chain, Until};
use crate::context::{signer, Context};
use crate::keys::Pair;
use crate::report::{warn, Report};
use crate::vault::{Asker, Consultation, Outbox, Stage, Vault};
use anyhow::{bail, Context as _, Result};
use serde_json::json;
use subxt::utils::AccountId32;

/// `cso consult accept`.
pub async fn accept(context: &mut Context, id: &str) -> Result<Report> {
    let vault = context.vault()?;
    let consultation = vault.wallet().consultation(Some(id))?;
    let number = number(consultation)?;
    let pair = consultation.pair(vault.wallet())?;
    let chain = context.chain().await?;
    require_chain(consultation, &chain)?;
    context.steps.begin("submit", "waiting for the acceptance to be final");
    let receipt = chain.submit(&calls::close("accept", number), &pair, Until::Finalized).await?;
    let text = format!(
        "accepted in block {}: the expert has {} CSO\nnothing of it needs to stay: cso consult erase {number}",
        receipt.block, consultation.fee
    );
    Ok(Report::new(text, json!({ "id": number, "fee": consultation.fee, "block": receipt.block })))
}

/// `cso consult expire`: anyone may return a fee that is due.
pub async fn expire(context: &mut Context, id: &str, by: Option<&str>) -> Result<Report> {
    let vault = context.vault()?;
    let (number, pair) = match (vault.wallet().consultation(Some(id)), id.parse::<u64>()) {
        (Ok(found), _) if by.is_none() => (number(found)?, found.pair(vault.wallet())?),
        (Ok(found), _) => (number(found)?, signer(&vault, by, "--as")?.1),
        (Err(_), Ok(number)) => (number, signer(&vault, by, "--as")?.1),
        (Err(error), Err(_)) => return Err(error.into()),
    };
    let chain = context.chain().await?;
    context.steps.begin("submit", "waiting for the refund to be final");
    let receipt = chain.submit(&calls::close("expire", number), &pair, Until::Finalized).await?;
    Ok(Report::new(
        format!("the fee is back, in block {}", receipt.block),
        json!({ "id": number, "block": receipt.block }),
    ))
}

/// `cso consult erase`.
pub async fn erase(context: &mut Context, id: &str, to: Option<&str>) -> Result<Report> {
    let mut vault = context.vault()?;
    let outbox = Outbox::of(&context.wallet_path()?);
    let consultation = vault.wallet().consultation(Some(id))?;
    let handle = consultation.handle.clone();
    if let Stage::Erased { id } = consultation.stage {
        bail!("consultation {id} is erased already");
    }
    let number = number(consultation)?;
    let leftovers = Leftovers::of(context, &vault, consultation, to)?;
    let pair = consultation.pair(vault.wallet())?;
    let chain = context.chain().await?;
    require_chain(consultation, &chain)?;

    let block = match chain.consultation(number).await?.0 {
        None => None,
        Some(found) if !found.status.is_closed() => {
            let next = match found.status.has_opinion() {
                true => format!("accept it first: cso consult accept {number}"),
                false => format!("the fee returns by itself after block {}", found.deadline),
            };
            bail!("consultation {number} is still open ({}); {next}", found.status.word());
        }
        Some(_) => {
            // What follows from the same account is final only if this is.
            let until = match leftovers.0 {
                Some(_) => Until::Included,
                None => Until::Finalized,
            };
            context.steps.begin("erase", "erasing");
            Some(chain.submit(&calls::close("erase", number), &pair, until).await?.block)
        }
    };
    let swept = leftovers.sweep(context, &chain).await?;
    let dropped = drop_chunks(context, consultation).await;
    context.steps.begin("save", "destroying the keys");
    vault.change(|wallet| -> Result<()> {
        let consultation = wallet.consultation_mut(Some(&handle))?;
        consultation.destroy_keys();
        consultation.stage = Stage::Erased { id: number };
        Ok(())
    })?;
    outbox.remove(&handle)?;

    let back = swept.map_or_else(String::new, |amount| format!("; {amount} CSO came back"));
    let text = format!("consultation {number} erased: nothing of it is in the chain's state, its keys are destroyed{back}");
    let json = json!({ "id": number, "handle": handle, "swept": swept, "dropped_chunks": dropped, "block": block });
    Ok(Report::new(text, json))
}

/// `cso consult forget`.
pub async fn forget(context: &mut Context, id: &str, yes: bool, abandon: bool) -> Result<Report> {
    let mut vault = context.vault()?;
    let outbox = Outbox::of(&context.wallet_path()?);
    let consultation = vault.wallet().consultation(Some(id))?;
    let handle = consultation.handle.clone();
    if !matches!(consultation.stage, Stage::Erased { .. }) {
        context.confirm(
            yes,
            &format!("Forget {handle}? Its keys are destroyed: nobody can ever read its answer."),
        )?;
        if !abandon {
            recover(context, &vault, consultation).await?;
        }
    }
    context.steps.begin("save", "destroying the keys");
    vault.change(|wallet| -> Result<()> { Ok(wallet.forget(&handle)?) })?;
    outbox.remove(&handle)?;
    Ok(Report::new(format!("{handle} forgotten"), json!({ "handle": handle })))
}

/// Before a consultation is forgotten: brings money back and drops chunks. Open ones are refused:
/// their money is still bound.
async fn recover(context: &mut Context, vault: &Vault, consultation: &Consultation) -> Result<()> {
    let handle = &consultation.handle;
    let chain = context
        .chain()
        .await
        .context("money of this consultation may be left; bring it back first, or add --abandon")?;
    require_chain(consultation, &chain).context("add --abandon to forget it all the same")?;
    context.steps.begin("look", "looking for the request on chain");
    let on_chain = match consultation.stage {
        Stage::Prepared => None,
        Stage::Submitting { nonce } => {
            let account = consultation.pair(vault.wallet())?.account();
            find_sent(&chain, consultation, &account, nonce).await?
        }
        Stage::Requested { id } | Stage::Erased { id } => {
            chain.consultation(id).await?.0.map(|_| id)
        }
    };
    if let Some(id) = on_chain {
        let next = match consultation.id() {
            Some(_) => format!("erase it with `cso consult erase {id}`"),
            None => format!("its request got through: go on with `cso consult resume {handle}`"),
        };
        bail!("{handle} is on chain as consultation {id}; {next}, or add --abandon to leave fee and deposit behind");
    }
    Leftovers::of(context, vault, consultation, None)?.sweep(context, &chain).await?;
    drop_chunks(context, consultation).await;
    Ok(())
}

/// What an account made for one consultation still holds, and where it goes.
struct Leftovers(Option<(Pair, AccountId32)>);

impl Leftovers {
    /// Finds the destination before anything is done, so that a missing account stops nothing
    /// halfway.
    fn of(
        context: &mut Context,
        vault: &Vault,
        consultation: &Consultation,
        to: Option<&str>,
    ) -> Result<Self> {
        let Asker::Fresh { funded_by, .. } = &consultation.account else {
            return Ok(Self(None));
        };
        let to = match to {
            Some(to) => context.address(Some(vault), to)?,
            None => context
                .address(Some(vault), funded_by)
                .with_context(|| format!("the account `{funded_by}` that paid is gone; say where the rest goes with --to"))?,
        };
        Ok(Self(Some((consultation.pair(vault.wallet())?, to))))
    }

    async fn sweep(&self, context: &mut Context, chain: &Chain) -> Result<Option<Amount>> {
        let Some((pair, to)) = &self.0 else {
            return Ok(None);
        };
        let free = chain.balance(&pair.account()).await?.free;
        let call = calls::transfer_all(*to);
        let fee = chain.fee(&call, pair).await?;
        if free <= fee {
            return Ok(Some(Amount(0)));
        }
        context.steps.begin("sweep", "bringing the rest back");
        chain.submit(&call, pair, Until::Finalized).await?;
        Ok(Some(Amount(free.0 - fee.0)))
    }
}

/// Asks the expert's node to drop the record. It does so by itself after delivery and after some
/// hours: failing is no harm.
async fn drop_chunks(context: &mut Context, consultation: &Consultation) -> usize {
    let Some(keys) = &consultation.keys else {
        return 0;
    };
    context.steps.begin("drop_chunks", "asking the expert's node to drop the record");
    let attempt = async {
        let claim = Pair::from_seed(keys.claim.expose())?;
        let pool = Pool::connect(&consultation.endpoint).await?;
        let mut dropped = 0;
        for hash in &consultation.chunks {
            dropped += usize::from(pool.drop_chunk(&bytes32(hash)?, &claim).await?);
        }
        anyhow::Ok(dropped)
    };
    attempt.await.unwrap_or_else(|error| {
        warn(format!(
            "the record may stay in the pool of {} until it expires: {error}",
            consultation.endpoint
        ));
        0
    })
}

fn number(consultation: &Consultation) -> Result<u64> {
    consultation.id().with_context(|| {
        format!(
            "{0} isn't on chain; go on with `cso consult resume {0}`, or `cso consult forget {0}`",
            consultation.handle
        )
    })
}
