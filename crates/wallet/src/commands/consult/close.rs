// SPDX-License-Identifier: Apache-2.0
//! The end of a consultation: accepting, erasing, forgetting.

use crate::{
    context::{signer, Context},
    report::{warn, Report},
};
use anyhow::{Context as _, Result};
use cso_client::consultation::{Accepted, Dropped, Erased, Expired, Which};
use serde_json::json;

/// `cso consult accept`.
pub(super) async fn accept(context: &mut Context, id: &str) -> Result<Report> {
    let mut vault = context.vault().await?;
    Which::of(vault.wallet().dossier(Some(id))?).require_id()?;
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
pub(super) async fn erase(context: &mut Context, id: &str, to: Option<&str>) -> Result<Report> {
    let mut vault = context.vault().await?;
    let to = match to {
        Some(to) => Some(context.address(Some(&vault), to).await?),
        None => None,
    };
    let chain = context.chain().await?;
    let erased = context.session(&chain, &mut vault).erase(id, to).await?;
    let Erased { id, handle, block, swept, dropped } = erased;
    warn_of(&dropped);
    let back = swept.map_or_else(String::new, |amount| format!("; {amount} CSO came back"));
    let text = format!("consultation {id} erased: nothing of it is in the chain's state, its keys are destroyed{back}");
    let json = json!({ "id": id, "handle": handle, "swept": swept, "dropped_chunks": dropped.count(), "block": block });
    Ok(Report::new(text, json))
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
        context.confirm(
            yes,
            &format!("Forget {handle}? Its keys are destroyed: nobody can ever read its answer."),
        )?;
        if !abandon {
            let which = Which::of(dossier);
            let chain = context.chain().await.context(
                "money of this consultation may be left; bring it back first, or add --abandon",
            )?;
            which.require_chain(&chain).context("add --abandon to forget it all the same")?;
            let dropped = context.session(&chain, &mut vault).recover(&handle).await?;
            warn_of(&dropped);
        }
    }
    context.steps.begin("save", "destroying the keys");
    vault.forget(&handle).await?;
    Ok(Report::new(format!("{handle} forgotten"), json!({ "handle": handle })))
}

fn warn_of(dropped: &Dropped) {
    if let Dropped::Failed { endpoint, reason } = dropped {
        warn(format!("the record may stay in the pool of {endpoint} until it expires: {reason}"));
    }
}
