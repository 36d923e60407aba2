// SPDX-License-Identifier: Apache-2.0
//! The end of a consultation: accepting, erasing, forgetting.

use crate::{
    consent::{self, named},
    context::{signer, Context},
    report::{warn, Report},
};
use anyhow::{Context as _, Result};
use cso_client::{
    chain::{node::NodeChain, Chain},
    consultation::{Accepted, Dropped, Erased, Expired, Which},
    vault::{Asker, Dossier, Wallet},
    AccountId, Amount,
};
use serde_json::json;

/// `cso consult accept`.
pub(super) async fn accept(context: &mut Context, id: &str, yes: bool) -> Result<Report> {
    let mut vault = context.vault().await?;
    let dossier = vault.wallet().dossier(Some(id))?;
    let number = Which::of(dossier).require_id()?;
    context.confirm(yes, &consent::accept(number, dossier.fee, &dossier.expert))?;
    let chain = context.chain().await?;
    let Accepted { id, fee, block } = context.session(&chain, &mut vault).accept(id).await?;
    let text = format!(
        "accepted in block {block}: the expert has {fee} CSO\nnothing of it needs to stay: cso consult erase {id}"
    );
    Ok(Report::new(text, json!({ "id": id, "fee": fee, "block": block })))
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
    let chain = context.chain().await?;
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
    let number = Which::of(dossier).require_id()?;
    let made = Made::of(dossier, vault.wallet())?;
    let rest = made.as_ref().map(|made| match to {
        Some((name, address)) => named(name, &address),
        None => made.payer_named.clone(),
    });
    context.confirm(yes, &consent::erase(number, rest.as_deref()))?;
    let chain = context.chain().await?;
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
    if !dossier.is_erased() {
        context.confirm(yes, &consent::forget(&handle, abandon))?;
        if !abandon {
            let which = Which::of(dossier);
            let chain = context.chain().await.context(
                "money of this consultation may be left; bring it back first, or add --abandon",
            )?;
            which.require_chain(&chain).context("add --abandon to forget it all the same")?;
            let dropped = context.session(&chain, &mut vault).forget(&handle).await?;
            warn_of(&dropped);
            return Ok(forgotten(&handle));
        }
    }
    context.steps.begin("save", "destroying the keys");
    vault.abandon(&handle).await?;
    Ok(forgotten(&handle))
}

fn forgotten(handle: &str) -> Report {
    Report::new(format!("{handle} forgotten"), json!({ "handle": handle }))
}

fn warn_of(dropped: &Dropped) {
    if let Dropped::Failed { endpoint, reason } = dropped {
        warn(format!("the record may stay in the pool of {endpoint} until it expires: {reason}"));
    }
}
