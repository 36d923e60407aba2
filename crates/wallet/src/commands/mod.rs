// SPDX-License-Identifier: Apache-2.0
//! The commands, one file a noun. A file holds the noun's flags and runs its verbs; what takes more
//! than a few lines lives elsewhere.

mod account;
mod bench;
mod board;
mod chain;
pub(crate) mod consult;
mod directory;
mod doctor;
mod expert;
mod manual;
pub(crate) mod protocol;
mod shell;
mod wallet;

use crate::{context::Context, report::Report};
use anyhow::Result;
use clap::{CommandFactory, Subcommand};

/// The nouns.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Accounts: keys, balances, transfers
    #[command(subcommand)]
    Account(account::Account),
    /// The wallet's file: its passphrase, backups and how they come back
    #[command(subcommand)]
    Wallet(wallet::Wallet),
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
    /// Measure the evaluation engine on this machine; in builds with the feature `peers` with its
    /// peers in the same run
    Bench(bench::Bench),
    /// The node and its chain: heights, hand-off pool, evaluator
    #[command(after_help = "Example:\n  cso chain --url ws://127.0.0.1:9944")]
    Chain,
    /// Look whether everything is there that a consultation needs: wallet, node, network, clock
    #[command(after_help = "Example:\n  cso doctor      exit code 1 if something is wrong")]
    Doctor,
    /// Print a script that completes commands and flags in a shell
    #[command(
        after_help = "Example:\n  cso completions bash > ~/.local/share/bash-completion/completions/cso"
    )]
    Completions(shell::Completions),
    /// Write the manual, a page a command
    #[command(
        after_help = "Example:\n  cso man --out ~/.local/share/man/man1 && man -l ~/.local/share/man/man1/cso-consult.1"
    )]
    Man(manual::Man),
}

impl Command {
    /// Runs it.
    pub(crate) async fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Account(command) => command.run(context).await,
            Self::Wallet(command) => command.run(context).await,
            Self::Directory(command) => command.run(context).await,
            Self::Consult(command) => command.run(context).await,
            Self::Expert(command) => command.run(context).await,
            Self::Board(command) => command.run(context).await,
            Self::Protocol(command) => command.run(context),
            Self::Bench(flags) => flags.run(context),
            Self::Chain => chain::run(context).await,
            Self::Doctor => doctor::run(context).await,
            Self::Completions(flags) => flags.run(crate::Cli::command()),
            Self::Man(flags) => flags.run(crate::Cli::command()),
        }
    }
}
