//! Moments as the formats of other tools write them. No clock: whoever runs the program says what time it is.

use crate::date::Date;

/// `2027-01-31T12:00:05`, in universal time, `seconds` after the start of 1970.
pub(super) fn moment(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{}T{hours:02}:{minutes:02}:{seconds:02}", Date::from_unix_days(days))
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_are_written_in_universal_time() {
        let rows = [
            (0, "1970-01-01T00:00:00"),
            (86_399, "1970-01-01T23:59:59"),
            (1_750_000_000, "2025-06-15T15:06:40"),
            (u64::MAX, "9999-12-31T07:00:15"),
        ];
        for (seconds, expected) in rows {
            assert_eq!(moment(seconds), expected);
        }
    }
}
