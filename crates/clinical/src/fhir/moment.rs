// SPDX-License-Identifier: Apache-2.0
//! What must be of one moment: a score of one evening isn't made of values of several weeks.

use super::outcome::{Doubt, Measured, Outcome};
use super::time::When;
use super::Read;
use crate::intake::Moment;

/// Makes a question of each answer that isn't known to be of the time of the latest one of its
/// moment. What stands there and can't be used has a time as well: the moment may be that.
pub(super) fn keep_together(moments: &[Moment], read: &mut [Read<'_>]) {
    for moment in moments {
        let doubts: Vec<(usize, Doubt)> = apart(moment, read)
            .into_iter()
            .filter_map(|(at, when, latest)| {
                Some((at, doubt(moment, &read[at], when, &read[latest.0].feature.id, latest.1)?))
            })
            .collect();
        for (at, doubt) in doubts {
            read[at].outcome = Outcome::Doubt(vec![doubt]);
        }
    }
}

/// The answers that aren't known to be of the moment, with their time, and one that may be the
/// latest and isn't near.
fn apart(moment: &Moment, read: &[Read<'_>]) -> Vec<(usize, Option<When>, (usize, When))> {
    let is_of = |one: &Read<'_>| one.feature.moment.as_ref() == Some(&moment.id);
    let of_moment = read.iter().enumerate().filter(|(_, one)| is_of(one));
    let all: Vec<(usize, &Measured, When)> = of_moment
        .clone()
        .flat_map(|(at, one)| one.basis.made_of.iter().map(move |measured| (at, measured)))
        .filter_map(|(at, measured)| Some((at, measured, measured.when?)))
        .collect();
    let is_latest = |when: When| !all.iter().any(|(.., other)| other.is_after(when));
    let latest: Vec<_> = all.iter().copied().filter(|(.., when)| is_latest(*when)).collect();
    let is_near = |one: &Measured, other: &Measured, when: When| {
        // What one resource says is of one time, even if that isn't told to the minute.
        one == other && one.resource.is_some()
            || one.when.is_some_and(|mine| mine.is_within_hours(when, moment.within_hours))
    };
    let of = |(at, one): (usize, &Read<'_>)| {
        one.found()?;
        let others = latest.iter().filter(|(other, ..)| *other != at);
        let far = others.flat_map(|(other, measured, when)| {
            let far = one.basis.made_of.iter().filter(|mine| !is_near(mine, measured, *when));
            far.map(move |mine| (mine.when, (*other, *when)))
        });
        // Whatever the order of the record.
        far.min().map(|(mine, latest)| (at, mine, latest))
    };
    of_moment.filter_map(of).collect()
}

/// Why an answer isn't one of the moment.
fn doubt(
    moment: &Moment,
    one: &Read<'_>,
    when: Option<When>,
    other: &str,
    latest: When,
) -> Option<Doubt> {
    let found = one.found()?;
    let mine = when.map_or_else(
        || "of no known time".to_owned(),
        |when| format!("of {}", when.to_the_minute()),
    );
    let hours = match moment.within_hours {
        1 => "1 hour".to_owned(),
        hours => format!("{hours} hours"),
    };
    let why = format!(
        "is {mine}, and `{other}` of {}: they aren't known to be within {hours} of each other",
        latest.to_the_minute()
    );
    let shown = found.stands.clone().unwrap_or_else(|| one.feature.show(&found.value));
    Some(Doubt::new(&found.origin, "value", &shown, why))
}
