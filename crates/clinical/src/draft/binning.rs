// SPDX-License-Identifier: Apache-2.0
//! How the edges of bins are chosen.

use super::lattice::Lattice;
use crate::intake::{Intake, Kind};

/// What the expert decides about bins, which are public.
#[derive(Clone, Debug, Default)]
pub struct Binning {
    /// Edges only where the model has limits: then everybody sees them.
    pub publish_thresholds: bool,
    /// From which edges without a need are made. The same key gives the same ones, so that later
    /// versions don't tell them from the others.
    pub key: [u8; 32],
    /// Intakes that are public already. Their edges are repeated: else those that two versions have
    /// in common would be the limits.
    pub earlier: Vec<Intake>,
}

impl Binning {
    /// The places of edges that a feature has had.
    pub(super) fn earlier(&self, id: &str, lattice: &Lattice) -> Vec<i64> {
        let features = self.earlier.iter().filter_map(|intake| intake.feature(id));
        let mut at: Vec<i64> = features
            .filter_map(|(_, feature)| match &feature.kind {
                Kind::Quantity(quantity) => Some(&quantity.edges),
                _ => None,
            })
            .flatten()
            .map(|edge| lattice.nearest(edge + lattice.step / 2.0))
            .collect();
        at.sort_unstable();
        at.dedup();
        at
    }
}
