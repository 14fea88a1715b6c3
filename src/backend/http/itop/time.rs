//! Times as iTop writes them: `2026-11-21 23:36:28`, in its own zone, which it never names.
//!
//! Cursors stay in that form: the largest time that was received, never a time of ours and never the database's NOW().

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const FORM: &str = "%Y-%m-%d %H:%M:%S";

/// The instant; none for what is unset.
pub fn read(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(civil(text)?).ok()
}

/// The only form that is taken on a write.
pub fn write(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).datetime().strftime(FORM).to_string()
}

/// A time as people type it, on the clocks of its zone: `2026-12-01 10:00`, with seconds or a `T` or without an hour.
pub fn typed(words: &str) -> Option<String> {
    let at: DateTime = words.trim().parse().ok()?;
    Some(at.strftime(FORM).to_string())
}

/// Whether this is a time at all.
pub fn is_one(text: &str) -> bool {
    civil(text).is_some()
}

fn civil(text: &str) -> Option<DateTime> {
    DateTime::strptime(FORM, text.trim()).ok()
}

/// From when on changes are asked for, so that none is missed: one second earlier, because iTop counts whole seconds and
/// more may have happened in that one; one hour more where the zone's clocks were set back, and times come again.
pub fn overlapped(cursor: &str, zone: &TimeZone) -> String {
    let Some(at) = civil(cursor) else { return cursor.to_owned() };
    let again = zone.to_ambiguous_timestamp(at).is_ambiguous();
    let back = if again { SignedDuration::from_secs(3601) } else { SignedDuration::from_secs(1) };
    at.checked_sub(back).map_or_else(|_| cursor.to_owned(), |from| from.strftime(FORM).to_string())
}
