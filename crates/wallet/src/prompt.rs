// SPDX-License-Identifier: Apache-2.0
//! Asking at the terminal. Nothing else of the wallet reads from it.

#[cfg(not(unix))]
mod console;
#[cfg(unix)]
mod hidden;

#[cfg(not(unix))]
use console as hidden;

use crate::{
    report,
    steps::{Rest, Steps},
};
use anyhow::{bail, Context as _, Result};
use cso_client::secret::SecretText;
use std::io::{self, BufRead, IsTerminal};

/// A talk with the person at the terminal. The spinner rests until it is over.
pub(crate) struct Prompt<'a> {
    _rest: Rest<'a>,
}

impl<'a> Prompt<'a> {
    /// Begins one.
    pub(crate) fn open(steps: &'a Steps) -> Self {
        Self { _rest: steps.rest() }
    }

    /// Says something.
    pub(crate) fn say(&self, text: &str) {
        report::say(text);
    }

    /// Asks for a secret without showing it; twice if it's a new one.
    pub(crate) fn secret(
        &self,
        prompt: &str,
        new: bool,
        what: &str,
        instead: &str,
    ) -> Result<SecretText> {
        self.secret_that(prompt, new, what, instead, |_| Ok(()))
    }

    /// The same for one that has to pass a check, which comes before it is asked for again.
    pub(crate) fn secret_that(
        &self,
        prompt: &str,
        new: bool,
        what: &str,
        instead: &str,
        check: impl FnOnce(&SecretText) -> Result<()>,
    ) -> Result<SecretText> {
        if !io::stdin().is_terminal() {
            bail!("{what} is needed: give {instead}");
        }
        let text = hidden::ask(prompt, what)?;
        check(&text)?;
        if new && text.expose() != hidden::ask("The same again: ", what)?.expose() {
            bail!("the two differ; nothing was done");
        }
        Ok(text)
    }

    /// Asks for a line.
    pub(crate) fn line(&self, prompt: &str) -> Result<String> {
        report::ask(prompt);
        let mut line = String::new();
        let read =
            io::stdin().lock().read_line(&mut line).context("can't read from the terminal")?;
        if read == 0 {
            bail!("the input ended; nothing was done");
        }
        Ok(line.trim().to_owned())
    }
}
