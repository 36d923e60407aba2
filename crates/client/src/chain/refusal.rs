// SPDX-License-Identifier: Apache-2.0
//! Why a transaction was refused, in sentences that a user understands.

use std::fmt;

/// Why the runtime, or the node's transaction pool, refuses a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// An error of a pallet.
    Pallet {
        /// The pallet.
        pallet: String,
        /// The error's name.
        error: String,
        /// What the runtime's metadata says of it.
        docs: String,
    },
    /// The signer may not do that: only the board may.
    BadOrigin,
    /// There is too little money for it.
    Funds,
    /// It would leave an account with less than it must hold.
    BelowMinimum,
    /// The pool doesn't take it.
    Pool(PoolRefusal),
    /// Something else, in the runtime's or the node's words.
    Other(String),
}

/// Why a node's transaction pool doesn't take a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoolRefusal {
    /// The account can't pay the transaction's fee.
    Fee,
    /// The account has sent another transaction meanwhile.
    Outdated,
    /// Another transaction of the account is still on its way.
    Busy,
    /// The runtime doesn't know the call.
    UnknownCall(String),
    /// Something else, in the node's words.
    Other(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pallet { pallet, error, docs } => match sentence(pallet, error) {
                Some(sentence) => f.write_str(sentence),
                None => write!(f, "the chain refused: {pallet}.{error}: {docs}"),
            },
            Self::BadOrigin => f.write_str("only a member of the medical board may do that"),
            Self::Funds => f.write_str("the account's balance is too small for that"),
            Self::BelowMinimum => {
                f.write_str("that would leave an account with less than it must hold to exist")
            }
            Self::Pool(refusal) => refusal.fmt(f),
            Self::Other(reason) => write!(f, "the chain refused: {reason}"),
        }
    }
}

impl fmt::Display for PoolRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fee => {
                f.write_str("the account's balance is too small for the transaction's fee")
            }
            Self::Outdated => {
                f.write_str("the account has sent another transaction meanwhile; try again")
            }
            Self::Busy => f.write_str(
                "another transaction of this account is still on its way; try again in a few seconds",
            ),
            Self::UnknownCall(reason) => write!(
                f,
                "this chain's runtime doesn't know that call ({reason}): program and chain are of different versions"
            ),
            Self::Other(reason) => write!(f, "the node doesn't take the transaction: {reason}"),
        }
    }
}

impl std::error::Error for Refusal {}

impl PoolRefusal {
    /// Told by the words of the node, which is all there is.
    pub(crate) fn from_words(reason: &str) -> Self {
        let lower = reason.to_lowercase();
        let has = |what: &str| lower.contains(what);
        if has("inability to pay") || has("balance too low") {
            Self::Fee
        } else if has("outdated") || has("stale") {
            Self::Outdated
        } else if has("priority is too low") || has("already imported") {
            Self::Busy
        } else if has("not found") && has("pallet") || has("call name") {
            Self::UnknownCall(reason.to_owned())
        } else {
            Self::Other(reason.to_owned())
        }
    }
}

/// Pallet, error, sentence. Errors that stand in no row are shown with the runtime's own words.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("Experts", "AlreadyExpert", "this account is an expert already"),
    ("Experts", "UnknownExpert", "this account is no expert"),
    ("Experts", "BadEndpoint", "the endpoint must be a URL of printable ASCII, like ws://host:9944"),
    ("Experts", "PriceTooLow", "the price is below the network's minimum; ask for more"),
    ("Experts", "NoWorkers", "an expert needs at least one worker account"),
    ("Experts", "DuplicateWorker", "a worker account is named twice"),
    ("Experts", "WorkerTaken", "a worker account signs for another expert already"),
    ("Experts", "ConsultationsOpen", "there are consultations that are neither paid nor refunded; wait until they are closed"),
    ("Experts", "ExpertSuspended", "the board has suspended this expert; only the board can change that"),
    ("Experts", "EmptyDescription", "the protocol's description is empty"),
    ("Experts", "TooManyProtocols", "the expert has as many protocols as are permitted"),
    ("Experts", "UnknownProtocol", "the expert has no protocol of that number"),
    ("Experts", "UntilInPast", "the accreditation would end before it begins"),
    ("Experts", "NotAccredited", "the board hasn't accredited this expert"),
    ("Experts", "NotSuspended", "the expert isn't suspended"),
    ("Experts", "BondTooSmall", "the expert's bond has been slashed"),
    ("Experts", "BondSufficient", "the bond is whole; there is nothing to top up"),
    ("Experts", "NothingToSlash", "nothing is left of the bond, or the amount is zero"),
    ("Consultations", "UnknownConsultation", "the chain has no such consultation: it never was, or has been erased"),
    ("Consultations", "UnknownExpert", "this account is no expert"),
    ("Consultations", "NotAccredited", "the board hasn't accredited this expert"),
    ("Consultations", "AccreditationExpired", "the expert's accreditation has expired"),
    ("Consultations", "ExpertSuspended", "the board has suspended this expert"),
    ("Consultations", "ExpertBusy", "too many consultations wait for this expert"),
    ("Consultations", "OwnExpert", "experts and their workers can't ask themselves; use another account"),
    ("Consultations", "FeeTooLow", "the fee is below the expert's price, which may have risen"),
    ("Consultations", "DeadlineTooSoon", "the deadline is too soon"),
    ("Consultations", "DeadlineTooLate", "the deadline is too late"),
    ("Consultations", "NotPatient", "only the account that asked may do that; this consultation isn't yours"),
    ("Consultations", "NotDelivered", "there is no opinion that waits to be accepted"),
    ("Consultations", "NotRequested", "the consultation doesn't wait for an answer any more"),
    ("Consultations", "DeadlineNotPassed", "the deadline hasn't passed; the fee returns when it has"),
    ("Consultations", "ChallengePeriodRunning", "the patient may still challenge the opinion; settle when the challenge period is over"),
    ("Consultations", "NotClosed", "the consultation is still open; accept the opinion, or wait for the deadline, before it's erased"),
    ("Consultations", "RetentionRunning", "only the patient may erase it before the retention is over"),
    ("Balances", "InsufficientBalance", "the account's balance is too small"),
    ("Balances", "ExistentialDeposit", "the amount is below what an account must hold to exist"),
    ("Balances", "Expendability", "that would leave less than an account must hold to exist; send less"),
];

fn sentence(pallet: &str, error: &str) -> Option<&'static str> {
    SENTENCES
        .iter()
        .find(|(of, name, _)| *of == pallet && *name == error)
        .map(|(_, _, sentence)| *sentence)
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
        let refusal = Refusal::Pallet {
            pallet: "Session".into(),
            error: "NoKeys".into(),
            docs: "No keys are associated.".into(),
        };
        assert_eq!(
            refusal.to_string(),
            "the chain refused: Session.NoKeys: No keys are associated."
        );
    }

    #[test]
    fn pool_refusals_are_sentences() {
        let low =
            "Invalid Transaction (1010): Inability to pay some fees (e.g. account balance too low)";
        assert_eq!(PoolRefusal::from_words(low), PoolRefusal::Fee);
        let outdated = PoolRefusal::from_words("Transaction is outdated");
        assert!(outdated.to_string().contains("try again"));
        assert!(PoolRefusal::from_words("strange").to_string().contains("strange"));
    }
}
