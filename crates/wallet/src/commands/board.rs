// SPDX-License-Identifier: Apache-2.0
//! `cso board`: what members of the medical board decide.

use crate::{
    consent::{self, named},
    context::{signer, Context},
    report::Report,
};
use anyhow::{bail, Result};
use clap::{ArgGroup, Args, Subcommand};
use cso_client::{
    board::{self, Decided, Decision},
    chain::{node::NodeChain, Block},
    AccountId, Amount, Pair,
};
use serde_json::{json, Value};

/// Verbs of the board.
#[derive(Subcommand, Debug)]
pub(crate) enum Board {
    /// Accredit an expert until a block, or renew the accreditation
    #[command(
        after_help = "Examples:\n  cso board accredit 5Fxyz… --days 365\n  cso board accredit 5Fxyz… --until 1200000",
        group = ArgGroup::new("end").required(true)
    )]
    Accredit {
        #[command(flatten)]
        whom: Whom,
        /// Last block of the accreditation
        #[arg(long, value_name = "BLOCK", group = "end")]
        until: Option<Block>,
        /// Days from now, reckoned in blocks
        #[arg(long, value_name = "N", group = "end")]
        days: Option<u32>,
    },
    /// Suspend an expert: it can neither be asked nor deliver; it may decline
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
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Take from an expert's bond
    #[command(after_help = "Example:\n  cso board slash 5Fxyz… 200")]
    Slash {
        #[command(flatten)]
        whom: Whom,
        /// CSO to take
        #[arg(value_name = "CSO")]
        amount: Amount,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
}

/// Whom it concerns and who signs.
#[derive(Args, Debug)]
pub(crate) struct Whom {
    /// Address of the expert, or name in the wallet
    expert: String,
    /// The member's account
    #[arg(long = "as", value_name = "NAME")]
    by: Option<String>,
}

impl Board {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Accredit { whom, until, days } => accredit(context, whom, until, days).await,
            Self::Suspend { whom } => decide(context, whom, "suspended", Decision::Suspend).await,
            Self::Reinstate { whom } => {
                decide(context, whom, "reinstated", Decision::Reinstate).await
            }
            Self::Revoke { whom, yes } => revoke(context, whom, yes).await,
            Self::Slash { whom, amount, yes } => slash(context, whom, amount, yes).await,
        }
    }
}

/// A member, and the expert that is decided on.
struct Member {
    expert: AccountId,
    /// The expert as the user calls it.
    expert_named: String,
    pair: Pair,
}

impl Member {
    async fn load(context: &Context, whom: &Whom) -> Result<Self> {
        let vault = context.vault().await?;
        let (_, pair) = signer(&vault, whom.by.as_deref(), "--as")?;
        let expert = context.address(Some(&vault), &whom.expert).await?;
        Ok(Self { expert, expert_named: named(&whom.expert, &expert), pair })
    }

    async fn connect(self, context: &Context) -> Result<Session> {
        let chain = context.chain().await?;
        Ok(Session { expert: self.expert, pair: self.pair, chain })
    }
}

/// A member, ready to decide on an expert.
struct Session {
    expert: AccountId,
    pair: Pair,
    chain: NodeChain,
}

impl Session {
    async fn open(context: &Context, whom: &Whom) -> Result<Self> {
        Member::load(context, whom).await?.connect(context).await
    }

    async fn decide(&self, context: &Context, decision: Decision) -> Result<Decided> {
        let Self { expert, pair, chain } = self;
        context.at_interrupt("the decision may be on its way: see `cso directory list --all`");
        Ok(board::decide(chain, &context.steps, pair, *expert, decision).await?)
    }
}

/// A decision for machines, with the expert's status as it is afterwards.
fn decided_json(expert: &AccountId, decided: &Decided) -> Value {
    json!({
        "expert": expert.to_string(),
        "status": decided.status.word(decided.now),
        "until": decided.status.until(),
        "block": decided.block,
    })
}

async fn accredit(
    context: &mut Context,
    whom: Whom,
    until: Option<Block>,
    days: Option<u32>,
) -> Result<Report> {
    let session = Session::open(context, &whom).await?;
    let until = match (until, days) {
        (Some(until), _) => until,
        (None, Some(days)) => board::block_after_days(&session.chain, days).await?,
        (None, None) => bail!("say how long, with --until BLOCK or --days N"),
    };
    let decided = session.decide(context, Decision::Accredit(until)).await?;
    let expert = session.expert;
    let json = decided_json(&expert, &decided);
    Ok(Report::new(format!("{expert} accredited until block {until}"), json))
}

async fn decide(
    context: &mut Context,
    whom: Whom,
    what: &str,
    decision: Decision,
) -> Result<Report> {
    let session = Session::open(context, &whom).await?;
    decide_in(context, &session, what, decision).await
}

async fn decide_in(
    context: &Context,
    session: &Session,
    what: &str,
    decision: Decision,
) -> Result<Report> {
    let decided = session.decide(context, decision).await?;
    let expert = session.expert;
    let text = format!("{expert} {what} in block {}", decided.block);
    Ok(Report::new(text, decided_json(&expert, &decided)))
}

async fn revoke(context: &mut Context, whom: Whom, yes: bool) -> Result<Report> {
    let member = Member::load(context, &whom).await?;
    context.confirm(yes, &consent::revoke(&member.expert_named))?;
    let session = member.connect(context).await?;
    decide_in(context, &session, "revoked", Decision::Revoke).await
}

async fn slash(context: &mut Context, whom: Whom, amount: Amount, yes: bool) -> Result<Report> {
    let member = Member::load(context, &whom).await?;
    context.confirm(yes, &consent::slash(&member.expert_named, amount))?;
    let session = member.connect(context).await?;
    let decided = session.decide(context, Decision::Slash(amount)).await?;
    let expert = session.expert;
    let taken = decided.slashed.unwrap_or(amount);
    let mut json = decided_json(&expert, &decided);
    json["amount"] = json!(taken);
    let text = format!("{taken} CSO taken from the bond of {expert} in block {}", decided.block);
    Ok(Report::new(text, json))
}
