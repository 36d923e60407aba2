// SPDX-License-Identifier: Apache-2.0
//! The runtime's refusals as sentences that say what to do.

use subxt::error::TokenError;

/// `DispatchError::BadOrigin`: the only origin the wallet's calls need beyond a signature is the
/// board's.
pub const BAD_ORIGIN: &str =
    "only a member of the medical board may do that; sign with a member's account (--as NAME)";

/// Pallet, error, sentence.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("Experts", "AlreadyExpert", "this account is an expert already; change it with `cso expert update`"),
    ("Experts", "UnknownExpert", "this account is no expert; apply first with `cso expert apply`, or see `cso experts list --all`"),
    ("Experts", "BadEndpoint", "the endpoint must be a URL of printable ASCII, like ws://host:9944"),
    ("Experts", "PriceTooLow", "the price is below the network's minimum; ask for more"),
    ("Experts", "NoWorkers", "an expert needs at least one worker account; give --worker NAME"),
    ("Experts", "DuplicateWorker", "a worker account is named twice"),
    ("Experts", "WorkerTaken", "a worker account signs for another expert already; make a new one with `cso account create`"),
    ("Experts", "ConsultationsOpen", "there are consultations that are neither paid nor refunded; wait until they are closed"),
    ("Experts", "ExpertSuspended", "the board has suspended this expert; only the board can change that"),
    ("Experts", "EmptyDescription", "the protocol's description is empty"),
    ("Experts", "TooManyProtocols", "the expert has as many protocols as are permitted; retire one with `cso expert retire`"),
    ("Experts", "UnknownProtocol", "the expert has no protocol of that number; see `cso expert status`"),
    ("Experts", "UntilInPast", "the accreditation would end before it begins; give a later block (see `cso chain`) or --days"),
    ("Experts", "NotAccredited", "the board hasn't accredited this expert; choose another: cso experts list"),
    ("Experts", "NotSuspended", "the expert isn't suspended"),
    ("Experts", "BondTooSmall", "the expert's bond has been slashed; it must be topped up first: cso expert top-up"),
    ("Experts", "BondSufficient", "the bond is whole; there is nothing to top up"),
    ("Experts", "NothingToSlash", "nothing is left of the bond, or the amount is zero"),
    ("Consultations", "UnknownConsultation", "the chain has no such consultation: it never was, or has been erased"),
    ("Consultations", "UnknownExpert", "this account is no expert; choose one: cso experts list"),
    ("Consultations", "NotAccredited", "the board hasn't accredited this expert; choose another: cso experts list"),
    ("Consultations", "AccreditationExpired", "the expert's accreditation has expired; choose another: cso experts list"),
    ("Consultations", "ExpertSuspended", "the board has suspended this expert; choose another: cso experts list"),
    ("Consultations", "ExpertBusy", "too many consultations wait for this expert; ask again later, or another: cso experts list"),
    ("Consultations", "OwnExpert", "experts and their workers can't ask themselves; use another account"),
    ("Consultations", "FeeTooLow", "the fee is below the expert's price, which may have risen; see `cso experts show`"),
    ("Consultations", "DeadlineTooSoon", "the deadline is too soon; give more blocks with --deadline-blocks"),
    ("Consultations", "DeadlineTooLate", "the deadline is too late; give fewer blocks with --deadline-blocks"),
    ("Consultations", "NotPatient", "only the account that asked may do that; this consultation isn't yours"),
    ("Consultations", "NotDelivered", "there is no opinion that waits to be accepted; see `cso consult status`"),
    ("Consultations", "NotRequested", "the consultation doesn't wait for an answer any more; see `cso consult status`"),
    ("Consultations", "DeadlineNotPassed", "the deadline hasn't passed; the fee returns when it has"),
    ("Consultations", "ChallengePeriodRunning", "the patient may still challenge the opinion; settle when the challenge period is over"),
    ("Consultations", "NotClosed", "the consultation is still open; accept the opinion, or wait for the deadline, before it's erased"),
    ("Consultations", "RetentionRunning", "only the patient may erase it before the retention is over"),
    ("Balances", "InsufficientBalance", "the account's balance is too small; see `cso account balance`"),
    ("Balances", "ExistentialDeposit", "the amount is below what an account must hold to exist"),
    ("Balances", "Expendability", "that would leave less than an account must hold to exist; send less"),
];

/// A pallet's error. Errors without a sentence of their own are shown with the runtime's
/// documentation.
pub fn module(pallet: &str, error: &str, docs: &[String]) -> String {
    SENTENCES.iter().find(|(of, name, _)| *of == pallet && *name == error).map_or_else(
        || format!("the chain refused: {pallet}.{error}: {}", docs.join(" ").trim()),
        |(_, _, sentence)| (*sentence).to_owned(),
    )
}

/// An error of the token itself.
pub fn token(error: &TokenError) -> String {
    match error {
        TokenError::FundsUnavailable | TokenError::CannotCreateHold => {
            "the account's balance is too small for that; see `cso account balance`".into()
        }
        TokenError::BelowMinimum | TokenError::OnlyProvider | TokenError::NotExpendable => {
            "that would leave an account with less than it must hold to exist".into()
        }
        other => format!("the chain refused: {other}"),
    }
}

/// What the transaction pool said to a transaction that it didn't take.
pub fn rejection(reason: &str) -> String {
    let lower = reason.to_lowercase();
    let has = |what: &str| lower.contains(what);
    if has("inability to pay") || has("balance too low") {
        "the account's balance is too small for the transaction's fee; see `cso account balance`"
            .into()
    } else if has("outdated") || has("stale") {
        "the account has sent another transaction meanwhile; try again".into()
    } else if has("priority is too low") || has("already imported") {
        "another transaction of this account is still on its way; try again in a few seconds".into()
    } else if has("not found") && has("pallet") || has("call name") {
        format!("this chain's runtime doesn't know that call ({reason}); the wallet and the chain are of different versions")
    } else {
        format!("the node doesn't take the transaction: {reason}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_one_line_and_unique() {
        for (at, (pallet, error, sentence)) in SENTENCES.iter().enumerate() {
            assert!(!sentence.contains('\n') && sentence.len() > 20, "{error}");
            let again = SENTENCES[at + 1..].iter().any(|(p, e, _)| p == pallet && e == error);
            assert!(!again, "{pallet}.{error} twice");
        }
    }

    #[test]
    fn unknown_errors_show_the_runtimes_own_words() {
        let text = module("Session", "NoKeys", &["No keys are associated.".into()]);
        assert_eq!(text, "the chain refused: Session.NoKeys: No keys are associated.");
    }

    #[test]
    fn pool_rejections_are_sentences() {
        let low =
            "Invalid Transaction (1010): Inability to pay some fees (e.g. account balance too low)";
        assert!(rejection(low).contains("balance is too small"));
        assert!(rejection("Transaction is outdated").contains("try again"));
        assert!(rejection("strange").contains("strange"));
    }
}
