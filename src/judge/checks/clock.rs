//! The only clock of the pipeline, read once, and days and moments as text. Nothing here knows a time zone.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// An end before 2010 is a test's small number, not a date.
pub const FIRST_DATE: u64 = 1_262_304_000;

/// Seconds since 1970, the same for a whole run.
pub fn now() -> u64 {
    static NOW: OnceLock<u64> = OnceLock::new();
    *NOW.get_or_init(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// The day, as 2024-03-01. Counts in eras of 400 years that begin on 1 March (the days-from-civil method).
pub fn date(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{}-{month:02}-{day:02}", year + era * 400 + u64::from(month <= 2))
}

/// Seconds since 1970 of `20240301`, `2024-03-01`, and of either with a `T`, hours, minutes and seconds behind it, with
/// or without colons; a day alone counts to its end. None for anything that is no moment after 1970.
pub fn moment(text: &str) -> Option<u64> {
    let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
    let day = number_of(day, '-', 8)?;
    let (year, month, day) = (day / 10_000, day / 100 % 100, day % 100);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let seconds = match time {
        None => 86_399,
        Some(time) => {
            let time = time.strip_suffix('Z').unwrap_or(time);
            let time = number_of(time.split('.').next()?, ':', 6)?;
            time / 10_000 * 3_600 + time / 100 % 100 * 60 + time % 100
        }
    };
    // Years that begin on 1 March put the leap day at their end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some((days - 719_468) * 86_400 + seconds)
}

/// The digits as one number, `between` left out; `width` of them. Hours without minutes and seconds are filled up.
fn number_of(text: &str, between: char, width: usize) -> Option<u64> {
    let mut digits: String = text.chars().filter(|letter| *letter != between).collect();
    if width == 6 && digits.len() == 4 {
        digits.push_str("00");
    }
    let plain = digits.len() == width && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_the_calendar() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_709_251_200, "2024-03-01"),
            (4_102_444_799, "2099-12-31"),
        ] {
            assert_eq!(date(seconds), day);
        }
    }

    #[test]
    fn moments_are_read_in_the_forms_of_addresses() {
        let rows = [
            ("20240301T000000Z", Some(1_709_251_200)),
            ("2024-03-01T00:00:00Z", Some(1_709_251_200)),
            ("2024-03-01T00:00:00.000Z", Some(1_709_251_200)),
            ("2024-03-01T12:30Z", Some(1_709_251_200 + 45_000)),
            ("2024-03-01", Some(1_709_251_200 + 86_399)),
            ("1970-01-01T00:00:01Z", Some(1)),
            ("2024-13-01", None),
            ("2024-3-1", None),
            ("0001-01-01", None),
            ("tomorrow", None),
            ("", None),
        ];
        for (text, right) in rows {
            assert_eq!(moment(text), right, "{text}");
        }
        for days in 0..40_000 {
            assert_eq!(moment(&date(days * 86_400)), Some(days * 86_400 + 86_399));
        }
    }
}
