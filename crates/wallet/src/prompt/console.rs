// SPDX-License-Identifier: Apache-2.0
//! Typing a secret where terminals aren't those of Unix.

use crate::report;
use anyhow::{Context as _, Result};
use cso_client::secret::SecretText;

/// Asks for a secret, which errors call `what`.
pub(super) fn ask(prompt: &str, what: &str) -> Result<SecretText> {
    let typed = rpassword::prompt_password(report::one_line(prompt));
    Ok(typed.with_context(|| format!("can't ask for {what}"))?.into())
}
