// SPDX-License-Identifier: Apache-2.0
//! `cso model`: protocol files, without a chain.

use crate::context::Context;
use crate::model::{check, eval};
use crate::report::Report;
use anyhow::Result;
use clap::Subcommand;
use std::path::PathBuf;

/// Verbs of protocol files.
#[derive(Subcommand, Debug)]
pub enum Model {
    /// Read, compile and test a protocol file; say what it costs and how private it is
    #[command(after_help = "Example:\n  cso model check cha2ds2-vasc.toml")]
    Check {
        /// Protocol file
        file: PathBuf,
    },
    /// Evaluate a protocol file: one record or many cases, in clear or really encrypted
    #[command(
        after_help = "Examples:\n  cso model eval --model cha2ds2-vasc.toml --bundle record.json\n  cso model eval --model cha2ds2-vasc.toml -a age=70 -a sex=female … --encrypted\n  cso model eval --model cha2ds2-vasc.toml --cases cases.csv --out results.csv\n  cso model eval --model cha2ds2-vasc.toml --cases cases.csv --out results.csv --encrypted --profile fast"
    )]
    Eval(Box<eval::Eval>),
}

impl Model {
    pub fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Check { file } => check::check(context, &file),
            Self::Eval(flags) => flags.run(context),
        }
    }
}
