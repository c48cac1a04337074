//! Calendar days, for exceptions that end. No clock, no time zone: the caller says what today is, once.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

/// A day of the Gregorian calendar, from year 1970 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Default for Date {
    fn default() -> Self {
        Self::from_unix_days(0)
    }
}

/// The text is no day in the form `2027-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a day in the form `2027-01-31`")]
pub struct NoDate;

const LAST_YEAR: u16 = 9999;

impl Date {
    /// The day `days` after 1970-01-01; the last day of 9999 for anything later.
    #[must_use]
    pub fn from_unix_days(days: u64) -> Self {
        let mut left = days;
        let mut year = 1970;
        // 8,030 turns at most, and once per run.
        while left >= year_len(year) {
            if year == LAST_YEAR {
                return Self { year, month: 12, day: 31 };
            }
            left -= year_len(year);
            year += 1;
        }
        let mut month = 1;
        while left >= u64::from(month_len(year, month)) {
            left -= u64::from(month_len(year, month));
            month += 1;
        }
        Self { year, month, day: u8::try_from(left).unwrap_or(30) + 1 }
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn unix_days(self) -> u64 {
        let years = (1970..self.year).map(year_len).sum::<u64>();
        let months = (1..self.month).map(|month| u64::from(month_len(self.year, month))).sum::<u64>();
        years + months + u64::from(self.day) - 1
    }

    /// The day at `time` in UTC; 1970-01-01 for a clock that is set before it.
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self::from_unix_days(seconds / 86_400)
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn year_len(year: u16) -> u64 {
    365 + u64::from(is_leap(year))
}

fn month_len(year: u16, month: u8) -> u8 {
    match month {
        2 => 28 + u8::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl FromStr for Date {
    type Err = NoDate;

    fn from_str(text: &str) -> Result<Self, NoDate> {
        let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *text.as_bytes() else { return Err(NoDate) };
        let number = |digits: &[u8]| {
            digits
                .iter()
                .try_fold(0_u16, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0')))
        };
        let year = number(&[y0, y1, y2, y3]).filter(|year| *year >= 1970).ok_or(NoDate)?;
        let month = number(&[m0, m1]).and_then(|month| u8::try_from(month).ok()).ok_or(NoDate)?;
        let day = number(&[d0, d1]).and_then(|day| u8::try_from(day).ok()).ok_or(NoDate)?;
        let exists = (1..=12).contains(&month) && day >= 1 && day <= month_len(year, month);
        if exists { Ok(Self { year, month, day }) } else { Err(NoDate) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_since_1970_become_dates() {
        let rows = [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (20_819, "2027-01-01"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
            (2_932_896, "9999-12-31"),
            (u64::MAX, "9999-12-31"),
        ];
        for (days, expected) in rows {
            assert_eq!(Date::from_unix_days(days).to_string(), expected, "{days}");
        }
    }

    #[test]
    fn every_day_is_read_as_it_is_written_and_follows_the_one_before() {
        let mut last = None;
        for days in 0..60_000 {
            let date = Date::from_unix_days(days);
            assert_eq!(date.to_string().parse(), Ok(date));
            assert_eq!(date.unix_days(), days);
            assert!(last < Some(date), "{date}");
            last = Some(date);
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        let rows = [
            "",
            "2027-1-31",
            "2027-02-29",
            "2027-04-31",
            "2027-13-01",
            "2027-00-10",
            "2027-01-00",
            "1969-12-31",
            "2027/01/31",
            "31-01-2027",
            "2027-01-31 ",
            "+027-01-31",
            "２０27-01",
            "tomorrow",
        ];
        for text in rows {
            assert_eq!(text.parse::<Date>(), Err(NoDate), "{text}");
        }
    }
}
