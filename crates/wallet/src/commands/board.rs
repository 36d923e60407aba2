// SPDX-License-Identifier: Apache-2.0
//! `cso board`: what members of the medical board decide.

use crate::amount::Amount;
use crate::chain::{calls, Chain, Receipt, Slashed, Until};
use crate::context::{signer, Context};
use crate::keys::Pair;
use crate::report::Report;
use anyhow::{bail, Context as _, Result};
use clap::{Args, Subcommand};
use serde_json::{json, Value};
use subxt::{tx::Payload, utils::AccountId32};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Verbs of the board.
#[derive(Subcommand, Debug)]
pub enum Board {
    /// Accredit an expert until a block, or renew the accreditation
    #[command(
        after_help = "Examples:\n  cso board accredit 5Fxyz… --days 365\n  cso board accredit 5Fxyz… --until 1200000"
    )]
    Accredit {
        #[command(flatten)]
        whom: Whom,
        /// Last block of the accreditation
        #[arg(
            long,
            value_name = "BLOCK",
            required_unless_present = "days",
            conflicts_with = "days"
        )]
        until: Option<u32>,
        /// Days from now, reckoned in blocks
        #[arg(long, value_name = "N")]
        days: Option<u32>,
    },
    /// Suspend an expert: it can neither be asked nor answer
    #[command(after_help = "Example:\n  cso board suspend 5Fxyz…")]
    Suspend {
        #[command(flatten)]
        whom: Whom,
    },
    /// End a suspension
    #[command(after_help = "Example:\n  cso board reinstate 5Fxyz…")]
    Reinstate {
        #[command(flatten)]
        whom: Whom,
    },
    /// Revoke an accreditation
    #[command(after_help = "Example:\n  cso board revoke 5Fxyz…")]
    Revoke {
        #[command(flatten)]
        whom: Whom,
    },
    /// Take from an expert's bond
    #[command(after_help = "Example:\n  cso board slash 5Fxyz… 200")]
    Slash {
        #[command(flatten)]
        whom: Whom,
        /// CSO to take
        #[arg(value_name = "CSO")]
        amount: Amount,
    },
}

/// Whom it concerns and who signs.
#[derive(Args, Debug)]
pub struct Whom {
    /// Address of the expert, or name in the wallet
    expert: String,
    /// The member's account
    #[arg(long = "as", value_name = "NAME")]
    by: Option<String>,
}

impl Board {
    pub async fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Accredit { whom, until, days } => accredit(context, whom, until, days).await,
            Self::Suspend { whom } => decide(context, whom, "suspended", calls::suspend).await,
            Self::Reinstate { whom } => decide(context, whom, "reinstated", calls::reinstate).await,
            Self::Revoke { whom } => decide(context, whom, "revoked", calls::revoke).await,
            Self::Slash { whom, amount } => slash(context, whom, amount).await,
        }
    }
}

async fn prepare(context: &mut Context, whom: &Whom) -> Result<(AccountId32, Pair, Chain)> {
    let vault = context.vault()?;
    let (_, pair) = signer(&vault, whom.by.as_deref(), "--as")?;
    let expert = context.address(Some(&vault), &whom.expert)?;
    let chain = context.chain().await?;
    Ok((expert, pair, chain))
}

async fn submit(
    context: &mut Context,
    chain: &Chain,
    call: &impl Payload,
    pair: &Pair,
) -> Result<Receipt> {
    context.steps.begin("submit", "waiting for the decision to be final");
    Ok(chain.submit(call, pair, Until::Finalized).await?)
}

/// The answer, with the expert's status as it is afterwards.
async fn decided(
    chain: &Chain,
    expert: &AccountId32,
    what: &str,
    receipt: &Receipt,
) -> Result<(String, Value)> {
    let (found, now) = chain.expert(expert).await?;
    let found = found.context("the expert has left meanwhile")?;
    let text = format!("{expert} {what} in block {}", receipt.block);
    let json = json!({ "expert": expert.to_string(), "status": found.status.word(now), "until": found.status.until(), "block": receipt.block });
    Ok((text, json))
}

async fn accredit(
    context: &mut Context,
    whom: Whom,
    until: Option<u32>,
    days: Option<u32>,
) -> Result<Report> {
    let (expert, pair, chain) = prepare(context, &whom).await?;
    let until = match (until, days) {
        (Some(until), _) => until,
        (None, Some(days)) => {
            let blocks = u64::from(days) * DAY_MS / chain.block_ms().await?.max(1);
            let until = chain.best_block().await?.saturating_add(blocks);
            u32::try_from(until).ok().with_context(|| {
                format!("{days} days from now is beyond the chain's last block; give fewer")
            })?
        }
        (None, None) => bail!("say how long, with --until BLOCK or --days N"),
    };
    let receipt = submit(context, &chain, &calls::accredit(expert, until), &pair).await?;
    let (_, json) = decided(&chain, &expert, "accredited", &receipt).await?;
    Ok(Report::new(format!("{expert} accredited until block {until}"), json))
}

async fn decide<Call: Payload>(
    context: &mut Context,
    whom: Whom,
    what: &str,
    call: impl Fn(AccountId32) -> Call,
) -> Result<Report> {
    let (expert, pair, chain) = prepare(context, &whom).await?;
    let receipt = submit(context, &chain, &call(expert), &pair).await?;
    let (text, json) = decided(&chain, &expert, what, &receipt).await?;
    Ok(Report::new(text, json))
}

async fn slash(context: &mut Context, whom: Whom, amount: Amount) -> Result<Report> {
    let (expert, pair, chain) = prepare(context, &whom).await?;
    let receipt = submit(context, &chain, &calls::slash(expert, amount), &pair).await?;
    let taken =
        receipt.event::<Slashed>("Experts", "Slashed").map_or(amount, |event| Amount(event.amount));
    let (_, mut json) = decided(&chain, &expert, "slashed", &receipt).await?;
    json["amount"] = json!(taken);
    Ok(Report::new(
        format!("{taken} CSO taken from the bond of {expert} in block {}", receipt.block),
        json,
    ))
}
