//! Lengths of time as people write them: `8h`, `1h 30m`, `45s`. Milliseconds inside.
//!
//! There are no days here on purpose: a day of a ten-hour desk and a day of the calendar are not the same length.

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Milliseconds of a text such as `8h`, `90m`, `1h30m` or `1h 30m`. The error is a clause that quotes the text.
pub fn parse(text: &str) -> Result<i64, String> {
    let wrong =
        || format!("{text:?} is not a length of time; write hours, minutes and seconds such as \"8h\" or \"1h 30m\"");
    let mut total: i64 = 0;
    let mut below = i64::MAX;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, tail) = rest.split_at(digits);
        let unit = match tail.chars().next() {
            Some('h') => HOUR,
            Some('m') => MINUTE,
            Some('s') => SECOND,
            _ => return Err(wrong()),
        };
        if unit >= below {
            return Err(wrong());
        }
        below = unit;
        let part = number.parse::<i64>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(wrong)?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = tail.get(1..).unwrap_or_default().trim_start();
    }
    Ok(total)
}

/// `26h 05m`, `12m`, `-1h 00m`; seconds only where they are not zero, tenths of them where they matter.
pub fn show(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let size = ms.unsigned_abs();
    let (hours, minutes) = (size / HOUR as u64, size / MINUTE as u64 % 60);
    let (seconds, tenths) = (size / SECOND as u64 % 60, size / 100 % 10);
    let seconds = match (seconds, tenths) {
        (0, 0) => String::new(),
        (s, 0) => format!("{s}s"),
        (s, t) => format!("{s}.{t}s"),
    };
    let whole = match (hours, minutes) {
        (0, 0) if seconds.is_empty() => "0m".to_owned(),
        (0, 0) => String::new(),
        (0, m) => format!("{m}m"),
        (h, m) => format!("{h}h {m:02}m"),
    };
    let gap = if whole.is_empty() || seconds.is_empty() { "" } else { " " };
    format!("{sign}{whole}{gap}{seconds}")
}
