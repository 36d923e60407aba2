// SPDX-License-Identifier: Apache-2.0

//! What Prometheus sees. The counters count without a registry as well: the status reads them.

use std::time::Duration;

use cso_primitives::DeclineReason;
use prometheus_endpoint::{
    register, Counter, CounterVec, Gauge, HistogramOpts, HistogramVec, Opts, PrometheusError,
    Registry, U64,
};

use crate::queue::Lengths;

/// Bounds of the histograms' buckets, in seconds: 1 ms to 16 s, each twice the one before.
const BUCKETS: [f64; 15] = [
    0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096,
    8.192, 16.384,
];

/// A step whose time is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Claim,
    Load,
    Evaluate,
}

impl Step {
    const ALL: [Self; 3] = [Self::Claim, Self::Load, Self::Evaluate];

    const fn label(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Load => "load",
            Self::Evaluate => "evaluate",
        }
    }
}

/// The evaluator's metrics.
pub(crate) struct Metrics {
    pending: Gauge<U64>,
    done: Gauge<U64>,
    pub(crate) answered: Counter<U64>,
    pub(crate) declined: CounterVec<U64>,
    pub(crate) refused: Counter<U64>,
    pub(crate) troubles: Counter<U64>,
    seconds: HistogramVec,
}

impl Metrics {
    /// Makes the metrics and registers them, if there is a registry.
    pub(crate) fn new(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
        let metrics = Self {
            pending: Gauge::new(
                "cso_evaluator_queue_length",
                "Consultations that wait for evaluation or are in it",
            )?,
            done: Gauge::new(
                "cso_evaluator_outcomes",
                "Consultations with an outcome that still wait for an answer on the finalised chain",
            )?,
            answered: Counter::new(
                "cso_evaluator_answered_total",
                "Consultations that were answered",
            )?,
            declined: CounterVec::new(
                Opts::new(
                    "cso_evaluator_declined_total",
                    "Consultations that were declined, by reason",
                ),
                &["reason"],
            )?,
            refused: Counter::new(
                "cso_evaluator_refused_total",
                "Times a consultation was not taken on because the queue was full",
            )?,
            troubles: Counter::new(
                "cso_evaluator_troubles_total",
                "Times the chain, the pool or the expert's directory failed and was tried again",
            )?,
            seconds: HistogramVec::new(
                HistogramOpts::new(
                    "cso_evaluator_step_seconds",
                    "Seconds that the steps of an answered consultation took",
                )
                .buckets(BUCKETS.to_vec()),
                &["step"],
            )?,
        };
        // Series that have not happened yet show as 0, not as absent.
        for reason in DeclineReason::ALL {
            metrics.declined.with_label_values(&[reason.word()]).inc_by(0);
        }
        for step in Step::ALL {
            let _ = metrics.seconds.with_label_values(&[step.label()]);
        }
        if let Some(registry) = registry {
            register(metrics.pending.clone(), registry)?;
            register(metrics.done.clone(), registry)?;
            register(metrics.answered.clone(), registry)?;
            register(metrics.declined.clone(), registry)?;
            register(metrics.refused.clone(), registry)?;
            register(metrics.troubles.clone(), registry)?;
            register(metrics.seconds.clone(), registry)?;
        }
        Ok(metrics)
    }

    /// Shows how full the queue is.
    pub(crate) fn set_lengths(&self, lengths: Lengths) {
        self.pending.set(lengths.pending as u64);
        self.done.set(lengths.done as u64);
    }

    /// Counts a declined consultation.
    pub(crate) fn count_declined(&self, reason: DeclineReason) {
        self.declined.with_label_values(&[reason.word()]).inc();
    }

    /// Consultations declined for a reason so far.
    pub(crate) fn declined(&self, reason: DeclineReason) -> u64 {
        self.declined.with_label_values(&[reason.word()]).get()
    }

    /// Records the time of a step.
    pub(crate) fn observe(&self, step: Step, time: Duration) {
        self.seconds.with_label_values(&[step.label()]).observe(time.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_series_are_there_from_the_start() {
        let registry = Registry::new();
        Metrics::new(Some(&registry)).unwrap();
        let families = registry.gather();
        let series = |name: &str| {
            families
                .iter()
                .find(|family| family.get_name() == name)
                .map_or(0, |family| family.get_metric().len())
        };
        assert_eq!(families.len(), 7);
        assert_eq!(series("cso_evaluator_declined_total"), 6);
        assert_eq!(series("cso_evaluator_step_seconds"), 3);
    }

    #[test]
    fn every_reason_has_a_label_of_its_own() {
        let metrics = Metrics::new(None).unwrap();
        for reason in DeclineReason::ALL {
            metrics.count_declined(reason);
        }
        for reason in DeclineReason::ALL {
            assert_eq!(metrics.declined(reason), 1, "{reason:?}");
        }
    }
}
