// SPDX-License-Identifier: Apache-2.0
//! Several values of a window: the first, the highest or the lowest of them, and findings that must
//! be repeated. What can't be read or placed in the window may be any of them, and asks.

use super::super::outcome::{
    agreed, agreed_of, all_doubts, all_measured, earliest, replaced_left_out, Doubt, Found,
    Outcome, Reading,
};
use super::super::time::When;
use crate::intake::{Pick, Value};

/// The reading that counts of all that a window has.
pub(super) fn picked(readings: Vec<Reading>, pick: Pick) -> Vec<Reading> {
    let open = match pick {
        Pick::Latest => return readings,
        Pick::First => earliest(readings),
        Pick::Highest | Pick::Lowest => replaced_left_out(readings),
    };
    let last = open.iter().filter_map(|one| one.when).max();
    let (outcome, when, made_of) = match pick {
        Pick::First => (agreed_of(&open, "first"), last, all_measured(&open)),
        Pick::Latest => (agreed(&open), last, all_measured(&open)),
        Pick::Highest | Pick::Lowest => match extreme(&open, pick == Pick::Highest) {
            (outcome, Some(reading)) => (outcome, reading.when, reading.measured()),
            (outcome, None) => (outcome, last, all_measured(&open)),
        },
    };
    let of_window = |said| Reading {
        when,
        is_of_window: true,
        lasts: false,
        made_of: made_of.clone(),
        ..Reading::timeless(said)
    };
    match outcome {
        Outcome::Found(found) => vec![of_window(Ok(found))],
        Outcome::Doubt(doubts) => doubts.into_iter().map(|doubt| of_window(Err(doubt))).collect(),
        Outcome::Silent => Vec::new(),
    }
}

/// The highest or lowest, and where it stands: of equal ones the latest.
fn extreme(open: &[Reading], is_highest: bool) -> (Outcome, Option<&Reading>) {
    let doubts = all_doubts(open);
    if !doubts.is_empty() {
        return (Outcome::Doubt(doubts), None);
    }
    let mut best: Option<(f64, &Reading, &Found)> = None;
    for reading in open {
        let Ok(found) = &reading.said else { continue };
        let Value::Quantity(value) = found.value else { continue };
        let is_better = best.is_none_or(|(known, ..)| match is_highest {
            true => value > known,
            false => value < known,
        });
        if is_better {
            best = Some((value, reading, found));
        }
    }
    match best {
        Some((_, reading, found)) => (Outcome::Found(found.clone()), Some(reading)),
        None => (Outcome::Silent, None),
    }
}

/// Yes, if so many readings of different days say yes. Fewer leave it open, and so does what can't
/// be read; only if all say no, it is no.
pub(super) fn repeated(readings: Vec<Reading>, times: u32) -> Vec<Reading> {
    let all = replaced_left_out(readings);
    let is_yes =
        |one: &&Reading| matches!(&one.said, Ok(found) if found.value == Value::Flag(true));
    let yes: Vec<&Reading> = all.iter().filter(is_yes).collect();
    let days = of_different_days(&yes);
    let wanted = times as usize;
    if days.len() >= wanted {
        let found: Vec<&Found> =
            days.iter().take(wanted).filter_map(|one| one.said.as_ref().ok()).collect();
        let join = |texts: Vec<&str>| texts.join("; ");
        let origin = join(found.iter().map(|one| one.origin.as_str()).collect());
        let conversion = join(found.iter().filter_map(|one| one.conversion.as_deref()).collect());
        let found = Found {
            value: Value::Flag(true),
            origin,
            stands: None,
            conversion: Some(conversion).filter(|text| !text.is_empty()),
        };
        let when = days.iter().filter_map(|one| one.when).max();
        return vec![Reading { when, ..Reading::timeless(Ok(found)) }];
    }
    let mut open: Vec<Reading> = all.iter().filter(|one| one.said.is_err()).cloned().collect();
    if let Some((first, found)) = yes.first().and_then(|one| Some((one, one.said.as_ref().ok()?))) {
        let why =
            format!("is {} of {times} readings of different days that make a yes", days.len());
        let doubt = Doubt::new(&found.origin, "value", &found.shown(), why);
        open.push(Reading { when: first.when, ..Reading::timeless(Err(doubt)) });
    }
    if open.is_empty() {
        let no = all.into_iter().next();
        open.extend(no.map(|one| Reading { is_of_window: true, ..one }));
    }
    open
}

/// As many readings as there are that are known to be of different days, the earliest first. One
/// without a date may be of any day.
fn of_different_days<'a>(readings: &[&'a Reading]) -> Vec<&'a Reading> {
    let mut dated: Vec<(When, &Reading)> =
        readings.iter().filter_map(|one| Some((one.when?, *one))).collect();
    dated.sort_by_key(|(when, _)| (when.last, *when));
    let mut chosen: Vec<&Reading> = Vec::new();
    let mut until: Option<When> = None;
    for (when, reading) in dated {
        if until.is_none_or(|until| when.is_of_later_day(until)) {
            until = Some(when);
            chosen.push(reading);
        }
    }
    if chosen.is_empty() {
        chosen.extend(readings.first());
    }
    chosen
}
