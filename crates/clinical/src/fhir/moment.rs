// SPDX-License-Identifier: Apache-2.0
//! What must be of one moment: a score of one evening isn't made of values of several weeks.

use super::outcome::{Doubt, Outcome};
use super::time::When;
use super::Read;
use crate::intake::Moment;

/// Makes a question of each answer that isn't known to be of the time of the latest one of its
/// moment. What stands there and can't be used has a time as well: the moment may be that.
pub(super) fn keep_together(moments: &[Moment], read: &mut [Read<'_>]) {
    for moment in moments {
        let is_of = |one: &Read<'_>| one.feature.moment.as_ref() == Some(&moment.id);
        let times: Vec<(usize, When)> = read
            .iter()
            .enumerate()
            .filter(|(_, one)| is_of(one))
            .filter_map(|(at, one)| Some((at, one.basis.when?)))
            .collect();
        let is_latest = |when: When| !times.iter().any(|(_, other)| other.is_after(when));
        let latest: Vec<(usize, When)> =
            times.iter().copied().filter(|(_, when)| is_latest(*when)).collect();
        let apart: Vec<(usize, usize)> = (0..read.len())
            .filter(|at| is_of(&read[*at]) && read[*at].found().is_some())
            .filter_map(|at| {
                let when = read[at].basis.when;
                let is_far = |other: When| {
                    !when.is_some_and(|when| when.is_within_hours(other, moment.within_hours))
                };
                let others = latest.iter().filter(|(other, _)| *other != at);
                let (other, _) = others.copied().find(|(_, other)| is_far(*other))?;
                Some((at, other))
            })
            .collect();
        let doubts: Vec<(usize, Doubt)> = apart
            .into_iter()
            .filter_map(|(at, other)| Some((at, doubt(moment, &read[at], &read[other])?)))
            .collect();
        for (at, doubt) in doubts {
            read[at].outcome = Outcome::Doubt(vec![doubt]);
        }
    }
}

/// Why an answer isn't one of the moment.
fn doubt(moment: &Moment, one: &Read<'_>, latest: &Read<'_>) -> Option<Doubt> {
    let found = one.found()?;
    let time = |read: &Read<'_>| match read.basis.when {
        Some(when) => format!("of {}", when.to_the_minute()),
        None => "of no known time".to_owned(),
    };
    let hours = match moment.within_hours {
        1 => "1 hour".to_owned(),
        hours => format!("{hours} hours"),
    };
    let why = format!(
        "is {}, and `{}` {}: they aren't known to be within {hours} of each other",
        time(one),
        latest.feature.id,
        time(latest)
    );
    let shown = found.stands.clone().unwrap_or_else(|| one.feature.show(&found.value));
    Some(Doubt::new(&found.origin, "value", &shown, why))
}
