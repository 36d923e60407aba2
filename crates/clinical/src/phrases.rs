// SPDX-License-Identifier: Apache-2.0
//! The words that faces say by themselves, in the languages that they are written in: English, and
//! German for texts in any German. What a protocol says is its own, see
//! [`Description::in_language`](crate::Description::in_language).

use crate::intake::text::best_language;
use crate::{ModelCheck, Setting, DISCLAIMER};

/// One language's words. Where a value is put in, it stands in braces.
#[derive(Debug)]
pub(crate) struct Phrases {
    pub disclaimer: &'static str,
    pub second_opinion: &'static str,
    pub answered: &'static str,
    pub answered_sometime: &'static str,
    pub result: &'static str,
    pub next: &'static str,
    pub warning: &'static str,
    pub clinician: &'static str,
    pub open_meaning: &'static str,
    pub interval: &'static str,
    pub protocol: &'static str,
    pub version: &'static str,
    pub intended_use: &'static str,
    pub not_for: &'static str,
    pub eligibility: &'static str,
    pub fits: &'static str,
    pub no_requirements: &'static str,
    pub refused: &'static str,
    pub open_eligibility: &'static str,
    pub references: &'static str,
    pub note: &'static str,
    pub question: &'static str,
    pub answers: &'static str,
    pub proof: &'static str,
    pub patient: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub missing: &'static str,
    pub years: &'static str,
    pub days: &'static str,
    pub decimal_sign: &'static str,
    /// What is counted, several and one of it.
    pub singular: &'static [(&'static str, &'static str)],
    pub out_of_range: &'static str,
    urgent: &'static str,
    emergency: &'static str,
    differs: &'static str,
    retired: &'static str,
    unknown: &'static str,
}

/// A few words of a face, in the languages that our own words are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: &'static str,
    /// German.
    pub de: &'static str,
}

impl Words {
    /// Those for a reader of that language, a BCP 47 tag: English if there are none.
    pub fn of(self, language: &str) -> &'static str {
        match is_german(language) {
            true => self.de,
            false => self.en,
        }
    }
}

fn is_german(language: &str) -> bool {
    best_language(language, &["en", "de"]) == Some("de")
}

static ENGLISH: Phrases = Phrases {
    disclaimer: DISCLAIMER,
    second_opinion: "Second opinion: {}",
    answered: "Answered by {expert} on {time}. Written on {date}.",
    answered_sometime: "Answered by {expert}, at a time that isn't known. Written on {date}.",
    result: "Result",
    next: "Next step",
    warning: "Warning signs",
    clinician: "For clinicians",
    open_meaning: "A closer reading needs an answer to: {}",
    interval: "95 % interval {low} to {high} of {of}",
    protocol: "Protocol",
    version: "Version",
    intended_use: "For",
    not_for: "Not for",
    eligibility: "For this person",
    fits: "Yes, by the answers, as checked on the patient's side before anything was sent.",
    no_requirements: "The protocol file asks for nothing that could be checked.",
    refused: "No: {}",
    open_eligibility: "Not known, for lack of an answer to: {}",
    references: "References",
    note: "Note of the expert",
    question: "Question",
    answers: "Answers used",
    proof: "Proof",
    patient: "the patient who asked",
    yes: "yes",
    no: "no",
    missing: "missing",
    years: "years",
    days: "days",
    decimal_sign: ".",
    singular: &[("points", "point"), ("years", "year"), ("days", "day")],
    out_of_range: "{given} is out of range, {used} is used",
    urgent: "This question is urgent. Have a doctor look at it today, and don't let this answer delay that.",
    emergency: "For clinicians only. In an emergency call emergency services now. Don't wait for a block or for an answer.",
    differs: "NOT VERIFIED: the expert's note names another model than the one that was published for this protocol. Don't rely on these values.",
    retired: "NOT VERIFIED: the expert has retired this protocol, so that nothing shows whether the model that gave these values is the one that was published.",
    unknown: "NOT VERIFIED: the expert's note can't be read, so that nothing says which model gave these values. Don't rely on them.",
};

static GERMAN: Phrases = Phrases {
    disclaimer: "Forschungssoftware, kein Medizinprodukt. Sprechen Sie mit einer Ärztin oder einem Arzt, bevor Sie nach einem Ergebnis handeln.",
    second_opinion: "Zweitmeinung: {}",
    answered: "Beantwortet von {expert} am {time}. Geschrieben am {date}.",
    answered_sometime: "Beantwortet von {expert}; wann, ist nicht bekannt. Geschrieben am {date}.",
    result: "Ergebnis",
    next: "Nächster Schritt",
    warning: "Warnzeichen",
    clinician: "Für Fachleute",
    open_meaning: "Für eine genauere Auskunft fehlt die Antwort auf: {}",
    interval: "95-%-Intervall {low} bis {high} von {of}",
    protocol: "Protokoll",
    version: "Version",
    intended_use: "Wofür",
    not_for: "Nicht geeignet für",
    eligibility: "Für diese Person geeignet",
    fits: "Ja, nach den Antworten; geprüft bei der Person selbst, bevor etwas gesendet wurde.",
    no_requirements: "Die Protokolldatei nennt nichts, was sich prüfen ließe.",
    refused: "Nein: {}",
    open_eligibility: "Nicht bekannt, weil Antworten fehlen: {}",
    references: "Quellen",
    note: "Anmerkung der Expertin oder des Experten",
    question: "Frage",
    answers: "Verwendete Antworten",
    proof: "Nachweis",
    patient: "die Person, die gefragt hat",
    yes: "ja",
    no: "nein",
    missing: "nicht bekannt",
    years: "Jahre",
    days: "Tage",
    decimal_sign: ",",
    singular: &[("Punkte", "Punkt"), ("Jahre", "Jahr"), ("Tage", "Tag")],
    out_of_range: "{given} liegt außerhalb, gerechnet wird mit {used}",
    urgent: "Die Frage ist dringend. Lassen Sie noch heute eine Ärztin oder einen Arzt darauf schauen, und warten Sie damit nicht auf diese Antwort.",
    emergency: "Nur für Fachleute. Rufen Sie im Notfall sofort den Rettungsdienst. Warten Sie weder auf einen Block noch auf eine Antwort.",
    differs: "NICHT BESTÄTIGT: Die Anmerkung nennt ein anderes Modell als das, das für dieses Protokoll veröffentlicht wurde. Verlassen Sie sich nicht auf diese Werte.",
    retired: "NICHT BESTÄTIGT: Das Protokoll wurde zurückgezogen. Nichts zeigt deshalb, ob diese Werte von dem Modell stammen, das veröffentlicht wurde.",
    unknown: "NICHT BESTÄTIGT: Die Anmerkung lässt sich nicht lesen. Nichts sagt deshalb, von welchem Modell diese Werte stammen. Verlassen Sie sich nicht darauf.",
};

impl Phrases {
    /// The words for a reader of that language: English if there are none.
    pub(crate) fn of(language: &str) -> &'static Self {
        match is_german(language) {
            true => &GERMAN,
            false => &ENGLISH,
        }
    }
}

/// What every face of the product says next to a result, in that language if we have it: else
/// [`DISCLAIMER`].
pub fn disclaimer(language: &str) -> &'static str {
    Phrases::of(language).disclaimer
}

impl Setting {
    /// What every face says beside a protocol of that setting, before anything else of it, in that
    /// language if we have it, else in English; `None` if it can wait.
    pub fn warning(self, language: &str) -> Option<&'static str> {
        let phrases = Phrases::of(language);
        match self {
            Self::Elective | Self::Placeholder => None,
            Self::Urgent => Some(phrases.urgent),
            Self::Emergency => Some(phrases.emergency),
        }
    }
}

impl ModelCheck {
    /// What stands before the values wherever an opinion is shown to others, in that language if we
    /// have it, else in English; `None` if the model is the published one.
    pub fn caveat_in(self, language: &str) -> Option<&'static str> {
        let phrases = Phrases::of(language);
        match self {
            Self::Published => None,
            Self::Differs => Some(phrases.differs),
            Self::Retired => Some(phrases.retired),
            Self::Unknown => Some(phrases.unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_readers_read_german_and_others_english() {
        assert_eq!(disclaimer("de-AT"), GERMAN.disclaimer);
        for other in ["en", "en-GB", "fr", "", "den"] {
            assert_eq!(disclaimer(other), DISCLAIMER, "{other}");
        }
        for setting in [Setting::Urgent, Setting::Emergency] {
            assert_ne!(setting.warning("de"), setting.warning("en"));
        }
        assert_eq!(Setting::Elective.warning("en"), None);
        assert!(ModelCheck::Differs.caveat_in("de").unwrap().starts_with("NICHT"));
    }
}
