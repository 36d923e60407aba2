// SPDX-License-Identifier: Apache-2.0
//! Answers to a protocol's questions: from a FHIR bundle, an answers file, flags and the keyboard,
//! in rising precedence.

use super::ask::{ask_all, Question};
use crate::context::Context;
use crate::model::template::any_answer;
use crate::report::{plain, table};
use crate::vault::Input;
use anyhow::{bail, Context as _, Result};
use clap::Args;
use cso_clinical::{
    fhir,
    intake::{Clamped, Feature},
    Answers, Encoded, Value,
};
use jiff::civil::Date;
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Where answers come from.
#[derive(Args, Debug, Default)]
pub struct Given {
    /// FHIR R4 record (JSON): a bundle, or a QuestionnaireResponse to `cso model questionnaire`
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// JSON object of feature ids and values, like {"age": 70, "diabetes": true, "glucose": "98
    /// mg/dL"}
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

/// One answer with where it comes from.
#[derive(Clone, Debug)]
struct Answer {
    value: Value,
    source: String,
    conversion: Option<String>,
}

impl Answer {
    fn clamped(&self, feature: &Feature) -> Option<Clamped> {
        feature.accept(&self.value).ok().flatten()
    }

    /// Where it comes from, and what was done to it.
    fn origin(&self, feature: &Feature) -> String {
        let mut origin = self.source.clone();
        if let Some(conversion) = &self.conversion {
            origin += &format!("; {conversion}");
        }
        if let Some(clamped) = self.clamped(feature) {
            let [given, used] =
                [clamped.given, clamped.used].map(|number| feature.show(&Value::Quantity(number)));
            origin += &format!("; {given} is out of range, {used} is used");
        }
        origin
    }
}

/// A question without an answer.
#[derive(Clone, Debug)]
struct Gap {
    id: String,
    label: String,
    reason: String,
    example: String,
}

/// The intake, as far as it's answered.
pub struct Intake<'a> {
    intake: &'a cso_clinical::Intake,
    found: BTreeMap<String, Answer>,
    gaps: Vec<Gap>,
    /// The answers, `Missing` where that's allowed and nothing was given.
    pub answers: Answers,
}

impl<'a> Intake<'a> {
    /// Gathers the answers. Asks at the terminal for what is missing, if there is one.
    pub fn collect(
        context: &Context,
        intake: &'a cso_clinical::Intake,
        given: &Given,
    ) -> Result<Self> {
        let mut found = BTreeMap::new();
        let mut reasons = BTreeMap::new();
        if let Some(path) = &given.bundle {
            let today = given.today.unwrap_or_else(|| jiff::Zoned::now().date());
            let import = fhir::import(&read(path)?, intake, today)
                .with_context(|| path.display().to_string())?;
            for finding in import.findings {
                let answer = Answer {
                    value: finding.value,
                    source: finding.origin,
                    conversion: finding.conversion,
                };
                found.insert(finding.feature, answer);
            }
            reasons = import.missing.into_iter().map(|gap| (gap.feature, gap.reason)).collect();
        }
        if let Some(path) = &given.answers {
            for (id, value) in
                answers_file(&read(path)?, intake).with_context(|| path.display().to_string())?
            {
                found.insert(
                    id,
                    Answer { value, source: path.display().to_string(), conversion: None },
                );
            }
        }
        for text in &given.answer {
            let (id, value) = text.split_once('=').with_context(|| {
                format!("`-a {text}` has no `=`; write -a ID=VALUE, like -a age=70")
            })?;
            let value = intake.parse_answer(id.trim(), value)?;
            found.insert(
                id.trim().to_owned(),
                Answer { value, source: "given with -a".into(), conversion: None },
            );
        }
        let mut this = Self { intake, found, gaps: Vec::new(), answers: Answers::new() };
        this.fill(context, &reasons)?;
        Ok(this)
    }

    /// Asks for what is missing, or notes it.
    fn fill(&mut self, context: &Context, reasons: &BTreeMap<String, String>) -> Result<()> {
        let features = self.intake.features().iter();
        let open: Vec<_> =
            features.filter(|feature| !self.found.contains_key(&feature.id)).collect();
        if context.interactive() && !open.is_empty() {
            self.ask(&open, reasons)?;
        } else {
            for feature in open {
                self.leave_open(feature, reasons);
            }
        }
        self.answers =
            self.found.iter().map(|(id, answer)| (id.clone(), answer.value.clone())).collect();
        Ok(())
    }

    fn ask(&mut self, open: &[&Feature], reasons: &BTreeMap<String, String>) -> Result<()> {
        if !self.found.is_empty() {
            eprintln!("{}\n", self.found_text());
        }
        let questions: Vec<_> = open
            .iter()
            .map(|feature| Question {
                feature,
                reason: reasons.get(&feature.id).map(String::as_str),
            })
            .collect();
        for (feature, value) in open.iter().zip(ask_all(&questions)?) {
            let answer = Answer { value, source: "asked at the terminal".into(), conversion: None };
            self.found.insert(feature.id.clone(), answer);
        }
        Ok(())
    }

    fn leave_open(&mut self, feature: &Feature, reasons: &BTreeMap<String, String>) {
        let reason = reasons.get(&feature.id).map_or("not given", String::as_str);
        if feature.missing {
            let answer =
                Answer { value: Value::Missing, source: reason.to_owned(), conversion: None };
            self.found.insert(feature.id.clone(), answer);
        } else {
            self.gaps.push(Gap {
                id: feature.id.clone(),
                label: feature.label.clone(),
                reason: reason.to_owned(),
                example: any_answer(feature),
            });
        }
    }

    /// Refuses to go on with unanswered questions, naming each and how to answer it.
    pub fn require_complete(&self) -> Result<()> {
        let Some(first) = self.gaps.first() else {
            return Ok(());
        };
        let names: Vec<_> = self
            .gaps
            .iter()
            .map(|gap| format!("{} ({}: {})", gap.id, gap.label, gap.reason))
            .collect();
        bail!(
            "answers are missing: {}; give them with -a, like -a {}={}",
            names.join(", "),
            first.id,
            first.example
        );
    }

    /// The bits, and what was clamped. Only once complete.
    pub fn encode(&self) -> Result<Encoded> {
        Ok(self.intake.encode(&self.answers)?)
    }

    /// The answers as the wallet keeps and shows them.
    pub fn inputs(&self) -> Vec<Input> {
        self.intake
            .features()
            .iter()
            .filter_map(|feature| {
                let answer = self.found.get(&feature.id)?;
                Some(Input {
                    id: feature.id.clone(),
                    label: feature.label.clone(),
                    value: feature.show(&answer.value),
                    source: answer.source.clone(),
                })
            })
            .collect()
    }

    /// What will leave (encrypted), for the patient to look over.
    pub fn text(&self) -> String {
        let features = self.intake.features().iter();
        self.rows(features.map(|feature| (feature, self.found.get(&feature.id))))
    }

    /// What is answered so far.
    fn found_text(&self) -> String {
        let features = self.intake.features().iter();
        let found = features.map(|feature| (feature, self.found.get(&feature.id)));
        self.rows(found.filter(|(_, answer)| answer.is_some()))
    }

    fn rows<'b>(
        &'b self,
        features: impl Iterator<Item = (&'b Feature, Option<&'b Answer>)>,
    ) -> String {
        let mut rows = vec![["question", "answer", "from"].map(str::to_owned).to_vec()];
        for (feature, answer) in features {
            let (value, source) = match answer {
                None => ("MISSING".to_owned(), self.reason(&feature.id)),
                Some(answer) => (feature.show(&answer.value), answer.origin(feature)),
            };
            rows.push(vec![plain(&feature.label), plain(&value), plain(&source)]);
        }
        table(&rows)
    }

    /// The same for machines.
    pub fn json(&self) -> serde_json::Value {
        self.intake
            .features()
            .iter()
            .map(|feature| {
                let answer = self.found.get(&feature.id);
                json!({
                    "id": feature.id,
                    "label": feature.label,
                    "value": answer.map(|answer| &answer.value),
                    "text": answer.map(|answer| feature.show(&answer.value)),
                    "source": answer.map_or_else(|| self.reason(&feature.id), |answer| answer.source.clone()),
                    "conversion": answer.and_then(|answer| answer.conversion.clone()),
                    "clamped": answer.and_then(|answer| answer.clamped(feature)),
                })
            })
            .collect()
    }

    /// The questions without an answer.
    pub fn missing(&self) -> Vec<&str> {
        self.gaps.iter().map(|gap| gap.id.as_str()).collect()
    }

    fn reason(&self, id: &str) -> String {
        self.gaps.iter().find(|gap| gap.id == id).map(|gap| gap.reason.clone()).unwrap_or_default()
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

/// An answers file: texts are read as typed ones are, units and all.
fn answers_file(text: &str, intake: &cso_clinical::Intake) -> Result<Answers> {
    let object: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(text).context("this is no JSON object of feature ids and values")?;
    object
        .into_iter()
        .map(|(id, value)| {
            let text = match &value {
                serde_json::Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
                serde_json::Value::Number(number) => number.to_string(),
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => "missing".to_owned(),
                _ => bail!("`{id}` must be true, false, a number or a text like \"98 mg/dL\""),
            };
            let value = intake.parse_answer(&id, &text)?;
            Ok((id, value))
        })
        .collect()
}
