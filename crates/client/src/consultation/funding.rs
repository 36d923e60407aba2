// SPDX-License-Identifier: Apache-2.0
//! Money for a request: its account is filled once, and is nobody else's.

use super::{
    terms::{needed, Payer},
    Prepared, RequestError, Session,
};
use crate::{
    amount::Amount,
    chain::{Call, Chain, Fate, Signed, Until},
    keys::Pair,
    progress::Step,
    vault::{Asker, Storage, VaultError},
};

/// The asking account can pay.
#[derive(Debug)]
pub struct Funded {
    pub(super) handle: String,
    pub(super) pair: Pair,
    /// As in [`Prepared`].
    pub(super) nonce: Option<u64>,
}

impl<C: Chain, H, S: Storage> Session<'_, C, H, S> {
    /// Fills the consultation's own account, if it has one.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub async fn fund(&mut self, prepared: Prepared) -> Result<Funded, RequestError> {
        let Prepared { handle, mut nonce } = prepared;
        // Money moves only for a record that is there and whole.
        self.record(self.dossier(&handle)?).await?;
        if nonce.is_some_and(|sent| sent > 0) && self.change_account(&handle).await? {
            nonce = Some(0);
        }
        let dossier = self.dossier(&handle)?;
        let pair = self.vault.wallet().asking_pair(dossier)?;
        if let Asker::Fresh { funded_by, .. } = &dossier.account {
            let account = pair.account();
            let free = self.chain.balance(&account).await?.free;
            let lacking = Amount(needed(dossier.fee).0.saturating_sub(free.0));
            if lacking.0 > 0 {
                self.progress.begin(Step::Fund);
                let payer = self.vault.wallet().account(funded_by)?.pair()?;
                let call = Call::Transfer { to: account, amount: lacking };
                let transfer = self.transfer(&handle, &call, &payer).await?;
                self.chain.send(&transfer, Until::Included).await?;
            }
        }
        Ok(Funded { handle, pair, nonce })
    }

    /// Gives the consultation another account of its own, if it has put nothing into the one it
    /// has: somebody else has sent something from there, a wallet with the same mnemonic that began
    /// in the same minute. Says whether it did.
    async fn change_account(&mut self, handle: &str) -> Result<bool, RequestError> {
        let dossier = self.dossier(handle)?;
        let Asker::Fresh { funded_by, .. } = &dossier.account else { return Ok(false) };
        if dossier.funding.is_some() || dossier.request.is_some() {
            return Ok(false);
        }
        let payer = Payer::Fresh(funded_by.clone());
        loop {
            let asker = self.asker::<RequestError>(&payer).await?;
            let now = self.clock.now();
            let taken = self
                .vault
                .change(|wallet| -> Result<bool, VaultError> {
                    let is_free = wallet.take(&asker, now);
                    if is_free {
                        wallet.dossier_mut(Some(handle))?.account = asker.clone();
                    }
                    Ok(is_free)
                })
                .await?;
            if taken {
                return Ok(true);
            }
        }
    }

    /// The transfer that fills the account: the one that was sent before, as long as it can still
    /// be included, else a new one, saved before it's sent.
    async fn transfer(
        &mut self,
        handle: &str,
        call: &Call,
        payer: &Pair,
    ) -> Result<Signed, RequestError> {
        let before = self.dossier(handle)?.funding.clone();
        if let Some(before) = &before {
            if self.chain.fate(before, &payer.account()).await? == Fate::Open {
                return Ok(before.clone());
            }
        }
        let signed = self.chain.sign(call, payer).await?;
        let kept = self
            .vault
            .change(|wallet| -> Result<_, VaultError> {
                let dossier = wallet.dossier_mut(Some(handle))?;
                // Another command was faster: its transfer is the one.
                if dossier.funding == before {
                    dossier.funding = Some(signed.clone());
                }
                Ok(dossier.funding.clone())
            })
            .await?;
        Ok(kept.unwrap_or(signed))
    }
}
