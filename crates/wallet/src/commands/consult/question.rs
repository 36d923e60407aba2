// SPDX-License-Identifier: Apache-2.0
//! The question to the expert: from a flag, a file, the standard input, or asked at the terminal.

use super::given::{self, GivenFlags};
use crate::{context::Context, input_file::read_text};
use anyhow::{bail, Result};
use clap::Args;
use cso_client::consultation::Terms;
use cso_primitives::bounds::MAX_QUESTION_BYTES;
use std::path::PathBuf;

/// Longest file with a question: what an envelope holds, and the end of a line.
const MAX_QUESTION_FILE_BYTES: usize = MAX_QUESTION_BYTES + 2;

/// Where the question comes from.
#[derive(Args, Debug, Default)]
pub(super) struct QuestionFlags {
    /// A question in words, at most 4096 bytes, sealed to the expert; other users of this machine
    /// can see it while the command runs, and it stays in the shell's history: --question-file
    /// doesn't show it
    #[arg(long, value_name = "TEXT")]
    question: Option<String>,
    /// A file with the question; `-` reads it from the standard input
    #[arg(long, value_name = "FILE", conflicts_with = "question")]
    question_file: Option<PathBuf>,
}

impl QuestionFlags {
    /// The question that was given, if one was: nobody is asked yet.
    pub(super) fn read(self, answers: &GivenFlags) -> Result<Option<String>> {
        let question = match (self.question, self.question_file) {
            (Some(question), _) => Some(question),
            (None, Some(path)) => {
                if given::is_standard_input(&path) && answers.read_standard_input() {
                    bail!("--answers - and --question-file - both read the standard input; put one of them into a file");
                }
                let text = read_text(given::place(&path), MAX_QUESTION_FILE_BYTES)?;
                Some(text.trim_end().to_owned())
            }
            (None, None) => None,
        };
        Terms::check_question(question.as_deref().unwrap_or_default())?;
        Ok(question)
    }
}

/// Asks for a question until one fits into an envelope, or there is none.
pub(super) fn ask(context: &Context) -> Result<String> {
    let prompt = context.prompt();
    prompt.say("A question to the expert, in words? It is sealed, and no program shows it to the expert yet.");
    loop {
        let question = prompt.line("Question (Enter for none): ")?;
        match Terms::check_question(&question) {
            Ok(()) => return Ok(question),
            Err(error) => prompt.say(&error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_the_bound_of_the_question() {
        let command = QuestionFlags::augment_args(clap::Command::new("request"));
        let question = command.get_arguments().find(|flag| flag.get_id() == "question").unwrap();
        let help = question.get_help().unwrap().to_string();
        assert!(help.contains(&format!("{MAX_QUESTION_BYTES} bytes")), "{help}");
    }

    #[test]
    fn a_question_is_read_from_a_file_up_to_what_an_envelope_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("question.txt");
        let read = |content: &str| {
            std::fs::write(&path, content).unwrap();
            let flags = QuestionFlags { question: None, question_file: Some(path.clone()) };
            flags.read(&GivenFlags::default())
        };
        assert_eq!(read("What now?\n").unwrap().as_deref(), Some("What now?"));
        let longest = "?".repeat(MAX_QUESTION_BYTES);
        assert_eq!(read(&format!("{longest}\r\n")).unwrap(), Some(longest.clone()));
        for content in [format!("{longest}?"), "?".repeat(MAX_QUESTION_FILE_BYTES + 1)] {
            let error = read(&content).unwrap_err().to_string();
            assert!(error.contains("bytes"), "{error}");
        }
    }
}
