// SPDX-License-Identifier: Apache-2.0
//! Asking the intake at the terminal: one question after the other, with help, and a way back.

use crate::prompt::Prompt;
use anyhow::Result;
use cso_clinical::intake::{Feature, IntakeError, Kind};
use cso_clinical::Value;

/// A question without an answer.
pub(super) struct Question<'a> {
    /// What is asked.
    pub feature: &'a Feature,
    /// Why the history didn't answer it, if there was one.
    pub reason: Option<&'a str>,
}

/// What a person typed.
#[derive(Debug, PartialEq)]
enum Reply {
    Answer(Value),
    Back,
    Help,
}

/// Asks all questions; one value each.
pub(super) fn ask_all(prompt: &Prompt<'_>, questions: &[Question<'_>]) -> Result<Vec<Value>> {
    let count = questions.len();
    let plural = if count == 1 { "" } else { "s" };
    prompt.say(&format!("{count} question{plural}. Type ? for help, < to go back, Ctrl-C to stop; nothing leaves this machine before you have seen it all."));
    let mut answers: Vec<Value> = Vec::with_capacity(count);
    while let Some(question) = questions.get(answers.len()) {
        let number = answers.len() + 1;
        prompt.say(&format!("\n{}", text(question, number, count)));
        match ask(prompt, question.feature)? {
            Reply::Answer(value) => answers.push(value),
            _ if answers.pop().is_none() => prompt.say("This is the first question."),
            _ => {}
        }
    }
    prompt.say("");
    Ok(answers)
}

/// Asks until there is an answer, or the wish to go back.
fn ask(prompt: &Prompt<'_>, feature: &Feature) -> Result<Reply> {
    loop {
        match read(feature, &prompt.line("> ")?) {
            Ok(Reply::Help) => prompt.say(&help(feature)),
            Ok(Reply::Answer(value)) => match feature.accept(&value) {
                Ok(None) => return Ok(Reply::Answer(value)),
                Ok(Some(clamped)) => {
                    let [given, used] = [clamped.given, clamped.used]
                        .map(|number| feature.tell(&Value::Quantity(number), "en"));
                    prompt.say(&format!(
                        "{given} is beyond what this protocol tells apart; {used} is used"
                    ));
                    return Ok(Reply::Answer(value));
                }
                Err(error) => prompt.say(&error.to_string()),
            },
            Ok(Reply::Back) => return Ok(Reply::Back),
            Err(error) => prompt.say(&error.to_string()),
        }
    }
}

fn read(feature: &Feature, line: &str) -> Result<Reply, IntakeError> {
    match (line, &feature.kind) {
        ("<", _) => Ok(Reply::Back),
        ("?", _) => Ok(Reply::Help),
        (number, Kind::Choice { options }) if are_numbered(feature) => {
            let index = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            match index.and_then(|index| options.get(index)) {
                Some(option) => Ok(Reply::Answer(Value::Choice(option.id.clone()))),
                None => feature.parse_answer(line).map(Reply::Answer),
            }
        }
        _ => feature.parse_answer(line).map(Reply::Answer),
    }
}

/// Options that read as numbers themselves get no other numbers.
fn are_numbered(feature: &Feature) -> bool {
    let is_number = |text: &str| text.parse::<f64>().is_ok();
    match &feature.kind {
        Kind::Choice { options } => {
            !options.iter().any(|option| is_number(&option.id) || is_number(&option.label))
        }
        _ => false,
    }
}

/// The question with everything that is needed to answer it.
fn text(question: &Question<'_>, number: usize, count: usize) -> String {
    let feature = question.feature;
    let mut lines = vec![format!("{number}/{count}  {}{}", feature.label, takes(feature))];
    lines.extend(question.reason.map(|reason| format!("     {reason}")));
    if let Kind::Choice { options } = &feature.kind {
        let numbered = are_numbered(feature);
        lines.extend(options.iter().enumerate().map(|(index, option)| match numbered {
            true => format!("  {:>3}  {}", index + 1, option.label),
            false => format!("  {:>3}  {}", option.id, option.label),
        }));
    }
    lines.join("\n")
}

/// What the question takes, in short.
fn takes(feature: &Feature) -> String {
    let unknown = match feature.missing {
        true => "; Enter if unknown",
        false => "",
    };
    match &feature.kind {
        Kind::Flag => format!(" (y/n{unknown})"),
        Kind::Choice { .. } if feature.missing => " (Enter if unknown)".into(),
        Kind::Choice { .. } => String::new(),
        Kind::Quantity(quantity) => {
            let [least, most] = quantity.limits.unwrap_or([quantity.min, quantity.max]);
            let most = feature.tell(&Value::Quantity(most), "en");
            format!(" ({least} to {most}{unknown})")
        }
    }
}

/// What is said when somebody types `?`.
fn help(feature: &Feature) -> String {
    let mut lines: Vec<String> = feature.help.iter().map(ToString::to_string).collect();
    lines.push(match &feature.kind {
        Kind::Flag => "Answer yes or no.".into(),
        Kind::Choice { .. } if are_numbered(feature) => {
            "Answer by the number, or by the words.".into()
        }
        Kind::Choice { .. } => "Answer by the code in front, or by the words.".into(),
        Kind::Quantity(quantity) => format!(
            "Answer with a number, or with a number and a unit that converts to {} (UCUM). From {} to {}, in steps of {}, values are told apart; one beyond counts as the nearer of the two.",
            quantity.unit,
            quantity.min,
            feature.tell(&Value::Quantity(quantity.max), "en"),
            quantity.step
        ),
    });
    if feature.local {
        lines.push("The answer stays on this computer, encrypted or not.".into());
    }
    if feature.missing {
        lines.push("It may stay unknown: press Enter.".into());
    }
    lines.push("< goes back to the question before.".into());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feature(kind: Kind, missing: bool) -> Feature {
        Feature {
            id: "f".into(),
            label: "Feature".into(),
            help: Some("What it is.".into()),
            kind,
            missing,
            absent: Default::default(),
            local: false,
            moment: None,
            sources: Vec::new(),
        }
    }

    fn choice(ids: [&str; 2]) -> Feature {
        let option = |id: &str| cso_clinical::intake::Choice {
            id: id.into(),
            label: format!("the {id}").as_str().into(),
            codes: Default::default(),
        };
        let options = ids.map(option).to_vec();
        feature(Kind::Choice { options }, false)
    }

    fn chosen(id: &str) -> Reply {
        Reply::Answer(Value::Choice(id.into()))
    }

    #[test]
    fn options_are_chosen_by_number_id_or_label() {
        let aid = choice(["stick", "frame"]);
        for text in ["2", "frame", "The Frame"] {
            assert_eq!(read(&aid, text).unwrap(), chosen("frame"));
        }
        for text in ["0", "3", "wheels", ""] {
            assert!(read(&aid, text).is_err(), "{text}");
        }
    }

    #[test]
    fn options_that_are_numbers_mean_themselves() {
        let grade = choice(["2", "1"]);
        assert_eq!(read(&grade, "2").unwrap(), chosen("2"));
        assert_eq!(read(&grade, "1").unwrap(), chosen("1"));
    }

    #[test]
    fn help_and_the_way_back_are_no_answers() {
        let flag = feature(Kind::Flag, true);
        assert_eq!(read(&flag, "?").unwrap(), Reply::Help);
        assert_eq!(read(&flag, "<").unwrap(), Reply::Back);
        assert_eq!(read(&flag, "").unwrap(), Reply::Answer(Value::Missing));
        assert!(help(&flag).starts_with("What it is.\n"));
    }
}
