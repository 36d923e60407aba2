// SPDX-License-Identifier: Apache-2.0
//! `cso bench`: how fast the evaluation engine is here.

use crate::context::Context;
use crate::report::Report;
use anyhow::{anyhow, Result};
use clap::Args;
use cso_bench::Options;

/// Flags of `bench`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  cso bench                 everything this build has\n  cso bench --json          flat, for machines\n  cso bench --no-peers      without the tfhe-rs integers that it is compared with,\n                            which are in builds with the feature `peers` only"
)]
pub(crate) struct Bench {
    /// Leave out the same models written with tfhe-rs integers, if this build has them
    #[arg(long)]
    no_peers: bool,
    /// Leave out how time and memory grow with the number of bits
    #[arg(long)]
    no_scaling: bool,
}

impl Bench {
    pub(crate) fn run(self, context: &mut Context) -> Result<Report> {
        context.steps.begin("bench", "measuring");
        let options = Options { peers: !self.no_peers, scaling: !self.no_scaling };
        let steps = &context.steps;
        let say = |what: &str| steps.say(what);
        let report = cso_bench::run(options, &say).map_err(|error| anyhow!(error))?;
        context.steps.end();
        Ok(Report::new(report.to_string(), serde_json::to_value(&report)?).untimed())
    }
}
