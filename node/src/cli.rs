// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! Flags and subcommands. Most are the ones every Substrate node has; [`EvaluatorParams`] are ours.

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use clap::Parser;
use sc_cli::RunCmd;
use sc_hop::HopParams;

/// The command line of `cso-node`.
#[derive(Debug, Parser)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    #[clap(flatten)]
    pub run: RunCmd,

    #[clap(flatten)]
    pub evaluator: EvaluatorParams,

    #[clap(flatten)]
    pub hop: HopParams,
}

/// Flags of an expert's node.
#[derive(Debug, Clone, Parser)]
#[command(next_help_heading = "Expert")]
pub(crate) struct EvaluatorParams {
    /// Serve an expert: evaluate the models in this directory for consultations that ask for them.
    ///
    /// The directory is made by `cso expert init`. Giving it turns on the evaluator, the pool of
    /// encrypted records (HOP) and the off-chain worker, which signs with the keys of type
    /// `csow` in the keystore.
    #[arg(long, value_name = "DIR")]
    pub expert_dir: Option<PathBuf>,

    /// Threads that evaluate models.
    #[arg(long, value_name = "N", default_value = "1", requires = "expert_dir")]
    pub evaluator_threads: NonZeroUsize,

    /// Consultations that the evaluator knows at once: those that wait for a thread, and those
    /// whose outcome isn't final on the chain yet. More than that stay on the chain until there is
    /// room.
    #[arg(long, value_name = "N", default_value = "64", requires = "expert_dir")]
    pub evaluator_queue: NonZeroUsize,

    /// Seconds to wait, from when the request is seen final, for a record that isn't in the pool
    /// yet. Then the consultation is declined.
    #[arg(long, value_name = "SECONDS", default_value = "10", requires = "expert_dir")]
    pub record_grace_secs: u64,
}

impl EvaluatorParams {
    /// The evaluator's configuration, if this is an expert's node.
    pub(crate) fn config(&self) -> Option<cso_evaluator::Config> {
        self.expert_dir.as_ref().map(|expert_dir| cso_evaluator::Config {
            expert_dir: expert_dir.clone(),
            threads: self.evaluator_threads.get(),
            queue: self.evaluator_queue.get(),
            record_grace: Duration::from_secs(self.record_grace_secs),
        })
    }
}

/// What the program can do besides running a node.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)]
pub(crate) enum Subcommand {
    /// Generate, inspect and insert keys.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),

    /// Write a chain specification to a file.
    #[command(visible_alias = "build-spec")]
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// Execute blocks of this node's database again and check them.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Write the state of a block as a chain specification.
    ExportState(sc_cli::ExportStateCmd),

    /// Read blocks from a file.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Remove this node's database of the chain.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Take the last blocks off this node's database.
    Revert(sc_cli::RevertCmd),

    /// Show what this node's database holds.
    ChainInfo(sc_cli::ChainInfoCmd),

    /// Sign a message with a key.
    Sign(sc_cli::SignCmd),

    /// Check a message's signature.
    Verify(sc_cli::VerifyCmd),

    /// Find an address that begins with a given text.
    Vanity(sc_cli::VanityCmd),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(flags: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from([&["cso-node"], flags].concat())
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_directory_there_is_no_evaluator() {
        let cli = parse(&["--dev"]).expect("a plain node");
        assert_eq!(cli.evaluator.config(), None);
    }

    #[test]
    fn the_flags_reach_the_evaluator() {
        let cli =
            parse(&["--expert-dir", "d", "--evaluator-threads", "3", "--evaluator-queue", "5"])
                .expect("an expert's node");
        let config =
            cso_evaluator::Config { threads: 3, queue: 5, ..cso_evaluator::Config::new("d") };
        assert_eq!(cli.evaluator.config(), Some(config));
    }

    #[test]
    fn the_evaluators_flags_need_a_directory_and_a_positive_number() {
        assert!(parse(&["--evaluator-threads", "3"]).is_err());
        assert!(parse(&["--expert-dir", "d", "--evaluator-queue", "0"]).is_err());
    }
}
