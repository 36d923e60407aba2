// SPDX-License-Identifier: Apache-2.0
//! FHIR dates and times: partial dates, order, ages.

use crate::intake::Window;
use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan};
use std::fmt;

/// Microseconds of an hour and of a day.
const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// When something was so: a FHIR `date`, `dateTime` or `instant`, or a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct When {
    /// Microseconds since 1970 of its first moment; days without a zone count as UTC.
    from: i64,
    /// Microseconds of its last moment.
    to: i64,
    /// Whether it is told to the moment, with times of day.
    is_exact: bool,
    /// The first day it can mean.
    pub first: Date,
    /// The last day it can mean.
    pub last: Date,
    /// Its first and last moment on the clock at the place where it was: microseconds as if that
    /// were UTC. It stands last, since times are sorted by moments.
    clock: (i64, i64),
}

impl When {
    /// A whole day.
    pub(super) fn day(day: Date) -> Self {
        Self::days(day, day)
    }

    /// From one day to another.
    fn days(first: Date, last: Date) -> Self {
        let microsecond = |day: Date| {
            let day = day.to_zoned(jiff::tz::TimeZone::UTC);
            day.map_or(0, |day| day.timestamp().as_microsecond())
        };
        let (from, to) = (microsecond(first), microsecond(last));
        Self { from, to, clock: (from, to + DAY - 1), is_exact: false, first, last }
    }

    /// Somewhere between the beginning of one and the end of the other; none if that ends before it
    /// begins.
    pub(super) fn span(start: Self, end: Self) -> Option<Self> {
        let is_exact = start.is_exact && end.is_exact;
        let clock = (start.clock.0, end.clock.1);
        let (from, to, first, last) = (start.from, end.to, start.first, end.last);
        let span = Self { from, to, clock, is_exact, first, last };
        let backward = if is_exact { span.from > span.to } else { span.first > span.last };
        (!backward).then_some(span)
    }

    /// At this time or at any before it.
    pub(super) fn until(self) -> Self {
        Self { from: i64::MIN, clock: (i64::MIN, self.clock.1), first: Date::MIN, ..self }
    }

    /// Whether all that it can mean lies after all that the other can mean.
    pub(super) fn is_after(self, other: Self) -> bool {
        match self.is_exact && other.is_exact {
            true => self.from > other.to,
            false => self.first > other.last,
        }
    }

    /// Whether it is surely of a later day: by the clock, and for moments also in UTC, since one
    /// that is written with two offsets may bear two dates.
    pub(super) fn is_of_later_day(self, other: Self) -> bool {
        let days = |one: i64| one.div_euclid(DAY);
        let is_one_in_utc = self.is_exact && other.is_exact && days(self.from) <= days(other.to);
        self.first > other.last && !is_one_in_utc
    }

    /// Whether both are the very same time, whatever the offsets they are written in.
    pub(super) fn is_same(self, other: Self) -> bool {
        let exact = self.is_exact && other.is_exact;
        self == other || exact && (self.from, self.to) == (other.from, other.to)
    }

    /// The days that it can mean, with the time of day on the clock where it was, if it is told.
    pub(super) fn to_the_minute(self) -> String {
        let of_day = self.clock.0.rem_euclid(DAY) / (HOUR / 60);
        match self.is_exact && self.from == self.to {
            true => format!("{self} {:02}:{:02}", of_day / 60, of_day % 60),
            false => self.to_string(),
        }
    }

    /// Whether both lie within so many hours of each other, whatever they mean.
    pub(super) fn is_within_hours(self, other: Self, hours: u32) -> bool {
        let (one, other) = match self.is_exact && other.is_exact {
            true => ((self.from, self.to), (other.from, other.to)),
            false => (self.clock, other.clock),
        };
        let most = i64::from(hours) * HOUR;
        let apart = |from: i64, to: i64| to.saturating_sub(from) <= most;
        apart(one.0, other.1) && apart(other.0, one.1)
    }

    /// Whether both lie within so many days of each other, whatever they mean.
    pub(super) fn is_near(self, other: Self, days: i32) -> bool {
        let apart = |from: Date, to: Date| (to - from).get_days().abs();
        apart(self.first, other.last) <= days && apart(other.first, self.last) <= days
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => self.first.fmt(f),
            false => write!(f, "{} to {}", self.first, self.last),
        }
    }
}

/// The latest beginnings among many times: what is before them is known not to be the latest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Latest {
    moment: Option<i64>,
    day: Option<Date>,
    day_of_spans: Option<Date>,
}

impl Latest {
    pub(super) fn of(times: impl Iterator<Item = When>) -> Self {
        times.fold(Self::default(), |mut latest, when| {
            latest.day = latest.day.max(Some(when.first));
            match when.is_exact {
                true => latest.moment = latest.moment.max(Some(when.from)),
                false => latest.day_of_spans = latest.day_of_spans.max(Some(when.first)),
            }
            latest
        })
    }

    /// Whether one of the times is after all that `when` can mean. Moments are compared to the
    /// moment; a day without a time only with days.
    pub(super) fn is_after(self, when: When) -> bool {
        match when.is_exact {
            true => {
                self.moment > Some(when.to) || self.day_of_spans.is_some_and(|day| day > when.last)
            }
            false => self.day.is_some_and(|day| day > when.last),
        }
    }
}

/// The earliest ends among many times: what is after them is known not to be the earliest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Earliest {
    moment: Option<i64>,
    day: Option<Date>,
    day_of_spans: Option<Date>,
}

impl Earliest {
    pub(super) fn of(times: impl Iterator<Item = When>) -> Self {
        fn least<T: Ord>(known: Option<T>, one: T) -> Option<T> {
            Some(match known {
                Some(known) => known.min(one),
                None => one,
            })
        }
        times.fold(Self::default(), |mut earliest, when| {
            earliest.day = least(earliest.day, when.last);
            match when.is_exact {
                true => earliest.moment = least(earliest.moment, when.to),
                false => earliest.day_of_spans = least(earliest.day_of_spans, when.last),
            }
            earliest
        })
    }

    /// Whether one of the times is before all that `when` can mean.
    pub(super) fn is_before(self, when: When) -> bool {
        match when.is_exact {
            true => {
                self.moment.is_some_and(|moment| moment < when.from)
                    || self.day_of_spans.is_some_and(|day| day < when.first)
            }
            false => self.day.is_some_and(|day| day < when.first),
        }
    }
}

/// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or a day with time and offset. A time without offset may
/// be of any zone: of that only the day counts.
pub(super) fn parse(text: &str) -> Option<When> {
    let part = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i16>().ok())?
    };
    let (first, last) = match text.len() {
        4 => (Date::new(part(0..4)?, 1, 1).ok()?, Date::new(part(0..4)?, 12, 31).ok()?),
        7 if text.as_bytes()[4] == b'-' => {
            let first = Date::new(part(0..4)?, part(5..7)? as i8, 1).ok()?;
            (first, first.last_of_month())
        }
        _ => {
            let day: Date = text.get(..10)?.parse().ok()?;
            (day, day)
        }
    };
    match text.get(10..) {
        Some(time) if !time.is_empty() => match text.parse::<Timestamp>() {
            Ok(moment) => {
                let moment = moment.as_microsecond();
                // The time of day as it is written, without its offset.
                let clock = text.get(..19).and_then(|text| text.parse::<DateTime>().ok());
                let clock = clock.and_then(|clock| clock.to_zoned(jiff::tz::TimeZone::UTC).ok());
                let clock = clock.map_or(moment, |clock| clock.timestamp().as_microsecond());
                let clock = (clock, clock);
                Some(When { from: moment, to: moment, clock, is_exact: true, first, last })
            }
            Err(_) => text.parse::<DateTime>().ok().map(|_| When::days(first, last)),
        },
        _ => Some(When::days(first, last)),
    }
}

/// Full years from birth to today.
pub(super) fn full_years(birth: Date, today: Date) -> i16 {
    let before_birthday = (today.month(), today.day()) < (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(before_birthday)
}

/// How a time lies to a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    Yes,
    /// A part of what it can mean is.
    Perhaps,
    No,
}

/// Whether a time lies in a window that ends today. Of today only the day is known, so that hours
/// count from some time of it: what they count for from its end is inside, what they don't from its
/// beginning is outside, by the clock at the place where the time was written.
pub(super) fn inside(when: When, window: Window, today: Date) -> Inside {
    match window {
        Window::Days(days) if older_than(when, days, today) => Inside::No,
        Window::Days(days) if may_be_older(when, days, today) => Inside::Perhaps,
        Window::Days(_) => Inside::Yes,
        Window::Hours(hours) => {
            let (first, last) = When::day(today).clock;
            let hours = i64::from(hours).saturating_mul(HOUR);
            if when.clock.1 < first.saturating_sub(hours) {
                Inside::No
            } else if when.clock.0 < (last + 1).saturating_sub(hours) {
                Inside::Perhaps
            } else {
                Inside::Yes
            }
        }
    }
}

/// Whether the whole of `when` lies more than `days` before today.
pub(super) fn older_than(when: When, days: u32, today: Date) -> bool {
    // A limit before the year -9999 never excludes anything.
    today.checked_sub(i64::from(days).days()).is_ok_and(|limit| when.last < limit)
}

/// Whether a part of `when` lies more than `days` before today.
pub(super) fn may_be_older(when: When, days: u32, today: Date) -> bool {
    today.checked_sub(i64::from(days).days()).is_ok_and(|limit| when.first < limit)
}

/// Whether `when` lies after tomorrow: one day is left for time zones.
pub(super) fn in_future(when: When, today: Date) -> bool {
    today.checked_add(1.day()).is_ok_and(|tomorrow| when.first > tomorrow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn reads_partial_dates_as_ranges() {
        let when = parse("1957-02").unwrap();
        assert_eq!((when.first, when.last), (date(1957, 2, 1), date(1957, 2, 28)));
        let when = parse("1957").unwrap();
        assert_eq!((when.first, when.last), (date(1957, 1, 1), date(1957, 12, 31)));
    }

    #[test]
    fn orders_by_instant_across_offsets() {
        let early = parse("2026-05-01T10:00:00+02:00").unwrap();
        let late = parse("2026-05-01T09:00:00Z").unwrap();
        assert!(early < late);
        assert!(parse("2026-05-01").unwrap() < early);
    }

    fn is_after(one: When, other: When) -> bool {
        Latest::of([one].into_iter()).is_after(other)
    }

    #[test]
    fn what_overlaps_is_neither_earlier_nor_later() {
        let when = |text| parse(text).unwrap();
        let after = |one, other| is_after(when(one), when(other));
        for (early, late) in [
            ("2026", "2027-01-01"),
            ("2026-04-30", "2026-05"),
            ("2026-05-01T10:00:00+02:00", "2026-05-01T09:00:00Z"),
            ("2026-05-01T09:00:00.1Z", "2026-05-01T09:00:00.2Z"),
            ("2026-05-01T09:00:00Z", "2026-05-02"),
        ] {
            assert!(after(late, early) && !after(early, late), "{early} {late}");
        }
        for (one, other) in [
            ("2026", "2026-05-01"),
            ("2026-05", "2026-05-31T10:00:00Z"),
            ("2026-05-01", "2026-05-01T10:00:00Z"),
            ("2026-05-01T10:00:00", "2026-05-01T09:00:00Z"),
            ("2026-05-01T10:00:00+02:00", "2026-05-01T08:00:00Z"),
        ] {
            assert!(!after(one, other) && !after(other, one), "{one} {other}");
        }
        let span = When::span(when("2026-01-05"), when("2026-02-05")).unwrap();
        assert!(!is_after(span, when("2026-01-20")) && is_after(span, when("2026-01-04")));
        assert!(is_after(when("2026-02-06"), span));
        assert_eq!(When::span(when("2026-02-05"), when("2026-01-05")), None);
        assert!(!is_after(when("2026").until(), when("1900")));
    }

    #[test]
    fn the_earliest_is_known_as_the_latest_is() {
        let when = |text| parse(text).unwrap();
        let before = |one, other| Earliest::of([when(one)].into_iter()).is_before(when(other));
        for (early, late) in [
            ("2026", "2027-01-01"),
            ("2026-05-01T10:00:00+02:00", "2026-05-01T09:00:00Z"),
            ("2026-05-01T09:00:00Z", "2026-05-02"),
            ("2026-05-01", "2026-05-02T09:00:00Z"),
        ] {
            assert!(before(early, late) && !before(late, early), "{early} {late}");
        }
        for (one, other) in [("2026", "2026-05-01"), ("2026-05-01", "2026-05-01T10:00:00Z")] {
            assert!(!before(one, other) && !before(other, one), "{one} {other}");
        }
    }

    #[test]
    fn hours_count_back_from_some_time_of_today() {
        let today = date(2026, 11, 23);
        for (text, hours, right) in [
            ("2026-11-22T00:00:00Z", 48, Inside::Yes),
            ("2026-11-21T23:59:59Z", 48, Inside::Perhaps),
            ("2026-11-21T00:00:00Z", 48, Inside::Perhaps),
            ("2026-11-20T23:59:59Z", 48, Inside::No),
            // The clock where it was written counts.
            ("2026-11-22T00:30:00+05:00", 48, Inside::Yes),
            ("2026-11-20T23:30:00-05:00", 48, Inside::No),
            ("2026-11-22", 48, Inside::Yes),
            ("2026-11-21", 48, Inside::Perhaps),
            ("2026-11-20", 48, Inside::No),
            ("2026-11", 48, Inside::Perhaps),
            ("2026-10", 48, Inside::No),
            ("2026-11-23", 1, Inside::Perhaps),
            ("2026-11-22", 1, Inside::Perhaps),
            ("2026-11-22T22:00:00Z", 1, Inside::No),
            ("2026-11-23T23:30:00Z", 1, Inside::Yes),
            ("1999", u32::MAX, Inside::Yes),
        ] {
            let found = inside(parse(text).unwrap(), Window::Hours(hours), today);
            assert_eq!(found, right, "{text} within {hours} hours");
        }
        assert_eq!(
            inside(parse("2026-11").unwrap().until(), Window::Hours(48), today),
            Inside::Perhaps
        );
    }

    #[test]
    fn hours_apart_are_the_most_that_can_be_meant() {
        let near = |one, other, hours| {
            let (one, other) = (parse(one).unwrap(), parse(other).unwrap());
            assert_eq!(one.is_within_hours(other, hours), other.is_within_hours(one, hours));
            one.is_within_hours(other, hours)
        };
        assert!(near("2026-05-01T10:00:00+02:00", "2026-05-01T09:00:00Z", 1));
        assert!(!near("2026-05-01T10:00:00+02:00", "2026-05-01T09:00:01Z", 1));
        assert!(near("2026-05-01", "2026-05-01", 24) && !near("2026-05-01", "2026-05-01", 23));
        assert!(!near("2026-05-01", "2026-05-01T10:00:00Z", 13));
        assert!(near("2026-05-01", "2026-05-01T10:00:00+09:00", 14));
    }

    #[test]
    fn nearness_counts_the_farthest_that_can_be_meant() {
        let near = |one, other| parse(one).unwrap().is_near(parse(other).unwrap(), 31);
        assert!(near("2026-05-01", "2026-06-01T10:00:00Z") && near("2026-06-01", "2026-05-01"));
        assert!(!near("2026-05-01", "2026-06-02") && !near("2026", "2026-05-01"));
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "195",
            "1957-13",
            "1957-02-30",
            "yesterday",
            "1957-0a",
            "2026-05-01T25:00:00Z",
            "ü957-02-1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn counts_years_to_the_birthday() {
        assert_eq!(full_years(date(1957, 11, 23), date(2026, 11, 22)), 68);
        assert_eq!(full_years(date(1957, 11, 23), date(2026, 11, 23)), 69);
        assert_eq!(full_years(date(2000, 2, 29), date(2026, 2, 28)), 25);
        assert_eq!(full_years(date(2000, 2, 29), date(2026, 3, 1)), 26);
    }
}
