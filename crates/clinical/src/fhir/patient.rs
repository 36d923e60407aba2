// SPDX-License-Identifier: Apache-2.0
//! Age and sex of the patient.

use super::outcome::{Doubt, Found, Reading, Said};
use super::record::{Record, Resource};
use super::time::{self, When};
use crate::intake::{Feature, Kind, PatientField, Value};
use crate::units;

/// Ages above this are given as [`OLD`], since they identify people.
const OLDEST_TOLD: i16 = 89;
const OLD: i16 = 90;

/// What the Patient resource says.
pub(super) fn patient(field: PatientField, feature: &Feature, record: &Record<'_>) -> Said {
    let mut said = Said::default();
    let Some(patient) = record.of_kind("Patient").next() else {
        said.note("the record has no Patient");
        return said;
    };
    let reading = match field {
        PatientField::Age => age(patient, feature, record),
        PatientField::Sex => sex(patient),
    };
    match reading {
        // A patient's data hold today.
        Ok(reading) => said
            .readings
            .push(Reading { when: Some(When::day(record.today)), ..Reading::timeless(reading) }),
        Err(note) => said.note(note),
    }
    said
}

/// What is read, or a note that there is nothing.
type Field = Result<Result<Found, Doubt>, String>;

fn sex(patient: &Resource<'_>) -> Field {
    match patient.text("gender") {
        Some(sex @ ("male" | "female")) => Ok(Ok(Found {
            value: Value::Choice(sex.to_owned()),
            origin: format!("{}: gender", patient.name),
            conversion: None,
        })),
        Some(other) => {
            Ok(Err(Doubt::new(&patient.name, "gender", other, "is neither male nor female")))
        }
        None => Err(format!("{} has no gender", patient.name)),
    }
}

fn age(patient: &Resource<'_>, feature: &Feature, record: &Record<'_>) -> Field {
    let Some(text) = patient.text("birthDate") else {
        return Err(format!("{} has no birthDate", patient.name));
    };
    let doubt = |why: String| Ok(Err(Doubt::new(&patient.name, "birthDate", text, why)));
    let Some(birth) = time::parse(text).filter(|birth| birth.first <= record.today) else {
        return doubt("is no date of birth that can be".to_owned());
    };
    let told = |birth| {
        let years = time::full_years(birth, record.today);
        if years > OLDEST_TOLD {
            OLD
        } else {
            years
        }
    };
    let (least, most) = (told(birth.last.min(record.today)), told(birth.first));
    if least != most {
        return doubt(format!("has no day, so that the age is {least} or {most}"));
    }
    let Kind::Quantity(quantity) = &feature.kind else {
        return doubt("answers only a question for a number".to_owned());
    };
    let years = match units::convert(f64::from(least), "a", &quantity.unit, None) {
        Ok(years) => years,
        Err(error) => return doubt(format!("can't be converted: {error}")),
    };
    let conversion = match least {
        OLD => "birth date to age; ages over 89 become 90",
        _ => "birth date to age",
    };
    Ok(Ok(Found {
        value: Value::Quantity(years),
        origin: format!("{}: birthDate", patient.name),
        conversion: Some(conversion.to_owned()),
    }))
}
