//! Numbers as people read them: `4,812`, `61.2 MB`, `0.13 s`.

use std::time::Duration;

/// With a comma at every third digit.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count and its noun, in the plural where there is not exactly one.
pub(super) fn of(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if number < 1000 {
        return of(number, "byte", "bytes");
    }
    let mut value = number as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be shown as `1000.0`.
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS.get(unit).copied().unwrap_or_default())
}

pub(super) fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 10.0 { format!("{seconds:.2} s") } else { format!("{seconds:.0} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let rows = [
            (count(0), "0"),
            (count(999), "999"),
            (count(4812), "4,812"),
            (count(u64::MAX), "18,446,744,073,709,551,615"),
            (of(1, "file", "files"), "1 file"),
            (of(0, "file", "files"), "0 files"),
            (bytes(999), "999 bytes"),
            (bytes(1000), "1.0 kB"),
            (bytes(999_949), "999.9 kB"),
            (bytes(999_950), "1.0 MB"),
            (bytes(61_234_567), "61.2 MB"),
            (bytes(u64::MAX), "18446.7 PB"),
            (seconds(Duration::from_millis(134)), "0.13 s"),
            (seconds(Duration::from_secs(75)), "75 s"),
        ];
        for (shown, expected) in rows {
            assert_eq!(shown, expected);
        }
    }
}
