// SPDX-License-Identifier: Apache-2.0
//! A program in a pseudo-terminal, as a person has it before them.

use super::User;
use rexpect::session::{spawn_command, PtySession};
use std::process::Command;

/// Longest wait for any line, in milliseconds; nothing takes that long.
const PATIENCE: Option<u64> = Some(60_000);

/// Starts a program with the user's wallet, and no passphrase, on a terminal that progress is drawn
/// on.
pub(crate) fn start(user: &User, mut command: Command) -> PtySession {
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm")
        .env("CSO_WALLET", user.path("wallet.age"));
    spawn_command(command, PATIENCE).unwrap()
}

#[track_caller]
pub(crate) fn expect(session: &mut PtySession, words: &[&str]) {
    for word in words {
        session.exp_string(word).unwrap();
    }
}
