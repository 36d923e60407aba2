// SPDX-License-Identifier: Apache-2.0
//! What is said before money moves, or before something is lost for good: how much, from whom, to
//! whom, and what comes back. Whoever says `--yes`, or can't be asked, has to know it already.

use crate::report::{one_line, table};
use anyhow::{bail, Result};
use cso_client::{consultation::Payer, AccountId, Amount};
use std::net::IpAddr;

/// An account as the user calls it, with its address.
pub(crate) fn named(name: &str, address: &AccountId) -> String {
    let address = address.to_string();
    match name == address {
        true => address,
        false => format!("{name} ({address})"),
    }
}

/// `account transfer`.
pub(crate) fn transfer(amount: Amount, from: &str, to: &str) -> String {
    format!("Send {amount} CSO from {from} to {to}? The fee of the transaction comes on top.")
}

/// `expert apply`.
pub(crate) fn apply(expert: &str, bond: Amount, workers: usize, worker_funds: Amount) -> String {
    format!("Apply as {expert}? A bond of {bond} CSO from its balance is on hold until it withdraws, and the board can take from it; each of {workers} workers' accounts is topped up from it to {worker_funds} CSO.")
}

/// `expert top-up`.
pub(crate) fn top_up(expert: &str, lacking: Amount, bond: Amount) -> String {
    format!("Put {lacking} CSO more of the balance of {expert} on hold, for a bond of {bond} CSO? It comes back when the expert withdraws, less what the board takes.")
}

/// `expert withdraw`.
pub(crate) fn withdraw(expert: &str, bond: Amount) -> String {
    format!("Withdraw {expert} as an expert? Accreditation, workers and protocols are gone then; the bond of {bond} CSO and the deposits come back to it. To be an expert again it has to apply anew.")
}

/// `board revoke`.
pub(crate) fn revoke(expert: &str) -> String {
    format!("Revoke the accreditation of {expert}? Nobody can ask it any more, and it can't answer what waits; only a new accreditation changes that.")
}

/// `board slash`.
pub(crate) fn slash(expert: &str, amount: Amount) -> String {
    format!("Take {amount} CSO, or all if it is less, from the bond of {expert}? It is burnt, and nobody can give it back.")
}

/// `consult accept`.
pub(crate) fn accept(id: u64, fee: Amount, expert: &AccountId) -> String {
    format!("Pay the {fee} CSO that are on hold for consultation {id} to expert {expert} now? It can't be taken back. Without this they are paid when the challenge period is over.")
}

/// What is lost of a consultation's opinion when it's erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// Nothing: there is no opinion.
    Nothing,
    /// An opinion that this wallet hasn't opened.
    Unread,
    /// One that was opened, and not written to a file.
    Read,
    /// One that was written to a file, which stays.
    Exported,
}

impl Lost {
    fn sentence(self, id: u64) -> String {
        match self {
            Self::Nothing => "It has no opinion that could be lost.".into(),
            Self::Unread => format!("Its opinion, if it has one, was NEVER READ with this wallet, and nobody can read it afterwards; `cso consult open {id}` shows it."),
            Self::Read => format!("Its opinion was read, but not exported: it can't be shown again; `cso consult export {id} --out opinion.pdf` writes it to a file."),
            Self::Exported => "Its opinion was exported: that file stays, and is all that is left of it.".into(),
        }
    }
}

/// `consult erase`. `to` is who gets what is left, if an account was made for the consultation.
pub(crate) fn erase(id: u64, lost: Lost, to: Option<&str>) -> String {
    let rest = match to {
        Some(to) => format!("What its account holds goes to {to}, the deposit with it."),
        None => "The deposit comes back to the account that asked.".to_owned(),
    };
    let lost = lost.sentence(id);
    format!("Erase consultation {id}? Its keys, question and answers are destroyed. {lost} {rest} Backups of the wallet keep its keys: destroy those too, and make a new one with `cso wallet backup FILE`.")
}

/// `consult forget`. With `abandon` nothing is brought back.
pub(crate) fn forget(handle: &str, abandon: bool) -> String {
    let money = match abandon {
        true => "What is on hold for it and what its account holds is left behind.",
        false => "What its account holds is brought back first.",
    };
    format!("Forget {handle}? Its keys are destroyed: nobody can ever read its answer. {money}")
}

/// What is asked before an erased consultation is forgotten.
pub(crate) fn forget_erased(handle: &str) -> String {
    format!("Forget {handle}? The wallet then doesn't know any more that it was erased: an older backup brings its keys back. The key of its account, with what is left in it, goes as well.")
}

/// Refuses a fee that nobody agreed to: it is named with `--fee`, bounded by `--max-fee`, or there
/// is somebody who is asked.
pub(crate) fn check_fee(
    fee: Amount,
    given: Option<Amount>,
    most: Option<Amount>,
    is_asked: bool,
) -> Result<()> {
    match most {
        Some(most) if fee > most => {
            bail!("the fee is {fee} CSO, and --max-fee allows {most} CSO; nothing was done")
        }
        None if given.is_none() && !is_asked => bail!(
            "the expert's price is {fee} CSO, and nobody is asked whether to pay it: give the most that you pay with --max-fee {fee}"
        ),
        _ => Ok(()),
    }
}

/// What a request costs and what of it comes back, line by line. `payer` is the paying account.
pub(crate) fn costs(payer: &Payer, payer_named: &str, fee: Amount, deadline_blocks: u32) -> String {
    let row = |what: &str, amount: String, fate: String| vec![what.to_owned(), amount, fate];
    let rest = match payer {
        Payer::Fresh(_) => "what isn't used comes back with the deposit",
        Payer::Existing(_) => "what isn't used stays where it is",
    };
    let up_to = |amount: Amount| format!("up to {amount} CSO");
    table(&[
        row(
            "fee",
            format!("{fee} CSO"),
            format!("on hold; the expert's when you accept or the challenge period is over; back if it declines or doesn't answer within {deadline_blocks} blocks"),
        ),
        row("deposit", up_to(payer.most_deposit()), "on hold; comes back when you erase".into()),
        row("transaction fees", up_to(payer.most_transaction_fees()), rest.into()),
        row("together", up_to(payer.needed(fee)), format!("from {payer_named}")),
    ])
}

/// The way to an expert's node, as far as it is known.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// The node's URL.
    pub endpoint: String,
    /// The addresses that it leads to, if they were looked up.
    pub addresses: Vec<IpAddr>,
}

impl Way {
    fn leads_to(&self) -> String {
        let addresses: Vec<_> = self.addresses.iter().map(ToString::to_string).collect();
        match addresses.is_empty() {
            true => String::new(),
            false => format!(" (at {})", addresses.join(", ")),
        }
    }

    fn is_plain(&self) -> bool {
        !self.endpoint.starts_with("wss://")
    }
}

/// What nobody hides: the chain, and the way to the expert's node. Without a `payer` it is not
/// known yet who pays, from a new account as is the default.
pub(crate) fn visible(payer: Option<(&Payer, &str)>, expert: &AccountId, way: &Way) -> String {
    let fresh = |payer: &str| {
        format!("that {payer} filled a new account, made for this consultation, and that this account asked expert {expert}")
    };
    let (asked, linked) = match payer {
        None => (fresh("the account that pays"), "that new account"),
        Some((Payer::Fresh(_), named)) => (fresh(named), "that new account"),
        Some((Payer::Existing(_), named)) => {
            let asked = format!(
                "that {named} asked expert {expert}, as one of all the things that it does"
            );
            (asked, named)
        }
    };
    let (endpoint, at) = (one_line(&way.endpoint), way.leads_to());
    let mut said = format!("What stays visible, to everyone and for ever: {asked}; when; for which fee; and, once it's answered, in which profile and with how many outputs of which width, by which the protocol may be recognised.\nThe expert's node at {endpoint}{at} also sees your network address, with {linked}.");
    if way.is_plain() {
        said += "\nThe way to it isn't encrypted (ws://), so everyone on it sees that too. The record is encrypted all the same.";
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> AccountId {
        AccountId::from([7; 32])
    }

    fn cso(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn accounts_are_named_once() {
        let address = alice().to_string();
        assert_eq!(named("anna", &alice()), format!("anna ({address})"));
        assert_eq!(named(&address, &alice()), address);
    }

    #[test]
    fn a_fee_is_agreed_to_by_asking_by_name_or_by_a_bound() {
        let five = cso("5");
        assert!(check_fee(five, None, None, true).is_ok());
        assert!(check_fee(five, Some(five), None, false).is_ok());
        assert!(check_fee(five, None, Some(five), false).is_ok());
        let error = check_fee(five, None, None, false).unwrap_err().to_string();
        assert!(error.contains("5 CSO") && error.contains("--max-fee 5"), "{error}");
        for (given, is_asked) in [(None, true), (None, false), (Some(five), false)] {
            let error = check_fee(five, given, Some(cso("4.9")), is_asked).unwrap_err();
            assert!(error.to_string().contains("--max-fee allows 4.9 CSO"), "{error}");
        }
    }

    #[test]
    fn a_request_is_said_in_full() {
        let fresh = Payer::Fresh("anna".into());
        let said = costs(&fresh, "anna (5F)", cso("5"), 1200);
        for words in ["5 CSO", "up to 1.25 CSO", "up to 0.27 CSO", "up to 6.52 CSO", "anna (5F)"] {
            assert!(said.contains(words), "{words} in: {said}");
        }
        let own = Payer::Existing("anna".into());
        assert!(costs(&own, "anna (5F)", cso("5"), 1200).contains("up to 6.5 CSO"));
    }

    #[test]
    fn what_stays_visible_names_accounts_expert_endpoint_and_address() {
        let way = |endpoint: &str| Way {
            endpoint: endpoint.into(),
            addresses: vec![[203, 0, 113, 7].into(), [203, 0, 113, 8].into()],
        };
        let fresh = Payer::Fresh("anna".into());
        let hostile = way("wss://x\nfee  0 CSO");
        let said = visible(Some((&fresh, "anna (5F)")), &alice(), &hostile);
        assert_eq!(said.lines().count(), 2, "{said}");
        for words in [
            "anna (5F) filled",
            "new account",
            &alice().to_string(),
            "wss://x",
            "(at 203.0.113.7, 203.0.113.8)",
            "your network address, with that new account",
        ] {
            assert!(said.contains(words), "{words} in: {said}");
        }
        let own = Payer::Existing("anna".into());
        let said = visible(Some((&own, "anna (5F)")), &alice(), &way("wss://x"));
        assert!(said.contains("anna (5F) asked") && !said.contains("new account"), "{said}");
        assert!(said.contains("your network address, with anna (5F)"), "{said}");
        assert!(!said.contains("isn't encrypted"), "{said}");
        let said = visible(None, &alice(), &way("ws://x"));
        assert!(said.contains("isn't encrypted (ws://)"), "{said}");
    }

    #[test]
    fn each_question_is_one_line_with_its_amount() {
        let (two, bond) = (cso("2.5"), cso("1000"));
        for (said, words) in [
            (transfer(two, "anna", "ben"), &["2.5 CSO", "from anna", "to ben"][..]),
            (apply("me", bond, 2, cso("1")), &["1000 CSO", "me", "2 workers", "1 CSO"][..]),
            (top_up("me", two, bond), &["2.5 CSO", "1000 CSO", "me"][..]),
            (withdraw("me", bond), &["1000 CSO", "me"][..]),
            (revoke("me"), &["me"][..]),
            (slash("me", two), &["2.5 CSO", "me", "burnt"][..]),
            (accept(7, two, &alice()), &["2.5 CSO", "consultation 7"][..]),
            (
                erase(7, Lost::Read, Some("anna")),
                &["consultation 7", "to anna", "`cso consult export 7 --out", "Backups"][..],
            ),
            (erase(7, Lost::Unread, None), &["NEVER READ", "`cso consult open 7`"][..]),
            (erase(7, Lost::Exported, None), &["was exported", "deposit"][..]),
            (erase(7, Lost::Nothing, None), &["no opinion"][..]),
            (forget("r-1", false), &["r-1", "brought back"][..]),
            (forget("r-1", true), &["r-1", "left behind"][..]),
        ] {
            assert!(!said.contains('\n') && said.contains('?'), "{said}");
            for word in words {
                assert!(said.contains(word), "{word} in: {said}");
            }
        }
    }
}
