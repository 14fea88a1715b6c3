//! Times as people write them on the command line, read in a calendar's zone.

use anyhow::{Result, anyhow, bail};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// The instant of `2026-03-10T09:00` (or with a space, or only a date) in the zone; one with an offset or `Z` is taken
/// as it is. A time that the clocks skip or show twice is resolved, and `notes` gets a sentence that says how.
pub(super) fn instant(option: &str, text: &str, zone: &TimeZone, notes: &mut Vec<String>) -> Result<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let wrong = || {
        anyhow!(
            "{option}: {text:?} is not a time; write 2026-03-10T09:00, in the zone of the calendar, or with an offset such as 2026-03-10T09:00+01:00 or Z."
        )
    };
    let local: DateTime = text.parse().map_err(|_| wrong())?;
    let ambiguous = zone.to_ambiguous_zoned(local);
    let offset = ambiguous.offset();
    let zoned = ambiguous.compatible().map_err(|_| wrong())?;
    let name = zone.iana_name().unwrap_or("this zone");
    let (asked, read) = (local.strftime("%Y-%m-%d %H:%M"), zoned.strftime("%Y-%m-%d %H:%M %:z"));
    match offset {
        AmbiguousOffset::Unambiguous { .. } => {}
        AmbiguousOffset::Gap { .. } => {
            notes.push(format!("{option}: the clocks of {name} skip {asked}; it was read as {read}."));
        }
        AmbiguousOffset::Fold { .. } => notes.push(format!(
            "{option}: the clocks of {name} show {asked} twice; it was read as the first, {read}. Write the offset to choose."
        )),
    }
    Ok(zoned.timestamp())
}

/// `A..B`, or `A..` for what still lasts.
pub(super) fn interval(text: &str, zone: &TimeZone, notes: &mut Vec<String>) -> Result<(Timestamp, Option<Timestamp>)> {
    let Some((from, to)) = text.split_once("..") else {
        bail!("--pause: {text:?} is not an interval; write 2026-03-10T11:00..2026-03-11T10:00, or A.. while it lasts.");
    };
    let from = instant("--pause", from, zone, notes)?;
    let to = match to.trim() {
        "" => None,
        to => Some(instant("--pause", to, zone, notes)?),
    };
    if to.is_some_and(|to| to < from) {
        bail!("--pause: {text:?} ends before it begins; write the earlier time first.");
    }
    Ok((from, to))
}
