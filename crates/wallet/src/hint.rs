// SPDX-License-Identifier: Apache-2.0
//! What to do about an error: the library says what is wrong, this says which command or flag
//! helps.

use cso_client::{
    board::BoardError,
    chain::{ChainError, PoolRefusal, Refusal},
    consultation::{
        CloseError, FillingError, OfferError, OpinionError, PrepareError, RequestError, StateError,
        TermsError,
    },
    expert::ExpertError,
    hand_off::{HandOffError, PoolRefusal as RecordRefusal},
    vault::{BackupError, StorageError, VaultError, WalletError},
    Amount,
};

const CHOOSE: &str = "choose one: `cso directory list`";
const CHOOSE_ANOTHER: &str = "choose another: `cso directory list`";
const BALANCE: &str = "see `cso account balance`";
const STATUS: &str = "see `cso consult status HANDLE`";

/// Stands in a hint where the error doesn't say which consultation it is about.
const HANDLE: &str = "HANDLE";

/// The hint to an error, or to what caused it. `subject` is the consultation that the command is
/// about.
fn of(error: &anyhow::Error, subject: Option<&str>) -> Option<String> {
    let hint = without_subject(error)?;
    Some(match subject {
        Some(subject) => hint.replace(HANDLE, subject),
        None if hint.contains(HANDLE) => format!("{hint} (`cso consult list` has the handles)"),
        None => hint,
    })
}

fn without_subject(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        None.or_else(|| cause.downcast_ref().and_then(chain))
            .or_else(|| cause.downcast_ref().and_then(refusal))
            .or_else(|| cause.downcast_ref().and_then(hand_off))
            .or_else(|| cause.downcast_ref().and_then(storage))
            .or_else(|| cause.downcast_ref().and_then(vault))
            .or_else(|| cause.downcast_ref().and_then(backup))
            .or_else(|| cause.downcast_ref().and_then(wallet))
            .or_else(|| cause.downcast_ref().and_then(state))
            .or_else(|| cause.downcast_ref().and_then(offer))
            .or_else(|| cause.downcast_ref().and_then(filling))
            .or_else(|| cause.downcast_ref().and_then(terms))
            .or_else(|| cause.downcast_ref().and_then(prepare))
            .or_else(|| cause.downcast_ref().and_then(request))
            .or_else(|| cause.downcast_ref().and_then(opinion))
            .or_else(|| cause.downcast_ref().and_then(close))
            .or_else(|| cause.downcast_ref().and_then(expert))
            .or_else(|| cause.downcast_ref().and_then(board))
    })
}

/// The error with its causes and the hint, on one line. `subject` is the consultation that the
/// command is about, by handle or number.
pub(crate) fn with(error: &anyhow::Error, subject: Option<&str>) -> String {
    let text = format!("{error:#}");
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match of(error, subject) {
        Some(hint) => format!("{line}; {hint}"),
        None => line,
    }
}

fn some(hint: &str) -> Option<String> {
    Some(hint.to_owned())
}

fn chain(error: &ChainError) -> Option<String> {
    match error {
        ChainError::Unreachable { .. } => some("start one, or give the right one with --url"),
        ChainError::OtherChain { .. } => some("give a node of this network with --url"),
        ChainError::Behind { .. } => {
            some("nothing was changed; wait until it has caught up, or give another with --url")
        }
        ChainError::OtherHistory { .. } => some(
            "nothing was changed; give a node of the chain that the wallet was used with, with --url",
        ),
        ChainError::Keystore { .. } => some(
            "give the expert's own node, by its address on the same machine: it takes keys from there only, and under `--rpc-methods safe` from nowhere: then stop it and use `cso-node key insert`",
        ),
        ChainError::Lost(_) => some(
            "`cso consult list` or `cso account balance` show whether it got through",
        ),
        ChainError::Refused(refused) => refusal(refused),
        _ => None,
    }
}

fn refusal(refused: &Refusal) -> Option<String> {
    match refused {
        Refusal::Pallet { pallet, error, .. } => PALLETS
            .iter()
            .find(|(of, name, _)| of == pallet && name == error)
            .and_then(|(_, _, hint)| some(hint)),
        Refusal::BadOrigin => some("sign with a member's account (--as NAME)"),
        Refusal::Funds | Refusal::Pool(PoolRefusal::Fee) => some(BALANCE),
        _ => None,
    }
}

/// Pallet, error, hint.
const PALLETS: &[(&str, &str, &str)] = &[
    ("Experts", "AlreadyExpert", "change it with `cso expert update`"),
    (
        "Experts",
        "UnknownExpert",
        "apply first (`cso expert apply --help`), or see `cso directory list --all`",
    ),
    ("Experts", "NoWorkers", "give --worker NAME"),
    ("Experts", "WorkerTaken", "make a new one with `cso account create NAME`"),
    (
        "Experts",
        "TooManyProtocols",
        "see `cso expert status` for their numbers, and retire one with `cso expert retire NUMBER`",
    ),
    ("Experts", "UnknownProtocol", "see `cso expert status`"),
    ("Experts", "UntilInPast", "give a later block (see `cso chain`) or --days"),
    ("Experts", "NotAccredited", CHOOSE_ANOTHER),
    ("Experts", "BondTooSmall", "it must be topped up first, by the expert: `cso expert top-up`"),
    ("Consultations", "UnknownExpert", CHOOSE),
    ("Consultations", "NotAccredited", CHOOSE_ANOTHER),
    ("Consultations", "AccreditationExpired", CHOOSE_ANOTHER),
    ("Consultations", "ExpertSuspended", CHOOSE_ANOTHER),
    ("Consultations", "ExpertBusy", "ask again later, or another: `cso directory list`"),
    ("Consultations", "FeeTooLow", "see the prices: `cso directory list`"),
    ("Consultations", "DeadlineTooSoon", "give more blocks with --deadline-blocks"),
    ("Consultations", "DeadlineTooLate", "give fewer blocks with --deadline-blocks"),
    ("Consultations", "NotDelivered", STATUS),
    ("Consultations", "NotRequested", STATUS),
    ("Balances", "InsufficientBalance", BALANCE),
];

fn hand_off(error: &HandOffError) -> Option<String> {
    match error {
        HandOffError::Unreachable { .. } => {
            some("try again later, or give its address with --endpoint")
        }
        HandOffError::Elsewhere { .. } | HandOffError::Plain { .. } => {
            some("if it is the right one all the same, add --any-endpoint")
        }
        HandOffError::NoPool { .. } => {
            some("give the expert's own node, started with --expert-dir, with --endpoint")
        }
        HandOffError::Refused { refusal: RecordRefusal::NotAuthorized, .. } => {
            some("check that --endpoint is of the same network")
        }
        _ => None,
    }
}

fn storage(error: &StorageError) -> Option<String> {
    match error {
        StorageError::Exposed(place) => Some(format!("run: chmod 600 {place}")),
        _ => None,
    }
}

fn vault(error: &VaultError) -> Option<String> {
    match error {
        VaultError::Missing(_) => some("make one: `cso account create NAME`, or of a backup: `cso wallet restore FILE` (or give --wallet FILE)"),
        VaultError::Rekeyed(_) => some("run it again with the new one"),
        // Not as a command to be pasted: that would get this --wallet as well.
        VaultError::Backup(_) => some(
            "give the wallet's own file with --wallet, and this one to the command `wallet restore`",
        ),
        VaultError::Storage(error) => storage(error),
        VaultError::Wallet(error) => wallet(error),
        _ => None,
    }
}

fn backup(error: &BackupError) -> Option<String> {
    match error {
        BackupError::Passphrase => some(
            "give the one that the wallet had when it was made, with --backup-passphrase-file FILE",
        ),
        _ => None,
    }
}

fn wallet(error: &WalletError) -> Option<String> {
    match error {
        WalletError::NoAccount(_) => some("see `cso account list`"),
        WalletError::Empty => some("make one: `cso account create NAME`"),
        WalletError::Needed { dossier, .. } => Some(format!(
            "erase it first (`cso consult erase {dossier}`), or forget it if it isn't on chain (`cso consult forget {dossier}`)"
        )),
        WalletError::NoDossier(_) => some("see `cso consult list`"),
        WalletError::NoDossiers => some("begin with `cso directory list`"),
        _ => None,
    }
}

fn state(error: &StateError) -> Option<String> {
    match error {
        StateError::OtherChain { .. } => some("give a node of the first with --url"),
        StateError::Moved { handle } => Some(format!("see `cso consult status {handle}`")),
        StateError::NotOwn { .. } => some(
            "nothing was changed; give a node of the chain that it was requested on with --url",
        ),
        StateError::NotOnChain { handle } => Some(format!(
            "go on with `cso consult resume {handle}`, or `cso consult forget {handle}`"
        )),
        StateError::AlreadyRequested { id, .. } | StateError::AlreadyErased { id } => {
            Some(format!("see `cso consult status {id}`"))
        }
        _ => None,
    }
}

fn offer(error: &OfferError) -> Option<String> {
    match error {
        OfferError::NoExpert(_) => some(CHOOSE),
        OfferError::NotAccredited(_) | OfferError::Suspended(_) | OfferError::Expired { .. } => {
            some(CHOOSE_ANOTHER)
        }
        OfferError::NoProtocol { expert, .. } => Some(format!("see `cso directory show {expert}`")),
        OfferError::Chain(error) => chain(error),
        _ => None,
    }
}

fn filling(error: &FillingError) -> Option<String> {
    match error {
        FillingError::Incomplete { gaps, .. } => {
            gaps.first().map(|gap| format!("give them in a file, --answers FILE, or with -a, like -a {}={}, which others on this machine can see", gap.id, gap.example))
        }
        FillingError::Unconfirmed(gaps) => {
            gaps.first().map(|gap| format!("at a terminal it's asked once; else answer each in a file, --answers FILE, or with -a, like -a {}=no, which others on this machine can see", gap.id))
        }
        FillingError::NotShown(_) => {
            some("leave --assume-no out and confirm at a terminal, or answer each with -a or --answers")
        }
        _ => None,
    }
}

fn terms(error: &TermsError) -> Option<String> {
    match error {
        TermsError::FeeBelowPrice { .. } => some("leave --fee out to pay the price"),
        TermsError::Deadline { .. } => some("give another with --deadline-blocks"),
        TermsError::Wallet(error) => wallet(error),
        TermsError::Chain(error) => chain(error),
        _ => None,
    }
}

fn prepare(error: &PrepareError) -> Option<String> {
    match error {
        PrepareError::Terms(error) => terms(error),
        PrepareError::Filling(error) => filling(error),
        PrepareError::Chain(error) => chain(error),
        PrepareError::Vault(error) => vault(error),
        PrepareError::Storage(error) => storage(error),
        PrepareError::Wallet(error) => wallet(error),
        _ => None,
    }
}

fn request(error: &RequestError) -> Option<String> {
    match error {
        RequestError::State(error) => state(error),
        RequestError::NoExpert(_) | RequestError::SealingKey(_) => some(CHOOSE_ANOTHER),
        RequestError::Chain(error) => chain(error),
        RequestError::HandOff(error) => hand_off(error),
        RequestError::OnItsWay { .. } => {
            some("what can still get there isn't forgotten; wait until then, or go on with `cso consult resume HANDLE`")
        }
        RequestError::Restored { .. } => {
            some("`cso consult resume HANDLE --not-asked` if you know that it wasn't; else `cso consult forget HANDLE`")
        }
        RequestError::TooLate => some("`cso consult resume HANDLE` makes a new one"),
        RequestError::Ended(_) => some("`cso consult forget HANDLE` brings back what is left"),
        RequestError::Untraceable => {
            some("`cso consult forget HANDLE` brings back what is left, once the chain shows nothing of it")
        }
        RequestError::Vault(error) => vault(error),
        RequestError::Storage(error) => storage(error),
        RequestError::Wallet(error) => wallet(error),
        _ => None,
    }
}

fn opinion(error: &OpinionError) -> Option<String> {
    match error {
        OpinionError::State(error) => state(error),
        OpinionError::None(id) => Some(format!("wait with `cso consult wait {id}`")),
        OpinionError::Chain(error) => chain(error),
        OpinionError::Wallet(error) => wallet(error),
        _ => None,
    }
}

fn close(error: &CloseError) -> Option<String> {
    match error {
        CloseError::State(error) => state(error),
        CloseError::Open { id, status, .. } if status.has_opinion() => {
            Some(format!("accept it first: `cso consult accept {id}`"))
        }
        CloseError::Open { deadline, .. } => {
            Some(format!("the fee returns by itself after block {deadline}"))
        }
        CloseError::OnChain { id, known: true, .. } => Some(format!(
            "see `cso consult status {id}`: once it is closed, erase it with `cso consult erase {id}`; or add --abandon to leave fee and deposit behind and destroy its keys: no answer to it can be read any more"
        )),
        CloseError::OnChain { handle, .. } => Some(format!(
            "its request got through: go on with `cso consult resume {handle}`, or add --abandon to leave fee and deposit behind and destroy its keys: no answer to it can be read any more"
        )),
        CloseError::NotFinal { id } => Some(format!(
            "its keys are still there; try `cso consult erase {id}` again in a minute"
        )),
        CloseError::MoneyOnItsWay { handle, .. } => Some(format!(
            "try again in some minutes, or go on with `cso consult resume {handle}`"
        )),
        CloseError::MoneyLeft(_) => some("nothing was destroyed; try again in a minute"),
        CloseError::Syncing(_) => some("wait until it has caught up, or give another with --url"),
        CloseError::NoDestination(_) => some("say where the rest goes with --to"),
        CloseError::Request(error) => request(error),
        CloseError::Chain(error) => chain(error),
        CloseError::Vault(error) => vault(error),
        CloseError::Storage(error) => storage(error),
        CloseError::Wallet(error) => wallet(error),
        _ => None,
    }
}

fn expert(error: &ExpertError) -> Option<String> {
    match error {
        ExpertError::Funds { account, free, needed, .. } => {
            let lacking = Amount(needed.0.saturating_sub(free.0));
            Some(format!("send {lacking} CSO or more to {account}"))
        }
        ExpertError::Worker { worker, lacking, .. } => {
            Some(format!("send it with `cso account transfer --to {worker} --amount {lacking}`"))
        }
        ExpertError::NoExpert(_) => some("apply first: `cso expert apply --help`"),
        ExpertError::NoNumber => some("see `cso expert status`"),
        ExpertError::Chain(error) => chain(error),
        _ => None,
    }
}

fn board(error: &BoardError) -> Option<String> {
    match error {
        BoardError::Chain(error) => chain(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_one_line_with_their_causes() {
        let error = anyhow::anyhow!("inner\n reason").context("outer");
        assert_eq!(with(&error, None), "outer: inner reason");
    }

    #[test]
    fn what_a_node_says_commands_no_terminal_and_forges_no_line() {
        let reason = "no\u{1b}]52;c;QUFBQQ==\u{7}\nerror: forged\u{202e}\u{61c}\u{2028}\u{9b}";
        let lost = ChainError::Unreachable { url: "ws://x".into(), reason: reason.into() };
        let error = anyhow::Error::from(RequestError::Chain(lost)).context("asking");
        let said = crate::report::one_line(&with(&error, None));
        assert!(said.chars().all(cso_clinical::plain_text::is_plain), "{said:?}");
    }

    #[test]
    fn the_innermost_cause_that_has_a_hint_gives_it() {
        let lost = ChainError::Unreachable { url: "ws://x".into(), reason: "refused".into() };
        let error = anyhow::Error::from(RequestError::Chain(lost)).context("asking");
        assert_eq!(
            with(&error, None),
            "asking: no node answers at ws://x (refused); start one, or give the right one with --url"
        );
    }

    #[test]
    fn hints_name_the_consultation_that_the_command_is_about() {
        let error = anyhow::Error::from(RequestError::TooLate);
        let said = with(&error, Some("r-1"));
        assert!(said.ends_with("; `cso consult resume r-1` makes a new one"), "{said}");
        let said = with(&error, None);
        assert!(said.contains("`cso consult list`"), "{said}");
    }

    #[test]
    fn hints_are_unique_and_one_line() {
        for (at, (pallet, error, hint)) in PALLETS.iter().enumerate() {
            assert!(!hint.contains('\n'), "{error}");
            let again = PALLETS[at + 1..].iter().any(|(p, e, _)| p == pallet && e == error);
            assert!(!again, "{pallet}.{error} twice");
        }
    }
}
