// SPDX-License-Identifier: Apache-2.0
//! Typing a secret at the terminal: nothing of it is shown, no copy of it stays in memory, and the
//! terminal is as it was afterwards, also if Ctrl-C ends the program.
//!
//! Keys that send a signal (Ctrl-C, Ctrl-\) are read like others while the terminal is quiet, and
//! their signal is sent once it isn't any more. Therefore keys for editing are handled here too:
//! backspace, Ctrl-U, Ctrl-W. What others send from outside (`kill`) isn't caught.

use crate::report;
use anyhow::{bail, Context as _, Result};
use cso_client::secret::SecretText;
use rustix::{
    process::{kill_current_process_group, Signal},
    termios::{tcgetattr, tcsetattr, LocalModes, OptionalActions, SpecialCodeIndex, Termios},
};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
};
use zeroize::{Zeroize, Zeroizing};

/// Most bytes of a typed secret. A mnemonic of 24 words has at most 215.
const MAX_BYTES: usize = 1024;

/// Codes of keys that a terminal doesn't name, and other programs treat the same.
const CTRL_D: u8 = 0x04;
const BACKSPACE: [u8; 2] = [0x08, 0x7f];
const CTRL_U: u8 = 0x15;
const CTRL_W: u8 = 0x17;
const ESCAPE: u8 = 0x1b;

/// How the typing ended.
enum Typed {
    /// With Enter.
    Line(SecretText),
    /// With a key that sends a signal.
    Stopped(Signal),
}

/// The code of a key that sends a signal.
type Stop = (u8, Signal);

/// Asks for a secret, which errors call `what`.
pub(super) fn ask(prompt: &str, what: &str) -> Result<SecretText> {
    let cannot = || format!("can't ask for {what}");
    // Not the standard input and error output, which may lead elsewhere.
    let terminal =
        OpenOptions::new().read(true).write(true).open("/dev/tty").with_context(cannot)?;
    let quiet = Quiet::begin(&terminal).with_context(cannot)?;
    (&terminal).write_all(report::one_line(prompt).as_bytes()).with_context(cannot)?;
    let typed = read(&mut &terminal, &quiet.stops(), what);
    drop(quiet);
    // The Enter that wasn't shown.
    (&terminal).write_all(b"\n").with_context(cannot)?;
    match typed? {
        Typed::Line(text) => Ok(text),
        Typed::Stopped(signal) => {
            // To all of the pipeline or script, as the terminal itself would have.
            kill_current_process_group(signal).map_err(io::Error::from).with_context(cannot)?;
            // Who started it lets it ignore the signal.
            bail!("interrupted; nothing was done")
        }
    }
}

/// The terminal shows nothing and passes every key on, until this is dropped.
struct Quiet<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn begin(terminal: &'a File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(
            LocalModes::ECHO
                | LocalModes::ECHONL
                | LocalModes::ICANON
                | LocalModes::IEXTEN
                | LocalModes::ISIG,
        );
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(terminal, OptionalActions::Now, &quiet)?;
        Ok(Self { terminal, before })
    }

    fn stops(&self) -> Vec<Stop> {
        [(SpecialCodeIndex::VINTR, Signal::INT), (SpecialCodeIndex::VQUIT, Signal::QUIT)]
            .into_iter()
            .map(|(key, signal)| (self.before.special_codes[key], signal))
            // Zero turns a key off.
            .filter(|(code, _)| *code != 0)
            .collect()
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing.
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

/// Where in an escape sequence, like the one that an arrow key sends, the typing is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    No,
    Begun,
    Within,
}

/// Reads byte by byte, so that none is held in a buffer that isn't wiped.
fn read(keys: &mut impl Read, stops: &[Stop], what: &str) -> Result<Typed> {
    // Room for all of it: a buffer that grows would leave copies behind.
    let mut text = Zeroizing::new(Vec::<u8>::with_capacity(MAX_BYTES));
    let mut byte = Zeroizing::new([0_u8]);
    let mut escape = Escape::No;
    let mut is_too_long = false;
    loop {
        match keys.read(&mut byte[..]) {
            Ok(0) => bail!("the input ended; nothing was done"),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).with_context(|| format!("can't read {what}")),
        }
        let key = byte[0];
        if let Some((_, signal)) = stops.iter().find(|(code, _)| *code == key) {
            return Ok(Typed::Stopped(*signal));
        }
        let was = escape;
        escape = match (was, key) {
            (_, ESCAPE) => Escape::Begun,
            (Escape::Begun, b'[' | b'O') | (Escape::Within, b' '..=b'?') => Escape::Within,
            _ => Escape::No,
        };
        let ends_escape = was == Escape::Within && matches!(key, b'@'..=b'~');
        if escape != Escape::No || ends_escape {
            continue;
        }
        match key {
            b'\n' | b'\r' => break,
            CTRL_D if text.is_empty() => bail!("the input ended; nothing was done"),
            key if BACKSPACE.contains(&key) => drop_character(&mut text),
            CTRL_U => text.zeroize(),
            CTRL_W => drop_word(&mut text),
            // Other keys that write nothing.
            0..=0x1f => {}
            _ if text.len() == MAX_BYTES => is_too_long = true,
            key => text.push(key),
        }
    }
    if is_too_long {
        bail!("{what} has more than {MAX_BYTES} bytes; give it in a file");
    }
    match std::str::from_utf8(&text) {
        Ok(text) => Ok(Typed::Line(text.to_owned().into())),
        Err(_) => bail!("{what} is no UTF-8 text"),
    }
}

/// Takes the last character away: in UTF-8 its first byte is the one that isn't `10xxxxxx`.
fn drop_character(text: &mut Vec<u8>) {
    while text.pop().is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {}
}

/// Takes the last word away, and the spaces after it.
fn drop_word(text: &mut Vec<u8>) {
    while text.pop_if(|byte| *byte == b' ').is_some() {}
    while text.pop_if(|byte| *byte != b' ').is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOPS: [Stop; 2] = [(0x03, Signal::INT), (0x1c, Signal::QUIT)];

    fn typed(mut keys: &[u8]) -> Result<Typed> {
        read(&mut keys, &STOPS, "the passphrase")
    }

    #[track_caller]
    fn line(keys: &[u8]) -> String {
        match typed(keys).unwrap() {
            Typed::Line(text) => text.expose().to_owned(),
            Typed::Stopped(signal) => panic!("{signal:?}"),
        }
    }

    #[track_caller]
    fn refused(keys: &[u8]) -> String {
        typed(keys).err().unwrap().to_string()
    }

    #[test]
    fn a_line_can_be_edited() {
        for (keys, text) in [
            ("four words\n", "four words"),
            ("four words\r", "four words"),
            ("fours\u{7f}\u{8}r\n", "four"),
            ("\u{7f}öä\u{7f}\n", "ö"),
            ("wrong\u{15}right\n", "right"),
            ("one two  \u{17}three\n", "one three"),
            ("one\u{17}\u{17}two\n", "two"),
            // Arrow keys, F1, Delete; Alt with a letter gives the letter.
            ("a\u{1b}[Db\u{1b}OPc\u{1b}[3~d\u{1b}e\n", "abcde"),
            ("a\u{1b}[\n", "a"),
            ("a\tb\u{4}\u{1a}c\n", "abc"),
            ("\n", ""),
        ] {
            assert_eq!(line(keys.as_bytes()), text, "{keys:?}");
        }
    }

    #[test]
    fn keys_that_send_a_signal_end_it_at_once() {
        for (keys, sent) in [("half\u{3}", Signal::INT), ("\u{1b}[\u{1c}\n", Signal::QUIT)] {
            assert!(matches!(typed(keys.as_bytes()), Ok(Typed::Stopped(signal)) if signal == sent));
        }
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for keys in ["", "half", "\u{4}"] {
            assert!(refused(keys.as_bytes()).contains("the input ended"), "{keys:?}");
        }
        assert_eq!(refused(b"\xc3\n"), "the passphrase is no UTF-8 text");
        let most = "a".repeat(MAX_BYTES);
        assert_eq!(line(format!("{most}\n").as_bytes()), most);
        let error = refused(format!("{most}b\n").as_bytes());
        assert!(error.contains("the passphrase has more than 1024 bytes"), "{error}");
    }
}
