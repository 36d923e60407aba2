// SPDX-License-Identifier: Apache-2.0

//! Killing the wallet, as a power cut would, at a moment that has a name.
//!
//! Moments on the wire are found by a [`Relay`], moments on the disk by `strace`, which kills the
//! shipped program at the entry of a system call, before it's carried out.

use crate::{Actor, Message, Relay};
use std::{
    fs,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// When a wallet dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At a message, which is lost.
    Wire(Message),
    /// Before a system call on a file.
    Disk {
        /// The system call.
        call: &'static str,
        /// The file in the person's folder; the folder itself is empty. What stands for a `*` at
        /// the end isn't known beforehand.
        file: &'static str,
        /// Which of these calls it is, 1 the first: of those on this file, or of all that the
        /// command makes where the name ends with a `*`.
        nth: usize,
    },
    /// Before a word is said on the standard output.
    Said,
}

/// What a wallet said before it ended by itself, in its own folder.
struct Mouth {
    folder: TempDir,
}

impl Actor {
    /// Runs `cso ARGUMENTS --json` and kills it at a moment.
    ///
    /// # Errors
    ///
    /// That the moment didn't come, or wasn't what it should have been, with what the wallet said.
    pub fn killed(&self, arguments: &[&str], relay: &Relay, moment: Moment) -> Result<(), String> {
        let mouth = Mouth { folder: TempDir::new().map_err(|error| error.to_string())? };
        match moment {
            Moment::Wire(message) => self.killed_at_message(arguments, relay, message, &mouth),
            Moment::Disk { call, file, nth } => {
                let (begin, is_open) = match file.strip_suffix('*') {
                    Some(begin) => (begin, true),
                    None => (file, false),
                };
                let path = match begin {
                    "" if !is_open => self.folder().to_path_buf(),
                    begin => self.folder().join(begin),
                };
                self.killed_at_call(arguments, call, &path, is_open, nth, &mouth)
            }
            Moment::Said => {
                self.killed_at_call(arguments, "write", &mouth.output(), false, 1, &mouth)
            }
        }
    }

    fn killed_at_message(
        &self,
        arguments: &[&str],
        relay: &Relay,
        message: Message,
        mouth: &Mouth,
    ) -> Result<(), String> {
        let reached = relay.hold(message);
        let mut wallet = mouth.spawn(self.command(arguments))?;
        loop {
            if let Ok(held) = reached.try_recv() {
                // Fails only if it has ended already.
                let _ = wallet.kill();
                let status = wallet.wait().map_err(|error| error.to_string())?;
                drop(held);
                return mouth.require_killed(status);
            }
            if let Some(status) = wallet.try_wait().map_err(|error| error.to_string())? {
                relay.hold_nothing();
                return mouth.require_killed(status);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn killed_at_call(
        &self,
        arguments: &[&str],
        call: &str,
        path: &Path,
        is_open: bool,
        nth: usize,
        mouth: &Mouth,
    ) -> Result<(), String> {
        let log = mouth.folder.path().join("calls");
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-y", "-s", "8", "-o"]).arg(&log);
        command.args(["-e", &format!("trace={call}")]);
        command.args(["-e", &format!("inject={call}:signal=SIGKILL:when={nth}")]);
        if !is_open {
            command.arg("-P").arg(path);
        }
        let wallet = self.command(arguments);
        command.arg(wallet.get_program()).args(wallet.get_args());
        command.envs(wallet.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let status = mouth.spawn(command)?.wait().map_err(|error| error.to_string())?;
        mouth.require_killed(status)?;
        // All calls of a name were counted: the last one is of the file that was meant.
        let log = fs::read_to_string(&log).map_err(|error| error.to_string())?;
        let begin = format!("{call}(");
        let last = log.lines().rfind(|line| line.contains(&begin)).unwrap_or_default();
        match last.contains(&path.display().to_string()) {
            true => Ok(()),
            false => Err(format!("{} was meant, and it was: {last}", path.display())),
        }
    }
}

impl Mouth {
    fn output(&self) -> std::path::PathBuf {
        self.folder.path().join("output")
    }

    fn errors(&self) -> std::path::PathBuf {
        self.folder.path().join("errors")
    }

    fn spawn(&self, mut command: Command) -> Result<Child, String> {
        let file = |path: &Path| fs::File::create(path).map_err(|error| error.to_string());
        command.arg("--json").stdin(Stdio::null());
        command.stdout(file(&self.output())?).stderr(file(&self.errors())?);
        let name = command.get_program().to_string_lossy().into_owned();
        command.spawn().map_err(|error| format!("{name}: {error}"))
    }

    fn require_killed(&self, status: ExitStatus) -> Result<(), String> {
        use std::os::unix::process::ExitStatusExt;
        const SIGKILL: i32 = 9;
        if status.signal() == Some(SIGKILL) {
            return Ok(());
        }
        let said = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let (output, errors) = (said(&self.output()), said(&self.errors()));
        Err(format!("it wasn't reached ({status}): {} {}", errors.trim(), output.trim()))
    }
}

/// Whether this machine lets `strace` kill a program at a system call.
///
/// # Errors
///
/// Why not, and what helps.
pub fn require_strace() -> Result<(), String> {
    let help = "install strace (scripts/kills.sh does), and run where ptrace is allowed";
    let probe = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=exit_group", "true"];
    match Command::new("strace").args(probe).stdin(Stdio::null()).output() {
        Err(error) => Err(format!("strace: {error}; {help}")),
        Ok(output) if !output.status.success() => {
            Err(format!("{}; {help}", String::from_utf8_lossy(&output.stderr).trim()))
        }
        Ok(_) => Ok(()),
    }
}
