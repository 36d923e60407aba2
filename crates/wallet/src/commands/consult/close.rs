// SPDX-License-Identifier: Apache-2.0
//! The end of a consultation: accepting, erasing, forgetting.

use crate::{
    consent::{self, named, Lost},
    context::{signer, Context},
    report::{warn, Report},
};
use anyhow::{bail, Context as _, Result};
use cso_client::{
    chain::{node::NodeChain, Block, Chain, ConsultationId, Status},
    consultation::{
        Accepted, CloseError, Dropped, Erased, Expired, OpinionError, Phase, Standing, StateError,
        Which,
    },
    vault::{Asker, Dossier, Stage, Wallet},
    AccountId, Amount,
};
use serde_json::json;

/// The number of a consultation that isn't erased. What can't be done is refused before anybody is
/// asked about it.
fn require_number(context: &Context, dossier: &Dossier) -> Result<ConsultationId> {
    context.is_about(&dossier.handle);
    match dossier.stage {
        Stage::Erased { id } => Err(StateError::AlreadyErased { id }.into()),
        _ => Ok(Which::of(dossier).require_id()?),
    }
}

/// Where a consultation stands on the chain that it belongs to.
async fn look(context: &Context, chain: &NodeChain, which: &Which) -> Result<Standing> {
    which.require_chain(chain)?;
    context.steps.begin("look", "looking at the consultation");
    let standing = Standing::look(chain, which).await?;
    context.steps.end();
    Ok(standing)
}

/// `cso consult accept`.
pub(super) async fn accept(context: &mut Context, id: &str, yes: bool) -> Result<Report> {
    let mut vault = context.vault().await?;
    let dossier = vault.wallet().dossier(Some(id))?;
    let number = require_number(context, dossier)?;
    let question = consent::accept(number, dossier.fee, &dossier.expert);
    let which = Which::of(dossier);
    context.at_interrupt("nothing was sent");
    let chain = context.chain().await?;
    require_delivered(&look(context, &chain, &which).await?, number)?;
    context.confirm(yes, &question)?;
    context.at_interrupt(format!(
        "it may be on its way: see `cso consult status {number}`, and run `cso consult accept {number}` again if it isn't accepted; it can't be paid twice"
    ));
    let Accepted { id, fee, block } = context.session(&chain, &mut vault).accept(id).await?;
    let text = format!(
        "accepted in block {block}: the expert has {fee} CSO\nnothing of it needs to stay: `cso consult erase {id}`"
    );
    Ok(Report::new(text, json!({ "id": id, "fee": fee, "block": block })))
}

/// Refuses what can't be accepted.
fn require_delivered(standing: &Standing, id: ConsultationId) -> Result<()> {
    match standing.phase {
        Phase::OnChain(Status::Delivered { .. }) => Ok(()),
        Phase::OnChain(Status::Requested) => Err(OpinionError::None(id).into()),
        phase => bail!(
            "consultation {id} is {}: there is nothing to accept; see `cso consult status {id}`",
            phase.word()
        ),
    }
}

/// `cso consult expire`: anyone may return a fee that is due.
pub(super) async fn expire(context: &mut Context, id: &str, by: Option<&str>) -> Result<Report> {
    let mut vault = context.vault().await?;
    let wallet = vault.wallet();
    let (number, pair) = match (wallet.dossier(Some(id)), id.parse::<u64>()) {
        (Ok(found), _) if by.is_none() => {
            (Which::of(found).require_id()?, wallet.asking_pair(found)?)
        }
        (Ok(found), _) => (Which::of(found).require_id()?, signer(&vault, by, "--as")?.1),
        (Err(_), Ok(number)) => (number, signer(&vault, by, "--as")?.1),
        (Err(error), Err(_)) => return Err(error.into()),
    };
    context.is_about(&number.to_string());
    let chain = context.chain().await?;
    context.at_interrupt(format!("it may be on its way: see `cso consult status {number}`"));
    let Expired { id, block } = context.session(&chain, &mut vault).expire(number, &pair).await?;
    Ok(Report::new(
        format!("the fee is back, in block {block}"),
        json!({ "id": id, "block": block }),
    ))
}

/// `cso consult erase`.
pub(super) async fn erase(
    context: &mut Context,
    id: &str,
    to: Option<&str>,
    yes: bool,
) -> Result<Report> {
    let mut vault = context.vault().await?;
    let to = match to {
        Some(name) => Some((name, context.address(Some(&vault), name).await?)),
        None => None,
    };
    let dossier = vault.wallet().dossier(Some(id))?;
    let number = require_number(context, dossier)?;
    let made = Made::of(dossier, vault.wallet())?;
    let rest = made.as_ref().map(|made| match to {
        Some((name, address)) => named(name, &address),
        None => made.payer_named.clone(),
    });
    let which = Which::of(dossier);
    context.at_interrupt("nothing was sent, nothing was destroyed");
    let chain = context.chain().await?;
    let standing = look(context, &chain, &which).await?;
    require_closed(&standing, number)?;
    let lost = lost(dossier, standing.phase);
    context.confirm(yes, &consent::erase(number, lost, rest.as_deref()))?;
    context.at_interrupt(format!(
        "its keys are there until all the rest is done: go on with `cso consult erase {number}`"
    ));
    let to = to.map(|(_, address)| address);
    let erased = context.session(&chain, &mut vault).erase(id, to).await?;
    let Erased { id, handle, block, swept, dropped } = erased;
    warn_of(&dropped);
    let back = match (swept, made) {
        (Some(Amount(0)), Some(made)) => {
            made.warn_of_what_stays(&chain).await;
            String::new()
        }
        (Some(amount), _) => format!("; {amount} CSO came back"),
        (None, _) => String::new(),
    };
    let text = format!("consultation {id} erased: nothing of it is in the chain's state, its keys are destroyed{back}");
    let json = json!({ "id": id, "handle": handle, "swept": swept, "dropped_chunks": dropped.count(), "block": block });
    Ok(Report::new(text, json))
}

/// Refuses to erase what is still open.
fn require_closed(standing: &Standing, id: ConsultationId) -> Result<(), CloseError> {
    let deadline = standing.found.as_ref().map_or(Block::default(), |found| found.deadline);
    match standing.phase {
        Phase::OnChain(status) if !status.is_closed() => {
            Err(CloseError::Open { id, status, deadline })
        }
        _ => Ok(()),
    }
}

/// What is lost of its opinion.
fn lost(dossier: &Dossier, phase: Phase) -> Lost {
    match phase {
        _ if dossier.exported => Lost::Exported,
        _ if dossier.opinion.is_some() => Lost::Read,
        Phase::OnChain(Status::Declined { .. } | Status::Expired) => Lost::Nothing,
        _ => Lost::Unread,
    }
}

/// An account that was made for a consultation.
struct Made {
    account: AccountId,
    /// Name of the account that paid.
    payer: String,
    /// The same with its address, if it's there.
    payer_named: String,
    /// Its place below that account.
    index: u64,
}

impl Made {
    fn of(dossier: &Dossier, wallet: &Wallet) -> Result<Option<Self>> {
        let Asker::Fresh { funded_by, index, .. } = &dossier.account else {
            return Ok(None);
        };
        let payer_named = match wallet.account(funded_by) {
            Ok(payer) => named(&payer.name, &payer.address),
            Err(_) => funded_by.clone(),
        };
        let account = wallet.asking_pair(dossier)?.account();
        Ok(Some(Self { account, payer: funded_by.clone(), payer_named, index: *index }))
    }

    /// Nothing came back: says what is left, and how it's fetched once the consultation is erased.
    /// A node that overstates the fee of a transaction does no more harm than that.
    async fn warn_of_what_stays(&self, chain: &NodeChain) {
        let Self { account, payer, index, .. } = self;
        let stays = match chain.balance(account).await {
            Ok(balance) if balance.free == Amount(0) => return,
            Ok(balance) => format!("{} CSO stay", balance.free),
            Err(_) => "what is left stays".to_owned(),
        };
        warn(format!("nothing came back: {stays} in {account}, as the fee of the transaction that brings it back is more, by what the node at {} says. If that can't be, use another node (--url): `cso account import rest --suri-file FILE`, where the file's line is the secret URI of {payer} with //consultation//{index} behind it, then `cso account transfer --from rest --to {payer} --amount CSO`", chain.url()));
    }
}

/// `cso consult forget`.
pub(super) async fn forget(
    context: &mut Context,
    id: &str,
    yes: bool,
    abandon: bool,
) -> Result<Report> {
    let mut vault = context.vault().await?;
    let dossier = vault.wallet().dossier(Some(id))?;
    let handle = dossier.handle.clone();
    context.is_about(&handle);
    if dossier.is_erased() {
        context.confirm(yes, &consent::forget_erased(&handle))?;
    } else {
        if abandon {
            context.confirm(yes, &consent::forget(&handle, abandon))?;
        } else {
            let which = Which::of(dossier);
            context.at_interrupt("nothing was sent, nothing was destroyed");
            let chain = context.chain().await.context(
                "money of this consultation may be left; bring it back first, or add --abandon",
            )?;
            which.require_chain(&chain).context("add --abandon to forget it all the same")?;
            require_not_on_chain(&look(context, &chain, &which).await?, &which)?;
            context.confirm(yes, &consent::forget(&handle, abandon))?;
            context.at_interrupt(format!(
                "its keys are there until its money is back: go on with `cso consult forget {handle}`"
            ));
            let dropped = context.session(&chain, &mut vault).forget(&handle).await?;
            warn_of(&dropped);
            return Ok(forgotten(&handle));
        }
    }
    context.steps.begin("save", "destroying the keys");
    vault.abandon(&handle).await?;
    Ok(forgotten(&handle))
}

/// Refuses to forget what the wallet knows to be on chain. What the chain has without the wallet's
/// knowing is found when it's looked for.
fn require_not_on_chain(standing: &Standing, which: &Which) -> Result<(), CloseError> {
    match (standing.phase, which.id) {
        (Phase::OnChain(_), Some(id)) => {
            let handle = which.handle.clone().unwrap_or_default();
            Err(CloseError::OnChain { handle, id, known: true })
        }
        _ => Ok(()),
    }
}

fn forgotten(handle: &str) -> Report {
    Report::new(format!("{handle} forgotten"), json!({ "handle": handle }))
}

fn warn_of(dropped: &Dropped) {
    if let Dropped::Failed { endpoint, reason } = dropped {
        warn(format!("the record may stay in the pool of {endpoint} until it expires: {reason}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(phase: Phase) -> Standing {
        Standing { found: None, now: 10, phase }
    }

    #[test]
    fn what_cannot_be_done_is_refused_before_anybody_is_asked() {
        let delivered = Phase::OnChain(Status::Delivered { accept_by: 20 });
        assert!(require_delivered(&standing(delivered), 7).is_ok());
        for (phase, words) in [
            (Phase::OnChain(Status::Requested), "no opinion on consultation 7 yet"),
            (Phase::OnChain(Status::Accepted), "is accepted"),
            (Phase::OnChain(Status::Expired), "is expired"),
            (Phase::Gone, "is gone"),
        ] {
            let error = require_delivered(&standing(phase), 7).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        for phase in [delivered, Phase::OnChain(Status::Requested)] {
            let error = require_closed(&standing(phase), 7).unwrap_err();
            assert!(matches!(error, CloseError::Open { id: 7, .. }), "{error}");
            let error = require_not_on_chain(&standing(phase), &Which::number(7)).unwrap_err();
            assert!(matches!(error, CloseError::OnChain { id: 7, known: true, .. }), "{error}");
        }
        for phase in [Phase::OnChain(Status::Accepted), Phase::Gone] {
            assert!(require_closed(&standing(phase), 7).is_ok());
        }
        assert!(require_not_on_chain(&standing(Phase::Prepared), &Which::number(7)).is_ok());
    }
}
