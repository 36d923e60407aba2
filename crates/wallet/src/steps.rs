// SPDX-License-Identifier: Apache-2.0
//! The steps of a command: how long each takes, and a spinner for those that take over a second.
//!
//! A spinner and a prompt on one terminal write over each other, so none is drawn as long as a
//! [`Rest`] is held. [`Prompt`](crate::prompt::Prompt), through which everything is asked, holds
//! one.

use crate::report::one_line;
use cso_client::{Progress, Step};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{json, Map, Value};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::runtime::Handle;

/// Steps shorter than this show nothing.
const QUIET: Duration = Duration::from_secs(1);

/// Between two frames of the spinner.
const FRAME: Duration = Duration::from_millis(120);

/// The steps of a command. Clones are the same steps.
#[derive(Clone)]
pub(crate) struct Steps {
    begun: Instant,
    going: Arc<Mutex<Going>>,
}

/// What goes on.
#[derive(Default)]
struct Going {
    current: Option<Current>,
    done: Map<String, Value>,
    /// What is drawn; nothing while `resting`.
    spinner: Option<ProgressBar>,
    /// How many rests are held.
    resting: usize,
    /// Another one with each step and each rest that ends: a spinner that was to appear for an
    /// earlier one stays away.
    turn: u64,
}

/// The step that goes on.
struct Current {
    name: &'static str,
    begun: Instant,
    /// What the spinner says: one line that commands no terminal.
    doing: String,
}

/// No spinner is drawn as long as this is held.
pub(crate) struct Rest<'a>(&'a Steps);

/// A panic elsewhere spoils nothing in it.
fn lock(going: &Mutex<Going>) -> MutexGuard<'_, Going> {
    going.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Steps {
    /// Starts the clock.
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), going: Arc::default() }
    }

    fn going(&self) -> MutexGuard<'_, Going> {
        lock(&self.going)
    }

    /// Ends the step before and begins one. `doing` is what the spinner says.
    pub(crate) fn begin(&self, name: &'static str, doing: impl Into<String>) {
        self.end();
        let doing = one_line(&doing.into());
        let current = Current { name, begun: Instant::now(), doing };
        self.going().current = Some(current);
        self.appear_later();
    }

    /// Says something else about the step that goes on.
    pub(crate) fn say(&self, doing: impl Into<String>) {
        let doing = one_line(&doing.into());
        let mut going = self.going();
        if let Some(spinner) = &going.spinner {
            spinner.set_message(doing.clone());
        }
        if let Some(current) = &mut going.current {
            current.doing = doing;
        }
    }

    /// Ends the step.
    pub(crate) fn end(&self) {
        let mut going = self.going();
        going.vanish();
        if let Some(Current { name, begun, .. }) = going.current.take() {
            let before = going.done.get(name).and_then(Value::as_f64).unwrap_or(0.0);
            going.done.insert(name.to_owned(), milliseconds(begun.elapsed(), before));
        }
    }

    /// Takes the spinner away until the rest is dropped.
    pub(crate) fn rest(&self) -> Rest<'_> {
        let mut going = self.going();
        going.resting += 1;
        going.vanish();
        Rest(self)
    }

    /// All steps with the total.
    pub(crate) fn timings(self) -> Value {
        self.end();
        let mut done = std::mem::take(&mut self.going().done);
        done.insert("total".into(), milliseconds(self.begun.elapsed(), 0.0));
        Value::Object(done)
    }

    /// Draws the spinner after a while, if the same step still goes on by then.
    fn appear_later(&self) {
        let turn = self.going().next_turn();
        let going = Arc::clone(&self.going);
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(QUIET).await;
                lock(&going).appear(turn);
            });
        }
    }
}

impl Going {
    fn next_turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }

    /// The step that a spinner of this turn belongs to, unless none may be drawn.
    fn to_show(&self, turn: u64) -> Option<&Current> {
        self.current.as_ref().filter(|_| self.resting == 0 && self.turn == turn)
    }

    /// Draws the spinner. On a terminal only.
    fn appear(&mut self, turn: u64) {
        let Some(current) = self.to_show(turn) else {
            return;
        };
        let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let spinner = ProgressBar::new_spinner()
            .with_style(style)
            .with_message(current.doing.clone())
            .with_elapsed(current.begun.elapsed());
        if !spinner.is_hidden() {
            spinner.enable_steady_tick(FRAME);
            self.spinner = Some(spinner);
        }
    }

    /// Takes the spinner away.
    fn vanish(&mut self) {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
    }
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        self.0.going().resting -= 1;
        self.0.appear_later();
    }
}

impl Progress for Steps {
    fn begin(&self, step: Step) {
        let (name, doing) = words(step);
        Steps::begin(self, name, doing);
    }

    fn part(&self, done: usize, of: usize) {
        let is_hand_off = matches!(self.going().current, Some(Current { name: "hand_off", .. }));
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
        Step::Search => ("search", "looking for accounts of consultations"),
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

    #[tokio::test]
    async fn no_spinner_belongs_to_a_step_while_somebody_is_asked() {
        let steps = Steps::new();
        let is_shown = |turn: u64| steps.going().to_show(turn).is_some();
        steps.begin("one", "doing one");
        let turn = steps.going().turn;
        assert!(is_shown(turn));
        let (first, second) = (steps.rest(), steps.rest());
        assert!(!is_shown(turn));
        drop(first);
        steps.begin("two", "doing two");
        let turn_of_two = steps.going().turn;
        assert!(!is_shown(turn_of_two), "the second rest is still held");
        drop(second);
        assert!(!is_shown(turn), "its time is over");
        let turn = steps.going().turn;
        assert!(is_shown(turn));
        steps.end();
        assert!(!is_shown(turn));
    }
}
