// SPDX-License-Identifier: Apache-2.0
//! The commands, one file a noun. A file holds the noun's flags and runs its verbs; what takes more
//! than a few lines lives elsewhere.

mod account;
mod bench;
mod board;
mod chain;
pub mod consult;
mod directory;
mod expert;
mod protocol;

use crate::{context::Context, report::Report};
use anyhow::Result;
use clap::Subcommand;

/// The nouns.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Accounts: keys, balances, transfers
    #[command(subcommand)]
    Account(account::Account),
    /// Who can be asked: the directory of experts
    #[command(subcommand, visible_alias = "experts")]
    Directory(directory::Directory),
    /// Consultations: ask, wait, read the opinion, accept, erase
    #[command(subcommand)]
    Consult(Box<consult::Consult>),
    /// What an expert does: apply, publish protocols, manage workers
    #[command(subcommand)]
    Expert(expert::Expert),
    /// What the medical board does: accredit, suspend, slash
    #[command(subcommand)]
    Board(board::Board),
    /// Protocol files: check them, evaluate them in clear or encrypted, make them from model files
    #[command(subcommand, visible_alias = "model")]
    Protocol(protocol::Protocol),
    /// Measure the evaluation engine on this machine, with its peers in the same run
    Bench(bench::Bench),
    /// The node and its chain: heights, hand-off pool, evaluator
    #[command(after_help = "Example:\n  cso chain --url ws://127.0.0.1:9944")]
    Chain,
}

impl Command {
    /// Runs it.
    pub async fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Account(command) => command.run(context).await,
            Self::Directory(command) => command.run(context).await,
            Self::Consult(command) => command.run(context).await,
            Self::Expert(command) => command.run(context).await,
            Self::Board(command) => command.run(context).await,
            Self::Protocol(command) => command.run(context),
            Self::Bench(flags) => flags.run(context),
            Self::Chain => chain::run(context).await,
        }
    }
}
