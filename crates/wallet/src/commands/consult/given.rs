// SPDX-License-Identifier: Apache-2.0
//! Where answers come from: a FHIR history, an answers file, flags and the keyboard, in rising
//! precedence; and how they are shown.

use super::keyboard::{ask_all, Question};
use crate::{
    context::Context,
    input_file::{read_text, MAX_ANSWERS_BYTES},
    prompt::Prompt,
    report::{list, warn},
};
use anyhow::{bail, Context as _, Result};
use clap::Args;
use cso_client::{
    chain::Chain,
    consultation::{Filling, Row},
    today::ClockCheck,
};
use cso_clinical::{fhir::MAX_BUNDLE_BYTES, intake::Feature, Intake, Value};
use jiff::{civil::Date, Timestamp};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Where answers come from.
#[derive(Args, Debug, Default)]
pub(crate) struct GivenFlags {
    /// FHIR R4 bundle (JSON), or a QuestionnaireResponse to `cso protocol questionnaire`
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// JSON object of feature ids and values, like {"age": 70, "diabetes": true, "glucose": "98
    /// mg/dL"}; `-` reads it from the standard input
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// One answer, like age=70, diabetes=yes, glucose="98 mg/dL", smoker=missing; goes before the
    /// files
    #[arg(short = 'a', long = "answer", value_name = "ID=VALUE")]
    answer: Vec<String>,
    /// The day that ages and the age of findings are reckoned from [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Date>,
}

/// Whether a file that is named stands for the standard input.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Where a file that is named is read from.
pub(super) fn place(path: &Path) -> &Path {
    match is_standard_input(path) {
        true => Path::new("/dev/stdin"),
        false => path,
    }
}

impl GivenFlags {
    /// Whether the standard input is used up once they are read.
    pub(super) fn read_standard_input(&self) -> bool {
        self.answers.as_deref().is_some_and(is_standard_input)
    }

    /// Compares this computer's clock with the chain's time, if ages are reckoned by it.
    pub(super) async fn check_clock(&self, chain: &impl Chain) -> Result<()> {
        if self.bundle.is_none() || self.today.is_some() {
            return Ok(());
        }
        let now = Timestamp::now();
        let said = |block| {
            let [clock, chain] = [now, block].map(|time| time.strftime("%Y-%m-%d %H:%M UTC"));
            format!("this computer's clock says {clock}, and the chain's newest block was made at {chain}")
        };
        match ClockCheck::new(now, chain.health().await?.best_block_ms) {
            ClockCheck::Agrees => {}
            ClockCheck::Behind { block } => bail!(
                "{}: ages would be wrong; set the clock, or say the day with --today YYYY-MM-DD",
                said(block)
            ),
            ClockCheck::Ahead { block } => warn(format!(
                "{}: if it's the clock that is wrong, so are ages; say the day with --today YYYY-MM-DD then",
                said(block)
            )),
        }
        Ok(())
    }

    /// Gathers the answers. Asks at the terminal for what is missing, if there is one.
    pub(crate) fn fill<'a>(&self, context: &Context, intake: &'a Intake) -> Result<Filling<'a>> {
        let mut filling = Filling::new(intake);
        if let Some(path) = &self.bundle {
            let today = self.today.unwrap_or_else(|| jiff::Zoned::now().date());
            filling
                .read_history(&read_text(path, MAX_BUNDLE_BYTES)?, today)
                .with_context(|| path.display().to_string())?;
        }
        if let Some(path) = &self.answers {
            let text = read_text(place(path), MAX_ANSWERS_BYTES)?;
            let source = match is_standard_input(path) {
                true => "the standard input".to_owned(),
                false => path.display().to_string(),
            };
            filling.read_answers(&text, &source).with_context(|| source.clone())?;
        }
        for text in &self.answer {
            let (id, value) = text.split_once('=').with_context(|| {
                format!("`-a {text}` has no `=`; write -a ID=VALUE, like -a age=70")
            })?;
            filling.read_answer(id.trim(), value, "given with -a")?;
        }
        if context.interactive() {
            ask(&context.prompt(), &mut filling)?;
        }
        filling.leave_open();
        Ok(filling)
    }
}

fn ask(prompt: &Prompt<'_>, filling: &mut Filling<'_>) -> Result<()> {
    let open = filling.open();
    if open.is_empty() {
        return Ok(());
    }
    if !filling.is_empty() {
        let answered = filling.rows().into_iter().filter(|row| row.given.is_some());
        prompt.say(&format!("{}\n", rows(answered)));
    }
    let questions: Vec<_> =
        open.iter().map(|(feature, reason)| Question { feature, reason: *reason }).collect();
    let answers = ask_all(prompt, &questions)?;
    let ids: Vec<_> = open.iter().map(|(feature, _)| feature.id.clone()).collect();
    for (id, value) in ids.iter().zip(answers) {
        filling.answer(id, value, "asked at the terminal");
    }
    Ok(())
}

/// What will leave (encrypted), for the patient to look over.
pub(crate) fn text(filling: &Filling<'_>) -> String {
    rows(filling.rows())
}

fn rows<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> String {
    let mut lines = vec![["question", "answer", "from"].map(str::to_owned).to_vec()];
    for row in rows {
        let (value, source) = match row.given {
            None => ("MISSING".to_owned(), row.reason.to_owned()),
            Some(given) => (row.feature.show(&given.value), origin(&row)),
        };
        lines.push(vec![row.feature.label.clone(), value, source]);
    }
    list(&lines)
}

/// Where an answer comes from, and what was done to it.
fn origin(row: &Row<'_>) -> String {
    let Some(given) = row.given else {
        return String::new();
    };
    let mut origin = given.source.clone();
    if let Some(conversion) = &given.conversion {
        origin += &format!("; {conversion}");
    }
    if let Some(clamped) = &row.clamped {
        let [found, used] = [clamped.given, clamped.used].map(|number| show(row.feature, number));
        origin += &format!("; {found} is out of range, {used} is used");
    }
    origin
}

fn show(feature: &Feature, number: f64) -> String {
    feature.show(&Value::Quantity(number))
}

/// The same for machines.
pub(crate) fn json(filling: &Filling<'_>) -> serde_json::Value {
    let rows = filling.rows().into_iter();
    rows.map(|row| {
        json!({
            "id": row.feature.id,
            "label": row.feature.label,
            "value": row.given.map(|given| &given.value),
            "text": row.given.map(|given| row.feature.show(&given.value)),
            "source": row.given.map_or(row.reason, |given| &given.source),
            "conversion": row.given.and_then(|given| given.conversion.clone()),
            "clamped": row.clamped,
        })
    })
    .collect()
}
