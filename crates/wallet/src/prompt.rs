// SPDX-License-Identifier: Apache-2.0
//! Asking at the terminal. Nothing else of the wallet reads from it.

use crate::steps::{Rest, Steps};
use anyhow::{bail, Context as _, Result};
use cso_client::secret::SecretText;
use std::io::{self, BufRead, IsTerminal, Write};
use zeroize::Zeroizing;

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
        eprintln!("{text}");
    }

    /// Asks for a secret without showing it; twice if it's a new one.
    pub(crate) fn secret(
        &self,
        prompt: &str,
        new: bool,
        what: &str,
        instead: &str,
    ) -> Result<SecretText> {
        if !io::stdin().is_terminal() {
            bail!("{what} is needed: give {instead}");
        }
        let ask = |prompt: &str| {
            rpassword::prompt_password(prompt)
                .map(Zeroizing::new)
                .with_context(|| format!("can't ask for {what}"))
        };
        let text = ask(prompt)?;
        if new && *text != *ask("The same again: ")? {
            bail!("the two differ; nothing was done");
        }
        Ok(text.to_string().into())
    }

    /// Asks for a line.
    pub(crate) fn line(&self, prompt: &str) -> Result<String> {
        eprint!("{prompt}");
        io::stderr().flush().ok();
        let mut line = String::new();
        let read =
            io::stdin().lock().read_line(&mut line).context("can't read from the terminal")?;
        if read == 0 {
            bail!("the input ended; nothing was done");
        }
        Ok(line.trim().to_owned())
    }
}
