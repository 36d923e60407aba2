// SPDX-License-Identifier: Apache-2.0
//! The figures, flat for machines and as a table for people.

use serde::{Serialize, Serializer};
use std::fmt;

/// The command that builds `cso` with the peers.
const BUILD_WITH_PEERS: &str = "cargo build --release -p cso-wallet --features peers";

/// Whether the same models were measured with tfhe-rs integers too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Peers {
    /// They were.
    Measured,
    /// They weren't, because nobody asked.
    #[default]
    LeftOut,
    /// They weren't, because this build doesn't have them.
    NotBuilt,
}

impl fmt::Display for Peers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured => f.write_str("measured"),
            Self::LeftOut => f.write_str("left out (--no-peers)"),
            Self::NotBuilt => write!(f, "not in this build, which needs: {BUILD_WITH_PEERS}"),
        }
    }
}

impl Serialize for Peers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One row of the growth table: profile `private`, one core.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Growth {
    /// Bits of the record.
    pub bits: usize,
    /// Encrypting, milliseconds.
    pub encrypt_ms: f64,
    /// Size of the record, padded to its bucket, bytes.
    pub record_bytes: usize,
    /// Bytes to ready, milliseconds.
    pub load_ms: f64,
    /// Memory of the loaded bits, bytes.
    pub loaded_bytes: usize,
    /// One weighted sum over all bits, sanitised, milliseconds.
    pub weighted_sum_ms: f64,
    /// Memory of that evaluation besides the record's, bytes.
    pub evaluation_bytes: usize,
}

/// Everything measured; profile `private` and one core unless a field says otherwise. Times carry
/// their unit in the name.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs)] // the names are the documentation, and docs/performance.md explains each
pub struct Report {
    pub external_product_us: f64,
    pub exact_external_product_us: f64,
    pub weighted_sum_180_us: f64,
    pub exact_weighted_sum_180_us: f64,
    pub load_180_ms: f64,
    pub load_180_bound_ms: f64,
    pub encrypt_180_ms: f64,
    pub gbdt_50x3_ms: f64,
    pub forest_50x4_ms: f64,
    pub news2_ms: f64,
    pub linear_30x6_ms: f64,
    /// Whether the next two figures were measured; they are null if not.
    pub peers: Peers,
    pub naive_news2_ms: Option<f64>,
    pub naive_linear_30x6_ms: Option<f64>,
    pub record_180_bytes: usize,
    pub loaded_180_bytes: usize,
    pub evaluation_180_bytes: usize,
    pub forest_50x4_bytes: usize,
    pub consultations_per_second: f64,
    pub cores: usize,
    pub privacy_margin_log2: f64,
    pub failure_log2: f64,
    /// Rows of the growth table; not part of the flat object.
    #[serde(skip)]
    pub growth: Vec<Growth>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |what: &str, figure: String| writeln!(f, "{what:<66} {figure:>12}");
        let products = self.weighted_sum_180_us / (180.0 * self.external_product_us);
        row(
            "external product alone, operands in cache",
            format!("{:.1} us", self.external_product_us),
        )?;
        row(
            "weighted sum over 180 bits, 2048-entry table, sanitised",
            format!("{:.0} us", self.weighted_sum_180_us),
        )?;
        row("  compared with 180 external products", format!("{products:.2} x"))?;
        row(
            "the same in exact arithmetic, identical bits on every CPU",
            format!("{:.0} us", self.exact_weighted_sum_180_us),
        )?;
        row(
            "loading a record of 180 bits, bytes to ready, verified",
            format!("{:.1} ms", self.load_180_ms),
        )?;
        row(
            "  compared with memcpy + AES-CTR + Fourier transforms alone",
            format!("{:.2} x", self.load_180_ms / self.load_180_bound_ms),
        )?;
        row("encrypting a record of 180 bits", format!("{:.1} ms", self.encrypt_180_ms))?;
        row("NEWS2", format!("{:.2} ms", self.news2_ms))?;
        row("linear model, 30 features of 6 bits", format!("{:.2} ms", self.linear_30x6_ms))?;
        row(
            "gradient boosting, 50 trees of depth 3, 30 features of 6 bits",
            format!("{:.1} ms", self.gbdt_50x3_ms),
        )?;
        row("random forest, 50 trees of depth 4", format!("{:.1} ms", self.forest_50x4_ms))?;
        if let (Some(news2), Some(linear)) = (self.naive_news2_ms, self.naive_linear_30x6_ms) {
            row(
                &format!("NEWS2 with tfhe-rs FheUint8, {} cores", self.cores),
                format!("{news2:.0} ms"),
            )?;
            row(
                "  compared with this engine on one core",
                format!("{:.0} x", news2 / self.news2_ms),
            )?;
            row(
                &format!("linear model with tfhe-rs FheUint16, {} cores", self.cores),
                format!("{linear:.0} ms"),
            )?;
            row(
                "  compared with this engine on one core",
                format!("{:.0} x", linear / self.linear_30x6_ms),
            )?;
        }
        row("record of 180 bits", format!("{} bytes", self.record_180_bytes))?;
        row("  loaded", format!("{} bytes", self.loaded_180_bytes))?;
        row(
            "memory of an evaluation besides: weighted sum",
            format!("{} bytes", self.evaluation_180_bytes),
        )?;
        row("  random forest", format!("{} bytes", self.forest_50x4_bytes))?;
        row(
            &format!("consultations a second (180 bits, load and evaluate), {} cores", self.cores),
            format!("{:.1}", self.consultations_per_second),
        )?;
        row("privacy margin of one answer, log2", format!("{:.1}", self.privacy_margin_log2))?;
        row("failure probability of one answer, log2", format!("{:.0}", self.failure_log2))?;
        if self.peers != Peers::Measured {
            writeln!(f, "the same models with tfhe-rs integers: {}", self.peers)?;
        }
        if !self.growth.is_empty() {
            writeln!(
                f,
                "\n{:>6} {:>12} {:>12} {:>12} {:>12} {:>14} {:>14}",
                "bits",
                "encrypt ms",
                "record MB",
                "load ms",
                "loaded MB",
                "weighted ms",
                "evaluation MB"
            )?;
        }
        for row in &self.growth {
            writeln!(
                f,
                "{:>6} {:>12.1} {:>12.2} {:>12.1} {:>12.2} {:>14.2} {:>14.2}",
                row.bits,
                row.encrypt_ms,
                row.record_bytes as f64 / 1e6,
                row.load_ms,
                row.loaded_bytes as f64 / 1e6,
                row.weighted_sum_ms,
                row.evaluation_bytes as f64 / 1e6
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_that_were_not_built_are_null_and_say_which_command_builds_them() {
        let report = Report { peers: Peers::NotBuilt, ..Report::default() };
        let json = serde_json::to_value(&report).expect("a report is JSON");
        assert!(json["naive_news2_ms"].is_null() && json["naive_linear_30x6_ms"].is_null());
        assert!(json["peers"].as_str().is_some_and(|text| text.ends_with(BUILD_WITH_PEERS)));
        assert!(report.to_string().contains(BUILD_WITH_PEERS));
    }

    #[test]
    fn measured_peers_have_their_lines_and_ask_for_nothing() {
        let report = Report {
            peers: Peers::Measured,
            naive_news2_ms: Some(2800.0),
            naive_linear_30x6_ms: Some(4600.0),
            ..Report::default()
        };
        let text = report.to_string();
        assert!(text.contains("NEWS2 with tfhe-rs FheUint8") && !text.contains("--features"));
        assert_eq!(serde_json::to_value(&report).expect("a report is JSON")["peers"], "measured");
    }
}
