// SPDX-License-Identifier: Apache-2.0
//! Where answers come from: a FHIR history, an answers file, flags and the keyboard, in rising
//! precedence; and how they are shown.

use super::keyboard::{ask_all, Question};
use crate::{
    context::Context,
    hint,
    input_file::{read_text, MAX_ANSWERS_BYTES},
    pasted,
    prompt::Prompt,
    record_files::RecordFiles,
    report::{counted, list, one_line, problem, warn, Report},
};
use anyhow::{bail, Context as _, Result};
use clap::Args;
use cso_client::{
    chain::Chain,
    consultation::{Filling, FillingError, Row},
    today::ClockCheck,
};
use cso_clinical::{fhir::Unconfirmed, intake::Feature, Description};
use jiff::{civil::Date, Timestamp};
use serde_json::json;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Where answers come from.
#[derive(Args, Debug, Default)]
pub(crate) struct GivenFlags {
    /// FHIR history: a Bundle or single resources in JSON, NDJSON of a bulk export, a zip or a
    /// folder of those, or a QuestionnaireResponse to `cso protocol questionnaire`; repeat it for
    /// several
    #[arg(long, value_name = "FILE|FOLDER")]
    bundle: Vec<PathBuf>,
    /// Take what the history says nothing of for "no", without asking; only where the history shows
    /// that its lists were read and are complete
    #[arg(long, requires = "bundle")]
    assume_no: bool,
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
        if self.bundle.is_empty() || self.today.is_some() {
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
    pub(crate) fn fill<'a>(
        &self,
        context: &Context,
        description: &'a Description,
    ) -> Result<Filling<'a>> {
        let mut filling = Filling::new(description);
        if let Some(path) = &self.answers {
            let text = read_text(place(path), MAX_ANSWERS_BYTES)?;
            let source = match is_standard_input(path) {
                true => "the standard input".to_owned(),
                false => path.display().to_string(),
            };
            filling.read_answers(&text, &source).with_context(|| source.clone())?;
        }
        let mut given = BTreeSet::new();
        for text in &self.answer {
            let (id, value) = text.split_once('=').with_context(|| {
                format!("`-a {text}` has no `=`; write -a ID=VALUE, like -a age=70")
            })?;
            if !given.insert(id.trim()) {
                bail!("-a {} is given twice: which answer counts can't be known", id.trim());
            }
            filling.read_answer(id.trim(), value, "given with -a")?;
        }
        if !self.bundle.is_empty() {
            let today = self.today.unwrap_or_else(|| jiff::Zoned::now().date());
            let record = RecordFiles::read(&self.bundle)?;
            let names: Vec<_> = self.bundle.iter().map(|path| path.display().to_string()).collect();
            filling.read_history(&record.files(), today).with_context(|| names.join(", "))?;
            tell_passed_over(&[record.passed_over(), filling.passed_over()].concat());
        }
        if self.assume_no {
            filling.assume_no()?;
        }
        if context.interactive() {
            // That it can't wait is said before anything is asked.
            if let Some(warning) = description.warning() {
                context.prompt().say(&format!("{warning}\n"));
            }
            ask(&context.prompt(), &mut filling, description)?;
        }
        filling.leave_open();
        Ok(filling)
    }
}

/// Names the files beside the history that weren't read: something may be missing from it.
fn tell_passed_over(files: &[String]) {
    const MOST: usize = 5;
    if !files.is_empty() {
        let shown = files[..files.len().min(MOST)].join(", ");
        let more = match files.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        warn(format!("not read, since by names and beginnings it's no FHIR: {shown}{more}"));
    }
}

fn ask(prompt: &Prompt<'_>, filling: &mut Filling<'_>, description: &Description) -> Result<()> {
    // Whom it isn't for needn't answer more; so it is before each of these questions.
    filling.require_not_refused(description)?;
    let unconfirmed = filling.unconfirmed();
    if filling.open().is_empty() && unconfirmed.features.is_empty() {
        return Ok(());
    }
    if !filling.is_empty() {
        let answered = filling.rows().into_iter().filter(|row| row.given.is_some());
        prompt.say(&format!("{}\n", rows(answered)));
    }
    if !unconfirmed.features.is_empty() {
        match confirms(prompt, &unconfirmed)? {
            true => filling.confirm_no(),
            false => filling.ask_each(),
        }
    }
    filling.require_not_refused(description)?;
    // What may follow from other answers is asked last, if it doesn't.
    ask_open(prompt, filling, |feature| feature.derivations().next().is_none())?;
    filling.require_not_refused(description)?;
    ask_open(prompt, filling, |_| true)
}

/// Asks the open questions that are wanted.
fn ask_open(
    prompt: &Prompt<'_>,
    filling: &mut Filling<'_>,
    is_wanted: impl Fn(&Feature) -> bool,
) -> Result<()> {
    let open = filling.open().into_iter().filter(|(feature, _)| is_wanted(feature));
    let (ids, questions): (Vec<_>, Vec<_>) =
        open.map(|(feature, reason)| (feature.id.clone(), Question { feature, reason })).unzip();
    if questions.is_empty() {
        return Ok(());
    }
    let answers = ask_all(prompt, &questions)?;
    for (id, value) in ids.iter().zip(answers) {
        filling.answer(id, value, "asked at the terminal");
    }
    Ok(())
}

/// Whether nothing of what the history says nothing of is so. Nothing but a clear answer counts.
fn confirms(prompt: &Prompt<'_>, unconfirmed: &Unconfirmed) -> Result<bool> {
    prompt.say(&unconfirmed_text(unconfirmed));
    loop {
        match prompt.line("Does any of them apply to you? [yes/no] ")?.to_lowercase().as_str() {
            "n" | "no" | "nein" => return Ok(true),
            "y" | "yes" | "j" | "ja" => return Ok(false),
            _ => prompt.say("Type no if none of them applies to you, yes to be asked one by one."),
        }
    }
}

/// What the history says nothing of, with all of it that couldn't be read.
pub(super) fn unconfirmed_text(unconfirmed: &Unconfirmed) -> String {
    let Unconfirmed { features, entries, failures, .. } = unconfirmed;
    let mut lines =
        vec![format!("The history says nothing of {}:", counted(features.len(), "question"))];
    lines.extend(features.iter().map(|one| match one.notes.is_empty() {
        true => format!("  - {}", one.label),
        false => format!("  - {} ({})", one.label, one.notes.join("; ")),
    }));
    for (what, found) in [
        ("It has entries that this program can't tell; one of them may be meant:", entries),
        ("Parts of it couldn't be read:", failures),
    ] {
        if !found.is_empty() {
            lines.push(what.to_owned());
            lines.extend(found.iter().map(|text| format!("  * {text}")));
        }
    }
    lines.join("\n")
}

/// The refusal of answers that aren't complete, with all that there are; `besides` is what those
/// that there are say already.
pub(crate) fn refusal(
    filling: &Filling<'_>,
    error: FillingError,
    besides: Option<FillingError>,
) -> Report {
    let key = match error {
        // Complete but for one word, or complete.
        FillingError::Unconfirmed(_) | FillingError::NotFor { .. } => "inputs",
        _ => "answers",
    };
    let besides = besides.map(|besides| format!("; by the answers that there are, {besides}"));
    let message = hint::with(&error.into(), None) + &besides.unwrap_or_default();
    let message = one_line(&pasted::complete(&message));
    let unconfirmed = filling.unconfirmed();
    let mut json = json!({ "error": message, "unconfirmed": unconfirmed });
    json[key] = match key {
        "inputs" => json!(filling.inputs()),
        _ => self::json(filling),
    };
    let mut text = text(filling);
    if !unconfirmed.features.is_empty() {
        text += &format!("\n\n{}", unconfirmed_text(&unconfirmed));
    }
    problem(&message);
    Report { exit: 1, ..Report::new(text, json) }
}

/// What will leave (encrypted), for the patient to look over.
pub(crate) fn text(filling: &Filling<'_>) -> String {
    rows(filling.rows())
}

fn rows<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> String {
    let mut lines = vec![["question", "answer", "from"].map(str::to_owned).to_vec()];
    for row in rows {
        let (value, source) = match row.given {
            None if row.is_unconfirmed => ("UNCONFIRMED".to_owned(), row.reason.to_owned()),
            None if row.in_doubt => ("UNCLEAR".to_owned(), row.reason.to_owned()),
            None => ("MISSING".to_owned(), row.reason.to_owned()),
            Some(given) => (row.shown.clone().unwrap_or_default(), given.told(row.feature)),
        };
        let source = match row.feature.local {
            true => format!("{source}; stays with you"),
            false => source,
        };
        lines.push(vec![row.feature.label.to_string(), value, source]);
    }
    list(&lines)
}

/// The same for machines.
pub(crate) fn json(filling: &Filling<'_>) -> serde_json::Value {
    let rows = filling.rows().into_iter();
    rows.map(|row| {
        json!({
            "id": row.feature.id,
            "label": row.feature.label.as_str(),
            "value": row.given.map(|given| &given.value),
            "text": row.shown,
            "source": row.given.map_or(row.reason, |given| &given.source),
            "conversion": row.given.and_then(|given| given.conversion.clone()),
            "clamped": row.clamped,
            "unconfirmed": row.is_unconfirmed,
            "local": row.feature.local,
        })
    })
    .collect()
}
