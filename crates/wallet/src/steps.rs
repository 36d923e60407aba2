// SPDX-License-Identifier: Apache-2.0
//! The steps of a command: how long each takes, and a spinner for those that take over a second.

use cso_client::{Progress, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{json, Map, Value};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Steps shorter than this show nothing.
const QUIET: Duration = Duration::from_secs(1);

/// The steps of a command.
pub(crate) struct Steps {
    begun: Instant,
    going: Mutex<Going>,
}

struct Going {
    current: Option<(&'static str, Instant)>,
    done: Map<String, Value>,
    bar: ProgressBar,
}

impl Steps {
    /// Starts the clock.
    pub(crate) fn new() -> Self {
        let going = Going { current: None, done: Map::new(), bar: ProgressBar::hidden() };
        Self { begun: Instant::now(), going: Mutex::new(going) }
    }

    /// What goes on; a panic elsewhere spoils nothing in it.
    fn going(&self) -> MutexGuard<'_, Going> {
        self.going.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the step before and begins one. `doing` is what the spinner says.
    pub(crate) fn begin(&self, name: &'static str, doing: impl Into<String>) {
        self.end();
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
            .with_style(
                ProgressStyle::with_template("{spinner} {msg} {elapsed}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            )
            .with_message(doing.into());
        let mut going = self.going();
        going.current = Some((name, Instant::now()));
        going.bar = bar.clone();
        // Appears only if the step is still going on by then. Draws on a terminal only.
        tokio::spawn(async move {
            tokio::time::sleep(QUIET).await;
            if !bar.is_finished() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
                bar.enable_steady_tick(Duration::from_millis(120));
            }
        });
    }

    /// Says something else about the step that goes on.
    pub(crate) fn say(&self, doing: impl Into<String>) {
        self.going().bar.set_message(doing.into());
    }

    /// Ends the step.
    pub(crate) fn end(&self) {
        let mut going = self.going();
        going.bar.finish_and_clear();
        if let Some((name, begun)) = going.current.take() {
            let before = going.done.get(name).and_then(Value::as_f64).unwrap_or(0.0);
            going.done.insert(name.to_owned(), milliseconds(begun.elapsed(), before));
        }
    }

    /// All steps with the total.
    pub(crate) fn timings(self) -> Value {
        self.end();
        let mut done = std::mem::take(&mut self.going().done);
        done.insert("total".into(), milliseconds(self.begun.elapsed(), 0.0));
        Value::Object(done)
    }
}

impl Progress for Steps {
    fn begin(&self, step: Step) {
        let (name, doing) = words(step);
        Steps::begin(self, name, doing);
    }

    fn part(&self, done: usize, of: usize) {
        let is_hand_off = matches!(self.going().current, Some(("hand_off", _)));
        if is_hand_off {
            self.say(format!("{}, part {done} of {of}", words(Step::HandOff).1));
        }
    }
}

/// A step's name in JSON, and what the spinner says.
fn words(step: Step) -> (&'static str, &'static str) {
    match step {
        Step::Look => ("look", "looking for the request that was sent before"),
        Step::Read => ("read", "reading the opinion"),
        Step::Encrypt => ("encrypt", "encrypting the record"),
        Step::Fund => ("fund", "filling the consultation's account"),
        Step::HandOff => ("hand_off", "handing the encrypted record to the expert's node"),
        Step::Seal => ("seal", "sealing the envelope"),
        Step::Save => ("save", "saving"),
        Step::Request => ("request", "waiting for the request to be final"),
        Step::Submit => ("submit", "waiting for the transaction to be final"),
        Step::Decrypt => ("decrypt", "decrypting"),
        Step::Verify => ("verify", "comparing with the published model"),
        Step::Erase => ("erase", "erasing"),
        Step::Sweep => ("sweep", "bringing the rest back"),
        Step::DropChunks => ("drop_chunks", "asking the expert's node to drop the record"),
        Step::FundWorkers => ("fund_workers", "topping the workers' accounts up"),
        _ => ("work", "working"),
    }
}

fn milliseconds(elapsed: Duration, before: f64) -> Value {
    json!(before + (elapsed.as_secs_f64() * 10_000.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn steps_are_timed_and_summed() {
        let steps = Steps::new();
        steps.begin("one", "doing one");
        steps.begin("two", "doing two");
        steps.begin("one", "again");
        let timings = steps.timings();
        let names: Vec<_> = timings.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names.len(), 3);
        assert!(["one", "two", "total"].iter().all(|name| timings[name].is_number()));
    }
}
