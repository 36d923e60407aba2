// SPDX-License-Identifier: Apache-2.0
//! Ctrl-C while a command is at work: what was done is kept, whenever it stops, and this says so,
//! with how to go on. Before a command has begun anything, and while it asks for a secret, Ctrl-C
//! ends the program without a word, as it does others.

use crate::{pasted, report, steps::Steps};
use serde_json::json;
use std::{
    fs, io,
    process::exit,
    sync::{Arc, Mutex, PoisonError},
};

/// The signal that Ctrl-C sends.
const SIGINT: u32 = 2;

/// Exit code of a program that Ctrl-C has ended, as shells tell it: 128 and the signal's number.
const EXIT_INTERRUPTED: i32 = 130;

/// What Ctrl-C is answered with.
#[derive(Default)]
pub(crate) struct Interrupt(Arc<Mutex<Option<String>>>);

impl Interrupt {
    /// From now on Ctrl-C says this.
    pub(crate) fn says(&self, text: impl Into<String>, steps: &Steps, as_json: bool) {
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(text.into());
        if before.is_some() || is_ignored() {
            return;
        }
        // Caught from here on, not from when the task first runs. Where it can't be caught it ends
        // the program, as it does without this.
        let Ok(mut caught) = catch() else {
            return;
        };
        let (text, steps) = (Arc::clone(&self.0), steps.clone());
        tokio::spawn(async move {
            if caught.recv().await.is_some() {
                // Nothing is drawn over what is said.
                let _rest = steps.rest();
                let text = text.lock().unwrap_or_else(PoisonError::into_inner);
                say(text.as_deref().unwrap_or_default(), as_json);
                exit(EXIT_INTERRUPTED);
            }
        });
    }
}

#[cfg(unix)]
fn catch() -> io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(windows)]
fn catch() -> io::Result<tokio::signal::windows::CtrlC> {
    tokio::signal::windows::ctrl_c()
}

fn say(text: &str, as_json: bool) {
    let message = report::one_line(&pasted::complete(&format!("interrupted; {text}")));
    report::problem(&message);
    if as_json {
        report::print_json(&json!({ "error": message }));
    }
}

/// Whether who started the program lets it ignore Ctrl-C, as a shell does with what runs in the
/// background. Linux tells; elsewhere it's taken for no.
fn is_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask >> (SIGINT - 1) & 1 == 1)
}
