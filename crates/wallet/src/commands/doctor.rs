// SPDX-License-Identifier: Apache-2.0
//! `cso doctor`: looks at what consultations need, and says what to do about what is missing.

use crate::{
    context::{Context, Vault},
    hint,
    report::{table, Report},
};
use anyhow::{bail, Result};
use cso_client::{
    chain::{node::NodeChain, Chain, ChainError, Head, Health},
    hand_off::{NodeHandOff, RecordPool},
    secret::SecretText,
    vault::Storage,
    HandOff,
};
use serde_json::json;
use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

/// A node that makes no block for that long stands still: twenty blocks of 3 s.
const STILL_MS: u64 = 60_000;
/// Clocks may differ that much: validators refuse blocks from further in the future.
const CLOCK_MS: u64 = 30_000;
/// Blocks that finality may be behind: a minute of them.
const FINALITY: u64 = 20;

/// What every age file begins with.
const AGE_MAGIC: &[u8] = b"age-encryption.org/v1";

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// As it should be.
    Fine,
    /// Not needed for everything.
    Missing,
    /// Nothing works before it's mended.
    Wrong,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Missing => "note",
            Self::Wrong => "WRONG",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
struct Finding {
    what: &'static str,
    state: State,
    said: String,
}

impl Finding {
    fn new(what: &'static str, state: State, said: impl Into<String>) -> Self {
        Self { what, state, said: said.into() }
    }
}

/// `cso doctor`. What goes wrong is a finding, so that the other findings are told too.
pub(super) async fn run(context: &mut Context) -> Result<Report> {
    let version = env!("CARGO_PKG_VERSION");
    let mut findings = vec![Finding::new("cso", State::Fine, format!("version {version}"))];
    let passphrase = context.given_passphrase();
    let given = passphrase.as_ref().ok().cloned().flatten();
    findings.push(wallet(context, given).await.unwrap_or_else(|error| wrong("wallet", error)));
    findings.extend(context.passphrase_file().map(|path| passphrase_file(path, &passphrase)));
    let plain = context.warning_of_plain_node();
    findings.extend(plain.map(|said| Finding::new("way to the node", State::Missing, said)));
    context.steps.begin("connect", format!("connecting to {}", context.url()));
    match NodeChain::connect(context.url()).await {
        Err(error) => findings.push(wrong("node", error)),
        Ok(chain) => {
            context.steps.begin("read", "asking the node");
            findings.extend(node(chain.url(), chain.head().await, chain.health().await));
            findings.push(pool(&chain).await);
        }
    }
    context.steps.end();
    let healthy = findings.iter().all(|finding| finding.state != State::Wrong);
    let rows: Vec<_> = findings
        .iter()
        .map(|one| vec![one.state.word().to_owned(), one.what.to_owned(), one.said.clone()])
        .collect();
    let json = json!({
        "healthy": healthy,
        "findings": findings
            .iter()
            .map(|one| json!({ "what": one.what, "state": one.state.word(), "said": one.said }))
            .collect::<Vec<_>>(),
    });
    let mut report = Report::new(table(&rows), json);
    report.exit = u8::from(!healthy);
    Ok(report)
}

fn wrong(what: &'static str, error: impl Into<anyhow::Error>) -> Finding {
    Finding::new(what, State::Wrong, hint::with(&error.into(), None))
}

/// Whether the wallet file can be used. Nobody is asked for its passphrase, but one that is given
/// is tried.
async fn wallet(context: &Context, passphrase: Option<SecretText>) -> Result<Finding> {
    let storage = context.storage()?;
    let place = storage.place();
    let Some(bytes) = storage.read().await? else {
        let said = format!("none at {place}; make one: `cso account create NAME`");
        return Ok(Finding::new("wallet", State::Missing, said));
    };
    let length = bytes.len();
    if !bytes.starts_with(AGE_MAGIC) {
        bail!("{place}, {length} bytes, is no wallet: it doesn't begin as an age file does; give the right one with --wallet, or fetch your copy of it");
    }
    let said = match passphrase {
        None => "not opened, since no passphrase is given",
        Some(passphrase) => {
            context.steps.begin("wallet", "opening the wallet");
            Vault::open(storage, passphrase).await?;
            "opens"
        }
    };
    Ok(Finding::new("wallet", State::Fine, format!("{place}, {length} bytes, {said}")))
}

/// Whether there is a passphrase in the file that was named, and nobody else can read it.
fn passphrase_file(path: &Path, passphrase: &Result<Option<SecretText>>) -> Finding {
    let what = "passphrase file";
    let place = path.display();
    let is_empty = |text: &SecretText| text.expose().is_empty();
    match passphrase {
        Err(error) => Finding::new(what, State::Wrong, hint::with(error, None)),
        Ok(text) if text.as_ref().is_none_or(is_empty) => {
            Finding::new(what, State::Wrong, format!("the first line of {place} is empty"))
        }
        Ok(_) => Finding::new(what, State::Fine, place.to_string()),
    }
}

/// What the node says of itself.
fn node(
    url: &str,
    head: Result<Head, ChainError>,
    health: Result<Health, ChainError>,
) -> Vec<Finding> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis());
    let now = u64::try_from(now).unwrap_or(u64::MAX);
    let synced = match (&head, &health) {
        (Ok(head), Ok(health)) => Some(sync(health, head)),
        _ => None,
    };
    let mut findings = vec![match head {
        Ok(head) => {
            let said = format!("{url}, {} {}", head.spec_name, head.spec_version);
            Finding::new("node", State::Fine, said)
        }
        Err(error) => wrong("node", error),
    }];
    match health {
        Ok(health) => {
            findings.push(network(&health));
            findings.extend(synced);
            findings.push(clock(&health, now));
        }
        Err(error) => findings.push(wrong("network", error)),
    }
    findings
}

fn network(health: &Health) -> Finding {
    match (health.peers, health.should_have_peers) {
        (0, true) => Finding::new(
            "network",
            State::Wrong,
            "the node is alone, so it may know an old chain; give it --bootnodes, or another node with --url",
        ),
        (0, false) => Finding::new("network", State::Fine, "a development node, alone"),
        (peers, _) => Finding::new("network", State::Fine, format!("{peers} peers")),
    }
}

fn sync(health: &Health, head: &Head) -> Finding {
    let (best, behind) = (head.best, head.best.saturating_sub(head.finalized));
    if health.is_syncing {
        let said = format!("still catching up, at block {best}; wait until it is done");
        return Finding::new("sync", State::Wrong, said);
    }
    if behind > FINALITY {
        let said = format!(
            "finality is {behind} blocks behind block {best}: validators are away, and nothing gets final"
        );
        return Finding::new("sync", State::Wrong, said);
    }
    Finding::new("sync", State::Fine, format!("block {best}, {behind} behind in finality"))
}

/// Compares this computer's clock with that of the validator who made the best block.
fn clock(health: &Health, now_ms: u64) -> Finding {
    let made = health.best_block_ms;
    if made > now_ms.saturating_add(CLOCK_MS) {
        let said = format!(
            "this computer's clock is {} s behind the chain's; set it",
            (made - now_ms) / 1000
        );
        return Finding::new("clock", State::Wrong, said);
    }
    let age = now_ms.saturating_sub(made);
    if age > STILL_MS && !health.is_syncing {
        let said = format!(
            "the last block is {} s old: the chain stands still, or this computer's clock is ahead",
            age / 1000
        );
        return Finding::new("clock", State::Wrong, said);
    }
    Finding::new("clock", State::Fine, format!("the last block is {} s old", age / 1000))
}

async fn pool(chain: &NodeChain) -> Finding {
    let status = match NodeHandOff::to_all().connect(chain.url()).await {
        Ok(pool) => pool.status().await.ok(),
        Err(_) => None,
    };
    match status {
        Some(pool) => Finding::new(
            "hand-off pool",
            State::Fine,
            format!("{} records, {} bytes", pool.entries, pool.bytes),
        ),
        None => {
            Finding::new("hand-off pool", State::Missing, "none here: only experts' nodes have one")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEALTH: Health =
        Health { peers: 3, should_have_peers: true, is_syncing: false, best_block_ms: 1_000_000 };

    fn head(best: u64, finalized: u64) -> Head {
        Head { spec_name: "cso".into(), spec_version: 1, best, finalized }
    }

    #[test]
    fn a_lonely_node_is_trusted_on_a_development_chain_only() {
        assert_eq!(network(&HEALTH).state, State::Fine);
        let alone = Health { peers: 0, ..HEALTH };
        assert_eq!(network(&alone).state, State::Wrong);
        let dev = Health { should_have_peers: false, ..alone };
        assert_eq!(network(&dev).state, State::Fine);
    }

    #[test]
    fn a_node_that_is_behind_is_wrong() {
        assert_eq!(sync(&HEALTH, &head(100, 98)).state, State::Fine);
        assert_eq!(sync(&HEALTH, &head(100, 79)).state, State::Wrong);
        let syncing = Health { is_syncing: true, ..HEALTH };
        assert_eq!(sync(&syncing, &head(100, 100)).state, State::Wrong);
    }

    #[test]
    fn clocks_are_compared_both_ways() {
        let at = |now: u64| clock(&HEALTH, now).state;
        assert_eq!(at(1_003_000), State::Fine);
        assert_eq!(at(980_000), State::Fine);
        assert_eq!(at(960_000), State::Wrong);
        assert_eq!(at(1_070_000), State::Wrong);
    }

    #[test]
    fn what_a_node_does_not_say_hides_nothing_else() {
        let failed = || ChainError::Read {
            url: "ws://x".into(),
            what: "its health".into(),
            reason: "method not found".into(),
        };
        let told = |head, health| -> Vec<_> {
            let findings = node("ws://x", head, health);
            findings.iter().map(|finding| (finding.what, finding.state)).collect()
        };
        let fine = told(Ok(head(100, 98)), Err(failed()));
        assert_eq!(fine, [("node", State::Fine), ("network", State::Wrong)]);
        let fine = told(Err(failed()), Ok(HEALTH));
        assert_eq!(fine[..2], [("node", State::Wrong), ("network", State::Fine)]);
        assert_eq!(told(Ok(head(100, 98)), Ok(HEALTH)).len(), 4);
    }
}
