// SPDX-License-Identifier: Apache-2.0
//! Asking at the terminal.

use anyhow::{bail, Context as _, Result};
use cso_client::secret::SecretText;
use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
};
use zeroize::Zeroizing;

/// The first line of a file with a secret.
pub(crate) fn read_secret(file: &Path) -> Result<SecretText> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    let text = Zeroizing::new(text);
    Ok(text.lines().next().unwrap_or_default().to_owned().into())
}

/// Asks for a secret without showing it; twice if it's a new one.
pub(crate) fn ask_secret(prompt: &str, new: bool, what: &str, instead: &str) -> Result<SecretText> {
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
pub(crate) fn ask_line(prompt: &str) -> Result<String> {
    eprint!("{prompt}");
    io::stderr().flush().ok();
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).context("can't read from the terminal")?;
    if read == 0 {
        bail!("the input ended; nothing was done");
    }
    Ok(line.trim().to_owned())
}
