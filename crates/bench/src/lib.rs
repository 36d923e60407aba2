// SPDX-License-Identifier: Apache-2.0
//! What `cso bench` measures: the evaluation engine and, in a build with the feature `peers`, the
//! same models written with tfhe-rs integers, in one run.
//!
//! Every figure is the median of repeated runs on one core unless its name says otherwise; nothing
//! is cached between a figure and its peer. `models` builds the programs, `engine` times this
//! project's engine, `bounds` times what any engine of this form must pay, `peers` times the
//! straightforward tfhe-rs versions, `report` prints.

mod bounds;
mod clock;
mod engine;
mod models;
#[cfg(feature = "peers")]
mod peers;
mod report;

pub use report::{Growth, Peers, Report};

/// Why a benchmark stopped.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Also run the peers written with tfhe-rs integers, if this build has them; they take about a
    /// minute.
    pub peers: bool,
    /// Also measure how load, evaluation and memory grow with the number of bits.
    pub scaling: bool,
}

/// Runs the benchmark; `progress` is told what is being measured.
///
/// # Errors
///
/// Whatever stopped it: no randomness or threads from the system, or an encrypted answer that isn't
/// the one in clear.
pub fn run(options: Options, progress: &(dyn Fn(&str) + Sync)) -> Result<Report, Error> {
    let mut report = Report::default();
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    progress("bounds: one external product, and what loading must cost");
    one_core.install(|| bounds::measure(&mut report))?;
    one_core.install(|| engine::measure(&mut report, progress))?;
    progress("consultations per second on all cores");
    engine::throughput(&mut report)?;
    if options.scaling {
        progress("growth with the number of bits");
        one_core.install(|| engine::scaling(&mut report))?;
    }
    report.peers = if options.peers { peers(&mut report, progress)? } else { Peers::LeftOut };
    Ok(report)
}

#[cfg(feature = "peers")]
fn peers(report: &mut Report, progress: &(dyn Fn(&str) + Sync)) -> Result<Peers, Error> {
    progress("peers: NEWS2 and a linear model with tfhe-rs integers");
    peers::measure(report)?;
    Ok(Peers::Measured)
}

#[cfg(not(feature = "peers"))]
fn peers(_: &mut Report, _: &(dyn Fn(&str) + Sync)) -> Result<Peers, Error> {
    Ok(Peers::NotBuilt)
}
