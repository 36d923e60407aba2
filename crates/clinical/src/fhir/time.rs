// SPDX-License-Identifier: Apache-2.0
//! FHIR dates and times: partial dates, order, ages.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// A FHIR `date`, `dateTime` or `instant`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct When {
    /// Seconds since 1970 of its first moment, for ordering; days without a zone count as UTC.
    second: i64,
    /// Whether it is a moment, with a time of day.
    is_moment: bool,
    /// The first day it can mean.
    pub first: Date,
    /// The last day it can mean.
    pub last: Date,
}

impl When {
    /// A whole day.
    pub(super) fn day(day: Date) -> Self {
        let second = day.to_zoned(jiff::tz::TimeZone::UTC).map(|day| day.timestamp().as_second());
        Self { second: second.unwrap_or(0), is_moment: false, first: day, last: day }
    }

    /// Whether all that it can mean lies after all that the other can mean.
    pub(super) fn is_after(self, other: Self) -> bool {
        match (self.is_moment, other.is_moment) {
            (true, true) => self.second > other.second,
            _ => self.first > other.last,
        }
    }
}

/// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or a day with time and offset.
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
        Some(time) if !time.is_empty() => {
            let second = text.parse::<Timestamp>().ok()?.as_second();
            Some(When { second, is_moment: true, first, last })
        }
        _ => Some(When { last, ..When::day(first) }),
    }
}

/// Full years from birth to today.
pub(super) fn full_years(birth: Date, today: Date) -> i16 {
    let before_birthday = (today.month(), today.day()) < (birth.month(), birth.day());
    today.year() - birth.year() - i16::from(before_birthday)
}

/// Whether the whole of `when` lies more than `days` before today.
pub(super) fn older_than(when: When, days: u32, today: Date) -> bool {
    // A limit before the year -9999 never excludes anything.
    today.checked_sub(i64::from(days).days()).is_ok_and(|limit| when.last < limit)
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
